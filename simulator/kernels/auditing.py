"""Recounting at the close of a month: every person and household is looked at once, and what cannot be is found."""

from collections import namedtuple

import numpy as np
from numba import njit

NOBODY = -1
NOWHERE = 65535
CHILD, EMPLOYED = 0, 2
ADULT_MONTHS = 216
SCHOOL_LEAVING = 192

FAULTS = (
    "is dead and still holds a job, a partner, a household, a wage or money",
    "lives again after death",
    "works and has no employer, or has an employer and does not work",
    "works elsewhere than at the employer's place",
    "is paid a wage without a job",
    "has a partner who is dead or somebody else's",
    "belongs to no household",
    "is a child without a living guardian",
    "heads a list of children that is not theirs",
    "stands in a list of children of somebody else's",
    "is a child of working age",
    "was paid below nothing",
)
"""What is wrong with a person, in the order of the codes."""
(DEAD, RISEN, JOBLESS, MISPLACED, PAID_FOR_NOTHING, MISMATCHED, HOMELESS, UNGUARDED, WRONG_CHILD, WRONG_SIBLING, TOO_OLD,
 BELOW_NOTHING) = range(12)  # fmt: skip

HOME_FAULTS = (
    "has members and nobody at its head",
    "is headed by somebody dead or of another household",
    "is empty and still has a head",
    "has a head who moved, and kept the old dwelling",
    "changed its dwelling, and its head does not live there",
)
"""What is wrong with a household, in the order of the codes."""
HEADLESS, WRONG_HEAD, GHOST, OLD_DWELLING, OTHER_DWELLING = range(5)

Audited = namedtuple(
    "Audited",
    "uid alive sex state birth_month birthplace residence workplace household mother partner guardian first_child "
    "next_sibling employer wage savings",
)
Homes = namedtuple("Homes", "head dwelling size")


@njit(nogil=True, cache=True)
def stir(x):
    """A quick mix of 64 bits; sums of it notice what sums of numbers do not."""
    x = np.uint64(x) * np.uint64(0x9E3779B97F4A7C15)
    x ^= x >> np.uint64(29)
    x *= np.uint64(0xBF58476D1CE4E5B9)
    return x ^ (x >> np.uint64(32))


@njit(nogil=True, cache=True)
def note_before(alive, residence, savings, before, held, lo, hi):
    """Where everyone lives at the opening (NOWHERE for the dead), and what they hold by settlement."""
    for i in range(lo, hi):
        if alive[i] == 0:
            before[i] = NOWHERE
            continue
        before[i] = residence[i]
        held[residence[i]] += savings[i]


@njit(nogil=True, cache=True)
def look_at_people(p, before, known, place, month, found, held, gone, born, net, sums, lo, hi):
    """Look at rows [lo, hi).

    `known` rows there were at the opening, `before` where they lived; `place` is the settlement of each job
    line. Fills, by settlement: money `held`, people `gone`, `born`, and `net` arrivals. `found[code]` keeps
    the first faulty row (-1: none). `sums`: what never changes of the rows known and of all rows, and
    members by household, as stirred sums.
    """
    alive, state, residence, savings, employer = p.alive, p.state, p.residence, p.savings, p.employer
    household, partner, guardian, workplace, wage = p.household, p.partner, p.guardian, p.workplace, p.wage
    first_child, next_sibling, birth_month = p.first_child, p.next_sibling, p.birth_month
    uid, sex, birthplace, mother = p.uid, p.sex, p.birthplace, p.mother
    lasting_known, lasting_all, members = np.uint64(0), np.uint64(0), np.uint64(0)
    listed, standing = np.int64(0), np.int64(0)
    for i in range(lo, hi):
        own = uid[i] ^ (np.uint64(birth_month[i]) << np.uint64(1)) ^ np.uint64(sex[i])
        own ^= (np.uint64(birthplace[i]) << np.uint64(17)) ^ (np.uint64(np.uint32(mother[i])) << np.uint64(33))
        mixed = stir(own + np.uint64(i))
        lasting_all += mixed
        if i < known:
            lasting_known += mixed
        child, sibling, keeper = first_child[i], next_sibling[i], guardian[i]
        if keeper >= 0:
            standing += 1
        if child >= 0:
            listed += 1
            if guardian[child] != i:
                found[WRONG_CHILD] = i
        if sibling >= 0:
            listed += 1
            if guardian[sibling] != keeper:
                found[WRONG_SIBLING] = i
        if alive[i] == 0:
            if i < known and before[i] != NOWHERE:
                gone[before[i]] += 1
            if employer[i] >= 0 or partner[i] >= 0 or household[i] >= 0 or wage[i] != 0 or savings[i] != 0:
                found[DEAD] = i
            continue
        j = residence[i]
        held[j] += savings[i]
        if i >= known:
            born[j] += 1
        elif before[i] == NOWHERE:
            found[RISEN] = i
        elif before[i] != j:
            net[before[i]] -= 1
            net[j] += 1
        works = state[i] == EMPLOYED
        line = employer[i]
        if works != (line >= 0) or works != (workplace[i] != NOWHERE):
            found[JOBLESS] = i
        elif works:
            if place[line] != workplace[i]:
                found[MISPLACED] = i
            if wage[i] < 0:
                found[BELOW_NOTHING] = i
        elif wage[i] != 0:
            found[PAID_FOR_NOTHING] = i
        mate = partner[i]
        if mate >= 0 and (partner[mate] != i or alive[mate] == 0):
            found[MISMATCHED] = i
        home = household[i]
        if home < 0:
            found[HOMELESS] = i
        else:
            members += stir(home + 1)
        age = month - birth_month[i]
        if age < ADULT_MONTHS and (keeper >= 0 and alive[keeper] == 0):
            found[UNGUARDED] = i
        if state[i] == CHILD and age > SCHOOL_LEAVING:
            found[TOO_OLD] = i
    sums[0] += lasting_known
    sums[1] += lasting_all
    sums[2] += members
    sums[3] += np.uint64(listed)
    sums[4] += np.uint64(standing)


@njit(nogil=True, cache=True)
def look_at_homes(h, alive, household, residence, before, known, dwelling_before, known_homes, renamed, found, lo, hi):
    """Look at households [lo, hi); returns the stirred sum of their sizes. In January names change (`renamed`)."""
    head, dwelling, size = h.head, h.dwelling, h.size
    members = np.uint64(0)
    for k in range(lo, hi):
        i = head[k]
        members += stir(k + 1) * np.uint64(size[k])
        if size[k] == 0:
            if i >= 0:
                found[GHOST] = k
            continue
        if i < 0:
            found[HEADLESS] = k
            continue
        if alive[i] == 0 or household[i] != k:
            found[WRONG_HEAD] = k
            continue
        if renamed:
            continue
        if i < known and before[i] != residence[i] and dwelling[k] != residence[i]:
            found[OLD_DWELLING] = k
        elif k < known_homes and dwelling[k] != dwelling_before[k] and dwelling[k] != residence[i]:
            found[OTHER_DWELLING] = k
    return members
