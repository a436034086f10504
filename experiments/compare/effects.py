"""The effects of a policy: for every outcome, group and month the paired difference with its interval."""

from __future__ import annotations

import numpy as np
import pandas as pd

from experiments.compare.measuring import KEYS, told_a_year
from experiments.statistics import paired_effect
from simulator.measures.outcomes import BY_TABLE, OUTCOMES, PEOPLE, SHARE, YUAN

FEWEST_AGENTS = 30
"""A value that rests on fewer agents is not told."""

OWN = {
    "net_migration": (PEOPLE, "people since the start", "Net migration since the start", "累计净迁入"),
    "net_talent_migration": (PEOPLE, "people since the start", "Net migration of the college-educated since the start", "累计大学学历人口净迁入"),
    "graduate_retention": (SHARE, "share of graduates since the start", "Graduates who stay where they studied", "毕业生留在就读地的比例"),
    "graduates_living_here": (PEOPLE, "graduates since the start", "Graduates since the start living here", "开始以来毕业生居住人数"),
    "survival_local": (SHARE, "share of firms founded three years ago or more", "Firms of residents that last", "本地创业企业存续率"),
    "survival_returnee": (SHARE, "share of firms founded three years ago or more", "Firms of returnees that last", "返乡创业企业存续率"),
    "lasting": (PEOPLE, "firms", "Start-ups that last", "存续三年以上的创业企业"),
    "people": (PEOPLE, "people of 15 and over", "People", "人口（15岁及以上）"),
    "employed_share": (SHARE, "share of people of 15 and over", "Share employed", "就业比例"),
    "income_mean_pc": (YUAN, "yuan a month, 2020 prices", "Mean income per head", "人均收入"),
    "spent_yuan": (YUAN, "yuan since the start, 2020 prices", "Spent by policies", "政策支出"),
    "asked_yuan": (YUAN, "yuan since the start, 2020 prices", "Asked of policies", "政策申请额"),
    "government_own_revenue": (YUAN, "yuan in 12 months, 2020 prices", "Government revenue", "政府收入"),
    "government_transfers_in": (YUAN, "yuan in 12 months, 2020 prices", "Transfers to local governments", "地方政府所获转移支付"),
    "government_spending": (YUAN, "yuan in 12 months, 2020 prices", "Government spending", "政府支出"),
    "government_net_debt": (YUAN, "yuan, 2020 prices", "Government debt less money held", "政府净债务"),
    "reached_people": (PEOPLE, "people-months since the start", "Reached by policies", "政策惠及人次"),
}  # fmt: skip
"""Outcomes that are computed here: kind, unit, English and Chinese names."""


def describe(outcome: str) -> tuple[str, str, str, str]:
    """(kind, unit, English name, Chinese name) of an outcome of the effects table."""
    if outcome in OWN:
        return OWN[outcome]
    name, _, part = outcome.partition(":")
    found = BY_TABLE.get(("settlement_month", name)) or OUTCOMES.get(name)
    if found is None:
        return "number", "", outcome, outcome
    tail = f" ({part.replace('_', ' ')})" if part else ""
    unit = found.unit
    if told_a_year(found.table, name):
        unit = f"{unit.partition(' a ')[0]} in 12 months"
    return found.kind, unit, found.label_en + tail, found.label_zh + tail


def effects_table(measured: list[tuple[pd.DataFrame, pd.DataFrame]], uncertainty: str) -> pd.DataFrame:
    """Effects over pairs of measured runs (base, other).

    Columns: outcome, group, month, base and other (means), mean, lo, hi (95 % t-interval over the pairs),
    n_pairs, se (paired), se_unpaired, agents, too_few, uncertainty, unit. Where the larger of the two
    sides rests on fewer than 30 agents, mean, lo and hi are null and `too_few` is true.
    """
    sides = [_stack([pair[side] for pair in measured]) for side in (0, 1)]
    index = sides[0][0].index.union(sides[1][0].index)
    (base, base_agents), (other, other_agents) = (tuple(f.reindex(index) for f in side) for side in sides)
    a, b = base.to_numpy().T.copy(), other.to_numpy().T.copy()
    for one, two in ((a, b), (b, a)):  # money and people of a policy that one side does not have are zero there
        absent = np.isnan(one) & ~np.isnan(two)
        policy = np.array([name in ("spent_yuan", "asked_yuan", "reached_people") for name in index.get_level_values("outcome")])
        one[absent & policy[None, :]] = 0.0
    found = paired_effect(a, b)
    with np.errstate(invalid="ignore"):
        agents = np.fmax(base_agents.mean(axis=1).to_numpy(), other_agents.mean(axis=1).to_numpy())
    few = ~np.isnan(agents) & (agents < FEWEST_AGENTS)
    shown = {name: np.where(few, np.nan, getattr(found, name)) for name in ("mean", "lo", "hi", "se", "se_unpaired")}
    table = index.to_frame(index=False)
    table["base"] = np.where(few, np.nan, _mean(a))
    table["other"] = np.where(few, np.nan, _mean(b))
    for name in ("mean", "lo", "hi"):
        table[name] = shown[name]
    table["n_pairs"] = found.n.astype(np.int32)
    table["se"], table["se_unpaired"] = shown["se"], shown["se_unpaired"]
    table["agents"], table["too_few"] = agents, few
    table["uncertainty"] = uncertainty
    table["unit"] = [describe(name)[1] for name in table.outcome]
    return table[table.n_pairs > 0].reset_index(drop=True)


def _stack(frames: list[pd.DataFrame]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Values and agents of many runs, side by side, on the same rows."""
    indexed = [frame.set_index(KEYS) for frame in frames]
    values = pd.concat([frame.value for frame in indexed], axis=1, keys=range(len(frames)))
    agents = pd.concat([frame.agents for frame in indexed], axis=1, keys=range(len(frames)))
    return values.sort_index(), agents.sort_index()


def _mean(values: np.ndarray) -> np.ndarray:
    known = (~np.isnan(values)).sum(axis=0)
    return np.where(known > 0, np.nansum(values, axis=0) / np.maximum(known, 1), np.nan)


def pairing_gain(effects: pd.DataFrame) -> pd.DataFrame:
    """How much smaller the standard error is for pairs that share their luck: median ratio by outcome at the last month."""
    last = effects[(effects.month == effects.month.max()) & effects.se_unpaired.notna() & (effects.se_unpaired > 0) & (effects.se > 0)]
    ratio = (last.se / last.se_unpaired).groupby(last.outcome)
    return pd.DataFrame({"ratio": ratio.median(), "groups": ratio.size()}).reset_index()


def pick(effects: pd.DataFrame, outcome: str, group: str = "total", month=None) -> pd.Series | None:
    """One row of the effects: an outcome of a group at a month (default: the last for which it is known)."""
    rows = effects[(effects.outcome == outcome) & (effects.group == group)]
    rows = rows[rows.month == month] if month is not None else rows[rows["mean"].notna()]
    return None if rows.empty else rows.sort_values("month").iloc[-1]
