"""Say what is wrong with scenarios, designs, worlds or policies, one line a fault; run nothing."""

from __future__ import annotations

import argparse
import ast
import json
import os
import sys
from pathlib import Path
from typing import Any

from simulator.foundations.errors import BadInput, Fault, InvariantBroken, did_you_mean, number_text, show_value
from simulator.foundations.files import config_names, find_config, is_path
from simulator.foundations.yamlio import Document, read_yaml

LEVELS = ("provinces", "prefectures", "city-circle")
WORLD_FIELDS = ("name", "title", "level", "base_years", "drivers", "data", "synthetic", "note")
POLICY_PARTS = ("name", "family", "title", "description", "mechanism", "evidence", "levers", "parameters")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The files to check, or the schema to print."""
    parser.add_argument("files", nargs="*", metavar="FILE", help="a file, a world's folder, or the name of a scenario")
    parser.add_argument("--repro", metavar="RUN", help="compute a finished run again and compare its tables")
    parser.add_argument("--schema", action="store_true", help="print the JSON schema of scenarios, for editors")


def main(args: argparse.Namespace) -> int:
    """Check every file given; exit 2 if any has a fault."""
    if args.schema:
        from simulator.scenario.editor import scenario_json_schema

        print(json.dumps(scenario_json_schema(args.configs), ensure_ascii=False, indent=1))
        return 0
    if args.repro:
        return _reproduce(args)
    if not args.files:
        raise BadInput(Fault(value="no file is given", remedy="write homeward check FILE, or homeward check baseline"))
    reports, faults = [], []
    for name in args.files:
        try:
            report: dict[str, Any] = {"file": name, "sound": True, **check_file(name, args.configs), "faults": []}
        except BadInput as bad:
            report = {
                "file": name,
                "sound": False,
                "faults": [fault.as_dict() | {"text": str(fault)} for fault in bad.faults],
            }
            faults += bad.faults
        reports.append(report)
    if args.json:
        print(json.dumps(reports, ensure_ascii=False, indent=1))
    for report in reports:
        if report["sound"] and not args.quiet:
            if not args.json:
                print(f"{report['file']}: sound; {report['summary']}")
            for line in report.get("notes", ()):
                print(f"{report['file']}: note: {line}", file=sys.stderr)
    for fault in faults:
        print(fault, file=sys.stderr)
    return 2 if faults else 0


def _reproduce(args: argparse.Namespace) -> int:
    from simulator.commands.reproduce import reproduce, sentence

    report = reproduce(args.repro)
    if args.json:
        print(json.dumps(report, ensure_ascii=False, indent=1))
    if report["different"]:
        raise InvariantBroken(sentence(report))
    if not args.json and not args.quiet:
        print(sentence(report))
    return 0


def check_file(name: str, configs: str | None = None) -> dict[str, Any]:
    """Check one thing, whatever it is; BadInput lists its faults."""
    if name.endswith(".py") and os.path.isfile(name):
        return _check_policy(Path(name))
    if os.path.isdir(name) or name.endswith("world.yaml"):
        folder = Path(name) if os.path.isdir(name) else Path(name).parent
        return _check_world(folder / "world.yaml")
    if is_path(name):
        document = read_yaml(name)
        from simulator.scenario.design import is_design

        return _check_design(document, configs) if is_design(document.data) else _check_scenario(name, configs)
    for kind in ("scenario", "experiment", "world"):
        if name in config_names(kind, configs):
            path = find_config(kind, name, configs)
            if kind == "scenario":
                return _check_scenario(name, configs)
            return _check_world(path / "world.yaml") if kind == "world" else _check_design(read_yaml(path), configs)
    if os.path.exists(name):
        return _check_scenario(f"./{name}", configs)
    return _check_scenario(name, configs)


def _check_scenario(name: str, configs: str | None) -> dict[str, Any]:
    from simulator.scenario import load_parameters, load_scenario

    scenario = load_scenario(name, configs=configs)
    notes = []
    for key, parameter in load_parameters(configs).items():
        span, value = parameter.plausible, scenario[key]
        if span and not span[0] <= value <= span[1]:
            inside = f"{number_text(span[0])} to {number_text(span[1])}"
            notes.append(f"{key} is {number_text(value)}; plausible {inside}")
    summary = f"{scenario.world}, {scenario.months} months from {scenario.start}, seed {scenario.seed}, hash {scenario.hash[:12]}"
    return {"kind": "scenario", "hash": scenario.hash, "summary": summary, "notes": notes}


def _check_design(document: Document, configs: str | None) -> dict[str, Any]:
    from simulator.scenario.design_check import check_design

    design = check_design(document, configs)
    return {
        "kind": "design",
        "runs": design.runs(),
        "summary": f"a design of {design.runs()} runs around {design.base}",
    }


def _check_world(path: Path) -> dict[str, Any]:
    """The card of a world: who it is, at which level, for which census, and that its tables are there."""
    document = read_yaml(path)
    data, faults = document.data, []

    def note(field: str, value: object, allowed: str, remedy: str = "") -> None:
        shown = "" if value is None else show_value(value)
        faults.append(Fault(document.file, document.line(field) or 1, field, shown, allowed, remedy or "write it"))

    if not isinstance(data, dict):
        raise BadInput(
            Fault(document.file, 1, value="this is not a world", remedy="begin with name:, title: and level:")
        )
    for field in data:
        if field not in WORLD_FIELDS:
            note(
                field, "no field of a world", ", ".join(WORLD_FIELDS), did_you_mean(field, WORLD_FIELDS) or "remove it"
            )
    folder = path.resolve().parent
    if data.get("name") != folder.name:
        note("name", data.get("name"), folder.name, "name the world as its folder")
    title = data.get("title")
    if not (isinstance(title, dict) and all(isinstance(title.get(k), str) and title[k] for k in ("en", "zh"))):
        note("title", title, "en and zh", "write en: and zh: below it")
    level = data.get("level")
    if level not in LEVELS:
        note("level", level, ", ".join(LEVELS), did_you_mean(level, LEVELS))
    years = data.get("base_years")
    if not isinstance(years, list) or not years or any(type(y) is not int or y not in (2010, 2020) for y in years):
        note("base_years", years, "a list of 2010 and 2020")
    drivers, tables = data.get("drivers"), data.get("data")
    if not isinstance(drivers, str) or not _is_there(folder / drivers, "is_file"):
        note("drivers", drivers, "a file, as seen from the world's folder", "check its name")
    if (tables is not None or level in LEVELS[:2]) and not (
        isinstance(tables, str) and _is_there(folder / tables, "is_dir")
    ):
        note("data", tables, "a folder, as seen from the world's folder", "check its name")
    if faults:
        raise BadInput(faults)
    return {"kind": "world", "level": level, "summary": f"a world of level {level}"}


def _is_there(path: Path, kind: str) -> bool:
    try:
        return bool(getattr(path, kind)())
    except (OSError, ValueError):
        return False


def _check_policy(path: Path) -> dict[str, Any]:
    """A policy's file: read, never run; it must be Python and declare one policy in full."""
    try:
        tree = ast.parse(path.read_bytes(), filename=str(path))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", 0) or 0
        raise BadInput(Fault(str(path), line, value=f"this is not Python: {getattr(error, 'msg', error)}")) from None
    except OSError as error:
        raise BadInput(Fault(str(path), value=f"cannot be read: {error.strerror}")) from None
    faults, found = [], []
    for node in tree.body:
        if not isinstance(node, ast.ClassDef):
            continue
        parts = {
            target.id
            for line in node.body
            if isinstance(line, (ast.Assign, ast.AnnAssign))
            for target in (line.targets if isinstance(line, ast.Assign) else [line.target])
            if isinstance(target, ast.Name)
        }
        verbs = {line.name for line in node.body if isinstance(line, ast.FunctionDef)}
        if "parameters" not in parts and "apply" not in verbs:
            continue
        found.append(node.name)
        missing = [part for part in POLICY_PARTS if part not in parts] + ["apply"] * ("apply" not in verbs)
        faults += [Fault(str(path), node.lineno, f"{node.name}.{part}", "missing", remedy="add it") for part in missing]
    if not found:
        faults.append(Fault(str(path), 1, value="no policy is declared here", remedy="see homeward new policy NAME"))
    if faults:
        raise BadInput(faults)
    return {"kind": "policy", "summary": f"declares {', '.join(found)}"}
