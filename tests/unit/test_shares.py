"""The share of each policy of a mix, on games with known answers."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from experiments.compare.shares import coalitions_needed, orders_in_pairs, shapley, shapley_from_orders, shares_table


def glove(some: frozenset[int]) -> np.ndarray:
    """Player 0 owns a left glove, 1 and 2 a right one; a pair is worth 1. Known: 2/3, 1/6, 1/6."""
    return np.array(float(0 in some and bool(some & {1, 2})))


def airport(some: frozenset[int]) -> np.ndarray:
    """A runway as long as its largest plane needs (10, 20, 30, 40, 50), Littlechild and Owen (1973)."""
    return np.array(max((10.0 * (i + 1) for i in some), default=0.0))


AIRPORT = [10 / 5, 10 / 5 + 10 / 4, 10 / 5 + 10 / 4 + 10 / 3, 10 / 5 + 10 / 4 + 10 / 3 + 10 / 2, 10 / 5 + 10 / 4 + 10 / 3 + 10 / 2 + 10]


def test_the_glove_game_is_divided_as_known():
    assert shapley(3, glove) == pytest.approx([2 / 3, 1 / 6, 1 / 6])


def test_the_airport_game_is_divided_as_known_and_sums_to_the_whole():
    assert shapley(5, airport) == pytest.approx(AIRPORT)
    assert shapley(5, airport).sum() == pytest.approx(50.0)


def test_orders_in_pairs_come_near_the_exact_shares_and_always_sum_to_the_whole():
    orders = orders_in_pairs(5, 400, seed=2)
    assert all(a == b[::-1] for a, b in list(pairwise(orders))[::2])
    found = shapley_from_orders(orders, airport)
    assert found.sum(axis=1) == pytest.approx(np.full(400, 50.0))
    error = found.std(axis=0, ddof=1) / np.sqrt(400)
    assert (np.abs(found.mean(axis=0) - AIRPORT) <= 4 * error + 1e-9).all()


def test_two_policies_that_need_one_another_share_alike_and_only_the_needed_mixes_are_lived():
    assert shapley(2, lambda some: np.array(float(len(some) == 2))) == pytest.approx([0.5, 0.5])
    assert len(coalitions_needed(4, None)) == 16
    assert len(coalitions_needed(6, orders_in_pairs(6, 3))) <= 2 + 6 * 5


def test_the_table_says_the_mean_over_seeds_with_its_interval_and_how_it_was_found():
    """Two policies, effects 10 and 2 (no interplay), luck -1, 0, 1 on the first: 10 +- 4.303 / sqrt(3), and 2 exactly."""
    luck = np.array([-1.0, 0.0, 1.0])

    def value(some):
        return ((10 + luck) * (0 in some) + 2.0 * (1 in some))[:, None]

    table = shares_table(2, value, None, ["a", "b"], [("residents", "total", None)])
    assert table["mean"].tolist() == pytest.approx([10.0, 2.0]) and table.method.tolist() == ["exact"] * 2
    assert table.hi[0] - table["mean"][0] == pytest.approx(4.303 / np.sqrt(3), abs=1e-3)
    many = shares_table(2, value, orders_in_pairs(2, 4), ["a", "b"], [("residents", "total", None)])
    assert many["mean"].tolist() == pytest.approx([10.0, 2.0]) and many.se_orders.tolist() == pytest.approx([0.0, 0.0])
