"""Counts of people, checked against a plain reckoning on small made-up populations."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from simulator.foundations.crew import Crew
from simulator.foundations.errors import InvariantBroken
from simulator.foundations.units import COLLEGE, EMPLOYED, FARMING, FLEXIBLE, month_number
from simulator.kernels import counting
from simulator.measures import monthly, national, yearly
from simulator.measures.outcomes import DECLARED, OUTCOMES
from simulator.state.employers import Employers
from simulator.state.persons import Persons
from simulator.state.settlements import Settlements

MONTH = month_number(2021, 6)
N = 4
PROVINCE = np.array([0, 0, 1, 1], dtype=np.uint16)


def country(seed: int, people: int = 300, threads: int = 1, block: int = 64):
    """A made-up country of four settlements in two provinces."""
    rng = np.random.default_rng(seed)
    p = Persons(people)
    p.append(people)
    p.alive[:] = rng.random(people) < 0.95
    p.residence[:], p.hukou_place[:], p.root[:] = rng.integers(0, N, (3, people))
    p.county_residence[:], p.county_hukou[:] = p.residence // 2 * 2 + rng.integers(0, 2, people), p.hukou_place
    p.township_apart[:], p.hukou_kind[:] = rng.integers(0, 2, (2, people))
    p.state[:], p.education[:] = rng.integers(0, 9, people), rng.integers(0, 4, people)
    p.birth_month[:] = MONTH - rng.integers(0, 95 * 12, people)
    p.months_away[:] = np.where(p.residence == p.hukou_place, 0, rng.integers(0, 12, people))
    p.worked_months[:] = rng.integers(0, 4096, people)
    works = p.state == EMPLOYED
    p.employer[:] = np.where(works, p.residence.astype(int) * 12 + rng.integers(0, 12, people), -1)
    p.wage[:] = np.where(works, rng.integers(200_000, 900_000, people), 0)
    for name in ("mother", "partner", "guardian"):
        getattr(p, name)[:] = np.where(rng.random(people) < 0.6, rng.integers(0, people, people), -1)
    return SimpleNamespace(
        world=SimpleNamespace(n=N, province=PROVINCE), persons=p, employers=Employers.one_firm_each(N),
        settlements=Settlements.empty(N), crew=Crew(threads, block), month=MONTH, month_moves=[],
    )  # fmt: skip


def by_hand(model) -> dict[str, np.ndarray]:
    """The same counts, one person at a time."""
    p = model.persons
    zeros = {name: np.zeros(N, int) for name in ("residents", "talent", "registered", "outgoing", "local", "abroad", "from_here")}
    for i in np.flatnonzero(p.alive):
        here, home = int(p.residence[i]), int(p.hukou_place[i])
        counted = home if here != home and p.months_away[i] < 6 else here
        age = (MONTH - int(p.birth_month[i])) // 12
        zeros["residents"][counted] += 1
        zeros["talent"][counted] += p.education[i] == COLLEGE and 16 <= age <= 64
        zeros["registered"][home] += 1
        if p.hukou_kind[i] == 0 and int(p.worked_months[i]).bit_count() >= 6:
            away = here != home or p.county_residence[i] != p.county_hukou[i]
            zeros["outgoing" if away else "local"][here] += 1
            zeros["from_here"][home] += away
            zeros["abroad"][here] += PROVINCE[here] != PROVINCE[home]
    return zeros


@pytest.mark.parametrize("seed", range(25))
def test_one_pass_counts_what_a_census_taker_would(seed):
    model = country(seed)
    counts, hand = monthly.recount(model), by_hand(model)
    workers = counts.migrant_workers
    assert np.array_equal(counts.residents, hand["residents"])
    assert np.array_equal(counts.talent, hand["talent"])
    assert np.array_equal(counts.registered.sum(axis=1), hand["registered"])
    assert np.array_equal(workers[:, counting.CELL :].sum(axis=1), hand["outgoing"])
    assert np.array_equal(workers[:, : counting.CELL].sum(axis=1), hand["local"])
    assert np.array_equal(workers[:, counting.PROVINCE] + workers[:, counting.RECENT_PROVINCE], hand["abroad"])
    assert np.array_equal(counts.migrant_workers_from, hand["from_here"])


def test_every_living_person_is_counted_once_in_every_way():
    model = country(3)
    counts, living = monthly.recount(model), int(model.persons.alive.sum())
    for part in (counts.present, counts.residents, counts.age, counts.registered, counts.state, counts.hukou_class):
        assert part.sum() == living
    assert counts.headcount.sum() + counts.without_employer == living
    assert model.settlements.ties_count.sum() == living


def test_counts_do_not_depend_on_threads_or_blocks():
    one, two = country(5), country(5, threads=2, block=17)
    first, second = monthly.recount(one), monthly.recount(two)
    for name, value in vars(first).items():
        assert np.array_equal(value, getattr(second, name)), name
    assert np.array_equal(one.settlements.ties_count, two.settlements.ties_count)
    two.crew.close()


def test_the_settlements_are_told_who_farms_and_who_has_a_degree():
    model = country(7)
    monthly.recount(model)
    p, s = model.persons, model.settlements
    there = (p.alive == 1) & (p.residence == 2)
    assert s.farmers[2] == (there & (p.state == FARMING)).sum()
    assert s.flexible_workers[2] == (there & (p.state == FLEXIBLE)).sum()
    work = there & np.isin(p.state, monthly.AT_WORK)
    assert s.nonfarm_share[2] == pytest.approx(1 - (p.state[work] == FARMING).mean())
    force = there & np.isin(p.state, monthly.LABOUR_FORCE)
    assert s.talent_share[2] == pytest.approx((p.education[force] == COLLEGE).mean())


def test_a_person_who_lives_nowhere_stops_the_count():
    model = country(1)
    model.persons.residence[np.flatnonzero(model.persons.alive)[0]] = 65535
    with pytest.raises(InvariantBroken, match="1 people live in no settlement"):
        monthly.recount(model)


def test_a_child_is_left_behind_when_no_parent_lives_with_it():
    p = Persons(4)
    p.append(4)  # 0 mother, 1 her partner, 2 child, 3 grandparent
    p.alive[:], p.root[:], p.residence[:] = 1, 0, [1, 0, 0, 0]
    p.birth_month[:] = MONTH - np.array([30, 31, 8, 70]) * 12
    p.mother[2], p.partner[0], p.partner[1] = 0, 1, 0
    people = p.bundle(counting.FamilyPeople)
    assert counting.count_left_behind(people, MONTH, 2, 0, 4).tolist() == [[0, 1], [0, 0]]  # the elder is alone
    p.residence[1] = 1
    assert counting.count_left_behind(people, MONTH, 2, 0, 4)[0, 0] == 1


def test_moves_are_counted_by_where_they_begin_and_end():
    model = country(2)
    model.world.lon, model.world.lat = np.array([100.0, 101, 110, 111]), np.array([30.0, 30, 30, 30])
    model.persons.root[:2] = [3, 0]
    model.month_moves = [
        (np.array([0, 1], "i4"), np.array([0, 2], "u2"), np.array([3, 2], "u2"), np.array([2, 0], "u1"))
    ]
    table = national.count_moves(model, monthly.moves_of(model))
    assert table[:, 0].tolist() == [0, 0, 1, 1]  # the move inside 2 arrives too
    assert table[:, 1].tolist() == [0, 0, 0, 1] and table[:, 2].tolist() == [1, 0, 0, 0]
    assert table[3, 3] == 1
    assert table[3, 4] == pytest.approx(1059, rel=0.01)


def test_flows_count_moves_and_people_apart():
    twice = np.array([[7, 7, 8], [0, 0, 0], [1, 1, 1], [3, 3, 3], [0, 0, 0]])
    rows = yearly.flow_rows(2021, [twice], N)
    assert rows["moves"].tolist() == [3] and rows["people_moved"].tolist() == [2]


def test_rates_on_too_few_agents_are_not_stated():
    assert np.isnan(national.ratio(np.array([3.0]), np.array([29])))[0]
    assert national.ratio(np.array([3.0]), np.array([30]))[0] == pytest.approx(0.1)


def test_circles_add_up_to_the_country():
    circles = national.Circles(np.array([2, 1, 2, 9]))
    assert circles.ids.tolist() == [0, 1, 2, 9]
    assert circles.sums(np.array([1, 10, 100, 1000])).tolist() == [1111, 10, 101, 1000]


def test_every_outcome_has_words_in_both_languages_and_a_unit():
    for outcome in DECLARED:
        assert outcome.label_en and outcome.label_zh and outcome.unit, outcome.name
    assert OUTCOMES["urban_share_resident"].headline


def test_rows_of_a_table_stay_whole_over_blocks_restores_and_months_without_any():
    from simulator.measures.observer import Rows

    rows, hand = Rows(), {"month": [], "share": [], "fen": []}
    for month in range(70):
        number = month % 5
        share = np.full(number, month if month < 30 else month + 0.5)  # whole numbers first, then others
        some = {"month": month, "share": share.astype(np.int64) if month < 30 else share, "fen": np.full(number, 2**40 + month)}
        rows.add(some)
        for name, values in some.items():
            hand[name] += [month] * number if name == "month" else values.tolist()
        if month % 20 == 0:
            kept = {name: values.copy() for name, values in rows.columns().items()}
            if month == 40:
                rows = Rows()
                rows.restore(kept)
    found = rows.columns()
    assert {name: values.tolist() for name, values in found.items()} == hand
    assert found["month"].dtype == np.int32 and found["share"].dtype == np.float64 and found["fen"].dtype == np.int64
