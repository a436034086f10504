"""Who paid whom, and what governments took in, spent and owe, month by month, for the tables."""

from __future__ import annotations

import numpy as np

from simulator.foundations.units import FEN
from simulator.state.books import CENTRAL, SECTORS_OF_BOOKS
from simulator.state.governments import FUNCTIONS

SETTLEMENTS_SHOWN = 400
"""Settlements above which the table of payments keeps only the whole country (settlement_id -1)."""
HELD = "money_held"
"""Rows of the ledger table that say what each sector held at the opening (fen) and at the close (fen_received)."""
EVERYWHERE = -1

GOVERNMENT_YUAN = (
    "own_revenue", "land_revenue", "transfers_in", "rebates", "equalisation", "earmarked", "assistance", "remitted",
    "support", *(f"spending_{name}" for name in FUNCTIONS), "spending", "interest", "borrowed", "repaid", "debt", "cash",
)  # fmt: skip
"""Columns of `government_month` in yuan of the whole country."""


def money_held(model) -> tuple[int, int]:
    """Money of households and of firms, fen, counted from their columns."""
    households = int(model.persons.savings.sum()) + model.estates_fen
    firms = getattr(model, "firms", None)
    return households, model.equity_fund_fen + (0 if firms is None else int(firms.cash.sum()))


def payments_of(model, households: int, firms: int) -> dict[str, np.ndarray]:
    """The month's payments, a row a flow and settlement with a payment, in fen of the whole country; then what sectors hold."""
    book, weight = model.ledger, model.persons_per_agent
    amounts = book.amounts
    if book.n > SETTLEMENTS_SHOWN:
        amounts = amounts.sum(axis=2, keepdims=True)
    flow, place = np.nonzero(amounts.any(axis=1))
    paid, received = amounts[flow, 0, place], amounts[flow, 1, place]
    held = book.holdings(households, firms)
    sectors = np.arange(len(SECTORS_OF_BOOKS))
    opening = [book.opening[sector] for sector in SECTORS_OF_BOOKS]
    closing = [held[sector] for sector in SECTORS_OF_BOOKS]
    places = place if book.n <= SETTLEMENTS_SHOWN else np.full(len(place), EVERYWHERE)
    rows = len(flow) + len(sectors)
    return {
        "month": np.full(rows, model.month),
        "flow": np.concatenate([flow, -1 - sectors]),
        "settlement_id": np.concatenate([places, np.full(len(sectors), EVERYWHERE)]),
        "fen": np.concatenate([paid, np.array(opening, dtype=np.int64)]) * weight,
        "fen_received": np.concatenate([received, np.array(closing, dtype=np.int64)]) * weight,
    }


def flow_words(rows: np.ndarray, flows) -> dict[str, list[str]]:
    """Names, payers and payees of flow numbers; below zero, the sector whose money is stated."""
    rows = rows.tolist()
    side = lambda name: [getattr(flows[k], name) if k >= 0 else SECTORS_OF_BOOKS[-1 - k] for k in rows]
    return {
        "flow": [flows[k].name if k >= 0 else HELD for k in rows],
        "payer_sector": side("payer"),
        "payee_sector": side("payee"),
    }


def governments_of(model, ids: np.ndarray) -> dict[str, np.ndarray]:
    """Every government's month: the centre (id 0), then local governments by circle, in yuan of the whole country."""
    g, book = model.governments, model.ledger
    yuan = model.persons_per_agent / FEN
    local = {
        "own_revenue": g.own_revenue, "land_revenue": g.land_revenue, "transfers_in": g.transfers_in, "rebates": g.rebates,
        "equalisation": g.equalisation, "earmarked": g.earmarked, "assistance": g.assistance, "remitted": g.remitted,
        "support": g.support, "spending": g.spending.sum(axis=1), "interest": g.interest, "borrowed": g.borrowed,
        "repaid": g.repaid, "debt": g.debt, "cash": book.local,
    }  # fmt: skip
    local |= {f"spending_{name}": g.spending[:, k] for k, name in enumerate(FUNCTIONS)}
    revenue, passed_on, own, interest, borrowed, _ = g.central
    centre = {
        "own_revenue": revenue, "transfers_in": -passed_on, "spending": own + interest, "spending_other": own + interest,
        "interest": interest, "borrowed": max(borrowed, 0), "repaid": max(-borrowed, 0), "debt": g.central_debt[0],
        "cash": book.pots[CENTRAL],
    }  # fmt: skip
    columns = {name: np.concatenate([[centre.get(name, 0)], local[name]]) * yuan for name in GOVERNMENT_YUAN}
    return {
        "month": np.full(len(ids) + 1, model.month),
        "government_id": np.concatenate([[0], ids]),
        **columns,
        "provision": np.concatenate([[np.nan], g.provision]),
    }
