"""V16: measures of inequality against values known exactly, through the kernels that runs use."""

from __future__ import annotations

from math import erf

import numpy as np
import pytest

from simulator.kernels.incomes import BINS, bin_of
from simulator.measures import inequality


def histogram(fen) -> tuple[np.ndarray, np.ndarray]:
    """People and income by bin, as the survey of a run keeps them."""
    place = np.array([bin_of(int(y)) for y in fen])
    return np.bincount(place, minlength=BINS), np.bincount(place, weights=fen, minlength=BINS)


def test_incomes_one_to_five_have_the_gini_and_theil_of_the_textbook():
    heads, total = histogram(np.arange(1, 6) * 100_000)
    assert inequality.gini(heads, total) == pytest.approx(4 / 15, abs=1e-12)
    assert inequality.theil(heads, total) == pytest.approx(0.119688, abs=5e-7)


@pytest.mark.parametrize(("s", "expected"), [(0.5, 0.276326), (0.8, 0.428392), (1.0, 0.520500)])
def test_a_lognormal_income_has_gini_erf_of_half_its_spread(s, expected):
    from scipy.stats import norm

    fen = np.rint(300_000 * np.exp(s * norm.ppf((np.arange(20_000) + 0.5) / 20_000)))
    assert erf(s / 2) == pytest.approx(expected, abs=1e-6)
    assert inequality.gini(*histogram(fen)) == pytest.approx(expected, abs=2e-3)


@pytest.mark.parametrize(("a", "expected"), [(2.0, 1 / 3), (3.0, 0.2)])
def test_a_pareto_income_has_gini_one_over_two_a_minus_one(a, expected):
    u = (np.arange(100_000) + 0.5) / 100_000
    assert inequality.gini(*histogram(np.rint(100_000 * u ** (-1 / a)))) == pytest.approx(expected, abs=5e-3)


def test_a_heavy_pareto_tail_is_right_but_for_what_a_finite_sample_cannot_hold():
    u = (np.arange(400_000) + 0.5) / 400_000
    assert inequality.gini(*histogram(np.rint(100_000 * u ** (-1 / 1.5)))) == pytest.approx(0.5, abs=0.02)


def test_the_geometric_of_a_one_coin_exchange_has_gini_two_thirds():
    k = np.arange(200)
    share = 0.5 ** (k + 1)  # mean 1
    assert inequality.gini(share, share * k) == pytest.approx(2 / 3, abs=1e-12)


def test_theil_splits_exactly_into_within_and_between():
    rng = np.random.default_rng(1)
    groups = [histogram(rng.integers(50_000, 900_000, 400) // 1000 * 1000), histogram(rng.integers(9_000, 300_000, 300))]
    people, income = np.array([h.sum() for h, _ in groups]), np.array([t.sum() for _, t in groups])
    whole = inequality.theil(sum(h for h, _ in groups), sum(t for _, t in groups))
    within = sum(inequality.theil(h, t) * i / income.sum() for (h, t), i in zip(groups, income, strict=True))
    assert whole == pytest.approx(inequality.theil_between(people, income) + within, abs=1e-3)


def test_nobody_or_no_income_has_no_inequality_to_state():
    nothing = np.zeros(BINS)
    assert np.isnan(inequality.gini(nothing, nothing))
    assert np.isnan(inequality.theil(nothing, nothing))
    assert np.isnan(inequality.quantile(nothing, nothing, 0.5))


def test_deciles_add_up_to_the_mean_and_rise():
    heads, total = histogram(np.arange(1, 1001) * 1000)
    tenths = inequality.decile_means(heads, total)
    assert tenths.mean() == pytest.approx(500_500)
    assert np.all(np.diff(tenths) > 0)
    assert tenths[0] == pytest.approx(50_500, rel=0.01)
    assert inequality.quantile(heads, total, 0.5) == pytest.approx(500_500, rel=0.01)


def test_hoover_is_the_share_that_would_have_to_move_and_effectiveness_the_net_share_of_gross():
    assert inequality.hoover(np.array([3, 1]), np.array([2, 2])) == pytest.approx(0.25)
    assert inequality.effectiveness(np.array([3, 1]), np.array([1, 3])) == pytest.approx(50.0)
    assert inequality.variation(np.array([1.0, 3.0]), np.array([1, 1])) == pytest.approx(0.5)
