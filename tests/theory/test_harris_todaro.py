"""V1 to V3: Harris and Todaro (1970) through the choice people make in the model, agent by agent.

One village, where everyone has land worth w_r a head, and one town with E jobs at w_m, dealt anew
every month among the L_u who live there. Each month some weigh the two places by expected income,

    village: w_r        town: w_m E / L_u (+ a premium of services)

and nothing else; the stock of the town moves until it stands still. With N = 1000, w_r = 1,
w_m = 2, E = 300 a linear rural sector gives L_u = w_m E / w_r = 600, half of them without work; a
logit of weight beta on log income rests where L / (N - L) = (w_m E / (w_r L))^beta.
"""

from __future__ import annotations

import numpy as np
import pytest

from simulator.foundations.units import UNEMPLOYED
from simulator.kernels.choosing import NOTHING_KEPT, Movers
from simulator.kernels.deciding import choose_places
from tests.choice_world import MONTH, flat_places, plain_weights, singles

PEOPLE = 10_000
SCALE = PEOPLE / 1000
PAY = 300_000.0
"""w_r = 1 in fen a month."""
BEST_REPLY = 4000.0
"""A weight of log income so large that everyone takes the better place: the limit of the logit."""
VILLAGE, TOWN = 0, 1


def town_of(
    start: float, jobs: float, beta: float, seed: int, rural_pay=1.0, urban_pay=2.0, premium=(0.0, 0.0), months=160
):
    """Residents of the town, of 1000, in each month; `start` is the share who live there at first."""
    people = singles(PEOPLE, residence=VILLAGE, state=UNEMPLOYED)
    people.residence[: round(start * PEOPLE)] = TOWN
    bundle = people.bundle(Movers)
    places = flat_places(np.zeros(2))
    places.flexible_pay[:] = 0.0
    places.farm_income[VILLAGE] = rural_pay * PAY
    places.other_income[:] = np.array(premium) * PAY
    weights = plain_weights(income=beta, income_floor=1.0, pay_sd=0.0, experience_return=0.0, m=2)
    luck = np.random.default_rng(seed)
    smallest = 2.0 / PEOPLE if beta == BEST_REPLY else min(0.3, 1.0 / (1.0 + beta / 2.0))
    part = 0.3
    stock = []
    for month in range(MONTH, MONTH + months):
        living = int((people.residence == TOWN).sum())
        places.wage[:] = np.array([[rural_pay], [urban_pay]]) * PAY
        places.chance[:] = np.array([[0.0], [min(1.0, jobs * SCALE / max(living, 1))]])
        rows = np.sort(luck.choice(PEOPLE, max(1, round(part * PEOPLE)), replace=False)).astype(np.int32)
        to, way = np.empty(len(rows), np.int64), np.empty(len(rows), np.uint8)
        choose_places(
            rows, np.int64(month), np.uint64(seed), bundle, places, weights, to, way, False, *NOTHING_KEPT, 0, len(rows)
        )
        people.residence[rows] = to
        stock.append(float((people.residence == TOWN).sum() / SCALE))
        part = max(smallest, 0.95 * part)
    return np.array(stock)


def resting_point(**world) -> float:
    """Where the town stands in the limit, best replies only."""
    return float(town_of(start=0.3, beta=BEST_REPLY, seed=1, **world)[-20:].mean())


@pytest.mark.parametrize("start", [0.1, 0.3, 0.6, 0.9])
def test_best_replies_end_at_six_hundred_in_town_and_half_of_them_without_work(start):
    stock = town_of(start, jobs=300, beta=BEST_REPLY, seed=1)
    assert np.abs(stock[-20:] - 600).max() < 1.0, stock[-20:]  # within ten people of 10,000
    unemployed = 1 - 300 / stock[-1]
    assert unemployed == pytest.approx(0.5, abs=0.001)


@pytest.mark.parametrize(("beta", "known"), [(1.5, 539.7), (10.0, 580.8), (50.0, 595.4)])
def test_a_logit_of_expected_income_rests_where_its_equation_says_from_every_start(beta, known):
    left, right = known / (1000 - known), (2 * 300 / known) ** beta
    assert left == pytest.approx(right, rel=2e-3 * (1 + beta))  # the number itself solves the equation
    means = np.array([
        [town_of(start, 300, beta, seed)[-80:].mean() for start in (0.1, 0.3, 0.6, 0.9)] for seed in (1, 2, 3, 4)
    ])  # fmt: skip
    spread = means.std(axis=0, ddof=1)
    assert (np.abs(means.mean(axis=0) - known) < 3 * spread + 0.05).all(), (means.mean(axis=0), spread)
    assert np.abs(means.mean() - known) < 3 * means.std(ddof=1), (means.mean(), means.std(ddof=1))
    assert np.ptp(means.mean(axis=0)) < 3 * spread.max(), means.mean(axis=0)
    assert spread.max() < 3.0, spread  # a replicate is off by less than three in a thousand


def test_a_hundred_new_jobs_draw_two_hundred_migrants_and_a_hundred_more_unemployed():
    """The paradox of Todaro (1969), V2."""
    before, after = resting_point(jobs=300), resting_point(jobs=400)
    assert after == pytest.approx(800, abs=1.0)
    assert after - before == pytest.approx(200, abs=1.5)
    assert (after - 400) - (before - 300) == pytest.approx(100, abs=1.5)
    assert 1 - 400 / after == pytest.approx(0.5, abs=0.001)


@pytest.mark.parametrize(
    ("levers", "known", "unemployed"),
    [
        ({"rural_pay": 1.25}, 480.0, 0.375),  # a subsidy of a quarter of rural income
        ({"premium": (0.0, 0.2)}, 750.0, 0.60),  # better services in town
        ({"premium": (0.2, 0.0)}, 500.0, 0.40),  # better services in the village
    ],
)
def test_subsidies_and_services_move_the_resting_point_as_the_equation_says(levers, known, unemployed):
    """V3: w_m E / L_u + g_town = w_r (1 + b) + g_village."""
    town = resting_point(jobs=300, **levers)
    assert town == pytest.approx(known, abs=1.0)
    assert 1 - 300 / town == pytest.approx(unemployed, abs=0.001)
