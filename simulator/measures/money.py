"""Who paid whom, and what governments took in, spent and owe, month by month, for the tables."""

from __future__ import annotations

import numpy as np

from simulator.foundations.units import COLLEGE, FEN, NOWHERE
from simulator.kernels import booking
from simulator.measures.national import FEWEST_AGENTS
from simulator.state.books import CENTRAL, SECTORS_OF_BOOKS
from simulator.state.firms import FOUNDED_RETURNEE
from simulator.state.governments import FUNCTIONS, OTHER

SETTLEMENTS_SHOWN = 400
"""Settlements above which the table of payments keeps only the whole country (settlement_id -1)."""
HELD = "money_held"
"""Rows of the ledger table that say what each sector held at the opening (fen) and at the close (fen_received)."""
EVERYWHERE = -1

AIMED_AT = {"talent_pool": 0, "talent_in": 0, "firms_born_returnee": 1}
"""First target of a policy, and which of the two costs it belongs to: graduates who stay, firms of people who came home."""
GRADUATE_MONTHS = 60

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


def spent_for(model) -> np.ndarray:
    """Spent this month by policies aimed at graduates who stay and at firms of returnees, f8[n, 2] yuan of the whole country."""
    out = np.zeros((model.world.n, 2))
    for k, programme in enumerate(model.programmes.rows):
        target = programme.policy.target
        if target is not None and target.column in AIMED_AT:
            out[:, AIMED_AT[target.column]] += model.programmes.spent[k]
    return out * (model.persons_per_agent / FEN)


def fiscal_costs(model, year: np.ndarray | None, circles) -> dict[str, np.ndarray]:
    """Yuan in twelve months per graduate of five years who lives in the circle of study, and per firm founded by a returnee.

    `year` is `spent_for` summed over twelve months. Gross: nobody is left out who would have stayed anyway. NaN
    where nothing was spent or fewer than 30 agents are behind it.
    """
    columns = {name: np.full(len(circles.ids), np.nan) for name in ("cost_per_retained_graduate", "cost_per_returned_firm")}
    if year is None or not year.any():
        return columns
    p, firms, n, circle = model.persons, model.firms, model.world.n, model.world.circle
    recent = (p.alive == 1) & (p.education == COLLEGE) & (p.left_study > model.month - GRADUATE_MONTHS) & (p.study_place != NOWHERE)
    rows = np.flatnonzero(recent)
    rows = rows[circle[p.study_place[rows]] == circle[p.residence[rows]]]
    home = (firms.founder_type == FOUNDED_RETURNEE) & (firms.born > model.month - 12)
    counts = np.stack([
        np.bincount(p.residence[rows], minlength=n), np.bincount(firms.settlement[home], minlength=n),
    ], axis=1)  # fmt: skip
    spent, reached = circles.sums(year), circles.sums(counts)
    for k, name in enumerate(columns):
        known = (reached[:, k] >= FEWEST_AGENTS) & (spent[:, k] > 0)
        columns[name][known] = spent[known, k] / (reached[known, k] * model.persons_per_agent)
    return columns


def payments_of(model) -> dict[str, np.ndarray]:
    """The month's payments, a row a flow and settlement with a payment, in fen of the whole country; then what sectors hold.

    What households and firms hold at the close is what they held at the opening and what the books say since: the close
    of the month counts their money and stops the run where it is not that.
    """
    book, weight = model.ledger, model.persons_per_agent
    amounts = book.amounts
    if book.n > SETTLEMENTS_SHOWN:
        amounts = amounts.sum(axis=2, keepdims=True)
    room = np.empty((4, amounts.size // 2 + 1), dtype=np.int64)
    flow, place, paid, received = room[:, : booking.list_payments(amounts, *room)]
    held = book.explained()
    sectors = np.arange(len(SECTORS_OF_BOOKS))
    opening = [book.opening[sector] for sector in SECTORS_OF_BOOKS]
    closing = [held[sector] for sector in SECTORS_OF_BOOKS]
    places = place if book.n <= SETTLEMENTS_SHOWN else np.full(len(place), EVERYWHERE)
    return {
        "month": model.month,
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


def budgets_of(model) -> np.ndarray:
    """The month of every government, f8[columns of `GOVERNMENT_YUAN`, 1 + local governments], yuan of the whole country; the centre first."""
    g, book = model.governments, model.ledger
    table = np.zeros((len(GOVERNMENT_YUAN), 1 + len(g)), dtype=np.int64)
    revenue, passed_on, own, interest, borrowed, _ = g.central
    spent = own + interest
    rows = (
        (revenue, g.own_revenue), (0, g.land_revenue), (-passed_on, g.transfers_in), (0, g.rebates), (0, g.equalisation),
        (0, g.earmarked), (0, g.assistance), (0, g.remitted), (0, g.support),
    )  # fmt: skip
    for k, (centre, local) in enumerate(rows):
        table[k, 0], table[k, 1:] = centre, local
    first = len(rows)
    last = first + len(FUNCTIONS)
    table[first:last, 1:] = g.spending.T
    table[first + OTHER, 0] = spent
    rows = (
        (spent, g.spending.sum(axis=1)), (interest, g.interest), (max(borrowed, 0), g.borrowed), (max(-borrowed, 0), g.repaid),
        (g.central_debt[0], g.debt), (book.pots[CENTRAL], book.local),
    )  # fmt: skip
    for k, (centre, local) in enumerate(rows, last):
        table[k, 0], table[k, 1:] = centre, local
    return table * (model.persons_per_agent / FEN)


def governments_of(model, ids: np.ndarray) -> dict[str, np.ndarray]:
    """Every government's month: the centre (id 0), then local governments by circle, in yuan of the whole country."""
    return {
        "month": model.month,
        "government_id": np.concatenate([[0], ids]),
        **dict(zip(GOVERNMENT_YUAN, budgets_of(model), strict=True)),
        "provision": np.concatenate([[np.nan], model.governments.provision]),
    }
