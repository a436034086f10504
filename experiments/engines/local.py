"""Worker processes of this machine: our own thin runner, where a process killed costs only the run it was on."""

from __future__ import annotations

import contextlib
import json
import queue
import threading
import time
from collections import deque
from pathlib import Path

from experiments.engines import Happened, message_of
from experiments.engines.processes import Forked, Nursery, Spawned, can_fork
from simulator.foundations.errors import HomewardError, OutOfResources, UnreadableFile, one_line

AHEAD = 2
"""Runs a worker has in hand: the one it does and the next, so that it never waits for its parent."""
STARTS = 3
"""Times in a row that a worker may end before it is ready."""


class _Worker:
    """One process, its pipes, and the numbers it has been given."""

    def __init__(self, process: Spawned | Forked, heard: queue.SimpleQueue):
        self.process = process
        self.hand: deque[int] = deque()
        self.ready = False
        self.since = time.monotonic()
        threading.Thread(target=self._hear, args=(heard,), daemon=True).start()

    def ask(self, line: str) -> None:
        """Say one line to the process; if it is gone, its end will be heard."""
        with contextlib.suppress(OSError, ValueError):
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()

    def _hear(self, heard: queue.SimpleQueue) -> None:
        with contextlib.suppress(OSError, ValueError):
            for line in self.process.stdout:
                heard.put((self, line))
        heard.put((self, None))

    def last_words(self) -> str:
        """The end of what it wrote to standard error."""
        with contextlib.suppress(OSError, ValueError):
            self.process.said.seek(0)
            return self.process.said.read()[-4000:].decode("utf-8", "replace").strip()
        return ""


class LocalEngine:
    """So many workers on this machine, one thread each.

    time_limit: seconds a run may take before its worker is ended and the run counts as failed; None, no limit.
    fork: whether workers are forked by a nursery, which costs milliseconds a worker and not seconds; None: where the
    system can. When that goes wrong, workers are begun anew.
    """

    name = "local"

    def __init__(self, plan, folder: Path, workers: int, time_limit: float | None = None, fork: bool | None = None):
        self.plan, self.message = plan, message_of(plan, folder)
        self.count, self.time_limit = workers, time_limit
        self.heard: queue.SimpleQueue = queue.SimpleQueue()
        self.workers: list[_Worker] = []
        self.bad_starts = 0
        self.forks = can_fork() if fork is None else fork
        self.nursery: Nursery | None = None
        self.bad_nurseries = 0

    def __enter__(self):
        self.workers = [self._hire() for _ in range(self.count)]
        return self

    def __exit__(self, *_error) -> None:
        for worker in self.workers:
            worker.process.kill()
        for worker in self.workers:
            worker.process.end()
        self.workers = []
        if self.nursery is not None:
            self.nursery.end()

    def _hire(self) -> _Worker:
        """A new worker, from the nursery where there can be one."""
        if not self.forks:
            return _Worker(Spawned(self.message), self.heard)
        if self.nursery is None:
            self.nursery = Nursery(self.message, self.heard)
        return _Worker(Forked(self.nursery), self.heard)

    @property
    def slots(self) -> int:
        """How many more runs the workers would take."""
        return self.count * AHEAD - sum(len(worker.hand) for worker in self.workers)

    def submit(self, number: int) -> None:
        """Give a run to the worker with the fewest in hand."""
        worker = min(self.workers, key=lambda w: len(w.hand))
        if not worker.hand:
            worker.since = time.monotonic()
        worker.hand.append(number)
        worker.ask(json.dumps(self.plan.task(number)))

    def wait(self, seconds: float) -> list[Happened]:
        """What has happened, waiting up to `seconds` for the first thing."""
        happened: list[Happened] = []
        try:
            happened += self._take(*self.heard.get(timeout=seconds))
            while True:
                happened += self._take(*self.heard.get_nowait())
        except queue.Empty:
            pass
        for worker in list(self.workers):
            late = self.time_limit and worker.ready and worker.hand and time.monotonic() - worker.since > self.time_limit
            if late:
                happened += self._replace(worker, f"took longer than {self.time_limit:g} s")
        return happened

    def _take(self, who: _Worker | Nursery, said: str | dict | None) -> list[Happened]:
        if isinstance(who, Nursery):
            self._nursery_said(who, said)
            return []
        return self._worker_said(who, said)

    def _nursery_said(self, nursery: Nursery, message: dict | None) -> None:
        """It is gone, or cannot go on; the pipes of workers it has not borne close, and that is heard of each."""
        if message is not None and "stop" in message:
            raise error_of(message)
        if nursery is not self.nursery:
            return
        if message is not None:  # unfit
            self.forks = False
        elif not nursery.proved:
            self.bad_nurseries += 1
            self.forks = self.forks and self.bad_nurseries < STARTS
        nursery.end()
        self.nursery = None

    def _worker_said(self, worker: _Worker, line: str | None) -> list[Happened]:
        if worker not in self.workers:
            return []
        if line is None:
            return self._replace(worker, "")
        message = json.loads(line)
        if "ready" in message:
            worker.ready, self.bad_starts, worker.since = True, 0, time.monotonic()
            if worker.process.nursery is not None:
                worker.process.nursery.proved, self.bad_nurseries = True, 0
            return []
        if "stop" in message:
            raise error_of(message)
        worker.hand.popleft()
        worker.since = time.monotonic()
        if "done" in message:
            return [Happened("done", message["done"], message["seconds"], message["cpu"])]
        return [Happened("failed", message["failed"], why=message["why"], traceback=message["traceback"])]

    def _replace(self, worker: _Worker, why: str) -> list[Happened]:
        """A worker is gone: the run it was on has died with it, the others in its hand come back."""
        worker.process.kill()
        code = worker.process.wait()
        words = worker.last_words()
        if not worker.ready and worker.process.born:
            self.bad_starts += 1
            if self.bad_starts >= STARTS * self.count:
                if not self.forks:
                    raise HomewardError(f"the workers end before they begin: {one_line(words[-300:]) or f'exit code {code}'}")
                self.forks, self.bad_starts = False, 0
        worker.process.end()
        self.workers[self.workers.index(worker)] = self._hire()
        why = why or ending(code)
        hand = list(worker.hand)
        if not worker.ready:
            return [Happened("back", number) for number in hand]
        return [Happened("died", n, why=why, traceback=words) if k == 0 else Happened("back", n) for k, n in enumerate(hand)]


def ending(code: int | None) -> str:
    """How a process ended, in words."""
    if code is None:
        return "its process ended"
    return f"its process was ended by signal {-code}" if code < 0 else f"its process ended with exit code {code}"


def error_of(message: dict) -> HomewardError:
    """The error a worker or a nursery has told."""
    return {5: OutOfResources, 4: UnreadableFile}.get(message["stop"], HomewardError)(message["why"])
