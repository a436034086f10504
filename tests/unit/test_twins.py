"""The same person in two worlds, on the teaching circle: kinds that fit, the month of parting, and the cause named."""

from __future__ import annotations

import json

import pytest

from experiments.twins.kinds import BY_NAME, KINDS
from experiments.twins.parting import find_twins
from experiments.twins.telling import Names, side_by_side, tell
from simulator.cli import main
from simulator.foundations.units import month_date
from simulator.scenario import scenario_from_dict
from simulator.worlds.library import load_world

LIVELY = {"migration": {"consider_rate": 0.1, "moving_cost": 2.0}}
TITLES = (("Before", "之前"), ("After", "之后"))


NO_PARTING = ("union", "hukou", "new_job")
"""What may differ before two lives part: they part by place, work or none, schooling or death (`parting.LOOKED_AT`), not by spouse or employer."""


def scenario(*policies, months=14):
    return scenario_from_dict({"world": "city-circle", "months": months, "parameters": LIVELY, "policies": list(policies)}, "x")


HOMES = {"policy": "talent_housing", "where": {"kinds": ["county_town", "rural"]}, "relief": 5000, "dwellings": 200}
SCHOOLS = {"policy": "public_services", "where": {"kinds": ["county_town", "rural"]}, "equal_standards": 1.0, "education": 5000, "health": 5000}


@pytest.fixture(scope="module")
def twins():
    return find_twins(scenario(), scenario(HOMES), count=8)


def test_two_worlds_alike_have_no_twins():
    assert find_twins(scenario(months=4), scenario(months=4)) == []


def test_every_twin_ends_as_its_kind_says_and_lives_the_same_life_until_the_month_of_parting(twins):
    assert len(twins) > 5 and len({twin.kind for twin in twins}) >= 3
    assert len({twin.uid for twin in twins}) == len(twins)
    for twin in twins:
        first, second = twin.ends
        if twin.kind in ("found-work", "lost-work"):
            assert first["residence"] == second["residence"] and first["state"] != second["state"]
        elif twin.kind not in ("child-with-mother", "left-behind", "founder", "returnee-founder"):
            assert first["residence"] != second["residence"]
        if twin.parted is None:
            continue
        month = month_date(twin.parted)
        earlier = [[(e["month"], e["event"], e["to_id"]) for e in side if e["month"] < month and e["event"] not in NO_PARTING] for side in twin.events]
        assert earlier[0] == earlier[1], twin
        now = [[(e["event"], e["to_id"]) for e in side if e["month"] == month] for side in twin.events]
        assert now[0] != now[1], twin
        assert twin.choice is None or twin.choice.month <= twin.parted


def test_where_only_homes_differ_the_first_lives_to_part_part_over_rents_or_what_follows_from_them(twins):
    """Nothing but dwellings and rent relief differs: in the months before anything else has followed, the cause is housing."""
    chosen = [twin for twin in twins if twin.parted_by_choice and twin.cause is not None]
    assert chosen, "no life parted by a choice: the test shows nothing"
    for twin in chosen:
        lines = {name: value for name, value in twin.choice.terms.items() if name != "all"}
        assert sum(lines.values()) == pytest.approx(twin.choice.terms["all"], abs=1e-6)
        assert abs(lines[twin.cause]) == max(map(abs, lines.values()))
    early = min(chosen, key=lambda twin: twin.parted)
    assert early.cause in ("housing", "people")
    assert any(twin.cause == "housing" for twin in chosen)


def test_where_only_services_differ_services_are_named():
    found = find_twins(scenario(months=20), scenario(SCHOOLS, months=20), ["moved-elsewhere", "left-home", "migrant-came-home", "stayed-home"], 6)
    causes = [twin.cause for twin in found if twin.parted_by_choice and twin.cause]
    assert causes and causes.count("services") >= len(causes) / 2, causes


def test_twins_are_told_in_both_languages_with_names_of_places_and_the_month(twins):
    world = load_world("city-circle", 2020)
    names = Names(world)
    for twin in twins:
        told = tell(twin, names, TITLES)
        assert all(len(told[lang]) == 5 and all(told[lang]) for lang in ("en", "zh"))
        assert BY_NAME[twin.kind].en in told["en"][0] and BY_NAME[twin.kind].zh in told["zh"][0]
        if twin.parted is not None:
            assert f"{month_date(twin.parted):%Y-%m}" in told["en"][3]
            assert any(row[0] == f"{month_date(twin.parted):%Y-%m}" for row in side_by_side(twin, names, "en"))
    assert len({kind.name for kind in KINDS}) == len(KINDS) == len(BY_NAME)


def test_the_command_tells_twins_as_json_and_refuses_an_unknown_kind(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "homes.yaml").write_text(
        "world: city-circle\nmonths: 4\npolicies:\n  - policy: talent_housing\n    where: {kinds: [county_town, rural]}\n    relief: 5000\n"
    )
    common = ["--months", "4", "--set", "migration.consider_rate=0.1", "--quiet"]
    assert main(["twins", "teaching", "./homes.yaml", "--find", "moved-elswhere", *common]) == 2
    assert "did you mean moved-elsewhere?" in capsys.readouterr().err
    assert main(["twins", "teaching", "./homes.yaml", "--json", *common]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["base"] == "teaching" and isinstance(told["twins"], list)
