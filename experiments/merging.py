"""How the shards of a sweep, done apart, become one: the same files as if it had been done in one place."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from experiments import store as storing
from experiments.runner import read_info, write_info_of
from simulator.foundations.errors import BadInput, Fault, FolderBusy, SomeRunsSetAside
from simulator.foundations.files import atomic_write_bytes, atomic_write_text, digest_bytes, folder_lock


class _Shards:
    """The shards found, known to belong together."""

    def __init__(self, folders: Sequence[Path]):
        self.folders = list(folders)
        self.infos = [read_info(folder) for folder in self.folders]
        first, faults = self.infos[0], []
        for folder, info in zip(self.folders, self.infos, strict=True):
            if info["identity"] != first["identity"]:
                parts = ", ".join(part for part in info["identity"] if info["identity"][part] != first["identity"][part])
                faults.append(Fault(str(folder), value=f"differs from {self.folders[0]} in {parts}", remedy="merge shards of one sweep only"))
            elif info["shard"][1] != first["shard"][1]:
                faults.append(Fault(str(folder), value=f"is one of {info['shard'][1]} shards", allowed=f"one of {first['shard'][1]}"))
        held = [info["shard"][0] for info in self.infos]
        double = sorted({k for k in held if held.count(k) > 1})
        missing = sorted(set(range(1, first["shard"][1] + 1)) - set(held))
        if double and not faults:
            faults.append(Fault(value=f"shard {double[0]} is given twice", remedy="give each once"))
        if missing and not faults:
            few = ", ".join(map(str, missing[:8])) + (" and more" if len(missing) > 8 else "")
            faults.append(Fault(value=f"shard {few} of {first['shard'][1]} is missing", remedy="give every shard"))
        if faults:
            raise BadInput(faults)
        self.info = first

    def rows(self, table: str, low: int, high: int) -> pa.Table:
        """Rows of the runs low to high - 1 out of all shards, in the order of the runs; files are checked as they are read."""
        pieces = []
        for folder, info in zip(self.folders, self.infos, strict=True):
            first, step = info["shard"][0] - 1, info["shard"][1]
            nearest, last = max((low - first) // step, 0), max((high - first) // step, 0)
            blocks = range(nearest // info["block"], last // info["block"] + 1)
            for block in blocks:
                path = folder / table / f"{block:06d}.parquet"
                if path.is_file():
                    piece = storing.read_part(path)
                    run = piece.column("run").to_numpy()
                    pieces.append(piece.filter(pa.array((run >= low) & (run < high))))
        if not pieces:
            return pa.table({})
        whole = pa.concat_tables(pieces)
        return whole.take(np.argsort(whole.column("run").to_numpy(), kind="stable")) if len(whole) else whole


def merge(folders: Sequence[str | os.PathLike], out: str | os.PathLike | None = None) -> Path:
    """Merge the shards of one sweep into a folder of its own; the folder.

    BadInput when a shard is missing, given twice, or of another sweep; UnreadableFile when a file is damaged;
    SomeRunsSetAside when all was merged but some runs are not done.
    """
    shards = _Shards([Path(folder) for folder in folders])
    info = shards.info
    where = Path(out) if out else shards.folders[0].parent / f"{info['name']}-{info['identity']['design'][:8]}"
    where.mkdir(parents=True, exist_ok=True)
    with folder_lock(where):
        if any(entry.name != ".lock" for entry in where.iterdir()):
            raise FolderBusy(f"{where}: the folder is not empty; choose another with --out")
        for table in ("outcomes", "runs", "loose"):
            (where / table).mkdir()
        provenance = {f"homeward.{part}": value for part, value in info["identity"].items()}
        done = 0
        for block, low in enumerate(range(0, info["runs_in_all"], info["block"])):
            high = min(low + info["block"], info["runs_in_all"])
            for table in ("outcomes", "runs"):
                rows = shards.rows(table, low, high)
                if not len(rows):
                    continue
                done += len(rows) if table == "runs" else 0
                data = storing.as_parquet(rows, table, provenance, info["model_version"])
                storing.append_manifest(where, [{"event": "sealed", "file": f"{table}/{block:06d}.parquet", "sha256": digest_bytes(data)}])
                atomic_write_bytes(where / table / f"{block:06d}.parquet", data)
        storing.write_runs(where, provenance, info["model_version"])
        aside = sorted(set().union(*(i["set_aside"] for i in shards.infos)))
        atomic_write_text(where / "design.yaml", (shards.folders[0] / "design.yaml").read_text("utf-8"))
        complete = done == info["runs_in_all"]
        status = "done" if complete else "some runs set aside"
        write_info_of(where, info | {"shard": [1, 1], "runs": info["runs_in_all"], "status": status, "done": done, "set_aside": aside})
    if not complete:
        raise SomeRunsSetAside(f"{where}: merged, but {info['runs_in_all'] - done} of {info['runs_in_all']} runs are not done in their shards")
    return where
