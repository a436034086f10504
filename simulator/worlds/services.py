"""What a place offers besides work: teachers, nurses, universities, roads, networks, dwellings, rules of entry."""

from __future__ import annotations

import numpy as np

from simulator.foundations.units import RURAL

UNIVERSITY_SHARE = np.array([0.70, 0.25, 0.0, 0.05, 0.0])
ASSUMED_SUPPLY = {
    "elder_care": np.array([1.15, 1.05, 1.0, 0.95, 0.9]),
    "housing_support": np.array([1.3, 1.15, 1.0, 0.9, 0.8]),
    "culture": np.array([1.6, 1.15, 0.95, 0.9, 0.7]),
    "child_welfare": np.array([1.2, 1.1, 1.0, 0.95, 0.85]),
}
TRANSPORT = np.array([1.45, 1.2, 1.05, 0.95, 0.75])
DIGITAL = np.array([1.35, 1.15, 1.05, 0.95, 0.8])
STRICTNESS = {1: 0.2, 2: 0.6, 3: 1.0}
STRICT_KIND = np.array([1.0, 0.8, 0.5, 0.0, 0.0])
"""By kind of settlement (assumed): what no table gives."""

ARABLE_KM2 = {2020: 1_278_600.0, 2010: 1_353_800.0}
"""Arable land of the nation: third and second national land survey (entered without a new check)."""
VACANCY = np.array([1.0, 1.0, 1.0, 1.0, 1.1])
"""Dwellings a household by kind; the countryside keeps houses of people who are away (assumed)."""


def relative(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Values over their weighted mean."""
    return values / np.average(values, weights=weights)


def supply_services(counts, kind, budget_per_head) -> np.ndarray:
    """[n, 6] base-year supply a resident relative to the nation.

    Education and health: staff a resident; the others: provincial budget a head to the power .3
    times a factor by kind (assumed).
    """
    people = counts["population"]
    money = np.power(budget_per_head / np.average(budget_per_head, weights=people), 0.3)
    columns = [counts["teachers"] / people, counts["health"] / people]
    columns += [ASSUMED_SUPPLY[name][kind] * money for name in ("elder_care", "housing_support", "culture", "child_welfare")]
    table = np.stack([relative(column, people) for column in columns], axis=1)
    return np.clip(table, 0.2, 4.0)


def place_universities(entrants, province, kind, counts) -> np.ndarray:
    """Students admitted a year, by settlement: the province's entrants, by kind, then by the college-educated."""
    weight = counts["education"][:, 3]
    pair = province * 5 + kind
    total = np.bincount(pair, weight, minlength=(province.max() + 1) * 5)
    share = UNIVERSITY_SHARE[kind] * weight / np.maximum(total[pair], 1)
    for allowed in (kind != RURAL, kind <= RURAL):  # none of the usual kinds: any town, else anywhere
        nowhere = np.bincount(province, share) <= 0
        share = np.where(nowhere[province], weight * allowed, share)
    found = np.bincount(province, share)
    return entrants[province] * share / found[province]


def infrastructure(gdp_per_head, kind, counts) -> tuple[np.ndarray, np.ndarray]:
    """Transport and digital index, national mean 1: kind factor times provincial product a head to .25 and .15."""
    people = counts["population"]
    rich = gdp_per_head / np.average(gdp_per_head, weights=people)
    return relative(TRANSPORT[kind] * rich**0.25, people), relative(DIGITAL[kind] * rich**0.15, people)


def hukou_strictness(difficulty, kind) -> np.ndarray:
    """0 (open) to 1 (the hardest cities), from the 1-3 difficulty of the province and the kind of place."""
    level = np.interp(difficulty, list(STRICTNESS), list(STRICTNESS.values()))
    return level * STRICT_KIND[kind]


def share_area(circle_area, circle, kind, population) -> np.ndarray:
    """Area by settlement: within a circle by residents to the power .5 times 1, 2, 3, 4, 40 by kind (assumed)."""
    weight = np.sqrt(population) * np.array([1.0, 2.0, 3.0, 4.0, 40.0])[kind]
    total = np.bincount(circle, weight)
    return circle_area[circle] * weight / total[circle]


def share_arable(year, farmers) -> np.ndarray:
    """Arable land by settlement: the nation's, by farmers (assumed: no table below the nation)."""
    return ARABLE_KM2[year] * farmers / farmers.sum()


def class_of_countryside(kind, income_rank) -> np.ndarray:
    """Rural class by quarter of the province's income: relocation, protection, cluster, suburban (assumed)."""
    quarter = np.digitize(income_rank, (0.25, 0.5, 0.75))
    table = np.array([4, 3, 1, 2], dtype=np.uint8)
    return np.where(kind == RURAL, table[quarter], 0).astype(np.uint8)


