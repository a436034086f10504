"""The accounts of firms: they sell what was made, pay labour, taxes, banks and machines, and give profits to their owners."""

from __future__ import annotations

from collections import namedtuple

import numpy as np

from simulator.kernels import settling
from simulator.kernels.settling import (
    CONTRIBUTIONS,
    INPUTS,
    INTEREST,
    INVESTMENT,
    LABOUR,
    LENT,
    LOCAL_SERVICES,
    MARKET,
    PRODUCTION_TAX,
    PROFIT_TAX,
    PUBLIC_BILL,
    REPAID,
    UNSEEN,
)
from simulator.state.technology import Output

WRITES = {
    "persons": ("savings", "received"),
    "households": (),
    "settlements": ("service_price",),
    "employers": (),
    "firms": ("cash", "debt", "output", "profit", "loss_months"),
}

MadeBy = namedtuple("MadeBy", "alive settlement sector productivity built_for capital")
"""The columns of firms that what they make depends on."""

SettledFirms = namedtuple(
    "SettledFirms",
    "alive settlement sector founder born capital cash debt investment output profit loss_months",
)
"""The columns of firms that settling reads or writes."""


def rules_of(model) -> settling.Rules:
    """The rates that do not change in a run."""
    get, tech = model.scenario, model.technology
    return settling.Rules(
        float(get["firms.labour_share"]), float(get["firms.capital_share"]), float(get["firms.skill_substitution"]),
        tech.contributions, tech.unseen, float(get["firms.production_tax"]), tech.profit_tax,
        float(get["firms.interest_rate"]), float(get["firms.capital_depreciation"]) / 12.0,
        float(get["firms.buffer_months"]), float(get["firms.leverage"]),
    )  # fmt: skip


def settle_firms(model) -> dict[str, int]:
    """Firms sell what they made and settle with workers, governments, banks and owners; the price of services moves.

    Tradables are sold to the market at price one. Local services share what households, governments and
    others spent in their settlement, by what they could make. Every fen is booked; the fund that owns
    the firms without a founder takes their profits, pays for their growth, and borrows what it lacks.
    """
    s, tech, now, rules = model.settlements, model.technology, model.conditions, rules_of(model)
    firms = model.firms
    made = np.zeros(len(firms), dtype=np.int64)
    made_in = sum(model.crew.run(
        settling.make_goods, len(firms), firms.bundle(MadeBy), model.wage_bill, s.wage, now.productivity, now.price,
        (now.college_share, now.cost_share, tech.efficiency), now.worth, tech.capital_unit, rules, made,
    ))  # fmt: skip
    demand = demand_for_services(model, made_in[:, LOCAL_SERVICES])
    revenue = np.zeros(len(firms), dtype=np.int64)
    settling.share_out_sales(firms.alive, firms.settlement, firms.sector, made, made_in, demand, revenue)
    dividends = np.zeros(len(firms), dtype=np.int64)
    parts = model.crew.run(
        settling.settle_accounts, len(firms), firms.bundle(SettledFirms), model.wage_bill, model.gross_wages, revenue, s.service_inputs,
        model.levers.startup_tax_holiday, np.int64(model.month), rules, dividends,
    )  # fmt: skip
    booked = sum(part[0] for part in parts)
    model.equity_fund_fen += sum(int(part[1]) for part in parts)
    pay_founders(model, dividends)
    book_accounts(model, booked)
    run_the_fund(model)
    capacity = made_in[:, LOCAL_SERVICES]
    settling.move_prices(s.service_price, demand, capacity, s.service_inputs, float(model.scenario["firms.price_adjustment"]))
    sums = np.zeros((2, len(s.residents)), dtype=np.int64)
    settling.add_up_firms(firms.alive, firms.settlement, firms.output, firms.profit, sums)
    out = model.output = report(booked, *sums)
    return {
        "value_added_fen": int(out.value_added.sum()), "labour_cost_fen": int(out.labour.sum()),
        "investment_fen": int(out.investment.sum()), "firms_at_a_loss": int(np.count_nonzero(firms.loss_months * firms.alive)),
    }  # fmt: skip


def report(booked: np.ndarray, output: np.ndarray, profit: np.ndarray) -> Output:
    """What firms made, paid and earned this month by settlement."""
    labour = booked[:, [LABOUR, CONTRIBUTIONS, UNSEEN]].sum(axis=1)
    return Output(output, labour, profit, booked[:, INVESTMENT].copy(), booked[:, PUBLIC_BILL].copy())


def demand_for_services(model, capacity: np.ndarray) -> np.ndarray:
    """What is spent on local services in each settlement this month, fen, where anybody offers them; books what is not booked yet.

    Households have paid already; governments pay what they ordered; others, firms above all, buy what they
    bought at the base year, with the residents, productivity and outside demand of today.
    """
    s, now, ledger = model.settlements, model.conditions, model.ledger
    open_ = capacity > 0
    households = np.where(open_, model.spending.services + model.spending.medical, 0)
    others = np.where(open_, s.service_purchases * now.demand[:, LOCAL_SERVICES] * now.productivity, 0.0).astype(np.int64)
    public = np.where(open_, model.governments.orders, 0)
    model.equity_fund_fen -= int(households.sum())  # kept there until now
    ledger.post("business_purchases", others)
    ledger.post("public_purchases", public)
    return households + others + public


def pay_founders(model, dividends: np.ndarray) -> None:
    """Profits of firms go to the savings of their founders."""
    rows = np.flatnonzero(dividends)
    owners, p = model.firms.founder[rows], model.persons
    np.add.at(p.savings, owners, dividends[rows])
    np.add.at(p.received, owners, np.minimum(dividends[rows], 2**30).astype(np.int32))
    n = len(model.settlements.residents)
    paid, got = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    np.add.at(paid, model.firms.settlement[rows], dividends[rows])
    np.add.at(got, p.residence[owners], dividends[rows])
    model.ledger.post("profits", paid, got)


def book_accounts(model, booked: np.ndarray) -> None:
    """Post what firms sold and paid, by settlement; taxes go to local and central government in fixed shares."""
    ledger, share = model.ledger, model.technology.local_tax
    ledger.post("market_sales", booked[:, MARKET])
    for flow, column in (
        ("inputs", INPUTS), ("employer_contributions", CONTRIBUTIONS), ("unseen_pay", UNSEEN), ("unseen_spending", UNSEEN),
        ("firm_interest", INTEREST), ("firm_investment", INVESTMENT), ("firm_loans", LENT), ("firm_repayment", REPAID),
    ):  # fmt: skip
        ledger.post(flow, booked[:, column])
    for name, column in (("production_tax", PRODUCTION_TAX), ("profit_tax", PROFIT_TAX)):
        local = np.floor(booked[:, column] * share).astype(np.int64)
        ledger.post(f"{name}_local", local)
        ledger.post(f"{name}_central", booked[:, column] - local)


def run_the_fund(model) -> None:
    """Platforms sell flexible work; the fund pays interest, borrows what it lacks, and repays out of what it has.

    What the fund does has no place: it is written where the firms' wages were paid, at the first settlement.
    """
    ledger = model.ledger
    flexible = ledger.amounts[ledger.row["flexible_pay"], 0]
    sold = np.floor(flexible / (1.0 - float(model.scenario["labour.platform_commission"]))).astype(np.int64)
    model.equity_fund_fen += ledger.post("platform_sales", sold)
    interest = int(model.fund_debt_fen * float(model.scenario["firms.interest_rate"]))
    model.equity_fund_fen -= ledger.post("firm_interest", _somewhere(ledger, interest))
    lack, spare = max(-model.equity_fund_fen, 0), max(model.equity_fund_fen, 0)
    repaid = min(spare, model.fund_debt_fen)
    model.equity_fund_fen += ledger.post("firm_loans", _somewhere(ledger, lack)) - ledger.post("firm_repayment", _somewhere(ledger, repaid))
    model.fund_debt_fen += lack - repaid


def _somewhere(ledger, amount: int) -> np.ndarray:
    out = np.zeros(ledger.n, dtype=np.int64)
    out[0] = amount
    return out

