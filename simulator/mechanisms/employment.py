"""Work: people lose jobs, look for work and are hired by the firms that posted vacancies."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from simulator.foundations.errors import InvariantBroken
from simulator.foundations.once import once
from simulator.foundations.streams import SEARCH, SEPARATE
from simulator.foundations.units import AGE_GROUP_START, AGE_GROUPS
from simulator.kernels import matching, posting, producing, searching
from simulator.kernels.labour import LAYOFF_FACTOR_MAX, MOST_A_MONTH

WRITES = {
    "persons": ("state", "employer", "workplace", "wage", "insurance"),
    "households": (),
    "settlements": (
        "wage", "wage_growth", "tightness", "searchers", "finding_rate", "separation_rate",
        "finding_national", "separation_national",
    ),
    "employers": ("headcount", "filled", "separations"),
    "firms": (),
}  # fmt: skip

DEFAULTS = {
    "labour.flexible_entry_rate": 0.06,
    "labour.farm_entry_rate": 0.08,
    "labour.job_loser_farm_share": 0.5,
    "labour.reentry_rate": 0.005,
    "labour.insured_share": 0.5,
    "floor.disability_quota": 0.015,
    "floor.levy_exempt": 30.0,
    "floor.work_capacity": 0.5,
}
"""Assumed, a month each but for the two shares: the jobless who turn to flexible work or to their
land, job losers who go straight to it, inactive people of 16-54 who look again, and those with
rural registration whose formal job insures them; the quota of disabled workers and from what size on, and their
capacity of work. A scenario that names them overrides them."""

AT_ONCE = 16384
"""Candidates of search that one of the crew looks at in one go."""

CLASS_SHAPE = (len(AGE_GROUPS), 2, 4, 2)
"""Screening classes: age group, sex, work (employed, flexible, farming, other), college."""


@dataclass(frozen=True)
class LabourTables:
    """What never changes in a world: who can commute where."""

    reach_start: np.ndarray
    reach_place: np.ndarray
    reach_hours: np.ndarray


def parameter(model, name: str) -> float:
    """A parameter of the scenario, else its documented default."""
    try:
        return float(model.scenario[name])
    except KeyError:
        return DEFAULTS[name]


def labour_tables(model) -> LabourTables:
    """The model's tables of commuting, made at first use (`model.labour_tables`)."""
    tables = getattr(model, "labour_tables", None)
    if tables is None:
        tables = make_labour_tables(
            np.asarray(model.world.circle), np.asarray(model.world.hours), parameter(model, "labour.commute_hours_max")
        )
        model.labour_tables = tables
    return tables


def make_labour_tables(circle, hours, hours_max: float) -> LabourTables:
    """For each place those of its circle within twice the longest commute (better transit may bring
    them within reach); a place always reaches itself."""
    lists = []
    for j in range(len(circle)):
        near = (circle == circle[j]) & (hours[j] <= 2 * hours_max)
        near[j] = True
        lists.append(np.flatnonzero(near))
    start = np.concatenate([[0], np.cumsum([len(x) for x in lists])]).astype(np.int32)
    listed = np.concatenate(lists)
    homes = np.repeat(np.arange(len(circle)), np.diff(start))
    return LabourTables(start, listed.astype(np.uint16), hours[homes, listed].astype(np.float64))


def separation_bounds(model) -> np.ndarray:
    """Upper bound, by screening class, of the monthly probability that a job ends."""
    return once(model, "separation_bounds", lambda: _separation_bounds(model))


def _separation_bounds(model) -> np.ndarray:
    rate = max(parameter(model, "labour.separation_rate"), parameter(model, "labour.migrant_separation_rate"))
    bound = np.zeros(CLASS_SHAPE)
    bound[:, :, 0, :] = min(MOST_A_MONTH, rate * LAYOFF_FACTOR_MAX)
    return bound.reshape(-1)


def search_bounds(model) -> np.ndarray:
    """Monthly probability, by screening class, of looking for work without being unemployed."""
    return once(model, "search_bounds", lambda: _search_bounds(model))


def _search_bounds(model) -> np.ndarray:
    bound = np.zeros(CLASS_SHAPE)
    for work, name in enumerate(("employed", "flexible", "farming")):
        bound[:, :, work, :] = parameter(model, f"labour.search_weight_{name}")
    may_return = np.array([15 <= start < 55 for start in AGE_GROUP_START])
    bound[may_return, :, 3, :] = parameter(model, "labour.reentry_rate")
    return bound.reshape(-1)


BOUNDS = {SEPARATE: separation_bounds, SEARCH: search_bounds}
"""Streams this mechanism screens, and their bounds."""


def by_market(model, amounts: np.ndarray) -> np.ndarray:
    """Sum of an amount of every job line by settlement and skill, f8[n, 2]."""
    e, total = model.employers, np.zeros((len(model.settlements.residents), 2))
    matching.add_by_market(e.place, e.skill, np.asarray(amounts, dtype=np.float64), total)
    return total


def search_and_match(model) -> dict[str, int]:
    """Some lose their jobs; searchers apply near home; each vacancy takes one; rates and wages answer."""
    tables, s, e = labour_tables(model), model.settlements, model.employers
    people = model.persons.bundle(matching.Workers)
    tally = end_jobs(model, people)
    lost = tally.pop("lost")
    rows, n_jobless, reach, jobs, working = gather_searchers(
        model, people,
        lambda: weigh_reach(model, tables, s.posted, s.labour_balance),
        lambda: line_up(model, e.vacancies),
        lambda: by_market(model, e.headcount),
    )  # fmt: skip
    result = apply_and_take(model, people, rows, reach, *jobs, model.month)
    found, hires = start_jobs(model, people, rows, result)
    (to_farm, to_flexible, to_inactive, back), jobless = let_them_make_do(model, people, rows[:n_jobless])
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
        searchers=len(rows), applications=int(result.applications.sum()), searchers_to_farming=int(to_farm),
        searchers_to_flexible=int(to_flexible), searchers_gave_up=int(to_inactive), back_in_search=int(back),
    )  # fmt: skip
    return tally


def wage_drift(model) -> np.ndarray:
    """Growth of productivity this month by settlement, a year: the nation's (0 without that driver) and what places catch up."""
    national = float(model.driver("productivity_growth")) if "productivity_growth" in model.world.drivers else 0.0
    return national + model.settlements.drift


def ordinary_rates(model) -> tuple[float, float]:
    """Monthly rates at which jobs end, of settled people and of new migrants, but for jobs that end because their firm closes."""
    closing = model.technology.closing_share if getattr(model, "startup_odds", None) is not None else 0.0
    return tuple(max(parameter(model, f"labour.{name}") - closing, 0.0) for name in ("separation_rate", "migrant_separation_rate"))


def end_jobs(model, people) -> dict:
    """Jobs end among the candidates of the month; job losers may consider a move at once."""
    e, crew = model.employers, model.crew
    rows, n = np.asarray(model.candidates[SEPARATE], dtype=np.int32), len(model.settlements.residents)
    boost = parameter(model, "migration.boost_job_loss") - 1.0
    consider = min(1.0, max(0.0, boost) * parameter(model, "migration.consider_rate"))
    to_farm = model.settlements.labour_balance[4] * parameter(model, "labour.job_loser_farm_share")
    rates = ordinary_rates(model)

    def some(part: tuple[int, int]) -> tuple:
        asked = rows[slice(*part)]
        out, left, considerers = (np.empty(len(asked), dtype=np.int32) for _ in range(3))
        lost = np.zeros((n, 2), dtype=np.int64)
        count, worst = searching.who_loses(
            asked, people, model.screen_class, model.bounds[SEPARATE], e.separation_factor, model.seed, model.month,
            *rates, out,
        )  # fmt: skip
        ended = searching.end_jobs(
            out[:count], people, e.place, e.skill, model.households.land_right, model.world.kind, model.seed, model.month,
            to_farm, consider, left, considerers, lost,
        )  # fmt: skip
        return worst, *ended[:2], left[:count], considerers[: ended[2]], lost

    worst, unemployed, farming, left, considerers, lost = zip(*crew.each(some, crew.shares(len(rows))), strict=True)
    if max(worst) > 1e-12:
        raise InvariantBroken(f"a separation rate is {max(worst):.3g} above the bound it was screened with")
    for some_left in left:
        searching.count_ends(some_left, e.headcount, e.separations)
    model.forced_considerers.append(np.concatenate(considerers))
    return {"job_losers": sum(unemployed) + sum(farming), "losers_to_farming": sum(farming), "lost": sum(lost)}


def gather_searchers(model, people, *beside) -> tuple:
    """Rows of all who look for work this month; how many of them, standing first, have no work; what the tasks `beside` found.

    Those tasks only read what the gathering reads, and are done by whoever of the crew is free.
    """
    unemployed, candidates, klass, month = model.unemployed, model.candidates[SEARCH], model.screen_class, model.month
    capacity = parameter(model, "floor.work_capacity")

    def some(asked: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        back, working = np.empty(len(asked), dtype=np.int32), np.empty(len(asked), dtype=np.int32)
        coming, staying = searching.still_searching(asked, people, klass, model.seed, month, capacity, back, working)
        return back[:coming], working[:staying]

    def jobless() -> np.ndarray:
        out = np.empty(len(unemployed), dtype=np.int32)
        return out[: searching.still_unemployed(unemployed, people, out)]

    parts = [candidates[lo : lo + AT_ONCE] for lo in range(0, len(candidates), AT_ONCE)]
    first, *found = model.crew.each(lambda task: task(), [jobless, *beside, *(partial(some, part) for part in parts)])
    rest, found = found[: len(beside)], found[len(beside) :]
    rows = np.concatenate([first, *[back for back, _ in found], *[working for _, working in found]])
    return rows, len(rows) - sum(len(working) for _, working in found), *rest


def start_jobs(model, people, rows: np.ndarray, result: Matches) -> tuple[np.ndarray, np.ndarray]:
    """The chosen start: i8[n, 2] hired out of unemployment by home and skill of the job, and hires by former state."""
    s, e, crew = model.settlements, model.employers, model.crew
    left = np.empty(len(result.taker), dtype=np.int32)

    def some(part: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
        these = slice(*part)
        found, hires = np.zeros((len(s.residents), 2), dtype=np.int64), np.zeros(5, dtype=np.int64)
        matching.start_jobs(
            rows, result.taker[these], result.employer_of[these], people, result.jobs, s.wage, model.seed, model.month,
            parameter(model, "labour.pay_dispersion"), parameter(model, "labour.experience_return"),
            parameter(model, "labour.insured_share"), left[these], found, hires,
        )  # fmt: skip
        return found, hires

    parts = crew.each(some, crew.shares(len(left)))
    matching.count_starts(result.taker, result.employer_of, left, e.headcount, e.filled, e.separations)
    return sum(found for found, _ in parts), sum(hires for _, hires in parts)


def let_them_make_do(model, people, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Searchers without work do something else or search on: how many do what, and i8[n, 2] not hired, by home and skill."""
    s, crew = model.settlements, model.crew

    def some(part: tuple[int, int]) -> tuple[tuple, np.ndarray]:
        jobless = np.zeros((len(s.residents), 2), dtype=np.int64)
        done = searching.make_do(
            rows[slice(*part)], people, model.households.land_right, model.world.kind, s.wage, s.flexible_pay, model.seed,
            model.month, s.labour_balance[3] * parameter(model, "labour.flexible_entry_rate"),
            s.labour_balance[4] * parameter(model, "labour.farm_entry_rate"), s.labour_balance[2],
            parameter(model, "labour.flexible_pay_share"), jobless,
        )  # fmt: skip
        return done, jobless

    parts = crew.each(some, crew.shares(len(rows)))
    return sum(np.array(done) for done, _ in parts), sum(jobless for _, jobless in parts)


@dataclass
class Matches:
    """Outcome of one month's matching before anyone starts."""

    jobs: matching.Jobs
    taker: np.ndarray  # i4: position of the chosen searcher, by vacancy
    employer_of: np.ndarray  # i4: employer of each vacancy
    applications: np.ndarray  # i8 [n, 2]
    vacancy: np.ndarray  # i8: vacancy each searcher applied to, -1 none


def rules_of_care(model) -> tuple[float, int, float]:
    """The disability quota of employers, the most workers with which a firm is exempt, and what disabled people can do of jobs."""
    return parameter(model, "floor.disability_quota"), int(parameter(model, "floor.levy_exempt")), parameter(model, "floor.work_capacity")


def weigh_reach(model, tables: LabourTables, posted, balance) -> matching.Reach:
    """What a search of this month can bring: places within reach, with their costs and pulls."""
    s = model.settlements
    reach = matching.empty_reach(tables.reach_start, tables.reach_place)
    matching.weigh_places(
        tables.reach_start, tables.reach_place, tables.reach_hours, model.levers.travel_time, s.wage,
        np.ascontiguousarray(posted), s.flexible_pay, s.farm_income, balance, parameter(model, "labour.commute_hours_max"),
        parameter(model, "labour.commute_cost_per_hour"), parameter(model, "labour.search_wage_weight"),
        parameter(model, "labour.tightness_weight"), *reach[2:],
    )  # fmt: skip
    return reach


def line_up(model, vacancies) -> tuple[matching.Jobs, np.ndarray]:
    """The vacancies of the month in one line, market by market; i4 employer of each."""
    e, n = model.employers, len(model.settlements.residents)
    first, market_first = np.zeros(len(vacancies), dtype=np.int64), np.zeros(2 * n + 1, dtype=np.int64)
    employer_of = np.empty(int(vacancies.sum()), dtype=np.int32)
    order = np.empty(len(e), dtype=np.int32)
    producing.line_up_markets(e.place, e.skill, 2 * n, order)
    matching.line_up_vacancies(order, e.place, e.skill, vacancies, 2 * n, first, market_first, employer_of)
    return matching.Jobs(e.place, e.skill, e.formal, vacancies, first, market_first, e.headcount, model.firms.disabled), employer_of


def apply_and_take(model, people, rows, reach, jobs, employer_of, month: int) -> Matches:
    """Everybody in `rows` applies to one vacancy; each vacancy takes one. Changes no one's state."""
    s = model.settlements
    n = len(s.residents)
    market, vacancy = np.empty(len(rows), dtype=np.int32), np.empty(len(rows), dtype=np.int64)
    priority = np.empty(len(rows), dtype=np.uint64)
    model.crew.run(
        matching.apply_for_jobs, len(rows), rows, people, jobs, employer_of, reach, s.wage, model.seed, month,
        parameter(model, "labour.referral_share"), parameter(model, "labour.commute_cost_per_hour"),
        parameter(model, "labour.commute_hours_max"), rules_of_care(model), market, vacancy, priority,
    )  # fmt: skip
    taker, applications = np.empty(len(employer_of), dtype=np.int32), np.zeros(2 * n, dtype=np.int64)
    matching.take_applicants(rows, people.uid, market, vacancy, priority, taker, applications)
    return Matches(jobs, taker, employer_of, applications.reshape(n, 2), vacancy)
