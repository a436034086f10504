"""Dividing a county between town and countryside, and joint counts from margins."""

import numpy as np
import pytest

from simulator.worlds.margins import (
    fit_margins,
    scale_odds,
    solve_levels,
    solve_odds,
    split_by_odds,
    split_categories,
)


def test_a_total_divides_so_that_the_odds_differ_by_the_factor():
    # 50 of 100 + 200 people, odds four times as high in the first group
    a, b = split_by_odds(50.0, 100.0, 200.0, 4.0)
    assert a + b == pytest.approx(50)
    assert (a / (100 - a)) / (b / (200 - b)) == pytest.approx(4)


def test_equal_odds_divide_in_proportion():
    a, b = split_by_odds(30.0, 100.0, 200.0, 1.0)
    assert (a, b) == (pytest.approx(10), pytest.approx(20))


@pytest.mark.parametrize("total", [0.0, 300.0, 1000.0])
def test_nobody_and_everybody_divide_without_a_remainder(total):
    a, b = split_by_odds(total, 100.0, 200.0, 0.125)
    assert 0 <= a <= 100 and 0 <= b <= 200
    assert a + b == pytest.approx(min(total, 300))


def test_a_unit_without_countryside_keeps_everything_in_town():
    a, b = split_by_odds(np.array([7.0]), np.array([10.0]), np.array([0.0]), 4.0)
    assert a[0] == pytest.approx(7) and b[0] == pytest.approx(0, abs=1e-9)


def test_categories_sum_to_the_sizes_of_both_parts():
    counts = np.array([[40.0, 30.0, 20.0, 10.0], [5.0, 5.0, 5.0, 85.0]])
    first, second = np.array([60.0, 50.0]), np.array([40.0, 50.0])
    one, two = split_categories(counts, first, second, [False, False, False, True], 4.0)
    np.testing.assert_allclose(one.sum(axis=1), first)
    np.testing.assert_allclose(one + two, counts)
    np.testing.assert_allclose((one[:, 3] / (first - one[:, 3])) / (two[:, 3] / (second - two[:, 3])), 4)


def test_fitting_meets_its_margins_and_keeps_zeros():
    seed = np.ones((3, 2, 3))
    seed[:, 0, 0] = 0
    rows, columns = np.array([[4.0, 6.0]] * 3), np.array([[2.0, 3.0, 5.0]] * 3)
    table = fit_margins(seed, [((1,), rows), ((2,), columns)])
    np.testing.assert_allclose(table.sum(axis=2), rows, rtol=1e-6)
    np.testing.assert_allclose(table.sum(axis=1), columns, rtol=1e-6)
    assert (table[:, 0, 0] == 0).all()


def test_one_factor_on_the_odds_meets_a_national_total():
    share, weight = np.array([0.1, 0.5, 0.9]), np.array([10.0, 20.0, 30.0])
    factor = solve_odds(share, weight, 24.0)
    assert (weight * scale_odds(share, factor)).sum() == pytest.approx(24)


def test_each_row_meets_its_own_total():
    share, weight = np.full((2, 3), 0.5), np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    found = solve_levels(share, weight, np.array([1.5, 14.0]))
    np.testing.assert_allclose((weight * found).sum(axis=1), [1.5, 14.0])
