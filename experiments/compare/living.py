"""How the two worlds of every pair are lived: in worker processes or here, kept by run, taken up again after a stop."""

from __future__ import annotations

import concurrent.futures
import contextlib
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from simulator import policies, runs
from simulator.foundations.errors import HomewardError, OutOfResources
from simulator.scenario import Scenario

Progress = Callable[[int, int], None]
"""Called with the number of runs done and the number in all."""


def live_all(
    scenarios: Iterable[Scenario], folder: Path, workers: int | None = None, progress: Progress | None = None
) -> dict[str, Path]:
    """Live every scenario once and keep it below `folder`; scenario hash to run folder.

    A run that is there and done is not lived again, one that was interrupted goes on. With one
    worker, or one run to do, it happens in this process with threads; else in `workers` spawned processes
    of one thread each. Ctrl-C tells the workers to write checkpoints and is raised again.
    """
    wanted = {scenario.hash: scenario for scenario in scenarios}
    places = {key: folder / runs.folder_name(scenario) for key, scenario in wanted.items()}
    folder.mkdir(parents=True, exist_ok=True)
    todo = [key for key, place in places.items() if not is_done(place)]
    done = len(wanted) - len(todo)
    if progress is not None:
        progress(done, len(wanted))
    count = workers_for(workers, len(todo))
    if count <= 1:
        for key in todo:
            _live(wanted[key], places[key], os.cpu_count() or 1)
            done += 1
            if progress is not None:
                progress(done, len(wanted))
    else:
        for _ in in_processes(_live, [(wanted[key], places[key], 1) for key in todo], count):
            done += 1
            if progress is not None:
                progress(done, len(wanted))
    return places


def is_done(place: Path) -> bool:
    """Whether a finished run stands in a folder."""
    return _status(place) == "done"


def _status(place: Path) -> str | None:
    with contextlib.suppress(HomewardError):
        return runs.open_run(place).status
    return None


def _live(scenario: Scenario, place: Path, threads: int) -> str:
    """One run, begun, or taken up again; what a stop left without a readable record is begun anew."""
    begun = _status(place) is not None
    runs.run(scenario, folder=place, threads=threads, resume=begun, replace=not begun, pictures=False)
    return str(place)


def workers_for(workers: int | None, jobs: int) -> int:
    """Processes for so many jobs: those asked for, or one a processor, never more than jobs."""
    return min(workers or os.cpu_count() or 1, jobs)


def in_processes(work: Callable, jobs: list[tuple], count: int):
    """Results of `work(*job)` as they come, from `count` spawned processes (in this one when one suffices).

    On an interruption every worker is told to save and end.
    """
    if count <= 1:
        for job in jobs:
            yield work(*job)
        return
    context = multiprocessing.get_context("spawn")
    plugins = [str(path) for path in policies.plugin_files(policies.registry()).values()]
    pool = concurrent.futures.ProcessPoolExecutor(count, mp_context=context, initializer=_know, initargs=(plugins,))
    waiting = {pool.submit(_unless_stopped, work, *job) for job in jobs}
    try:
        for future in concurrent.futures.as_completed(waiting):
            yield future.result()
        pool.shutdown()
    except concurrent.futures.process.BrokenProcessPool:
        raise OutOfResources(
            "a worker process ended without a word, most likely for want of memory; try --workers 1, or more persons per agent"
        ) from None
    except BaseException:
        _end(pool)
        raise


_stopped = False
"""In a worker: whether it was told to stop. Jobs handed over before that are then refused."""


def _unless_stopped(work: Callable, *job):
    """Do one job in a worker; once one was interrupted, refuse those that wait."""
    global _stopped
    if _stopped:
        raise KeyboardInterrupt
    try:
        return work(*job)
    except KeyboardInterrupt:
        _stopped = True
        raise


def _know(plugins: list[str]) -> None:
    """Let a worker know the policies of plugins that its parent knows."""
    for path in plugins:
        policies.load_plugin(path)


def _end(pool: concurrent.futures.ProcessPoolExecutor) -> None:
    """Cancel what has not begun, ask what has begun to save and end, and wait for it."""
    processes = list((pool._processes or {}).values())
    pool.shutdown(wait=False, cancel_futures=True)
    for process in processes:
        with contextlib.suppress(OSError, ValueError, TypeError):
            os.kill(process.pid, signal.SIGTERM)
    deadline = time.monotonic() + 60
    for process in processes:
        process.join(max(0.1, deadline - time.monotonic()))


class Counter:
    """Progress of many runs on standard error: a bar on a terminal, elsewhere a line now and then."""

    def __init__(self, quiet: bool, what: str, left: str = "left"):
        self.quiet, self.what, self.left = quiet, what, left
        self.began, self.first, self.said = time.monotonic(), None, 0.0

    def __call__(self, done: int, total: int) -> None:
        """Say how many runs of all are done, and how long the rest may take."""
        if self.quiet:
            return
        self.first = done if self.first is None else self.first
        spent, lived = time.monotonic() - self.began, done - self.first
        tail = f", {spent / lived * (total - done):.0f} s {self.left}" if lived and done < total else ""
        text = f"{self.what}: {done} / {total}{tail}"
        if sys.stderr.isatty():
            print(f"\r\x1b[K{text}", end="\n" if done == total else "", file=sys.stderr, flush=True)
        elif done == total or time.monotonic() - self.said > 20 or not self.said:
            self.said = time.monotonic()
            print(text, file=sys.stderr, flush=True)
