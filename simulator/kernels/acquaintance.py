"""Whom people know: hometown people here and at home, classmates, kin."""

from __future__ import annotations

import numpy as np
from numba import njit

from simulator.kernels.peopling import STREAM, TIES
from simulator.kernels.rng import draw4, uniform

YOUNGEST = 180
"""Months of age from which ties are held."""


@njit(nogil=True, cache=True)
def _add(i, j, ties, held):
    """One more tie of i, unless it is nobody, i, or known already."""
    if j < 0 or j == i or held >= ties.shape[0]:
        return held
    for k in range(held):
        if ties[k, i] == j:
            return held
    ties[held, i] = j
    return held + 1


@njit(nogil=True, cache=True)
def make_acquaintances(seed, month, mates, mate_key, classmates, class_key, people, ties):
    """Fill ties[8, people] with kin, hometown people and classmates, in that order.

    `mates` are rows of people of 15 and over sorted by mate_key = root * 65536 + residence,
    `classmates` by class_key = root * 65536 + year of birth. Migrants know three hometown people
    where they live and two at home, others three where they live; everyone up to three of the same
    root and year, wherever they live now. A pick that repeats somebody is not repeated.
    """
    birth_month, root, residence, partner, mother = people
    n = birth_month.shape[0]
    low = np.zeros((2, n), dtype=np.int32)
    high = np.zeros((2, n), dtype=np.int32)
    met = np.empty(10, dtype=np.int64)
    home = np.zeros((2, 65536), dtype=np.int32)
    for k in range(mates.shape[0]):
        if mate_key[k] >> 16 == mate_key[k] & 65535:
            r = mate_key[k] >> 16
            if home[1, r] == 0:
                home[0, r] = k
            home[1, r] = k + 1
    _note_groups(mates, mate_key, low[0], high[0])
    _note_groups(classmates, class_key, low[1], high[1])
    for i in range(n):
        for k in range(ties.shape[0]):
            ties[k, i] = -1
        if month - np.int64(birth_month[i]) < YOUNGEST:
            continue
        met[0], met[1] = partner[i], mother[i]
        abroad = root[i] != residence[i]
        for k in range(2):
            words = draw4(seed, STREAM, month, i, TIES + k)
            for q in range(4):
                if q == 3 or (k == 1 and q == 2):
                    met[2 + 4 * k + q] = _pick(classmates, low[1, i], high[1, i], words[q])
                elif k == 0:
                    met[2 + q] = _pick(mates, low[0, i], high[0, i], words[q])
                else:
                    last = home[1, root[i]] if abroad else 0
                    met[6 + q] = _pick(mates, home[0, root[i]], last, words[q])
        held = 0
        for k in range(met.shape[0]):
            held = _add(i, met[k], ties, held)


@njit(nogil=True, cache=True)
def _note_groups(rows, key, low, high):
    """For each person in `rows` the span of their group."""
    start = 0
    while start < rows.shape[0]:
        end = start
        while end < rows.shape[0] and key[end] == key[start]:
            end += 1
        for k in range(start, end):
            low[rows[k]] = start
            high[rows[k]] = end
        start = end


@njit(nogil=True, cache=True)
def _pick(rows, low, high, word):
    """A keyed choice of one row of a span; -1 of an empty one."""
    if high <= low:
        return -1
    return np.int64(rows[low + np.int64(uniform(word) * (high - low))])
