"""Many hands for one task: the only parallel code of the simulator.

Rows are cut into blocks of fixed size, whatever the number of threads; threads take the blocks
in order, and results come back in block order, so that the outcome never depends on threads.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Self

BLOCK = 32768
"""Rows in a block; changing it may change the last bits of float sums, never anything else."""


class Crew:
    """A small persistent pool of threads; kernels must release the GIL to gain from it.

    Use it as a context manager, or call `close`.
    """

    def __init__(self, threads: int = 1, block: int = BLOCK):
        if threads < 1 or block < 1:
            raise ValueError(f"a crew needs at least 1 thread and 1 row a block, not {threads} and {block}")
        self.threads = threads
        self.block = block
        self._closed = False
        self._pool = ThreadPoolExecutor(threads - 1, "homeward-crew") if threads > 1 else None

    def blocks(self, n: int) -> list[tuple[int, int]]:
        """The blocks [lo, hi) of n rows."""
        return [(lo, min(lo + self.block, n)) for lo in range(0, n, self.block)]

    def shares(self, n: int) -> list[tuple[int, int]]:
        """One range [lo, hi) of n rows a thread, for whole-number sums, which are the same however rows are cut."""
        share = max(-(-n // self.threads), 1)
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
        if self._pool is None or len(items) < 2:
            return [work(item) for item in items]
        results: list[Any] = [None] * len(items)
        failures: dict[int, BaseException] = {}
        turn = itertools.count()

        def labour() -> None:
            while not failures and (k := next(turn)) < len(items):
                try:
                    results[k] = work(items[k])
                except BaseException as error:  # noqa: BLE001 - raised again below, in order of blocks
                    failures[k] = error

        others = [self._pool.submit(labour) for _ in range(min(self.threads, len(items)) - 1)]
        labour()
        for other in others:
            other.result()
        if failures:
            raise failures[min(failures)]
        return results

    def close(self) -> None:
        """Send the threads home; a closed crew runs nothing."""
        self._closed = True
        if self._pool is not None:
            self._pool.shutdown(wait=True)
            self._pool = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
