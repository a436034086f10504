"""The desk where histories are asked for: it gives each request to a worker process once, and shares what comes back.

It knows scenarios and runs; it knows neither the page nor its framework. A history is named by the run id of
the batch run with the same scenario and seed, so equal requests are one, whoever asks.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import logging
import multiprocessing
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from viz import keeping
from viz.packing import pack, unpack
from viz.worker import MONTHLY, first_difference
from viz.worker import main as worker_main

LOG = logging.getLogger("homeward.view")
RECORDS_KEPT = 120
"""Histories kept for sharing (about 2.5 MB each); those that nobody looks at go first."""
WORKERS = 2
URGENCY = {"draft": 0, "full": 1, "compare": 2, "why": 3, "twins": 3, "person": 3, "ready": 4, "seed": 5, "spare": 6}
"""What is computed first. The full scale has a worker of its own; seeds of the band give way to everything."""
GIVES_WAY = {"draft": URGENCY["compare"], "full": URGENCY["ready"]}
"""A request of this kind stops work that is less urgent than this; it is taken up again later."""

Listener = Callable[[str, "Record", bytes | None], None]


class _Request:
    """What is asked for, with the ground it stands on."""

    scenario: object

    @cached_property
    def ground(self) -> str:
        """What it shares with all that differ from it in policies only."""
        return ground_of(self.scenario)


@dataclass(eq=False)
class Record(_Request):
    """One history: what is known of it so far, and who wants to hear more.

    `places` [months, columns, n] float32 and `nation` [months, columns] float64 hold agents, `policies`
    [months, policies, 3] yuan spent, yuan asked and people reached, `governments` [months, columns, 1 + circles]
    yuan; `filled` months are there, counted from the opening record. `yearly` maps `flows/2026` and the like to arrays.
    """

    id: str
    kind: str
    scenario: object
    base: Record | None
    same_until: int
    status: str = "waiting"
    why: str = ""
    filled: int = 0
    places: np.ndarray | None = None
    nation: np.ndarray | None = None
    policies: np.ndarray | None = None
    governments: np.ndarray | None = None
    yearly: dict[str, np.ndarray] = field(default_factory=dict)
    listeners: list[Listener] = field(default_factory=list)
    block: bytes | None = None

    @property
    def months(self) -> int:
        """Months in all, the opening record included."""
        return self.scenario.months + 1

    def head(self) -> dict:
        """What a block says of the history it belongs to."""
        return {
            "run": self.id, "kind": self.kind, "status": self.status, "why": self.why, "filled": self.filled,
            "months": self.months, "start": self.scenario.start_month, "seed": self.scenario.seed,
            "persons_per_agent": self.scenario.persons_per_agent, "same_until": self.same_until,
            "base": self.base.id if self.base is not None else self.id,
            "policies": [use.policy for use in self.scenario.policies],
        }  # fmt: skip

    def take(self, arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Put months where they belong; gives the arrays back with their first row's position."""
        month, parts = arrays.pop("month"), {name: arrays.pop(name) for name in MONTHLY}
        if self.places is None:
            for name, part in parts.items():
                empty = 0.0 if name == "policies" else np.nan
                setattr(self, name, np.full((self.months, *part.shape[1:]), empty, dtype=part.dtype))
            self._inherit()
        at = int(month[0]) - self.scenario.start_month
        for name, part in parts.items():
            getattr(self, name)[at : at + len(month)] = part
        self.yearly |= arrays
        self.filled = at + len(month)
        return parts | arrays

    def _inherit(self) -> None:
        """Months before the first difference are those of the base."""
        rows = self.same_until - self.scenario.start_month + 1
        if self.base is None or self.base.places is None:
            return
        for name in MONTHLY:
            if name != "policies":
                getattr(self, name)[:rows] = getattr(self.base, name)[:rows]
        last = self.same_until if (self.same_until + 1) % 12 == 0 else self.same_until - 12
        self.yearly |= {k: v for k, v in self.base.yearly.items() if int(k.rpartition("/")[2]) <= last // 12}

    def packed(self) -> bytes:
        """All that is known and not the base's, as one block; kept once the history is whole."""
        if self.places is None:
            return pack(self.head() | {"first": 0}, {})
        if self.block is not None:
            return self.block
        first = 0 if self.base is None else self.same_until - self.scenario.start_month + 1
        arrays = {name: getattr(self, name)[first : self.filled] for name in MONTHLY if getattr(self, name) is not None}
        own = {k: v for k, v in self.yearly.items() if first == 0 or int(k.rpartition("/")[2]) * 12 + 11 > self.same_until}
        block = pack(self.head() | {"first": first}, arrays | own)
        if self.status == "done":
            self.block = block
        return block

    def recall(self, block: bytes) -> bool:
        """Take everything from a block that `packed` once gave for the same run; False when it does not fit."""
        try:
            head, arrays = unpack(block)
            if (head["run"], head["status"], head["filled"], head["first"]) != (self.id, "done", self.months, 0) or len(arrays["places"]) != self.months:
                return False
            for name in MONTHLY:
                setattr(self, name, arrays.pop(name))
            self.yearly, self.filled, self.status = arrays, self.months, "done"
        except (ValueError, KeyError, TypeError, IndexError):
            return False
        return True


@dataclass(eq=False)
class Inquiry(_Request):
    """A question about two worlds and its answer, shared like a history."""

    id: str
    kind: str
    scenario: object
    base: Record
    status: str = "waiting"
    why: str = ""
    filled: int = 0
    answer: bytes | None = None
    share: float = 0.0
    listeners: list[Listener] = field(default_factory=list)
    whom: dict | None = None

    def head(self) -> dict:
        """What a block says of the question it belongs to."""
        return {"run": self.id, "kind": self.kind, "status": self.status, "why": self.why, "share": self.share}

    def packed(self) -> bytes:
        """The answer, or how far it is."""
        if self.answer is None:
            return pack(self.head(), {})
        head, arrays = unpack(self.answer)
        return pack(self.head() | head, arrays)


@dataclass(eq=False)
class Chore(_Request):
    """Something to be made ready on one worker before anybody asks."""

    id: str
    kind: str
    scenario: object
    hand: int
    status: str = "waiting"
    why: str = ""
    listeners: tuple = ()

    def head(self) -> dict:
        """What is said of it, should anyone ask."""
        return {"run": self.id, "kind": self.kind, "status": self.status}


WHAT = {Record: "history", Chore: "ready"}
"""What a worker is told to do; a question is named by its kind."""


class _Hand:
    """One worker process, the thread that hears it, and what it is doing."""

    def __init__(self, number: int, patient: bool):
        self.number, self.patient = number, patient
        self.grounds: set[str] = set()
        self.job: tuple[int, Record] | None = None
        self.process = None

    def start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, other = context.Pipe()
        self.process = context.Process(target=worker_main, args=(other, self.patient), name=f"homeward-worker-{self.number}", daemon=True)
        self.process.start()
        other.close()
        self.grounds.clear()


class RunsDesk:
    """Give it scenarios; it gives records that fill as months are lived.

    folder: where whole baselines and their states are kept between starts; None keeps nothing. keep(scenario)
    gives the months whose state is worth keeping, so that a policy can begin after them. Workers start with the first work there is for them.
    """

    def __init__(self, workers: int = WORKERS, folder: Path | None = None, keep: Callable[[object], list[int]] | None = None):
        self.folder, self.keep = folder, keep or december_before_policies
        self.lock = threading.RLock()
        self.records: OrderedDict[str, Record] = OrderedDict()
        self.queue: list[Record] = []
        self.numbers = itertools.count(1)
        self.lasting: set[str] = set()
        self.closed = False
        self.hands = [_Hand(k, patient=k < workers - 1) for k in range(workers)]

    # -- asking ----------------------------------------------------------------------------------

    def ask(self, scenario, kind: str, listener: Listener | None = None, base: Record | None = None) -> Record:
        """The record of a scenario: what is there already is told to the listener at once."""
        from simulator.runs import run_id

        name = run_id(scenario)
        with self.lock:
            record = self.records.get(name)
            if record is None or record.status in ("failed", "cancelled"):
                until = first_difference(scenario) if base is not None else scenario.start_month
                record = self.records[name] = Record(name, kind, scenario, base, until)
                if base is None and self.folder is not None:
                    self.lasting.add(record.ground)
                if not self._recall(record):
                    self.queue.append(record)
                self._forget()
            elif URGENCY[kind] < URGENCY[record.kind]:
                record.kind = kind
            self.records.move_to_end(name)
            if listener is not None:
                if record.filled or record.status == "done":
                    listener("history", record, record.packed())
                record.listeners.append(listener)
            self._give()
            return record

    def make_ready(self, scenario, hand: int, kind: str = "ready") -> None:
        """Let a worker build what a scenario starts from, before anybody asks for it; `spare` when all are idle."""
        with self.lock:
            self.queue.append(Chore("", kind, scenario, hand % len(self.hands)))
            self._give()

    def inquire(self, kind: str, base: Record, scenario, listener: Listener, whom: dict | None = None) -> Inquiry:
        """Ask `why`, `twins` or `person` of a scenario against its base; equal questions are answered once."""
        name = inquiry_name(kind, base, scenario, whom)
        with self.lock:
            inquiry = self.records.get(name)
            if inquiry is None or inquiry.status in ("failed", "cancelled"):
                inquiry = self.records[name] = Inquiry(name, kind, scenario, base, whom=whom)
                self.queue.append(inquiry)
                self._forget()
            self.records.move_to_end(name)
            listener("history" if inquiry.status == "done" else "chunk", inquiry, inquiry.packed())
            inquiry.listeners.append(listener)
            self._give()
            return inquiry

    def leave(self, record: Record, listener: Listener) -> None:
        """A listener has lost interest; a history that nobody waits for is given up at the next month."""
        with self.lock:
            if listener in record.listeners:
                record.listeners.remove(listener)
            if record.listeners or record.status == "done":
                return
            if record in self.queue:
                self.queue.remove(record)
                record.status = "cancelled"
            for hand in self.hands:
                if hand.job is not None and hand.job[1] is record:
                    self._tell(hand, ("cancel", hand.job[0]))

    def close(self) -> None:
        """Send the workers home."""
        self.closed = True
        for hand in self.hands:
            if hand.process is None:
                continue
            self._tell(hand, ("stop",))
            hand.process.join(timeout=2)
            if hand.process.is_alive():
                hand.process.terminate()

    # -- giving out work -------------------------------------------------------------------------

    def _give(self) -> None:
        """Hand waiting records to idle workers, the most urgent first; drafts take the place of seeds."""
        for record in sorted(self.queue, key=lambda r: URGENCY[r.kind]):
            ground = record.ground
            hand = self._hand_for(record, ground)
            if hand is None:
                continue
            self.queue.remove(record)
            if URGENCY[record.kind] < URGENCY["seed"]:
                self._stop_spare()
            if hand.process is None:
                hand.start()
                threading.Thread(target=self._hear, args=(hand,), name=f"hears-worker-{hand.number}", daemon=True).start()
            number = next(self.numbers)
            hand.job = (number, record)
            hand.grounds.add(ground)
            record.status = "running"
            job = {
                "id": number, "what": WHAT.get(type(record), record.kind), "name": record.scenario.name,
                "scenario": record.scenario.resolved(), "ground": ground, "keep": self.keep(record.scenario),
                "folder": str(self.folder) if ground in self.lasting else None,
            }  # fmt: skip
            if isinstance(record, Inquiry):
                job |= {"base": record.base.scenario.resolved(), "whom": record.whom}
            self._tell(hand, ("job", job))

    def _hand_for(self, record: Record, ground: str) -> _Hand | None:
        """The worker that takes this now; None when it has to wait. Less urgent work may be told to stop."""
        fine, quick = self.hands[0], self.hands[-1]
        if record.kind == "full":
            able = [fine]
        elif isinstance(record, Chore):
            able = [self.hands[record.hand]]
        elif record.kind == "spare":
            able = [fine]
        elif record.kind == "seed":
            able = sorted(dict.fromkeys((quick, fine)), key=lambda hand: ground not in hand.grounds)
        else:
            able = list(dict.fromkeys((quick, fine)))
        if record.kind == "spare" and any(hand.job is not None and URGENCY[hand.job[1].kind] < URGENCY["seed"] for hand in self.hands):
            return None
        idle = [hand for hand in able if hand.job is None]
        for hand in idle:
            if hand is able[0] or ground in hand.grounds or record.kind == "seed":
                return hand
        least = GIVES_WAY.get(record.kind)
        if least is None or idle and idle[0] is able[0]:
            return None
        for hand in able:
            if hand.job is not None and URGENCY[hand.job[1].kind] > least:
                self._put_off(hand)
                break
        return None

    def _stop_spare(self) -> None:
        """While somebody waits nothing is lived in advance: the browser needs the processor."""
        for hand in self.hands:
            if hand.job is not None and hand.job[1].kind == "spare":
                self._put_off(hand)

    def _put_off(self, hand: _Hand) -> None:
        """Tell a worker to stop at the next month; what it did waits again."""
        number, slow = hand.job
        self._tell(hand, ("cancel", number))
        if slow not in self.queue:
            self.queue.append(slow)

    def _tell(self, hand: _Hand, message: tuple) -> None:
        try:
            hand.pipe.send(message)
        except OSError:
            LOG.warning("worker %d does not hear", hand.number)

    # -- hearing ---------------------------------------------------------------------------------

    def _hear(self, hand: _Hand) -> None:
        while not self.closed:
            try:
                message = hand.pipe.recv()
            except (EOFError, OSError):
                if self.closed:
                    return
                self._revive(hand)
                continue
            with self.lock:
                try:
                    self._note(hand, *message)
                except Exception:
                    LOG.exception("what a worker said was not understood")

    def _note(self, hand: _Hand, what: str, number: int, load) -> None:
        if hand.job is None or hand.job[0] != number:
            return
        record = hand.job[1]
        if what in ("progress", "answer"):
            if what == "answer":
                record.answer = load
            else:
                record.share = round(load, 3)
                self._share("chunk", record, pack(record.head(), {}))
            return
        if what == "chunk":
            _, arrays = unpack(load)
            first = int(arrays["month"][0]) - record.scenario.start_month
            arrays = record.take(arrays)
            self._share("chunk", record, pack(record.head() | {"first": first}, arrays))
            return
        hand.job = None
        if what == "done" and record in self.queue:  # it was finished before it heard that it should stop
            self.queue.remove(record)
        if what == "done" and isinstance(record, Record):
            self._keep(record)
        if what == "cancelled" and (record in self.queue or record.listeners):
            record.status = "waiting"
            if record not in self.queue:
                self.queue.append(record)
        else:
            record.status, record.why = what, load
            inquiry = isinstance(record, Inquiry)
            self._share("end", record, record.packed() if inquiry else pack(record.head() | {"first": getattr(record, "filled", 0)}, {}))
        self._give()

    def _share(self, event: str, record: Record, block: bytes) -> None:
        for listener in list(record.listeners):
            try:
                listener(event, record, block)
            except Exception:
                LOG.exception("a listener failed")

    def _revive(self, hand: _Hand) -> None:
        """A worker died: start another, and give its work out again, once."""
        with self.lock:
            LOG.warning("worker %d ended; starting another", hand.number)
            lost, hand.job = hand.job, None
            hand.start()
            if lost is not None:
                record = lost[1]
                if getattr(record, "tried", False):
                    record.status, record.why = "failed", "the process that computed this ended twice"
                    self._share("end", record, pack(record.head() | {"first": record.filled}, {}))
                else:
                    record.tried, record.status = True, "waiting"
                    self.queue.append(record)
            self._give()

    # -- between starts --------------------------------------------------------------------------

    def _recall(self, record: Record) -> bool:
        """Take a baseline that an earlier start has lived."""
        if self.folder is None or record.base is not None:
            return False
        block = keeping.read(self._path(record))
        return block is not None and record.recall(block)

    def _keep(self, record: Record) -> None:
        """Keep a baseline that is whole now for the next start."""
        if record.base is None and record.ground in self.lasting:
            record.status = "done"
            threading.Thread(target=keeping.write, args=(self._path(record), record.packed()), name="keeps", daemon=True).start()

    def _path(self, record: Record) -> Path:
        return self.folder / f"{record.id[:40]}.history"

    def _forget(self) -> None:
        spare = [r for r in self.records.values() if r.status == "done" and not r.listeners and r.base is not None]
        for record in spare[: max(0, len(self.records) - RECORDS_KEPT)]:
            del self.records[record.id]


def inquiry_name(kind: str, base: Record, scenario, whom: dict | None = None) -> str:
    """The name under which a question is shared."""
    from simulator.runs import run_id

    asked = "" if whom is None else ":" + json.dumps(whom, sort_keys=True)
    return f"{kind}:{base.id}:{run_id(scenario)}{asked}"


def ground_of(scenario) -> str:
    """What a scenario shares with all that differ from it in policies only."""
    data = scenario.resolved() | {"policies": [], "title": None, "description": None, "outputs": None}
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()[:16]


def december_before_policies(scenario) -> list[int]:
    """Every December of a history: policies mostly begin in a January."""
    return [month for month in range(scenario.start_month + 1, scenario.end_month) if month % 12 == 11]
