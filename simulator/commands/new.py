"""Write a commented template of a scenario, policy, world or design, sound as it stands."""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path

from simulator.commands import templates
from simulator.foundations.errors import BadInput, Fault, FolderBusy, show_value
from simulator.foundations.files import atomic_write_text, find_config

_ENDING = {"scenario": ".yaml", "design": ".yaml", "policy": ".py", "world": ""}
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,59}\Z")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to write, its name, and the folder."""
    parser.add_argument("what", choices=tuple(_ENDING), help="what to write")
    parser.add_argument("name", metavar="NAME", help="its name: letters, digits, - and _")
    parser.add_argument("--out", metavar="DIR", default=".", help="folder to write into (default: this one)")


def main(args: argparse.Namespace) -> int:
    """Write the template; exit 6 rather than overwrite anything."""
    name = args.name.removesuffix(_ENDING[args.what]) if _ENDING[args.what] else args.name
    if not _NAME.match(name):
        allowed = "a letter, then up to 59 letters, digits, - or _"
        raise BadInput(Fault(field="NAME", value=show_value(args.name), allowed=allowed, remedy="choose another name"))
    folder = Path(args.out)
    if not folder.is_dir():
        raise BadInput(
            Fault(field="--out", value=show_value(args.out), allowed="a folder that exists", remedy="make it first")
        )
    path = folder / f"{name}{_ENDING[args.what]}"
    if path.exists() or path.is_symlink():
        raise FolderBusy(f"{path} is already there; choose another name, or delete it first")
    for file, text in _pages(args.what, name, path, args.configs).items():
        file.parent.mkdir(exist_ok=True)
        atomic_write_text(file, text)
    if args.json:
        print(json.dumps({"what": args.what, "name": name, "path": str(path)}, ensure_ascii=False))
    elif not args.quiet:
        shown = path if "/" in str(path) else f"./{path}"
        print(f"{path} is written; edit it, then: homeward check {shown}")
    return 0


def _pages(what: str, name: str, path: Path, configs: str | None) -> dict[Path, str]:
    """The files of a template and their texts."""
    words = re.sub(r"[-_]+", " ", name).strip().capitalize()
    quoted = f'"{words}"'
    if what == "policy":
        class_name = "".join(part.capitalize() for part in re.split(r"[-_]+", name) if part)
        identifier = name.replace("-", "_").lower()
        return {path: templates.POLICY.format(words=words, class_name=class_name, identifier=identifier, path=path)}
    if what == "world":
        return {
            path / "drivers.csv": (find_config("world", "china-provinces", configs) / "drivers.csv").read_text("utf-8"),
            path / "world.yaml": templates.WORLD.format(words=quoted, name=name, path=path),
        }
    page = templates.SCENARIO if what == "scenario" else templates.DESIGN
    return {path: page.format(words=quoted, path=path)}
