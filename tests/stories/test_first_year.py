"""The first year from the census: how many change their place of living, and how many of them go home."""

from __future__ import annotations

import pytest

from simulator.model import MigrationModel


@pytest.fixture(scope="module")
def first_year() -> dict[str, float]:
    """Millions of people in the twelve months after the census, at one agent for 10,000 people."""
    model = MigrationModel("baseline", persons_per_agent=10_000)
    total: dict[str, float] = {}
    for _ in range(12):
        model.step()
        for name, count in model.tally.items():
            total[name] = total.get(name, 0.0) + count / 100.0
    model.close()
    return total


def test_thirty_to_fifty_million_people_move_in_the_first_year(first_year):
    assert 30 <= first_year["moves"] <= 50, first_year["moves"]


def test_eight_to_sixteen_million_of_them_return_home(first_year):
    assert 8 <= first_year["returns"] <= 16, first_year["returns"]


def test_one_year_of_college_students_graduates_and_another_enters(first_year):
    """8.3 million graduated from regular courses in 2021 and 10.0 million entered (national statistics)."""
    assert 6 <= first_year["graduates"] <= 12, first_year["graduates"]
    assert 8 <= first_year["admitted"] <= 12, first_year["admitted"]


def test_births_and_deaths_are_those_of_2021(first_year):
    """10.6 million births and 10.1 million deaths (statistical communique of 2021)."""
    assert first_year["births"] == pytest.approx(11.0, rel=0.2)
    assert first_year["deaths"] == pytest.approx(10.1, rel=0.12)
