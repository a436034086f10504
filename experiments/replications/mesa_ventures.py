"""Firms that come and go in the Mesa version: closing, moving, entering, and people who found one."""

from __future__ import annotations

import math

import numpy as np

from experiments.replications.mesa_firms import Employer, Firm
from simulator.foundations import streams
from simulator.foundations.units import COLLEGE, EMPLOYED, NOWHERE, RURAL, UNEMPLOYED, month_of_year
from simulator.kernels import drifting, labour, parting, producing, venturing
from simulator.mechanisms import enterprise
from simulator.mechanisms.enterprise import by_place
from simulator.state.employers import FORMAL
from simulator.state.firms import FIRM_NAMES, FOUNDED_LOCAL, FOUNDED_OUTSIDE, FOUNDED_RETURNEE, PUBLIC


def found_firms(model) -> None:
    """Firms drift, close and move; firms enter from outside; people found firms."""
    get, seed, month = lambda name: float(model.scenario[f"firms.{name}"]), model.seed, model.month
    private = [f for f in model.firms if f.alive and f.sector != PUBLIC]
    closing, moving = [], {}
    for firm in private:
        if (month + firm.row) % 3 == 0:
            firm.productivity = drifting.drifted(firm.productivity, seed, month, firm.uid, get("drift"), model.rule.returns)
        rate = drifting.closing_rate(
            float(month - firm.born), heads_of(firm), firm.loss_months >= 3, get("exit_old"), get("exit_young"),
            get("exit_size_power"), get("exit_loss_factor"),
        )  # fmt: skip
        if firm_draw(model, streams.FIRM_EXIT, firm) < rate:
            closing.append(firm)
    jobs = np.zeros((model.world.n, 6))
    for line in model.employers:
        jobs[line.place, line.sector] += line.headcount
    pull, share = enterprise.sites(model, jobs)
    for firm in private:
        s = firm.sector
        looks = firm not in closing and s != 1
        if looks and firm_draw(model, streams.FIRM_RELOCATE, firm) < drifting.looking_rate(get("relocation_rate") / 12.0, heads_of(firm)):
            to = drifting.choose_site(
                firm.settlement, pull[s], share[s], get("relocation_stay"), enterprise.SITES_SEEN, seed, month, firm.uid
            )
            if to != firm.settlement:
                moving[firm] = int(to)
    part_with_workers(model, closing, moving)
    enter_from_outside(model)
    start_up(model)
    if month_of_year(month) == 12 or month == model.start + 1:
        count_sages(model)
    model.note(firms_closed=len(closing), firms_moved=len(moving))


def heads_of(firm) -> int:
    """Workers of a firm."""
    return sum(line.headcount for line in firm.lines)


def firm_draw(model, stream: int, firm) -> float:
    """A firm's first number of a stream this month."""
    return venturing.draw1(model.seed, stream, model.month, firm.uid, 0)


def part_with_workers(model, closing, moving) -> None:
    """Workers of firms that close or move look for work; movers post their jobs where they go."""
    gone = {*closing, *moving}
    for person in model.living:
        if person.employer is not None and person.employer.firm in gone:
            person.employer, person.workplace, person.wage, person.state = None, NOWHERE, 0, UNEMPLOYED
    for firm in gone:
        for line in firm.lines:
            line.separations = line.separations + line.headcount if firm in moving else 0
            line.headcount = line.vacancies = line.filled = 0
            line.target, line.separation_factor, line.takers = 0.0, 1.0, []
    places = {flow: np.zeros(model.world.n, dtype=np.int64) for flow in ("firm_repayment", "loan_guarantees", "profits", "got")}
    for firm in closing:
        paid, left, called = (int(x) for x in parting.wind_up(firm.cash, firm.debt, firm.capital, firm.guaranteed))
        places["firm_repayment"][firm.settlement] += paid
        places["loan_guarantees"][firm.settlement] += called
        if firm.founder is not None and left > 0:
            firm.founder.savings += left
            places["profits"][firm.settlement] += left
            places["got"][firm.founder.residence] += left
        else:
            model.equity_fund_fen += left
        for name in ("alive", "cash", "debt", "capital", "guaranteed", "investment", "output", "profit", "loss_months"):
            setattr(firm, name, 0)
        firm.closed = model.month
    got = places.pop("got")
    for flow, amounts in places.items():
        model.ledger.post(flow, amounts, got if flow == "profits" else None)
    for firm, to in moving.items():
        firm.settlement = to
        for line in firm.lines:
            line.place = to


def open_firm(model, place, sector, uid, size, founder, founder_type) -> Firm:
    """A new firm with two job lines and everything but money."""
    place, sector = int(place), int(sector)
    points = producing.rounding_points(model.seed, np.uint64(uid))
    demand = float(model.conditions.demand[place, sector])
    firm = Firm(model, len(model.firms), {
        "uid": uid, "alive": 1, "born": model.month, "settlement": place, "sector": sector, "founder": founder,
        "founder_type": founder_type, "productivity": venturing.productivity_of(size, model.rule.returns),
        "expected_demand": demand, "built_for": demand, "offset0": points[0], "offset1": points[1],
    })  # fmt: skip
    model.firms.append(firm)
    for skill in (0, 1):
        model.employers.append(Employer(model, len(model.employers), firm, {
            "place": place, "sector": sector, "skill": skill, "formal": int(FORMAL[sector]), "separations": math.ceil(size),
        }))  # fmt: skip
    return firm


def enter_from_outside(model) -> None:
    """Firms without a named founder enter; the fund pays for them."""
    private = [f for f in model.firms if f.alive and f.sector != PUBLIC]
    facts = (np.array([getattr(f, name) for f in private]) for name in ("settlement", "sector", "profit", "capital"))
    place, sector, uid, size = enterprise.draw_entrants(model, np.ones(len(private), dtype=bool), *facts)
    wanted = enterprise.wanted_capital(model, place, sector, size)
    bill = enterprise.cost_of_labour(model, place, sector, size)
    spent = np.zeros(len(uid), dtype=np.int64)
    for k in range(len(uid)):
        firm = open_firm(model, place[k], sector[k], uid[k], size[k], None, FOUNDED_OUTSIDE)
        firm.capital, firm.cash = int(wanted[k]), int(float(model.scenario["firms.buffer_months"]) * bill[k])
        model.equity_fund_fen -= firm.capital + firm.cash
        spent[k] = firm.capital
    if len(uid):
        model.ledger.post("firm_investment", by_place(model, place, spent))


def start_up(model) -> None:
    """Candidates of the month who found a firm put in savings and credit and are the first to work there."""
    get, n, levers, s, seed, month = (lambda name: float(model.scenario[f"firms.{name}"])), model.world.n, model.levers, model.settlements, model.seed, model.month
    cost, terms, odds, owners = enterprise.startup_cost(model), model.founding_places, model.startup_odds, {f.founder for f in model.firms if f.alive}
    chosen = []
    for person in model.candidates[streams.FOUND_FIRM]:
        c = person.residence
        able = person.state in (EMPLOYED, 3, 4, UNEMPLOYED, 8)
        if person in owners or not person.alive or not able or not venturing.YOUNGEST <= person.age < venturing.OLDEST:
            continue
        offered = venturing.loan_offered(levers.startup_loan[c], levers.startup_loan_share[c], person.draw(streams.FOUND_FIRM, venturing.LOAN_LUCK))
        need = cost[c] * venturing.relative_size(person.uid, FIRM_NAMES, get("size_spread"), seed, month)
        money = venturing.money_term(max(person.savings, 0) + levers.startup_grant[c] + offered, need)
        returnee = venturing.is_returnee(month, person.last_return, c, person.root)
        rate = venturing.founding_chance(
            venturing.odds_of_founding(money, returnee, person.experience, person.education, terms[c], odds)
        ) if money > -50.0 else 0.0
        if rate > 0.0 and person.draw(streams.FOUND_FIRM) * model.bounds[streams.FOUND_FIRM, person.screen_class] < rate:
            chosen.append((person, returnee, offered))
    books = {flow: np.zeros(n, dtype=np.int64) for flow in ("founding", "firm_loans", "firm_investment")}
    for person, returnee, offered in chosen:
        c, skill = person.residence, int(person.education == COLLEGE)
        uid = venturing.founder_firm_uid(person.uid, month, FIRM_NAMES)
        uid = np.uint64(uid)
        weights = enterprise.SECTORS_IN_VILLAGE if model.kind[c] == RURAL else enterprise.SECTORS_IN_TOWN
        size = venturing.first_size(get("startup_size"), get("size_spread"), seed, month, uid)
        sector = venturing.draw_sector(weights, seed, month, uid)
        at = np.array([c]), np.array([sector]), np.array([size])
        wanted, bill = enterprise.wanted_capital(model, *at)[0], enterprise.cost_of_labour(model, *at)[0]
        leverage = get("leverage")
        need = wanted * (1.0 - leverage) / 0.85 + bill
        own = int(venturing.stake_of(person.savings, need))
        loan = max(0, min(int(offered), int(need) - own))
        capital = int(venturing.first_capital(wanted, own + loan, leverage))
        firm = open_firm(model, c, sector, uid, size, person, FOUNDED_RETURNEE if returnee else FOUNDED_LOCAL)
        lent = int(leverage * capital) + loan
        firm.capital, firm.debt, firm.guaranteed, firm.cash = capital, lent, loan, own + lent - capital
        setattr(firm, f"offset{skill}", 1.0)
        person.savings -= own
        if person.employer is not None:
            person.employer.part_with(person)
        line = firm.lines[skill]
        line.headcount += 1
        person.employer, person.workplace, person.state = line, c, EMPLOYED
        person.wage = labour.agreed_wage(float(s.wage[c, skill]), person.pay_factor())
        for flow, amount in (("founding", own), ("firm_loans", lent), ("firm_investment", capital)):
            books[flow][c] += amount
    for flow, amounts in books.items():
        model.ledger.post(flow, amounts)
    model.note(founded_returnee=sum(r for _, r, _ in chosen), founded_local=sum(not r for _, r, _ in chosen))


def count_sages(model) -> None:
    """People who came home and can mentor, by settlement; market access."""
    s = model.settlements
    rich = enterprise.RICH * s.wealth / np.maximum(s.residents, 1.0)
    s.sages[:] = 0
    for p in model.living:
        c = p.residence
        s.sages[c] += venturing.is_sage(p.last_return, c, p.root, p.education, p.experience, p.savings, rich[c])
    enterprise.measure_access(model)

