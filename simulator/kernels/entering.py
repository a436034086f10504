"""Counts of firms and jobs on which entry depends, and who of the candidates may found a firm at all."""

from __future__ import annotations

import numpy as np
from numba import njit

from simulator.kernels.elementary import exp_
from simulator.kernels.venturing import is_returnee, productivity_of


@njit(nogil=True, cache=True)
def census_of_firms(open_, place, sector, earned, stock, count, profit, capital):
    """Add up the firms that are `open_` by settlement and sector, and their profit and capital by settlement."""
    for f in range(len(open_)):
        if open_[f]:
            c = place[f]
            count[c, sector[f]] += 1.0
            profit[c] += earned[f]
            capital[c] += stock[f]


@njit(nogil=True, cache=True)
def heat_of_entry(profit, capital, required, response, out):
    """exp(eta_e (profit rate - required)) by settlement, both a year; at most e, at least 1/e; 1 without capital."""
    for c in range(len(out)):
        rate = 12.0 * (profit[c] / capital[c] if capital[c] > 0.0 else required / 12.0)
        out[c] = exp_(min(max(response * (rate - required), -1.0), 1.0))


@njit(nogil=True, cache=True)
def productivities_of(size, returns, out):
    """`productivity_of` many firms."""
    for q in range(len(out)):
        out[q] = productivity_of(size[q], returns)


@njit(nogil=True, cache=True)
def drop_owners(rows, founder, open_, people, out):
    """Those of `rows` who own no open firm, into `out`; returns how many. `people`: rows of persons in all."""
    owns = np.zeros((people >> 5) + 1, dtype=np.uint32)
    for f in range(len(founder)):
        i = founder[f]
        if i >= 0 and open_[f] == 1:
            owns[i >> 5] |= np.uint32(1) << np.uint32(i & 31)
    count = 0
    for i in rows:
        out[count] = i
        count += 1 - np.int64((owns[i >> 5] >> np.uint32(i & 31)) & np.uint32(1))
    return count


@njit(nogil=True, cache=True)
def who_returned(rows, month, last_return, residence, root, out):
    """`is_returnee` of many, 0/1."""
    for q in range(len(rows)):
        i = rows[q]
        out[q] = is_returnee(month, last_return[i], residence[i], root[i])
