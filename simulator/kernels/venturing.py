"""Firms begin: who founds one, how large it starts, how many enter from outside."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit

from simulator.kernels.elementary import exp_, exp_all, log_, log_all
from simulator.kernels.labour import agreed_wage, pay_deviate, pay_factor
from simulator.kernels.memory import fetch
from simulator.kernels.rng import draw1, draw4, hash64, normal, normal_quantile

FIRM_ENTRY, FIRM_SIZE, FOUND_FIRM = 32, 35, 36
EMPLOYED, FARMING, FLEXIBLE, UNEMPLOYED, INACTIVE = 2, 3, 4, 6, 8
COLLEGE = 3
NOBODY, NOWHERE, NEVER = -1, 65535, 0
YOUNGEST, OLDEST = 240, 720
"""Ages in months from and below which people found firms."""
RETURNEE_MONTHS = 36
"""Months after a return in which a founder counts as a returnee (FACTS 3: first three years)."""
LOAN_LUCK = 1
"""Number of a person's draw, beside the one for founding, that says whether a lender would give the guaranteed loan."""
MOST_MONEY = 4.0
"""Money beyond the cost of a start-up that still raises the odds, in multiples of it (assumed)."""
AT_ONCE = 128
"""People reckoned together, so that luck and logarithms are taken of several at a time."""
SIZE, SECTOR = 1, 2
"""Numbers of a firm's draws of luck: its size at the start and its sector; 0 is that by which it drifts."""


class Odds(NamedTuple):
    """The start-up logit: constants solved at the base year, slopes in log-odds a year."""

    returnee: float
    resident: float
    money: float
    experience: float
    education: float
    infrastructure: float
    access: float
    sages: float
    one_stop: float


class Founders(NamedTuple):
    """The columns of persons that founding reads or writes."""

    uid: np.ndarray
    alive: np.ndarray
    state: np.ndarray
    education: np.ndarray
    birth_month: np.ndarray
    last_return: np.ndarray
    residence: np.ndarray
    root: np.ndarray
    experience: np.ndarray
    savings: np.ndarray


@njit(nogil=True, cache=True)
def first_size(mean, sd, seed, month, uid):
    """Efficient size of a new firm: log-normal with this mean."""
    w0, w1, _, _ = draw4(seed, FIRM_SIZE, month, uid, SIZE)
    return mean * exp_(sd * normal(w0, w1) - 0.5 * sd * sd)


@njit(nogil=True, cache=True)
def productivity_of(size, returns):
    """Productivity at which a firm with the best capital wants this many workers: phi = z^(1 - kappa - nu)."""
    return exp_(returns * log_(max(size, 1e-9)))


@njit(nogil=True, cache=True)
def entrants(mean, u):
    """How many firms enter: Poisson with this mean, by inverting one uniform number (means above 50 by their normal law)."""
    if mean <= 0.0:
        return 0
    if mean > 50.0:
        return max(0, np.int64(mean + math.sqrt(mean) * normal_quantile(u) + 0.5))
    chance, total, k = exp_(-mean), exp_(-mean), 0
    while u > total and k < 500:
        k += 1
        chance *= mean / k
        total += chance
    return k


@njit(nogil=True, cache=True)
def money_term(resources, cost):
    """ln((savings + grant + loan - cost) / cost), up to ln 4; below -50 when the money does not reach."""
    if resources <= cost:
        return -99.0
    return max(-3.0, log_(min((resources - cost) / cost, MOST_MONEY)))


@njit(nogil=True, cache=True)
def relative_size(person_uid, salt, sd, seed, month):
    """Size, over the mean, of the firm somebody would open this month: what it takes to open it grows in proportion."""
    return first_size(1.0, sd, seed, month, founder_firm_uid(person_uid, month, salt))


@njit(nogil=True, cache=True)
def loan_offered(mean, share, luck):
    """Guaranteed loan this founder can draw: a share of founders gets mean / share, the others nothing.

    A loan for few is not a small loan for all: what counts is who gets past the money a firm takes. With no share
    said everybody gets the mean.
    """
    if mean <= 0.0 or share <= 0.0 or share >= 1.0:
        return max(mean, 0.0)
    return mean / share if luck < share else 0.0


@njit(nogil=True, cache=True)
def odds_of_founding(money, returnee, experience, education, place, odds):
    """Log-odds a year of founding a firm (MODEL 4.3); `place` is what the settlement adds."""
    constant = odds.returnee if returnee else odds.resident
    years = min(experience / 12.0, 10.0)
    return constant + odds.money * money + odds.experience * years + odds.education * max(0.0, education - 1.0) + place


@njit(nogil=True, cache=True)
def founding_chance(log_odds):
    """Monthly probability of founding at yearly log-odds."""
    if log_odds < -40.0:
        return 0.0
    return 1.0 / (1.0 + exp_(-log_odds)) / 12.0


@njit(nogil=True, cache=True)
def is_returnee(month, last_return, residence, root):
    """Whether somebody came home within three years and lives there."""
    return last_return != NEVER and month - last_return <= RETURNEE_MONTHS and residence == root


@njit(nogil=True, cache=True)
def weigh_founders(rows, people, klass, bounds, grant, loan, share, cost, place, odds, size_sd, salt, seed, month, chosen, lent):
    """Which candidates found a firm this month: rows into `chosen`, the guaranteed loan they can draw into `lent`.

    `cost` is what a firm of mean size takes; each needs it in proportion to the firm they would open. Returns
    (how many, the largest rate over its bound).
    """
    alive, states, birth_month, residence, savings = people.alive, people.state, people.birth_month, people.residence, people.savings
    last_return, root, experience, education, uids = people.last_return, people.root, people.experience, people.education, people.uid
    who, ids, keys = np.empty(AT_ONCE, np.int64), np.empty(AT_ONCE, np.uint64), np.empty(AT_ONCE, np.uint64)
    word0, word1 = np.empty(AT_ONCE, np.uint32), np.empty(AT_ONCE, np.uint32)
    luck, size, money, offer = np.empty(AT_ONCE), np.empty(AT_ONCE), np.empty(AT_ONCE), np.empty(AT_ONCE)
    loans, count, worst = loan.max() > 0.0, 0, 0.0
    for begin in range(0, len(rows), AT_ONCE):
        end = min(begin + AT_ONCE, len(rows))
        for q in range(end, min(end + AT_ONCE, len(rows))):  # call for the next batch while this one is at work
            later = np.int64(rows[q])
            fetch(alive, later)
            fetch(birth_month, later)
            fetch(states, later)
            fetch(residence, later)
            fetch(savings, later)
            fetch(uids, later)
        many = 0
        for q in range(begin, end):
            i = rows[q]
            age, state = month - birth_month[i], states[i]
            able = (state == EMPLOYED) | (state == FARMING) | (state == FLEXIBLE) | (state == UNEMPLOYED) | (state == INACTIVE)
            who[many] = i
            many += np.int64(able & (alive[i] != 0) & (age >= YOUNGEST) & (age < OLDEST))
        for a in range(many):
            ids[a] = uids[who[a]]
        for a in range(many):
            keys[a] = founder_firm_uid(ids[a], month, salt)
        for a in range(many):
            word0[a], word1[a], _, _ = draw4(seed, FIRM_SIZE, month, keys[a], SIZE)
        log_of_relative_sizes(word0[:many], word1[:many], size_sd, size)
        exp_all(size[:many], size[:many])
        for a in range(many):
            offer[a] = 0.0
        if loans:
            for a in range(many):
                luck[a] = draw1(seed, FOUND_FIRM, month, ids[a], LOAN_LUCK)
            for a in range(many):
                c = residence[who[a]]
                offer[a] = loan_offered(loan[c], share[c], luck[a]) if loan[c] > 0.0 else 0.0
        able_to_pay = 0
        for a in range(many):  # whom the money does not reach is passed over
            i = who[a]
            c = residence[i]
            need, resources = cost[c] * size[a], max(savings[i], 0) + grant[c] + offer[a]
            reaches = resources > need
            who[able_to_pay], ids[able_to_pay], offer[able_to_pay] = i, ids[a], offer[a]
            money[able_to_pay] = min((resources - need) / need, MOST_MONEY) if reaches else 1.0
            able_to_pay += np.int64(reaches)
        many = able_to_pay
        log_all(money[:many], money[:many])
        for a in range(many):
            i = who[a]
            c = residence[i]
            returnee = is_returnee(month, last_return[i], c, root[i])
            luck[a] = odds_of_founding(max(-3.0, money[a]), returnee, experience[i], education[i], place[c], odds)
            size[a] = -luck[a]
        exp_all(size[:many], size[:many])
        for a in range(many):
            money[a] = 0.0 if luck[a] < -40.0 else 1.0 / (1.0 + size[a]) / 12.0  # `founding_chance`
        for a in range(many):
            luck[a] = draw1(seed, FOUND_FIRM, month, ids[a], 0)
        for a in range(many):
            i, rate = who[a], money[a]
            bound = bounds[klass[i]]
            worst = max(worst, rate - bound)
            if bound > 0.0 and luck[a] * bound < rate:
                chosen[count], lent[count] = i, offer[a]
                count += 1
    return count, worst


@njit(nogil=True, cache=True)
def log_of_relative_sizes(word0, word1, sd, out):
    """ln of `relative_size` from the words of a firm's luck."""
    for a in range(len(word0)):
        out[a] = sd * normal(word0[a], word1[a]) - 0.5 * sd * sd


@njit(nogil=True, cache=True)
def draw_sector(weights, seed, month, uid):
    """Sector of a start-up by the weights of its kind of place."""
    total = weights.sum()
    u = draw1(seed, FIRM_SIZE, month, uid, SECTOR) * total
    for s in range(len(weights)):
        u -= weights[s]
        if u < 0.0:
            return s
    return 1


@njit(nogil=True, cache=True)
def founder_firm_uid(person_uid, month, salt):
    """Identity of a firm with a founder: founder and month."""
    return hash64(hash64(np.uint64(salt), person_uid), np.uint64(month))


@njit(nogil=True, cache=True)
def is_sage(returned, residence, root, education, experience, savings, rich):
    """Whether somebody who came home can mentor and invest: college, or ten years of work and savings far above the place's."""
    return returned != NEVER and residence == root and (education == COLLEGE or (experience >= 120 and savings >= rich))


@njit(nogil=True, cache=True)
def count_sages(people, rich, n, lo, hi):
    """Sages of rows [lo, hi) by settlement."""
    out = np.zeros(n, dtype=np.int64)
    for i in range(lo, hi):
        c = people.residence[i]
        if people.alive[i] == 1 and is_sage(
            people.last_return[i], c, people.root[i], people.education[i], people.experience[i], people.savings[i], rich[c]
        ):
            out[c] += 1
    return out


@njit(nogil=True, cache=True)
def entry_means(count, everywhere, heat, rate, out):
    """Mean entries a month by settlement and sector: rate/12 (.9 firms there + .1 firms of the place by national shares) heat."""
    for c in range(out.shape[0]):
        total = 0.0
        for s in range(6):
            total += count[c, s]
        for s in range(6):
            out[c, s] = rate / 12.0 * (0.9 * count[c, s] + 0.1 * total * everywhere[s]) * heat[c]


@njit(nogil=True, cache=True)
def entry_luck(seed, month, pool):
    """The one key by which firms enter a settlement and sector this month."""
    return draw1(seed, FIRM_ENTRY, month, np.uint64(pool), 0)


class Starters(NamedTuple):
    """The columns of persons that a founder's first day at the firm writes."""

    uid: np.ndarray
    state: np.ndarray
    education: np.ndarray
    residence: np.ndarray
    workplace: np.ndarray
    experience: np.ndarray
    employer: np.ndarray
    wage: np.ndarray
    savings: np.ndarray


@njit(nogil=True, cache=True)
def stake_of(savings, need):
    """What a founder puts in, whole fen: what is needed, at most four fifths of savings."""
    return max(np.int64(0), min(np.int64(0.8 * savings), np.int64(need)))


@njit(nogil=True, cache=True)
def first_capital(wanted, own, leverage):
    """Capital a founder can use, whole fen: as wanted, at most what .85 of the own money carries when banks and lessors give the rest."""
    return np.int64(min(wanted, 0.85 * own / max(1.0 - leverage, 1e-6)))


@njit(nogil=True, cache=True)
def put_in(rows, savings, needs, wanted, offered, leverage, own, loan, capital):
    """Stakes, guaranteed loans and capital of many founders."""
    for q in range(len(rows)):
        own[q] = stake_of(savings[rows[q]], needs[q])
        loan[q] = max(np.int64(0), min(np.int64(offered[q]), np.int64(needs[q]) - own[q]))
        capital[q] = first_capital(wanted[q], own[q] + loan[q], leverage)


@njit(nogil=True, cache=True)
def start_own_firm(rows, first_firm, own, people, headcount, separations, market_wage, seed, pay_sd, experience_return):
    """Founders pay in, leave what they did, and are the first to work in their firm at the market's pay times their own."""
    for q in range(len(rows)):
        i, f = rows[q], first_firm + q
        people.savings[i] -= own[q]
        if people.state[i] == EMPLOYED:
            headcount[people.employer[i]] -= 1
            separations[people.employer[i]] += 1
        skill = 1 if people.education[i] == COLLEGE else 0
        c = people.residence[i]
        line = 2 * f + skill
        headcount[line] += 1
        people.state[i] = EMPLOYED
        people.employer[i] = line
        people.workplace[i] = c
        factor = pay_factor(pay_deviate(seed, people.uid[i]), people.experience[i], pay_sd, experience_return)
        people.wage[i] = agreed_wage(market_wage[c, skill], factor)


@njit(nogil=True, cache=True)
def sizes_and_sectors(uid, weights, mean, sd, seed, month, size, sector):
    """Efficient size and sector of start-ups, by the firm's own luck; `weights[q]` of its kind of place."""
    for q in range(len(uid)):
        size[q] = first_size(mean, sd, seed, month, uid[q])
        sector[q] = draw_sector(weights[q], seed, month, uid[q])


@njit(nogil=True, cache=True)
def name_founded(person_uid, month, salt, out):
    """`founder_firm_uid` of many."""
    for q in range(len(out)):
        out[q] = founder_firm_uid(person_uid[q], month, salt)


@njit(nogil=True, cache=True)
def draw_entries(means, seed, month, out):
    """How many firms enter each settlement and sector."""
    for c in range(means.shape[0]):
        for s in range(means.shape[1]):
            out[c, s] = entrants(means[c, s], entry_luck(seed, month, c * 6 + s))


@njit(nogil=True, cache=True)
def draw_relative_sizes(person_uid, salt, sd, seed, month, out):
    """`relative_size` of many."""
    for q in range(len(out)):
        out[q] = relative_size(person_uid[q], salt, sd, seed, month)


@njit(nogil=True, cache=True)
def terms_of_chances(rows, people, cost, size, place, odds, as_returnees, terms):
    """What the log-odds of founding without help hold beside the constant, into `terms` [5, rows]: money, experience,
    education, place; last 0 where money suffices for nothing.

    People are taken as returnees at their root, or as residents where they live; `size` is each one's `relative_size`.
    """
    for q in range(len(rows)):
        i = rows[q]
        c = people.root[i] if as_returnees else people.residence[i]
        money = money_term(np.float64(max(people.savings[i], 0)), cost[c] * size[q])
        terms[0, q] = odds.money * money
        terms[1, q] = odds.experience * min(people.experience[i] / 12.0, 10.0)
        terms[2, q] = odds.education * max(0.0, people.education[i] - 1.0)
        terms[3, q] = place[c]
        terms[4, q] = 1.0 if money > -50.0 else 0.0


@njit(nogil=True, cache=True)
def chances(constant, terms, out):
    """Yearly probability of founding at a constant of the log-odds (see `odds_of_founding`, whose order of adding this is)."""
    for q in range(len(out)):
        log_odds = constant + terms[0, q] + terms[1, q] + terms[2, q] + terms[3, q]
        out[q] = terms[4, q] * (12.0 * founding_chance(log_odds))
