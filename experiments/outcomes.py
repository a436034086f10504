"""What a batch keeps of a run: the outcomes asked for, over groups of places and over months, and nothing else."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa

from simulator.foundations.units import KINDS, RURAL_CLASSES, month_of_year
from simulator.measures.observer import Observer, Rows
from simulator.measures.outcomes import BY_TABLE
from simulator.measures.yearly import SURVEY_MONTHS
from simulator.results import as_table
from simulator.scenario.design import Keep

WHOLE = "all"
"""Name of the one group of an outcome that is not grouped."""

YEARLY = ("deciles",)
"""Tables with a row a year, counted in December."""

_EPOCH_MONTH = 1970 * 12
_LABOUR_FORCE = ("employed", "unemployed", "farming", "flexible", "welfare_jobs")


class Row(NamedTuple):
    """One value kept of a run; `month` is a month number, or -1 where no month is known."""

    outcome: str
    month: int
    group: str
    value: float


class Sampler(Observer):
    """An observer that counts only in the months wanted, and keeps only the tables wanted."""

    def __init__(self, world, wanted: set[int], tables: set[str]):
        super().__init__(world)
        self.wanted, self.kept = wanted, tables

    def _look(self, model, counts, moves) -> None:
        if model.month in self.wanted:
            super()._look(model, counts, moves)
        elif moves is not None:
            self._note_moves(model, moves)
        for name in self.tables:
            if name not in self.kept:
                self.tables[name] = Rows()
        self.year_moves.clear()  # the yearly table of moves between places is not offered to designs


def months_of(keep: Keep, start: int, end: int) -> list[int]:
    """The months an outcome looks at, in order; `start` is the opening record, `end` the last month lived."""
    if keep.table in YEARLY:
        usable = [m for m in range(start, end + 1) if month_of_year(m) == 12]
    else:
        usable = list(range(start, end + 1))
    if isinstance(keep.months, list):
        from simulator.foundations.units import parse_month

        named = {parse_month(m) for m in keep.months}
        return [m for m in usable if m in named]
    if keep.months == "last":
        if keep.over in ("mean", "sum"):
            return [m for m in usable if m > start]
        surveyed = [m for m in usable if month_of_year(m) in SURVEY_MONTHS]
        ends = {*usable[-1:], *surveyed[-1:], *(usable[:1] if keep.over == "change" else ())}
        return sorted(ends)
    if keep.months == "years":
        return [m for m in usable if month_of_year(m) == 12]
    if keep.months == "last_year":
        return [m for m in usable if m > max(end - 12, start)]
    return [m for m in usable if m > start or keep.over in ("each", "change")]


def months_wanted(keeps: tuple[Keep, ...], start: int, end: int) -> set[int]:
    """Every month in which something has to be counted."""
    return set().union(*(months_of(keep, start, end) for keep in keeps))


def tables_wanted(keeps: tuple[Keep, ...]) -> set[str]:
    """Every table something is taken from, and the one that weighs."""
    return {str(keep.table) for keep in keeps} | {"settlement_month"} if any(keep.table == "services" for keep in keeps) else {
        str(keep.table) for keep in keeps
    }


def gather(keeps: tuple[Keep, ...], observer: Observer, world, persons_per_agent: int, start: int, end: int) -> list[Row]:
    """The rows of every outcome kept, in the order of the design."""
    tables = {name: _Table(name, observer, world, persons_per_agent) for name in sorted(tables_wanted(keeps))}
    rows: list[Row] = []
    for keep in keeps:
        table = tables[str(keep.table)]
        months = months_of(keep, start, end)
        groups, values = table.grouped(keep, months, tables.get("settlement_month"))
        rows += _over_months(keep, months, groups, values)
    return rows


def _over_months(keep: Keep, months: list[int], groups: list[str], values: np.ndarray) -> list[Row]:
    """values: [months, groups], NaN where nothing is known."""
    name, known = keep.key(), ~np.isnan(values)
    if keep.over == "each" and keep.months != "last":
        return [Row(name, m, g, float(values[k, c])) for k, m in enumerate(months) for c, g in enumerate(groups)]
    rows = []
    for c, group in enumerate(groups):
        seen = np.flatnonzero(known[:, c])
        month, value = (months[-1] if months else -1), np.nan
        if len(seen):
            month, value = months[seen[-1]], values[seen[-1], c]
            if keep.over == "change":
                value = value - values[seen[0], c] if len(seen) > 1 else np.nan
            elif keep.over != "each":
                value = values[seen, c].sum() / (len(seen) if keep.over == "mean" else 1)
        rows.append(Row(name, month, group, float(value)))
    return rows


class _Table:
    """One published table of a run, as arrays, with what its rows may be grouped by."""

    def __init__(self, name: str, observer: Observer, world, persons_per_agent: int):
        self.name, self.world = name, world
        columns = observer.tables[name].columns()
        self.table: pa.Table = as_table(name, columns, persons_per_agent, observer.policies, observer.flows)
        if not columns:
            self.month = np.zeros(0, np.int64)
        elif name in YEARLY:
            self.month = columns["year"].astype(np.int64) * 12 + 11
        else:
            self.month = columns["month"].astype(np.int64)

    def column(self, name: str) -> np.ndarray:
        """A column as floats, NaN where nothing is known."""
        return self.table.column(name).cast(pa.float64()).to_numpy().astype(np.float64)

    def words(self, group: str) -> tuple[list[str], np.ndarray]:
        """Labels of a grouping, and for each row the place of its label."""
        world = self.world
        own = {"circle": "circle_id", "government": "government_id"}.get(group, group)
        if group == "circle" and own not in self.table.column_names:
            place = self.table.column("settlement_id").to_numpy()
            numbers = np.asarray(world.circle, dtype=np.int64)[place]
        elif group in ("circle", "decile", "government"):
            numbers = self.table.column(own).to_numpy()
        elif group in ("service", "policy"):
            texts = self.table.column("policy_id" if group == "policy" else group).to_pylist()
            labels = list(dict.fromkeys(texts))
            return labels, np.array([labels.index(t) for t in texts], dtype=np.int64)
        else:
            place = self.table.column("settlement_id").to_numpy()
            labels, codes = {
                "kind": lambda: (list(KINDS), world.kind),
                "rural_class": lambda: (list(RURAL_CLASSES), world.rural_class),
                "province": lambda: ([str(p) for p in world.province_en], world.province),
                "coastal": lambda: (["inland", "coastal"], world.coastal),
                "settlement": lambda: ([str(c) for c in world.code], np.arange(world.n)),
            }[group]()
            return labels, np.asarray(codes).astype(np.int64)[place]
        known = np.unique(numbers)
        return [str(v) for v in known], np.searchsorted(known, numbers)

    def grouped(self, keep: Keep, months: list[int], weights: _Table | None) -> tuple[list[str], np.ndarray]:
        """Group labels and values [months, groups] of one outcome."""
        rows = np.isin(self.month, months)
        if "circle_id" in self.table.column_names:  # circle 0 is the whole country
            circle = self.table.column("circle_id").to_numpy()
            rows &= circle > 0 if "circle" in keep.by else circle == 0
        labels, code, count = [""], np.zeros(int(rows.sum()), dtype=np.int64), 1
        for group in keep.by:
            names, codes = self.words(group)
            labels = [f"{a}/{b}" if a else b for a in labels for b in names]
            code, count = code * len(names) + codes[rows], count * len(names)
        where = np.searchsorted(np.array(months, dtype=np.int64), self.month[rows]) * count + code
        values, size = self.column(keep.name)[rows], len(months) * count
        weight = self._weights(keep, weights)[rows]
        known = ~np.isnan(values) & ~np.isnan(weight)
        weight = np.where(known, weight, 0.0)
        total = np.bincount(where, np.where(known, values, 0.0) * weight, size)
        below = np.bincount(where, weight, size)
        seen = np.bincount(where, known, size) > 0
        if self._is_mean(keep):
            with np.errstate(invalid="ignore", divide="ignore"):
                total = np.where(below > 0, total / below, np.nan)
        if self.name == "policy_month" and BY_TABLE[self.name, keep.name].aggregation == "sum":
            seen[:] = True  # no row means that no policy did anything: nothing was spent
        result = np.where(seen, total, np.nan).reshape(len(months), count)
        present = np.bincount(code, minlength=count) > 0
        chosen = np.flatnonzero(present) if present.any() else np.arange(count)
        return [labels[c] or WHOLE for c in chosen], result[:, chosen]

    def _is_mean(self, keep: Keep) -> bool:
        return self.name in ("settlement_month", "services") and BY_TABLE[self.name, keep.name].aggregation == "mean"

    def _weights(self, keep: Keep, settlements: _Table | None) -> np.ndarray:
        """What each row counts for in a mean: its residents, its employed, its labour force; else one."""
        if not self._is_mean(keep):
            return np.ones(len(self.month))
        name = BY_TABLE[self.name, keep.name].weight
        source = self if self.name == "settlement_month" else settlements
        columns = _LABOUR_FORCE if name == "labour force" else (name,)
        weight = np.sum([source.column(column) for column in columns], axis=0)
        if source is self:
            return weight
        key = self.month * 100_000 + self.table.column("settlement_id").to_numpy()
        other = source.month * 100_000 + source.table.column("settlement_id").to_numpy()
        order = np.argsort(other)
        return weight[order][np.searchsorted(other[order], key)]
