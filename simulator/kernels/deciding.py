"""How people decide where to live: most stay, and most places are ruled out before they are weighed in full.

The choice of `kernels.choosing`, made by a race: of staying and of each option of moving the one
with the earliest time wins (see `choosing.race_time`). So an option can only win when its luck is
good enough for what it is worth at best. Considerers are taken by the batch, in stages: their
families; the places each weighs; what staying is worth; which options even the most favourable
view of pay and acquaintances leaves slower than staying; then what the few others are worth
exactly. What is ruled out could not have won: the choice is that of weighing everything.
"""

import numpy as np
from numba import njit

from simulator.kernels.choosing import (
    ALONE,
    COLLEGE,
    FAMILY,
    NOWHERE,
    OTHER_COUNTY,
    STAY,
    believed_chance,
    destination_utility,
    expected_income_of,
    in_work_force,
    leaves_college,
    life_stage,
    race_time,
    surely_later,
)
from simulator.kernels.elementary import exp_, quick_log, rank_exponential
from simulator.kernels.gathering import BATCH, TIES, call_families, call_ties, empty_batch, list_places, meet_families

PAYS = (0.5, 0.7, 0.85, 1.0)
"""Individual pay factors up to which the most a place can pay is tabulated; beyond the last by proportion."""
N_PAYS = 4
LIFE_STAGES = 4
HALF = -0.6931471805599453
"""ln 1/2: going alone and going with the family share the odds of a place."""
NO_FAMILY = -1000.0
"""Worth of going with a family one does not have."""
_HAIR = 1e-6
"""Added to bounds, far above what rounding can take from them."""

@njit(nogil=True, cache=True)
def most_worth(t, w):
    """The most a place can be worth by life stage and kind of earner, before ties and distances, f8[n, 4, 1 + 2 x 4].

    Kind 0 is out of the labour force; 1 + 4 skill + k someone whose pay factor is at most PAYS[k]:
    the chance of work is at best the better of the local and the national one, land is theirs.
    """
    n = t.value.shape[0]
    out = np.empty((n, LIFE_STAGES, 1 + 2 * N_PAYS))
    for j in range(n):
        fallback = max(t.flexible_pay[j], t.farm_income[j])
        for stage in range(LIFE_STAGES):
            out[j, stage, 0] = max(t.value[j, stage, 0], t.value[j, stage, 1]) - w.moving_cost + _HAIR
        for skill in range(2):
            good, bad = t.chance[j, skill], t.chance_national[skill]
            for k in range(N_PAYS):
                pay = t.wage[j, skill] * PAYS[k]
                income = max(good * pay + (1.0 - good) * fallback, bad * pay + (1.0 - bad) * fallback)
                worth = w.income * quick_log(max(income + t.other_income[j], w.income_floor))
                for stage in range(LIFE_STAGES):
                    out[j, stage, 1 + N_PAYS * skill + k] = out[j, stage, 0] + worth
    return out


@njit(nogil=True, cache=True, error_model="numpy")
def value_staying(rows, start, size, month, p, t, w, q):
    """What staying is worth to each member of each household, whether or not they know anyone there."""
    state, education, hukou_kind, birth_month = p.state, p.education, p.hukou_kind, p.birth_month
    root_of, hukou_place, wage_of, attachment = p.root, p.hukou_place, p.wage, p.attachment
    county_hukou, county_residence = p.county_hukou, p.county_residence
    value, wage, chance_at, chance_national = t.value, t.wage, t.chance, t.chance_national
    finding, separation, farm_income, flexible_pay = t.finding, t.separation, t.farm_income, t.flexible_pay
    other_income, log_hours, ties_utility, ties_known = t.other_income, t.log_hours, t.ties_utility, t.ties_known
    here_of, mate, apart_at, school, pay, stay = q.here, q.mate, q.apart, q.school, q.pay, q.stay
    rent_relief, recent, grant_here = t.rent_relief, t.recent, t.grant_here
    left_study, study_place = p.left_study, p.study_place
    offered = len(recent) > 0
    for b in range(size):
        j, apart = here_of[b], apart_at[b]
        for member in range(2 if mate[b] >= 0 else 1):
            who = np.int64(rows[start + b]) if member == 0 else mate[b]
            home = np.int64(root_of[who])
            log_income = 0.0
            if in_work_force(state[who]):
                skill = 1 if education[who] == COLLEGE else 0
                chance = believed_chance(chance_at[j, skill], chance_national[skill], 1.0 * ties_known[home, j])
                income = expected_income_of(
                    state[who], True, 1.0 * wage_of[who], finding[j, skill], separation[j, skill], chance,
                    wage[j, skill] * pay[b, member], flexible_pay[j], farm_income[j],
                    home == j and hukou_kind[who] == 0, w.search_farming, w.search_flexible,
                )  # fmt: skip
                if offered and member == 0:
                    income += recent[start + b] * rent_relief[j] + grant_here[start + b]
                log_income = quick_log(max(income + other_income[j], w.income_floor))
            at_root = j == home and (county_residence[who] == county_hukou[who] or hukou_place[who] != home)
            stay[b, member] = destination_utility(
                value[j, life_stage(month - birth_month[who], school[b] == 1), 0 if hukou_place[who] == j else 1],
                log_income, 1.0 * ties_utility[home, j], 0.0, 0.0, log_hours[j, j],
                0.0 if j == home else log_hours[home, j], log_hours[apart, j] if apart != NOWHERE and apart != j else 0.0,
                1.0 * attachment[who] if at_root else 0.0, w,
            )  # fmt: skip
            if member == 0 and leaves_college(left_study[who], study_place[who], month, j):
                stay[b, 0] -= w.leaving_college


@njit(nogil=True, cache=True)
def kind_of_earner(state, education, pay):
    """Row of `most_worth` for a person, and what pay beyond the last of PAYS adds to log income at most."""
    if not in_work_force(state):
        return 0, 0.0
    first = 1 + (N_PAYS if education == COLLEGE else 0)
    for k in range(N_PAYS):
        if pay <= PAYS[k]:
            return first + k, 0.0
    return first + N_PAYS - 1, quick_log(pay)


@njit(nogil=True, cache=True)
def rule_out(rows, start, size, month, p, t, w, most, q, o):
    """Flag the options that might beat staying: 1 going alone, 2 going with the family; the others cannot."""
    state, education, birth_month, root_of, attachment = p.state, p.education, p.birth_month, p.root, p.attachment
    log_hours, ties_utility = t.log_hours, t.ties_utility
    here_of, mate, school, kids, pay, mine, stay = q.here, q.mate, q.school, q.kids, q.pay, q.mine, q.stay
    first, flags = q.start, q.flags
    place, times, share, luck0, luck1 = o.place, o.times, o.share, o.luck0, o.luck1
    alone, family, limit = o.alone, o.family, o.limit
    distance, home_weight = w.distance, w.home
    recent, grant_root = t.recent, t.grant_root
    knows, unknown = max(w.known, 0.0), min(w.known, 0.0)
    for b in range(size):
        if len(recent) > 0 and (recent[start + b] > 0.0 or grant_root[start + b] > 0.0):
            for k in range(first[b], first[b + 1]):  # money on offer to a graduate is weighed in full
                alone[k], family[k], limit[k] = 0.0, 0.0, np.inf
            continue
        i, here, other = np.int64(rows[start + b]), np.uint32(here_of[b]), mate[b]
        both = other >= 0
        me = mine[b]
        low = me * stay[b, 0] + (1.0 - me) * stay[b, 1] if both else stay[b, 0]
        low += unknown
        root0 = np.uint32(root_of[i])
        kind0, more0 = kind_of_earner(state[i], education[i], pay[b, 0])
        stage0 = life_stage(month - birth_month[i], school[b] == 1)
        plus0 = knows - low + w.income * more0
        bonus0 = max(0.0, 1.0 * attachment[i]) + home_weight * log_hours[root0, root0]
        with_family = both or kids[b] > 0
        half = HALF if with_family else 0.0
        leaving = distance + w.family if with_family else distance
        apart = 0.0 if with_family else NO_FAMILY
        shortest = rank_exponential(luck0[first[b]]) * 1.000001
        if not both:
            for k in range(first[b] + 1, first[b + 1]):
                j = place[k]
                gain = most[j, stage0, kind0] + plus0 + ties_utility[root0, j] + half
                gain += bonus0 if j == root0 else 0.0
                gain -= home_weight * log_hours[root0, j]
                alone[k] = gain - leaving * log_hours[here, j]
                family[k] = gain - distance * log_hours[here, j] + apart
                limit[k] = shortest * times[k] / share[k]
            continue
        root1 = np.uint32(root_of[other])
        kind1, more1 = kind_of_earner(state[other], education[other], pay[b, 1])
        stage1 = life_stage(month - birth_month[other], school[b] == 1)
        plus1 = knows - low + w.income * more1
        bonus1 = max(0.0, 1.0 * attachment[other]) + home_weight * log_hours[root1, root1]
        for k in range(first[b] + 1, first[b + 1]):
            j = place[k]
            gain0 = most[j, stage0, kind0] + plus0 + ties_utility[root0, j]
            gain0 += bonus0 if j == root0 else 0.0
            gain0 -= home_weight * log_hours[root0, j]
            gain1 = most[j, stage1, kind1] + plus1 + ties_utility[root1, j]
            gain1 += bonus1 if j == root1 else 0.0
            gain1 -= home_weight * log_hours[root1, j]
            gain1 = me * gain0 + (1.0 - me) * gain1
            alone[k] = gain0 + half - leaving * log_hours[here, j]
            family[k] = gain1 + half - distance * log_hours[here, j]
            limit[k] = shortest * times[k] / share[k]
    for k in range(first[size]):  # apart from the looks into tables, so that many are told at a time
        flags[k] = np.uint8(not surely_later(luck0[k], alone[k], limit[k])) + np.uint8(2) * np.uint8(
            not surely_later(luck1[k], family[k], limit[k])
        )


@njit(nogil=True, cache=True, error_model="numpy")
def weigh_and_choose(rows, start, size, month, p, t, w, q, o, to, way_out, keep, kept_place, kept_weight, kept_heads,
                     kept_count):  # fmt: skip
    """Weigh in full what has not been ruled out, and let the earliest time win; -1 when options to keep do not fit."""
    alive, state, education, hukou_kind = p.alive, p.state, p.education, p.hukou_kind
    birth_month, root_of, residence, hukou_place = p.birth_month, p.root, p.residence, p.hukou_place
    county_hukou, county_residence, savings, attachment = p.county_hukou, p.county_residence, p.savings, p.attachment
    ties = p.ties
    value, wage, chance_at, chance_national = t.value, t.wage, t.chance, t.chance_national
    finding, separation, farm_income, flexible_pay = t.finding, t.separation, t.farm_income, t.flexible_pay
    other_income, log_hours, km, ties_utility, ties_known = t.other_income, t.log_hours, t.km, t.ties_utility, t.ties_known
    other_county_log, move_pay, cost_relief = t.other_county_log, t.move_pay, t.cost_relief
    rent_relief, recent, grant_root = t.rent_relief, t.recent, t.grant_root
    offered = len(recent) > 0
    here_of, mate, apart_at, kids_of, school = q.here, q.mate, q.apart, q.kids, q.school
    pay, mine, stay, known, first, flags, weighs = q.pay, q.mine, q.stay, q.known, q.start, q.flags, q.weighs
    place, times, share, luck0, luck1 = o.place, o.times, o.share, o.luck0, o.luck1
    n = value.shape[0]
    lives_at = np.empty((2, TIES), np.int64)
    worth = np.empty(kept_place.shape[1])
    for b in range(size):
        r = start + b
        i, here, partner, apart = np.int64(rows[r]), here_of[b], mate[b], apart_at[b]
        begin, end = first[b], first[b + 1]
        shortest = rank_exponential(luck0[begin])
        best_place, best_way = here, STAY
        with_county = other_county_log[here] > -90.0
        leap = other_county_log[here] - w.moving_cost - w.distance * log_hours[here, here]
        if with_county and here == root_of[i] and here == hukou_place[i]:
            # attachment is to the county: lost on leaving home, won on return
            leap += -1.0 * attachment[i] if county_residence[i] == county_hukou[i] else 1.0 * attachment[i]
        if leaves_college(p.left_study[i], p.study_place[i], month, here):
            leap += mine[b] * w.leaving_college
        with_county = with_county and (keep or race_time(luck1[begin], leap) < shortest)
        if weighs[b] == 0 and not with_county:
            to[r], way_out[r] = here, STAY
            continue

        members = 2 if partner >= 0 else 1
        partner_here = partner >= 0
        with_family = partner_here or kids_of[b] > 0
        heads = 1.0 + (0.5 if partner_here else 0.0) + 0.25 * kids_of[b]
        funds = 1.0 * savings[i] + (1.0 * savings[partner] if partner_here else 0.0)
        if with_county and funds >= move_pay[here] * heads:
            time = race_time(luck1[begin], leap)
            if time < shortest:
                best_way, shortest = OTHER_COUNTY, time
        else:
            with_county = False
        for member in range(members):
            who = i if member == 0 else partner
            for slot in range(TIES):  # without branches, so that the eight look-ups overlap; n is "nowhere"
                tie = np.int64(ties[who, slot])
                lives = tie >= 0 and alive[max(tie, 0)] == 1
                lives_at[member, slot] = residence[max(tie, 0)] if lives else n
            for slot in range(TIES):
                known[member, lives_at[member, slot]] = 1.0
            known[member, n] = 0.0
        me = mine[b]
        staying = stay[b, 0] + w.known * known[0, here]
        if partner_here:
            staying = me * staying + (1.0 - me) * (stay[b, 1] + w.known * known[1, here])
        half = HALF if with_family else 0.0
        kept, top = 1, staying
        if keep:
            kept_place[r, 0], kept_heads[r, 0], worth[0] = here, 0.0, staying
            if with_county:
                kept_place[r, 1], kept_heads[r, 1], worth[1] = here, 0.0, staying + leap
                kept, top = 2, max(top, staying + leap)

        for k in range(begin + 1, end):
            if flags[k] == 0:
                continue
            j = np.int64(place[k])
            cost = move_pay[here] + w.cost_per_km * km[here, j] - cost_relief[j]
            if funds < cost:
                continue
            together = with_family and funds >= cost * heads
            own, theirs = 0.0, 0.0
            for member in range(2 if partner_here and together else 1):
                who = i if member == 0 else partner
                home = np.int64(root_of[who])
                log_income = 0.0
                if in_work_force(state[who]):
                    skill = 1 if education[who] == COLLEGE else 0
                    chance = believed_chance(chance_at[j, skill], chance_national[skill], 1.0 * ties_known[home, j])
                    income = expected_income_of(
                        state[who], False, 0.0, finding[j, skill], separation[j, skill], chance,
                        wage[j, skill] * pay[b, member], flexible_pay[j], farm_income[j],
                        home == j and hukou_kind[who] == 0, w.search_farming, w.search_flexible,
                    )  # fmt: skip
                    if offered and member == 0:
                        income += recent[r] * rent_relief[j]
                        if j == home:
                            income += grant_root[r]
                    log_income = quick_log(max(income + other_income[j], w.income_floor))
                u = destination_utility(
                    value[j, life_stage(month - birth_month[who], school[b] == 1), 0 if hukou_place[who] == j else 1],
                    log_income, 1.0 * ties_utility[home, j], known[member, j], 1.0, log_hours[here, j],
                    0.0 if j == home else log_hours[home, j],
                    log_hours[apart, j] if apart != NOWHERE and apart != j else 0.0,
                    1.0 * attachment[who] if j == home else 0.0, w,
                )  # fmt: skip
                if member == 0:
                    own = u
                else:
                    theirs = u
            correction = quick_log(times[k] / share[k])
            alone = own + correction + half
            if with_family:  # who goes alone leaves the family where it lives now
                alone -= w.family * log_hours[here, j]
                if apart != NOWHERE and apart != j:
                    alone += w.family * log_hours[apart, j]
            if flags[k] & 1:
                time = race_time(luck0[k], alone - staying)
                if time < shortest:
                    best_place, best_way, shortest = j, ALONE, time
            with_them = correction + half + (me * own + (1.0 - me) * theirs if partner_here else own)
            if together and flags[k] & 2:
                time = race_time(luck1[k], with_them - staying)
                if time < shortest:
                    best_place, best_way, shortest = j, FAMILY, time
            if keep:
                if kept + 2 > len(worth):
                    return -1
                kept_place[r, kept], kept_heads[r, kept], worth[kept] = j, 1.0, alone
                kept, top = kept + 1, max(top, alone)
                if together:
                    kept_place[r, kept], worth[kept] = j, with_them
                    kept_heads[r, kept] = (2.0 if partner_here else 1.0) + kids_of[b]
                    kept, top = kept + 1, max(top, with_them)
        for member in range(members):
            for slot in range(TIES):
                known[member, lives_at[member, slot]] = 0.0
        to[r], way_out[r] = best_place, best_way
        if keep:
            kept_count[r] = kept
            for k in range(kept):
                kept_weight[r, k] = exp_(worth[k] - top)
    return 0


@njit(nogil=True, cache=True)
def choose_places(rows, month, seed, p, t, w, to, way_out, keep, kept_place, kept_weight, kept_heads, kept_count, lo, hi):
    """Let each considerer rows[lo:hi] weigh the places and choose one; writes place and way of going.

    The options are staying; another county of the same settlement; and, for each place weighed,
    going alone and, for someone who lives with a partner or minor children, going with the family
    (each of the two carries - ln 2). Who cannot pay for a move does not have it. For a couple that
    lives together, staying and going together are worth the mean of both utilities, weighted by
    pay. With `keep` all options are weighed in full and stored, as (place, exp(utility - best),
    people who would move), for the base-year inversion; -1 is returned when they do not fit.
    """
    batch, options = empty_batch(t.value.shape[0], w.m, w.full)
    most = most_worth(t, w)
    done = 0
    for start in range(lo, hi, BATCH):
        size = min(BATCH, hi - start)
        meet_families(rows, start, size, month, seed, p, w, batch)
        list_places(size, month, seed, t, w, batch, options)
        call_families(rows, start + size, BATCH, p)
        value_staying(rows, start, size, month, p, t, w, batch)
        if keep:
            batch.flags[:] = 3
        else:
            rule_out(rows, start, size, month, p, t, w, most, batch, options)
        call_ties(rows, start, size, p, batch)
        done = min(done, weigh_and_choose(rows, start, size, month, p, t, w, batch, options, to, way_out, keep, kept_place,
                                          kept_weight, kept_heads, kept_count))  # fmt: skip
    return done
