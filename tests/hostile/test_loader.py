"""A thousand hostile or mistaken configurations: each loads, or is refused with useful lines; nothing else."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.foundations.errors import BadInput
from simulator.foundations.yamlio import parse_yaml, write_yaml
from simulator.scenario import Scenario, load_parameters, load_scenario, scenario_from_dict
from simulator.scenario.design_check import check_design
from simulator.scenario.loader import scenario_from_text

NASTY_VALUES = [
    None, True, False, 0, -1, 1, 7.5, -0.0, 1e-320, 1e308, float("nan"), float("inf"), -float("inf"), 10**30, 10**400,
    -(10**400), 2**63, "", " ", "7", "1,5", "5%", "1e999", "no", "NaN", "０.５", "农村", "\u202egnp.exe", "a" * 5000,
    "\x00", "\ud800", "../../etc/passwd", "$(reboot)", "{{7*7}}", "'; drop table runs; --", [], {}, [[]], [None],
    [1, 2, 3], {"": 1}, {"a": {"b": {"c": {}}}}, {"__class__": 1}, {"policy": "x"}, [{}], [{"policy": None}], b"bytes",
    (1, 2), {1: 2}, {None: 3}, object(), complex(1, 2), "2020-11", "2020-13", "9999-99", "-001-01", "0000-00",
]  # fmt: skip
NASTY_KEYS = [
    "", " ", "sed", "Seed", "SEED", "seed ", "parameters", "__init__", "model_config", "model_fields", "农村", "a.b", "[0]",
    "x" * 3000, "\n", "%s", "{0}", "labour", "labour.separation_rate", "\ud800", "policy", "where", "<<",
]  # fmt: skip
NASTY_TEXTS = [
    "\t", "\n", "---", "...", "%YAML 9.9\n---\n", "%TAG ! x:\n---\n", "!!python/name:os.system", "!!set {a}", "&a *a",
    "[", "]", "{", "}", "[[[[", "{{{{", "'", '"', "|", ">", "?", ": ", "- - -", "*", "&", "!", "@", "`", "#", "\x00",
    "\x07", "\x85", "\u2028", "\ufeff", "\ufffe", "\U0001f600", "<<: *x", "a: &a [*a]", "=", "0x", "0o9", "1:30", ".nan",
]  # fmt: skip
BASE = """\
title: {en: Baseline, zh: 基准情景}
world: china-provinces
base_year: 2020
start: "2020-11"
months: 181
seed: 1
persons_per_agent: 10000
drivers: {variant: middle}
parameters:
  labour:
    separation_rate: 0.010
    job_finding_rate: 0.18
  migration:
    choice_set_size: 16
policies: []
outputs: {flows: true}
"""


def must_load_or_complain(attempt, positions: bool = False) -> None:
    """Anything but a scenario or BadInput with readable one-line faults is a failure."""
    try:
        found = attempt()
    except BadInput as bad:
        assert bad.faults
        for fault in bad.faults:
            line = str(fault)
            assert 5 < len(line) < 1500, line[:300]
            assert line.isprintable(), repr(line)
            assert fault.remedy or fault.allowed or "cannot be read" in line, line
            if positions:
                assert fault.line >= 1 or "larger than" in line, line
    else:
        assert isinstance(found, Scenario)
        assert len(found.hash) == 64
        assert scenario_from_text(found.to_yaml()).hash == found.hash


def paths_of(data, base=()):
    """Every place in nested data."""
    yield base
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in items:
        yield from paths_of(value, (*base, key))


def put(data, path, value) -> None:
    """Replace one place in nested data."""
    for step in path[:-1]:
        data = data[step]
    data[path[-1]] = value


def test_three_hundred_fields_with_a_value_that_does_not_belong():
    luck = random.Random(1)
    places = [p for p in paths_of(parse_yaml(BASE).data) if p]
    for _ in range(300):
        data = parse_yaml(BASE).data
        put(data, luck.choice(places), luck.choice(NASTY_VALUES))
        must_load_or_complain(lambda data=data: scenario_from_dict(data))


def test_two_hundred_parameters_out_of_range_or_of_another_type():
    luck = random.Random(2)
    names = list(load_parameters())
    for _ in range(200):
        overrides = {luck.choice(names): luck.choice(NASTY_VALUES) for _ in range(luck.randint(1, 4))}
        must_load_or_complain(lambda overrides=overrides: load_scenario("baseline", overrides))


def test_a_hundred_unknown_or_misplaced_keys():
    luck = random.Random(3)
    mappings = [p for p in paths_of(parse_yaml(BASE).data) if p in ((), ("title",), ("drivers",), ("parameters",))]
    mappings += [("parameters", "labour"), ("outputs",)]
    for _ in range(100):
        data = parse_yaml(BASE).data
        put(data, (*luck.choice(mappings), luck.choice(NASTY_KEYS)), luck.choice(NASTY_VALUES))
        must_load_or_complain(lambda data=data: scenario_from_dict(data))


def test_a_hundred_overrides_with_paths_that_lead_nowhere():
    luck = random.Random(4)
    steps = [*NASTY_KEYS, "policies", "[0]", "[99]", "labour", "drivers", "seed", "title", ".", "..", "]", "[", "[-1]"]
    for _ in range(100):
        path = ".".join(luck.choice(steps) for _ in range(luck.randint(1, 4)))
        must_load_or_complain(lambda path=path: load_scenario("baseline", {path: luck.choice(NASTY_VALUES)}))


def test_two_hundred_texts_torn_spliced_or_overwritten():
    luck = random.Random(5)
    for _ in range(200):
        text = BASE
        for _ in range(luck.randint(1, 3)):
            at, kind = luck.randrange(len(text)), luck.randrange(5)
            if kind == 0:
                text = text[:at]
            elif kind == 1:
                text = text[:at] + luck.choice(NASTY_TEXTS) + text[at:]
            elif kind == 2:
                text = text[:at] + text[at + luck.randint(1, 20) :]
            elif kind == 3:
                start = luck.randrange(len(text))
                text = text[:at] + text[start : start + 80] + text[at:]
            else:
                text = text.replace(": ", luck.choice([":", " : ", ":\t", "=", ": - "]), luck.randint(1, 4))
            text = text or "\n"
        must_load_or_complain(
            lambda text=text: scenario_from_text(text.encode("utf-8", "surrogatepass")), positions=True
        )


def test_fifty_files_of_arbitrary_bytes():
    luck = random.Random(6)
    whole = BASE.encode()
    for _ in range(50):
        data = bytearray(whole if luck.random() < 0.7 else luck.randbytes(luck.randint(1, 400)))
        for _ in range(luck.randint(1, 5)):
            data[luck.randrange(len(data))] = luck.randrange(256)
        must_load_or_complain(lambda data=bytes(data): scenario_from_text(data), positions=True)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 20_000,
        "{a: " * 20_000,
        "seed: " + "[" * 40 + "]" * 40,
        "a: &a [x]\n" + "\n".join(f"b{i}: &b{i} [*a, *a]" for i in range(50)),
        "seed: 1\n" * 2000,
        "".join(f"k{i}: 1\n" for i in range(3000)),
        "seed: " + "9" * 5000,
        "seed: 0x" + "f" * 5000,
        "title: {en: " + "x" * 100_000 + ", zh: y}",
        "policies: [" + "{policy: x}," * 5000 + "]",
        "x" * 2_000_000,
        "# comment\n" * 1000,
        "parameters:\n" + "".join(f"  g{i}: {{a: 1}}\n" for i in range(500)),
    ],
    ids=range(13),
)
def test_a_bomb_is_refused_quickly_and_briefly(text):
    must_load_or_complain(lambda: scenario_from_text(text))


words = st.text(max_size=12)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | words | st.sampled_from(NASTY_VALUES[:40]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)
fields = st.sampled_from(["title", "world", "base_year", "start", "months", "seed", "persons_per_agent", "drivers",
                          "parameters", "policies", "outputs", "description", "labour", "Seed"])  # fmt: skip


@settings(max_examples=150)
@given(st.dictionaries(fields | words, values, max_size=6))
def test_any_data_is_a_scenario_or_bad_input(data):
    must_load_or_complain(lambda: scenario_from_dict(data))


@settings(max_examples=100)
@given(st.dictionaries(fields, values, max_size=4))
def test_any_written_data_is_a_scenario_or_bad_input_with_lines(data):
    try:
        text = write_yaml(data)
    except UnicodeEncodeError:
        return
    must_load_or_complain(lambda: scenario_from_text(text.encode("utf-8", "surrogatepass")), positions=True)


@settings(max_examples=60)
@given(
    st.dictionaries(
        st.sampled_from(["title", "base", "levers", "uncertainties", "draws", "seeds", "x"]), values, max_size=5
    )
)
def test_any_data_is_a_design_or_bad_input(data):
    title = {"title": {"en": "a", "zh": "b"}}
    document = parse_yaml("a: 1", "d.yaml")
    for given_data in (data, title | data):
        try:
            check_design(type(document)("d.yaml", given_data, {}))
        except BadInput as bad:
            assert all(str(fault).isprintable() and len(str(fault)) < 1500 for fault in bad.faults)
