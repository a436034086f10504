"""The firms of the base year: people at work are dealt to firms of many sizes, and firms get what their size needs."""

from __future__ import annotations

import dataclasses

import numpy as np

from simulator.foundations.streams import FIRM_SIZE
from simulator.foundations.units import COLLEGE, EMPLOYED, NEVER, RETIRED, RURAL
from simulator.kernels import drifting, earning, producing, settling, venturing
from simulator.kernels.sharing import share_out_sizes, size_weights
from simulator.mechanisms import accounts, earnings, enterprise, floor, production
from simulator.mechanisms.production import parameter
from simulator.state.employers import N_SECTORS, Employers
from simulator.state.firms import FIRM_NAMES, LOCAL_SERVICES, PUBLIC, SECTOR_SIZE, Firms, firm_uids
from simulator.state.technology import Technology
from simulator.worlds.base_budgets import product_at_base

CENTRAL_TAX_SHARE = 0.082
"""Taxes of the central government over product: 8.28 tn over 101 tn yuan in 2020 (final accounts, recalled)."""
FEWEST_ENTRIES = 0.1
"""The least factor on entries of a sector, its inverse the most (assumed)."""
MEAN_AGE = 96.0
"""Mean age, months, of a firm at the base year (assumed; ages are exponential and end at forty years)."""


def found_first_firms(persons, n: int, seed: int, month: int, mean_size: float, tail: float) -> tuple[Firms, Employers]:
    """Deal everyone at work to firms; `persons.employer` holds pools (settlement, sector, skill) and becomes job lines.

    In every settlement and sector there are workers / mean size firms, at least one where anyone
    works; one public employer each settlement. Sizes follow a power law with exponent `tail`
    (a keyed draw each), every firm has at least one worker, and who works where is drawn by key.
    """
    working = np.flatnonzero((persons.alive == 1) & (persons.state == EMPLOYED))
    pool = persons.employer[working].astype(np.int64) // 2
    workers = np.bincount(pool, minlength=n * N_SECTORS)
    sector = np.arange(n * N_SECTORS) % N_SECTORS
    count = np.maximum(np.round(workers / np.maximum(mean_size * SECTOR_SIZE[sector], 1.0)), workers > 0).astype(np.int64)
    count[sector == PUBLIC] = 1
    first = np.concatenate([[0], np.cumsum(count)])
    firms, lines = Firms(int(first[-1])), Employers(2 * int(first[-1]))
    firms.append(int(first[-1]))
    of = np.repeat(np.arange(n * N_SECTORS), count)
    firms.alive[:] = 1
    firms.settlement[:], firms.sector[:] = of // N_SECTORS, of % N_SECTORS
    firms.uid[:] = firm_uids(of, month, np.arange(len(firms)) - first[of])
    age, weight = np.empty(len(firms)), np.empty(len(firms))
    size_weights(firms.uid, np.uint64(seed), FIRM_SIZE, month, tail, MEAN_AGE, weight, age)
    firms.born[:] = month - np.minimum(age, 480.0).astype(np.int64)
    sizes = share_out_sizes(workers, first, weight)
    key = np.empty(len(working), dtype=np.uint64)
    producing.name_firms(persons.uid[working], month, np.full(len(working), FIRM_SIZE), np.uint64(seed), key)
    order = np.lexsort((key, pool))
    skill = (persons.education[working[order]] == COLLEGE).astype(np.int32)
    persons.employer[working[order]] = 2 * np.repeat(np.arange(len(firms), dtype=np.int32), sizes) + skill
    lines.open_lines(firms.settlement, firms.sector)
    return firms, lines


def endow_firms(model) -> None:
    """At base-year pay and headcounts: every firm's technology, productivity and capital, so that it wants what it has.

    `employers.headcount`, `separations` and `vacancies` must be set. A firm wants the jobs that are filled and those that
    stand open in a month at rest: those just left, and those that found nobody in the months before.
    """
    e, firms = model.employers, model.firms
    model.technology = tech = solve_technology(model)
    of = firms.settlement.astype(np.int64) * N_SECTORS + firms.sector
    size = np.maximum((e.headcount[0::2] + e.headcount[1::2]).astype(np.float64), 0.5)
    firms.productivity[:] = size ** production.returns_to_size(model)
    firms.capital[:] = size * tech.capital_unit.reshape(-1)[of]
    firms.cash[:] = parameter(model, "firms.buffer_months") * size * (tech.labour_cost * tech.pay).reshape(-1)[of]
    firms.cash[firms.sector == PUBLIC] = 0
    firms.expected_demand[:] = firms.built_for[:] = 1.0
    share = tech.college_share.reshape(-1)[of]
    points = np.empty((len(firms), 2))
    producing.draw_rounding_points(model.seed, firms.uid, points)
    jobs = e.headcount + e.separations + e.vacancies
    firms.offset0[:] = jobs[0::2] - (1.0 - share) * size + points[:, 0]
    firms.offset1[:] = jobs[1::2] - share * size + points[:, 1]
    e.target[:] = np.floor(jobs)
    model.technology = dataclasses.replace(tech, worth=tech.worth * yield_at_base(model))


def yield_at_base(model) -> np.ndarray:
    """What firms should make at the base year over what they would make, [n, 6].

    A firm of a few people has seldom the mix of skills and never the mean pay of its place and sector; with diminishing
    returns that costs product. The factor makes up for it, so that all that is sold at price one can be made.
    """
    s, tech, p, n = model.settlements, model.technology, model.persons, len(model.settlements.residents)
    at_work = p.employer >= 0
    bill = np.bincount(p.employer[at_work], weights=p.wage[at_work], minlength=len(model.employers)).astype(np.int64)
    ones = np.ones((n, N_SECTORS))
    shares = (parameter(model, f"firms.{name}") for name in ("labour_share", "capital_share", "skill_substitution"))
    made_in = settling.make_goods(
        model.firms.bundle(accounts.MadeBy), bill, s.wage_base, np.ones(n), ones,
        (tech.college_share, tech.cost_share, tech.efficiency), tech.worth, tech.capital_unit, settling.Rules(*shares, *([0.0] * 8)),
        np.zeros(len(model.firms), dtype=np.int64), 0, len(model.firms),
    )  # fmt: skip
    return np.divide(tech.value_added, made_in, out=ones, where=(made_in > 0) & (tech.value_added > 0))


def solve_technology(model) -> Technology:
    """Technology by settlement and sector from heads and pay, and the factor that makes product what it was.

    Product G is given (household income by the surveys over .48). With B take-home pay in firms, B_p in public
    employers, F farm income and M pay of flexible work, of which platforms keep a commission c:

        G = f B / (nu (1 - tau)) + f B_p + F + M / (1 - c)

    gives the factor f from pay to labour cost, so that the labour share comes out (MODEL 4.7). What is left of f
    after contributions and income tax is pay that surveys do not see. Profit tax closes the taxes of the base year.
    """
    s, e, p, n = model.settlements, model.employers, model.persons, len(model.settlements.residents)
    pool = e.place.astype(np.int64) * N_SECTORS + e.sector
    at_work = p.employer >= 0
    bills = np.bincount(p.employer[at_work], weights=p.wage[at_work], minlength=len(e))
    sums = lambda amounts: np.bincount(2 * pool + e.skill, weights=amounts, minlength=2 * n * N_SECTORS).reshape(n, N_SECTORS, 2)
    heads, bill = sums(e.headcount), sums(bills)
    national = heads.sum(axis=0)
    usual = national[:, 1] / np.maximum(national.sum(axis=1), 1.0)
    total = heads.sum(axis=2)
    college = np.where(total > 0, heads[:, :, 1] / np.maximum(total, 1.0), usual)
    market = np.maximum(s.wage_base, 1.0)[:, None, :]
    mean = bill.sum() / max((heads * market).sum(), 1.0)
    efficiency = np.where(heads > 0, bill / np.maximum(heads * market, 1.0), mean)
    costs = np.stack([1.0 - college, college], axis=2) * market * efficiency
    pay = np.maximum(costs.sum(axis=2), 1.0)
    get = lambda name: parameter(model, name)
    labour, capital, tau = get("firms.labour_share"), get("firms.capital_share"), get("firms.production_tax")
    product = float(product_at_base(model).sum())
    farms, flexible = float((s.farmers * s.farm_income).sum()), float((s.flexible_workers * s.flexible_pay).sum())
    in_firms, in_public = bill[:, :PUBLIC].sum(), bill[:, PUBLIC].sum()
    withheld, employers = get("household.employee_contributions") + get("household.income_tax"), get("firms.employer_contributions")
    factor = (product - farms - flexible / (1.0 - get("labour.platform_commission"))) / max(
        in_firms / (labour * (1.0 - tau)) + in_public, 1.0
    )
    factor = min(max(factor, 1.0 + withheld + employers), 4.0)
    worth = factor * pay / (1.0 - tau)
    unit = np.maximum(factor * pay * capital / labour / production.user_cost(model), 1.0)
    made = factor * bill.sum(axis=2) / (labour * (1.0 - tau))
    made[:, PUBLIC] = factor * bill[:, PUBLIC].sum(axis=1)
    in_all = made[:, :PUBLIC].sum()
    profits = (1.0 - tau) * in_all - factor * in_firms - get("firms.capital_depreciation") / 12.0 * (total * unit)[:, :PUBLIC].sum()
    income_tax, local = get("household.income_tax") * bill.sum(), get("household.income_tax_local")
    wanted_local = max(get("finance.local_tax_share") * product - local * income_tax, 0.0)
    wanted = wanted_local + max(CENTRAL_TAX_SHARE * product - (1.0 - local) * income_tax, 0.0)
    profit_tax = min(max((wanted - tau * in_all) / max(profits, 1.0), 0.0), 0.6)
    month, model.month = model.month, model.world.base_month
    demand_base = production.demand_drivers(model)
    model.month = month
    return Technology(
        college, costs[:, :, 1] / pay, efficiency, pay, factor, worth, unit, demand_base, employers,
        factor - 1.0 - withheld - employers, profit_tax, wanted_local / max(wanted, 1.0),
        12.0 * (1.0 - profit_tax) * profits / max((total * unit)[:, :PUBLIC].sum(), 1.0),
        float(np.maximum(p.savings[p.alive == 1], 0).sum() / max(s.residents.sum(), 1.0)), closing_share(model), product, made,
        np.ones(N_SECTORS), SECTOR_SIZE,
    )  # fmt: skip


def closing_share(model) -> float:
    """Share of jobs that end a month because their firm closes, with the firms of the base year."""
    heads = model.employers.headcount[0::2] + model.employers.headcount[1::2]
    return float((firm_closing_rates(model) * heads).sum() / max(heads.sum(), 1))


def firm_closing_rates(model) -> np.ndarray:
    """Monthly rate at which each firm of the base year closes; 0 for public employers."""
    firms, heads = model.firms, model.employers.headcount[0::2] + model.employers.headcount[1::2]
    rates = np.zeros(len(firms))
    drifting.closing_rates(
        firms.sector, firms.born, heads, np.int64(model.month), *(parameter(model, f"firms.exit_{name}") for name in
        ("old", "young", "size_power")), rates,
    )  # fmt: skip
    return rates


def found_local_demand(model) -> None:
    """At the base year: what others than households and governments buy of local services, so that all that can be made is sold.

    Where households and governments spend more than local firms make, the rest of sales pays for inputs.
    """
    s, tech = model.settlements, model.technology
    known = expected_spending(model) + model.governments.orders
    made = tech.value_added[:, LOCAL_SERVICES]
    s.service_purchases[...] = np.maximum(made - known, 0.0)
    s.service_inputs[...] = np.where(known > made, 1.0 - made / np.maximum(known, 1.0), 0.0)


def expected_spending(model) -> np.ndarray:
    """What households would spend on local services in a month at the base year, fen by settlement."""
    people = earning.Earners(*(column.copy() for column in model.persons.bundle(earning.Earners)))
    s, e = model.settlements, model.employers
    desk = earnings.PayDesk.of(1, len(e), len(s.residents))
    places = earning.PlacePay(earnings.income_table(model), earnings.property_rates(model), model.levers.top_tax)
    earning.pay_and_spend(
        people, places, (e.place, e.skill), np.ones((len(s.residents), earning.N_SKILLS, 2)), earnings.PAID, earnings.EXPERIENCED,
        earnings.spending_rules(model), desk.bill[0], desk.totals[0], desk.heads[0], np.empty(len(people.alive), np.uint16), 0,
        len(people.alive),
    )  # fmt: skip
    spent = desk.totals[0, :, earning.SPENT] - desk.totals[0, :, earning.RENT]
    services, goods = (float(model.scenario[name]) for name in ("housing.service_price_share", "household.tradables_share"))
    return spent * (services / max(services + goods, 1e-9)) + floor.expected_treatment(model)


def solve_startups(model) -> None:
    """Market access of every settlement, and the constants of the start-up logit at which people found as often as they do.

    For returnees those who live away, aged 20 to 49, are taken as though they came home.
    """
    world, p, get = model.world, model.persons, lambda name: float(model.scenario[f"firms.{name}"])
    access = enterprise.market_access(model, world.population * model.settlements.wage_base[:, 0])
    model.market_access = access / np.average(access, weights=np.maximum(world.population, 1e-9))
    held = np.maximum(p.savings, 0) * (p.alive == 1)
    model.settlements.wealth[:] = np.bincount(p.residence, weights=held, minlength=world.n)
    enterprise.count_sages(model)
    odds = venturing.Odds(0.0, 0.0, *(get(f"startup_{name}") for name in venturing.Odds._fields[2:]))
    age = model.month - p.birth_month.astype(np.int64)
    adult = (p.alive == 1) & (p.state > 1) & (p.state != RETIRED) & (age >= 240) & (age < 720)
    away = np.flatnonzero(adult & (age < 600) & (p.residence != p.root)).astype(np.int32)
    home = np.flatnonzero(adult).astype(np.int32)
    for name, rows, as_returnees in (("returnee", away, True), ("resident", home, False)):
        odds = odds._replace(**{name: solve_constant(model, odds, name, rows[:: max(1, len(rows) // 50_000)], as_returnees)})
    model.startup_odds = odds
    balance_entries(model, adult, int((adult & (p.last_return != NEVER)).sum()))


def balance_entries(model, adult: np.ndarray, back: int) -> None:
    """Spread entries over sectors so that each replaces the same share of what closes there (`Technology.entry_balance`).

    With C_s the efficient size of firms that close in a month, S_s that of start-ups of residents and of those who came
    home within three years, n_s firms and z_s the size of entrants: b_s = (g C_s - S_s) / (e/12 n_s z_s), at least
    `FEWEST_ENTRIES`, with g such that b_s has mean one over firms. Otherwise sectors that founders shun would
    shrink for ever in a country that stands still. Entrants are small or large as the firms of their sector are
    (`SECTOR_SIZE`), with the mean `firms.entrant_size`: were they as large in every sector, a sector of large firms would be
    replaced by many small ones, and as firms draw entrants by their number it would grow for ever.
    """
    get, firms, p = lambda name: parameter(model, f"firms.{name}"), model.firms, model.persons
    rates = firm_closing_rates(model)
    size = firms.productivity ** (1.0 / production.returns_to_size(model))
    by_sector = lambda amounts: np.bincount(firms.sector, weights=amounts, minlength=N_SECTORS)[:PUBLIC]
    closing, count = by_sector(rates * size), by_sector(np.ones(len(firms)))
    town = np.bincount(np.asarray(model.world.kind)[p.residence[adult]] != RURAL, minlength=2) / max(adult.sum(), 1)
    founded = get("startup_rate_resident") * adult.sum() + get("startup_rate_returnee") * back
    mix = town[0] * enterprise.SECTORS_IN_VILLAGE + town[1] * enterprise.SECTORS_IN_TOWN
    begun = founded / 12.0 * mix[:PUBLIC] * get("startup_size")
    size = get("entrant_size") * SECTOR_SIZE[:PUBLIC]
    factor = lambda g, size: np.clip(
        (g * closing - begun) / np.maximum(get("entry_rate") / 12.0 * count * size, 1e-12), FEWEST_ENTRIES, 1.0 / FEWEST_ENTRIES
    )
    for _ in range(8):  # sizes for the mean, entries for the sizes
        low, high = 0.0, 100.0
        for _ in range(60):
            middle = 0.5 * (low + high)
            low, high = (middle, high) if (factor(middle, size) * count).sum() < count.sum() else (low, middle)
        found = factor(low, size)
        mean = (found * count * size).sum() / max((found * count).sum(), 1e-12)
        size = size * (get("entrant_size") / mean) if mean > 0 else size
    balance, sizes = np.ones(N_SECTORS), np.full(N_SECTORS, get("entrant_size"))
    balance[:PUBLIC], sizes[:PUBLIC] = np.where(count > 0, found, 1.0), size
    model.technology = dataclasses.replace(model.technology, entry_balance=balance, entrant_size=sizes)
    model.replaced_share = low


def solve_constant(model, odds, name: str, rows: np.ndarray, as_returnees: bool) -> float:
    """The constant at which the mean yearly probability of founding over `rows` is the parameter's."""
    model.startup_odds = odds
    place, cost, people = enterprise.place_terms(model), enterprise.startup_cost(model), model.persons.bundle(venturing.Founders)
    wanted, size, out = float(model.scenario[f"firms.startup_rate_{name}"]), np.empty(len(rows)), np.empty(len(rows))
    spread = float(model.scenario["firms.size_spread"])
    venturing.draw_relative_sizes(model.persons.uid[rows], FIRM_NAMES, spread, model.seed, np.int64(model.month), size)
    terms = np.empty((5, len(rows)))
    venturing.terms_of_chances(rows, people, cost, size, place, odds, as_returnees, terms)
    low, high = -20.0, 10.0
    for _ in range(60):
        middle = 0.5 * (low + high)
        venturing.chances(middle, terms, out)
        low, high = (middle, high) if len(rows) and out.mean() < wanted else (low, middle)
    return low if len(rows) else -20.0
