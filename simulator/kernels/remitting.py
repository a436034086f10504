"""Money between households: what migrants send home, and the rent that tenants pay to owners."""

from collections import namedtuple

import numpy as np
from numba import njit

from simulator.kernels.memory import fetch

EMPLOYED, FLEXIBLE = 2, 4
NOBODY = -1

Family = namedtuple(
    "Family",
    "alive state residence hukou_place root household mother partner first_child next_sibling months_away wage savings received",
)
"""The columns of persons that sending money home reads or writes."""


@njit(nogil=True, cache=True)
def remittance_share(together, months_away, alone, family, decline, least):
    """Share of pay sent home: `family` with the partner here, else `alone`; less `decline` for each year away, and not
    below `least` times what it was at first."""
    first = family if together else alone
    return max(least * first, first - decline * months_away / 12.0)


CHUNK = 8192
"""People whose relatives are asked together; what lies between the steps stays in near memory."""

AHEAD = 32
"""Rows ahead for which memory is asked."""

_EARNING = np.uint32(1 << EMPLOYED | 1 << FLEXIBLE)


@njit(nogil=True, cache=True)
def find_senders(alive, state, residence, root, rows, lo, hi):
    """People in [lo, hi) with pay who live away from the root, into `rows`; returns how many."""
    # a slice starts at 0, which spares the check for positions below it
    alive, state, residence, root = alive[lo:hi], state[lo:hi], residence[lo:hi], root[lo:hi]
    count = 0
    for k in range(len(alive)):
        rows[count] = lo + k
        count += np.int64(residence[k] != root[k]) & np.int64((_EARNING >> np.uint32(state[k])) & np.uint32(alive[k]))
    return count


@njit(nogil=True, cache=True)
def plan_remittances(p, head, flexible_pay, alone, family, decline, least, sender, receiver, amount, lo, hi):
    """Who in [lo, hi) sends what to whom: people with pay who live away from the root, to the family there.

    To the partner, else the head of the household, the mother, her partner, or the first child in the list who lives at
    the root; nobody there, nothing sent. A share of pay, whole fen. Returns how many.

    """
    count = 0
    for start in range(lo, hi, CHUNK):
        stop = min(start + CHUNK, hi)
        count += _plan_some(
            p, head, flexible_pay, alone, family, decline, least, sender[count:], receiver[count:], amount[count:], start, stop
        )
    return count


@njit(nogil=True, cache=True)
def _plan_some(p, head, flexible_pay, alone, family, decline, least, sender, receiver, amount, lo, hi):
    """One relative after the other is asked of everyone: short loops without a branch have many look-ups under way at once."""
    alive, residence, household, partners, mothers = p.alive, p.residence, p.household, p.partner, p.mother
    root, states, first_child, next_sibling = p.root, p.state, p.first_child, p.next_sibling
    months_away, wage = p.months_away, p.wage
    many = find_senders(alive, states, residence, root, sender, lo, hi)
    home, chiefs, share = np.empty(many, dtype=np.uint16), np.empty(many, dtype=np.int32), np.empty(many)
    for q in range(many):
        i = np.uint32(sender[q])
        mate, house, mother = partners[i], np.int64(household[i]), np.int64(mothers[i])
        fetch(head, max(house, 0))
        fetch(residence, max(mother, 0))
        fetch(alive, max(mother, 0))
        at = np.uint32(max(mate, 0))
        where, there = residence[at], root[i]
        home[q] = there
        receiver[q] = mate if (mate >= 0) & (where == there) & (alive[at] == 1) else NOBODY
        share[q] = family if (mate >= 0) & (where == residence[i]) else alone
    for q in range(many):
        house = household[np.uint32(sender[q])]
        chief = head[np.uint32(max(house, 0))]
        chiefs[q] = chief if (house >= 0) & (chief != sender[q]) else NOBODY
        fetch(residence, np.int64(max(chief, 0)))
        fetch(alive, np.int64(max(chief, 0)))
    for q in range(many):
        chief = chiefs[q]
        at = np.uint32(max(chief, 0))
        fits = (chief >= 0) & (residence[at] == home[q]) & (alive[at] == 1)
        receiver[q] = chief if (receiver[q] < 0) & fits else receiver[q]
    for q in range(many):
        mother = mothers[np.uint32(sender[q])]
        at = np.uint32(max(mother, 0))
        fits = (mother >= 0) & (residence[at] == home[q]) & (alive[at] == 1)
        receiver[q] = mother if (receiver[q] < 0) & fits else receiver[q]
    _ask_others(sender[:many], receiver, home, chiefs, alive, residence, mothers, partners, first_child, next_sibling)
    count = 0
    for q in range(many):
        i, to = sender[q], receiver[q]
        sender[count], receiver[count], share[count] = i, to, share[q]
        count += np.int64(to >= 0)
    for q in range(count):
        i = np.uint32(sender[q])
        pay = np.int64(wage[i]) if states[i] == EMPLOYED else np.int64(flexible_pay[residence[i]])
        first = share[q]  # `remittance_share`, written out
        amount[q] = np.int64(pay * max(least * first, first - decline * np.int64(months_away[i]) / 12.0))
    return count


@njit(nogil=True, cache=True)
def _ask_others(sender, receiver, home, fathers, alive, residence, mothers, partners, first_child, next_sibling):
    """Those who have found nobody ask the mother's partner, then the children in their list."""
    left, count = np.empty(len(sender), dtype=np.uint32), 0
    for q in range(len(sender)):
        left[count] = q
        count += np.int64(receiver[q] < 0)
    for k in range(count):
        i = np.uint32(sender[left[k]])
        mother = mothers[i]
        father = partners[np.uint32(max(mother, 0))]
        fathers[k] = father if (mother >= 0) & (father != i) else NOBODY
        fetch(residence, np.int64(max(father, 0)))
        child = np.int64(max(first_child[i], 0))
        fetch(residence, child)
        fetch(next_sibling, child)
    for k in range(count):
        q, father = left[k], fathers[k]
        at = np.uint32(max(father, 0))
        if father >= 0 and residence[at] == home[q] and alive[at] == 1:
            receiver[q] = father
            continue
        child = first_child[sender[q]]
        while child >= 0:
            if residence[child] == home[q] and alive[child] == 1:
                receiver[q] = child
                break
            child = next_sibling[child]


@njit(nogil=True, cache=True)
def send_off(sender, amount, p, move_money, sent):
    """Senders give what was planned, nobody more than they hold before anything arrives; `amount` becomes what is sent.

    Adds it up in `sent` by settlement; `received` notes it; without `move_money` only that (the plans of the base year).
    """
    residence, savings, received = p.residence, p.savings, p.received
    for k in range(len(sender)):
        i, fen = np.uint32(sender[k]), amount[k]
        if move_money:
            fen = min(fen, max(savings[i], 0))
            savings[i] -= fen
            amount[k] = fen
        received[i] -= fen
        sent[residence[i]] += fen


@njit(nogil=True, cache=True)
def take_in(receiver, amount, p, move_money, arrived, lo, hi):
    """Receivers among rows [lo, hi) get what was sent to them; adds it up in `arrived` by settlement."""
    residence, savings, received = p.residence, p.savings, p.received
    mine, fen = np.empty(len(receiver), dtype=np.uint32), np.empty(len(receiver), dtype=np.int64)
    count = 0
    for k in range(len(receiver)):
        mine[count], fen[count] = receiver[k], amount[k]
        count += np.int64((receiver[k] >= lo) & (receiver[k] < hi))
    for q in range(count):
        later = np.int64(mine[min(q + AHEAD, count - 1)])
        fetch(savings, later)
        fetch(received, later)
        fetch(residence, later)
        i = mine[q]
        received[i] += fen[q]
        if move_money:
            savings[i] += fen[q]
        arrived[residence[i]] += fen[q]


GRAIN = 20
"""Parts of the rents of a place that an owner with the mean savings there has, beside the one of every owner."""
MOST_PARTS = 100_000


@njit(nogil=True, cache=True)
def parts_of(savings, grain):
    """Parts of the rents of a place that an owner gets: one, and one for every `grain` fen of savings (dwellings to let go with wealth)."""
    return np.int64(1) + np.int64(min(np.uint64(max(savings, 0)) // np.uint64(grain), np.uint64(MOST_PARTS)))


@njit(nogil=True, cache=True)
def count_owners(head, dwelling, hukou_place, savings, grain, parts, rows, shares, lo, hi):
    """Heads of the households in [lo, hi) that own, those who dwell where their head is registered, into `rows`.

    `shares` gets the parts of the rents of the place that each has; `parts` adds them up by place. Returns how many owners there are.
    """
    count = 0
    for start in range(lo, hi, CHUNK):
        first, heads, homes = count, head[start : min(start + CHUNK, hi)], dwelling[start : min(start + CHUNK, hi)]
        for k in range(len(heads)):
            fetch(hukou_place, np.int64(max(heads[min(k + AHEAD, len(heads) - 1)], 0)))
            row = heads[k]
            rows[count] = row
            fetch(savings, np.int64(max(row, 0)))
            count += np.int64((row >= 0) & (hukou_place[np.uint32(max(row, 0))] == homes[k]))
        for k in range(first, count):
            row = np.uint32(rows[k])
            place = np.uint32(hukou_place[row])
            many = parts_of(savings[row], grain[place])
            shares[k] = many
            parts[place] += many
    return count


@njit(nogil=True, cache=True)
def collect_rents(rows, shares, p, each, extra, rank, move_money, got):
    """Owners in `rows` get their parts of the rents of the place of their hukou: `each` a part, and one fen more for the first `extra`.

    `rank` is how many parts of a place stand before the first owner; it is counted on. `got` adds up the rents by
    where the owners live.
    """
    hukou_place, residence, savings, received = p.hukou_place, p.residence, p.savings, p.received
    for k in range(len(rows)):
        later = np.int64(rows[min(k + AHEAD, len(rows) - 1)])
        fetch(savings, later)
        fetch(received, later)
        fetch(residence, later)
        row = np.uint32(rows[k])
        j, many = np.uint32(hukou_place[row]), np.int64(shares[k])
        part = each[j] * many + min(max(extra[j] - rank[j], 0), many)
        rank[j] += many
        received[row] += part
        got[residence[row]] += part
        if move_money:
            savings[row] += part
