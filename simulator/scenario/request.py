"""One scenario, complete and checked: what a run is asked to simulate, and its hash."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ConfigDict

from simulator.foundations.units import parse_month
from simulator.foundations.yamlio import write_yaml
from simulator.scenario.editor import scenario_json_schema
from simulator.scenario.schema import Drivers, Outputs, Part, PolicyUse, Words2


class Values(Mapping[str, float | int]):
    """Parameter values by dotted name; never changed once made."""

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, float | int]):
        self._values = dict(values)

    def __getitem__(self, name: str) -> float | int:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __hash__(self) -> int:
        return hash(tuple(self._values.items()))

    def __repr__(self) -> str:
        return f"Values({self._values!r})"

    def __reduce__(self) -> tuple:
        return Values, (self._values,)


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


def _policy_data(use: PolicyUse) -> dict[str, Any]:
    data: dict[str, Any] = {"policy": use.policy}
    where = use.where.model_dump(exclude_none=True)
    if where:
        data["where"] = where
    when = use.when.model_dump(exclude_none=True)
    return data | {"when": when, "delivery": use.delivery} | dict(use.params)
