"""Recounting at the close of a month: every person and household is looked at once, and what cannot be is found."""

from collections import namedtuple

import numpy as np
from numba import njit

NOWHERE = 65535
CHILD, STUDENT, EMPLOYED = 0, 1, 2
ADULT_MONTHS = 216
SCHOOL_LEAVING = 192

FAULTS = (
    "is dead and still holds a job, a partner, a household, a wage or money",
    "lives again after death",
    "works and has no employer, or has an employer and does not work",
    "works elsewhere than at the employer's place",
    "is paid a wage without a job",
    "belongs to no household",
    "is dead and has a living minor in the list of children",
    "is a child of working age",
    "was paid below nothing",
)
"""What is wrong with a person, in the order of the codes."""
DEAD, RISEN, JOBLESS, MISPLACED, PAID_FOR_NOTHING, HOMELESS, UNGUARDED, TOO_OLD, BELOW_NOTHING = range(9)

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
    "alive state birth_month residence workplace household partner guardian first_child next_sibling employer wage savings",
)
Homes = namedtuple("Homes", "head dwelling size")


@njit(nogil=True, cache=True)
def stir(x):
    """A quick mix of a row number; sums of it notice what sums of numbers do not."""
    x = np.uint64(x) * np.uint64(0x9E3779B97F4A7C15)
    return x ^ (x >> np.uint64(29))


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
def name_fault(i, p, place, month, found):
    """Note what is wrong with person i, who lives."""
    line, works = p.employer[i], p.state[i] == EMPLOYED
    if works != (line >= 0) or works != (p.workplace[i] != NOWHERE):
        found[JOBLESS] = i
    elif works and place[line] != p.workplace[i]:
        found[MISPLACED] = i
    if p.wage[i] < 0:
        found[BELOW_NOTHING] = i
    elif not works and p.wage[i] != 0:
        found[PAID_FOR_NOTHING] = i
    if p.household[i] < 0:
        found[HOMELESS] = i
    if p.state[i] == CHILD and month - p.birth_month[i] > SCHOOL_LEAVING:
        found[TOO_OLD] = i


@njit(nogil=True, cache=True)
def minor_left(i, p, month):
    """Whether the list of children of somebody dead holds a living minor."""
    child = p.first_child[i]
    for _ in range(64):
        if child < 0:
            return False
        if p.alive[child] == 1 and month - p.birth_month[child] < ADULT_MONTHS:
            return True
        child = p.next_sibling[child]
    return False


@njit(nogil=True, cache=True)
def look_at_people(p, before, known, place, month, found, held, gone, born, net, sums, lo, hi):
    """Look at rows [lo, hi) once, without following anybody to another row.

    `known` rows there were at the opening, `before` where they lived; `place` is the settlement of each job
    line. Fills, by settlement: money `held`, people `gone`, `born`, and `net` arrivals. `found[code]` keeps
    a faulty row (-1: none). `sums` are zero over everyone, but for the first, which is the stirred sum of
    members by household:

        partners   sum s(i) m - s(m) i                  zero when everybody's partner has them as partner
        lists      sum s(j) guardian(j) - s(target) owner   zero when each child stands once, in its guardian's list
    """
    alive, state, residence, savings, employer = p.alive, p.state, p.residence, p.savings, p.employer
    household, partner, guardian, workplace, wage = p.household, p.partner, p.guardian, p.workplace, p.wage
    first_child, next_sibling, birth_month = p.first_child, p.next_sibling, p.birth_month
    members, wed, lists = np.uint64(0), np.uint64(0), np.uint64(0)
    child_age = month - SCHOOL_LEAVING
    for i in range(lo, hi):
        # a branch that is taken half the time costs more than what it spares
        child, sibling, keeper, mate, line = first_child[i], next_sibling[i], guardian[i], partner[i], employer[i]
        row, owner = np.uint64(i + 1), np.uint64(keeper + 1)  # nobody is row 0 here, and s(0) = 0
        own = stir(row)
        lists += (own - stir(sibling + 1)) * owner - stir(child + 1) * row
        if alive[i] == 0:
            if i < known and before[i] != NOWHERE:
                gone[before[i]] += 1
            if (line >= 0) | (mate >= 0) | (household[i] >= 0) | (wage[i] != 0) | (savings[i] != 0):
                found[DEAD] = i
            if child >= 0 and minor_left(i, p, month):
                found[UNGUARDED] = i
            continue
        wed += own * np.uint64(mate + 1) - stir(mate + 1) * row
        j, home = residence[i], household[i]
        held[j] += savings[i]
        members += stir(home + 1)
        if i >= known:
            born[j] += 1
        elif before[i] != j:
            if before[i] == NOWHERE:
                found[RISEN] = i
            else:
                net[before[i]] -= 1
                net[j] += 1
        works, pay = state[i] == EMPLOYED, np.int64(wage[i])
        wrong = (works != (line >= 0)) | (works != (workplace[i] != NOWHERE)) | (pay < 0) | (not works) & (pay != 0)
        wrong |= works & (place[max(line, 0)] != workplace[i]) | (home < 0)
        wrong |= (state[i] == CHILD) & (birth_month[i] < child_age)
        if wrong:
            name_fault(i, p, place, month, found)
    sums[0] += members
    sums[1] += wed
    sums[2] += lists


@njit(nogil=True, cache=True)
def add_up_lasting(uid, sex, birth_month, birthplace, mother, lo, hi):
    """Sum of what never changes in a life, over rows [lo, hi)."""
    total = np.uint64(0)
    for i in range(lo, hi):
        total += uid[i]
    small = np.int64(0)
    for i in range(lo, hi):
        small += np.int64(birth_month[i]) * 3 + np.int64(sex[i]) * 1_000_003 + np.int64(birthplace[i]) * 100_003
    for i in range(lo, hi):
        small += np.int64(mother[i]) * 10_007
    return total + np.uint64(small)


@njit(nogil=True, cache=True)
def look_at_homes(h, alive, state, household, residence, before, known, dwelling_before, known_homes, renamed, found, lo, hi):
    """Look at households [lo, hi); returns the stirred sum of their sizes. In January names change (`renamed`).

    A head who leaves for college keeps the home: brothers and sisters live there on.
    """
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
        if i < known and before[i] != residence[i] and dwelling[k] != residence[i] and state[i] != STUDENT:
            found[OLD_DWELLING] = k
        elif k < known_homes and dwelling[k] != dwelling_before[k] and dwelling[k] != residence[i]:
            found[OTHER_DWELLING] = k
    return members
