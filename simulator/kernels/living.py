"""Being born, growing old and dying: who it happens to, and what it changes for those who stay.

Deaths: monthly rate = 1 - (1 - min(q s, .999))^(1/12), q the annual probability by sex and single
age, s the death rate of the settlement relative to the nation.
Births: monthly rate of a woman of age a = f(a)/12 * c g / mean(c g), with c the fertility of her
settlement relative to the nation, g = 1 with a partner and less without, and the mean over women
of her age: whatever the shares of couples and places, women of age a bear f(a) children a year.
"""

from collections import namedtuple

import numpy as np
from numba import njit

from simulator.kernels.elementary import pow_, sqrt_
from simulator.kernels.memory import fetch, uncounted
from simulator.kernels.moving import drawn_county, record_move
from simulator.kernels.rng import draw1, draw4, hash64, normal

DEATH, BIRTH, SEX_AT_BIRTH, NEW_PERSON, RETIRE, DISABILITY = 2, 3, 4, 5, 28, 29
NOWHERE, NOBODY = 65535, -1
CHILD, STUDENT, EMPLOYED, FARMING, FLEXIBLE, WELFARE_JOB, UNEMPLOYED, RETIRED, INACTIVE = range(9)
HUKOU_RURAL, FEMALE, RESIDENT_INSURANCE = 0, 1, 1
ADULT_MONTHS = 216
OLDEST, YOUNGEST_MOTHER, OLDEST_MOTHER = 110, 15, 49
KIN_YOUNGEST, KIN_OLDEST = 300, 780
"""Ages in months of strangers of the same village who take in an orphan."""

AHEAD = 16
"""Rows by which memory is asked ahead of need."""
SIEVE = 4096
"""Places of the sieve by which the members of a few households are found among everyone."""

Lives = namedtuple(
    "Lives",
    "uid alive sex education state hukou_kind township_apart disability insurance birth_month last_move birthplace "
    "hukou_place root residence workplace county_hukou county_residence months_away household mother partner "
    "guardian first_child next_sibling employer wage savings attachment",
)
"""The columns of persons that demography reads or writes."""

Homes = namedtuple("Homes", "head root dwelling land_right size")
Jobs = namedtuple("Jobs", "headcount separations")
Counties = namedtuple("Counties", "start list weight")


@njit(nogil=True, cache=True)
def monthly_death_rate(q, shape):
    """Probability of dying within a month from the annual one and the shape of the place."""
    return 1.0 - pow_(1.0 - min(q * shape, 0.999), 1.0 / 12.0)


@njit(nogil=True, cache=True)
def monthly_birth_rate(fertility, weight, mean_weight):
    """Births a month of a woman: annual fertility at her age, her weight over the mean of her age."""
    return fertility / 12.0 * weight / mean_weight


@njit(nogil=True, cache=True)
def birth_weight(place_factor, has_partner, single_factor):
    """c g of the module's equation."""
    return place_factor * (1.0 if has_partner else single_factor)


@uncounted
def years_old(birth_month, month):
    """Completed years, not above OLDEST."""
    return min(max((np.int64(month) - np.int64(birth_month)) // 12, 0), OLDEST)


@uncounted
def planned_retirement(state, hukou_kind, official_age, works_to_65, works_to_70, luck, farm_luck):
    """Age of leaving work, in years: the official one; later for some rural and flexible workers; farmers 65 to 78.

    A fractional official age holds for that fraction of people one year later, by lasting luck.
    Farmers' ages are triangular on 65, 75, 78.
    """
    if state == FARMING:
        if farm_luck < 10.0 / 13.0:
            return np.int64(65.0 + sqrt_(farm_luck * 130.0))
        return np.int64(78.0 - sqrt_((1.0 - farm_luck) * 39.0))
    whole = np.int64(official_age)
    age = whole + (1 if farm_luck < official_age - whole else 0)
    if state == FLEXIBLE or (hukou_kind == HUKOU_RURAL and state != INACTIVE):
        if luck < works_to_70:
            return max(age, 70)
        if luck < works_to_70 + works_to_65:
            return max(age, 65)
    return age


@uncounted
def leave_work(i, state, p, jobs):
    """Person i takes up `state`; a job held is vacated."""
    if p.employer[i] >= 0:
        jobs.headcount[p.employer[i]] -= 1
        jobs.separations[p.employer[i]] += 1
    p.employer[i] = NOBODY
    p.workplace[i] = NOWHERE
    p.wage[i] = 0
    p.state[i] = state


@njit(nogil=True, cache=True)
def who_retires(rows, month, seed, official_men, official_women, works_to_65, works_to_70, p, out):
    """Those whose birthday is their planned one, or past it: rows into `out`; returns how many.

    Nobody plans to leave before the official age, or before 65 on a farm: the young are passed over at once.
    """
    birth_month, states, alive, sex, uid, hukou_kind = p.birth_month, p.state, p.alive, p.sex, p.uid, p.hukou_kind
    earliest = min(np.int64(official_men), np.int64(official_women), 65)
    latest_birth = month - 12 * earliest
    old = 0
    for i in rows:  # first who is old enough, without branches
        out[old] = i
        old += np.int64(birth_month[i] <= latest_birth)
    busy = 0
    for k in range(old):
        i = out[k]
        state = states[i]
        out[busy] = i
        busy += np.int64((alive[i] != 0) & (state > STUDENT) & (state != RETIRED))
    ids, word0, word1 = np.empty(busy, np.uint64), np.empty(busy, np.uint32), np.empty(busy, np.uint32)
    for k in range(busy):
        ids[k] = uid[out[k]]
    for k in range(busy):
        word0[k], word1[k], _, _ = draw4(seed, RETIRE, 0, ids[k], 0)
    count = 0
    for k in range(busy):
        i = out[k]
        age, state = years_old(birth_month[i], month), states[i]
        official = official_women if sex[i] == FEMALE else official_men
        luck, farm_luck = (word0[k] + 0.5) / 4294967296.0, (word1[k] + 0.5) / 4294967296.0
        if age >= planned_retirement(state, hukou_kind[i], official, works_to_65, works_to_70, luck, farm_luck):
            out[count] = i
            count += 1
    return count


@uncounted
def retire(rows, p, jobs):
    """The people of `rows` leave work, farm or search for good."""
    for k in range(len(rows)):
        ahead = np.int64(rows[min(k + AHEAD, len(rows) - 1)])
        fetch(p.employer, ahead)
        fetch(p.workplace, ahead)
        fetch(p.wage, ahead)
        fetch(p.state, ahead)
        leave_work(rows[k], RETIRED, p, jobs)


@uncounted
def who_dies(rows, month, seed, q, shape, bound, klass, p, out):
    """Candidates who die: rows into `out`; returns how many, or -1 - row where a rate is above its bound."""
    sex, birth_month, residence, uid = p.sex, p.birth_month, p.residence, p.uid
    count = 0
    for k in range(len(rows)):
        ahead, i = np.int64(rows[min(k + AHEAD, len(rows) - 1)]), rows[k]
        fetch(sex, ahead)
        fetch(birth_month, ahead)
        fetch(residence, ahead)
        fetch(uid, ahead)
        fetch(klass, ahead)
        yearly, most = min(q[sex[i], years_old(birth_month[i], month)] * shape[residence[i]], 0.999), bound[klass[i]]
        level = draw1(seed, DEATH, month, uid[i], 0) * most
        # x/12 <= 1 - (1 - x)^(1/12) <= x/12 / (1 - x): that tells most without the power
        above = 1.000001 * yearly / 12.0 / (1.0 - yearly) + 1e-15
        if above <= most and level >= above:
            continue
        rate = monthly_death_rate(q[sex[i], years_old(birth_month[i], month)], shape[residence[i]])
        if rate > most:
            return -1 - np.int64(i)
        if level < rate:
            out[count] = i
            count += 1
    return count


@uncounted
def successor(i, home, month, p):
    """Who heads a household after i, among kin in it: partner, eldest adult child, mother, guardian, in-law, child."""
    mate = p.partner[i]
    if mate >= 0 and p.alive[mate] == 1 and p.household[mate] == home:
        return np.int64(mate)
    eldest = np.int64(NOBODY)
    child = p.first_child[i]
    while child >= 0:
        member = p.alive[child] == 1 and p.household[child] == home and child != i
        if member and (eldest < 0 or p.birth_month[child] < p.birth_month[eldest]):
            eldest = np.int64(child)
        child = p.next_sibling[child]
    if eldest >= 0 and month - p.birth_month[eldest] >= ADULT_MONTHS:
        return eldest
    elders = (p.mother[i], p.guardian[i], p.mother[mate] if mate >= 0 else p.mother[i])
    for elder in elders:
        if elder >= 0 and elder != i and p.alive[elder] == 1 and p.household[elder] == home:
            return np.int64(elder)
    return eldest


@uncounted
def leave_household(i, month, p, h):
    """Person i leaves its household; returns the household when it has members but nobody known to head it."""
    home = np.int64(p.household[i])
    p.household[i] = NOBODY
    if home < 0:
        return np.int64(NOBODY)
    h.size[home] -= 1
    if h.head[home] != i:
        return np.int64(NOBODY)
    h.head[home] = successor(i, home, month, p)
    return home if h.size[home] > 0 and h.head[home] < 0 else np.int64(NOBODY)


@uncounted
def join_household(i, home, p, h):
    """Person i becomes a member of a household."""
    p.household[i] = home
    if home >= 0:
        h.size[home] += 1
        if h.head[home] < 0:
            h.head[home] = i


@uncounted
def hand_over(child, to, p):
    """A child leaves one adult's list of children and heads another's."""
    old = p.guardian[child]
    if old >= 0:
        if p.first_child[old] == child:
            p.first_child[old] = p.next_sibling[child]
        else:
            k = p.first_child[old]
            while k >= 0 and p.next_sibling[k] != child:
                k = p.next_sibling[k]
            if k >= 0:
                p.next_sibling[k] = p.next_sibling[child]
    p.guardian[child] = to
    p.next_sibling[child] = NOBODY
    if to >= 0:
        p.next_sibling[child] = p.first_child[to]
        p.first_child[to] = child


@uncounted
def _fit(row, dead, month, p):
    return row >= 0 and row != dead and p.alive[row] == 1 and month - p.birth_month[row] >= ADULT_MONTHS


@uncounted
def next_guardian(child, dead, mate, month, p, h):
    """The adult who takes a child whose guardian died: other parent, grandmothers and their partners, household."""
    mother = p.mother[child]
    if _fit(mate, dead, month, p):
        return np.int64(mate)
    if _fit(mother, dead, month, p):
        return np.int64(mother)
    for parent in (mother, np.int32(dead), np.int32(mate)):
        if parent >= 0:
            granny = p.mother[parent]
            if _fit(granny, dead, month, p):
                return np.int64(granny)
            if granny >= 0 and _fit(p.partner[granny], dead, month, p):
                return np.int64(p.partner[granny])
    home = p.household[child]
    if home >= 0 and _fit(h.head[home], dead, month, p):
        return np.int64(h.head[home])
    return np.int64(NOBODY)


@uncounted
def kind_neighbour(child, month, p):
    """An adult of the child's settlement and root, else of the settlement: the first row after a keyed one, or NOBODY."""
    n = len(p.uid)
    start = np.int64(hash64(p.uid[child], month) % np.uint64(n))
    second = np.int64(NOBODY)
    for step in range(n):
        j = (start + step) % n
        age = month - p.birth_month[j]
        if p.alive[j] == 1 and p.residence[j] == p.residence[child] and KIN_YOUNGEST <= age < KIN_OLDEST:
            if p.root[j] == p.root[child]:
                return np.int64(j)
            if second < 0:
                second = np.int64(j)
    return second


@uncounted
def take_in(child, to, month, seed, p, h, jobs, counties, headless):
    """A child joins an adult's list, household and place; returns the place it leaves, or NOWHERE when it stays.

    One of sixteen or seventeen who works gives the work up on leaving.
    """
    hand_over(child, to, p)
    if p.household[child] != p.household[to]:
        left = leave_household(child, month, p, h)
        if left >= 0:
            headless[left] = 1
        join_household(child, p.household[to], p, h)
    here, there = np.int64(p.residence[child]), np.int64(p.residence[to])
    if here == there:
        return np.int64(NOWHERE)
    if EMPLOYED <= p.state[child] < UNEMPLOYED:
        leave_work(child, UNEMPLOYED, p, jobs)
    county = drawn_county(there, p.uid[child], month, seed, counties.start, counties.list, counties.weight)
    if there == p.hukou_place[child]:
        county = np.int64(p.county_hukou[child])
    record_move(p, child, there, county, month)
    return here


@uncounted
def bury(rows, month, seed, p, h, jobs, counties, headless, moves, bequests):
    """The dead leave work, household, partner, children and savings behind, in the order given.

    `headless` flags households left without a known head; `moves[k]` receives (row, from, to, fen
    taken along) of children who join kin elsewhere; `bequests` adds up what is left and what heirs
    get by where they live, i8[2, n]. Returns (fen without heirs, children given to kin, moves).
    """
    estates = np.int64(0)
    given, moved = 0, 0
    for i in rows:
        p.alive[i] = 0
        leave_work(i, INACTIVE, p, jobs)
        left = leave_household(i, month, p, h)
        if left >= 0:
            headless[left] = 1
        mate = np.int64(p.partner[i])
        p.partner[i] = NOBODY
        if mate >= 0:
            p.partner[mate] = NOBODY
        heir = mate if mate >= 0 and p.alive[mate] == 1 else np.int64(NOBODY)
        eldest = np.int64(NOBODY)
        child = p.first_child[i]
        while child >= 0:
            following = p.next_sibling[child]
            if p.alive[child] == 1:
                if eldest < 0 or p.birth_month[child] < p.birth_month[eldest]:
                    eldest = np.int64(child)
                if month - p.birth_month[child] < ADULT_MONTHS:
                    to = next_guardian(child, i, mate, month, p, h)
                    if to < 0:
                        to = kind_neighbour(child, month, p)
                    given += 1
                    if to < 0:
                        hand_over(child, NOBODY, p)
                    else:
                        here = take_in(child, to, month, seed, p, h, jobs, counties, headless)
                        if here != NOWHERE and moved < len(moves):
                            moves[moved, 0], moves[moved, 1], moves[moved, 2] = child, here, p.residence[child]
                            moves[moved, 3] = p.savings[child]
                            moved += 1
            child = following
        if heir < 0:
            heir = eldest
        bequests[0, p.residence[i]] += p.savings[i]
        if heir >= 0:
            p.savings[heir] += p.savings[i]
            bequests[1, p.residence[heir]] += p.savings[i]
        else:
            estates += p.savings[i]
        p.savings[i] = 0
    return estates, given, moved


@uncounted
def list_members(homes, sieve, alive, household, out, lo, hi):
    """The living of rows [lo, hi) whose household is one of `homes`; returns how many.

    `sieve` is 1 at the last bits of the homes' numbers: small enough to lie in the nearest cache, and few others pass it.
    """
    count = 0
    for i in range(lo, hi):
        home = household[i]
        if sieve[np.uint32(home) & np.uint32(SIEVE - 1)] and home >= 0 and alive[i] == 1:
            for k in range(len(homes)):
                if homes[k] == home:
                    out[count] = i
                    count += 1
                    break
    return count


@uncounted
def seat_heads(members, household, birth_month, head):
    """The eldest of the members listed of each household without a head takes the place."""
    for i in members:
        now = head[household[i]]
        if now < 0 or birth_month[i] < birth_month[now]:
            head[household[i]] = i


@uncounted
def newborn_uid(mother_uid, order):
    """Identity of a woman's child by birth order."""
    return hash64(mother_uid, order)


@uncounted
def newborn_sex(uid, month, seed, boys_per_girl):
    """0 boy, 1 girl."""
    return 0 if draw1(seed, SEX_AT_BIRTH, month, uid, 0) < boys_per_girl / (1.0 + boys_per_girl) else 1


@uncounted
def newborn_attachment(uid, month, seed, mean, sd):
    """Pull of the root, fixed for life."""
    w0, w1, _, _ = draw4(seed, NEW_PERSON, month, uid, 0)
    return min(max(mean + sd * normal(w0, w1), -20.0), 20.0)
