"""Who applies where and who is taken: small markets by hand."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from simulator.foundations.crew import Crew
from simulator.foundations.streams import SEARCH
from simulator.foundations.units import EMPLOYED, FARMING, INACTIVE, NOBODY, UNEMPLOYED
from simulator.kernels import labour, matching, producing
from simulator.mechanisms import employment
from simulator.mechanisms.employment import make_labour_tables
from simulator.state.employers import Employers, pool_row
from simulator.state.persons import Persons

SEED, MONTH = np.uint64(5), 24_251


def country(hours: float = 0.5, circles=(1, 1), wage=(4e5, 4e5), posted=(5.0, 5.0), income: float = 3e5, reserve: float = 0.0,
            transit: float = 1.0):  # fmt: skip
    """Two places: tables, and reach with this month's pulls."""
    pair = np.array([[0.0, hours], [hours, 0.0]])
    tables = make_labour_tables(np.array(circles), pair, 1.0)
    pay = np.repeat(np.array(wage)[:, None], 2, axis=1)
    jobs_posted = np.repeat(np.array(posted)[:, None], 2, axis=1)
    reach, incomes = matching.empty_reach(tables.reach_start, tables.reach_place), np.full(2, income)
    matching.weigh_places(
        tables.reach_start, tables.reach_place, tables.reach_hours, np.full(2, transit), pay, jobs_posted, incomes, incomes,
        np.full(5, reserve), 1.0, 0.15, 2.0, 0.5, *reach[2:],
    )  # fmt: skip
    return lines_in_order(), reach, pay


def lines_in_order():
    """Job lines of one firm in each sector of two places, and their order in the market."""
    lines = Employers.one_firm_each(2)
    order = np.empty(len(lines), dtype=np.int32)
    producing.line_up_markets(lines.place, lines.skill, 4, order)
    return SimpleNamespace(order=order, **lines.arrays())


def crowd(n: int, state: int = UNEMPLOYED) -> Persons:
    """n people alike, at home in place 0."""
    p = Persons(n)
    p.append(n)
    p.uid[:] = np.arange(n)
    p.alive[:] = 1
    p.state[:] = state
    p.residence[:] = p.root[:] = p.hukou_place[:] = 0
    p.birth_month[:] = MONTH - 360
    return p


def apply(p: Persons, tables, reach, pay, vacancies, referral: float = 0.0):
    """Market and vacancy of each application, the jobs and the employer of each vacancy."""
    first, market_first = np.zeros(24, dtype=np.int64), np.zeros(5, dtype=np.int64)
    employer_of = np.empty(int(vacancies.sum()), dtype=np.int32)
    matching.line_up_vacancies(
        tables.order, tables.place, tables.skill, vacancies, 4, first, market_first, employer_of
    )
    jobs = matching.Jobs(
        tables.place, tables.skill, tables.formal, vacancies, first, market_first, tables.headcount, np.zeros(12, dtype=np.uint16)
    )
    n = len(p)
    market, vacancy = np.empty(n, dtype=np.int32), np.empty(n, dtype=np.int64)
    matching.apply_for_jobs(
        np.arange(n, dtype=np.int32), p.bundle(matching.Workers), jobs, employer_of, reach, pay, SEED, MONTH,
        referral, 0.15, 1.0, (0.0, 0, 1.0), market, vacancy, np.empty(n, dtype=np.uint64), 0, n,
    )  # fmt: skip
    return market, vacancy, jobs, employer_of


def vacancies_at(**rows: int) -> np.ndarray:
    """Vacancies by employer row, `r5=2` for two at row 5."""
    counts = np.zeros(24, dtype=np.int64)
    for name, count in rows.items():
        counts[int(name[1:])] = count
    return counts


def test_vacancies_stand_in_line_by_market_then_employer():
    tables, reach, pay = country()
    # rows 0, 2 and 11 are place 0 (skill 0, 0, 1), row 12 is place 1, skill 0
    vacancies = vacancies_at(r0=2, r2=1, r11=1, r12=3)
    _, _, jobs, employer_of = apply(crowd(1), tables, reach, pay, vacancies)
    assert employer_of.tolist() == [0, 0, 2, 11, 12, 12, 12]
    assert jobs.market_first.tolist() == [0, 3, 4, 7, 7]


def test_searchers_choose_places_by_wage_net_of_commuting_and_vacancies():
    tables, reach, pay = country(hours=0.5, wage=(4e5, 6e5), posted=(5.0, 20.0))
    market, _, _, _ = apply(crowd(20_000), tables, reach, pay, vacancies_at(r0=5, r12=20))
    # utilities: 2 ln w(1 - .15 h) + .5 ln(v + .1)
    near, far = 4e5**2 * 5.1**0.5, (6e5 * 0.925) ** 2 * 20.1**0.5
    share = far / (near + far)
    assert np.mean(market == 2) == pytest.approx(share, abs=4 * np.sqrt(share * (1 - share) / 20_000))


def test_nobody_applies_beyond_the_circle_or_the_longest_commute():
    for tables, reach, pay in (country(circles=(1, 2)), country(hours=1.2)):
        market, _, _, _ = apply(crowd(500), tables, reach, pay, vacancies_at(r0=5, r12=20))
        assert (market == 0).all()


def test_better_transit_brings_a_place_within_reach():
    _, reach, _ = country(hours=1.2, transit=0.75)
    assert reach.share[1] == pytest.approx(1 - 0.15 * 0.9)


def test_a_change_in_one_place_moves_only_those_it_attracts():
    tables, before, pay = country()
    _, after, _ = country(wage=(4e5, 4.4e5))
    p = crowd(5_000)
    vacancies = vacancies_at(r0=5, r12=5)
    first, _, _, _ = apply(p, tables, before, pay, vacancies)
    second, _, _, _ = apply(p, tables, after, pay, vacancies)
    assert not ((first == 2) & (second == 0)).any()
    assert ((first == 0) & (second == 2)).any()


def test_a_referral_leads_to_the_employer_of_a_working_tie_of_the_same_skill():
    tables, reach, pay = country()
    p = crowd(200)
    row = int(pool_row(1, 3, 0))
    p.state[199], p.employer[199], p.residence[199] = EMPLOYED, row, 1
    p.tie3[:199] = 199
    vacancies = vacancies_at(r0=50) + np.eye(24, dtype=np.int64)[row]
    _, vacancy, _, employer_of = apply(p, tables, reach, pay, vacancies, referral=1.0)
    assert (employer_of[vacancy[:199]] == row).all()
    p.alive[199] = 0
    _, vacancy, _, employer_of = apply(p, tables, reach, pay, vacancies, referral=1.0)
    assert not (vacancy[:199] < 0).all()
    assert (employer_of[vacancy[:199]][vacancy[:199] >= 0] == 0).any()


def test_an_employed_searcher_applies_only_for_five_percent_more():
    # the other place pays 1.1, 1.12 and 1.15 times as much; half an hour costs 7.5 %
    for wage, applies in ((4.4e5, False), (4.48e5, False), (4.6e5, True)):
        tables, reach, pay = country(wage=(4e5, wage), posted=(0.0, 1e12))
        p = crowd(50, EMPLOYED)
        p.workplace[:], p.employer[:], p.wage[:] = 0, 0, 390_000
        market, _, _, _ = apply(p, tables, reach, pay, vacancies_at(r0=5))
        assert ((market >= 0) == applies).all()


def test_farmers_leave_the_land_by_a_logit_in_pay():
    tables, reach, pay = country(circles=(1, 2), income=2e5, reserve=1.0)
    market, _, _, _ = apply(crowd(20_000, FARMING), tables, reach, pay, vacancies_at(r0=5))
    expected = labour.willing_to_leave(4e5, 2e5, 1.0)
    assert expected == pytest.approx(1 / (1 + np.exp(-(np.log(2) - 1.0) / 0.3)))
    assert np.mean(market >= 0) == pytest.approx(expected, abs=4 * np.sqrt(expected * (1 - expected) / 20_000))


def test_only_those_still_in_the_state_they_were_screened_in_search():
    p = crowd(6)
    p.state[:] = [UNEMPLOYED, EMPLOYED, UNEMPLOYED, FARMING, INACTIVE, INACTIVE]
    p.birth_month[5] = MONTH - 12 * 60
    screened_as = np.array([3, 0, 0, 2, 3, 3]) * 2
    rows = np.arange(6, dtype=np.int32)
    model = SimpleNamespace(seed=np.uint64(1), scenario={}, 
        unemployed=rows[:1], candidates={SEARCH: rows[1:]}, screen_class=screened_as.astype(np.uint16), month=MONTH, crew=Crew(2)
    )
    out, jobless = employment.gather_searchers(model, p.bundle(matching.Workers))
    # 2 lost the job this month and searches from next month; 5 is past the age of coming back
    assert out.tolist() == [0, 4, 1, 3]
    assert jobless == 2


def test_starting_a_job_leaves_the_old_one():
    tables, reach, pay = country(wage=(4e5, 6e5), posted=(0.0, 1e12))
    p = crowd(2, EMPLOYED)
    p.workplace[:], p.employer[:], p.wage[:] = 0, 4, 100_000
    headcount, filled, separations = (np.zeros(24, dtype=np.int64) for _ in range(3))
    headcount[4] = 2
    vacancies = vacancies_at(r12=1)
    market, vacancy, jobs, employer_of = apply(p, tables, reach, pay, vacancies)
    taker, applications = np.empty(1, dtype=np.int32), np.zeros(4, dtype=np.int64)
    rows = np.arange(2, dtype=np.int32)
    people = p.bundle(matching.Workers)
    priority = np.array([9, 4], dtype=np.uint64)
    matching.take_applicants(rows, p.uid, market, vacancy, priority, taker, applications)
    found, hires = np.zeros((2, 2), dtype=np.int64), np.zeros(5, dtype=np.int64)
    left = np.empty(1, dtype=np.int32)
    matching.start_jobs(rows, taker, employer_of, people, jobs, pay, SEED, MONTH, 0.0, 0.0, 1.0, left, found, hires)
    matching.count_starts(taker, employer_of, left, headcount, filled, separations)
    assert taker.tolist() == [1]
    assert (headcount[12], headcount[4], filled[12], separations[4]) == (1, 1, 1, 1)
    assert (p.employer[1], p.wage[1], p.insurance[1]) == (12, 600_000, 2)
    assert (p.employer[0], p.wage[0]) == (4, 100_000)
    assert hires.tolist() == [0, 1, 0, 0, 0]
    assert NOBODY not in p.employer
