"""A firm that closes or moves parts with its workers; one that closes also with its machines and debts."""

from __future__ import annotations

import numpy as np
from numba import njit

UNEMPLOYED = 6
NOBODY, NOWHERE = -1, 65535


@njit(nogil=True, cache=True)
def release_workers(people, gone, lo, hi):
    """Everyone in [lo, hi) who works for a firm that is gone looks for work; returns how many."""
    employer, state, workplace, wage = people.employer, people.state, people.workplace, people.wage
    lines = np.zeros(2 * len(gone) // 32 + 2, dtype=np.uint32)  # bit employer + 1: small enough to stay at hand
    for f in range(len(gone)):
        for line in range(2 * f + 1, 2 * f + 3):
            lines[line >> 5] |= np.uint32(gone[f]) << np.uint32(line & 31)
    count = 0
    for i in range(lo, hi):
        line = np.uint32(employer[i] + 1)
        if (lines[line >> np.uint32(5)] >> (line & np.uint32(31))) & np.uint32(1):
            employer[i] = NOBODY
            workplace[i] = NOWHERE
            wage[i] = 0
            state[i] = UNEMPLOYED
            count += 1
    return count


@njit(nogil=True, cache=True)
def wind_up(cash, debt, capital, guaranteed):
    """What closing a firm comes to, whole fen: (what is paid on debts, what is left, what a guarantor pays).

    Machines go back to lessors and banks at nine tenths of their worth; cash pays what is still owed; of what then
    stays unpaid a guarantor pays up to the guaranteed sum, and lenders lose the rest.
    """
    owed = max(np.int64(0), debt - np.int64(0.9 * capital))
    paid = min(max(cash, np.int64(0)), owed)
    called = min(guaranteed, owed - paid)
    return paid, cash - paid, called


@njit(nogil=True, cache=True)
def wind_up_all(rows, cash, debt, capital, guaranteed, paid, left, called):
    """`wind_up` of many firms."""
    for q in range(len(rows)):
        f = rows[q]
        paid[q], left[q], called[q] = wind_up(cash[f], debt[f], capital[f], guaranteed[f])
