"""The urn-ball law: u applications on v vacancies fill v (1 - (1 - 1/v)^u) of them."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.kernels import matching
from simulator.state.persons import Persons

JOBLESS = matching.UNEMPLOYED


def one_place(searchers: int, employers: int) -> tuple:
    """Everyone jobless in one settlement; employers without ties to them."""
    p = Persons(searchers)
    p.append(searchers)
    p.uid[:] = np.arange(searchers)
    p.alive[:] = 1
    p.residence[:] = p.root[:] = p.hukou_place[:] = 0
    p.state[:] = JOBLESS
    start, place = np.array([0, 1], dtype=np.int32), np.zeros(1, dtype=np.uint16)
    reach, pay = matching.empty_reach(start, place), np.full((1, 2), 4e5)
    matching.weigh_places(
        start, place, np.zeros(1), np.ones(1), pay, np.full((1, 2), 9.0), np.ones(1), np.ones(1), np.zeros(5), 1.0, 0.15,
        2.0, 0.5, *reach[2:],
    )  # fmt: skip
    return p.bundle(matching.Workers), reach


def match(people, reach, vacancies: np.ndarray, month: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Takers of the vacancies and the vacancy each searcher applied to, by the real kernels."""
    employers, n = len(vacancies), len(people.uid)
    places, skill = np.zeros(employers, dtype=np.uint16), np.zeros(employers, dtype=np.uint8)
    first, market_first = np.zeros(employers, dtype=np.int64), np.zeros(3, dtype=np.int64)
    employer_of = np.empty(int(vacancies.sum()), dtype=np.int32)
    order = np.arange(employers, dtype=np.int32)
    matching.line_up_vacancies(order, places, skill, vacancies, 2, first, market_first, employer_of)
    jobs = matching.Jobs(places, skill, skill, vacancies, first, market_first, np.zeros(employers, dtype=np.int64), np.zeros(employers, dtype=np.uint16))
    rows = np.arange(n, dtype=np.int32)
    market, vacancy = np.empty(n, dtype=np.int32), np.empty(n, dtype=np.int64)
    priority = np.empty(n, dtype=np.uint64)
    matching.apply_for_jobs(
        rows, people, jobs, employer_of, reach, np.full((1, 2), 4e5), np.uint64(seed), month, 0.3, 0.15, 1.0, (0.0, 0, 1.0), market, vacancy,
        priority, 0, n,
    )  # fmt: skip
    taker, applications = np.empty(len(employer_of), dtype=np.int32), np.zeros(2, dtype=np.int64)
    matching.take_applicants(rows, people.uid, market, vacancy, priority, taker, applications)
    assert applications[0] == n
    return taker, vacancy


@pytest.mark.parametrize(
    ("applicants", "posts", "expected"),
    [(1000, 1000, 632.3046), (500, 1000, 393.6210), (2000, 700, 659.8792)],
)
def test_a_thousand_applicants_on_a_thousand_posts_fill_632(applicants, posts, expected):
    law = posts * (1.0 - (1.0 - 1.0 / posts) ** applicants)
    assert law == pytest.approx(expected, abs=2e-3)
    people, reach = one_place(applicants, 10)
    vacancies = np.full(10, posts // 10, dtype=np.int64)
    filled = np.array([np.count_nonzero(match(people, reach, vacancies, 24_000 + t)[0] >= 0) for t in range(200)])
    standard_error = filled.std(ddof=1) / np.sqrt(len(filled))
    assert abs(filled.mean() - law) < 3 * standard_error


def test_a_vacancy_takes_one_of_its_own_applicants_and_a_searcher_gets_one_job():
    people, reach = one_place(1000, 10)
    taker, vacancy = match(people, reach, np.array([0, 500, 3, 0, 97], dtype=np.int64), 24_300)
    taken = taker[taker >= 0]
    assert len(np.unique(taken)) == len(taken)
    for v in np.flatnonzero(taker >= 0):
        assert vacancy[taker[v]] == v


def test_who_is_taken_does_not_depend_on_the_order_of_the_searchers():
    people, reach = one_place(300, 10)
    turned = type(people)(*[column[::-1].copy() for column in people])
    vacancies = np.full(10, 10, dtype=np.int64)
    straight, _ = match(people, reach, vacancies, 24_400)
    back, _ = match(turned, reach, vacancies, 24_400)
    assert np.array_equal(straight >= 0, back >= 0)
    filled = straight >= 0
    assert np.array_equal(people.uid[straight[filled]], turned.uid[back[filled]])
