"""Everything that has a name a person can use: worlds, scenarios, parameters, policies, outcomes, designs."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable
from dataclasses import asdict, is_dataclass
from typing import Any

from simulator import policies
from simulator.foundations.errors import BadInput
from simulator.foundations.files import config_names, find_config
from simulator.foundations.parameter import Parameter
from simulator.foundations.yamlio import read_yaml
from simulator.scenario.parameters import load_parameters

Row = dict[str, Any]


def worlds(configs: str | None = None) -> list[Row]:
    """The worlds one can simulate."""
    rows = []
    for name in config_names("world", configs):
        rows.append({"name": name, **_titles(find_config("world", name, configs) / "world.yaml", ("level", "source"))})
    return rows


def scenarios(configs: str | None = None) -> list[Row]:
    """The scenarios that come with the simulator."""
    return [
        {"name": name, **_titles(find_config("scenario", name, configs), ("world", "base_year", "months"))}
        for name in config_names("scenario", configs)
    ]


def experiments(configs: str | None = None) -> list[Row]:
    """The designs of experiments that come with the simulator."""
    return [
        {"name": name, **_titles(find_config("experiment", name, configs), ("base",))}
        for name in config_names("experiment", configs)
    ]


def parameters(configs: str | None = None) -> list[Row]:
    """Every behavioural parameter."""
    return [parameter_row(parameter) for parameter in load_parameters(configs).values()]


def policy_rows(_configs: str | None = None) -> list[Row]:
    """Every policy and shock, family by family."""
    rows = []
    for name, policy in policies.registry().items():
        rows.append(
            {
                "name": name,
                "kind": policy.kind,
                "family": policy.family,
                "payer": policy.payer,
                "payees": list(policy.payees),
                "levers": list(policy.levers),
                "title_en": policy.title.en,
                "title_zh": policy.title.zh,
                "description_en": policy.description.en,
                "description_zh": policy.description.zh,
                "mechanism_en": policy.mechanism.en,
                "mechanism_zh": policy.mechanism.zh,
                "evidence_en": policy.evidence.en,
                "evidence_zh": policy.evidence.zh,
                "target": policy.target._asdict() if policy.target else None,
                "nothing": dict(policy.nothing),
                "parameters": [parameter_row(p, short) for short, p in policy.parameters.items()],
            }
        )
    return rows


def outcomes(_configs: str | None = None) -> list[Row]:
    """Every declared outcome of a run."""
    module = "simulator.measures.outcomes"
    try:
        declared = importlib.import_module(module).OUTCOMES
    except ModuleNotFoundError as error:
        if error.name != module:
            raise
        return []
    items: Iterable = declared.values() if hasattr(declared, "values") else declared
    return [_outcome_row(item) for item in items]


CATALOGUES: dict[str, Callable[[str | None], list[Row]]] = {
    "worlds": worlds,
    "scenarios": scenarios,
    "parameters": parameters,
    "policies": policy_rows,
    "outcomes": outcomes,
    "experiments": experiments,
}


def parameter_row(parameter: Parameter, name: str | None = None) -> Row:
    """A parameter as plain values."""
    row = asdict(parameter) | {"name": name or parameter.name}
    meaning = row.pop("meaning")
    return row | {"title_en": meaning["en"], "title_zh": meaning["zh"]}


def _outcome_row(outcome: object) -> Row:
    row = asdict(outcome) if is_dataclass(outcome) else dict(vars(outcome))
    for key in ("label", "title", "meaning", "description"):
        words = row.pop(key, None)
        if isinstance(words, dict):
            row |= {f"{key}_en": words.get("en", ""), f"{key}_zh": words.get("zh", "")}
        elif words is not None:
            row[f"{key}_en"] = str(words)
    for language in ("en", "zh"):
        row.setdefault(f"title_{language}", row.get(f"label_{language}", ""))
    return {
        key: value if isinstance(value, (str, int, float, list, type(None))) else str(value)
        for key, value in row.items()
    }


def _titles(path, keys: tuple[str, ...]) -> Row:
    """The title of a configuration and some of its fields, or a note that it cannot be read."""
    try:
        data = read_yaml(path).data
    except BadInput as bad:
        return {"title_en": f"cannot be read: {bad.faults[0]}", "title_zh": ""}
    data = data if isinstance(data, dict) else {}
    title = data.get("title") or data.get("name")
    words = title if isinstance(title, dict) else {"en": title or "", "zh": title or ""}
    row: Row = {"title_en": str(words.get("en", "")), "title_zh": str(words.get("zh", ""))}
    return row | {key: data[key] for key in keys if isinstance(data.get(key), (str, int, float))}
