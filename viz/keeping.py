"""What has been lived before, kept on disk between starts: whole baselines, and states from which a policy can begin.

Everything here can be computed again, so a file that is missing, damaged or from another version is simply
not there. Files lie in a folder named by a digest of the code, its compiler and the processor, are written
whole or not at all, and hold plain arrays behind a JSON head (`viz/packing.py`); states are mapped, not read.
"""

from __future__ import annotations

import hashlib
import json
import logging
import mmap
import os
import shutil
import time
from pathlib import Path

import numpy as np

from simulator.foundations.cache import cache_home, kernel_digest
from simulator.foundations.errors import HomewardError
from simulator.foundations.files import PACKAGE, atomic_write_bytes, digest_file, lock_digest, source_digest
from simulator.worlds.library import world_card, world_digest

LOG = logging.getLogger("homeward.view")
FORMAT = 1
OTHERS_KEPT = 1
"""Folders of other versions of the code that stay beside this one's; those used longest ago go."""
LARGEST = 600_000_000
"""Bytes above which a state is not kept on disk."""
SCALARS = "scalars"


def version_digest(world: str) -> str:
    """24 hexadecimal digits that change with the simulator, the page's own code, versions, processor, or a world's data."""
    whole = hashlib.sha256(f"{FORMAT}\n{source_digest()}\n{lock_digest()}\n{world_digest(world_card(world))}\n".encode())
    whole.update(kernel_digest(PACKAGE, PACKAGE / "kernels" / "rng.py").encode())  # compiler and processor
    for name in ("live.py", "packing.py", "keeping.py"):
        whole.update(digest_file(Path(__file__).parent / name).encode())
    return whole.hexdigest()[:24]


def home(world: str) -> Path | None:
    """The folder of this version and world, made and marked as used; None where it cannot be written."""
    folder = cache_home() / "homeward" / "view" / version_digest(world)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        os.utime(folder)
        prune(folder)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None


def prune(folder: Path) -> None:
    """Remove the folders of other versions but the newest `OTHERS_KEPT`, and what a crash left half-written in this one."""
    others = [p for p in folder.parent.iterdir() if p != folder and len(p.name) == 24 and p.is_dir() and not p.is_symlink()]
    for old in sorted(others, key=lambda p: p.stat().st_mtime)[: max(0, len(others) - OTHERS_KEPT)]:
        shutil.rmtree(old, ignore_errors=True)
    for part in folder.glob(".*.part"):
        if time.time() - part.stat().st_mtime > 3600:
            part.unlink(missing_ok=True)


def write(path: Path, data: bytes) -> None:
    """Write a file if that is possible; the page works without it."""
    try:
        atomic_write_bytes(path, data)
    except HomewardError as error:
        LOG.warning("not kept: %s", str(error).splitlines()[0])


def read(path: Path) -> bytes | None:
    """A kept file, or None."""
    try:
        return path.read_bytes()
    except OSError:
        return None


# --- states of a model --------------------------------------------------------------------


def state_path(folder: Path, ground: str, month: int) -> Path:
    """Where the state of a ground at the end of a month lies."""
    return folder / f"{ground}-{month}.state"


def months_kept(folder: Path, ground: str) -> list[int]:
    """The months of which a state of this ground is kept, in order."""
    return sorted(int(path.stem.rpartition("-")[2]) for path in folder.glob(f"{ground}-*.state"))


def state_bytes(parts: dict[str, dict[str, np.ndarray]]) -> int:
    """The size of a state in memory."""
    return sum(array.nbytes for part in parts.values() for array in part.values())


def write_state(folder: Path, ground: str, month: int, parts: dict[str, dict[str, np.ndarray]]) -> None:
    """Keep what `checkpoint.snapshot` gave."""
    if state_bytes(parts) > LARGEST:
        return
    rows, body, offset = [], [], 0
    for part, arrays in parts.items():
        if part == SCALARS:
            continue
        for name, array in arrays.items():
            data = np.ascontiguousarray(array).tobytes()
            data += b"\0" * (-len(data) % 64)
            rows.append([part, name, array.dtype.str, list(array.shape), offset])
            body.append(data)
            offset += len(data)
    head = {"ground": ground, "month": month, "bytes": offset, "arrays": rows, SCALARS: {n: v.item() for n, v in parts[SCALARS].items()}}
    text = json.dumps(head, separators=(",", ":")).encode()
    text += b" " * (-(len(text) + 8) % 64)
    write(state_path(folder, ground, month), len(text).to_bytes(8, "little") + text + b"".join(body))


def read_state(folder: Path, ground: str, month: int) -> dict[str, dict[str, np.ndarray]] | None:
    """The state as `checkpoint.restore` takes it, mapped read-only; None when it is not there or not whole."""
    path = state_path(folder, ground, month)
    try:
        with open(path, "rb") as file:
            data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        size = int.from_bytes(data[:8], "little")
        head = json.loads(data[8 : 8 + size])
        if (head["ground"], head["month"], head["bytes"]) != (ground, month, len(data) - 8 - size):
            raise ValueError("not whole")
        parts: dict[str, dict[str, np.ndarray]] = {SCALARS: {name: np.array(value) for name, value in head[SCALARS].items()}}
        for part, name, dtype, shape, offset in head["arrays"]:
            flat = np.frombuffer(data, np.dtype(dtype), int(np.prod(shape, dtype=np.int64)), 8 + size + offset)
            parts.setdefault(part, {})[name] = flat.reshape(shape)
        return parts
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
        LOG.warning("%s is damaged (%s) and is computed again", path, type(error).__name__)
        path.unlink(missing_ok=True)
        return None
