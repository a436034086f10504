"""Policies set at random, sound or not: what is accepted runs with every invariant, what is refused says why in a line."""

from __future__ import annotations

import numpy as np
import pytest

from simulator import policies
from simulator.foundations.errors import BadInput
from simulator.foundations.units import KINDS, RURAL_CLASSES
from simulator.model import MigrationModel
from simulator.scenario import scenario_from_dict

NONSENSE = (None, True, "much", "", [], {}, -1, 1e9, 1e400, float("nan"), "50%", 2**70, "2026-01", [1, 2])
QUICK, LONG = 100, 2000
PART = 100


def some_value(luck: np.random.Generator, parameter):
    """A value of a policy's number: an end of its range, something between, or its default."""
    way = luck.random()
    if way < 0.15:
        value = parameter.low
    elif way < 0.25:
        value = parameter.high
    elif way < 0.6:
        value = parameter.low + (parameter.high - parameter.low) * luck.random() ** 3
    else:
        value = parameter.default
    return int(value) if parameter.kind == "int" else float(value)


def some_month(luck: np.random.Generator) -> str:
    return f"{luck.integers(2020, 2023)}-{luck.integers(1, 13):02d}"


def some_places(luck: np.random.Generator) -> dict:
    """A selector with none, some or all conditions; it may fit no place."""
    where: dict = {}
    if luck.random() < 0.4:
        where["kinds"] = sorted({str(luck.choice(KINDS)) for _ in range(luck.integers(1, 4))})
    if luck.random() < 0.05:
        where["rural_classes"] = [str(luck.choice(RURAL_CLASSES))]
    if luck.random() < 0.04:
        where["coastal"] = bool(luck.random() < 0.5)
    if luck.random() < 0.25:
        where["poorest_share"] = float(max(luck.random(), 1e-6))
    if luck.random() < 0.02:
        where["provinces"] = [str(luck.choice(["Teaching", "44", "Anhui", "nowhere"]))]
    return where


def some_policy(luck: np.random.Generator) -> dict:
    """One policy as a scenario might say it; one field in twenty holds nonsense."""
    name = str(luck.choice(list(policies.registry())))
    use: dict = {"policy": name, "where": some_places(luck), "when": {}}
    if luck.random() < 0.7:
        use["when"]["start"] = some_month(luck)
    if luck.random() < 0.3:
        use["when"]["end"] = some_month(luck) if luck.random() < 0.1 else "2023-06"
    if luck.random() < 0.3:
        use["when"]["ramp_months"] = int(luck.integers(0, 40))
    if luck.random() < 0.4:
        use["delivery"] = float(luck.choice([0.0, 1.0, luck.random()]))
    if luck.random() < 0.4:
        use["strength"] = float(luck.choice([0.0, 1.0, luck.random()]))
    if luck.random() < 0.3:
        use["delay_months"] = int(luck.integers(0, 30))
    if luck.random() < 0.4:
        use["budget"] = float(luck.choice([0.0, 1.0, 10.0 ** luck.uniform(2, 9)]))
    if luck.random() < 0.3:
        use["payer"] = str(luck.choice(["local", "central"]))
    for short, parameter in policies.registry()[name].parameters.items():
        if luck.random() < 0.6:
            use[short] = some_value(luck, parameter)
    for field in list(use):
        if luck.random() < 0.01:
            use[field] = NONSENSE[luck.integers(len(NONSENSE))]
    if luck.random() < 0.02:
        use["grnat"] = 3
    return use


def try_one(number: int, months: int | None = None) -> str:
    """Run one random scenario of the teaching circle; "ran", or why it was refused."""
    luck = np.random.default_rng(77_000 + number)
    uses = [some_policy(luck) for _ in range(luck.integers(1, 7))]
    length = int(luck.integers(3, 25)) if months is None else months
    data = {"world": "city-circle", "months": length, "seed": number, "policies": uses}
    try:
        model = MigrationModel(scenario_from_dict(data))
    except BadInput as bad:
        for fault in bad.faults:
            assert fault.field and (fault.remedy or fault.allowed), str(fault)
            assert "\n" not in str(fault) and len(str(fault)) < 500
        return "refused"
    with np.errstate(all="raise", under="ignore"):
        while not model.done:
            model.step()
    model.close()
    programmes = model.programmes
    for k, programme in enumerate(programmes.rows):
        assert (programmes.spent[k] <= programmes.asked[k]).all() and (programmes.delivered[k] <= programmes.spent[k]).all()
        assert (programmes.spent[k] >= 0).all() and (programmes.reached[k] >= 0).all()
        if programme.strength == 0.0:
            assert not programmes.spent[k].any()
    return "ran"


@pytest.mark.parametrize("part", range(4))
def test_a_hundred_random_mixes_of_policies_run_or_are_refused_with_a_reason(part):
    found = [try_one(number) for number in range(part, QUICK, 4)]
    assert found.count("ran") >= 10 and found.count("refused") >= 1


@pytest.mark.long
@pytest.mark.parametrize("part", range(LONG // PART))
def test_two_thousand_random_mixes_of_policies_run_two_years_or_are_refused_with_a_reason(part):
    first = QUICK + part * PART
    found = [try_one(number, months=24) for number in range(first, first + PART)]
    assert found.count("ran") >= 40
