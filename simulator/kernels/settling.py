"""A month of a firm's money: what it made and sold, what labour, taxes, interest and machines cost, who gets the profit.

All amounts are whole fen of one firm. Money of labour and the profits of firms without a founder
pass through the fund that owns those firms; the caller books the sums by settlement.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from simulator.kernels.elementary import exp_
from simulator.kernels.producing import labour_aggregate, value_added

LOCAL_SERVICES, PUBLIC = 1, 5
MARKET, LOCAL_SALES, LABOUR, CONTRIBUTIONS, UNSEEN, PRODUCTION_TAX, PROFIT_TAX, INTEREST, INVESTMENT, REPAID, LENT, PUBLIC_BILL, PROFITS, INPUTS = range(14)
N_BOOKED = 14
"""Columns of what is booked by settlement of the firm; PROFITS are those paid to founders."""


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


@njit(nogil=True, cache=True)
def make_goods(firms, lines_bill, wage, productivity, price, tech, worth, unit, rules, made, lo, hi):
    """Value added of every open firm at today's prices, whole fen, into `made`, for rows [lo, hi); returns sums by settlement and sector.

    `tech`: (college share, college share of the bill, efficiency [n, 6, 2]); `worth[c, s]` what a base-year
    worker cost there; `unit` fen of capital a worker. Public employers make what they cost: 0 here.
    """
    alive, place, sector = firms.alive, firms.settlement, firms.sector
    own, built_for, capital = firms.productivity, firms.built_for, firms.capital
    college, college_cost, efficiency = tech
    made_in = np.zeros(college.shape, dtype=np.int64)
    for f in range(lo, hi):
        made[f] = 0
        if alive[f] == 0 or sector[f] == PUBLIC:
            continue
        c, s = place[f], sector[f]
        workers = labour_aggregate(
            hired_labour(lines_bill[2 * f], wage[c, 0], efficiency[c, s, 0]),
            hired_labour(lines_bill[2 * f + 1], wage[c, 1], efficiency[c, s, 1]),
            college[c, s], college_cost[c, s], rules.skill_substitution,
        )  # fmt: skip
        made[f] = np.int64(value_added(
            worth[c, s], productivity[c], price[c, s], own[f], built_for[f], capital[f] / unit[c, s], workers,
            rules.capital_share, rules.labour_share,
        ))  # fmt: skip
        made_in[c, s] += made[f]
    return made_in


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
    for f in range(len(made)):
        c = place[f]
        if alive[f] == 1 and sector[f] == LOCAL_SERVICES and left[c] != 0 and made[f] > 0:
            step = 1 if left[c] > 0 else -1
            if revenue[f] + step >= 0:
                revenue[f] += step
                left[c] -= step
    for f in range(len(made)):  # what rounding still leaves goes to the first firm
        c = place[f]
        if alive[f] == 1 and sector[f] == LOCAL_SERVICES and left[c] != 0 and revenue[f] + left[c] >= 0:
            revenue[f] += left[c]
            left[c] = 0


@njit(nogil=True, cache=True)
def settle_accounts(firms, take_home, gross, revenue, inputs, holiday, month, rules, dividends, lo, hi):
    """Every open firm of rows [lo, hi) pays labour, taxes, interest and machines out of what it sold; profits go to their owners.

    `revenue` comes as sales; inputs are taken off it. `dividends[f]` is what a founder gets. Returns what is
    booked by settlement and kind (`N_BOOKED`), and the money that passed to the fund of firms without a founder: their profits, and all labour cost it advanced.
    """
    alive, place, sector, founder = firms.alive, firms.settlement, firms.sector, firms.founder
    cash, debt, capital, investment = firms.cash, firms.debt, firms.capital, firms.investment
    born, loss_months, profit, output = firms.born, firms.loss_months, firms.profit, firms.output
    to_fund = np.int64(0)
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
    return booked, to_fund
