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
