"""Forty worlds at the edge of what can be: empty, one-sided, broke, split, without work, homes or distances."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np

from simulator.foundations.units import COUNTY_TOWN, RURAL
from simulator.worlds.library import load_world
from simulator.worlds.tables import WorldTables
from tests.worlds_factory import tiny_world

PEOPLE = 600_000.0
WEIGHT = 1_000
"""Persons an agent: six hundred agents in ten settlements."""


def plain(n: int = 10, people=PEOPLE, **changes) -> WorldTables:
    """The tiny country with the drivers of the shipped worlds."""
    return tiny_world(n, people, drivers=load_world("city-circle", 2020).drivers, **changes)


def changed(world: WorldTables | None = None, **changes) -> WorldTables:
    """A world with some of its tables replaced."""
    return dataclasses.replace(world or plain(), **changes)


def scaled(name: str, factor: float, world: WorldTables | None = None) -> WorldTables:
    """A world in which every number of a table is multiplied."""
    world = world or plain()
    table = getattr(world, name)
    return changed(world, **{name: (table * factor).astype(table.dtype)})


def only(axis: int, keep, world: WorldTables | None = None) -> WorldTables:
    """A world whose people are only those of some rows of an axis of the table of people; settlements keep their size."""
    world = world or plain()
    table = np.zeros_like(world.people)
    where = [slice(None)] * 5
    where[axis] = keep
    table[tuple(where)] = world.people[tuple(where)]
    total = table.sum(axis=(1, 2, 3, 4), keepdims=True)
    table *= np.divide(world.people.sum(axis=(1, 2, 3, 4), keepdims=True), total, out=np.zeros_like(total), where=total > 0)
    return changed(world, people=table.astype("f4"))


def work(jobs: float, farms: float) -> WorldTables:
    """A world in which everybody's chances of work are the same."""
    world = plain()
    table = np.empty_like(world.work)
    table[...] = (jobs, farms, 1.0 - jobs - farms)
    return changed(world, work=table)


def sector(number: int, share: float) -> WorldTables:
    """A world in which one sector has a share of all jobs, the others the rest in equal parts."""
    world = plain()
    table = np.full_like(world.sector_mix, (1.0 - share) / 5)
    table[:, number] = share
    return changed(world, sector_mix=table)


def path(name: str, value: float) -> WorldTables:
    """A world in which an outside driver stands at a value."""
    world = plain()
    years = np.array([2000.0, 2050.0])
    paths = {"all": {variant: (years, np.array([value, value])) for variant in ("low", "middle", "high")}}
    return changed(world, drivers=world.drivers | {name: paths})


def people_in(*numbers: float) -> list[float]:
    """People of ten settlements: the numbers given, then nobody."""
    return [*numbers, *([0.0] * (10 - len(numbers)))]


def incomes(urban: float, rural: float) -> WorldTables:
    """A world with the same incomes in every province."""
    world = plain()
    return changed(world, income_urban=np.full(2, urban), income_rural=np.full(2, rural))


def hours(value: float) -> WorldTables:
    """A world in which every way takes the same time."""
    return plain(hours=np.full((10, 10), value))


def split() -> WorldTables:
    """Two circles that nobody gets between within a life."""
    world = plain()
    table = world.hours.copy()
    table[world.circle[:, None] != world.circle[None, :]] = 1e6
    return changed(world, hours=table)


def alike() -> WorldTables:
    """Ten county towns that nobody can tell apart."""
    world = plain(kinds=[COUNTY_TOWN] * 10, people=[60_000.0] * 10, hours=np.full((10, 10), 1.0), circles=[1] * 10)
    return changed(world, income_urban=np.full(1, 30_000.0), income_rural=np.full(1, 30_000.0), net_migration=np.zeros(10))


EDGES: dict[str, tuple[Callable[[], WorldTables], dict]] = {
    "nobody": (lambda: plain(people=[0.0] * 10), {}),
    "one person": (lambda: plain(people=people_in(1_000.0)), {}),
    "two people far apart": (lambda: plain(people=[1_000.0, *[0.0] * 8, 1_000.0]), {}),
    "an empty settlement": (lambda: plain(people=[0.0, *[60_000.0] * 9]), {}),
    "all settlements empty but one": (lambda: plain(people=people_in(600_000.0)), {}),
    "an empty province": (lambda: plain(people=people_in(*[100_000.0] * 5)), {}),
    "a single settlement": (lambda: plain(1, 60_000.0), {}),
    "only villages": (lambda: plain(kinds=[RURAL] * 10), {}),
    "only towns": (lambda: plain(kinds=[COUNTY_TOWN] * 10), {}),
    "nobody works": (lambda: work(0.0, 0.0), {}),
    "everybody works": (lambda: work(1.0, 0.0), {}),
    "everybody farms": (lambda: work(0.0, 1.0), {}),
    "no vacancy": (lambda: path("job_offers", 0.0), {}),
    "every job ends every month": (plain, {"labour__separation_rate": 1.0, "labour__migrant_separation_rate": 1.0}),
    "no job ever ends": (plain, {"labour__separation_rate": 0.0, "labour__migrant_separation_rate": 0.0}),
    "no dwelling": (lambda: scaled("dwellings", 0.0), {}),
    "a thousand dwellings a head": (lambda: scaled("dwellings", 2_500.0), {}),
    "no tax on pay": (plain, {"household__income_tax": 0.0, "household__employee_contributions": 0.0}),
    "all of pay taxed": (plain, {"household__income_tax": 1.0, "household__employee_contributions": 1.0}),
    "no local revenue": (plain, {"finance__local_tax_share": 0.0}),
    "bankrupt governments": (lambda: scaled("local_budget", 50.0), {"finance__debt_cap": 0.0, "finance__debt_base": 10.0, "finance__interest": 0.5}),
    "no government budget": (lambda: scaled("local_budget", 0.0), {}),
    "a split graph": (split, {}),
    "no distance": (lambda: hours(0.0), {}),
    "a year of travel": (lambda: hours(8_760.0), {}),
    "equal utilities": (alike, {}),
    "a country of pensioners": (lambda: only(2, slice(13, 19)), {}),
    "a country of children": (lambda: only(2, slice(0, 3)), {}),
    "only men": (lambda: only(3, 0), {}),
    "only women": (lambda: only(3, 1), {}),
    "only graduates": (lambda: only(4, 3), {}),
    "nobody from elsewhere": (lambda: only(1, 0), {}),
    "everybody from another province": (lambda: only(1, 3), {}),
    "a plague": (lambda: scaled("mortality_shape", 400.0), {}),
    "no births": (lambda: path("tfr", 0.0), {}),
    "ten births a woman": (lambda: path("tfr", 10.0), {}),
    "everybody considers a move every month": (plain, {"migration__consider_rate": 1.0}),
    "everybody looks for work": (plain, {f"labour__search_weight_{who}": 0.99 for who in ("employed", "flexible", "farming")}),
    "nobody considers a move": (plain, {"migration__consider_rate": 0.0}),
    "no university": (lambda: scaled("university_places", 0.0), {}),
    "universities for all": (lambda: scaled("university_places", 1_000.0), {}),
    "one yuan a year": (lambda: incomes(1.0, 1.0), {}),
    "a million yuan a month": (lambda: incomes(12e6, 12e6), {}),
    "villages ten times as rich as towns": (lambda: incomes(10_000.0, 100_000.0), {}),
    "all jobs with governments": (lambda: sector(5, 1.0), {}),
    "no jobs with governments": (lambda: sector(5, 0.0), {}),
    "all jobs with platforms": (lambda: sector(3, 1.0), {}),
    "every village becomes town": (lambda: plain(relabel_rate=1.0), {}),
    "pay halves every year": (lambda: path("productivity_growth", -0.7), {}),
    "everything is spent": (plain, {"household__consume_income": 1.0, "household__consume_wealth": 1.0, "household__target_months": 0.0}),
    "nothing is spent": (plain, {"household__consume_income": 0.0, "household__consume_wealth": 0.0}),
    "three agents a settlement": (plain, {"persons_per_agent": 20_000}),
}
"""Name, and how to make the world and settings of the scenario."""

QUICK = (
    "nobody", "one person", "an empty settlement", "no vacancy", "bankrupt governments", "no distance",
    "a country of pensioners", "no dwelling", "all of pay taxed",
)  # fmt: skip
"""Those that are lived in the quick tests; the others are long."""
