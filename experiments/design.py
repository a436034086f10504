"""How a design of experiments becomes a numbered list of runs: treatments × draws × seeds, made when asked for.

The list is never held: run number k is computed from k, so that a design of a million runs costs
no more memory than one of ten.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from simulator import policies
from simulator.foundations.errors import BadInput, Fault, did_you_mean
from simulator.foundations.files import (
    config_names,
    digest_bytes,
    digest_source_text,
    find_config,
    is_path,
    lock_digest,
    source_digest,
)
from simulator.foundations.yamlio import Document, read_yaml
from simulator.scenario import load_scenario
from simulator.scenario.design import Design, Keep, Span, is_design
from simulator.scenario.design_check import check_design

BASELINE = "baseline"
BLOCK_ROWS = 400_000
BLOCK_MOST = 256
_GROUP_SIZE = {"kind": 5, "rural_class": 5, "province": 31, "coastal": 2, "circle": 32, "settlement": 160, "service": 6, "decile": 10, "policy": 4, "government": 32}


@dataclass(frozen=True)
class Treatment:
    """One choice of levers: its label, its settings, and the values of the columns it fills."""

    number: int
    label: str
    settings: dict[str, Any]
    columns: dict[str, Any]


@dataclass(frozen=True)
class Point:
    """One run to be done: its number in the design, and everything that makes it differ from the base."""

    number: int
    treatment: Treatment
    draw: int
    seed: int
    drawn: dict[str, Any]

    @property
    def overrides(self) -> dict[str, Any]:
        """What is set over the base scenario, the seed apart."""
        return self.treatment.settings | self.drawn


class Plan:
    """All runs of a design, by number.

    Numbers run draw by draw, in a draw treatment by treatment, in a treatment seed by seed, so that
    runs which belong together are done together.
    """

    def __init__(self, name: str, design: Design, data: dict, shard: tuple[int, int] = (1, 1), file: str = "", plugins: tuple[str, ...] = ()):
        self.name, self.design, self.data, self.file, self.plugins = name, design, data, file, plugins
        self.shard = shard
        self.draws = design.draws_made()
        self.seeds = design.seeds
        self.total = design.runs()

    def __len__(self) -> int:
        """How many runs this shard holds."""
        return len(range(self.shard[0] - 1, self.total, self.shard[1]))

    def numbers(self) -> range:
        """Numbers of the runs of this shard, in the order in which they are done."""
        return range(self.shard[0] - 1, self.total, self.shard[1])

    @cached_property
    def treatments(self) -> list[Treatment]:
        """Every combination of packages and levers, the baseline first where runs are paired with it."""
        import itertools

        design, found = self.design, []
        paths = [*(["package"] if design.packages else []), *design.levers]
        if design.paired:
            found.append(Treatment(0, BASELINE, {}, dict.fromkeys(paths)))
        packages = list(design.packages.items()) or [(None, {})]
        for (name, settings), *values in itertools.product(packages, *design.levers.values()):
            chosen = dict(zip(design.levers, values, strict=True))
            columns = ({"package": name} if name is not None else {}) | chosen
            label = ", ".join(str(v) if k == "package" else f"{k}={_short(v)}" for k, v in columns.items())
            found.append(Treatment(len(found), label or BASELINE, settings | chosen, columns))
        return found

    @cached_property
    def units(self) -> np.ndarray:
        """Draws of the uncertainties as shares of their spans, [draws, uncertainties]; empty for a table."""
        design, k = self.design, len(self.design.spans)
        if not k or design.method in ("table", "factorial"):
            return np.zeros((self.draws, 0))
        if design.method == "latin_hypercube":
            from experiments.statistics import latin_hypercube

            return latin_hypercube(design.draws, [(0.0, 1.0)] * k, design.draw_seed)
        problem = unit_problem(design.spans)
        if design.method == "sobol":
            from SALib.sample import sobol

            return sobol.sample(problem, design.draws, calc_second_order=design.second_order, seed=design.draw_seed)
        from SALib.sample import morris

        return morris.sample(problem, design.draws, num_levels=design.levels, seed=design.draw_seed)

    def drawn(self, draw: int) -> dict[str, Any]:
        """Values of the uncertainties in one draw."""
        design = self.design
        if design.method == "table":
            return dict(design.rows[draw])
        if design.method == "factorial":
            values = {}
            for span in reversed(design.spans):
                grid = span.grid(design.levels)
                draw, k = divmod(draw, len(grid))
                values[span.path] = grid[k]
            return {span.path: values[span.path] for span in design.spans}
        return {span.path: span.value(float(u)) for span, u in zip(design.spans, self.units[draw], strict=True)}

    def point(self, number: int, drawn: dict[str, Any] | None = None) -> Point:
        """Run `number` of the whole design; `drawn` are its values of the uncertainties where they are known."""
        draw, treatment, seed = self.place(number)
        values = self.drawn(draw) if drawn is None else drawn
        return Point(number, self.treatments[treatment], draw, self.design.first_seed + seed, values)

    def place(self, number: int) -> tuple[int, int, int]:
        """Draw, treatment and seed of a run, each counted from nought."""
        if not 0 <= number < self.total:
            raise IndexError(number)
        rest, seed = divmod(number, self.seeds)
        return (*divmod(rest, len(self.treatments)), seed)

    def task(self, number: int) -> list:
        """A run as a worker is told of it: its number and its drawn values, so that a worker never samples."""
        return [number, self.drawn(self.place(number)[0])]

    def points(self) -> Iterator[Point]:
        """Every run of this shard."""
        return (self.point(number) for number in self.numbers())

    # -- what the results look like --------------------------------------------------------------

    @cached_property
    def columns(self) -> dict[str, str]:
        """Columns of the table of runs that hold settings, each `float`, `int`, `bool` or `text`."""
        design = self.design
        found: dict[str, list] = {}
        for treatment in self.treatments:
            for name, value in treatment.columns.items():
                found.setdefault(name, []).append(value)
        kinds = {name: _kind(values) for name, values in found.items()}
        for span in design.spans:
            kinds[span.path] = _kind(span.choices) if span.choices else "int" if span.whole else "float"
        for name in design.rows[0] if design.rows else ():
            kinds[name] = _kind([row[name] for row in design.rows])
        return kinds

    @cached_property
    def scalars(self) -> list[Keep]:
        """Outcomes that are one value a run: they become columns of the table of runs."""
        return [keep for keep in self.design.keeps if is_scalar(keep)]

    @cached_property
    def block(self) -> int:
        """Runs a part of the results holds: many small runs, fewer large ones."""
        rows = 0
        for keep in self.design.keeps:
            months = {"all": 182, "years": 15, "last_year": 12}.get(keep.months, 1) if isinstance(keep.months, str) else len(keep.months)
            rows += math.prod(_GROUP_SIZE[g] for g in keep.by) * (months if keep.over == "each" else 1)
        return int(min(max(BLOCK_ROWS // max(rows, 1), 8), BLOCK_MOST))

    @cached_property
    def identity(self) -> dict[str, str]:
        """What the results depend on: two sweeps of equal identity give equal tables."""
        base = "" if self.design.model != "homeward" else load_scenario(self.design.base, self.design.settings).hash
        said = {k: v for k, v in self.design.model_dump(mode="json").items() if k not in ("title", "description")}
        said |= {"rows": list(self.design.rows), "spans": [vars(s) | {"choices": list(s.choices)} for s in self.design.spans]}
        said["keeps"] = [keep.model_dump(mode="json") for keep in self.design.keeps]
        text = json.dumps([said, base], sort_keys=True, separators=(",", ":"), default=str)
        parts = {"design": hashlib.sha256(text.encode()).hexdigest(), "world": _world_digest(self.design)}
        source = batch_digest() if not self.plugins else digest_bytes("\n".join([batch_digest(), *self.plugins]).encode())
        return parts | {"source": source, "lock": lock_digest()}

    @property
    def id(self) -> str:
        """SHA-256 of the identity."""
        return hashlib.sha256("\n".join(self.identity.values()).encode()).hexdigest()


def load_plan(name: str | os.PathLike, shard: tuple[int, int] = (1, 1), configs: str | None = None, plugins: Sequence[str] = ()) -> Plan:
    """The plan of a design given by name or file; BadInput lists every fault of it. `plugins` are files of policies."""
    texts = tuple(policies.plugin_text(policies.load_plugin(file)) for file in plugins)
    text = os.fspath(name)
    if not is_path(text) and text not in config_names("experiment", configs):
        known = config_names("experiment", configs)
        remedy = did_you_mean(text, known) or "see homeward list experiments, or write the path of a file"
        raise BadInput(Fault(field="DESIGN", value=text, remedy=remedy))
    path = find_config("experiment", text, configs)
    document = read_yaml(path, text if "/" in text else path.name)
    if not is_design(document.data):
        raise BadInput(Fault(document.file, 1, value="this is not a design", remedy="see homeward new design NAME"))
    checked = check_design(Document(os.fspath(path), document.data, document.lines), configs)
    return Plan(Path(path).stem, checked, document.data, shard, os.path.abspath(path), texts)


def plan_of(design: dict, name: str = "design", shard: tuple[int, int] = (1, 1)) -> Plan:
    """The plan of a design given as plain values, in the form of a design's file."""
    return Plan(name, check_design(Document("", design)), design, shard)


def parse_shard(text: str) -> tuple[int, int]:
    """`3/8` as (3, 8); BadInput for anything else."""
    part, _, whole = text.partition("/")
    if part.isdecimal() and whole.isdecimal() and 1 <= int(part) <= int(whole) <= 100_000:
        return int(part), int(whole)
    raise BadInput(Fault(field="--shard", value=text, allowed="i/n with i from 1 to n", remedy="write --shard 1/8 ... --shard 8/8"))


def is_scalar(keep: Keep) -> bool:
    """Whether an outcome is one number a run."""
    one_month = keep.over != "each" or keep.months == "last" or (isinstance(keep.months, list) and len(keep.months) == 1)
    return not keep.by and one_month


def unit_problem(spans: tuple[Span, ...]) -> dict:
    """The uncertainties as SALib knows them, each from 0 to 1."""
    return {"num_vars": len(spans), "names": [span.path for span in spans], "bounds": [[0.0, 1.0]] * len(spans)}


def batch_digest() -> str:
    """SHA-256 of the simulator's code and of the modules here that decide what a run reports."""
    folder = Path(__file__).resolve().parent
    parts = [digest_source_text((folder / name).read_text("utf-8")) for name in ("design.py", "living.py", "outcomes.py", "known.py", "store.py")]
    return digest_bytes("\n".join([source_digest(), *parts]).encode())


def _world_digest(design: Design) -> str:
    if design.model != "homeward":
        return ""
    from simulator.worlds.library import world_card, world_digest

    return world_digest(world_card(load_scenario(design.base, design.settings).world))


def _kind(values) -> str:
    known = [v for v in values if v is not None]
    for kind, types in (("bool", (bool,)), ("int", (int,)), ("float", (int, float))):
        if known and all(type(v) in types for v in known):
            return kind
    return "text"


def _short(value: Any) -> str:
    return f"{value:g}" if type(value) in (int, float) else str(value)
