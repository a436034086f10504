"""Why people move otherwise: the probabilities are those of the real choice, the lines sum, and each names its own cause."""

from __future__ import annotations

import numpy as np
import pytest

from experiments.compare.instep import live_in_step
from experiments.compare.swapping import ALL, TERMS, MixedWorld, weigh
from experiments.compare.why import LINES, considerers_now, reasons_of, split, why
from simulator.foundations.units import RURAL
from simulator.kernels.choosing import NOTHING_KEPT, Movers
from simulator.mechanisms import migration
from simulator.model import MigrationModel
from simulator.scenario import load_scenario

LIVELY = {"migration__consider_rate": 0.3, "migration__moving_cost": 1.0}


@pytest.fixture(scope="module")
def circle():
    model = MigrationModel("teaching", **LIVELY)
    model.step()
    yield model
    model.close()


@pytest.fixture()
def pair():
    """Two teaching circles with the same luck, two months on; the second pays its villages a tenth more."""
    models = MigrationModel("teaching", **LIVELY), MigrationModel("teaching", **LIVELY)
    for model in models:
        model.step()
        model.step()
    yield models
    for model in models:
        model.close()


def test_probabilities_are_the_frequencies_with_which_the_real_choice_is_made(circle):
    """300 people choose 400 times with other luck, all places weighed and no luck in pay: a chi-square by place."""
    model = circle
    rows = np.flatnonzero((model.persons.alive == 1) & (model.persons.state > 1)).astype(np.int32)[::7][:300]
    weights = migration.weights_of(model)._replace(full=1, pay_sd=0.0)
    places = migration.places_now(model)
    n, times = model.world.n, 400
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(migration, "weights_of", lambda _model: weights)
        options = weigh(model, rows)
    expected, variance = np.zeros(n), np.zeros(n)
    stay_expected = 0.0
    for r in range(len(rows)):
        place, _, probability = options.probabilities(r)
        by_place = np.bincount(place, probability, n)
        expected += by_place
        variance += by_place * (1 - by_place)
        stay_expected += probability[0]
    chosen, stayed = np.zeros(n), 0
    to, way = np.empty(len(rows), np.int64), np.empty(len(rows), np.uint8)
    for seed in range(times):
        migration.choose_places(rows, np.int64(model.month), np.uint64(seed), model.persons.bundle(Movers), places, weights, to, way, False,
                      *NOTHING_KEPT, 0, len(rows))  # fmt: skip
        chosen += np.bincount(to, minlength=n)
        stayed += (way == 0).sum()
    error = np.sqrt(variance / times)
    off = (chosen / times - expected) / np.maximum(error, 1e-9)
    assert (expected > 0.01).sum() > 20, "hardly any place is ever chosen: the test shows nothing"
    assert np.abs(off[expected > 0.01]).max() < 4.5, off
    assert 0.6 < (off[expected > 0.01] ** 2).mean() < 1.5
    assert abs(stayed / times - stay_expected) < 4 * np.sqrt(stay_expected / times)


def test_the_lines_sum_exactly_to_the_change_in_expected_net_migration(pair):
    a, b = pair
    rural = np.asarray(a.world.kind) == RURAL
    b.settlements.wage[rural] *= 1.1
    b.settlements.service_supply[rural] *= 1.2
    b.settlements.rent[~rural] *= 0.9
    b.settlements.finding_rate[...] *= 1.1
    b.levers.mobility[...] *= 1.2
    b.persons.savings[::2] += 10**7
    found = reasons_of(a, b, sample=800)
    for places in (rural, ~rural, np.arange(a.world.n) == 3, np.arange(a.world.n) % 5 == 0):
        for education in (None, "college", "primary"):
            lines = found.lines(places, education)
            assert tuple(lines) == (*LINES, "all")
            whole = found.select(places, education)
            assert lines["all"] == pytest.approx(whole[1, 0] - whole[0, 0], abs=1e-9)
            assert sum(lines[name] for name in LINES) == pytest.approx(lines["all"], abs=1e-9)
    everywhere = found.lines(np.ones(a.world.n, bool))
    assert all(abs(value) < 1e-6 for value in everywhere.values()), "net migration of the whole country is zero"
    lines = found.lines(rural)
    assert all(lines[name] != 0 for name in ("wage", "job_chance", "services", "housing", "cost", "people"))
    assert lines["wage"] > 0 and lines["services"] > 0 and lines["housing"] < 0


@pytest.mark.parametrize(
    ("table", "term"),
    [("wage", "wage"), ("transfer_income", "wage"), ("finding_rate", "job_chance"), ("service_supply", "services"), ("rent", "housing"), ("ties_utility", "ties")],
)
def test_a_change_in_one_table_is_the_reason_and_nothing_else_is(pair, table, term):
    a, b = pair
    places = np.arange(a.world.n) % 3 == 0
    getattr(b.settlements, table)[places] *= 1.3
    lines = reasons_of(a, b, sample=500).lines(places)
    if table == "wage":  # the people hold the wages that were agreed before; the market's change is what the group says
        assert lines["wage"] > 0
        assert abs(lines["people"]) <= abs(lines["wage"])
        lines["people"] = lines["cost"] = lines["all"] = 0.0  # a month's pay forgone is a cost of moving
    assert abs(lines[term]) > 0
    rest = {name: value for name, value in lines.items() if name not in (term, "all")}
    assert max(abs(value) for value in rest.values()) < 1e-9, rest


def test_the_shapley_lines_of_a_known_sum_of_terms_are_the_terms():
    """Values that add up term by term (1, 2, 4, ...) and do not depend on whose people: each line is its own term."""
    gain = np.array([float(1 << k) for k in range(len(TERMS))])
    own_a = np.array([sum(gain[k] for k in range(len(TERMS)) if mix >> k & 1) for mix in range(ALL + 1)])
    people = 100.0
    own_b = own_a[ALL] - own_a + people  # B's people from B's tables (mix 0) to A's (mix 63)
    lines = split(np.array([own_a, own_b]))
    assert [lines[term] for term in TERMS] == pytest.approx(gain)
    assert lines["people"] == pytest.approx(people) and lines["all"] == pytest.approx(gain.sum() + people)


def test_a_world_mixed_with_itself_is_itself(circle):
    rows = np.flatnonzero((circle.persons.alive == 1) & (circle.persons.state > 1)).astype(np.int32)[:200]
    plain = weigh(circle, rows)
    for mix in (0, 1, 37, ALL):
        same = weigh(circle, rows, circle, mix)
        assert np.array_equal(plain.weight, same.weight) and np.array_equal(plain.place, same.place)
    assert MixedWorld(circle, circle, ALL).world is circle.world


def test_living_in_step_and_asking_changes_nothing():
    scenario = load_scenario("teaching", {"months": 3, "migration.consider_rate": 0.3})
    alone = MigrationModel(scenario)
    while not alone.done:
        alone.step()
    asked, last = [], []

    def ask(a, b):
        migration.hear_news(a)
        migration.hear_news(b)
        found = reasons_of(a, b, (considerers_now(a, b, 100), considerers_now(b, a, 100)))
        asked.append(np.abs(found.flows).sum())
        assert not any(found.lines(np.asarray(a.world.kind) == RURAL).values())

    live_in_step(scenario, scenario, at_choice=ask, after_month=lambda a, b: last.append((a.persons.arrays(), b.persons.arrays())))
    assert len(asked) == 3 and min(asked) > 0
    for name, column in alone.persons.arrays().items():
        for side in last[-1]:
            assert np.array_equal(column, side[name]), name
    alone.close()


def test_why_tells_the_whole_first_and_then_the_reasons_largest_first_in_both_languages(pair):
    a, b = pair
    rural = np.asarray(a.world.kind) == RURAL
    b.settlements.wage[rural] *= 1.2
    for place, group in ((None, "college"), ("rural", None), (5, None), ("county_town", "senior")):
        told = why(a, b, place=place, group=group, sample=300)
        assert told[0]["term"] == "all" and sorted(line["term"] for line in told[1:]) == sorted(LINES)
        sizes = [abs(line["people_a_year"]) for line in told[1:]]
        assert sizes == sorted(sizes, reverse=True)
        assert all(line["en"].endswith(".") and line["zh"].endswith("。") for line in told)
