"""The social floor: households of seven people with sums by hand, and the kernels against plain reckonings."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.foundations import streams
from simulator.foundations.units import EMPLOYED, INACTIVE, UNEMPLOYED, WELFARE_JOB
from simulator.kernels import securing
from simulator.kernels.rng import draw1
from simulator.mechanisms import floor
from simulator.model import MigrationModel
from tests.unit.test_household_money import TOWN, VILLAGE, seven_people

INCOMES = np.zeros((2, 9, 3), dtype=np.int64)
INCOMES[:, 3], INCOMES[:, 4], INCOMES[:, 7] = 90_000, 250_000, 20_000
WORK = np.zeros((2, 9), dtype=np.int64)
WORK[:, 3], WORK[:, 4] = 90_000, 250_000


def rules(line=(50_000.0, 70_000.0), counted=0.75, take_up=1.0, assets=24.0, aid=8_000.0, lines=2.0, factor=1.0, kept=0.0):
    """Everybody asks unless said otherwise; levers at rest unless a factor or a share kept is given."""
    line = np.array(line)
    return securing.Rules(
        line * factor, np.full(2, counted * (1 - kept)), np.full(2, take_up), line, counted, np.full(2, take_up), assets, aid, lines, 1.0
    )


def assessed(p, h, rule, seed=1):
    """Assess the seven; returns what was added up by place."""
    pooled, people = np.empty((len(h), securing.POOLED), dtype=np.int64), p.bundle(securing.Assessed)
    securing.renew_benefits(people, 0, len(p))
    securing.pool_for_assessment(people, h.dwelling, INCOMES, WORK, np.zeros(2), pooled, 0, len(h))
    plan = np.zeros((2, 4), dtype=np.int64)
    lists = h.bundle(securing.Lists)
    securing.assess_households(seed, p.uid, lists, rule, pooled, plan, 0, len(h))
    return plan


def test_the_village_family_of_three_gets_what_its_line_lacks():
    p, h = seven_people()
    # three members at the dwelling, line 50,000: 150,000 less .75 of the farmer's 90,000; savings of 100,000 are below
    # 24 lines a head. The migrant's household earns 400,000, the town's are far above the line.
    plan = assessed(p, h, rules())
    assert h.guarantee.tolist() == [82_500, 0, 0, 0] and plan.tolist() == [[82_500, 82_500, 0, 3], [0, 0, 0, 0]]


def test_an_entitled_household_is_paid_as_if_only_a_part_of_its_income_were_seen():
    # line 50,000 x 3: 67,500 counts, 82,500 lacks; half of it seen: 150,000 - 33,750; nobody above the line gets anything
    assert securing.topped_up(50_000.0, 67_500, 0.5, 3) == 116_250
    assert securing.topped_up(50_000.0, 67_500, 1.0, 3) == 82_500
    assert securing.topped_up(50_000.0, 150_000, 0.5, 3) == 0


def test_money_from_the_migrant_counts_in_full_and_savings_can_shut_out():
    p, h = seven_people()
    p.received[1] = 56_000
    assessed(p, h, rules())
    assert h.guarantee[0] == 26_500  # 82,500 - 56,000
    p.savings[0] = 3_600_001  # 24 lines x 3 heads x 50,000 is 3,600,000
    assessed(p, h, rules())
    assert h.guarantee[0] == 0


def test_a_link_to_work_leaves_more_of_pay_and_a_higher_line_costs_what_is_beyond_the_rest():
    p, h = seven_people()
    plan = assessed(p, h, rules(factor=1.2, kept=0.5))
    # line 60,000 x 3 less .375 of 90,000 = 146,250; at rest 82,500
    assert plan[VILLAGE].tolist() == [146_250, 82_500, 0, 3]


def test_disabled_members_of_low_income_households_get_aid():
    p, h = seven_people()
    p.disability[[1, 3, 4]] = 1
    plan = assessed(p, h, rules())
    assert h.aided.tolist() == [2, 0, 0, 0] and plan[VILLAGE, 2] == 16_000


def test_who_does_not_ask_gets_nothing_and_the_answer_stays_for_life():
    p, h = seven_people()
    luck = draw1(1, streams.TAKE_UP, 0, p.uid[0], securing.GUARANTEE_LUCK)
    assessed(p, h, rules(take_up=luck))
    assert h.guarantee[0] == 0
    assessed(p, h, rules(take_up=luck + 1e-9))
    assert h.guarantee[0] == 82_500


def test_the_head_is_paid_and_money_moves_only_when_it_shall():
    p, h = seven_people()
    h.guarantee[0], h.aided[0] = 87_000, 2
    paid = np.zeros((2, 3), np.int64)
    args = (np.array([0], np.int32), h.bundle(securing.Lists), 8_000, p.residence, p.savings, p.received, np.ones(2))
    securing.pay_households(*args, False, paid)
    assert (p.savings[0], p.received[0]) == (100_000, 103_000)
    securing.pay_households(*args, True, paid)
    assert p.savings[0] == 203_000 and paid[VILLAGE].tolist() == [174_000, 32_000, 174_000]


def test_what_lies_beyond_the_guarantee_at_rest_is_paid_as_far_as_a_budget_holds_it():
    p, h = seven_people()
    h.guarantee[0], h.guarantee_rest[0] = 87_000, 80_000
    paid, more = np.zeros((2, 3), np.int64), np.zeros(2, np.int64)
    lists = h.bundle(securing.Lists)
    securing.owed_beyond_rest(np.array([0], np.int32), lists, p.residence, more)
    assert more.tolist() == [7_000, 0]
    securing.pay_households(np.array([0], np.int32), lists, 8_000, p.residence, p.savings, p.received, np.array([0.5, 1.0]), True, paid)
    assert paid[VILLAGE].tolist() == [83_500, 0, 3_500] and p.savings[0] == 183_500


def test_benefit_is_paid_while_months_are_left_to_those_without_work():
    p, _ = seven_people()
    p.benefit_months[:] = [0, 2, 5, 0, 0, 0, 0]
    paid, heads = np.zeros(2, np.int64), np.zeros(2, np.int64)
    rows = np.arange(7, dtype=np.int32)
    for _ in range(3):
        securing.pay_the_unemployed(rows, 1, 1.0, np.array([150_000.0, 0.0]), p.bundle(securing.Assessed), True, paid, heads)
    # 1 alone has no work: two months, then nothing; 2 keeps the months, being employed
    assert paid.tolist() == [300_000, 0] and heads.tolist() == [2, 0] and p.benefit_months.tolist() == [0, 0, 5, 0, 0, 0, 0]
    assert p.savings[1] == 300_000 and p.received[1] == 300_000


def test_months_of_benefit_follow_the_years_of_insured_work():
    assert [securing.benefit_months_of(months) for months in (11, 12, 59, 60, 119, 120, 400)] == [0, 12, 12, 18, 18, 24, 24]
    p, h = seven_people()
    p.experience[:], p.insurance[:] = 130, [1, 1, 1, 1, 2, 2, 2]
    assessed(p, h, rules())
    assert p.benefit_months.tolist() == [0, 0, 0, 0, 24, 0, 0]  # only 4 is an insured employee


def test_reimbursement_by_scheme_pooling_area_parity_and_pooling():
    share = securing.reimbursed_share
    rates = (0.69, 0.85, 0.8)
    assert share(securing.EMPLOYEE, True, *rates, 0.0, 0.0, 0.25) == pytest.approx(0.8 * 0.85)
    assert share(securing.RESIDENT, False, *rates, 0.0, 0.0, 0.25) == pytest.approx(0.8 * 0.69)
    assert share(securing.RESIDENT, True, *rates, 0.0, 0.0, 0.25) == pytest.approx(0.8 * 0.69 * 0.75)
    assert share(securing.RESIDENT, True, *rates, 0.5, 1.0, 0.25) == pytest.approx(0.8 * 0.77)
    assert share(0, False, *rates, 1.0, 1.0, 0.25) == 0.0


def illness(p, h, rate=1.0, mean=1_000_000.0, sd=0.0, months=4.0):
    """Everybody falls ill when the rate is 1; costs without spread are 1,000,000 fen."""
    own, charged, insured, rest, helped = (np.zeros(2, np.int64) for _ in range(5))
    treated, costs, bill = np.empty(7, np.int32), np.empty(7, np.int64), np.empty(7, np.int64)
    people = p.bundle(securing.Patients)
    count = securing.fall_ill(
        np.arange(7, dtype=np.int32), 24_000, 1, np.full(111, rate), np.ones(1), np.zeros(7, np.uint16), mean, sd, (0.0, 0.0), people,
        treated, costs,
    )  # fmt: skip
    securing.treat_patients(
        treated[: max(count, 0)], costs, (0.5, 0.8, 1.0, 0.2), (np.zeros(2), np.zeros(2)), np.array([50_000.0, 70_000.0]),
        months, np.array([0, 1]), h.head, people, own, charged, insured, rest, helped, bill,
    )  # fmt: skip
    assert np.array_equal(rest, insured)  # levers at rest
    return count, own, charged, insured, helped, treated[: max(count, 0)], bill[: max(count, 0)]


def test_the_patient_pays_then_partner_guardian_and_head_then_assistance():
    p, h = seven_people()
    p.alive[[0, 1, 4, 5, 6]] = 0
    p.guardian[3] = 1  # the child's mother has nothing; the head, 0, holds 100,000
    count, own, charged, insured, helped, treated, bill = illness(p, h)
    # 2, resident scheme, away: .5 x .8 = .4 paid by insurance, 600,000 due; holds 300,000, partner 0; then 1 is of its own
    # household's head: itself. Assistance pays 4 lines of the town, 280,000; 20,000 are never treated.
    # 3: 500,000 due; guardian 0, head 100,000; assistance 200,000.
    assert count == 2 and treated.tolist() == [2, 3] and bill.tolist() == [300_000, 100_000]
    assert insured.tolist() == [500_000, 400_000] and helped.tolist() == [200_000, 280_000]
    assert own.tolist() == charged.tolist() == [300_000, 580_000] and p.savings[[0, 2]].tolist() == [0, 0]


def test_what_a_relative_elsewhere_pays_is_booked_where_the_relative_lives():
    p, h = seven_people()
    p.alive[[0, 1, 3, 4, 5, 6]] = 0
    p.savings[[1, 2]] = 900_000, 100_000
    _, own, charged, *_ = illness(p, h)
    # 600,000 due in the town: 100,000 of the patient's own, 500,000 of the partner in the village
    assert own.tolist() == [500_000, 100_000] and charged.tolist() == [0, 600_000] and p.savings[1] == 400_000


def test_a_rate_of_illness_above_its_bound_is_told():
    p, h = seven_people()
    assert illness(p, h, rate=1.5)[0] == -1


def test_the_cost_of_treatment_has_the_mean_it_should():
    rng = np.random.default_rng(5)
    words = rng.integers(0, 2**32, (200_000, 2), dtype=np.uint64)
    costs = np.array([securing.treatment_cost(a, b, 1_000_000.0, 1.0) for a, b in words])
    # a log-normal with sd 1 has a standard deviation of 1.31 means: its mean over 200,000 is known to .3 %
    assert costs.mean() == pytest.approx(1_000_000, rel=0.012) and np.median(costs) == pytest.approx(1_000_000 * np.exp(-0.5), rel=0.01)


def test_welfare_posts_go_to_disabled_people_first_and_never_beyond_the_posts():
    p, _ = seven_people()
    p.state[:], p.residence[:], p.disability[5] = UNEMPLOYED, TOWN, 1
    key, holders, rows = np.empty(7, np.uint64), np.zeros(2, np.int64), np.arange(7, dtype=np.int32)
    securing.priority_of(rows, 1, 24_000, p.uid, p.disability, key)
    order = rows[np.argsort(key)]
    assert order[0] == 5
    assert securing.fill_posts(order, p.alive, p.state, p.residence, np.array([9, 3]), holders) == 3
    assert holders.tolist() == [0, 3] and (p.state == WELFARE_JOB).sum() == 3 and p.state[5] == WELFARE_JOB
    held = np.flatnonzero(p.state == WELFARE_JOB).astype(np.int32)
    holders[:] = 0
    assert securing.leave_posts(held, 1, 24_001, 0.0, p.uid, p.residence, p.state, np.array([9, 1]), holders) == 2
    assert holders.tolist() == [0, 1]


def test_able_adults_without_work_in_guaranteed_households_must_look_for_it():
    p, h = seven_people()
    p.state[[0, 1]], p.birth_month[:] = INACTIVE, 24_000 - 30 * 12
    p.disability[1], h.guarantee[0] = 1, 5
    count = securing.must_look_for_work(
        1, 24_000, np.ones(2), p.uid, p.alive, p.state, p.disability, p.birth_month, p.household, p.residence, h.guarantee
    )
    assert count == 1 and p.state[0] == UNEMPLOYED and p.state[1] == INACTIVE


@pytest.mark.parametrize("seed", range(50))
def test_assessment_agrees_with_a_plain_reckoning(seed):
    rng = np.random.default_rng(seed)
    p, h = seven_people()
    p.alive[:] = rng.random(7) < 0.9
    p.residence[:], p.state[:], p.insurance[:] = rng.integers(0, 2, 7), rng.integers(0, 9, 7), rng.integers(0, 3, 7)
    p.wage[:] = np.where(p.state == EMPLOYED, rng.integers(1, 200_000, 7), 0)
    p.savings[:], p.received[:], p.disability[:] = rng.integers(0, 3_000_000, 7), rng.integers(-9_000, 60_000, 7), rng.integers(0, 2, 7)
    rule = rules(take_up=0.7)
    plan = assessed(p, h, rule, seed)
    want = np.zeros((2, 4), dtype=np.int64)
    for k in range(4):
        there = [i for i in range(7) if p.alive[i] and p.household[i] == k and p.residence[i] == h.dwelling[k]]
        j, n = int(h.dwelling[k]), len(there)
        earned = sum(int(p.wage[i]) + int(WORK[j, p.state[i]]) for i in there)
        other = sum(int(INCOMES[j, p.state[i], p.insurance[i]] - WORK[j, p.state[i]]) + int(p.received[i]) for i in there)
        line = (50_000, 70_000)[j]
        amount = aid = 0
        if n and earned + other <= 2 * line * n:
            aid = 8_000 * sum(int(p.disability[i]) for i in there)
            asks = draw1(seed, streams.TAKE_UP, 0, p.uid[h.head[k]], 0) < 0.7
            if asks and sum(int(p.savings[i]) for i in there) <= 24 * line * n:
                amount = max(0, line * n - int(0.75 * earned) - other)
        assert (h.guarantee[k], 8_000 * int(h.aided[k])) == (amount, aid)
        want[j] += [amount, amount, aid, n if amount else 0]
    assert np.array_equal(plan, want)


@pytest.fixture(scope="module")
def year():
    model = MigrationModel("teaching")
    for _ in range(12):
        model.step()
    model.close()
    return model


def test_the_floor_pays_in_every_way_and_all_of_it_is_booked(year):
    for flow in ("guarantee", "disability_aid", "unemployment_benefits", "medical_out_of_pocket", "medical_reimbursement"):
        assert year.ledger.total(flow) > 0, flow
    assert year.ledger.total("welfare_pay") == 0 and year.counts.state[:, WELFARE_JOB].sum() == 0
    assert year.ledger.total("guarantee") == year.settlements.guarantee_rest.sum()  # levers at rest


def test_lines_follow_the_published_ones_at_constant_prices(year):
    model = MigrationModel("teaching", inversion=False)
    rural = model.world.kind == 4
    growth = year.settlements.guarantee_line / model.settlements.guarantee_line
    # a year from the base month: 530 over 497 yuan in the country and 711 over 678 in towns, prices up by .9 %
    assert growth[rural] == pytest.approx(530 / 497 / 1.009, rel=0.01)
    assert growth[~rural] == pytest.approx(711 / 678 / 1.009, rel=0.01)
    model.close()


def test_posts_that_governments_open_are_filled_by_those_whom_the_market_left_and_paid():
    model = MigrationModel("teaching", inversion=False)
    for _ in range(2):
        model.step()
    model.levers.welfare_posts[:] = 2.4  # two a place
    before = int((model.persons.state == UNEMPLOYED).sum())
    told = floor.run_welfare_jobs(model)
    assert told["welfare_hired"] > 0
    held = model.persons.state == WELFARE_JOB
    assert np.bincount(model.persons.residence[held], minlength=model.world.n).max() <= 2
    assert int((model.persons.state == UNEMPLOYED).sum()) == before - told["welfare_hired"]
    model.close()


def test_levers_of_the_floor_change_what_is_paid_and_tell_what_it_cost():
    def month(**levers):
        model = MigrationModel("teaching", inversion=False)
        pulled, told = {}, {}
        for name in levers:
            pulled[name] = [(0, np.ones(model.world.n))]
        plain = model.live

        def live(verb):
            if verb.__name__ == "pay_people":
                for name, value in levers.items():
                    getattr(model.levers, name)[:] = value
                model.programmes.pulls = pulled
                model.programmes.report = lambda name, fen, people=None: told.__setitem__(name, int(np.sum(fen)))
            plain(verb)

        model.live = live
        model.step()
        model.close()
        return {name: model.ledger.total(name) for name in ("pensions", "unemployment_benefits", "medical_reimbursement")}, told, model

    rest, _, _ = month()
    paid, told, _ = month(pension_parity=0.5)
    assert paid["pensions"] - rest["pensions"] == told["pension_parity"] > 0
    paid, told, _ = month(ui_replacement=1.5)
    assert paid["unemployment_benefits"] == pytest.approx(1.5 * rest["unemployment_benefits"], rel=0.001)
    assert told["ui_replacement"] == pytest.approx(paid["unemployment_benefits"] / 3, rel=0.001)
    paid, told, _ = month(medical_parity=1.0, pooling=1.0)
    assert paid["medical_reimbursement"] - rest["medical_reimbursement"] == told["medical_parity"] > 0
    taxed, _, model = month(top_tax=0.2)
    plain = MigrationModel("teaching", inversion=False)
    plain.step()
    more = [sum(m.ledger.total(name) for name in ("income_tax_local", "income_tax_central")) for m in (model, plain)]
    assert more[0] > more[1] and taxed == rest
    plain.close()
