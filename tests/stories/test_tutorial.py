"""The tutorial, from design to figure, as a reader would run it; and the designs that ship with the project."""

from __future__ import annotations

import math

import pytest

from experiments.design import load_plan
from simulator.foundations.files import config_names


def test_the_tutorial_goes_from_a_design_to_a_report(tmp_path, capsys):
    from experiments.tutorial import main

    found = main(["--small", "--out", str(tmp_path / "tour"), "--workers", "1"])
    assert len(found["runs"]) == 5 * 3 * 2
    effects = found["effects"]
    assert set(effects.uncertainty) == {"draws"} and (effects.n_pairs == 3).all()
    cheaper = effects[(effects.outcome == "moves_in_all") & effects.treatment.str.contains("moving_cost=1.5")]
    assert (cheaper["mean"] > 0).all()  # cheaper moves, more of them
    for figure in found["report"]["figures"]:
        assert (tmp_path / "tour" / "analysis" / figure).stat().st_size > 5000
    assert "report.html" in capsys.readouterr().out


@pytest.mark.parametrize("name", config_names("experiment"))
def test_every_design_that_ships_is_sound_and_says_what_it_is_in_both_languages(name):
    plan = load_plan(name)
    design = plan.design
    assert design.title.zh != design.title.en and design.description.zh
    assert len(plan) >= 100
    first, last = plan.point(0), plan.point(len(plan) - 1)
    assert first.overrides != last.overrides or first.seed != last.seed
    assert plan.scalars


def test_the_design_of_all_behavioural_parameters_has_them_all():
    from simulator.scenario import load_parameters

    plausible = {name for name, parameter in load_parameters().items() if parameter.plausible and parameter.plausible[0] < parameter.plausible[1]}
    computing = {"migration.full_choice"}  # how choices are computed, and no behaviour
    assert computing < plausible and {span.path for span in load_plan("global-sensitivity").design.spans} == plausible - computing


def test_a_country_whose_people_weigh_as_many_places_as_is_plausible_can_be_begun():
    """64 places, alone or with the family: more options a person than any design had tried before the global one."""
    from simulator.model import MigrationModel
    from simulator.scenario import load_scenario

    most = load_plan("global-sensitivity").design.spans
    size = next(span for span in most if span.path == "migration.choice_set_size").value(1.0)
    model = MigrationModel(load_scenario("baseline", {"migration.choice_set_size": size, "persons_per_agent": 400_000, "months": 1}))
    assert model.inversion["largest_gap"] < 0.2
    model.close()


@pytest.mark.long
@pytest.mark.parametrize("name", config_names("experiment"))
def test_the_last_run_of_every_design_lives(name):
    from experiments.living import live

    plan = load_plan(name)
    lived = live(plan, len(plan) - 1)
    keys = {row[0] for row in lived.rows}
    assert keys == {keep.key() for keep in plan.design.keeps} and len(lived.run_id) == 64
    known = [row for row in lived.rows if not math.isnan(row[3])]
    assert len(known) > 0.7 * len(lived.rows)
