"""One run of a batch: a scenario lived in memory, and only the outcomes asked for kept of it."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, field
from functools import lru_cache

from experiments.design import Plan, Point
from experiments.known import KNOWN


@dataclass(frozen=True)
class Lived:
    """What came of one run. `rows` are (outcome, month number or -1, group, value)."""

    number: int
    run_id: str
    rows: list[tuple[str, int, str, float]]
    seconds: float = field(default=0.0, compare=False)
    cpu: float = field(default=0.0, compare=False)


def live(plan: Plan, number: int, drawn: dict | None = None) -> Lived:
    """Do run `number` of a plan: a pure function of the scenario, the seed and the code."""
    began, worked = time.perf_counter(), time.process_time()
    point = plan.point(number, drawn)
    run_id, rows = live_point(plan, point)
    return Lived(number, run_id, rows, time.perf_counter() - began, time.process_time() - worked)


def live_point(plan: Plan, point: Point) -> tuple[str, list[tuple[str, int, str, float]]]:
    """Run id and rows of one point, whether or not it is one of the plan's own."""
    return _known(plan, point) if plan.design.model != "homeward" else _lived(plan, point)


def scenario_of(plan: Plan, point: Point):
    """The checked scenario of one run."""
    from simulator.scenario import load_scenario

    return load_scenario(plan.design.base, {**plan.design.settings, **point.overrides, "seed": point.seed})


def _known(plan: Plan, point: Point):
    found = KNOWN[plan.design.model](point.drawn, point.seed)
    rows = [(keep.key(), -1, "all", float(found[keep.name])) for keep in plan.design.keeps]
    text = repr((plan.design.model, sorted(point.drawn.items()), point.seed, plan.identity["source"], plan.identity["lock"]))
    return hashlib.sha256(text.encode()).hexdigest(), rows


def _lived(plan: Plan, point: Point):
    from experiments.outcomes import Sampler, gather, months_wanted, tables_wanted
    from simulator.model import MigrationModel
    from simulator.runs import run_id

    scenario, keeps = scenario_of(plan, point), plan.design.keeps
    start, end = scenario.start_month, scenario.end_month
    model = MigrationModel(scenario, world=_world(scenario.world, scenario.base_year), threads=1)
    try:
        observer = Sampler(model.world, months_wanted(keeps, start, end), tables_wanted(keeps))
        observer.open(model)
        model.observers.append(observer)
        while not model.done:
            model.step()
        rows = gather(keeps, observer, model.world, model.persons_per_agent, start, end)
        return run_id(scenario), [tuple(row) for row in rows]
    finally:
        model.close()


@lru_cache(maxsize=4)
def _world(name: str, base_year: int):
    from simulator.worlds.library import load_world

    return load_world(name, base_year)
