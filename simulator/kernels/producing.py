"""What a firm can make and how many people it wants for it: the equations of production, one scalar function each.

Value added of a firm, with K its capital, L its workers as a CES aggregate of the two skill groups,
phi its own productivity and A the place's (MODEL 4.3):

    Y = P A phi K^kappa L^nu,     kappa + nu < 1

Everything is written relative to the base year, where a firm of size z (workers) with the best
capital for it wants exactly z workers: phi = z^(1 - kappa - nu), capital is counted in
"worker-equivalents" k = K / (c w0), and the place's A is w0^(1 - kappa) times an index
lambda^(1 - kappa), w0 being what a worker costs there at the base year. lambda is the index of
labour productivity: national growth, density, graduates, infrastructure.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from simulator.kernels.elementary import (
    _HALF_BITS,
    _exp_sum,
    _log_pair,
    bits_of,
    exp_,
    exp_all,
    float_of,
    log_,
    log_all,
    pow_,
)
from simulator.kernels.labour import layoff_factor, posted_vacancies
from simulator.kernels.rng import draw4, hash64, uniform

LOCAL_SERVICES, PUBLIC = 1, 5
NOBODY = -1
BATCH = 256
"""Firms that are reckoned together, so that logarithms and exponentials are taken of several at a time."""
VACANCY_ROUNDING = np.uint64(17)
ROUNDING_POINT = 2
"""Number of the draw by which a firm gets its own point of rounding, for life."""


@njit(nogil=True, cache=True)
def cost_index(rise0, rise1, share1, elasticity):
    """What the best mix of labour costs relative to the base year, W.

    W = (theta0 x0^(1-s) + theta1 x1^(1-s))^(1/(1-s)): x_k pay of skill k over its base, theta_k its share
    of the wage bill at the base year, s the elasticity of substitution (not 1).
    """
    power = 1.0 - elasticity
    return mixed_cost(pow_(rise0, power), pow_(rise1, power), share1, power)


@njit(nogil=True, cache=True)
def mixed_cost(powered0, powered1, share1, power):
    """`cost_index` from the rises of pay to the power of 1 - s, which do not depend on the sector."""
    return pow_((1.0 - share1) * powered0 + share1 * powered1, 1.0 / power)


@njit(nogil=True, cache=True)
def jobs_level(lambda_, price, cost, elasticity, capital_share, answer):
    """ln of jobs relative to the efficient size at given capital: b/(1-nu) ((1-kappa) ln lambda + ln P - ln W).

    `elasticity` is 1/(1-nu); `answer` b is 1, and less for public employers, whose budgets follow pay.
    """
    own = (1.0 - capital_share) * log_(max(lambda_, 1e-6)) + log_(max(price, 1e-6)) - log_(max(cost, 1e-6))
    return min(max(answer * elasticity * own, -2.3), 2.3)


@njit(nogil=True, cache=True)
def best_capital_level(level, cost, capital_answer):
    """ln of the best capital relative to the efficient size: ln k* = (level + ln W) / (1 - b kappa/(1-nu)), k = W l.

    From k = W l and ln l = level + b kappa/(1-nu) ln k. Kept within a factor of e^3.
    """
    return min(max((level + log_(max(cost, 1e-6))) / (1.0 - capital_answer), -3.0), 3.0)


@njit(nogil=True, cache=True)
def efficient_size(productivity, returns):
    """Workers of a firm with the best capital at the base year: z = phi^(1/(1 - kappa - nu))."""
    return exp_(log_(max(productivity, 1e-9)) / returns)


@njit(nogil=True, cache=True)
def jobs_in_all(size, capital, built_for, expected, level, capital_answer):
    """Workers a firm wants: expected z (k / (z built_for))^(b kappa/(1-nu)) e^level; capital runs harder when demand rises."""
    if size <= 0.0 or capital <= 0.0 or built_for <= 0.0:
        return 0.0
    return expected * size * exp_(capital_answer * (log_(capital) - log_(size * built_for)) + level)


@njit(nogil=True, cache=True)
def value_added(cost_base, lambda_, price, productivity, plants, capital, labour, capital_share, labour_share):
    """Value added, fen a month: (w0 / nu) P lambda^(1-kappa) phi D^(1-kappa-nu) k^kappa L^nu; w0 L / nu at the base year.

    `cost_base` w0 is what a worker cost at the base year, `capital` k in worker-equivalents, `labour` L in workers.
    `plants` D is the demand the firm is built for: D times the demand is D of the same plants, each with k/D and L/D,
    so that growing demand does not make labour less productive. A firm has diminishing returns for a given D.
    """
    if labour <= 0.0 or capital <= 0.0:
        return 0.0
    logs = (1.0 - capital_share) * log_(max(lambda_, 1e-6)) + capital_share * log_(capital) + labour_share * log_(labour)
    logs += (1.0 - capital_share - labour_share) * log_(max(plants, 1e-6))
    return cost_base / labour_share * price * productivity * exp_(logs)


@njit(nogil=True, cache=True)
def labour_aggregate(heads0, heads1, share1, cost_share1, elasticity):
    """CES labour in workers: L = (theta0 (h0/s0)^r + theta1 (h1/s1)^r)^(1/r), r = 1 - 1/s; h in the base mix gives h0 + h1."""
    r = 1.0 - 1.0 / elasticity
    total = 0.0
    if share1 < 1.0 and heads0 > 0:
        total += (1.0 - cost_share1) * exp_(r * log_(heads0 / (1.0 - share1)))
    if share1 > 0.0 and heads1 > 0:
        total += cost_share1 * exp_(r * log_(heads1 / share1))
    return exp_(log_(total) / r) if total > 0.0 else 0.0


@njit(nogil=True, cache=True)
def whole_jobs(wanted, offset):
    """Whole jobs: the firm's own lifelong point of rounding is in `offset`, so that firms together want what they want."""
    return max(0.0, math.floor(wanted + offset))


@njit(nogil=True, cache=True)
def rounding_points(seed, uid):
    """A firm's two points of rounding, each uniform in (0, 1), for life."""
    w0, w1, _, _ = draw4(seed, VACANCY_ROUNDING, 0, uid, ROUNDING_POINT)
    return uniform(w0), uniform(w1)


@njit(nogil=True, cache=True)
def draw_rounding_points(seed, uid, out):
    """The points of rounding of many firms, into out[firm, skill]."""
    for f in range(len(uid)):
        out[f, 0], out[f, 1] = rounding_points(seed, uid[f])


@njit(nogil=True, cache=True)
def posting_luck(seed, month, uid):
    """A firm's two numbers of luck in rounding this month's vacancies, by skill."""
    w0, w1, _, _ = draw4(seed, VACANCY_ROUNDING, month, uid, 0)
    return uniform(w0), uniform(w1)


@njit(nogil=True, cache=True)
def investment_of(stock, aim, rate, trend, wear):
    """Investment a month, whole fen: wear, growth with the trend, and `rate` of the gap to the best stock; never below zero."""
    return max(np.int64(0), np.int64(wear * stock) + np.int64(stock * (trend - 1.0) + rate * (aim - stock)))


@njit(nogil=True, cache=True)
def affordable(capital, cash, debt, leverage):
    """What the firm of a founder can spend on capital this month, fen: its cash and what banks still lend on its capital."""
    return max(np.int64(0), max(cash, np.int64(0)) + max(np.int64(0), np.int64(leverage * capital) - debt))


@njit(nogil=True, cache=True)
def name_firms(pools, month, ordinals, salt, out):
    """Identities of firms by settlement and sector (`pools`), month and ordinal."""
    for k in range(len(out)):
        out[k] = hash64(hash64(np.uint64(salt) + np.uint64(pools[k]), np.uint64(month)), np.uint64(ordinals[k]))


@njit(nogil=True, cache=True)
def weigh_conditions(lambda_, price, wage, wage_base, share1, cost_share1, elasticity, labour_share, capital_share,
                     public_answer, cost, level, best, mix):  # fmt: skip
    """This month's conditions of every settlement and sector: cost of labour, level of jobs and capital, skill mix.

    `mix[c, s, k]` is the factor on the base share of skill k: (W / x_k)^s.
    """
    demand_elasticity, power, n = 1.0 / (1.0 - labour_share), 1.0 - elasticity, len(lambda_)
    rise, powered, mixed = np.empty((n, 2)), np.empty((n, 2)), np.empty((n, 6))
    for c in range(n):
        for k in range(2):
            rise[c, k] = wage[c, k] / wage_base[c, k] if wage_base[c, k] > 0.0 else 1.0
    powers(rise.reshape(-1), power, powered.reshape(-1))
    for c in range(n):
        for s in range(6):
            mixed[c, s] = (1.0 - cost_share1[c, s]) * powered[c, 0] + cost_share1[c, s] * powered[c, 1]
    powers(mixed.reshape(-1), 1.0 / power, mixed.reshape(-1))  # `mixed_cost`
    for c in range(n):
        for s in range(6):
            answer, w = public_answer if s == PUBLIC else 1.0, mixed[c, s]
            cost[c, s] = w
            level[c, s] = jobs_level(lambda_[c], price[c, s], w, demand_elasticity, capital_share, answer)
            best[c, s] = best_capital_level(level[c, s], w, answer * capital_share * demand_elasticity)
            for k in range(2):
                mix[c, s, k] = w / rise[c, k]
    powers(mix.reshape(-1), elasticity, mix.reshape(-1))
    for c in range(n):
        for s in range(6):
            mix[c, s, 0] *= 1.0 - share1[c, s]
            mix[c, s, 1] *= share1[c, s]


@njit(nogil=True, cache=True)
def power_of_normal(x, y):
    """What `pow_` says of a positive x where x^y is neither too large nor too small for a float, without its questions."""
    head, tail = _log_pair(x)
    y_head, log_head = float_of(bits_of(y) & _HALF_BITS), float_of(bits_of(head) & _HALF_BITS)
    exponent = y_head * log_head
    rest = (y - y_head) * log_head + y * (tail + (head - log_head))
    total = exponent + rest
    return _exp_sum(total, (exponent - total) + rest)


@njit(nogil=True, cache=True)
def powers(x, y, out):
    """`pow_` of many numbers, to the same bits; several at a time where all are positive, normal and not extreme."""
    odd = np.int64(not abs(y) < 100.0)
    for k in range(len(out)):
        odd += np.int64(not (x[k] > 1e-3)) + np.int64(not (x[k] < 1e3))
    if odd:
        for k in range(len(out)):
            out[k] = pow_(x[k], y)
    else:
        for k in range(len(out)):
            out[k] = power_of_normal(x[k], y)


@njit(nogil=True, cache=True)
def sizes_of_many(rows, productivity, returns, out):
    """`efficient_size` of firms `rows`, to the same bits."""
    many = len(rows)
    for q in range(many):
        out[q] = max(productivity[rows[q]], 1e-9)
    log_all(out[:many], out[:many])
    for q in range(many):
        out[q] /= returns
    exp_all(out[:many], out[:many])


@njit(nogil=True, cache=True)
def jobs_of_many(rows, sizes, place, sector, capital, unit, built_for, expected, level, capital_answers, out):
    """`jobs_in_all` of firms `rows`, to the same bits."""
    many = len(rows)
    stocks, built = np.empty(many), np.empty(many)
    for q in range(many):
        f = rows[q]
        stocks[q], built[q] = capital[f] / unit[place[f], sector[f]], sizes[q] * built_for[f]
    for q in range(many):
        some = sizes[q] > 0.0 and stocks[q] > 0.0 and built[q] > 0.0
        out[q] = 1.0 if some else 0.0
        stocks[q], built[q] = stocks[q] if some else 1.0, built[q] if some else 1.0
    log_all(stocks, stocks)
    log_all(built, built)
    for q in range(many):
        f = rows[q]
        stocks[q] = capital_answers[sector[f]] * (stocks[q] - built[q]) + level[place[f], sector[f]]
    exp_all(stocks, stocks)
    for q in range(many):
        out[q] = expected[rows[q]] * sizes[q] * stocks[q] if out[q] > 0.0 else 0.0


@njit(nogil=True, cache=True)
def plan_jobs(firms, lines, demand, level, best, mix, capital_unit, offers, returns, capital_answers, learning,
              capital_speed, trend, wear, leverage, hiring_adjustment, separation_rate, seed, month, living, lo, hi):  # fmt: skip
    """Every open firm of rows [lo, hi) expects demand, builds capital, wants jobs, posts vacancies and sheds; closes the count of separations.

    `demand`, `level`, `best`, `capital_unit` (fen of capital a worker) by settlement and sector; `living` is 1 for
    people alive: the firm of a founder who died passes to the fund of firms without a founder. Returns (jobs wanted,
    vacancies posted, the latter by settlement and skill f8[n, 2]).
    """
    alive, place, sector, uid = firms.alive, firms.settlement, firms.sector, firms.uid
    productivity, capital, expected, built_for = firms.productivity, firms.capital, firms.expected_demand, firms.built_for
    offset0, offset1, investment, founder = firms.offset0, firms.offset1, firms.investment, firms.founder
    cash, debt = firms.cash, firms.debt
    headcount, target, vacancies, filled = lines.headcount, lines.target, lines.vacancies, lines.filled
    separations, factor = lines.separations, lines.separation_factor
    jobs, posted = 0.0, 0
    drawn_to = np.empty(best.shape)
    exp_all(np.ascontiguousarray(best).reshape(-1), drawn_to.reshape(-1))
    rows, sizes, wants = np.empty(BATCH, dtype=np.int64), np.empty(BATCH), np.empty(BATCH)
    ids, luck = np.empty(BATCH, dtype=np.uint64), np.empty((2, BATCH))
    market = np.zeros((len(offers), 2))
    for start in range(lo, hi, BATCH):
        many = 0
        for f in range(start, min(start + BATCH, hi)):
            if founder[f] >= 0 and living[founder[f]] == 0:
                founder[f] = NOBODY
            rows[many] = f
            many += np.int64(alive[f])
        for q in range(many):
            ids[q] = uid[rows[q]]
        for q in range(many):
            luck[0, q], luck[1, q] = posting_luck(seed, month, ids[q])
        sizes_of_many(rows[:many], productivity, returns, sizes)
        for q in range(many):
            f = rows[q]
            expected[f] += learning * (demand[place[f], sector[f]] - expected[f])
        jobs_of_many(
            rows[:many], sizes, place, sector, capital, capital_unit, built_for, expected, level, capital_answers, wants
        )
        for q in range(many):
            f, size, wanted = rows[q], sizes[q], wants[q]
            c, s = place[f], sector[f]
            unit = capital_unit[c, s]
            aim = drawn_to[c, s] * size * expected[f] * unit
            stock = capital[f]
            investment[f] = investment_of(stock, aim, capital_speed, trend, wear)
            if founder[f] >= 0:
                investment[f] = min(investment[f], affordable(stock, cash[f], debt[f], leverage))
            if s == PUBLIC:  # what governments build is in their own accounts
                capital[f], investment[f] = stock - np.int64(wear * stock) + investment[f], 0
            else:
                capital[f] = stock - np.int64(wear * stock) + investment[f]
            built_for[f] += capital_speed * (expected[f] - built_for[f])
            for k in range(2):
                r = 2 * f + k
                target[r] = whole_jobs(mix[c, s, k] * wanted, offset1[f] if k == 1 else offset0[f])
                unfilled = vacancies[r] - filled[r]
                vacancies[r] = posted_vacancies(
                    separations[r] + unfilled, target[r], headcount[r], hiring_adjustment, offers[c], luck[k, q]
                )
                factor[r] = layoff_factor(headcount[r], target[r], hiring_adjustment, separation_rate)
                separations[r] = 0
                filled[r] = 0
                jobs += target[r]
                posted += vacancies[r]
                market[c, k] += vacancies[r]
    return jobs, posted, market


@njit(nogil=True, cache=True)
def line_up_markets(place, skill, n_markets, order):
    """Job lines in market order (settlement, skill), by row inside a market: a counting sort into `order`."""
    at = np.zeros(n_markets + 1, dtype=np.int64)
    for r in range(len(place)):
        at[np.int64(place[r]) * 2 + skill[r] + 1] += 1
    for m in range(n_markets):
        at[m + 1] += at[m]
    for r in range(len(place)):
        m = np.int64(place[r]) * 2 + skill[r]
        order[at[m]] = r
        at[m] += 1
