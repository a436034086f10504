"""Settlements from county units: kinds, splitting, merging, and what a decade's growth is made of."""

import numpy as np
import pytest

from simulator.foundations.units import CORE, COUNTY_TOWN, INNER_RING, OUTER_RING, RURAL
from simulator.worlds import cells, targets
from simulator.worlds.origins import home_kinds, home_provinces, homes_in_province

NAMES = np.array(["Here"])


def parts(kinds, people):
    n = len(kinds)
    return cells.Parts(
        np.arange(n), np.array(kinds, dtype=np.uint8), np.zeros(n, dtype=int),
        {"population": np.array(people, dtype=float)}, {"household": np.full(n, 2.5)},
    )  # fmt: skip


def test_a_circle_without_rings_gets_them_from_its_largest_settlement():
    # one core of four districts and a countryside; the last district becomes a ring, the total stays
    given = parts([CORE] * 4 + [RURAL], [400e3, 400e3, 400e3, 400e3, 500e3])
    codes = np.array(["01", "02", "03", "04", "81"])
    done, assumed = cells.complete_kinds(given, codes, 1, NAMES)
    gathered = cells.gather(done)
    assert gathered.kind.tolist() == [CORE, INNER_RING, OUTER_RING, COUNTY_TOWN, RURAL]
    assert gathered.counts["population"].sum() == 2_100e3
    assert done.kind[0] == CORE and len(assumed) == 3


def test_a_missing_core_is_made_of_the_oldest_district():
    given = parts([COUNTY_TOWN, COUNTY_TOWN, INNER_RING, OUTER_RING, RURAL], [500e3, 600e3, 400e3, 400e3, 900e3])
    done, _ = cells.complete_kinds(given, np.array(["21", "22", "02", "03", "81"]), 1, NAMES)
    assert done.kind.tolist()[:2] == [CORE, COUNTY_TOWN]


def test_a_settlement_of_one_unit_is_cut_in_two_halves():
    given = parts([CORE, INNER_RING, OUTER_RING, RURAL], [800e3, 400e3, 400e3, 900e3])
    done, _ = cells.complete_kinds(given, np.array(["01", "02", "03", "81"]), 1, NAMES)
    people = cells.gather(done).counts["population"]
    assert people[CORE] == people[COUNTY_TOWN] == 400e3 and people.sum() == 2_500e3


def test_a_small_settlement_joins_the_nearest_kind_and_is_listed():
    given = parts([CORE, INNER_RING, COUNTY_TOWN, RURAL], [900e3, 100e3, 400e3, 800e3])
    assumed = cells.merge_small(given, 1, NAMES)
    assert given.kind.tolist() == [CORE, CORE, COUNTY_TOWN, RURAL]
    assert assumed == [("Here: kind 1 merged into kind 0", 100e3, "fewer than 300,000 people")]


def test_urban_growth_is_births_moves_and_new_labels():
    # one circle: towns 100 -> 150, country 100 -> 80; 40 births, 10 deaths on balance 30 = all growth
    net, relabelled, natural = targets.split_urban_growth(
        np.array([[100.0, 150.0]]), np.array([[100.0, 80.0]]), np.array([[20.0, 20.0]]), np.array([[5.0, 5.0]])
    )
    # natural growth 15 each: towns gained 35 otherwise, .4 of it by re-labelling
    np.testing.assert_allclose(natural, [[15, 15]])
    assert relabelled[0] == pytest.approx(14)
    np.testing.assert_allclose(net, [[21, -21]])


def test_gains_follow_arrivals_and_losses_follow_people():
    kind, circle = np.array([CORE, COUNTY_TOWN, RURAL]), np.zeros(3, dtype=int)
    migrants = np.zeros((3, 4))
    migrants[:, 3] = [30, 10, 0]
    counts = {"population": np.array([1000.0, 1000.0, 2000.0]), "migrants": migrants}
    net = targets.spread_over_kinds(np.array([[20.0, -20.0]]), circle, kind, counts)
    np.testing.assert_allclose(net, [15, 5, -20])


def test_the_rate_of_relabelling_gives_the_people_wanted():
    # a village of 100 with three in four workers off the farm: r0 · .5 · 100 = 10
    rate = targets.solve_relabel_rate(np.array([CORE, RURAL]), np.array([50.0, 100.0]), np.array([[9.0, 1.0], [30.0, 10.0]]), 10.0)
    assert rate == pytest.approx(0.2)


def test_homes_lie_in_other_provinces_or_in_other_counties():
    stock = np.array([[0.0, 30.0, 10.0], [5.0, 0.0, 5.0], [1.0, 0.0, 0.0]])
    np.testing.assert_allclose(home_provinces(stock), [[0, 0.75, 0.25], [0.5, 0, 0.5], [1, 0, 0]])
    province, kind = np.array([0, 0, 1]), np.array([CORE, RURAL, RURAL])
    local = np.array([100.0, 100.0, 50.0])
    assert home_kinds(province, 2, kind, local)[0].tolist() == pytest.approx([0.15 / 1.15, 1 / 1.15, 0])
    hours = np.full((3, 3), 0.4) + 0.6 * (1 - np.eye(3))
    table = homes_in_province(province, kind, local, hours, np.array([1, 3, 1]))
    assert table[0].tolist() == [0, 1, 0]  # the core is one county: its migrants come from the countryside
    assert table[1, 1] > table[1, 0] > 0 and table[2].tolist() == [0, 0, 1]
