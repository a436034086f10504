"""Income per head: households pool what their members at the dwelling receive, and the spread is kept as a histogram."""

from __future__ import annotations

from collections import namedtuple

import numpy as np
from numba import njit

from simulator.kernels.earning import property_income_of, top_tax_of
from simulator.kernels.elementary import bits_of
from simulator.kernels.memory import fetch

SurveyedPeople = namedtuple(
    "SurveyedPeople", "alive residence household state insurance wage savings received sex education birth_month hukou_place"
)
"""The columns of persons that the survey of incomes reads."""

STUDENT = 1
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


AHEAD = 24
"""People between asking memory for a household and using it."""
MEMBERS_BITS = 10
"""Bits that hold the number of members beside the pooled income of a household (500 at most)."""


@njit(nogil=True, cache=True)
def shares_income(state, here, dwelling):
    """Whether a member is counted with the household: who lives at its dwelling, and children and students wherever they live."""
    return here == dwelling or state <= STUDENT


@njit(nogil=True, cache=True)
def pool_incomes(people, dwelling, other_income, rate, own, pooled, lo, hi):
    """Own incomes of rows [lo, hi), and by household what members pool who share incomes (see `shares_income`).

    `pooled[house]` gains income x 2^10 + 1 a member: one look-up for both.
    """
    alive, residence, household, state = people.alive, people.residence, people.household, people.state
    insurance, wage, savings, received = people.insurance, people.wage, people.savings, people.received
    for i in range(lo, hi):
        if i + AHEAD < hi:
            soon = np.int64(household[i + AHEAD])
            fetch(pooled, soon)
            fetch(dwelling, soon)
        if alive[i] == 0:
            continue
        here, house = residence[i], household[i]
        income = income_of(wage[i], other_income[here, state[i], insurance[i]], rate[here], savings[i], np.int64(received[i]))
        own[i] = income
        if house >= 0 and shares_income(state[i], here, dwelling[house]):
            pooled[house] += (income << MEMBERS_BITS) + 1


@njit(nogil=True, cache=True)
def share_incomes(pools, lo, hi):
    """Income per head of households [lo, hi), into the first row of `pools` [parts, households]."""
    for h in range(lo, hi):
        total = np.int64(0)
        for part in range(pools.shape[0]):
            total += pools[part, h]
        members = total & ((1 << MEMBERS_BITS) - 1)
        if members > 0:
            pools[0, h] = (total >> MEMBERS_BITS) // members


@njit(nogil=True, cache=True)
def age_band(months):
    """Row of `AGE_BANDS` for an age in months."""
    if months < 300:
        return 0 if months < 180 else 1
    if months < 600:
        return 2 if months < 420 else 3
    return 4 if months < 780 else 5


@njit(nogil=True, cache=True)
def spread_incomes(people, dwelling, own, per_head_of, month, n, grouped, lo, hi):
    """The spread of income per head over rows [lo, hi), by settlement of residence.

    Returns people and income per head by bin, i8[n, BINS, 2]; own income [n]; and, when `grouped`,
    by group people, employed and income per head, i8[n, GROUPS, 3] (else without rows). A grown
    member away from the dwelling is a household of one.
    """
    alive, residence, household, state = people.alive, people.residence, people.household, people.state
    sex, education, birth_month, hukou_place = people.sex, people.education, people.birth_month, people.hukou_place
    spread = np.zeros((n, BINS, 2), dtype=np.int64)
    earned = np.zeros(n, dtype=np.int64)
    groups = np.zeros((n if grouped else 0, GROUPS, 3), dtype=np.int64)
    for i in range(lo, hi):
        if i + AHEAD < hi:
            soon = np.int64(household[i + AHEAD])
            fetch(per_head_of, soon)
            fetch(dwelling, soon)
        if alive[i] == 0:
            continue
        here, house = residence[i], household[i]
        per_head = own[i]
        earned[here] += per_head
        if house >= 0 and shares_income(state[i], here, dwelling[house]):
            per_head = per_head_of[house]
        k = bin_of(per_head)
        spread[here, k, 0] += 1
        spread[here, k, 1] += per_head
        if grouped:
            g = (np.int64(sex[i]) * N_BANDS + age_band(month - birth_month[i])) * 4 + education[i]
            g = g * 2 + np.int64(hukou_place[i] == here)
            groups[here, g, 0] += 1
            groups[here, g, 1] += state[i] == 2
            groups[here, g, 2] += per_head
    return spread, earned, groups


@njit(nogil=True, cache=True)
def spread_transfers(people, dwelling, own, per_head_of, public, head, guarantee, aided, aid, rate, top_tax, threshold, got, gave, lo, hi):
    """Add up of rows [lo, hi) by settlement and bin of income per head: public transfers `got`, and taxes and contributions
    `gave`, fen a month.

    `public[place, state, scheme]` is the part of the table of incomes that is no pay; who heads a household gets its
    guarantee, and `aid` for each of its `aided`; `rate` is contributions and income tax as a share of take-home pay.
    """
    alive, residence, household, state = people.alive, people.residence, people.household, people.state
    insurance, wage = people.insurance, people.wage
    for i in range(lo, hi):
        if i + AHEAD < hi:
            soon = np.int64(household[i + AHEAD])
            fetch(per_head_of, soon)
            fetch(dwelling, soon)
            fetch(head, soon)
        if alive[i] == 0:
            continue
        here, house = residence[i], household[i]
        per_head = own[i]
        received = public[here, state[i], insurance[i]]
        if house >= 0:
            if shares_income(state[i], here, dwelling[house]):
                per_head = per_head_of[house]
            if head[house] == i:
                received += np.int64(guarantee[house]) + aided[house] * aid
        k = bin_of(per_head)
        got[here, k] += received
        gave[here, k] += np.int64(rate * wage[i]) + top_tax_of(top_tax[here], wage[i], threshold)


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


@njit(nogil=True, cache=True)
def quantiles(heads, total, share, out):
    """Income per head below which `share` of the people of each row live, linear between the means of bins; NaN for nobody."""
    means, middle = np.empty(heads.shape[1]), np.empty(heads.shape[1])
    for j in range(heads.shape[0]):
        people, below, seen = heads[j].sum(), np.int64(0), 0
        for b in range(heads.shape[1]):
            if heads[j, b] > 0:
                below += heads[j, b]
                means[seen] = total[j, b] / heads[j, b]
                middle[seen] = (below - heads[j, b] / 2) / people
                seen += 1
        if seen == 0:
            out[j] = np.nan
            continue
        k = 0
        while k < seen and middle[k] <= share:
            k += 1
        if k == 0 or k == seen:
            out[j] = means[max(k - 1, 0)]
        elif middle[k - 1] == share:
            out[j] = means[k - 1]
        else:
            slope = (means[k] - means[k - 1]) / (middle[k] - middle[k - 1])
            out[j] = slope * (share - middle[k - 1]) + means[k - 1]
