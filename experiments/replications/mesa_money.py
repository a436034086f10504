"""Money in the Mesa version: everyone is paid and spends, tenants pay owners, migrants send money home."""

from __future__ import annotations

import numpy as np

from simulator.foundations.units import EMPLOYED, FARMING, FLEXIBLE, RETIRED, WELFARE_JOB
from simulator.kernels import earning, labour, remitting
from simulator.kernels.elementary import exp_
from simulator.mechanisms import earnings

FLOWS = (
    "wages", "employee_contributions", "income_tax_local", "income_tax_central", "farm_sales", "flexible_pay", "welfare_pay",
    "property_income", "pensions", "transfers_to_people", "contributions_of_people", "remittances", "rents",
    "consumption_tradables", "consumption_services",
)  # fmt: skip
"""Flows that the objects add up by settlement and post to the books."""


def pay_people(model) -> None:
    """Everyone is paid, spends and saves; work adds experience; rents and remittances change hands."""
    earnings.set_incomes_of_places(model)
    earnings.index_incomes(model)
    s = model.settlements
    paid = {flow: [0] * model.world.n for flow in FLOWS}
    got = {flow: [0] * model.world.n for flow in ("wages", "remittances")}
    model.income_table, model.property_rate = earnings.income_table(model), earnings.property_rates(model)
    rise = exp_(float(model.scenario["labour.experience_return"]) / 12.0)
    desk = {
        "rises": earning.tabulate_rises(s.wage_growth, rise).tolist(),
        "rules": earnings.spending_rules(model), "rate": model.property_rate.tolist(),
        "farm": s.farm_income.astype(int).tolist(), "flexible": s.flexible_pay.astype(int).tolist(),
        "pension": earnings.pensions_paid(model).astype(int).tolist(), "transfer": s.transfer_income.astype(int).tolist(),
        "welfare": s.welfare_pay.astype(int).tolist(),
    }  # fmt: skip
    spent, rent, wealth = ([0] * model.world.n for _ in range(3))
    income = 0
    for person in model.living:
        earned, consumed, to_owner = earn_and_spend(person, desk, paid, model.rule)
        got["wages"][person.residence] += person.wage
        income += earned
        spent[person.residence] += consumed
        rent[person.residence] += to_owner
        wealth[person.residence] += max(person.savings, 0)
    s.wealth[:] = wealth
    got["rents"] = share_out_rents(model, rent)
    services, goods = (float(model.scenario[name]) for name in ("housing.service_price_share", "household.tradables_share"))
    for j, amount in enumerate(spent):
        paid["rents"][j] = rent[j]
        paid["consumption_services"][j] = int((amount - rent[j]) * (services / max(services + goods, 1e-9)))
        paid["consumption_tradables"][j] = amount - rent[j] - paid["consumption_services"][j]
    s.rents[:] = rent
    send_money_home(model, paid["remittances"], got["remittances"])
    s.remittances[:] = np.array(got["remittances"]) - np.array(paid["remittances"])
    withhold(model, paid, got["wages"])
    for flow in FLOWS:
        model.ledger.post(flow, np.array(paid[flow]), np.array(got[flow]) if flow in got else None)
    firms_pay = sum(sum(paid[flow]) for flow in ("wages", "flexible_pay", "property_income"))
    model.equity_fund_fen += sum(paid["consumption_services"]) - firms_pay
    model.note(income_fen=income, consumption_fen=sum(spent))


def earn_and_spend(person, desk, paid, rule) -> tuple[int, int, int]:
    """A month of one person's pay, spending, saving and experience; returns income, spending and rent in it, fen."""
    here, rules = person.residence, desk["rules"]
    if person.employer is not None:
        rise = desk["rises"][person.employer.place][person.employer.skill][person.experience >= rules.long_profile_months]
        person.wage = labour.grown_wage(person.wage, rise)
    gains = earning.property_income_of(desk["rate"][here], person.savings)
    transfer, state = desk["transfer"][here], person.state
    income = person.wage + gains + transfer
    paid["property_income"][here] += gains
    paid["transfers_to_people"][here] += max(transfer, 0)
    paid["contributions_of_people"][here] += max(-transfer, 0)
    for kind, flow, pay in (
        (FARMING, "farm_sales", desk["farm"][here]), (FLEXIBLE, "flexible_pay", desk["flexible"][here]),
        (WELFARE_JOB, "welfare_pay", desk["welfare"][here]),
        (RETIRED, "pensions", desk["pension"][here][person.insurance]),
    ):  # fmt: skip
        if state == kind:
            income += pay
            paid[flow][here] += pay
    person.worked_months = ((person.worked_months << 1) & earning.TWELVE_BITS) | rule.paid[state]
    person.experience = min(person.experience + rule.learns[state], earning.MOST_MONTHS_WORKED)
    away = here != person.hukou_place
    person.months_away = min(person.months_away + 1, earning.MOST_MONTHS_AWAY) if away else 0
    got, person.received = person.received, 0
    spent = labour.consumption_of(
        income + got, person.savings - got, rules.consume_income, rules.consume_wealth, rules.target_months
    )
    person.savings += income - spent
    return income, spent, earning.rent_of(spent, rules.housing_share, away)


def withhold(model, paid, got) -> None:
    """Employers pay wages before contributions and income tax; both go where they belong."""
    contributions, tax, local = (
        float(model.scenario[f"household.{name}"]) for name in ("employee_contributions", "income_tax", "income_tax_local")
    )
    bill = dict.fromkeys(model.employers, 0)
    for person in model.living:
        if person.employer is not None:
            bill[person.employer] += person.wage
    taxed = [0] * model.world.n
    model.spending = earnings.Spending(
        np.array(paid["consumption_services"]) + np.array(paid["consumption_tradables"]) + np.array(paid["rents"]),
        np.array(paid["rents"]), np.array(paid["consumption_services"]), np.array(paid["consumption_tradables"]),
        np.zeros(model.world.n, dtype=np.int64),
    )  # fmt: skip
    for employer, take_home in bill.items():
        j, insured, levied = employer.place, int(take_home * contributions), int(take_home * tax)
        employer.bill, employer.gross = take_home, take_home + insured + levied
        paid["wages"][j] += employer.gross
        got[j] += insured + levied
        paid["employee_contributions"][j] += insured
        taxed[j] += levied
    for j, amount in enumerate(taxed):
        paid["income_tax_local"][j] = int(amount * local)
        paid["income_tax_central"][j] = amount - int(amount * local)


def get(person, amount: int) -> None:
    """Take in (or, below zero, give away) money beside pay."""
    person.savings += amount
    person.received += amount


def share_out_rents(model, rent: list[int]) -> list[int]:
    """Households that dwell where their head is registered share its rents, more with savings; returns them by where heads live."""
    grain = earnings.rent_grain(model)
    got = [0] * len(rent)
    owners = [[] for _ in rent]
    for home in model.homes:
        if home.head is not None and home.head.hukou_place == home.dwelling:
            owners[home.dwelling].append(home.head)
    for j, heads in enumerate(owners):
        if not heads:
            rent[j] = 0
            continue
        parts = [1 + min(max(head.savings, 0) // int(grain[j]), remitting.MOST_PARTS) for head in heads]
        each, extra = divmod(rent[j], sum(parts))
        for head, many in zip(heads, parts, strict=True):
            odd = min(extra, many)
            extra -= odd
            get(head, each * many + odd)
            got[head.residence] += each * many + odd
    return got


def send_money_home(model, paid, got) -> None:
    """Migrants with pay send a share of it to the family at the root."""
    s, value = model.settlements, model.scenario
    alone, family, decline, least = (
        float(value[f"household.remittance_{name}"]) for name in ("alone", "family", "decline", "least")
    )
    planned = []
    for person in model.living:
        if person.residence == person.root or person.state not in (EMPLOYED, FLEXIBLE):
            continue
        to = family_at_home(person)
        if to is None:
            continue
        pay = person.wage if person.state == EMPLOYED else 0
        if person.state == FLEXIBLE:
            pay = int(s.flexible_pay[person.residence])
        together = person.partner is not None and person.partner.residence == person.residence
        share = remitting.remittance_share(together, person.months_away, alone, family, decline, least)
        planned.append((person, to, int(pay * share)))
    planned = [(person, to, min(amount, max(person.savings, 0))) for person, to, amount in planned]  # before anything arrives
    for person, to, sent in planned:
        get(person, -sent)
        get(to, sent)
        paid[person.residence] += sent
        got[to.residence] += sent


def family_at_home(person):
    """Who of the family lives at the root: partner, head of the household, mother, her partner, a child."""
    mother = person.mother
    asked = [person.partner, person.household.head if person.household is not None else None, mother]
    asked += [mother.partner if mother is not None else None]
    for relative in asked:
        if relative is not None and relative is not person and relative.alive and relative.residence == person.root:
            return relative
    return next((c for c in person.children if c.alive and c.residence == person.root), None)
