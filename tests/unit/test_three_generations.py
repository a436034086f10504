"""A grown daughter, her young mother and her grandmother under one roof, whatever the order of their rows."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from simulator.kernels.families import set_up_households


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_three_generations_share_a_household_in_every_order_of_rows(order):
    """Ages 18, 34 and 50 years; with share 1 every unmarried person below 35 lives with her mother. The last row is a stranger."""
    ages, mothers = (18, 34, 50, 60), (1, 2, -1, -1)
    month, n = 24_000, 4
    row = {who: k for k, who in enumerate(order)} | {3: 3}
    birth, mother = np.zeros(n, np.int32), np.full(n, -1, np.int32)
    for who in range(n):
        birth[row[who]] = month - 12 * ages[who] - 1
        mother[row[who]] = row[mothers[who]] if mothers[who] >= 0 else -1
    nobody, place = np.full(n, -1, np.int32), np.zeros(n, np.uint16)
    household = np.zeros(n, np.int32)
    people = (birth, np.full(n, 4, np.uint8), nobody, mother, nobody, nobody, np.zeros(n, np.uint8), place, place, place, household)
    homes = (np.zeros(n, np.int32), np.zeros(n, np.uint16), np.zeros(n, np.uint16), np.zeros(n, np.uint8), np.zeros(n, np.uint16))
    count = set_up_households(np.uint64(1), np.int64(month), 1, 1.0, np.zeros(1, np.uint8), people, homes)
    assert count == 2 and household.tolist() == [0, 0, 0, 1] and homes[4][:2].tolist() == [3, 1]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_an_elder_lives_where_the_child_she_lives_with_has_found_a_home(order):
    """A woman of 95 lives with her daughter of 72, who lives with her own daughter of 45: one household, in every order of rows."""
    ages, hosts = (95, 72, 45, 60), (1, 2, -1, -1)
    month, n = 24_000, 4
    row = {who: k for k, who in enumerate(order)} | {3: 3}
    birth, mother, host = np.zeros(n, np.int32), np.full(n, -1, np.int32), np.full(n, -1, np.int32)
    for who in range(n):
        birth[row[who]] = month - 12 * ages[who] - 1
        host[row[who]] = row[hosts[who]] if hosts[who] >= 0 else -1
        if who in (1, 2):
            mother[row[who]] = row[who - 1]
    nobody, place = np.full(n, -1, np.int32), np.zeros(n, np.uint16)
    household = np.zeros(n, np.int32)
    people = (birth, np.full(n, 4, np.uint8), nobody, mother, nobody, host, np.zeros(n, np.uint8), place, place, place, household)
    homes = (np.zeros(n, np.int32), np.zeros(n, np.uint16), np.zeros(n, np.uint16), np.zeros(n, np.uint8), np.zeros(n, np.uint16))
    count = set_up_households(np.uint64(1), np.int64(month), 1, 1.0, np.zeros(1, np.uint8), people, homes)
    family = {int(household[row[who]]) for who in range(3)}
    assert count == 2 and len(family) == 1 and int(homes[4][family.pop()]) == 3
