"""Families of the first population: couples, mothers, children's guardians, households."""

from __future__ import annotations

import numpy as np
from numba import njit

from simulator.kernels.peopling import GUARDIAN, MARRY, MOTHER, NONE16, PARENT, STREAM
from simulator.kernels.rng import draw1, draw4, uniform

AGES = 121
ROOM = np.array([1.0, 0.6, 0.22, 0.06, 0.02, 0.005])
"""Chance that a woman with 0, 1, 2, ... children takes one more in the matching (assumed)."""

MOST_CHILDREN = 12
RURAL_KIND = 4


@njit(nogil=True, cache=True)
def plan_marriages(seed, month, married_share, leave_share, birth_month, migrant, married, leaves):
    """Who is married (share by age in years), and which married migrants have their partner at the root."""
    for i in range(birth_month.shape[0]):
        age = (month - np.int64(birth_month[i])) // 12
        w0, w1, _, _ = draw4(seed, STREAM, month, i, MARRY)
        married[i] = 1 if uniform(w0) < married_share[min(age, AGES - 1)] else 0
        leaves[i] = 1 if married[i] and uniform(w1) < leave_share[migrant[i]] else 0


@njit(nogil=True, cache=True)
def pair_in_order(rows, group, sex, birth_month, tolerance, partner):
    """Marry men to women of the same group, walking both in order of age.

    `rows` are sorted by (group, age), women counted 24 months older than they are; two people
    marry when their ages so counted differ by at most `tolerance` months.
    """
    start = 0
    n = rows.shape[0]
    men, women = np.empty(n, dtype=np.int32), np.empty(n, dtype=np.int32)
    while start < n:
        end = start
        m, f = 0, 0
        while end < n and group[end] == group[start]:
            i = rows[end]
            if sex[i] == 0:
                men[m] = i
                m += 1
            else:
                women[f] = i
                f += 1
            end += 1
        start = end
        a, b = 0, 0
        while a < m and b < f:
            i, j = men[a], women[b]
            gap = np.int64(birth_month[i]) - (np.int64(birth_month[j]) - 24)
            if abs(gap) <= tolerance:
                partner[i], partner[j] = j, i
                a += 1
                b += 1
            elif gap < 0:
                a += 1
            else:
                b += 1


@njit(nogil=True, cache=True)
def list_women(month, cell, wanted, sex, birth_month, n):
    """Women marked in `wanted` by (cell, age in years): start of each list and the rows."""
    start = np.zeros(n * AGES + 1, dtype=np.int32)
    for i in range(sex.shape[0]):
        if sex[i] == 1 and wanted[i]:
            age = min((month - np.int64(birth_month[i])) // 12, AGES - 1)
            start[cell[i] * AGES + age + 1] += 1
    for k in range(n * AGES):
        start[k + 1] += start[k]
    rows = np.empty(start[n * AGES], dtype=np.int32)
    at = start.copy()
    for i in range(sex.shape[0]):
        if sex[i] == 1 and wanted[i]:
            age = min((month - np.int64(birth_month[i])) // 12, AGES - 1)
            slot = cell[i] * AGES + age
            rows[at[slot]] = i
            at[slot] += 1
    return start, rows


@njit(nogil=True, cache=True)
def _mother_for(i, age, base, number, tries, seed, month, lists, partner, children, migrant):
    """A woman 20 to 40 years older from the lists that begin at `base`, or -1.

    The age gap is 21 + 16 min(u, u') + 2 u'', mean 27; a candidate is taken with chance ROOM, less without
    a partner or of another migrant class; else the most likely of those met.
    """
    start, rows = lists
    best, best_chance = -1, 0.0
    for k in range(tries):
        w0, w1, w2, w3 = draw4(seed, STREAM, month, i, number + k)
        slot = base + age + 21 + np.int64(16.0 * min(uniform(w0), uniform(w1)) + 2.0 * uniform(w2))
        count = start[slot + 1] - start[slot]
        if count == 0:
            continue
        j = rows[start[slot] + np.int64(np.float64(w2 & np.uint32(0xFFFFF)) * 2.0**-20 * count)]
        chance = ROOM[min(children[j], 5)]
        chance *= 1.0 if partner[j] >= 0 else 0.08
        chance *= 1.0 if migrant[j] == migrant[i] else 0.2
        if children[j] >= MOST_CHILDREN:
            continue
        if uniform(w3) < chance:
            return j
        if chance > best_chance:
            best, best_chance = j, chance
    return best


@njit(nogil=True, cache=True)
def find_mothers(who, cell, seed, month, lists, birth_month, partner, migrant, mother, children):
    """Give each child in `who` a mother among the women listed at its place; -1 where there is none."""
    start, rows = lists
    for i in who:
        age = (month - np.int64(birth_month[i])) // 12
        base = np.int64(cell[i]) * AGES
        j = _mother_for(i, age, base, MOTHER, 14, seed, month, lists, partner, children, migrant)
        if j < 0:
            for gap in range(21, 40):
                for k in range(start[base + age + gap], start[base + age + gap + 1]):
                    if j < 0 and children[rows[k]] < MOST_CHILDREN:
                        j = rows[k]
        mother[i] = j
        if j >= 0:
            children[j] += 1


@njit(nogil=True, cache=True)
def follow_whom(seed, month, together, birth_month, residence, sex, migrant, hukou_place, partner, mother, leader, weight):
    """Who is registered with whom among migrants of one class living in one place.

    Husbands follow their wives with chance `together`, children their mothers; `leader[i]` is -1
    for those who lead, and `weight[i]` counts a leader and all followers. Those who have a hukou
    place already follow nobody.
    """
    for i in range(leader.shape[0]):
        leader[i] = -1
        weight[i] = 1.0
    for i in range(leader.shape[0]):
        j = partner[i]
        if hukou_place[i] != NONE16 or j < 0 or residence[j] != residence[i]:
            continue
        alike = sex[i] == 0 and migrant[i] >= 2 and migrant[j] == migrant[i]
        if alike and draw1(seed, STREAM, month, i, MARRY + 1) < together:
            leader[i] = j
            weight[j] += 1.0
    for i in range(leader.shape[0]):
        j = mother[i]
        if j < 0 or migrant[i] < 2 or migrant[j] != migrant[i] or residence[j] != residence[i]:
            continue
        if month - np.int64(birth_month[i]) < 216:
            leader[i] = j
            weight[j] += 1.0


@njit(nogil=True, cache=True)
def find_parents_of_adults(seed, month, lists, root, birth_month, mother):
    """Mothers of people of 18 to 64 among the women at home at their root.

    The mother lives with chance 1 below 60, falling to .1 at 90 (assumed); age gap as for children;
    an age at which nobody is found is drawn again, up to six times.
    """
    start, rows = lists
    taken = np.zeros(birth_month.shape[0], dtype=np.uint8)
    for i in range(birth_month.shape[0]):
        age = (month - np.int64(birth_month[i])) // 12
        if age < 18 or age >= 65:
            continue
        for k in range(6):
            w0, w1, w2, w3 = draw4(seed, STREAM, month, i, PARENT + 10 + k)
            old = age + 21 + np.int64(16.0 * min(uniform(w0), uniform(w1)) + 2.0 * uniform(w3))
            if old >= AGES or (k == 0 and uniform(w3) > 1.0 - 0.03 * max(old - 60, 0)):
                break
            slot = np.int64(root[i]) * AGES + old
            count = start[slot + 1] - start[slot]
            if count == 0:
                continue
            j = rows[start[slot] + np.int64(uniform(w2) * count)]
            if taken[j] < 6:
                taken[j] += 1
                mother[i] = j
                break


@njit(nogil=True, cache=True)
def appoint_guardians(seed, month, first, residence, birth_month, mother, guardian, first_child, next_sibling):
    """Everyone below 18 stands in the list of a mother, else of an adult of the same place, else of anyone."""
    n = birth_month.shape[0]
    for back in range(n):
        i = n - 1 - back
        if month - np.int64(birth_month[i]) >= 216:
            continue
        g = np.int64(mother[i])
        if g < 0:
            low, high = first[residence[i]], first[residence[i] + 1]
            for k in range(64):
                j = low + np.int64(draw1(seed, STREAM, month, i, GUARDIAN + k) * (high - low))
                age = month - np.int64(birth_month[j])
                if 300 <= age < 840:
                    g = j
                    break
            k = low
            while g < 0 and k < high:
                if month - np.int64(birth_month[k]) >= 216:
                    g = k
                k += 1
            k = 0
            while g < 0 and k < n:
                if month - np.int64(birth_month[k]) >= 216:
                    g = k
                k += 1
        guardian[i] = g
        if g >= 0:
            next_sibling[i] = first_child[g]
            first_child[g] = i


@njit(nogil=True, cache=True)
def move_in_with_children(seed, month, share, birth_month, residence, partner, mother, first_child, host):
    """Dependent elders: a mother of 65 or more joins a child of the same place, with her partner."""
    n = birth_month.shape[0]
    for i in range(n):
        m = mother[i]
        if m < 0 or residence[m] != residence[i] or month - np.int64(birth_month[m]) < 780:
            continue
        if host[m] >= 0 or first_child[m] >= 0 or host[i] >= 0 or month - np.int64(birth_month[i]) < 216:
            continue
        p = partner[m]
        if p >= 0 and (first_child[p] >= 0 or host[p] >= 0):
            continue
        if draw1(seed, STREAM, month, i, PARENT + 1) < share:
            host[m] = i
            if p >= 0:
                host[p] = i


@njit(nogil=True, cache=True)
def set_up_households(seed, month, student, share, kind, people, homes):
    """Couples, children below 18, unmarried grown children, elders they live with; all others alone.

    Unmarried students and a share of the other unmarried below 35 belong to their mother's household,
    wherever they live.

    The head is the elder of a couple; root, dwelling and land right are the head's. Returns the
    number of households. `homes` = (head, root, dwelling, land_right, size), long enough for all.
    """
    birth_month, state, partner, mother, guardian, host, hukou_kind, hukou_place, roots, residence, household = people
    head, root, dwelling, land_right, size = homes
    n = birth_month.shape[0]
    count = 0
    for i in range(n):
        household[i] = -1
    for i in range(n):
        age = month - np.int64(birth_month[i])
        if age < 216 and guardian[i] >= 0:
            continue
        if host[i] >= 0 or household[i] >= 0:
            continue
        stays = partner[i] < 0 and mother[i] >= 0 and host[mother[i]] < 0 and age < 420
        if stays and (state[i] == student or draw1(seed, STREAM, month, i, PARENT + 2) < share):
            continue
        p = partner[i]
        h = i
        if p >= 0 and birth_month[p] < birth_month[i]:
            h = p
        household[i] = count
        if p >= 0:
            household[p] = count
        head[count], root[count], dwelling[count] = h, roots[h], residence[h]
        land_right[count] = 1 if hukou_kind[h] == 0 and kind[hukou_place[h]] == RURAL_KIND else 0
        size[count] = 0
        count += 1
    for i in range(n):
        if household[i] < 0 and host[i] < 0 and month - np.int64(birth_month[i]) >= 216:
            m = mother[i]
            while household[m] < 0:  # a mother below 35 may live with her own mother, whose row may come later
                m = mother[m]
            household[i] = household[m]
    for i in range(n):
        if host[i] >= 0:
            h = host[i]
            while household[h] < 0:  # a great-grandmother lives with a grandmother who lives with a grown child
                h = host[h]
            household[i] = household[h]
    for i in range(n):
        if household[i] < 0:
            household[i] = household[guardian[i]]
    for i in range(n):
        size[household[i]] += 1
    return count
