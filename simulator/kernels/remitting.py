"""Money between households: what migrants send home, and the rent that tenants pay to owners."""

from collections import namedtuple

import numpy as np
from numba import njit

EMPLOYED, FLEXIBLE = 2, 4
NOBODY = -1

Kin = namedtuple("Kin", "alive residence root household mother partner first_child next_sibling")
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
def find_families(kin, head, remits_to, lo, hi):
    """For everyone in [lo, hi) who lives away from the root: who of the family there gets what they send; NOBODY for all others.

    Partner, head of the household, mother and her partner, the first child in the list who lives at the root.
    """
    alive, residence, root, household = kin.alive, kin.residence, kin.root, kin.household
    mothers, partners, first_child, next_sibling = kin.mother, kin.partner, kin.first_child, kin.next_sibling
    for i in range(lo, hi):
        remits_to[i] = NOBODY
        home = root[i]
        if residence[i] == home or alive[i] == 0:
            continue
        mate = partners[i]
        if mate >= 0 and residence[mate] == home and alive[mate] == 1:
            remits_to[i] = mate
            continue
        house = household[i]
        if house >= 0:
            chief = head[house]
            if chief >= 0 and chief != i and residence[chief] == home and alive[chief] == 1:
                remits_to[i] = chief
                continue
        mother = mothers[i]
        if mother >= 0:
            if residence[mother] == home and alive[mother] == 1:
                remits_to[i] = mother
                continue
            father = partners[mother]
            if father >= 0 and father != i and residence[father] == home and alive[father] == 1:
                remits_to[i] = father
                continue
        child = first_child[i]
        while child >= 0:
            if residence[child] == home and alive[child] == 1:
                remits_to[i] = child
                break
            child = next_sibling[child]


@njit(nogil=True, cache=True)
def send_money_home(rows, flexible_pay, alone, family, decline, least, p, move_money, sent, arrived):
    """Those in `rows` with pay send a share of it home, whole fen, never more than they hold; by settlement: `sent` from
    and `arrived` at.

    Nothing is sent to who has died or left the root. `received` of both notes it; without `move_money` only that
    (the plans of the base year).
    """
    alive, states, residence, root, partner = p.alive, p.state, p.residence, p.root, p.partner
    months_away, wage, savings, received, remits_to = p.months_away, p.wage, p.savings, p.received, p.remits_to
    for i in rows:
        state, here = states[i], residence[i]
        pay = np.int64(wage[i]) if state == EMPLOYED else np.int64(flexible_pay[here]) if state == FLEXIBLE else np.int64(0)
        to = remits_to[i]
        if pay == 0 or to < 0 or alive[i] == 0:
            continue
        home = root[i]
        if here == home or residence[to] != home or alive[to] == 0:
            continue
        mate = partner[i]
        together = mate >= 0 and residence[mate] == here
        amount = np.int64(pay * remittance_share(together, np.int64(months_away[i]), alone, family, decline, least))
        if move_money:
            amount = min(amount, max(savings[i], 0))
        if amount <= 0:
            continue
        received[i] -= amount
        received[to] += amount
        if move_money:
            savings[i] -= amount
            savings[to] += amount
        sent[here] += amount
        arrived[home] += amount


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
