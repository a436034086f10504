"""Writing in the books: one payment from two sides, and sums of what was written, in whole fen."""

from __future__ import annotations

import numpy as np
from numba import njit

UNEQUAL, NEGATIVE = -1, -2
"""What `enter` answers instead of a sum when it has written nothing."""


@njit(nogil=True, cache=True)
def enter(amounts, row, payer, payee, government_of, local, pays, gets):
    """Write payment `row` of `amounts` [flows, 2, n]; `pays` and `gets` say whether local governments are a side.

    Returns what was paid, or `UNEQUAL` or `NEGATIVE`.
    """
    given, got, least = np.int64(0), np.int64(0), np.int64(0)
    for j in range(len(payer)):
        given += payer[j]
        got += payee[j]
        least = min(least, payer[j], payee[j])
    if given != got:
        return UNEQUAL
    if least < 0:
        return NEGATIVE
    for j in range(len(payer)):
        amounts[row, 0, j] += payer[j]
        amounts[row, 1, j] += payee[j]
    if pays:
        for j in range(len(payer)):
            local[government_of[j]] -= payer[j]
    if gets:
        for j in range(len(payer)):
            local[government_of[j]] += payee[j]
    return given


@njit(nogil=True, cache=True)
def enter_all(amounts, rows, given, government_of, local, pays, gets, totals):
    """Write several payments, `given` [payments, n], each got where it is paid; their sums into `totals`.

    Returns -1, or the first payment with something negative in it; then nothing is written.
    """
    for k in range(len(rows)):
        totals[k], least = np.int64(0), np.int64(0)
        for j in range(given.shape[1]):
            totals[k] += given[k, j]
            least = min(least, given[k, j])
        if least < 0:
            return k
    for k in range(len(rows)):
        for side in range(2):
            for j in range(given.shape[1]):
                amounts[rows[k], side, j] += given[k, j]
        sign = np.int64(gets[k]) - np.int64(pays[k])
        if sign != 0:
            for j in range(given.shape[1]):
                local[government_of[j]] += sign * given[k, j]
    return -1


@njit(nogil=True, cache=True)
def add_by(of, amounts, sums):
    """Add every amount to the sum of its group."""
    for j in range(len(of)):
        sums[of[j]] += amounts[j]


@njit(nogil=True, cache=True)
def add_rows(amounts, rows, side, weight, sums):
    """Add `weight` times one side of some payments to `sums`, by settlement."""
    for row in rows:
        for j in range(len(sums)):
            sums[j] += weight * amounts[row, side, j]


@njit(nogil=True, cache=True)
def list_payments(amounts, flow, place, paid, received):
    """Payments that are not zero, flow by flow and place by place, into four arrays with room; returns how many."""
    count = 0
    for row in range(amounts.shape[0]):
        for j in range(amounts.shape[2]):
            gave, got = amounts[row, 0, j], amounts[row, 1, j]
            flow[count], place[count], paid[count], received[count] = row, j, gave, got
            count += np.int64((gave != 0) | (got != 0))
    return count


@njit(nogil=True, cache=True)
def add_up_sides(amounts, payer, payee, sides, net):
    """Both sides of every flow, into `sides` [flows, 2], and what each sector received less paid, into `net`."""
    for row in range(len(payer)):
        for side in range(2):
            total = np.int64(0)
            for j in range(amounts.shape[2]):
                total += amounts[row, side, j]
            sides[row, side] = total
        net[payer[row]] -= sides[row, 0]
        net[payee[row]] += sides[row, 1]
