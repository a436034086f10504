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
from simulator.kernels.rng import draw4, uniform

CONSIDER = 20
EMPLOYED = 2
NOBODY = -1

Considerers = namedtuple(
    "Considerers",
    "uid alive state education birth_month residence root mother partner first_child next_sibling employer "
    "tie0 tie1 tie2 tie3 tie4 tie5 tie6 tie7",
)

Boosts = namedtuple("Boosts", "tie_offer school_child parent_alone")


@njit(nogil=True, cache=True)
def rogers_castro(age, a1, alpha1, a2, alpha2, mu2, lambda2, c):
    """Migration rate a year at exact age in years: childhood, labour-force peak, constant."""
    return a1 * exp_(-alpha1 * age) + a2 * exp_(-alpha2 * (age - mu2) - exp_(-lambda2 * (age - mu2))) + c


@njit(nogil=True, cache=True)
def chance_of(rate):
    """Probability that an event of a monthly hazard happens within the month."""
    return 1.0 - exp_(-rate)


@njit(nogil=True, cache=True)
def may_consider(alive, state, age_months):
    """Adults out of school decide; children and students move with others or to study."""
    return alive == 1 and state > 1 and age_months >= 192


@njit(nogil=True, cache=True)
def child_reaches_school(i, month, p):
    """True when a child in i's list is between five and a half and six and a half."""
    child = p.first_child[i]
    while child >= 0:
        age = month - p.birth_month[child]
        if p.alive[child] == 1 and 66 <= age < 78:
            return True
        child = p.next_sibling[child]
    return False


@njit(nogil=True, cache=True)
def parent_alone(i, month, p):
    """True when i's mother is over seventy, without a partner, and lives at i's root without i."""
    mother = p.mother[i]
    return (
        mother >= 0
        and p.alive[mother] == 1
        and month - p.birth_month[mother] >= 840
        and p.partner[mother] == NOBODY
        and p.residence[mother] == p.root[i]
        and p.residence[i] != p.root[i]
    )


@njit(nogil=True, cache=True)
def tie_in_slot(i, slot, p):
    """Row of the personal tie in a slot 0..7."""
    if slot < 4:
        if slot < 2:
            return p.tie0[i] if slot == 0 else p.tie1[i]
        return p.tie2[i] if slot == 2 else p.tie3[i]
    if slot < 6:
        return p.tie4[i] if slot == 4 else p.tie5[i]
    return p.tie6[i] if slot == 6 else p.tie7[i]


@njit(nogil=True, cache=True)
def offer_from(i, slot, open_jobs, p):
    """The tie who can offer i a job elsewhere this month: employed, with an open place of i's skill."""
    tie = tie_in_slot(i, slot, p)
    if tie < 0 or p.alive[tie] == 0 or p.state[tie] != EMPLOYED or p.residence[tie] == p.residence[i]:
        return NOBODY
    pool = p.employer[tie]
    skill = 1 if p.education[i] == 3 else 0
    if pool < 0 or pool % 2 != skill or open_jobs[pool] <= 0:
        return NOBODY
    return tie


@njit(nogil=True, cache=True)
def consider_moving(rows, bounds, month, seed, p, base_rate, mobility, boosts, open_jobs, offers, accepted, lo, hi):
    """Accept candidates with probability rate / bound; returns the first row whose rate broke its bound, or -1.

    `base_rate` is f8[age in years 0..110, education 4] for this calendar month; `offers[r]` gets the
    tie who makes an offer (or -1), `accepted[r]` 1 for those who consider.
    """
    for r in range(lo, hi):
        i = rows[r]
        accepted[r] = 0
        offers[r] = NOBODY
        age = month - p.birth_month[i]
        if not may_consider(p.alive[i], p.state[i], age):
            continue
        base = base_rate[min(age // 12, 110), p.education[i]] * mobility[p.residence[i]]
        w0, w1, _, _ = draw4(seed, CONSIDER, month, p.uid[i], 0)
        level = uniform(w0) * bounds[r]
        if level >= chance_of(base * boosts.tie_offer * boosts.school_child * boosts.parent_alone):
            continue
        rate = base
        offer = offer_from(i, w1 & np.uint32(7), open_jobs, p)
        if offer != NOBODY:
            rate *= boosts.tie_offer
        if child_reaches_school(i, month, p):
            rate *= boosts.school_child
        if parent_alone(i, month, p):
            rate *= boosts.parent_alone
        if chance_of(rate) > bounds[r]:
            return i
        if level < chance_of(rate):
            accepted[r] = 1
            offers[r] = offer
    return -1


@njit(nogil=True, cache=True)
def find_offers(rows, month, seed, p, open_jobs, offers, lo, hi):
    """Offers held by people who must consider (graduates, job losers), drawn as for everyone else."""
    for r in range(lo, hi):
        i = rows[r]
        _, w1, _, _ = draw4(seed, CONSIDER, month, p.uid[i], 0)
        offers[r] = offer_from(i, w1 & np.uint32(7), open_jobs, p)
    return 0
