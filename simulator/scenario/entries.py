"""How the entries of a scenario file are checked one by one, and how settings are laid over them."""

from __future__ import annotations

import copy
import os
import re
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from simulator import policies
from simulator.foundations.errors import BadInput, Fault, choices, did_you_mean, plain_word, show_value
from simulator.foundations.files import config_names
from simulator.foundations.units import parse_month
from simulator.foundations.yamlio import parse_scalar, parse_yaml
from simulator.scenario.faults import FaultList, dotted
from simulator.scenario.parameters import ParameterSet
from simulator.scenario.schema import WORLDS, PolicyUse, census_month

_USE_FIELDS = tuple(name for name in PolicyUse.model_fields if name != "params")
_STEP = re.compile(r"([^.\[\]]+)|\[(\d{1,4})\]")


def parse_settings(settings: Iterable[str]) -> dict[str, object]:
    """`["labour.separation_rate=0.02"]`, as a command line has it, as overrides."""
    found: dict[str, object] = {}
    faults = []
    for setting in settings:
        path, equals, text = setting.partition("=")
        if not equals or not path.strip():
            faults.append(
                Fault(
                    "--set",
                    0,
                    value=show_value(setting),
                    allowed="path=value",
                    remedy="write labour.separation_rate=0.02",
                )
            )
            continue
        try:
            found[path.strip()] = parse_yaml(text, "--set").data if text[:1] in "[{\"'" else parse_scalar(text.strip())
        except BadInput as bad:
            faults += bad.faults
    if faults:
        raise BadInput(faults)
    return found


def validate(model: type, data: dict, base: str, faults: FaultList):
    """Check plain values against a part of the schema; None after noting what is wrong."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        for problem in error.errors(include_url=False, include_context=False):
            path = dotted(([base] if base else []) + [step for step in problem["loc"]])
            if problem["type"] == "extra_forbidden":
                parent, key = problem["loc"][:-1], str(problem["loc"][-1])
                faults.add_unknown(path, key, _known_fields(model, parent))
            elif problem["type"] == "missing":
                faults.add(path, remedy="add it", field=f"{path} is missing")
            elif path != base:
                faults.add_wrong_value(path, problem["input"])
            else:
                faults.add_wrong_value(base, problem["input"])
    return None


def _known_fields(model: type, parent: tuple) -> list[str]:
    for step in parent:
        if isinstance(step, int):
            continue
        annotation = model.model_fields[step].annotation
        options = [annotation, *getattr(annotation, "__args__", ())]
        model = next((o for o in options if hasattr(o, "model_fields")), model)
    return list(model.model_fields)


# --- parameters and policies ----------------------------------------------------------------


def take_parameters(given: object, declared: ParameterSet, faults: FaultList) -> dict[str, float | int]:
    """The value of every declared parameter: the scenario's where it gives one."""
    values = declared.defaults()
    if given is None:
        return values
    if not isinstance(given, dict):
        faults.add_wrong_value("parameters", given)
        return values
    flat: list[tuple[str, str, object]] = []
    for key, below in given.items():
        if isinstance(below, dict) and key in declared.groups:
            flat += [(f"{key}.{short}", f"parameters.{key}.{short}", value) for short, value in below.items()]
        elif below is None and key in declared.groups:
            continue
        else:
            flat.append((str(key), f"parameters.{key}", below))
    seen = set()
    for name, path, value in flat:
        if name in seen:
            faults.add(path, remedy="keep one of them", field=f"{name} is given twice")
        seen.add(name)
        if name not in declared:
            group, _, short = name.partition(".")
            if name in declared.groups:
                faults.add(
                    path, value, "a table of parameters", f"write {name}: and its parameters below it", field=name
                )
            elif short and group in declared.groups:
                known = [p.name for p in declared.groups[group]]
                near = did_you_mean(name, known) or did_you_mean(name, declared)
                faults.add(
                    path, field=f"{plain_word(name)} is no parameter", remedy=near or "see homeward list parameters"
                )
            else:
                near = did_you_mean(name, [*declared.groups, *declared])
                faults.add(
                    path, field=f"{plain_word(name)} is no parameter", remedy=near or "see homeward list parameters"
                )
            continue
        remedy = declared[name].complaint(value)
        if remedy is None:
            values[name] = declared[name].cast(value)
        else:
            faults.add(path, value, declared[name].allowed(), remedy, field=name)
    return values


def take_policies(given: object, faults: FaultList) -> list[PolicyUse]:
    if given is None or given == []:
        return []  # without reading the policies: `homeward check` answers at once
    known = policies.registry()
    if not isinstance(given, list):
        faults.add_wrong_value("policies", given)
        return []
    if len(given) > 1000:
        faults.add("policies", given, "at most 1000 policies", "remove some")
        return []
    uses = []
    for i, item in enumerate(given):
        base = f"policies[{i}]"
        if not isinstance(item, dict):
            faults.add_wrong_value(base, item)
            continue
        fields = {k: v for k, v in item.items() if k in _USE_FIELDS}
        extra = {k: v for k, v in item.items() if k not in _USE_FIELDS}
        name = fields.get("policy")
        if isinstance(name, str) and name not in known:
            faults.add(
                f"{base}.policy", allowed=choices(sorted(known)), remedy=did_you_mean(name, known) or "see homeward list policies",
                field=f"{plain_word(name)} is no policy",
            )  # fmt: skip
        params = _take_policy_parameters(extra, known.get(name) if isinstance(name, str) else None, base, faults)
        use = validate(PolicyUse, fields, base, faults)
        if use is not None:
            start, end = use.when.start, use.when.end
            if start and end and parse_month(end) < parse_month(start):
                faults.add(f"{base}.when.end", end, f"from {start}", "swap start and end, or remove one")
            uses.append(use.model_copy(update={"params": params}))
    return uses


def _take_policy_parameters(
    extra: dict, policy: object, base: str, faults: FaultList
) -> dict[str, float | int | bool | str]:
    """The policy's own parameters, each checked against its declaration; defaults filled in."""
    if policy is None:
        for key in extra:
            near = did_you_mean(key, _USE_FIELDS)
            if near:
                faults.add(f"{base}.{key}", field=f"{plain_word(str(key))} is no field of a policy", remedy=near)
        return {}
    declared = policy.parameters
    values = {short: parameter.default for short, parameter in declared.items()}
    for key, value in extra.items():
        path = f"{base}.{key}"
        if key not in declared:
            faults.add_unknown(path, str(key), [*declared, *_USE_FIELDS], what=f"parameter of {policy.name}")
            continue
        remedy = declared[key].complaint(value)
        if remedy is None:
            values[key] = declared[key].cast(value)
        else:
            faults.add(path, value, declared[key].allowed(), remedy)
    return values


def check_world(world: object, faults: FaultList, configs: str | os.PathLike | None) -> None:
    if not isinstance(world, str) or not 0 < len(world) <= 80:
        return  # not a name at all: the schema has said so
    known = sorted({*WORLDS, *config_names("world", configs)})
    if world not in known:
        faults.add("world", world, choices(known), did_you_mean(world, known))


def check_start(start: str, base_year: int, faults: FaultList) -> None:
    """A run opens with the census itself: a later start would leave out the months between, in which children leave school."""
    first = census_month(base_year)
    if parse_month(start) != parse_month(first):
        remedy = f"the world is the census of {base_year}; to act later, give a policy a later when.start"
        faults.add("start", start, first, remedy, shown=start)


# --- overrides --------------------------------------------------------------------------------


def with_overrides(data: dict, overrides: Mapping[str, object], declared: ParameterSet, faults: FaultList) -> dict:
    data = copy.copy(data)
    if overrides:
        data = copy.deepcopy(data)
    for path, value in overrides.items():
        full = _full_path(str(path), data, declared, faults)
        faults.settings.append(full)
        steps = [m.group(1) or int(m.group(2)) for m in _STEP.finditer(full)]
        if not steps or "".join(m.group() for m in _STEP.finditer(full)) != full.replace(".", ""):
            faults.faults.append(
                Fault("--set", 0, show_value(str(path)), remedy="write a dotted path, such as labour.separation_rate")
            )
            continue
        _set(data, steps, value, full, faults)
    return data


def _full_path(path: str, data: dict, declared: ParameterSet, faults: FaultList) -> str:
    """The path in the file's form: short parameter names and names of policies written out."""
    head, _, rest = path.partition(".")
    if head in declared.groups and rest:
        return f"parameters.{path}"
    if head == "policies" and rest:
        name, _, below = rest.partition(".")
        uses = data.get("policies")
        if uses is None:
            uses = data["policies"] = []
        if isinstance(uses, list):
            for i, use in enumerate(uses):
                if isinstance(use, dict) and use.get("policy") == name:
                    return f"policies[{i}].{below}" if below else f"policies[{i}]"
            uses.append({"policy": name})
            faults.settings.append(f"policies[{len(uses) - 1}]")
            return f"policies[{len(uses) - 1}].{below}" if below else f"policies[{len(uses) - 1}]"
    return path


def _set(data: Any, steps: list[str | int], value: object, path: str, faults: FaultList) -> None:
    place = data
    for step, following in zip(steps, [*steps[1:], None], strict=True):
        if isinstance(step, int):
            if not isinstance(place, list) or step >= len(place):
                return faults.faults.append(Fault("--set", 0, path, remedy="there is no such item in the scenario"))
        elif not isinstance(place, dict):
            return faults.faults.append(Fault("--set", 0, path, remedy="there is nothing below that in the scenario"))
        if following is None:
            place[step] = value
        else:
            if isinstance(place, dict) and place.get(step) is None:
                place[step] = [] if isinstance(following, int) else {}
            place = place[step]
