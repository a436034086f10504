"""Pay, job loss, search and posted jobs: the scalar equations of the labour market.

Every equation stands here once, as a function of numbers, so that any version of the model can
call the very same one with the same luck. Rates are per month, money is fen a month.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from simulator.kernels.elementary import exp_, log_, pow_, rank_exponential
from simulator.kernels.rng import draw1, draw4, normal, uniform

SMALL_MARKET = 20.0
"""Agents at which a local rate counts as much as what it is shrunk towards (assumed)."""

LAYOFF_SLACK = 1.02
"""A pool sheds workers only above this multiple of the jobs it wants (assumed)."""

LAYOFF_FACTOR_MAX = 3.0
"""The most that shedding multiplies the separation rate of a pool (assumed)."""

BETTER_PAY = 1.05
"""An employed searcher applies only where pay net of commuting is this many times present pay (assumed)."""

SETTLED_MONTHS = 24
"""Months after a move during which a migrant counts as new in the labour market."""

WILLINGNESS_SPREAD = 0.3
"""Spread, in log pay, of what flexible workers and farmers ask before they take a job (assumed)."""

LONGEST_PROFILE = 20.0
"""Years of experience after which pay no longer rises with it."""

PAY_LUCK_STREAM = np.uint64(18)
SEARCH_PLACE_STREAM = np.uint64(13)


# --- pay -----------------------------------------------------------------------------------


@njit(nogil=True, cache=True, forceinline=True)
def log_pay_factor(deviate, experience_months, pay_dispersion, experience_return):
    """Logarithm of individual pay relative to the market wage: sd z - sd^2/2 + r min(years, 20)."""
    years = min(experience_months / 12.0, LONGEST_PROFILE)
    return pay_dispersion * deviate - 0.5 * pay_dispersion * pay_dispersion + experience_return * years


@njit(nogil=True, cache=True)
def pay_factor(deviate, experience_months, pay_dispersion, experience_return):
    """Individual pay relative to the market wage: exp(sd z - sd^2/2) exp(r min(years, 20)).

    Log-normal with mean one in z, times a Mincer profile; `deviate` is the person's z for life.
    """
    return exp_(log_pay_factor(deviate, experience_months, pay_dispersion, experience_return))


@njit(nogil=True, cache=True)
def pay_deviate(seed, uid):
    """The person's standard normal luck in pay: the same for life, keyed by the uid alone."""
    w0, w1, _, _ = draw4(seed, PAY_LUCK_STREAM, 0, uid, 0)
    return normal(w0, w1)


@njit(nogil=True, cache=True)
def agreed_wage(market_wage, factor):
    """Pay agreed at hiring, whole fen a month: market wage times the individual factor, at least 1."""
    return max(np.int64(1), np.int64(math.floor(market_wage * factor + 0.5)))


@njit(nogil=True, cache=True)
def grown_wage(wage, growth):
    """Next month's pay of a person in a job: follows the market wage, whole fen, halves up."""
    return np.int64(wage * growth + 0.5)


@njit(nogil=True, cache=True)
def wage_step(tightness, tightness_base, productivity_growth, wage_adjustment, wage_step_max):
    """Change of the log market wage: g_A/12 + eta_w (ln theta - ln theta*), within +-wage_step_max.

    `productivity_growth` is g_A, a year; theta is vacancies a searcher.
    """
    gap = 0.0
    if tightness > 0.0 and tightness_base > 0.0:
        gap = log_(tightness / tightness_base)
    step = productivity_growth / 12.0 + wage_adjustment * gap
    return min(max(step, -wage_step_max), wage_step_max)


@njit(nogil=True, cache=True)
def farm_income(productivity, farmers_base, farmers, land_share):
    """Income of a farmer, fen a month: productivity (farmers_base / farmers)^land_share.

    Shared average product on fixed land, as in Lewis (1954); the crowding ratio is kept in [1/20, 20].
    """
    if farmers_base <= 0.0:
        return productivity
    ratio = min(max(farmers_base / max(farmers, 0.5), 0.05), 20.0)
    return productivity * pow_(ratio, land_share)


@njit(nogil=True, cache=True)
def flexible_pay(pay_base, wage_growth, workers, workers_base, residents, residents_base, elasticity):
    """Flexible pay, fen a month: base x wage growth x ((F/F0) / (N/N0))^elasticity, elasticity < 0."""
    if workers_base <= 0.0 or residents_base <= 0.0:
        return pay_base * wage_growth
    ratio = (max(workers, 0.5) / workers_base) / (max(residents, 0.5) / residents_base)
    return pay_base * wage_growth * pow_(min(max(ratio, 0.05), 20.0), elasticity)


# --- jobs wanted and posted ----------------------------------------------------------------


@njit(nogil=True, cache=True)
def place_productivity(national, residents_ratio, talent_gap, transport_ratio, digital_ratio,
                       agglomeration, college_externality, infrastructure):  # fmt: skip
    """Productivity of a place relative to its base year.

    A = g_A index x (N/N0)^agglomeration x exp(college_externality (talent share - base share))
    x transport^infrastructure x digital^infrastructure, the last two relative to the base year.
    """
    return (
        national
        * pow_(max(residents_ratio, 1e-3), agglomeration)
        * exp_(college_externality * talent_gap)
        * pow_(max(transport_ratio, 1e-3), infrastructure)
        * pow_(max(digital_ratio, 1e-3), infrastructure)
    )


@njit(nogil=True, cache=True)
def posted_vacancies(left, target, headcount, hiring_adjustment, offers, u):
    """Vacancies posted, rounded by luck u: jobs that were left (or stayed open) as far as they are wanted, and a of the rest.

    need = max(0, target - headcount); back = min(left, need); (back + a (need - back)) x offers.
    """
    need = max(0.0, target - headcount)
    back = min(np.float64(left), need)
    wanted = (back + hiring_adjustment * (need - back)) * offers
    whole = math.floor(wanted)
    return np.int64(whole) + (1 if u < wanted - whole else 0)


@njit(nogil=True, cache=True)
def layoff_factor(headcount, target, hiring_adjustment, separation_rate):
    """Factor on the separation rate of a firm with too many workers, 1 to LAYOFF_FACTOR_MAX.

    The share a (headcount - target) / headcount leaves a month on top of the ordinary rate.
    """
    if headcount <= target * LAYOFF_SLACK or headcount <= 0.0:
        return 1.0
    extra = hiring_adjustment * (headcount - target) / headcount
    return min(LAYOFF_FACTOR_MAX, 1.0 + extra / max(separation_rate, 1e-6))


# --- losing and looking for work -----------------------------------------------------------


MOST_A_MONTH = 65535.0 / 65536.0
"""The highest monthly probability: that of the finest bound of screening."""


@njit(nogil=True, cache=True)
def separation_rate_of(away, months_since_move, factor, separation_rate, migrant_separation_rate):
    """Monthly probability that a job ends: higher for migrants in their first two years."""
    rate = migrant_separation_rate if away and months_since_move < SETTLED_MONTHS else separation_rate
    return min(rate * min(factor, LAYOFF_FACTOR_MAX), MOST_A_MONTH)


@njit(nogil=True, cache=True)
def commuting_share(hours, commute_cost_per_hour):
    """Share of pay left after commuting `hours` one way."""
    return max(0.05, 1.0 - commute_cost_per_hour * hours)


@njit(nogil=True, cache=True)
def search_utility(net_wage, posted, search_wage_weight, tightness_weight):
    """Pull of looking for work in a place: a ln(net wage) + b ln(vacancies + 0.1)."""
    return search_wage_weight * log_(max(net_wage, 1.0)) + tightness_weight * log_(posted + 0.1)


@njit(nogil=True, cache=True)
def choose_place(seed, month, uid, weights, start, stop, skill):
    """The place where a searcher applies: an exponential race, winner = argmin E_s / exp(V_s).

    `weights[s, skill]` is exp(V) of the s-th reachable place; the s-th option always uses the
    same number of the person's luck. -1 when no place pulls.
    """
    best, chosen = math.inf, -1
    w0, w1, w2, w3 = draw4(seed, SEARCH_PLACE_STREAM, month, uid, 0)
    for s in range(start, stop):
        slot = s - start
        turn = slot & 3
        if turn == 0 and slot > 0:
            w0, w1, w2, w3 = draw4(seed, SEARCH_PLACE_STREAM, month, uid, slot >> 2)
        word = w0 if turn == 0 else w1 if turn == 1 else w2 if turn == 2 else w3
        pull = weights[s, skill]
        if pull > 0.0 and 0.999999 * (1.0 - uniform(word)) < best * pull:  # -ln u >= 1 - u: most are told by that
            time = rank_exponential(word) / pull
            if time < best:
                best, chosen = time, s
    return chosen


@njit(nogil=True, cache=True)
def willing_to_leave(net_offer, income, reserve):
    """Probability that a flexible worker or farmer would take a job: logistic in ln(offer / income).

    p = 1 / (1 + exp(-(ln(offer / income) - reserve) / spread)); `reserve` is solved at the base
    year so that as many leave for jobs as come in (the worth of freedom, land and home).
    """
    gain = log_(max(net_offer, 1.0) / max(income, 1.0)) - reserve
    return 1.0 / (1.0 + exp_(-gain / WILLINGNESS_SPREAD))


@njit(nogil=True, cache=True)
def flexible_entry_rate(entry_rate, pay, wage, flexible_pay_share):
    """Monthly probability that an unemployed person turns to flexible work.

    entry_rate x (pay / (share x market wage))^2, at most five times entry_rate and one half.
    """
    ratio = pay / max(flexible_pay_share * wage, 1.0)
    return min(0.5, entry_rate * min(5.0, ratio * ratio))


@njit(nogil=True, cache=True)
def smoothed_rate(before, events, people, national, smoothing):
    """A local monthly rate: before + smoothing (shrunk - before), shrunk = (events + 20 national) / (people + 20)."""
    shrunk = (events + SMALL_MARKET * national) / (people + SMALL_MARKET)
    return before + smoothing * (shrunk - before)


# --- spending ------------------------------------------------------------------------------


@njit(nogil=True, cache=True)
def consumption_of(income, savings, consume_income, consume_wealth, target_months):
    """Consumption, whole fen: c1 income + c2 max(0, savings - months x income), never beyond what is held."""
    spare = max(0.0, savings - target_months * income)
    wanted = np.int64(consume_income * income + consume_wealth * spare)
    return max(np.int64(0), min(wanted, savings + income))


@njit(nogil=True, cache=True)
def chance(seed, stream, month, uid, number, probability):
    """Whether something with this probability happens to this person this month."""
    return draw1(seed, stream, month, uid, number) < probability


@njit(nogil=True, cache=True)
def pick(word, count):
    """One of `count` equal things by a 32-bit word."""
    return min(np.int64(uniform(word) * count), np.int64(count) - 1)
