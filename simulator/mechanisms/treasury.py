"""Public finance: who gets the taxes, what the centre passes on, what governments spend, build and borrow."""

from __future__ import annotations

import numpy as np

from simulator.foundations.units import RURAL
from simulator.kernels import booking, building
from simulator.state.books import CENTRAL, LOCAL
from simulator.state.governments import ADMINISTRATION, FUNCTION_OF_SERVICE, FUNCTIONS, INFRASTRUCTURE

WRITES = {
    "persons": (), "households": (), "settlements": ("service_order", "network_order"), "employers": (),
    "governments": (
        "debt", "central_debt", "own_smoothed", "provision", "orders", "own_revenue", "land_revenue", "rebates",
        "equalisation", "earmarked", "assistance", "remitted", "support", "spending", "interest", "borrowed", "repaid", "central",
    ),
}  # fmt: skip

ORDERS_AT_MOST = 0.6
"""Part of a budget after public pay that local services can take at most (assumed)."""
PAYROLL_FUNCTIONS = np.array([0.38, 0.37, 0.25, 0.0, 0.0, 0.0])
"""What public employers do: administration, schools, health (assumed from census jobs by industry)."""


SHARE_OF_SERVICE = 1.0 / np.array([np.count_nonzero(FUNCTION_OF_SERVICE == function) for function in FUNCTION_OF_SERVICE])
"""Part of a function's works that each of its services gets."""


def tax_and_spend(model) -> dict[str, int]:
    """Governments take in what is theirs, the centre redistributes, budgets are spent, the rest is borrowed or repaid."""
    collect_taxes(model)
    redistribute(model)
    spend_budgets(model)
    settle_the_centre(model)
    return {}


# -- revenue ---------------------------------------------------------------------------------------


def collect_taxes(model) -> None:
    """Own revenue of the month, and land revenue by the worth of urban dwellings."""
    g, book = model.governments, model.ledger
    g.own_revenue[...] = received(book, "own")
    g.own_smoothed += (g.own_revenue - g.own_smoothed) / 12.0
    g.land_revenue[...] = (g.land_rate[0] * _sums(book, land_worth(model))).astype(np.int64)
    book.post("land_revenue", book.at_seats(g.land_revenue))


def received(book, counts_as: str) -> np.ndarray:
    """What local governments have received this month in flows that count as something, i8[G]."""
    total = np.zeros(book.n, dtype=np.int64)
    booking.add_rows(book.amounts, book.rows_where("payee", LOCAL, counts_as), 1, 1, total)
    return book.by_government(total)


def spent_so_far(book) -> np.ndarray:
    """What local governments have paid this month by function, i8[G, 6]; a flow without a function is `other`."""
    out = np.zeros((len(book.local), len(FUNCTIONS)), dtype=np.int64)
    for name in FUNCTIONS:
        total = np.zeros(book.n, dtype=np.int64)
        for counts_as in (name, "") if name == "other" else (name,):
            booking.add_rows(book.amounts, book.rows_where("payer", LOCAL, counts_as), 0, 1, total)
        out[:, FUNCTIONS.index(name)] = book.by_government(total)
    return out


def land_worth(model) -> np.ndarray:
    """Urban dwellings times pay times rent index, f8[n]; pay moves with productivity."""
    s = model.settlements
    return np.where(model.world.kind == RURAL, 0.0, s.dwellings * s.wage_base[:, 0] * s.rent) * model.productivity


# -- between governments -----------------------------------------------------------------------------


def redistribute(model) -> None:
    """Rebates by origin, equalisation by need less revenue, earmarked grants, what rich places pass up, paired assistance."""
    g, book = model.governments, model.ledger
    growth = path_of_transfers(model)
    g.rebates[...] = (g.rebate_rate[0] * g.own_smoothed).astype(np.int64)
    g.earmarked[...] = (growth * g.earmarked_base).astype(np.int64)
    plan = planned(model).sum(axis=1)
    gap = np.maximum(plan - g.own_smoothed - g.land_revenue - g.rebates - g.earmarked, 0.0)
    pool = growth * g.equalisation_base.sum()
    further = further_equalisation(model, plan)
    if further.any() and model.programmes.pulls.get("equalisation"):  # never more than the budget holds
        further = further * model.programmes.fundable("equalisation", book.at_seats(further.astype(np.int64)))[book.seat]
    g.equalisation[...] = (pool * gap / max(gap.sum(), 1e-9) + further).astype(np.int64)
    if further.any():
        reached = np.where(model.levers.equalisation > 0, model.settlements.residents, 0).astype(np.int64)
        model.programmes.report("equalisation", book.at_seats(further.astype(np.int64)), reached)
    for flow, amounts in (("tax_rebates", g.rebates), ("equalisation", g.equalisation), ("earmarked_grants", g.earmarked)):
        book.post(flow, book.at_seats(amounts))
    g.remitted[...] = np.minimum((cost_index(model) * g.remittance_base).astype(np.int64), np.maximum(book.local, 0))
    book.post("remittance_to_centre", book.at_seats(g.remitted))
    assist_partners(model)


def path_of_transfers(model) -> float:
    """Central transfers relative to the base year: the outside path, else the cost of public services."""
    base = model.governments.transfers_driver[0]
    if base <= 0 or "central_transfers" not in model.world.drivers:
        return cost_index(model)
    price = model.driver("deflator") if "deflator" in model.world.drivers else 1.0
    return float(model.driver("central_transfers") / price / base)


def further_equalisation(model, plan: np.ndarray) -> np.ndarray:
    """What the lever adds: a share of the gap between the nation's mean spending a head and the place's own, fen."""
    lever = getattr(model.levers, "equalisation", None)
    if lever is None or not lever.any():
        return np.zeros(len(plan))
    book, residents = model.ledger, _sums(model.ledger, model.settlements.residents)
    share = _sums(book, lever * model.settlements.residents) / np.maximum(residents, 1e-9)
    mean = plan.sum() / max(residents.sum(), 1e-9)
    return share * np.maximum(mean * residents - plan, 0.0)


def assist_partners(model) -> None:
    """A richer circle gives its partner a share of own revenue (lever), if it has the money."""
    g, book = model.governments, model.ledger
    g.assistance[...] = 0
    lever = getattr(model.levers, "paired_assistance", None)
    if lever is None or not lever.any():
        return
    giver = np.flatnonzero(g.partner >= 0)
    share = np.minimum(lever[book.seat[giver]], 1.0)
    given = np.zeros(len(g), dtype=np.int64)
    given[giver] = np.minimum((share * g.own_smoothed[giver]).astype(np.int64), np.maximum(book.local[giver], 0))
    taken = np.zeros(len(g), dtype=np.int64)
    np.add.at(taken, g.partner[giver], given[giver])
    book.post("paired_assistance", book.at_seats(given), book.at_seats(taken))
    g.assistance[...] = taken - given


# -- spending ------------------------------------------------------------------------------------------


def cost_index(model) -> float:
    """Cost of public services relative to the base year: it follows productivity, as public pay does."""
    return float(model.productivity)


def people_of(model) -> np.ndarray:
    """Residents of each government's settlements, f8[G]."""
    return _sums(model.ledger, model.settlements.residents)


def planned(model) -> np.ndarray:
    """Budgets of the month by function, f8[G, 6] fen: the base year's by residents and costs."""
    g = model.governments
    people = people_of(model) / np.maximum(g.residents_base, 1e-9)
    return g.budget_base * (cost_index(model) * people)[:, None]


def spend_budgets(model) -> None:
    """Pay what must be paid, then what was planned; money beyond the buffer builds, a lack is borrowed, then saved on."""
    g, book, value = model.governments, model.ledger, model.scenario
    spent = spent_so_far(book)
    payroll = pay_public_employers(model)
    bought = book.by_government(book.amounts[book.row["public_purchases"], 0])
    plan = planned(model)
    g.interest[...] = (g.debt * (value["finance.interest"] / 12.0)).astype(np.int64)
    book.post("local_interest", book.at_seats(g.interest))
    spent[:, -1] += g.interest
    charge(spent, plan, payroll, np.minimum(payroll[:, None] * PAYROLL_FUNCTIONS, np.maximum(plan - spent, 0.0)))
    charge(spent, plan, bought, np.zeros_like(plan))
    g.orders[...] = orders_next(model, plan, payroll)
    wanted = np.maximum(plan - spent, 0.0).astype(np.int64)
    total, cash = wanted.sum(axis=1), book.local.copy()
    revenue = 12.0 * (g.own_smoothed + g.land_revenue + g.transfers_in)
    room = np.maximum((value["finance.debt_cap"] * revenue).astype(np.int64) - g.debt, 0)
    lack = np.maximum(total - cash, 0)
    needed = np.maximum(-cash, 0)  # what must be paid is borrowed for before anything is saved on
    g.borrowed[...] = np.minimum(needed + ((lack - needed) * leeway(g.debt, revenue, value["finance.debt_cap"])).astype(np.int64), room)
    g.support[...] = np.maximum(-(cash + g.borrowed), 0)
    book.post("local_borrowing", book.at_seats(g.borrowed))
    book.post("emergency_support", book.at_seats(g.support))
    g.debt += g.borrowed
    cash += g.borrowed + g.support
    g.provision[...] = np.where(total > 0, np.minimum(cash / np.maximum(total, 1), 1.0), 1.0)
    paid = np.where((cash < total)[:, None], (wanted * g.provision[:, None]).astype(np.int64), wanted)
    spare = np.maximum(cash - total - (value["finance.buffer_months"] * plan.sum(axis=1)).astype(np.int64), 0)
    spare = (spare / value["finance.adjustment_months"]).astype(np.int64)
    g.repaid[...] = np.minimum((value["finance.repayment_share"] * spare).astype(np.int64), g.debt)
    book.post("local_repayment", book.at_seats(g.repaid))
    g.debt -= g.repaid
    built = order_works(model, plan, spare - g.repaid)
    bought = paid + built
    book.post("public_tradables", book.at_seats(bought.sum(axis=1)))
    g.spending[...] = spent + bought


def leeway(debt: np.ndarray, revenue: np.ndarray, cap: float) -> np.ndarray:
    """Part of a lack of money that is borrowed: all of it up to half the cap, from there on less, nothing at the cap (assumed)."""
    used = debt / np.maximum(cap * revenue, 1e-9)
    return np.clip(2.0 * (1.0 - used), 0.0, 1.0)


def charge(spent: np.ndarray, plan: np.ndarray, amount: np.ndarray, first: np.ndarray) -> None:
    """Write an amount each government paid to functions: `first` there, the rest where the plan has room, what is beyond to administration."""
    part = first.astype(np.int64)
    room = np.maximum(plan - spent - part, 0.0)
    rest = np.minimum((amount - part.sum(axis=1)) / np.maximum(room.sum(axis=1), 1e-9), 1.0)
    part += (rest[:, None] * room).astype(np.int64)
    part[:, ADMINISTRATION] += amount - part.sum(axis=1)
    spent += part


def orders_next(model, plan: np.ndarray, payroll: np.ndarray) -> np.ndarray:
    """Services that governments will buy from local firms next month, by residents of their settlements, fen i8[n]."""
    book, value, residents = model.ledger, model.scenario, model.settlements.residents
    share = value["finance.services_bought_locally"] * (1.0 - value["finance.build_share"])
    total = plan.sum(axis=1) * model.governments.provision
    total = np.minimum(share * total, ORDERS_AT_MOST * np.maximum(total - payroll, 0.0))
    people = residents / np.maximum(people_of(model), 1e-9)[book.government_of]
    return (people * total[book.government_of]).astype(np.int64)


def pay_public_employers(model) -> np.ndarray:
    """Payroll of public employers, paid by their government, i8[G]."""
    bill = model.output.public_bill
    model.equity_fund_fen += model.ledger.post("public_payroll", bill)
    return model.ledger.by_government(bill)


def order_works(model, plan: np.ndarray, money: np.ndarray) -> np.ndarray:
    """Spend money beyond the ordinary budgets on new stock: services by residents, networks likewise; i8[G, 6] spent.

    The order arrives after the time of building, less what a place cannot absorb (`services`).
    """
    g, book, s = model.governments, model.ledger, model.settlements
    weight = plan.copy()
    weight[:, ADMINISTRATION] = 0.0
    weight /= np.maximum(weight.sum(axis=1), 1e-9)[:, None]
    built = (weight * money[:, None]).astype(np.int64)
    built[:, INFRASTRUCTURE] += money - built.sum(axis=1)
    building.order_works(
        built, FUNCTION_OF_SERVICE, SHARE_OF_SERVICE, INFRASTRUCTURE, g.service_cost, g.network_cost, max(cost_index(model), 1e-9),
        book.government_of, s.residents, np.maximum(people_of(model), 1e-9), s.service_order, s.network_order,
    )  # fmt: skip
    return built


# -- the centre --------------------------------------------------------------------------------------------


def settle_the_centre(model) -> None:
    """The centre spends, supports the insurance fund, pays interest, and borrows or repays what is left."""
    g, book, value = model.governments, model.ledger, model.scenario
    sides = np.zeros((2, book.n), dtype=np.int64)
    booking.add_rows(book.amounts, book.rows_where("payee", CENTRAL), 1, 1, sides[0])
    booking.add_rows(book.amounts, book.rows_where("payer", CENTRAL), 0, 1, sides[1])
    taken, passed_on = int(sides[0].sum()) - book.total("central_borrowing"), int(sides[1].sum())
    growth = float(model.settlements.residents.sum()) / max(float(g.residents_base.sum()), 1e-9) * cost_index(model)
    own = int(growth * g.central_spending_base[0])
    interest = int(g.central_debt[0] * (value["finance.interest"] / 12.0))
    lack = max(-book.pots["social_insurance"], 0)
    for flow, amount in (("central_purchases", own), ("central_interest", interest), ("insurance_support", lack)):
        book.post(flow, _somewhere(book, amount))
    held, buffer = book.pots[CENTRAL], int(value["finance.buffer_months"] * own)
    borrowed, repaid = max(buffer - held, 0), min(max(held - buffer, 0), int(g.central_debt[0]))
    book.post("central_borrowing", _somewhere(book, borrowed))
    book.post("central_repayment", _somewhere(book, repaid))
    g.central_debt += borrowed - repaid
    g.central[...] = taken, passed_on, own, interest, borrowed - repaid, lack


def _somewhere(book, amount: int) -> np.ndarray:
    """An amount without a place of its own, written at the first settlement."""
    out = np.zeros(book.n, dtype=np.int64)
    out[0] = amount
    return out


def _sums(book, values: np.ndarray) -> np.ndarray:
    return np.bincount(book.government_of, values, len(book.local))

