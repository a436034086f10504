"""The base year: incomes that equal the published ones, a labour market at rest, places that pull as they must.

Three inversions, in this order. Pay: W(province) and farm productivity such that urban and rural
income per head of the province are the published ones. Work: tightness, rates and reserves at
which the first months stand still. Place: the residual A(j), mean zero, at which expected net
migration equals its target (MODEL 7.2).
"""

from __future__ import annotations

import numpy as np

from simulator.carving import ROUNDS, close_incomes, plan_flows
from simulator.foundations.units import (
    EMPLOYED,
    FARMING,
    FEN,
    FLEXIBLE,
    KINDS,
    RETIRED,
    RURAL,
    year_of,
)
from simulator.kernels import counting
from simulator.kernels.choosing import Movers
from simulator.kernels.deciding import choose_places
from simulator.kernels.inverting import agree_on_wages, expected_flows, pay_factors
from simulator.measures.monthly import recount
from simulator.mechanisms import floor, migration
from simulator.worlds.base_budgets import solve_budgets
from simulator.worlds.enterprises import found_local_demand, solve_startups
from simulator.worlds.steady_labour import steady_base_year

PROPERTY_SHARE = (0.106, 0.024)
"""Property income, share of disposable income, urban and rural (survey of 2020, not re-checked)."""
TRANSFER_SHARE = (0.03, 0.08)
"""Transfers other than pensions, share of disposable income, urban and rural (assumed)."""
PENSION_YUAN = (174.0, 174.0, 2900.0)
"""Mean pension a month by scheme: none counted as resident, resident, employee (assumed, 2020)."""
MOST_PENSION, LEAST_EARNED = 4.0, 0.05
"""Guards of the inversion in worlds unlike China: a pension is at most so many incomes per head of the place; pay and
farming bring at least this share of income."""
LOWEST_FARM_INCOME = 0.15
"""Farm income is at least this share of the market wage below college (guards the inversion)."""
LOWEST_RURAL_PAY = 0.5
"""Rural pay is at least this share of what its gap to town pay would make (guards the inversion)."""
MOST_WEIGHED = 150_000
"""Adults whose options the inversion weighs; above, an even sample stands for all."""
MOST_ROUNDS = 120
OUTGOING_SHARE = {2010: 0.6330, 2020: 0.5938}
"""Outgoing share of migrant workers in the base year: national monitoring survey, 153.35 of 242.23 m and
169.59 of 285.60 m; it counts work in another township as outgoing."""
MOST_BETWEEN_TOWNSHIPS = 0.35
"""The largest share of local migrant workers taken to work in another township of their county (assumed)."""


def settle(model, invert: bool = True) -> None:
    """Set every base-year stock, price, rate and residual of a freshly populated model."""
    world, s = model.world, model.settlements
    model.counts = recount(model)
    s.residents_base[...] = s.residents
    s.transport[...] = world.transport
    s.digital[...] = world.digital
    s.talent_share_base[...] = s.talent_share
    s.dwellings[...] = np.maximum(world.dwellings / model.persons_per_agent, 1e-6)
    s.occupancy_base[...] = s.residents / s.dwellings
    model.service_supply_base = world.service_supply.astype(np.float64)
    s.service_stock[...] = model.service_supply_base * s.residents[:, None]
    s.service_supply[...] = model.service_supply_base
    select_attachment(model)
    set_pay_and_flows(model)
    model.labour_found = steady_base_year(model)
    model.migration_tables = migration.MigrationTables(model)
    solve_budgets(model)
    found_local_demand(model)
    solve_startups(model)
    if invert:
        model.inversion = find_residuals(model)
    model.counts = recount(model)
    model.township_share = share_between_townships(model)


def share_between_townships(model) -> float:
    """Share of local migrant workers who in truth work in another township of their county, fixed for the run.

    Townships are not resolved: with O outgoing and L local as the model sees them, the share is
    (OUTGOING_SHARE (O + L) - O) / L, from zero to `MOST_BETWEEN_TOWNSHIPS`; none in a synthetic world.
    """
    target = OUTGOING_SHARE.get(year_of(model.world.base_month))
    workers = model.counts.migrant_workers.sum(axis=0)
    outgoing, local = int(workers[counting.CELL :].sum()), int(workers[: counting.CELL].sum())
    if target is None or local == 0 or model.world.level not in ("provinces", "prefectures"):
        return 0.0
    return float(np.clip((target * (outgoing + local) - outgoing) / local, 0.0, MOST_BETWEEN_TOWNSHIPS))


def select_attachment(model) -> None:
    """Who lives away at the base year is less attached to home than who stayed.

    If leaving has odds exp(-a) and coming home odds exp(a), those away of a population with
    attachment N(mu, sd^2) have attachment N(mu - 2 sd^2, sd^2) in the steady state; the parameter
    says how much of that shift the base-year population carries.
    """
    p, value = model.persons, model.scenario
    away = (p.residence != p.hukou_place) | (p.county_residence != p.county_hukou)
    shift = 2.0 * value["migration.attachment_sd"] ** 2 * value["migration.attachment_selection"]
    p.attachment[away] = np.clip(p.attachment[away] - np.float32(shift), -20.0, 20.0)


def set_pay_and_flows(model) -> None:
    """Solve pay together with the rents, remittances and benefits that households get beside it."""
    s, beside = model.settlements, np.zeros(model.world.n)
    factor = relative_pay(model)
    earn_savings(model, factor)
    floor.set_first_lines(model)
    for _ in range(ROUNDS):
        set_pay(model, beside, factor)
        beside = plan_flows(model)
    close_incomes(model)
    s.beside[...] = beside * FEN


def relative_pay(model) -> np.ndarray:
    """Everyone's pay relative to the market, by experience and lasting luck."""
    value, p, factor = model.scenario, model.persons, np.ones(len(model.persons))
    pay_factors(
        p.uid, p.experience, model.seed, float(value["labour.pay_dispersion"]),
        float(value["labour.experience_return"]), factor,
    )  # fmt: skip
    return factor


def earn_savings(model, factor: np.ndarray) -> None:
    """Who is paid better than others of the same market holds more: savings are scaled by the pay factor, mean one."""
    p = model.persons
    holds = (p.alive == 1) & (p.savings > 0)
    if holds.any():
        p.savings[holds] = (p.savings[holds] * (factor[holds] / factor[holds].mean())).astype(np.int64)


def set_pay(model, beside: np.ndarray, factor: np.ndarray) -> None:
    """Solve market wages and farm productivity by province from the published incomes per head.

    ln w(settlement, skill) = ln W(province) + delta(kind) + premium [college]. In each province
    two equations, urban and rural income per head, are linear in W and in farm income F. `beside` is
    what people get a head beside all that is solved here, yuan a month by settlement: other transfers
    are lower by it, and not below zero.
    """
    value, world, s, p = model.scenario, model.world, model.settlements, model.persons
    gaps = np.array([value[f"labour.wage_gap_{kind}"] for kind in KINDS])
    relative = np.exp(gaps)[world.kind][:, None] * np.exp(np.array([0.0, value["labour.college_premium"]]))[None, :]
    rural = world.kind == RURAL
    living = p.alive == 1
    employed = living & (p.state == EMPLOYED)
    units = np.zeros(world.n)
    work = p.workplace[employed]
    np.add.at(units, p.residence[employed], factor[employed] * relative[work, p.employer[employed] % 2])
    share = value["labour.flexible_pay_share"]
    flexible = living & (p.state == FLEXIBLE)
    np.add.at(units, p.residence[flexible], share * relative[p.residence[flexible], 0])
    farmers = np.bincount(p.residence[living & (p.state == FARMING)], minlength=world.n)
    people = np.bincount(p.residence[living], minlength=world.n)
    income = np.where(rural, world.income_rural[world.province], world.income_urban[world.province]) / 12.0
    mean_urban = np.average(world.income_urban[world.province], weights=np.maximum(people * ~rural, 1e-9))
    level = (world.income_urban / max(mean_urban, 1e-9))[world.province]
    pension = np.array(PENSION_YUAN)[None, :] * np.clip(level, 0.6, 1.8)[:, None]
    pension = np.minimum(pension, MOST_PENSION * income[:, None])
    retired = np.zeros((world.n, 3))
    old = living & (p.state == RETIRED)
    np.add.at(retired, (p.residence[old], p.insurance[old]), 1.0)
    property_income = income * np.where(rural, PROPERTY_SHARE[1], PROPERTY_SHARE[0])
    transfers = np.maximum(income * np.where(rural, TRANSFER_SHARE[1], TRANSFER_SHARE[0]) - beside, 0.0)
    earned = income * people - (property_income + transfers + beside) * people - (retired * pension).sum(axis=1)
    earned = np.maximum(earned, LEAST_EARNED * income * people)
    wage_level, farm_level = np.zeros(world.n), np.zeros(world.n)
    lift = np.zeros(world.n)
    for province in range(len(world.province_code)):
        cells = world.province == province
        u, r = cells & ~rural, cells & rural
        a = np.array([[units[u].sum(), farmers[u].sum()], [units[r].sum(), farmers[r].sum()]], dtype=np.float64)
        c = np.array([earned[u].sum(), earned[r].sum()])
        level_w, level_f = _solve_pay(a, c)
        wage_level[cells], farm_level[cells] = level_w, level_f
        # where rural income is below what town pay and the least farm income make, rural pay is lower by as much
        open_rural = c[1] - a[1, 0] * level_w - a[1, 1] * level_f
        if open_rural < 0 < a[1, 0] * level_w:
            wage_level[r] *= max(LOWEST_RURAL_PAY, 1 + open_rural / (a[1, 0] * level_w))
        # what bounds on pay leave open is closed by transfers, so that income per head still holds
        for side, k in ((u, 0), (r, 1)):
            heads = people[side].sum()
            if heads > 0:
                lift[side] = (c[k] - (units * wage_level)[side].sum() - a[k, 1] * level_f) / heads
    s.wage_base[...] = wage_level[:, None] * relative * FEN
    s.wage[...] = s.wage_base
    s.farm_productivity[...] = farm_level * FEN
    s.pension[...] = pension * FEN
    s.property_income[...] = property_income * FEN
    s.transfer_income[...] = (transfers + lift) * FEN
    s.farm_income[...], s.flexible_pay[...] = s.farm_productivity, share * s.wage_base[:, 0]
    agree_on_wages(p.state, p.employer, model.employers.place, factor, s.wage_base, p.wage)


def _solve_pay(a: np.ndarray, c: np.ndarray) -> tuple[float, float]:
    """(W, F) of one province: both equations when that leaves farming a living, else the urban one."""
    if a[0, 0] <= 0 and a[1, 0] <= 0:
        return 3000.0, 1450.0
    determinant = a[0, 0] * a[1, 1] - a[0, 1] * a[1, 0]
    if abs(determinant) > 1e-9:
        wage = (c[0] * a[1, 1] - a[0, 1] * c[1]) / determinant
        farm = (a[0, 0] * c[1] - a[1, 0] * c[0]) / determinant
        if wage > 0 and LOWEST_FARM_INCOME * wage <= farm <= wage * 1.2:
            return wage, farm
    ratio = 0.35
    if a[0, 0] > 0:
        wage = c[0] / (a[0, 0] + ratio * a[0, 1])
    else:
        wage = c[1] / (a[1, 0] + ratio * a[1, 1])
    farm = (c[1] - a[1, 0] * wage) / a[1, 1] if a[1, 1] > 0 else ratio * wage
    return wage, float(np.clip(farm, LOWEST_FARM_INCOME * wage, 1.2 * wage))


def find_residuals(model) -> dict[str, float]:
    """Solve A(j), mean zero, so that expected net migration a year equals the world's target.

    A += .7 clip((target - net) / (1.5 gross), -1, 1), some dozen rounds. The options weighed are
    the sampled ones of the model's own choice (keyed by the base month), over all adults or an even
    sample of them. Returns rounds and the largest remaining gap relative to gross flows.
    """
    world, s, p = model.world, model.settlements, model.persons
    s.amenity[...] = 0.0
    adults = np.flatnonzero((p.alive == 1) & (p.state > 1) & (p.birth_month <= world.base_month - 192)).astype(np.int32)
    stride = max(1, -(-len(adults) // MOST_WEIGHED))
    rows = adults[::stride].copy()
    month = np.int64(world.base_month)
    if len(rows) == 0 or world.n < 2:
        return {"rounds": 0, "largest_gap": 0.0}
    weights = migration.weights_of(model)
    per_person = 2 * (world.n if weights.full else weights.m) + 8  # each place alone or with the family, and a few more
    place = np.zeros((len(rows), per_person), dtype=np.uint16)
    weight = np.zeros((len(rows), per_person), dtype=np.float32)
    heads = np.zeros((len(rows), per_person), dtype=np.float32)
    count = np.zeros(len(rows), dtype=np.int32)
    to, way = np.empty(len(rows), dtype=np.int64), np.empty(len(rows), dtype=np.uint8)
    done = model.crew.run(
        choose_places, len(rows), rows, month, model.seed, p.bundle(Movers), migration.places_now(model), weights,
        to, way, True, place, weight, heads, count,
    )  # fmt: skip
    if min(done) < 0:
        model.stop("more options a person than the base-year inversion has room for")
    rates = np.array(base_year_rates(model, rows))
    origin = p.residence[rows]
    target = world.net_migration / model.persons_per_agent / stride
    a = np.zeros(world.n)
    gap = np.inf
    for round_number in range(1, MOST_ROUNDS + 1):
        parts = model.crew.run(expected_flows, len(rows), rates, origin, np.exp(a), place, weight, heads, count)
        arrivals, departures = sum(part[0] for part in parts), sum(part[1] for part in parts)
        gross = np.maximum(arrivals + departures, 1e-9)
        miss = target - (arrivals - departures)
        gap = float(np.abs(miss / gross).max())
        if gap < 0.005:
            break
        a += 0.7 * np.clip(miss / (1.5 * gross), -1.0, 1.0)
        a -= a.mean()
    s.amenity[...] = a
    moves = float(gross.sum()) / 2.0 * stride * model.persons_per_agent
    return {"rounds": round_number, "largest_gap": gap, "expected_moves": moves}


def base_year_rates(model, rows: np.ndarray) -> np.ndarray:
    """Expected considerations a year of each adult: twelve months without season, boosts or policies."""
    p, tables, value = model.persons, model.migration_tables, model.scenario
    age = np.minimum((model.month - p.birth_month[rows].astype(np.int64)) // 12, migration.AGES - 1)
    weight = migration.education_weights(value)[p.education[rows]]
    return 12.0 * value["migration.consider_rate"] * tables.rate_norm * tables.rogers_castro[age] * weight
