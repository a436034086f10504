"""Peopling a world: from counts of residents to persons with a birthday, a registration and a past.

Rows lie in the order of settlements and within a settlement in a keyed order, so dealing options
round in row order (error diffusion) gives exact counts without tying them to anything else.
All draws are keyed by the row, which is the uid of the first population.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from simulator.kernels.elementary import log_
from simulator.kernels.rng import draw1, draw4, uniform
from simulator.kernels.sampling import alias_draw

STREAM = 1
"""The stream of the first population (`streams.POPULATION`)."""

ORDER, BIRTHDAY, COUNTY, HUKOU, HOME, AWAY, BORN, MONEY, MARRY, MOTHER, PARENT, GUARDIAN, TIES, RETURNED = range(0, 1400, 100)
"""First draw number of each question asked about a person."""

NONE16 = 65535
AGE_START = np.array([0, 1, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60, 65, 70, 75, 80, 85, 111])
OLDEST_MONTHS = 48.0
"""Mean months lived beyond 85 by people aged 85 and over (assumed)."""


@njit(nogil=True, cache=True)
def lay_out_people(counts, seed, month):
    """One entry a person of counts[n, class, age, sex, education]: (cell code, key that sorts the rows).

    code = ((class * 19 + age) * 2 + sex) * 4 + education; the key has the settlement in its upper
    16 bits and luck below.
    """
    flat = counts.reshape((counts.shape[0], 608))
    total = 0
    for s in range(flat.shape[0]):
        for c in range(608):
            total += flat[s, c]
    code = np.empty(total, dtype=np.int16)
    key = np.empty(total, dtype=np.uint64)
    k = 0
    for s in range(flat.shape[0]):
        top = np.uint64(s) << np.uint64(48)
        for c in range(608):
            for _ in range(flat[s, c]):
                w0, w1, _, _ = draw4(seed, STREAM, month, k, ORDER)
                code[k] = c
                key[k] = top | (np.uint64(w0) << np.uint64(16)) | (np.uint64(w1) >> np.uint64(16))
                k += 1
    return code, key


@njit(nogil=True, cache=True)
def give_birthdays(code, young, month, seed, birth_month, sex, education, migrant):
    """Exact ages at the end of the base month, uniform inside a group, geometric from 85 on.

    Of the group 15-19 people with college are 18 or 19; `young` is the share of the others below
    18 that keeps the whole group uniform.
    """
    for i in range(code.shape[0]):
        c = np.int64(code[i])
        e, a = c % 4, (c // 8) % 19
        u = draw1(seed, STREAM, month, i, BIRTHDAY)
        low = 12 * AGE_START[a]
        if a == 18:
            age = low + min(np.int64(-OLDEST_MONTHS * log_(u)), np.int64(300))
        elif a == 4 and e == 3:
            age = low + 36 + np.int64(24.0 * u)
        elif a == 4 and u < young:
            age = low + np.int64(36.0 * u / young)
        elif a == 4:
            age = low + 36 + np.int64(24.0 * (u - young) / (1.0 - young))
        else:
            age = low + np.int64(12 * (AGE_START[a + 1] - AGE_START[a]) * u)
        birth_month[i] = month - age
        education[i] = e
        sex[i] = (c // 4) % 2
        migrant[i] = c // 152


@njit(nogil=True, cache=True)
def _county_of(cell, u, start, listed, weight):
    """County number of a cell with probability in proportion to its people; 65535 where none is listed."""
    total = 0.0
    for k in range(start[cell], start[cell + 1]):
        total += weight[k]
    left = u * total
    found = NONE16
    for k in range(start[cell], start[cell + 1]):
        found = np.int64(listed[k])
        left -= weight[k]
        if left < 0.0:
            break
    return found


@njit(nogil=True, cache=True)
def place_in_counties(first, seed, month, start, listed, weight, county):
    """County of residence: systematic over a cell's rows first[s] to first[s + 1], right to one agent."""
    for s in range(first.shape[0] - 1):
        rows = first[s + 1] - first[s]
        for k in range(rows):
            i = first[s] + k
            u = (k + draw1(seed, STREAM, month, i, COUNTY)) / rows
            county[i] = _county_of(s, u, start, listed, weight)


@njit(nogil=True, cache=True)
def deal_shares(share, residence, migrant, hit):
    """hit[i] = 1 for share[settlement, class] of each settlement's people of a class, and of all, to one agent."""
    sums = np.full(share.shape[1], 0.5)
    for i in range(residence.shape[0]):
        s, c = residence[i], migrant[i]
        sums[c] += share[s, c]
        if sums[c] >= 1.0:
            sums[c] -= 1.0
            hit[i] = 1
        else:
            hit[i] = 0


@njit(nogil=True, cache=True)
def share_out_quotas(expected, quota):
    """Whole numbers near expected[row, option] whose row sums are kept and whose column sums are right to one or two.

    Row by row: what earlier rows got too little of a column is added, then largest remainders
    within the row. Row sums of `expected` must be whole.
    """
    columns = expected.shape[1]
    owed = np.zeros(columns)
    for r in range(expected.shape[0]):
        left = np.int64(0)
        total = 0.0
        for k in range(columns):
            total += expected[r, k]
            if expected[r, k] > 0.0:
                quota[r, k] = max(np.int64(np.floor(expected[r, k] + owed[k])), np.int64(0))
            left -= quota[r, k]
        left += np.int64(total + 0.5)
        while left != 0:
            best, gap = -1, -1e300
            for k in range(columns):
                short = expected[r, k] + owed[k] - quota[r, k]
                short = short if left > 0 else -short
                if short > gap and expected[r, k] > 0.0 and (left > 0 or quota[r, k] > 0):
                    best, gap = k, short
            if best < 0:
                break
            quota[r, best] += 1 if left > 0 else -1
            left -= 1 if left > 0 else -1
        for k in range(columns):
            if expected[r, k] > 0.0:
                owed[k] += expected[r, k] - quota[r, k]


@njit(nogil=True, cache=True)
def _deal(quota, given, total, weight):
    """The option furthest behind its quota when `total` things of all are given; books `weight` on it.

    Options that have no room for `weight` come after those that have; -1 when no quota is left.
    """
    every = 0.0
    for k in range(quota.shape[0]):
        every += quota[k]
    if every <= 0.0:
        return -1
    best, gap = -1, -1e300
    for k in range(quota.shape[0]):
        room = quota[k] - given[k]
        if room > 0.0:
            short = quota[k] * (total + weight) / every - given[k] - (0.0 if room >= weight else 1e9)
            if short > gap:
                best, gap = k, short
    if best >= 0:
        given[best] += weight
    return best


@njit(nogil=True, cache=True)
def register_near(i, seed, month, own, rural, sister, share, counties):
    """Registration of a resident whose hukou is in this county: here, or the county's other cell.

    `sister[c, 0 or 1]` is the largest urban and rural cell with people of county c. People of towns
    are registered in the rural cell with probability `share`, country people in the town with 1 - share.
    """
    county = np.int64(counties[i])
    if county == NONE16:
        return own
    other = np.int64(sister[county, 0 if rural[own] else 1])
    if other == NONE16 or other == own:
        return own
    u = draw1(seed, STREAM, month, i, HOME)
    return other if u < (1.0 - share if rural[own] else share) else own


@njit(nogil=True, cache=True)
def _place_far(own, c, weight, province, books):
    """Hukou cell dealt to a resident of another county (c = 2) or province (c = 3); -1 when none is left."""
    near_quota, near_given, far_quota, far_given, kind_share, kind_given, kind_total, dealt = books
    if c == 2:
        dealt[0, own] += weight
        return _deal(near_quota[own], near_given[own], dealt[0, own] - weight, weight)
    p = np.int64(province[own])
    dealt[1, p] += weight
    home = _deal(far_quota[p], far_given[p], dealt[1, p] - weight, weight)
    if home < 0:
        return -1
    best, gap = -1, -1e300
    kind_total[home] += weight
    for k in range(kind_share.shape[1]):
        if kind_share[home, k] > 0.0:
            short = kind_share[home, k] * kind_total[home] - kind_given[home, k]
            if short > gap:
                best, gap = k, short
    if best >= 0:
        kind_given[home, best] += weight
    return best


@njit(nogil=True, cache=True)
def register_far(i, c, weight, seed, month, own, world, books, county):
    """(hukou cell, county) of a resident registered in another county (c = 2) or province (c = 3).

    Cells are dealt to quotas, so that both the residents and the registered of a place are right to
    an agent or two; the county in the cell is drawn among those that are not the county of residence.
    """
    province, same_share, same_other, start, listed, heads = world
    mine = np.int64(county[i])
    place = np.int64(_place_far(own, c, weight, province, books))
    at = mine
    for attempt in range(12):
        w0, w1, w2, _ = draw4(seed, STREAM, month, i, HOME + attempt)
        if place < 0 or attempt >= 8:
            place = np.int64(alias_draw(same_share[own], same_other[own], uniform(w0), uniform(w1)))
            if place == NONE16:
                return own, mine
        at = np.int64(_county_of(place, uniform(w2), start, listed, heads))
        if at != mine:
            return place, at
        if attempt >= 7:
            for k in range(start[place], start[place + 1]):
                if listed[k] != mine:
                    return place, np.int64(listed[k])
    return place, at


@njit(nogil=True, cache=True)
def register_people(who, weight, seed, month, rural, sister, share, world, books, people):
    """Write hukou place, county and township flag of the rows of `who`, in their order.

    `weight[i]` counts the family members who will be registered at the same place.
    """
    residence, migrant, county, hukou_place, county_hukou, township_apart = people
    for i in who:
        own, c = np.int64(residence[i]), migrant[i]
        if c == 0:
            hukou_place[i], county_hukou[i] = own, county[i]
        elif c == 1:
            hukou_place[i] = register_near(i, seed, month, own, rural, sister, share, county)
            county_hukou[i] = county[i]
            township_apart[i] = 1
        else:
            place, at = register_far(i, c, weight[i], seed, month, own, world, books, county)
            hukou_place[i], county_hukou[i] = place, at


@njit(nogil=True, cache=True)
def follow_family(leader, hukou_place, county_hukou, county):
    """Register everyone who has a leader at the leader's place; they live in the same county too."""
    for i in range(leader.shape[0]):
        if leader[i] >= 0:
            hukou_place[i] = hukou_place[leader[i]]
            county_hukou[i] = county_hukou[leader[i]]
            county[i] = county[leader[i]]


@njit(nogil=True, cache=True)
def remember_the_past(seed, month, mean_away, born_rural, country, code, people, novembers):
    """Months away, last move, birthplace and the last five Novembers of everyone.

    Months away of people living outside their hukou place: exponential, at least 6 (the census
    counts residents of half a year), at most the whole life, and then they were born here.
    `country` is (alias tables [province, cell] of rural cells, province of a cell).
    """
    residence, hukou_place, hukou_kind, birth_month, birthplace, months_away, last_move = people
    share, other, province = country
    since = (month + 2) % 12
    for i in range(residence.shape[0]):
        age = month - np.int64(birth_month[i])
        birthplace[i] = hukou_place[i]
        away = 0
        if residence[i] != hukou_place[i]:
            away = 6 + np.int64(-(mean_away - 6.0) * log_(draw1(seed, STREAM, month, i, AWAY)))
            if away >= age:
                away = age
                birthplace[i] = residence[i]
            else:
                last_move[i] = month - away
            months_away[i] = away
        elif hukou_kind[i] == 1 and code[i] < 152 and age >= 216:
            w0, w1, w2, _ = draw4(seed, STREAM, month, i, BORN)
            if uniform(w0) < born_rural:
                p = province[residence[i]]
                place = alias_draw(share[p], other[p], uniform(w1), uniform(w2))
                if place != NONE16:
                    birthplace[i] = place
        for k in range(5):
            ago = since + 12 * k
            if ago > age:
                novembers[k][i] = NONE16
            elif residence[i] == hukou_place[i] or away >= ago:
                novembers[k][i] = residence[i]
            else:
                novembers[k][i] = hukou_place[i]


@njit(nogil=True, cache=True)
def remember_returns(seed, month, share, age_weight, most_months, birth_month, residence, root, last_return):
    """Who came home in the last `most_months`: of those of 20 to 59 who live at their root the part `share` of the place times
    `age_weight` of their five years of age; the month is even over the time."""
    for i in range(residence.shape[0]):
        group = (month - np.int64(birth_month[i])) // 60
        if residence[i] != root[i] or group < 4 or group > 11:
            continue
        w0, w1, _, _ = draw4(seed, STREAM, month, i, RETURNED)
        if uniform(w0) < share[residence[i]] * age_weight[group - 4]:
            last_return[i] = month - 1 - min(np.int64(uniform(w1) * most_months), most_months - 1)
