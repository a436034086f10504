"""A month of a firm's money: what it made and sold, what labour, taxes, interest and machines cost, who gets the profit.

All amounts are whole fen of one firm. Money of labour and the profits of firms without a founder
pass through the fund that owns those firms; the caller books the sums by settlement.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from simulator.kernels.elementary import exp_, exp_all, log_, log_all

LOCAL_SERVICES, PUBLIC = 1, 5
(MARKET, LOCAL_SALES, LABOUR, CONTRIBUTIONS, UNSEEN, PRODUCTION_TAX, PROFIT_TAX, INTEREST, INVESTMENT, REPAID, LENT, PUBLIC_BILL,
 PROFITS, INPUTS, MADE, EARNED) = range(16)  # fmt: skip
N_BOOKED = 16
"""Columns of what is booked by settlement of the firm; PROFITS are those paid to founders; MADE and
EARNED, value added and profit after tax of open firms, are no payments."""


class Rules(NamedTuple):
    """Rates and shares that do not change in a run, or not within a month."""

    labour_share: float
    capital_share: float
    skill_substitution: float
    contributions: float  # of take-home pay
    unseen: float  # of take-home pay
    production_tax: float
    profit_tax: float
    interest: float  # a month
    wear: float  # depreciation a month
    buffer_months: float
    leverage: float  # most debt over capital


@njit(nogil=True, cache=True)
def hired_labour(bill, wage, efficiency):
    """Workers of base-year quality behind a wage bill: bill / (market wage x base-year pay relative to it)."""
    return bill / max(wage * efficiency, 1.0)


@njit(nogil=True, cache=True)
def profit_of(revenue, labour, production_tax, interest, wear):
    """Profit before profit tax: revenue less labour, taxes on production, interest and the wear of capital, fen."""
    return revenue - labour - production_tax - interest - wear


@njit(nogil=True, cache=True)
def price_after(price, demand, capacity, adjustment):
    """Price of local services: ln P moves by eta_p (demand / capacity - 1), at most 2 % a month (MODEL 4.3)."""
    if capacity <= 0:
        return price
    return price * exp_(min(max(adjustment * (demand / capacity - 1.0), -0.02), 0.02))


@njit(nogil=True, cache=True)
def move_prices(price, demand, capacity, inputs, adjustment):
    """The price of local services in every settlement after a month of this demand, less what pays for inputs."""
    for c in range(len(price)):
        price[c] = price_after(price[c], demand[c] * (1.0 - inputs[c]), capacity[c], adjustment)


BATCH = 256
"""Firms that are reckoned together."""


@njit(nogil=True, cache=True, error_model="numpy")
def make_goods(firms, lines_bill, wage, productivity, price, tech, worth, unit, rules, made, lo, hi):
    """Value added of every open firm at today's prices, whole fen, into `made`, for rows [lo, hi); returns sums by settlement and sector.

    `tech`: (college share, college share of the bill, efficiency [n, 6, 2]); `worth[c, s]` what a base-year
    worker cost there; `unit` fen of capital a worker. Public employers make what they cost: 0 here.

    The equations are `hired_labour`, `labour_aggregate` and `value_added`, to the same bits, each step for a batch of
    firms: logarithms and exponentials are then taken of several at a time.
    """
    alive, place, sector = firms.alive, firms.settlement, firms.sector
    own, built_for, capital = firms.productivity, firms.built_for, firms.capital
    college, college_cost, efficiency = tech
    made_in = np.zeros(college.shape, dtype=np.int64)
    power, per_labour = 1.0 - 1.0 / rules.skill_substitution, rules.labour_share
    rest = 1.0 - rules.capital_share - rules.labour_share
    of_place = np.empty(len(productivity))
    for c in range(len(of_place)):
        of_place[c] = (1.0 - rules.capital_share) * log_(max(productivity[c], 1e-6))
    rows, logs, amount = np.empty(BATCH, dtype=np.int64), np.empty((4, BATCH)), np.empty((4, BATCH))
    for start in range(lo, hi, BATCH):
        many = 0
        for f in range(start, min(start + BATCH, hi)):
            made[f] = 0
            rows[many] = f
            many += np.int64((alive[f] == 1) & (sector[f] != PUBLIC))
        first, second, stock, plants = amount[0, :many], amount[1, :many], amount[2, :many], amount[3, :many]
        for q in range(many):
            f = rows[q]
            c, s = place[f], sector[f]
            heads0 = hired_labour(lines_bill[2 * f], wage[c, 0], efficiency[c, s, 0])
            heads1 = hired_labour(lines_bill[2 * f + 1], wage[c, 1], efficiency[c, s, 1])
            share = college[c, s]
            first[q] = heads0 / (1.0 - share) if share < 1.0 and heads0 > 0.0 else 0.0
            second[q] = heads1 / share if share > 0.0 and heads1 > 0.0 else 0.0
            stock[q], plants[q] = capital[f] / unit[c, s], max(built_for[f], 1e-6)
        labour = labour_of_many(first, second, rows, place, sector, college_cost, power, logs)
        log_positive(stock, logs[0])
        log_all(plants, logs[1, :many])
        log_positive(labour, logs[2])
        for q in range(many):
            exponent = of_place[place[rows[q]]] + rules.capital_share * logs[0, q] + rules.labour_share * logs[2, q]
            logs[3, q] = exponent + rest * logs[1, q]
        exp_all(logs[3, :many], logs[3, :many])
        for q in range(many):
            f = rows[q]
            c, s = place[f], sector[f]
            worked = labour[q] > 0.0 and stock[q] > 0.0
            output = np.int64(worth[c, s] / per_labour * price[c, s] * own[f] * logs[3, q]) if worked else np.int64(0)
            made[f] = output
            made_in[c, s] += output
    return made_in


@njit(nogil=True, cache=True)
def log_positive(x, out):
    """Logarithms of the positive ones among x; 0 for others."""
    for q in range(len(x)):
        out[q] = x[q] if x[q] > 0.0 else 1.0
    log_all(out[: len(x)], out[: len(x)])


@njit(nogil=True, cache=True)
def labour_of_many(first, second, rows, place, sector, college_cost, power, logs):
    """`labour_aggregate` of a batch of firms, from heads over their share in the base mix by skill, 0 for nobody."""
    many = len(first)
    log_positive(first, logs[0])
    log_positive(second, logs[1])
    for q in range(many):
        logs[0, q] *= power
    for q in range(many):
        logs[1, q] *= power
    exp_all(logs[0, :many], logs[0, :many])
    exp_all(logs[1, :many], logs[1, :many])
    labour = np.empty(many)
    for q in range(many):
        cost1 = college_cost[place[rows[q]], sector[rows[q]]]
        labour[q] = ((1.0 - cost1) * logs[0, q] if first[q] > 0.0 else 0.0) + (cost1 * logs[1, q] if second[q] > 0.0 else 0.0)
    log_positive(labour, logs[2])
    for q in range(many):
        logs[2, q] /= power
    exp_all(logs[2, :many], logs[2, :many])
    for q in range(many):
        labour[q] = logs[2, q] if labour[q] > 0.0 else 0.0
    return labour


@njit(nogil=True, cache=True)
def share_out_sales(alive, place, sector, made, made_in, demand, revenue):
    """Sales of every firm into `revenue`: the market takes what was made; local services share what was spent, `demand[c]`.

    Shares by what could be made, the first firms a fen more until all is sold.
    """
    left = demand.copy()
    for c in range(len(left)):
        if made_in[c, LOCAL_SERVICES] <= 0:
            left[c] = 0
    total = left.copy()
    for f in range(len(made)):
        revenue[f] = made[f]
        if alive[f] == 1 and sector[f] == LOCAL_SERVICES:
            c = place[f]
            revenue[f] = np.int64(total[c] * (made[f] / max(made_in[c, LOCAL_SERVICES], 1)))
            left[c] -= revenue[f]
    open_ = np.count_nonzero(left)  # places in which not all is sold
    for f in range(len(made)):
        if open_ == 0:
            return
        c = place[f]
        if alive[f] == 1 and sector[f] == LOCAL_SERVICES and left[c] != 0 and made[f] > 0:
            step = 1 if left[c] > 0 else -1
            if revenue[f] + step >= 0:
                revenue[f] += step
                left[c] -= step
                open_ -= np.int64(left[c] == 0)
    for f in range(len(made)):  # what rounding still leaves goes to the first firm
        if open_ == 0:
            return
        c = place[f]
        if alive[f] == 1 and sector[f] == LOCAL_SERVICES and left[c] != 0 and revenue[f] + left[c] >= 0:
            revenue[f] += left[c]
            left[c] = 0
            open_ -= 1


@njit(nogil=True, cache=True)
def settle_accounts(firms, take_home, gross, revenue, inputs, holiday, month, rules, dividends, lo, hi):
    """Every open firm of rows [lo, hi) pays labour, taxes, interest and machines out of what it sold; profits go to their owners.

    `revenue` comes as sales; inputs are taken off it. `dividends[f]` is what a founder gets. Returns what is
    booked by settlement and kind (`N_BOOKED`), the money that passed to the fund of firms without a founder: their profits, and
    all labour cost it advanced; and how many open firms make a loss.
    """
    alive, place, sector, founder = firms.alive, firms.settlement, firms.sector, firms.founder
    cash, debt, capital, investment = firms.cash, firms.debt, firms.capital, firms.investment
    born, loss_months, profit, output = firms.born, firms.loss_months, firms.profit, firms.output
    to_fund, losers = np.int64(0), 0
    booked = np.zeros((len(inputs), N_BOOKED), dtype=np.int64)
    for f in range(lo, hi):
        dividends[f] = 0
        if alive[f] == 0:
            continue
        c, s = place[f], sector[f]
        bill = take_home[2 * f] + take_home[2 * f + 1]
        wages = gross[2 * f] + gross[2 * f + 1]
        contributions, unseen = np.int64(bill * rules.contributions), np.int64(bill * rules.unseen)
        labour = wages + contributions + unseen
        booked[c, LABOUR] += wages
        booked[c, CONTRIBUTIONS] += contributions
        booked[c, UNSEEN] += unseen
        if s == PUBLIC:  # its government pays the fund back
            booked[c, PUBLIC_BILL] += labour
            to_fund -= contributions + unseen
            output[f] = labour
            booked[c, MADE] += labour
            booked[c, EARNED] += profit[f]
            losers += np.int64(loss_months[f] != 0)
            continue
        to_fund += wages  # pay was advanced out of the fund
        sales = revenue[f]
        if s == LOCAL_SERVICES:
            bought = np.int64(sales * inputs[c])
            booked[c, LOCAL_SALES] += sales
            booked[c, INPUTS] += bought
            sales -= bought
        else:
            booked[c, MARKET] += sales
        taxed = np.int64(rules.production_tax * sales)
        owed = np.int64(rules.interest * debt[f])
        wear = np.int64(rules.wear * capital[f])
        result = profit_of(sales, labour, taxed, owed, wear)
        free = founder[f] >= 0 and month - born[f] < holiday[c]
        tax = np.int64(0) if free else np.int64(rules.profit_tax * max(result, 0))
        cash[f] += sales - labour - taxed - owed - tax - investment[f]
        booked[c, PRODUCTION_TAX] += taxed
        booked[c, PROFIT_TAX] += tax
        booked[c, INTEREST] += owed
        booked[c, INVESTMENT] += investment[f]
        profit[f] = result - tax
        output[f] = sales
        loss_months[f] = min(loss_months[f] + 1, 250) if result < 0 else 0
        booked[c, MADE] += sales
        booked[c, EARNED] += profit[f]
        losers += np.int64(result < 0)
        aim = np.int64(rules.buffer_months * labour)
        if founder[f] < 0:
            if result >= 0 or cash[f] > aim:
                to_fund += cash[f] - aim  # the fund takes profits and pays for growth
                cash[f] = aim
            continue
        if cash[f] < 0:  # banks lend a founder up to a share of the capital
            lent = max(np.int64(0), min(-cash[f], np.int64(rules.leverage * capital[f]) - debt[f]))
            cash[f] += lent
            debt[f] += lent
            booked[c, LENT] += lent
        spare = max(np.int64(0), cash[f] - aim)
        repaid = min(spare // 2, debt[f])
        cash[f] -= repaid
        debt[f] -= repaid
        booked[c, REPAID] += repaid
        spare -= repaid
        paid = max(np.int64(0), min(spare, profit[f]))
        cash[f] -= paid
        dividends[f] = paid
        booked[c, PROFITS] += paid
    return booked, to_fund, losers


@njit(nogil=True, cache=True)
def pay_dividends(dividends, founder, residence, savings, received, got):
    """Founders get their dividends, noted in `got` by where they live."""
    for f in range(len(dividends)):
        fen = dividends[f]
        if fen != 0:
            owner = founder[f]
            savings[owner] += fen
            received[owner] += np.int32(min(fen, np.int64(2**30)))
            got[residence[owner]] += fen
