"""Money between households: what migrants send home, and the rent that tenants pay to owners."""

from collections import namedtuple

import numpy as np
from numba import njit

EMPLOYED, FLEXIBLE = 2, 4
NOBODY = -1

Kin = namedtuple("Kin", "alive residence root household mother partner guardian first_child next_sibling")
"""The columns of persons by which a migrant's family at home is found."""

Senders = namedtuple("Senders", "alive state residence root partner months_away wage savings received remits_to")
"""The columns of persons that sending money home reads or writes."""


@njit(nogil=True, cache=True)
def remittance_share(together, months_away, alone, family, decline, least):
    """Share of pay sent home: `family` with the partner here, else `alone`; less `decline` for each year away, and not
    below `least` times what it was at first."""
    first = family if together else alone
    return max(least * first, first - decline * months_away / 12.0)


@njit(nogil=True, cache=True)
def _at_home(row, i, home, kin):
    return row >= 0 and row != i and kin.alive[row] == 1 and kin.residence[row] == home


@njit(nogil=True, cache=True)
def family_at_home(i, head, kin):
    """Who at the root gets what person i sends: partner, head of the household, mother and her partner, guardian of a child.

    `head` is by household. NOBODY when no such person lives at the root.
    """
    home = kin.root[i]
    mate, mother, house = np.int64(kin.partner[i]), np.int64(kin.mother[i]), np.int64(kin.household[i])
    if _at_home(mate, i, home, kin):
        return mate
    if house >= 0 and _at_home(np.int64(head[house]), i, home, kin):
        return np.int64(head[house])
    if _at_home(mother, i, home, kin):
        return mother
    if mother >= 0 and _at_home(np.int64(kin.partner[mother]), i, home, kin):
        return np.int64(kin.partner[mother])
    child = np.int64(kin.first_child[i])
    while child >= 0:
        if kin.alive[child] == 1 and kin.residence[child] == home:
            return child
        child = np.int64(kin.next_sibling[child])
    return np.int64(NOBODY)


@njit(nogil=True, cache=True)
def find_families(kin, head, remits_to, lo, hi):
    """For everyone in [lo, hi) who lives away from the root: who of the family lives there (NOBODY for all others)."""
    alive, residence, root = kin.alive, kin.residence, kin.root
    for i in range(lo, hi):
        remits_to[i] = family_at_home(i, head, kin) if alive[i] == 1 and residence[i] != root[i] else NOBODY


@njit(nogil=True, cache=True)
def amount_sent(i, flexible_pay, alone, family, decline, least, p):
    """What person i sends home this month, whole fen: a share of pay; nothing without pay or with nobody at home."""
    to = np.int64(p.remits_to[i])
    if to < 0 or p.alive[i] == 0 or p.residence[i] == p.root[i] or p.alive[to] == 0 or p.residence[to] != p.root[i]:
        return np.int64(0)
    pay = np.int64(p.wage[i])
    if p.state[i] == FLEXIBLE:
        pay = np.int64(flexible_pay[p.residence[i]])
    elif p.state[i] != EMPLOYED:
        return np.int64(0)
    mate = np.int64(p.partner[i])
    together = mate >= 0 and p.residence[mate] == p.residence[i]
    return np.int64(pay * remittance_share(together, np.int64(p.months_away[i]), alone, family, decline, least))


@njit(nogil=True, cache=True)
def send_money_home(rows, flexible_pay, alone, family, decline, least, p, move_money, sent, arrived):
    """Those in `rows` send money home, never more than they hold; by settlement: `sent` from and `arrived` at.

    `received` of both notes it; without `move_money` only that (the first month's plans of the base year).
    """
    for i in rows:
        amount = amount_sent(i, flexible_pay, alone, family, decline, least, p)
        if move_money:
            amount = min(amount, max(p.savings[i], 0))
        if amount <= 0:
            continue
        to = p.remits_to[i]
        p.received[i] -= amount
        p.received[to] += amount
        if move_money:
            p.savings[i] -= amount
            p.savings[to] += amount
        sent[p.residence[i]] += amount
        arrived[p.residence[to]] += amount


@njit(nogil=True, cache=True)
def count_owners(head, dwelling, hukou_place, owners, lo, hi):
    """Add to `owners` the households in [lo, hi) that own: those who dwell where their head is registered."""
    for h in range(lo, hi):
        if head[h] >= 0 and hukou_place[head[h]] == dwelling[h]:
            owners[dwelling[h]] += 1


@njit(nogil=True, cache=True)
def collect_rents(head, dwelling, hukou_place, residence, each, extra, rank, move_money, savings, received, got, lo, hi):
    """Owners in [lo, hi) get their part of the rents of their place: `each`, and one fen more for the first `extra`.

    `rank` is how many owners of a place stand before row lo; it is counted on. `got` adds up the rents by
    where the owners live.
    """
    for h in range(lo, hi):
        row = head[h]
        if row >= 0 and hukou_place[row] == dwelling[h]:
            j = dwelling[h]
            part = each[j] + np.int64(rank[j] < extra[j])
            rank[j] += 1
            received[row] += part
            got[residence[row]] += part
            if move_money:
                savings[row] += part
