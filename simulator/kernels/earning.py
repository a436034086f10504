"""What everyone earns, spends and saves in a month, and what they learn by working."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from simulator.kernels.labour import consumption_of, farm_income, flexible_pay, grown_wage

FARMING, FLEXIBLE, WELFARE_JOB, RETIRED = 3, 4, 5, 7
N_STATES = 9
N_INSURANCES = 3
MOST_MONTHS_WORKED = 1200
MOST_MONTHS_AWAY = 2400
TWELVE_BITS = 4095


class Earners(NamedTuple):
    """The columns of persons that the month's pay reads or writes."""

    alive: np.ndarray
    state: np.ndarray
    insurance: np.ndarray
    hukou_place: np.ndarray
    residence: np.ndarray
    months_away: np.ndarray
    experience: np.ndarray
    worked_months: np.ndarray
    employer: np.ndarray
    wage: np.ndarray
    savings: np.ndarray
    received: np.ndarray


class PlacePay(NamedTuple):
    """What places pay and take this month."""

    incomes: np.ndarray  # i8[n, state, scheme] fen: farm, flexible work, pension, transfers
    property_rate: np.ndarray  # f8[n] property income a month for a fen of savings
    top_tax: np.ndarray  # f8[n] share of pay above the threshold, taken on top


class SpendingRules(NamedTuple):
    """Scalars of a month's spending."""

    consume_income: float
    consume_wealth: float
    target_months: float
    housing_share: float
    top_threshold: float
    long_profile_months: int


WAGES, PROPERTY, TOP_TAX, SPENT, RENT, WEALTH = range(6)
"""Columns of the totals of a month by residence, fen: take-home pay, property income, tax on top pay, spending
in all, rent in it, and what people hold at the end."""
N_TOTALS = 6


@njit(nogil=True, cache=True)
def set_farm_incomes(productivity, lever, farmers_base, farmers, land_share, out):
    """Income of a farmer in every place, fen a month."""
    for j in range(len(out)):
        out[j] = farm_income(productivity[j] * lever[j], farmers_base[j], farmers[j], land_share)


@njit(nogil=True, cache=True)
def set_flexible_pay(wage, wage_base, share, workers, workers_base, residents, residents_base, elasticity, out):
    """Pay of flexible work in every place, fen a month."""
    for j in range(len(out)):
        growth = wage[j, 0] / wage_base[j, 0] if wage_base[j, 0] > 0.0 else 1.0
        out[j] = flexible_pay(share * wage_base[j, 0], growth, workers[j], workers_base[j], residents[j],
                              residents_base[j], elasticity)  # fmt: skip


@njit(nogil=True, cache=True)
def tabulate_incomes(farm, flexible, pension, welfare_pay, transfer_income):
    """Income without wage and property, whole fen, by (place, state, insurance): one look-up a person.

    Each component is cut to whole fen on its own, so that the books can name it.
    """
    n = len(farm)
    table = np.zeros((n, N_STATES, N_INSURANCES), dtype=np.int64)
    for j in range(n):
        for state in range(N_STATES):
            for scheme in range(N_INSURANCES):
                income = np.int64(transfer_income[j])
                if state == FARMING:
                    income += np.int64(farm[j])
                elif state == FLEXIBLE:
                    income += np.int64(flexible[j])
                elif state == WELFARE_JOB:
                    income += np.int64(welfare_pay[j])
                elif state == RETIRED:
                    income += np.int64(pension[j, scheme])
                table[j, state, scheme] = income
    return table


@njit(nogil=True, cache=True)
def property_income_of(rate, savings):
    """Property income of a month, whole fen: interest and dividends in proportion to what is held."""
    return np.int64(rate * max(savings, 0))


@njit(nogil=True, cache=True)
def top_tax_of(rate, wage, threshold):
    """Tax on pay above a threshold, whole fen: nothing at rate 0."""
    return np.int64(rate * max(0.0, wage - threshold))


@njit(nogil=True, cache=True)
def rent_of(consumption, housing_share, away):
    """Rent a month, whole fen: the housing share of spending, paid by those who live away from their hukou place."""
    return np.int64(consumption * housing_share) * np.int64(away)


@njit(nogil=True, cache=True)
def tabulate_rises(wage_growth, place, skill, experience_rise):
    """Factor on pay this month by (employer + 1, long career): row 0 is for people without an employer."""
    rises = np.ones((len(place) + 1, 2))
    for r in range(len(place)):
        rises[r + 1, 1] = wage_growth[place[r], skill[r]]
        rises[r + 1, 0] = rises[r + 1, 1] * experience_rise
    return rises


@njit(nogil=True, cache=True)
def pay_and_spend(people, places, rises, paid_states, experience_states, rules, bill, totals, heads, lo, hi):
    """One month of money and work for the people in [lo, hi); adds up what was paid in three tables.

    `bill[employer + 1]` gets take-home pay by job line; `totals[place]` the columns named `WAGES` ...
    `WEALTH` by residence; `heads[place, state, scheme]` those who got the income of the table.

    A wage follows its employer's market, and experience until a career is long (`rises`); property
    income follows savings; all other income comes from the table of incomes. Spending looks at this
    and at what was `received` since the last pay (remittances, rents, benefits), which savings hold
    already. Written without branches on what people do: whoever has no employer has a wage of 0 and
    a rise of 1.
    """
    # columns as locals: reading them through the tuple inside the loop counts references each time
    alive, states, insurance, hukou_place, residence = (
        people.alive, people.state, people.insurance, people.hukou_place, people.residence,
    )  # fmt: skip
    months_away, experience, worked_months = people.months_away, people.experience, people.worked_months
    employer, wages, savings, received = people.employer, people.wage, people.savings, people.received
    property_rate, top_tax = places.property_rate, places.top_tax
    incomes, paid, sums = places.incomes.reshape(-1), heads.reshape(-1), totals.reshape(-1)
    consume_income, consume_wealth, target_months = rules.consume_income, rules.consume_wealth, rules.target_months
    housing_share, threshold, long_profile_months = rules.housing_share, rules.top_threshold, rules.long_profile_months
    taxed = False
    for j in range(len(top_tax)):
        taxed = taxed or top_tax[j] != 0.0
    for i in range(lo, hi):
        if alive[i] == 0:
            continue
        state, home = np.uint32(states[i]), np.uint32(residence[i])
        # unsigned positions spare the check for negative ones
        cell = (home * np.uint32(N_STATES) + state) * np.uint32(N_INSURANCES) + np.uint32(insurance[i])
        away = np.int64(home != hukou_place[i])
        worked, line = np.int64(experience[i]), np.uint32(employer[i] + 1)
        wage = grown_wage(wages[i], rises[line, np.uint32(worked >= long_profile_months)])
        wages[i] = wage
        held, got = savings[i], np.int64(received[i])
        gains = property_income_of(property_rate[home], held)
        income = incomes[cell] + wage + gains
        at = home * np.uint32(N_TOTALS)
        if taxed:
            tax = top_tax_of(top_tax[home], wage, threshold)
            income -= tax
            sums[at + np.uint32(TOP_TAX)] += tax
        worked_months[i] = ((worked_months[i] << 1) & TWELVE_BITS) | paid_states[state]
        experience[i] = min(worked + experience_states[state], MOST_MONTHS_WORKED)
        months_away[i] = min(np.int64(months_away[i]) + 1, MOST_MONTHS_AWAY) * away
        consumption = consumption_of(income + got, held - got, consume_income, consume_wealth, target_months)
        kept = held + income - consumption
        savings[i] = kept
        received[i] = 0
        bill[line] += wage
        paid[cell] += 1
        sums[at + np.uint32(WAGES)] += wage
        sums[at + np.uint32(PROPERTY)] += gains
        sums[at + np.uint32(SPENT)] += consumption
        sums[at + np.uint32(RENT)] += rent_of(consumption, housing_share, away)
        sums[at + np.uint32(WEALTH)] += max(kept, 0)


@njit(nogil=True, cache=True)
def add_up(parts, out):
    """Sum of the first axis, whole numbers."""
    out[...] = 0
    for k in range(parts.shape[0]):
        for r in range(parts.shape[1]):
            out[r] += parts[k, r]


@njit(nogil=True, cache=True)
def draw_up_bills(take_home, place, contributions, tax, gross, paid, withheld):
    """Gross pay by job line from take-home pay: plus employees' contributions and income tax, each a share of it.

    Adds, by place of the line, gross pay to `paid` and [contributions, tax] to `withheld`.
    """
    for r in range(len(take_home)):
        if take_home[r] == 0:
            gross[r] = 0
            continue
        insured, taxed = np.int64(take_home[r] * contributions), np.int64(take_home[r] * tax)
        gross[r] = take_home[r] + insured + taxed
        paid[place[r]] += gross[r]
        withheld[place[r], 0] += insured
        withheld[place[r], 1] += taxed


@njit(nogil=True, cache=True)
def property_of_everyone(residence, savings, rate):
    """Property income of a month of everyone, whole fen."""
    out = np.zeros(len(residence), dtype=np.int64)
    for i in range(len(residence)):
        out[i] = property_income_of(rate[residence[i]], savings[i])
    return out


@njit(nogil=True, cache=True)
def plan_rents(people, flat, incomes, rules, out):
    """Rents that those away from their hukou place would pay, by residence, with property income `flat` a head."""
    for i in range(len(people.alive)):
        home = people.residence[i]
        if people.alive[i] == 1 and home != people.hukou_place[i]:
            income = incomes[home, people.state[i], people.insurance[i]] + np.int64(flat[home]) + people.wage[i]
            spent = consumption_of(income, people.savings[i], rules.consume_income, rules.consume_wealth, rules.target_months)
            out[home] += rent_of(spent, rules.housing_share, True)
