"""From the census to December 2024 with one set of parameters, against what was published.

What misses is told in docs/validation.md: outgoing migrant workers of 2024 are about 5 % too few,
and are held here only to a wider bound.
"""

from __future__ import annotations

import pytest

from experiments.validation import first_years
from experiments.validation.first_years import YEARS, guess_naively, mean_error
from simulator.model import MigrationModel


@pytest.fixture(scope="module")
def published():
    return first_years.read_published()


@pytest.fixture(scope="module")
def lived():
    model = MigrationModel("baseline")
    found, _ = first_years.live_first_years(model)
    model.close()
    return found


def misses(lived, published, name) -> dict[int, float]:
    """Relative miss by year."""
    return {year: lived[name][year] / published[name][year] - 1 for year in YEARS if year in published[name]}


def test_the_urban_share_is_nearer_than_no_change_and_than_the_trend(lived, published):
    guesses = guess_naively(published["urban share"])
    error = mean_error(lived["urban share"], published["urban share"])
    assert error <= 0.6
    assert error < min(mean_error(guess, published["urban share"]) for guess in guesses.values())


def test_migrant_workers_in_all_are_within_two_and_a_half_percent(lived, published):
    found = misses(lived, published, "migrant workers")
    assert len(found) == 4 and max(map(abs, found.values())) <= 0.025, found


def test_local_migrant_workers_are_within_four_percent(lived, published):
    found = misses(lived, published, "local")
    assert len(found) == 4 and max(map(abs, found.values())) <= 0.04, found


def test_outgoing_migrant_workers_are_within_four_percent_until_2023(lived, published):
    found = misses(lived, published, "outgoing")
    assert max(abs(found[year]) for year in (2021, 2022, 2023)) <= 0.04, found
    assert abs(found[2024]) <= 0.065, found


def test_fewer_and_fewer_work_in_another_province(lived):
    found = lived["inter-provincial"]
    assert found[2021] > found[2022] > found[2023]


def test_trend_and_no_change_are_what_they_say():
    """10 in 2015 and 20 in 2020: no change says 20, the trend adds 2 a year."""
    guesses = guess_naively({2014: 99.0, 2015: 10.0, 2020: 20.0, 2021: 23.0})
    assert guesses["no change"][2021] == 20 and guesses["trend"] == {2021: 22, 2022: 24, 2023: 26, 2024: 28}
    assert mean_error(guesses["trend"], {2021: 23.0}) == 1.0


def test_the_page_takes_each_table_between_its_markers():
    page = "a\n<!-- errors -->\nold\n<!-- end of errors -->\nb"
    renewed = first_years.fill_page(page, {"errors": "| new |"})
    assert "old" not in renewed and "| new |" in renewed and renewed.startswith("a\n") and renewed.endswith("\nb")
    assert first_years.fill_page(renewed, {"errors": "| new |"}) == renewed
    with pytest.raises(ValueError, match="markers"):
        first_years.fill_page("no markers", {"errors": ""})
