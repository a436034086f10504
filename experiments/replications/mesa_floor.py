"""The social floor in the Mesa version: guarantee, aid, benefit, illness, welfare jobs, one household and person after another."""

from __future__ import annotations

import numpy as np

from simulator.foundations import streams
from simulator.foundations.units import (
    EMPLOYED,
    FARMING,
    FEN,
    FLEXIBLE,
    INACTIVE,
    UNEMPLOYED,
    WELFARE_JOB,
    month_of_year,
)  # fmt: skip
from simulator.kernels import caring, earning, securing
from simulator.kernels.rng import draw1, draw4, uniform
from simulator.mechanisms import floor


def support_people(model) -> None:
    """Assess households, pay guarantee, aid and benefit, treat the ill, fill welfare jobs."""
    floor.raise_lines(model)
    n = model.world.n
    paid = {flow: [0] * n for flow in ("guarantee", "disability_aid", "care_allowance", "unemployment_benefits")}
    if month_of_year(model.month) in floor.ASSESSMENT_MONTHS:
        assess(model)
        link_to_work(model)
    aid = int(floor.value(model, "disability_aid") * FEN)
    for home in model.homes:
        if home.head is not None:
            get(home.head, home.guarantee + aid * home.aided)
            paid["guarantee"][home.head.residence] += home.guarantee
            paid["disability_aid"][home.head.residence] += aid * home.aided
    care_for_disabled(model, paid["care_allowance"])
    benefit, asks = floor.unemployment_benefit(model).astype(int).tolist(), floor.value(model, "benefit_take_up")
    on_benefit = 0
    for person in model.unemployed:
        if person.alive and person.state == UNEMPLOYED and person.benefit_months > 0 and luck(person, securing.BENEFIT_LUCK) < asks:
            person.benefit_months -= 1
            get(person, benefit[person.residence])
            paid["unemployment_benefits"][person.residence] += benefit[person.residence]
            on_benefit += 1
    for flow, amounts in paid.items():
        model.ledger.post(flow, np.array(amounts))
    model.note(on_benefit=on_benefit)
    treat(model)
    run_welfare_jobs(model)


def care_for_disabled(model, allowances: list) -> None:
    """The severely disabled get their allowance; firms pay for those they do not employ, or get a subsidy for more."""
    n, (quota, least, share, subsidy) = model.world.n, floor.quota_rules(model)
    allowance = int(floor.value(model, "care_allowance") * FEN)
    for firm in model.firms:
        firm.disabled = 0
    for p in model.living:
        if p.disability > 0 and p.employer is not None:
            p.employer.firm.disabled += 1
        if p.disability == 2:
            get(p, allowance)
            allowances[p.residence] += allowance
    levied, granted = [0] * n, [0] * n
    for firm in model.firms:
        if firm.alive and firm.sector != caring.PUBLIC and firm.heads > 0:
            levy = int(caring.levy_of(firm.disabled, firm.heads, quota, least, share, firm.bill))
            grant = int(caring.subsidy_of(firm.disabled, firm.heads, quota, subsidy))
            firm.cash += grant - levy
            levied[firm.settlement] += levy
            granted[firm.settlement] += grant
    model.ledger.post("disability_levy", np.array(levied))
    model.ledger.post("disability_subsidy", np.array(granted))


def luck(person, number: int) -> float:
    """Lasting luck of a person with the floor."""
    return draw1(person.model.seed, streams.TAKE_UP, 0, person.uid, number)


def get(person, amount: int) -> None:
    """Take in money beside pay."""
    person.savings += amount
    person.received += amount


def assess(model) -> None:
    """Every household's guarantee and aid until the next assessment; insured employees' months of benefit."""
    s, n, rules = model.settlements, model.world.n, floor.rules_now(model)
    table, rate = model.income_table.tolist(), model.property_rate.tolist()
    work = {FARMING: s.farm_income, FLEXIBLE: s.flexible_pay, WELFARE_JOB: s.welfare_pay}
    work = {state: pay.astype(int).tolist() for state, pay in work.items()}
    for person in model.living:
        if person.state == EMPLOYED and person.insurance == securing.EMPLOYEE:
            person.benefit_months = securing.benefit_months_of(person.experience)
    plan = np.zeros((n, 4), dtype=np.int64)
    for home in model.homes:
        home.guarantee = home.guarantee_rest = home.aided = 0
        there = [p for p in home.members if p.residence == home.dwelling]
        if not there or home.head is None:
            continue
        j, heads, earned, other = home.dwelling, len(there), 0, 0
        for p in there:
            pay = work[p.state][j] if p.state in work else 0
            earned += p.wage + pay
            other += table[j][p.state][p.insurance] - pay + earning.property_income_of(rate[j], p.savings) + p.received
        line = float(rules.line[j])
        if earned + other > rules.aid_lines * line * heads:
            continue
        home.aided = sum(p.disability > 0 for p in there)
        plan[j, 2] += int(rules.aid) * home.aided
        if sum(p.savings for p in there) > rules.asset_months * line * heads:
            continue
        chance = luck(home.head, securing.GUARANTEE_LUCK)
        if chance < rules.take_up[j]:
            home.guarantee = int(securing.topped_up(line, int(rules.counted[j] * earned) + other, rules.seen, heads))
            plan[j, 0] += home.guarantee
            plan[j, 3] += heads if home.guarantee > 0 else 0
        if chance < rules.rest_take_up[j]:
            home.guarantee_rest = int(securing.topped_up(float(rules.rest_line[j]), int(rules.rest_counted * earned) + other, rules.seen, heads))
            plan[j, 1] += home.guarantee_rest
    s.guaranteed[:], s.guarantee_rest[:] = plan[:, 3], plan[:, 1]
    a_head = (plan[:, 0] + plan[:, 2]) / np.maximum(s.residents, 1.0)
    s.beside += a_head - s.floor_a_head
    s.floor_a_head[:] = a_head


def link_to_work(model) -> None:
    """Able adults without work in guaranteed households look for it where the guarantee is linked to work."""
    link = model.levers.guarantee_work_link
    for p in model.living if link.any() else ():
        able = p.state == INACTIVE and p.disability == 0 and 16 <= p.age // 12 < 55
        if able and p.household is not None and p.household.guarantee > 0:
            if luck(p, securing.LINK_LUCK) < link[p.residence]:
                p.state = UNEMPLOYED


def treat(model) -> None:
    """The ill are treated; they and their family pay what insurance does not, then temporary assistance does."""
    s, levers, n = model.settlements, model.levers, model.world.n
    rates, area = floor.illness_rates(model).tolist(), model.world.circle.tolist()
    mean, sd = floor.value(model, "treatment_cost") * FEN, floor.value(model, "treatment_sd")
    shares = [floor.value(model, name) for name in ("reimbursed_resident", "reimbursed_employee", "covered_share")]
    loss, months = floor.value(model, "outside_loss"), floor.value(model, "assistance_months")
    own, charged, insured, helped = ([0] * n for _ in range(4))
    treated = 0
    for p in model.candidates[streams.HEALTH_SHOCK]:
        if not p.alive:
            continue
        w0, w1, w2, w3 = draw4(model.seed, streams.HEALTH_SHOCK, model.month, p.uid, 0)
        if uniform(w0) * model.bounds[streams.HEALTH_SHOCK, p.screen_class] >= rates[min(p.age // 12, 110)]:
            continue
        j = p.residence
        cost = securing.treatment_cost(w1, w2, mean, sd)
        if p.disability == 0:
            p.disability = caring.disability_of(uniform(w3), *floor.onset_of(model))
        outside = area[j] != area[p.hukou_place]
        share = securing.reimbursed_share(
            p.insurance, outside, *shares, float(levers.medical_parity[j]), float(levers.pooling[j]), loss
        )
        reimbursed = int(cost * share)
        need = cost - reimbursed
        for payer in (p, p.partner, p.guardian, p.household.head if p.household is not None else None):
            if payer is not None and need > 0:
                taken = min(need, max(payer.savings, 0))
                payer.savings -= taken
                need -= taken
                own[payer.residence] += taken
        relief = min(need, int(months * s.guarantee_line[j]))
        own[j] += relief
        charged[j] += cost - reimbursed - need + relief
        insured[j] += reimbursed
        helped[j] += relief
        treated += 1
    for flow, amounts, *to in (
        ("temporary_assistance", helped), ("medical_out_of_pocket", own, charged), ("medical_reimbursement", insured)
    ):  # fmt: skip
        model.ledger.post(flow, np.array(amounts), *map(np.array, to))
    model.spending.medical[:] = np.array(charged) + np.array(insured)
    model.equity_fund_fen += sum(charged) + sum(insured)
    model.note(treated=treated, out_of_pocket_fen=sum(own) - sum(helped), assistance_fen=sum(helped))


def run_welfare_jobs(model) -> None:
    """Welfare jobs end and are filled with people whom the market has not taken."""
    posts = np.floor(model.levers.welfare_posts + 0.5).astype(int).tolist()
    holders = [0] * model.world.n
    if not any(posts) and model.counts.state[:, WELFARE_JOB].sum() == 0:
        return
    leaves = floor.value(model, "welfare_exit")
    for p in [p for p in model.living if p.state == WELFARE_JOB]:
        if holders[p.residence] >= posts[p.residence] or p.draw(streams.TAKE_UP, 3) < leaves:
            p.state = UNEMPLOYED
        else:
            holders[p.residence] += 1
    jobless = [p for p in model.unemployed if p.alive and p.state == UNEMPLOYED]
    key = np.empty(len(jobless), dtype=np.uint64)
    uid, disability = (np.array([getattr(p, name) for p in jobless], dtype=t) for name, t in (("uid", "u8"), ("disability", "u1")))
    securing.priority_of(np.arange(len(jobless), dtype=np.int32), model.seed, np.int64(model.month), uid, disability, key)
    for _, _, p in sorted(zip(key.tolist(), uid.tolist(), jobless, strict=True), key=lambda x: x[:2]):
        if holders[p.residence] < posts[p.residence]:
            p.state = WELFARE_JOB
            holders[p.residence] += 1
