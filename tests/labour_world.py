"""A closed little labour market for tests: people who neither move, age nor die."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from simulator.foundations.crew import Crew
from simulator.foundations.streams import POPULATION, SEARCH, SEPARATE
from simulator.foundations.units import (
    COLLEGE,
    EMPLOYED,
    FARMING,
    FLEXIBLE,
    INACTIVE,
    RETIRED,
    RURAL,
    UNEMPLOYED,
    month_number,
)  # fmt: skip
from simulator.kernels.labour import pay_deviate, pay_factor
from simulator.kernels.rng import draw1
from simulator.mechanisms import earnings, employment, production
from simulator.state.books import Books
from simulator.state.employers import Employers, pool_row
from simulator.state.firms import Firms
from simulator.state.levers import Levers
from simulator.state.persons import Households, Persons
from simulator.state.settlements import Settlements
from tests.worlds_factory import tiny_world

SCENARIO = {
    "labour.separation_rate": 0.010, "labour.migrant_separation_rate": 0.025, "labour.search_weight_employed": 0.1,
    "labour.search_weight_flexible": 0.5, "labour.search_weight_farming": 0.1, "labour.referral_share": 0.3,
    "labour.commute_hours_max": 1.0, "labour.commute_cost_per_hour": 0.15, "labour.search_wage_weight": 2.0,
    "labour.tightness_weight": 0.5, "labour.wage_adjustment": 0.005, "labour.wage_step_max": 0.01,
    "labour.rate_smoothing": 0.15, "firms.skill_bias": 0.0, "labour.local_demand_share": 1.0,
    "labour.pay_dispersion": 0.45, "labour.experience_return": 0.015, "labour.flexible_pay_elasticity": -0.4,
    "labour.flexible_pay_share": 0.75, "labour.hiring_adjustment": 0.15, "labour.agglomeration": 0.06,
    "labour.college_externality": 0.5, "labour.infrastructure": 0.05, "farming.land_share": 0.35,
    "migration.consider_rate": 0.033, "migration.boost_job_loss": 3.0, "household.consume_income": 0.70,
    "household.consume_wealth": 0.016667, "household.target_months": 6.0,
    "labour.farm_renewal_share": 0.4, "labour.flexible_renewal_share": 0.5,
    "household.top_tax_threshold": 20_000.0, "household.tradables_share": 0.36, "household.employee_contributions": 0.055,
    "household.income_tax": 0.036, "household.income_tax_local": 0.4, "household.remittance_alone": 0.2,
    "household.remittance_family": 0.08, "household.remittance_decline": 0.03, "household.remittance_least": 0.25, "housing.housing_share": 0.24,
    "housing.service_price_share": 0.4, "floor.minimum_wage_share": 0.4,
}  # fmt: skip

URBAN_STATES = (0.62, 0.0, 0.13, 0.035, 0.10, 0.115)
RURAL_STATES = (0.36, 0.27, 0.08, 0.020, 0.10, 0.17)
STATES = np.array([EMPLOYED, FARMING, FLEXIBLE, UNEMPLOYED, INACTIVE, RETIRED])


def labour_model(people: int = 20_000, settlements: int = 10, seed: int = 7, threads: int = 1, scenario=()) -> SimpleNamespace:
    """A model object with everything the labour market asks for, at its first month."""
    world = tiny_world(settlements)
    rng = np.random.default_rng(seed)
    n = settlements
    persons, households = Persons(people), Households(people)
    persons.append(people)
    households.append(people)
    p, h = persons, households
    month = world.base_month
    p.uid[:] = np.arange(people)
    p.alive[:] = 1
    p.sex[:] = rng.integers(0, 2, people)
    home = rng.choice(n, people, p=world.population / world.population.sum())
    rural = world.kind[home] == RURAL
    p.education[:] = np.where(rng.random(people) < np.where(rural, 0.06, 0.27), COLLEGE, 1)
    p.residence[:] = home
    p.hukou_place[:] = p.root[:] = np.where(rng.random(people) < 0.75, home, rng.integers(0, n, people))
    p.hukou_kind[:] = ~rural
    p.birth_month[:] = month - 12 * rng.integers(20, 60, people)
    p.last_move[:] = np.where(rng.random(people) < 0.8, 0, month - rng.integers(0, 60, people))
    p.experience[:] = rng.integers(0, 400, people)
    p.insurance[:] = rng.integers(0, 3, people)
    p.savings[:] = rng.integers(0, 3_000_000, people)
    p.household[:] = np.arange(people)
    h.land_right[:] = rural
    for k in range(8):
        getattr(p, f"tie{k}")[:] = rng.integers(0, people, people)
    pick = rng.random(people)[:, None]
    chosen = (pick > np.where(rural[:, None], np.cumsum(RURAL_STATES), np.cumsum(URBAN_STATES))[:, :-1]).sum(axis=1)
    p.state[:] = STATES[chosen]
    s = Settlements.empty(n)
    s.wage_base[:] = 400_000.0 * np.array([1.18, 1.05, 0.95, 0.78, 0.78])[np.arange(n) % 5][:, None] * [1.0, 1.4]
    s.farm_productivity[:] = 145_000.0
    s.residents[:] = s.residents_base[:] = np.bincount(home, minlength=n)
    s.pension[:] = [0.0, 20_000.0, 350_000.0]
    s.transfer_income[:] = 20_000.5
    s.transport[:], s.digital[:] = world.transport, world.digital
    working = np.flatnonzero(p.state == EMPLOYED)
    sector = rng.choice(6, len(working), p=(0.26, 0.40, 0.10, 0.05, 0.04, 0.15))
    p.employer[working] = pool_row(home[working], sector, (p.education[working] == COLLEGE).astype(int))
    p.workplace[working] = home[working]
    values = SCENARIO | dict(scenario)
    for i in working:
        factor = pay_factor(pay_deviate(np.uint64(seed), p.uid[i]), p.experience[i], values["labour.pay_dispersion"], 0.015)
        p.wage[i] = int(s.wage_base[home[i], int(p.education[i] == COLLEGE)] * factor)
    return SimpleNamespace(
        world=world, scenario=values, persons=p, households=h, settlements=s, employers=Employers.one_firm_each(n), firms=Firms.one_each(n, month),
        levers=Levers.resting(n), month=month, seed=np.uint64(seed), crew=Crew(threads), driver=lambda name: 1.0,
        persons_per_agent=1000, candidates={}, bounds={}, screen_class=None, unemployed=None, forced_considerers=[],
        productivity=1.0, equity_fund_fen=0, ledger=Books(world.circle.astype(int) - 1),
    )  # fmt: skip


def open_month(model) -> None:
    """Next month: classes, candidate lists and the list of the unemployed."""
    p = model.persons
    model.month += 1
    model.forced_considerers.clear()
    age = (model.month - p.birth_month.astype(int)) // 12
    group = np.minimum(age // 5 + 1, 18)
    work = np.select([p.state == EMPLOYED, p.state == FLEXIBLE, p.state == FARMING], [0, 1, 2], 3)
    model.screen_class = (((group * 2 + p.sex) * 4 + work) * 2 + (p.education == COLLEGE)).astype(np.uint16)
    for stream, bounds in employment.BOUNDS.items():
        model.bounds[stream] = bounds(model)
        luck = np.random.default_rng([int(model.seed), POPULATION, stream, model.month]).random(len(p))
        model.candidates[stream] = np.flatnonzero(luck < model.bounds[stream][model.screen_class]).astype(np.int32)
    model.unemployed = np.flatnonzero((p.alive == 1) & (p.state == UNEMPLOYED)).astype(np.int32)


def close_month(model) -> None:
    """Recount what the month's observer recounts."""
    p, s = model.persons, model.settlements
    for state, counts in ((FLEXIBLE, s.flexible_workers), (FARMING, s.farmers)):
        counts[:] = np.bincount(p.residence[p.state == state], minlength=len(counts))


def live_month(model) -> dict[str, int]:
    """One month of the labour market."""
    open_month(model)
    tally = production.plan_production(model)
    tally |= employment.search_and_match(model)
    tally |= earnings.pay_people(model)
    close_month(model)
    return tally


def recount(model) -> np.ndarray:
    """Jobs by employer, counted from the people."""
    p = model.persons
    working = (p.alive == 1) & (p.state == EMPLOYED)
    return np.bincount(p.employer[working], minlength=len(model.employers.headcount))


def unemployment(model) -> float:
    """The unemployed as a share of them and the employed."""
    p = model.persons
    jobless = np.count_nonzero(p.state == UNEMPLOYED)
    return jobless / (jobless + np.count_nonzero(p.state == EMPLOYED))


__all__ = ["SEARCH", "SEPARATE", "draw1", "labour_model", "live_month", "month_number", "open_month", "recount", "unemployment"]
