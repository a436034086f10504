"""Worlds at the edge of what can be are lived for two years: no crash, no warning, nothing infinite, every fen in the books."""

from __future__ import annotations

import pytest

from tests.edge_worlds import EDGES, QUICK
from tests.random_scenarios import live


def lives(name: str) -> None:
    make, settings = EDGES[name]
    model = live(make, settings)
    assert model.month - model.start == 24
    assert not any(model.ledger.imbalances(*held(model)).values())


def held(model):
    from simulator.measures.money import money_held

    return money_held(model)


@pytest.mark.parametrize("name", QUICK)
def test_a_world_at_the_edge_is_lived_for_two_years(name):
    lives(name)


@pytest.mark.long
@pytest.mark.parametrize("name", [name for name in EDGES if name not in QUICK])
def test_every_other_world_at_the_edge_is_lived_for_two_years(name):
    lives(name)


def test_there_are_at_least_forty_worlds_at_the_edge_and_the_quick_ones_are_among_them():
    assert len(EDGES) >= 40 and set(QUICK) <= set(EDGES)


def test_a_bankrupt_government_provides_nothing_beyond_what_it_must_and_is_supported():
    make, settings = EDGES["bankrupt governments"]
    model = live(make, settings, months=6)
    assert (model.governments.provision < 0.1).all() and (model.governments.support > 0).any()
    assert (model.ledger.local >= 0).all()


def test_where_all_of_pay_is_taxed_wages_reach_people_before_tax_and_leave_again():
    make, settings = EDGES["all of pay taxed"]
    model = live(make, settings, months=2)
    paid = model.ledger.total
    assert paid("income_tax_local") + paid("income_tax_central") > 0 and paid("wages") > 0
