"""Sums, medians and inequality of many places at once are those of each place by itself."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.foundations.columns import Column, ColumnTable, bundle_type
from simulator.kernels import booking, building, incomes, measuring
from simulator.measures import inequality
from simulator.measures.national import Circles
from simulator.measures.standards import EDGES, below
from simulator.worlds.drivers import driver_at, driver_months


@pytest.fixture
def histograms():
    rng = np.random.default_rng(5)
    heads = rng.poisson(0.4, (12, incomes.BINS)).astype(np.int64)
    heads[3] = 0
    return heads, heads * np.sort(rng.integers(100, 10**8, incomes.BINS))


def test_a_sum_in_pairs_is_the_sum():
    rng = np.random.default_rng(2)
    for n in (0, 1, 7, 8, 9, 127, 128, 129, 155, 416, 1019, 5000):
        values = rng.lognormal(0.0, 4.0, n)
        assert measuring.add_in_pairs(values, 0, n) == pytest.approx(values.sum(), rel=1e-14)
    assert measuring.add_in_pairs(np.arange(10.0), 2, 5) == 2 + 3 + 4


def test_medians_of_all_places_are_those_of_each(histograms):
    heads, total = histograms
    found = np.empty(len(heads))
    incomes.quantiles(heads, total, 0.5, found)
    alone = [inequality.quantile(h, t, 0.5) for h, t in zip(heads, total, strict=True)]
    assert np.allclose(found, alone, rtol=1e-12, equal_nan=True) and np.isnan(found[3])


def test_theil_of_all_places_is_that_of_each(histograms):
    heads, total = histograms
    alone = [inequality.theil(h, t) for h, t in zip(heads, total, strict=True)]
    assert np.allclose(inequality.theils(heads, total), alone, rtol=1e-12, equal_nan=True)


def test_hoover_and_effectiveness_by_circle_are_those_of_its_settlements():
    rng = np.random.default_rng(8)
    circle = np.array([4, 2, 2, 9, 4, 4, 9, 7])
    part, whole = rng.integers(1, 50, 8), rng.integers(50, 500, 8)
    part[7] = 0  # nobody of the kind in circle 7
    came, went = rng.integers(0, 30, 8).astype(float), rng.integers(0, 30, 8).astype(float)
    circles = Circles(circle)
    hoover, effectiveness = np.empty(5), np.empty(5)
    measuring.hoover_of_circles(part, whole, circles.order, circles.starts, hoover)
    measuring.effectiveness_of_circles(came, went, circles.place_in, effectiveness)
    for c, rows in enumerate(circles.members()):
        assert hoover[c] == pytest.approx(inequality.hoover(part[rows], whole[rows]), nan_ok=True)
        assert effectiveness[c] == pytest.approx(inequality.effectiveness(came[rows], went[rows]), nan_ok=True)
    assert np.isnan(hoover[3])


def test_the_whole_country_alone_has_the_sums_of_the_first_row(histograms):
    heads, total = histograms
    circles, whole = Circles(np.arange(12) // 5), Circles.whole(12)
    rural = np.arange(12) % 3 == 0
    survey = type("Survey", (), {"heads": heads, "total": total})()
    assert np.array_equal(whole.sums(heads), circles.sums(heads)[:1])
    for one, many in zip(whole.spread(survey, rural), circles.spread(survey, rural), strict=True):
        assert np.array_equal(one, many[:, :1])
    people, money = circles.spread(survey, rural)
    assert np.array_equal(people[1, 2], heads[5:10][rural[5:10]].sum(axis=0))
    assert np.array_equal(money[0, 3], total[10:][~rural[10:]].sum(axis=0))


def test_a_bin_on_a_line_is_divided_evenly():
    heads = np.zeros((2, incomes.BINS), dtype=np.int64)
    heads[:, 100], heads[:, 20] = 10, 3
    line = EDGES[100] + 0.25 * (EDGES[101] - EDGES[100])
    assert below(heads, line).tolist() == pytest.approx([5.5, 5.5])  # 3 + 10 / 4
    assert below(heads, np.array([EDGES[101], 0.0])).tolist() == pytest.approx([13.0, 0.0])


def test_a_path_read_at_once_has_the_values_of_every_month():
    paths = {"observed": (np.array([2020.5, 2021.5]), np.array([1.0, 0.7])), "middle": (np.array([2023.5, 2030.0]), np.array([1.1, 0.3]))}
    drivers = {"offers": {"all": paths}}
    found = driver_months(drivers, "offers", 2020 * 12, 2032 * 12)
    assert found == [driver_at(drivers, "offers", month) for month in range(2020 * 12, 2032 * 12)]


def test_a_table_gives_views_of_all_its_rows_also_after_it_has_grown():
    table = ColumnTable((Column("age", "i2", "years", "age", 0, 130), Column("pay", "i8", "fen", "pay")))
    pair = bundle_type("Pair", "age", "pay")
    table.append(2)
    table.age[:] = 30, 40
    first = table.bundle(pair)
    assert table.bundle(pair) is first and table.age is first.age
    table.append(1)
    table.age[2] = 50
    assert table.age.tolist() == [30, 40, 50] and len(table.bundle(pair).pay) == 3
    table.restore({"age": np.array([7, 8]), "pay": np.array([1, 2])})
    assert table.bundle(pair).age.tolist() == [7, 8]


def test_a_payment_that_is_unequal_or_negative_is_not_written():
    amounts, local, of = np.zeros((2, 2, 3), dtype=np.int64), np.zeros(2, dtype=np.int64), np.array([0, 0, 1])
    write = lambda payer, payee: booking.enter(amounts, 1, np.array(payer), np.array(payee), of, local, True, False)
    assert write([1, 2, 3], [1, 2, 4]) == booking.UNEQUAL
    assert write([5, -1, 0], [4, 0, 0]) == booking.NEGATIVE
    assert not amounts.any() and not local.any()
    assert write([1, 2, 3], [6, 0, 0]) == 6
    assert amounts[1].tolist() == [[1, 2, 3], [6, 0, 0]] and local.tolist() == [-3, -3]


def test_what_is_under_construction_comes_a_month_nearer():
    pipeline, arrived = np.zeros((1, 1, 4)), np.empty((1, 1))
    pipeline[0, 0] = 1.0, 2.0, 0.0, 5.0
    building.advance(pipeline, arrived)
    assert arrived[0, 0] == 1.0 and pipeline[0, 0].tolist() == [2.0, 0.0, 5.0, 0.0]
