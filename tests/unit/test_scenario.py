"""A scenario is complete, exact and hashed; what is wrong with one is said line by line."""

from __future__ import annotations

import json
import math
import pickle
from typing import ClassVar

import pytest
from pydantic import ValidationError

from simulator import policies
from simulator.foundations.errors import BadInput
from simulator.foundations.files import configs_folder
from simulator.foundations.parameter import Parameter, Text
from simulator.foundations.yamlio import parse_yaml
from simulator.scenario import (
    Scenario,
    change_scenario,
    load_parameters,
    load_scenario,
    parse_settings,
    scenario_from_dict,
)
from simulator.scenario.design_check import check_design
from simulator.scenario.loader import scenario_from_text


def faults_of(text: str) -> list[str]:
    """The lines a scenario text is refused with."""
    with pytest.raises(BadInput) as caught:
        scenario_from_text(text, "s")
    return [str(fault) for fault in caught.value.faults]


class Grant:
    """A policy as the registry offers it."""

    name = "grant"
    kind = "policy"
    title = Text("Grant", "补贴")
    description = Text("A grant.", "一项补贴。")
    parameters: ClassVar[dict[str, Parameter]] = {
        "amount": Parameter("grant.amount", 500.0, "yuan a month", 0, 10_000, Text("Amount", "金额"), "assumed"),
        "months": Parameter("grant.months", 12, "months", 1, 120, Text("Length", "期限"), "assumed", "int"),
    }


@pytest.fixture
def grant(monkeypatch):
    """One declared policy."""
    monkeypatch.setattr(policies, "registry", lambda: {"grant": Grant})


def test_the_baseline_runs_from_the_census_to_december_2035():
    scenario = load_scenario("baseline")
    assert (scenario.world, scenario.base_year, scenario.persons_per_agent) == ("china-provinces", 2020, 10_000)
    assert scenario.start_month == 2020 * 12 + 10
    assert scenario.end_month == 2035 * 12 + 11
    assert scenario["labour.separation_rate"] == scenario.parameters["labour.separation_rate"] == 0.01


def test_the_teaching_circle_is_small():
    scenario = load_scenario("teaching")
    assert (scenario.world, scenario.months, scenario.persons_per_agent) == ("city-circle", 24, 1)


def test_what_is_left_out_takes_its_default():
    scenario = scenario_from_dict({})
    assert (scenario.world, scenario.start, scenario.months) == ("china-provinces", "2020-11", 181)
    assert scenario_from_dict({"base_year": 2010}).start == "2010-11"
    assert scenario_from_dict({"base_year": 2010}).months == 301
    assert scenario_from_dict({"world": "city-circle"}).persons_per_agent == 1
    assert scenario_from_dict({}).hash == load_scenario("baseline").hash


def test_a_resolved_scenario_loads_back_to_itself(grant):
    use = {
        "policy": "grant",
        "where": {"kinds": ["rural"], "coastal": False},
        "when": {"start": "2026-01"},
        "amount": 9,
    }
    scenario = scenario_from_dict({"seed": 3, "title": {"en": 'A "b": #c', "zh": "是：否"}, "policies": [use]})
    again = scenario_from_text(scenario.to_yaml())
    assert again.hash == scenario.hash
    assert again.resolved() == scenario.resolved()
    assert pickle.loads(pickle.dumps(scenario)).hash == scenario.hash


def test_the_hash_follows_what_a_run_depends_on_and_not_its_words():
    scenario = load_scenario("baseline")
    assert change_scenario(scenario, {"title": {"en": "x", "zh": "y"}}).hash == scenario.hash
    others = [{"seed": 2}, {"months": 5}, {"labour.separation_rate": 0.011}, {"drivers.variant": "low"}]
    assert len({scenario.hash, *(change_scenario(scenario, other).hash for other in others)}) == 5
    assert change_scenario(scenario, {"labour.wage_step_max": 0.01}).hash == scenario.hash


def test_a_scenario_never_changes():
    scenario = load_scenario("baseline")
    with pytest.raises(ValidationError):
        scenario.seed = 2
    with pytest.raises(TypeError):
        scenario.parameters["labour.separation_rate"] = 0.5
    with pytest.raises(KeyError):
        scenario["labour.nothing"]


def test_overrides_reach_every_part_by_long_and_short_paths(grant):
    overrides = {
        "seed": 9,
        "labour.separation_rate": 0.02,
        "parameters.migration.choice_set_size": 8,
        "drivers.variant": "high",
        "policies.grant.amount": 700,
        "policies.grant.when.start": "2026-01",
        "policies[0].delivery": 0.5,
    }
    scenario = load_scenario("baseline", overrides)
    assert (scenario.seed, scenario["labour.separation_rate"], scenario["migration.choice_set_size"]) == (9, 0.02, 8)
    assert scenario.drivers.variant == "high"
    use = scenario.policies[0]
    assert (use.policy, use.params["amount"], use.params["months"], use.when.start, use.delivery) == (
        "grant", 700.0, 12, "2026-01", 0.5,
    )  # fmt: skip


def test_settings_of_a_command_line_are_read_as_yaml():
    settings = parse_settings(["seed=7", "labour.separation_rate=1e-2", "drivers.variant=low", "title={en: a, zh: b}"])
    assert settings == {
        "seed": 7, "labour.separation_rate": 0.01, "drivers.variant": "low", "title": {"en": "a", "zh": "b"},
    }  # fmt: skip
    for bad in ("seed", "=3", "title={en: a"):
        with pytest.raises(BadInput):
            parse_settings([bad])


def test_a_setting_that_is_wrong_names_the_setting():
    with pytest.raises(BadInput) as caught:
        load_scenario("baseline", {"labour.separation_rate": 1.7})
    expected = "--set: labour.separation_rate is 1.7; allowed 0 to 1 a month; did you mean 0.017?"
    assert str(caught.value) == expected


def test_the_example_of_the_house_reads_as_promised():
    text = "seed: 1\nparameters:\n  labour:\n    separation_rate: 1.7\n"
    assert faults_of(text) == ["s.yaml:4: labour.separation_rate is 1.7; allowed 0 to 1 a month; did you mean 0.017?"]


def test_every_fault_is_reported_at_once_each_with_its_line():
    text = """\
world: china-province
seed: -1
months: 0
parameters:
  labour:
    seperation_rate: 0.1
    job_finding_rate: 18%
  labor: 3
policies:
  - policy: nonsense
    delivery: 80
colour: blue
start: 2020-13
"""
    lines = faults_of(text)
    assert [int(line.split(":")[1]) for line in lines] == [1, 2, 3, 6, 7, 8, 10, 11, 12, 13]
    joined = "\n".join(lines)
    for words in (
        "did you mean labour.separation_rate?",
        "write 0.18",
        "did you mean 0.8?",
        "nonsense is no policy",
        "colour is no field",
    ):
        assert words in joined, joined


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("seed: true", "write a number, not true"),
        ("seed: '7'", "write 7 without quotation marks"),
        ("seed: 7.0", "write 7"),
        ("seed: 9223372036854775808", "0 to 9223372036854775807"),
        ("months: 1201", "1 to 1200"),
        ("months: 1_2", "write 12"),
        ("persons_per_agent: 0", "1 to 1000000"),
        ("base_year: 2015", "2010 or 2020"),
        ("start: 2011-01", "allowed 2020-11"),
        ("start: 2020-10", "allowed 2020-11"),
        ("start: 2020-12", "give a policy a later when.start"),
        ("{base_year: 2010, start: 2020-11}", "allowed 2010-11"),
        ("start: 2020/11", "did you mean 2020-11?"),
        ("world: [a]", "the name of a world"),
        ("world: ''", "empty text"),
        ("world: china_provinces", "did you mean china-provinces?"),
        ("sed: 1", "did you mean seed?"),
        ("title: Hello", "write en: and zh: below it"),
        ("title: {en: a}", "title.zh is missing"),
        ("drivers: {variant: hihg}", "did you mean high?"),
        ("drivers: middle", "allowed variant"),
        ("outputs: {flows: yes}", "write true"),
        ("outputs: {flow: true}", "did you mean flows?"),
        ("parameters: 3", "groups of parameters"),
        ("parameters: {labour: 3}", "a table of parameters"),
        ("parameters: {labour: {separation_rate: .nan}}", "write a finite number"),
        ("parameters: {labour: {separation_rate: .inf}}", "write a finite number"),
        ("parameters: {labour: {separation_rate: 1e999}}", "write a finite number"),
        ("parameters: {labour: {separation_rate: true}}", "write a number, not true"),
        ("parameters: {labour: {separation_rate: '0,01'}}", "did you mean 0.01?"),
        ("parameters: {labour: {separation_rate: }}", "is empty"),
        ("parameters: {labour: {separation_rate: [1]}}", "a list of 1 items"),
        ("parameters: {migration: {choice_set_size: 16.5}}", "write a whole number"),
        ("parameters: {labour: {separation_rate: 0.1}, labour.separation_rate: 0.2}", "given twice"),
        ("labour: {separation_rate: 0.1}", "move it under parameters:"),
        ("policies: 3", "a list"),
        ("policies: [3]", "policy: NAME"),
        ("policies: [{}]", "policies[0].policy is missing"),
        ("- 1", "not a scenario"),
        ("hello", "not a scenario"),
        ("", "the file is empty"),
    ],
)
def test_a_mistake_meets_its_remedy(line, words):
    assert words in "\n".join(faults_of(line + "\n"))


def test_a_policy_is_checked_against_its_declaration(grant):
    text = (
        "policies:\n  - policy: grnt\n  - policy: grant\n    amount: 20000\n    monts: 3\n"
        "    where: {kinds: [cor]}\n  - policy: grant\n    when: {start: 2026-05, end: 2026-01}\n"
    )
    joined = "\n".join(faults_of(text))
    for words in (
        "s.yaml:2: grnt is no policy; allowed grant; did you mean grant?",
        "s.yaml:4: policies[1].amount is 20000; allowed 0 to 10000 yuan a month; did you mean 200?",
        "did you mean months?",
        "allowed from 2026-05",
        "did you mean core?",
    ):
        assert words in joined, joined


@pytest.mark.parametrize(("base_year", "census", "after"), [(2020, "2020-11", "2020-12"), (2010, "2010-11", "2011-09")])
def test_a_run_opens_with_the_census_and_with_no_later_month(base_year, census, after):
    text = "world: city-circle\nbase_year: {}\nstart: {}\n"
    assert scenario_from_text(text.format(base_year, census), "s").start == census
    said = faults_of(text.format(base_year, after))
    assert len(said) == 1 and said[0].startswith(f"s.yaml:3: start is {after}; allowed {census}; "), said


def test_every_parameter_is_declared_in_full():
    declared = load_parameters()
    assert len(declared) >= 110
    for name, parameter in declared.items():
        assert parameter.low <= parameter.default <= parameter.high, name
        assert parameter.plausible[0] <= parameter.default <= parameter.plausible[1], name
        assert parameter.meaning.en and parameter.meaning.zh and parameter.source and parameter.unit, name
        assert parameter.complaint(parameter.default) is None
        assert math.isfinite(parameter.low) and math.isfinite(parameter.high)
    files = {path.stem for path in (configs_folder() / "parameters").glob("*.yaml")}
    assert set(declared.groups) == files


def test_a_parameter_row_that_is_not_sound_is_refused(tmp_path):
    (tmp_path / "parameters").mkdir()
    row = "rate: {default: 2, unit: a month, low: 0, high: 1, meaning: {en: a, zh: b}, source: assumed}\n"
    (tmp_path / "parameters" / "x.yaml").write_text(row + "other: {default: 1}\n", "utf-8")
    with pytest.raises(BadInput) as caught:
        load_parameters(tmp_path)
    assert len(caught.value.faults) == 2
    assert "parameters/x.yaml:1: x.rate; low, plausible and default must lie in order" in str(caught.value)


def test_the_schema_for_editors_knows_every_parameter_and_its_range():
    schema = json.loads(json.dumps(Scenario.json_schema(), allow_nan=False))
    groups = schema["properties"]["parameters"]["properties"]
    rate = groups["labour"]["properties"]["separation_rate"]
    assert (rate["minimum"], rate["maximum"], rate["default"]) == (0, 1, 0.01)
    assert schema["additionalProperties"] is False
    assert "china-provinces" in schema["properties"]["world"]["enum"]


def test_a_design_is_checked_with_every_value_it_would_set():
    title = "title: {en: a, zh: b}\n"
    uncertain = "uncertainties: {migration.income_weight: plausible}\n"
    sound = parse_yaml(title + uncertain + "levers: {hukou.conversion_rate: [0.004, 0.008]}\nseeds: 3\ndraws: 2\n", "d.yaml")
    assert check_design(sound).runs() == 12
    text = (
        title + "levers:\n  hukou.conversion_rate: [0.004, 8]\nuncertainties:\n  labour.nothing: plausible\nsedes: 2\n"
    )
    with pytest.raises(BadInput):
        check_design(parse_yaml(text, "d.yaml"))
    with pytest.raises(BadInput) as caught:
        check_design(parse_yaml(text.replace("sedes: 2\n", ""), "d.yaml"))
    assert [fault.line for fault in caught.value.faults] == [3, 5]
