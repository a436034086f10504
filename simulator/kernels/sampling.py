"""Drawing places from shares, and sharing whole things out fairly."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

NO_ANSWER = 65535
"""What `alias_draw` answers for a row without any weight."""


@njit(nogil=True, cache=True, error_model="numpy")
def build_alias(p):
    """Alias tables of every row of weights p[rows, n], n < 65535: (share f4, other u2).

    Walker 1977 (ACM TOMS 3(3)), built in one pass a row as in Vose 1991 (IEEE TSE 17(9)). Rows
    need not sum to one. A row without weight, or with a negative or infinite one, answers NO_ANSWER.
    """
    rows, n = p.shape
    prob = np.zeros((rows, n), dtype=np.float32)
    alias = np.full((rows, n), np.uint16(NO_ANSWER), dtype=np.uint16)
    mass = np.empty(n, dtype=np.float64)
    small = np.empty(n, dtype=np.int64)
    large = np.empty(n, dtype=np.int64)
    for row in range(rows):
        total = 0.0
        sound = True
        for j in range(n):
            weight = np.float64(p[row, j])
            total += weight
            sound = sound and weight >= 0.0
        if not sound or not (total > 0.0 and total < math.inf):
            continue
        few, many = 0, 0
        for j in range(n):
            mass[j] = np.float64(p[row, j]) / total * n
            if mass[j] < 1.0:
                small[few] = j
                few += 1
            else:
                large[many] = j
                many += 1
        while few > 0 and many > 0:
            few -= 1
            s, g = small[few], large[many - 1]
            prob[row, s] = np.float32(mass[s])
            alias[row, s] = np.uint16(g)
            mass[g] -= 1.0 - mass[s]
            if mass[g] < 1.0:
                many -= 1
                small[few] = g
                few += 1
        while many > 0:
            many -= 1
            prob[row, large[many]] = np.float32(1.0)
            alias[row, large[many]] = np.uint16(large[many])
        while few > 0:
            few -= 1
            prob[row, small[few]] = np.float32(1.0)
            alias[row, small[few]] = np.uint16(small[few])
    return prob, alias


@njit(nogil=True, cache=True, forceinline=True)
def alias_draw(prob_row, alias_row, u1, u2):
    """One draw from a row of alias tables with two uniform numbers; NO_ANSWER for an empty row."""
    j = np.int64(u1 * prob_row.shape[0])
    if u2 < prob_row[j]:
        return j
    return np.int64(alias_row[j])


@njit(nogil=True, cache=True)
def round_controlled(x):
    """Whole numbers whose every running total is within 1/2 of that of x.

    out_k = [S_k] - [S_(k-1)] with S_k = x_0 + ... + x_k and [.] rounding to nearest, halves up
    (Cox 1987, JASA 82(398), one dimension). Sums carry their rounding error along (Neumaier 1974).
    """
    out = np.empty(x.shape[0], dtype=np.int64)
    total, lost = 0.0, 0.0
    before = np.int64(0)
    for k in range(x.shape[0]):
        value = np.float64(x[k])
        grown = total + value
        if abs(total) >= abs(value):
            lost += (total - grown) + value
        else:
            lost += (value - grown) + total
        total = grown
        whole = math.floor(total)
        now = np.int64(whole) + np.int64(math.floor((total - whole) + lost + 0.5))
        out[k] = now - before
        before = now
    return out


@njit(nogil=True, cache=True)
def order_by(key, ids):
    """The rows in order of falling key, ties by rising id: a heap sort, quick to compile."""
    n = key.shape[0]
    order = np.empty(n, dtype=np.int64)
    for j in range(n):
        order[j] = j
    start, end = n // 2, n
    while end > 1:
        if start > 0:
            start -= 1
        else:
            end -= 1
            order[0], order[end] = order[end], order[0]
        root = start
        while 2 * root + 1 < end:
            child = 2 * root + 1
            a = order[child]
            if child + 1 < end:
                b = order[child + 1]
                if key[b] < key[a] or (key[b] == key[a] and ids[b] > ids[a]):
                    child, a = child + 1, b
            top = order[root]
            if key[a] < key[top] or (key[a] == key[top] and ids[a] > ids[top]):
                order[root], order[child] = a, top
                root = child
            else:
                break
    return order


@njit(nogil=True, cache=True, error_model="numpy")
def largest_remainder(shares, total, ids):
    """Split a whole number in proportion to shares >= 0, to the last unit (Hamilton's method).

    Each gets the whole part of total * share / sum; the units left go one each to the largest
    remainders, ties to the smaller id. Shares that sum to zero count as equal shares; a negative
    total is split as its opposite. `ids` must be distinct; sums run in order of ids, not of storage.
    """
    n = shares.shape[0]
    out = np.zeros(n, dtype=np.int64)
    if n == 0 or total == 0:
        return out
    amount = abs(np.int64(total))
    remainder = np.zeros(n, dtype=np.float64)
    weight = 0.0
    for j in order_by(remainder, ids):
        weight += np.float64(shares[j])
    left = amount
    for j in range(n):
        part = np.float64(shares[j]) / weight if weight > 0.0 else 1.0 / n
        exact = part * np.float64(amount)
        whole = np.int64(math.floor(exact))
        out[j] = whole
        remainder[j] = exact - whole
        left -= whole
    order = order_by(remainder, ids)
    step = 0
    while left > 0:
        j = order[step % n]
        if shares[j] > 0.0 or weight == 0.0:
            out[j] += 1
            left -= 1
        step += 1
    step = 0
    while left < 0:
        j = order[n - 1 - step % n]
        if out[j] > 0:
            out[j] -= 1
            left += 1
        step += 1
    if total < 0:
        for j in range(n):
            out[j] = -out[j]
    return out


@njit(nogil=True, cache=True, forceinline=True)
def stochastic_round(x, u):
    """x rounded to a whole number above or below with the right mean: floor(x) + [u < x - floor(x)]."""
    whole = math.floor(x)
    return np.int64(whole) + np.int64(u < x - whole)
