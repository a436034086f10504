"""Enterprise: firms close, move and enter; people with money, experience and an idea found firms and work in them."""

from __future__ import annotations

from collections import namedtuple

import numpy as np

from simulator.foundations.errors import InvariantBroken
from simulator.foundations.once import once
from simulator.foundations.streams import FOUND_FIRM
from simulator.foundations.units import AGE_GROUP_START, AGE_GROUPS, NOBODY, NOWHERE, RURAL, month_of_year
from simulator.kernels import drifting, entering, parting, producing, venturing
from simulator.kernels.elementary import exp_all
from simulator.state.firms import (
    FIRM_NAMES,
    FOUNDED_LOCAL,
    FOUNDED_OUTSIDE,
    FOUNDED_RETURNEE,
    PUBLIC,
    firm_uids,
)
from simulator.state.offers import FIRM

WRITES = {
    "persons": ("state", "employer", "workplace", "wage", "savings"),
    "households": (),
    "settlements": ("sages", "access"),
    "employers": (
        "place", "sector", "skill", "formal", "headcount", "target", "vacancies", "filled", "separations", "separation_factor",
    ),
    "firms": (
        "uid", "alive", "settlement", "sector", "founder", "founder_type", "born", "closed", "productivity", "capital", "cash",
        "debt", "guaranteed", "expected_demand", "built_for", "investment", "offset0", "offset1", "output", "profit", "loss_months",
    ),
}  # fmt: skip

SECTORS_IN_TOWN = np.array([0.12, 0.68, 0.12, 0.05, 0.03, 0.0])
SECTORS_IN_VILLAGE = np.array([0.10, 0.55, 0.03, 0.02, 0.30, 0.0])
"""Sectors of start-ups of residents and returnees (assumed)."""
SITE_WEIGHTS = (1.0, 0.1, 2.0, 0.3, 3.0)
"""What a firm that looks for a site weighs: jobs it could keep, rent, college share, market access, incentive (assumed)."""
PAPERWORK = 0.15
"""Part of the cost of opening that is paperwork (assumed)."""
SITES_SEEN = 8
"""Places a firm looks at besides its own, drawn by the jobs of its sector."""
RICH = 4.0
"""Savings of a sage without college, over the mean of the place (assumed; about the top decile)."""

Turning = namedtuple("Turning", "alive settlement sector uid born productivity loss_months")
Released = namedtuple("Released", "employer state workplace wage")
Sages = namedtuple("Sages", "alive last_return residence root education experience savings")


def founding_bounds(model) -> np.ndarray:
    """Upper bound, by screening class, of the monthly probability of founding a firm: everybody of 20 to 59 at the best odds."""
    o = model.startup_odds
    model.founding_places = place_terms(model)  # as people see them when the month opens
    money = max(o.money * np.log(venturing.MOST_MONEY), -3.0 * o.money)  # a slope may be below zero
    best = money + max(10.0 * o.experience, 0.0) + max(2.0 * o.education, 0.0) + model.founding_places.max()
    rate = venturing.founding_chance(max(o.returnee, o.resident) + best)
    bound = np.zeros((len(AGE_GROUPS), 16))
    bound[[15 <= start < 60 for start in AGE_GROUP_START]] = min(rate * 1.000001 + 1e-9, 0.99)
    return bound.reshape(-1)


def place_terms(model) -> np.ndarray:
    """What each settlement adds to the odds of founding: infrastructure, market access, sages, one stop, f8[n]."""
    s, o, levers = model.settlements, model.startup_odds, model.levers
    networks = np.log(np.maximum(s.transport + levers.transport, 1e-3)) + np.log(np.maximum(s.digital + levers.digital, 1e-3))
    share = s.sages / np.maximum(s.residents, 1.0)
    return (
        o.infrastructure * networks + o.access * np.log(model.market_access) + o.sages * np.log1p(20.0 * share)
        + o.one_stop * (1.0 - levers.startup_paperwork)
    )  # fmt: skip


def startup_cost(model) -> np.ndarray:
    """What a firm of mean size takes to open, fen by settlement: it grows with what people hold; one stop saves the paperwork in it."""
    s = model.settlements
    held = s.wealth.sum() / max(s.residents.sum(), 1.0) / max(model.technology.wealth, 1e-9)
    cost = max(float(model.scenario["firms.startup_cost"]) * 100.0 * held, 1.0)  # a fen where nobody holds any
    return cost * (1.0 - PAPERWORK + PAPERWORK * model.levers.startup_paperwork)


def found_firms(model) -> dict[str, int]:
    """Firms drift, close and move; firms enter from outside; people found firms. Whoever worked where it is gone looks for work."""
    firms, get = model.firms, lambda name: float(model.scenario[f"firms.{name}"])
    n, month, turning = len(model.settlements.residents), np.int64(model.month), firms.bundle(Turning)
    exits = get("exit_old"), get("exit_young"), get("exit_size_power")
    closing, lookers = np.empty(len(firms), dtype=np.uint8), np.empty(len(firms), dtype=np.int64)
    parts = model.crew.run(
        drifting.drift_and_close, len(firms), turning, model.employers.headcount, model.seed, month, get("drift"),
        returns_to_size(model), *exits, get("exit_loss_factor"), *closing_tables(model, exits),
        get("relocation_rate") / 12.0, n, closing, lookers,
    )  # fmt: skip
    move_to = np.full(len(firms), NOWHERE, dtype=np.uint16)
    begins = [lo for lo, _ in model.crew.blocks(len(firms))]
    looking = np.concatenate([lookers[:0], *[lookers[lo : lo + part[1]] for lo, part in zip(begins, parts, strict=True)]])
    jobs = sum((part[2] for part in parts), np.zeros((n, 6)))
    moved = drifting.look_for_sites(
        looking, turning, *sites(model, jobs), get("relocation_stay"), SITES_SEEN, model.seed, month, move_to
    )
    released = part_with_workers(model, closing, move_to)
    entered = enter_from_outside(model)
    started = start_up(model)
    if month_of_year(model.month) == 12 or model.month == model.start + 1:
        count_sages(model)
    closed = sum(part[0] for part in parts)
    return {"firms_closed": int(closed), "firms_moved": int(moved), "released": released, "firms_entered": entered, **started}


def closing_tables(model, exits: tuple[float, float, float]) -> tuple[np.ndarray, np.ndarray]:
    """The factors of the closing rate by age in months, and by workers; see `kernels.drifting.tabulate_closing`."""

    def tables() -> tuple[np.ndarray, np.ndarray]:
        by_age, by_size = np.empty(600), np.empty(1000)
        drifting.tabulate_closing(*exits, by_age, by_size)
        return by_age, by_size

    return once(model, "closing_tables", tables)


def returns_to_size(model) -> float:
    """1 - kappa - nu: what a firm loses by being larger."""
    return 1.0 - float(model.scenario["firms.capital_share"]) - float(model.scenario["firms.labour_share"])


# -- closing and moving --------------------------------------------------------------------------


def sites(model, jobs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pull of every place on firms by sector [6, n], and the cumulated share of the sector's jobs [6, n]; `jobs` f8[n, 6]."""
    s, now, tech = model.settlements, model.conditions, model.technology
    n = len(s.residents)
    pull = np.empty((6, n))
    talent = s.talent_share - s.talent_share_base
    drifting.weigh_sites(
        now.level, 12.0 * tech.labour_cost * tech.pay * now.cost, s.rent, talent, s.access,
        np.ascontiguousarray(model.levers.relocation_incentive), SITE_WEIGHTS, pull,
    )  # fmt: skip
    total = np.cumsum(np.add(jobs.T, 1e-9, order="C"), axis=1)
    return pull, total / total[:, -1:]


def part_with_workers(model, closing: np.ndarray, move_to: np.ndarray) -> int:
    """Close and move firms: their workers look for work, their books are wound up, movers post their jobs where they go."""
    firms, e = model.firms, model.employers
    leaving, moving = np.flatnonzero(closing), np.flatnonzero(move_to != NOWHERE)
    if len(leaving) + len(moving) == 0:
        return 0
    gone = np.zeros(2 * len(firms) + 1, dtype=np.uint8)  # by job line, after one for people without an employer
    for rows in (leaving, moving):
        gone[2 * rows + 1] = gone[2 * rows + 2] = 1
    people = model.persons.bundle(Released)
    released = sum(model.crew.each(lambda share: parting.release_workers(people, gone, *share), model.crew.shares(len(model.persons))))
    brought = e.headcount[2 * moving] + e.headcount[2 * moving + 1]
    for k in (0, 1):
        e.separations[2 * moving + k] += e.headcount[2 * moving + k]
        e.separations[2 * leaving + k] = 0
        for rows in (moving, leaving):
            lines = 2 * rows + k
            e.headcount[lines] = e.vacancies[lines] = e.filled[lines] = 0
            e.target[lines], e.separation_factor[lines] = 0.0, 1.0
    wind_up(model, leaving)
    firms.settlement[moving] = move_to[moving]
    e.place[2 * moving] = e.place[2 * moving + 1] = move_to[moving]
    programmes = getattr(model, "programmes", None)
    if programmes is not None:
        programmes.ask("relocation_incentive", moving, firms.settlement[moving], FIRM, brought)
    return int(released)


def wind_up(model, rows: np.ndarray) -> None:
    """Pay what closing firms owe; what is left goes to the founder, or the fund; guarantors pay what they promised."""
    firms, p, ledger = model.firms, model.persons, model.ledger
    paid, left, called = (np.zeros(len(rows), dtype=np.int64) for _ in range(3))
    parting.wind_up_all(rows, firms.cash, firms.debt, firms.capital, firms.guaranteed, paid, left, called)
    place, owner = firms.settlement[rows], firms.founder[rows]
    ledger.post("firm_repayment", by_place(model, place, paid))
    ledger.post("loan_guarantees", by_place(model, place, called))
    owned = (owner >= 0) & (left > 0)
    np.add.at(p.savings, owner[owned], left[owned])
    ledger.post("profits", by_place(model, place[owned], left[owned]), by_place(model, p.residence[owner[owned]], left[owned]))
    model.equity_fund_fen += int(left[~owned].sum())
    model.written_off += int(firms.debt[rows].sum() - paid.sum())  # lessors and banks take machines back, guarantors pay, lenders lose the rest
    report = getattr(model, "programmes", None)
    if report is not None:
        report.report("startup_loan", by_place(model, place, called))
    for name in ("alive", "cash", "debt", "capital", "guaranteed", "investment", "output", "profit", "loss_months"):
        getattr(firms, name)[rows] = 0
    firms.closed[rows] = model.month


def by_place(model, place, amounts) -> np.ndarray:
    """Whole amounts summed by settlement, i8[n]."""
    out = np.zeros(len(model.settlements.residents), dtype=np.int64)
    np.add.at(out, np.asarray(place, dtype=np.int64), amounts)
    return out


# -- entering ------------------------------------------------------------------------------------


def open_firms(model, settlement, sector, uid, founder, founder_type, size) -> int:
    """New rows of firms and job lines with everything but money; returns the first row."""
    firms, e, now = model.firms, model.employers, model.conditions
    first = firms.append(len(uid))
    new = slice(first, None)
    firms.uid[new], firms.alive[new], firms.born[new] = uid, 1, model.month
    firms.settlement[new], firms.sector[new] = settlement, sector
    firms.founder[new], firms.founder_type[new] = founder, founder_type
    entering.productivities_of(size, returns_to_size(model), firms.productivity[new])
    firms.expected_demand[new] = firms.built_for[new] = now.demand[settlement, sector]
    points = np.empty((len(uid), 2))
    producing.draw_rounding_points(model.seed, np.ascontiguousarray(firms.uid[new]), points)
    firms.offset0[new], firms.offset1[new] = points[:, 0], points[:, 1]
    lines = e.open_lines(firms.settlement[new], firms.sector[new])
    e.separations[lines:] = np.repeat(np.ceil(size).astype(np.int64), 2)  # a new firm posts all its jobs at once
    return first


def wanted_capital(model, settlement, sector, size) -> np.ndarray:
    """The best capital of new firms, f8 fen."""
    now, unit = model.conditions, model.technology.capital_unit
    best = now.best[settlement, sector]
    exp_all(best, best)
    return best * size * now.demand[settlement, sector] * unit[settlement, sector]


def cost_of_labour(model, settlement, sector, size) -> np.ndarray:
    """What the efficient number of workers costs a month, f8 fen."""
    now, tech = model.conditions, model.technology
    return size * tech.labour_cost * tech.pay[settlement, sector] * now.cost[settlement, sector]


def draw_entrants(model, open_, place, sector, profit, capital) -> tuple[np.ndarray, ...]:
    """(settlement, sector, uid, size) of the firms that enter this month, from settlement, sector, profit and capital of firms.

    Firms that are not `open_`, or public, do not count.
    """
    get, n = lambda name: float(model.scenario[f"firms.{name}"]), len(model.settlements.residents)
    count, sums, heat = np.zeros((n, 6)), np.zeros((2, n)), np.empty(n)
    entering.census_of_firms(
        open_, np.asarray(place, dtype=np.uint16), np.asarray(sector, dtype=np.uint8), profit, capital, count, sums[0], sums[1]
    )
    entering.heat_of_entry(sums[0], sums[1], float(model.technology.profit_rate), get("entry_response"), heat)
    means, entries = np.zeros((n, 6)), np.zeros((n, 6), dtype=np.int64)
    venturing.entry_means(count, count.sum(axis=0) / max(count.sum(), 1.0), heat, get("entry_rate"), means)
    means *= model.technology.entry_balance
    venturing.draw_entries(means, model.seed, np.int64(model.month), entries)
    entries[:, PUBLIC] = 0
    total = int(entries.sum())
    of = np.repeat(np.arange(6 * n), entries.reshape(-1))
    first_of = np.cumsum(entries.reshape(-1)) - entries.reshape(-1)
    uid = firm_uids(of, model.month, np.arange(total) - first_of[of])
    size, unused = np.empty(total), np.empty(total, dtype=np.int64)
    venturing.sizes_and_sectors(
        uid, np.tile(SECTORS_IN_TOWN, (total, 1)), 1.0, get("size_spread"), model.seed, np.int64(model.month),
        size, unused,
    )  # fmt: skip
    return of // 6, of % 6, uid, model.technology.entrant_size[of % 6] * size


def enter_from_outside(model) -> int:
    """Firms without a named founder enter: a count by settlement and sector, drawn from one key each; the fund pays for them."""
    firms, get = model.firms, lambda name: float(model.scenario[f"firms.{name}"])
    open_ = (firms.alive == 1) & (firms.sector != PUBLIC)
    place, sector, uid, size = draw_entrants(model, open_, firms.settlement, firms.sector, firms.profit, firms.capital)
    total = len(uid)
    if total == 0:
        return 0
    new = slice(open_firms(model, place, sector, uid, NOBODY, FOUNDED_OUTSIDE, size), None)
    firms.capital[new] = wanted_capital(model, place, sector, size).astype(np.int64)
    firms.cash[new] = (get("buffer_months") * cost_of_labour(model, place, sector, size)).astype(np.int64)
    model.ledger.post("firm_investment", by_place(model, place, firms.capital[new]))
    model.equity_fund_fen -= int(firms.capital[new].sum() + firms.cash[new].sum())
    return total


def start_up(model) -> dict[str, int]:
    """Among the candidates of the month some found a firm where they live, put in savings and credit, and start to work in it."""
    firms, p, levers, get = model.firms, model.persons, model.levers, lambda name: float(model.scenario[f"firms.{name}"])
    asked = np.asarray(model.candidates[FOUND_FIRM], dtype=np.int32)
    rows = np.empty_like(asked)
    rows = rows[: entering.drop_owners(asked, firms.founder, firms.alive, len(p), rows)]
    people, cost = p.bundle(venturing.Founders), startup_cost(model)

    def weighed(share) -> tuple[np.ndarray, np.ndarray, float]:
        mine = rows[slice(*share)]
        chosen, offered = np.empty(len(mine), dtype=np.int32), np.empty(len(mine))
        count, worst = venturing.weigh_founders(
            mine, people, model.screen_class, model.bounds[FOUND_FIRM], levers.startup_grant, levers.startup_loan,
            levers.startup_loan_share, cost, model.founding_places, model.startup_odds, get("size_spread"), FIRM_NAMES,
            model.seed, np.int64(model.month), chosen, offered,
        )  # fmt: skip
        return chosen[:count], offered[:count], worst

    chosen, lent, worst = zip(*model.crew.each(weighed, model.crew.shares(len(rows))), strict=True)
    if max(worst) > 1e-12:
        raise InvariantBroken(f"a rate of founding is {max(worst):.3g} above the bound it was screened with")
    rows, offered = np.concatenate(chosen), np.concatenate(lent)
    tally = {"founded_returnee": 0, "founded_local": 0}
    if len(rows) == 0:
        return tally
    place = p.residence[rows].astype(np.int64)
    returnee = np.empty(len(rows), dtype=bool)
    entering.who_returned(rows, np.int64(model.month), p.last_return, p.residence, p.root, returnee)
    uid, size, sector = np.empty(len(rows), dtype=np.uint64), np.empty(len(rows)), np.empty(len(rows), dtype=np.int64)
    venturing.name_founded(p.uid[rows], np.int64(model.month), FIRM_NAMES, uid)
    weights = np.where((model.world.kind[place] == RURAL)[:, None], SECTORS_IN_VILLAGE, SECTORS_IN_TOWN)
    venturing.sizes_and_sectors(uid, weights, get("startup_size"), get("size_spread"), model.seed, np.int64(model.month), size, sector)
    wanted, bill = wanted_capital(model, place, sector, size), cost_of_labour(model, place, sector, size)
    own, loan, capital = (np.zeros(len(rows), dtype=np.int64) for _ in range(3))
    leverage = get("leverage")
    needs = wanted * (1.0 - leverage) / 0.85 + bill
    venturing.put_in(rows, p.savings, needs, wanted, offered, leverage, own, loan, capital)
    kind = np.where(returnee, FOUNDED_RETURNEE, FOUNDED_LOCAL)
    first = open_firms(model, place, sector, uid, rows, kind, size)
    lent = (leverage * capital).astype(np.int64) + loan
    new = slice(first, None)
    firms.capital[new], firms.debt[new], firms.guaranteed[new] = capital, lent, loan
    firms.cash[new] = own + lent - capital
    venturing.start_own_firm(
        rows, first, own, p.bundle(venturing.Starters), model.employers.headcount, model.employers.separations,
        model.settlements.wage, model.seed, float(model.scenario["labour.pay_dispersion"]),
        float(model.scenario["labour.experience_return"]),
    )  # fmt: skip
    skilled = p.employer[rows] % 2 == 1
    firms.offset0[new] = np.where(skilled, firms.offset0[new], 1.0)  # the founder's own place
    firms.offset1[new] = np.where(skilled, 1.0, firms.offset1[new])
    model.ledger.post("founding", by_place(model, place, own))
    model.ledger.post("firm_loans", by_place(model, place, lent))
    model.ledger.post("firm_investment", by_place(model, place, capital))
    programmes = getattr(model, "programmes", None)
    if programmes is not None:
        programmes.ask("startup_grant", rows, place)
    return {"founded_returnee": int(returnee.sum()), "founded_local": int((~returnee).sum())}


def count_sages(model) -> None:
    """Once a year: people who came home with college, or experience and savings, by settlement (MODEL 2); market access."""
    s, n = model.settlements, len(model.settlements.residents)
    rich = RICH * s.wealth / np.maximum(s.residents, 1.0)
    parts = model.crew.run(venturing.count_sages, len(model.persons), model.persons.bundle(Sages), rich, n)
    s.sages[:] = sum(parts) if parts else 0
    measure_access(model)


def measure_access(model) -> None:
    """Market access of every place relative to the base year."""
    s = model.settlements
    s.access[:] = market_access(model, s.residents * s.wage[:, 0]) / market_access(model, s.residents_base * s.wage_base[:, 0])


def market_access(model, weight: np.ndarray) -> np.ndarray:
    """Income within reach of every place: sum over places of income / (1 + hours), f8[n]."""
    return np.maximum((weight[None, :] / (1.0 + np.asarray(model.world.hours, dtype=np.float64))).sum(axis=1), 1e-9)
