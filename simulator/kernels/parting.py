"""A firm that closes or moves parts with its workers; one that closes also with its machines and debts."""

from __future__ import annotations

import numpy as np
from numba import njit

UNEMPLOYED = 6
NOBODY, NOWHERE = -1, 65535


@njit(nogil=True, cache=True)
def release_workers(people, gone, lo, hi):
    """Everyone in [lo, hi) who works in a job line that is gone looks for work; returns how many.

    `gone[employer + 1]` is 1 for such a line; row 0 is for people without an employer.
    """
    employer, state, workplace, wage = people.employer[lo:hi], people.state[lo:hi], people.workplace[lo:hi], people.wage[lo:hi]
    count = 0
    for k in range(len(employer)):
        if gone[np.uint32(employer[k] + 1)]:
            employer[k] = NOBODY
            workplace[k] = NOWHERE
            wage[k] = 0
            state[k] = UNEMPLOYED
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
