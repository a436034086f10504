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
    "county_hukou county_residence township_apart wage employer",
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



AHEAD = 8
"""People between asking memory for what is looked up and using it."""
CHUNK = 2048
"""People described at a time, so that the descriptions stay in the nearest cache."""


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
def _describe(people, month, lo, hi, life_code, place_code, worker):
    """One byte each for state, college and age; for the hukou; and for being a migrant worker, of rows [lo, hi)."""
    state, education, birth_month = people.state[lo:hi], people.education[lo:hi], people.birth_month[lo:hi]
    for k in range(hi - lo):
        age = np.int16(month - birth_month[k])
        band = np.uint8(age >= 180) + np.uint8(age >= 192) + np.uint8(age >= 780)
        life_code[k] = np.uint8(state[k] << 3) + np.uint8(np.uint8(education[k] == 3) << 2) + band
    residence, hukou_place, months_away = people.residence[lo:hi], people.hukou_place[lo:hi], people.months_away[lo:hi]
    county_hukou, county_residence = people.county_hukou[lo:hi], people.county_residence[lo:hi]
    township_apart = people.township_apart[lo:hi]
    for k in range(hi - lo):
        place_code[k] = (
            np.uint8(residence[k] != hukou_place[k])
            | np.uint8(np.uint8(months_away[k] < ENUMERATION_MONTHS) << 1)
            | np.uint8(np.uint8(county_residence[k] != county_hukou[k]) << 3)
            | np.uint8(np.uint8(township_apart[k] & 1) << 4)
        )
    worked, hukou_kind = people.worked_months[lo:hi], people.hukou_kind[lo:hi]
    for k in range(hi - lo):
        bits = np.uint16(worked[k])
        bits = np.uint16(bits - np.uint16(np.uint16(bits >> 1) & 0x5555))
        bits = np.uint16(np.uint16(bits & 0x3333) + np.uint16(np.uint16(bits >> 2) & 0x3333))
        bits = np.uint16(np.uint16(bits + np.uint16(bits >> 4)) & 0x0F0F)
        bits = np.uint16(np.uint16(bits + np.uint16(bits >> 8)) & 0x1F)
        worker[k] = np.uint8(bits >= WORK_MONTHS) & np.uint8(hukou_kind[k] == 0)


@njit(nogil=True, cache=True)
def count_people(people, month, province, classes, n, n_employers, lo, hi):
    """Count rows [lo, hi) of the people.

    Returns, by settlement: `life` [n, 72] people present by state, college and age; `place`
    [n, 14] people present by where their hukou is and whether they are migrant workers; `book`
    [n, 4] people registered, hukou kind + 2 when an outgoing migrant worker; `shift` [n, 8] what
    to add to those present to get those enumerated, college * 4 + age; `pay` [n] wages in fen;
    and how many stand
    nowhere: without a settlement, a state or an employer that exists.
    """
    life = np.zeros(n * N_LIFE, dtype=np.int32)
    place = np.zeros(n * N_PLACES, dtype=np.int32)
    book = np.zeros(n * 4, dtype=np.int32)
    shift = np.zeros((n, 8), dtype=np.int32)
    pay = np.zeros(n, dtype=np.int64)
    life_code = np.zeros(CHUNK, dtype=np.uint8)
    place_code = np.zeros(CHUNK, dtype=np.uint8)
    workers = np.zeros(CHUNK, dtype=np.uint8)
    lost = 0
    for first in range(lo, hi, CHUNK):
        last = min(first + CHUNK, hi)
        _describe(people, np.int16(month), first, last, life_code, place_code, workers)
        alive, residence, hukou_place = people.alive[first:last], people.residence[first:last], people.hukou_place[first:last]
        hukou_kind, wage, employer = people.hukou_kind[first:last], people.wage[first:last], people.employer[first:last]
        for k in range(last - first):
            if alive[k] == 0:
                continue
            here, home = np.uint32(residence[k]), np.uint32(hukou_place[k])
            works_for = np.int64(employer[k]) + 1
            if here >= n or home >= n or works_for < 0 or works_for > n_employers or life_code[k] >= N_LIFE or hukou_kind[k] > 1:
                lost += 1
                continue
            life[here * np.uint32(N_LIFE) + life_code[k]] += 1
            where = classes[place_code[k] | np.uint8(np.uint8(province[here] != province[home]) << 2)]
            place[here * np.uint32(N_PLACES) + np.uint32(where) * np.uint32(2) + workers[k]] += 1
            outgoing = workers[k] & np.uint8(where >= CELL)
            book[home * np.uint32(4) + np.uint32(hukou_kind[k]) + np.uint32(2) * outgoing] += 1
            if where >= RECENT:
                adult = life_code[k] & 7
                shift[here, adult] -= 1
                shift[home, adult] += 1
            pay[here] += wage[k]
    return life.reshape(n, N_LIFE), place.reshape(n, N_PLACES), book.reshape(n, 4), shift, pay, lost


@njit(nogil=True, cache=True)
def count_heads(alive, employer, n_employers, lo, hi):
    """People of rows [lo, hi) by job line + 1 (0: without one), i8[1 + n_employers]; employers must exist."""
    heads = np.zeros(n_employers + 1, dtype=np.int64)
    for i in range(lo, hi):
        if alive[i]:
            heads[employer[i] + 1] += 1
    return heads


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
