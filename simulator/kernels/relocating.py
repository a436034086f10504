"""Moving house: who goes along, which county, what becomes of the job, who pays the removal."""

from collections import namedtuple

import numpy as np

from simulator.kernels.choosing import ALONE, OTHER_COUNTY, STAY, individual_pay
from simulator.kernels.labour import agreed_wage
from simulator.kernels.memory import fetch, uncounted
from simulator.kernels.rng import draw2, hash64

COUNTY = 24
MOVE_PRIORITY = 23
NOWHERE = 65535
NOBODY = -1
EMPLOYED, FARMING, FLEXIBLE, WELFARE_JOB, UNEMPLOYED = 2, 3, 4, 5, 6

AT_ONCE = 16
"""Movers for whose columns memory is asked together."""

WORK, STUDY, RETURN, JOIN_FAMILY, START_UP = 0, 1, 2, 3, 4
"""Reasons of a recorded move."""

Removals = namedtuple(
    "Removals",
    "uid alive state education hukou_kind birth_month root residence hukou_place workplace county_hukou "
    "county_residence township_apart partner first_child next_sibling wage experience savings last_move "
    "last_return returned_from employer household",
)

Ground = namedtuple("Ground", "hours km county_start county_list county_weight market_wage move_pay cost_relief")
"""Tables by settlement a removal needs; counties of a cell are county_list[start[j]:start[j+1]]."""

Jobs = namedtuple("Jobs", "headcount separations filled open_jobs")


@uncounted
def county_in(j, i, month, seed, p, ground, own_county_share):
    """The county a mover settles in: home when j is the hukou place, often the own county, else by people."""
    if j == p.hukou_place[i]:
        return np.int64(p.county_hukou[i])
    u0, u1 = draw2(seed, COUNTY, month, p.uid[i], 0)
    start, stop = ground.county_start[j], ground.county_start[j + 1]
    if u0 < own_county_share:
        for k in range(start, stop):
            if ground.county_list[k] == p.county_hukou[i]:
                return np.int64(p.county_hukou[i])
    return county_by_people(start, stop, u1, ground)


@uncounted
def county_by_people(start, stop, u, ground):
    """A county of the cell, drawn by the people who live there."""
    total = 0.0
    for k in range(start, stop):
        total += ground.county_weight[k]
    left = u * total
    for k in range(start, stop):
        left -= ground.county_weight[k]
        if left < 0.0:
            return np.int64(ground.county_list[k])
    return np.int64(ground.county_list[stop - 1])


@uncounted
def another_county(i, month, seed, p, ground):
    """The county of the same cell a household moves to: home if it lives apart from it, else another."""
    j = p.residence[i]
    if j == p.hukou_place[i] and p.county_residence[i] != p.county_hukou[i]:
        return np.int64(p.county_hukou[i])
    start, stop = ground.county_start[j], ground.county_start[j + 1]
    for number in range(1, 17):
        _, u = draw2(seed, COUNTY, month, p.uid[i], number)
        county = county_by_people(start, stop, u, ground)
        if county != p.county_residence[i]:
            return county
    return np.int64(p.county_residence[i])


@uncounted
def leave_job(i, p, jobs):
    """A person gives up the job held: the place is vacated, nobody is paid."""
    pool = p.employer[i]
    jobs.headcount[pool] -= 1
    jobs.separations[pool] += 1
    p.employer[i] = NOBODY
    p.workplace[i] = NOWHERE
    p.wage[i] = 0
    p.state[i] = UNEMPLOYED


@uncounted
def take_job(i, pool, workplace, month, seed, p, jobs, ground, pay_sd, experience_return):
    """A person starts in an open job of an employer, at the market's pay times their own."""
    skill = pool % 2
    jobs.headcount[pool] += 1
    jobs.filled[pool] += 1
    jobs.open_jobs[pool] -= 1
    p.employer[i] = pool
    p.workplace[i] = workplace
    factor = individual_pay(p.uid[i], seed, p.experience[i], pay_sd, experience_return)
    p.wage[i] = agreed_wage(ground.market_wage[workplace, skill], factor)
    p.state[i] = EMPLOYED


@uncounted
def relocate(i, j, county, month, p, jobs, ground, commute_hours):
    """Person i lives in j from now on; a job out of commuting reach is given up."""
    if p.state[i] == EMPLOYED:
        if ground.hours[j, p.workplace[i]] > commute_hours:
            leave_job(i, p, jobs)
    elif p.state[i] == FARMING or p.state[i] == FLEXIBLE or p.state[i] == WELFARE_JOB:
        if j != p.residence[i]:
            p.state[i] = UNEMPLOYED
    if j == p.root[i] and p.residence[i] != j:
        p.last_return[i] = month
        p.returned_from[i] = p.residence[i]
    p.residence[i] = j
    p.county_residence[i] = county
    if j != p.hukou_place[i] or county != p.county_hukou[i]:
        p.township_apart[i] = 1 if county == p.county_hukou[i] else 0
    else:
        p.township_apart[i] = 0
    p.last_move[i] = month


@uncounted
def pay_removal(i, cost, p, paid):
    """Take the cost of a move from i's savings, then the partner's; `paid` adds it up by where the payer lives."""
    own = min(cost, max(p.savings[i], np.int64(0)))
    p.savings[i] -= own
    paid[p.residence[i]] += own
    partner = p.partner[i]
    if own < cost and partner >= 0 and p.alive[partner] == 1:
        rest = min(cost - own, max(p.savings[partner], np.int64(0)))
        p.savings[partner] -= rest
        paid[p.residence[partner]] += rest


@uncounted
def _note(i, start, to, reason, p, log_row, log_from, log_to, log_reason, log_saved, count):
    log_row[count] = i
    log_from[count] = start
    log_to[count] = to
    log_reason[count] = reason
    log_saved[count] = p.savings[i]
    return count + 1


@uncounted
def _take_children(owner, here, j, county, month, p, jobs, ground, commute, log_row, log_from, log_to, log_reason,
                   log_saved, n):  # fmt: skip
    child = p.first_child[owner]
    while child >= 0:
        if p.alive[child] == 1 and month - p.birth_month[child] < 216 and p.residence[child] == here:
            relocate(child, j, county, month, p, jobs, ground, commute)
            n = _note(child, here, j, RETURN if j == p.root[child] and j != here else JOIN_FAMILY,
                      p, log_row, log_from, log_to, log_reason, log_saved, n)  # fmt: skip
        child = p.next_sibling[child]
    return n


@uncounted
def call_movers(order, rows, start, p, jobs):
    """Ask memory for those who move next, from position `start` on, and for the family of those just before them."""
    uid, alive, state, birth_month, root = p.uid, p.alive, p.state, p.birth_month, p.root
    residence, hukou_place, workplace, county_hukou = p.residence, p.hukou_place, p.workplace, p.county_hukou
    county_residence, township_apart, partner, first_child = p.county_residence, p.township_apart, p.partner, p.first_child
    wage, savings, last_move, employer, next_sibling = p.wage, p.savings, p.last_move, p.employer, p.next_sibling
    for k in range(start, min(start + AT_ONCE, len(order))):
        i = np.int64(rows[order[k]])
        fetch(uid, i)
        fetch(alive, i)
        fetch(state, i)
        fetch(root, i)
        fetch(residence, i)
        fetch(hukou_place, i)
        fetch(workplace, i)
        fetch(county_hukou, i)
        fetch(county_residence, i)
        fetch(township_apart, i)
        fetch(partner, i)
        fetch(first_child, i)
        fetch(savings, i)
        fetch(last_move, i)
        fetch(employer, i)
        fetch(wage, i)
    for k in range(max(start - AT_ONCE, 0), min(start, len(order))):
        i = np.int64(rows[order[k]])
        other, child = np.int64(partner[i]), np.int64(first_child[i])
        if employer[i] >= 0:
            fetch(jobs.headcount, np.int64(employer[i]))
            fetch(jobs.separations, np.int64(employer[i]))
        if other >= 0:
            fetch(alive, other)
            fetch(residence, other)
            fetch(last_move, other)
            fetch(state, other)
            fetch(workplace, other)
            fetch(root, other)
            fetch(hukou_place, other)
            fetch(county_hukou, other)
            fetch(county_residence, other)
            fetch(township_apart, other)
            fetch(savings, other)
            fetch(first_child, other)
        if child >= 0:
            fetch(alive, child)
            fetch(birth_month, child)
            fetch(residence, child)
            fetch(state, child)
            fetch(root, child)
            fetch(hukou_place, child)
            fetch(county_hukou, child)
            fetch(county_residence, child)
            fetch(township_apart, child)
            fetch(last_move, child)
            fetch(savings, child)
            fetch(next_sibling, child)


@uncounted
def carry_out_moves(order, rows, to, way, offers, month, seed, p, jobs, ground, own_county_share, commute_hours,
                    pay_sd, experience_return, cost_per_km, log_row, log_from, log_to, log_reason, log_saved, paid):  # fmt: skip
    """Carry out the moves chosen this month, one by one in keyed order.

    Who has already moved this month with someone else stays with that move. Returns the moves logged, -1 when
    the log has no room; `log_saved` is the money each takes along, `paid` (i8[n], added to) what removals cost
    by where the payer lives, fen.
    """
    n = 0
    call_movers(order, rows, 0, p, jobs)
    for position, k in enumerate(order):
        if position % AT_ONCE == 0:
            call_movers(order, rows, position + AT_ONCE, p, jobs)
        i, j = rows[k], to[k]
        if way[k] == STAY or p.alive[i] == 0 or p.last_move[i] == month:
            continue
        here = np.int64(p.residence[i])
        if way[k] == OTHER_COUNTY:
            county = another_county(i, month, seed, p, ground)
            if county == p.county_residence[i]:
                continue
        else:
            county = county_in(j, i, month, seed, p, ground, own_county_share)
        partner = p.partner[i]
        together = (
            way[k] != ALONE
            and partner >= 0
            and p.alive[partner] == 1
            and p.residence[partner] == here
            and p.last_move[partner] != month
        )
        if n + 2 >= log_row.shape[0]:
            return -1
        reunites = partner >= 0 and p.alive[partner] == 1 and not together and p.residence[partner] == j
        start = n
        relocate(i, j, county, month, p, jobs, ground, commute_hours)
        reason = WORK
        if j == p.root[i] and (j != here or (county == p.county_hukou[i] and j == p.hukou_place[i])):
            reason = RETURN
        elif reunites:
            reason = JOIN_FAMILY
        n = _note(i, here, j, reason, p, log_row, log_from, log_to, log_reason, log_saved, n)
        if way[k] != ALONE:
            n = _take_children(i, here, j, county, month, p, jobs, ground, commute_hours,
                               log_row, log_from, log_to, log_reason, log_saved, n)  # fmt: skip
            if together:
                relocate(partner, j, county, month, p, jobs, ground, commute_hours)
                n = _note(partner, here, j, RETURN if j == p.root[partner] and j != here else JOIN_FAMILY,
                          p, log_row, log_from, log_to, log_reason, log_saved, n)  # fmt: skip
                n = _take_children(partner, here, j, county, month, p, jobs, ground, commute_hours,
                                   log_row, log_from, log_to, log_reason, log_saved, n)  # fmt: skip
        heads = 1.0 + (0.5 if together else 0.0) + 0.25 * (n - start - (2 if together else 1))
        distance = 0.0 if j == here else ground.km[here, j]
        cost = np.int64(max(0.0, (ground.move_pay[here] + cost_per_km * distance) * heads - ground.cost_relief[j]))
        pay_removal(i, cost, p, paid)
        tie = offers[k]
        if tie >= 0 and p.state[i] == UNEMPLOYED and p.alive[tie] == 1 and p.state[tie] == EMPLOYED:
            pool, workplace = p.employer[tie], np.int64(p.workplace[tie])
            if jobs.open_jobs[pool] > 0 and ground.hours[p.residence[i], workplace] <= commute_hours:
                take_job(i, pool, workplace, month, seed, p, jobs, ground, pay_sd, experience_return)
    return n


@uncounted
def move_dwellings(rows, household, residence, head, dwelling):
    """Where heads of households are among those who moved, the dwelling is where they live now."""
    n = len(rows)
    for k in range(n + 2 * AT_ONCE):
        if k < n:
            fetch(household, np.int64(rows[k]))
            fetch(residence, np.int64(rows[k]))
        if AT_ONCE <= k < n + AT_ONCE and household[rows[k - AT_ONCE]] >= 0:
            fetch(head, np.int64(household[rows[k - AT_ONCE]]))
            fetch(dwelling, np.int64(household[rows[k - AT_ONCE]]))
        if k >= 2 * AT_ONCE:
            i = rows[k - 2 * AT_ONCE]
            home = household[i]
            if home >= 0 and head[home] == i:
                dwelling[home] = residence[i]
    return 0


@uncounted
def move_priority(rows, month, seed, uid, out):
    """A keyed priority for each considerer: the order in which moves are carried out."""
    for r in range(rows.shape[0]):
        out[r] = hash64(hash64(np.uint64(seed) + np.uint64(MOVE_PRIORITY), np.uint64(month)), uid[rows[r]])
    return 0
