"""The same sweep on a real Dask cluster of separate processes: its workers are killed, its scheduler goes away."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from experiments.runner import sweep
from tests.sweep_world import ROOT, call, digests, plan, start, trouble, workers, write_design

pytest.importorskip("distributed", exc_type=ImportError)

RUNS = 1500
DESIGN = trouble(0.0, 1.0, RUNS)


def part_of_a_cluster(words: list[str]) -> subprocess.Popen:
    """A scheduler or a worker in a process of its own."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "DASK_DISTRIBUTED__WORKER__DAEMON": "False"}
    return subprocess.Popen([sys.executable, "-m", *words], env=environment, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@pytest.fixture
def cluster(tmp_path):
    """A scheduler, and a way to start workers; all of it is ended by the ids of its processes."""
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    parts = [part_of_a_cluster(["distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard"])]

    def hire() -> subprocess.Popen:
        parts.append(part_of_a_cluster(["distributed.cli.dask_worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard", "--local-directory", str(tmp_path)]))
        return parts[-1]

    yield address, parts[0], hire
    for part in parts:
        part.kill()
        part.wait()


def wait_for(folder, runs: int, process) -> None:
    until = time.monotonic() + 300
    while time.monotonic() < until and process.poll() is None:
        found = len(list(folder.glob("loose/*.arrow"))) + 256 * len(list(folder.glob("runs/*.parquet")))
        if found >= runs:
            return
        time.sleep(0.02)


@pytest.mark.long
def test_dask_gives_the_same_tables_while_its_workers_are_killed_and_takes_up_when_the_scheduler_is_gone(tmp_path, cluster):
    """One worker is killed in the middle and another comes; then the scheduler is killed; the rest is done here."""
    address, scheduler, hire = cluster
    sweep(plan(DESIGN, "cluster"), tmp_path / "calm", workers(1))
    file, out = write_design(tmp_path / "cluster.yaml", DESIGN), tmp_path / "out"
    first = hire()
    words = ["sweep", str(file), "--out", str(out), "--quiet"]
    process = start([*words, "--engine", "dask", "--address", address])
    wait_for(out, 20, process)
    hire()
    first.send_signal(signal.SIGKILL)
    wait_for(out, 120, process)
    scheduler.send_signal(signal.SIGKILL)
    _, error = process.communicate(timeout=600)
    done = len(list(out.glob("loose/*.arrow"))) + 256 * len(list(out.glob("runs/*.parquet")))
    assert process.returncode == 5 and "the scheduler of the cluster is gone" in error, error[-2000:]
    assert 120 <= done < RUNS
    code, error = call([*words, "--workers", "1"])
    assert code == 0, error
    assert digests(out) == digests(tmp_path / "calm")


def test_dask_on_this_machine_gives_the_tables_of_our_own_runner_to_the_bit(tmp_path):
    design = trouble(0.0, 1.0, 30)
    file = write_design(tmp_path / "d.yaml", design)
    code, error = call(["sweep", str(file), "--out", str(tmp_path / "dask"), "--engine", "dask", "--workers", "2", "--quiet"])
    assert code == 0, error[-2000:]
    sweep(plan(design, "d"), tmp_path / "own", workers(1))
    assert digests(tmp_path / "dask") == digests(tmp_path / "own")


def test_an_address_where_nobody_answers_is_one_line(tmp_path, monkeypatch, capsys):
    import experiments.engines.dask as engine
    from simulator.cli import main

    monkeypatch.setattr(engine, "CONNECT_SECONDS", 1.0)
    file = write_design(tmp_path / "d.yaml", DESIGN)
    assert main(["sweep", str(file), "--out", str(tmp_path / "out"), "--engine", "dask", "--address", "tcp://127.0.0.1:9", "--quiet"]) == 2
    assert "no scheduler answers there" in capsys.readouterr().err


class Broken:
    """An answer on its way when the connection breaks, which comes when it is asked for again."""

    status = "finished"

    def __init__(self, times: int):
        self.times = times

    def result(self):
        self.times -= 1
        if self.times >= 0:
            raise ConnectionResetError("reset by peer")
        return "done", "id", [("y", -1, "all", 1.0)], 0.1, 0.1

    def release(self):
        pass


def test_an_answer_lost_on_its_way_is_asked_for_again_and_a_scheduler_gone_meanwhile_is_named(tmp_path):
    from types import SimpleNamespace

    from experiments.engines.dask import DaskEngine
    from simulator.foundations.errors import OutOfResources

    (tmp_path / "loose").mkdir()
    engine = DaskEngine(plan(DESIGN), tmp_path)
    engine.client, answer = SimpleNamespace(status="running"), Broken(2)
    engine.hand[3] = answer
    engine.heard.put((3, answer))
    assert engine.wait(0.1) == [] and engine.wait(0.1) == [] and 3 in engine.hand
    assert [(one.what, one.number) for one in engine.wait(0.1)] == [("done", 3)] and not engine.hand
    assert (tmp_path / "loose" / "000000003.arrow").exists()
    engine.hand[4] = answer = Broken(9)
    engine.heard.put((4, answer))
    engine.wait(0.1)
    engine.client.status = "closed"
    with pytest.raises(OutOfResources, match="the scheduler of the cluster is gone"):
        engine.wait(0.1)


@pytest.mark.long
def test_a_run_that_kills_every_worker_is_set_aside_on_dask_too(tmp_path):
    file = write_design(tmp_path / "d.yaml", trouble(0.0, 1.1, 11))
    code, error = call(["sweep", str(file), "--out", str(tmp_path / "out"), "--engine", "dask", "--workers", "2", "--quiet"])
    assert code == 7 and "10 of 11 runs are done; 1 failed twice" in error, error[-2000:]
