"""Income per head: households pool what their members at the dwelling receive, and the spread is kept as a histogram."""

from __future__ import annotations

from collections import namedtuple

import numpy as np
from numba import njit

from simulator.kernels.earning import property_income_of
from simulator.kernels.elementary import bits_of

SurveyedPeople = namedtuple(
    "SurveyedPeople", "alive residence household state insurance wage savings received sex education birth_month hukou_place"
)
"""The columns of persons that the survey of incomes reads."""

PER_OCTAVE = 16
LOWEST = 6
"""The first bin starts at 2^6 fen a month; everything below falls into it."""
BINS = 26 * PER_OCTAVE
"""Bins of income per head: 16 to each doubling (each 4 to 6 % wide), up to 2^32 fen a month."""

AGE_BANDS = ("0-14", "15-24", "25-34", "35-49", "50-64", "65+")
"""Age bands of the yearly table of groups."""
N_BANDS = 6
GROUPS = 2 * N_BANDS * 4 * 2
"""Groups of people in a settlement: ((sex * 6 + age band) * 4 + education) * 2 + registered here."""

_SHIFT = 48
_OFFSET = (1023 + LOWEST) * PER_OCTAVE


@njit(nogil=True, cache=True)
def bin_of(fen):
    """Bin of a monthly income in fen: exponent and first four binary digits of the number."""
    if fen < 1:
        return 0
    place = np.int64(bits_of(np.float64(fen)) >> np.uint64(_SHIFT)) - _OFFSET
    return min(max(place, 0), BINS - 1)


@njit(nogil=True, cache=True)
def income_of(wage, other, rate, savings, received):
    """Income of a person in a month, fen: wage (0 without an employer), what place and state give, property income,
    and what came from others less what was sent home."""
    return wage + other + property_income_of(rate, savings) + received


@njit(nogil=True, cache=True)
def pool_incomes(people, dwelling, other_income, rate, pooled, members):
    """Add up, by household, incomes and heads of the members who live at the dwelling."""
    pooled[:] = 0
    members[:] = 0
    for i in range(len(people.alive)):
        house = people.household[i]
        if people.alive[i] == 0 or house < 0 or people.residence[i] != dwelling[house]:
            continue
        other = other_income[people.residence[i], people.state[i], people.insurance[i]]
        here = people.residence[i]
        pooled[house] += income_of(people.wage[i], other, rate[here], people.savings[i], np.int64(people.received[i]))
        members[house] += 1


@njit(nogil=True, cache=True)
def age_band(months):
    """Row of `AGE_BANDS` for an age in months."""
    if months < 300:
        return 0 if months < 180 else 1
    if months < 600:
        return 2 if months < 420 else 3
    return 4 if months < 780 else 5


@njit(nogil=True, cache=True)
def spread_incomes(people, dwelling, other_income, rate, pooled, members, month, heads, total, earned, groups, group_income):
    """Fill, by settlement of residence: people (`heads`) and income per head (`total`) by bin [n, BINS],
    own income (`earned`) [n], and people and income per head by group ([n, GROUPS, 2 people and
    employed] and [n, GROUPS]; a table without rows is left out).

    A member away from the dwelling is a household of one.
    """
    grouped = len(groups) > 0
    for i in range(len(people.alive)):
        if people.alive[i] == 0:
            continue
        here, house = people.residence[i], people.household[i]
        other = other_income[here, people.state[i], people.insurance[i]]
        own = income_of(people.wage[i], other, rate[here], people.savings[i], np.int64(people.received[i]))
        per_head = own
        if house >= 0 and here == dwelling[house]:
            per_head = pooled[house] // members[house]
        k = bin_of(per_head)
        heads[here, k] += 1
        total[here, k] += per_head
        earned[here] += own
        if grouped:
            g = (np.int64(people.sex[i]) * N_BANDS + age_band(month - people.birth_month[i])) * 4 + people.education[i]
            g = g * 2 + np.int64(people.hukou_place[i] == here)
            groups[here, g, 0] += 1
            groups[here, g, 1] += people.state[i] == 2
            group_income[here, g] += per_head


@njit(nogil=True, cache=True)
def gini(heads, total):
    """Gini coefficient of groups in ascending order of income per head, each with its people and its income.

    G = 1 - sum_b p_b (L_{b-1} + L_b), with p_b the share of people and L_b the cumulative share
    of income. Exact where everyone in a group has the same income. NaN without people or income.
    """
    people, income = 0.0, 0.0
    for b in range(len(heads)):
        people += heads[b]
        income += total[b]
    if people <= 0 or income <= 0:
        return np.nan
    below, area = 0.0, 0.0
    for b in range(len(heads)):
        upto = below + total[b] / income
        area += heads[b] / people * (below + upto)
        below = upto
    return 1.0 - area
