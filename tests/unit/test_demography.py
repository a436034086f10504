"""Births, deaths, households and retirement on worlds small enough to count by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from simulator.foundations import streams, units
from simulator.foundations.units import NOBODY, NOWHERE
from simulator.kernels import classes, living, moving, pairing, studying
from simulator.kernels.rng import draw1, draw4, hash64
from simulator.mechanisms import demography
from tests.small_country import (
    add_person,
    all_die,
    check_households,
    check_lists,
    employ,
    give_child,
    open_month,
    small_model,
)


def test_kernels_use_the_codes_of_the_house():
    for name in ("NOWHERE", "NOBODY", "CHILD", "EMPLOYED", "FARMING", "FLEXIBLE", "UNEMPLOYED", "RETIRED", "INACTIVE"):
        assert getattr(living, name) == getattr(units, name)
    assert (living.WELFARE_JOB, pairing.STUDENT, classes.COLLEGE) == (units.WELFARE_JOB, units.STUDENT, units.COLLEGE)
    for name in ("DEATH", "BIRTH", "SEX_AT_BIRTH", "NEW_PERSON", "RETIRE", "DISABILITY"):
        assert getattr(living, name) == getattr(streams, name)
    assert (pairing.UNION, moving.COUNTY) == (streams.UNION, streams.COUNTY)
    for name in ("ENROL", "STUDY_PLACE", "ADULT_STUDY"):
        assert getattr(studying, name) == getattr(streams, name)
    assert classes._STARTS == units.AGE_GROUP_START


def test_a_class_says_age_group_sex_work_and_degree():
    work = {units.EMPLOYED: 0, units.FLEXIBLE: 1, units.FARMING: 2}
    for age in (0, 11, 12, 59, 60, 179, 180, 1019, 1020, 1400):
        group = max(k for k, start in enumerate(units.AGE_GROUP_START) if start <= age // 12)
        for sex in range(2):
            for state in range(9):
                for education in range(4):
                    wanted = ((group * 2 + sex) * 4 + work.get(state, 3)) * 2 + (education == units.COLLEGE)
                    assert classes.class_of(age, sex, state, education) == wanted


def test_the_opening_of_a_month_lists_birthdays_and_the_unemployed():
    model = small_model(3000)
    persons = model.persons
    persons.state[::7] = units.UNEMPLOYED
    persons.alive[::11] = 0
    persons.education[::5] = units.COLLEGE
    klass, birthdays, unemployed = demography.open_month(model)
    age = model.month - persons.birth_month.astype(int)
    twin = [classes.class_of(int(a), s, w, e) for a, s, w, e in zip(age, persons.sex, persons.state, persons.education, strict=True)]
    assert np.array_equal(klass, twin)
    alive = persons.alive == 1
    assert np.array_equal(birthdays, np.flatnonzero(alive & (age % 12 == 0) & (age >= 180) & (age <= 960)))
    assert np.array_equal(unemployed, np.flatnonzero(alive & (persons.state == units.UNEMPLOYED)))
    people = persons.bundle(classes.Openers)
    assert np.array_equal(birthdays, classes.list_rows(model.crew, classes.list_birthdays, people, model.month))
    assert np.array_equal(unemployed, classes.list_rows(model.crew, classes.list_unemployed, people, model.month))
    alone = np.empty(len(persons), dtype=np.uint16)
    classes.open_month(people, np.int64(model.month), alone, 0, len(persons))
    assert np.array_equal(alone, klass)


def test_twelve_months_at_the_monthly_rate_are_a_year_at_the_annual_probability():
    for q in (1e-5, 0.003, 0.2, 0.9):
        monthly = living.monthly_death_rate(q, 1.1)
        assert 1 - (1 - monthly) ** 12 == pytest.approx(min(q * 1.1, 0.999), rel=1e-9)
    assert living.monthly_death_rate(1.0, 1.0) == pytest.approx(1 - 0.001 ** (1 / 12))


def test_the_dead_of_a_month_are_those_a_plain_loop_finds():
    model = small_model(4000)
    model.mortality = np.minimum(1.0, model.mortality * 20)
    open_month(model)
    twin = []
    for i in model.candidates[streams.DEATH]:
        age = min((model.month - int(model.persons.birth_month[i])) // 12, 110)
        q = model.mortality[model.persons.sex[i], age] * float(model.world.mortality_shape[model.persons.residence[i]])
        rate = 1 - (1 - min(q, 0.999)) ** (1 / 12)
        bound = model.bounds[streams.DEATH][model.screen_class[i]]
        assert rate <= bound
        if draw1(model.seed, streams.DEATH, model.month, model.persons.uid[i], 0) * bound < rate:
            twin.append(i)
    tally = demography.lose_the_dead(model)
    assert tally["deaths"] == len(twin) > 10
    assert np.array_equal(np.flatnonzero(model.persons.alive == 0), twin)
    check_households(model)


def test_a_widow_inherits_heads_the_household_and_keeps_the_children():
    # man (1,000 fen, a job), wife (50 fen), a child of ten in the man's list: one household
    model = small_model()
    man = add_person(model, 500, 0, savings=1000)
    home = int(model.persons.household[man])
    wife = add_person(model, 480, 1, household=home, savings=50, partner=man)
    child = add_person(model, 120, 0, household=home, mother=wife)
    model.persons.partner[man] = wife
    give_child(model, child, man)
    employ(model, man, 13)
    all_die(model, [man])
    assert demography.lose_the_dead(model)["deaths"] == 1
    persons = model.persons
    assert (persons.savings[wife], persons.savings[man], persons.partner[wife]) == (1050, 0, NOBODY)
    assert (model.households.head[home], model.households.size[home]) == (wife, 2)
    assert (persons.guardian[child], persons.first_child[wife], persons.first_child[man]) == (wife, child, NOBODY)
    assert (model.employers.headcount[13], model.employers.separations[13]) == (0, 1)
    assert (persons.employer[man], persons.workplace[man], persons.wage[man]) == (NOBODY, NOWHERE, 0)
    check_households(model)
    check_lists(model)


def test_an_orphan_joins_the_grandmother_where_she_lives():
    model = small_model()
    granny = add_person(model, 700, 1, place=3)
    mother = add_person(model, 400, 1, place=0, mother=granny, savings=90)
    child = add_person(model, 100, 1, place=0, household=int(model.persons.household[mother]), mother=mother)
    model.persons.hukou_place[child] = 3
    model.persons.county_hukou[child] = 3
    give_child(model, mother, granny)
    give_child(model, child, mother)
    all_die(model, [mother])
    tally = demography.lose_the_dead(model)
    persons = model.persons
    assert (tally["orphans"], tally["orphans_moved"]) == (1, 1)
    assert (persons.guardian[child], persons.residence[child], persons.savings[child]) == (granny, 3, 90)
    assert (persons.household[child], persons.last_move[child]) == (persons.household[granny], model.month)
    (row, start, to, reason) = model.month_moves[0]
    assert (row[0], start[0], to[0], reason[0]) == (child, 0, 3, demography.JOIN_FAMILY)
    check_households(model)
    check_lists(model)


def test_an_orphan_of_seventeen_gives_up_the_job_on_joining_kin_elsewhere():
    model = small_model()
    granny = add_person(model, 700, 1, place=3)
    mother = add_person(model, 420, 1, place=0, mother=granny)
    child = add_person(model, 204, 1, place=0, household=int(model.persons.household[mother]), mother=mother)
    give_child(model, mother, granny)
    give_child(model, child, mother)
    employ(model, child, 13)
    all_die(model, [mother])
    demography.lose_the_dead(model)
    persons = model.persons
    assert (persons.residence[child], persons.state[child], persons.employer[child]) == (3, units.UNEMPLOYED, NOBODY)
    assert (persons.workplace[child], persons.wage[child], model.employers.headcount[13]) == (NOWHERE, 0, 0)


def test_a_neighbour_of_the_same_root_takes_an_orphan_without_kin():
    model = small_model()
    mother = add_person(model, 400, 1)
    child = add_person(model, 100, 1, household=int(model.persons.household[mother]), mother=mother)
    give_child(model, child, mother)
    other = add_person(model, 400, 0, root=2)
    neighbour = add_person(model, 420, 0)
    add_person(model, 420, 0, place=1)
    all_die(model, [mother])
    demography.lose_the_dead(model)
    assert model.persons.guardian[child] == neighbour != other
    check_households(model)
    check_lists(model)


def test_money_without_heirs_goes_to_the_estates():
    model = small_model()
    alone = add_person(model, 900, 0, savings=777)
    all_die(model, [alone])
    demography.lose_the_dead(model)
    assert (model.estates_fen, model.persons.savings[alone]) == (777, 0)
    assert (model.households.head[0], model.households.size[0]) == (NOBODY, 0)


def test_a_member_nobody_is_kin_to_is_found_as_head():
    model = small_model()
    head = add_person(model, 900, 0)
    lodger = add_person(model, 500, 0, household=0)
    elder = add_person(model, 600, 1, household=0)
    all_die(model, [head])
    demography.lose_the_dead(model)
    assert model.households.head[0] == elder != lodger
    check_households(model)


def test_a_newborn_has_her_mothers_home_and_an_identity_by_birth_order():
    model = small_model()
    mother = add_person(model, 12 * 28, 1, place=1, hukou_place=2, township_apart=0)
    grown = add_person(model, 12 * 12, 0, mother=mother, alive=0)
    give_child(model, grown, mother)
    ward = add_person(model, 12 * 9, 0)
    give_child(model, ward, mother)
    home = int(model.persons.household[mother])
    open_month(model)
    model.fertility = np.full(50, 12.0 * 0.9)
    model.candidates[streams.BIRTH] = np.array([mother], dtype=np.int32)
    model.bounds[streams.BIRTH] = 0.9 * (1 + 1e-9)
    assert demography.bear_children(model, demography.birth_weights(model)) == 1
    persons, baby = model.persons, len(model.persons) - 1
    assert persons.uid[baby] == hash64(persons.uid[mother], 1)  # one own child before, dead; the ward does not count
    assert (persons.birthplace[baby], persons.residence[baby], persons.hukou_place[baby]) == (1, 1, 2)
    assert (persons.months_away[baby], persons.household[baby], persons.mother[baby]) == (1, home, mother)
    assert (persons.guardian[baby], persons.first_child[mother]) == (mother, baby)
    assert (persons.birth_month[baby], persons.alive[baby], persons.insurance[baby]) == (model.month, 1, 1)
    assert persons.tie0[baby] == NOBODY and persons.savings[baby] == 0
    check_lists(model)
    for name in persons.columns:
        assert len(persons.out_of_range(name)) == 0


def test_births_follow_fertility_by_age_whatever_the_couples_and_places():
    # mean over women of an age of c g / mean(c g) is one, so expected births are sum f(age) / 12
    model = small_model(6000)
    persons = model.persons
    women = np.flatnonzero((persons.sex == 1) & (model.month - persons.birth_month < 600))
    persons.partner[women[::2]] = women[::2]
    weights = demography.birth_weights(model)
    place = demography.place_fertility(model)
    expected = wanted = 0.0
    for i in range(len(persons)):
        age = (model.month - int(persons.birth_month[i])) // 12
        if persons.sex[i] == 1 and 15 <= age <= 49:
            weight = living.birth_weight(place[persons.residence[i]], persons.partner[i] >= 0, 0.15)
            expected += living.monthly_birth_rate(model.fertility[age], weight, weights[age - 15])
            wanted += model.fertility[age] / 12
    assert expected == pytest.approx(wanted, rel=1e-9)


def test_rates_above_the_bound_stop_the_run():
    model = small_model(500)
    open_month(model)
    model.mortality = np.ones((2, 111))
    model.candidates[streams.DEATH] = np.array([3], dtype=np.int32)
    with pytest.raises(ValueError, match="above the bound"):
        demography.lose_the_dead(model)


def test_workers_retire_at_the_official_age_and_farmers_between_65_and_78():
    model = small_model(month=units.month_number(2021, 3))
    man = add_person(model, 720, 0, hukou_kind=1)
    employ(model, man, 0)
    young = add_person(model, 708, 0, hukou_kind=1)
    employ(model, young, 0)
    woman = add_person(model, 660, 1, hukou_kind=1, state=units.UNEMPLOYED)
    farmer = add_person(model, 79 * 12, 0, state=units.FARMING)
    early = add_person(model, 64 * 12, 0)
    open_month(model)
    assert demography.retire_on_birthdays(model) == 3
    states = model.persons.state
    assert list(states[[man, young, woman, farmer, early]]) == [7, units.EMPLOYED, 7, 7, units.FARMING]
    assert (model.employers.headcount[0], model.employers.separations[0]) == (1, 1)


def test_planned_retirement_spreads_as_said():
    luck = (np.arange(10_000) + 0.5) / 10_000
    farm = np.array([living.planned_retirement(units.FARMING, 0, 60.0, 0.35, 0.25, 0.5, u) for u in luck])
    assert (farm.min(), farm.max()) == (65, 77)
    assert farm.mean() == pytest.approx((65 + 75 + 78) / 3 - 0.5, abs=0.05)
    rural = np.array([living.planned_retirement(units.EMPLOYED, 0, 60.0, 0.35, 0.25, u, 0.5) for u in luck])
    assert [np.mean(rural == a) for a in (60, 65, 70)] == pytest.approx([0.4, 0.35, 0.25])
    part = np.array([living.planned_retirement(units.EMPLOYED, 1, 60.25, 0.35, 0.25, 0.5, u) for u in luck])
    assert np.mean(part == 61) == pytest.approx(0.25)


def test_the_hazard_of_a_union_peaks_at_the_peak_age_and_earlier_for_women():
    ages = np.arange(18 * 12, 60 * 12)
    for sex, peak in ((0, 26.0), (1, 24.5)):
        hazard = [pairing.union_hazard(float(a), sex, 0.015, 26.0) for a in ages]
        assert ages[int(np.argmax(hazard))] == peak * 12
        assert max(hazard) == pytest.approx(0.015)
    x = (40 - 16) / 10
    assert pairing.union_hazard(480.0, 0, 0.015, 26.0) == pytest.approx(0.015 * x * x * math.exp(2 * (1 - x)))


def couples_by_hand(model) -> set:
    """The two rounds of the ranking with lists and dictionaries."""
    persons, seed, month = model.persons, model.seed, model.month
    single, peak = [], model.scenario["demography.union_hazard_peak"]
    for i in range(len(persons)):
        age, sex = month - int(persons.birth_month[i]), int(persons.sex[i])
        if persons.alive[i] and persons.partner[i] < 0 and (240 if sex else 264) <= age < 720:
            chance = pairing.yearly_chance(pairing.union_hazard(float(age), sex, peak, 26.0))
            if draw1(seed, streams.UNION, month, persons.uid[i], 0) < chance:
                words = draw4(seed, streams.UNION, month, persons.uid[i], 1)
                band = (age + 18 * sex) // 60
                single.append((int(words[0]) << 32 | int(words[1]), i, sex, int(persons.residence[i]), band))
    pairs: set = set()
    for fine in (True, False):
        cells: dict = {}
        free = [s for s in sorted(single) if not any(s[1] in pair for pair in pairs)]
        for _, i, sex, place, band in free:
            cell = (place, band, max(int(persons.education[i]), 1) if fine else 0)
            cells.setdefault(cell, ([], []))[sex].append(i)
        for men, women in cells.values():
            pairs |= {(a, b) for a, b in zip(men, women, strict=False) if not pairing.close_kin(a, b, persons.mother)}
    return pairs


def test_couples_are_those_of_a_ranking_by_hand_and_share_a_household():
    for seed in range(5):
        model = small_model(1500, seed=seed, month=units.month_number(2021, 10))
        persons = model.persons
        model.scenario["demography.union_hazard_peak"] = 0.1
        persons.education[::3] = units.COLLEGE
        persons.mother[::2] = 0
        before = len(model.households)
        wanted = couples_by_hand(model)
        assert demography.form_couples(model) == len(wanted) > 20
        men = np.flatnonzero((persons.partner >= 0) & (persons.sex == 0))
        assert {(int(m), int(persons.partner[m])) for m in men} == wanted
        assert np.array_equal(persons.household[men], persons.household[persons.partner[men]])
        assert len(model.households) == before  # every man had a household of his own
        check_households(model)


def test_a_couple_leaves_the_parents_and_the_children_come_along():
    model = small_model(month=units.month_number(2021, 10))
    father = add_person(model, 700, 0)
    man = add_person(model, 312, 0, household=0, root=2)
    woman = add_person(model, 300, 1)
    child = add_person(model, 24, 1, household=int(model.persons.household[woman]), mother=woman)
    give_child(model, child, woman)
    model.scenario["demography.union_hazard_peak"] = 0.9
    assert demography.form_couples(model) == 1
    persons, home = model.persons, int(model.persons.household[man])
    assert home == len(model.households) - 1
    assert (persons.partner[man], persons.partner[woman]) == (woman, man)
    assert persons.household[woman] == persons.household[child] == home
    assert (model.households.head[home], model.households.size[home], model.households.root[home]) == (man, 3, 2)
    assert model.households.land_right[home] == 1
    assert model.households.head[0] == father
    check_households(model)


def test_ten_years_keep_every_household_and_list_of_children_in_order():
    model = small_model(1500)
    for _ in range(120):
        model.month += 1
        before = int(model.persons.alive.sum())
        money = int(model.persons.savings.sum()) + model.estates_fen
        open_month(model)
        tally = demography.age_bear_and_die(model)
        assert int(model.persons.alive.sum()) == before + tally["births"] - tally["deaths"]
        assert int(model.persons.savings.sum()) + model.estates_fen == money
    assert len(np.unique(model.persons.uid)) == len(model.persons)
    check_households(model)
    check_lists(model)
    for table in (model.persons, model.households):
        for name in table.columns:
            assert len(table.out_of_range(name)) == 0


def test_only_declared_columns_change():
    model = small_model(1500, month=units.month_number(2021, 10))
    model.mortality = np.minimum(1.0, model.mortality * 10)
    open_month(model)
    n = len(model.persons)
    before = {name: values.copy() for name, values in model.persons.arrays().items()}
    demography.age_bear_and_die(model)
    changed = {name for name, old in before.items() if not np.array_equal(old, model.persons.arrays()[name][:n])}
    assert changed <= set(demography.WRITES["persons"])
