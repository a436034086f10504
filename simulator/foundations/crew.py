"""Many hands for one task: the only parallel code of the simulator.

Rows are cut into blocks of fixed size, whatever the number of threads; threads take the blocks
in order, and results come back in block order, so that the outcome never depends on threads.
"""

from __future__ import annotations

import itertools
import os
import threading
import weakref
from collections.abc import Callable
from typing import Any, Self

import numpy as np

from simulator.foundations.waiting import looks_at_most, watch

BLOCK = 32768
"""Rows in a block; changing it may change the last bits of float sums, never anything else."""

GIVEN, ENDED = 8, 24
"""Where a hand's counts stand: far apart, for two processors write them."""


class Crew:
    """A small persistent set of threads; kernels must release the GIL to gain from it.

    Between two tasks a thread looks for the next one for some microseconds, then sleeps. Use it as a context manager, or
    call `close`.
    """

    def __init__(self, threads: int = 1, block: int = BLOCK):
        if threads < 1 or block < 1:
            raise ValueError(f"a crew needs at least 1 thread and 1 row a block, not {threads} and {block}")
        self.threads = threads
        self.block = block
        self._closed = False
        self._hands: list[_Hand] = []
        self._process = os.getpid()
        self._at_the_end = weakref.finalize(self, _send_home, self._hands)

    def blocks(self, n: int) -> list[tuple[int, int]]:
        """The blocks [lo, hi) of n rows."""
        return [(lo, min(lo + self.block, n)) for lo in range(0, n, self.block)]

    def shares(self, n: int, each: int = 1) -> list[tuple[int, int]]:
        """One range [lo, hi) of n rows a thread, for whole-number sums, which are the same however rows are cut.

        `each` ranges a thread, where there is more than one, for rows of very different work.
        """
        share = max(-(-n // (self.threads * each if self.threads > 1 else 1)), 1)
        return [(lo, min(lo + share, n)) for lo in range(0, max(n, 1), share)]

    def run(self, kernel: Callable[..., Any], n: int, *args: Any) -> list[Any]:
        """Call `kernel(*args, lo, hi)` on every block of n rows; results in block order.

        When blocks fail, the error of the first of them is raised, after those under way have ended.
        """
        return self.each(lambda block: kernel(*args, *block), self.blocks(n))

    def each(self, work: Callable[[Any], Any], items: list[Any]) -> list[Any]:
        """Call `work(item)` on every item; results in the order of the items."""
        if self._closed:
            raise RuntimeError("this crew has been closed")
        if self.threads == 1 or len(items) < 2:
            return [work(item) for item in items]
        task, hands = _Task(work, items), self._called(min(self.threads, len(items)) - 1)
        try:
            for hand in hands:
                hand.give(task)
            task.labour()
        except BaseException as error:  # noqa: BLE001 - Ctrl-C between two items; raised again below
            task.failures[-1] = error
        for hand in hands:
            hand.finish(task.failures)
        if task.failures:
            raise task.failures[min(task.failures)]
        return task.results

    def close(self) -> None:
        """Send the threads home; a closed crew runs nothing."""
        self._closed = True
        if self._process == os.getpid():
            self._at_the_end()

    def _called(self, count: int) -> list[_Hand]:
        if self._process != os.getpid():  # threads do not follow into a forked process
            self._hands.clear()
            self._process = os.getpid()
        while len(self._hands) < count:
            self._hands.append(_Hand(looks_at_most(self.threads)))
        return self._hands[:count]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Task:
    """Work on items that several threads take in turn; `failures` by item, -1 for an interruption from outside."""

    def __init__(self, work: Callable[[Any], Any], items: list[Any]):
        self.work, self.items, self.turn = work, items, itertools.count()
        self.results: list[Any] = [None] * len(items)
        self.failures: dict[int, BaseException] = {}

    def labour(self) -> None:
        work, items, results, failures, turn = self.work, self.items, self.results, self.failures, self.turn
        while not failures and (k := next(turn)) < len(items):
            try:
                results[k] = work(items[k])
            except BaseException as error:  # noqa: BLE001 - raised again in `Crew.each`, in order of items
                failures[k] = error


class _Hand:
    """A thread that waits for tasks. What it was given and what it has ended is counted; locks only wake sleepers.

    A lock left open by a wake-up nobody needed costs its next sleeper one more look, nothing else.
    """

    def __init__(self, looks: int):
        self.looks, self.task, self.at_home = looks, None, False
        self.counts = np.zeros(32, dtype=np.int64)
        self.wake, self.done = threading.Lock(), threading.Lock()
        self.wake.acquire()
        self.done.acquire()
        self.thread = threading.Thread(target=self._live, name="homeward-crew", daemon=True)
        self.thread.start()

    def give(self, task: _Task | None) -> None:
        """Give it a task; None sends it home."""
        self.at_home = self.at_home or task is None
        self.task = task
        self.counts[GIVEN] += 1  # before waking, so that a sleeper woken finds it
        if self.wake.locked():
            self.wake.release()

    def finish(self, failures: dict[int, BaseException]) -> None:
        """Wait until it has ended what it was given; an interruption of the waiting is noted, and nobody takes another item."""
        counts = self.counts
        while (ended := counts[ENDED]) != counts[GIVEN]:
            try:
                if not watch(counts, ENDED, ended, self.looks) and counts[ENDED] == ended:
                    self.done.acquire()
            except BaseException as error:  # noqa: BLE001 - Ctrl-C; raised again in `Crew.each`
                failures.setdefault(-1, error)

    def _live(self) -> None:
        counts, looks, seen = self.counts, self.looks, np.int64(0)
        while not self.at_home:
            while (given := counts[GIVEN]) == seen:
                if not watch(counts, GIVEN, seen, looks) and counts[GIVEN] == seen:
                    self.wake.acquire()
            seen, task, self.task = given, self.task, None
            if task is not None:
                task.labour()
            task = None  # hold nobody's columns while waiting
            counts[ENDED] = seen
            if self.done.locked():
                self.done.release()


def _send_home(hands: list[_Hand]) -> None:
    for hand in hands:
        hand.give(None)
    for hand in hands:
        if hand.thread is not threading.current_thread():  # the collector of garbage may run in any
            hand.thread.join()
    hands.clear()
