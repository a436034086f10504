"""The first population: counts follow the tables, families hold together, nothing depends on chance alone."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from simulator import baseyear
from simulator.foundations import streams
from simulator.foundations.units import (
    CHILD,
    COLLEGE,
    EMPLOYED,
    FARMING,
    FLEXIBLE,
    INACTIVE,
    NOBODY,
    NOWHERE,
    RURAL,
    STUDENT,
    UNEMPLOYED,
    month_number,
)  # fmt: skip
from simulator.kernels import livelihoods, peopling
from simulator.measures import monthly
from simulator.mechanisms import demography, employment
from simulator.scenario.parameters import load_parameters
from simulator.worlds.population import ASSUMED, RETIREMENT, count_agents, populate
from tests.worlds_factory import tiny_world

WEIGHT = 400
BASE = month_number(2020, 11)


@pytest.fixture(scope="module")
def world():
    return tiny_world(15, 8_000_000)


@pytest.fixture(scope="module")
def first(world):
    return populate(world, WEIGHT, 7, {})


@pytest.fixture(scope="module")
def persons(first):
    return first.persons


def _ages(persons):
    return (BASE - persons.birth_month.astype(int)) // 12


def _class(world, persons):
    """Migrant class as the columns show it: 0 local, 1 county, 2 province, 3 beyond."""
    home, here = world.province[persons.hukou_place], world.province[persons.residence]
    far = persons.county_hukou != persons.county_residence
    return np.where(home != here, 3, np.where(far, 2, persons.township_apart))


def test_the_kernels_draw_from_the_stream_of_the_first_population():
    assert peopling.STREAM == streams.POPULATION


def test_every_column_lies_in_its_declared_range(first):
    for table in (first.persons, first.households):
        for name in table.columns:
            assert len(table.out_of_range(name)) == 0, name


def test_the_same_seed_gives_the_same_people_and_another_seed_others(world, first):
    again, other = populate(world, WEIGHT, 7, {}), populate(world, WEIGHT, 8, {})
    assert again.persons.digests() == first.persons.digests()
    assert again.households.digests() == first.households.digests()
    assert other.persons.digest("birth_month") != first.persons.digest("birth_month")


def test_residents_of_a_province_are_right_to_one_agent_and_of_a_settlement_to_four(world, persons):
    right = world.people.sum(axis=(1, 2, 3, 4)) / WEIGHT
    here = np.bincount(persons.residence, minlength=world.n)
    assert np.abs(here - right).max() < 4
    for p in range(len(world.province_code)):
        assert abs(here[world.province == p].sum() - right[world.province == p].sum()) <= 1


def test_migrant_classes_are_right_to_one_agent_in_each_province(world, persons):
    counts, right = count_agents(world, WEIGHT), world.people / WEIGHT
    found = _class(world, persons)
    for p in range(len(world.province_code)):
        mine = world.province == p
        by_class = counts[mine].sum(axis=(0, 2, 3, 4))
        assert np.abs(by_class - right[mine].sum(axis=(0, 2, 3, 4))).max() <= 1
        assert (np.bincount(found[mine[persons.residence]], minlength=4) == by_class).all()


def test_ages_and_sexes_follow_the_tables(world, persons):
    right = world.people.sum(axis=(0, 1, 3, 4)) / WEIGHT
    edges = [0, 1, 5, *range(10, 90, 5), 200]
    found = np.histogram(_ages(persons), bins=edges)[0]
    assert np.abs(found - right).max() < 0.06 * right.max()
    assert abs(persons.sex.mean() - 0.5) < 0.01


def test_a_university_educated_youth_is_counted_as_a_student_until_finished(world, persons):
    age = _ages(persons)
    college = (persons.education == COLLEGE).sum() + ((persons.state == STUDENT) & (age >= 18)).sum()
    right = world.people[..., COLLEGE].sum() / WEIGHT
    assert college >= 0.97 * right
    assert (persons.education[persons.state == STUDENT] < COLLEGE).all()
    students = ((persons.state == STUDENT) & (age >= 18)).sum()
    assert students == pytest.approx(world.university_places.sum() * 4 / WEIGHT, rel=0.15)
    assert ((persons.study_place[persons.state == STUDENT] != NOWHERE) == (age[persons.state == STUDENT] >= 18)).all()


def test_students_entered_college_in_the_four_last_septembers_and_do_not_all_graduate_together(persons):
    pupil = (persons.state == STUDENT) & (persons.study_place == NOWHERE)
    assert (persons.study_since[pupil] == persons.birth_month[pupil] + 180).all()
    student = (persons.state == STUDENT) & (persons.study_place != NOWHERE)
    september = BASE - (BASE - 8) % 12
    entered = np.bincount((september - persons.study_since[student]) // 12, minlength=4)
    assert len(entered) == 4 and entered.min() > 0.15 * student.sum(), entered
    assert ((september - persons.study_since[student]) % 12 == 0).all()


def test_values_assumed_in_code_are_the_declared_defaults():
    declared = load_parameters().defaults()
    for assumed in (ASSUMED, demography.ASSUMED, employment.DEFAULTS):
        for name, value in assumed.items():
            assert declared[name] == value, name


def test_nobody_holds_a_formal_job_long_past_the_age_of_leaving_it(persons):
    age, ages = _ages(persons), np.array([ASSUMED[f"demography.{name}"] for name in RETIREMENT])
    old = np.flatnonzero(np.isin(persons.state, (EMPLOYED, FLEXIBLE)) & (age >= 50))
    plans = [
        livelihoods.retires_at(7, persons.uid[i], persons.state[i], persons.sex[i], persons.hukou_kind[i], ages) for i in old
    ]
    overdue = (age[old] >= np.array(plans)).sum()
    assert overdue < 0.03 * np.isin(persons.state, (EMPLOYED, FLEXIBLE)).sum()


def test_a_year_of_work_is_remembered_as_the_labour_market_leaves_it(persons):
    months = np.array([int(bits).bit_count() for bits in persons.worked_months])
    paid = np.isin(persons.state, (EMPLOYED, FLEXIBLE))
    assert (persons.worked_months[paid] & 1).all()
    assert not (persons.worked_months[~paid] & 1).any()
    assert (months[paid] >= 6).mean() == pytest.approx(0.955, abs=0.02)
    jobless = persons.state == UNEMPLOYED
    assert 0.4 < (months[jobless & (_ages(persons) >= 17)] >= 6).mean() < 0.75


def test_work_between_townships_makes_the_outgoing_share_of_the_base_year():
    """Outgoing 50 of 100 seen; the survey of 2020 says 59.38: 9.38 of the 50 local ones work a township away."""
    seen = SimpleNamespace(migrant_workers=np.array([[30, 10, 20, 10, 10, 0, 0], [10, 0, 0, 10, 0, 0, 0]]))
    year = SimpleNamespace(base_month=BASE, level="provinces")
    model = SimpleNamespace(counts=seen, world=year)
    model.township_share = baseyear.share_between_townships(model)
    assert model.township_share == pytest.approx(9.38 / 50)
    outgoing, local = monthly.split_migrant_workers(model, seen)
    assert outgoing.sum() == pytest.approx(59.38)
    assert outgoing + local == pytest.approx(np.array([80, 20]))
    year.level = "city-circle"
    assert baseyear.share_between_townships(model) == 0


def test_people_below_fifteen_are_children_and_nobody_else_is(persons):
    months = BASE - persons.birth_month.astype(int)
    assert ((persons.state == CHILD) == (months < 180)).all()


def test_homes_of_people_from_other_provinces_are_dealt_to_one_agent(world, persons):
    far = _class(world, persons) == 3
    for p in range(len(world.province_code)):
        rows = far & (world.province[persons.residence] == p)
        found = np.bincount(world.province[persons.hukou_place[rows]], minlength=len(world.province_code))
        assert np.abs(found - world.home_province[p] * rows.sum()).max() <= 1.5


def test_people_registered_in_a_province_are_right_to_two_agents(world, persons):
    """Expected: everyone of class 0 to 2 at home, class 3 spread by home province."""
    people = world.people.sum(axis=(2, 3, 4)) / WEIGHT
    P = len(world.province_code)
    near = np.bincount(world.province, weights=people[:, :3].sum(axis=1), minlength=P)
    far = np.bincount(world.province, weights=people[:, 3], minlength=P) @ world.home_province
    found = np.bincount(world.province[persons.hukou_place], minlength=P)
    assert np.abs(found - near - far).max() <= 3


def test_rural_registrations_follow_their_shares(world, persons):
    local = (_class(world, persons) == 0) & (persons.residence == persons.hukou_place)
    for s in range(world.n):
        rows = local & (persons.residence == s)
        share = (persons.hukou_kind[rows] == 0).mean()
        assert share == pytest.approx(float(world.rural_hukou_local[s]), abs=1.5 / rows.sum())


def test_who_works_farms_or_rests_follows_the_tables(world, persons):
    age = _ages(persons)
    adult = (age >= 15) & (age < 65) & (persons.state != STUDENT) & (persons.state != CHILD)
    for e in range(4):
        want, found = np.zeros(3), np.zeros(3)
        for s in range(world.n):
            rows = persons.state[adult & (persons.residence == s) & (persons.education == e)]
            want += len(rows) * world.work[s, e]
            found += [np.isin(rows, (EMPLOYED, FLEXIBLE)).sum(), (rows == FARMING).sum(), 0]
        assert np.abs(found - want)[:2].max() <= 8


def test_unemployment_is_near_five_percent_in_towns(world, persons):
    town = world.kind[persons.residence] != RURAL
    jobless = (town & (persons.state == UNEMPLOYED)).sum()
    force = (town & np.isin(persons.state, (EMPLOYED, FLEXIBLE, FARMING, UNEMPLOYED)) & (_ages(persons) < 65)).sum()
    assert jobless / force == pytest.approx(0.053, abs=0.003)


def test_migrants_work_more_than_locals_of_their_age(world, persons):
    age = _ages(persons)
    prime = (age >= 25) & (age < 50) & (world.kind[persons.residence] != RURAL)
    idle = np.isin(persons.state, (INACTIVE, UNEMPLOYED))
    moved = _class(world, persons) > 0
    assert idle[prime & moved].mean() < idle[prime & ~moved].mean()


def test_jobs_of_a_settlement_follow_its_sectors(world, persons):
    hired = persons.employer != NOBODY
    assert (hired == (persons.state == EMPLOYED)).all()
    pool = persons.employer[hired]
    assert (pool // 12 == persons.workplace[hired]).all()
    assert (pool % 2 == (persons.education[hired] == COLLEGE)).all()
    for s in range(world.n):
        sectors = np.bincount(pool[pool // 12 == s] // 2 % 6, minlength=6)
        assert np.abs(sectors - world.sector_mix[s] * sectors.sum()).max() <= 2.5
    away = persons.workplace[hired] != persons.residence[hired]
    assert 0.0 < away.mean() < 0.09
    assert (world.hours[persons.residence[hired][away], persons.workplace[hired][away]] <= 1.0).all()


def test_partners_are_each_others_and_of_the_two_sexes(persons):
    rows = np.flatnonzero(persons.partner != NOBODY)
    partner = persons.partner[rows]
    assert (persons.partner[partner] == rows).all()
    assert (persons.sex[rows] != persons.sex[partner]).all()
    assert (_ages(persons)[rows] >= 20).all()
    assert (persons.household[rows] == persons.household[partner]).all()
    apart = persons.residence[rows] != persons.residence[partner]
    assert 0.0 < apart.mean() < 0.3


def test_everyone_below_eighteen_stands_in_exactly_one_adults_list(persons):
    months = BASE - persons.birth_month.astype(int)
    young = months < 216
    assert (persons.guardian[young] != NOBODY).all()
    assert (persons.guardian[~young] == NOBODY).all()
    assert (months[persons.guardian[young]] >= 216).all()
    seen = np.zeros(len(persons), dtype=int)
    for g in np.flatnonzero(persons.first_child != NOBODY):
        child, steps = persons.first_child[g], 0
        while child != NOBODY:
            assert persons.guardian[child] == g
            seen[child] += 1
            child, steps = persons.next_sibling[child], steps + 1
            assert steps < 100
    assert (seen == young).all()
    assert (persons.household[young] == persons.household[persons.guardian[young]]).all()


def test_mothers_are_women_twenty_to_forty_years_older(persons):
    rows = np.flatnonzero(persons.mother != NOBODY)
    mother = persons.mother[rows]
    gap = persons.birth_month[rows].astype(int) - persons.birth_month[mother]
    assert (persons.sex[mother] == 1).all()
    assert gap.min() >= 240
    assert gap.max() <= 480
    young = BASE - persons.birth_month.astype(int) < 216
    assert (persons.mother[young] != NOBODY).mean() > 0.97


def test_a_sixth_of_rural_children_has_parents_elsewhere(world, persons):
    child = (BASE - persons.birth_month.astype(int) < 216) & (world.kind[persons.residence] == RURAL)
    rows = np.flatnonzero(child & (persons.mother != NOBODY))
    behind = persons.residence[persons.mother[rows]] != persons.residence[rows]
    assert 0.10 < behind.mean() < 0.22


def test_households_count_their_members_and_follow_their_head(world, first):
    persons, households = first.persons, first.households
    assert (persons.household != NOBODY).all()
    assert (np.bincount(persons.household, minlength=len(households)) == households.size).all()
    assert (persons.household[households.head] == np.arange(len(households))).all()
    assert (households.root == persons.root[households.head]).all()
    assert (households.dwelling == persons.residence[households.head]).all()
    land = (persons.hukou_kind[households.head] == 0) & (world.kind[persons.hukou_place[households.head]] == RURAL)
    assert (households.land_right == land).all()


def test_counties_are_those_of_the_cells(world, persons):
    for place, county in ((persons.residence, persons.county_residence), (persons.hukou_place, persons.county_hukou)):
        for s in range(world.n):
            listed = world.county_cell_list[world.county_cell_start[s] : world.county_cell_start[s + 1]]
            assert np.isin(county[place == s], listed).all()


def test_the_past_is_consistent(persons):
    away = persons.residence != persons.hukou_place
    months = BASE - persons.birth_month.astype(int)
    assert (persons.months_away[~away] == 0).all()
    assert (persons.months_away[away] >= np.minimum(6, months[away])).all()
    assert (persons.months_away <= months).all()
    moved = persons.last_move != 0
    assert (persons.last_move[moved] == BASE - persons.months_away[moved].astype(int)).all()
    assert (persons.november0 == persons.residence).all()
    short = away & (persons.months_away < 12) & (months >= 12)
    assert (persons.november1[short] == persons.hukou_place[short]).all()
    assert (persons.november4[months < 48] == NOWHERE).all()


def test_ties_name_others_once(persons):
    ties = np.stack([getattr(persons, f"tie{k}") for k in range(8)], axis=1)
    held = ties != NOBODY
    assert (ties != np.arange(len(persons))[:, None]).all()
    for row in ties[::37]:
        known = row[row != NOBODY]
        assert len(set(known.tolist())) == len(known)
    assert (held[:, :-1] >= held[:, 1:]).all()
    adult = BASE - persons.birth_month.astype(int) >= 180
    assert held[adult].sum(axis=1).mean() > 5


def test_a_country_of_one_province_and_a_few_agents_can_be_peopled():
    for people, weight in ((3_000.0, 1000), (40_000.0, 1000)):
        small = populate(tiny_world(2, people, kinds=[0, RURAL]), weight, 1, {})
        assert len(small.persons) == round(people / weight)
        for name in small.persons.columns:
            assert len(small.persons.out_of_range(name)) == 0, name
