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

AHEAD, FAR_AHEAD = 32, 80
"""Rows ahead for which memory is asked: where several columns of one person are read, and where one or two are."""

_EARNING = np.uint32(1 << EMPLOYED | 1 << FLEXIBLE)


@njit(nogil=True, cache=True)
def locate(alive, residence, where, lo, hi):
    """Where everyone in [lo, hi) lives, into `where`; the dead are nowhere (65,535): one look at a relative tells both."""
    alive, residence, where = alive[lo:hi], residence[lo:hi], where[lo:hi]
    for k in range(len(alive)):
        where[k] = np.uint16(residence[k]) | (np.uint16(alive[k]) - np.uint16(1))


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
def send_home(p, where, head, flexible_pay, alone, family, decline, least, move_money, sender, receiver, amount, sent, lo, hi):
    """Who in [lo, hi) sends what to whom: people with pay who live away from the root, to the family there.

    To the partner, else the head of the household, the mother, her partner, or the first child in the list who lives at
    the root; nobody there, nothing sent. A share of pay, whole fen, and nobody more than they hold before anything
    arrives; without `move_money` plans alone, whatever is held (the base year). `where` is what `locate` notes; `sent`
    adds up by settlement what is sent. Returns how many send: the first of `sender`, `receiver` and `amount`.
    """
    count, room = 0, min(CHUNK, hi - lo)
    home, left = np.empty(room, dtype=np.uint16), np.empty(room, dtype=np.int32)
    mates, chiefs, mothers = np.empty(room, dtype=np.int32), np.empty(room, dtype=np.int32), np.empty(room, dtype=np.int32)
    share = np.empty(room)
    for start in range(lo, hi, CHUNK):
        senders, receivers, amounts = sender[count:], receiver[count:], amount[count:]
        many = find_senders(p.alive, p.state, p.residence, p.root, senders, start, min(start + CHUNK, hi))
        _ask_family(senders[:many], p, where, head, alone, family, receivers, share, home, mates, chiefs, mothers)
        _ask_others(senders[:many], p, where, receivers, home, chiefs, mothers, left)
        many = _set_amounts(senders[:many], p, flexible_pay, decline, least, share, receivers, amounts)
        send_off(senders[:many], amounts[:many], p, move_money, sent)
        count += many
    return count


@njit(nogil=True, cache=True)
def _ask_family(sender, p, where, head, alone, family, receiver, share, home, mates, chiefs, mothers):
    """Partner, head of the household and mother, in this order, are asked by everyone: `receiver` is who lives at the root.

    Short loops without a branch have many look-ups under way at once. `share` is that of pay at first.
    """
    residence, root, household, partner, mother = p.residence, p.root, p.household, p.partner, p.mother
    last = len(sender) - 1
    for q in range(len(sender)):
        later = np.int64(sender[min(q + AHEAD, last)])
        fetch(partner, later)
        fetch(household, later)
        fetch(mother, later)
        i = np.uint32(sender[q])
        mate, house, mum = np.int64(partner[i]), np.int64(household[i]), np.int64(mother[i])
        mates[q], chiefs[q], mothers[q] = mate, house, mum
        fetch(head, max(house, 0))
        fetch(where, max(mum, 0))
        fetch(where, max(mate, 0))
    for q in range(len(sender)):
        i, mate, house = np.uint32(sender[q]), mates[q], chiefs[q]
        found, there, chief = where[np.uint32(max(mate, 0))], root[i], head[np.uint32(max(house, 0))]
        home[q] = there
        receiver[q] = mate if (mate >= 0) & (found == there) else NOBODY
        share[q] = family if (mate >= 0) & (found == residence[i]) else alone
        chiefs[q] = chief if (house >= 0) & (chief != sender[q]) else NOBODY
        fetch(where, np.int64(max(chief, 0)))
    for q in range(len(sender)):
        chief, mum, there = chiefs[q], mothers[q], home[q]
        other = mum if (mum >= 0) & (where[np.uint32(max(mum, 0))] == there) else NOBODY
        other = chief if (chief >= 0) & (where[np.uint32(max(chief, 0))] == there) else other
        receiver[q] = other if receiver[q] < 0 else receiver[q]


@njit(nogil=True, cache=True)
def _ask_others(sender, p, where, receiver, home, fathers, mothers, left):
    """Those who have found nobody ask the mother's partner, then the children in their list."""
    partner, first_child, next_sibling = p.partner, p.first_child, p.next_sibling
    count = 0
    for q in range(len(sender)):
        left[count] = q
        count += np.int64(receiver[q] < 0)
    for k in range(count):
        fetch(first_child, np.int64(sender[left[k]]))
        fetch(partner, np.int64(max(mothers[left[k]], 0)))
    for k in range(count):
        i, mum = np.uint32(sender[left[k]]), mothers[left[k]]
        father = partner[np.uint32(max(mum, 0))]
        fathers[k] = father if (mum >= 0) & (father != i) else NOBODY
        fetch(where, np.int64(max(father, 0)))
        child = np.int64(max(first_child[i], 0))
        fetch(where, child)
        fetch(next_sibling, child)
    for k in range(count):
        q, father = left[k], fathers[k]
        if father >= 0 and where[np.uint32(father)] == home[q]:
            receiver[q] = father
            continue
        child = first_child[np.uint32(sender[q])]
        while child >= 0:
            if where[np.uint32(child)] == home[q]:
                receiver[q] = child
                break
            child = next_sibling[np.uint32(child)]


@njit(nogil=True, cache=True)
def _set_amounts(sender, p, flexible_pay, decline, least, share, receiver, amount):
    """What those send who have found somebody, by `remittance_share`; they move to the front. Returns how many they are."""
    months_away, wage, state, residence, savings, received = p.months_away, p.wage, p.state, p.residence, p.savings, p.received
    count = 0
    for q in range(len(sender)):
        i, to = sender[q], receiver[q]
        sender[count], receiver[count], share[count] = i, to, share[q]
        fetch(wage, np.int64(i))
        fetch(months_away, np.int64(i))
        count += np.int64(to >= 0)
    for q in range(count):
        i = np.uint32(sender[q])
        fetch(savings, np.int64(i))
        fetch(received, np.int64(i))
        pay = np.int64(wage[i]) if state[i] == EMPLOYED else np.int64(flexible_pay[residence[i]])
        first = share[q]  # `remittance_share`, written out
        amount[q] = np.int64(pay * max(least * first, first - decline * np.int64(months_away[i]) / 12.0))
    return count


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


@njit(nogil=True, cache=True, error_model="numpy")
def parts_of(savings, grain):
    """Parts of the rents of a place that an owner gets: one, and one for every `grain` fen of savings (dwellings to let go with wealth).

    The quotient of whole numbers below 2^53 never rounds up to the next: the division of floats is that of whole numbers.
    """
    return np.int32(1) + np.int32(min(max(savings, 0) / np.float64(grain), MOST_PARTS))


@njit(nogil=True, cache=True, error_model="numpy")
def count_owners(head, dwelling, hukou_place, savings, grain, parts, rows, places, shares, lo, hi):
    """Heads of the households in [lo, hi) that own, those who dwell where their head is registered, into `rows`, that place into `places`.

    `shares` gets the parts of the rents of the place that each has; `parts` adds them up by place. Returns how many owners there are.
    """
    count, room = 0, min(CHUNK, hi - lo)
    held, grains = np.empty(room, dtype=np.int64), np.empty(room)
    for start in range(lo, hi, CHUNK):
        first, heads, homes = count, head[start : min(start + CHUNK, hi)], dwelling[start : min(start + CHUNK, hi)]
        last = len(heads) - 1
        for k in range(len(heads)):
            later = np.int64(max(heads[min(k + FAR_AHEAD, last)], 0))
            fetch(hukou_place, later)
            fetch(savings, later)
            row = heads[k]
            place = hukou_place[np.uint32(max(row, 0))]
            rows[count], places[count] = row, place
            count += np.int64((row >= 0) & (place == homes[k]))
        owners, there, many = rows[first:count], places[first:count], shares[first:count]
        for k in range(len(owners)):
            held[k], grains[k] = savings[np.uint32(owners[k])], grain[np.uint32(there[k])]
        for k in range(len(owners)):
            many[k] = parts_of(held[k], grains[k])
        k = 0
        while k < len(owners):  # neighbours in the list mostly own in one place
            place, in_all = there[k], np.int64(0)
            while k < len(owners) and there[k] == place:
                in_all += many[k]
                k += 1
            parts[place] += in_all
    return count


@njit(nogil=True, cache=True)
def collect_rents(rows, places, shares, p, each, extra, rank, move_money, got):
    """Owners in `rows` get their parts of the rents of the place where they own: `each` a part, and one fen more for the first `extra`.

    `rank` is how many parts of a place stand before the first owner; it is counted on. `got` adds up the rents by
    where the owners live.
    """
    residence, savings, received = p.residence, p.savings, p.received
    k, many = 0, len(rows)
    while k < many:  # neighbours in the list mostly own, and live, in one place
        place, here, total = places[k], residence[np.uint32(rows[k])], np.int64(0)
        a_part, odd, before = each[place], extra[place], rank[place]
        while k < many and places[k] == place and residence[np.uint32(rows[k])] == here:
            later = np.int64(rows[min(k + FAR_AHEAD, many - 1)])
            fetch(savings, later)
            fetch(received, later)
            fetch(residence, later)
            row, share = np.uint32(rows[k]), np.int64(shares[k])
            fen = a_part * share + min(max(odd - before, 0), share)
            before += share
            total += fen
            received[row] += fen
            if move_money:
                savings[row] += fen
            k += 1
        rank[place] = before
        got[here] += total
