"""How searchers and vacancies find each other: applications, referrals, and one taker a vacancy.

An urn-ball market: u applications fall on v vacancies, each vacancy takes one applicant, so that
v (1 - (1 - 1/v)^u) are filled on average. Vacancies are numbered in one line, market by market
(settlement and skill) and, inside a market, employer by employer.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit

from simulator.kernels.caring import chance_of, is_short
from simulator.kernels.elementary import exp_, log_all
from simulator.kernels.labour import (
    BETTER_PAY,
    SEARCH_PLACE_STREAM,
    agreed_wage,
    commuting_share,
    pay_deviate,
    pay_factor,
    pick,
    search_utility,
    willing_to_leave,
)  # fmt: skip
from simulator.kernels.memory import fetch, uncounted
from simulator.kernels.rng import draw1, draw4, uniform
from simulator.kernels.searching import skill_of

EMPLOYED, FARMING, FLEXIBLE, UNEMPLOYED = 2, 3, 4, 6
NOBODY = -1
SEARCH, SEARCH_VACANCY, REFERRAL, MATCH_PRIORITY = 12, 14, 15, 16

AT_ONCE = 256
"""People whose columns are brought near together."""
AHEAD = 32
"""Vacancies by which memory is asked ahead of need."""
_S32 = np.uint64(32)


class Workers(NamedTuple):
    """The columns of persons that the labour market reads or writes."""

    uid: np.ndarray
    alive: np.ndarray
    disability: np.ndarray
    education: np.ndarray
    state: np.ndarray
    hukou_kind: np.ndarray
    insurance: np.ndarray
    birth_month: np.ndarray
    last_move: np.ndarray
    hukou_place: np.ndarray
    root: np.ndarray
    residence: np.ndarray
    workplace: np.ndarray
    experience: np.ndarray
    household: np.ndarray
    employer: np.ndarray
    wage: np.ndarray
    ties: np.ndarray


class Jobs(NamedTuple):
    """Employers as the market sees them; one row an employer, whatever an employer is."""

    place: np.ndarray  # u2 settlement
    skill: np.ndarray  # u1
    formal: np.ndarray  # u1: 1 where jobs carry employee insurance
    vacancies: np.ndarray  # i8 posted this month
    first: np.ndarray  # i8 first vacancy of each employer
    market_first: np.ndarray  # i8 [markets + 1] first vacancy of each market
    headcount: np.ndarray  # i8
    disabled: np.ndarray  # u2 disabled workers by firm, whose job lines are rows 2f and 2f + 1


class Reach(NamedTuple):
    """Places a resident can commute to: CSR by residence, with this month's costs and pulls."""

    start: np.ndarray  # i4 [n + 1]
    place: np.ndarray  # u2
    share: np.ndarray  # f8 share of pay left after commuting; 0 beyond reach
    pull: np.ndarray  # f8 [pairs, 2] exp(utility), by skill
    net: np.ndarray  # f8 [pairs, 2] market wage net of commuting
    leave: np.ndarray  # f8 [pairs, 2, 2] probability that a flexible worker, a farmer would take a job there
    best_net: np.ndarray  # f8 [n, 2] the most of `net` within reach of a home
    best_leave: np.ndarray  # f8 [n, 2, 2] the most of `leave` within reach of a home


def empty_reach(start, place) -> Reach:
    """The arrays of a month's search, to be filled by `weigh_places`."""
    n, pairs = len(start) - 1, len(place)
    shapes = ((pairs,), (pairs, 2), (pairs, 2), (pairs, 2, 2), (n, 2), (n, 2, 2))
    return Reach(start, place, *[np.zeros(shape) for shape in shapes])


@njit(nogil=True, cache=True)
def weigh_places(start, place, hours, travel_time, wage, posted, flexible_pay, farm_income, balance, hours_max, cost,
                 wage_weight, tightness_weight, share, pull, net, leave, best_net, best_leave):  # fmt: skip
    """Tabulate this month's search: fills the arrays of `Reach`. The best pull of a home is 1.

    Nobody knows beforehand what luck in pay a new job brings: people weigh market wages.
    """
    for j in range(len(start) - 1):
        for k in range(2):
            top = -1e300
            best_net[j, k] = best_leave[j, k, 0] = best_leave[j, k, 1] = 0.0
            for s in range(start[j], start[j + 1]):
                d = place[s]
                h = hours[s] * 0.5 * (travel_time[j] + travel_time[d]) if d != j else 0.0
                share[s] = commuting_share(h, cost) if h <= hours_max else 0.0
                net[s, k] = wage[d, k] * share[s]
                for v in range(2):
                    income = flexible_pay[j] if v == 0 else farm_income[j]
                    leave[s, k, v] = willing_to_leave(net[s, k], income, balance[v]) if share[s] > 0.0 else 0.0
                    best_leave[j, k, v] = max(best_leave[j, k, v], leave[s, k, v])
                best_net[j, k] = max(best_net[j, k], net[s, k])
                if share[s] > 0.0:
                    pull[s, k] = search_utility(net[s, k], posted[d, k], wage_weight, tightness_weight)
                    top = max(top, pull[s, k])
            for s in range(start[j], start[j + 1]):
                pull[s, k] = exp_(pull[s, k] - top) if share[s] > 0.0 else 0.0


@uncounted
def add_by_market(place, skill, amounts, out):
    """Add an amount of every job line to its settlement and skill, out f8[n, 2]."""
    for r in range(len(place)):
        out[place[r], skill[r]] += amounts[r]


@njit(nogil=True, cache=True)
def line_up_vacancies(order, place, skill, vacancies, n_markets, first, market_first, employer_of):
    """Number the vacancies: fills `first`, `market_first` and the employer of each vacancy."""
    at = 0
    market = 0
    for r in order:
        m = place[r] * 2 + skill[r]
        while market <= m:
            market_first[market] = at
            market += 1
        first[r] = at
        for _ in range(vacancies[r]):
            employer_of[at] = r
            at += 1
    while market <= n_markets:
        market_first[market] = at
        market += 1


@njit(nogil=True, cache=True, forceinline=True)
def reach_of(start, place, share, home, destination):
    """Position of a destination in the list of a home; -1 when it is beyond reach."""
    for s in range(start[home], start[home + 1]):
        if place[s] == destination:
            return s if share[s] > 0.0 else -1
    return -1


@njit(nogil=True, cache=True)
def find_referrals(asked, who, rows, ids, seed, month, education, alive, state, employer, job_skill, ties, slots, found):
    """For each of who[asked]: the employer of the first living, employed tie of the same skill from a random slot on.

    NOBODY without one. Memory is asked ahead of need, `slots` is room to work in.
    """
    for a in range(len(asked)):
        fetch(ties, 8 * np.int64(rows[who[asked[a]]]))
    for a in range(len(asked)):
        slots[a] = pick(np.uint32(draw4(seed, REFERRAL, month, ids[asked[a]], 0)[0]), 8)
    for a in range(len(asked)):
        i = rows[who[asked[a]]]
        for turn in range(4):
            fetch(employer, np.int64(max(ties[i, (slots[a] + turn) & 7], 0)))
    for a in range(len(asked)):  # whoever has an employer very likely lives and works
        i = rows[who[asked[a]]]
        skill = skill_of(education[i])
        first = 8
        for turn in range(8):
            tie = ties[i, (slots[a] + turn) & 7]
            if tie != NOBODY and employer[tie] != NOBODY and job_skill[employer[tie]] == skill:
                fetch(alive, np.int64(tie))
                fetch(state, np.int64(tie))
                first = turn
                break
        found[a] = first
    for a in range(len(asked)):
        i, first = rows[who[asked[a]]], found[a]
        found[a] = NOBODY
        skill = skill_of(education[i])
        for turn in range(first, 8):
            tie = ties[i, (slots[a] + turn) & 7]
            if tie == NOBODY or alive[tie] == 0 or state[tie] != EMPLOYED:
                continue
            pool = employer[tie]
            if pool != NOBODY and job_skill[pool] == skill:
                found[a] = pool
                break


@njit(nogil=True, cache=True)
def race(asked, homes, skills, ids, start, pull, seed, month, words, keys, at, left, luck, best, winner):
    """`labour.choose_place` of each of `asked`, to the same bits, into `winner`, in the order of `asked`.

    Slot by slot, so that the luck and the logarithms of many are under way together. `pull` lies flat, two skills
    a place; the arrays from `words` on are room to work in.
    """
    many, widest = len(asked), 0
    for a in range(many):
        c = asked[a]
        home = homes[c]
        keys[a], at[a], left[a] = ids[c], 2 * np.int64(start[home]) + skills[c], start[home + 1] - start[home]
        widest = max(widest, left[a])
        best[a], winner[a] = math.inf, -1
    for slot in range(widest):
        turn = slot & 3
        if turn == 0:
            for a in range(many):
                words[0, a], words[1, a], words[2, a], words[3, a] = draw4(
                    seed, SEARCH_PLACE_STREAM, month, keys[a], slot >> 2
                )
        for a in range(many):
            luck[a] = uniform(words[turn, a])
        log_all(luck[:many], luck[:many])
        for a in range(many):
            weight = pull[np.uint64(at[a] + 2 * min(slot, left[a] - 1))]
            pulls = (slot < left[a]) & (weight > 0.0)
            time = -luck[a] / (weight if pulls else 1.0)
            sooner = pulls & (time < best[a])
            best[a] = time if sooner else best[a]
            winner[a] = (at[a] >> 1) + slot if sooner else winner[a]


@njit(nogil=True, cache=True)
def apply_for_jobs(rows, people, jobs, employer_of, reach, wage, seed, month, referral_share, cost, hours_max, care, market,
                   vacancy, priority, lo, hi):  # fmt: skip
    """Each searcher in [lo, hi) chooses a place and one vacancy there.

    The jobless always apply; the employed where the market wage net of commuting is BETTER_PAY
    times that of their own market; flexible workers and farmers by `willing_to_leave`. Whom no
    place within reach could move is passed over at once. A referral goes to the pool of
    a working tie, if that is within reach and has vacancies, else the place is chosen by
    `choose_place` and the vacancy uniformly. Writes the market applied to (-1: none), the vacancy
    (-1: none) and the keyed priority. A disabled applicant comes first where a firm is short of its quota, and
    elsewhere cannot do every job (`caring.chance_of`); `care`: (quota, most workers exempt, capacity of work).
    """
    # columns as locals: reading them through the tuple inside the loop counts references each time
    uids, education, states, residence = people.uid, people.education, people.state, people.residence
    alive, employer, workplace, disability = people.alive, people.employer, people.workplace, people.disability
    ties, headcount, disabled = people.ties, jobs.headcount, jobs.disabled
    quota, most_exempt, capacity = care
    start, place, share, pull = reach.start, reach.place, reach.share, reach.pull
    net, leave, best_net, best_leave = reach.net, reach.leave, reach.best_net, reach.best_leave
    job_place, job_skill, vacancies, first, market_first = (
        jobs.place, jobs.skill, jobs.vacancies, jobs.first, jobs.market_first,
    )  # fmt: skip
    worst_share = commuting_share(hours_max, cost)
    who, ids, some = np.empty(AT_ONCE, np.int64), np.empty(AT_ONCE, np.uint64), np.empty(AT_ONCE, np.int64)
    least, lucks = np.empty(AT_ONCE), np.empty(AT_ONCE)
    homes, skills = np.empty(AT_ONCE, np.int64), np.empty(AT_ONCE, np.int64)
    pools, found, chosen = np.empty(AT_ONCE, np.int32), np.empty(AT_ONCE, np.int32), np.empty(AT_ONCE, np.int64)
    word0, word1 = np.empty(AT_ONCE, np.uint32), np.empty(AT_ONCE, np.uint32)
    word2, word3 = np.empty(AT_ONCE, np.uint32), np.empty(AT_ONCE, np.uint32)
    words, keys, best, luck_of = np.empty((4, AT_ONCE), np.uint32), np.empty(AT_ONCE, np.uint64), np.empty(AT_ONCE), np.empty(AT_ONCE)
    at, left_of, winner = np.empty(AT_ONCE, np.int64), np.empty(AT_ONCE, np.int64), np.empty(AT_ONCE, np.int64)
    flat_pull = pull.reshape(-1)
    for begin in range(lo, hi, AT_ONCE):
        end = min(begin + AT_ONCE, hi)
        for q in range(begin + AT_ONCE, min(end + AT_ONCE, len(rows))):  # call for the next batch while this one is at work
            j = np.int64(rows[q])
            fetch(residence, j)
            fetch(education, j)
            fetch(states, j)
            fetch(uids, j)
            fetch(workplace, j)
            fetch(employer, j)
        # who might apply, without branches where no processor can guess
        count = n_own = 0
        for q in range(begin, end):
            state = states[rows[q]]
            market[q] = -1
            vacancy[q] = -1
            own = (state == FLEXIBLE) | (state == FARMING)
            who[count] = q
            count += np.int64((state != EMPLOYED) & ~own)
            some[n_own] = q
            n_own += np.int64(own)
        for a in range(count):
            least[a], lucks[a] = 0.0, 0.0
        for a in range(n_own):
            ids[a] = uids[rows[some[a]]]
        for a in range(n_own):
            lucks[count + a] = draw1(seed, SEARCH, month, ids[a], 1)
        base = count
        for a in range(n_own):
            i, luck = rows[some[a]], lucks[base + a]
            who[count], least[count], lucks[count] = some[a], 0.0, luck
            k = np.int64(states[i] != FLEXIBLE)
            count += np.int64(luck < best_leave[residence[i], skill_of(education[i]), k])
        n_employed = 0
        for q in range(begin, end):
            some[n_employed] = q
            n_employed += np.int64(states[rows[q]] == EMPLOYED)
        for a in range(n_employed):
            i = rows[some[a]]
            home, work = residence[i], workplace[i]
            left = worst_share
            for s in range(start[home], start[home + 1]):
                left = share[s] if (place[s] == work) & (share[s] > 0.0) else left
            needed = BETTER_PAY * wage[work, job_skill[employer[i]]] * left
            who[count], least[count], lucks[count] = some[a], needed, 0.0
            count += np.int64(not best_net[home, skill_of(education[i])] <= needed)
        for c in range(count):
            i = rows[who[c]]
            ids[c], homes[c], skills[c] = uids[i], residence[i], skill_of(education[i])
        for c in range(count):
            word0[c], word1[c], word2[c], word3[c] = draw4(seed, MATCH_PRIORITY, month, ids[c], 0)
        n_asked = 0
        for c in range(count):
            priority[who[c]] = (np.uint64(word0[c]) << _S32) | np.uint64(word1[c])
            pools[c] = NOBODY
            some[n_asked] = c
            n_asked += np.int64(uniform(word2[c]) < referral_share)
        find_referrals(some[:n_asked], who, rows, ids, seed, month, education, alive, states, employer, job_skill, ties, at, found)
        for a in range(n_asked):
            pools[some[a]] = found[a]
        n_asked = 0
        for c in range(count):
            s, pool = -1, pools[c]
            if pool != NOBODY and vacancies[pool] > 0:
                s = reach_of(start, place, share, homes[c], job_place[pool])
            chosen[c] = s
            some[n_asked] = c
            n_asked += np.int64(s < 0)
        race(some[:n_asked], homes, skills, ids, start, flat_pull, seed, month, words, keys, at, left_of, luck_of, best, winner)
        for a in range(n_asked):
            chosen[some[a]], pools[some[a]] = winner[a], NOBODY
        for c in range(count):
            q, s, skill, pool = who[c], chosen[c], skills[c], pools[c]
            if s < 0:
                continue
            state = states[rows[q]]
            if state == EMPLOYED:
                if net[s, skill] <= least[c]:
                    continue
            elif (state == FLEXIBLE or state == FARMING) and lucks[c] >= leave[s, skill, 0 if state == FLEXIBLE else 1]:
                continue
            m = np.int64(place[s]) * 2 + skill
            market[q] = m
            if pool != NOBODY:
                vacancy[q] = first[pool] + pick(word3[c], vacancies[pool])
            else:
                posted = market_first[m + 1] - market_first[m]
                if posted > 0:
                    vacancy[q] = market_first[m] + pick(word3[c], posted)
            if disability[rows[q]] > 0 and vacancy[q] >= 0:
                f = employer_of[vacancy[q]] >> 1
                short = is_short(disabled[f], headcount[2 * f] + headcount[2 * f + 1], quota, most_exempt)
                able, priority[q] = chance_of(short, priority[q], capacity, seed, month, ids[c])
                if not able:
                    vacancy[q] = -1


@uncounted
def take_applicants(rows, uid, market, vacancy, priority, taker, applications):
    """Each vacancy takes the applicant of lowest priority, ties by uid; counts applications by market.

    `taker[v]` is the position of the chosen searcher in `rows`, -1 when nobody applied.
    """
    for v in range(len(taker)):
        taker[v] = -1
    for q in range(len(rows)):
        if market[q] >= 0:
            applications[market[q]] += 1
        v = vacancy[q]
        if v < 0:
            continue
        other = taker[v]
        if (
            other < 0
            or priority[q] < priority[other]
            or (priority[q] == priority[other] and uid[rows[q]] < uid[rows[other]])
        ):
            taker[v] = q


@uncounted
def start_jobs(rows, taker, employer_of, people, jobs, wage, seed, month, pay_dispersion, experience_return, insured_share,
               left, found, hires):  # fmt: skip
    """The chosen start: leave what they did, take employer, workplace and pay.

    `left` gets the employer each leaves, by vacancy (NOBODY: none); `found[residence, skill]` counts the hired
    unemployed; `hires` counts by former state (unemployed, employed, flexible, farming, inactive).
    """
    states, residence, employer, workplace, pay = (
        people.state, people.residence, people.employer, people.workplace, people.wage,
    )  # fmt: skip
    uids, experience, insurance, hukou_kind = people.uid, people.experience, people.insurance, people.hukou_kind
    job_place, job_skill, formal = jobs.place, jobs.skill, jobs.formal
    for v in range(len(taker)):
        left[v] = NOBODY
        ahead = taker[min(v + AHEAD, len(taker) - 1)]
        if ahead >= 0:
            j = np.int64(rows[ahead])
            fetch(states, j)
            fetch(residence, j)
            fetch(employer, j)
            fetch(workplace, j)
            fetch(pay, j)
            fetch(uids, j)
            fetch(experience, j)
            fetch(insurance, j)
            fetch(hukou_kind, j)
        if taker[v] < 0:
            continue
        i, pool = rows[taker[v]], employer_of[v]
        state, skill = states[i], job_skill[pool]
        if state == EMPLOYED:
            left[v] = employer[i]
            hires[1] += 1
        elif state == UNEMPLOYED:
            found[residence[i], skill] += 1
            hires[0] += 1
        elif state == FLEXIBLE:
            hires[2] += 1
        elif state == FARMING:
            hires[3] += 1
        else:
            hires[4] += 1
        uid = uids[i]
        factor = pay_factor(pay_deviate(seed, uid), experience[i], pay_dispersion, experience_return)
        states[i] = EMPLOYED
        employer[i] = pool
        workplace[i] = job_place[pool]
        pay[i] = agreed_wage(wage[job_place[pool], skill], factor)
        if formal[pool] == 1 and (
            hukou_kind[i] == 1 or draw1(seed, SEARCH_VACANCY, month, uid, 0) < insured_share
        ):
            insurance[i] = 2


@uncounted
def count_starts(taker, employer_of, left, headcount, filled, separations):
    """What the starts of `start_jobs` mean for employers: jobs filled, and jobs left for them."""
    for v in range(len(taker)):
        if taker[v] >= 0:
            headcount[employer_of[v]] += 1
            filled[employer_of[v]] += 1
            if left[v] != NOBODY:
                headcount[left[v]] -= 1
                separations[left[v]] += 1
