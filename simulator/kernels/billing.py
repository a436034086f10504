"""What firms owe for pay, job line by job line, and what people were paid by kind and place."""

from __future__ import annotations

import numpy as np
from numba import njit

from simulator.kernels.earning import (
    FARMING,
    FLEXIBLE,
    N_INSURANCES,
    N_STATES,
    PROPERTY,
    RETIRED,
    TOP_TAX,
    WAGES,
    WELFARE_JOB,
)


@njit(nogil=True, cache=True)
def draw_up_bills(parts, place, contributions, tax, take_home, gross, by_place, lo, hi):
    """Take-home pay of job lines [lo, hi), the sum over `parts`, and gross pay: plus employees' contributions and income tax.

    Each of the two is a share of take-home pay. Adds, by place of the line, [gross pay, contributions, tax] to `by_place`.
    """
    for r in range(lo, hi):
        home = parts[0, r]
        for k in range(1, parts.shape[0]):
            home += parts[k, r]
        take_home[r] = home
    for r in range(lo, hi):
        home = take_home[r]
        insured, taxed = np.int64(home * contributions), np.int64(home * tax)
        gross[r] = home + insured + taxed
        sums = by_place[place[r]]
        sums[0] += gross[r]
        sums[1] += insured
        sums[2] += taxed


(TAKEN_HOME, PENSIONS_MORE, INSURED, LOCAL_TAX, CENTRAL_TAX, FARM, ON_CALL, WELFARE, PENSIONS, GAINS, TRANSFERS, NET_PAID) = range(12)
"""Rows of what people were paid and paid themselves, by place: wages with what is withheld of them, how much more pensions are than
without parity, employees' contributions, income tax by who gets it, work of three kinds, pensions, property income, transfers both ways."""
N_KINDS = 12


@njit(nogil=True, cache=True)
def split_income(heads, totals, by_place, table, farm, flexible, welfare_pay, pension, pension_rest, transfer, local_share, out):
    """What people were paid, by kind and place, into `out` [N_KINDS, n], from who got what; returns their income, fen.

    `by_place` is that of `draw_up_bills`; `pension_rest` pensions without parity; `local_share` the part of income tax that local
    governments get.
    """
    income = np.int64(0)
    for j in range(len(heads)):
        insured, taxed = by_place[j, 1], by_place[j, 2] + totals[j, TOP_TAX]
        out[TAKEN_HOME, j] = totals[j, WAGES] + insured + by_place[j, 2]
        out[INSURED, j] = insured
        out[LOCAL_TAX, j] = np.int64(np.floor(taxed * local_share))
        out[CENTRAL_TAX, j] = taxed - out[LOCAL_TAX, j]
        people, farmers, on_call, welfare, pensions, rest = np.int64(0), np.int64(0), np.int64(0), np.int64(0), np.int64(0), np.int64(0)
        for scheme in range(N_INSURANCES):
            for state in range(N_STATES):
                people += heads[j, state, scheme]
                income += heads[j, state, scheme] * table[j, state, scheme]
            farmers += heads[j, FARMING, scheme]
            on_call += heads[j, FLEXIBLE, scheme]
            welfare += heads[j, WELFARE_JOB, scheme]
            pensions += heads[j, RETIRED, scheme] * np.int64(pension[j, scheme])
            rest += heads[j, RETIRED, scheme] * np.int64(pension_rest[j, scheme])
        out[FARM, j] = farmers * np.int64(farm[j])
        out[ON_CALL, j] = on_call * np.int64(flexible[j])
        out[WELFARE, j] = welfare * np.int64(welfare_pay[j])
        out[PENSIONS, j], out[PENSIONS_MORE, j] = pensions, pensions - rest
        out[GAINS, j] = totals[j, PROPERTY]
        out[TRANSFERS, j] = people * max(np.int64(transfer[j]), 0)
        out[NET_PAID, j] = people * max(-np.int64(transfer[j]), 0)
        income += totals[j, WAGES] + totals[j, PROPERTY] - totals[j, TOP_TAX]
    return income
