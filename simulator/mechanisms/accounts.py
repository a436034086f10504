"""The accounts of firms: they sell what was made, pay labour, taxes, banks and machines, and give profits to their owners."""

from __future__ import annotations

from collections import namedtuple

import numpy as np

from simulator.foundations.once import once
from simulator.kernels import settling
from simulator.kernels.settling import (
    CONTRIBUTIONS,
    EARNED,
    INPUTS,
    INTEREST,
    INVESTMENT,
    LABOUR,
    LENT,
    LOCAL_SERVICES,
    MADE,
    MARKET,
    PRODUCTION_TAX,
    PROFIT_TAX,
    PROFITS,
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
    return once(model, "settling_rules", lambda: read_rules(model), model.technology)


def read_rules(model) -> settling.Rules:
    """`rules_of`, from scenario and technology."""
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
    firms, crew = model.firms, model.crew
    shares = crew.shares(len(firms))
    made, revenue, dividends = np.empty((3, len(firms)), dtype=np.int64)
    columns, now_ = firms.bundle(MadeBy), (model.wage_bill, s.wage, now.productivity, now.price)
    mixes = now.college_share, now.cost_share, tech.efficiency
    made_in = sum(crew.each(
        lambda share: settling.make_goods(columns, *now_, mixes, now.worth, tech.capital_unit, rules, made, *share), shares
    ))  # fmt: skip
    demand = demand_for_services(model, made_in[:, LOCAL_SERVICES])
    settling.share_out_sales(firms.alive, firms.settlement, firms.sector, made, made_in, demand, revenue)
    settled = firms.bundle(SettledFirms)
    parts = crew.each(
        lambda share: settling.settle_accounts(
            settled, model.wage_bill, model.gross_wages, revenue, s.service_inputs, model.levers.startup_tax_holiday,
            np.int64(model.month), rules, dividends, *share,
        ),
        shares,
    )  # fmt: skip
    booked = sum(part[0] for part in parts)
    model.equity_fund_fen += sum(int(part[1]) for part in parts)
    pay_founders(model, dividends, booked[:, PROFITS])
    book_accounts(model, booked)
    run_the_fund(model)
    capacity = made_in[:, LOCAL_SERVICES]
    settling.move_prices(s.service_price, demand, capacity, s.service_inputs, float(model.scenario["firms.price_adjustment"]))
    out = model.output = report(booked)
    return {
        "value_added_fen": int(out.value_added.sum()), "labour_cost_fen": int(out.labour.sum()),
        "investment_fen": int(out.investment.sum()), "firms_at_a_loss": sum(int(part[2]) for part in parts),
    }  # fmt: skip


def report(booked: np.ndarray) -> Output:
    """What firms made, paid and earned this month by settlement."""
    labour = booked[:, LABOUR] + booked[:, CONTRIBUTIONS] + booked[:, UNSEEN]
    return Output(booked[:, MADE].copy(), labour, booked[:, EARNED].copy(), booked[:, INVESTMENT].copy(), booked[:, PUBLIC_BILL].copy())


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


def pay_founders(model, dividends: np.ndarray, paid: np.ndarray) -> None:
    """Profits of firms, `paid` by settlement, go to the savings of their founders."""
    p, got = model.persons, np.zeros(len(paid), dtype=np.int64)
    settling.pay_dividends(dividends, model.firms.founder, p.residence, p.savings, p.received, got)
    model.ledger.post("profits", paid, got)


TAXES = ("production_tax", PRODUCTION_TAX), ("profit_tax", PROFIT_TAX)
BOOKED = {
    "market_sales": MARKET, "inputs": INPUTS, "employer_contributions": CONTRIBUTIONS, "unseen_pay": UNSEEN, "unseen_spending": UNSEEN,
    "firm_interest": INTEREST, "firm_investment": INVESTMENT, "firm_loans": LENT, "firm_repayment": REPAID,
}  # fmt: skip
"""Flows of the books and columns of what `settle_accounts` booked; taxes stand apart, for two governments share them."""
FLOWS = (*BOOKED, *(f"{name}_{who}" for who in ("local", "central") for name, _ in TAXES))


def book_accounts(model, booked: np.ndarray) -> None:
    """Post what firms sold and paid, by settlement; taxes go to local and central government in fixed shares."""
    columns = [*BOOKED.values(), *(column for _, column in TAXES), *(column for _, column in TAXES)]
    given, many = booked.T[columns], len(TAXES)
    local = np.floor(given[-many:] * model.technology.local_tax).astype(np.int64)
    given[-2 * many : -many] = local
    given[-many:] -= local
    model.ledger.post_all(FLOWS, given)


def run_the_fund(model) -> None:
    """Platforms sell flexible work; the fund pays interest, borrows what it lacks, and repays out of what it has.

    What the fund does has no place: it is written where the firms' wages were paid, at the first settlement.
    """
    ledger = model.ledger
    flexible, given = ledger.side("flexible_pay", 0), np.zeros((4, ledger.n), dtype=np.int64)
    given[0] = np.floor(flexible / (1.0 - float(model.scenario["labour.platform_commission"])))
    interest = int(model.fund_debt_fen * float(model.scenario["firms.interest_rate"]))
    model.equity_fund_fen += int(given[0].sum()) - interest
    lack, spare = max(-model.equity_fund_fen, 0), max(model.equity_fund_fen, 0)
    repaid = min(spare, model.fund_debt_fen)
    given[1:, 0] = interest, lack, repaid
    ledger.post_all(("platform_sales", "firm_interest", "firm_loans", "firm_repayment"), given)
    model.equity_fund_fen += lack - repaid
    model.fund_debt_fen += lack - repaid
