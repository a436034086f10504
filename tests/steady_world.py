"""A country that should stand still: a stationary life table, births equal to deaths, no growth, no policy.

Its tables are stationary by age, but what has piled up by the base year is not yet where the model's own rules leave it: what
people hold, who has come home, who founded the firms, how firms are spread by age and size, who works until when. So it
lives for thirty years first, and every ten years entries of firms are set to what has closed in those ten years less what people
founded (no growth: as much comes as goes). Only then is it asked whether it stands.
"""

from __future__ import annotations

import dataclasses
from itertools import pairwise

import numpy as np

from simulator.foundations.units import AGE_GROUP_START, EMPLOYED, RURAL, UNEMPLOYED
from simulator.mechanisms.production import returns_to_size
from simulator.model import MigrationModel
from simulator.state.firms import FOUNDED_OUTSIDE, PUBLIC
from tests.edge_worlds import plain

FEMALE_SHARE = 1.0 / 2.05
COLLEGE, SENIOR = 0.25, 0.85
"""Shares of a cohort that study and that finish senior school."""
EARLY_REST = 0.12
"""More people at work below 65 than in the other test worlds: as many as its own rules of retirement and of turning back to
search keep at work for good."""
NO_GROWTH = ("productivity_growth", "farm_productivity_growth", "relabel_share", "catch_up")


def life_table() -> np.ndarray:
    """Yearly probability of death [2, 111], the same for both sexes: Gompertz, life expectancy about 78."""
    q = np.minimum(1.0, 2.6e-5 * np.exp(0.098 * np.arange(111)))
    q[0], q[-1] = 0.005, 1.0
    return np.stack([q, q])


def survivors(q: np.ndarray) -> np.ndarray:
    """Years lived at each single age by one born, [111]."""
    alive = np.concatenate([[1.0], np.cumprod(1.0 - q)])
    return 0.5 * (alive[:-1] + alive[1:])


def fertility(q: np.ndarray) -> np.ndarray:
    """Yearly births a woman by age [50] at which a generation of women replaces itself."""
    ages = np.arange(50) + 0.5
    shape = np.exp(-0.5 * ((ages - 28.5) / 5.0) ** 2) * (ages >= 15)
    return shape / (FEMALE_SHARE * (shape * survivors(q)[:50]).sum())


def standing_world(people: float):
    """Ten settlements with stationary ages and schooling of every generation alike.

    Every place has as many college places as children of its own go to college: where only towns have colleges, villages lose
    graduates for as long as a working life, and no place stands still.
    """
    lived = survivors(life_table()[0])
    edges = [*AGE_GROUP_START, 111]
    ages = np.array([lived[a:b].sum() for a, b in pairwise(edges)])
    ages /= ages.sum()
    world = plain(people=people, net_migration=np.zeros(10))
    table = np.zeros_like(world.people)
    old = np.array([0.0, 1.0 - SENIOR, SENIOR - COLLEGE, COLLEGE])
    for a, start in enumerate(AGE_GROUP_START):
        levels = (1, 0, 0, 0) if start < 15 else (0, 0.6, 0.4, 0.0) if start < 20 else old
        for c, share in enumerate((0.92, 0.04, 0.04, 0.0)):
            table[:, c, a] = (world.population * ages[a] * share * 0.5)[:, None, None] * np.array(levels)
    colleges = world.population / world.population.sum() * COLLEGE * people / lived.sum()
    work = world.work.copy()
    work[:, :, 2] -= EARLY_REST
    work[:, :, 0] += EARLY_REST
    return dataclasses.replace(
        world, people=table, work=work, university_places=colleges, level="synthetic",
        mortality_shape=np.ones(10, dtype="f4"), children_ever_born=np.ones(10, dtype="f4"), relabel_rate=0.0,
    )  # fmt: skip


class Standing(MigrationModel):
    """The model with the outside world of its base month for ever, without growth, and with the stationary life table."""

    def driver(self, name: str, place_class: str = "all") -> float:
        """The value of a driver in the base month; nothing grows."""
        if name in NO_GROWTH:
            return 0.0
        now = self.month
        self.month = self.world.base_month
        try:
            return super().driver(name, place_class)
        finally:
            self.month = now

    def _read_vital_tables(self) -> None:
        self.mortality, self.fertility = life_table(), fertility(life_table()[0])


# the demand for schooling does not grow, and households spend as much of their income as leaves them what they hold at the base
# year: eleven months of income, of which five are beyond the target and a sixtieth is spent a month, .08 of income; .03 goes
# into firms and estates
SETTINGS = {
    "education__adult_degrees_per_year": 0.0, "education__senior_enrolment": SENIOR, "migration__moving_cost_decline": 0.0,
    "hukou__conversion_rate": 0.0, "firms__skill_bias": 0.0, "household__consume_income": 0.89,
}  # fmt: skip


def settle_in(model, rounds: int = 3, years: int = 10) -> None:
    """Let the country live until its slow stocks are at rest; after each round entries replace what closed in it."""
    for _ in range(rounds):
        closed, founded = turnover(model, 12 * years)
        firms, tech = model.firms, model.technology
        rate = float(model.scenario["firms.entry_rate"]) / 12.0
        room = rate * np.bincount(firms.sector, firms.alive, minlength=6) * tech.entrant_size
        balance = np.ones(6)
        balance[:PUBLIC] = np.maximum((closed - founded)[:PUBLIC] / np.maximum(room[:PUBLIC], 1e-9), 0.1)
        model.technology = dataclasses.replace(tech, entry_balance=balance)


def turnover(model, months: int) -> tuple[np.ndarray, np.ndarray]:
    """Live; the efficient size of firms that closed and of firms that people founded a month, by sector."""
    power, closed, founded = 1.0 / returns_to_size(model), np.zeros(6), np.zeros(6)
    for _ in range(months):
        firms, before = model.firms, len(model.firms)
        was_open, size, sector = firms.alive == 1, firms.productivity**power, firms.sector.copy()
        model.step()
        gone = was_open & (firms.alive[:before] == 0)
        closed += np.bincount(sector[gone], size[gone], 6)
        new = np.arange(len(firms)) >= before
        new &= firms.founder_type != FOUNDED_OUTSIDE
        founded += np.bincount(firms.sector[new], firms.productivity[new] ** power, 6)
    return closed / months, founded / months


def measure(model) -> dict[str, float]:
    """Prices relative to the base year, rates and shares now."""
    s, p = model.settlements, model.persons
    people = s.residents.astype(float)
    alive = p.alive == 1
    states = np.bincount(p.state[alive], minlength=9)
    jobs = np.bincount(model.employers.sector, model.employers.headcount, 6)
    weight = people / people.sum()
    return {
        "people": people.sum(), "rent": float(s.rent @ weight), "service price": float(s.service_price @ weight),
        "wage": float((s.wage / s.wage_base).mean(axis=1) @ weight),
        "unemployment": states[UNEMPLOYED] / (states[UNEMPLOYED] + states[EMPLOYED] + states[3] + states[4]),
        "urban share": float(people[model.world.kind != RURAL].sum() / people.sum()),
        "college share": float(s.talent.sum() / people.sum()),
        "labour share": float(model.output.labour.sum() / model.output.value_added.sum()),
        "product of firms": float(model.output.value_added.sum()),
        **{f"jobs in sector {k}": jobs[k] / jobs.sum() for k in range(6)},
        **{f"people in settlement {k}": weight[k] for k in range(len(people))},
    }  # fmt: skip
