"""Living standards: lines in histograms, the prosperity index and its file, what each tenth gets and gives."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest

from simulator.foundations.crew import Crew
from simulator.foundations.errors import BadInput
from simulator.foundations.yamlio import parse_yaml
from simulator.kernels import incomes
from simulator.measures import prosperity, standards
from simulator.measures.national import Circles
from simulator.measures.outcomes import BY_TABLE
from simulator.model import MigrationModel


def test_edges_are_where_the_bins_of_the_survey_begin():
    for fen in (64, 100, 4_096, 333_333, 1_000_000, 77_777_777):
        k = incomes.bin_of(fen)
        assert standards.EDGES[k] <= fen < standards.EDGES[k + 1]


def test_people_below_a_line_with_its_bin_divided():
    heads = np.zeros((2, incomes.BINS), dtype=np.int64)
    k = incomes.bin_of(40_000)
    low, high = standards.EDGES[k], standards.EDGES[k + 1]
    heads[0, k - 1], heads[0, k], heads[0, k + 1], heads[1, k + 1] = 7, 10, 100, 4
    middle = (low + high) / 2
    assert standards.below(heads, middle).tolist() == [12.0, 0.0]
    assert standards.below(heads, np.array([low, 1e12])).tolist() == [7.0, 4.0]


ONE = """
a:
  weight: 1
  indicators:
    gini: {weight: 1, worst: 0.6, best: 0.2}
    income_ratio: {weight: 3, worst: 4, best: 1}
b:
  weight: 3
  indicators:
    income_mean: {weight: 1, worst: 1000, best: 100000, scale: log}
"""


def test_the_index_by_hand():
    dimensions = prosperity.read_index(parse_yaml(ONE.encode(), "one.yaml"))
    columns = {
        "gini": np.array([0.4, 0.4, np.nan]), "income_ratio": np.array([2.5, np.nan, np.nan]),
        "income_mean": np.array([10_000.0, 1_000_000.0, 10_000.0]),
    }  # fmt: skip
    # a: (1 x .5 + 3 x .5) / 4 = .5; b: half way in logarithms = .5; .5^(1/4) .5^(3/4)
    # second circle: ratio unknown, a = .5; b is beyond its best, 1: .5^(1/4). Third: a unknown.
    found = prosperity.index_of(dimensions, columns)
    assert found[:2] == pytest.approx([0.5, math.sqrt(math.sqrt(0.5))]) and np.isnan(found[2])


def test_a_lack_in_one_dimension_is_not_made_up_by_plenty_in_another():
    dimensions = prosperity.read_index(parse_yaml(ONE.replace("weight: 3\n", "weight: 1\n").encode(), "one.yaml"))
    even = prosperity.index_of(dimensions, {"gini": [0.4], "income_ratio": [2.5], "income_mean": [10_000.0]})
    uneven = prosperity.index_of(dimensions, {"gini": [0.6], "income_ratio": [4.0], "income_mean": [100_000.0]})
    assert even[0] == pytest.approx(0.5) and uneven[0] == pytest.approx(0.1)  # sqrt(.01 x 1)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "names no dimension"),
        ("a: 3", "indicators"),
        ("a: {weight: 1, indicators: {ginny: {weight: 1, worst: 1, best: 0}}}", "gini"),
        ("a: {weight: -1, indicators: {gini: {weight: 1, worst: 1, best: 0}}}", "above 0"),
        ("a: {weight: 1, indicators: {gini: {weight: 1, worst: 1, best: 1}}}", "differ"),
        ("a: {weight: 1, indicators: {gini: {weight: 1, worst: 0, best: 1, scale: log}}}", "above 0"),
        ("a: {weight: 1, indicators: {gini: {weight: 1, worst: yes, best: 1}}}", "number"),
        ("a: {weight: 1, indicators: {gini: {weight: 1, worst: 2, best: 1, scale: cube}}}", "linear or log"),
    ],
)
def test_a_faulty_file_is_told_in_a_line(text, words):
    with pytest.raises(BadInput, match=words):
        prosperity.read_index(parse_yaml(text.encode(), "index.yaml"))


def test_the_index_that_ships_is_made_of_declared_outcomes():
    dimensions = prosperity.load_index()
    assert len(dimensions) >= 4
    for dimension in dimensions:
        assert dimension.meaning.en and dimension.meaning.zh
        for indicator in dimension.indicators:
            assert ("national", indicator.name) in BY_TABLE, indicator.name


def test_every_column_of_living_standards_is_declared():
    assert {("national", name) for name in standards.COLUMNS} <= set(BY_TABLE)


@pytest.fixture(scope="module")
def december():
    """The teaching circle at the end of its first December, with an observer."""
    from simulator.measures.observer import Observer

    model = MigrationModel("teaching")
    observer = Observer(model.world)
    observer.open(model)
    model.observers.append(observer)
    model.step()
    model.close()
    return model, observer


def test_tenths_get_and_give_what_is_got_and_given(december):
    model, observer = december
    rows = observer.tables["deciles"].columns()
    nation = rows["circle_id"] == 0
    people = (model.persons.alive == 1).sum()
    # a tenth of the people each: the sum over tenths times a tenth of the people is the nation's total
    tax = rows["tax_pc"][nation].sum() * people / 10 / 12 * 100
    paid = sum(model.ledger.total(name) for name in ("employee_contributions", "income_tax_local", "income_tax_central"))
    assert tax == pytest.approx(paid, rel=0.01)
    got = rows["transfers_pc"][nation].sum() * people / 10 / 12 * 100
    given = sum(model.ledger.total(name) for name in ("pensions", "transfers_to_people", "guarantee", "disability_aid"))
    assert got == pytest.approx(given - model.ledger.total("contributions_of_people"), rel=0.01)
    assert rows["tax_pc"][nation][9] > rows["tax_pc"][nation][0]


def test_standards_of_the_nation_lie_where_they_can(december):
    _, observer = december
    rows = observer.tables["national"].columns()
    last = (rows["circle_id"] == 0) & (rows["month"] == rows["month"].max())
    value = {name: float(rows[name][last][0]) for name in standards.COLUMNS}
    assert 0.4 < value["labour_share"] < 0.65 and 0 < value["common_prosperity"] < 1
    assert value["poverty_headcount"] <= value["below_guarantee_line"] * 2 and value["guarantee_recipients"] > 0
    assert 0 < value["middle_income_share"] < 1 and 0 <= value["left_behind_share"] < 1
    quotients = observer.tables["settlement_month"].columns()["talent_quotient"]
    assert np.nanmax(quotients) > 1 > np.nanmin(quotients)


def test_what_the_poor_lack_is_added_up_by_hand():
    heads, total = np.zeros((1, standards.BINS)), np.zeros((1, standards.BINS))
    line = standards.EDGES[10]
    heads[0, 5], total[0, 5] = 3, 3 * standards.EDGES[5]  # three people at the lower edge of bin 5
    heads[0, 40], total[0, 40] = 2, 2 * standards.EDGES[40]  # two far above
    assert standards.lacking(SimpleNamespace(heads=heads, total=total), line)[0] == pytest.approx(3 * (line - standards.EDGES[5]))
    middle = (standards.EDGES[5] + standards.EDGES[6]) / 2  # half of bin 5 lies below, by a quarter of its width on average
    assert standards.lacking(SimpleNamespace(heads=heads, total=total), middle)[0] == pytest.approx(1.5 * (standards.EDGES[6] - standards.EDGES[5]) / 4)


def test_errors_of_coverage_count_who_is_missed_and_who_is_not_in_need():
    # forty households of two below the usual line of 500 without help, ten of them helped; twenty helped that have 800 without it
    per_head = np.array([450.0] * 10 + [400.0] * 30 + [900.0] * 20)
    guarantee = np.array([100] * 10 + [0] * 30 + [200] * 20)
    homes = SimpleNamespace(size=np.full(60, 2), dwelling=np.zeros(60, dtype=int), guarantee=guarantee)
    model = SimpleNamespace(crew=Crew(), households=homes, settlements=SimpleNamespace(guarantee_line=np.array([500.0])), levers=SimpleNamespace(guarantee_line=np.ones(1)))
    missed, leaked = standards.coverage_errors(model, SimpleNamespace(per_head=per_head), Circles(np.array([1])))
    assert missed[0] == pytest.approx(30 / 40) and leaked[0] == pytest.approx(20 / 30)
