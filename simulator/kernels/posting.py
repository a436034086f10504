"""How many jobs each employer wants and posts, and what a month of matching does to rates and wages."""

from __future__ import annotations

import numpy as np
from numba import njit

from simulator.kernels.elementary import exp_
from simulator.kernels.labour import SMALL_MARKET, place_productivity, separation_rate_of, smoothed_rate, wage_step
from simulator.kernels.rng import draw1

EMPLOYED = 2
VACANCY_ROUNDING = 17


@njit(nogil=True, cache=True)
def measure_productivity(national, residents, residents_base, talent_share, talent_share_base, transport, transport_base,
                         digital, digital_base, agglomeration, externality, infrastructure, out):  # fmt: skip
    """Productivity of every place relative to its base year."""
    for j in range(len(out)):
        ratio = residents[j] / residents_base[j] if residents_base[j] > 0.0 else 1.0
        out[j] = place_productivity(national, ratio, talent_share[j] - talent_share_base[j],
                                    transport[j] / transport_base[j], digital[j] / digital_base[j],
                                    agglomeration, externality, infrastructure)  # fmt: skip


@njit(nogil=True, cache=True)
def update_markets(posted, applications, found, jobless, lost, working, tightness_base, wage_floor, productivity_growth,
                   wage_adjustment, wage_step_max, smoothing, tightness, finding, separation, finding_national,
                   separation_national, wage, wage_growth):  # fmt: skip
    """After matching: tightness, smoothed finding and separation rates, and the step of wages.

    Tightness is the smoothed ratio (v + 20 theta*) / (s + 20), so that a small market does not
    swing with single vacancies.
    """
    n = len(posted)
    for k in range(2):
        hired = seeking = ended = jobs = 0.0
        for j in range(n):
            hired += found[j, k]
            seeking += found[j, k] + jobless[j, k]
            ended += lost[j, k]
            jobs += working[j, k]
        finding_national[k] = smoothed_rate(finding_national[k], hired, seeking, finding_national[k], smoothing)
        separation_national[k] = smoothed_rate(separation_national[k], ended, jobs, separation_national[k], smoothing)
    for j in range(n):
        for k in range(2):
            people = found[j, k] + jobless[j, k]
            finding[j, k] = smoothed_rate(finding[j, k], found[j, k], people, finding_national[k], smoothing)
            separation[j, k] = smoothed_rate(
                separation[j, k], lost[j, k], working[j, k], separation_national[k], smoothing
            )
            now = (posted[j, k] + SMALL_MARKET * tightness_base[j, k]) / (applications[j, k] + SMALL_MARKET)
            tightness[j, k] += smoothing * (now - tightness[j, k])
            step = wage_step(tightness[j, k], tightness_base[j, k], productivity_growth[j], wage_adjustment, wage_step_max)
            before = wage[j, k]
            wage[j, k] = max(before * exp_(step), wage_floor[j])
            wage_growth[j, k] = wage[j, k] / before if before > 0.0 else 1.0


@njit(nogil=True, cache=True)
def count_jobs(alive, state, employer, residence, hukou_place, last_move, month, rate, migrant_rate, headcount, expected):
    """Recount of jobs by employer, and the separations a month they can expect."""
    for i in range(len(alive)):
        if alive[i] == 1 and state[i] == EMPLOYED:
            r = employer[i]
            headcount[r] += 1
            away = residence[i] != hukou_place[i]
            expected[r] += separation_rate_of(away, month - last_move[i], 1.0, rate, migrant_rate)


@njit(nogil=True, cache=True)
def round_by_luck(amounts, seed, month, number, out):
    """Whole numbers with the given means, by the luck of each employer."""
    for r in range(len(amounts)):
        whole = np.int64(amounts[r])
        out[r] = whole + (1 if draw1(seed, VACANCY_ROUNDING, month, r, number) < amounts[r] - whole else 0)
