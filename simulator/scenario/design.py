"""What a design of experiments may say: levers × uncertainties × seeds, around one scenario.

A design is a file of `configs/experiments`. Levers are what governments choose, each with the
values to try; uncertainties are parameters with the span to draw from; every run is repeated
over seeds.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from typing import Any

from pydantic import Field, ValidationError

from simulator.foundations.errors import BadInput, Fault, did_you_mean, show_value
from simulator.foundations.yamlio import Document
from simulator.scenario.faults import dotted
from simulator.scenario.loader import load_scenario
from simulator.scenario.parameters import load_parameters
from simulator.scenario.schema import MAX_SEED, Name, Part, Words2

MAX_RUNS = 1_000_000
_ALLOWED = {
    "title": "en and zh",
    "base": "the name of a scenario",
    "levers": "paths, each with a list of values",
    "uncertainties": "names of parameters, each with [low, high], or `plausible`",
    "draws": "whole numbers 1 to 100000",
    "seeds": "a whole number of seeds, 1 to 10000",
    "first_seed": f"whole numbers 0 to {MAX_SEED}",
}


class Design(Part):
    """A checked design: `runs()` is how many runs it asks for."""

    title: Words2
    description: Words2 | None = None
    base: Name = "baseline"
    levers: dict[str, list[Any]] = Field(default_factory=dict)
    uncertainties: dict[str, Any] = Field(default_factory=dict)
    draws: int = Field(1, ge=1, le=100_000)
    seeds: int = Field(1, ge=1, le=10_000)
    first_seed: int = Field(1, ge=0, le=MAX_SEED)

    def runs(self) -> int:
        """Every combination of levers, for every draw and every seed."""
        return math.prod(len(values) for values in self.levers.values()) * self.draws * self.seeds


def is_design(data: object) -> bool:
    """Whether a file's data is a design rather than a scenario."""
    return isinstance(data, Mapping) and any(key in data for key in ("levers", "uncertainties", "seeds", "draws"))


def check_design(document: Document, configs: str | os.PathLike | None = None) -> Design:
    """Check a design and every value it would set; BadInput lists every fault with its line."""
    faults: list[Fault] = []

    def note(path: str, value: str = "", allowed: str = "", remedy: str = "") -> None:
        faults.append(Fault(document.file, document.line(path), path, value, allowed, remedy))

    try:
        design = Design.model_validate(document.data)
    except ValidationError as error:
        for problem in error.errors(include_url=False, include_context=False):
            path = dotted(problem["loc"])
            if problem["type"] == "extra_forbidden":
                note(path, "no field of a design", ", ".join(_ALLOWED), did_you_mean(path, Design.model_fields))
            elif problem["type"] == "missing":
                note(path, "missing", _ALLOWED.get(path, ""), "add it")
            else:
                allowed = _ALLOWED.get(path.partition(".")[0].partition("[")[0], "")
                note(path, show_value(problem["input"]), allowed, "write what is allowed")
        raise BadInput(faults) from None
    try:
        load_scenario(design.base, configs=configs)
    except BadInput as bad:
        note("base", show_value(design.base), remedy=str(bad.faults[0]))
        raise BadInput(faults) from None
    for path, values in design.levers.items():
        if not values:
            note(f"levers.{path}", "an empty list", "at least one value", "add a value")
        for i, value in enumerate(values[:100]):
            try:
                load_scenario(design.base, {path: value}, configs)
            except BadInput as bad:
                fault = bad.faults[0]
                note(f"levers.{path}[{i}]", fault.value or fault.field, fault.allowed, fault.remedy)
    declared = load_parameters(configs)
    for name, span in design.uncertainties.items():
        path = f"uncertainties.{name}"
        if name not in declared:
            note(path, "no parameter", remedy=did_you_mean(name, declared) or "see homeward list parameters")
        elif span == "plausible":
            if declared[name].plausible is None:
                note(path, "plausible", "[low, high]", "no plausible range is declared; write one")
        elif not (isinstance(span, list) and len(span) == 2 and all(declared[name].complaint(v) is None for v in span)):
            note(path, show_value(span), f"[low, high] within {declared[name].allowed()}", "or write plausible")
        elif span[0] > span[1]:
            note(path, f"[{span[0]}, {span[1]}]", "[low, high]", "swap them")
    if design.runs() > MAX_RUNS:
        note("levers", f"{design.runs()} runs in all", f"at most {MAX_RUNS}", "try fewer values, draws or seeds")
    if faults:
        raise BadInput(faults)
    return design
