"""V7: two regions and constant rates of moving, with real people moved by the real kernel of removals.

Each year .02 of the village leave for the town and .06 of the town for the village. The share of
the town goes to .02 / (.02 + .06) = .25, and what it is off shrinks by 1 - .02 - .06 = .92 a year:
.92^10 = .434388 after ten. Whoever moves twice in a step, or is moved after the shares have been
read again, breaks these numbers.
"""

from __future__ import annotations

import numpy as np
import pytest

from simulator.foundations.units import CHILD
from simulator.kernels.choosing import ALONE, FAMILY, STAY
from simulator.kernels.relocating import Ground, Jobs, Removals, carry_out_moves, move_priority
from tests.choice_world import MONTH, choose, flat_places, plain_weights, singles

VILLAGE, TOWN = 0, 1
OUT, BACK = 0.02, 0.06
SEED = np.uint64(11)


def ground() -> Ground:
    """Two places of one county each, an hour apart, removals for nothing."""
    hours = np.array([[0.0, 1.0], [1.0, 0.0]], dtype=np.float32)
    hours.setflags(write=False)  # as the tables of a world are, so that the kernel is compiled once
    return Ground(
        hours=hours, km=(60 * hours).astype(np.float32), county_start=np.array([0, 1, 2], np.int64),
        county_list=np.array([0, 1], np.int64), county_weight=np.ones(2), market_wage=np.ones((2, 2)),
        move_pay=np.zeros(2), cost_relief=np.zeros(2),
    )  # fmt: skip


def move(people, rows, to, way, month, backwards=False):
    """Carry out the chosen moves in keyed order; the rows, origins and destinations logged."""
    going = np.flatnonzero(way != STAY)
    priority = np.empty(len(going), np.uint64)
    move_priority(rows[going], np.int64(month), SEED, people.uid, priority)
    order = going[np.argsort(priority)]
    if backwards:
        order = order[::-1].copy()
    room = 8 * len(order) + 8
    log = [np.empty(room, kind) for kind in (np.int32, np.uint16, np.uint16, np.uint8, np.int64)]
    none, whole = np.full(len(rows), -1, np.int32), np.zeros(0, np.int64)
    paid = np.zeros(2, dtype=np.int64)
    moved = carry_out_moves(
        order, rows, to, way, none, np.int64(month), SEED, people.bundle(Removals), Jobs(whole, whole, whole, whole),
        ground(), 0.5, 1.5, 0.45, 0.015, 0.0, *log, paid,
    )  # fmt: skip
    assert moved >= 0 and not paid.any()
    return [part[:moved] for part in log[:3]]


def yearly_rates():
    """Value of the town and cost of moving at which the logit choice leaves at .02 and .06 a year."""
    out, back = np.log(OUT / (1 - OUT)), np.log(BACK / (1 - BACK))
    return flat_places(np.array([0.0, (out - back) / 2])), plain_weights(moving_cost=-(out + back) / 2, m=2)


def share_of_town(people) -> float:
    return float((people.residence == TOWN).mean())


def live_years(people, years, month=MONTH, backwards=False):
    """Everyone chooses once a year from the shares at its start; the town's share after each."""
    places, weights = yearly_rates()
    shares = [share_of_town(people)]
    for year in range(years):
        now = month + 12 * year
        before = people.residence.copy()
        to, way = choose(people, places, weights, seed=int(SEED), month=now)
        rows, start, end = move(people, np.arange(len(people), dtype=np.int32), to, way, now, backwards)
        assert len(np.unique(rows)) == len(rows), "somebody moved twice in one step"
        assert np.array_equal(start, before[rows]) and np.array_equal(people.residence[rows], end)
        assert np.array_equal(people.residence != before, way != STAY)
        shares.append(share_of_town(people))
    return np.array(shares)


def test_the_gap_to_a_quarter_in_town_shrinks_to_434388_millionths_in_ten_years():
    people = singles(200_000)
    shares = live_years(people, 10)
    expected = 0.25 * (1 - 0.92 ** np.arange(11))
    assert 0.92**10 == pytest.approx(0.434388, abs=1e-6)
    error = np.sqrt(expected * (1 - expected) / len(people))
    assert (np.abs(shares - expected) <= 3.5 * error + 1e-12).all(), shares - expected
    assert (shares[10] - 0.25) / (shares[0] - 0.25) == pytest.approx(0.434388, abs=4 * error[10] / 0.25)


def test_a_quarter_in_town_stays_a_quarter():
    people = singles(200_000)
    people.residence[::4] = TOWN
    shares = live_years(people, 6)
    assert np.abs(shares - 0.25).max() < 4 * np.sqrt(0.25 * 0.75 / len(people)), shares


def test_the_order_of_removals_does_not_matter_to_people_on_their_own():
    ends = []
    for backwards in (False, True):
        people = singles(20_000)
        people.residence[::3] = TOWN
        live_years(people, 5, backwards=backwards)
        ends.append(people.residence.copy())
    assert np.array_equal(*ends)


def families(count: int):
    """Couples with two children of five each: man, woman, child, child."""
    people = singles(4 * count)
    first = np.arange(0, 4 * count, 4)
    for k in range(4):
        people.sex[first + k] = k % 2
    people.partner[first], people.partner[first + 1] = first + 1, first
    people.first_child[first + 1], people.next_sibling[first + 2] = first + 2, first + 3
    for k in (2, 3):
        people.birth_month[first + k] = MONTH - 60
        people.state[first + k] = CHILD
        people.guardian[first + k] = people.mother[first + k] = first + 1
    return people, first.astype(np.int32)


def test_families_who_decide_together_move_once_and_keep_the_same_shares():
    """Both partners answer "the family goes": the second answer must not take them back."""
    people, first = families(50_000)
    luck = np.random.default_rng(5)
    for year in range(10):
        here = people.residence[first]
        goes = luck.random(len(first)) < np.where(here == VILLAGE, OUT, BACK)
        rows = np.concatenate([first[goes], first[goes] + 1]).astype(np.int32)
        to = (1 - people.residence[rows]).astype(np.int64)
        moved, _, _ = move(people, rows, to, np.full(len(rows), FAMILY, np.uint8), MONTH + 12 * year)
        assert len(moved) == 4 * goes.sum() == len(np.unique(moved))
        for k in range(1, 4):
            assert np.array_equal(people.residence[first + k], people.residence[first])
    expected = 0.25 * (1 - 0.92**10)
    assert share_of_town(people) == pytest.approx(expected, abs=4 * np.sqrt(expected * (1 - expected) / len(first)))


def test_partners_who_answer_differently_are_each_moved_at_most_once():
    people, first = families(4_000)
    rows = np.concatenate([first, first + 1]).astype(np.int32)
    way = np.repeat([FAMILY, ALONE], len(first)).astype(np.uint8)
    moved, start, end = move(people, rows, np.full(len(rows), TOWN, np.int64), way, MONTH)
    assert len(np.unique(moved)) == len(moved) > 2 * len(first)
    assert (start == VILLAGE).all() and (end == TOWN).all() and (people.residence[rows] == TOWN).all()
