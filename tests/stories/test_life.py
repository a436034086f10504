"""homeward life: a person of a run is found and followed, in English and Chinese; lives are replayed, the run is not touched."""

from __future__ import annotations

import hashlib
import json
from types import SimpleNamespace

import numpy as np
import pytest

from simulator import cli, runs
from simulator.commands import life_text
from simulator.finding import BY_NAME, KINDS, pick
from simulator.foundations.units import EMPLOYED, NOWHERE, STATES, UNEMPLOYED
from simulator.model import MigrationModel
from simulator.watching import NAMES, Watch, happened


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A year and a half of the teaching circle."""
    return runs.run("teaching", months=18, folder=tmp_path_factory.mktemp("life") / "run", pictures=False)


def digest_of(folder) -> dict[str, str]:
    return {str(p): hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(folder.rglob("*")) if p.is_file()}


def life(capsys, *words) -> tuple[int, str, str]:
    code = cli.main(["life", *map(str, words)])
    told = capsys.readouterr()
    return code, told.out, told.err


def test_any_life_is_told_in_sentences_and_the_run_is_not_touched(run, capsys):
    before = digest_of(run.folder)
    code, out, _ = life(capsys, run.folder, "any", "--quiet")
    assert code == 0 and digest_of(run.folder) == before
    lines = out.strip().splitlines()
    assert lines[0].startswith("Person ") and "2020-11: " in lines[0] and lines[-1].startswith("2022-05: ")
    assert len(lines) >= 2 and "{" not in out


@pytest.mark.parametrize("kind", [kind.name for kind in KINDS if kind.name not in ("any", "returnee-founder")])
def test_somebody_of_each_kind_is_found_and_told_in_chinese(run, capsys, kind):
    code, out, err = life(capsys, run.folder, "--find", kind, "--lang", "zh", "--json", "--quiet")
    assert code == 0, err
    told = json.loads(out)
    assert told["kind"] == kind and told["end"]["alive"] and "编号" in told["sentences"][0]
    assert set(NAMES) == set(told["lives"][0]) if told["lives"] else True
    if kind == "graduate-stayed":
        assert told["end"]["education"] == "college" and any(e["event"] == "education" for e in told["lives"])
    if kind == "left-behind":
        assert told["end"]["residence"] == told["end"]["root"] and told["end"]["age"] < 18
    if kind == "unemployed":
        assert told["end"]["state"] == "unemployed"


def test_the_same_life_is_told_every_time_and_for_any_number_of_threads(run, capsys):
    first = life(capsys, run.folder, "--find", "returnee", "--json", "--quiet")
    second = life(capsys, run.folder, "--find", "returnee", "--json", "--quiet", "--threads", "2")
    assert first == second and first[0] == 0


def test_a_person_by_number_and_what_cannot_be_told(run, capsys):
    assert life(capsys, run.folder, "17", "--quiet")[0] == 0
    for words, said in (
        (("999999999999",), "PERSON"), (("99999999999999999999",), "PERSON"), (("somebody",), "PERSON"), (("--find", "graduat-stayed"), "graduate-stayed"),
        (("5", "--find", "returnee"), "not both"), (("any", "--threads", "0"), "threads"),
    ):  # fmt: skip
        code, out, err = life(capsys, run.folder, *words, "--quiet")
        assert code == 2 and said in err and out == "", words
        assert len(err.strip().splitlines()) == 1


def test_replay_gives_the_table_of_lives(run):
    table = runs.replay(run, range(40))
    assert list(table.columns) == list(NAMES) and len(table) > 10
    assert set(table["text_key"]) <= set(life_text.TEXT)


def test_every_event_has_a_sentence_in_both_languages():
    row = {"from_id": 0, "to_id": 1, "amount_yuan": 4321.5}
    names = lambda place, chinese: f"place {place}"
    for key, words in life_text.TEXT.items():
        assert len(words) == 2 and all(words)
        for chinese in (False, True):
            assert "{" not in life_text.sentence(row | {"text_key": key}, names, chinese)
    assert {f"life.state.{state}" for state in STATES} <= set(life_text.TEXT) and set(life_text.STATE) == set(STATES)


def quiet_month(**changes):
    """Facts of a person before and after a month in which only `changes` happened."""
    before = dict(
        alive=1, residence=1, state=EMPLOYED, education=1, hukou_place=1, hukou_kind=0, wage=400_000, partner=-1, employer=5, household=0,
        month_sent=0, received=0, savings=10, benefit_months=0, guarantee=0, youngest=-1, firms=0,
    )  # fmt: skip
    model = SimpleNamespace(month=24_003, persons=SimpleNamespace(root=np.array([3]), residence=np.array([0, 7]), birth_month=np.array([0, 0])))
    return [(e, a, b, fen, key) for e, a, b, fen, key in happened(model, 0, before, before | changes)]


def test_what_happened_in_a_month_by_hand():
    assert quiet_month() == []
    assert quiet_month(alive=0, wage=0) == [("death", 1, 1, 0, "death")]
    assert quiet_month(residence=3) == [("return", 1, 3, 400_000, "return")]
    assert quiet_month(residence=2) == [("move", 1, 2, 400_000, "move")]
    assert quiet_month(state=UNEMPLOYED, employer=-1, wage=0) == [("unemployed", 1, 1, 0, "lost_job")]
    assert quiet_month(employer=9, wage=450_000) == [("new_job", 1, 1, 450_000, "new_job")]
    assert quiet_month(received=-56_000) == [("remits", 1, 3, 56_000, "remits")]
    assert quiet_month(guarantee=87_000) == [("guarantee", 1, 1, 87_000, "guarantee")]
    assert quiet_month(firms=1) == [("firm_founded", 1, 1, 0, "firm_founded")]
    assert quiet_month(partner=4) == [("union", 1, 1, 0, "union")]


def test_a_founder_who_came_home_is_found():
    model = MigrationModel("teaching", inversion=False)
    kind = BY_NAME["returnee-founder"]
    assert pick(model, kind) is None
    firms = model.firms
    firms.founder[3], firms.founder_type[3], firms.born[3] = 77, 2, model.start + 1
    assert pick(model, kind) == int(model.persons.uid[77])
    model.close()


def test_a_watch_tells_nothing_of_people_who_do_nothing():
    model = MigrationModel("teaching", inversion=False)
    idle = int(np.flatnonzero((model.persons.alive == 1) & (model.persons.state == 0))[0])
    watch = Watch(model, [idle])
    watch.observe(model)
    assert watch.rows()["event"] == [] and NOWHERE == 65535
    model.close()
