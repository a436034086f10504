"""A Dask cluster: the same runs on many machines, with no folder in common; results come back and are written here.

Each run is a task of its own. A worker keeps the plan and the world between runs. When a worker dies, Dask gives
its tasks to another; a run under which workers die again and again is set aside. When the scheduler is gone, what
came back is kept and the same command goes on with the rest.
"""

from __future__ import annotations

import concurrent.futures
import queue
import threading
import time
from collections.abc import Callable
from pathlib import Path

from experiments.engines import Happened, message_of
from experiments.store import loose_name, pack
from simulator.foundations.errors import BadInput, Fault, HomewardError, OutOfResources, UnreadableFile
from simulator.foundations.files import atomic_write_bytes

AHEAD = 3
"""Runs in hand for each thread of the cluster: the one it does and two more, so that it never waits."""
CONNECT_SECONDS = 20.0
ASK_AGAIN_SECONDS = 0.2
LOST_SECONDS = 30.0
"""How long the scheduler may be away before the sweep stops."""

_kept: dict[str, object] = {}
_one_at_a_time = threading.Lock()


def do_run(message: dict, task: list) -> tuple:
    """On a worker: one run; ("done", run id, rows, seconds, CPU seconds), or ("failed" or "stop", why, traceback, code)."""
    import traceback

    from experiments import worker
    from experiments.engines import plan_from
    from experiments.living import live

    try:
        with _one_at_a_time:  # a worker with several threads does one run at a time
            if message["id"] not in _kept:
                _kept.clear()
                _kept[message["id"]] = plan_from(message)
            lived = live(_kept[message["id"]], *task)
        return "done", lived.run_id, lived.rows, lived.seconds, lived.cpu
    except Exception as error:  # noqa: BLE001 - told to the sweep
        code = worker.exit_code(error)
        return "stop" if code == 4 else "failed", worker.words_of(error), traceback.format_exc()[-8000:], code


class DaskEngine:
    """Runs on the workers of a Dask scheduler, or, without an address, on a cluster of processes of this machine."""

    name = "dask"

    def __init__(self, plan, folder: Path, address: str | None = None, workers: int = 1):
        self.plan, self.folder, self.address, self.workers = plan, Path(folder), address, workers
        self.message = message_of(plan, folder)
        self.names = [keep.key() for keep in plan.design.keeps]
        self.heard: queue.SimpleQueue = queue.SimpleQueue()
        self.hand: dict[int, object] = {}
        self.unheard: list[tuple] = []
        self.lost_since: float | None = None
        self.counted_at, self.threads = -1.0, 0

    def __enter__(self):
        try:
            from distributed import Client, LocalCluster
        except ModuleNotFoundError:
            raise BadInput(Fault(field="--engine", value="dask", remedy="pip install 'homeward-sim[cluster]'")) from None
        self.cluster = None
        if self.address is None:
            self.cluster = LocalCluster(n_workers=self.workers, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50)
        try:
            self.client = Client(self.cluster or self.address, timeout=CONNECT_SECONDS, set_as_default=False)
        except (OSError, TimeoutError, ValueError) as error:
            why = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise BadInput(Fault(field="--address", value=str(self.address), remedy=f"no scheduler answers there: {why}")) from None
        return self

    def __exit__(self, *_error) -> None:
        for part in (self.client, self.cluster):
            if part is not None:
                _quietly(lambda part=part: part.close(timeout=5))

    @property
    def slots(self) -> int:
        """How many more runs the cluster would take; its size is asked for now and then, since workers come and go."""
        now = time.monotonic()
        if now - self.counted_at > 1.0:
            self.counted_at = now
            self.threads = sum((_quietly(self.client.nthreads) or {}).values()) or 1
        return self.threads * AHEAD - len(self.hand)

    def submit(self, number: int) -> None:
        """Send one run to the cluster."""
        future = self.client.submit(do_run, self.message, self.plan.task(number), key=f"homeward-{self.plan.id[:12]}-{number}-{time.monotonic_ns()}", pure=False)
        self.hand[number] = future
        future.add_done_callback(lambda done, number=number: self.heard.put((number, done)))

    def wait(self, seconds: float) -> list[Happened]:
        """What has come back, waiting up to `seconds` for the first; what is done is on disk here before it is told."""
        happened = []
        if self.unheard:
            time.sleep(min(seconds, ASK_AGAIN_SECONDS))
        for again in self.unheard:
            self.heard.put(again)
        self.unheard = []
        try:
            happened.append(self._take(*self.heard.get(timeout=seconds)))
            while True:
                happened.append(self._take(*self.heard.get_nowait()))
        except queue.Empty:
            pass
        self._still_there()
        return [one for one in happened if one is not None]

    def _take(self, number: int, future) -> Happened | None:
        if self.hand.get(number) is not future:
            return None
        if future.status == "cancelled" or self.client.status not in ("running", "newly-created"):
            if self.client.status == "running":
                del self.hand[number]
                return Happened("back", number)
            self.unheard.append((number, future))
            return None  # the scheduler is away; `_still_there` decides whether to wait for it
        try:
            error, answer = (future.exception(), None) if future.status == "error" else (None, future.result())
        except (OSError, TimeoutError, concurrent.futures.CancelledError):  # the way to the scheduler broke while the answer was on it
            self.unheard.append((number, future))
            return None  # asked again, unless `_still_there` finds that the scheduler is gone
        del self.hand[number]
        if error is not None:
            if type(error).__name__ == "KilledWorker":
                return Happened("died", number, why="worker after worker died while it was on it", traceback=str(error)[:2000], final=True)
            return Happened("failed", number, why=f"{type(error).__name__}: {str(error)[:300]}")
        what, *found = answer
        future.release()
        if what == "done":
            run_id, rows, took, cpu = found
            atomic_write_bytes(self.folder / "loose" / loose_name(number), pack(number, run_id, rows, self.names))
            return Happened("done", number, round(took, 6), round(cpu, 6))
        if what == "stop":
            raise {4: UnreadableFile, 5: OutOfResources}.get(found[2], HomewardError)(found[0])
        return Happened("failed", number, why=found[0], traceback=found[1])

    def _still_there(self) -> None:
        if self.client.status == "running":
            self.lost_since = None
            return
        now = time.monotonic()
        self.lost_since = self.lost_since or now
        if self.client.status == "closed" or now - self.lost_since > LOST_SECONDS:
            raise OutOfResources("the scheduler of the cluster is gone; what came back is kept, and the same command goes on with the rest")


def _quietly(act: Callable):
    try:
        return act()
    except Exception:  # noqa: BLE001 - a cluster that is going away may fail in any way
        return None
