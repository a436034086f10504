"""What people who think of moving have before them: whom they live with, what they can earn, the places they weigh.

Considerers are taken by the batch, because memory answers many calls in the time of one and luck
is drawn many at a time. `kernels.deciding` makes the choice.
"""

from collections import namedtuple

import numpy as np
from numba import njit

from simulator.kernels.choosing import CHOICE, CHOICE_SET, NOWHERE, place_and_luck
from simulator.kernels.labour import PAY_LUCK_STREAM, pay_factor
from simulator.kernels.memory import fetch
from simulator.kernels.rng import draw4, normal

BATCH = 64
"""Considerers taken together."""
TIES = 8

Batch = namedtuple(
    "Batch",
    "uid mate_uid here root mate apart partner_place kids school pay mine stay word0 word1 words seen known start flags weighs",
)
"""What is known of the considerers of a batch; second axis: the person, the partner who lives with them."""

Options = namedtuple("Options", "place times share uid luck0 luck1 alone family limit")
"""Places weighed by all of a batch, one after the other; the first of each is where they live.

`times` a place was drawn over its `share` of draws corrects for the sampling law (1 / 1 for places always
weighed). `alone` and `family` bound what going there can be worth, `limit` the time there is to beat."""


@njit(nogil=True, cache=True)
def empty_batch(n, m, full):
    """Room for a batch of considerers among n places."""
    room = BATCH * (n + 4 if full == 1 else m + 4)
    whole, wide = np.zeros(BATCH, np.int64), np.zeros((BATCH, 2))
    batch = Batch(
        np.zeros(BATCH, np.uint64), np.zeros(BATCH, np.uint64), whole, whole.copy(), whole.copy(), whole.copy(),
        whole.copy(), whole.copy(), whole.copy(), wide, np.ones(BATCH), wide.copy(), np.zeros((2, BATCH), np.uint32),
        np.zeros((2, BATCH), np.uint32), np.zeros((m + 4, BATCH), np.uint32), np.zeros(n, np.int32), np.zeros((2, n + 1)),
        np.zeros(BATCH + 1, np.int64), np.zeros(room, np.uint8), np.zeros(BATCH, np.uint8),
    )  # fmt: skip
    options = Options(
        np.zeros(room, np.uint32), np.ones(room), np.ones(room), np.zeros(room, np.uint64), np.zeros(room, np.uint32),
        np.zeros(room, np.uint32), np.zeros(room), np.zeros(room), np.zeros(room),
    )  # fmt: skip
    return batch, options


@njit(nogil=True, cache=True)
def meet_families(rows, start, size, month, seed, p, w, q):
    """Who the considerers are and live with: partner, children, where the family is apart, pay."""
    uid, state, education, hukou_kind, birth_month = p.uid, p.state, p.education, p.hukou_kind, p.birth_month
    alive, root_of, residence, hukou_place, partner_of = p.alive, p.root, p.residence, p.hukou_place, p.partner
    county_hukou, county_residence, attachment = p.county_hukou, p.county_residence, p.attachment
    first_child, next_sibling, wage_of, experience = p.first_child, p.next_sibling, p.wage, p.experience
    own, theirs, place, root, mate, apart_at = q.uid, q.mate_uid, q.here, q.root, q.mate, q.apart
    partner_at, kids_of, school_of, pay, mine = q.partner_place, q.kids, q.school, q.pay, q.mine
    word0, word1 = q.word0, q.word1
    for b in range(size):
        i = np.int64(rows[start + b])
        other = max(np.int64(partner_of[i]), 0)
        own[b], theirs[b] = uid[i], uid[other]
    for b in range(size):
        word0[0, b], word1[0, b], _, _ = draw4(seed, PAY_LUCK_STREAM, 0, own[b], 0)
    for b in range(size):
        word0[1, b], word1[1, b], _, _ = draw4(seed, PAY_LUCK_STREAM, 0, theirs[b], 0)
    for b in range(size):
        if start + size + b < rows.shape[0]:  # call for what the next batch needs, while this one is at work
            i = np.int64(rows[start + size + b])
            fetch(uid, i)
            fetch(partner_of, i)
            fetch(first_child, i)
            fetch(state, i)
            fetch(education, i)
            fetch(hukou_kind, i)
            fetch(birth_month, i)
            fetch(root_of, i)
            fetch(residence, i)
            fetch(hukou_place, i)
            fetch(county_hukou, i)
            fetch(county_residence, i)
            fetch(wage_of, i)
            fetch(experience, i)
            fetch(attachment, i)
        i = np.int64(rows[start + b])
        here = np.int64(residence[i])
        partner = np.int64(partner_of[i])
        if partner >= 0 and alive[partner] == 0:
            partner = -1
        partner_here = partner >= 0 and residence[partner] == here
        kids, school, kids_elsewhere = 0, 0, NOWHERE
        for parent in range(2 if partner >= 0 else 1):
            child = np.int64(first_child[i if parent == 0 else partner])
            while child >= 0:
                age = month - birth_month[child]
                if age < 216 and alive[child] == 1:
                    if residence[child] == here:
                        if parent == 0 or partner_here:
                            kids += 1
                        if age >= 72:
                            school = 1
                    elif kids_elsewhere == NOWHERE:
                        kids_elsewhere = np.int64(residence[child])
                child = np.int64(next_sibling[child])
        partner_at[b] = np.int64(residence[partner]) if partner >= 0 and not partner_here else NOWHERE
        apart_at[b] = partner_at[b] if partner_at[b] != NOWHERE else kids_elsewhere
        place[b], root[b], kids_of[b], school_of[b] = here, np.int64(root_of[i]), kids, school
        mate[b] = partner if partner_here else -1
        pay[b, 0] = pay_factor(normal(word0[0, b], word1[0, b]), experience[i], w.pay_sd, w.experience_return)
        mine[b] = 1.0
        if partner_here:
            pay[b, 1] = pay_factor(normal(word0[1, b], word1[1, b]), experience[partner], w.pay_sd, w.experience_return)
            x, y = max(1.0 * wage_of[i], w.income_floor), max(1.0 * wage_of[partner], w.income_floor)
            mine[b] = x / (x + y)


@njit(nogil=True, cache=True)
def call_families(rows, start, size, p):
    """Call for partners and first children of a batch, whose own columns have been called for before."""
    alive, residence, state, education, root_of, wage = p.alive, p.residence, p.state, p.education, p.root, p.wage
    experience, hukou_place, attachment, first_child = p.experience, p.hukou_place, p.attachment, p.first_child
    birth_month, next_sibling, partner_of, uid = p.birth_month, p.next_sibling, p.partner, p.uid
    for b in range(start, min(start + size, rows.shape[0])):
        i = np.int64(rows[b])
        other, child = np.int64(partner_of[i]), np.int64(first_child[i])
        if other >= 0:
            fetch(uid, other)
            fetch(alive, other)
            fetch(residence, other)
            fetch(state, other)
            fetch(education, other)
            fetch(root_of, other)
            fetch(wage, other)
            fetch(experience, other)
            fetch(hukou_place, other)
            fetch(attachment, other)
            fetch(first_child, other)
            fetch(birth_month, other)
        if child >= 0:
            fetch(birth_month, child)
            fetch(residence, child)
            fetch(next_sibling, child)
            fetch(alive, child)


@njit(nogil=True, cache=True, error_model="numpy")
def list_places(size, month, seed, t, w, q, o):
    """The places each weighs, with the luck of each: here, root, partner's place, and m draws of the sampling law."""
    gravity_prob, gravity_alias, gravity_p = t.gravity_prob, t.gravity_alias, t.gravity_p
    tie_prob, tie_alias, tie_p = t.tie_prob, t.tie_alias, t.tie_p
    own, here_of, root_of, partner_at, words, seen, start = q.uid, q.here, q.root, q.partner_place, q.words, q.seen, q.start
    place, times, share, uid, luck0, luck1 = o.place, o.times, o.share, o.uid, o.luck0, o.luck1
    n, m = gravity_p.shape[0], w.m
    by_ties = m // 2
    if w.full != 1:
        for c in range((m + 3) // 4):  # luck first, in loops the processor can do many of at a time
            for b in range(size):
                words[4 * c, b], words[4 * c + 1, b], words[4 * c + 2, b], words[4 * c + 3, b] = draw4(
                    seed, CHOICE_SET, month, own[b], c
                )
    count = 0
    for b in range(size):
        here, root, partner_place = here_of[b], root_of[b], partner_at[b]
        first = count
        start[b] = first
        place[count], times[count], share[count] = here, 1.0, 1.0
        count += 1
        if w.full == 1:
            for j in range(n):
                if j != here:
                    place[count], times[count], share[count] = j, 1.0, 1.0
                    count += 1
        else:
            seen[here] = 1
            if seen[root] == 0:
                seen[root] = 1
                place[count], times[count], share[count] = root, 1.0, 1.0
                count += 1
            if partner_place != NOWHERE and seen[partner_place] == 0:
                seen[partner_place] = 1
                place[count], times[count], share[count] = partner_place, 1.0, 1.0
                count += 1
            always = count
            for k in range(by_ties):  # without branches: luck decides, and no processor can guess it
                slot, luck = place_and_luck(words[k, b], n)
                other = np.int64(tie_alias[root, slot])
                j = slot if luck < tie_prob[root, slot] else other
                before = seen[j]  # 1: among the places that are always weighed
                place[count] = j
                count += np.int64(before == 0)
                seen[j] = before + 2 * np.int32(before != 1)
            for k in range(by_ties, m):
                slot, luck = place_and_luck(words[k, b], n)
                other = np.int64(gravity_alias[here, slot])
                j = slot if luck < gravity_prob[here, slot] else other
                before = seen[j]
                place[count] = j
                count += np.int64(before == 0)
                seen[j] = before + 2 * np.int32(before != 1)
            for k in range(always, count):
                j = np.int64(place[k])
                share[k] = by_ties * tie_p[root, j] + (m - by_ties) * gravity_p[here, j]
                times[k] = seen[j] // 2
                seen[j] = 0
            seen[here] = 0
            seen[root] = 0
            if partner_place != NOWHERE:
                seen[partner_place] = 0
        for k in range(first, count):
            uid[k] = own[b]
    start[size] = count
    for k in range(count):
        luck0[k], luck1[k], _, _ = draw4(seed, CHOICE, month, uid[k], place[k])


@njit(nogil=True, cache=True)
def call_ties(rows, start, size, p, q):
    """Call for the savings and the ties of those who still have something to weigh, then for where their ties live."""
    alive, residence, savings, ties = p.alive, p.residence, p.savings, p.ties
    flags, first, mate = q.flags, q.start, q.mate
    for b in range(size):
        q.weighs[b] = 0
        for k in range(first[b] + 1, first[b + 1]):
            q.weighs[b] |= flags[k]
        if q.weighs[b] != 0:
            fetch(savings, np.int64(rows[start + b]))
            fetch(ties, TIES * np.int64(rows[start + b]))
            if mate[b] >= 0:
                fetch(savings, mate[b])
                fetch(ties, TIES * mate[b])
    for b in range(size):
        if q.weighs[b] != 0:
            for member in range(2 if mate[b] >= 0 else 1):
                who = np.int64(rows[start + b]) if member == 0 else mate[b]
                for k in range(TIES):
                    tie = np.int64(max(ties[who, k], 0))
                    fetch(alive, tie)
                    fetch(residence, tie)
