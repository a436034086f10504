"""The common-prosperity index: indicators between goalposts, weighted in dimensions, dimensions in a geometric mean.

x = clip((v - worst) / (best - worst), 0, 1), in logarithms where the file says so; dimension
D = sum w x / sum w over the indicators that are known; index = prod D^(w / sum w), each D at least
`LEAST` (as in the human development index, where a zero in one dimension would hide all others).
"""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from simulator.foundations.errors import BadInput, Fault, did_you_mean, show_value
from simulator.foundations.files import PACKAGE, configs_folder
from simulator.foundations.parameter import Text
from simulator.foundations.yamlio import Document, read_yaml

FILE = "indices/common_prosperity.yaml"
LEAST = 0.01
"""A dimension counts as at least this."""
INDICATORS = (
    "income_mean", "income_urban", "income_rural", "gini", "theil", "theil_between_share", "income_ratio", "middle_income_share",
    "unemployment_rate", "urban_unemployment_rate", "labour_share", "poverty_rate", "below_guarantee_share",
    "service_inequality", "left_behind_share", "urban_share_resident", "urban_share_hukou", "talent_concentration",
    "child_dependency", "old_dependency",
)  # fmt: skip
"""Columns of the national table that an index may be made of."""


@dataclass(frozen=True)
class Indicator:
    """One column between its goalposts."""

    name: str
    weight: float
    worst: float
    best: float
    logarithmic: bool

    def score(self, values: np.ndarray) -> np.ndarray:
        """0 at the worst goalpost, 1 at the best; NaN where unknown."""
        values, worst, best = np.asarray(values, dtype=np.float64), self.worst, self.best
        if self.logarithmic:
            with np.errstate(invalid="ignore"):
                values = np.log(np.maximum(values, 1e-9))
            worst, best = math.log(worst), math.log(best)
        return np.minimum(np.maximum((values - worst) / (best - worst), 0.0), 1.0)


@dataclass(frozen=True)
class Dimension:
    """Indicators that stand for one thing."""

    name: str
    weight: float
    meaning: Text
    indicators: tuple[Indicator, ...]

    def score(self, columns: dict[str, np.ndarray]) -> np.ndarray:
        """Weighted mean of the indicators known; NaN where none is."""
        scores = np.array([indicator.score(columns[indicator.name]) for indicator in self.indicators])
        known = scores == scores
        weights = np.array([indicator.weight for indicator in self.indicators])[:, None] * known
        total = weights.sum(axis=0)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(total > 0, (weights * np.where(known, scores, 0.0)).sum(axis=0) / total, np.nan)


def index_of(dimensions: tuple[Dimension, ...], columns: dict[str, np.ndarray]) -> np.ndarray:
    """The index, 0 to 1; NaN where a dimension is unknown."""
    weights = np.array([dimension.weight for dimension in dimensions])
    scores = np.array([dimension.score(columns) for dimension in dimensions])
    return np.exp((weights[:, None] * np.log(np.maximum(scores, LEAST))).sum(axis=0) / weights.sum())


def load_index(configs: str | os.PathLike | None = None) -> tuple[Dimension, ...]:
    """The dimensions of the index from its file; BadInput lists every fault in it."""
    path = configs_folder(configs) / FILE
    if not path.is_file():  # a folder of one's own need not bring an index
        path = next(folder for folder in (PACKAGE / "_configs", PACKAGE.parent / "configs") if (folder / FILE).is_file()) / FILE
    return _load(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=8)
def _load(path: Path, _stamp: int) -> tuple[Dimension, ...]:
    return read_index(read_yaml(path, FILE))


def read_index(document: Document) -> tuple[Dimension, ...]:
    """The dimensions that a document declares."""
    faults: list[Fault] = []
    data = document.data

    def fault(where: str, value: object, allowed: str, remedy: str = "") -> None:
        faults.append(Fault(document.file, document.line(where), where, show_value(value), allowed, remedy))

    def number(where: str, row: dict, name: str, low: float = -1e12) -> float:
        value = row.get(name)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not low < value < 1e12:
            fault(f"{where}.{name}", value, "a number" if low < 0 else "a number above 0")
            return 1.0
        return float(value)

    found = []
    if not isinstance(data, dict) or not data:
        raise BadInput(Fault(document.file, 1, value="this file names no dimension", remedy="write one, with weight and indicators"))
    for name, row in data.items():
        listed = row.get("indicators") if isinstance(row, dict) else None
        if not isinstance(listed, dict) or not listed:
            fault(name, row, "weight, meaning and indicators")
            continue
        indicators = []
        for column, goal in listed.items():
            where = f"{name}.indicators.{column}"
            if column not in INDICATORS:
                fault(where, column, "a column of the table national that can be an indicator", did_you_mean(column, INDICATORS))
                continue
            if not isinstance(goal, dict) or set(goal) - {"weight", "worst", "best", "scale"}:
                fault(where, goal, "weight, worst, best and scale")
                continue
            logarithmic = goal.get("scale", "linear") == "log"
            if goal.get("scale", "linear") not in ("linear", "log"):
                fault(f"{where}.scale", goal["scale"], "linear or log")
            low = 0.0 if logarithmic else -1e12
            indicator = Indicator(
                column, number(where, goal, "weight", 0.0), number(where, goal, "worst", low), number(where, goal, "best", low), logarithmic
            )
            if indicator.worst == indicator.best and not faults:
                fault(where, goal["best"], "goalposts that differ")
            indicators.append(indicator)
        words = row.get("meaning") if isinstance(row.get("meaning"), dict) else {}
        meaning = Text(str(words.get("en", name)), str(words.get("zh", name)))
        found.append(Dimension(name, number(name, row, "weight", 0.0), meaning, tuple(indicators)))
    if faults:
        raise BadInput(faults)
    return tuple(found)
