"""What people who think of moving have before them: whom they live with, what they can earn, the places they weigh.

Considerers are taken by the batch, because memory answers many calls in the time of one and luck
is drawn many at a time. `kernels.deciding` makes the choice.
"""

from collections import namedtuple

import numpy as np
from numba import njit

from simulator.kernels.choosing import CHOICE, CHOICE_SET, NOWHERE, place_and_luck
from simulator.kernels.elementary import exp_all
from simulator.kernels.labour import PAY_LUCK_STREAM, log_pay_factor
from simulator.kernels.memory import fetch
from simulator.kernels.rng import draw4, normal_all


def unheld(kernel):
    """As `memory.uncounted`, for steps of a batch that look at a hundred columns each, and divide without looking for zeros."""
    return njit(nogil=True, cache=True, _nrt=False, error_model="numpy")(kernel)


BATCH = 128
"""Considerers taken together."""
LANES = 2 * BATCH + 8
"""Room for considerers and the partners who live with them; not a power of two, which would set rows against each other."""
TIES = 8
_S32 = np.uint64(32)
_LOW32 = np.uint64(0xFFFFFFFF)

Batch = namedtuple(
    "Batch",
    "uid here root mate apart partner_place kids school mine leap shortest who owner partner_lane count kind_row lucks x c "
    "words drawn law_rows seen known lives_at start flags weighs",
)
"""What is known of the considerers of a batch, and of the partners who live with them.

`who` holds the considerers and then the partners, `owner` which of the batch each belongs to, `partner_lane` where in
`who` the partner stands (oneself without one), `count` how many they are in all; `x`, `c` are the rows of numbers and
codes of `kernels.staying`, `kind_row` the kind of earner. `leap` is what moving to another county of the place adds to
staying, `shortest` the time staying takes to win. `words` hold two 32-bit words of luck each, `drawn` the places they
draw, `law_rows` where the rows of the laws of drawing by ties and by gravity begin."""

Options = namedtuple("Options", "place times uid luck0 luck1 alone family limit")
"""Places weighed by all of a batch, one after the other; the first of each is where they live.

`times`: how often a place was drawn, 0 for places always weighed. `alone` and `family` bound what going there can be
worth, `limit` the time there is to beat."""


@njit(nogil=True, cache=True)
def empty_batch(n, m, full):
    """Room for a batch of considerers among n places."""
    room = BATCH * (n + 4 if full == 1 else m + 4)
    whole, long = np.zeros(BATCH, np.int64), np.zeros(LANES + 1, np.int64)
    batch = Batch(
        np.zeros(LANES, np.uint64), whole, whole.copy(), whole.copy(), whole.copy(), whole.copy(), whole.copy(), whole.copy(),
        np.ones(BATCH), np.zeros(BATCH), np.zeros(BATCH), long, long.copy(), whole.copy(), np.zeros(1, np.int64), long.copy(),
        np.zeros(LANES, np.uint64), np.zeros(20 * LANES), np.zeros(4 * LANES, np.int64), np.zeros((m + 4, BATCH), np.uint64),
        np.zeros((m + 4, BATCH), np.uint32), np.zeros((2, BATCH), np.uint64), np.zeros(n, np.int32), np.zeros((2, n + 1)),
        np.zeros((2, TIES), np.int64),
        np.zeros(BATCH + 1, np.int64), np.zeros(room, np.uint8), np.zeros(BATCH, np.uint8),
    )  # fmt: skip
    options = Options(
        np.zeros(room, np.uint32), np.zeros(room, np.int32), np.zeros(room, np.uint64), np.zeros(room, np.uint32),
        np.zeros(room, np.uint32), np.zeros(room), np.zeros(room), np.zeros(room),
    )  # fmt: skip
    return batch, options


@unheld
def call_people(rows, start, size, p):
    """Call for what considerers rows[start : start + size] hold themselves."""
    uid, state, education, hukou_kind, birth_month = p.uid, p.state, p.education, p.hukou_kind, p.birth_month
    root_of, residence, hukou_place, partner_of = p.root, p.residence, p.hukou_place, p.partner
    county_hukou, county_residence, attachment, left_study = p.county_hukou, p.county_residence, p.attachment, p.left_study
    first_child, wage_of, experience = p.first_child, p.wage, p.experience
    for r in range(start, min(start + size, rows.shape[0])):
        i = np.int64(rows[r])
        fetch(uid, i)
        fetch(partner_of, i)
        fetch(first_child, i)
        fetch(residence, i)
        fetch(root_of, i)
        fetch(state, i)
        fetch(education, i)
        fetch(hukou_kind, i)
        fetch(birth_month, i)
        fetch(hukou_place, i)
        fetch(county_hukou, i)
        fetch(county_residence, i)
        fetch(wage_of, i)
        fetch(experience, i)
        fetch(attachment, i)
        fetch(left_study, i)


@unheld
def call_families(rows, start, size, p):
    """Call for partners and first children of considerers whose own columns have been called for before."""
    alive, residence, birth_month, next_sibling = p.alive, p.residence, p.birth_month, p.next_sibling
    first_child, partner_of = p.first_child, p.partner
    for r in range(start, min(start + size, rows.shape[0])):
        i = np.int64(rows[r])
        other, child = np.int64(partner_of[i]), np.int64(first_child[i])
        if other >= 0:
            fetch(alive, other)
            fetch(residence, other)
            fetch(first_child, other)
        if child >= 0:
            fetch(birth_month, child)
            fetch(residence, child)
            fetch(next_sibling, child)
            fetch(alive, child)


@unheld
def call_children(rows, start, size, p, q):
    """Ask for names, and call for second children and partners' first ones: their elders have been called for before."""
    alive, residence, birth_month, next_sibling = p.alive, p.residence, p.birth_month, p.next_sibling
    first_child, partner_of, uid, own = p.first_child, p.partner, p.uid, q.uid
    for b in range(size):
        i = np.int64(rows[start + b])
        own[b] = uid[i]
        other, child = np.int64(partner_of[i]), np.int64(first_child[i])
        other = np.int64(first_child[other]) if other >= 0 else -1
        child = np.int64(next_sibling[child]) if child >= 0 else -1
        if other >= 0:
            fetch(birth_month, other)
            fetch(residence, other)
            fetch(next_sibling, other)
            fetch(alive, other)
        if child >= 0:
            fetch(birth_month, child)
            fetch(residence, child)
            fetch(next_sibling, child)
            fetch(alive, child)


@unheld
def meet_families(rows, start, size, month, p, q):
    """Who the considerers live with: partner, children, and where the family is apart."""
    uid, birth_month, alive, root_of, residence, partner_of = p.uid, p.birth_month, p.alive, p.root, p.residence, p.partner
    first_child, next_sibling = p.first_child, p.next_sibling
    state, education, hukou_kind, hukou_place, attachment = p.state, p.education, p.hukou_kind, p.hukou_place, p.attachment
    county_hukou, county_residence, wage_of, experience = p.county_hukou, p.county_residence, p.wage, p.experience
    place, root, mate, apart_at = q.here, q.root, q.mate, q.apart
    partner_at, kids_of, school_of = q.partner_place, q.kids, q.school
    for b in range(size):
        i = np.int64(rows[start + b])
        here = np.int64(residence[i])
        partner = np.int64(partner_of[i])
        if partner >= 0 and alive[partner] == 0:
            partner = -1
        partner_here = partner >= 0 and residence[partner] == here
        if partner_here:  # the rest of what partners hold is needed further on
            fetch(uid, partner)
            fetch(wage_of, partner)
            fetch(experience, partner)
            fetch(state, partner)
            fetch(education, partner)
            fetch(root_of, partner)
            fetch(hukou_kind, partner)
            fetch(hukou_place, partner)
            fetch(birth_month, partner)
            fetch(attachment, partner)
            fetch(county_hukou, partner)
            fetch(county_residence, partner)
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


@unheld
def learn_pay(rows, start, size, seed, p, w, pay_row, q):
    """List considerers and then partners, with what each can earn and each one's weight in the family."""
    ids, mate, mine, who, owner, partner_lane, lucks, x = q.uid, q.mate, q.mine, q.who, q.owner, q.partner_lane, q.lucks, q.x
    uid, wage_of, experience = p.uid, p.wage, p.experience
    count = size
    for b in range(size):
        i, partner = np.int64(rows[start + b]), mate[b]
        who[b], owner[b] = i, b
        who[count], owner[count] = partner, b
        partner_lane[b] = count if partner >= 0 else b
        count += np.int64(partner >= 0)
        other = partner if partner >= 0 else i
        a, z = max(1.0 * wage_of[i], w.income_floor), max(1.0 * wage_of[other], w.income_floor)
        mine[b] = a / (a + z) if partner >= 0 else 1.0
    q.count[0] = count
    for lane in range(size, count):
        ids[lane] = uid[who[lane]]
    for lane in range(count):
        word0, word1, _, _ = draw4(seed, PAY_LUCK_STREAM, 0, ids[lane], 0)
        lucks[lane] = np.uint64(word0) | np.uint64(word1) << _S32
    first = np.int64(pay_row)
    pay = x[first : first + count]
    normal_all(lucks, pay)
    for lane in range(count):
        pay[lane] = log_pay_factor(pay[lane], experience[who[lane]], w.pay_sd, w.experience_return)
    exp_all(pay, pay)


@unheld
def draw_words(ids, seed, month, size, draws, words):
    """The luck of the choice set: 4 words a draw in two rows of `words`, for many people at a time."""
    for c in range(draws):
        first, second = words[2 * c], words[2 * c + 1]
        for b in range(size):
            word0, word1, word2, word3 = draw4(seed, CHOICE_SET, month, ids[b], c)
            first[b] = np.uint64(word0) | np.uint64(word1) << _S32
            second[b] = np.uint64(word2) | np.uint64(word3) << _S32


@unheld
def draw_from(words, shift, law_rows, prob, other, n, size, out):
    """One place each from alias tables by the luck in 32 bits of `words`, many at a time."""
    for b in range(size):
        slot, luck = place_and_luck(words[b] >> shift & _LOW32, n)
        at = law_rows[b] + np.uint64(slot)
        second = np.uint32(other[at])  # looked up in any case, so that there is no branch
        out[b] = np.uint32(slot) if luck < prob[at] else second


@unheld
def draw_places(size, t, w, q):
    """The m places each draws: half by ties of the root, half by gravity of the residence."""
    n, m = t.gravity_p.shape[0], w.m
    tie_prob, tie_alias = t.tie_prob.reshape(-1), t.tie_alias.reshape(-1)
    gravity_prob, gravity_alias = t.gravity_prob.reshape(-1), t.gravity_alias.reshape(-1)
    ties, gravity = q.law_rows[0], q.law_rows[1]
    for b in range(size):
        ties[b], gravity[b] = np.uint64(q.root[b] * n), np.uint64(q.here[b] * n)
    for k in range(m):
        shift = _S32 if k & 1 else np.uint64(0)
        if k < m // 2:
            draw_from(q.words[k >> 1], shift, ties, tie_prob, tie_alias, n, size, q.drawn[k])
        else:
            draw_from(q.words[k >> 1], shift, gravity, gravity_prob, gravity_alias, n, size, q.drawn[k])


@unheld
def list_places(size, month, seed, t, w, q, o):
    """The places each weighs, with the luck of each: here, root, partner's place, and m draws of the sampling law."""
    own, here_of, root_of, partner_at, drawn, seen, start = q.uid, q.here, q.root, q.partner_place, q.drawn, q.seen, q.start
    place, times, uid, luck0, luck1 = o.place, o.times, o.uid, o.luck0, o.luck1
    n, m = t.gravity_p.shape[0], w.m
    if w.full != 1:
        draw_places(size, t, w, q)
    count = 0
    for b in range(size):
        here, root, partner_place, me = here_of[b], root_of[b], partner_at[b], own[b]
        start[b] = count
        place[count], times[count], uid[count] = here, 0, me
        count += 1
        if w.full == 1:
            for j in range(n):
                if j != here:
                    place[count], times[count], uid[count] = j, 0, me
                    count += 1
            continue
        seen[here] = 1
        if seen[root] == 0:
            seen[root] = 1
            place[count], times[count], uid[count] = root, 0, me
            count += 1
        if partner_place != NOWHERE and seen[partner_place] == 0:
            seen[partner_place] = 1
            place[count], times[count], uid[count] = partner_place, 0, me
            count += 1
        always = count
        for k in range(m):  # without branches: luck decides, and no processor can guess it
            j = np.int64(drawn[k, b])
            before = seen[j]  # 1: among the places that are always weighed
            place[count], uid[count] = j, me
            count += np.int64(before == 0)
            seen[j] = before + 2 * np.int32(before != 1)
        for k in range(always, count):
            j = place[k]
            times[k] = seen[j] >> 1
            seen[j] = 0
        seen[here] = 0
        seen[root] = 0
        if partner_place != NOWHERE:
            seen[partner_place] = 0
    start[size] = count
    for k in range(count):
        luck0[k], luck1[k], _, _ = draw4(seed, CHOICE, month, uid[k], place[k])


@njit(nogil=True, cache=True, forceinline=True)
def share_of_draws(tie_p, gravity_p, root, here, j, m):
    """How many of m draws fall on place j in the mean."""
    return m // 2 * tie_p[root, j] + (m - m // 2) * gravity_p[here, j]


@unheld
def call_ties(rows, start, size, p, q):
    """Call for the savings and the ties of those who still have something to weigh, then for where their ties live."""
    alive, residence, savings, ties = p.alive, p.residence, p.savings, p.ties
    flags, first, mate, weighs = q.flags, q.start, q.mate, q.weighs
    for b in range(size):
        for k in range(first[b] + 1, first[b + 1]):
            weighs[b] |= flags[k]
        if weighs[b] != 0:
            fetch(savings, np.int64(rows[start + b]))
            fetch(ties, TIES * np.int64(rows[start + b]))
            if mate[b] >= 0:
                fetch(savings, mate[b])
                fetch(ties, TIES * mate[b])
    for b in range(size):
        if weighs[b] != 0:
            for member in range(2 if mate[b] >= 0 else 1):
                who = np.int64(rows[start + b]) if member == 0 else mate[b]
                for k in range(TIES):
                    tie = np.int64(max(ties[who, k], 0))
                    fetch(alive, tie)
                    fetch(residence, tie)
