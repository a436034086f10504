"""Before the first month the people of the model are those of the census, and earn what was published."""

from __future__ import annotations

import pytest

from experiments.validation.base_year import compare_base_year, incomes_received
from simulator.model import MigrationModel


@pytest.fixture(scope="module")
def model() -> MigrationModel:
    made = MigrationModel("baseline")
    made.close()
    return made


@pytest.fixture(scope="module")
def checks(model):
    return {check.name: check for check in compare_base_year(model)}


@pytest.mark.parametrize(
    "name",
    [
        "residents by province",
        "urban share",
        "hukou elsewhere, same county: nation",
        "hukou elsewhere, same county: by province",
        "hukou elsewhere, same province: nation",
        "hukou elsewhere, same province: by province",
        "hukou elsewhere, other province: nation",
        "hukou elsewhere, other province: by province",
        "urban income per head by province",
        "rural income per head by province",
    ],
)
def test_the_base_year_equals_what_was_published(checks, name):
    check = checks[name]
    provinces = 1 if name.endswith("nation") or name == "urban share" else 31
    assert len(check.found) == len(check.published) == provinces
    assert not len(check.beyond), {int(row): float(check.miss[row]) for row in check.beyond}


def test_no_check_of_the_base_year_is_left_out(checks):
    assert len(checks) == 10


def test_a_miss_is_seen(checks):
    """Two in a hundred too many in one province are beyond what is allowed for residents."""
    check = checks["residents by province"]
    wrong = check.published.copy()
    wrong[3] *= 1.02
    assert check._replace(found=wrong).beyond.tolist() == [3]


def test_incomes_are_those_the_first_month_pays(model):
    """Everyone's income now, in yuan, is the sum of wages of those employed and of what places give."""
    heads, money = incomes_received(model)
    assert heads.sum() == (model.persons.alive == 1).sum()
    assert (money >= 0).all() and money.sum() > model.counts.pay.sum() / 100
