"""A run is its scenario and its seed: threads, process, storage and hash seeds change no bit of anybody's life."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from simulator import model as month
from simulator.foundations.crew import Crew

MONTHS = 12
BLOCK = 256
"""Rows in a block of work: so small that the teaching circle has a dozen blocks for threads to take."""


def digests(model) -> dict[str, str]:
    """SHA-256 of every column of people, households, places and employers, and of the headline series."""
    found = {}
    for table in ("persons", "households", "settlements", "firms", "employers", "governments"):
        for name, array in getattr(model, table).arrays().items():
            found[f"{table}.{name}"] = hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()
    series = model.datacollector.model_vars
    found["headlines"] = hashlib.sha256(
        repr(sorted((k, [float(x) for x in v]) for k, v in series.items())).encode()
    ).hexdigest()
    for name, array in model.ledger.arrays().items():
        found[f"ledger.{name}"] = hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()
    found["ledger.amounts"] = hashlib.sha256(model.ledger.amounts.tobytes()).hexdigest()
    found["estates"] = str(model.estates_fen)
    return found


def live_a_year(threads: int = 1, spare_rows: int = 0, seed: int = 1, **settings) -> dict[str, str]:
    """The digests after twelve months of the teaching circle in small blocks of work."""
    plain = month.Crew
    month.Crew = lambda threads: Crew(threads, BLOCK)
    try:
        model = month.MigrationModel("teaching", threads=threads, seed=seed, **settings)
    finally:
        month.Crew = plain
    if spare_rows:
        model.persons.reserve(len(model.persons) + spare_rows)
        model.households.reserve(len(model.households) + spare_rows)
        model.firms.reserve(len(model.firms) + spare_rows)
        model.employers.reserve(len(model.employers) + spare_rows)
    for _ in range(MONTHS):
        model.step()
    model.close()
    return digests(model)


@pytest.fixture(scope="module")
def one_thread() -> dict[str, str]:
    return live_a_year()


def differing(a: dict[str, str], b: dict[str, str]) -> list[str]:
    return [name for name in a if a[name] != b.get(name)]


def test_two_threads_give_the_same_columns_as_one(one_thread):
    assert differing(one_thread, live_a_year(threads=2)) == []


def test_three_threads_give_the_same_columns_as_one(one_thread):
    assert differing(one_thread, live_a_year(threads=3)) == []


def test_storage_with_room_to_spare_gives_the_same_columns(one_thread):
    assert differing(one_thread, live_a_year(spare_rows=40_000)) == []


def test_another_seed_gives_other_lives(one_thread):
    assert len(differing(one_thread, live_a_year(seed=2))) > 20


def test_a_second_process_gives_the_same_columns(one_thread):
    code = "import json; from tests.properties.test_same_bits import live_a_year; print(json.dumps(live_a_year(threads=2)))"
    root = Path(__file__).resolve().parents[2]
    environment = {**os.environ, "PYTHONHASHSEED": "12345", "PYTHONPATH": str(root)}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert differing(one_thread, json.loads(done.stdout.splitlines()[-1])) == []
