"""The people of the model renew themselves as a cohort-component table says, within sampling error."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from simulator.kernels import living
from simulator.mechanisms import demography
from tests.small_country import open_month, small_model

YEARS = 5
BOYS = 1.05 / 2.05


def project(women_and_men: np.ndarray, q: np.ndarray, fertility: np.ndarray, months: int) -> tuple[np.ndarray, float, float]:
    """Cohort-component projection by month: counts [sex, age in months], annual q and f by single age.

    Each month everyone survives with 1 - (1 - (1 - q)^(1/12)); then women bear f / 12 children.
    """
    people, births, deaths = women_and_men.astype(float), 0.0, 0.0
    years = np.minimum(np.arange(people.shape[1]) // 12, 110)
    dies = 1 - (1 - np.minimum(q[:, years], 0.999)) ** (1 / 12)
    bears = np.where(years < 50, fertility[np.minimum(years, 49)], 0.0) / 12
    for month in range(months):
        people = np.pad(people, ((0, 0), (1, 0)))[:, :-1]
        deaths += float((people * dies).sum())
        people *= 1 - dies
        born = float((people[1] * bears).sum())
        people[:, 0] += born * np.array([BOYS, 1 - BOYS])
        births += born
    return people, births, deaths


def pyramid(model) -> np.ndarray:
    """Living people by sex and age in months."""
    persons = model.persons
    rows = persons.alive == 1
    age = model.month - persons.birth_month[rows].astype(int)
    out = np.zeros((2, 1500))
    np.add.at(out, (persons.sex[rows], age), 1)
    return out


def test_five_years_agree_with_the_cohort_component_table():
    model = small_model(30_000, seed=11)
    model.world.mortality_shape = np.ones(4, dtype=np.float32)
    model.scenario["demography.union_hazard_peak"] = 0.05
    table, births, deaths = project(pyramid(model), model.mortality, model.fertility, 12 * YEARS)
    seen_births = seen_deaths = 0
    for _ in range(12 * YEARS):
        model.month += 1
        open_month(model)
        tally = demography.age_bear_and_die(model)
        seen_births += tally["births"]
        seen_deaths += tally["deaths"]
    assert abs(seen_births - births) < 4 * np.sqrt(births)
    assert abs(seen_deaths - deaths) < 4 * np.sqrt(deaths)
    edges = [0, 60, 180, 360, 540, 720, 840, 960, 1500]
    seen = pyramid(model)
    for low, high in pairwise(edges):
        for sex in range(2):
            wanted = table[sex, low:high].sum()
            assert abs(seen[sex, low:high].sum() - wanted) < 4 * np.sqrt(wanted) + 1
    assert (model.persons.partner >= 0).sum() > 1000  # births did not depend on how many couples there were


def test_a_place_with_twice_the_death_rate_loses_its_people_as_its_own_table_says():
    model = small_model(24_000, seed=3)
    model.world.mortality_shape = np.array([0.5, 0.5, 2.0, 2.0], dtype=np.float32)
    model.mortality = np.minimum(1.0, model.mortality * 3)
    model.fertility = np.zeros(50)
    start, seen = np.bincount(model.persons.residence, minlength=4), np.zeros(4)
    expected = np.zeros(4)
    for _ in range(12):
        model.month += 1
        persons = model.persons
        for i in np.flatnonzero(persons.alive == 1):
            age = living.years_old(persons.birth_month[i], model.month)
            q, place = model.mortality[persons.sex[i], age], persons.residence[i]
            expected[place] += living.monthly_death_rate(q, model.world.mortality_shape[place])
        alive = persons.alive.copy()
        open_month(model)
        demography.age_bear_and_die(model)
        died = (alive == 1) & (persons.alive[: len(alive)] == 0)
        seen += np.bincount(persons.residence[: len(alive)][died], minlength=4)
    assert (np.abs(seen - expected) < 4 * np.sqrt(expected)).all()
    assert (seen[2:] > 2 * seen[:2] * start[2:] / start[:2]).all()
