"""A sweep from end to end: the runs of a plan that are not done yet, done, written down, and sealed.

What is done is known by the files of the folder alone, so taking a sweep up again is doing the plan less what is
done. A run that fails, or whose process dies, is tried once more; after the second failure it is set aside and
the rest goes on. Nothing of the results is held here: memory does not grow with the number of runs.
"""

from __future__ import annotations

import contextlib
import datetime
import json
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from experiments import store as storing
from experiments.design import Plan
from experiments.engines import Happened
from experiments.store import Store, append_manifest
from simulator.foundations.errors import BadInput, Fault, FolderBusy, SomeRunsSetAside, Terminated, UnreadableFile
from simulator.foundations.files import atomic_write_text, folder_lock
from simulator.foundations.yamlio import write_yaml

TRIES = 2
"""Failures after which a run is set aside."""

JOURNAL_SECONDS = 0.5
"""The journal is synced at most this often; what is done is known from the files, not from it."""


@dataclass
class Progress:
    """How far a sweep is, for whoever shows it."""

    total: int
    done: int
    done_before: int
    failed: int = 0
    seconds: float = 0.0
    """Sum of the seconds of the runs done in this call."""
    cpu: float = 0.0
    """Of these, spent computing."""
    began: float = field(default_factory=time.monotonic)

    @property
    def new(self) -> int:
        """Runs done in this call."""
        return self.done - self.done_before


Show = Callable[[Progress], None]


def sweep_folder(plan: Plan, out: str | os.PathLike = "results") -> Path:
    """`<design>-<hash8>`, and which shard of how many, below `out`."""
    part = f"-{plan.shard[0]}of{plan.shard[1]}" if plan.shard[1] > 1 else ""
    return Path(out) / f"{plan.name}-{plan.identity['design'][:8]}{part}"


def sweep(
    plan: Plan,
    folder: str | os.PathLike,
    engine: Callable,
    *,
    show: Show | None = None,
    replace: bool = False,
    recompute_damaged: bool = False,
) -> Progress:
    """Do every run of the plan that the folder does not hold, by `engine(plan, folder)`, and seal the results.

    FolderBusy when another process works there; UnreadableFile when it holds results of another version or design;
    OutOfResources on a full disk; SomeRunsSetAside when all is done but some runs failed twice; KeyboardInterrupt
    when asked to stop. Whatever happens, what is done stays done.
    """
    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = folder_lock(folder)
        with lock:
            if replace:
                storing.drop_all(folder)
            _greet(plan, folder)
            work = _Work(plan, folder, recompute_damaged, show)
            return work.do(engine)
    except OSError as error:
        if error.errno in storing.FULL:
            raise storing.full(folder, error) from None
        raise BadInput(Fault(file=str(folder), value=f"cannot be written: {error.strerror or error}", remedy="choose another folder with --out")) from None


def _greet(plan: Plan, folder: Path) -> None:
    """Make sure that the folder is new, or holds this very sweep."""
    path = folder / "sweep.json"
    if not path.exists():
        others = [entry.name for entry in folder.iterdir() if entry.name not in (".lock", "loose", "outcomes", "runs", "manifest.jsonl", "design.yaml") and not entry.name.startswith(".")]
        if others:
            raise FolderBusy(f"{folder}: the folder holds other things ({others[0]}); choose an empty one with --out")
        write_info(plan, folder, "interrupted", 0)
        return
    info = read_info(folder)
    names = {"source": "code", "lock": "packages", "world": "world"}
    for part, name in names.items():
        if info["identity"][part] != plan.identity[part]:
            raise UnreadableFile(f"{folder}: these results were made with other {name} than is here now; choose another folder with --out, or start again with --replace")
    if info["identity"]["design"] != plan.identity["design"] or info["shard"] != list(plan.shard):
        raise UnreadableFile(f"{folder}: the results of another design or shard are here; choose another folder with --out, or start again with --replace")


def read_info(folder: Path) -> dict:
    """What `sweep.json` says; UnreadableFile when it is damaged or of another format."""
    path = Path(folder) / "sweep.json"
    if not path.is_file():
        raise BadInput(Fault(file=str(folder), value="is not the folder of a sweep (it has no sweep.json)", remedy="name a folder that homeward sweep wrote"))
    try:
        info = json.loads(path.read_text("utf-8"))
        if info["format"] != storing.FORMAT:
            raise UnreadableFile(f"{path}: format is {info['format']}; this version reads {storing.FORMAT}")
        if set(info["identity"]) != {"design", "world", "source", "lock"} or len(info["shard"]) != 2:
            raise ValueError
    except (ValueError, KeyError, TypeError, OSError):
        raise UnreadableFile(f"{path}: this file is damaged; choose another folder with --out, or start again with --replace") from None
    return info


def write_info(plan: Plan, folder: Path, status: str, done: int, failed: list[int] | None = None) -> None:
    """Write `sweep.json` and, the first time, the design beside it."""
    from simulator.runs import _version, machine

    design = plan.design
    info = {
        "format": storing.FORMAT,
        "id": plan.id,
        "identity": plan.identity,
        "status": status,
        "name": plan.name,
        "title": design.title.model_dump(),
        "model": design.model,
        "base": design.base,
        "shard": list(plan.shard),
        "runs": len(plan),
        "runs_in_all": plan.total,
        "done": done,
        "set_aside": (failed or [])[:1000],
        "block": plan.block,
        "method": design.method,
        "draws": plan.draws,
        "base_draws": design.draws,
        "levels": design.levels,
        "second_order": design.second_order,
        "draw_seed": design.draw_seed,
        "seeds": design.seeds,
        "paired": design.paired,
        "treatments": [t.label for t in plan.treatments],
        "levers": list(design.levers) + (["package"] if design.packages else []),
        "columns": plan.columns,
        "spans": [vars(span) | {"choices": list(span.choices)} for span in design.spans],
        "outcomes": [keep.model_dump() | {"key": keep.key()} | _words(keep) for keep in design.keeps],
        "scalars": [keep.key() for keep in plan.scalars],
        "model_version": _version("homeward-sim"),
        "machine": machine(),
    }
    if not (folder / "design.yaml").exists():
        atomic_write_text(folder / "design.yaml", f"# {plan.name}, as given\n" + write_yaml(plan.data))
    write_info_of(folder, info)


def write_info_of(folder: Path, info: dict) -> None:
    """Write `sweep.json`, with the time."""
    info = info | {"written": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")}
    atomic_write_text(folder / "sweep.json", json.dumps(info, ensure_ascii=False, indent=1, allow_nan=False))


def _words(keep) -> dict[str, str]:
    from simulator.measures.outcomes import BY_TABLE

    outcome = BY_TABLE.get((str(keep.table), keep.name))
    if outcome is None:
        return {"unit": "", "label_en": keep.key(), "label_zh": keep.key()}
    return {"unit": outcome.unit, "label_en": outcome.label_en, "label_zh": outcome.label_zh}


class _Work:
    """One process at work on one sweep."""

    def __init__(self, plan: Plan, folder: Path, recompute_damaged: bool, show: Show | None):
        self.plan, self.folder, self.show = plan, folder, show
        self.store = Store(folder, plan)
        self.store.make()
        done = self.store.look(recompute_damaged)
        self.todo = (number for number in plan.numbers() if number not in done)
        self.progress = Progress(len(plan), len(done), len(done))
        self.again: deque[int] = deque()
        self.failures: dict[int, int] = {}
        self.aside: list[int] = []
        self.journal: list[dict] = []
        self.synced = time.monotonic()

    def do(self, engine: Callable) -> Progress:
        """Work until nothing is left, or somebody says stop."""
        self.note({"event": "begun", "pid": os.getpid(), "done": self.progress.done, "runs": self.progress.total}, now=True)
        try:
            for block in list(self.store.waiting):  # sealed blocks whose last run came in just before the end
                if len(self.store.waiting[block]) + self.store.sealed.get(block, 0) >= len(self.store.numbers_of(block)):
                    self.store.seal(block)
            if self.progress.done < self.progress.total:
                with _asked_to_stop() as asked, engine(self.plan, self.folder) as workers:
                    self._work(workers, asked)
                if asked.signal is not None:
                    self.store.finish()
                    write_info(self.plan, self.folder, "interrupted", self.progress.done, sorted(self.aside))
                    raise Terminated if asked.signal == signal.SIGTERM else KeyboardInterrupt
        finally:
            with contextlib.suppress(Exception):
                self.note(None, now=True)
        self.store.finish()
        status = "some runs set aside" if self.aside else "done"
        write_info(self.plan, self.folder, status, self.progress.done, sorted(self.aside))
        self.note({"event": status, "done": self.progress.done}, now=True)
        if self.aside:
            few = ", ".join(map(str, sorted(self.aside)[:5])) + (" and more" if len(self.aside) > 5 else "")
            raise SomeRunsSetAside(
                f"{self.folder}: {self.progress.done} of {self.progress.total} runs are done; {len(self.aside)} failed twice and were set aside "
                f"(run {few}; why is in manifest.jsonl); the same command tries them again"
            )
        return self.progress

    def _work(self, workers, asked) -> None:
        in_hand = 0
        more = True
        while not asked.signal:
            while more and workers.slots > 0:
                number = self.again.popleft() if self.again else next(self.todo, None)
                if number is None:
                    more = False
                else:
                    workers.submit(number)
                    in_hand += 1
            if not in_hand:
                return
            for happened in workers.wait(0.2):
                in_hand -= 1
                self._take(happened)
                more = more or bool(self.again)
            if self.show is not None:
                self.show(self.progress)

    def _take(self, happened: Happened) -> None:
        number = happened.number
        if happened.what == "done":
            self.progress.done += 1
            self.progress.seconds += happened.seconds
            self.progress.cpu += happened.cpu
            self.note({"event": "done", "run": number, "seconds": happened.seconds})
            self.store.keep(number)
        elif happened.what == "back":
            self.again.append(number)
        else:
            self.failures[number] = self.failures.get(number, 0) + 1
            self.note({"event": happened.what, "run": number, "time": self.failures[number], "why": happened.why, "traceback": happened.traceback})
            if self.failures[number] < TRIES and not happened.final:
                self.again.append(number)
            else:
                self.aside.append(number)
                self.progress.failed += 1

    def note(self, row: dict | None, now: bool = False) -> None:
        """Add to the journal; lines are gathered and synced together."""
        if row is not None:
            self.journal.append({"at": datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds")} | row)
        if self.journal and (now or time.monotonic() - self.synced > JOURNAL_SECONDS):
            append_manifest(self.folder, self.journal)
            self.journal, self.synced = [], time.monotonic()


class _Asked:
    signal: int | None = None


@contextlib.contextmanager
def _asked_to_stop():
    """Note Ctrl-C and SIGTERM, to be obeyed at once but not in the middle of a file."""
    asked = _Asked()
    if threading.current_thread() is not threading.main_thread():
        yield asked
        return

    def note(number, _frame):
        asked.signal = number

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
