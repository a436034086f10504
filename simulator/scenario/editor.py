"""The JSON schema of a scenario file, so that an editor can complete names and show ranges."""

from __future__ import annotations

import os
from typing import Any

from simulator import policies
from simulator.foundations.files import config_names
from simulator.foundations.parameter import Parameter
from simulator.scenario.parameters import load_parameters
from simulator.scenario.schema import WORLDS, PolicyUse, ScenarioFile


def scenario_json_schema(configs: str | os.PathLike | None = None) -> dict[str, Any]:
    """JSON schema (draft 2020-12) of a scenario file, parameters and policies included."""
    schema = ScenarioFile.model_json_schema()
    definitions = schema.setdefault("$defs", {})
    use = PolicyUse.model_json_schema()
    definitions |= use.pop("$defs", {})
    fields = schema["properties"]
    fields["world"]["enum"] = sorted({*WORLDS, *config_names("world", configs)})
    fields["parameters"] = {
        "type": "object",
        "description": "Behavioural parameters that differ from their defaults",
        "additionalProperties": False,
        "properties": {
            group: {
                "type": "object",
                "additionalProperties": False,
                "properties": {p.name.partition(".")[2]: parameter_schema(p) for p in rows},
            }
            for group, rows in load_parameters(configs).groups.items()
        },
    }
    use["properties"].pop("params")
    known = policies.registry()
    fields["policies"] = {
        "type": "array",
        "description": "Policies in force",
        "items": {"anyOf": [_policy_schema(use, name, known[name]) for name in sorted(known)]} if known else use,
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "A scenario of homeward",
        "description": "What a run is asked to simulate",
    }


def parameter_schema(parameter: Parameter) -> dict[str, Any]:
    """One parameter with its range, default and meaning."""
    return {
        "type": "integer" if parameter.kind == "int" else "number",
        "minimum": parameter.low,
        "maximum": parameter.high,
        "default": parameter.default,
        "description": f"{parameter.meaning.en} ({parameter.unit}). Source: {parameter.source}",
    }


def _policy_schema(use: dict[str, Any], name: str, policy: Any) -> dict[str, Any]:
    own = {short: parameter_schema(parameter) for short, parameter in policy.parameters.items()}
    named = {"policy": {"const": name, "description": policy.description.en}}
    return {**use, "properties": {**use["properties"], **named, **own}}
