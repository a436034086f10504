"""When people think of moving: a monthly hazard by age, schooling, season and what just happened.

    lambda(i) = lambda0 RC(age) e(education) s(calendar month) mobility(residence) x boosts

RC is the schedule of Rogers and Castro (1981, IIASA RR-81-30), scaled to mean one over the
base-year population. Boosts multiply: an offer from a personal tie, a child reaching school
age, a parent over seventy alone at home. A lost job and graduation force the thought.
"""

from collections import namedtuple

import numpy as np
from numba import njit

from simulator.kernels.elementary import exp_
from simulator.kernels.labour import MOST_A_MONTH
from simulator.kernels.memory import fetch
from simulator.kernels.rng import draw4, uniform

CONSIDER = 20
EMPLOYED = 2
NOBODY = -1
BATCH = 128
"""Candidates taken together."""
TIES = 8

Considerers = namedtuple(
    "Considerers",
    "uid alive state education birth_month residence root mother partner first_child next_sibling employer ties",
)

Boosts = namedtuple("Boosts", "tie_offer school_child parent_alone")


@njit(nogil=True, cache=True)
def rogers_castro(age, a1, alpha1, a2, alpha2, mu2, lambda2, c):
    """Migration rate a year at exact age in years: childhood, labour-force peak, constant."""
    return a1 * exp_(-alpha1 * age) + a2 * exp_(-alpha2 * (age - mu2) - exp_(-lambda2 * (age - mu2))) + c


@njit(nogil=True, cache=True)
def chance_of(rate):
    """Probability that an event of a monthly hazard happens within the month."""
    return min(1.0 - exp_(-rate), MOST_A_MONTH)


@njit(nogil=True, cache=True)
def may_consider(alive, state, age_months):
    """Adults out of school decide; children and students move with others or to study."""
    return alive == 1 and state > 1 and age_months >= 192


@njit(nogil=True, cache=True, forceinline=True)
def comes_true(level, rate):
    """Whether level < chance_of(rate), by x - x^2/2 <= 1 - exp(-x) <= x wherever that tells (with a hair for rounding)."""
    if level >= rate * 1.000000000001:
        return False
    if level < (rate - 0.5 * rate * rate) * 0.999999999999:
        return True
    return level < chance_of(rate)


@njit(nogil=True, cache=True)
def consider_moving(rows, bound, klass, month, seed, p, base_rate, mobility, boosts, open_jobs, forced, who_considers, offers, lo, hi):
    """Accept candidates rows[lo:hi] with probability chance_of(rate) / bound.

    Those who consider are written to `who_considers` from `lo` on, in order of rows; returns how many they are, and
    a row whose rate broke its bound, or -1. `base_rate` is f8[age in years 0..110, education 4] for this calendar
    month; `offers` beside them gets the tie who can offer a job elsewhere this month (or -1): a keyed one of the eight
    ties, employed by someone with an open place of the candidate's skill. `forced`: all rows consider (graduates, job
    losers), only offers are drawn. Boosts are looked up only for candidates whose luck they could change, first what stands in their own row, then
    kin and ties. `klass` is everyone's screening class and `bound` the bound of each class: the rate
    is that of the month's opening, for which the bound was made. Candidates are taken by the batch,
    and memory is asked ahead of need.
    """
    uid, alive, state, education, birth_month = p.uid, p.alive, p.state, p.education, p.birth_month
    residence, root, mother_of, partner_of = p.residence, p.root, p.mother, p.partner
    first_child, next_sibling, employer, ties = p.first_child, p.next_sibling, p.employer, p.ties
    tie_offer = boosts.tie_offer * 1.000000000001
    highest = tie_offer * boosts.school_child * boosts.parent_alone * 1.000000000001
    at, who, tie_of = np.empty(BATCH, np.int64), np.empty(BATCH, np.int64), np.empty(BATCH, np.int64)
    ids, word0, word1 = np.empty(BATCH, np.uint64), np.empty(BATCH, np.uint32), np.empty(BATCH, np.uint32)
    rates, levels, kins, offered = np.empty(BATCH), np.empty(BATCH), np.empty(BATCH), np.empty(BATCH, np.int32)
    accepted, offer_of = np.empty(BATCH, np.uint8), np.empty(BATCH, np.int32)
    broken, found = np.int64(NOBODY), lo
    for start in range(lo, hi, BATCH):
        count = 0
        for r in range(start, min(start + BATCH, hi)):
            if r + BATCH < rows.shape[0]:  # call for the next batch while this one is at work
                i = np.int64(rows[r + BATCH])
                fetch(uid, i)
                fetch(alive, i)
                fetch(state, i)
                fetch(birth_month, i)
                fetch(residence, i)
                fetch(education, i)
                fetch(klass, i)
            i = np.int64(rows[r])
            accepted[r - start], offer_of[r - start] = forced, NOBODY
            at[count], who[count], ids[count] = r - start, i, uid[i]
            count += np.int64(may_consider(alive[i], state[i], month - birth_month[i]))
        for k in range(count):
            word0[k], word1[k], _, _ = draw4(seed, CONSIDER, month, ids[k], 0)
        # nobody is ruled out whose luck might do, and no processor can guess luck: without branches
        left = 0
        for k in range(count):
            i = who[k]
            rate = base_rate[min((month - birth_month[i]) // 12, 110), schooling_at_opening(education[i], klass[i])]
            rate *= mobility[residence[i]]
            level = uniform(word0[k]) * bound[klass[i]]
            at[left], who[left], word1[left], rates[left], levels[left] = at[k], i, word1[k], rate, level
            left += np.int64(forced | (level < rate * highest))
        for k in range(left):
            fetch(first_child, who[k])
            fetch(mother_of, who[k])
            fetch(root, who[k])
        count, left = left, 0
        for k in range(count):
            i, rate, level = who[k], rates[k], levels[k]
            kin = boosts.school_child if first_child[i] >= 0 else 1.0
            kin *= boosts.parent_alone if (mother_of[i] >= 0) & (residence[i] != root[i]) else 1.0
            kin *= 1.000000000001  # a hair for rounding
            at[left], who[left], word1[left], rates[left], levels[left], kins[left] = at[k], i, word1[k], rate, level, kin
            left += np.int64(forced | (level < rate * tie_offer * kin))
        for k in range(left):
            fetch(ties, TIES * who[k])
        for k in range(left):
            i = who[k]
            tie_of[k] = ties[i, word1[k] & np.uint32(7)]
            tie, child = max(tie_of[k], 0), max(np.int64(first_child[i]), 0)
            fetch(state, tie)
            fetch(alive, tie)
            fetch(residence, tie)
            fetch(employer, tie)
            fetch(birth_month, child)
        for k in range(left):
            i, tie = who[k], tie_of[k]
            if tie >= 0 and (state[tie] != EMPLOYED or alive[tie] == 0 or residence[tie] == residence[i] or employer[tie] < 0):
                tie_of[k] = NOBODY
            elif tie >= 0:
                fetch(open_jobs, np.int64(employer[tie]))
        unsure = 0
        for k in range(left):
            r, i, tie, rate, level = at[k], who[k], tie_of[k], rates[k], levels[k]
            offer = NOBODY
            if tie >= 0 and can_offer(employer[tie], education[i], open_jobs):
                offer = np.int32(tie)
            if forced:
                accepted[r], offer_of[r] = 1, offer
                continue
            # kin are looked up only where luck leaves the answer to them
            if offer != NOBODY:
                rate *= boosts.tie_offer
            most_likely = rate * kins[k]
            if not comes_true(level, most_likely):
                continue
            if not comes_true(level, rate):
                mother, child = max(np.int64(mother_of[i]), 0), max(np.int64(first_child[i]), 0)
                fetch(residence, mother)
                fetch(birth_month, mother)
                fetch(partner_of, mother)
                fetch(next_sibling, child)
                at[unsure], who[unsure], offered[unsure] = r, i, offer
                rates[unsure], levels[unsure] = rate, level
                unsure += 1
                continue
            accepted[r], offer_of[r] = 1, offer
            if most_likely > bound[klass[i]] and chance_of(most_likely) > bound[klass[i]]:
                broken = max(broken, i)
        for k in range(unsure):
            i, rate = who[k], rates[k]
            child, mother = first_child[i], mother_of[i]
            while child >= 0:
                if alive[child] == 1 and reaches_school(month - birth_month[child]):
                    rate *= boosts.school_child
                    break
                child = next_sibling[child]
            if mother >= 0 and residence[i] != root[i] and alive[mother] == 1 and residence[mother] == root[i]:
                if left_alone(month - birth_month[mother], partner_of[mother]):
                    rate *= boosts.parent_alone
            if comes_true(levels[k], rate):
                accepted[at[k]], offer_of[at[k]] = 1, offered[k]
                if rate > bound[klass[i]] and chance_of(rate) > bound[klass[i]]:
                    broken = max(broken, i)
        for r in range(min(BATCH, hi - start)):
            who_considers[found], offers[found] = rows[start + r], offer_of[r]
            found += np.int64(accepted[r])
    return found - lo, broken


@njit(nogil=True, cache=True)
def join_lists(rows, offers, more_rows, more_offers):
    """Two lists of people in ascending order, with their offers, as one; who stands in both stands as in the first."""
    n, m = len(rows), len(more_rows)
    out, out_offers = np.empty(n + m, np.int32), np.empty(n + m, np.int32)
    a, b, count = 0, 0, 0
    while a < n or b < m:
        if b == m or (a < n and rows[a] <= more_rows[b]):
            b += np.int64(b < m and rows[a] == more_rows[b])
            out[count], out_offers[count] = rows[a], offers[a]
            a += 1
        else:
            out[count], out_offers[count] = more_rows[b], more_offers[b]
            b += 1
        count += 1
    return out[:count], out_offers[:count]


@njit(nogil=True, cache=True)
def schooling_at_opening(education, screen_class):
    """Schooling when the month opened: who took a degree since then still counts as of senior school."""
    return 2 if education == 3 and screen_class & 1 == 0 else education


@njit(nogil=True, cache=True)
def can_offer(employer, education, open_jobs):
    """True when an employer has an open place for this schooling."""
    skill = 1 if education == 3 else 0
    return employer >= 0 and employer % 2 == skill and open_jobs[employer] > 0


@njit(nogil=True, cache=True)
def reaches_school(age_months):
    """A child between five and a half and six and a half."""
    return 66 <= age_months < 78


@njit(nogil=True, cache=True)
def left_alone(age_months, partner):
    """A parent over seventy without a partner."""
    return age_months >= 840 and partner == NOBODY
