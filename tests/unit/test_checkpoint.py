"""Checkpoints: a run set down and taken up is the same run to the bit; what cannot be used is refused in words."""

from __future__ import annotations

import json
import shutil

import pytest

from simulator import checkpoint, runs
from simulator.foundations.errors import FolderBusy, UnreadableFile
from simulator.scenario import load_scenario


@pytest.fixture(scope="module")
def scenario():
    return load_scenario("teaching", {"months": 5})


@pytest.fixture(scope="module")
def interrupted(scenario, tmp_path_factory):
    """A run folder left after three of five months."""
    folder = tmp_path_factory.mktemp("interrupted") / "run"
    with pytest.raises(KeyboardInterrupt):
        runs.run(scenario, folder=folder, stop_after=3, checkpoint_every=1, pictures=False)
    return folder


@pytest.fixture
def copy(interrupted, tmp_path):
    return shutil.copytree(interrupted, tmp_path / "run")


def test_a_resumed_run_equals_one_that_was_never_interrupted(scenario, copy, tmp_path):
    whole = runs.run(scenario, folder=tmp_path / "whole", pictures=False)
    resumed = runs.run(scenario, folder=copy, resume=True, threads=2, pictures=False)
    assert resumed.status == "done"
    assert resumed.info["table_digests"] == whole.info["table_digests"]
    assert resumed.headline == whole.headline


def test_the_last_two_checkpoints_stay(interrupted):
    assert len(checkpoint.found(interrupted)) == 2
    assert runs.open_run(interrupted).status == "interrupted"


def test_a_run_that_is_there_is_neither_overwritten_nor_mixed(scenario, copy):
    with pytest.raises(FolderBusy, match="already there; add --resume to go on, or --replace"):
        runs.run(scenario, folder=copy, pictures=False)


def test_a_checkpoint_of_another_scenario_is_refused(copy):
    with pytest.raises(UnreadableFile, match="belongs to another scenario"):
        runs.run(load_scenario("teaching", {"months": 6}), folder=copy, resume=True, pictures=False)


def test_a_checkpoint_of_another_version_is_refused(scenario, copy):
    path = checkpoint.found(copy)[-1] / "state.json"
    state = json.loads(path.read_text())
    state["identity"]["source"] = "0" * 64
    path.write_text(json.dumps(state))
    with pytest.raises(UnreadableFile, match="written by another version"):
        runs.run(scenario, folder=copy, resume=True, pictures=False)


@pytest.mark.parametrize("name", ["persons.npz", "observer.npz", "state.json"])
def test_a_damaged_checkpoint_is_said_to_be_damaged(scenario, copy, name):
    path = checkpoint.found(copy)[-1] / name
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(UnreadableFile, match="damaged"):
        runs.run(scenario, folder=copy, resume=True, pictures=False)
