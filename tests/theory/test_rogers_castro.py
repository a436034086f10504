"""V11: the age schedule of migration of Rogers and Castro, through the kernel people's thoughts come from.

    m(x) = a1 exp(-alpha1 x) + a2 exp(-alpha2 (x - mu2) - exp(-lambda2 (x - mu2))) + c

Constants: `fundamental` from Rogers and Castro (1981), Model Migration Schedules, IIASA RR-81-30;
the two `western` ones from United Nations (1992), Preparing Migration Data for Subnational
Population Projections. Outcomes by arithmetic, ages in years, rates a year.
"""

from __future__ import annotations

import numpy as np
import pytest

from simulator.kernels.considering import rogers_castro
from simulator.mechanisms.migration import AGES, rogers_castro_table
from simulator.scenario import load_scenario

# a1, alpha1, a2, alpha2, mu2, lambda2, c
FUNDAMENTAL = (0.02, 0.10, 0.06, 0.10, 20.0, 0.40, 0.003)
MALE_WESTERN = (0.0215, 0.105, 0.0694, 0.112, 20.04, 0.391, 0.0028)
FEMALE_WESTERN = (0.0233, 0.107, 0.0766, 0.1436, 20.632, 0.4003, 0.0036)

KNOWN = [
    # constants, low point, peak age, m(peak), sum over ages 0 to 80
    (FUNDAMENTAL, 15.41, 23.32, 0.03797, 0.99553),
    (MALE_WESTERN, 15.28, 23.12, 0.04111, 0.99919),
    (FEMALE_WESTERN, 15.86, 23.10, 0.04260, 0.99599),
]


def schedule(ages, constants) -> np.ndarray:
    return np.array([rogers_castro(float(age), *constants) for age in ages])


@pytest.mark.parametrize(("constants", "low", "peak", "height", "total"), KNOWN, ids=["fundamental", "male", "female"])
def test_published_schedules_have_their_low_point_peak_and_sum(constants, low, peak, height, total):
    ages = np.arange(5.0, 40.0, 0.005)
    rates = schedule(ages, constants)
    top = int(rates.argmax())
    assert ages[top] == pytest.approx(peak, abs=0.0075)
    assert rates[top] == pytest.approx(height, abs=5e-6)
    assert ages[rates[:top].argmin()] == pytest.approx(low, abs=0.0075)
    assert schedule(range(81), constants).sum() == pytest.approx(total, abs=5e-6)


def test_the_fundamental_schedule_at_birth_at_twenty_and_its_share_of_young_adults():
    rates = schedule(range(101), FUNDAMENTAL)
    # at birth the labour term is exp(-(e^8 - 2)) of its height: nothing
    assert rates[0] == pytest.approx(0.0230, abs=1e-9)
    assert rates[20] == pytest.approx(0.027779, abs=5e-7)
    assert rates[15:35].sum() / rates.sum() == pytest.approx(0.47671, abs=5e-6)


def test_the_labour_term_alone_peaks_where_its_formula_says():
    _, _, a2, alpha2, mu2, lambda2, _ = FUNDAMENTAL
    ages = np.arange(20.0, 27.0, 0.0005)
    rates = schedule(ages, (0.0, 0.1, a2, alpha2, mu2, lambda2, 0.0))
    formula = mu2 + np.log(lambda2 / alpha2) / lambda2
    assert formula == pytest.approx(23.4657, abs=5e-5)
    assert ages[rates.argmax()] == pytest.approx(formula, abs=0.001)


def test_the_model_s_own_table_is_this_schedule_at_whole_ages():
    scenario = load_scenario("teaching", {})
    names = ("a1", "alpha1", "a2", "alpha2", "mu2", "lambda2", "c")
    constants = [float(scenario[f"migration.rc_{name}"]) for name in names]
    table = rogers_castro_table(scenario)
    assert np.array_equal(table, schedule(range(AGES), constants))
    assert 15 < table.argmax() < 35
