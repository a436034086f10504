"""Who lives, works and is registered where: the counts every month closes with.

One pass over the people fills small tables by settlement. All sums are whole numbers, so the
result does not depend on how the rows are cut among threads.
"""

from __future__ import annotations

from collections import namedtuple

import numpy as np
from numba import njit

from simulator.kernels.memory import fetch

CountedPeople = namedtuple(
    "CountedPeople",
    "alive residence hukou_place hukou_kind state education birth_month months_away worked_months "
    "county_hukou county_residence township_apart wage employer root",
)
"""The columns of persons that `count_people` reads."""

FamilyPeople = namedtuple(
    "FamilyPeople", "alive residence root birth_month mother guardian partner first_child next_sibling"
)
"""The columns of persons that `count_left_behind` reads."""

N_STATES = 9
AGES = ("0-14", "15", "16-64", "65+")
"""Ages that the monthly count tells apart."""
N_AGES = 4
N_LIFE = N_STATES * 2 * N_AGES
"""Columns of the count by residence: (state * 2 + college) * 4 + age."""
N_TRAITS = N_LIFE * 4
"""The same with being a migrant worker and the kind of hukou."""

LOCAL, TOWNSHIP, CELL, COUNTY, PROVINCE, RECENT, RECENT_PROVINCE = range(7)
"""Where a resident's hukou is: here; another township of the same cell and county; another cell of
the county; another county of the province; another province; elsewhere but away less than six
months (enumerated at home), in the same province or in another."""
N_PLACES = 14
"""Columns of the count by residence: hukou class * 2 + migrant worker."""

ENUMERATION_MONTHS = 6
"""Consecutive months away after which a person is enumerated where they live."""
WORK_MONTHS = 6
"""Months of non-farm work in the last twelve that make a person of rural hukou a migrant worker."""

GONE, LOST, ELSEWHERE, PAID = 1, 2, 4, 8
"""Bits of what is told of a person: dead; in no place, state or job line that exists; not at home in every sense; with a job or a wage."""

AHEAD = 8
"""People between asking memory for what is looked up and using it."""
CHUNK = 8192
"""People described at a time: columns are read in long runs, and what is told of them stays in the near cache."""


@njit(nogil=True, cache=True)
def hukou_class(elsewhere, recent, apart_province, apart_county, apart_township):
    """Where the hukou of a resident is, one of `LOCAL` ... `RECENT_PROVINCE`, from five yes-or-no facts."""
    if elsewhere and recent:
        return RECENT_PROVINCE if apart_province else RECENT
    if apart_province:
        return PROVINCE
    if apart_county:
        return COUNTY
    if elsewhere:
        return CELL
    return TOWNSHIP if apart_township else LOCAL


def hukou_classes() -> np.ndarray:
    """`hukou_class` for the 32 answers; bit 0 elsewhere, then recent, province, county, township."""
    return np.array([hukou_class(*[(code >> k) & 1 for k in range(5)]) for code in range(32)], dtype=np.uint8)


@njit(nogil=True, cache=True)
def enumerated_at(residence, hukou_place, months_away):
    """Settlement where a census counts a person: home for the first six months elsewhere."""
    return hukou_place if months_away < ENUMERATION_MONTHS else residence


@njit(nogil=True, cache=True)
def _tell_lives(month, state, education, birth_month, out):
    """`N_LIFE` code of some people: state, college, age."""
    for k in range(len(out)):
        age = np.int16(month - birth_month[k])
        band = np.uint8(age >= 180) + np.uint8(age >= 192) + np.uint8(age >= 780)
        out[k] = np.uint8(state[k] << 3) + np.uint8(np.uint8(education[k] == 3) << 2) + band


@njit(nogil=True, cache=True)
def _tell_traits(life, worked, hukou_kind, out):
    """(`N_LIFE` code * 2 + migrant worker) * 2 + hukou kind of some people."""
    for k in range(len(out)):
        bits = np.uint16(worked[k])
        bits = np.uint16(bits - np.uint16(np.uint16(bits >> 1) & 0x5555))
        bits = np.uint16(np.uint16(bits & 0x3333) + np.uint16(np.uint16(bits >> 2) & 0x3333))
        bits = np.uint16(np.uint16(bits + np.uint16(bits >> 4)) & 0x0F0F)
        bits = np.uint16(np.uint16(bits + np.uint16(bits >> 8)) & 0x1F)
        worker = np.uint16(bits >= WORK_MONTHS) & np.uint16(hukou_kind[k] == 0)
        out[k] = np.uint16(np.uint16(life[k]) << 2) | np.uint16(worker << 1) | np.uint16(hukou_kind[k] & 1)


@njit(nogil=True, cache=True)
def _tell_places(residence, hukou_place, root, months_away, county_hukou, county_residence, township_apart, out):
    """The answers of `hukou_classes` of some people, but for the province, and 32 where the root is elsewhere."""
    for k in range(len(out)):
        out[k] = (
            np.uint8(residence[k] != hukou_place[k])
            | np.uint8(np.uint8(months_away[k] < ENUMERATION_MONTHS) << 1)
            | np.uint8(np.uint8(county_residence[k] != county_hukou[k]) << 3)
            | np.uint8(np.uint8(township_apart[k] & 1) << 4)
            | np.uint8(np.uint8(root[k] != residence[k]) << 5)
        )


@njit(nogil=True, cache=True)
def _tell_work(employer, wage, n_employers, out):
    """`PAID`, and `LOST` for a job line that does not exist, of some people."""
    for k in range(len(out)):
        works_for = np.uint32(np.int64(employer[k]) + 1)
        out[k] = np.uint8((works_for != 0) | (wage[k] != 0)) << 3 | np.uint8(works_for > n_employers) << 1


@njit(nogil=True, cache=True)
def _tell_nowhere(residence, hukou_place, root, n, out):
    """Add `LOST` for a place that does not exist."""
    for k in range(len(out)):
        out[k] |= np.uint8(np.uint8(np.uint8(residence[k] >= n) | np.uint8(hukou_place[k] >= n) | np.uint8(root[k] >= n)) << 1)


@njit(nogil=True, cache=True)
def _tell_apart(alive, state, hukou_kind, place_code, out):
    """Add `GONE`, `LOST` for a state or a kind of hukou that does not exist, and `ELSEWHERE`."""
    for k in range(len(out)):
        out[k] |= (
            np.uint8(alive[k] == 0)
            | np.uint8(np.uint8(np.uint8(state[k] >= N_STATES) | np.uint8(hukou_kind[k] > 1)) << 1)
            | np.uint8(np.uint8((place_code[k] & np.uint8(61)) != 0) << 2)
        )


@njit(nogil=True, cache=True)
def _describe(people, month, n, n_employers, lo, hi, trait, place_code, told):
    """Who rows [lo, hi) are, in short loops that the processor takes for many at once."""
    residence, hukou_place, root, state = people.residence[lo:hi], people.hukou_place[lo:hi], people.root[lo:hi], people.state[lo:hi]
    kind, trait, place_code, told = people.hukou_kind[lo:hi], trait[: hi - lo], place_code[: hi - lo], told[: hi - lo]
    _tell_lives(month, state, people.education[lo:hi], people.birth_month[lo:hi], place_code)
    _tell_traits(place_code, people.worked_months[lo:hi], kind, trait)
    _tell_places(
        residence, hukou_place, root, people.months_away[lo:hi], people.county_hukou[lo:hi], people.county_residence[lo:hi],
        people.township_apart[lo:hi], place_code,
    )  # fmt: skip
    _tell_work(people.employer[lo:hi], people.wage[lo:hi], np.uint32(n_employers), told)
    _tell_nowhere(residence, hukou_place, root, np.uint16(min(n, 65535)), told)
    _tell_apart(people.alive[lo:hi], state, kind, place_code, told)


@njit(nogil=True, cache=True)
def count_people(people, month, province, classes, n, n_employers, heads, ties, lo, hi):
    """Count rows [lo, hi) of the people.

    Returns, by settlement: `life` [n, 72] people present by state, college and age; `place`
    [n, 14] people present by where their hukou is and whether they are migrant workers; `book`
    [n, 4] people registered, hukou kind + 2 when an outgoing migrant worker; `shift` [n, 8] what
    to add to those present to get those enumerated, college * 4 + age; `pay` [n] wages in fen;
    and how many stand
    nowhere: without a settlement, a state or an employer that exists. Adds to `heads` [1 + n_employers] people by job
    line + 1 (0: without one), and to `ties` [n, n] (or [0, 0]: not asked) people by root and residence.

    Most are at home in every sense, and most hold no job: everyone is counted once, by settlement and trait, and who
    lives elsewhere or is paid is looked at again.
    """
    traits = np.zeros(n * N_TRAITS, dtype=np.int32)
    away = np.zeros((n, 2 * N_PLACES), dtype=np.int32)
    book, shift = np.zeros((n, 4), dtype=np.int32), np.zeros((n, 8), dtype=np.int32)
    pay = np.zeros((4, n), dtype=np.int64)  # in turn, for additions to one place would wait for one another
    trait, place_code = np.zeros(CHUNK, dtype=np.uint16), np.zeros(CHUNK, dtype=np.uint8)
    told = np.zeros(CHUNK, dtype=np.uint8)
    others, paid = np.zeros(CHUNK + 1, dtype=np.uint16), np.zeros(CHUNK + 1, dtype=np.uint16)
    with_ties, lost, unpaid, both = ties.shape[0] == n, 0, np.int64(0), np.uint8(GONE | LOST)
    for first in range(lo, hi, CHUNK):
        last = min(first + CHUNK, hi)
        _describe(people, np.int16(month), n, n_employers, first, last, trait, place_code, told)
        residence, hukou_place, root = people.residence[first:last], people.hukou_place[first:last], people.root[first:last]
        wage, employer = people.wage[first:last], people.employer[first:last]
        apart = working = seen = 0
        for k in range(last - first):
            if told[k] & both:
                lost += np.int64(told[k] & both == LOST)
                continue
            seen += 1
            traits[np.uint32(residence[k]) * np.uint32(N_TRAITS) + np.uint32(trait[k])] += 1
            others[apart] = paid[working] = k
            apart += np.int64(told[k] >> 2) & 1
            working += np.int64(told[k] >> 3)
        unpaid += seen - working
        for q in range(working):
            k = paid[q]
            heads[np.int64(employer[k]) + 1] += 1
            pay[q & 3, residence[k]] += wage[k]
        for q in range(apart):
            k = others[q]
            here, home = np.uint32(residence[k]), np.uint32(hukou_place[k])
            worker, kind = np.uint32(trait[k] >> 1) & np.uint32(1), np.uint32(trait[k] & 1)
            where = np.uint32(classes[(place_code[k] & np.uint8(31)) | np.uint8(np.uint8(province[here] != province[home]) << 2)])
            away[here, (where * np.uint32(2) + worker) * np.uint32(2) + kind] += 1
            book[home, kind + np.uint32(2) * (worker & np.uint32(where >= CELL))] += 1
            if with_ties:
                ties[root[k], here] += 1
            if where >= RECENT:
                adult = (trait[k] >> 2) & 7
                shift[here, adult] -= 1
                shift[home, adult] += 1
    heads[0] += unpaid
    life, place = np.zeros((n, N_LIFE), dtype=np.int32), np.zeros((n, N_PLACES), dtype=np.int32)
    for j in range(n):
        at_home = np.zeros(4, dtype=np.int32)
        for c in range(N_LIFE):
            for m in range(4):
                number = traits[j * N_TRAITS + c * 4 + m]
                life[j, c] += number
                at_home[m] += number
        for c in range(N_PLACES):
            for kind in range(2):
                place[j, c] += away[j, 2 * c + kind]
                at_home[2 * (c & 1) + kind] -= away[j, 2 * c + kind]
        for m in range(4):
            place[j, 2 * LOCAL + (m >> 1)] += at_home[m]
            book[j, m & 1] += at_home[m]
            if with_ties:
                ties[j, j] += at_home[m]
    return life, place, book, shift, pay.sum(axis=0), lost


@njit(nogil=True, cache=True)
def count_ties(alive, root, residence, table):
    """Count people by root and residence into `table` [n, n], which is emptied first."""
    table[:, :] = 0
    for i in range(len(alive)):
        if alive[i]:
            table[root[i], residence[i]] += 1


@njit(nogil=True, cache=True)
def count_left_behind(people, month, n, lo, hi):
    """Left-behind children (under 18) and elders (60 and over) by settlement, [n, 2].

    A child who lives at its root is left behind when its parents live, all of them elsewhere: the
    mother and her partner, or, without a living mother, the guardian. An elder at the root is when
    neither partner nor living adult child lives in the same settlement.
    """
    alive, residence, root, birth_month = people.alive, people.residence, people.root, people.birth_month
    mother_of, guardian_of, partner_of = people.mother, people.guardian, people.partner
    first_child, next_sibling = people.first_child, people.next_sibling
    found = np.zeros((n, 2), dtype=np.int32)
    young, old = np.empty(CHUNK + 1, dtype=np.int32), np.empty(CHUNK + 1, dtype=np.int32)
    grown, aged = np.int16(month - 216), np.int16(month - 720)
    for first in range(lo, hi, CHUNK):
        last = min(first + CHUNK, hi)
        kids, elders = 0, 0
        for i in range(first, last):
            home = (alive[i] != 0) & (residence[i] == root[i])
            young[kids] = i
            old[elders] = i
            kids += np.int64(home & (birth_month[i] > grown))
            elders += np.int64(home & (birth_month[i] <= aged))
        for q in range(kids):
            if q + AHEAD < kids:
                soon = np.int64(mother_of[young[q + AHEAD]])
                fetch(residence, soon)
                fetch(alive, soon)
                fetch(partner_of, soon)
            i = young[q]
            here, parent = residence[i], mother_of[i]
            if parent < 0 or alive[parent] == 0:
                parent = guardian_of[i]
                if parent >= 0 and alive[parent] == 1 and residence[parent] != here:
                    found[here, 0] += 1
            elif residence[parent] != here:
                partner = partner_of[parent]
                if not (partner >= 0 and alive[partner] == 1 and residence[partner] == here):
                    found[here, 0] += 1
        for q in range(elders):
            if q + AHEAD < elders:
                soon, child = np.int64(partner_of[old[q + AHEAD]]), np.int64(first_child[old[q + AHEAD]])
                fetch(residence, soon)
                fetch(alive, soon)
                fetch(residence, child)
                fetch(alive, child)
            i = old[q]
            here, partner = residence[i], partner_of[i]
            if partner >= 0 and alive[partner] == 1 and residence[partner] == here:
                continue
            child = first_child[i]
            while child >= 0:
                if residence[child] == here and alive[child] == 1 and month - birth_month[child] >= 216:
                    break
                child = next_sibling[child]
            if child < 0:
                found[here, 1] += 1
    return found


@njit(nogil=True, cache=True)
def count_stock(alive, origin, residence, education, n, lo, hi):
    """People of rows [lo, hi) by (place of reference * n + residence) * 4 + education, i4[4 n n]; those without one left out."""
    table = np.zeros(n * n * 4, dtype=np.int32)
    for i in range(lo, hi):
        if alive[i] == 1 and origin[i] < n:
            table[(np.int64(origin[i]) * n + residence[i]) * 4 + education[i]] += 1
    return table
