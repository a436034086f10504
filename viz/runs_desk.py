"""The desk where histories are asked for: it gives each request to a worker process once, and shares what comes back.

It knows scenarios and runs; it knows neither the page nor its framework. A history is named by the run id of
the batch run with the same scenario and seed, so equal requests are one, whoever asks.
"""

from __future__ import annotations

import itertools
import logging
import multiprocessing
import threading
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

from viz import keeping
from viz.packing import pack, unpack
from viz.records import Chore, Inquiry, Listener, Record, inquiry_name
from viz.worker import first_difference
from viz.worker import main as worker_main

LOG = logging.getLogger("homeward.view")
RECORD_BYTES = 500_000_000
"""Memory for histories kept for sharing (some 3 MB each at 155 settlements); those that nobody looks at go first."""
WORKERS = 2
URGENCY = {"draft": 0, "full": 1, "compare": 2, "why": 3, "twins": 3, "person": 3, "ready": 4, "seed": 5, "spare": 6}
"""What is computed first. The full scale has a worker of its own, which lets a sketch under way pass; seeds of the band give way to everything."""
GIVES_WAY = {"draft": URGENCY["compare"], "full": URGENCY["ready"]}
"""A request of this kind stops work that is less urgent than this; it is taken up again later."""


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
            self._let_go(record)
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
            if self._lets_pass(record):
                return None
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

    def _lets_pass(self, fine: Record) -> bool:
        """Whether a fine history waits for the sketch under way: with two processors each slows the other. It lets one sketch pass."""
        sketch = next((hand.job[0] for hand in self.hands if hand.job is not None and hand.job[1].kind == "draft"), 0)
        if fine.after is None:
            fine.after = sketch
        return sketch != 0 and sketch == fine.after

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
            whole = record.filled == record.months
            if whole:  # said with the last months, so that the page draws once and not twice
                record.status = "done"
            self._share("end" if whole else "chunk", record, pack(record.head() | {"first": first}, arrays))
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
        elif record.status != "done":
            record.status, record.why = what, load
            inquiry = isinstance(record, Inquiry)
            self._share("end", record, record.packed() if inquiry else pack(record.head() | {"first": getattr(record, "filled", 0)}, {}))
            self._let_go(record)
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
            if lost is not None and lost[1].status != "done":
                record = lost[1]
                if getattr(record, "tried", False):
                    record.status, record.why = "failed", "the process that computed this ended twice"
                    self._share("end", record, pack(record.head() | {"first": getattr(record, "filled", 0)}, {}))
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
            threading.Thread(target=keeping.write, args=(self._path(record), record.packed()), name="keeps", daemon=True).start()

    def _path(self, record: Record) -> Path:
        return self.folder / f"{record.id[:40]}.history"

    def _let_go(self, record) -> None:
        """What was given up or failed, and nobody listens to, is not held: whoever asks again gets a new record."""
        if record.status in ("cancelled", "failed") and not record.listeners and self.records.get(record.id) is record:
            del self.records[record.id]

    def _forget(self) -> None:
        held = sum(record.bytes for record in self.records.values())
        for record in list(self.records.values()):
            if held <= RECORD_BYTES:
                return
            if record.status == "done" and not record.listeners and record.base is not None:
                held -= record.bytes
                del self.records[record.id]


def december_before_policies(scenario) -> list[int]:
    """Every December of a history: policies mostly begin in a January."""
    return [month for month in range(scenario.start_month + 1, scenario.end_month) if month % 12 == 11]
