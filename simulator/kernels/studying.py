"""Going to school, to college and out of it: who goes on, who gets a place where, who graduates.

College places of a settlement are filled in two rounds of keyed order. A province first admits its
own applicants to the share of its places held for them; what is left, and what they do not fill,
goes to the applicants left anywhere.
"""

from collections import namedtuple

import numpy as np
from numba import njit

from simulator.kernels.memory import uncounted
from simulator.kernels.moving import drawn_county, record_move
from simulator.kernels.rng import draw1, draw4

ENROL, STUDY_PLACE, ADULT_STUDY = 7, 8, 10
NOWHERE = 65535
CHILD, STUDENT, EMPLOYED, FLEXIBLE, WELFARE_JOB, UNEMPLOYED = 0, 1, 2, 4, 5, 6
JUNIOR, SENIOR, COLLEGE = 1, 2, 3
SCHOOL_LEAVING, SENIOR_LEAVING = 180, 216
ADULT_YOUNGEST, ADULT_OLDEST = 240, 480

Students = namedtuple(
    "Students",
    "uid alive education state birth_month left_study study_since study_place hukou_place residence workplace "
    "county_hukou county_residence township_apart last_move",
)
"""The columns of persons that education reads or writes."""


@njit(nogil=True, cache=True)
def goes_on(uid, seed, enrolment):
    """True when a fifteen-year-old enters senior school: a keyed draw below the enrolment of the day."""
    return draw1(seed, ENROL, 0, uid, 0) < enrolment


@uncounted
def leave_school(rows, month, seed, enrolment, p, out):
    """Birthdays: at 15 out of childhood, into senior school or the search for work; at 18 senior school is done.

    `out` is room for as many rows. Returns (entered senior school, left with junior school).
    """
    states = p.state
    entered, left, young = 0, 0, 0
    for i in rows:  # few are children or students: found without branches
        out[young] = i
        young += np.int64(states[i] <= STUDENT)
    for i in out[:young]:
        if p.alive[i] == 0:
            continue
        age = month - p.birth_month[i]
        if age >= SCHOOL_LEAVING and p.state[i] == CHILD:
            p.education[i] = max(p.education[i], np.uint8(JUNIOR))
            if age < SENIOR_LEAVING and goes_on(p.uid[i], seed, enrolment):
                p.state[i] = STUDENT
                p.study_since[i] = month
                entered += 1
            else:
                p.state[i] = UNEMPLOYED
                p.left_study[i] = month
                left += 1
        elif age >= SENIOR_LEAVING and p.state[i] == STUDENT and p.education[i] <= JUNIOR:
            p.education[i] = SENIOR
    return entered, left


@njit(nogil=True, cache=True)
def applies(state, education, study_place):
    """True of a student who has finished senior school and is not yet in college."""
    return state == STUDENT and education == SENIOR and study_place == NOWHERE


@uncounted
def list_applicants(p, month, out, lo, hi):
    """Applicants of September among rows [lo, hi); returns how many."""
    count = 0
    for i in range(lo, hi):
        if p.state[i] == STUDENT and applies(p.state[i], p.education[i], p.study_place[i]) and p.alive[i] == 1:
            out[count] = i
            count += 1
    return count


@njit(nogil=True, cache=True)
def finishes(state, education, study_place, study_since, month, college_years):
    """True of a college student in the July of the last year: entered in September, months >= 12 years - 2."""
    return state == STUDENT and education == SENIOR and study_place != NOWHERE and (
        np.int64(month) - np.int64(study_since) >= 12 * college_years - 2
    )  # fmt: skip


@uncounted
def graduate(month, college_years, p, out, lo, hi):
    """Those of rows [lo, hi) who finish college get their degree and look for work; returns how many."""
    count = 0
    for i in range(lo, hi):
        if p.state[i] == STUDENT and p.alive[i] == 1 and finishes(
            p.state[i], p.education[i], p.study_place[i], p.study_since[i], month, college_years
        ):
            p.education[i] = COLLEGE
            p.state[i] = UNEMPLOYED
            p.left_study[i] = month
            out[count] = i
            count += 1
    return count


@njit(nogil=True, cache=True)
def merit(uid, month, seed):
    """Rank of an applicant: a keyed 64-bit number, the smallest first."""
    w0, w1, _, _ = draw4(seed, STUDY_PLACE, month, uid, 0)
    return np.uint64(w0) << np.uint64(32) | np.uint64(w1)


@njit(nogil=True, cache=True)
def slot_key(settlement, slot, month, seed):
    """Order in which a place at a college comes up: a keyed 64-bit number."""
    w0, w1, _, _ = draw4(seed, STUDY_PLACE, month, settlement, slot + 1)
    return np.uint64(w0) << np.uint64(32) | np.uint64(w1)


@uncounted
def rank_applicants(rows, month, seed, p, key):
    """The merit of each applicant."""
    for k in range(len(rows)):
        key[k] = merit(p.uid[rows[k]], month, seed)


@njit(nogil=True, cache=True)
def lay_out_places(places, month, seed, settlement, key):
    """One entry for each place: its settlement and its keyed order."""
    at = 0
    for s in range(len(places)):
        for slot in range(places[s]):
            settlement[at] = s
            key[at] = slot_key(s, slot, month, seed)
            at += 1


@njit(nogil=True, cache=True)
def hand_out_places(home, order, slot_at, slot_order, slot_province, held, given):
    """Settlement given to each applicant (-1: none).

    `home` province of each applicant, `order` applicants by merit, `slot_at` settlement of each place,
    `slot_order` places in keyed order, `slot_province` province by settlement, `held` places by
    province held for its own.
    """
    provinces = len(held)
    taken = np.zeros(len(slot_at), dtype=np.uint8)
    counts = np.zeros(provinces + 1, dtype=np.int64)
    for s in slot_at:
        counts[slot_province[s] + 1] += 1
    start = np.cumsum(counts)
    grouped = np.empty(len(slot_at), dtype=np.int64)
    fill = start.copy()
    for k in slot_order:
        c = slot_province[slot_at[k]]
        grouped[fill[c]] = k
        fill[c] += 1
    used = np.zeros(provinces, dtype=np.int64)
    for k in order:
        c = home[k]
        given[k] = -1
        if used[c] < held[c] and start[c] + used[c] < start[c + 1]:
            slot = grouped[start[c] + used[c]]
            used[c] += 1
            taken[slot] = 1
            given[k] = slot_at[slot]
    at = 0
    for k in order:
        if given[k] >= 0:
            continue
        while at < len(slot_order) and taken[slot_order[at]] == 1:
            at += 1
        if at == len(slot_order):
            break
        given[k] = slot_at[slot_order[at]]
        taken[slot_order[at]] = 1


@uncounted
def go_to_college(rows, given, month, seed, p, start, counties, weight, log_row, log_from, log_to):
    """The admitted live where they study; the others look for work. Returns (admitted, moved)."""
    admitted, moved = 0, 0
    for k in range(len(rows)):
        i, to = rows[k], given[k]
        if to < 0:
            p.state[i] = UNEMPLOYED
            p.left_study[i] = month
            continue
        admitted += 1
        p.study_place[i] = to
        p.study_since[i] = month
        here = p.residence[i]
        if here != to:
            county = drawn_county(to, p.uid[i], month, seed, start, counties, weight)
            if to == p.hukou_place[i]:
                county = np.int64(p.county_hukou[i])
            record_move(p, i, to, county, month)
            log_row[moved], log_from[moved], log_to[moved] = i, here, to
            moved += 1
    return admitted, moved


@njit(nogil=True, cache=True)
def may_study_beside_work(alive, state, education, age_months):
    """True of people of 20 to 40 at work with senior school."""
    works = (state == EMPLOYED) | (state == FLEXIBLE) | (state == WELFARE_JOB)
    return (alive == 1) & works & (education == SENIOR) & (age_months >= ADULT_YOUNGEST) & (age_months < ADULT_OLDEST)


@uncounted
def list_adult_students(p, month, out, lo, hi):
    """Workers of rows [lo, hi) who may take a degree beside work; returns how many."""
    count = 0
    for i in range(lo, hi):
        age = np.int64(month) - np.int64(p.birth_month[i])
        out[count] = i  # without branches: no processor can guess it
        count += np.int64(may_study_beside_work(p.alive[i], p.state[i], p.education[i], age))
    return count


@uncounted
def take_degrees(rows, month, seed, chance, p):
    """Each takes a degree with the same keyed chance and keeps the job; returns how many."""
    count = 0
    for i in rows:
        if draw1(seed, ADULT_STUDY, month, p.uid[i], 0) < chance:
            p.education[i] = COLLEGE
            p.left_study[i] = month
            count += 1
    return count
