"""Random scenarios of two years break no invariant: what is counted again every month always fits."""

from __future__ import annotations

import pytest

from tests.random_scenarios import Passed, draw_scenario, live

QUICK, ALL, CHUNK = range(8), range(200), 10


@pytest.mark.parametrize("number", QUICK)
def test_a_random_scenario_breaks_no_invariant(number):
    live(*draw_scenario(number))


@pytest.mark.long
@pytest.mark.parametrize("first", range(0, len(ALL), CHUNK))
def test_two_hundred_random_scenarios_break_no_invariant(first):
    """Ten at a time; those that have passed with exactly this code are not lived again."""
    passed = Passed("random-scenarios")
    for number in ALL[first : first + CHUNK]:
        if number not in passed.numbers:
            live(*draw_scenario(number))
            passed.note(number)


def test_the_same_number_draws_the_same_scenario_and_another_another():
    first, again, other = (draw_scenario(number) for number in (11, 11, 12))
    assert first == again and first[1] != other[1]
