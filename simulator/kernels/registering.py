"""Registration: conversion of hukou after years of stay, and villages that become town without a move."""

from collections import namedtuple

import numpy as np
from numba import njit

from simulator.kernels.elementary import pow_
from simulator.kernels.memory import fetch, uncounted
from simulator.kernels.rng import draw1

HUKOU = 25
RELABEL = 26
RURAL_KIND = 4
HUKOU_RURAL, HUKOU_URBAN = 0, 1
NONE16 = 65535
AHEAD = 32
"""Rows by which memory is asked ahead of need."""
AT_ONCE = 1024
"""Rows looked at together, so that luck is drawn several at a time."""

Registered = namedtuple(
    "Registered",
    "uid alive hukou_kind hukou_place residence county_hukou county_residence township_apart months_away birth_month "
    "state guardian household root",
)

Conversion = namedtuple("Conversion", "long_stay_months long_stay_factor strict_factor land_factor")
"""What makes people convert sooner or later; see configs/parameters/hukou.yaml."""

Relabelled = namedtuple(
    "Relabelled",
    "uid alive household residence hukou_place root workplace employer study_place county_residence county_hukou "
    "november0 november1 november2 november3 november4",
)


@njit(nogil=True, cache=True)
def conversion_weight(months_here, land_elsewhere, strictness, w):
    """How readily a rural-hukou resident of a town converts, relative to a newcomer of an open town.

    More after years of stay (long_stay_factor), less in strict cities (strict_factor at strictness
    one), less with land at a home elsewhere that conversion might put at risk (land_factor).
    """
    weight = 1.0 - strictness * (1.0 - w.strict_factor)
    if months_here >= w.long_stay_months:
        weight *= w.long_stay_factor
    if land_elsewhere:
        weight *= w.land_factor
    return weight


@njit(nogil=True, cache=True)
def conversion_chance(monthly_rate):
    """Probability of converting within the year at a monthly rate."""
    return 1.0 - pow_(max(0.0, 1.0 - min(monthly_rate, 0.9)), 12.0)


@njit(nogil=True, cache=True)
def weigh_convertible(p, land_right, kind, strictness, w, lo, hi):
    """People who may convert, and their summed weight."""
    alive, hukou_kind, residence, hukou_place = p.alive, p.hukou_kind, p.residence, p.hukou_place
    months_away, household, root = p.months_away, p.household, p.root
    people, total = 0, 0.0
    for i in range(lo, hi):
        j = residence[i]
        if alive[i] == 0 or hukou_kind[i] != HUKOU_RURAL or kind[j] == RURAL_KIND:
            continue
        stay = w.long_stay_months if hukou_place[i] == j else 1.0 * months_away[i]
        land = root[i] != j and household[i] >= 0 and land_right[household[i]] == 1
        people += 1
        total += conversion_weight(stay, land, strictness[j], w)
    return people, total


@njit(nogil=True, cache=True)
def convert_hukou(p, land_right, kind, strictness, w, ease, rate, month, seed, lo, hi):
    """Who may convert does so by luck, and is registered in the town they live in; minors take the luck of their guardian.

    Weights are those of `weigh_convertible`. Returns how many convert.
    """
    uid, guardian, birth_month, residence, alive, hukou_kind = p.uid, p.guardian, p.birth_month, p.residence, p.alive, p.hukou_kind
    hukou_place, months_away, household, root = p.hukou_place, p.months_away, p.household, p.root
    county_hukou, county_residence, township_apart = p.county_hukou, p.county_residence, p.township_apart
    town = np.empty(len(kind), np.bool_)
    for j in range(len(kind)):
        town[j] = kind[j] != RURAL_KIND
    who, asked, luck = np.empty(AT_ONCE, np.int64), np.empty(AT_ONCE, np.uint64), np.empty(AT_ONCE)
    count = 0
    for begin in range(lo, hi, AT_ONCE):
        many = 0
        for i in range(begin, min(begin + AT_ONCE, hi)):  # without branches: who has moved no processor can guess
            who[many] = i
            many += np.int64(town[residence[i]] & (alive[i] != 0) & (hukou_kind[i] == HUKOU_RURAL))
        for a in range(many):
            i = who[a]
            minor = month - birth_month[i] < 216 and guardian[i] >= 0
            asked[a] = uid[guardian[i]] if minor else uid[i]
        for a in range(many):
            luck[a] = draw1(seed, HUKOU, month, asked[a], 0)
        for a in range(many):
            i = who[a]
            j = residence[i]
            stay = w.long_stay_months if hukou_place[i] == j else 1.0 * months_away[i]
            land = root[i] != j and household[i] >= 0 and land_right[household[i]] == 1
            weight = conversion_weight(stay, land, strictness[j], w)
            if weight <= 0.0:
                continue
            monthly = rate * weight * ease[j]
            # 1 - (1 - x)^12 <= 12 x tells most without the power
            if luck[a] < 12.000001 * min(monthly, 0.9) and luck[a] < conversion_chance(monthly):
                hukou_kind[i], hukou_place[i], county_hukou[i] = HUKOU_URBAN, j, county_residence[i]
                township_apart[i] = 0
                months_away[i] = 0
                count += 1
    return count


@njit(nogil=True, cache=True)
def name_households(head, uid, state, nameless, farming, dwelling, n, key, farms, lo, hi):
    """Of households [lo, hi): keyed identity (the head's uid, else `nameless` and the row) and whether the head farms.

    Returns how many others and how many farmers dwell in each settlement, i8[2, n + 1], the last for those without one.
    """
    counts = np.zeros((2, n + 1), np.int64)
    for h in range(lo, hi):
        ahead = np.int64(max(head[min(h + AHEAD, hi - 1)], 0))
        fetch(uid, ahead)
        fetch(state, ahead)
        led = head[h] >= 0
        key[h] = uid[head[h]] if led else np.uint64(nameless) + np.uint64(h)
        farms[h] = led and state[head[h]] == farming
        counts[np.int64(farms[h]), min(np.int64(dwelling[h]), n)] += 1
    return counts


@uncounted
def may_be_renamed(key, farms, dwelling, mean, ready, most, month, seed, fringe, maybe, lo, hi):
    """How readily the homes of households [lo, hi) are relabelled, and those whose luck would do for the village of which `most` becomes town.

    `ready` is how much more readily those without a farmer at the head are, `mean` by settlement what makes the mean one.
    """
    for h in range(lo, hi):
        weight = 1.0 if farms[h] else ready
        fringe[h] = weight * mean[min(np.int64(dwelling[h]), len(mean) - 1)]
        maybe[h] = draw1(seed, RELABEL, month, key[h], 0) < most * fringe[h]


@uncounted
def becomes_town(seed, month, key, share):
    """Whether a household's corner of its village is relabelled this January."""
    return draw1(seed, RELABEL, month, key, 0) < share


@uncounted
def relabel_firms(alive, uid, settlement, ready, share, split, first_to, second_to, public_of, month, seed, firm_to):
    """The new settlement of every firm whose corner of its village becomes town this January, NONE16 for others.

    `ready[c]` is how readily a firm's corner is relabelled (firms stand at the fringe); the public employer
    of a village stays. Returns how many.
    """
    count = 0
    for f in range(len(uid)):
        firm_to[f] = NONE16
        c = settlement[f]
        if alive[f] == 0 or share[c] <= 0.0 or public_of[c] == f:
            continue
        if becomes_town(seed, month, uid[f], share[c] * ready[c]):
            firm_to[f] = first_to[c] if draw1(seed, RELABEL, month, uid[f], 1) < split[c] else second_to[c]
            count += 1
    return count


@uncounted
def relabel_people(p, household_key, maybe, fringe, share, split, first_to, second_to, firm_to, public_of, month, seed,
                   renamed, lived_in, worked_for, lo, hi):  # fmt: skip
    """Rename the village to town for whole households: residence, registration, root, job, past.

    `share[c]` is the part of village c that becomes town this year (0 for towns), times the
    household's `fringe`, of which
    `split[c]` joins first_to[c] and the rest second_to[c]; only households flagged in `maybe` can be renamed.
    Nobody moves: birthplaces keep the old
    name, everything else in which the village stands by name takes the new one. Workers of a firm
    that is relabelled (`firm_to`) work where it now is. Who worked for the village and is relabelled
    works for the town: `public_of` gives public employers by settlement. Those whose residence has a new name
    are listed: `renamed` rows, what they `lived_in` and, where the job has a new name too, the job line they
    `worked_for` (-1 others). Returns (residents relabelled, how many are listed).
    """
    uid, alive, household, residence, hukou_place = p.uid, p.alive, p.household, p.residence, p.hukou_place
    root, workplace, employer, study_place = p.root, p.workplace, p.employer, p.study_place
    november0, november1, november2 = p.november0, p.november1, p.november2
    november3, november4 = p.november3, p.november4
    for i in range(lo, hi):
        job = employer[i]
        if firm_to[np.uint32(max(job, 0)) >> 1] != NONE16 and job >= 0:
            workplace[i] = firm_to[job // 2]
    touchable = 0
    for i in range(lo, hi):  # without branches: who lives in a village that grows no processor can guess
        home = household[i]
        renamed[touchable] = i
        touchable += np.int64(maybe[np.uint32(max(home, 0))] | (home < 0))
    count, listed = 0, 0
    for k in range(touchable):  # never more are listed than have been looked at
        i = np.int64(renamed[k])
        job, home = employer[i], household[i]
        a, b, c = root[i], hukou_place[i], residence[i]
        if alive[i] == 0 or (share[a] <= 0.0 and share[b] <= 0.0 and share[c] <= 0.0):
            continue
        key, ready = uid[i], 1.0
        if home >= 0:
            key = household_key[home]
            ready = fringe[home]
        luck = draw1(seed, RELABEL, month, key, 0)
        touched = -1
        if share[a] > 0.0 and luck < share[a] * ready:
            touched = np.int64(a)
        elif share[b] > 0.0 and luck < share[b] * ready:
            touched = np.int64(b)
        elif share[c] > 0.0 and luck < share[c] * ready:
            touched = np.int64(c)
        if touched == -1:
            continue
        u = draw1(seed, RELABEL, month, key, 1)
        new = first_to[touched] if u < split[touched] else second_to[touched]
        if c == touched:
            renamed[listed], lived_in[listed], worked_for[listed] = i, c, -1
            residence[i] = new
            count += 1
            if job >= 0 and job // 2 == public_of[touched]:
                worked_for[listed] = job
                workplace[i] = new
                employer[i] = 2 * public_of[new] + job % 2
            listed += np.int64(new != c)
        if b == touched:
            hukou_place[i] = new
        if a == touched:
            root[i] = new
        if study_place[i] == touched:
            study_place[i] = new
        if november0[i] == touched:
            november0[i] = new
        if november1[i] == touched:
            november1[i] = new
        if november2[i] == touched:
            november2[i] = new
        if november3[i] == touched:
            november3[i] = new
        if november4[i] == touched:
            november4[i] = new
    return count, listed


@uncounted
def relabel_households(root, dwelling, key, maybe, fringe, share, split, first_to, second_to, month, seed, lo, hi):
    """The households' own root and dwelling take the new name by the same draws as their people."""
    for h in range(lo, hi):
        if not maybe[h]:
            continue
        for c in (np.int64(root[h]), np.int64(dwelling[h])):
            if c != NONE16 and share[c] > 0.0 and becomes_town(seed, month, key[h], share[c] * fringe[h]):
                u = draw1(seed, RELABEL, month, key[h], 1)
                new = first_to[c] if u < split[c] else second_to[c]
                if root[h] == c:
                    root[h] = new
                if dwelling[h] == c:
                    dwelling[h] = new
                break
    return 0


@uncounted
def remember_november(residence, november0, november1, november2, november3, november4, lo, hi):
    """Shift the memory of the last five Novembers and note this one."""
    for i in range(lo, hi):
        november4[i] = november3[i]
        november3[i] = november2[i]
        november2[i] = november1[i]
        november1[i] = november0[i]
        november0[i] = residence[i]
    return 0
