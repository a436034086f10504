"""Firms as Mesa agents: what they plan, hire, make and sell, and who gets the money."""

from __future__ import annotations

import numpy as np
from mesa.discrete_space import FixedAgent

from simulator.foundations.units import EMPLOYED, NOWHERE
from simulator.kernels import labour, producing, settling
from simulator.kernels.elementary import exp_
from simulator.kernels.settling import (
    CONTRIBUTIONS,
    INPUTS,
    INTEREST,
    INVESTMENT,
    LABOUR,
    LENT,
    LOCAL_SERVICES,
    MARKET,
    N_BOOKED,
    PRODUCTION_TAX,
    PROFIT_TAX,
    PUBLIC,
    PUBLIC_BILL,
    REPAID,
    UNSEEN,
)
from simulator.mechanisms import accounts
from simulator.state.employers import EMPLOYER_COLUMNS
from simulator.state.firms import FIRM_COLUMNS

STARTS = {c.name: c.start for c in FIRM_COLUMNS} | {"founder": None}
LINE_STARTS = {c.name: c.start for c in EMPLOYER_COLUMNS}


def copy_firms(model) -> tuple[list, list]:
    """The firms and job lines of the base year as objects; nobody knows who founded them."""
    columns, lines = model.firms, model.employers
    values = [{name: getattr(columns, name)[row].item() for name in columns.columns} for row in range(len(columns))]
    firms = [Firm(model, row, found | {"founder": None}) for row, found in enumerate(values)]
    arrays = lines.arrays()
    return firms, [Employer(model, row, firms[row // 2], {n: a[row].item() for n, a in arrays.items()}) for row in range(len(lines))]


class Firm(FixedAgent):
    """A firm: it makes things in one place with its capital and two lines of jobs."""

    def __init__(self, model, row: int, values: dict):
        super().__init__(model)
        self.row = row
        self.__dict__.update(STARTS | values)
        self.uid = np.uint64(self.uid)
        self.made = self.dividend = 0
        self.lines: list[Employer] = []
        self.cell = model.cells[self.settlement]

    def plan(self, now, rule) -> None:
        """Expect demand, build capital, want jobs, post vacancies, shed workers."""
        c, s = self.settlement, self.sector
        size = producing.efficient_size(self.productivity, rule.returns)
        self.expected_demand += rule.learning * (now.demand[c, s] - self.expected_demand)
        unit = self.model.technology.capital_unit[c, s]
        wanted = producing.jobs_in_all(
            size, self.capital / unit, self.built_for, self.expected_demand, now.level[c, s], rule.capital_answers[s]
        )
        aim = exp_(now.best[c, s]) * size * self.expected_demand * unit
        invest = producing.investment_of(self.capital, aim, rule.capital_speed, rule.trend, rule.wear)
        if self.founder is not None:
            invest = min(invest, producing.affordable(self.capital, self.cash, self.debt, rule.leverage))
        self.capital += invest - int(rule.wear * self.capital)
        self.investment = 0 if s == PUBLIC else invest
        self.built_for += rule.capital_speed * (self.expected_demand - self.built_for)
        luck = producing.posting_luck(self.model.seed, self.model.month, self.uid)
        for line, offset in zip(self.lines, (self.offset0, self.offset1), strict=True):
            line.plan(producing.whole_jobs(now.mix[c, s, line.skill] * wanted, offset), now.offers[c], luck[line.skill], rule)


    @property
    def heads(self) -> int:
        """Everyone who works here."""
        return sum(line.headcount for line in self.lines)

    @property
    def bill(self) -> int:
        """Take-home pay of everyone who works here."""
        return sum(line.bill for line in self.lines)

    def make(self, now, rules) -> None:
        """Value added of the month at today's prices."""
        c, s, tech, wage = self.settlement, self.sector, self.model.technology, self.model.settlements.wage
        self.made = 0
        if not self.alive or s == PUBLIC:
            return
        labour_units = [settling.hired_labour(line.bill, wage[c, k], tech.efficiency[c, s, k]) for k, line in enumerate(self.lines)]
        workers = producing.labour_aggregate(
            *labour_units, now.college_share[c, s], now.cost_share[c, s], rules.skill_substitution
        )
        self.made = int(producing.value_added(
            now.worth[c, s], now.productivity[c], now.price[c, s], self.productivity, self.built_for,
            self.capital / tech.capital_unit[c, s], workers, rules.capital_share, rules.labour_share,
        ))  # fmt: skip

    def settle(self, sales: int, rules, booked) -> int:
        """Pay labour, taxes, banks and machines out of sales, profits to the owner; returns what the fund gets."""
        model, c = self.model, self.settlement
        bill, wages = self.bill, sum(line.gross for line in self.lines)
        contributions, unseen = int(bill * rules.contributions), int(bill * rules.unseen)
        labour_cost = wages + contributions + unseen
        self.dividend = 0
        for column, amount in ((LABOUR, wages), (CONTRIBUTIONS, contributions), (UNSEEN, unseen)):
            booked[c, column] += amount
        if self.sector == PUBLIC:
            booked[c, PUBLIC_BILL] += labour_cost
            self.output = labour_cost
            return -contributions - unseen
        if self.sector == LOCAL_SERVICES:
            inputs = int(sales * model.settlements.service_inputs[c])
            booked[c, INPUTS] += inputs
            sales -= inputs
        else:
            booked[c, MARKET] += sales
        taxed, owed, wear = int(rules.production_tax * sales), int(rules.interest * self.debt), int(rules.wear * self.capital)
        result = settling.profit_of(sales, labour_cost, taxed, owed, wear)
        free = self.founder is not None and model.month - self.born < model.levers.startup_tax_holiday[c]
        tax = 0 if free else int(rules.profit_tax * max(result, 0))
        self.cash += sales - labour_cost - taxed - owed - tax - self.investment
        for column, amount in ((PRODUCTION_TAX, taxed), (PROFIT_TAX, tax), (INTEREST, owed), (INVESTMENT, self.investment)):
            booked[c, column] += amount
        self.profit, self.output = result - tax, sales
        self.loss_months = min(self.loss_months + 1, 250) if result < 0 else 0
        aim, to_fund = int(rules.buffer_months * labour_cost), wages
        if self.founder is None:
            if result >= 0 or self.cash > aim:
                to_fund += self.cash - aim
                self.cash = aim
            return to_fund
        if self.cash < 0:
            lent = max(0, min(-self.cash, int(rules.leverage * self.capital) - self.debt))
            self.cash, self.debt = self.cash + lent, self.debt + lent
            booked[c, LENT] += lent
        spare = max(0, self.cash - aim)
        repaid = min(spare // 2, self.debt)
        self.dividend = max(0, min(spare - repaid, self.profit))
        self.debt -= repaid
        self.cash -= repaid + self.dividend
        booked[c, REPAID] += repaid
        return to_fund


class Employer(FixedAgent):
    """The jobs of one firm for one skill group."""

    def __init__(self, model, row: int, firm: Firm, values: dict):
        super().__init__(model)
        self.row, self.firm = row, firm
        self.__dict__.update(LINE_STARTS | values)
        self.takers = []
        self.bill = self.gross = 0
        self.cell = model.cells[self.place]
        firm.lines.append(self)

    def plan(self, target: float, offers: float, luck: float, rule) -> None:
        """Want jobs, post vacancies, shed workers."""
        self.target, left = target, self.separations + self.vacancies - self.filled
        self.vacancies = labour.posted_vacancies(left, target, self.headcount, rule.adjustment, offers, luck)
        self.separation_factor = labour.layoff_factor(self.headcount, target, rule.adjustment, rule.separation)
        self.separations = self.filled = 0
        self.takers = [None] * self.vacancies

    def part_with(self, person) -> None:
        """Somebody's job here ends."""
        self.headcount -= 1
        self.separations += 1
        person.employer, person.workplace, person.wage = None, NOWHERE, 0

    def hire(self, person) -> None:
        """Somebody starts here, at the market's pay times their own."""
        if person.employer is not None:
            person.employer.part_with(person)
        self.headcount += 1
        self.filled += 1
        person.employer, person.workplace, person.state = self, self.place, EMPLOYED
        market_wage = float(self.model.settlements.wage[self.place, self.skill])
        person.wage = labour.agreed_wage(market_wage, person.pay_factor())


def settle_firms(model) -> None:
    """Every firm makes, sells and settles; the price of local services moves."""
    s, now, rules, n = model.settlements, model.conditions, accounts.rules_of(model), model.world.n
    made_in = np.zeros((n, 6), dtype=np.int64)
    for firm in model.firms:
        firm.make(now, rules)
        made_in[firm.settlement, firm.sector] += firm.made
    capacity = made_in[:, LOCAL_SERVICES]
    demand = accounts.demand_for_services(model, capacity)
    total = np.where(capacity > 0, demand, 0).tolist()
    left, sales = list(total), {}
    sellers = [f for f in model.firms if f.alive and f.sector == LOCAL_SERVICES]
    for firm in sellers:
        sales[firm] = int(total[firm.settlement] * (firm.made / max(capacity[firm.settlement], 1)))
        left[firm.settlement] -= sales[firm]
    for firm in sellers:
        if left[firm.settlement] > 0 and firm.made > 0:
            sales[firm] += 1
            left[firm.settlement] -= 1
    booked = np.zeros((n, N_BOOKED), dtype=np.int64)
    for firm in model.firms:
        if firm.alive:
            model.equity_fund_fen += firm.settle(sales.get(firm, firm.made), rules, booked)
    paid, got = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    for firm in model.firms:
        if firm.alive and firm.dividend:
            firm.founder.savings += firm.dividend
            firm.founder.received += firm.dividend
            paid[firm.settlement] += firm.dividend
            got[firm.founder.residence] += firm.dividend
    model.ledger.post("profits", paid, got)
    accounts.book_accounts(model, booked)
    accounts.run_the_fund(model)
    settling.move_prices(s.service_price, demand, capacity, s.service_inputs, float(model.scenario["firms.price_adjustment"]))
    for firm in model.firms:
        booked[firm.settlement, settling.MADE] += firm.output * firm.alive
        booked[firm.settlement, settling.EARNED] += firm.profit * firm.alive
    model.output = accounts.report(booked)
