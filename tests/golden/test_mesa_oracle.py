"""The month of people as objects, written the ordinary Mesa way, gives the people and counts of the columns."""

from __future__ import annotations

import dataclasses

import mesa
import numpy as np
import pytest
from mesa.discrete_space import CellAgent

from experiments.replications.mesa_agents import Person
from experiments.replications.mesa_oracle import columns_of, differences
from experiments.replications.mesa_people import PeopleModel, run_mesa_people
from simulator.model import MigrationModel
from simulator.worlds.library import load_world


def live_side_by_side(months: int, scenario: str = "teaching", **settings) -> tuple[MigrationModel, PeopleModel]:
    """Both versions month by month; every column of the living and every count compared each month."""
    columns, objects = MigrationModel(scenario, **settings), PeopleModel(scenario, **settings)
    assert differences(columns, objects) == []
    for number in range(1, months + 1):
        columns.step()
        objects.step()
        found = differences(columns, objects)
        assert not found, f"month {number}: " + "; ".join(found[:5])
    return columns, objects


def test_objects_and_columns_live_the_same_first_months_person_by_person():
    columns, objects = live_side_by_side(6)
    assert columns.tally["considerers"] > 0 and columns.tally["considerers"] == objects.tally["considerers"]
    assert len(objects.living) == int(columns.persons.alive.sum())


@pytest.mark.long
def test_objects_and_columns_live_the_same_two_years_person_by_person():
    live_side_by_side(24)


@pytest.mark.long
@pytest.mark.parametrize("settings", [{"seed": 7}, {"seed": 8, "migration__full_choice": 1}])
def test_objects_and_columns_agree_for_other_seeds_and_when_every_place_is_weighed(settings):
    live_side_by_side(13, **settings)


@pytest.mark.long
def test_objects_and_columns_agree_where_places_have_many_counties():
    live_side_by_side(13, "baseline", persons_per_agent=500_000)


def test_objects_and_columns_agree_when_many_die_and_orphans_join_kin_elsewhere():
    world = load_world("city-circle", 2020)
    deadly = dataclasses.replace(world, mortality_shape=np.float32(60) * world.mortality_shape)
    _, objects = live_side_by_side(6, world=deadly)
    assert len(objects.living) < len(objects.everyone) - 300


def test_people_are_mesa_agents_who_stand_in_the_cell_they_live_in():
    model = PeopleModel("teaching")
    model.step()
    assert isinstance(model, mesa.Model) and issubclass(Person, CellAgent)
    assert all(person.cell is model.cells[person.residence] for person in model.living)
    standing = sum(isinstance(agent, Person) for cell in model.cells.values() for agent in cell.agents)
    assert standing == len(model.living) and not hasattr(model, "persons")


def test_a_difference_of_one_fen_is_found():
    columns, objects = MigrationModel("teaching"), PeopleModel("teaching")
    objects.everyone[5].savings += 1
    assert [line.split()[0] for line in differences(columns, objects)] == ["savings"]
    assert columns_of(objects)["savings"][5] == columns.persons.savings[5] + 1


@pytest.mark.long
def test_the_rival_of_the_benchmark_reports_nanoseconds_a_person_month():
    assert 1_000 < run_mesa_people("teaching", 2) < 10_000_000
