"""Workers, their nursery and the parent of a sweep are killed at random moments; in the end every run is there once, to the bit."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from pathlib import Path

import pytest

from experiments.engines.processes import can_fork
from experiments.runner import sweep
from tests.sweep_world import call, digests, plan, start, teaching, trouble, workers, write_design

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL on this system")
PARENT_SHARE = 0.25
"""Of the kills, how many hit the parent."""


def children(pid: int) -> list[int]:
    """Running processes that a sweep has brought forth: its nursery and its workers, also those whose nursery was killed."""
    rows = subprocess.run(["ps", "-A", "-ww", "-o", "pid=,ppid=,stat=,args="], check=True, capture_output=True, text=True).stdout.split("\n")
    parts = [row.split(None, 3) for row in rows if row.strip()]
    running = [(int(p), int(parent), words) for p, parent, state, words in parts if not state.startswith("Z")]
    found = {p for p, parent, words in running if parent == pid or ("experiments.nursery" in words and words.split()[-1] == str(pid))}
    return sorted(found - {pid})


def kill(pid: int) -> bool:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def finished(out: Path) -> int:
    """Runs done so far, as the files say."""
    return len(list(out.glob("loose/*.arrow"))) + 1000 * len(list(out.glob("runs/*.parquet")))


def weather(words: list[str], out: Path, luck: random.Random, left: int, mean_seconds: float) -> int:
    """Start the sweep and kill its workers and itself until it ends by itself or `left` kills are spent; kills delivered.

    One kill in four comes at any moment, start-up included; the others come a random while after some run was done,
    so that the sweep moves on however slow the machine is.
    """
    kills = 0
    while True:
        process = start(words)
        while process.poll() is None and kills < left:
            seen, until = finished(out), time.monotonic() + 60
            if luck.random() < 0.75:
                while process.poll() is None and finished(out) == seen and time.monotonic() < until:
                    time.sleep(0.005)
            time.sleep(luck.expovariate(1.0 / mean_seconds))
            if process.poll() is not None:
                break
            if luck.random() < PARENT_SHARE:
                kills += kill(process.pid)
                break
            young = children(process.pid)
            kills += bool(young) and kill(luck.choice(young))
        _, error = process.communicate(timeout=600)
        if process.returncode == 0:
            return kills
        # killed; or 7: some run lost its process twice by bad luck, and the same command tries it again
        assert process.returncode in (-signal.SIGKILL, 7), (process.returncode, error[-2000:])


def storm(tmp_path: Path, design: dict, kills: int, mean_seconds: float, seed: int = 1) -> tuple[int, int]:
    """Sweep after sweep of one design in the storm until so many kills are delivered: (kills, sweeps)."""
    calm = tmp_path / "calm"
    sweep(plan(design, "stormy"), calm, workers(2))
    expected = digests(calm)
    file, luck, done, sweeps = write_design(tmp_path / "stormy.yaml", design), random.Random(seed), 0, 0
    while done < kills:
        sweeps += 1
        out = tmp_path / f"storm{sweeps}"
        done += weather(["sweep", str(file), "--out", str(out), "--workers", "2", "--quiet"], out, luck, kills - done, mean_seconds)
        assert digests(out) == expected
        assert not list((out / "loose").iterdir())
        assert not [path for path in out.rglob("*") if path.name.endswith(".part")]
    return done, sweeps


def test_a_sweep_in_a_storm_of_kills_gives_the_tables_of_a_calm_one(tmp_path):
    design = {"title": {"en": "a", "zh": "b"}, "model": "ishigami", "uncertainties": {"x1": [-3.0, 3.0]}, "draws": 400}
    kills, _ = storm(tmp_path, design, 4, 0.3)
    assert kills == 4


@pytest.mark.long
def test_500_kills_over_sweeps_of_200_runs_lose_nothing(tmp_path):
    """Runs that take up to .3 s of sleep, so that the kills and not the runs are the work."""
    design = {"title": {"en": "a", "zh": "b"}, "model": "pause", "uncertainties": {"seconds": [0.0, 0.3]}, "draws": 200}
    kills, sweeps = storm(tmp_path, design, 500, 0.1)
    print(f"{kills} kills over {sweeps} sweeps of 200 runs")
    assert kills == 500


@pytest.mark.long
def test_40_kills_over_a_sweep_of_the_teaching_circle_lose_nothing(tmp_path):
    design = teaching(settings={"months": 24}, draws=10, seeds=10, levers={"migration.moving_cost": [3.0]})
    kills, sweeps = storm(tmp_path, design, 40, 0.5)
    print(f"{kills} kills over {sweeps} sweeps of 200 runs of the teaching circle")
    assert kills == 40


def test_a_run_that_kills_its_worker_is_set_aside_after_two_tries_and_the_rest_goes_on(tmp_path):
    """x from -.2 to 1.2 in 14 equal steps of a Latin hypercube: 2 below nought raise, 2 above one end their process, 10 are well."""
    file = write_design(tmp_path / "d.yaml", trouble(-0.2, 1.2, 14))
    code, error = call(["sweep", str(file), "--out", str(tmp_path / "out"), "--workers", "1", "--quiet"])
    assert code == 7 and "10 of 14 runs are done; 4 failed twice" in error and "Traceback" not in error
    from experiments import load
    from experiments.store import read_manifest

    rows = list(read_manifest(tmp_path / "out"))
    assert sorted(row["event"] for row in rows if row["event"] in ("failed", "died")) == ["died"] * 4 + ["failed"] * 4
    assert all("ValueError" in row["traceback"] for row in rows if row["event"] == "failed")
    runs = load(tmp_path / "out").runs
    assert len(runs) == 10 and runs.x.between(0, 1).all()


def test_ctrl_c_stops_at_once_says_how_to_go_on_and_keeps_what_is_done(tmp_path):
    design = {"title": {"en": "a", "zh": "b"}, "model": "ishigami", "uncertainties": {"x1": [-3.0, 3.0]}, "draws": 20_000}
    file, out = write_design(tmp_path / "d.yaml", design), tmp_path / "out"
    process = start(["sweep", str(file), "--out", str(out), "--workers", "1"])
    until = time.monotonic() + 60
    while time.monotonic() < until and not list(out.glob("outcomes/*.parquet")):
        time.sleep(0.05)
    mine = children(process.pid)
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=60)
    assert process.returncode == 130 and "go on with the same command" in error and "Traceback" not in error
    assert mine and not any(Path(f"/proc/{pid}").exists() for pid in mine)
    from experiments import load

    kept = load(out)
    assert kept.status == "interrupted" and 0 < len(kept.runs) == kept.info["done"] < 20_000


def test_workers_end_when_their_parent_is_killed(tmp_path):
    file = write_design(tmp_path / "d.yaml", trouble(0.0, 1.0, 20_000))
    process = start(["sweep", str(file), "--out", str(tmp_path / "out"), "--workers", "2", "--quiet"])
    until = time.monotonic() + 60
    while time.monotonic() < until and len(list((tmp_path / "out").glob("loose/*.arrow"))) < 2:
        time.sleep(0.05)
    mine = children(process.pid)
    process.kill()
    process.communicate()
    until = time.monotonic() + 20
    alive = mine
    while alive and time.monotonic() < until:
        time.sleep(0.1)
        alive = [pid for pid in mine if pid in _running()]
    assert len(mine) == 2 + can_fork() and not alive  # the nursery, where there is one, and its two workers


def _running() -> set[int]:
    rows = subprocess.run(["ps", "-A", "-o", "pid=,stat="], check=True, capture_output=True, text=True).stdout.split("\n")
    return {int(row.split()[0]) for row in rows if row.strip() and not row.split()[1].startswith("Z")}
