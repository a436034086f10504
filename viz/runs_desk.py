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

import numpy as np

from viz.packing import pack, unpack
from viz.worker import first_difference
from viz.worker import main as worker_main

LOG = logging.getLogger("homeward.view")
RECORDS_KEPT = 120
"""Histories kept for sharing (about 2.5 MB each); those that nobody looks at go first."""
WORKERS = 2
URGENCY = {"draft": 0, "full": 1, "compare": 2, "why": 3, "twins": 3, "seed": 4}
"""What is computed first. The full scale has a worker of its own; seeds of the band give way to everything."""

Listener = Callable[[str, "Record", bytes | None], None]


@dataclass(eq=False)
class Record:
    """One history: what is known of it so far, and who wants to hear more.

    `places` [months, columns, n] float32 and `nation` [months, columns] float64 hold agents, `policies`
    [months, policies, 3] yuan spent, yuan asked and people reached; `filled` months are there, counted from the
    opening record. `yearly` maps `flows/2026` and the like to arrays.
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
        month, places, nation, spent = (arrays.pop(name) for name in ("month", "places", "nation", "policies"))
        if self.places is None:
            self.places = np.full((self.months, *places.shape[1:]), np.nan, dtype=np.float32)
            self.nation = np.full((self.months, nation.shape[1]), np.nan)
            self.policies = np.zeros((self.months, *spent.shape[1:]))
            self._inherit()
        at = int(month[0]) - self.scenario.start_month
        rows = slice(at, at + len(month))
        self.places[rows], self.nation[rows], self.policies[rows] = places, nation, spent
        self.yearly |= arrays
        self.filled = at + len(month)
        return {"places": places, "nation": nation, "policies": spent} | arrays

    def _inherit(self) -> None:
        """Months before the first difference are those of the base."""
        rows = self.same_until - self.scenario.start_month + 1
        if self.base is None or self.base.places is None:
            return
        self.places[:rows], self.nation[:rows] = self.base.places[:rows], self.base.nation[:rows]
        last = self.same_until if (self.same_until + 1) % 12 == 0 else self.same_until - 12
        self.yearly |= {k: v for k, v in self.base.yearly.items() if int(k.rpartition("/")[2]) <= last // 12}

    def packed(self) -> bytes:
        """All that is known and not the base's, as one block; kept once the history is whole."""
        if self.places is None:
            return pack(self.head() | {"first": 0}, {})
        if self.block is not None:
            return self.block
        first = 0 if self.base is None else self.same_until - self.scenario.start_month + 1
        arrays = {name: getattr(self, name)[first : self.filled] for name in ("places", "nation", "policies")}
        own = {k: v for k, v in self.yearly.items() if first == 0 or int(k.rpartition("/")[2]) * 12 + 11 > self.same_until}
        block = pack(self.head() | {"first": first}, arrays | own)
        if self.status == "done":
            self.block = block
        return block


@dataclass(eq=False)
class Inquiry:
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

    def head(self) -> dict:
        """What a block says of the question it belongs to."""
        return {"run": self.id, "kind": self.kind, "status": self.status, "why": self.why, "share": self.share}

    def packed(self) -> bytes:
        """The answer, or how far it is."""
        if self.answer is None:
            return pack(self.head(), {})
        head, arrays = unpack(self.answer)
        return pack(self.head() | head, arrays)


class _Hand:
    """One worker process, the thread that hears it, and what it is doing."""

    def __init__(self, number: int):
        self.number = number
        self.grounds: set[str] = set()
        self.job: tuple[int, Record] | None = None
        self.start()

    def start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, other = context.Pipe()
        self.process = context.Process(target=worker_main, args=(other,), name=f"homeward-worker-{self.number}", daemon=True)
        self.process.start()
        other.close()
        self.grounds.clear()


class RunsDesk:
    """Give it scenarios; it gives records that fill as months are lived."""

    def __init__(self, workers: int = WORKERS):
        self.lock = threading.RLock()
        self.records: OrderedDict[str, Record] = OrderedDict()
        self.queue: list[Record] = []
        self.numbers = itertools.count(1)
        self.closed = False
        self.hands = [_Hand(k) for k in range(workers)]
        for hand in self.hands:
            threading.Thread(target=self._hear, args=(hand,), name=f"hears-worker-{hand.number}", daemon=True).start()

    # -- asking ----------------------------------------------------------------------------------

    def ask(self, scenario, kind: str, listener: Listener | None = None, base: Record | None = None) -> Record:
        """The record of a scenario: what is there already is told to the listener at once."""
        from simulator.runs import run_id

        name = run_id(scenario)
        with self.lock:
            record = self.records.get(name)
            if record is None or record.status in ("failed", "cancelled"):
                until = first_difference(scenario) if base is not None else scenario.start_month
                record = Record(name, kind, scenario, base, until)
                self.records[name] = record
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

    def inquire(self, kind: str, base: Record, scenario, listener: Listener) -> Inquiry:
        """Ask `why` or `twins` of a scenario against its base; equal questions are answered once."""
        from simulator.runs import run_id

        name = f"{kind}:{base.id}:{run_id(scenario)}"
        with self.lock:
            inquiry = self.records.get(name)
            if inquiry is None or inquiry.status in ("failed", "cancelled"):
                inquiry = self.records[name] = Inquiry(name, kind, scenario, base)
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
            self._tell(hand, ("stop",))
            hand.process.join(timeout=2)
            if hand.process.is_alive():
                hand.process.terminate()

    # -- giving out work -------------------------------------------------------------------------

    def _give(self) -> None:
        """Hand waiting records to idle workers, the most urgent first; drafts take the place of seeds."""
        for record in sorted(self.queue, key=lambda r: URGENCY[r.kind]):
            ground = ground_of(record.scenario)
            hand = self._hand_for(record, ground)
            if hand is None:
                continue
            self.queue.remove(record)
            number = next(self.numbers)
            hand.job = (number, record)
            hand.grounds.add(ground)
            record.status = "running"
            job = {
                "id": number, "what": record.kind if isinstance(record, Inquiry) else "history", "name": record.scenario.name,
                "scenario": record.scenario.resolved(), "ground": ground, "every": 1 if record.scenario.seed == 1 else 5,
            }  # fmt: skip
            if isinstance(record, Inquiry):
                job["base"] = record.base.scenario.resolved()
            self._tell(hand, ("job", job))

    def _hand_for(self, record: Record, ground: str) -> _Hand | None:
        first, last = self.hands[0], self.hands[-1]
        if record.kind == "full":
            return first if first.job is None else None
        idle = [hand for hand in (last, first) if hand.job is None]
        for hand in idle:
            if ground in hand.grounds or hand is last or record.kind == "seed":
                return hand
        if record.kind == "draft":
            for hand in (last, first):
                if hand.job is not None and URGENCY[hand.job[1].kind] > URGENCY["compare"]:
                    number, slow = hand.job
                    self._tell(hand, ("cancel", number))
                    if slow not in self.queue:
                        self.queue.append(slow)
                    break
        return None

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
        if what == "cancelled" and (record in self.queue or record.listeners):
            record.status = "waiting"
            if record not in self.queue:
                self.queue.append(record)
        else:
            record.status, record.why = what, load
            inquiry = isinstance(record, Inquiry)
            self._share("end", record, record.packed() if inquiry else pack(record.head() | {"first": record.filled}, {}))
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

    def _forget(self) -> None:
        spare = [r for r in self.records.values() if r.status == "done" and not r.listeners and r.base is not None]
        for record in spare[: max(0, len(self.records) - RECORDS_KEPT)]:
            del self.records[record.id]


def ground_of(scenario) -> str:
    """What a scenario shares with all that differ from it in policies only."""
    data = scenario.resolved() | {"policies": [], "title": None, "description": None, "outputs": None}
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()[:16]
