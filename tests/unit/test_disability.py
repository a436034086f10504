"""Disability: who is, who works where, what firms owe or get, and that all of it is booked; sums by hand."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.foundations.units import EMPLOYED, FARMING, INACTIVE, STUDENT
from simulator.kernels import caring
from simulator.model import MigrationModel


def test_luck_below_the_rate_disables_and_below_a_third_of_it_severely():
    assert [caring.disability_of(luck, 0.03, 1 / 3) for luck in (0.005, 0.0101, 0.0299, 0.03, 0.9)] == [2, 1, 1, 0, 0]


def test_at_full_capacity_nobody_is_disabled_more_often_for_the_work_they_do():
    assert {caring.disability_at_work(state, 1.0) for state in range(9)} == {1.0}
    found = [caring.disability_at_work(state, 0.5) for state in (EMPLOYED, FARMING, STUDENT, INACTIVE)]
    assert found == [0.5, 0.75, 1.0, 6.0]


def test_the_rate_is_the_share_of_people_of_working_age():
    """Two of 30 (frailty .5), employed (.5 at c = .5) and farming (.75), one of 50 (1.1), inactive (6), one of 70 who does not
    count: .02 x 3 / (.25 + .375 + 6.6)."""
    births, states = np.array([2400 - 360, 2400 - 360, 2400 - 600, 2400 - 840], "i2"), np.array([EMPLOYED, FARMING, INACTIVE, INACTIVE], "u1")
    assert caring.scale_disability(0.02, 0.5, 2400, births, states) == pytest.approx(0.06 / 7.225)


def test_a_firm_short_of_its_quota_pays_for_those_missing_and_one_beyond_it_is_paid():
    """Quota 2 %. 100 workers, none disabled: 2 missing x .9 x mean pay of 5,000 yuan = 9,000; of 30 nobody is missed; of 50
    with 3, two beyond 1: 800 yuan; a public employer does neither."""
    assert caring.levy_of(0, 100, 0.02, 30, 0.9, 50_000_000) == 900_000
    assert caring.levy_of(0, 30, 0.02, 30, 0.9, 15_000_000) == 0 == caring.levy_of(2, 100, 0.02, 30, 0.9, 50_000_000)
    assert caring.subsidy_of(3, 50, 0.02, 40_000.0) == 80_000 and caring.subsidy_of(0, 50, 0.02, 40_000.0) == 0
    cash, levied, granted = np.full(4, 1_000_000), np.zeros(2, np.int64), np.zeros(2, np.int64)
    caring.settle_quota(
        np.array([1, 1, 1, 0], "u1"), np.array([0, 2, 5, 0], "u1"), np.array([0, 1, 1, 0], "u2"), np.array([0, 3, 0, 0], "u2"),
        np.array([60, 40, 50, 0, 500, 500, 0, 0]), np.array([30_000_000, 20_000_000, 25_000_000, 0, 10**9, 10**9, 0, 0]),
        (0.02, 30, 0.9, 40_000.0), cash, levied, granted,
    )  # fmt: skip
    assert cash.tolist() == [100_000, 1_080_000, 1_000_000, 1_000_000]
    assert levied.tolist() == [900_000, 0] and granted.tolist() == [0, 80_000]


@pytest.mark.parametrize("people", [0, 3, 8, 21])
def test_disabled_workers_are_counted_by_firm_and_the_severely_disabled_listed(people):
    luck = np.random.default_rng(people)
    disability, alive = luck.integers(0, 3, people).astype("u1"), luck.integers(0, 2, people).astype("u1")
    employer = luck.integers(-1, 6, people).astype("i4")
    disabled, severe = np.full(3, 9, "u2"), np.empty(people, "i4")
    count = caring.count_disabled(disability, alive, employer, disabled, severe)
    rows = [i for i in range(people) if alive[i] and disability[i]]
    assert disabled.tolist() == [sum(employer[i] // 2 == f for i in rows if employer[i] >= 0) for f in range(3)]
    assert severe[:count].tolist() == [i for i in rows if disability[i] == 2]


def test_a_firm_short_of_its_quota_takes_the_disabled_first_and_others_take_half_of_them():
    last = np.uint64(2**64 - 1)
    assert caring.chance_of(True, last, 0.0, 1, 24_000, np.uint64(7)) == (True, 2**32 - 1)
    able = [caring.chance_of(False, last, 0.5, 1, 24_000, np.uint64(uid))[0] for uid in range(2000)]
    assert 0.45 < np.mean(able) < 0.55
    assert [caring.is_short(n, 100, 0.02, 30) for n in (1, 2)] == [True, False] and not caring.is_short(0, 30, 0.02, 30)


@pytest.fixture(scope="module")
def lived():
    """A year in which firms of any size owe, so that the small firms of the teaching circle do."""
    model = MigrationModel("teaching", months=12, floor__levy_exempt=2.0)
    seen = []
    for _ in range(12):
        model.step()
        seen.append({name: model.ledger.total(name) for name in ("disability_levy", "disability_subsidy", "care_allowance")})
    return model, seen


def test_levy_subsidy_and_allowance_are_paid_every_month_and_the_books_close(lived):
    model, seen = lived
    assert all(min(month.values()) > 0 for month in seen)
    p = model.persons
    severe = int(((p.alive == 1) & (p.disability == 2)).sum())
    assert seen[-1]["care_allowance"] == pytest.approx(8_000 * severe, abs=8_000 * 3)  # some were born or died since


def test_without_any_disability_policy_nothing_of_it_is_paid():
    model = MigrationModel("teaching", months=3, floor__disability_quota=0.0, floor__quota_subsidy=0.0, floor__care_allowance=0.0)
    for _ in range(3):
        model.step()
        assert all(model.ledger.total(name) == 0 for name in ("disability_levy", "disability_subsidy", "care_allowance"))


def test_disabled_people_have_work_less_often():
    model = MigrationModel("baseline", persons_per_agent=50_000)
    p, age = model.persons, (model.month - model.persons.birth_month.astype(int)) // 12
    adults = (p.alive == 1) & (age >= 16) & (age < 60)
    at_work = np.isin(p.state, (EMPLOYED, FARMING, 4, 5))
    disabled = adults & (p.disability > 0)
    assert 0.4 < at_work[disabled].mean() < 0.6 and at_work[adults & ~disabled].mean() > 0.75
    assert disabled.sum() / adults.sum() == pytest.approx(0.02, abs=0.003)
