"""What one run says: every outcome for every group of places and people, at the months asked."""

from __future__ import annotations

import numpy as np
import pandas as pd

from experiments.compare.groups import education_groups, place_groups
from simulator.measures.monthly import LASTING_MONTHS
from simulator.measures.outcomes import BY_TABLE, PEOPLE
from simulator.runs import Run

A_YEAR = ("talent_in", "talent_out", "firms_born_local", "firms_born_returnee", "firms_born_outside", "firms_closed")
"""Monthly counts of places that are told as sums over the last twelve months; of the nation, whatever is counted "a month"."""
WEIGHT = {"job_finding_rate": ("employed", "unemployed", "farming", "flexible", "welfare_jobs"), "wage_mean": ("employed",), "rent": ("residents",)}
"""By what a mean over settlements is weighted."""
KEYS = ["outcome", "group", "month"]
LEFT_OUT = ("moves", "returns", "income_pc", "wage_mean")
"""National columns told otherwise: monthly moves (their twelve-month sums stand beside them), and what places give."""


def months_to_tell(run: Run, every: str = "year") -> list[pd.Timestamp]:
    """The Decembers of a run and its last month (or, with `every="month"`, all of its months)."""
    scenario = run.scenario
    first, last = scenario.start_month + 1, scenario.end_month
    chosen = [m for m in range(first, last + 1) if every == "month" or m % 12 == 11 or m == last]
    return [pd.Timestamp(year=m // 12, month=m % 12 + 1, day=1) for m in chosen]


def measure(run: Run, months: list[pd.Timestamp], targeted: np.ndarray | None = None) -> pd.DataFrame:
    """Every outcome of a run: columns outcome, group, month, value, agents.

    `agents` is how many agents a value rests on (NaN where that means nothing). Values are in the
    outcome's own unit: people, yuan at 2020 prices, shares. Months without a value have no row.
    """
    places = run.table("settlements")
    groups = place_groups(places, targeted)
    k = float(run.info["persons_per_agent"])
    parts = [
        *_of_places(run, months, groups, k), *_services(run, months, groups, k), *_national(run, months),
        *_net_moves(run, months, groups, k), *_graduates(run, months, groups, k), *_schooling(run, months, k), *_deciles(run, months),
        *_spending(run, months), *_governments(run, months),
    ]  # fmt: skip
    frame = pd.DataFrame(parts, columns=[*KEYS, "value", "agents"])
    return frame[frame.value.notna()].drop_duplicates(KEYS, keep="first").reset_index(drop=True)


def told_a_year(table: str, name: str) -> bool:
    """Whether a monthly count is told as the sum of twelve months."""
    outcome = BY_TABLE.get((table, name))
    return name in A_YEAR or (outcome is not None and outcome.kind == PEOPLE and outcome.unit.endswith(" a month"))


def _cube(table: pd.DataFrame, name: str) -> pd.DataFrame:
    """One column as months by settlements."""
    return table.pivot(index="month", columns="settlement_id", values=name).sort_index()


def _of_places(run: Run, months, groups, k):
    table = run.table("settlement_month")
    cubes = {name: _cube(table, name) for name in table.columns if name not in ("month", "settlement_id")}
    for (where, name), outcome in BY_TABLE.items():
        if where != "settlement_month" or name not in cubes or outcome.aggregation not in ("sum", "mean"):
            continue
        cube = cubes[name]
        if outcome.aggregation == "sum":
            totals = {group: cube.loc[:, mask].sum(axis=1, min_count=1) for group, mask in groups.items()}
            if told_a_year(where, name):
                totals = {group: values.rolling(12, min_periods=1).sum() for group, values in totals.items()}
            yield from _rows(name, totals, months, k if outcome.kind == PEOPLE else None)
            continue
        weight = sum(cubes[column] for column in WEIGHT.get(name, (outcome.weight or "residents",)) if column in cubes)
        if not isinstance(weight, pd.DataFrame):
            continue
        for group, mask in groups.items():
            values, heads = cube.loc[:, mask], weight.loc[:, mask].where(cube.loc[:, mask].notna())
            total = heads.sum(axis=1)
            mean = (values * heads).sum(axis=1) / total.where(total > 0)
            for month in months:
                if month in mean.index:
                    yield name, group, month, mean[month], total[month] / k
    for kind in ("local", "returnee"):
        if {f"lasting_{kind}", f"firms_born_{kind}"} <= cubes.keys():
            yield from _survival(cubes[f"lasting_{kind}"], cubes[f"firms_born_{kind}"], f"survival_{kind}", months, groups, k)
    if {"lasting_local", "lasting_returnee"} <= cubes.keys():
        both = cubes["lasting_local"] + cubes["lasting_returnee"]
        yield from _rows("lasting", {group: both.loc[:, mask].sum(axis=1) for group, mask in groups.items()}, months, k)
    if {"unemployed", "employed"} <= cubes.keys():
        force = sum(cubes[c] for c in ("employed", "unemployed", "farming", "flexible", "welfare_jobs") if c in cubes)
        for group, mask in groups.items():
            total = force.loc[:, mask].sum(axis=1)
            rate = cubes["unemployed"].loc[:, mask].sum(axis=1) / total.where(total > 0)
            for month in months:
                if month in rate.index:
                    yield "unemployment_rate", group, month, rate[month], total[month] / k


def _survival(lasting, born, name, months, groups, k):
    """Of the start-ups founded since the start and three years ago or more, the share that is open."""
    old = born.cumsum().shift(LASTING_MONTHS)
    for group, mask in groups.items():
        founded, open_ = old.loc[:, mask].sum(axis=1), lasting.loc[:, mask].sum(axis=1)
        for month in months:
            if month in founded.index and founded[month] > 0:
                yield name, group, month, open_[month] / founded[month], founded[month] / k


def _rows(name, totals, months, k):
    for group, values in totals.items():
        for month in months:
            if month in values.index:
                value = values[month]
                yield name, group, month, value, abs(value) / k if k else np.nan


def _services(run: Run, months, groups, k):
    if "services" not in run.tables:
        return
    table = run.table("services")
    table = table[table.month.isin(months)]
    residents = _cube(run.table("settlement_month"), "residents")
    for service, rows in table.groupby("service"):
        for name in ("supply", "access"):
            if name not in rows:
                continue
            cube = rows.pivot(index="month", columns="settlement_id", values=name)
            heads = residents.loc[cube.index]
            for group, mask in groups.items():
                weight = heads.loc[:, mask]
                mean = (cube.loc[:, mask] * weight).sum(axis=1) / weight.sum(axis=1)
                for month in cube.index:
                    yield f"{name}:{service}", group, month, mean[month], weight.loc[month].sum() / k


def _national(run: Run, months):
    table = run.table("national")
    table = table[table.circle_id == 0].set_index("month")
    for name in table.columns:
        if name == "circle_id" or name in LEFT_OUT:
            continue
        values = table[name]
        if told_a_year("national", name):
            values = values.rolling(12, min_periods=1).sum()
        for month in months:
            if month in values.index:
                yield name, "total", month, values[month], np.nan


def _net_moves(run: Run, months, groups, k):
    """Arrivals less departures since the start of the run, by group of places; moves inside a group cancel."""
    if "flows" not in run.tables:
        return
    flows = run.table("flows")
    origin, destination = flows.origin_id.to_numpy(), flows.destination_id.to_numpy()
    people, year = flows.moves.to_numpy(dtype=float), flows.year.to_numpy()
    college = (flows.education == "college").to_numpy()
    start = run.scenario.start_month
    for month in months:
        if month.month != 12 and month.year * 12 + month.month - 1 != run.scenario.end_month:
            continue
        if month.year * 12 + month.month - 1 <= start:
            continue
        known = year <= month.year
        for group, mask in groups.items():
            if mask.all():
                continue
            into, out = mask[destination] & ~mask[origin], mask[origin] & ~mask[destination]
            for name, some in (("net_migration", known), ("net_talent_migration", known & college)):
                gross = people[some & (into | out)].sum()
                yield name, group, month, people[some & into].sum() - people[some & out].sum(), gross / k


def _graduates(run: Run, months, groups, k):
    """Of all who left college since the start, the share who lived in December in the settlement of their study."""
    if "cohorts" not in run.tables:
        return
    cohorts = run.table("cohorts")
    cohorts = cohorts[cohorts.graduation_year > run.scenario.start_month // 12]
    study, home = cohorts.study_id.to_numpy(), cohorts.residence_id.to_numpy()
    people, year = cohorts.graduates.to_numpy(dtype=float), cohorts.graduation_year.to_numpy()
    for month in months:
        if month.month != 12:
            continue
        for group, mask in groups.items():
            studied = mask[study] & (year <= month.year)
            total = people[studied].sum()
            if total > 0:
                yield "graduate_retention", group, month, people[studied & (study == home)].sum() / total, total / k
                yield "graduates_living_here", group, month, people[mask[home] & (year <= month.year)].sum(), total / k


def _schooling(run: Run, months, k):
    if "settlement_groups" not in run.tables:
        return
    table = run.table("settlement_groups")
    for month in months:
        if month.month != 12:
            continue
        rows = table[(table.year == month.year) & ~table.age_band.isin(["0-14", "0-15"])]
        for group, word in education_groups().items():
            some = rows[rows.education == word]
            heads = float(some.people.sum())
            yield "people", group, month, heads, heads / k
            if heads > 0:
                yield "employed_share", group, month, some.employed.sum() / heads, heads / k
            known = some[some.income_mean_pc.notna()]
            weight = float(known.people.sum())
            if weight > 0:
                yield "income_mean_pc", group, month, (known.income_mean_pc * known.people).sum() / weight, weight / k


def _deciles(run: Run, months):
    if "deciles" not in run.tables:
        return
    table = run.table("deciles")
    columns = [name for name in table.columns if name not in ("year", "circle_id", "decile")]
    for month in months:
        if month.month == 12:
            for row in table[(table.year == month.year) & (table.circle_id == 0)].itertuples():
                for name in columns:
                    yield name, f"decile:{row.decile}", month, float(getattr(row, name)), np.nan


def _spending(run: Run, months):
    """Yuan spent and people reached by each policy, since the start of the run."""
    if "policy_month" not in run.tables:
        return
    table = run.table("policy_month")
    for name in ("spent_yuan", "asked_yuan", "reached_people"):
        if name not in table:
            continue
        sums = table.pivot_table(index="month", columns="policy_id", values=name, aggfunc="sum").sort_index().fillna(0.0).cumsum()
        for month in months:
            upto = sums[sums.index <= month]
            if len(upto):
                for policy, value in upto.iloc[-1].items():
                    yield name, f"policy:{policy}", month, float(value), np.nan
                yield name, "total", month, float(upto.iloc[-1].sum()), np.nan


def _governments(run: Run, months):
    """Revenue, transfers and spending of the last twelve months, and what is owed less what is held, by local governments and the centre."""
    if "government_month" not in run.tables:
        return
    table = run.table("government_month")
    for group, rows in (("total", table), ("government:local", table[table.government_id != 0]), ("government:central", table[table.government_id == 0])):
        sums = rows.groupby("month")[[c for c in ("own_revenue", "transfers_in", "spending", "debt", "cash") if c in rows]].sum().sort_index()
        year = sums.rolling(12, min_periods=1).sum()
        for month in months:
            if month not in sums.index:
                continue
            for name in ("own_revenue", "spending", *(("transfers_in",) if group == "government:local" else ())):
                if name in sums:
                    yield f"government_{name}", group, month, float(year.loc[month, name]), np.nan
            if {"debt", "cash"} <= set(sums.columns):
                yield "government_net_debt", group, month, float(sums.loc[month, "debt"] - sums.loc[month, "cash"]), np.nan
