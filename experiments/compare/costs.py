"""Who gains and who pays: income by tenth of the people, change by place, and what a unit of effect costs the public purse."""

from __future__ import annotations

import numpy as np
import pandas as pd

from experiments.compare.effects import FEWEST_AGENTS, describe
from experiments.compare.measuring import KEYS
from experiments.statistics import paired_effect, t_interval
from simulator.runs import Run

GAINS = (
    ("talent_pool", "targeted"), ("residents", "targeted"), ("employed", "targeted"), ("graduates_living_here", "targeted"),
    ("talent_pool", "kind:county_town"), ("talent_pool", "kind:rural"), ("residents", "kind:county_town"), ("residents", "kind:rural"),
    ("employed", "total"), ("unemployed", "total"), ("left_behind_children", "total"), ("left_behind_elders", "total"),
    ("poverty_headcount", "total"), ("returns_12m", "total"), ("firms", "targeted"), ("lasting_local", "targeted"), ("lasting_returnee", "targeted"), ("lasting", "targeted"),
)  # fmt: skip
"""Effects for which a cost per unit is told where they differ from zero in the direction wished for."""
LESS_IS_BETTER = ("unemployed", "left_behind_children", "left_behind_elders", "poverty_headcount")


def costs_table(measured: list[tuple[pd.DataFrame, pd.DataFrame]]) -> pd.DataFrame:
    """Money since the start and yuan a unit of effect at the last month.

    Columns: month, policy (`total`, or a policy's name), spent_yuan with lo and hi (difference between the two sides), and for
    `total` rows outcome, group, effect, yuan_per_unit, lo, hi, n_pairs. A ratio is told only where the interval of
    the effect lies on the side wished for; its interval is by the delta method on the pairs, which share their luck:
    var(C/E) = (var C + r^2 var E - 2 r cov(C, E)) / E^2. No row where no policy reports its spending.
    """
    values = [_differences(base, other) for base, other in measured]
    months = {key[2] for value in values for key in value if key[0] == "spent_yuan"}
    if not months:
        return pd.DataFrame(columns=["month", "policy", "outcome", "group", "spent_yuan", "spent_lo", "spent_hi", "effect", "yuan_per_unit", "lo", "hi", "n_pairs"])
    last = max(months)
    rows = []
    policies = sorted({key[1] for value in values for key in value if key[0] == "spent_yuan"})
    for group in policies:
        spent = np.array([value.get(("spent_yuan", group, last), 0.0) for value in values])
        found = t_interval(spent)
        rows.append({"month": last, "policy": group.removeprefix("policy:"), "spent_yuan": float(found.mean), "spent_lo": float(found.lo),
                     "spent_hi": float(found.hi), "n_pairs": len(values)})  # fmt: skip
    spent = np.array([value.get(("spent_yuan", "total", last), 0.0) for value in values])
    for outcome, group in GAINS:
        effect = np.array([value.get((outcome, group, last), np.nan) for value in values])
        if np.isnan(effect).any() or not spent.any():
            continue
        ratio = cost_per_unit(spent, -effect if outcome in LESS_IS_BETTER else effect)
        if ratio is not None:
            rows.append({"month": last, "policy": "total", "outcome": outcome, "group": group, "spent_yuan": float(spent.mean()),
                         "effect": float(effect.mean()), "yuan_per_unit": ratio[0], "lo": ratio[1], "hi": ratio[2], "n_pairs": len(values)})  # fmt: skip
    return pd.DataFrame(rows)


def cost_per_unit(spent: np.ndarray, effect: np.ndarray) -> tuple[float, float, float] | None:
    """(yuan a unit, lo, hi) over pairs; None where the interval of the effect reaches down to zero, or for one pair."""
    found, n = t_interval(effect), len(effect)
    if n < 2 or not found.lo > 0:
        return None
    ratio = spent.mean() / effect.mean()
    spread = np.cov(spent, effect) / n
    se = np.sqrt(max(spread[0, 0] + ratio**2 * spread[1, 1] - 2 * ratio * spread[0, 1], 0.0)) / abs(effect.mean())
    half = se * float(found.hi - found.mean) / float(found.se) if found.se > 0 else 0.0
    return float(ratio), float(ratio - half), float(ratio + half)


def _differences(base: pd.DataFrame, other: pd.DataFrame) -> dict[tuple, float]:
    a, b = base.set_index(KEYS).value, other.set_index(KEYS).value
    both = a.index.union(b.index)
    money = [name in ("spent_yuan", "asked_yuan", "reached_people") for name in both.get_level_values("outcome")]
    a, b = a.reindex(both), b.reindex(both)
    a, b = a.where(~(np.array(money) & a.isna()), 0.0), b.where(~(np.array(money) & b.isna()), 0.0)
    return (b - a).dropna().to_dict()


PLACE_OUTCOMES = ("income_median_pc", "talent_pool", "residents")


def places_table(runs: list[tuple[Run, Run]]) -> pd.DataFrame:
    """Change of every settlement in income, talent and residents at the last month each is known, over the pairs.

    Columns: settlement_id, name_en, name_zh, kind, province, outcome, month, base, mean, lo, hi, n_pairs, too_few.
    """
    fixed = runs[0][0].table("settlements")
    frames = [[run.table("settlement_month") for run in pair] for pair in runs]
    k = runs[0][0].info["persons_per_agent"]
    parts = []
    for name in PLACE_OUTCOMES:
        known = frames[0][0][frames[0][0][name].notna()]
        if known.empty:
            continue
        month = known.month.max()
        a, b = (
            np.stack([_at(pair[side], month, name) for pair in frames]).astype(float) for side in (0, 1)
        )
        people = np.mean([_at(pair[0], month, "residents") for pair in frames], axis=0) / k
        agents = np.nan_to_num(np.fmax(a, b)).mean(axis=0) / k if name != "income_median_pc" else people
        found = paired_effect(a, b)
        few = (agents < FEWEST_AGENTS) | (found.n == 0)
        part = fixed[["settlement_id", "name_en", "name_zh", "kind", "province"]].copy()
        part["outcome"], part["month"], part["unit"] = name, month, describe(name)[1]
        part["base"] = np.where(few, np.nan, np.where(found.n > 0, np.nansum(a, axis=0) / np.maximum((~np.isnan(a)).sum(axis=0), 1), np.nan))
        for column in ("mean", "lo", "hi"):
            part[column] = np.where(few, np.nan, getattr(found, column))
        part["n_pairs"], part["too_few"] = found.n.astype(np.int32), few
        parts.append(part)
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _at(table: pd.DataFrame, month, name: str) -> np.ndarray:
    return table[table.month == month].sort_values("settlement_id")[name].to_numpy(dtype=float)
