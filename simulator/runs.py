"""A run from end to end: a scenario lived month by month, kept in a folder, taken up again, replayed."""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import json
import os
import platform
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pyarrow as pa
import pyarrow.compute

from simulator import checkpoint, policies, results
from simulator.foundations.errors import (
    BadInput,
    Fault,
    FolderBusy,
    HomewardError,
    Terminated,
    UnreadableFile,
    choices,
    did_you_mean,
    one_line,
)  # fmt: skip
from simulator.foundations.files import atomic_write_text, folder_lock, lock_digest, source_digest
from simulator.foundations.units import month_text, parse_month
from simulator.measures.outcomes import BY_TABLE
from simulator.scenario import Scenario, change_scenario, load_scenario, scenario_from_dict

FORMAT = 1
CHECKPOINT_SECONDS = 300.0
PLUGINS = "plugins"
"""Folder, in a run's folder, of the policies from outside that it used: they are run again on resume and replay."""

Progress = Callable[[object, object], None]
"""Called after every month with the model and the observer."""


class Run:
    """A run folder: its tables, its headline numbers, its pictures."""

    def __init__(self, folder: str | os.PathLike):
        self.folder = Path(folder)
        self.info = _read_info(self.folder)

    @property
    def status(self) -> str:
        """`done`, `interrupted` or `failed`."""
        return self.info["status"]

    @property
    def headline(self) -> dict[str, dict]:
        """The headline results: name to value, unit and labels."""
        return self.info.get("headline", {})

    @property
    def scenario(self) -> Scenario:
        """The scenario, as it was resolved when the run began."""
        return _kept_scenario(self.folder, self.info)

    @property
    def tables(self) -> list[str]:
        """Names of the tables there are."""
        return sorted(path.stem for path in (self.folder / "tables").glob("*.parquet"))

    def arrow(self, name: str) -> pa.Table:
        """One table as an Arrow table; BadInput when there is none of that name."""
        if name not in self.tables:
            raise BadInput(Fault(field="table", value=name, allowed=choices(self.tables, 20), remedy=did_you_mean(name, self.tables)))
        return results.read_table(self.folder / "tables" / f"{name}.parquet")

    def table(self, name: str):
        """One table as a pandas DataFrame; months are dates, unknown is missing."""
        frame = self.arrow(name).to_pandas(date_as_object=False)
        return frame

    def plot(self, name: str = "talent_pool"):
        """One picture of the run, or any column of the national table over time, as a Matplotlib figure."""
        from simulator import pictures

        return pictures.draw(self, name)

    def __repr__(self) -> str:
        return f"Run({str(self.folder)!r}, {self.status})"


def open_run(folder: str | os.PathLike) -> Run:
    """A run that is already on disk."""
    return Run(folder)


def run(
    scenario: str | os.PathLike | Scenario = "baseline",
    *,
    months: int | None = None,
    seed: int | None = None,
    world: str | None = None,
    start: str | None = None,
    persons_per_agent: int | None = None,
    set: Mapping[str, object] | None = None,
    threads: int = 1,
    out: str | os.PathLike = "results",
    folder: str | os.PathLike | None = None,
    resume: bool = False,
    replace: bool = False,
    stop_after: int | None = None,
    checkpoint_every: int | None = None,
    checkpoint_at_end: bool = False,
    pictures: bool = True,
    progress: Progress | None = None,
) -> Run:
    """Simulate a scenario and keep the run in `out/<scenario>-<seed>-<hash8>/`.

    scenario: name, file or `Scenario`; `set` and the other keywords go over it.
    resume: go on from the last checkpoint. replace: throw an older run away.
    stop_after: stop with a checkpoint after so many months of this call, as an interruption would.
    checkpoint_every: also write a checkpoint every so many months (always: every five minutes).
    FolderBusy when the folder is there already; KeyboardInterrupt after a checkpoint was written.
    """
    given = {"months": months, "seed": seed, "world": world, "start": start, "persons_per_agent": persons_per_agent}
    overrides = {name: value for name, value in given.items() if value is not None} | dict(set or {})
    if isinstance(scenario, Scenario):
        chosen = change_scenario(scenario, overrides) if overrides else scenario
    else:
        chosen = load_scenario(scenario, overrides)
    place = Path(folder) if folder is not None else Path(out) / folder_name(chosen)
    if _is_there(place):
        if resume and open_run(place).status == "done":
            return open_run(place)
        if not (resume or replace):
            raise FolderBusy(f"{place}: this run is already there; add --resume to go on, or --replace to start again")
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(Fault(file=str(place), value=f"cannot be made: {error.strerror}", remedy="choose another folder with --out")) from None
    with folder_lock(place):
        if not resume:
            _empty(place)
        return _Living(chosen, place, threads, progress).live(resume, stop_after, checkpoint_every, checkpoint_at_end, pictures)


class _Living:
    """One process working on one run folder."""

    def __init__(self, scenario: Scenario, folder: Path, threads: int, progress: Progress | None):
        self.scenario, self.folder, self.threads, self.progress = scenario, folder, threads, progress
        self.identity = {"scenario": scenario.hash, "seed": str(scenario.seed), "source": source_digest()}
        self.plugins = plugins_of(scenario)
        if self.plugins:
            self.identity["plugins"] = " ".join(self.plugins)
        self.seconds_before = 0.0
        self.began = time.monotonic()

    def live(self, resume, stop_after, checkpoint_every, checkpoint_at_end, pictures) -> Run:
        atomic_write_text(self.folder / "scenario.yaml", self.scenario.to_yaml())
        for digest, path in self.plugins.items():
            (self.folder / PLUGINS).mkdir(exist_ok=True)
            atomic_write_text(self.folder / PLUGINS / f"{digest[:16]}.py", policies.plugin_text(digest))
            self.log("plugin", file=str(path), sha256=digest)
        places = checkpoint.found(self.folder) if resume else []
        if places and (self.folder / "run.json").is_file():
            self.seconds_before = float(_read_info(self.folder).get("wall_seconds", 0.0))
        from simulator.measures.observer import Observer
        from simulator.model import MigrationModel

        model = MigrationModel(self.scenario, threads=self.threads)
        try:
            observer = Observer(model.world)
            if places:
                checkpoint.load(places[-1], model, observer, self.identity)
                self.log("taken up again", month=month_text(model.month))
            else:
                self.note("interrupted", model)
                observer.open(model)
                self.log("begun", month=month_text(model.month), people=len(model.persons), threads=self.threads)
            model.observers.append(observer)
            self._months(model, observer, stop_after, checkpoint_every)
            return self._finish(model, observer, checkpoint_at_end, pictures)
        finally:
            model.close()

    def _months(self, model, observer, stop_after, checkpoint_every) -> None:
        from simulator import invariants

        lived, saved_at = 0, time.monotonic()
        with _asked_to_stop() as asked:
            while not model.done:
                self._or_say_why(model, observer, model.step)
                lived += 1
                if self.progress is not None:
                    self.progress(model, observer)
                stop = asked.signal or (stop_after is not None and lived >= stop_after and not model.done)
                due = checkpoint_every and lived % checkpoint_every == 0
                if stop or due or time.monotonic() - saved_at >= CHECKPOINT_SECONDS:
                    self._or_say_why(model, observer, lambda: invariants.check_everything(model))
                    checkpoint.save(self.folder, model, observer, self.identity)
                    saved_at = time.monotonic()
                    self.log("checkpoint", month=month_text(model.month))
                if stop:
                    self._write(model, observer, "interrupted")
                    raise (Terminated if asked.signal == signal.SIGTERM else KeyboardInterrupt)

    def _or_say_why(self, model, observer, act) -> None:
        """Do something with the model; when that fails, the run says why and keeps what it has."""
        try:
            act()
        except HomewardError as error:
            self.log("failed", month=month_text(model.month), why=one_line(str(error)))
            self._write(model, observer, "failed", str(error))
            raise

    def _finish(self, model, observer, checkpoint_at_end: bool, pictures: bool) -> Run:
        from simulator import invariants

        self._or_say_why(model, observer, lambda: invariants.check_everything(model))
        if checkpoint_at_end:
            checkpoint.save(self.folder, model, observer, self.identity)
        self._write(model, observer, "done")
        done = Run(self.folder)
        if pictures:
            from simulator import pictures as album

            album.write_all(done)
        if not checkpoint_at_end:
            checkpoint.drop(self.folder)
        self.log("done", month=month_text(model.month), seconds=round(self._seconds(), 1))
        return done

    def _write(self, model, observer, status: str, why: str = "") -> None:
        """Write tables and `run.json`; what an unfinished year has seen stays in the checkpoint."""
        if status == "done":
            observer.close_year(model.month // 12)
        tables = results.tables_of(observer, model.world, model.persons_per_agent)
        digests = results.write_tables(self.folder / "tables", tables)
        self.note(status, model, digests, headline_of(tables["national"]), why)

    def note(self, status: str, model, digests=None, headline=None, why: str = "") -> None:
        """Write `run.json`: what this run is, how far it got, and what it found."""
        scenario = self.scenario
        info = {
            "format": FORMAT,
            "schema_version": results.SCHEMA_VERSION,
            "id": run_id(scenario),
            "status": status,
            "why": why,
            "scenario": scenario.name,
            "title": {"en": scenario.title.en, "zh": scenario.title.zh},
            "scenario_hash": scenario.hash,
            "seed": scenario.seed,
            "world": scenario.world,
            "start": scenario.start,
            "months": scenario.months,
            "month": month_text(model.month),
            "agents": len(model.persons),
            "persons_per_agent": model.persons_per_agent,
            "model_version": _version("homeward-sim"),
            "source_digest": self.identity["source"],
            "lock_digest": lock_digest(),
            "plugins": list(self.plugins),
            "machine": machine(),
            "drivers": scenario.drivers.model_dump(),
            "uncertainty": "one set of parameters, one seed",
            "wall_seconds": round(self._seconds(), 3),
            "written": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            "table_digests": digests or {},
            "headline": headline or {},
        }
        atomic_write_text(self.folder / "run.json", json.dumps(info, ensure_ascii=False, indent=1, allow_nan=False))

    def _seconds(self) -> float:
        return self.seconds_before + time.monotonic() - self.began

    def log(self, event: str, **facts) -> None:
        """Add one line to `run.log`."""
        row = {"time": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"), "event": event} | facts
        with open(self.folder / "run.log", "a", encoding="utf-8") as file:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def folder_name(scenario: Scenario) -> str:
    """`<scenario>-<seed>-<hash8>`."""
    return f"{scenario.name}-{scenario.seed}-{run_id(scenario)[:8]}"


def plugins_of(scenario: Scenario) -> dict[str, Path]:
    """The plugin files, by SHA-256, whose policies a scenario uses."""
    return policies.plugin_files(use.policy for use in scenario.policies)


def run_id(scenario: Scenario) -> str:
    """SHA-256 of the resolved scenario, the seed, the source without comments, the lock, and the plugins used."""
    parts = [scenario.hash, str(scenario.seed), source_digest(), lock_digest(), *plugins_of(scenario)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def headline_of(national: pa.Table) -> dict[str, dict]:
    """The last known value of every headline result for the whole country."""
    rows = national.filter(pa.compute.equal(national["circle_id"], 0))
    found = {}
    for (table, name), outcome in BY_TABLE.items():
        if table != "national" or not outcome.headline:
            continue
        values = rows[name].to_pylist()
        known = [k for k, value in enumerate(values) if value is not None]
        if known:
            found[name] = {
                "value": values[known[-1]],
                "unit": outcome.unit,
                "month": f"{rows['month'][known[-1]].as_py():%Y-%m}",
                "label_en": outcome.label_en,
                "label_zh": outcome.label_zh,
            }
    return found


def machine() -> dict[str, str]:
    """What the run was computed on."""
    facts = {"system": platform.system(), "cpu": platform.machine(), "libc": " ".join(platform.libc_ver())}
    return facts | {"python": platform.python_version()} | {name: _version(name) for name in ("numpy", "numba", "mesa", "pyarrow")}


@contextlib.contextmanager
def reliving(run: Run | str | os.PathLike, threads: int = 1):
    """The model of a run before its first month, and an iterator that lives the months the run lived.

    `with reliving(run) as (model, months): for done, total in months: ...`; the run itself is not touched.
    UnreadableFile when the run was made by another version of the simulator.
    """
    from simulator.model import MigrationModel

    kept = run if isinstance(run, Run) else open_run(run)
    if kept.info["source_digest"] != source_digest():
        raise UnreadableFile(f"{kept.folder}: this run was made by another version of the simulator; run the scenario again")
    model = MigrationModel(kept.scenario, threads=threads)
    total = parse_month(kept.info["month"]) - model.month

    def months():
        for done in range(1, total + 1):
            model.step()
            yield done, total

    try:
        yield model, months()
    finally:
        model.close()


def replay(run: Run | str | os.PathLike, watch: Iterable[int], threads: int = 1):
    """Compute a run again and tell the lives of the people watched (by uid), as a pandas DataFrame.

    Columns uid, month, n, event, from_id, to_id, amount_yuan, text_key; the run itself is not touched.
    """
    import pandas as pd

    from simulator.watching import Watch

    with reliving(run, threads) as (model, months):
        watcher = Watch(model, watch)
        model.observers.append(watcher)
        for _ in months:
            pass
        return pd.DataFrame(watcher.rows())


# --- the folder ------------------------------------------------------------------------------


def _is_there(place: Path) -> bool:
    return place.is_dir() and any(entry.name != ".lock" for entry in place.iterdir())


def _empty(place: Path) -> None:
    for entry in place.iterdir():
        if entry.name == ".lock":
            continue
        shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()


def _read_info(folder: Path) -> dict:
    path = folder / "run.json"
    if not path.is_file():
        raise BadInput(Fault(file=str(folder), value="is not a run folder (it has no run.json)", remedy="name a folder below results/"))
    try:
        info = json.loads(path.read_text("utf-8"))
        if info["format"] != FORMAT:
            raise UnreadableFile(f"{path}: format is {info['format']}; this version reads {FORMAT}")
        if info["status"] not in ("done", "interrupted", "failed"):
            raise ValueError("status")
    except (ValueError, KeyError, TypeError, OSError):
        raise UnreadableFile(f"{path}: this file is damaged; run the scenario again") from None
    return info


def _kept_scenario(folder: Path, info: dict) -> Scenario:
    from simulator.foundations.yamlio import read_yaml

    for file in sorted((folder / PLUGINS).glob("*.py")):
        policies.load_plugin(file)
    return scenario_from_dict(read_yaml(folder / "scenario.yaml").data, info["scenario"])


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "none"


class _Asked:
    signal: int | None = None


@contextlib.contextmanager
def _asked_to_stop():
    """Note Ctrl-C and SIGTERM, to be obeyed between two months; a second Ctrl-C ends at once."""
    asked = _Asked()
    if threading.current_thread() is not threading.main_thread():
        yield asked
        return

    def note(number, _frame):
        if asked.signal is not None and number == signal.SIGINT:
            raise KeyboardInterrupt
        asked.signal = number
        with contextlib.suppress(OSError, ValueError):
            print("stopping after this month; a checkpoint will be written", file=sys.stderr)

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
