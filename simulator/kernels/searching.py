"""Jobs that end, people who look for work, and what those without any do who found none."""

from __future__ import annotations

import numpy as np

from simulator.kernels.caring import looks_again
from simulator.kernels.labour import LAYOFF_FACTOR_MAX, MOST_A_MONTH, chance, flexible_entry_rate, separation_rate_of
from simulator.kernels.memory import fetch, uncounted
from simulator.kernels.rng import draw1, draw4, uniform

EMPLOYED, FARMING, FLEXIBLE, UNEMPLOYED, INACTIVE = 2, 3, 4, 6, 8
COLLEGE = 3
RURAL_KIND = 4
NOBODY = -1
NOWHERE = 65535
SEPARATE, FALLBACK, CONSIDER = 11, 19, 20
JOB_LOSS_CONSIDER = 7
"""Number of the draw by which a job loser considers a move."""
AHEAD = 32
"""Rows by which memory is asked ahead of need."""


@uncounted
def skill_of(education):
    """Skill group of a person: 1 with college, else 0."""
    return 1 if education == COLLEGE else 0


@uncounted
def may_farm(hukou_kind, residence, root, household, land_right, kind):
    """Whether a person can turn to the family's land: rural hukou, living at a rural root with a land right."""
    return (
        hukou_kind == 0
        and residence == root
        and kind[root] == RURAL_KIND
        and household != NOBODY
        and land_right[household] == 1
    )


@uncounted
def who_loses(rows, people, klass, bounds, factor, seed, month, rate, migrant_rate, out):
    """Candidates whose job ends: rows into `out`; returns (how many, worst excess).

    The excess is above 0 when a rate was above the bound it was screened with.
    """
    uid, alive, state, employer = people.uid, people.alive, people.state, people.employer
    residence, hukou_place, last_move = people.residence, people.hukou_place, people.last_move
    count, worst = 0, 0.0
    for k in range(len(rows)):
        far = np.int64(rows[min(k + 2 * AHEAD, len(rows) - 1)])
        fetch(employer, far)
        fetch(uid, far)
        fetch(alive, far)
        fetch(state, far)
        fetch(klass, far)
        fetch(residence, far)
        fetch(hukou_place, far)
        fetch(last_move, far)
        near = rows[min(k + AHEAD, len(rows) - 1)]
        fetch(factor, np.int64(max(employer[near], 0)))
        i = rows[k]
        if alive[i] == 0 or state[i] != EMPLOYED or (klass[i] // 2) % 4 != 0:
            continue
        bound, times = bounds[klass[i]], factor[employer[i]]
        highest = min(max(rate, migrant_rate) * min(times, LAYOFF_FACTOR_MAX), MOST_A_MONTH)
        worst = max(worst, highest - bound)
        level = draw1(seed, SEPARATE, month, uid[i], 0) * bound
        if level >= highest:
            continue
        if level < separation_rate_of(residence[i] != hukou_place[i], month - last_move[i], times, rate, migrant_rate):
            out[count] = i
            count += 1
    return count, worst


@uncounted
def end_jobs(rows, people, place, skill, land_right, kind, seed, month, farm_share, consider_share, left, considerers, lost):
    """The jobs of `rows` end; returns (to unemployment, to farming, how many consider a move at once).

    `left` gets the employer of each, `lost[settlement, skill]` counts ends by workplace.
    """
    uid, state, employer, wage, workplace = people.uid, people.state, people.employer, people.wage, people.workplace
    residence, hukou_kind, root, household = people.residence, people.hukou_kind, people.root, people.household
    to_unemployment = to_farming = considering = 0
    for k in range(len(rows)):
        far = np.int64(rows[min(k + AHEAD, len(rows) - 1)])
        fetch(uid, far)
        fetch(state, far)
        fetch(employer, far)
        fetch(wage, far)
        fetch(workplace, far)
        fetch(residence, far)
        fetch(hukou_kind, far)
        fetch(root, far)
        fetch(household, far)
        i = rows[k]
        pool = employer[i]
        left[k] = pool
        lost[place[pool], skill[pool]] += 1
        employer[i] = NOBODY
        workplace[i] = NOWHERE
        wage[i] = 0
        _, w1, _, _ = draw4(seed, SEPARATE, month, uid[i], 0)
        if uniform(w1) < farm_share and may_farm(hukou_kind[i], residence[i], root[i], household[i], land_right, kind):
            state[i] = FARMING
            to_farming += 1
        else:
            state[i] = UNEMPLOYED
            to_unemployment += 1
        if chance(seed, CONSIDER, month, uid[i], JOB_LOSS_CONSIDER, consider_share):
            considerers[considering] = i
            considering += 1
    return to_unemployment, to_farming, considering


@uncounted
def count_ends(left, headcount, separations):
    """What the ends of `end_jobs` mean for employers."""
    for pool in left:
        headcount[pool] -= 1
        separations[pool] += 1


@uncounted
def still_unemployed(unemployed, people, out):
    """Those of the unemployed of the month's opening who still are: rows into `out`; returns how many."""
    alive, states = people.alive, people.state
    count = 0
    for i in unemployed:
        out[count] = i
        count += np.int64((alive[i] == 1) & (states[i] == UNEMPLOYED))
    return count


@uncounted
def still_searching(candidates, people, klass, seed, month, capacity, back, working):
    """Candidates of search still in the state they were screened in; returns how many of each.

    Inactive people who look again go into `back`, those who work into `working`; for `capacity` see `caring.looks_again`.
    """
    alive, states, birth_month, disability, uids = people.alive, people.state, people.birth_month, people.disability, people.uid
    coming, staying = 0, 0
    for k in range(len(candidates)):
        i = candidates[k]
        ahead = np.int64(candidates[min(k + AHEAD, len(candidates) - 1)])
        fetch(klass, ahead)
        work, state = (klass[i] // 2) % 4, states[i]
        if work == 3:
            if state == INACTIVE and alive[i] == 1 and 16 <= (month - birth_month[i]) // 12 < 55:
                back[coming] = i
                coming += np.int64(looks_again(disability[i], capacity, seed, month, uids[i]))
            continue
        same = state == (EMPLOYED if work == 0 else FLEXIBLE if work == 1 else FARMING)
        working[staying] = i
        staying += np.int64(same & (alive[i] == 1))
    return coming, staying


@uncounted
def make_do(rows, people, land_right, kind, wage, flexible_pay, seed, month, flexible_entry, farm_entry,
            discouragement, flexible_pay_share, jobless):  # fmt: skip
    """What searchers without work do next: the land, flexible work, giving up, or searching on.

    People who came back from inactivity and found nothing count as unemployed. `jobless[residence,
    skill]` counts the unemployed who searched and were not hired. Returns (farming, flexible,
    inactive, came back).
    """
    uids, states, education, residence = people.uid, people.state, people.education, people.residence
    hukou_kind, root, household = people.hukou_kind, people.root, people.household
    to_farming = to_flexible = to_inactive = back = 0
    for k in range(len(rows)):
        far, near = np.int64(rows[min(k + 2 * AHEAD, len(rows) - 1)]), rows[min(k + AHEAD, len(rows) - 1)]
        fetch(household, far)
        fetch(uids, far)
        fetch(states, far)
        fetch(education, far)
        fetch(residence, far)
        fetch(hukou_kind, far)
        fetch(root, far)
        fetch(land_right, np.int64(max(household[near], 0)))
        i = rows[k]
        if states[i] == INACTIVE:
            states[i] = UNEMPLOYED
            back += 1
            continue
        if states[i] != UNEMPLOYED:
            continue
        home = residence[i]
        jobless[home, skill_of(education[i])] += 1
        u = draw1(seed, FALLBACK, month, uids[i], 0)
        farm = farm_entry if may_farm(hukou_kind[i], home, root[i], household[i], land_right, kind) else 0.0
        flexible = flexible_entry_rate(flexible_entry, flexible_pay[home], wage[home, 0], flexible_pay_share)
        if u < farm:
            states[i] = FARMING
            to_farming += 1
        elif u < farm + flexible:
            states[i] = FLEXIBLE
            to_flexible += 1
        elif u < farm + flexible + discouragement:
            states[i] = INACTIVE
            to_inactive += 1
    return to_farming, to_flexible, to_inactive, back
