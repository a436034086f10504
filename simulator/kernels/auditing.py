"""Recounting at the close of a month: every person and household is looked at once, and what cannot be is found.

People are taken a few thousand at a time. Short loops without branches, which the processor does for many rows at
once, write a byte of doubts for everyone; only who has a doubt is looked at closely.
"""

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

MISCOUNTED, OVERFILLED, OTHER_PLACE, OTHER_SECTOR = range(4)
"""What may be wrong with a job line."""
OPEN_AND_CLOSED, BUSY, MONEYED, EQUIPPED = range(4)
"""What may be wrong with a firm."""

NONE = 2**62
"""In place of a row: nobody has this fault."""

Audited = namedtuple(
    "Audited",
    "alive state birth_month residence workplace household partner guardian first_child next_sibling employer wage savings "
    "hukou_place education uid sex birthplace mother",
)
Homes = namedtuple("Homes", "head dwelling size")
Then = namedtuple("Then", "residence hukou_place education")
"""What was noted of everyone at the opening."""

CHUNK = 8192
"""People looked at in one go: long runs of each column, which memory delivers ahead."""
TABLES = 4
"""Tables in which neighbours' money is added up apart: additions to one place would wait for one another."""


@njit(nogil=True, cache=True)
def stir(x):
    """A quick mix of a row number; sums of it notice what sums of numbers do not."""
    x = np.uint64(x) * np.uint64(0x9E3779B97F4A7C15)
    return x ^ (x >> np.uint64(29))


@njit(nogil=True, cache=True)
def note_before(alive, residence, savings, before, held, lo, hi):
    """Where everyone lives at the opening (NOWHERE for the dead), and what they hold by settlement; returns the living."""
    living, n = np.int64(0), len(held)
    apart = np.zeros(TABLES * n, dtype=np.int64)
    here, there, money, lives = residence[lo:hi], before[lo:hi], savings[lo:hi], alive[lo:hi]
    for k in range(len(here)):
        there[k] = here[k] if lives[k] != 0 else np.uint16(NOWHERE)
    for k in range(len(here)):
        living += np.int64(lives[k])
    for k in range(len(here)):
        j = np.uint32(here[k]) if lives[k] != 0 else np.uint32(0)
        apart[np.uint32(k & (TABLES - 1)) * np.uint32(n) + j] += money[k]  # the dead hold nothing
    for t in range(TABLES):
        for j in range(n):
            held[j] += apart[t * n + j]
    return living


@njit(nogil=True, cache=True)
def name_fault(i, p, month, found):
    """Note what is wrong with person i, who lives."""
    works = p.state[i] == EMPLOYED
    if works != (p.employer[i] >= 0) or works != (p.workplace[i] != NOWHERE):
        found[JOBLESS] = min(found[JOBLESS], i)
    if p.wage[i] < 0:
        found[BELOW_NOTHING] = min(found[BELOW_NOTHING], i)
    elif not works and p.wage[i] != 0:
        found[PAID_FOR_NOTHING] = min(found[PAID_FOR_NOTHING], i)
    if p.household[i] < 0:
        found[HOMELESS] = min(found[HOMELESS], i)
    if p.state[i] == CHILD and month - p.birth_month[i] > SCHOOL_LEAVING:
        found[TOO_OLD] = min(found[TOO_OLD], i)


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
def add_up_ties(first, household, partner, guardian, first_child, next_sibling, employer, workplace, sums):
    """Add to `sums` what is zero over everyone (partners, lists), or equal to what households and job lines say."""
    members, wed, lists, jobs = np.uint64(0), np.uint64(0), np.uint64(0), np.uint64(0)
    for k in range(len(household)):
        row, owner = np.uint64(first + k + 1), np.uint64(guardian[k] + 1)  # nobody is row 0 here, and s(0) = 0
        own = stir(row)
        lists += (own - stir(next_sibling[k] + 1)) * owner - stir(first_child[k] + 1) * row
        wed += own * np.uint64(partner[k] + 1) - stir(partner[k] + 1) * row
        members += stir(household[k] + 1)
    for k in range(len(household)):
        jobs += stir(employer[k] + 1) * stir(np.int64(workplace[k]) + 1)
    sums[0] += members
    sums[1] += wed
    sums[2] += lists
    sums[3] += jobs


@njit(nogil=True, cache=True)
def note_ties(household, partner, employer, wage, first_child, none):
    """Bits of what somebody has not: 0 household, 1 partner, 2 job line, 3 child in the list; 4 paid below nothing, 5 paid.

    Signs are shifted and not compared: so the processor takes sixteen people at once.
    """
    top = np.uint32(31)
    for k in range(len(household)):
        pay = np.uint32(wage[k])
        none[k] = (
            (np.uint32(household[k]) >> top)
            | ((np.uint32(partner[k]) >> top) << np.uint32(1))
            | ((np.uint32(employer[k]) >> top) << np.uint32(2))
            | ((np.uint32(first_child[k]) >> top) << np.uint32(3))
            | ((pay >> top) << np.uint32(4))
            | (((pay | (~pay + np.uint32(1))) >> top) << np.uint32(5))
        )


@njit(nogil=True, cache=True)
def doubt(alive, state, birth_month, workplace, savings, none, moneyed, child_age, doubts):
    """Bit 0: what a person is does not fit; bit 1: dead, with a list of children. `none` is what `note_ties` wrote."""
    one = np.uint8(1)
    for k in range(len(alive)):
        moneyed[k] = np.uint8(savings[k] != 0)
    for k in range(len(alive)):
        works, placed = np.uint8(state[k] == EMPLOYED), np.uint8(workplace[k] != np.uint16(NOWHERE))
        child = np.uint8(state[k] == CHILD) & np.uint8(birth_month[k] < child_age)
        doubts[k] = np.uint8(alive[k] == 0) | np.uint8(works << 1) | np.uint8(((works ^ placed) | child) << 2)
    for k in range(len(alive)):
        gone, works, has_not = doubts[k] & one, np.uint8(doubts[k] >> 1) & one, none[k]
        homeless, jobless, paid = has_not & one, np.uint8(has_not >> 2) & one, np.uint8(has_not >> 5) & one
        lives = np.uint8(doubts[k] >> 2) | (works ^ jobless ^ one) | (np.uint8(has_not >> 4) & one) | (paid & (works ^ one)) | homeless
        dead = (np.uint8(has_not & np.uint8(7)) ^ np.uint8(7)) | paid | moneyed[k]
        wrong = np.uint8(np.uint8(gone & np.uint8(dead != 0)) | ((gone ^ one) & lives))
        doubts[k] = wrong | np.uint8(np.uint8(gone & (np.uint8(np.uint8(has_not >> 3) & one) ^ one)) << 1)


@njit(nogil=True, cache=True)
def compare(alive, residence, hukou_place, education, lived, registered, schooled, doubts):
    """Bit 2: lives elsewhere than at the opening, or died, or lives again; 3: registered elsewhere; 4: has unlearned."""
    for k in range(len(alive)):
        here = residence[k] if alive[k] != 0 else np.uint16(NOWHERE)
        doubts[k] |= np.uint8(
            np.uint8(np.uint8(here != lived[k]) << 2)
            | np.uint8(np.uint8(hukou_place[k] != registered[k]) << 3)
            | np.uint8(np.uint8(education[k] < schooled[k]) << 4)
        )


@njit(nogil=True, cache=True)
def add_up_lasting(uid, sex, birth_month, birthplace, mother):
    """Sum of what never changes in a life."""
    total, small = np.uint64(0), np.int64(0)
    for k in range(len(uid)):
        total += uid[k]
        small += np.int64(birth_month[k]) * 3 + np.int64(sex[k]) * 1_000_003 + np.int64(birthplace[k]) * 100_003
        small += np.int64(mother[k]) * 10_007
    return total + np.uint64(small)


@njit(nogil=True, cache=True)
def look_at_people(p, then, known, homes, month, renamed, found, home_found, registers, held, gone, born, net, sums, lo, hi):
    """Look at rows [lo, hi) once; `known` rows there were at the opening.

    Fills, by settlement: money `held`, people `gone`, `born`, and `net` arrivals. `found[code]` keeps the first
    faulty row (NONE: none), `home_found` households whose head moved and kept the old dwelling, `registers` the first
    person registered elsewhere (but for January, when names change: `renamed`) and the first who has unlearned.
    `sums`, modulo 2**64:

        0 members    sum s(household): what the sizes of households say
        1 partners   sum s(i) m - s(m) i: zero when everybody's partner has them as partner
        2 lists      sum s(j) guardian(j) - s(target) owner: zero when each child stands once, in its guardian's list
        3 jobs       sum s(job line) s(workplace): what headcounts and places of job lines say
        4 lasting    uid, sex, month and place of birth, mother; 5 the same of the rows known at the opening
        6 living

    A list of somebody dead is walked in the month of death, and every sixth month after it.
    """
    alive, state, residence, savings, employer = p.alive, p.state, p.residence, p.savings, p.employer
    household, partner, guardian, workplace, wage = p.household, p.partner, p.guardian, p.workplace, p.wage
    first_child, next_sibling, birth_month = p.first_child, p.next_sibling, p.birth_month
    hukou_place, education, uid, sex, birthplace, mother = p.hukou_place, p.education, p.uid, p.sex, p.birthplace, p.mother
    lived, registered, schooled = then.residence, then.hukou_place, then.education
    head, dwelling, n = homes.head, homes.dwelling, len(held)
    child_age = np.int16(month - SCHOOL_LEAVING)
    doubts = np.zeros(CHUNK, dtype=np.uint8)
    words = doubts.view(np.uint64)
    none, moneyed = np.zeros(CHUNK, dtype=np.uint8), np.zeros(CHUNK, dtype=np.uint8)
    apart = np.zeros(TABLES * n, dtype=np.int64)
    living, last = np.int64(0), lo
    while last < hi:
        first, old = last, last < known
        last = min(first + CHUNK, hi, known if old else hi)
        size = last - first
        doubts[size:] = 0
        add_up_ties(
            first, household[first:last], partner[first:last], guardian[first:last], first_child[first:last],
            next_sibling[first:last], employer[first:last], workplace[first:last], sums,
        )  # fmt: skip
        lasts = add_up_lasting(uid[first:last], sex[first:last], birth_month[first:last], birthplace[first:last], mother[first:last])
        sums[4] += lasts
        sums[5] += lasts if old else np.uint64(0)
        lives, here, money = alive[first:last], residence[first:last], savings[first:last]
        note_ties(household[first:last], partner[first:last], employer[first:last], wage[first:last], first_child[first:last], none)
        doubt(
            lives, state[first:last], birth_month[first:last], workplace[first:last], money, none, moneyed, child_age, doubts
        )
        for k in range(size):
            living += np.int64(lives[k])
        for k in range(size):
            j = np.uint32(here[k]) if lives[k] != 0 else np.uint32(0)
            apart[np.uint32(k & (TABLES - 1)) * np.uint32(n) + j] += money[k]  # the dead hold nothing
        if old:
            compare(
                lives, here, hukou_place[first:last], education[first:last], lived[first:last], registered[first:last],
                schooled[first:last], doubts,
            )  # fmt: skip
        else:
            for k in range(size):
                if lives[k]:
                    born[here[k]] += 1
        for w in range((size + 7) // 8):
            if words[w] == 0:
                continue
            for k in range(8 * w, min(8 * w + 8, size)):
                told, i = doubts[k], first + k
                if told & 1:
                    if alive[i] == 0:
                        found[DEAD] = min(found[DEAD], i)
                    else:
                        name_fault(i, p, month, found)
                if told & 2 and (told & 4 or (i + month) % 6 == 0) and minor_left(i, p, month):
                    found[UNGUARDED] = min(found[UNGUARDED], i)
                if told & 4:
                    was = lived[i]
                    if alive[i] == 0:
                        gone[was] += 1
                    elif was == NOWHERE:
                        found[RISEN] = min(found[RISEN], i)
                    else:
                        net[was] -= 1
                        net[residence[i]] += 1
                        home = household[i]
                        if 0 <= home < len(head) and not renamed and head[home] == i and dwelling[home] != residence[i] and state[i] != STUDENT:
                            home_found[OLD_DWELLING] = min(home_found[OLD_DWELLING], home)
                if told & 8 and not renamed:
                    registers[0] = min(registers[0], i)
                if told & 16:
                    registers[1] = min(registers[1], i)
    for t in range(TABLES):
        for j in range(n):
            held[j] += apart[t * n + j]
    sums[6] += np.uint64(living)


@njit(nogil=True, cache=True)
def look_at_homes(h, residence, dwelling_before, known, renamed, found, lo, hi):
    """Look at households [lo, hi); returns the stirred sum of their sizes. In January names change (`renamed`).

    `found[code]` keeps the first faulty row. Heads who moved are looked at with the people.
    """
    head, dwelling, size = h.head[lo:hi], h.dwelling[lo:hi], h.size[lo:hi]
    members, misled = np.uint64(0), np.int64(0)
    for k in range(len(size)):
        members += stir(lo + k + 1) * np.uint64(size[k])
    for k in range(len(size)):
        misled += np.int64((size[k] != 0) != (head[k] >= 0))
    if misled:
        for k in range(len(size)):
            if size[k] == 0 and head[k] >= 0:
                found[GHOST] = min(found[GHOST], lo + k)
            elif size[k] != 0 and head[k] < 0:
                found[HEADLESS] = min(found[HEADLESS], lo + k)
    if not renamed:
        was = dwelling_before[lo : min(hi, known)]
        for k in range(len(was)):
            if dwelling[k] != was[k] and head[k] >= 0 and dwelling[k] != residence[head[k]]:
                found[OTHER_DWELLING] = min(found[OTHER_DWELLING], lo + k)
    return members


@njit(nogil=True, cache=True)
def look_at_heads(head, household, found, lo, hi):
    """Whether the heads of households [lo, hi) belong to them; who is dead belongs to none (see `look_at_people`)."""
    for k in range(lo, hi):
        i = head[k]
        if i >= 0 and household[i] != k:
            found[WRONG_HEAD] = min(found[WRONG_HEAD], k)


@njit(nogil=True, cache=True)
def look_at_lists(p, month, found):
    """Whether the list of children of anybody dead holds a living minor."""
    alive, first_child = p.alive, p.first_child
    for i in range(len(alive)):
        if alive[i] == 0 and first_child[i] >= 0 and minor_left(i, p, month):
            found[UNGUARDED] = min(found[UNGUARDED], i)


@njit(nogil=True, cache=True)
def look_at_jobs(counted, headcount, vacancies, filled, place, sector, own_place, own_sector, alive, closed, cash, capital, debt,
                 never, found, firm_found, sums):  # fmt: skip
    """Look at job lines and their firms; returns the stirred sum of headcounts by place (see `look_at_people`).

    `sums`: cash and debt of firms, fen.
    """
    jobs, money, owed = np.uint64(0), np.int64(0), np.int64(0)
    for r in range(len(headcount)):
        jobs += stir(r + 1) * stir(np.int64(place[r]) + 1) * np.uint64(headcount[r])
    for r in range(len(headcount)):
        f = r >> 1
        if (counted[r] != headcount[r]) | (filled[r] > vacancies[r]) | (place[r] != own_place[f]) | (sector[r] != own_sector[f]):
            for code, wrong in (
                (MISCOUNTED, counted[r] != headcount[r]), (OVERFILLED, filled[r] > vacancies[r]),
                (OTHER_PLACE, place[r] != own_place[f]), (OTHER_SECTOR, sector[r] != own_sector[f]),
            ):  # fmt: skip
                if wrong:
                    found[code] = min(found[code], r)
    for f in range(len(alive)):
        money += cash[f]
        owed += debt[f]
        if (alive[f] == 1) != (closed[f] == never):
            firm_found[OPEN_AND_CLOSED] = min(firm_found[OPEN_AND_CLOSED], f)
        if alive[f] == 0:
            busy = headcount[2 * f] + headcount[2 * f + 1] + vacancies[2 * f] + vacancies[2 * f + 1]
            if busy != 0:
                firm_found[BUSY] = min(firm_found[BUSY], f)
            if cash[f] != 0:
                firm_found[MONEYED] = min(firm_found[MONEYED], f)
            if capital[f] != 0:
                firm_found[EQUIPPED] = min(firm_found[EQUIPPED], f)
    sums[0], sums[1] = money, owed
    return jobs


@njit(nogil=True, cache=True)
def beyond(values, low, high, none):
    """Whether a number lies outside [low, high] and is not `none`, or is no number; all of one type."""
    outside = False
    for k in range(len(values)):
        v = values[k]
        outside |= not (((v >= low) & (v <= high)) | (v == none))
    return outside
