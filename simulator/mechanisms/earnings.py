"""Income: wages, farms, flexible work, pensions, property; what people spend, pay to owners and send home."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.foundations.paths import real_growth
from simulator.foundations.units import EMPLOYED, FEN, FLEXIBLE, STATES, WELFARE_JOB
from simulator.kernels import billing, earning, remitting
from simulator.kernels.elementary import exp_
from simulator.kernels.labour import LONGEST_PROFILE

WRITES = {
    "persons": ("wage", "savings", "received", "worked_months", "experience", "months_away"),
    "households": (),
    "settlements": (
        "farm_productivity", "farm_income", "flexible_pay", "welfare_pay", "pension", "property_income",
        "transfer_income", "wealth", "rents", "remittances",
    ),
    "employers": (),
}  # fmt: skip

PAID = np.isin(np.arange(len(STATES)), (EMPLOYED, FLEXIBLE, WELFARE_JOB)).astype(np.int64)
"""By state, 1 for non-farm work."""
EXPERIENCED = PAID
"""By state, 1 for work that adds experience: work off the farm, whose pay it raises."""
POSTED = (
    "employee_contributions", "income_tax_local", "income_tax_central", "farm_sales", "flexible_pay", "welfare_pay", "pensions",
    "property_income", "transfers_to_people", "contributions_of_people",
)  # fmt: skip
"""Flows of the books, in the order of the rows of `billing.split_income` from `INSURED` on."""
PIECES = 4
"""Ranges a thread where some people and households take much longer than others."""


def farm_growth(model) -> float:
    """Growth of farm productivity this month: its own driver, else the national one; both a year."""
    for name in ("farm_productivity_growth", "productivity_growth"):
        if name in model.world.drivers:
            return exp_(float(model.driver(name)) / 12.0)
    return 1.0


def set_incomes_of_places(model) -> None:
    """Farm income by land per farmer, flexible pay by how many share the demand, welfare jobs by the minimum wage."""
    s, get = model.settlements, model.scenario
    s.farm_productivity *= farm_growth(model)
    earning.set_farm_incomes(
        s.farm_productivity, model.levers.farm_productivity, s.farmers_base, s.farmers,
        float(get["farming.land_share"]), s.farm_income,
    )  # fmt: skip
    earning.set_flexible_pay(
        s.wage, s.wage_base, float(get["labour.flexible_pay_share"]), s.flexible_workers, s.flexible_base, s.residents,
        s.residents_base, float(get["labour.flexible_pay_elasticity"]), s.flexible_pay,
    )  # fmt: skip
    s.welfare_pay[:] = np.maximum(model.levers.wage_floor, float(get["floor.minimum_wage_share"]) * s.wage[:, 0])
    s.welfare_pay *= model.levers.welfare_pay


def index_incomes(model) -> None:
    """Pensions follow their drivers in real terms; property income and other transfers follow the market's pay."""
    s = model.settlements
    for name, schemes in (("pension_resident", (0, 1)), ("pension_employee", (2,))):
        s.pension[:, schemes] *= real_growth(model, name)
    s.property_income *= s.wage_growth[:, 0]
    s.transfer_income *= s.wage_growth[:, 0]


@dataclass
class Spending:
    """What households spent this month by settlement of residence, whole fen, i8[n] each."""

    total: np.ndarray  # all of it
    rent: np.ndarray  # paid by tenants to owners
    services: np.ndarray  # local services
    tradables: np.ndarray  # goods bought from anywhere
    medical: np.ndarray  # treatment, by patients and insurance together (booked by the floor)


@dataclass
class PayDesk:
    """Room in which a month's pay is added up, kept between months."""

    bill: np.ndarray  # i8[ranges, job lines]
    totals: np.ndarray  # i8[ranges, n, N_TOTALS]
    heads: np.ndarray  # i8[ranges, n, states, schemes]

    @classmethod
    def of(cls, ranges: int, lines: int, n: int) -> PayDesk:
        """An empty desk."""
        return cls(
            np.zeros((ranges, lines), dtype=np.int64),
            np.zeros((ranges, n, earning.N_TOTALS), dtype=np.int64),
            np.zeros((ranges, n, earning.N_STATES, earning.N_INSURANCES), dtype=np.int64),
        )


def pay_desk(model, lines: int) -> PayDesk:
    """The model's desk, emptied; made anew when job lines were added."""
    n = len(model.settlements.farm_income)
    desk = getattr(model, "pay_desk", None)
    if desk is None or desk.bill.shape[0] != model.crew.threads or desk.bill.shape[1] < lines:
        room = lines + (lines // 8 if desk is not None else 0)
        desk = model.pay_desk = PayDesk.of(model.crew.threads, room, n)
    return desk


def spending_rules(model) -> earning.SpendingRules:
    """The parameters of a month's spending."""
    get = model.scenario
    return earning.SpendingRules(
        float(get["household.consume_income"]), float(get["household.consume_wealth"]),
        float(get["household.target_months"]), float(get["housing.housing_share"]),
        float(get["household.top_tax_threshold"]) * FEN, int(LONGEST_PROFILE * 12),
    )  # fmt: skip


def pensions_paid(model) -> np.ndarray:
    """Pension by settlement and scheme, fen a month; parity closes a share of the gap to employees' pensions."""
    s = model.settlements
    paid = s.pension.copy()
    gap = np.maximum(s.pension[:, 2:] - s.pension[:, :2], 0.0)
    paid[:, :2] += model.levers.pension_parity[:, None] * gap
    return paid


def property_rates(model) -> np.ndarray:
    """Property income a month for a fen of savings: what the place's people have coming, less rents, over what they hold."""
    s = model.settlements
    due = np.maximum(s.property_income * s.residents - s.rents, 0.0)
    return np.divide(due, s.wealth, out=np.zeros(len(due)), where=s.wealth > 0)


def income_table(model, pensions: np.ndarray | None = None) -> np.ndarray:
    """Income without wage and property by (settlement, state, scheme), whole fen a month."""
    s = model.settlements
    pensions = pensions_paid(model) if pensions is None else pensions
    return earning.tabulate_incomes(s.farm_income, s.flexible_pay, pensions, s.welfare_pay, s.transfer_income)


def pay_people(model) -> dict[str, int]:
    """Everyone is paid by state and place, spends and saves; tenants pay owners, migrants send money home.

    Books every payment. What firms owe for wages, by job line, is left in `model.wage_bill` (take-home)
    and `model.gross_wages` (with employees' contributions and income tax), what was spent in
    `model.spending`. Firms' money moves in `model.equity_fund_fen`, which advances pay and takes in
    what services sold; firms settle with it.
    """
    set_incomes_of_places(model)
    index_incomes(model)
    s, get = model.settlements, model.scenario
    place, skill = model.employers.place, model.employers.skill
    desk = pay_desk(model, len(place))
    pensions, rate = pensions_paid(model), property_rates(model)
    table = income_table(model, pensions)
    model.income_table, model.property_rate = table, rate
    rises = earning.tabulate_rises(s.wage_growth, exp_(float(get["labour.experience_return"]) / 12.0))
    places = earning.PlacePay(table, rate, model.levers.top_tax)
    people, rules = model.persons.bundle(earning.Earners), spending_rules(model)
    where = np.empty(len(people.alive), dtype=np.uint16)
    free, used = list(range(model.crew.threads)), set()

    def one_range(span) -> None:
        k = free.pop()  # whole numbers: which desk adds up whom makes no difference
        bill, totals, heads = desk.bill[k], desk.totals[k], desk.heads[k]
        if k not in used:
            bill[...], totals[...], heads[...] = 0, 0, 0
            used.add(k)
        earning.pay_and_spend(people, places, (place, skill), rises, PAID, EXPERIENCED, rules, bill, totals, heads, where, *span)
        free.append(k)

    model.crew.each(one_range, model.crew.shares(len(people.alive), PIECES))
    desks = sorted(used)
    totals, heads = desk.totals[desks].sum(axis=0), desk.heads[desks].sum(axis=0)
    s.wealth[:] = totals[:, earning.WEALTH]
    income = book_income(model, desk.bill[: len(used)] if desks == list(range(len(used))) else desk.bill[desks], heads, totals, pensions)
    book_spending(model, totals)
    remitted = remit(model, where)
    return {
        "income_fen": income, "consumption_fen": int(totals[:, earning.SPENT].sum()), "remitted_fen": remitted,
        "rents_fen": int(model.spending.rent.sum()),
    }  # fmt: skip


def book_income(model, bills, heads, totals, pensions) -> int:
    """Draw up the bills of job lines, post what people were paid, by kind; returns the sum of it, fen."""
    ledger, s, get, place = model.ledger, model.settlements, model.scenario, model.employers.place
    withheld = float(get["household.employee_contributions"]), float(get["household.income_tax"])
    model.wage_bill, model.gross_wages = np.empty((2, len(place)), dtype=np.int64)
    ranges = model.crew.shares(len(place))
    sums = np.zeros((len(ranges), len(totals), 3), dtype=np.int64)
    model.crew.each(
        lambda k: billing.draw_up_bills(bills, place, *withheld, model.wage_bill, model.gross_wages, sums[k], *ranges[k]),
        list(range(len(ranges))),
    )
    by_place, out = sums.sum(axis=0), np.empty((billing.N_KINDS, len(totals)), dtype=np.int64)
    income = billing.split_income(
        heads, totals, by_place, model.income_table, s.farm_income, s.flexible_pay, s.welfare_pay, pensions, s.pension,
        s.transfer_income, float(get["household.income_tax_local"]), out,
    )  # fmt: skip
    wages = ledger.post("wages", np.ascontiguousarray(by_place[:, 0]), out[billing.TAKEN_HOME])
    booked = dict(zip(POSTED, ledger.post_all(POSTED, out[billing.INSURED :]), strict=True))
    model.pension_extra = out[billing.PENSIONS_MORE]
    model.equity_fund_fen -= wages + booked["flexible_pay"] + booked["property_income"]
    return int(income)


def book_spending(model, totals) -> None:
    """Split what was spent into rent, local services and tradables; owners of a place share its rents."""
    ledger, s, get = model.ledger, model.settlements, model.scenario
    services, goods = float(get["housing.service_price_share"]), float(get["household.tradables_share"])
    spent, rent = totals[:, earning.SPENT].copy(), totals[:, earning.RENT].copy()
    owners = share_out_rents(model, rent)
    part = services / max(services + goods, 1e-9)
    bought = np.floor((spent - rent) * part).astype(np.int64)
    model.spending = Spending(spent, rent, bought, spent - rent - bought, np.zeros_like(spent))
    ledger.post("rents", rent, owners)
    model.equity_fund_fen += ledger.post("consumption_services", bought)
    ledger.post("consumption_tradables", model.spending.tradables)
    s.rents[:] = rent


def rent_grain(model) -> np.ndarray:
    """Savings, whole fen, for which an owner of each place gets a further part of its rents: a twentieth of the mean there."""
    s = model.settlements
    return np.maximum(s.wealth / np.maximum(s.residents, 1.0) / remitting.GRAIN, 1.0).astype(np.int64)


def share_out_rents(model, rent: np.ndarray, move_money: bool = True) -> np.ndarray:
    """Owner households of a place share its rents: one part each, and more with savings; the first parts get a fen more until it is gone.

    Where nobody owns, no rent is paid apart: `rent` is set to zero there and stays other spending.
    Returns the rents by where the owners live, i8[n].
    """
    homes, people, n = model.households, model.persons.bundle(remitting.Family), len(rent)
    ranges = model.crew.shares(len(homes), PIECES)
    owned, got = np.zeros((2, len(ranges), n), dtype=np.int64)
    grain = rent_grain(model)
    (rows, shares), places = np.empty((2, len(homes)), dtype=np.int32), np.empty(len(homes), dtype=np.uint16)

    def count(k: int) -> int:
        lo, hi = ranges[k]
        return remitting.count_owners(
            homes.head, homes.dwelling, people.hukou_place, people.savings, grain, owned[k], rows[lo:hi], places[lo:hi],
            shares[lo:hi], lo, hi,
        )  # fmt: skip

    parts = list(range(len(ranges)))
    counts = model.crew.each(count, parts)
    in_all = owned.sum(axis=0)
    rent[in_all == 0] = 0
    each, extra = np.divmod(rent, np.maximum(in_all, 1))
    rank = np.cumsum(owned, axis=0) - owned

    def collect(k: int) -> None:
        mine = slice(ranges[k][0], ranges[k][0] + counts[k])
        remitting.collect_rents(rows[mine], places[mine], shares[mine], people, each, extra, rank[k], move_money, got[k])

    model.crew.each(collect, parts)
    return got.sum(axis=0)


def remit(model, where: np.ndarray | None = None, move_money: bool = True) -> int:
    """Migrants with pay send a share of it to the family at the root; returns the sum, fen.

    `where` is what `remitting.locate` notes of everyone (default: it is noted here).
    """
    persons, s, get = model.persons, model.settlements, model.scenario
    people, head, n, rows = persons.bundle(remitting.Family), model.households.head, len(s.residents), len(persons)
    rates = tuple(float(get[f"household.remittance_{name}"]) for name in ("alone", "family", "decline", "least"))
    if where is None:
        where = np.empty(rows, dtype=np.uint16)
        remitting.locate(people.alive, people.residence, where, 0, rows)
    (senders, receivers), amounts = np.empty((2, rows), dtype=np.int32), np.empty(rows, dtype=np.int64)

    def send(share) -> tuple[np.ndarray, ...]:
        lo, hi = share
        receiver, amount, sent = receivers[lo:hi], amounts[lo:hi], np.zeros(n, dtype=np.int64)
        count = remitting.send_home(
            people, where, head, s.flexible_pay, *rates, move_money, senders[lo:hi], receiver, amount, sent, lo, hi
        )
        return receiver[:count], amount[:count], sent

    plans = model.crew.each(send, model.crew.shares(rows, PIECES))
    sent = sum(plan[2] for plan in plans)

    def arrive(share) -> np.ndarray:
        arrived = np.zeros(n, dtype=np.int64)
        for receiver, amount, _ in plans:
            remitting.take_in(receiver, amount, people, move_money, arrived, *share)
        return arrived

    arrived = sum(model.crew.each(arrive, model.crew.shares(rows)))
    s.remittances[:] = arrived - sent
    if move_money:
        model.ledger.post("remittances", sent, arrived)
    return int(sent.sum())
