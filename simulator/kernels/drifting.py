"""Firms drift, close and move: how long one lives, and where it would rather be."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from simulator.kernels.elementary import exp_, exp_all, log_, rank_exponential
from simulator.kernels.rng import draw1, draw4, normal, uniform

FIRM_EXIT, FIRM_RELOCATE, FIRM_SIZE = 33, 34, 35
LOCAL_SERVICES, PUBLIC = 1, 5
DANGEROUS_AGE = 36.0
"""Age of a firm in months at which closing is most likely (FACTS 3: year 3)."""
DRIFT = 0
"""Number of a firm's draw of the luck of its productivity."""
AT_ONCE = 128
"""Firms reckoned together, so that luck and logarithms are taken of several at a time."""


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
def site_pull(level, log_rent, talent, log_access, incentive_share, weights):
    """Pull of a place on a firm that looks for a site, log-odds: a1 ln jobs it could keep - a2 ln rent + a3 talent + a4 ln access + a5 incentive.

    `level` is ln of the jobs that unit labour cost and productivity there allow; rent, college share and market
    access count by their change since the base year, where firms were as well off in one place as in another;
    `incentive_share` is the sum offered a job over a year's labour cost.
    """
    return (
        weights[0] * level - weights[1] * log_rent + weights[2] * talent + weights[3] * log_access + weights[4] * incentive_share
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
    for c in range(pull.shape[1]):
        log_rent, log_access = log_(max(rent[c], 0.05)), log_(max(access[c], 1e-6))
        for s in range(pull.shape[0]):
            pull[s, c] = site_pull(level[c, s], log_rent, talent[c], log_access, incentive[c] / cost[c, s], weights)


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
