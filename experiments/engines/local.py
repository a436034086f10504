"""Worker processes of this machine: our own thin runner, where a process killed costs only the run it was on."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from pathlib import Path

from experiments.engines import Happened, message_of
from simulator.foundations.errors import HomewardError, OutOfResources, UnreadableFile, one_line

ROOT = Path(__file__).resolve().parents[2]
AHEAD = 2
"""Runs a worker has in hand: the one it does and the next, so that it never waits for its parent."""
STARTS = 3
"""Times in a row that a worker may end before it is ready."""
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "NUMBA_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


class _Worker:
    """One process, its pipes, and the numbers it has been given."""

    def __init__(self, engine: LocalEngine):
        environment = os.environ | dict.fromkeys(ONE_THREAD, "1")
        environment["PYTHONPATH"] = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
        self.said = tempfile.TemporaryFile("w+b")  # noqa: SIM115 - its standard error, for the day it dies
        self.process = subprocess.Popen(
            [sys.executable, "-m", "experiments.worker"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.said, env=environment, text=True, encoding="utf-8", bufsize=1,
        )  # fmt: skip
        self.hand: deque[int] = deque()
        self.ready = False
        self.since = time.monotonic()
        self.ask(json.dumps(engine.message))
        threading.Thread(target=self._hear, args=(engine.heard,), daemon=True).start()

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
            self.said.seek(0)
            return self.said.read()[-4000:].decode("utf-8", "replace").strip()
        return ""

    def end(self) -> None:
        """End the process at once."""
        with contextlib.suppress(OSError):
            self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout, self.said):
            with contextlib.suppress(OSError, ValueError):
                pipe.close()


class LocalEngine:
    """So many workers on this machine, one thread each.

    time_limit: seconds a run may take before its worker is ended and the run counts as failed; None, no limit.
    """

    name = "local"

    def __init__(self, plan, folder: Path, workers: int, time_limit: float | None = None):
        self.plan, self.message = plan, message_of(plan, folder)
        self.count, self.time_limit = workers, time_limit
        self.heard: queue.SimpleQueue = queue.SimpleQueue()
        self.workers: list[_Worker] = []
        self.bad_starts = 0

    def __enter__(self):
        self.workers = [_Worker(self) for _ in range(self.count)]
        return self

    def __exit__(self, *_error) -> None:
        for worker in self.workers:
            worker.end()
        self.workers = []

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

    def _take(self, worker: _Worker, line: str | None) -> list[Happened]:
        if worker not in self.workers:
            return []
        if line is None:
            return self._replace(worker, "")
        message = json.loads(line)
        if "ready" in message:
            worker.ready, self.bad_starts, worker.since = True, 0, time.monotonic()
            return []
        if "stop" in message:
            kind = {5: OutOfResources, 4: UnreadableFile}.get(message["stop"], HomewardError)
            raise kind(message["why"])
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
        if not worker.ready:
            self.bad_starts += 1
            if self.bad_starts >= STARTS * self.count:
                raise HomewardError(f"the workers end before they begin: {one_line(words[-300:]) or f'exit code {code}'}")
        worker.end()
        self.workers[self.workers.index(worker)] = _Worker(self)
        why = why or (f"its process was ended by signal {-code}" if code < 0 else f"its process ended with exit code {code}")
        hand = list(worker.hand)
        if not worker.ready:
            return [Happened("back", number) for number in hand]
        return [Happened("died", n, why=why, traceback=words) if k == 0 else Happened("back", n) for k, n in enumerate(hand)]
