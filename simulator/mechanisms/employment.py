"""Work: employers plan jobs and post vacancies, people lose jobs, look for work and are hired."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.foundations.errors import InvariantBroken
from simulator.foundations.streams import SEARCH, SEPARATE
from simulator.foundations.units import AGE_GROUP_START, AGE_GROUPS, SECTORS
from simulator.kernels import matching, posting
from simulator.kernels.labour import LAYOFF_FACTOR_MAX
from simulator.state.employers import pool_sector, pool_settlement, pool_skill

WRITES = {
    "persons": ("state", "employer", "workplace", "wage", "insurance"),
    "households": (),
    "settlements": (
        "wage", "wage_growth", "tightness", "posted", "searchers", "finding_rate", "separation_rate",
        "finding_national", "separation_national",
    ),
    "employers": ("headcount", "target", "vacancies", "filled", "separations", "separation_factor"),
}  # fmt: skip

DEFAULTS = {
    "labour.flexible_entry_rate": 0.06,
    "labour.farm_entry_rate": 0.08,
    "labour.job_loser_farm_share": 0.5,
    "labour.reentry_rate": 0.005,
    "labour.insured_share": 0.5,
}
"""Assumed, a month each but for the two shares: the jobless who turn to flexible work or to their
land, job losers who go straight to it, inactive people of 16-54 who look again, and those with
rural registration whose formal job insures them. A scenario that names them overrides them."""

FORMAL_SECTORS = ("manufacturing", "knowledge", "public")
"""Sectors whose jobs carry employee insurance (assumed)."""

CLASS_SHAPE = (len(AGE_GROUPS), 2, 4, 2)
"""Screening classes: age group, sex, work (employed, flexible, farming, other), college."""


@dataclass(frozen=True)
class LabourTables:
    """What never changes in a world: who is an employer of what, and who can commute where."""

    place: np.ndarray
    sector: np.ndarray
    skill: np.ndarray
    formal: np.ndarray
    order: np.ndarray
    reach_start: np.ndarray
    reach_place: np.ndarray
    reach_hours: np.ndarray
    demand_base: np.ndarray


def parameter(model, name: str) -> float:
    """A parameter of the scenario, else its documented default."""
    try:
        return float(model.scenario[name])
    except KeyError:
        return DEFAULTS[name]


def labour_tables(model) -> LabourTables:
    """The model's tables of employers and commuting, made at first use (`model.labour_tables`)."""
    tables = getattr(model, "labour_tables", None)
    if tables is None:
        tables = make_labour_tables(
            np.asarray(model.world.circle), np.asarray(model.world.hours),
            parameter(model, "labour.commute_hours_max"), len(model.employers.headcount), demand_at_base(model),
        )  # fmt: skip
        model.labour_tables = tables
    return tables


def demand_at_base(model) -> np.ndarray:
    """The drivers of demand by sector in the base month: demand counts relative to it."""
    now = model.month
    model.month = model.world.base_month
    try:
        return np.array([outside(model, f"demand_{name}") for name in SECTORS])
    finally:
        model.month = now


def make_labour_tables(circle, hours, hours_max: float, n_employers: int, demand_base) -> LabourTables:
    """Employers in market order, and for each place those of its circle within twice the longest
    commute (better transit may bring them within reach); a place always reaches itself."""
    rows = np.arange(n_employers)
    place, sector, skill = pool_settlement(rows), pool_sector(rows), pool_skill(rows)
    order = np.lexsort((rows, place * 2 + skill)).astype(np.int32)
    formal = np.isin(sector, [SECTORS.index(name) for name in FORMAL_SECTORS])
    lists = []
    for j in range(len(circle)):
        near = (circle == circle[j]) & (hours[j] <= 2 * hours_max)
        near[j] = True
        lists.append(np.flatnonzero(near))
    start = np.concatenate([[0], np.cumsum([len(x) for x in lists])]).astype(np.int32)
    listed = np.concatenate(lists)
    homes = np.repeat(np.arange(len(circle)), np.diff(start))
    return LabourTables(
        place.astype(np.uint16), sector.astype(np.uint8), skill.astype(np.uint8), formal.astype(np.uint8), order,
        start, listed.astype(np.uint16), hours[homes, listed].astype(np.float64), demand_base,
    )  # fmt: skip


def separation_bounds(model) -> np.ndarray:
    """Upper bound, by screening class, of the monthly probability that a job ends."""
    rate = max(parameter(model, "labour.separation_rate"), parameter(model, "labour.migrant_separation_rate"))
    bound = np.zeros(CLASS_SHAPE)
    bound[:, :, 0, :] = min(1.0, rate * LAYOFF_FACTOR_MAX)
    return bound.reshape(-1)


def search_bounds(model) -> np.ndarray:
    """Monthly probability, by screening class, of looking for work without being unemployed."""
    bound = np.zeros(CLASS_SHAPE)
    for work, name in enumerate(("employed", "flexible", "farming")):
        bound[:, :, work, :] = parameter(model, f"labour.search_weight_{name}")
    may_return = np.array([15 <= start < 55 for start in AGE_GROUP_START])
    bound[may_return, :, 3, :] = parameter(model, "labour.reentry_rate")
    return bound.reshape(-1)


BOUNDS = {SEPARATE: separation_bounds, SEARCH: search_bounds}
"""Streams this mechanism screens, and their bounds."""


def outside(model, name: str) -> float:
    """A driver of the world this month; 1 where the world has none of that name."""
    return float(model.driver(name)) if name in model.world.drivers else 1.0


def plan_production(model) -> dict[str, int]:
    """Employers see demand, wages and productivity, decide how many jobs they want, and post vacancies.

    Jobs wanted = base x demand x (wage / productivity)^-elasticity, relative to the base year
    (see `kernels.labour.jobs_wanted`); vacancies replace those who left and close a share of the
    gap; pools with too many workers shed some through a higher separation rate.
    """
    tables, s, e = labour_tables(model), model.settlements, model.employers
    n = len(s.residents)
    productivity = np.ones(n)
    posting.measure_productivity(
        float(model.productivity), s.residents, s.residents_base, s.talent_share, s.talent_share_base,
        s.transport + model.levers.transport, model.world.transport.astype(np.float64),
        s.digital + model.levers.digital, model.world.digital.astype(np.float64),
        parameter(model, "labour.agglomeration"), parameter(model, "labour.college_externality"),
        parameter(model, "labour.infrastructure"), productivity,
    )  # fmt: skip
    drift = np.array([outside(model, f"demand_{name}") for name in SECTORS]) / tables.demand_base
    demand = model.levers.labour_demand * drift
    posting.plan_jobs(
        tables.place, tables.sector, tables.skill, e.headcount_base, demand, s.wage, s.wage_base, productivity,
        s.residents, s.residents_base, parameter(model, "labour.demand_elasticity"),
        parameter(model, "labour.local_demand_share"), parameter(model, "labour.hiring_adjustment"),
        parameter(model, "labour.separation_rate"), model.levers.job_offers * outside(model, "job_offers"),
        model.seed, model.month, e.headcount, e.separations, e.target, e.vacancies, e.filled, e.separation_factor,
    )  # fmt: skip
    s.posted[...] = posted_by_market(tables, e.vacancies, n)
    return {"vacancies": int(e.vacancies.sum()), "jobs_wanted": round(float(e.target.sum()))}


def posted_by_market(tables: LabourTables, vacancies: np.ndarray, n: int) -> np.ndarray:
    """Vacancies by settlement and skill."""
    market = tables.place.astype(np.int64) * 2 + tables.skill
    return np.bincount(market, weights=vacancies, minlength=2 * n).reshape(n, 2)


def search_and_match(model) -> dict[str, int]:
    """Some lose their jobs; searchers apply near home; each vacancy takes one; rates and wages answer."""
    tables, s, e = labour_tables(model), model.settlements, model.employers
    n = len(s.residents)
    people = model.persons.bundle(matching.Workers)
    tally = end_jobs(model, tables, people)
    lost = tally.pop("lost")
    rows, n_jobless = gather_searchers(model, people)
    result = apply_and_take(model, tables, people, rows, e.vacancies, s.posted, s.labour_balance, model.month)
    working = posted_by_market(tables, e.headcount, n)
    found, jobless = np.zeros((n, 2), dtype=np.int64), np.zeros((n, 2), dtype=np.int64)
    hires = np.zeros(5, dtype=np.int64)
    matching.start_jobs(
        rows, result.taker, result.employer_of, people, result.jobs, e.headcount, e.filled, e.separations, s.wage,
        model.seed, model.month, parameter(model, "labour.pay_dispersion"), parameter(model, "labour.experience_return"),
        parameter(model, "labour.insured_share"), found, hires,
    )  # fmt: skip
    to_farm, to_flexible, to_inactive, back = matching.make_do(
        rows[:n_jobless], people, model.households.land_right, model.world.kind, s.wage, s.flexible_pay, model.seed, model.month,
        s.labour_balance[3] * parameter(model, "labour.flexible_entry_rate"),
        s.labour_balance[4] * parameter(model, "labour.farm_entry_rate"), s.labour_balance[2],
        parameter(model, "labour.flexible_pay_share"), jobless,
    )  # fmt: skip
    s.searchers[...] = result.applications
    posting.update_markets(
        s.posted, s.searchers, found, jobless, lost, working, s.tightness_base, model.levers.wage_floor,
        wage_drift(model), parameter(model, "labour.wage_adjustment"), parameter(model, "labour.wage_step_max"),
        parameter(model, "labour.rate_smoothing"), s.tightness, s.finding_rate, s.separation_rate, s.finding_national,
        s.separation_national, s.wage, s.wage_growth,
    )  # fmt: skip
    names = ("unemployed", "employed", "flexible", "farming", "inactive")
    tally.update({f"hired_{name}": int(count) for name, count in zip(names, hires, strict=True)})
    tally.update(
        searchers=len(rows), applications=int(result.applications.sum()), searchers_to_farming=to_farm,
        searchers_to_flexible=to_flexible, searchers_gave_up=to_inactive, back_in_search=back,
    )  # fmt: skip
    return tally


def wage_drift(model) -> float:
    """g_A: national productivity growth this month, a year; 0 in a world without that driver."""
    return float(model.driver("productivity_growth")) if "productivity_growth" in model.world.drivers else 0.0


def end_jobs(model, tables: LabourTables, people) -> dict:
    """Jobs end among the candidates of the month; job losers may consider a move at once."""
    e = model.employers
    rows = np.asarray(model.candidates[SEPARATE], dtype=np.int32)
    considerers = np.empty(len(rows), dtype=np.int32)
    lost = np.zeros((len(model.settlements.residents), 2), dtype=np.int64)
    boost = parameter(model, "migration.boost_job_loss") - 1.0
    consider = min(1.0, max(0.0, boost) * parameter(model, "migration.consider_rate"))
    unemployed, farming, count, worst = matching.lose_jobs(
        rows, people, model.screen_class, model.bounds[SEPARATE], e.separation_factor, e.headcount, e.separations,
        tables.place, tables.skill, model.households.land_right, model.world.kind, model.seed, model.month,
        parameter(model, "labour.separation_rate"), parameter(model, "labour.migrant_separation_rate"),
        model.settlements.labour_balance[4] * parameter(model, "labour.job_loser_farm_share"), consider, considerers, lost,
    )  # fmt: skip
    if worst > 1e-12:
        raise InvariantBroken(f"a separation rate is {worst:.3g} above the bound it was screened with")
    model.forced_considerers.append(considerers[:count].copy())
    return {"job_losers": unemployed + farming, "losers_to_farming": farming, "lost": lost}


def gather_searchers(model, people) -> tuple[np.ndarray, int]:
    """Rows of all who look for work this month, and how many of them, standing first, have no work."""
    unemployed, candidates = model.unemployed, model.candidates[SEARCH]
    out = np.empty(len(unemployed) + len(candidates), dtype=np.int32)
    jobless, count = matching.gather_searchers(
        np.asarray(unemployed, dtype=np.int32), np.asarray(candidates, dtype=np.int32), people, model.screen_class,
        model.month, out,
    )  # fmt: skip
    return out[:count], jobless


@dataclass
class Matches:
    """Outcome of one month's matching before anyone starts."""

    jobs: matching.Jobs
    taker: np.ndarray  # i4: position of the chosen searcher, by vacancy
    employer_of: np.ndarray  # i4: employer of each vacancy
    applications: np.ndarray  # i8 [n, 2]
    vacancy: np.ndarray  # i8: vacancy each searcher applied to, -1 none


def apply_and_take(model, tables, people, rows, vacancies, posted, balance, month: int) -> Matches:
    """Everybody in `rows` applies to one vacancy; each vacancy takes one. Changes no one's state."""
    s = model.settlements
    n = len(s.residents)
    reach = matching.empty_reach(tables.reach_start, tables.reach_place)
    matching.weigh_places(
        tables.reach_start, tables.reach_place, tables.reach_hours, model.levers.travel_time, s.wage,
        np.ascontiguousarray(posted), s.flexible_pay, s.farm_income, balance, parameter(model, "labour.commute_hours_max"),
        parameter(model, "labour.commute_cost_per_hour"), parameter(model, "labour.search_wage_weight"),
        parameter(model, "labour.tightness_weight"), *reach[2:],
    )  # fmt: skip
    first, market_first = np.zeros(len(vacancies), dtype=np.int64), np.zeros(2 * n + 1, dtype=np.int64)
    employer_of = np.empty(int(vacancies.sum()), dtype=np.int32)
    matching.line_up_vacancies(tables.order, tables.place, tables.skill, vacancies, 2 * n, first, market_first, employer_of)
    jobs = matching.Jobs(tables.place, tables.skill, tables.formal, vacancies, first, market_first)
    market, vacancy = np.empty(len(rows), dtype=np.int32), np.empty(len(rows), dtype=np.int64)
    priority = np.empty(len(rows), dtype=np.uint64)
    model.crew.run(
        matching.apply_for_jobs, len(rows), rows, people, jobs, reach, s.wage, model.seed, month,
        parameter(model, "labour.referral_share"), parameter(model, "labour.commute_cost_per_hour"),
        parameter(model, "labour.commute_hours_max"), market, vacancy, priority,
    )  # fmt: skip
    taker, applications = np.empty(len(employer_of), dtype=np.int32), np.zeros(2 * n, dtype=np.int64)
    matching.take_applicants(rows, people.uid, market, vacancy, priority, taker, applications)
    return Matches(jobs, taker, employer_of, applications.reshape(n, 2), vacancy)
