"""What a sweep will cost, foretold from a few months of one of its runs: time, bytes, memory."""

from __future__ import annotations

import resource
import sys
import time

from experiments.design import Plan

MONTHS_TRIED = 3
BYTES_A_VALUE = 6.0
"""Bytes of a value in a sealed Parquet file, long table; measured on sweeps of the ready designs (4 to 8)."""
BYTES_A_RUN = 300.0
"""Bytes of a run's row, its digest and its lines in the journal."""


def foresee(plan: Plan, workers: int) -> dict:
    """Runs, seconds and bytes a plan will take, by living the first months of its dearest run here."""
    found = {"runs": len(plan), "treatments": len(plan.treatments), "draws": plan.draws, "seeds": plan.seeds}
    seconds, rows = (_known(plan) if plan.design.model != "homeward" else _lived(plan))
    return found | {
        "run_seconds": round(seconds, 4),
        "seconds": round(seconds * len(plan) / workers, 3),
        "rows_a_run": rows,
        "bytes": int(len(plan) * (rows * BYTES_A_VALUE + BYTES_A_RUN)),
        "worker_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024),
    }


def _known(plan: Plan) -> tuple[float, int]:
    return 0.003, len(plan.design.keeps)


def _lived(plan: Plan) -> tuple[float, int]:
    """Seconds and rows of a run; the dearest of a few points, the others being cheaper or alike."""
    from experiments.living import _world, scenario_of
    from experiments.outcomes import Sampler, gather, months_of, tables_wanted
    from simulator.model import MigrationModel

    tried = {plan.numbers()[k] for k in {0, len(plan) // 2, len(plan) - 1}}
    scenarios = [scenario_of(plan, plan.point(number)) for number in sorted(tried)]
    scenario = max(scenarios, key=lambda s: s.months / s.persons_per_agent)
    world = _world(scenario.world, scenario.base_year)
    keeps, start, end = plan.design.keeps, scenario.start_month, scenario.end_month
    model = MigrationModel(scenario, world=world, threads=1)  # once to compile and to load
    months = min(MONTHS_TRIED, scenario.months)
    _step(model, months)
    began = time.perf_counter()
    model = MigrationModel(scenario, world=world, threads=1)
    built = time.perf_counter() - began
    began = time.perf_counter()
    _step(model, months)
    a_month = (time.perf_counter() - began) / months
    observer = Sampler(model.world, {model.month}, tables_wanted(keeps))
    model.observers.append(observer)
    began = time.perf_counter()
    observer.observe(model)
    looking = time.perf_counter() - began
    rows = len(gather(keeps, observer, model.world, model.persons_per_agent, start, end))
    looks = len(set().union(*(months_of(keep, start, end) for keep in keeps)))
    return built + a_month * scenario.months + looking * looks, rows


def _step(model, months: int) -> None:
    for _ in range(months):
        model.step()
    model.close()
