"""How people of each age die and bear children in a year: life tables and fertility schedules of the nation.

Deaths follow a Gompertz-Makeham law with infant mortality; births a bell over the mother's age.
Both follow the drivers (life expectancy, infant mortality, total fertility, mean age at birth) and
are scaled once, so that the base year has the published deaths and births given its people.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from simulator.foundations.units import AGE_GROUP_START, FEMALE, year_of
from simulator.worlds.drivers import driver_at
from simulator.worlds.tables import WorldTables

OLDEST = 110
MAKEHAM = 0.0003
CHILD, CHILD_DECLINE = 0.0006, 0.35
GOMPERTZ = (0.088, 0.100)
"""Growth of mortality with age, men and women (assumed near Chinese tables of 2010 and 2020)."""
FERTILITY_SD = 4.8
"""Standard deviation of mothers' age at birth, years (assumed)."""
LAST_AGE_FALL = 0.80
"""People of age a + 1 for one of age a within the open group 85+ (assumed)."""


def life_table(level: float, sex: int, infant: float) -> np.ndarray:
    """Yearly probabilities of death [111] at a Gompertz level.

    q(x) = 1 - exp(-(c + child·exp(-.35 x) + level·exp(b x))) at mid-year ages; q(0) = infant
    mortality; q(110) = 1.
    """
    age = np.arange(OLDEST + 1) + 0.5
    force = MAKEHAM + CHILD * np.exp(-CHILD_DECLINE * age) + level * np.exp(GOMPERTZ[sex] * age)
    q = 1 - np.exp(-force)
    q[0] = infant
    q[-1] = 1.0
    return q


def life_expectancy(q: np.ndarray) -> float:
    """Years at birth: the sum of survivors at mid-year (deaths in the first year at .15)."""
    alive = np.concatenate([[1.0], np.cumprod(1 - q)])
    lived = (alive[:-1] + alive[1:]) / 2
    lived[0] = alive[1] + 0.15 * (1 - alive[1])
    return float(lived.sum())


@lru_cache(maxsize=4096)
def fit_life_table(expectancy: float, sex: int, infant: float) -> np.ndarray:
    """The life table with this life expectancy at birth (bisection on the Gompertz level)."""
    low, high = -18.0, -5.0
    for _ in range(60):
        middle = (low + high) / 2
        if life_expectancy(life_table(np.exp(middle), sex, infant)) > expectancy:
            low = middle
        else:
            high = middle
    q = life_table(np.exp((low + high) / 2), sex, infant)
    q.setflags(write=False)
    return q


def single_ages(groups: np.ndarray) -> np.ndarray:
    """People by single age [..., 111] from the 19 age groups: even within a group, falling in 85+."""
    ages = np.zeros((*groups.shape[:-1], OLDEST + 1))
    for g, start in enumerate(AGE_GROUP_START):
        end = AGE_GROUP_START[g + 1] if g + 1 < len(AGE_GROUP_START) else OLDEST + 1
        weight = LAST_AGE_FALL ** np.arange(end - start) if start == 85 else np.ones(end - start)
        ages[..., start:end] = groups[..., g, None] * (weight / weight.sum())
    return ages


def _tables_at(drivers: dict, month: int, variant: str) -> np.ndarray:
    infant = driver_at(drivers, "infant_mortality", month, variant=variant) / 1000
    names = ("life_expectancy_men", "life_expectancy_women")
    return np.stack([
        fit_life_table(driver_at(drivers, name, month, variant=variant), sex, infant) for sex, name in enumerate(names)
    ])  # fmt: skip


def _base_people(world: WorldTables) -> np.ndarray:
    """People of the base year by sex and single age [2, 111]."""
    return single_ages(world.people.sum(axis=(0, 1, 4), dtype=np.float64).T)


def _base_month(world: WorldTables) -> int:
    """Mid-year of the base year, to which yearly numbers belong."""
    return year_of(world.base_month) * 12 + 6


@lru_cache(maxsize=16)
def _factors(key: tuple) -> tuple[float, float]:
    world = _KNOWN[key]
    month, people = _base_month(world), _base_people(world)
    deaths = float((people * _tables_at(world.drivers, month, "middle")).sum())
    births = float((people[FEMALE, :50] * _schedule(world.drivers, month, "middle")).sum())
    share = float(people.sum()) / NATION[year_of(world.base_month)]
    return tuple(
        driver_at(world.drivers, name, month) * share / expected if expected > 0 else 1.0
        for name, expected in (("deaths", deaths), ("births", births))
    )


_KNOWN: dict = {}
NATION = {2010: 1_332_810_869.0, 2020: 1_409_778_724.0}
"""People of the nation at the census: a smaller world has its share of births and deaths."""


def base_factors(world: WorldTables) -> tuple[float, float]:
    """Factors on the life table and on the fertility schedule that give the published deaths and births."""
    key = (world.name, world.base_month, float(world.people.sum(dtype=np.float64)))
    _KNOWN.setdefault(key, world)
    return _factors(key)


def mortality_table(world: WorldTables, month: int, variant: str = "middle") -> np.ndarray:
    """Yearly probability of death [2 sexes, 111 ages] of the nation in a month's year.

    A settlement's people multiply it by `world.mortality_shape`. The last age is 1.
    """
    factor = base_factors(world)[0]
    q = np.clip(factor * _tables_at(world.drivers, month, variant), 0, 1)
    q[:, -1] = 1.0
    return q


def _schedule(drivers: dict, month: int, variant: str) -> np.ndarray:
    age = np.arange(50) + 0.5
    mean = driver_at(drivers, "mean_age_at_birth", month, variant=variant)
    shape = np.exp(-0.5 * ((age - mean) / FERTILITY_SD) ** 2)
    shape[:15] = 0
    return driver_at(drivers, "tfr", month, variant=variant) * shape / shape.sum()


def fertility_table(world: WorldTables, month: int, variant: str = "middle") -> np.ndarray:
    """Yearly births a woman by age [50] of the nation in a month's year; zero below 15.

    A settlement's women multiply it by `world.children_ever_born`.
    """
    return base_factors(world)[1] * _schedule(world.drivers, month, variant)
