"""The worlds one can start from, by name; a world is built once and kept in the user's cache."""

from __future__ import annotations

import os
import tempfile
import zipfile
from functools import lru_cache
from pathlib import Path

import yaml

from simulator.foundations import files
from simulator.foundations.errors import BadInput, Fault
from simulator.worlds.tables import WorldTables

BUILDERS = (
    "census.py", "cells.py", "margins.py", "joint.py", "origins.py", "travel.py", "targets.py", "services.py",
    "drivers.py", "china.py", "city_circle.py", "tables.py", "library.py",
)  # fmt: skip


def world_names(configs: str | os.PathLike | None = None) -> list[str]:
    """Names of the worlds that ship with the program, sorted."""
    return files.config_names("world", configs)


def world_card(name: str | os.PathLike, configs: str | os.PathLike | None = None) -> dict:
    """What `world.yaml` of a world says, with the folder it lies in under `folder`."""
    folder = files.find_config("world", name, configs)
    path = folder / "world.yaml"
    about = path.stat()
    return {**_read_card(path, about.st_mtime_ns, about.st_size), "folder": folder}


@lru_cache(maxsize=16)
def _read_card(path: Path, _changed: int, _size: int) -> dict:
    return yaml.safe_load(path.read_text("utf-8"))


def load_world(name: str | os.PathLike, base_year: int = 2020, configs: str | os.PathLike | None = None) -> WorldTables:
    """The tables of a world at a base year, from the cache when nothing they are made of has changed."""
    card = world_card(name, configs)
    if base_year not in card["base_years"]:
        allowed = ", ".join(str(year) for year in card["base_years"])
        raise BadInput(Fault(str(card["folder"] / "world.yaml"), 0, "base_year", str(base_year), allowed, "choose one of these"))
    kept = cache_folder() / f"{card['name']}-{base_year}-{world_digest(card)[:24]}.npz"
    if kept.is_file():
        try:
            if zipfile.is_zipfile(kept):
                return WorldTables.from_file(kept)
        except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
            kept.unlink(missing_ok=True)  # a damaged copy: build again
    world = build_world(card, base_year)
    try:
        files.atomic_write_bytes(kept, world.to_bytes())
        return WorldTables.from_file(kept)
    except (OSError, files.OutOfResources, BadInput):
        return world


def build_world(card: dict, base_year: int) -> WorldTables:
    """Build a world from its tables, without the cache."""
    from simulator.worlds.drivers import read_drivers

    drivers = read_drivers(card["folder"] / card["drivers"], base_year)
    if card["level"] == "city-circle":
        from simulator.worlds.city_circle import build_city_circle

        return build_city_circle(card, drivers, base_year)
    from simulator.worlds.china import build_china

    return build_china(card["name"], card["level"], (card["folder"] / card["data"]).resolve(), drivers, base_year)


def world_digest(card: dict) -> str:
    """SHA-256 of everything a world is made of: its files, the raw tables and the code that reads them."""
    folder = card["folder"]
    parts = [files.digest_folder(folder), files.digest_file(folder / card["drivers"])]
    if "data" in card:
        parts.append(files.digest_folder((folder / card["data"]).resolve()))
    return files.digest_bytes("\n".join([*parts, *_code_digests()]).encode())


@lru_cache(maxsize=1)
def _code_digests() -> tuple[str, ...]:
    """Digests of the code that reads the tables: of what this process runs, so they are taken once."""
    code = Path(__file__).parent
    return tuple(files.digest_source_text((code / name).read_text("utf-8")) for name in BUILDERS)


def cache_folder() -> Path:
    """`HOMEWARD_CACHE`, else the user's cache folder, else a temporary one; made when missing."""
    named = os.environ.get("HOMEWARD_CACHE")
    home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    for folder in (named, os.path.join(home, "homeward")):
        if folder:
            try:
                Path(folder, "worlds").mkdir(parents=True, exist_ok=True)
                return Path(folder, "worlds")
            except OSError:
                continue
    return Path(tempfile.mkdtemp(prefix="homeward-"))
