"""A run set down and taken up again: everything that a later month depends on, as plain arrays.

A checkpoint is a folder `checkpoint/<month>/` of npz files and one `state.json`; it is written
under another name, synced and renamed, so that a crash leaves the old ones. The last two stay.
"""

from __future__ import annotations

import json
import os
import shutil
import zipfile
import zlib
from pathlib import Path

import numpy as np

from simulator.foundations.errors import OutOfResources, UnreadableFile
from simulator.foundations.files import sync_folder
from simulator.foundations.units import month_text
from simulator.measures.monthly import recount

FORMAT = 1
KEPT = 2

SCALARS = ("month", "productivity", "estates_fen", "equity_fund_fen", "fund_debt_fen")
"""Numbers of the model that a later month depends on."""
ARRAYS = ("mortality", "fertility")
"""Tables of the model that are read once a year."""


def _model_arrays(model) -> dict[str, np.ndarray]:
    kept = {name: getattr(model, name) for name in ARRAYS}
    return kept | {"log_size": model.migration_tables.log_size}


STATE_PARTS = ("persons", "households", "settlements", "firms", "employers", "governments", "ledger", "programmes")
"""Parts of the model that keep and restore their own arrays."""


def _parts(model, observer) -> dict[str, dict[str, np.ndarray]]:
    kept = {part: getattr(model, part).arrays() for part in STATE_PARTS}
    return kept | {"model": _model_arrays(model), "observer": observer.arrays()}


def snapshot(model, observer) -> dict[str, dict[str, np.ndarray]]:
    """The same parts in memory: copies of every array, and the scalars under `scalars`."""
    parts = {part: {n: np.array(a) for n, a in arrays.items()} for part, arrays in _parts(model, observer).items()}
    return parts | {"scalars": {name: np.array(getattr(model, name)) for name in SCALARS}}


def restore(model, observer, parts: dict[str, dict[str, np.ndarray]]) -> None:
    """Put a model of the same world and a fresh observer where `snapshot` found them."""
    _put_back(model, observer, parts, {name: value.item() for name, value in parts["scalars"].items()})


def save(folder: Path, model, observer, identity: dict[str, str]) -> Path:
    """Write a checkpoint of the month just lived below a run folder; `identity` must match on loading."""
    home = folder / "checkpoint"
    name = month_text(model.month)
    temporary, final = home / f".{name}.part", home / name
    try:
        home.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir()
        for part, arrays in _parts(model, observer).items():
            with open(temporary / f"{part}.npz", "wb") as file:
                np.savez(file, **arrays)
                file.flush()
                os.fsync(file.fileno())
        state = {"format": FORMAT, "identity": identity, "scalars": {n: _plain(getattr(model, n)) for n in SCALARS}}
        state["series"] = {n: [_plain(v) for v in values] for n, values in model.datacollector.model_vars.items()}
        with open(temporary / "state.json", "w", encoding="utf-8") as file:
            json.dump(state, file)
            file.flush()
            os.fsync(file.fileno())
        sync_folder(temporary)
        shutil.rmtree(final, ignore_errors=True)
        os.replace(temporary, final)
        sync_folder(home)
    except OSError as error:
        shutil.rmtree(temporary, ignore_errors=True)
        raise OutOfResources(f"{final}: the checkpoint cannot be written ({error.strerror or error}); free some space") from error
    for old in found(folder)[:-KEPT]:
        shutil.rmtree(old, ignore_errors=True)
    return final


def _plain(value):
    return value.item() if isinstance(value, np.generic) else value


def found(folder: Path) -> list[Path]:
    """The whole checkpoints of a run folder, oldest first."""
    home = folder / "checkpoint"
    return sorted(p for p in home.glob("[0-9]*-[0-9]*") if (p / "state.json").is_file()) if home.is_dir() else []


def drop(folder: Path) -> None:
    """Remove all checkpoints of a run folder."""
    shutil.rmtree(folder / "checkpoint", ignore_errors=True)


def load(place: Path, model, observer, identity: dict[str, str]) -> None:
    """Put a freshly built model and observer where the checkpoint left them.

    UnreadableFile when the checkpoint is damaged, of another scenario or of another version.
    """
    try:
        state = json.loads((place / "state.json").read_text("utf-8"))
        wrong = _mismatch(state, identity)
        if wrong:
            raise UnreadableFile(f"{place}: {wrong}")
        parts = {part: _read(place / f"{part}.npz") for part in _parts(model, observer)}
        _restore(model, observer, parts, state)
    except UnreadableFile:
        raise
    except (OSError, ValueError, KeyError, TypeError, AttributeError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        why = str(error).splitlines()[0][:100] if str(error) else type(error).__name__
        raise UnreadableFile(f"{place}: this checkpoint is damaged ({why}); start again with --replace") from None


def _mismatch(state: dict, identity: dict[str, str]) -> str:
    if state["format"] != FORMAT:
        return f"checkpoint format is {state['format']}; this version reads {FORMAT}; start again with --replace"
    kept = state["identity"]
    if kept.get("scenario") != identity["scenario"]:
        return "this checkpoint belongs to another scenario; start again with --replace"
    if kept != identity:
        return "this checkpoint was written by another version of the simulator; start again with --replace"
    return ""


def _read(path: Path) -> dict[str, np.ndarray]:
    with open(path, "rb") as file, np.load(file, allow_pickle=False) as stored:
        return {name: stored[name] for name in stored.files}


def _restore(model, observer, parts: dict[str, dict[str, np.ndarray]], state: dict) -> None:
    _put_back(model, observer, parts, state["scalars"])
    for name, values in state["series"].items():
        model.datacollector.model_vars[name] = list(values)


def _put_back(model, observer, parts: dict[str, dict[str, np.ndarray]], scalars: dict[str, float]) -> None:
    for part in STATE_PARTS:
        getattr(model, part).restore(parts[part])
    model.floor_list = None  # made from the columns
    observer.restore(parts["observer"])
    observer.flows = model.ledger.flows
    observer.policies = [programme.label for programme in model.programmes.rows]
    for name in ARRAYS:
        setattr(model, name, parts["model"][name].copy())
    model.migration_tables.log_size = parts["model"]["log_size"].copy()
    for name in SCALARS:
        setattr(model, name, type(getattr(model, name))(scalars[name]))
    model.counts = recount(model)  # what the opening of a month reads of the month before
