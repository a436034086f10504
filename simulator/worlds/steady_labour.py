"""The labour market of the base year: jobs, rates and habits set so that the first months stand still."""

from __future__ import annotations

import numpy as np
from numba import njit

from simulator.foundations.units import COLLEGE, EMPLOYED, FARMING, FLEXIBLE, INACTIVE, UNEMPLOYED
from simulator.kernels import matching, posting, searching
from simulator.kernels.earning import set_farm_incomes, set_flexible_pay
from simulator.kernels.elementary import log_
from simulator.kernels.labour import SMALL_MARKET, WILLINGNESS_SPREAD
from simulator.kernels.living import FEMALE, RETIRE, monthly_death_rate, planned_retirement, years_old
from simulator.kernels.rng import draw1, draw4
from simulator.mechanisms.employment import apply_and_take, by_market, labour_tables, line_up, parameter, weigh_reach
from simulator.worlds.enterprises import endow_firms

MOST_TRIALS = 24
SEARCH_STREAM = 12
OPEN_SHARE = 0.3
"""The largest share of flexible and farming searchers who would take a job at the base year (assumed)."""


@njit(nogil=True, cache=True)
def draw_searchers(alive, state, birth_month, uid, weights, seed, month, out):
    """Who would look for work in a trial month; `weights` is the monthly rate by state."""
    count = 0
    for i in range(len(alive)):
        weight = weights[state[i]]
        if alive[i] == 0 or weight <= 0.0:
            continue
        if state[i] == INACTIVE and not 16 <= (month - birth_month[i]) // 12 < 55:
            continue
        if weight >= 1.0 or draw1(seed, SEARCH_STREAM, month, uid[i], 2) < weight:
            out[count] = i
            count += 1
    return count


def steady_base_year(model) -> dict[str, float]:
    """Set the labour market of a populated model to its base year; returns what was found.

    Headcounts are counted, and every firm wants what it has. The rate at which applications
    succeed follows from the balance of jobs: ended jobs = hires of the jobless, of flexible
    workers (as many as turn to flexible work), of farmers (likewise) and of those back in search.
    Months of search are then tried with the real matching on unchanged people, with the luck of
    the months before the base year: they give tightness by market, the job changes on top of
    replacement, and the reserves that keep flexible work and farming in balance. `wage_base`
    and farm productivity must be set. Sets the `_base` counts and month-1 separations too.
    """
    p, s, e = model.persons, model.settlements, model.employers
    tables, n = labour_tables(model), len(model.settlements.residents)
    get = lambda name: parameter(model, name)
    month = int(model.world.base_month)
    s.wage[...] = s.wage_base
    counts = count_states(model, n)
    s.flexible_workers[...] = s.flexible_base[...] = counts[FLEXIBLE]
    s.farmers[...] = s.farmers_base[...] = counts[FARMING]
    set_farm_incomes(s.farm_productivity, np.ones(n), s.farmers_base, s.farmers, get("farming.land_share"), s.farm_income)
    set_flexible_pay(s.wage, s.wage_base, get("labour.flexible_pay_share"), s.flexible_workers, s.flexible_base,
                     np.ones(n), np.ones(n), get("labour.flexible_pay_elasticity"), s.flexible_pay)  # fmt: skip
    expected = np.zeros(len(e.headcount))
    e.headcount[...] = 0
    posting.count_jobs(p.alive, p.state, p.employer, p.residence, p.hukou_place, p.last_move, month,
                       get("labour.separation_rate"), get("labour.migrant_separation_rate"), e.headcount, expected)  # fmt: skip
    expected += leave_for_good(model)
    balance = flow_balance(model, counts, expected.sum(), month)
    trials = try_months(model, tables, expected, balance, month)
    set_rates(model, expected, trials, n)
    posting.round_by_luck(expected + trials["leavers"], model.seed, month, 1, e.separations)
    e.vacancies[...], e.filled[...] = trials["unfilled"], 0
    e.separation_factor[...] = 1.0
    endow_firms(model)
    s.wage_growth[...] = 1.0
    return {"finding": float(balance["finding"]), "unemployed_share": balance["unemployed_share"],
            "reserve_flexible": float(s.labour_balance[0]), "reserve_farming": float(s.labour_balance[1]),
            "gives_up": float(s.labour_balance[2]), "enter_flexible": float(s.labour_balance[3]),
            "enter_land": float(s.labour_balance[4])}  # fmt: skip


def leave_for_good(model) -> np.ndarray:
    """Jobs a month, by job line, that end because their holder dies or reaches the age of leaving work: an even share of the year ahead.

    Those who take their place come from school; without them the first months would hire too few and unemployment would rise.
    """
    p, out = model.persons, np.zeros(len(model.employers.headcount))
    if getattr(model, "mortality", None) is None:
        return out
    get = lambda name: parameter(model, f"demography.{name}")
    official = (get("retirement_age_men"), get("retirement_age_women"), get("works_to_65"), get("works_to_70"))
    shape = np.asarray(model.world.mortality_shape, dtype=np.float64)
    count_leavers(
        p.alive, p.employer, p.state, p.sex, p.birth_month, p.hukou_kind, p.residence, p.uid, model.seed, int(model.world.base_month),
        np.asarray(model.mortality, dtype=np.float64), shape, *official, out,
    )  # fmt: skip
    return out


@njit(nogil=True, cache=True)
def count_leavers(alive, employer, state, sex, birth_month, hukou_kind, residence, uid, seed, month, q, shape,
                  men, women, to_65, to_70, out):  # fmt: skip
    """Adds to `out`, by job line, a twelfth of the chance to die within a year, and a twelfth for whoever retires in it."""
    for i in range(len(alive)):
        if alive[i] == 0 or employer[i] < 0:
            continue
        age = years_old(birth_month[i], month)
        out[employer[i]] += monthly_death_rate(q[sex[i], age], shape[residence[i]])
        w = draw4(seed, RETIRE, 0, uid[i], 0)
        luck, farm_luck = (w[0] + 0.5) / 4294967296.0, (w[1] + 0.5) / 4294967296.0
        official = women if sex[i] == FEMALE else men
        if age + 1 == planned_retirement(state[i], hukou_kind[i], official, to_65, to_70, luck, farm_luck):
            out[employer[i]] += 1.0 / 12.0


def count_states(model, n: int) -> dict[int, np.ndarray]:
    """Living people by state and residence, agents."""
    p = model.persons
    living = p.alive == 1
    return {
        state: np.bincount(p.residence[living & (p.state == state)], minlength=n).astype(np.float64)
        for state in (UNEMPLOYED, FLEXIBLE, FARMING)
    }


def flow_balance(model, counts, ended: float, month: int) -> dict[str, float]:
    """Monthly flows that keep unemployment, flexible work, farming and inactivity where they are.

    With L ended jobs, of which L_f go straight to the land, U unemployed (U_f with land at hand),
    R back in search, p and p_f the rates of turning to flexible work and to the land, and f the
    success of a search: f (U + R) + (1 - f)(p U + p_f U_f) + L_f = L. Where flexible workers or
    farmers could not leave as fast as others would come in, the rates of coming in are scaled down.
    """
    p, s = model.persons, model.settlements
    get = lambda name: parameter(model, name)
    rural = np.asarray(model.world.kind) == searching.RURAL_KIND
    land = (p.household >= 0) & (model.households.land_right[np.maximum(p.household, 0)] == 1)
    at_land = (p.alive == 1) & (p.hukou_kind == 0) & (p.residence == p.root) & rural[p.root] & land
    employed, unemployed = (p.alive == 1) & (p.state == EMPLOYED), (p.alive == 1) & (p.state == UNEMPLOYED)
    age = (month - p.birth_month.astype(np.int64)) // 12
    idle = (p.alive == 1) & (p.state == INACTIVE) & (age >= 16) & (age < 55)
    pay = np.minimum(5.0, (s.flexible_pay / np.maximum(get("labour.flexible_pay_share") * s.wage[:, 0], 1.0)) ** 2)
    to_flexible = float((counts[UNEMPLOYED] * np.minimum(0.5, get("labour.flexible_entry_rate") * pay)).sum())
    to_land = get("labour.farm_entry_rate") * float((unemployed & at_land).sum())
    share = float((employed & at_land).sum()) / max(float(employed.sum()), 1.0)
    straight = ended * share * get("labour.job_loser_farm_share")
    back, seeking = get("labour.reentry_rate") * float(idle.sum()), float(unemployed.sum())
    open_flexible = OPEN_SHARE * get("labour.search_weight_flexible") * float(counts[FLEXIBLE].sum())
    open_farming = OPEN_SHARE * get("labour.search_weight_farming") * float(counts[FARMING].sum())
    enter_flexible = enter_land = 1.0
    for _ in range(20):
        flexible, land, direct = enter_flexible * to_flexible, enter_land * to_land, enter_land * straight
        finding = (ended - direct - flexible - land) / max(seeking + back - flexible - land, 1.0)
        finding = min(max(finding, 0.02), 0.6)
        enter_flexible = min(1.0, finding * open_flexible / max((1.0 - finding) * to_flexible, 1e-9))
        enter_land = min(1.0, finding * open_farming / max((1.0 - finding) * to_land + straight, 1e-9))
    return {
        "enter_flexible": enter_flexible,
        "enter_land": enter_land,
        "finding": finding,
        "unemployed_share": seeking / max(seeking + float(employed.sum()), 1.0),
        "flexible_hires": (1.0 - get("labour.flexible_renewal_share")) * enter_flexible * (1.0 - finding) * to_flexible,
        # the rest of those who turn to the land take the place of farmers who grow old
        "farm_hires": (1.0 - get("labour.farm_renewal_share")) * enter_land * ((1.0 - finding) * to_land + straight),
        "gives_up": min(back / max(seeking, 1.0), 0.05),
    }


def try_months(model, tables, expected, balance, month: int) -> dict:
    """Trial months of search; sums of their second half."""
    p, s = model.persons, model.settlements
    n = len(s.residents)
    people = p.bundle(matching.Workers)
    weights = np.zeros(9)
    weights[UNEMPLOYED], weights[INACTIVE] = 1.0, parameter(model, "labour.reentry_rate")
    for state, name in ((EMPLOYED, "employed"), (FLEXIBLE, "flexible"), (FARMING, "farming")):
        weights[state] = parameter(model, f"labour.search_weight_{name}")
    reserve = s.labour_balance
    reserve[:] = (0.8, 0.8, balance["gives_up"], balance["enter_flexible"], balance["enter_land"])
    trials = min(max(1_000_000 // max(len(people.alive), 1), 6), MOST_TRIALS)
    leavers, out = np.zeros(len(expected)), np.empty(len(people.alive), dtype=np.int32)
    total = {"posted": np.zeros((n, 2)), "applications": np.zeros((n, 2)), "found": np.zeros((n, 2)), "sought": np.zeros((n, 2))}
    vacancies, filled, open_jobs = np.zeros(len(expected), dtype=np.int64), 0, 0
    unfilled = np.zeros(len(expected), dtype=np.int64)
    for trial in range(trials):
        then = month - 1 - trial
        posting.round_by_luck(expected + leavers, model.seed, then, 2, vacancies)
        vacancies += unfilled  # jobs that found nobody stay open, as in any month
        count = draw_searchers(people.alive, people.state, people.birth_month, people.uid, weights, model.seed, then, out)
        rows = out[:count].copy()
        posted = by_market(model, vacancies)
        result = apply_and_take(model, people, rows, weigh_reach(model, tables, posted, reserve), *line_up(model, vacancies), then)
        taken = rows[result.taker[result.taker >= 0]]
        if trial == trials // 2:
            filled = open_jobs = 0
        filled, open_jobs = filled + len(taken), open_jobs + len(result.taker)
        unfilled = vacancies - np.bincount(result.employer_of[result.taker >= 0], minlength=len(expected))
        state = people.state[taken]
        changed = np.bincount(people.employer[taken[state == EMPLOYED]], minlength=len(expected))
        leavers += (changed - leavers) / (trial + 1 if trial < 8 else 8)
        for k, (kind, wanted) in enumerate(((FLEXIBLE, "flexible_hires"), (FARMING, "farm_hires"))):
            gap = log_((np.count_nonzero(state == kind) + 0.5) / (balance[wanted] + 0.5))
            reserve[k] = min(max(reserve[k] + WILLINGNESS_SPREAD * gap / (1 if trial < 4 else trial - 2), -3.0), 6.0)
        if trial >= trials // 2:
            total["posted"] += posted
            total["applications"] += result.applications
            for name, who in (("found", taken), ("sought", rows)):
                who = who[people.state[who] == UNEMPLOYED]
                market = people.residence[who].astype(np.int64) * 2 + (people.education[who] == COLLEGE)
                total[name] += np.bincount(market, minlength=2 * n).reshape(n, 2)
    return {"leavers": leavers, "fill": filled / max(open_jobs, 1), "unfilled": unfilled, **total}


def set_rates(model, expected, trials, n: int) -> None:
    """Tightness, finding and separation rates by market from the trials, small markets near the nation's."""
    s, e = model.settlements, model.employers

    def shrunk(events, people):
        national = events.sum(axis=0) / np.maximum(people.sum(axis=0), 1e-9)
        return national, (events + SMALL_MARKET * national) / (people + SMALL_MARKET)

    _, s.tightness_base[...] = shrunk(trials["posted"], trials["applications"])
    s.tightness[...] = s.tightness_base
    s.finding_national[...], s.finding_rate[...] = shrunk(trials["found"], trials["sought"])
    working = by_market(model, e.headcount)
    s.separation_national[...], s.separation_rate[...] = shrunk(by_market(model, expected), working)
