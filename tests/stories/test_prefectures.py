"""The country by prefectures: about 1,000 settlements live their first months through the command."""

from __future__ import annotations

import json

import pytest

from simulator import open_run
from simulator.cli import main


@pytest.mark.long
def test_three_months_of_every_prefecture_through_the_command(tmp_path, capsys):
    words = ["run", "baseline", "--world", "china-prefectures", "--months", "3", "--out", str(tmp_path), "--json"]
    assert main(words) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["status"] == "done"
    (folder,) = tmp_path.iterdir()
    kept = open_run(folder)
    places, national = kept.table("settlements"), kept.table("national")
    assert 900 <= len(places) <= 1_700 and places.circle_id.nunique() > 300
    nation = national[national.circle_id == 0].set_index("month")
    assert nation.population.iloc[0] == pytest.approx(1.41e9, rel=0.002)
    assert nation.urban_share_resident.iloc[0] == pytest.approx(0.6389, abs=0.02)
    assert 4e6 < nation.moves.iloc[1:].sum() < 25e6
    month = kept.table("settlement_month")
    assert month.groupby("month").residents.sum().tolist() == nation.population.tolist()
    assert {path.stem for path in (folder / "pictures").glob("*.png")} >= {"map", "talent_by_kind"}
