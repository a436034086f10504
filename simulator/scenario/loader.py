"""How a scenario file, with the settings of a command line over it, becomes a checked scenario."""

from __future__ import annotations

import copy
import hashlib
import json
import os
from collections.abc import Mapping
from typing import Any

from pydantic import ConfigDict

from simulator.foundations.errors import BadInput, Fault, one_line, show_value
from simulator.foundations.files import find_config
from simulator.foundations.units import parse_month
from simulator.foundations.yamlio import Document, parse_yaml, read_yaml, write_yaml
from simulator.scenario.editor import scenario_json_schema
from simulator.scenario.entries import (
    check_start,
    check_world,
    parse_settings,
    take_parameters,
    take_policies,
    validate,
    with_overrides,
)
from simulator.scenario.faults import FaultList
from simulator.scenario.parameters import load_parameters
from simulator.scenario.schema import (
    WORLDS,
    Drivers,
    Outputs,
    Part,
    PolicyUse,
    ScenarioFile,
    Values,
    Words2,
    census_month,
    months_to_end,
)

__all__ = ["Scenario", "change_scenario", "load_scenario", "parse_settings", "scenario_from_dict", "scenario_from_text"]

FIELDS = (*ScenarioFile.model_fields, "parameters", "policies")


class Scenario(Part):
    """A validated, complete, unchangeable request: `scenario["labour.separation_rate"]` is a value."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    name: str
    title: Words2
    description: Words2 | None
    world: str
    base_year: int
    start: str
    months: int
    seed: int
    persons_per_agent: int
    drivers: Drivers
    parameters: Values
    policies: tuple[PolicyUse, ...]
    outputs: Outputs

    def __getitem__(self, name: str) -> float | int:
        return self.parameters[name]

    @property
    def start_month(self) -> int:
        """The opening month as a month number."""
        return parse_month(self.start)

    @property
    def end_month(self) -> int:
        """The last month simulated, as a month number."""
        return self.start_month + self.months

    def resolved(self) -> dict[str, Any]:
        """Everything the scenario says, defaults filled in, as plain values in the file's form."""
        nested: dict[str, dict[str, float | int]] = {}
        for name, value in self.parameters.items():
            group, _, short = name.partition(".")
            nested.setdefault(group, {})[short] = value
        data: dict[str, Any] = {"title": self.title.model_dump()}
        if self.description is not None:
            data["description"] = self.description.model_dump()
        data |= {
            "world": self.world,
            "base_year": self.base_year,
            "start": self.start,
            "months": self.months,
            "seed": self.seed,
            "persons_per_agent": self.persons_per_agent,
            "drivers": self.drivers.model_dump(),
            "parameters": nested,
            "policies": [_policy_data(use) for use in self.policies],
            "outputs": self.outputs.model_dump(),
        }
        return data

    def to_yaml(self) -> str:
        """The scenario in full, as a file that loads to the same scenario."""
        return f"# {self.name}, fully resolved; hash {self.hash}\n" + write_yaml(self.resolved())

    @property
    def hash(self) -> str:
        """SHA-256 of all that a run depends on: everything resolved but title and description."""
        data = self.resolved()
        data.pop("title")
        data.pop("description", None)
        text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
        return hashlib.sha256(text.encode("ascii")).hexdigest()

    @staticmethod
    def json_schema(configs: str | os.PathLike | None = None) -> dict[str, Any]:
        """JSON schema of a scenario file, for editors: parameters with ranges and meanings."""
        return scenario_json_schema(configs)

    def with_overrides(self, overrides: Mapping[str, object]) -> Scenario:
        """The same scenario with other values at some paths, checked again."""
        return change_scenario(self, overrides)


def load_scenario(
    name_or_path: str | os.PathLike,
    overrides: Mapping[str, object] | None = None,
    configs: str | os.PathLike | None = None,
) -> Scenario:
    """Load a scenario by name or file, set `overrides` over it, check everything.

    An override is a dotted path and a value: `seed`, `parameters.labour.separation_rate` or
    shorter `labour.separation_rate`, `policies[0].delivery` or `policies.NAME.delivery`.
    BadInput lists every fault, each with its line.
    """
    path = find_config("scenario", name_or_path, configs)
    document = read_yaml(path, os.fspath(name_or_path) if "/" in os.fspath(name_or_path) else path.name)
    return _check(document, path.stem, overrides or {}, configs)


def scenario_from_dict(
    data: Mapping[str, Any],
    name: str = "scenario",
    overrides: Mapping[str, object] | None = None,
    configs: str | os.PathLike | None = None,
) -> Scenario:
    """Check a scenario given as plain values, in the form of a scenario file."""
    return _check(Document("", copy.deepcopy(dict(data))), name, overrides or {}, configs)


def scenario_from_text(text: str | bytes, name: str = "scenario", configs: str | os.PathLike | None = None) -> Scenario:
    """Check a scenario given as YAML text."""
    return _check(parse_yaml(text, f"{name}.yaml"), name, {}, configs)


def change_scenario(
    scenario: Scenario, overrides: Mapping[str, object], configs: str | os.PathLike | None = None
) -> Scenario:
    """The same scenario with other values at some paths, checked again."""
    return scenario_from_dict(scenario.resolved(), scenario.name, overrides, configs)


def _check(
    document: Document, name: str, overrides: Mapping[str, object], configs: str | os.PathLike | None
) -> Scenario:
    declared = load_parameters(configs)
    if document.data is None and not overrides:
        raise BadInput(Fault(document.file, 1, value="the file is empty", remedy="begin with world: china-provinces"))
    data = {} if document.data is None else document.data
    if not isinstance(data, dict):
        raise BadInput(
            Fault(
                document.file,
                1,
                value=f"this is {show_value(data)}, not a scenario",
                remedy="begin with world: china-provinces",
            )
        )
    faults = FaultList(document)
    data = with_overrides(data, overrides, declared, faults)
    parameters = take_parameters(data.pop("parameters", {}), declared, faults)
    uses = take_policies(data.pop("policies", []), faults)
    for key in [k for k in data if k not in ScenarioFile.model_fields]:
        del data[key]
        if isinstance(key, str) and key in declared.groups:
            faults.add(key, remedy="move it under parameters:", field=f"{key} stands at the top")
        else:
            faults.add_unknown(str(key), str(key), FIELDS)
    file = validate(ScenarioFile, data, "", faults)
    check_world(data.get("world"), faults, configs)
    if file is not None and file.start is not None:
        check_start(file.start, file.base_year, faults)
    faults.stop_if_any()
    start = file.start or census_month(file.base_year)
    words = Words2(en=one_line(name)[:80] or "scenario", zh=one_line(name)[:80] or "scenario")
    return Scenario(
        name=name,
        title=file.title or words,
        description=file.description,
        world=file.world,
        base_year=file.base_year,
        start=start,
        months=file.months or months_to_end(start),
        seed=file.seed,
        persons_per_agent=file.persons_per_agent or WORLDS.get(file.world, 1),
        drivers=file.drivers,
        parameters=Values(parameters),
        policies=tuple(uses),
        outputs=file.outputs,
    )


def _policy_data(use: PolicyUse) -> dict[str, Any]:
    data: dict[str, Any] = {"policy": use.policy}
    where = use.where.model_dump(exclude_none=True)
    if where:
        data["where"] = where
    when = use.when.model_dump(exclude_none=True)
    data |= {"when": when, "strength": use.strength, "delivery": use.delivery, "delay_months": use.delay_months}
    return data | {name: v for name in ("budget", "payer") if (v := getattr(use, name)) is not None} | dict(use.params)
