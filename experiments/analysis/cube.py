"""A sweep as numbers ready to be analysed: for every outcome a cube of draws × treatments × seeds."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from experiments.reading import Sweep
from simulator.scenario.design import Span

LESS_IS_BETTER = (
    "gini", "theil", "income_ratio", "unemployment_rate", "urban_unemployment_rate", "unemployed", "service_inequality",
    "talent_concentration", "left_behind_children", "left_behind_elders", "crowding", "rent", "talent_out",
    "poverty_headcount", "poverty_rate", "below_guarantee_line", "below_guarantee_share", "left_behind_share",
)  # fmt: skip
MORE_IS_BETTER = (
    "income_urban", "income_rural", "income_median_pc", "income_pc", "wage_mean", "employed", "supply", "access", "talent_in",
    "job_finding_rate", "returns", "returns_12m", "talent_pool",
    "income_mean", "middle_income_share", "labour_share", "common_prosperity",
)  # fmt: skip
"""What most readers would call better, where nobody says otherwise; the report states it, and `--prefer` changes it."""

MOST_SERIES = 400


@dataclass(frozen=True)
class Series:
    """One number a run: an outcome, or one group of one; `values` is [draws, treatments, seeds], NaN where not done."""

    name: str
    outcome: str
    group: str
    unit: str
    label: str
    values: np.ndarray
    period: str = ""
    """The month it is of, or the last of those it sums up."""
    better: str = ""
    """`more`, `less`, or nothing where nobody has said."""


@dataclass(frozen=True)
class Cube:
    """All series of a sweep, the settings of its draws, and the courses over months."""

    sweep: Sweep
    treatments: list[str]
    baseline: int | None
    draws: pd.DataFrame
    """Values of the uncertainties, a row a draw."""
    levers: pd.DataFrame
    """Values of the levers, a row a treatment."""
    spans: list[Span]
    series: list[Series]
    courses: dict[str, pd.DataFrame] = field(default_factory=dict)
    """Outcome over months, a row a run and month, with its treatment; ungrouped ones only."""
    left_out: int = 0

    @property
    def info(self) -> dict:
        """What `sweep.json` says."""
        return self.sweep.info

    def one(self, name: str) -> Series:
        """A series by its name."""
        return next(series for series in self.series if series.name == name)


def cube_of(sweep: Sweep, prefer: dict[str, str] | None = None, lang: str = "en") -> Cube:
    """Read a sweep into cubes; `prefer` says `more` or `less` of an outcome."""
    info, runs = sweep.info, sweep.runs
    treatments = info["treatments"]
    place = {label: k for k, label in enumerate(treatments)}
    first_seed = int(runs.seed.min())
    at = (runs.draw.to_numpy(), runs.treatment.map(place).to_numpy(), runs.seed.to_numpy() - first_seed)
    shape = (info["draws"], len(treatments), info["seeds"])
    where = pd.DataFrame({"run": runs.run, "d": at[0], "t": at[1], "s": at[2]})
    series: list[Series] = []
    courses: dict[str, pd.DataFrame] = {}
    left_out = 0
    for outcome in info["outcomes"]:
        rows = sweep.arrow("outcomes", outcome["key"]).to_pandas(date_as_object=False)
        rows = rows.merge(where, on="run")
        if not outcome["by"] and rows.groupby("run").size().max() > 1:
            courses[outcome["key"]] = rows[["run", "month", "value", "d", "t", "s"]]
        last = rows.sort_values("month", kind="stable").groupby(["group", "run"], sort=False).tail(1)
        for group, found in last.groupby("group", sort=True):
            if len(series) >= MOST_SERIES:
                left_out += 1
                continue
            values = np.full(shape, np.nan)
            values[found.d, found.t, found.s] = found.value
            grouped = bool(outcome["by"])
            label = outcome[f"label_{lang}"] + (f", {group.replace('_', ' ')}" if grouped else "")
            label += {"change": " (change)", "mean": " (mean)", "sum": " (sum)"}.get(outcome["over"], "")
            name = f"{outcome['key']}[{group}]" if grouped else outcome["key"]
            better = (prefer or {}).get(outcome["key"]) or (prefer or {}).get(outcome["name"]) or _usual(outcome["name"])
            unit = outcome["unit"].removesuffix(" a month") if outcome["over"] == "sum" else outcome["unit"]
            months = found.month.dropna()
            period = f"{months.max():%Y-%m}" if len(months) else ""
            series.append(Series(name, outcome["key"], str(group), unit, label, values, period, better))
    columns = [c for c in info["columns"] if c not in info["levers"]]
    draws = runs.drop_duplicates("draw").set_index("draw")[columns].reindex(range(info["draws"]))
    levers = runs.drop_duplicates("treatment").set_index("treatment").reindex(treatments)[[c for c in info["levers"] if c in runs.columns]]
    baseline = 0 if info["paired"] else None
    spans = [Span(**span | {"choices": tuple(span["choices"])}) for span in info["spans"]]
    return Cube(sweep, treatments, baseline, draws, levers, spans, series, courses, left_out)


def _usual(name: str) -> str:
    return "less" if name in LESS_IS_BETTER else "more" if name in MORE_IS_BETTER else ""
