"""A person types `homeward run`, stops it, goes on, and looks at what came out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from simulator.cli import main


@pytest.fixture(scope="module")
def out(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("results")


@pytest.fixture(scope="module")
def folder(out) -> Path:
    """The run folder of three months of the teaching circle."""
    assert main(["run", "teaching", "--months", "3", "--out", str(out), "--quiet"]) == 0
    (found,) = out.iterdir()
    return found


def test_a_run_leaves_tables_pictures_and_a_record_of_itself(folder):
    assert {path.stem for path in (folder / "tables").glob("*.parquet")} >= {"settlements", "settlement_month", "national", "flows"}
    assert (folder / "pictures" / "map.png").stat().st_size > 10_000
    info = json.loads((folder / "run.json").read_text("utf-8"))
    assert info["status"] == "done" and info["headline"]["urban_share_resident"]["label_zh"]
    assert not (folder / "checkpoint").exists()
    assert folder.name.startswith("teaching-1-")


def test_the_same_run_again_is_refused_with_both_remedies(folder, out, capsys):
    assert main(["run", "teaching", "--months", "3", "--out", str(out), "--quiet"]) == 6
    error = capsys.readouterr().err
    assert "--resume" in error and "--replace" in error


def test_a_run_that_was_stopped_says_how_to_go_on_and_goes_on(tmp_path, capsys):
    words = ["run", "teaching", "--months", "3", "--seed", "9", "--out", str(tmp_path), "--no-pictures"]
    assert main([*words, "--stop-after", "1"]) == 130
    (kept,) = tmp_path.iterdir()
    assert f"homeward resume {kept}" in capsys.readouterr().err
    assert main(["resume", str(kept), "--no-pictures", "--quiet", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["status"] == "done"


def test_show_tells_the_run_in_both_languages_and_gives_tables_as_csv(folder, capfdbinary):
    assert main(["show", str(folder)]) == 0
    assert b"Talent pool" in capfdbinary.readouterr().out
    assert main(["show", str(folder), "--lang", "zh"]) == 0
    assert "人才存量".encode() in capfdbinary.readouterr().out
    assert main(["show", str(folder), "--table", "national", "--csv"]) == 0
    assert capfdbinary.readouterr().out.startswith(b'"month","circle_id","population"')


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["run", "teaching", "--months", "0"], "months"),
        (["run", "teaching", "--threads", "0"], "--threads"),
        (["run", "teaching", "--set", "labour.separation_rate=1.7"], "did you mean"),
        (["run", "teachin"], "did you mean teaching"),
        (["show", "nowhere"], "is not a run folder"),
    ],
)
def test_mistakes_are_told_in_one_useful_line(words, expected, capsys, tmp_path):
    assert main([*words, "--out", str(tmp_path)] if words[0] == "run" else words) == 2
    assert expected in capsys.readouterr().err


def test_a_notebook_reads_a_run_as_data_frames(folder):
    from simulator import open_run

    kept = open_run(folder)
    months = kept.table("settlement_month")
    assert months.residents.groupby(months.month).sum().iloc[0] == kept.table("national").population.iloc[0]
    assert kept.plot("talent_pool") is not None


def test_the_ledger_of_a_run_is_printed_and_ends_with_the_largest_imbalance(folder, capsys):
    capsys.readouterr()
    assert main(["show", str(folder), "--ledger"]) == 0
    lines = capsys.readouterr().out.rstrip().splitlines()
    assert lines[-1] == "largest imbalance: 0 fen" and "2021-02" in lines[0]
    assert any("Equalising transfers" in line for line in lines)
    assert main(["show", str(folder), "--ledger", "2020-12", "--lang", "zh"]) == 0
    assert capsys.readouterr().out.rstrip().endswith("最大不平衡：0 分")
    assert main(["show", str(folder), "--ledger", "2020-12", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["largest_imbalance_fen"] == 0 and sum(document["held"]["closing"].values()) == 0
    assert all(sum(v for k, v in flow.items() if k != "flow") == 0 for flow in document["flows"])
    assert main(["show", str(folder), "--ledger", "2030-01"]) == 2
    assert "name a month of the run" in capsys.readouterr().err
