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
    life_stage,
    race_time,
    surely_later,
)
from simulator.kernels.elementary import exp_, quick_log, rank_exponential
from simulator.kernels.gathering import (
    BATCH,
    TIES,
    call_children,
    call_families,
    call_people,
    call_ties,
    draw_words,
    empty_batch,
    learn_pay,
    list_places,
    meet_families,
    share_of_draws,
    unheld,
)
from simulator.kernels.staying import (
    KINDS,
    LIFE_STAGES,
    MORE,
    N_PAYS,
    PAY,
    PAYS,
    STAY_WORTH,
    look_up,
    sort_earners,
    weigh_staying,
)

COUNTY = 4
"""Flag of those for whom another county of the place they live in might beat staying."""
HALF = -0.6931471805599453
"""ln 1/2: going alone and going with the family share the odds of a place."""
NO_FAMILY = -1000.0
"""Worth of going with a family one does not have."""
_HAIR = 1e-6
"""Added to bounds, far above what rounding can take from them."""

@njit(nogil=True, cache=True)
def most_worth(t, w):
    """The most a place can be worth by life stage and kind of earner, before ties and distances, f8[4 x (1 + 2 x 4), n].

    The chance of work is at best the better of the local and the national one, land is theirs.
    """
    n = t.value.shape[0]
    out = np.empty((LIFE_STAGES * KINDS, n))
    for j in range(n):
        fallback = max(t.flexible_pay[j], t.farm_income[j])
        for stage in range(LIFE_STAGES):
            out[stage * KINDS, j] = max(t.value[j, stage, 0], t.value[j, stage, 1]) - w.moving_cost + _HAIR
        for skill in range(2):
            good, bad = t.chance[j, skill], t.chance_national[skill]
            for k in range(N_PAYS):
                pay = t.wage[j, skill] * PAYS[k]
                income = max(good * pay + (1.0 - good) * fallback, bad * pay + (1.0 - bad) * fallback)
                worth = w.income * quick_log(max(income + t.other_income[j], w.income_floor))
                for stage in range(LIFE_STAGES):
                    out[stage * KINDS + 1 + N_PAYS * skill + k, j] = out[stage * KINDS, j] + worth
    return out


@unheld
def rule_out(rows, start, size, p, t, w, most, q, o):
    """Flag the options that might beat staying: 1 going alone, 2 going with the family; the others cannot.

    `weighs` is COUNTY of those for whom another county of the place might, 0 of the others.
    """
    root_of, attachment = p.root, p.attachment
    log_hours, ties_utility, tie_p, gravity_p, other_county_log = t.log_hours, t.ties_utility, t.tie_p, t.gravity_p, t.other_county_log
    here_of, mate, kids, mine, leap, shortest_of = q.here, q.mate, q.kids, q.mine, q.leap, q.shortest
    first, flags, weighs, x, kind_row, partner_lane = q.start, q.flags, q.weighs, q.x, q.kind_row, q.partner_lane
    place, times, luck0, luck1 = o.place, o.times, o.luck0, o.luck1
    alone, family, limit = o.alone, o.family, o.limit
    distance, home_weight = w.distance, w.home
    recent, grant_root = t.recent, t.grant_root
    knows, unknown, m = max(w.known, 0.0), min(w.known, 0.0), w.m
    for b in range(size):
        shortest_of[b] = rank_exponential(luck0[first[b]])
    for b in range(size):
        shortest = shortest_of[b] * 1.000001
        with_county = (other_county_log[here_of[b]] > -90.0) & (not surely_later(luck1[first[b]], leap[b], shortest))
        weighs[b] = COUNTY if with_county else 0
        if len(recent) > 0 and (recent[start + b] > 0.0 or grant_root[start + b] > 0.0):
            for k in range(first[b], first[b + 1]):  # money on offer to a graduate is weighed in full
                alone[k], family[k], limit[k] = 0.0, 0.0, np.inf
            continue
        i, here, both = np.int64(rows[start + b]), np.uint32(here_of[b]), mate[b] >= 0
        lane, me = np.uint64(partner_lane[b]), mine[b]
        low = me * x[STAY_WORTH + np.uint64(b)] + (1.0 - me) * x[STAY_WORTH + lane] + unknown
        root0, kind0 = np.uint32(root_of[i]), np.uint32(kind_row[b])
        plus0 = knows - low + w.income * x[MORE + np.uint64(b)]
        bonus0 = max(0.0, 1.0 * attachment[i]) + home_weight * log_hours[root0, root0]
        with_family = both | (kids[b] > 0)
        half = HALF if with_family else 0.0
        leaving = distance + w.family if with_family else distance
        apart = 0.0 if with_family else NO_FAMILY
        if not both:
            for k in range(first[b] + 1, first[b + 1]):
                j = place[k]
                gain = most[kind0, j] + plus0 + ties_utility[root0, j] + half
                gain += bonus0 if j == root0 else 0.0
                gain -= home_weight * log_hours[root0, j]
                alone[k] = gain - leaving * log_hours[here, j]
                family[k] = gain - distance * log_hours[here, j] + apart
                share = share_of_draws(tie_p, gravity_p, root0, here, j, m)
                limit[k] = shortest * times[k] / share if times[k] > 0 else shortest
            continue
        other = mate[b]
        root1, kind1 = np.uint32(root_of[other]), np.uint32(kind_row[lane])
        plus1 = knows - low + w.income * x[MORE + lane]
        bonus1 = max(0.0, 1.0 * attachment[other]) + home_weight * log_hours[root1, root1]
        for k in range(first[b] + 1, first[b + 1]):
            j = place[k]
            gain0 = most[kind0, j] + plus0 + ties_utility[root0, j]
            gain0 += bonus0 if j == root0 else 0.0
            gain0 -= home_weight * log_hours[root0, j]
            gain1 = most[kind1, j] + plus1 + ties_utility[root1, j]
            gain1 += bonus1 if j == root1 else 0.0
            gain1 -= home_weight * log_hours[root1, j]
            gain1 = me * gain0 + (1.0 - me) * gain1
            alone[k] = gain0 + half - leaving * log_hours[here, j]
            family[k] = gain1 + half - distance * log_hours[here, j]
            share = share_of_draws(tie_p, gravity_p, root0, here, j, m)
            limit[k] = shortest * times[k] / share if times[k] > 0 else shortest
    for k in range(first[size]):  # apart from the looks into tables, so that many are told at a time
        flags[k] = np.uint8(not surely_later(luck0[k], alone[k], limit[k])) + np.uint8(2) * np.uint8(
            not surely_later(luck1[k], family[k], limit[k])
        )


@unheld
def weigh_and_choose(rows, start, size, month, p, t, w, q, o, to, way_out, keep, kept_place, kept_weight, kept_heads,
                     kept_count, worth):  # fmt: skip
    """Weigh in full what has not been ruled out, and let the earliest time win; -1 when options to keep do not fit."""
    alive, state, education, hukou_kind = p.alive, p.state, p.education, p.hukou_kind
    birth_month, root_of, residence, hukou_place = p.birth_month, p.root, p.residence, p.hukou_place
    savings, attachment, ties = p.savings, p.attachment, p.ties
    value, wage, chance_at, chance_national = t.value, t.wage, t.chance, t.chance_national
    finding, separation, farm_income, flexible_pay = t.finding, t.separation, t.farm_income, t.flexible_pay
    other_income, log_hours, km, ties_utility, ties_known = t.other_income, t.log_hours, t.km, t.ties_utility, t.ties_known
    move_pay, cost_relief, rent_relief, recent, grant_root = t.move_pay, t.cost_relief, t.rent_relief, t.recent, t.grant_root
    offered = len(recent) > 0
    here_of, mate, apart_at, kids_of, school = q.here, q.mate, q.apart, q.kids, q.school
    mine, known, lives_at, first, flags, weighs, x = q.mine, q.known, q.lives_at, q.start, q.flags, q.weighs, q.x
    place, times, luck0, luck1, tie_p, gravity_p, m = o.place, o.times, o.luck0, o.luck1, t.tie_p, t.gravity_p, w.m
    n = value.shape[0]
    for b in range(size):
        r = start + b
        i, here, partner, apart = np.int64(rows[r]), here_of[b], mate[b], apart_at[b]
        to[r], way_out[r] = here, STAY
        if weighs[b] == 0:
            continue
        begin, end = first[b], first[b + 1]
        shortest, leap = q.shortest[b], q.leap[b]
        best_place, best_way = here, STAY
        with_county = weighs[b] & COUNTY != 0 and (keep or race_time(luck1[begin], leap) < shortest)
        if weighs[b] & ~COUNTY == 0 and not with_county:
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
        lane = np.uint64(q.partner_lane[b])
        staying = x[STAY_WORTH + np.uint64(b)] + w.known * known[0, here]
        if partner_here:
            staying = me * staying + (1.0 - me) * (x[STAY_WORTH + lane] + w.known * known[1, here])
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
                        wage[j, skill] * x[PAY + (lane if member == 1 else np.uint64(b))], flexible_pay[j], farm_income[j],
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
            share = share_of_draws(tie_p, gravity_p, root_of[i], here, j, m)
            correction = quick_log(times[k] / share if times[k] > 0 else 1.0)
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
    most, worth = most_worth(t, w), np.empty(kept_place.shape[1])
    done = 0
    call_people(rows, lo, BATCH, p)
    call_families(rows, lo, BATCH, p)
    for start in range(lo, hi, BATCH):
        size = min(BATCH, hi - start)
        call_people(rows, start + size, BATCH, p)
        call_children(rows, start, size, p, batch)
        draw_words(batch.uid, seed, month, size, (w.m + 3) // 4, batch.words)
        meet_families(rows, start, size, month, p, batch)
        list_places(size, month, seed, t, w, batch, options)
        call_families(rows, start + size, BATCH, p)
        learn_pay(rows, start, size, seed, p, w, PAY, batch)
        look_up(rows, start, size, month, p, t, w, batch)
        weigh_staying(batch.count[0], w, batch.x, batch.c)
        sort_earners(batch.count[0], batch.x, batch.c, batch.kind_row)
        rule_out(rows, start, size, p, t, w, most, batch, options)
        if keep:
            batch.flags[:] = 3
            for b in range(size):
                batch.weighs[b] = COUNTY if t.other_county_log[batch.here[b]] > -90.0 else 0
        call_ties(rows, start, size, p, batch)
        done = min(done, weigh_and_choose(rows, start, size, month, p, t, w, batch, options, to, way_out, keep, kept_place,
                                          kept_weight, kept_heads, kept_count, worth))  # fmt: skip
    return done
