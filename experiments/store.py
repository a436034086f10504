"""How the results of a batch are kept: every run under its own name until a block of them is sealed into one file.

    design.yaml, sweep.json   what was asked for, and what this folder is
    manifest.jsonl            the journal: begun, done, failed with traceback, sealed with digest
    loose/                    finished runs not yet sealed, one small file each
    outcomes/, runs/          sealed blocks of runs: the long table, and a row a run
    runs.parquet              the rows of all runs, written when the sweep ends

A file is written under a temporary name, synced and renamed, so it is whole or absent. What is done is what
the files say; the journal tells how it came about. Sealed blocks hold fixed runs in a fixed order, so that
the tables do not depend on who computed what when.
"""

from __future__ import annotations

import contextlib
import errno
import io
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from simulator.foundations.errors import OutOfResources, UnreadableFile, one_line
from simulator.foundations.files import atomic_write_bytes, digest_bytes, digest_file, replace_atomically, sync_folder

FORMAT = 1
FIXED = ("run", "run_id", "treatment", "baseline", "draw", "seed", "status")
_TYPES = {"float": pa.float64(), "int": pa.int64(), "bool": pa.bool_(), "text": pa.string()}
_EPOCH_MONTH = 1970 * 12
FULL = (errno.ENOSPC, errno.EDQUOT)


# --- one run ------------------------------------------------------------------------------------


def loose_name(number: int) -> str:
    """File name of one finished run."""
    return f"{number:09d}.arrow"


def pack(number: int, run_id: str, rows: list, names: list[str]) -> bytes:
    """One finished run as bytes: rows (outcome, month, group, value), the outcome by its place in `names`."""
    place = {name: k for k, name in enumerate(names)}
    table = pa.table(
        {
            "outcome": pa.array([place[row[0]] for row in rows], pa.int16()),
            "month": pa.array([row[1] for row in rows], pa.int32()),
            "group": pa.array([row[2] for row in rows], pa.string()),
            "value": pa.array([row[3] for row in rows], pa.float64()),
        }
    ).replace_schema_metadata({"run": str(number), "run_id": run_id})
    sink = io.BytesIO()
    with pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()


def unpack(path: Path) -> pa.Table:
    """One finished run; UnreadableFile when its file is damaged."""
    try:
        with pa.ipc.open_file(io.BytesIO(path.read_bytes())) as reader:
            table = reader.read_all()
        if int(table.schema.metadata[b"run"]) == int(path.stem) and len(table.column("value")) == len(table):
            return table
    except (pa.ArrowException, ValueError, KeyError, TypeError, OSError):
        pass
    raise damaged(path)


def damaged(path: Path) -> UnreadableFile:
    """The error of a file that is not what was written."""
    return UnreadableFile(f"{path}: this file is damaged; add --recompute-damaged to put it aside and do its runs again")


# --- a folder -----------------------------------------------------------------------------------


class Store:
    """The folder of one sweep, or of one shard of it, for the process that writes it."""

    def __init__(self, folder: Path, plan):
        self.folder, self.plan = Path(folder), plan
        self.first, self.step = plan.shard[0] - 1, plan.shard[1]
        self.names = [keep.key() for keep in plan.design.keeps]
        self.provenance = provenance_of(plan)
        self.waiting: dict[int, set[int]] = {}  # block -> numbers lying loose
        self.sealed: dict[int, int] = {}  # block -> how many runs its files hold

    # -- names -----------------------------------------------------------------------------------

    def make(self) -> None:
        """Make the folders."""
        for name in ("loose", "outcomes", "runs"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)

    def loose(self, number: int) -> Path:
        """File of one finished run."""
        return self.folder / "loose" / loose_name(number)

    def part(self, table: str, block: int) -> Path:
        """File of one sealed block."""
        return self.folder / table / f"{block:06d}.parquet"

    def block_of(self, number: int) -> int:
        """The block a run belongs to."""
        return (number - self.first) // self.step // self.plan.block

    def numbers_of(self, block: int) -> range:
        """The runs of a block."""
        return self.plan.numbers()[block * self.plan.block : (block + 1) * self.plan.block]

    # -- what is there ---------------------------------------------------------------------------

    def look(self, recompute_damaged: bool = False) -> set[int]:
        """Numbers of the runs that are done; UnreadableFile for a damaged file, which may be put aside instead."""
        digests: dict[str, set[str]] = {}
        for row in read_manifest(self.folder):
            if row.get("event") == "sealed":
                digests.setdefault(row["file"], set()).add(row["sha256"])
        done: set[int] = set()
        for path in sorted((self.folder / "runs").glob("*.parquet")):
            block = int(path.stem)
            try:
                held = self._sealed_numbers(block, digests)
            except UnreadableFile:
                if not recompute_damaged:
                    raise
                for table in ("runs", "outcomes"):
                    with contextlib.suppress(FileNotFoundError):
                        os.replace(self.part(table, block), self.part(table, block).with_suffix(".damaged"))
                continue
            self.sealed[block] = len(held)
            done |= held
        for path in sorted((self.folder / "loose").iterdir()):
            if path.suffix != ".arrow":  # a writer was killed before it gave its file a name
                path.unlink(missing_ok=True)
                continue
            try:
                number = int(unpack(path).schema.metadata[b"run"])
            except UnreadableFile:
                if not recompute_damaged:
                    raise
                os.replace(path, path.with_suffix(".damaged"))
                continue
            if number in done:
                path.unlink()
            else:
                self.waiting.setdefault(self.block_of(number), set()).add(number)
                done.add(number)
        return done

    def _sealed_numbers(self, block: int, digests: dict[str, set[str]]) -> set[int]:
        held: dict[str, set[int]] = {}
        for table in ("outcomes", "runs"):
            path = self.part(table, block)
            known = digests.get(f"{table}/{path.name}")
            if not path.is_file() or (known and digest_file(path) not in known):
                raise damaged(path)
            if table == "runs" or not known:
                held[table] = set(pc.unique(read_part(path).column("run")).to_pylist())
        if not held["runs"] <= held.get("outcomes", held["runs"]):
            raise damaged(self.part("outcomes", block))
        return held["runs"]

    # -- writing ---------------------------------------------------------------------------------

    def keep(self, number: int) -> None:
        """Note that a run lies loose; seal its block when that was the last one missing."""
        block = self.block_of(number)
        waiting = self.waiting.setdefault(block, set())
        waiting.add(number)
        if len(waiting) + self.sealed.get(block, 0) >= len(self.numbers_of(block)):
            self.seal(block)

    def seal(self, block: int) -> None:
        """Put the loose runs of a block, with those sealed before, into its two files; then remove the loose ones."""
        loose = sorted(self.waiting.get(block, ()))
        if not loose:
            return
        pieces = [self._rows(unpack(self.loose(number))) for number in loose]
        runs = run_rows(self.plan, [(number, piece) for number, piece in zip(loose, pieces, strict=True)])
        if self.sealed.get(block):
            old = read_part(self.part("runs", block))
            kept = pa.array(old.column("run").to_pylist())
            rows = read_part(self.part("outcomes", block))
            pieces = [rows.filter(pc.is_in(rows.column("run"), kept)), *pieces]
            runs = pa.concat_tables([old, runs])
        outcomes = pa.concat_tables(pieces)
        order = np.argsort(outcomes.column("run").to_numpy(), kind="stable")
        write_block(self, block, runs.sort_by("run"), outcomes.take(order))
        for number in loose:
            self.loose(number).unlink(missing_ok=True)
        self.waiting.pop(block, None)
        self.sealed[block] = len(runs)

    def _rows(self, table: pa.Table) -> pa.Table:
        """One loose run as rows of the long table."""
        number, run_id = int(table.schema.metadata[b"run"]), table.schema.metadata[b"run_id"].decode()
        return long_rows(number, run_id, table, self.names)

    def finish(self) -> int:
        """Seal what is left and write the table of all runs; how many runs it holds."""
        for block in sorted(self.waiting):
            self.seal(block)
        return write_runs(self.folder, *self.provenance)


def write_block(store: Store, block: int, runs: pa.Table, outcomes: pa.Table) -> None:
    """Write the two files of a block, the long table first; their digests are journalled before they get their names."""
    files = [
        (store.part(table, block), as_parquet(rows, table, *store.provenance), f"{table}/{block:06d}.parquet")
        for table, rows in (("outcomes", outcomes), ("runs", runs))
    ]
    append_manifest(store.folder, [{"event": "sealed", "file": name, "sha256": digest_bytes(data)} for _, data, name in files])
    for path, data, _ in files:
        atomic_write_bytes(path, data)


def long_rows(number: int, run_id: str, table: pa.Table, names: list[str]) -> pa.Table:
    """Rows of the long table: run, run_id, outcome, month, group, value; unknown is null."""
    count, value = len(table), table.column("value").to_numpy()
    month = table.column("month").to_numpy()
    dates = (month.astype("i8") - _EPOCH_MONTH).astype("datetime64[M]").astype("datetime64[D]")
    words = pa.DictionaryArray.from_arrays(table.column("outcome").combine_chunks(), pa.array(names)).cast(pa.string())
    return pa.table(
        {
            "run": pa.array(np.full(count, number, dtype=np.int64)),
            "run_id": pa.array([run_id] * count, pa.string()),
            "outcome": words,
            "month": pa.array(dates, pa.date32(), mask=month < 0),
            "group": table.column("group"),
            "value": pa.array(value, mask=np.isnan(value)),
        }
    )


def run_rows(plan, done: list[tuple[int, pa.Table]]) -> pa.Table:
    """Rows of the table of runs: number, id, treatment, draw, seed, settings, and outcomes that are one number."""
    points = [plan.point(number) for number, _ in done]
    columns = {
        "run": pa.array([p.number for p in points], pa.int64()),
        "run_id": pa.array([rows.column("run_id")[0].as_py() if len(rows) else "" for _, rows in done], pa.string()),
        "treatment": pa.array([p.treatment.label for p in points], pa.string()),
        "baseline": pa.array([bool(plan.design.paired and p.treatment.number == 0) for p in points]),
        "draw": pa.array([p.draw for p in points], pa.int32()),
        "seed": pa.array([p.seed for p in points], pa.int64()),
        "status": pa.array(["done"] * len(points), pa.string()),
    }
    for name, kind in plan.columns.items():
        values = [(p.drawn | p.treatment.columns).get(name) for p in points]
        if kind == "text":
            values = [None if v is None else v if isinstance(v, str) else json.dumps(v) for v in values]
        columns[name if name not in columns else f"{name} (set)"] = pa.array(values, _TYPES[kind])
    for keep in plan.scalars:
        found = []
        for _, rows in done:
            match = rows.filter(pc.equal(rows.column("outcome"), keep.key())).column("value").to_pylist()
            found.append(match[0] if match else None)
        name = keep.key()
        columns[name if name not in columns else f"{name} (outcome)"] = pa.array(found, pa.float64())
    return pa.table(columns)


# --- Parquet ------------------------------------------------------------------------------------


def provenance_of(plan) -> tuple[dict[str, str], str]:
    """What every file of results says about where it comes from, and the version of the program."""
    from simulator.runs import _version

    return {f"homeward.{part}": value for part, value in plan.identity.items()}, _version("homeward-sim")


def _metadata(table: str, provenance: dict[str, str], version: str) -> dict[str, str]:
    return provenance | {"homeward.table": f"sweep.{table}", "homeward.schema_version": str(FORMAT), "homeward.model_version": version}


def as_parquet(table: pa.Table, name: str, provenance: dict[str, str], version: str) -> bytes:
    """A table as the bytes of a Parquet file with checksums and provenance."""
    sink = io.BytesIO()
    pq.write_table(table.replace_schema_metadata(_metadata(name, provenance, version)), sink, compression="zstd", write_page_checksum=True)
    return sink.getvalue()


def read_part(path: Path) -> pa.Table:
    """Read one file of results; UnreadableFile when it is damaged or of another version."""
    try:
        table = pq.read_table(path, page_checksum_verification=True)
    except (OSError, pa.ArrowException):
        raise damaged(path) from None
    version = (table.schema.metadata or {}).get(b"homeward.schema_version", b"none").decode()
    if version != str(FORMAT):
        raise UnreadableFile(f"{path}: schema version is {one_line(version)}; this version reads {FORMAT}")
    return table.replace_schema_metadata(None)


def write_runs(folder: Path, provenance: dict[str, str], version: str) -> int:
    """Write `runs.parquet` from the sealed blocks, one at a time; how many rows."""
    parts = sorted((folder / "runs").glob("*.parquet"))
    if not parts:
        return 0
    target, count, writer = folder / ".runs.parquet.part", 0, None
    try:
        for path in parts:
            table = read_part(path).replace_schema_metadata(_metadata("runs", provenance, version))
            if writer is None:
                writer = pq.ParquetWriter(target, table.schema, compression="zstd", write_page_checksum=True)
            writer.write_table(table)
            count += len(table)
        writer.close()
        replace_atomically(target, folder / "runs.parquet")
    except OSError as error:
        with contextlib.suppress(OSError):
            target.unlink(missing_ok=True)
        raise full(folder / "runs.parquet", error) from None
    return count


def full(path: Path, error: OSError) -> Exception:
    """What a failure to write means: a full disk has its own exit code."""
    if error.errno in FULL or "No space left" in str(error):
        return OutOfResources(f"{path}: the disk is full; free some space and give the same command again, nothing is lost")
    return error


# --- the journal --------------------------------------------------------------------------------


def append_manifest(folder: Path, rows: Iterable[dict]) -> None:
    """Add lines to the journal and sync them; a line torn by a crash is left out by the reader."""
    data = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode("utf-8", "backslashreplace")
    path = folder / "manifest.jsonl"
    try:
        handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            if os.fstat(handle).st_size and not _ends_in_a_line(path):
                data = b"\n" + data
            while data:
                data = data[os.write(handle, data) :]
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        raise full(path, error) from None


def _ends_in_a_line(path: Path) -> bool:
    with open(path, "rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"


def read_manifest(folder: Path) -> Iterator[dict]:
    """Lines of the journal in order; torn ones are left out."""
    try:
        with open(folder / "manifest.jsonl", encoding="utf-8", errors="replace") as file:
            for line in file:
                with contextlib.suppress(ValueError):
                    row = json.loads(line)
                    if isinstance(row, dict):
                        yield row
    except FileNotFoundError:
        return


def drop_all(folder: Path) -> None:
    """Remove everything a sweep wrote into a folder."""
    import shutil

    for name in ("loose", "outcomes", "runs", "analysis"):
        shutil.rmtree(folder / name, ignore_errors=True)
    for name in ("runs.parquet", "manifest.jsonl", "sweep.json", "design.yaml"):
        (folder / name).unlink(missing_ok=True)
    sync_folder(folder)
