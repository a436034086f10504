"""The social floor: guarantee, temporary assistance, unemployment benefit, illness and insurance, disability, welfare jobs."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from simulator.foundations.errors import InvariantBroken
from simulator.foundations.once import once
from simulator.foundations.paths import real_growth
from simulator.foundations.streams import HEALTH_SHOCK
from simulator.foundations.units import (
    AGE_GROUP_START,
    FARMING,
    FEN,
    FLEXIBLE,
    RURAL,
    UNEMPLOYED,
    WELFARE_JOB,
    month_of_year,
)
from simulator.kernels import caring, earning, securing
from simulator.kernels.classes import N_CLASSES

WRITES = {
    "persons": ("state", "disability", "savings", "received", "benefit_months"),
    "households": ("guarantee", "guarantee_rest", "aided"),
    "settlements": ("guarantee_line", "floor_a_head", "guaranteed", "guarantee_rest", "beside"),
    "employers": (),
    "firms": ("cash", "disabled"),
}

ASSESSMENT_MONTHS = (1, 4, 7, 10)
"""Calendar months in which households are assessed; payments run until the next."""
GUARANTEE_LEVERS = ("guarantee_line", "guarantee_take_up", "guarantee_earnings_kept")
ILLNESS_BY_AGE = ((0, 0.9), (5, 0.45), (15, 0.35), (30, 0.6), (45, 0.8), (60, 1.9), (70, 2.9), (85, 3.2))
"""(age from, stays in hospital relative to the mean of all), after admissions by age in health surveys (assumed)."""
STAYS_BY_AGE = np.array([[factor for start, factor in ILLNESS_BY_AGE if start <= age][-1] for age in range(111)])


def value(model, name: str) -> float:
    """A parameter of the floor."""
    return float(model.scenario[f"floor.{name}"])


# --- illness: the bound of its stream ------------------------------------------------------------


def illness_rates(model) -> np.ndarray:
    """Monthly probability of a costly illness by year of age, 0 to 110."""
    return once(model, "illness_rates", lambda: np.minimum(value(model, "illness_rate") / 12.0 * STAYS_BY_AGE, 0.9))


def expected_treatment(model) -> np.ndarray:
    """What treatment costs in a month on average, patients and insurance together, fen by settlement."""
    p = model.persons
    living = p.alive == 1
    age = np.clip((model.month - p.birth_month[living].astype(np.int64)) // 12, 0, 110)
    cases = np.bincount(p.residence[living], weights=illness_rates(model)[age], minlength=model.world.n)
    return cases * value(model, "treatment_cost") * FEN


def illness_bounds(model) -> np.ndarray:
    """Upper bound of the monthly probability of illness by screening class."""

    def by_group() -> np.ndarray:
        rates, ages = illness_rates(model), [*AGE_GROUP_START, 111]
        groups = np.array([rates[a:b].max() for a, b in pairwise(ages)])
        return np.repeat(groups, N_CLASSES // len(groups))

    return once(model, "illness_bounds", by_group)


# --- lines and benefits by place ------------------------------------------------------------------


def set_first_lines(model) -> None:
    """Local lines of the guarantee at the base year: the national line of town or country times the province's income."""
    s, world = model.settlements, model.world
    rural = world.kind == RURAL
    people = np.maximum(world.population, 1e-9)
    for side, name, incomes in ((~rural, "urban", world.income_urban), (rural, "rural", world.income_rural)):
        if side.any():
            income = incomes[world.province[side]]
            level = np.clip(income / np.average(income, weights=people[side]), 0.6, 1.8)
            line = value(model, f"guarantee_line_{name}") * FEN
            s.guarantee_line[side] = line * level / np.average(level, weights=people[side])


def raise_lines(model) -> None:
    """Lines follow the national ones, in real terms."""
    s, rural = model.settlements, model.world.kind == RURAL
    s.guarantee_line[~rural] *= real_growth(model, "dibao", "urban")
    s.guarantee_line[rural] *= real_growth(model, "dibao", "rural")


def unemployment_benefit(model) -> np.ndarray:
    """Benefit by settlement, fen a month: a share of the local minimum wage."""
    s = model.settlements
    minimum = np.maximum(model.levers.wage_floor, value(model, "minimum_wage_share") * s.wage[:, 0])
    return value(model, "benefit_share") * minimum * model.levers.ui_replacement


def rules_now(model) -> securing.Rules:
    """The rules of the guarantee this month, and as they are with levers at rest."""
    s, levers = model.settlements, model.levers
    counted, rural = value(model, "taper"), model.world.kind == RURAL
    asked = np.where(rural, value(model, "take_up_rural"), value(model, "take_up_urban"))
    return securing.Rules(
        line=s.guarantee_line * levers.guarantee_line,
        counted=np.maximum(counted * (1.0 - levers.guarantee_earnings_kept), 0.0),
        take_up=asked + (1.0 - asked) * np.minimum(levers.guarantee_take_up, 1.0),
        rest_line=s.guarantee_line.copy(), rest_counted=counted, rest_take_up=asked,
        asset_months=value(model, "asset_months"), aid=value(model, "disability_aid") * FEN, aid_lines=value(model, "aid_lines"),
        seen=value(model, "income_seen"),
    )  # fmt: skip


# --- the month -------------------------------------------------------------------------------------


def support_people(model) -> dict[str, int]:
    """Assess households, pay guarantee, aid and benefit, treat the ill, fill welfare jobs; all of it booked."""
    raise_lines(model)
    tally = {}
    if month_of_year(model.month) in ASSESSMENT_MONTHS:
        assess(model)
        tally["told_to_search"] = link_to_work(model)
    paid = pay_guarantee(model)
    benefit, jobless = pay_benefit(model)
    ledger = model.ledger
    tally["guarantee_fen"] = ledger.post("guarantee", paid[:, 0])
    ledger.post("disability_aid", paid[:, 1])
    ledger.post("care_allowance", pay_care(model))
    hold_to_the_quota(model)
    tally["benefit_fen"] = ledger.post("unemployment_benefits", benefit)
    tally["on_benefit"] = int(jobless.sum())
    tally |= treat(model)
    report_costs(model, paid[:, 2])
    tally |= run_welfare_jobs(model)
    return tally


def assess(model, incomes=None, rate=None) -> None:
    """Assess every household: its guarantee and aid until the next assessment.

    `incomes` and `rate` are the tables of the month's pay (default: those `pay_people` left on the model).
    """
    persons, homes, s, n = model.persons, model.households, model.settlements, model.world.n
    incomes = model.income_table if incomes is None else incomes
    rate = model.property_rate if rate is None else rate
    work_pay = np.zeros((n, earning.N_STATES), dtype=np.int64)
    for state, pay in ((FARMING, s.farm_income), (FLEXIBLE, s.flexible_pay), (WELFARE_JOB, s.welfare_pay)):
        work_pay[:, state] = pay.astype(np.int64)
    people, crew, rules, lists = persons.bundle(securing.Assessed), model.crew, rules_now(model), homes.bundle(securing.Lists)
    crew.each(lambda share: securing.renew_benefits(people, *share), crew.shares(len(persons)))

    def assessed(share) -> np.ndarray:
        lo, hi = share
        pooled, plan = np.empty((hi - lo, securing.POOLED), dtype=np.int64), np.zeros((n, 4), dtype=np.int64)
        securing.pool_for_assessment(people, lists.dwelling, incomes, work_pay, rate, pooled, lo, hi)
        securing.assess_households(model.seed, persons.uid, lists, rules, pooled, plan, lo, hi)
        return plan

    plan = sum(crew.each(assessed, crew.shares(len(homes))))
    s.guaranteed[:] = plan[:, 3]
    s.guarantee_rest[:] = plan[:, 1]
    a_head = (plan[:, 0] + plan[:, 2]) / np.maximum(s.residents, 1.0)
    s.beside += a_head - s.floor_a_head
    s.floor_a_head[:] = a_head
    model.floor_list = None


def pay_guarantee(model, move_money: bool = True) -> np.ndarray:
    """Pay the households on the list; returns fen of guarantee, of aid, and of guarantee beyond that at rest, i8[n, 3] by settlement.

    A policy that raised the guarantee pays for what lies beyond the guarantee at rest while its budget lasts.
    """
    homes, persons = model.households, model.persons
    if getattr(model, "floor_list", None) is None:
        rows = np.empty(len(homes), dtype=np.int32)
        model.floor_list = rows[: securing.list_paid(homes.guarantee, homes.aided, rows)].copy()
    rows, lists = model.floor_list, homes.bundle(securing.Lists)
    shares, funded, aid = model.crew.shares(len(rows)), funded_guarantee(model, lists), np.int64(value(model, "disability_aid") * FEN)
    paid = np.zeros((len(shares), model.world.n, 3), dtype=np.int64)
    columns = persons.residence, persons.savings, persons.received
    model.crew.each(  # nobody heads two households
        lambda k: securing.pay_households(rows[slice(*shares[k])], lists, aid, *columns, funded, move_money, paid[k]),
        list(range(len(shares))),
    )
    return paid.sum(axis=0)


def funded_guarantee(model, lists) -> np.ndarray:
    """Share by settlement of what is promised beyond the guarantee at rest that policies can pay this month, f8[n]."""
    programmes, more = getattr(model, "programmes", None), np.zeros(model.world.n, dtype=np.int64)
    lever = pulled(programmes, GUARANTEE_LEVERS)
    if lever is None:  # whose budget is spent, or whose time is over, pays no more
        waiting = programmes is not None and any(set(GUARANTEE_LEVERS) & set(row.policy.levers) for row in programmes.rows)
        return np.zeros(model.world.n) if waiting else np.ones(model.world.n)
    securing.owed_beyond_rest(model.floor_list, lists, model.persons.residence, more)
    return programmes.fundable(lever, more)


def pulled(programmes, levers) -> str | None:
    """The first of these levers that a policy pulls this month."""
    return None if programmes is None else next((lever for lever in levers if programmes.pulls.get(lever)), None)


def pay_benefit(model, rows=None, move_money: bool = True) -> tuple[np.ndarray, np.ndarray]:
    """Pay unemployment benefit to insured people without work; returns fen and people by settlement."""
    rows = np.asarray(model.unemployed if rows is None else rows, dtype=np.int32)
    shares, people, benefit = model.crew.shares(len(rows)), model.persons.bundle(securing.Assessed), unemployment_benefit(model)
    tables = np.zeros((len(shares), 2, model.world.n), dtype=np.int64)
    model.crew.each(
        lambda k: securing.pay_the_unemployed(
            rows[slice(*shares[k])], model.seed, value(model, "benefit_take_up"), benefit, people, move_money, *tables[k]
        ),
        list(range(len(shares))),
    )
    paid, heads = tables.sum(axis=0)
    return paid, heads


def pay_care(model, move_money: bool = True) -> np.ndarray:
    """Count disabled people where they work, and pay the severely disabled their allowance; returns fen by residence, i8[n]."""
    p, firms, allowance = model.persons, model.firms, np.int64(value(model, "care_allowance") * FEN)
    shares, severe = model.crew.shares(len(p)), np.empty(len(p), dtype=np.int32)
    counts, paid = np.empty((len(shares), len(firms)), dtype=firms.disabled.dtype), np.zeros((len(shares), model.world.n), dtype=np.int64)
    columns = p.disability, p.alive, p.employer, p.residence, p.savings, p.received

    def care_for(k: int) -> None:
        lo, hi = shares[k]
        disability, alive, employer, *purses = (column[lo:hi] for column in columns)
        count = caring.count_disabled(disability, alive, employer, counts[k], severe[lo:hi])
        caring.pay_care(severe[lo : lo + count], allowance, *purses, move_money, paid[k])

    model.crew.each(care_for, list(range(len(shares))))
    np.sum(counts, axis=0, dtype=counts.dtype, out=firms.disabled)
    return paid.sum(axis=0)


def hold_to_the_quota(model) -> None:
    """Firms with too few disabled workers pay the levy, firms with more than the quota get a subsidy; public employers do neither."""
    firms = model.firms
    levied, granted = np.zeros((2, model.world.n), dtype=np.int64)
    caring.settle_quota(
        firms.alive, firms.sector, firms.settlement, firms.disabled, model.employers.headcount, model.wage_bill, quota_rules(model),
        firms.cash, levied, granted,
    )  # fmt: skip
    model.ledger.post("disability_levy", levied)
    model.ledger.post("disability_subsidy", granted)


def quota_rules(model) -> tuple[float, int, float, float]:
    """Quota, most workers exempt, share of mean pay owed for a missing worker, fen a month for one beyond the quota."""
    quota, exempt, share, amount = (value(model, name) for name in ("disability_quota", "levy_exempt", "levy_share", "quota_subsidy"))
    return quota, int(exempt), share, amount * FEN


def link_to_work(model) -> int:
    """Able adults without work in guaranteed households look for it where the guarantee is linked to work."""
    link, p = model.levers.guarantee_work_link, model.persons
    if not link.any():
        return 0
    return securing.must_look_for_work(
        model.seed, np.int64(model.month), link, p.uid, p.alive, p.state, p.disability, p.birth_month, p.household,
        p.residence, model.households.guarantee,
    )  # fmt: skip


def onset_of(model) -> tuple[float, float]:
    """Share of illnesses that leave a disability, and of these disabilities the severe ones."""
    return value(model, "illness_disables"), float(model.scenario["demography.severe_share"])


def treat(model) -> dict[str, int]:
    """The ill are treated; patients, insurance and temporary assistance pay."""
    n, p, s = model.world.n, model.persons, model.settlements
    rows = np.asarray(model.candidates[HEALTH_SHOCK], dtype=np.int32)
    own, charged, insured, insured_rest, helped = (np.zeros(n, dtype=np.int64) for _ in range(5))
    treated, costs = np.empty(len(rows), dtype=np.int32), np.empty(len(rows), dtype=np.int64)
    chances, people, shares = illness_rates(model), p.bundle(securing.Patients), model.crew.shares(len(rows))
    mean, sd, bounds = value(model, "treatment_cost") * FEN, value(model, "treatment_sd"), model.bounds[HEALTH_SHOCK]
    onset = onset_of(model)

    def fallen(share) -> int:
        mine = slice(*share)
        return securing.fall_ill(
            rows[mine], np.int64(model.month), model.seed, chances, bounds, model.screen_class, mean, sd, onset, people, treated[mine],
            costs[mine],
        )  # fmt: skip

    counts = model.crew.each(fallen, shares)
    if min(counts) < 0:
        raise InvariantBroken(f"the rate of illness of person {-1 - min(counts)} is above the bound it was screened with")
    treated, costs = (
        np.concatenate([part[lo : lo + count] for (lo, _), count in zip(shares, counts, strict=True)]) for part in (treated, costs)
    )
    bill = np.empty(len(treated), dtype=np.int64)
    paid_by_schemes = tuple(value(model, name) for name in ("reimbursed_resident", "reimbursed_employee", "covered_share", "outside_loss"))
    securing.treat_patients(
        treated, costs, paid_by_schemes, (model.levers.medical_parity, model.levers.pooling), s.guarantee_line,
        value(model, "assistance_months"), np.asarray(model.world.circle, dtype=np.int64), model.households.head, people,
        own, charged, insured, insured_rest, helped, bill,
    )  # fmt: skip
    model.medical_extra = insured - insured_rest
    model.month_treated = treated, bill
    ledger = model.ledger
    ledger.post("temporary_assistance", helped)
    paid = ledger.post("medical_out_of_pocket", own, charged) + ledger.post("medical_reimbursement", insured)
    model.equity_fund_fen += paid
    model.spending.medical[:] = charged + insured
    return {"treated": len(treated), "out_of_pocket_fen": int(own.sum() - helped.sum()), "assistance_fen": int(helped.sum())}


def run_welfare_jobs(model) -> dict[str, int]:
    """Welfare jobs end and are filled, where governments open any, with people whom the market has not taken."""
    posts, p = model.levers.welfare_posts, model.persons
    holding = int(model.counts.state[:, WELFARE_JOB].sum())
    if holding == 0 and not posts.any():
        return {}
    open_posts, holders = funded_posts(model), np.zeros(model.world.n, dtype=np.int64)
    rows = np.flatnonzero((p.state == WELFARE_JOB) & (p.alive == 1)).astype(np.int32)
    left = securing.leave_posts(
        rows, model.seed, np.int64(model.month), value(model, "welfare_exit"), p.uid, p.residence, p.state, open_posts, holders
    )
    jobless = np.asarray(model.unemployed, dtype=np.int32)
    jobless = jobless[(open_posts[p.residence[jobless]] > 0) & (p.alive[jobless] == 1) & (p.state[jobless] == UNEMPLOYED)]
    order = np.empty(len(jobless), dtype=np.uint64)
    securing.priority_of(jobless, model.seed, np.int64(model.month), p.uid, p.disability, order)
    jobless = jobless[np.lexsort((p.uid[jobless], order))]
    taken = securing.fill_posts(jobless, p.alive, p.state, p.residence, open_posts, holders)
    return {"welfare_hired": taken, "welfare_left": left}


def funded_posts(model) -> np.ndarray:
    """Posts open by settlement, whole agents: as ordered, as far as what is left of budgets holds next month's pay for them."""
    posts = np.floor(model.levers.welfare_posts + 0.5).astype(np.int64)
    programmes = getattr(model, "programmes", None)
    if pulled(programmes, ("welfare_posts",)) is None:
        return posts
    pay = posts * model.settlements.welfare_pay.astype(np.int64)
    share = programmes.fundable("welfare_posts", pay, next_year=month_of_year(model.month) == 12)
    return np.floor(posts * share).astype(np.int64)


def report_costs(model, more: np.ndarray) -> None:
    """Tell the policies that pulled a lever of the floor what its use cost this month, and how many it reached.

    `more` is guarantee paid beyond that at rest, fen by settlement.
    """
    programmes, ledger = getattr(model, "programmes", None), model.ledger
    if programmes is None:
        return
    lever = pulled(programmes, GUARANTEE_LEVERS)
    if lever is not None:
        programmes.report(lever, more, model.settlements.guaranteed.astype(np.int64))
    benefit = ledger.amounts[ledger.row["unemployment_benefits"], 1]
    programmes.report("ui_replacement", np.floor(benefit * (1.0 - 1.0 / np.maximum(model.levers.ui_replacement, 1.0))).astype(np.int64))
    lever = pulled(programmes, ("medical_parity", "pooling"))
    if lever is not None:
        programmes.report(lever, model.medical_extra)
    programmes.report("pension_parity", model.pension_extra)
    holders = model.counts.state[:, WELFARE_JOB]
    programmes.report("welfare_posts", ledger.amounts[ledger.row["welfare_pay"], 0], holders)
