"""The base year against the census: residents, towns, migrants and incomes before any month is lived."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulator.foundations.units import FEN, RURAL
from simulator.kernels import counting, earning
from simulator.mechanisms import earnings

STAYS = {
    "same county": (counting.TOWNSHIP, counting.CELL),
    "same province": (counting.COUNTY,),
    "other province": (counting.PROVINCE,),
}
"""Classes of the count that make each migrant class of the census (its rows 1, 2 and 3)."""


class Check(NamedTuple):
    """One property of the base year, nation or provinces: what is published and what the first population shows."""

    name: str
    published: np.ndarray
    found: np.ndarray
    allowed: float
    """Largest relative miss, or the largest difference where `slack` says so."""
    slack: float
    """Miss that is always allowed, in the unit of the numbers (one or two agents)."""
    relative: bool = True

    @property
    def miss(self) -> np.ndarray:
        """Relative miss, or difference, of each value."""
        difference = self.found - self.published
        return difference / self.published if self.relative else difference

    @property
    def beyond(self) -> np.ndarray:
        """Rows that miss by more than is allowed and by more than the slack."""
        return np.flatnonzero((np.abs(self.miss) > self.allowed) & (np.abs(self.found - self.published) > self.slack))


def compare_base_year(model) -> list[Check]:
    """Every check of a model before its first month; people are enumerated as a census does it."""
    world, counts, agent = model.world, model.counts, float(model.persons_per_agent)
    slack = agent * (1 + 1e-9)

    def by_province(values):
        return np.bincount(world.province, weights=values, minlength=len(world.province_code))

    urban = world.kind != RURAL
    share = (world.population[urban].sum() / world.population.sum(), counts.residents[urban].sum() / counts.residents.sum())
    checks = [
        Check("residents by province", by_province(world.population), agent * by_province(counts.residents), 0.005, slack),
        Check("urban share", np.array([share[0]]), np.array([share[1]]), 0.003, 0.0, relative=False),
    ]
    census = world.people.sum(axis=(2, 3, 4), dtype=np.float64)
    for k, (name, classes) in enumerate(STAYS.items(), start=1):
        published, found = by_province(census[:, k]), agent * by_province(counts.hukou_class[:, classes].sum(axis=1))
        nation = np.array([published.sum()]), np.array([found.sum()])
        checks += [
            Check(f"hukou elsewhere, {name}: nation", *nation, 0.01, 0.0),
            Check(f"hukou elsewhere, {name}: by province", published, found, 0.02, 2 * slack),
        ]
    heads, money = incomes_received(model)
    for name, side, published in (("urban", urban, world.income_urban), ("rural", ~urban, world.income_rural)):
        per_head = by_province(np.where(side, money, 0)) / by_province(np.where(side, heads, 0))
        checks.append(Check(f"{name} income per head by province", published.astype(float), 12 * per_head, 0.02, 0.0))
    return checks


def incomes_received(model) -> tuple[np.ndarray, np.ndarray]:
    """(people, yuan received a month) by settlement of residence, as the month's pay will pay them."""
    people, n = model.persons, model.world.n
    table = earnings.income_table(model)
    gains = earning.property_of_everyone(people.residence, people.savings, earnings.property_rates(model))
    alive = people.alive == 1
    where = people.residence[alive]
    income = table[where, people.state[alive], people.insurance[alive]] + people.wage[alive]
    income += gains[alive] + people.received[alive]
    return np.bincount(where, minlength=n), np.bincount(where, weights=income / FEN, minlength=n)
