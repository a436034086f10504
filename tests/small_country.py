"""A few thousand people made by hand, and a model object with only what demography and education ask for."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from simulator.foundations import streams
from simulator.foundations.crew import Crew
from simulator.foundations.units import CHILD, EMPLOYED, FARMING, JUNIOR, RETIRED, month_number
from simulator.kernels.classes import N_CLASSES
from simulator.kernels.screening import UNITS, bound_of, screen_everyone
from simulator.mechanisms import demography
from simulator.state.books import Books
from simulator.state.employers import Employers
from simulator.state.levers import Levers
from simulator.state.persons import Households, Persons

SCENARIO = {
    "demography.union_hazard_peak": 0.015, "demography.union_peak_age": 26.0, "demography.retirement_age_men": 60.0,
    "demography.retirement_age_women": 55.0, "migration.attachment_mean": 2.5, "migration.attachment_sd": 1.0,
    "migration.study_loosens_ties": 2.0, "education.senior_enrolment": 0.85, "education.home_province_share": 0.75, "education.college_years": 4,
    "education.adult_degrees_per_year": 1000.0,
}  # fmt: skip


def small_world(n: int = 4, provinces: int = 2) -> SimpleNamespace:
    """n settlements in provinces, one county each; no driver, so every path stands still."""
    return SimpleNamespace(
        n=n, base_month=month_number(2020, 11), drivers={}, province=(np.arange(n) % provinces).astype(np.uint16),
        province_code=np.arange(11, 11 + provinces), university_places=np.full(n, 50.0),
        children_ever_born=np.linspace(0.7, 1.4, n).astype(np.float32),
        mortality_shape=np.linspace(0.8, 1.3, n).astype(np.float32),
        county_cell_start=np.arange(n + 1, dtype=np.int32), county_cell_list=np.arange(n, dtype=np.uint16),
        county_cell_weight=np.ones(n),
    )  # fmt: skip


def small_model(people: int = 0, seed: int = 5, month: int = month_number(2021, 1), n: int = 4) -> SimpleNamespace:
    """`people` adults and children of every age to 90, one household each, in a small world."""
    model = SimpleNamespace(
        world=small_world(n), scenario=dict(SCENARIO), persons=Persons(), households=Households(),
        employers=Employers.one_firm_each(n), ledger=Books(np.zeros(n, dtype=int)), levers=Levers.resting(n), month=month, seed=np.uint64(seed), crew=Crew(1, 1000),
        persons_per_agent=1, mortality=gompertz(), fertility=fertility(), estates_fen=0, month_moves=[],
        forced_considerers=[], graduates=np.empty(0, dtype=np.int32), driver=None,
    )  # fmt: skip
    luck = np.random.default_rng(seed)
    for age in luck.integers(0, 90, people):
        add_person(model, int(age) * 12 + int(luck.integers(12)), int(luck.integers(2)), int(luck.integers(n)))
    return model


def add_person(model, age_months: int, sex: int, place: int = 0, household: int | None = None, **columns) -> int:
    """One more person; alone in a new household unless told."""
    persons, households = model.persons, model.households
    i = persons.append(1)
    persons.uid[i], persons.alive[i], persons.sex[i] = 1000 + i, 1, sex
    persons.birth_month[i] = model.month - age_months
    persons.education[i] = JUNIOR if age_months >= 180 else 0
    state = CHILD if age_months <= 180 else RETIRED if age_months >= 900 else FARMING
    persons.state[i] = state
    for name in ("birthplace", "hukou_place", "root", "residence"):
        getattr(persons, name)[i] = place
    persons.county_hukou[i] = persons.county_residence[i] = place
    if household is None:
        household = households.append(1)
        households.head[household], households.root[household] = i, place
        households.dwelling[household] = place
    households.size[household] += 1
    persons.household[i] = household
    for name, value in columns.items():
        getattr(persons, name)[i] = value
    return i


def give_child(model, child: int, adult: int) -> None:
    """Put a child at the head of an adult's list."""
    persons = model.persons
    persons.guardian[child], persons.next_sibling[child] = adult, persons.first_child[adult]
    persons.first_child[adult] = child


def employ(model, i: int, pool: int) -> None:
    """Give a person a job in a pool."""
    persons = model.persons
    persons.state[i], persons.employer[i], persons.wage[i] = EMPLOYED, pool, 500_000
    persons.workplace[i] = pool // 12
    model.employers.headcount[pool] += 1


def open_month(model) -> None:
    """Classes, birthdays, bounds and candidates, as the model opens a month."""
    model.screen_class, model.birthdays, model.unemployed = demography.open_month(model)
    model.bounds = np.zeros((64, N_CLASSES))
    units = np.stack([bound_of(bounds(model)) for bounds in demography.BOUNDS.values()])
    model.bounds[list(demography.BOUNDS)] = units / UNITS
    people = model.persons
    lists = screen_everyone(model.crew, people.uid, people.alive, model.screen_class, model.month, int(model.seed), units)
    model.candidates = dict(zip(demography.BOUNDS, lists, strict=True))
    model.month_moves, model.forced_considerers = [], []


def all_die(model, rows) -> None:
    """Open a month in which exactly these rows are candidates of death, and all of them die."""
    open_month(model)
    model.mortality = np.full((2, 111), 0.9)
    model.world.mortality_shape = np.ones(model.world.n)
    rate = 1 - 0.1 ** (1 / 12)
    model.bounds[streams.DEATH] = rate * (1 + 1e-9)
    model.candidates[streams.DEATH] = np.array(rows, dtype=np.int32)


def gompertz() -> np.ndarray:
    """Annual death probabilities by sex and age with a slope of .095."""
    ages = np.arange(111)
    q = np.minimum(1.0, np.array([[4e-5], [2.2e-5]]) * np.exp(0.095 * ages))
    q[:, 0] = 0.006
    return q


def fertility() -> np.ndarray:
    """Births a woman-year by age 0 to 49, total 1.5, around 28.5."""
    ages = np.arange(50)
    shape = np.exp(-(((ages - 28.0) / 6.0) ** 2)) * (ages >= 15)
    return 1.5 * shape / shape.sum()


def check_households(model) -> None:
    """Sizes and heads follow from the people."""
    persons, households = model.persons, model.households
    living = (persons.alive == 1) & (persons.household >= 0)
    size = np.bincount(persons.household[living], minlength=len(households))
    assert np.array_equal(size, households.size)
    heads = households.head
    assert np.array_equal(heads >= 0, size > 0)
    seated = np.flatnonzero(heads >= 0)
    assert (persons.alive[heads[seated]] == 1).all()
    assert np.array_equal(persons.household[heads[seated]], seated)
    mates = np.flatnonzero(persons.partner >= 0)
    assert np.array_equal(persons.partner[persons.partner[mates]], mates)
    assert (persons.alive[mates] == 1).all()


def check_lists(model) -> None:
    """Every list of children holds exactly those whose guardian its owner is, each once."""
    persons = model.persons
    seen = np.zeros(len(persons), dtype=int)
    for adult in np.flatnonzero(persons.first_child >= 0):
        child = persons.first_child[adult]
        while child >= 0:
            assert persons.guardian[child] == adult
            seen[child] += 1
            child = persons.next_sibling[child]
    assert np.array_equal(seen, (persons.guardian >= 0).astype(int))
