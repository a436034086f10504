"""Who becomes a couple: single people meet once a year in a keyed ranking, like with like."""

import numpy as np
from numba import njit

from simulator.kernels.elementary import exp_
from simulator.kernels.living import ADULT_MONTHS, FEMALE, HUKOU_RURAL, join_household, leave_household
from simulator.kernels.memory import fetch, uncounted
from simulator.kernels.rng import draw1, draw4

UNION = 6
NOBODY = -1
STUDENT = 1
AHEAD = 32
"""Rows by which memory is asked ahead of need."""
FIRST_AGE = 16.0
WOMEN_EARLIER = 1.5
MEN_LEAST, WOMEN_LEAST, MOST = 264, 240, 720
"""Legal ages of marriage, and the last age of the yearly ranking, in months."""


@njit(nogil=True, cache=True)
def union_hazard(age_months, sex, peak, peak_age):
    """Monthly hazard of entering a union: peak x^2 exp(2 (1 - x)), x = (age - 16) / (peak age - 16).

    A gamma-like shape; women are 1.5 years earlier (assumed).
    """
    shift = WOMEN_EARLIER if sex == FEMALE else 0.0
    x = (age_months / 12.0 + shift - FIRST_AGE) / (peak_age - FIRST_AGE)
    if x <= 0.0:
        return 0.0
    return peak * x * x * exp_(2.0 * (1.0 - x))


@njit(nogil=True, cache=True)
def yearly_chance(hazard):
    """Probability of the event within a year at a constant monthly hazard."""
    return 1.0 - exp_(-12.0 * hazard)


@uncounted
def enter_ranking(month, seed, peak, peak_age, people, rows, lo, hi):
    """Single adults of rows [lo, hi) who look for a partner this year; returns how many."""
    alive, partner, state, birth_month, sex, uid = (
        people.alive, people.partner, people.state, people.birth_month, people.sex, people.uid,
    )  # fmt: skip
    single = 0
    for i in range(lo, hi):  # without branches: who is single no processor can guess
        age = np.int64(month) - np.int64(birth_month[i])
        least = WOMEN_LEAST if sex[i] == FEMALE else MEN_LEAST
        rows[single] = i
        single += (partner[i] < 0) & (age >= least) & (age < MOST) & (alive[i] != 0) & (state[i] != STUDENT)
    count = 0
    for k in range(single):
        i = rows[k]
        luck = draw1(seed, UNION, month, uid[i], 0)
        # the hazard is highest at `peak`, and 1 - exp(-x) <= x: that tells most
        if luck < 12.000001 * peak:
            age = np.int64(month) - np.int64(birth_month[i])
            if luck < yearly_chance(union_hazard(np.float64(age), sex[i], peak, peak_age)):
                rows[count] = i
                count += 1
    return count


@njit(nogil=True, cache=True)
def ranking_priority(uid, month, seed):
    """Place in the ranking: a keyed 64-bit number."""
    w0, w1, _, _ = draw4(seed, UNION, month, uid, 1)
    return np.uint64(w0) << np.uint64(32) | np.uint64(w1)


@njit(nogil=True, cache=True)
def age_band(age_months, sex):
    """Five-year band; women count as 1.5 years older, the usual gap."""
    return (age_months + (18 if sex == FEMALE else 0)) // 60


@uncounted
def describe(rows, month, seed, people, fine, coarse, priority):
    """The cell (residence, age band, education) of each, the cell without education, and the priority."""
    birth_month, residence, sex, education, uid = people.birth_month, people.residence, people.sex, people.education, people.uid
    for k in range(len(rows)):
        ahead = np.int64(rows[min(k + AHEAD, len(rows) - 1)])
        fetch(birth_month, ahead)
        fetch(residence, ahead)
        fetch(sex, ahead)
        fetch(education, ahead)
        fetch(uid, ahead)
        i = rows[k]
        age = np.int64(month) - np.int64(birth_month[i])
        coarse[k] = np.int64(residence[i]) * 32 + age_band(age, sex[i])
        fine[k] = coarse[k] * 4 + max(np.int64(education[i]), 1)
        priority[k] = ranking_priority(uid[i], month, seed)


@uncounted
def close_kin(a, b, mother):
    """Brother and sister, or parent and child."""
    return (mother[a] >= 0 and mother[a] == mother[b]) or mother[a] == b or mother[b] == a


@uncounted
def pair_up(rows, order, cell, sex, mother, taken, men, women, count):
    """The k-th man of a cell meets its k-th woman; close kin pass each other by. Adds to men, women.

    `order` sorts `rows` by cell, then sex, then priority; `taken` flags those already in a couple.
    """
    n = len(order)
    at = 0
    while at < n:
        stop = at
        while stop < n and cell[order[stop]] == cell[order[at]]:
            stop += 1
        his = at
        hers = at
        while hers < stop and sex[rows[order[hers]]] != FEMALE:
            hers += 1
        middle = hers
        while his < middle and hers < stop:
            a, b = order[his], order[hers]
            if taken[a] == 1:
                his += 1
            elif taken[b] == 1:
                hers += 1
            else:
                if not close_kin(rows[a], rows[b], mother):
                    taken[a], taken[b] = 1, 1
                    men[count], women[count] = rows[a], rows[b]
                    count += 1
                his += 1
                hers += 1
        at = stop
    return count


@uncounted
def _bring_children(parent, home, month, p, h, headless):
    child = p.first_child[parent]
    while child >= 0:
        young = p.alive[child] == 1 and month - p.birth_month[child] < ADULT_MONTHS
        if young and p.household[child] != home:
            left = leave_household(child, month, p, h)
            if left >= 0:
                headless[left] = 1
            join_household(child, home, p, h)
        child = p.next_sibling[child]


@uncounted
def need_households(men, household, head, out):
    """Flag the men who head no household of their own; returns how many."""
    count = 0
    for k in range(len(men)):
        far, near = np.int64(men[min(k + AHEAD, len(men) - 1)]), men[min(k + AHEAD // 2, len(men) - 1)]
        fetch(household, far)
        fetch(head, np.int64(max(household[near], 0)))
        man = men[k]
        out[k] = household[man] < 0 or head[household[man]] != man
        count += out[k]
    return count


@uncounted
def move_together(men, women, founds, next_home, month, p, h, headless):
    """Couples are linked and share a household: his, or where `founds` is 1 a new one, rows `next_home` on.

    Who founds one is settled beforehand, so that it does not depend on which couple comes first.
    """
    for k in range(len(men)):
        for far in (np.int64(men[min(k + AHEAD, len(men) - 1)]), np.int64(women[min(k + AHEAD, len(men) - 1)])):
            fetch(p.partner, far)
            fetch(p.household, far)
            fetch(p.first_child, far)
            fetch(p.mother, far)
            fetch(p.guardian, far)
        for near in (men[min(k + AHEAD // 2, len(men) - 1)], women[min(k + AHEAD // 2, len(men) - 1)]):
            fetch(h.size, np.int64(max(p.household[near], 0)))
            fetch(h.head, np.int64(max(p.household[near], 0)))
            fetch(p.household, np.int64(max(p.mother[near], 0)))
            fetch(p.alive, np.int64(max(p.mother[near], 0)))
        man, woman = men[k], women[k]
        p.partner[man], p.partner[woman] = woman, man
        if founds[k] == 1:
            left = leave_household(man, month, p, h)
            if left >= 0:
                headless[left] = 1
            home = next_home
            next_home += 1
            h.head[home] = man
            h.root[home] = p.root[man]
            h.dwelling[home] = p.residence[man]
            h.land_right[home] = 1 if p.hukou_kind[man] == HUKOU_RURAL else 0
            h.size[home] = 0
            join_household(man, home, p, h)
        home = np.int64(p.household[man])
        if p.household[woman] != home:
            left = leave_household(woman, month, p, h)
            if left >= 0:
                headless[left] = 1
            join_household(woman, home, p, h)
        _bring_children(man, home, month, p, h, headless)
        _bring_children(woman, home, month, p, h, headless)
