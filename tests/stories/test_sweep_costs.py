"""What a batch costs beside its runs: the parent's memory does not grow with them, and two workers do not make a run dearer."""

from __future__ import annotations

import pytest

from experiments.benchmark import EMPTY, WORK, apart


@pytest.mark.long
def test_the_memory_of_the_parent_is_flat_from_100_to_5000_runs():
    small, large = (apart(f"sweep_here({EMPTY | {'draws': draws}!r}, 1)") for draws in (100, 5000))
    assert (small["runs"], large["runs"]) == (100, 5000)
    assert large["parent_mb"] - small["parent_mb"] < 25  # 5,000 rows of results held in memory would be far less flat


@pytest.mark.long
def test_a_run_costs_as_much_processor_time_with_two_workers_as_with_one():
    """In processor time, which a busy machine distorts less than the clock; half of the runs first, so that starting cancels out."""
    cost = []
    for workers in (1, 2):
        few, many = (apart(f"sweep_here({WORK | {'seeds': seeds}!r}, {workers})") for seeds in (20, 80))
        cost.append((many["cpu_s"] - few["cpu_s"]) / 60)
    assert cost[0] / cost[1] > 0.75
