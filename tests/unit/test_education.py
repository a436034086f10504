"""School, college and degrees on worlds small enough to count by hand."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.foundations import units
from simulator.foundations.streams import ENROL
from simulator.foundations.units import COLLEGE, JUNIOR, NOWHERE, SENIOR, STUDENT, UNEMPLOYED, month_number
from simulator.kernels import studying
from simulator.kernels.rng import draw1
from simulator.mechanisms import education
from tests.small_country import add_person, employ, open_month, small_model


def test_kernels_use_the_codes_of_the_house():
    for name in ("CHILD", "STUDENT", "EMPLOYED", "FLEXIBLE", "UNEMPLOYED", "JUNIOR", "SENIOR", "COLLEGE", "NOWHERE"):
        assert getattr(studying, name) == getattr(units, name)
    assert studying.WELFARE_JOB == units.WELFARE_JOB


def test_at_fifteen_a_share_goes_on_and_the_rest_look_for_work():
    model = small_model(month=month_number(2021, 3))
    rows = [add_person(model, 180, k % 2) for k in range(2000)]
    open_month(model)
    tally = education.study_and_graduate(model)
    persons = model.persons
    stays = np.array([draw1(model.seed, ENROL, 0, persons.uid[i], 0) < 0.85 for i in rows])
    assert np.array_equal(persons.state[rows] == STUDENT, stays)
    assert (persons.education[rows] == JUNIOR).all()
    assert (persons.state[rows][~stays] == UNEMPLOYED).all()
    assert (persons.left_study[rows][~stays] == model.month).all()
    assert tally["entered_senior"] == stays.sum() == pytest.approx(1700, abs=60)


def test_at_eighteen_senior_school_is_done():
    model = small_model(month=month_number(2021, 3))
    pupil = add_person(model, 216, 1, state=STUDENT)
    open_month(model)
    education.study_and_graduate(model)
    assert (model.persons.education[pupil], model.persons.state[pupil]) == (SENIOR, STUDENT)


def applicants(model, count: int, place: int) -> list[int]:
    return [add_person(model, 220, k % 2, place=place, state=STUDENT, education=SENIOR) for k in range(count)]


def test_colleges_fill_three_quarters_at_home_and_the_rest_from_everywhere():
    # provinces {0, 2} and {1, 3}; 50 places in each settlement: 100 a province, 75 held for its own
    model = small_model(month=month_number(2021, 9))
    first, second = applicants(model, 400, 0), applicants(model, 100, 1)
    open_month(model)
    tally = education.study_and_graduate(model)
    persons = model.persons
    assert (tally["applicants"], tally["admitted"]) == (500, 200)
    place = persons.study_place
    assert [int(np.sum(place == s)) for s in range(4)] == [50, 50, 50, 50]
    own = np.isin(place[second], (1, 3)).sum()
    assert own >= 75 and np.isin(place[first], (0, 2)).sum() >= 75
    rest = np.concatenate([place[first], place[second]]) == NOWHERE
    assert (persons.state[[*first, *second]][rest] == UNEMPLOYED).all()
    admitted = np.flatnonzero(place != NOWHERE)
    assert np.array_equal(persons.residence[admitted], place[admitted])
    assert (persons.study_since[admitted] == model.month).all()
    assert np.array_equal(persons.county_residence[admitted], place[admitted])  # one county a settlement
    row, start, to, reason = model.month_moves[0]
    assert len(row) == tally["study_moves"] == np.sum(place[admitted] != persons.hukou_place[admitted])
    assert np.array_equal(to, place[row]) and set(start) <= {0, 1} and set(reason) == {education.STUDY}


def places_by_hand(home, order, slot_at, slot_order, province, held):
    """Two rounds with lists."""
    given, free = {k: -1 for k in order}, [int(k) for k in slot_order]
    left = list(held)
    for k in order:
        mine = [slot for slot in free if province[slot_at[slot]] == home[k]]
        if left[home[k]] > 0 and mine:
            left[home[k]] -= 1
            given[k] = slot_at[mine[0]]
            free.remove(mine[0])
    for k in order:
        if given[k] < 0 and free:
            given[k] = slot_at[free.pop(0)]
    return [given[k] for k in range(len(home))]


def test_the_two_rounds_of_admission_agree_with_lists_on_a_hundred_small_worlds():
    for seed in range(100):
        luck = np.random.default_rng(seed)
        n, provinces = int(luck.integers(1, 8)), int(luck.integers(1, 4))
        province = luck.integers(0, provinces, n)
        places = luck.integers(0, 6, n)
        slot_at = np.repeat(np.arange(n), places)
        slot_order = luck.permutation(len(slot_at))
        count = int(luck.integers(0, 40))
        home, order = luck.integers(0, provinces, count), luck.permutation(count)
        held = luck.integers(0, 10, provinces)
        given = np.full(count, -1, dtype=np.int64)
        studying.hand_out_places(home, order, slot_at, slot_order, province, held, given)
        assert list(given) == places_by_hand(home, order, slot_at, slot_order, province, held)


def test_places_keep_their_total_and_small_colleges_get_their_turn():
    model = small_model(n=4)
    model.world.university_places = np.array([0.3, 0.3, 10.2, 10.2])
    got = np.zeros(4)
    for year in range(400):
        model.month = month_number(1900 + year, 9)
        places = education.college_places(model)
        assert places.sum() == 21
        got += places
    assert got / 400 == pytest.approx(model.world.university_places, abs=0.08)
    model.levers.college_places[:] = 2
    assert education.college_places(model).sum() == 42


def test_four_years_after_september_a_student_graduates_and_must_choose():
    model = small_model(month=month_number(2025, 7))
    done = add_person(model, 270, 1, state=STUDENT, education=SENIOR, study_place=0, study_since=month_number(2021, 9))
    later = add_person(model, 260, 1, state=STUDENT, education=SENIOR, study_place=0, study_since=month_number(2022, 9))
    pupil = add_person(model, 220, 1, state=STUDENT, education=SENIOR, study_since=month_number(2020, 1))
    open_month(model)
    tally = education.study_and_graduate(model)
    persons = model.persons
    assert tally["graduates"] == 1 and list(model.graduates) == [done]
    assert [list(rows) for rows in model.forced_considerers] == [[done]]
    assert (persons.education[done], persons.state[done], persons.left_study[done]) == (COLLEGE, UNEMPLOYED, model.month)
    assert (persons.state[later], persons.state[pupil]) == (STUDENT, STUDENT)
    model.month += 1
    open_month(model)
    education.study_and_graduate(model)
    assert len(model.graduates) == 0


def test_adults_take_degrees_beside_their_work_and_keep_the_job():
    # 4,000 workers with senior school, 400 degrees a year
    model = small_model(month=month_number(2022, 7))
    rows = [add_person(model, 300, 0, education=SENIOR) for _ in range(4000)]
    for i in rows:
        employ(model, i, 3)
    old = add_person(model, 490, 0, education=SENIOR)
    employ(model, old, 3)
    model.scenario["education.adult_degrees_per_year"] = 400.0
    open_month(model)
    tally = education.study_and_graduate(model)
    persons = model.persons
    assert tally["adult_degrees"] == np.sum(persons.education == COLLEGE) == pytest.approx(400, abs=80)
    assert (persons.state[rows] == units.EMPLOYED).all() and model.employers.headcount[3] == 4001
    assert persons.education[old] == SENIOR


def test_only_declared_columns_change():
    for month in (7, 9):
        model = small_model(2000, month=month_number(2021, month))
        persons = model.persons
        young = np.flatnonzero((model.month - persons.birth_month.astype(int)) // 12 == 18)
        persons.state[young], persons.education[young] = STUDENT, SENIOR
        open_month(model)
        before = {name: values.copy() for name, values in persons.arrays().items()}
        education.study_and_graduate(model)
        changed = {name for name, old in before.items() if not np.array_equal(old, persons.arrays()[name])}
        assert changed <= set(education.WRITES["persons"])
        for name in persons.columns:
            assert len(persons.out_of_range(name)) == 0


def test_years_at_a_college_elsewhere_loosen_the_tie_to_home_and_years_at_home_do_not():
    model = small_model(month=month_number(2025, 7))
    for place in (0, 1):  # both are rooted in settlement 0; one studied there, one in settlement 1
        i = add_person(model, 22 * 12, 0, 0, state=STUDENT, education=SENIOR, study_place=place,
                       study_since=month_number(2021, 9), attachment=2.5)  # fmt: skip
        model.persons.root[i] = 0
    education.release_graduates(model)
    assert model.persons.attachment[model.graduates].tolist() == [2.5, 0.5]
