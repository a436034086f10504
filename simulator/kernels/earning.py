"""What everyone earns, spends and saves in a month, and what they learn by working."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from simulator.kernels.labour import consumption_of, farm_income, flexible_pay, grown_wage

EMPLOYED, FARMING, FLEXIBLE, WELFARE_JOB, RETIRED = 2, 3, 4, 5, 7
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
def pay_and_spend(people, incomes, growth, settled_growth, consume_income, consume_wealth, target_months,
                  long_profile_months, lo, hi):  # fmt: skip
    """One month of money and work for the people in [lo, hi); returns (income, consumption) in fen.

    A wage follows its employer's market (`growth`, by employer; `settled_growth` without the
    return to experience, for long careers). Everything else comes from the table of incomes.
    """
    # columns as locals: reading them through the tuple inside the loop counts references each time
    alive, states, insurance, hukou_place, residence = (
        people.alive, people.state, people.insurance, people.hukou_place, people.residence,
    )  # fmt: skip
    months_away, experience, worked_months = people.months_away, people.experience, people.worked_months
    employer, wages, savings = people.employer, people.wage, people.savings
    total_income = np.int64(0)
    total_consumption = np.int64(0)
    for i in range(lo, hi):
        if alive[i] == 0:
            continue
        state, home = states[i], residence[i]
        income = incomes[home, state, insurance[i]]
        worked = experience[i]
        if state == EMPLOYED:
            pool = employer[i]
            wage = grown_wage(wages[i], growth[pool] if worked < long_profile_months else settled_growth[pool])
            wages[i] = wage
            income += wage
        paid = state == EMPLOYED or state == FLEXIBLE or state == WELFARE_JOB
        worked_months[i] = ((worked_months[i] << 1) & TWELVE_BITS) | (1 if paid else 0)
        if (paid or state == FARMING) and worked < MOST_MONTHS_WORKED:
            experience[i] = worked + 1
        months_away[i] = min(months_away[i] + 1, MOST_MONTHS_AWAY) if home != hukou_place[i] else 0
        held = savings[i]
        consumption = consumption_of(income, held, consume_income, consume_wealth, target_months)
        savings[i] = held + income - consumption
        total_income += income
        total_consumption += consumption
    return total_income, total_consumption
