"""What a design of experiments may say: levers × uncertainties × seeds, around one scenario.

A design is a file of `configs/experiments`. Levers are what governments choose, each with the
values to try, and packages are several settings chosen together; uncertainties are what nobody
knows, each with the span to draw from; every run is repeated over seeds. The words are those of
exploratory modelling (Kwakkel 2017). How a design becomes runs is in `experiments/design.py`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import Field

from simulator.scenario.schema import MAX_SEED, Month, Name, Part, Words2

MAX_RUNS = 1_000_000
MAX_TREATMENTS = 10_000
MAX_UNCERTAINTIES = 300

METHODS = ("latin_hypercube", "sobol", "morris", "factorial", "table")
"""Ways to draw the uncertainties, in the order in which the documents explain them."""

GROUPS = ("kind", "rural_class", "province", "coastal", "circle", "settlement")
"""What settlements may be grouped by; no grouping is the whole country."""

TABLES: dict[str, tuple[str, ...]] = {
    "national": ("circle",),
    "settlement_month": GROUPS,
    "services": (*GROUPS, "service"),
    "deciles": ("circle", "decile"),
    "policy_month": (*GROUPS, "policy"),
    "government_month": ("government",),
}
"""Tables a design takes outcomes from, and what each can be grouped by."""

KNOWN_MODELS: dict[str, dict[str, tuple[str, ...]]] = {
    "ishigami": {"inputs": ("x1", "x2", "x3"), "outcomes": ("y",)},
    "trouble": {"inputs": ("x",), "outcomes": ("y",)},
    "pause": {"inputs": ("seconds",), "outcomes": ("y",)},
}
"""Functions with known answers that a design may name instead of the simulator, to test the whole way."""

KNOWN_RANGE = (-1e6, 1e6)


class Keep(Part):
    """One outcome to keep of every run: which, grouped how, for which months, summed up how over them."""

    name: Name = Field(description="A declared outcome; see homeward list outcomes")
    table: Literal[tuple(TABLES)] | None = Field(None, description="Table, where several have the outcome")
    by: list[Name] = Field(default_factory=list, description="Groups; none: the whole country")
    months: Literal["last", "all", "years", "last_year"] | list[Month] = Field("last", description="Which months")
    over: Literal["each", "mean", "sum", "change"] = Field("each", description="How the months become one value")
    label: Name | None = Field(None, description="Its name in the results")

    def key(self) -> str:
        """The name it has in the results."""
        if self.label:
            return self.label
        grouped = f"_by_{'_'.join(self.by)}" if self.by else ""
        return f"{self.name}{grouped}{'' if self.over == 'each' else '_' + self.over}"


@dataclass(frozen=True)
class Span:
    """What one uncertain path is drawn from: choices, or numbers from low to high."""

    path: str
    low: float = 0.0
    high: float = 1.0
    whole: bool = False
    log: bool = False
    choices: tuple[Any, ...] = ()

    def value(self, unit: float) -> Any:
        """The value at a share 0 to 1 of the span; choices take equal parts of it."""
        if self.choices:
            return self.choices[min(int(unit * len(self.choices)), len(self.choices) - 1)]
        if self.whole:
            return min(int(self.low) + int(unit * (int(self.high) - int(self.low) + 1)), int(self.high))
        if self.log:
            return float(self.low * (self.high / self.low) ** unit)
        return float(self.low + unit * (self.high - self.low))

    def grid(self, levels: int) -> list[Any]:
        """Every choice, or so many values spread evenly, ends included."""
        if self.choices:
            return list(self.choices)
        if self.whole:
            steps = [round(self.low + (self.high - self.low) * k / max(levels - 1, 1)) for k in range(levels)]
            return list(dict.fromkeys(steps))
        return [self.value(k / max(levels - 1, 1)) for k in range(levels)]


class Design(Part):
    """A checked design: `runs()` is how many runs it asks for."""

    title: Words2
    description: Words2 | None = None
    model: Literal["homeward", *KNOWN_MODELS] = "homeward"
    base: Name = "baseline"
    settings: dict[str, Any] = Field(default_factory=dict)
    levers: dict[str, list[Any]] = Field(default_factory=dict)
    packages: dict[str, dict[str, Any]] = Field(default_factory=dict)
    paired: bool = False
    uncertainties: dict[str, Any] = Field(default_factory=dict)
    method: Literal[METHODS] = "latin_hypercube"
    draws: int = Field(1, ge=1, le=100_000)
    levels: int = Field(4, ge=2, le=100)
    second_order: bool = False
    draw_seed: int = Field(1, ge=0, le=2**31 - 1)
    table: Name | None = None
    seeds: int = Field(1, ge=1, le=10_000)
    first_seed: int = Field(1, ge=0, le=MAX_SEED - 10_000)
    outcomes: list[Any] = Field(default_factory=list)

    spans: tuple[Span, ...] = Field(default=(), init=False, repr=False, exclude=True)
    rows: tuple[dict[str, Any], ...] = Field(default=(), init=False, repr=False, exclude=True)
    keeps: tuple[Keep, ...] = Field(default=(), init=False, repr=False, exclude=True)

    def treatments(self) -> int:
        """Combinations of levers and packages, and the baseline where runs are paired with one."""
        chosen = max(len(self.packages), 1) * math.prod(len(values) for values in self.levers.values())
        return chosen + (1 if self.paired else 0)

    def draws_made(self) -> int:
        """How many sets of values of the uncertainties the method makes."""
        count = len(self.spans)
        if self.method == "table":
            return max(len(self.rows), 1)
        if not count:
            return 1
        if self.method == "factorial":
            return math.prod(len(span.grid(self.levels)) for span in self.spans)
        if self.method == "sobol":
            return self.draws * (2 * count + 2 if self.second_order else count + 2)
        return self.draws * (count + 1) if self.method == "morris" else self.draws

    def runs(self) -> int:
        """Every treatment, for every draw and every seed."""
        return self.treatments() * self.draws_made() * self.seeds


FIELDS = tuple(name for name in Design.model_fields if name not in ("spans", "rows", "keeps"))
"""What a design's file may say."""


def is_design(data: object) -> bool:
    """Whether a file's data is a design rather than a scenario."""
    telling = ("levers", "packages", "uncertainties", "seeds", "draws", "method", "outcomes")
    return isinstance(data, Mapping) and any(key in data for key in telling)
