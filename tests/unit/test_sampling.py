"""Drawing from shares and sharing whole things out: exact in total, fair in each part."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba import njit

from simulator.kernels.rng import draw2
from simulator.kernels.sampling import (
    NO_ANSWER,
    alias_draw,
    build_alias,
    largest_remainder,
    order_by,
    round_controlled,
    stochastic_round,
)


def implied(prob, alias):
    """The probabilities that one row of alias tables stands for."""
    n = len(prob)
    p = prob.astype(np.float64) / n
    for j in range(n):
        if prob[j] < 1:
            p[alias[j]] += (1 - np.float64(prob[j])) / n
    return p


def test_alias_tables_stand_for_their_weights_on_a_hundred_random_rows():
    draws = np.random.default_rng(1)
    for _ in range(100):
        n = int(draws.integers(1, 30))
        weights = draws.random((2, n)) ** 6 * (draws.random((2, n)) < 0.7)
        weights[:, int(draws.integers(n))] = 1.0
        prob, alias = build_alias(weights)
        assert prob.dtype == np.float32 and alias.dtype == np.uint16
        for row in range(2):
            p = implied(prob[row], alias[row])
            assert p == pytest.approx(weights[row] / weights[row].sum(), abs=1e-7)
            assert (p[weights[row] == 0] == 0).all()


def test_alias_tables_of_one_third_each_leave_no_gap():
    prob, alias = build_alias(np.full((1, 3), 0.1, dtype=np.float32))
    assert prob[0].tolist() == [1, 1, 1] and alias[0].tolist() == [0, 1, 2]


def test_a_row_without_weight_has_no_answer():
    prob, alias = build_alias(np.array([[0.0, 0.0], [np.nan, 1.0], [-1.0, 2.0], [np.inf, 1.0], [0.0, 2.0]]))
    for row in range(4):
        assert alias_draw(prob[row], alias[row], 0.3, 0.5) == NO_ANSWER
    assert {alias_draw(prob[4], alias[4], u, v) for u in (0.1, 0.9) for v in (0.01, 0.99)} == {1}


@njit
def _count(prob_row, alias_row, n):
    counts = np.zeros(prob_row.shape[0], dtype=np.int64)
    for i in range(n):
        u, v = draw2(1, 2, 24251, np.uint64(i), 0)
        counts[alias_draw(prob_row, alias_row, u, v)] += 1
    return counts


def test_alias_draws_come_in_the_given_shares():
    weights = np.array([[5.0, 0.0, 1.0, 3.0, 0.5, 0.5]])
    prob, alias = build_alias(weights)
    n = 200_000
    counts = _count(prob[0], alias[0], n)
    p = weights[0] / 10
    assert counts[1] == 0
    assert np.all(np.abs(counts - n * p) <= 5 * np.sqrt(n * p * (1 - p)))


def test_the_ends_of_a_uniform_number_stay_inside_the_table():
    prob, alias = build_alias(np.ones((1, 7)))
    assert alias_draw(prob[0], alias[0], 2.0**-33, 0.5) == 0
    assert alias_draw(prob[0], alias[0], 1 - 2.0**-33, 0.5) == 6


@given(st.lists(st.floats(0, 1e6), max_size=200))
def test_controlled_rounding_keeps_every_running_total_within_a_half(values):
    x = np.array(values, dtype=np.float64)
    out = round_controlled(x)
    assert out.dtype == np.int64 and (out >= 0).all()
    assert np.all(np.abs(out - x) < 1 + 1e-6)
    exact = np.cumsum(x.astype(np.longdouble))
    assert np.all(np.abs(np.cumsum(out) - exact) <= 0.5 + 1e-9)


def test_controlled_rounding_by_hand():
    # running totals .4 .8 1.2 1.6 2.0 round to 0 1 1 2 2
    assert round_controlled(np.full(5, 0.4)).tolist() == [0, 1, 0, 1, 0]
    assert round_controlled(np.full(10, 0.1)).sum() == 1
    # ten tenths: 0.1 ten times is 0.999... in floats, and still the total is a million
    assert round_controlled(np.full(10_000_000, 0.1)).sum() == 1_000_000
    assert round_controlled(np.empty(0)).tolist() == []


@given(
    st.lists(st.floats(0, 1e9), min_size=1, max_size=60),
    st.integers(-(10**15), 10**15),
    st.randoms(use_true_random=False),
)
def test_a_pot_is_split_to_the_last_unit_and_nobody_is_a_unit_off(shares, total, luck):
    ids = np.arange(len(shares), dtype=np.int64)
    luck.shuffle(ids)
    weights = np.array(shares)
    out = largest_remainder(weights, total, ids)
    assert out.sum() == total
    if weights.sum() > 0:
        assert np.all(np.abs(out - total * (weights / weights.sum())) <= 1 + abs(total) * 1e-15)
        assert np.all(out[weights == 0] == 0)


def test_largest_remainder_by_hand():
    ids = np.array([10, 20, 30])
    # quotas 3.5, 3.5, 3.0: the tie goes to the smaller id
    assert largest_remainder(np.array([7.0, 7.0, 6.0]), 10, ids).tolist() == [4, 3, 3]
    assert largest_remainder(np.array([7.0, 7.0, 6.0]), 10, ids[::-1].copy()).tolist() == [3, 4, 3]
    assert largest_remainder(np.array([7.0, 7.0, 6.0]), -10, ids).tolist() == [-4, -3, -3]
    # nobody has a claim: equal shares
    assert largest_remainder(np.zeros(3), 4, ids).tolist() == [2, 1, 1]
    assert largest_remainder(np.array([0, 1, 0]), 5, ids).tolist() == [0, 5, 0]


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 10**6)), max_size=80, unique_by=lambda pair: pair[1]))
def test_rows_are_ordered_by_falling_key_and_ties_by_rising_id(pairs):
    keys, ids = np.array([k for k, _ in pairs], dtype=np.float64), np.array([i for _, i in pairs], dtype=np.int64)
    expected = sorted(range(len(pairs)), key=lambda row: (-keys[row], ids[row]))
    assert order_by(keys, ids).tolist() == expected


def test_the_split_does_not_depend_on_the_order_of_storage():
    draws = np.random.default_rng(3)
    shares, ids = draws.integers(1, 5, 40).astype(np.float64), np.arange(40)
    order = draws.permutation(40)
    straight = largest_remainder(shares, 1000, ids)
    assert largest_remainder(shares[order], 1000, ids[order]).tolist() == straight[order].tolist()


def test_rounding_by_chance_has_the_right_mean():
    assert (stochastic_round(2.25, 0.2), stochastic_round(2.25, 0.25), stochastic_round(2.25, 0.9)) == (3, 2, 2)
    assert (stochastic_round(-0.75, 0.2), stochastic_round(-0.75, 0.5)) == (0, -1)
    assert stochastic_round(5.0, 0.0001) == 5
    u = (np.arange(1000) + 0.5) / 1000
    assert np.mean([stochastic_round(1.3, v) for v in u]) == pytest.approx(1.3)
