"""Means with intervals against sums done by hand."""

from __future__ import annotations

import numpy as np
import pytest

from experiments.statistics import latin_hypercube, paired_effect, t_interval


def test_a_t_interval_by_hand():
    """1, 2, 3, 6: mean 3, squares 4+1+0+9 = 14, s = sqrt(14/3) = 2.160, se = 1.080, t(3) = 3.182: 3 +- 3.437."""
    found = t_interval(np.array([1.0, 2.0, 3.0, 6.0]))
    assert found.mean == 3.0 and found.n == 4
    assert found.se == pytest.approx(1.0801, abs=1e-4)
    assert (found.lo, found.hi) == (pytest.approx(-0.4374, abs=1e-3), pytest.approx(6.4374, abs=1e-3))


def test_one_value_has_no_interval_and_a_missing_value_is_left_out():
    found = t_interval(np.array([[1.0, 5.0], [np.nan, 7.0]]))
    assert found.mean.tolist() == [1.0, 6.0] and found.n.tolist() == [1, 2]
    assert np.isnan(found.lo[0]) and not np.isnan(found.lo[1])


def test_pairs_that_share_their_luck_have_the_smaller_error():
    """Luck 0, 10, 20; effect 1, 2, 3. Paired: s = 1, se = 1/sqrt(3). Unpaired: s = 10 and 11, se = sqrt(221/3)."""
    base = np.array([0.0, 10.0, 20.0])
    found = paired_effect(base, base + np.array([1.0, 2.0, 3.0]))
    assert found.mean == 2.0
    assert found.se == pytest.approx(1 / np.sqrt(3))
    assert found.se_unpaired == pytest.approx(np.sqrt(221 / 3))


def test_t_intervals_cover_the_truth_as_often_as_they_say():
    luck = np.random.default_rng(7).normal(3.0, 2.0, (8, 4000))
    found = t_interval(luck)
    covered = ((found.lo <= 3.0) & (found.hi >= 3.0)).mean()
    assert abs(covered - 0.95) < 4 * np.sqrt(0.95 * 0.05 / 4000)


def test_a_latin_hypercube_has_one_draw_in_every_tenth():
    draws = latin_hypercube(10, [(0.0, 1.0), (5.0, 15.0)], seed=3)
    assert sorted(np.floor(draws[:, 0] * 10).astype(int)) == list(range(10))
    assert sorted(np.floor(draws[:, 1] - 5).astype(int)) == list(range(10))
    assert np.array_equal(draws, latin_hypercube(10, [(0.0, 1.0), (5.0, 15.0)], seed=3))
