"""Where people would rather live: the options a person weighs, and what each is worth to them.

The choice of MODEL 4.1. A considerer weighs staying, the root, the partner's place, another
county of the same settlement, and m destinations drawn from a base-year sampling law q:

    U(i,j) = b_y ln max(Y(i,j), y_min) + V(j, life stage, entitlement)
             + b_n ln(1 + share(root_i, j)/tau) + b_o [knows someone in j]
             - c0 [j is a move] - b_d ln(1 + hours(residence_i, j)) - b_h ln(1 + hours(root_i, j))
             - b_f ln(1 + hours(family_i, j)) + attachment_i [j = root] + Gumbel

V holds ln N0 + A(j) + services - b_y (a_h ln rent + a_s ln P) and is tabulated once a month.
A drawn option carries + ln(multiplicity) - ln(m q(j)) (McFadden 1978, Modelling the choice of
residential location), so that shares converge on the full logit as m grows. The maximum of
utility plus a keyed Gumbel draw per option is a logit choice, and a change in one option moves
only those whose choice it changes.
"""

from collections import namedtuple

import numpy as np
from numba import njit

from simulator.kernels.elementary import exp_, log_, quick_log, rank_exponential
from simulator.kernels.labour import pay_deviate, pay_factor
from simulator.kernels.rng import draw4, uniform

CHOICE_SET = 21
CHOICE = 22

NOWHERE = 65535
STUDENT = 1
EMPLOYED = 2
FARMING = 3
FLEXIBLE = 4
UNEMPLOYED = 6
RURAL = 4
COLLEGE = 3

STAY, ALONE, FAMILY, OTHER_COUNTY = 0, 1, 2, 3
"""Ways of answering: stay; go alone; the family goes; the household moves to another county of the cell."""

BATCH = 64
"""Considerers whose columns are brought near together."""
NEVER_TOUCHED = -9_223_372_036_854_775_807

Movers = namedtuple(
    "Movers",
    "uid alive state education hukou_kind birth_month root residence hukou_place workplace county_hukou "
    "county_residence partner mother first_child next_sibling wage experience savings attachment "
    "tie0 tie1 tie2 tie3 tie4 tie5 tie6 tie7",
)
"""The columns of persons the migration choice reads."""

Places = namedtuple(
    "Places",
    "value wage chance chance_national finding separation farm_income flexible_pay other_income "
    "log_hours km ties_utility ties_known gravity_prob gravity_alias gravity_p "
    "tie_prob tie_alias tie_p other_county_log move_pay cost_relief rent_relief recent grant_here grant_root",
    defaults=(np.zeros(0), np.zeros(0), np.zeros(0), np.zeros(0)),
)
"""Tables by settlement a considerer reads; built once a month by `mechanisms.migration`.

The last four are money on offer to graduates, fen a month, empty when none is: rent relief by
settlement for whoever is `recent` (1 or 0, by considerer), and the retention grant each
considerer could count on in the present place and at the root."""

Weights = namedtuple(
    "Weights",
    "income known moving_cost distance home family income_floor "
    "search_farming search_flexible pay_sd experience_return cost_per_km own_county_share m full",
)
"""The behavioural weights of the choice; see configs/parameters/migration.yaml for each."""


@njit(nogil=True, cache=True)
def individual_pay(uid, seed, experience_months, sd, experience_return):
    """A worker's pay relative to the market's: lasting luck times experience up to twenty years."""
    return pay_factor(pay_deviate(seed, uid), experience_months, sd, experience_return)


@njit(nogil=True, cache=True)
def believed_chance(local, national, known):
    """Perceived job chance: a place is known to the extent `known`, for the rest the nation's chance is believed."""
    return known * local + (1.0 - known) * national


@njit(nogil=True, cache=True)
def knowledge_of(share, base, scale):
    """How well a place is known: `base` anyway, the rest with the share of one's home who live there."""
    return base + (1.0 - base) * share / (share + scale)


@njit(nogil=True, cache=True)
def pull_of_ties(share, ties_weight, ties_scale):
    """What hometown ties add to a place's utility: b_n ln(1 + share / tau)."""
    return ties_weight * log_(1.0 + share / ties_scale)


@njit(nogil=True, cache=True)
def expected_income(chance, pay, fallback):
    """Harris and Todaro (1970): job chance times pay, else the fallback."""
    return chance * pay + (1.0 - chance) * fallback


@njit(nogil=True, cache=True)
def income_if_staying(state, own_wage, finding, separation, chance, pay, fallback, search_farming, search_flexible):
    """Expected income where one lives: the job held counts, and so does how hard one looks for another."""
    if state == EMPLOYED:
        return (1.0 - separation) * own_wage + separation * expected_income(chance, pay, fallback)
    if state == FARMING:
        found = search_farming * finding
        return expected_income(found / (found + separation), pay, fallback)
    if state == FLEXIBLE:
        found = search_flexible * finding
        return expected_income(found / (found + separation), pay, fallback)
    return expected_income(chance, pay, fallback)


@njit(nogil=True, cache=True)
def share_of_home(count, total, prior, smoothing):
    """Fraction of the people of a root who live in a place, smoothed towards a base-year gravity prior."""
    if total <= 0:
        return prior
    return (count / total + smoothing * prior) / (1.0 + smoothing)


@njit(nogil=True, cache=True)
def life_stage(age_months, has_school_child):
    """0 adult, 1 parent of a child of school age, 2 from fifty, 3 from sixty-five."""
    if age_months >= 780:
        return 3
    if has_school_child:
        return 1
    if age_months >= 600:
        return 2
    return 0


@njit(nogil=True, cache=True)
def destination_utility(value, log_income, ties, knows, moves, log_res, log_root, log_family, attachment, w):
    """The systematic utility of one place for one person: the equation at the head of this module."""
    return (
        value
        + w.income * log_income
        + ties
        + w.known * knows
        - moves * (w.moving_cost + w.distance * log_res)
        - w.home * log_root
        - w.family * log_family
        + attachment
    )


@njit(nogil=True, cache=True)
def race_time(word, utility):
    """Arrival time of an option in the exponential race: E / exp(U), E standard exponential; the first wins.

    The order of -ln(time) is that of U plus a Gumbel draw: a logit choice.
    """
    return rank_exponential(word) * exp_(-utility)


@njit(nogil=True, cache=True)
def earliest_time(luck, utility):
    """A quick lower bound of `race_time` for a utility below zero: most options are beaten by it.

    -ln(u) >= 1 - u, and exp(x) >= 1 + x + x^2/2 + x^3/6 for x > 0; a hair less for rounding.
    """
    x = -utility
    return 0.999999 * (1.0 - luck) * (1.0 + x * (1.0 + x * (0.5 + x * 0.16666666666666666)))


@njit(nogil=True, cache=True)
def in_work_force(state):
    """True for people whose income depends on the labour market."""
    return state == EMPLOYED or state == FARMING or state == FLEXIBLE or state == UNEMPLOYED


@njit(nogil=True, cache=True)
def expected_income_of(state, at_home, own_wage, finding, separation, chance, pay, flexible_pay, farm_income, farms,
                       search_farming, search_flexible):  # fmt: skip
    """Expected pay of one person in one place, before other income; `farms` when land there is theirs to farm."""
    fallback = flexible_pay
    if farms and farm_income > fallback:
        fallback = farm_income
    if not at_home:
        return expected_income(chance, pay, fallback)
    if state == FARMING:
        fallback = farm_income
    return income_if_staying(
        state, own_wage, finding, separation, chance, pay, fallback, search_farming, search_flexible
    )


@njit(nogil=True, cache=True, error_model="numpy")
def choose_places(rows, month, seed, p, t, w, to, way_out, keep, kept_place, kept_weight, kept_heads, kept_count, lo, hi):
    """Let each considerer rows[lo:hi] weigh the places and choose one; writes place and way of going.

    The first option is staying; then another county of the same settlement; then, for each place
    weighed, going alone and, for someone who lives with a partner or minor children, going with
    the family (each of the two carries - ln 2). Who cannot pay for a move does not have it. For a
    couple that lives together, staying and going together are worth the mean of both utilities,
    weighted by pay. With `keep` the options are also stored, as (place, exp(utility - best),
    people who would move), for the base-year inversion; -1 is returned when they do not fit.

    All arrays are taken out of their bundles once, above the loops: handing bundles to functions
    inside the loop costs more than the choice itself.
    """
    uid, alive, state, education, hukou_kind = p.uid, p.alive, p.state, p.education, p.hukou_kind
    birth_month, root_of, residence, hukou_place = p.birth_month, p.root, p.residence, p.hukou_place
    county_hukou, county_residence, partner_of = p.county_hukou, p.county_residence, p.partner
    first_child, next_sibling, wage_of, experience = p.first_child, p.next_sibling, p.wage, p.experience
    savings, attachment = p.savings, p.attachment
    tie0, tie1, tie2, tie3, tie4, tie5, tie6, tie7 = p.tie0, p.tie1, p.tie2, p.tie3, p.tie4, p.tie5, p.tie6, p.tie7
    value, wage, chance_at, chance_national = t.value, t.wage, t.chance, t.chance_national
    finding, separation, farm_income, flexible_pay = t.finding, t.separation, t.farm_income, t.flexible_pay
    other_income, log_hours, km = t.other_income, t.log_hours, t.km
    ties_utility, ties_known = t.ties_utility, t.ties_known
    gravity_prob, gravity_alias, gravity_p = t.gravity_prob, t.gravity_alias, t.gravity_p
    tie_prob, tie_alias, tie_p = t.tie_prob, t.tie_alias, t.tie_p
    other_county_log, move_pay, cost_relief = t.other_county_log, t.move_pay, t.cost_relief
    rent_relief, recent, grant_here, grant_root = t.rent_relief, t.recent, t.grant_here, t.grant_root
    offered = len(recent) > 0
    m, full = w.m, w.full
    by_ties = m // 2
    n = value.shape[0]
    size = max(n + 8, m + 16)
    places, correction = np.empty(size, np.int64), np.empty(size, np.float64)
    drawn = np.empty(m + 2, np.int64)
    place, way = np.empty(2 * size, np.int64), np.empty(2 * size, np.int64)
    utility = np.empty(2 * size, np.float64)
    seen = np.zeros(n, np.int32)
    luck_of = np.empty((n, 2), np.uint32)
    ties = np.empty((2, 8), np.int64)
    known = np.zeros((2, n + 1))
    first_word, second_word = np.empty(2 * size, np.uint32), np.empty(2 * size, np.uint32)
    pay = np.ones(2)
    stage = np.zeros(2, np.int64)
    touched = np.int64(0)
    for r in range(lo, hi):
        if (r - lo) % BATCH == 0:
            # touch what the next considerers need, all at once: memory answers many calls in the time of one
            for b in range(r, min(r + BATCH, hi)):
                i = np.int64(rows[b])
                touched += state[i] + education[i] + hukou_kind[i] + birth_month[i] + root_of[i] + hukou_place[i]
                touched += county_hukou[i] + county_residence[i] + first_child[i] + wage_of[i] + experience[i]
                touched += np.int64(savings[i]) + np.int64(attachment[i]) + np.int64(uid[i] & np.uint64(1)) + residence[i]
            for b in range(r, min(r + BATCH, hi)):
                i = np.int64(rows[b])
                other = max(np.int64(partner_of[i]), 0)
                child = max(np.int64(first_child[i]), 0)
                touched += state[other] + education[other] + residence[other] + root_of[other] + wage_of[other]
                touched += experience[other] + hukou_place[other] + np.int64(attachment[other]) + first_child[other]
                touched += birth_month[child] + residence[child] + next_sibling[child]
                touched += residence[max(tie0[i], 0)] + residence[max(tie1[i], 0)] + residence[max(tie2[i], 0)]
                touched += residence[max(tie3[i], 0)] + residence[max(tie4[i], 0)] + residence[max(tie5[i], 0)]
                touched += residence[max(tie6[i], 0)] + residence[max(tie7[i], 0)]
        i = np.int64(rows[r])
        me = uid[i]
        here, root = np.int64(residence[i]), np.int64(root_of[i])
        partner = np.int64(partner_of[i])
        if partner >= 0 and alive[partner] == 0:
            partner = -1
        partner_here = partner >= 0 and residence[partner] == here
        members = 2 if partner_here else 1

        # the family: minor children with them, one of school age, minor children elsewhere
        kids, school, kids_elsewhere = 0, False, NOWHERE
        for parent in range(2 if partner >= 0 else 1):
            child = np.int64(first_child[i if parent == 0 else partner])
            while child >= 0:
                age = month - birth_month[child]
                if alive[child] == 1 and age < 216:
                    if residence[child] == here:
                        if parent == 0 or partner_here:
                            kids += 1
                        school = school or age >= 72
                    elif kids_elsewhere == NOWHERE:
                        kids_elsewhere = np.int64(residence[child])
                child = np.int64(next_sibling[child])
        partner_place = np.int64(residence[partner]) if partner >= 0 and not partner_here else NOWHERE
        apart = partner_place if partner_place != NOWHERE else kids_elsewhere
        with_family = partner_here or kids > 0
        mine = 1.0
        funds = 1.0 * savings[i]
        if partner_here:
            funds += savings[partner]
            a, b = max(1.0 * wage_of[i], w.income_floor), max(1.0 * wage_of[partner], w.income_floor)
            mine = a / (a + b)
        heads = 1.0 + (0.5 if partner_here else 0.0) + 0.25 * kids
        for member in range(members):
            who = i if member == 0 else partner
            pay[member] = individual_pay(uid[who], seed, experience[who], w.pay_sd, w.experience_return)
            stage[member] = life_stage(month - birth_month[who], school)
            ties[member, 0], ties[member, 1] = tie0[who], tie1[who]
            ties[member, 2], ties[member, 3] = tie2[who], tie3[who]
            ties[member, 4], ties[member, 5] = tie4[who], tie5[who]
            ties[member, 6], ties[member, 7] = tie6[who], tie7[who]
            for slot in range(8):  # without branches, so that the eight look-ups overlap; n is "nowhere"
                tie = ties[member, slot]
                lives = tie >= 0 and alive[max(tie, 0)] == 1
                ties[member, slot] = residence[max(tie, 0)] if lives else n
            for slot in range(8):
                known[member, ties[member, slot]] = 1.0
            known[member, n] = 0.0

        # the places weighed: here, root, partner's place, and m draws of the sampling law
        places[0], correction[0] = here, 0.0
        count = 1
        if full == 1:
            for j in range(n):
                if j != here:
                    places[count], correction[count] = j, 0.0
                    count += 1
        else:
            seen[here] = 1
            if seen[root] == 0:
                seen[root] = 1
                places[count], correction[count] = root, 0.0
                count += 1
            if partner_place != NOWHERE and seen[partner_place] == 0:
                seen[partner_place] = 1
                places[count], correction[count] = partner_place, 0.0
                count += 1
            for k in range(m):  # luck first, in a loop without branches that the processor can do four at a time
                first_word[k], second_word[k], _, _ = draw4(seed, CHOICE_SET, month, me, k)
            for k in range(m):
                u2 = uniform(second_word[k])
                slot = int(uniform(first_word[k]) * n)
                if k < by_ties:
                    j = slot if u2 < tie_prob[root, slot] else np.int64(tie_alias[root, slot])
                else:
                    j = slot if u2 < gravity_prob[here, slot] else np.int64(gravity_alias[here, slot])
                drawn[k] = j
                if seen[j] != 1:  # not among the places that are always weighed
                    seen[j] += 2
            for k in range(m):
                j = drawn[k]
                if seen[j] >= 2:
                    q = by_ties * tie_p[root, j] + (m - by_ties) * gravity_p[here, j]
                    places[count], correction[count] = j, log_(seen[j] // 2 / q)
                    seen[j] = 0
                    count += 1
            seen[here] = 0
            seen[root] = 0
            if partner_place != NOWHERE:
                seen[partner_place] = 0

        # what each is worth
        options = 0
        for k in range(count):
            j = places[k]
            cost = 0.0
            if j != here:
                cost = move_pay[here] + w.cost_per_km * km[here, j] - cost_relief[j]
                if funds < cost:
                    continue
            both = partner_here and (j == here or funds >= cost * heads)
            own, theirs = 0.0, 0.0
            for member in range(2 if both else 1):
                who = i if member == 0 else partner
                home = np.int64(root_of[who])
                log_income = 0.0
                if in_work_force(state[who]):
                    skill = 1 if education[who] == COLLEGE else 0
                    chance = believed_chance(chance_at[j, skill], chance_national[skill], 1.0 * ties_known[home, j])
                    income = expected_income_of(
                        state[who], j == here, 1.0 * wage_of[who], finding[j, skill], separation[j, skill], chance,
                        wage[j, skill] * pay[member], flexible_pay[j], farm_income[j],
                        home == j and hukou_kind[who] == 0, w.search_farming, w.search_flexible,
                    )  # fmt: skip
                    if offered and member == 0:
                        income += recent[r] * rent_relief[j]
                        if j == here:
                            income += grant_here[r]
                        elif j == home:
                            income += grant_root[r]
                    log_income = quick_log(max(income + other_income[j], w.income_floor))
                at_root = j == home and (
                    j != here or county_residence[who] == county_hukou[who] or hukou_place[who] != home
                )
                u = destination_utility(
                    value[j, stage[member], 0 if hukou_place[who] == j else 1], log_income,
                    1.0 * ties_utility[home, j], known[member, j], 0.0 if j == here else 1.0, log_hours[here, j], 0.0 if j == home else log_hours[home, j],
                    log_hours[apart, j] if apart != NOWHERE and apart != j else 0.0,
                    1.0 * attachment[who] if at_root else 0.0, w,
                )  # fmt: skip
                if member == 0:
                    own = u
                else:
                    theirs = u
            if j == here:
                stay = mine * own + (1.0 - mine) * theirs if partner_here else own
                place[0], way[0], utility[0] = here, STAY, stay
                options = 1
                if other_county_log[here] > -90.0 and funds >= move_pay[here] * heads:
                    pull = 0.0  # attachment is to the county: lost on leaving home, won on return
                    if here == root and here == hukou_place[i]:
                        pull = 1.0 * attachment[i]
                        if county_residence[i] == county_hukou[i]:
                            pull = -pull
                    place[1], way[1] = here, OTHER_COUNTY
                    utility[1] = (
                        stay + other_county_log[here] - w.moving_cost - w.distance * log_hours[here, here] + pull
                    )
                    options = 2
                continue
            half_odds = -0.6931471805599453 if with_family else 0.0
            alone = own + correction[k] + half_odds
            if with_family:  # who goes alone leaves the family where it lives now
                alone -= w.family * log_hours[here, j]
                if apart != NOWHERE and apart != j:
                    alone += w.family * log_hours[apart, j]
            place[options], way[options], utility[options] = j, ALONE, alone
            options += 1
            if with_family and funds >= cost * heads:
                together = mine * own + (1.0 - mine) * theirs if both else own
                place[options], way[options] = j, FAMILY
                utility[options] = together + correction[k] + half_odds
                options += 1

        for member in range(members):
            for slot in range(8):
                known[member, ties[member, slot]] = 0.0

        # the choice: an exponential race, which is the highest utility plus a keyed Gumbel draw
        for k in range(count):
            w0, w1, _, _ = draw4(seed, CHOICE, month, me, places[k])
            luck_of[places[k], 0], luck_of[places[k], 1] = w0, w1
        best, shortest, top = 0, np.inf, -1e300
        for k in range(options):
            top = max(top, utility[k])
            word = luck_of[place[k], 1 if way[k] >= FAMILY else 0]
            luck, gain = uniform(word), utility[k] - utility[0]
            if gain < 0.0 and earliest_time(luck, gain) >= shortest:
                continue
            time = race_time(word, gain)
            if time < shortest:
                best, shortest = k, time
        to[r] = place[best]
        way_out[r] = way[best]
        if keep:
            if options > kept_place.shape[1]:
                return -1
            family = (2.0 if partner_here else 1.0) + kids
            kept_count[r] = options
            for k in range(options):
                kept_place[r, k] = place[k]
                kept_weight[r, k] = exp_(utility[k] - top)
                kept_heads[r, k] = family if way[k] == FAMILY else 1.0 if way[k] == ALONE else 0.0
    return 0 if touched != NEVER_TOUCHED else -2


@njit(nogil=True, cache=True)
def hear_from_home(first, step, count, total, prior, smoothing, weight, scale, base, utility, known):
    """Bring up to date what the people of every `step`-th root, from `first`, hear of all places.

    `utility` is b_n ln(1 + share / tau), `known` how well a place is known; both [root, place].
    """
    n = count.shape[0]
    for root in range(first, n, step):
        for j in range(n):
            share = share_of_home(count[root, j], total[root], 1.0 * prior[root, j], smoothing)
            utility[root, j] = pull_of_ties(share, weight, scale)
            known[root, j] = knowledge_of(share, base, scale)


NOTHING_KEPT = (np.zeros((0, 0), np.uint16), np.zeros((0, 0), np.float32), np.zeros((0, 0), np.float32), np.zeros(0, np.int32))
"""What to hand `choose_places` when options need not be stored."""
