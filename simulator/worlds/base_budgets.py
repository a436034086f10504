"""Public finance of the base year: every budget is the published one, and somebody pays for it.

Own revenue follows product; central transfers add up to the published total. What budgets need
beyond both is land revenue, one rate on the value of urban dwellings everywhere (the land and
other funds that budgets drew on in truth; assumed). A government with more than its budget
passes the rest up.
"""

from __future__ import annotations

import numpy as np

from simulator.foundations.units import FEN, RURAL, year_of
from simulator.mechanisms.treasury import ORDERS_AT_MOST
from simulator.state.firms import PUBLIC
from simulator.state.governments import FUNCTION_OF_SERVICE, FUNCTIONS, INFRASTRUCTURE, Governments
from simulator.worlds.drivers import driver_path

SURVEY_SHARE = 0.48
"""Household income by the surveys over product (MODEL 4.7)."""
FUNCTION_SHARE = {"administration": 0.17, "health": 0.09, "social_floor": 0.15, "infrastructure": 0.14}
"""Shares of local spending by function where no table by province exists (national final accounts of 2020, recalled);
agriculture, forestry and water come on top of infrastructure, science goes to other, and other is the rest."""
SERVICE_SHARE = np.array([1.0, 1.0, 0.35, 0.35, 0.3, 0.3])
"""Part of its function's budget that each service stands for (assumed)."""
TRANSFERS_OF_PRODUCT = 0.0825
"""Central transfers over product where a world is made up: 8.33 tn over 101 tn yuan in 2020."""
CHINA = ("provinces", "prefectures")
DEFLATOR = {2010: 0.78, 2020: 1.0}


def solve_budgets(model) -> None:
    """Set what every government of the model takes, gets, spends and owes at the base year."""
    world, g, book = model.world, model.governments, model.ledger
    value, s = model.scenario, model.settlements
    people = np.maximum(s.residents_base, 0.0)
    g.residents_base[...] = by_government(book, people)
    g.budget_base[...] = budgets_by_function(model)
    budget = g.budget_base.sum(axis=1)
    g.own_base[...] = own_revenue_at_base(model)
    g.own_smoothed[...] = g.own_base
    share_transfers(model, budget, transfers_at_base(model))
    g.central_spending_base[...] = value["finance.central_spending"] * budget.sum()
    g.debt[...] = (12.0 * budget * value["finance.debt_base"]).astype(np.int64)
    g.central_debt[...] = np.int64(12.0 * budget.sum() * value["finance.central_debt_base"])
    book.local[...] = (value["finance.buffer_months"] * budget).astype(np.int64)
    book.pots["central_government"] = int(value["finance.buffer_months"] * g.central_spending_base[0])
    g.transfers_driver[...] = real_transfers(model)
    price_stock(model)
    pair_circles(g, budget)
    spread = np.where(people > 0, people, 0.0) / np.maximum(g.residents_base, 1e-9)[book.government_of]
    bought = value["finance.services_bought_locally"] * (1.0 - value["finance.build_share"])
    payroll = by_government(book, model.technology.value_added[:, PUBLIC])
    ordered = np.minimum(bought * budget, ORDERS_AT_MOST * np.maximum(budget - payroll, 0.0))
    g.orders[...] = (spread * ordered[book.government_of]).astype(np.int64)


def by_government(book, values: np.ndarray) -> np.ndarray:
    """Sums of f8[n] by local government."""
    return np.bincount(book.government_of, values, len(book.local))


def budgets_by_function(model) -> np.ndarray:
    """Spending a month by local government and function, fen: the province's budget by residents."""
    world, book = model.world, model.ledger
    residents = model.settlements.residents_base
    province = np.bincount(world.province, residents, len(world.province_code))
    share = residents / np.maximum(province, 1e-9)[world.province]
    yuan = np.stack([by_government(book, share * world.local_budget[world.province, k]) for k in range(4)], axis=1)
    total, education, science, farming = yuan.T
    out = np.zeros((len(book.local), len(FUNCTIONS)))
    for k, name in enumerate(FUNCTIONS):
        out[:, k] = FUNCTION_SHARE.get(name, 0.0) * total
    out[:, FUNCTIONS.index("education")] = education
    out[:, INFRASTRUCTURE] += farming
    out[:, -1] = np.maximum(total - out.sum(axis=1), science)
    out *= (total / np.maximum(out.sum(axis=1), 1e-9))[:, None]
    return out * FEN / 12.0 / model.persons_per_agent


def product_at_base(model) -> np.ndarray:
    """Product by settlement, fen a month: income by the surveys over its share of product."""
    world, rural = model.world, model.world.kind == RURAL
    income = np.where(rural, world.income_rural[world.province], world.income_urban[world.province])
    return income * model.settlements.residents_base * FEN / 12.0 / SURVEY_SHARE


def own_revenue_at_base(model) -> np.ndarray:
    """Taxes and fees of local governments, fen a month: a share of product, raised where firms make it."""
    taxed = model.technology.value_added[:, :PUBLIC].sum(axis=1)
    spread = by_government(model.ledger, taxed) / max(taxed.sum(), 1e-9)
    return spread * product_at_base(model).sum() * model.scenario["finance.local_tax_share"]


def transfers_at_base(model) -> float:
    """Central transfers, fen a month: the published total in a Chinese world, the same share of product elsewhere."""
    if model.world.level in CHINA and "central_transfers" in model.world.drivers:
        year = year_of(model.world.base_month)
        years, values = driver_path(model.world.drivers, "central_transfers", "all")
        published = float(np.interp(year + 0.5, years, values)) / DEFLATOR[year]
        return published * FEN / 12.0 / model.persons_per_agent
    return TRANSFERS_OF_PRODUCT * float(product_at_base(model).sum())


def real_transfers(model) -> float:
    """The path of central transfers this month, yuan a year at 2020 prices; 0 where a world has none."""
    if "central_transfers" not in model.world.drivers:
        return 0.0
    price = model.driver("deflator") if "deflator" in model.world.drivers else 1.0
    return float(model.driver("central_transfers") / price)


def share_transfers(model, budget: np.ndarray, total: float) -> None:
    """Solve the rate of land revenue at which budgets, own revenue and central transfers agree.

    rebate = rate own; need = max(0, budget - own - land - rebate); sum(rebate + need) = total.
    """
    g, value = model.governments, model.scenario
    g.rebate_rate[...] = min(value["finance.rebate_share"] * total / max(g.own_base.sum(), 1e-9), 1.0)
    rebate, worth = g.rebate_rate[0] * g.own_base, by_government(model.ledger, land_value(model))
    need = lambda rate: np.maximum(budget - g.own_base - rebate - rate * worth, 0.0)
    low, high = 0.0, float(budget.sum() / max(worth.sum(), 1e-9))
    for _ in range(200):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if rebate.sum() + need(middle).sum() > total else (low, middle)
    g.land_rate[...] = low
    gap, have = need(low), g.own_base + rebate + low * worth
    earmarked = np.minimum(value["finance.earmarked_share"] * total / max(gap.sum(), 1e-9), 1.0)
    g.earmarked_base[...] = earmarked * gap
    g.equalisation_base[...] = gap - g.earmarked_base
    g.remittance_base[...] = np.maximum(have - budget, 0.0)


def land_value(model) -> np.ndarray:
    """What urban dwellings of each settlement are worth, in fen of monthly pay: dwellings times pay times rent index."""
    s = model.settlements
    return np.where(model.world.kind == RURAL, 0.0, s.dwellings * s.wage_base[:, 0] * s.rent)


def price_stock(model) -> None:
    """Cost of a unit of stock such that the building share of the base budgets keeps the base stock standing."""
    g, book, value, s = model.governments, model.ledger, model.scenario, model.settlements
    wear = value["services.depreciation"] / 12.0
    stock = np.stack([by_government(book, s.service_stock[:, k]) for k in range(6)], axis=1)
    money = value["finance.build_share"] * g.budget_base[:, FUNCTION_OF_SERVICE] * SERVICE_SHARE
    g.service_cost[...] = np.divide(money, wear * stock, out=np.zeros_like(money), where=(stock > 0) & (wear > 0))
    money = value["finance.build_share"] * g.budget_base[:, INFRASTRUCTURE] / 2.0
    wear = value["finance.infrastructure_wear"] / 12.0
    for k, index in enumerate((s.transport, s.digital)):
        points = wear * by_government(book, index * s.residents_base)
        g.network_cost[:, k] = np.divide(money, points, out=np.zeros_like(money), where=points > 0)


def pair_circles(g: Governments, budget: np.ndarray) -> None:
    """Pair the richest third of circles with the poorest by own revenue a head, the richest with the poorest (assumed)."""
    order = np.lexsort((np.arange(len(g)), -g.own_base / np.maximum(g.residents_base, 1e-9)))
    for k in range(len(g) // 3):
        g.partner[order[k]] = order[-1 - k]
