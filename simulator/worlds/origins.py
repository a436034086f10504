"""Where people who live away from their registration come from, and whose registration is rural."""

from __future__ import annotations

import numpy as np

from simulator.foundations.units import COUNTY_TOWN, RURAL
from simulator.worlds.joint import of_working_age
from simulator.worlds.margins import scale_odds, solve_odds

SENDING = np.array([0.15, 0.25, 0.45, 0.6, 1.0])
"""Propensity of a local to be away, by kind of the home settlement, countryside = 1 (assumed)."""

LOCAL_RURAL = np.array([0.25, 0.35, 0.45, 0.50, 0.955])
MIGRANT_RURAL = np.array([0.60, 0.80, 0.85])
"""Starting shares of rural hukou: of locals by kind, of migrants by class; one factor on the odds is solved."""

TARGETS = {
    2020: {"urban_hukou": 0.454, "outgoing": 169.59e6, "local": 116.01e6, "away_work": 1.19},
    2010: {"urban_hukou": 0.342, "outgoing": 153.35e6, "local": 88.88e6, "away_work": 1.15},
}
"""Urban share by hukou; migrant workers who went out and who stayed near: national series. And
`away_work`: non-farm work of people from another county relative to everyone of their settlement and
schooling, being younger and seldom farming, as the first population turns out."""


def home_provinces(lifetime_2010: np.ndarray) -> np.ndarray:
    """[P residence, P home]: rows of the 2010 birthplace matrix, each scaled to sum to one.

    Fitting the matrix to a later year's destination totals scales rows only, so the shares of
    origins within a destination stay those of 2010.
    """
    away = lifetime_2010.copy()
    np.fill_diagonal(away, 0)
    return away / away.sum(axis=1, keepdims=True)


def home_kinds(province: np.ndarray, provinces: int, kind: np.ndarray, local: np.ndarray) -> np.ndarray:
    """[P, n]: where in its home province an inter-provincial migrant is registered."""
    weight = local * SENDING[kind]
    table = np.zeros((provinces, len(kind)))
    table[province, np.arange(len(kind))] = weight
    return table / table.sum(axis=1, keepdims=True)


def homes_in_province(province: np.ndarray, kind: np.ndarray, local: np.ndarray, hours: np.ndarray, units: np.ndarray) -> np.ndarray:
    """[n, n]: registration of residents who come from another county of their province.

    Gravity: locals of the home cell by sending propensity over (1 + hours)²; the diagonal
    counts only where the cell holds more than one county unit, with the others' share.
    """
    pull = np.where(np.isin(kind, (COUNTY_TOWN, RURAL)), 1.0, 0.5) * SENDING[kind] * local
    table = np.where(province[:, None] == province[None, :], pull[None, :] / (1 + hours) ** 2, 0.0)
    own = np.arange(len(kind))
    table[own, own] *= 1 - 1 / np.maximum(units, 1)
    lonely = table.sum(axis=1) <= 0
    table[lonely] = np.where(province[lonely, None] == province[None, :], pull[None, :], 0.0)
    return table / table.sum(axis=1, keepdims=True)


def rural_hukou(kind, people, work, shape, target: dict) -> tuple[np.ndarray, np.ndarray, dict]:
    """Share with rural hukou of locals [n] and of the three migrant classes [n, 3].

    Expected values with `work`: first one factor on the odds of those from another county makes
    their rural non-farm workers the outgoing migrant workers (at most .93 of them are rural:
    the survey also counts people whom a census finds at home); then one factor on the odds of
    everyone else makes the urban share by hukou exact. `shape`, where known, is the share of
    rural hukou among locals as counted.
    """
    by_class = people.sum(axis=(2, 3, 4))
    jobs = (of_working_age(people) * work[:, None, :, 0]).sum(axis=2)
    jobs[:, 2:] *= target.get("away_work", 1.0)
    start = np.tile(MIGRANT_RURAL, (len(kind), 1))
    factor = solve_odds(start[:, 1:], jobs[:, 2:], target["outgoing"])
    reached = scale_odds(start[:, 1:], factor)
    if (reached * by_class[:, 2:]).sum() / by_class[:, 2:].sum() > 0.93:
        factor = solve_odds(start[:, 1:], by_class[:, 2:], 0.93 * by_class[:, 2:].sum())
        reached = scale_odds(start[:, 1:], factor)
    local = np.clip(LOCAL_RURAL[kind] if shape is None else shape, 0.02, 0.985)
    rest = np.stack([local, np.full(len(kind), MIGRANT_RURAL[0])], axis=1)
    rural = (1 - target["urban_hukou"]) * by_class.sum() - (reached * by_class[:, 2:]).sum()
    free = kind != RURAL
    rest[~free, 0] = np.maximum(rest[~free, 0], 0.95)
    fixed = (rest[~free] * by_class[~free, :2]).sum()
    shift = solve_odds(rest[free], by_class[free, :2], rural - fixed)
    rest[free] = scale_odds(rest[free], shift)
    found = {
        "outgoing": float((reached * jobs[:, 2:]).sum()),
        "local": float((rest * jobs[:, :2]).sum()),
        "urban_hukou": float(1 - ((rest * by_class[:, :2]).sum() + (reached * by_class[:, 2:]).sum()) / by_class.sum()),
        "migrant_odds": factor,
        "local_odds": shift,
    }
    return rest[:, 0], np.concatenate([rest[:, 1:], reached], axis=1), found
