"""Who lives in a settlement, jointly by migrant class, age, sex and education; who of them works, and at what."""

from __future__ import annotations

import numpy as np

from simulator.worlds.margins import fit_margins, scale_odds, solve_levels, solve_odds

COLLEGE_BY_AGE = {
    2020: [0, 0, 0, 0, 0.10, 0.50, 0.45, 0.40, 0.30, 0.20, 0.15, 0.11, 0.08, 0.06, 0.05, 0.04, 0.04, 0.03, 0.03],
    2010: [0, 0, 0, 0, 0.07, 0.27, 0.22, 0.17, 0.12, 0.09, 0.08, 0.05, 0.04, 0.04, 0.04, 0.03, 0.03, 0.02, 0.02],
}
SENIOR_BY_AGE = {
    2020: [0, 0, 0, 0, 0.62, 0.27, 0.23, 0.20, 0.18, 0.17, 0.14, 0.17, 0.20, 0.14, 0.10, 0.07, 0.07, 0.06, 0.05],
    2010: [0, 0, 0, 0, 0.45, 0.24, 0.20, 0.18, 0.15, 0.15, 0.20, 0.19, 0.10, 0.07, 0.07, 0.06, 0.05, 0.04, 0.03],
}
JUNIOR_BY_AGE = {
    2020: [0, 0, 0, 0.40, 0.25, 0.19, 0.26, 0.32, 0.40, 0.48, 0.52, 0.48, 0.43, 0.38, 0.35, 0.28, 0.22, 0.16, 0.10],
    2010: [0, 0, 0, 0.45, 0.43, 0.44, 0.50, 0.53, 0.57, 0.56, 0.48, 0.42, 0.43, 0.36, 0.25, 0.18, 0.12, 0.08, 0.05],
}
"""Seeds: share of an age group whose highest schooling, finished or attended, is this (assumed; margins correct them)."""

AGE_BY_CLASS = np.array([
    [1.0] * 19,
    [0.8, 0.8, 0.9, 0.9, 1.5, 1.2, 1.2, 1.2, 1.1, 1.0, 0.9, 0.8, 0.8, 0.8, 0.7, 0.6, 0.5, 0.5, 0.5],
    [0.5, 0.5, 0.5, 0.6, 1.8, 2.2, 1.9, 1.7, 1.4, 1.2, 1.0, 0.8, 0.6, 0.5, 0.4, 0.35, 0.3, 0.3, 0.3],
    [0.4, 0.4, 0.4, 0.4, 1.1, 2.2, 2.2, 2.1, 1.9, 1.7, 1.5, 1.2, 0.7, 0.5, 0.35, 0.3, 0.25, 0.2, 0.2],
])  # fmt: skip
"""Seeds: propensity to be of a migrant class by age, peaked at 20 to 45 (assumed)."""

MALE_BY_CLASS = np.array([1.0, 1.0, 1.02, 1.15])
SCHOOLING_BY_CLASS = np.array([[1, 1, 1, 1], [0.8, 1, 1.2, 1.3], [0.7, 0.9, 1.2, 1.6], [0.9, 1.3, 0.9, 0.8]])

IN_SCHOOL = {4: (0.3, 0.5, 0.9, 0.95), 5: (0, 0, 0.05, 0.6)}
"""Share still in school by age group (15-19, 20-24) and education (assumed)."""
WORK_ODDS = np.array([0.7, 1.0, 1.0, 1.8])
FARM_ODDS = np.array([2.2, 1.0, 0.35, 0.04])
"""Odds of working at all, and of farming among those who work, by education (assumed)."""

JOBS = {2020: (750.6e6, 177.2e6), 2010: (761.1e6, 279.3e6)}
"""Employed and employed in farming: labour force survey, China Statistical Yearbook
(published figures, entered without a new check)."""


def fit_people(counts: dict, year: int) -> np.ndarray:
    """Residents [n, migrant class, age group, sex, education]: seeded joint fitted to the census margins.

    Nobody below six has finished more than primary school, nobody below ten junior school,
    nobody below fifteen senior school or college.
    """
    schooling = np.zeros((19, 4))
    for column, table in ((3, COLLEGE_BY_AGE), (2, SENIOR_BY_AGE), (1, JUNIOR_BY_AGE)):
        schooling[:, column] = table[year]
    schooling[:, 0] = 1 - schooling.sum(axis=1)
    sex = np.stack([MALE_BY_CLASS, np.ones(4)], axis=1)
    seed = (
        AGE_BY_CLASS[:, :, None, None] * sex[:, None, :, None]
        * SCHOOLING_BY_CLASS[:, None, None, :] * schooling[None, :, None, :]
    )  # fmt: skip
    people, male = counts["population"], counts["male"]
    margins = [
        ((1,), counts["migrants"]),
        ((3,), np.stack([male, people - male], axis=1)),
        ((2,), counts["ages"]),
        ((4,), counts["education"]),
    ]
    fitted = fit_margins(np.broadcast_to(seed, (len(people), *seed.shape)), margins)
    return fitted * (people / fitted.sum(axis=(1, 2, 3, 4)))[:, None, None, None, None]


def of_working_age(people: np.ndarray) -> np.ndarray:
    """People 16 to 64 who are not in school, [n, migrant class, education]."""
    group = people.sum(axis=3)
    total = group[:, :, 5:14].sum(axis=2) + 0.8 * group[:, :, 4]
    total -= 0.8 * group[:, :, 4] * np.array(IN_SCHOOL[4])
    return total - group[:, :, 5] * np.array(IN_SCHOOL[5])


def fit_work(people: np.ndarray, counts: dict, national_jobs: tuple[float, float]) -> np.ndarray:
    """Shares [n, education, (non-farm, farming, none)] of people 16-64 not in school.

    The long form gives each settlement's employment rate and farm share; one national factor on
    the odds of each makes `national_jobs` (employed, of whom in farming), the totals of the labour
    force survey. The survey counts all ages; the model gives every job to people of working age.
    """
    adults = of_working_age(people).sum(axis=1)
    total, farm = national_jobs
    weight = adults.sum(axis=1)
    rate = np.clip(counts["employed"] / weight, 0.2, 0.97)
    rate = scale_odds(rate, solve_odds(rate, weight, total))
    working = solve_levels(scale_odds(np.full((1, 4), 0.5), WORK_ODDS) * np.ones((len(weight), 1)), adults, rate * weight)
    workers = adults * working
    share = np.clip(counts["farmers"] / np.maximum(counts["employed"], 1), 1e-4, 0.995)
    share = scale_odds(share, solve_odds(share, workers.sum(axis=1), farm))
    farming = solve_levels(
        scale_odds(np.full((1, 4), 0.5), FARM_ODDS) * np.ones((len(weight), 1)), workers, share * workers.sum(axis=1)
    )
    return np.stack([working * (1 - farming), working * farming, 1 - working], axis=2)


PLATFORM_SHARE = np.array([0.07, 0.07, 0.06, 0.05, 0.04])
AGRIBUSINESS_SHARE = np.array([0.005, 0.01, 0.02, 0.03, 0.06])
"""Platform jobs in local services, agribusiness jobs in all non-farm jobs, by kind (assumed)."""


def mix_sectors(sectors: np.ndarray, kind: np.ndarray, year: int) -> np.ndarray:
    """Shares [n, 6] of non-farm jobs by units.SECTORS; platforms hardly existed in 2010 (a fifth of 2020)."""
    share = sectors / sectors.sum(axis=1, keepdims=True)
    agri = AGRIBUSINESS_SHARE[kind]
    platform = share[:, 1] * PLATFORM_SHARE[kind] * (1.0 if year >= 2020 else 0.2)
    six = np.stack([share[:, 0], share[:, 1] - platform, share[:, 2], platform, np.zeros(len(kind)), share[:, 3]], axis=1)
    six *= (1 - agri)[:, None]
    six[:, 4] = agri
    return six
