"""Governments: budgets that are the published ones, transfers that add up, and what happens to who cannot pay."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from simulator.foundations.units import COLLEGE, NOWHERE
from simulator.measures.observer import Observer
from simulator.mechanisms import treasury
from simulator.model import MigrationModel
from simulator.state.books import FLOWS, Books, Flow
from simulator.worlds.library import load_world

YEAR_YUAN = 12 / 100
"""Fen a month in yuan a year."""


@pytest.fixture(scope="module")
def china():
    model = MigrationModel("baseline", persons_per_agent=500_000, inversion=False)
    yield model
    model.close()


@pytest.fixture
def circle():
    model = MigrationModel("teaching", inversion=False)
    yield model
    model.close()


def test_base_budgets_are_those_of_the_provinces_in_2020(china):
    published = load_world("china-provinces", 2020).local_budget
    budgets = china.governments.budget_base.sum(axis=1) * china.persons_per_agent * YEAR_YUAN
    assert np.allclose(budgets, published[:, 0], rtol=1e-12)
    assert published[:, 0].sum() == pytest.approx(21.058e12, rel=1e-3)  # the nation: 21.06 trillion
    education = china.governments.budget_base[:, 1] * china.persons_per_agent * YEAR_YUAN
    assert np.allclose(education, published[:, 1], rtol=1e-12)


def test_central_transfers_of_the_base_year_are_8330_billion_and_budgets_are_covered(china):
    g = china.governments
    rebates = g.rebate_rate[0] * g.own_base
    transfers = (rebates + g.earmarked_base + g.equalisation_base).sum() * china.persons_per_agent * YEAR_YUAN
    assert transfers == pytest.approx(8.33e12, rel=1e-6)
    land = china.governments.land_rate[0] * np.bincount(china.ledger.government_of, treasury.land_worth(china))
    have = g.own_base + land + rebates + g.earmarked_base + g.equalisation_base - g.remittance_base
    assert np.allclose(have, g.budget_base.sum(axis=1), rtol=1e-6)


def test_the_first_month_spends_the_budgets(china):
    china.step()
    g = china.governments
    assert np.allclose(g.spending.sum(axis=1), g.budget_base.sum(axis=1), rtol=0.03)
    assert (g.provision == 1.0).all() and (g.support == 0).all()


def test_spending_by_function_is_what_left_the_governments_and_borrowing_becomes_debt(circle):
    book, g = circle.ledger, circle.governments
    for _ in range(3):
        debt = g.debt.copy()
        circle.step()
        paid = sum(book.by_government(book.amounts[k, 0]) for k, flow in enumerate(book.flows)
                   if flow.payer == "local_government" and flow.name not in ("local_repayment", "remittance_to_centre", "paired_assistance"))  # fmt: skip
        assert np.array_equal(g.spending.sum(axis=1), paid)
        assert np.array_equal(g.debt - debt, g.borrowed - g.repaid)
        assert (book.local >= 0).all() and (g.debt >= 0).all()


def test_a_government_that_plans_three_times_its_revenue_borrows_to_its_cap_and_then_provides_less(circle):
    g = circle.governments
    circle.step()
    debt, stock = g.debt.copy(), circle.settlements.service_stock.sum()
    g.budget_base *= 3.0
    revenue = np.zeros(len(g))
    for _ in range(24):
        circle.step()  # what governments order lifts prices and taxes for a while
        revenue = np.maximum(revenue, 12.0 * (g.own_smoothed + g.land_revenue + g.transfers_in))
    assert (g.debt > debt).all() and (g.debt <= 1.2 * revenue).all()
    assert (g.provision < 0.7).all() and (g.support == 0).all()
    assert circle.settlements.service_stock.sum() < 0.99 * stock
    assert (circle.ledger.local >= 0).all()


def test_a_paired_circle_gives_its_partner_the_share_of_own_revenue_the_lever_says_and_no_more_than_it_has(circle):
    g, book, plain = circle.governments, circle.ledger, circle.levers.rest
    giver, taker = 0, 1
    g.partner[:] = -1
    g.partner[giver] = taker
    circle.step()
    assert (g.assistance == 0).all() and not book.amounts[book.row["paired_assistance"]].any()  # at rest

    def rest() -> None:
        plain()
        circle.levers.paired_assistance[:] = 0.1

    circle.levers.rest = rest
    circle.step()
    given = int(0.1 * g.own_smoothed[giver])
    assert g.assistance.tolist() == [-given, given] and given > 0
    row = book.amounts[book.row["paired_assistance"]]
    assert np.array_equal(book.by_government(row[0]), [given, 0]) and np.array_equal(book.by_government(row[1]), [0, given])


def test_unspent_money_becomes_services_after_the_time_of_building(circle):
    twin = MigrationModel("teaching", inversion=False)
    circle.ledger.local[0] += 10**9
    circle.ledger.pots["rest_of_world"] -= 10**9
    for month in range(20):
        circle.step()
        twin.step()
        here = circle.ledger.government_of == 0
        more = circle.settlements.service_stock[here].sum() - twin.settlements.service_stock[here].sum()
        if month < 10:
            assert more == pytest.approx(0.0, abs=1e-6)
    assert more > 0
    twin.close()


def test_a_posting_must_have_two_equal_sides_and_may_not_be_negative():
    book = Books(np.array([0, 0, 1]), extra=(Flow("gift", "local_government", "households", "Gift", "赠与"),))
    with pytest.raises(ValueError, match="5 fen paid, 4 received"):
        book.post("gift", np.array([5, 0, 0]), np.array([0, 4, 0]))
    with pytest.raises(ValueError, match="negative"):
        book.post("gift", np.array([5, -5, 0]), np.array([0, 0, 0]))
    book.post("gift", np.array([5, 1, 2]), np.array([0, 0, 8]))
    assert book.local.tolist() == [-6, -2]  # settlements 0 and 1 belong to the first government
    assert book.matrix()[book.row["gift"]].tolist() == [8, 0, -8, 0, 0, 0]


def test_imbalances_name_the_sector_that_money_left(circle):
    circle.step()
    circle.ledger.open_month(0, 0)
    circle.ledger.local[1] -= 3
    found = circle.ledger.imbalances(0, 0)
    assert found["local_government"] == -3 and found["households"] == 0


def test_the_cost_of_a_retained_graduate_is_what_was_spent_over_those_who_stayed():
    grant = {"policy": "graduate_retention", "monthly": 2_000}
    model = MigrationModel("teaching", inversion=False, policies=[grant], persons_per_agent=1)
    observer = Observer(model.world)
    observer.open(model)
    model.observers.append(observer)
    spent = 0.0
    for _ in range(13):
        model.step()
        spent += model.programmes.spent.sum() / 100 if model.month > model.start + 1 else 0.0
    rows = observer.tables["national"].columns()
    last = (rows["month"] == model.month) & (rows["circle_id"] == 0)
    p, circle = model.persons, model.world.circle
    stayed = (p.alive == 1) & (p.education == COLLEGE) & (p.left_study > model.month - 60) & (p.study_place != NOWHERE)
    stayed = np.flatnonzero(stayed)
    stayed = int((circle[p.study_place[stayed]] == circle[p.residence[stayed]]).sum())
    assert spent > 0 and stayed >= 30
    assert rows["cost_per_retained_graduate"][last][0] == pytest.approx(spent / stayed)
    assert np.isnan(rows["cost_per_returned_firm"]).all()
    model.close()


def test_every_flow_of_the_books_stands_in_the_documents():
    page = (Path(__file__).resolve().parents[2] / "docs" / "books.md").read_text("utf-8")
    missing = [flow.name for flow in FLOWS if f"| `{flow.name}` |" not in page]
    assert not missing
