"""Workers forked by a nursery: the same tables as by workers begun anew, and what happens when the nursery is killed or unfit."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from experiments.engines import processes
from experiments.engines.local import LocalEngine
from experiments.runner import sweep
from tests.sweep_world import TITLE, digests, plan, start, teaching, trouble, workers, write_design

pytestmark = pytest.mark.skipif(not processes.can_fork(), reason="no forking of workers on this system")
PAUSES = {"title": TITLE, "model": "pause", "uncertainties": {"seconds": [0.0, 0.05]}, "draws": 240}


class Watched:
    """An engine that can be looked at, with something done after every look at what has happened."""

    def __init__(self, count: int = 2, each=lambda engine: None, **options):
        self.count, self.each, self.options = count, each, options

    def __call__(self, made, folder):
        self.engine = LocalEngine(made, folder, self.count, **self.options)
        look = self.engine.wait

        def wait(seconds):
            happened = look(seconds)
            self.each(self.engine)
            return happened

        self.engine.wait = wait
        return self.engine


def test_forked_workers_give_the_tables_of_workers_begun_anew_to_the_bit(tmp_path):
    """Thirteen months, so that the kernels of every yearly event come out of the nursery's memory."""
    design = teaching(settings={"months": 13}, draws=1)
    seen = Watched(2)
    sweep(plan(design), tmp_path / "forked", seen)
    assert seen.engine.forks
    sweep(plan(design), tmp_path / "anew", workers(1, fork=False))
    assert digests(tmp_path / "forked") == digests(tmp_path / "anew")


def test_a_nursery_killed_again_and_again_costs_no_run(tmp_path, monkeypatch):
    """It and a worker are killed whenever a worker of it has been ready; the other lives on, and a new one bears the next."""
    monkeypatch.setattr("experiments.runner.TRIES", 9)  # the worker killed may be at the same run each time
    killed = []

    def strike(engine):
        if engine.nursery is not None and engine.nursery.proved and engine.nursery not in killed and len(killed) < 3:
            killed.append(engine.nursery)
            engine.nursery._process.kill()
            os.kill(engine.workers[0].process.pid, signal.SIGKILL)

    seen = Watched(2, strike)
    sweep(plan(PAUSES), tmp_path / "struck", seen)
    assert len(killed) == 3 and seen.engine.forks
    sweep(plan(PAUSES), tmp_path / "calm", workers(1))
    assert digests(tmp_path / "struck") == digests(tmp_path / "calm")


def test_a_nursery_with_a_second_thread_forks_nobody_and_workers_are_begun_anew(tmp_path, monkeypatch):
    """Left to itself, Arrow's allocator starts a thread."""
    monkeypatch.setattr(processes, "QUIET_ALLOCATOR", {"JE_ARROW_MALLOC_CONF": "background_thread:true"})
    seen = Watched(1)
    sweep(plan(trouble(0.0, 1.0, 10)), tmp_path / "out", seen)
    assert not seen.engine.forks
    monkeypatch.undo()
    sweep(plan(trouble(0.0, 1.0, 10)), tmp_path / "calm", workers(1))
    assert digests(tmp_path / "out") == digests(tmp_path / "calm")


def test_nurseries_that_end_before_they_begin_give_way_to_workers_begun_anew(tmp_path, monkeypatch):
    real = subprocess.Popen

    def stillborn(words, *more, **options):
        return real([sys.executable, "-c", ""] if "experiments.nursery" in words else words, *more, **options)

    monkeypatch.setattr(processes.subprocess, "Popen", stillborn)
    seen = Watched(2)
    assert sweep(plan(trouble(0.0, 1.0, 10)), tmp_path / "out", seen).done == 10
    assert not seen.engine.forks and seen.engine.bad_nurseries == 3


def test_what_a_nursery_cannot_load_is_told_in_the_words_of_its_error(tmp_path):
    from simulator.foundations.errors import UnreadableFile

    made = plan(trouble(0.0, 1.0, 10))
    engine = LocalEngine(made, tmp_path, 1)
    engine.message["id"] = "0" * 64
    with pytest.raises(UnreadableFile, match="another version"), engine:
        for _ in range(600):
            engine.wait(0.1)


def test_the_nursery_ends_when_the_sweep_is_killed_while_it_loads(tmp_path):
    """The sweep of a country is killed when its nursery has just begun to read the program."""
    from tests.crash.test_sweep_storm import _running, children

    file = write_design(tmp_path / "d.yaml", teaching(settings={"months": 24}))
    process = start(["sweep", str(file), "--out", str(tmp_path / "out"), "--workers", "2", "--quiet"])
    until = time.monotonic() + 60
    while not (mine := children(process.pid)) and time.monotonic() < until:
        time.sleep(0.02)
    process.kill()
    process.communicate()
    until = time.monotonic() + 60
    while (alive := set(mine) & _running()) and time.monotonic() < until:
        time.sleep(0.1)
    assert mine and not alive
