"""What a sweep says and does on a full disk, a read-only folder, a busy one, a damaged file, results of another version."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys

import pytest

from experiments.runner import sweep
from experiments.store import Store, append_manifest, read_manifest
from simulator.cli import main
from simulator.foundations.errors import BadInput, FolderBusy, OutOfResources, UnreadableFile
from simulator.foundations.files import folder_lock
from tests.sweep_world import digests, plan, trouble, workers, write_design

DESIGN = trouble(0.0, 1.0, 300)


@contextlib.contextmanager
def mounted(folder, options: str):
    """A small file system in memory; the test is skipped with a line where one may not be mounted."""
    folder.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], check=False, capture_output=True)
    if done.returncode:
        print("skipped: mounting a small tmpfs needs root, so a full disk was not tried here")
        pytest.skip("mounting a tmpfs needs root")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=False)


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    folder = tmp_path_factory.mktemp("faults") / "calm"
    sweep(plan(DESIGN), folder, workers(1))
    return folder


def copy_of(swept, folder):
    import shutil

    return shutil.copytree(swept, folder)


@pytest.mark.skipif(sys.platform != "linux", reason="a small tmpfs is a thing of Linux")
def test_on_a_full_disk_the_sweep_stops_with_exit_5_and_goes_on_when_there_is_room(swept, tmp_path, capsys):
    with mounted(tmp_path / "small", "size=600k") as small:
        file = write_design(tmp_path / "tried.yaml", DESIGN)
        words = ["sweep", str(file), "--out", str(small / "out"), "--workers", "1", "--quiet"]
        (small / "ballast").write_bytes(b"x" * 350_000)
        assert main(words) == 5
        error = capsys.readouterr().err
        assert "the disk is full" in error and error.count("\n") == 1
        (small / "ballast").unlink()
        subprocess.run(["mount", "-o", "remount,size=30m", str(small)], check=True)
        assert main([*words, "--json"]) == 0
        report = json.loads(capsys.readouterr().out)
        assert 0 < report["new"] < 300  # what was done before the disk was full has not been done again
        assert digests(small / "out") == digests(swept)


@pytest.mark.skipif(sys.platform != "linux", reason="a small tmpfs is a thing of Linux")
def test_a_read_only_place_is_one_line_and_exit_2(tmp_path, capsys):
    with mounted(tmp_path / "fixed", "size=100k,ro") as fixed:
        file = write_design(tmp_path / "tried.yaml", DESIGN)
        assert main(["sweep", str(file), "--out", str(fixed / "out"), "--workers", "1", "--quiet"]) == 2
        error = capsys.readouterr().err
        assert "cannot be written" in error and "--out" in error and error.count("\n") == 1


def test_a_second_sweep_on_the_same_folder_is_refused_with_exit_6(swept):
    with folder_lock(swept), pytest.raises(FolderBusy, match="another process is writing here"):
        sweep(plan(DESIGN), swept, workers(1))


def test_a_folder_of_other_things_is_left_alone(tmp_path):
    (tmp_path / "letter.txt").write_text("dear", "utf-8")
    with pytest.raises(FolderBusy, match="letter.txt"):
        sweep(plan(DESIGN), tmp_path, workers(1))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["letter.txt"]


@pytest.mark.parametrize("table", ["outcomes", "runs"])
def test_a_damaged_file_is_named_with_exit_4_and_its_runs_are_done_again_on_request(swept, tmp_path, table):
    folder = copy_of(swept, tmp_path / "hurt")
    path = min((folder / table).glob("*.parquet"))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2] + bytes([whole[len(whole) // 2] ^ 0x40]) + whole[len(whole) // 2 + 1 :])
    with pytest.raises(UnreadableFile, match=rf"{path.name}: this file is damaged; add --recompute-damaged"):
        sweep(plan(DESIGN), folder, workers(1))
    progress = sweep(plan(DESIGN), folder, workers(1), recompute_damaged=True)
    assert progress.new == 256 and digests(folder) == digests(swept)
    assert path.with_suffix(".damaged").exists()


def test_damage_is_found_by_checksums_when_the_journal_is_lost(swept, tmp_path):
    folder = copy_of(swept, tmp_path / "hurt")
    (folder / "manifest.jsonl").unlink()
    path = min((folder / "outcomes").glob("*.parquet"))
    whole = bytearray(path.read_bytes())
    whole[200] ^= 0x01
    path.write_bytes(bytes(whole))
    with pytest.raises(UnreadableFile):
        Store(folder, plan(DESIGN)).look()


def test_results_of_another_version_are_never_mixed_in(swept, tmp_path, capsys):
    folder = copy_of(swept, tmp_path / "old")
    info = json.loads((folder / "sweep.json").read_text("utf-8"))
    info["identity"]["source"] = "0" * 64
    (folder / "sweep.json").write_text(json.dumps(info), "utf-8")
    before = digests(folder)
    with pytest.raises(UnreadableFile, match="made with other code"):
        sweep(plan(DESIGN), folder, workers(1))
    with pytest.raises(UnreadableFile, match="another design"):
        sweep(plan(trouble(0.0, 1.0, 301)), copy_of(swept, tmp_path / "other"), workers(1))
    (folder / "sweep.json").write_text(json.dumps(info | {"format": 99}), "utf-8")
    file = write_design(tmp_path / "tried.yaml", DESIGN)
    assert main(["sweep", str(file), "--out", str(folder), "--quiet"]) == 4
    assert "format is 99" in capsys.readouterr().err
    assert digests(folder) == before


def test_a_worker_of_another_version_is_refused(tmp_path):
    made = plan(DESIGN)
    message = workers(1)(made, tmp_path).message | {"id": "0" * 64}
    from experiments.engines import plan_from

    with pytest.raises(UnreadableFile, match="another version"):
        plan_from(message)


def test_a_journal_torn_by_a_crash_is_read_up_to_the_tear_and_goes_on_after_it(tmp_path):
    append_manifest(tmp_path, [{"event": "done", "run": 1}])
    with open(tmp_path / "manifest.jsonl", "a", encoding="utf-8") as file:
        file.write('{"event": "do')
    append_manifest(tmp_path, [{"event": "done", "run": 2}])
    assert [row["run"] for row in read_manifest(tmp_path)] == [1, 2]


def test_a_run_that_takes_too_long_is_ended_and_set_aside(tmp_path, monkeypatch):
    """The worker is stopped by a signal, as one that hangs would be: nothing is heard of it until the limit."""
    import signal
    import time

    from experiments.engines.local import LocalEngine

    with LocalEngine(plan(DESIGN), tmp_path, 1, time_limit=0.3) as engine:
        (tmp_path / "loose").mkdir()
        until = time.monotonic() + 60
        while not engine.workers[0].ready and time.monotonic() < until:
            engine.wait(0.1)
        os.kill(engine.workers[0].process.pid, signal.SIGSTOP)
        engine.submit(5)
        engine.submit(6)
        happened = []
        while len(happened) < 2 and time.monotonic() < until:
            happened += engine.wait(0.1)
        assert [(h.what, h.number) for h in happened] == [("died", 5), ("back", 6)]
        assert "took longer than 0.3 s" in happened[0].why


def test_workers_that_cannot_start_end_the_sweep_with_their_last_words(tmp_path, monkeypatch):
    from experiments.engines import processes
    from simulator.foundations.errors import HomewardError

    monkeypatch.setattr(processes.sys, "executable", "/bin/false")
    with pytest.raises(HomewardError, match="end before they begin"):
        sweep(plan(DESIGN), tmp_path / "out", workers(1))


def test_nothing_is_lost_when_the_disk_fills_while_a_block_is_sealed(tmp_path, monkeypatch):
    import errno

    from experiments import store

    real = store.atomic_write_bytes

    def fails(path, data):
        if path.suffix == ".parquet":
            raise OutOfResources(f"{path}: the disk is full") from OSError(errno.ENOSPC, "")
        return real(path, data)

    monkeypatch.setattr(store, "atomic_write_bytes", fails)
    with pytest.raises(OutOfResources):
        sweep(plan(trouble(0.0, 1.0, 20)), tmp_path / "out", workers(1))
    assert len(list((tmp_path / "out" / "loose").glob("*.arrow"))) == 20
    monkeypatch.undo()
    assert sweep(plan(trouble(0.0, 1.0, 20)), tmp_path / "out", workers(1)).new == 0


def test_the_folder_of_something_else_is_no_sweep(tmp_path):
    from experiments import load

    with pytest.raises(BadInput, match="no sweep.json"):
        load(tmp_path)
