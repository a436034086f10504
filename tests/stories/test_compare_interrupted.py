"""A comparison in worker processes, stopped by Ctrl-C: it says how to go on, and goes on to the same numbers."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

SCENARIO = """
world: city-circle
months: {months}
policies:
  - policy: talent_housing
    where: {{kinds: [county_town, rural]}}
    relief: 3000
"""


def command(folder: Path, out: str, *more: str) -> list[str]:
    words = ["compare", "teaching", "./homes.yaml", "--months", "60", "--seeds", "2", "--why-pairs", "0", "--out", out, *more]
    return [sys.executable, "-m", "simulator", *words]


def hear_ctrl_c() -> None:
    """A shell starts what it puts in the background deaf to Ctrl-C, and so would be what the tests start there."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "homes.yaml").write_text(SCENARIO.format(months=60))
    return tmp_path


@pytest.mark.long
def test_an_interrupted_comparison_goes_on_and_ends_with_the_same_numbers(folder):
    for out in ("a", "late", "later"):  # on a machine that holds us up, it may have ended before we look
        stopped = subprocess.Popen(
            command(folder, out, "--workers", "2"), cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            start_new_session=True, preexec_fn=hear_ctrl_c,
        )  # fmt: skip
        deadline = time.monotonic() + 600
        while time.monotonic() < deadline and stopped.poll() is None and not list((folder / out / "runs").glob("*/run.json")):
            time.sleep(0.05)
        if stopped.poll() is None:
            break
    assert stopped.poll() is None, "three comparisons ended before they could be interrupted"
    stopped.send_signal(signal.SIGINT)  # to the command alone: it must tell its workers itself
    _, said = stopped.communicate(timeout=600)
    assert stopped.returncode == 130, said
    assert "the same command goes on: homeward compare teaching ./homes.yaml" in said and "Traceback" not in said
    assert not (folder / out / "effects.parquet").exists()
    status = [json.loads(path.read_text())["status"] for path in (folder / out / "runs").glob("*/run.json")]
    assert status and status.count("done") < 4
    again = subprocess.run(command(folder, out, "--workers", "2", "--json", "--quiet"), cwd=folder, capture_output=True, text=True, timeout=900, check=False)
    assert again.returncode == 0, again.stderr
    whole = subprocess.run(command(folder, "b", "--workers", "1", "--json", "--quiet"), cwd=folder, capture_output=True, text=True, timeout=900, check=False)
    assert whole.returncode == 0, whole.stderr
    assert json.loads(again.stdout)["effects"] == json.loads(whole.stdout)["effects"]
    for name in ("effects", "places", "costs"):
        a, b = (pd.read_parquet(folder / side / f"{name}.parquet") for side in (out, "b"))
        pd.testing.assert_frame_equal(a, b)
    assert any(row["mean"] for row in json.loads(whole.stdout)["effects"]), "the policy changed nothing: the test shows nothing"
