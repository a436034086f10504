"""A person sweeps a design: the same tables whoever computes them, and one run the same as `homeward run` would give."""

from __future__ import annotations

import json
import math

import pytest

import experiments
from experiments.merging import merge
from experiments.runner import sweep
from simulator.cli import main
from simulator.foundations.errors import BadInput
from tests.sweep_world import digests, plan, teaching, workers, write_design


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    """Twelve runs of the teaching circle by two workers."""
    folder = tmp_path_factory.mktemp("sweeps") / "two"
    sweep(plan(teaching()), folder, workers(2))
    return folder


def test_a_sweep_holds_every_run_once_with_its_settings(swept):
    found = experiments.load(swept)
    runs = found.runs
    assert runs.run.tolist() == list(range(12)) and runs.run_id.nunique() == 12
    assert runs.baseline.sum() == 4 and runs.status.eq("done").all()
    assert runs["migration.moving_cost"].isna().sum() == 4
    outcomes = found.outcomes
    assert len(outcomes) == 12 * (1 + 5 * 3)  # one national value; five kinds in the opening record and two months
    assert not outcomes.duplicated(["run", "outcome", "month", "group"]).any()
    assert list((swept / "loose").iterdir()) == []
    by_kind = found.outcome("residents_by_kind")
    assert set(by_kind.group) == {"core", "inner_ring", "outer_ring", "county_town", "rural"}


def test_sql_and_pandas_say_the_same(swept):
    pytest.importorskip("duckdb")
    found = experiments.load(swept)
    mean = found.query("select avg(value) as mean from outcomes where outcome = 'talent_pool'")["mean"][0]
    assert mean == pytest.approx(found.outcome("talent_pool").value.mean())


def test_two_shards_by_one_worker_each_give_the_tables_of_two_workers_to_the_bit(swept, tmp_path):
    for k in (1, 2):
        sweep(plan(teaching(), shard=(k, 2)), tmp_path / f"part{k}", workers(1))
    whole = merge([tmp_path / f"part{k}" for k in (2, 1)], tmp_path / "whole")
    assert digests(whole) == digests(swept)
    with pytest.raises(BadInput, match="shard 2 of 2 is missing"):
        merge([tmp_path / "part1"], tmp_path / "some")


@pytest.mark.long
def test_one_worker_gives_the_tables_of_two_to_the_bit(swept, tmp_path):
    sweep(plan(teaching()), tmp_path / "one", workers(1))
    assert digests(tmp_path / "one") == digests(swept)


def test_a_run_of_a_sweep_equals_the_same_run_by_itself(swept, tmp_path):
    from simulator import run

    row = experiments.load(swept).runs.iloc[7]
    alone = run("teaching", months=2, seed=int(row.seed), set={"migration.income_weight": row["migration.income_weight"]}, out=tmp_path, pictures=False)
    assert row.run_id == alone.info["id"]
    assert row.talent_pool == alone.headline["talent_pool"]["value"]
    months = alone.table("settlement_month").merge(alone.table("settlements")[["settlement_id", "kind"]], on="settlement_id")
    expected = months.groupby(["month", "kind"]).residents.sum()
    rows = experiments.load(swept).outcomes.query("run == 7 and outcome == 'residents_by_kind'").set_index(["month", "group"]).value
    assert len(rows) == 15
    for (month, kind), value in rows.items():
        assert value == expected[month, kind]


def test_counting_only_when_asked_gives_what_counting_every_month_gives(tmp_path):
    """Thirteen months, so that sums over twelve months, surveys and December counts are all among the headline results."""
    from experiments.living import live
    from simulator import run

    design = teaching(settings={"months": 13}, levers={}, paired=False, uncertainties={}, draws=1, outcomes=[])
    alone = run("teaching", months=13, out=tmp_path, pictures=False)
    found = {name: (month, value) for name, month, _, value in live(plan(design), 0).rows}
    assert set(found) >= {"gini", "moves_12m", "talent_pool"}
    for name, (month, value) in found.items():
        if name in alone.headline:
            expected = alone.headline[name]
            assert (value, f"{month // 12:04d}-{month % 12 + 1:02d}") == (expected["value"], expected["month"]), name
        else:
            assert math.isnan(value), name  # never known in this run


def test_the_command_foretells_sweeps_takes_up_and_refuses(tmp_path, capsys):
    design = write_design(tmp_path / "mine.yaml", {"title": {"en": "a", "zh": "b"}, "model": "ishigami", "uncertainties": {"x1": [-3.0, 3.0]}, "draws": 6})
    words = ["sweep", str(design), "--out", str(tmp_path / "out"), "--workers", "1", "--json", "--quiet"]
    assert main([*words, "--dry-run"]) == 0
    seen = json.loads(capsys.readouterr().out)
    assert seen["runs"] == 6 and seen["bytes"] > 0 and seen["seconds"] > 0 and not (tmp_path / "out").exists()
    assert main(words) == 0
    assert json.loads(capsys.readouterr().out)["new"] == 6
    assert main(words) == 0
    assert json.loads(capsys.readouterr().out)["new"] == 0
    assert main(["check", str(design)]) == 0
    assert main(["sweep", "returnn-nowhere"]) == 2
    assert main(["sweep", str(design), "--address", "tcp://x:1"]) == 2
    assert main(["sweep", str(design), "--shard", "3/2"]) == 2
