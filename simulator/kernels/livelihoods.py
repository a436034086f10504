"""What the first population does all day: school, college, farm, job, search, rest; and what it owns."""

from __future__ import annotations

import numpy as np
from numba import njit

from simulator.kernels.caring import disability_at_work, disability_of, frailty_of
from simulator.kernels.elementary import exp_, log_
from simulator.kernels.living import RETIRE, planned_retirement
from simulator.kernels.peopling import BORN, HUKOU, MONEY, NONE16, STREAM
from simulator.kernels.rng import draw1, draw4, normal, uniform
from simulator.kernels.sampling import alias_draw

CHILD, STUDENT, EMPLOYED, FARMING, FLEXIBLE, WELFARE_JOB, UNEMPLOYED, RETIRED, INACTIVE = range(9)
NOT_YET = 255
"""State of people whose day is not settled yet."""

LEAVING_AGE = np.array([12, 15, 18, 22])
"""Age at which each level of education is finished, years."""

TILT = np.array([1.0, 1.0, 3.0, 1.0, 1.0, 3.0])
"""Odds that a college graduate works in a sector, relative to others (assumed): knowledge and public 3."""


@njit(nogil=True, cache=True)
def send_to_school(seed, month, enrolment, birth_month, education, state, study_since):
    """Children below 15; of those aged 15 to 17 the share `enrolment` is at senior school since they were 15.

    A place of study is that of a college, so school gives none.

    `education` is the highest level finished, so nobody below 18 has more than junior school.
    """
    for i in range(state.shape[0]):
        age = month - np.int64(birth_month[i])
        state[i] = NOT_YET
        if age < 180:
            state[i] = CHILD
        if age < 216 and education[i] > 1:
            education[i] = 1
        if 180 <= age < 216 and draw1(seed, STREAM, month, i, BORN + 1) < enrolment:
            state[i] = STUDENT
            education[i] = 1
            study_since[i] = birth_month[i] + 180


STAGES = np.array([
    [3, 216, 240, 0], [3, 240, 264, 0], [3, 216, 264, 1], [2, 216, 240, 0],
    [3, 264, 288, 0], [3, 264, 288, 1], [2, 216, 264, 0], [2, 216, 264, 1],
])  # fmt: skip
"""Who is taken for a student first: education by the census, age in months from and below, and
whether from all towns of the province (1) or from the university's own cell (0)."""


@njit(nogil=True, cache=True)
def fill_universities(month, target, stages, province, urban, birth_month, education, residence, state, study_place):
    """Students of 18 to 23; `education` becomes the senior school they have finished.

    First those whom the census counts as college-educated (it counts students so), in the order of
    `stages`; then those of senior school. Returns the places left empty.
    """
    left = target.copy()
    provinces = 0
    for s in range(province.shape[0]):
        provinces = max(provinces, np.int64(province[s]) + 1)
    for stage in range(stages.shape[0]):
        level, youngest, oldest, spill = stages[stage]
        at = np.zeros(provinces, dtype=np.int64)
        for i in range(state.shape[0]):
            age = month - np.int64(birth_month[i])
            if state[i] != NOT_YET or age < youngest or age >= oldest or education[i] != level:
                continue
            place = np.int64(residence[i])
            if spill == 1:
                if not urban[place]:
                    continue
                p = np.int64(province[place])
                place = at[p]
                while place < left.shape[0] and (province[place] != p or left[place] <= 0):
                    place += 1
                at[p] = place
                if place == left.shape[0]:
                    continue
            if left[place] > 0:
                left[place] -= 1
                state[i] = STUDENT
                education[i] = 2
                study_place[i] = place
    return left


PAST_WORK = 20.0
"""Factor on the odds of resting, and of farming, for those past the age at which they leave a job (assumed)."""

MONTHS_BACK = np.array([0.0, 0.0, 0.02, 0.003, 0.02, 0.02, 0.13, 0.001, 0.002])
"""By state: chance a month, going back, that non-farm work began or ended, as the labour market's own
churn leaves it after a year (measured in a run of the model from its base year)."""


@njit(nogil=True, cache=True)
def retires_at(seed, uid, state, sex, hukou_kind, ages):
    """Planned age of leaving work, by the same lasting luck as later; `ages`: official men, women, shares to 65 and 70."""
    w = draw4(seed, RETIRE, 0, uid, 0)
    luck, farm_luck = (w[0] + 0.5) / 4294967296.0, (w[1] + 0.5) / 4294967296.0
    return planned_retirement(state, hukou_kind, ages[1] if sex == 1 else ages[0], ages[2], ages[3], luck, farm_luck)


@njit(nogil=True, cache=True)
def recall_work(state, luck):
    """Twelve bits, bit m non-farm work m months ago: runs of work and of none, geometric, going back from `state`."""
    works = state == EMPLOYED or state == FLEXIBLE or state == WELFARE_JOB
    rate, at, bits = MONTHS_BACK[state], 0, 0
    for k in range(4):
        length = 12
        if rate > 0.0:
            length = 1 + min(np.int64(log_(uniform(luck[k])) / log_(1.0 - rate)), 11)
        if k == 3:
            length = 12
        stop = min(at + length, 12)
        if works:
            bits |= (1 << stop) - (1 << at)
        at, works = stop, not works
        if at >= 12:
            break
        rate = MONTHS_BACK[EMPLOYED] if works else MONTHS_BACK[UNEMPLOYED]
    return bits


@njit(nogil=True, cache=True)
def _idle_odds(age, sex, migrant, odds):
    """Odds of having no work, relative to a local man of 25 to 49 (assumed; `odds` favours migrants)."""
    weight = 1.0
    if age < 20:
        weight = 3.0
    elif age < 25:
        weight = 1.6
    elif age >= 60:
        weight = 6.0
    elif age >= 55:
        weight = 4.5 if sex == 1 else 2.0
    elif age >= 50:
        weight = 3.0 if sex == 1 else 1.2
    elif sex == 1:
        weight = 1.6
    return weight / odds if migrant > 0 else weight


@njit(nogil=True, cache=True)
def _farm_odds(age, migrant, rural_hukou):
    """Odds of farming rather than other work, relative to a young local with urban hukou (assumed)."""
    weight = (6.0 if rural_hukou else 1.0) * (1.0 if age < 35 else 1.5 if age < 50 else 2.5)
    return weight * 0.2 if migrant > 0 else weight


@njit(nogil=True, cache=True)
def draw_leanings(seed, month, migrant_odds, ages, people, idle_time, farm_time, search_time):
    """Three keyed races for everyone of working age out of school: time = exponential / odds.

    The earliest have no work, farm, and search. Below 16 nobody works if it can be helped; past the
    planned age of leaving a job (see `retires_at`) people rest, or farm, rather than hold one.
    """
    birth_month, sex, migrant, hukou_kind = people
    for i in range(birth_month.shape[0]):
        age = (month - np.int64(birth_month[i])) // 12
        if age < 15 or age >= 65:
            continue
        w0, w1, w2, _ = draw4(seed, STREAM, month, i, HUKOU)
        idle_odds = 1e6 if age < 16 else _idle_odds(age, sex[i], migrant[i], migrant_odds)
        keen = 1e-6 if age < 16 else 3.0 if age < 25 else 1.0 if age < 50 else 0.4 if age < 60 else 0.02
        farm_odds = _farm_odds(age, migrant[i], hukou_kind[i] == 0)
        if age >= 50 and age >= retires_at(seed, i, EMPLOYED, sex[i], hukou_kind[i], ages):
            idle_odds, farm_odds, keen = idle_odds * PAST_WORK, farm_odds * PAST_WORK, 0.02
        idle_time[i] = -log_(uniform(w0)) / idle_odds
        farm_time[i] = -log_(uniform(w1)) / farm_odds
        search_time[i] = -log_(uniform(w2)) / keen


@njit(nogil=True, cache=True)
def take_earliest(order, group, wanted, chosen, others, state):
    """Of rows in the order of (group, time) the first wanted[group] get a state, the rest the other."""
    last, taken = np.int64(-1), np.int64(0)
    for k in range(order.shape[0]):
        i = order[k]
        if group[i] != last:
            last, taken = np.int64(group[i]), 0
        state[i] = chosen if taken < wanted[last] else others
        taken += 1


@njit(nogil=True, cache=True)
def work_on_call(share, rural, residence, education, state):
    """Of the employed below college the share `share` works on call instead, dealt round town and country."""
    carry = np.full(2, 0.5)
    for i in range(state.shape[0]):
        if state[i] == EMPLOYED and education[i] < 3:
            r = np.int64(rural[residence[i]])
            carry[r] += share
            if carry[r] >= 1.0:
                carry[r] -= 1.0
                state[i] = FLEXIBLE


@njit(nogil=True, cache=True)
def rest_from_work(first, rural, old_farming, seed, month, ages, people):
    """Retirement of those without work at the official age, urban women without college at 50.

    Above working age a share `old_farming` of country people farm until the age farmers stop.
    """
    birth_month, sex, education, hukou_kind, state = people
    for s in range(first.shape[0] - 1):
        for i in range(first[s], first[s + 1]):
            age = (month - np.int64(birth_month[i])) // 12
            pension = ages[0] if sex[i] == 0 else 50.0 if hukou_kind[i] == 1 and education[i] < 3 else ages[1]
            if state[i] == INACTIVE and age >= pension:
                state[i] = RETIRED
            elif state[i] == NOT_YET:
                state[i] = RETIRED
                if rural[s] and hukou_kind[i] == 0 and draw1(seed, STREAM, month, i, HUKOU + 2) < old_farming:
                    if age < retires_at(seed, i, FARMING, sex[i], hukou_kind[i], ages):
                        state[i] = FARMING


@njit(nogil=True, cache=True)
def commute(seed, month, share, near_share, near_other, residence, state, workplace):
    """The employed work where they live or, by a keyed share of them, in a cell within reach; nobody else has a workplace."""
    for i in range(state.shape[0]):
        workplace[i] = NONE16
        if state[i] == EMPLOYED:
            workplace[i] = residence[i]
            w0, w1, w2, _ = draw4(seed, STREAM, month, i, HUKOU + 3)
            if uniform(w0) < share:
                s = np.int64(residence[i])
                place = alias_draw(near_share[s], near_other[s], uniform(w1), uniform(w2))
                if place != NONE16:
                    workplace[i] = place


@njit(nogil=True, cache=True)
def share_out_sectors(mix, college, others):
    """Workers wanted (skill, sector) of one workplace: the mix over sectors in all, college tilted.

    college_s = N_s t o_s / (1 + t o_s) with odds o_s and t solved so that they sum to `college`.
    """
    wanted = np.zeros((2, 6))
    total = 0.0
    for k in range(6):
        total += mix[k]
    if total <= 0.0:
        wanted[0, 1], wanted[1, 1] = others, college
        return wanted
    low, high = -40.0, 40.0
    for _ in range(60):
        t = exp_(0.5 * (low + high))
        found = 0.0
        for k in range(6):
            found += (college + others) * mix[k] / total * t * TILT[k] / (1.0 + t * TILT[k])
        if found < college:
            low = 0.5 * (low + high)
        else:
            high = 0.5 * (low + high)
    t = exp_(0.5 * (low + high))
    for k in range(6):
        size = (college + others) * mix[k] / total
        wanted[1, k] = size * t * TILT[k] / (1.0 + t * TILT[k])
        wanted[0, k] = size - wanted[1, k]
    return wanted


@njit(nogil=True, cache=True)
def hire_first_workers(sector_mix, education, state, workplace, employer):
    """Deal the employed of each workplace and skill to its sectors: pool = (workplace * 6 + sector) * 2 + skill."""
    n = sector_mix.shape[0]
    workers = np.zeros((n, 2))
    for i in range(state.shape[0]):
        if state[i] == EMPLOYED:
            workers[workplace[i], 1 if education[i] == 3 else 0] += 1.0
    share = np.zeros((n, 2, 6))
    for s in range(n):
        wanted = share_out_sectors(sector_mix[s], workers[s, 1], workers[s, 0])
        for g in range(2):
            total = wanted[g].sum()
            for k in range(6):
                share[s, g, k] = wanted[g, k] / total if total > 0.0 else 0.0
    given, total = np.zeros((n, 2, 6)), np.zeros((n, 2))
    for i in range(state.shape[0]):
        employer[i] = -1
        if state[i] != EMPLOYED:
            continue
        s, g = np.int64(workplace[i]), 1 if education[i] == 3 else 0
        best, gap = 1, -1e300
        for k in range(6):
            short = share[s, g, k] * (total[s, g] + 1.0) - given[s, g, k]
            if short > gap:
                best, gap = k, short
        given[s, g, best] += 1.0
        total[s, g] += 1.0
        employer[i] = (s * 6 + best) * 2 + g


CAREER_SHARE = np.array([
    [0.0, 0.0], [0.0, 0.0], [0.9, 0.4], [0.0, 0.76], [0.9, 0.5], [0.8, 0.4], [0.8, 0.4], [0.6, 0.6], [0.0, 1.1],
])  # fmt: skip
"""By state, (least, spread) of experience over the career of the same age (`expect_careers`): what people have after 20 to 45
years in a country that stands still (measured in a run of the model; farmers and those at rest have worked on and off)."""


@njit(nogil=True, cache=True)
def expect_careers(month, birth_month, sex, education, state, leaving_age):
    """Months of non-farm work that lie behind someone who is at work, by (sex, college, age in years).

    The country is taken as it stands: at every age since school the share at work of those who neither farm nor study, in
    five years of age, added up. Experience then starts where a stationary country would have it.
    """
    works, all_ = np.zeros((2, 2, 24)), np.full((2, 2, 24), 1e-9)
    for i in range(len(state)):
        group = (month - np.int64(birth_month[i])) // 60
        if group < 3 or group > 23 or state[i] == STUDENT or state[i] == FARMING:
            continue
        college = 1 if education[i] == 3 else 0
        all_[sex[i], college, group] += 1.0
        if state[i] == EMPLOYED or state[i] == FLEXIBLE:
            works[sex[i], college, group] += 1.0
    out = np.zeros((2, 4, 112))
    for s in range(2):
        for level in range(4):
            college = 1 if level == 3 else 0
            for age in range(max(16, leaving_age[level]), 111):
                group = min(age // 5, 23)
                out[s, level, age + 1] = out[s, level, age] + 12.0 * works[s, college, group] / all_[s, college, group]
    return out


@njit(nogil=True, cache=True)
def furnish_lives(seed, month, numbers, age_factor, careers, sex, colleges, people):
    """Experience, savings, attachment, disability, insurance, last year's work, end and place of study.

    `numbers`: (median savings in fen, sd of their log, attachment mean, sd, disability rate at frailty one, severe share, capacity of work); `careers`: see `expect_careers`.
    `colleges`: alias tables (share, other) of [1 + P, n] by places, row 0 the nation; province of a cell.
    """
    (birth_month, education, hukou_kind, root, residence, state, study_place, left_study,
     experience, savings, attachment, disability, insurance, worked_months) = people  # fmt: skip
    share, other, province = colleges
    for i in range(state.shape[0]):
        months = month - np.int64(birth_month[i])
        age = months // 12
        w0, w1, w2, w3 = draw4(seed, STREAM, month, i, MONEY)
        attachment[i] = min(max(numbers[2] + numbers[3] * normal(w0, w1), -20.0), 20.0)
        if age >= 16:
            median = numbers[0] * age_factor[min(age, 110)]
            savings[i] = np.int64(median * exp_(numbers[1] * normal(w2, w3)))
        w0, w1, w2, w3 = draw4(seed, STREAM, month, i, MONEY + 1)
        frailty = frailty_of(age)
        if 16 <= age < 60:
            frailty *= disability_at_work(state[i], numbers[6])
        disability[i] = disability_of(uniform(w0), numbers[4] * frailty, numbers[5])
        formal = state[i] == EMPLOYED or state[i] == RETIRED
        insurance[i] = 2 if formal and hukou_kind[i] == 1 else 1
        worked_months[i] = recall_work(state[i], draw4(seed, STREAM, month, i, MONEY + 3)) if age >= 16 else 0
        if state[i] == CHILD or state[i] == STUDENT:
            continue
        since = months - 12 * LEAVING_AGE[education[i]]
        if since < 0:
            since = min(np.int64(12.0 * uniform(w3)), months - 180)
        left_study[i] = max(month - since, 1800 * 12)
        if age >= 16:
            whole = months / 12.0 - age
            career = careers[sex[i], education[i]]
            behind = career[min(age, 110)] + whole * (career[min(age, 110) + 1] - career[min(age, 110)])
            part = CAREER_SHARE[state[i], 0] + CAREER_SHARE[state[i], 1] * uniform(w2)
            experience[i] = min(np.int64(min(behind * part, max(since, 0), 45.0 * 12.0)), 1200)
        if education[i] == 3:
            w0, w1, w2, _ = draw4(seed, STREAM, month, i, MONEY + 2)
            u = uniform(w0)
            row = 1 + province[root[i]] if u < 0.75 else 1 + province[residence[i]] if u < 0.9 else 0
            place = alias_draw(share[row], other[row], uniform(w1), uniform(w2))
            study_place[i] = place if place != NONE16 else residence[i]
