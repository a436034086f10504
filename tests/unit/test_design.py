"""A design of experiments: what its file may say, which runs it makes, and how each is told when it is wrong."""

from __future__ import annotations

import math

import numpy as np
import pytest

from experiments.design import parse_shard, plan_of
from simulator.foundations.errors import BadInput
from simulator.foundations.yamlio import parse_yaml
from simulator.results import KEYS
from simulator.scenario.design import TABLES, Span
from simulator.scenario.design_check import check_design
from tests.sweep_world import TITLE, teaching

HEAD = "title: {en: a, zh: b}\n"


def faults_of(text: str) -> list:
    with pytest.raises(BadInput) as caught:
        check_design(parse_yaml(HEAD + text, "d.yaml"))
    return caught.value.faults


def test_runs_are_treatments_times_draws_times_seeds_and_each_is_found_by_its_number():
    """Two values of a lever and the baseline: 3 treatments; 2 draws, 2 seeds: 12 runs."""
    plan = plan_of(teaching())
    assert len(plan) == 12 == len(list(plan.points()))
    assert [t.label for t in plan.treatments] == ["baseline", "migration.moving_cost=1", "migration.moving_cost=3"]
    last = plan.point(11)
    assert (last.treatment.number, last.draw, last.seed) == (2, 1, 2)
    assert last.overrides["migration.moving_cost"] == 3.0
    assert plan.point(0).overrides.keys() == {"migration.income_weight"}
    with pytest.raises(IndexError):
        plan.point(12)


def test_packages_are_settings_chosen_together_and_cross_with_levers():
    packages = {"none": {}, "both": {"migration.moving_cost": 2.0, "drivers.variant": "high"}}
    plan = plan_of(teaching(levers={"hukou.conversion_rate": [0.004, 0.008]}, packages=packages, paired=False))
    assert [t.columns["package"] for t in plan.treatments] == ["none", "none", "both", "both"]
    assert plan.treatments[3].settings == {"migration.moving_cost": 2.0, "drivers.variant": "high", "hukou.conversion_rate": 0.008}
    assert plan.columns == {"package": "text", "hukou.conversion_rate": "float", "migration.income_weight": "float"}


def test_persons_per_agent_drivers_and_parameters_are_uncertainties_like_any_other():
    spans = {"persons_per_agent": [1, 4], "drivers.variant": {"choices": ["low", "high"]}, "migration.moving_cost": {"low": 0.5, "high": 8, "scale": "log"}}
    plan = plan_of(teaching(levers={}, paired=False, uncertainties=spans, draws=64))
    drawn = [plan.drawn(k) for k in range(64)]
    assert {d["persons_per_agent"] for d in drawn} == {1, 2, 3, 4}
    assert {d["drivers.variant"] for d in drawn} == {"low", "high"}
    middle = np.median([d["migration.moving_cost"] for d in drawn])
    assert middle == pytest.approx(2.0, rel=0.1)  # the middle of a log scale from .5 to 8 is sqrt(.5 * 8) = 2


def test_every_method_makes_the_number_of_draws_it_says():
    """k = 2. Latin hypercube n; Sobol n (k + 2); Morris n (k + 1); factorial levels^k."""
    spans = {"migration.income_weight": "plausible", "migration.moving_cost": "plausible"}
    for method, draws, levels, expected in (("latin_hypercube", 8, 4, 8), ("sobol", 8, 4, 32), ("morris", 8, 4, 24), ("factorial", 1, 3, 9)):
        plan = plan_of(teaching(levers={}, paired=False, uncertainties=spans, method=method, draws=draws, levels=levels, seeds=1))
        assert len(plan) == expected
        values = {tuple(plan.drawn(k).values()) for k in range(plan.draws)}
        assert len(values) > expected / 3
        if method != "factorial":
            assert plan.units.shape == (expected, 2)
            assert np.array_equal(plan.units, plan_of(plan.data).units)


def test_a_wildcard_takes_every_parameter_with_a_plausible_range_and_fixed_takes_one_out():
    both = plan_of(teaching(levers={}, paired=False, uncertainties={"hukou.*": "plausible", "hukou.conversion_rate": "fixed"}))
    names = [span.path for span in both.design.spans]
    assert "hukou.conversion_rate" not in names and len(names) > 3 and all(name.startswith("hukou.") for name in names)


def test_a_table_of_ones_own_is_the_draws(tmp_path):
    (tmp_path / "mine.csv").write_text("migration.moving_cost,drivers.variant\n1.5,low\n2.5,high\n", "utf-8")
    text = HEAD + "base: teaching\nmethod: table\ntable: mine.csv\nseeds: 2\n"
    design = check_design(parse_yaml(text, str(tmp_path / "d.yaml")))
    assert design.runs() == 4 and design.rows[1] == {"migration.moving_cost": 2.5, "drivers.variant": "high"}
    (tmp_path / "mine.csv").write_text("migration.moving_cost,drivers.variant\n1.5,low\n-7,highest\n", "utf-8")
    with pytest.raises(BadInput) as caught:
        check_design(parse_yaml(text, str(tmp_path / "d.yaml")))
    assert caught.value.faults[0].line == 3 and caught.value.faults[0].file.endswith("mine.csv")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("levers:\n  migration.moving_cost: []\n", "an empty list"),
        ("levers:\n  migration.moving_cots: [1]\n", "did you mean"),
        ("levers:\n  seed: [1, 2]\n", "write seeds:"),
        ("seeds: 0\n", "whole numbers 1 to 10000"),
        ("method: sobool\nseeds: 1\n", "did you mean sobol"),
        ("method: sobol\ndraws: 100\nuncertainties: {migration.moving_cost: plausible}\n", "write 64 or 128"),
        ("method: morris\nseeds: 1\n", "it needs uncertainties"),
        ("draws: 5\n", "nothing is drawn"),
        ("uncertainties: {migration.moving_cost: [3, 1]}\n", "swap them"),
        ("uncertainties: {migration.moving_cost: [1, .nan]}\n", "[low, high]"),
        ("uncertainties: {migration.moving_cost: plausible}\nlevers: {migration.moving_cost: [1]}\n", "keep it in one place"),
        ("uncertainties: {drivers.variant: {choices: [low, lowest]}}\n", "lowest"),
        ("outcomes: [talent_pol]\n", "did you mean talent_pool"),
        ("outcomes: [{name: income_median_pc, by: [kind]}]\n", "do not add up"),
        ("outcomes: [{name: gini, by: [planet]}]\n", "circle"),
        ("outcomes: [gini, gini]\n", "each name once"),
        ("outcomes: [delivered_share]\n", "do not add up"),
        ("outcomes: [{name: gini, months: ['1999-01']}]\n", "2020-11 to 2035-12"),
        ("levers: {migration.moving_cost: [1]}\npackages: {a: {migration.moving_cost: 2}}\n", "it is a lever too"),
        ("model: ishigami\nlevers: {migration.moving_cost: [1]}\n", "ishigami has none"),
        ("table: x.csv\nseeds: 1\n", "write method: table too"),
        ("seeds: 9999\nlevers: {months: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], persons_per_agent: [1, 2, 3, 4, 5, 6, 7, 8, 9]}\n", "runs in all"),
        ("sedes: 2\nseeds: 1\n", "did you mean seeds"),
    ],
)
def test_every_mistake_is_one_line_with_its_place_and_its_remedy(text, expected):
    found = faults_of(text)
    assert any(expected in str(fault) for fault in found), [str(f) for f in found]
    assert all(fault.file == "d.yaml" and fault.line > 0 and "\n" not in str(fault) for fault in found)


def test_groups_a_design_may_ask_for_are_keys_of_the_tables():
    own = {"circle": "circle_id", "policy": "policy_id", "government": "government_id"}
    for table, groups in TABLES.items():
        for group in groups:
            through_settlements = group in ("kind", "rural_class", "province", "coastal", "settlement", "circle") and "settlement_id" in KEYS[table]
            assert through_settlements or own.get(group, group) in KEYS[table]


def test_spans_reach_their_ends_and_choices_take_equal_parts():
    assert [Span("x", 1, 3, whole=True).value(u) for u in (0.0, 0.34, 0.67, 1.0)] == [1, 2, 3, 3]
    assert [Span("x", choices=("a", "b")).value(u) for u in (0.0, 0.49, 0.5, 1.0)] == ["a", "a", "b", "b"]
    assert Span("x", -math.pi, math.pi).value(0.5) == 0.0


def test_shards_share_the_runs_among_them_and_nonsense_is_refused():
    parts = [plan_of(teaching(), shard=(k, 5)) for k in range(1, 6)]
    assert sorted(n for part in parts for n in part.numbers()) == list(range(12))
    assert parse_shard("3/8") == (3, 8)
    for text in ("0/3", "4/3", "1", "a/b", "1/0"):
        with pytest.raises(BadInput):
            parse_shard(text)


def test_what_the_results_depend_on_is_in_the_identity_and_the_title_is_not():
    one = plan_of(teaching())
    assert one.id == plan_of(teaching(title=TITLE | {"en": "Other words"})).id
    assert one.id != plan_of(teaching(seeds=3)).id
    assert one.id != plan_of(teaching(settings={"months": 3})).id
