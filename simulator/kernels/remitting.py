"""Money between households: what migrants send home, and the rent that tenants pay to owners."""

from collections import namedtuple

import numpy as np
from numba import njit

EMPLOYED, FLEXIBLE = 2, 4
NOBODY = -1

Family = namedtuple(
    "Family",
    "alive state residence root household mother partner first_child next_sibling months_away wage savings received",
)
"""The columns of persons that sending money home reads or writes."""


@njit(nogil=True, cache=True)
def remittance_share(together, months_away, alone, family, decline, least):
    """Share of pay sent home: `family` with the partner here, else `alone`; less `decline` for each year away, and not
    below `least` times what it was at first."""
    first = family if together else alone
    return max(least * first, first - decline * months_away / 12.0)


@njit(nogil=True, cache=True)
def plan_remittances(p, head, flexible_pay, alone, family, decline, least, sender, receiver, amount, lo, hi):
    """Who in [lo, hi) sends what to whom: people with pay who live away from the root, to the family there.

    To the partner, else the head of the household, the mother, her partner, or the first child in the list who lives at
    the root; nobody there, nothing sent. A share of pay, whole fen. Returns how many.
    """
    alive, states, residence, root, household = p.alive, p.state, p.residence, p.root, p.household
    mothers, partners, first_child, next_sibling = p.mother, p.partner, p.first_child, p.next_sibling
    months_away, wage = p.months_away, p.wage
    count = 0
    for i in range(lo, hi):
        home, here = root[i], residence[i]
        if here == home or alive[i] == 0:
            continue
        state = states[i]
        if state != EMPLOYED and state != FLEXIBLE:
            continue
        to = np.int64(NOBODY)
        mate, house, mother = partners[i], household[i], mothers[i]
        if mate >= 0 and residence[mate] == home and alive[mate] == 1:
            to = np.int64(mate)
        if to < 0 and house >= 0:
            chief = head[house]
            if chief >= 0 and chief != i and residence[chief] == home and alive[chief] == 1:
                to = np.int64(chief)
        if to < 0 and mother >= 0:
            if residence[mother] == home and alive[mother] == 1:
                to = np.int64(mother)
            else:
                father = partners[mother]
                if father >= 0 and father != i and residence[father] == home and alive[father] == 1:
                    to = np.int64(father)
        child = first_child[i]
        while to < 0 and child >= 0:
            if residence[child] == home and alive[child] == 1:
                to = np.int64(child)
            child = next_sibling[child]
        if to < 0:
            continue
        pay = np.int64(wage[i]) if state == EMPLOYED else np.int64(flexible_pay[here])
        together = mate >= 0 and residence[mate] == here
        sender[count], receiver[count] = i, to
        amount[count] = np.int64(pay * remittance_share(together, np.int64(months_away[i]), alone, family, decline, least))
        count += 1
    return count


@njit(nogil=True, cache=True)
def send_money_home(sender, receiver, amount, p, move_money, sent, arrived):
    """Carry out what was planned, in order, nobody more than they hold; by settlement: `sent` from and `arrived` at.

    `received` of both notes it; without `move_money` only that (the plans of the base year).
    """
    residence, savings, received = p.residence, p.savings, p.received
    for k in range(len(sender)):
        i, to, fen = sender[k], receiver[k], amount[k]
        if move_money:
            fen = min(fen, max(savings[i], 0))
            savings[i] -= fen
            savings[to] += fen
        received[i] -= fen
        received[to] += fen
        sent[residence[i]] += fen
        arrived[residence[to]] += fen


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
