"""What everyone earns, spends and saves in a month, and what they learn by working."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from simulator.kernels.labour import consumption_of, farm_income, flexible_pay, grown_wage

FARMING, FLEXIBLE, RETIRED = 3, 4, 7
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
def tabulate_incomes(farm, flexible, pension, property_income, transfer_income):
    """Income without a wage, whole fen, by (place, state, insurance): one look-up a person."""
    n = len(farm)
    table = np.zeros((n, N_STATES, N_INSURANCES), dtype=np.int64)
    for j in range(n):
        for state in range(N_STATES):
            for scheme in range(N_INSURANCES):
                income = property_income[j] + transfer_income[j]
                if state == FARMING:
                    income += farm[j]
                elif state == FLEXIBLE:
                    income += flexible[j]
                elif state == RETIRED:
                    income += pension[j, scheme]
                table[j, state, scheme] = np.int64(income)
    return table


@njit(nogil=True, cache=True)
def tabulate_rises(wage_growth, place, skill, experience_rise):
    """Factor on pay this month by (employer + 1, long career): row 0 is for people without an employer."""
    rises = np.ones((len(place) + 1, 2))
    for r in range(len(place)):
        rises[r + 1, 1] = wage_growth[place[r], skill[r]]
        rises[r + 1, 0] = rises[r + 1, 1] * experience_rise
    return rises


@njit(nogil=True, cache=True)
def pay_and_spend(people, incomes, rises, paid_states, experience_states, consume_income, consume_wealth,
                  target_months, long_profile_months, lo, hi):  # fmt: skip
    """One month of money and work for the people in [lo, hi).

    Returns income and consumption by residence, i8[2, n], fen.

    A wage follows its employer's market, and experience until a career is long (`rises`); all
    other income comes from the table of incomes. Written without branches on what people do:
    whoever has no employer has a wage of 0 and a rise of 1.
    """
    # columns as locals: reading them through the tuple inside the loop counts references each time
    alive, states, insurance, hukou_place, residence = (
        people.alive, people.state, people.insurance, people.hukou_place, people.residence,
    )  # fmt: skip
    months_away, experience, worked_months = people.months_away, people.experience, people.worked_months
    employer, wages, savings = people.employer, people.wage, people.savings
    totals = np.zeros((2, incomes.shape[0]), dtype=np.int64)
    for i in range(lo, hi):
        if alive[i] == 0:
            continue
        state, home = states[i], residence[i]
        worked = np.int64(experience[i])
        wage = grown_wage(wages[i], rises[employer[i] + 1, np.int64(worked >= long_profile_months)])
        wages[i] = wage
        income = incomes[home, state, insurance[i]] + wage
        worked_months[i] = ((worked_months[i] << 1) & TWELVE_BITS) | paid_states[state]
        experience[i] = min(worked + experience_states[state], MOST_MONTHS_WORKED)
        months_away[i] = min(np.int64(months_away[i]) + 1, MOST_MONTHS_AWAY) * np.int64(home != hukou_place[i])
        held = savings[i]
        consumption = consumption_of(income, held, consume_income, consume_wealth, target_months)
        savings[i] = held + income - consumption
        totals[0, home] += income
        totals[1, home] += consumption
    return totals
