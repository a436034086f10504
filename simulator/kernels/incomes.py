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
    return (here == dwelling) | (state <= STUDENT)


@njit(nogil=True, cache=True)
def pool_incomes(people, dwelling, other_income, rate, own, pooled, lo, hi):
    """Own incomes of rows [lo, hi), and by household what members pool who share incomes (see `shares_income`).

    `own` is income x 2, + 1 for who shares (the dead are left out); `pooled[house]` gains income x 2^10 + 1 a member:
    one look-up for both.
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
        here, house, together = residence[i], household[i], np.int64(0)
        income = income_of(wage[i], other_income[here, state[i], insurance[i]], rate[here], savings[i], np.int64(received[i]))
        if house >= 0:
            together = np.int64(shares_income(state[i], here, dwelling[house]))
            pooled[house] += together * ((income << MEMBERS_BITS) + 1)
        own[i] = (income << 1) + together


@njit(nogil=True, cache=True, error_model="numpy")
def share_incomes(pools, lo, hi):
    """Income per head of households [lo, hi), into the first row of `pools` [parts, households].

    Whole fen, downwards: what is pooled has less than 53 bits beside the members, so that the quotient of floats is exact
    to the fen, and the processor takes several at once.
    """
    for part in range(1, pools.shape[0]):
        for h in range(lo, hi):
            pools[0, h] += pools[part, h]
    shared = pools[0, lo:hi]
    for k in range(len(shared)):
        members = shared[k] & ((1 << MEMBERS_BITS) - 1)
        shared[k] = np.int64(np.floor(np.float64(shared[k] >> MEMBERS_BITS) / np.float64(max(members, 1))))


@njit(nogil=True, cache=True)
def age_band(months):
    """Row of `AGE_BANDS` for an age in months."""
    return np.int64(months >= 180) + np.int64(months >= 300) + np.int64(months >= 420) + np.int64(months >= 600) + np.int64(months >= 780)


@njit(nogil=True, cache=True)
def spread_incomes(people, own, per_head_of, month, heads, total, earned, groups, lo, hi):
    """The spread of income per head over rows [lo, hi), by settlement of residence.

    Adds people and income per head by bin to `heads` and `total` [n, BINS]; own income to `earned` [n]; and, unless
    `groups` has no rows, by group people, employed and income per head, i8[n, GROUPS, 3]. `own` is what `pool_incomes`
    wrote. A grown member away from the dwelling is a household of one.
    """
    alive, residence, household, state = people.alive, people.residence, people.household, people.state
    sex, education, birth_month, hukou_place = people.sex, people.education, people.birth_month, people.hukou_place
    grouped = groups.shape[0] > 0
    for i in range(lo, hi):
        if i + AHEAD < hi:
            fetch(per_head_of, np.int64(household[i + AHEAD]))
        if alive[i] == 0:
            continue
        here, per_head = np.int64(residence[i]), own[i] >> 1
        earned[here] += per_head
        if own[i] & 1:
            per_head = per_head_of[household[i]]
        k = bin_of(per_head)
        heads[here, k] += 1
        total[here, k] += per_head
        if grouped:
            g = (np.int64(sex[i]) * N_BANDS + age_band(np.int64(month) - birth_month[i])) * 4 + education[i]
            g = g * 2 + np.int64(hukou_place[i] == here)
            groups[here, g, 0] += 1
            groups[here, g, 1] += state[i] == 2
            groups[here, g, 2] += per_head


@njit(nogil=True, cache=True)
def spread_transfers(people, own, per_head_of, public, rate, top_tax, threshold, got, gave, lo, hi):
    """Add up of rows [lo, hi) by settlement and bin of income per head: public transfers `got` but for what households get,
    and taxes and contributions `gave`, fen a month.

    `public[place, state, scheme]` is the part of the table of incomes that is no pay; `rate` is contributions and income
    tax as a share of take-home pay; `own` is what `pool_incomes` wrote.
    """
    alive, residence, household, state = people.alive, people.residence, people.household, people.state
    insurance, wage = people.insurance, people.wage
    for i in range(lo, hi):
        if i + AHEAD < hi:
            fetch(per_head_of, np.int64(household[i + AHEAD]))
        if alive[i] == 0:
            continue
        here, per_head = np.int64(residence[i]), own[i] >> 1
        if own[i] & 1:
            per_head = per_head_of[household[i]]
        k = bin_of(per_head)
        got[here, k] += public[here, state[i], insurance[i]]
        gave[here, k] += np.int64(rate * wage[i]) + top_tax_of(top_tax[here], wage[i], threshold)


@njit(nogil=True, cache=True)
def spread_help(people, own, per_head_of, head, guarantee, aided, aid, got, lo, hi):
    """Add to `got` what households [lo, hi) get, where their head lives: the guarantee, and `aid` for each of their `aided`."""
    alive, residence, household = people.alive, people.residence, people.household
    for h in range(lo, hi):
        if guarantee[h] == 0 and aided[h] == 0 or head[h] < 0:
            continue
        i = head[h]
        if alive[i] == 1 and household[i] == h:
            per_head = per_head_of[h] if own[i] & 1 else own[i] >> 1
            got[residence[i], bin_of(per_head)] += np.int64(guarantee[h]) + aided[h] * aid


@njit(nogil=True, cache=True)
def means_of_parts(heads, total, out):
    """Mean a head of each of some equal parts of the people, poorest first, from histograms [rows, bins] into `out` [rows, parts].

    Along the lines between the cumulated bins; a bin on a border is divided. NaN for nobody.
    """
    rows, bins, parts = heads.shape[0], heads.shape[1], out.shape[1]
    for r in range(rows):
        people = np.float64(heads[r].sum())
        if people <= 0:
            out[r, :] = np.nan
            continue
        b, x0, y0, last = 0, 0.0, 0.0, 0.0
        below, income = heads[r, 0] * 0, total[r, 0] * 0
        step = people / parts
        for k in range(1, parts + 1):
            border = people if k == parts else k * step
            while b < bins and np.float64(below + heads[r, b]) <= border:  # the last point at or below the border
                below += heads[r, b]
                income += total[r, b]
                x0, y0 = np.float64(below), np.float64(income)
                b += 1
            value = y0
            if b < bins and x0 != border:
                x1, y1 = np.float64(below + heads[r, b]), np.float64(income + total[r, b])
                value = (y1 - y0) / (x1 - x0) * (border - x0) + y0
            out[r, k - 1] = (value - last) / (people / parts)
            last = value


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
