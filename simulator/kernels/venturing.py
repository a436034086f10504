"""Firms come and go: who founds one, how large it starts, how long it lives, when it moves; and what becomes of its people."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit

from simulator.kernels.elementary import exp_, exp_all, log_, log_all, rank_exponential
from simulator.kernels.labour import agreed_wage, pay_deviate, pay_factor
from simulator.kernels.memory import fetch
from simulator.kernels.rng import draw1, draw4, hash64, normal, normal_quantile, uniform

FIRM_ENTRY, FIRM_EXIT, FIRM_RELOCATE, FIRM_SIZE, FOUND_FIRM = 32, 33, 34, 35, 36
EMPLOYED, FARMING, FLEXIBLE, UNEMPLOYED, INACTIVE = 2, 3, 4, 6, 8
COLLEGE = 3
LOCAL_SERVICES, PUBLIC = 1, 5
NOBODY, NOWHERE, NEVER = -1, 65535, 0
YOUNGEST, OLDEST = 240, 720
"""Ages in months from and below which people found firms."""
RETURNEE_MONTHS = 36
"""Months after a return in which a founder counts as a returnee (FACTS 3: first three years)."""
DANGEROUS_AGE = 36.0
"""Age of a firm in months at which closing is most likely (FACTS 3: year 3)."""
LOAN_LUCK = 1
"""Number of a person's draw, beside the one for founding, that says whether a lender would give the guaranteed loan."""
MOST_MONEY = 4.0
"""Money beyond the cost of a start-up that still raises the odds, in multiples of it (assumed)."""
AT_ONCE = 128
"""People or firms reckoned together, so that luck and logarithms are taken of several at a time."""
DRIFT, SIZE, SECTOR = 0, 1, 2
"""Numbers of a firm's draws: yearly luck of its productivity, size at the start, sector."""


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
def closing_rate(age, heads, losing, old, young, size_power, loss_factor):
    """Monthly probability that a firm closes: (old + young (a/36) e^(1 - a/36)) / 12 x (heads + 1)^-size_power.

    `old` and `young` are yearly; the hump peaks at 36 months (Brüderl and Schüssler 1990: the liability of
    adolescence). A firm that loses money for a quarter closes `loss_factor` times as readily. At most one half.
    """
    hump = age / DANGEROUS_AGE * exp_(1.0 - age / DANGEROUS_AGE)
    rate = (old + young * hump) / 12.0 * exp_(-size_power * log_(heads + 1.0))
    return min(0.5, rate * (loss_factor if losing else 1.0))


@njit(nogil=True, cache=True)
def closing_rates(sector, born, heads, month, old, young, size_power, out):
    """Monthly closing rates of firms that make no loss; 0 of public employers."""
    for f in range(len(out)):
        out[f] = 0.0
        if sector[f] != PUBLIC:
            out[f] = closing_rate(np.float64(month - born[f]), heads[f], False, old, young, size_power, 1.0)


@njit(nogil=True, cache=True)
def drifted(productivity, seed, month, uid, sd, returns):
    """Productivity after a quarter: efficient size moves by a factor of mean one, ln sd = sd sqrt 3 (Gibrat's law)."""
    w0, w1, _, _ = draw4(seed, FIRM_SIZE, month, uid, DRIFT)
    spread = sd * math.sqrt(3.0)
    return productivity * exp_(returns * (spread * normal(w0, w1) - 0.5 * spread * spread))


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
def tabulate_closing(old, young, size_power, by_age, by_size):
    """The two factors of `closing_rate`, by age in months and by workers."""
    for age in range(len(by_age)):
        by_age[age] = (old + young * (age / DANGEROUS_AGE * exp_(1.0 - age / DANGEROUS_AGE))) / 12.0
    for heads in range(len(by_size)):
        by_size[heads] = exp_(-size_power * log_(heads + 1.0))


@njit(nogil=True, cache=True)
def drift_and_close(firms, headcount, seed, month, sd, returns, old, young, size_power, loss_factor, by_age, by_size,
                    looking, n, closing, lookers, lo, hi):  # fmt: skip
    """A third of the firms of rows [lo, hi) drift each month; flags in `closing` those that close. Public employers do neither.

    `by_age` and `by_size` hold the factors of `closing_rate` (see `tabulate_closing`). Those of the others that sell to
    the market and look for a new site (monthly rate `looking`, see `looking_rate`) are listed from lookers[lo] on.
    Returns (how many close, how many look, jobs by settlement and sector f8[n, 6]).
    """
    alive, sector, uid, born, settlement = firms.alive, firms.sector, firms.uid, firms.born, firms.settlement
    productivity, loss_months = firms.productivity, firms.loss_months
    rows, ids, luck = np.empty(AT_ONCE, np.int64), np.empty(AT_ONCE, np.uint64), np.empty(AT_ONCE)
    drifters, word0, word1 = np.empty(AT_ONCE, np.int64), np.empty(AT_ONCE, np.uint32), np.empty(AT_ONCE, np.uint32)
    jobs, spread = np.zeros((n, 6)), sd * math.sqrt(3.0)
    closed, look = 0, lo
    for begin in range(lo, hi, AT_ONCE):
        many = 0
        for f in range(begin, min(begin + AT_ONCE, hi)):
            closing[f] = 0
            jobs[settlement[f], sector[f]] += headcount[2 * f] + headcount[2 * f + 1]
            rows[many] = f
            many += np.int64((alive[f] != 0) & (sector[f] != PUBLIC))
        for a in range(many):
            ids[a] = uid[rows[a]]
        for a in range(many):
            luck[a] = draw1(seed, FIRM_EXIT, month, ids[a], 0)
        for a in range(many):
            f = rows[a]
            heads = headcount[2 * f] + headcount[2 * f + 1]
            age, losing = month - born[f], loss_months[f] >= 3
            if age < len(by_age) and heads < len(by_size):
                rate = min(0.5, by_age[age] * by_size[heads] * (loss_factor if losing else 1.0))
            else:
                rate = closing_rate(np.float64(age), heads, losing, old, young, size_power, loss_factor)
            closing[f] = luck[a] < rate
            closed += np.int64(closing[f])
        drifting = 0
        for a in range(many):
            drifters[drifting] = rows[a]
            drifting += np.int64((month + rows[a]) % 3 == 0)
        for a in range(drifting):
            ids[a] = uid[drifters[a]]
        draw_drifts(ids[:drifting], seed, month, word0, word1, luck)
        for a in range(drifting):
            luck[a] = returns * (spread * luck[a] - 0.5 * spread * spread)
        exp_all(luck[:drifting], luck[:drifting])
        for a in range(drifting):
            productivity[drifters[a]] *= luck[a]
        selling = 0
        for a in range(many):
            f = rows[a]
            rows[selling] = f
            selling += np.int64((closing[f] == 0) & (sector[f] != LOCAL_SERVICES))
        for a in range(selling):
            ids[a] = uid[rows[a]]
        for a in range(selling):
            luck[a] = draw1(seed, FIRM_RELOCATE, month, ids[a], 0)
        for a in range(selling):
            f = rows[a]
            if luck[a] < looking_rate(looking, headcount[2 * f] + headcount[2 * f + 1]):
                lookers[look] = f
                look += 1
    return closed, look - lo, jobs


@njit(nogil=True, cache=True)
def draw_drifts(ids, seed, month, word0, word1, out):
    """The standard normal luck of `drifted` of many firms; the words are room to work in."""
    for a in range(len(ids)):
        word0[a], word1[a], _, _ = draw4(seed, FIRM_SIZE, month, ids[a], DRIFT)
    for a in range(len(ids)):
        out[a] = normal(word0[a], word1[a])


@njit(nogil=True, cache=True)
def site_pull(level, rent, talent, access, incentive_share, weights):
    """Pull of a place on a firm that looks for a site, log-odds: a1 ln jobs it could keep - a2 ln rent + a3 talent + a4 ln access + a5 incentive.

    `level` is ln of the jobs that unit labour cost and productivity there allow; rent, college share and market
    access count by their change since the base year, where firms were as well off in one place as in another;
    `incentive_share` is the sum offered a job over a year's labour cost.
    """
    return (
        weights[0] * level - weights[1] * log_(max(rent, 0.05)) + weights[2] * talent
        + weights[3] * log_(max(access, 1e-6)) + weights[4] * incentive_share
    )  # fmt: skip


@njit(nogil=True, cache=True)
def looking_rate(rate, heads):
    """Monthly probability that a firm looks for a site: rate / sqrt(workers)."""
    return rate / math.sqrt(max(heads, 1))


@njit(nogil=True, cache=True)
def choose_site(here, pull, share, stay, options, seed, month, uid):
    """Where a firm goes: a logit over its place (which pulls `stay` more) and `options` places drawn by jobs in the sector.

    `share` is the cumulated distribution of those jobs. An exponential race, one number an option.
    """
    best, place = math.inf, here
    for k in range(options + 1):
        w0, w1, _, _ = draw4(seed, FIRM_RELOCATE, month, uid, 1 + k)
        j, extra = here, stay
        if k > 0:
            j, extra = min(np.int64(np.searchsorted(share, uniform(w0), side="right")), len(share) - 1), 0.0
        if k > 0 and j == here:
            continue
        time = rank_exponential(w1) / exp_(pull[j] + extra)
        if time < best:
            best, place = time, j
    return place


@njit(nogil=True, cache=True)
def weigh_sites(level, cost, rent, talent, access, incentive, weights, pull):
    """`site_pull` of every settlement for every sector, into pull[sector, settlement]; `cost` is a year's labour cost."""
    for s in range(pull.shape[0]):
        for c in range(pull.shape[1]):
            pull[s, c] = site_pull(level[c, s], rent[c], talent[c], access[c], incentive[c] / cost[c, s], weights)


@njit(nogil=True, cache=True)
def look_for_sites(lookers, firms, pull, share, stay, options, seed, month, move_to):
    """Where the firms that look for a site go: `move_to[f]` gets it for those that do not stay; returns how many."""
    count = 0
    for f in lookers:
        s = firms.sector[f]
        j = choose_site(np.int64(firms.settlement[f]), pull[s], share[s], stay, options, seed, month, firms.uid[f])
        if j != firms.settlement[f]:
            move_to[f] = j
            count += 1
    return count


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
