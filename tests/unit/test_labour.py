"""The labour market: equations by hand, and months of a closed little country."""

from __future__ import annotations

import math

import numpy as np
import pytest

from simulator.foundations.units import EMPLOYED, FARMING, NOBODY, NOWHERE, RETIRED, UNEMPLOYED
from simulator.kernels import labour
from simulator.mechanisms import earnings, employment, production
from simulator.worlds.steady_labour import steady_base_year
from tests.labour_world import close_month, labour_model, live_month, open_month, recount, unemployment

MONTHS = 60


@pytest.fixture(scope="module")
def five_years():
    """A model after 60 months, with what was seen each month."""
    model = labour_model(20_000)
    found = steady_base_year(model)
    seen = [(unemployment(model), {})]
    for _ in range(MONTHS):
        tally = live_month(model)
        e, p = model.employers, model.persons
        assert np.array_equal(recount(model), e.headcount)
        assert (e.filled <= e.vacancies).all()
        at_work = p.state == EMPLOYED
        assert ((p.employer != NOBODY) == at_work).all()
        assert ((p.workplace != NOWHERE) == at_work).all()
        assert ((p.wage > 0) == at_work).all()
        assert e.filled.sum() == sum(tally[name] for name in tally if name.startswith("hired_"))
        seen.append((unemployment(model), tally))
    return model, found, seen


def test_unemployment_stays_between_four_and_seven_percent(five_years):
    _, found, seen = five_years
    assert 0.04 < found["unemployed_share"] < 0.07
    assert all(0.04 < share < 0.07 for share, _ in seen)


def test_the_first_months_stand_still(five_years):
    model, _found, seen = five_years
    first = [tally for _, tally in seen[1:13]]
    lost = sum(t["job_losers"] + t["hired_employed"] for t in first)
    hired = sum(sum(t[f"hired_{who}"] for who in ("unemployed", "employed", "flexible", "farming", "inactive")) for t in first)
    assert hired == pytest.approx(lost, rel=0.05)
    left, entered = (sum(t[name] for t in first) for name in ("hired_flexible", "searchers_to_flexible"))
    # half of those who enter take the place of flexible workers who grow old, of whom there are none here
    assert 0.5 * entered * 0.8 < left < 1.1 * entered
    assert np.abs(np.log(model.settlements.wage / model.settlements.wage_base)).max() < 0.12


def test_people_hired_work_within_reach_of_home(five_years):
    model, _, _ = five_years
    p, w = model.persons, model.world
    at_work = p.state == EMPLOYED
    home, work = p.residence[at_work], p.workplace[at_work]
    assert ((home == work) | (w.hours[home, work] <= 1.0)).all()
    assert (p.workplace[at_work] == p.employer[at_work] // 12).all()


def test_money_is_income_less_consumption_to_the_fen():
    model = labour_model(3_000)
    steady_base_year(model)
    for _ in range(3):
        before = int(model.persons.savings.sum())
        tally = live_month(model)
        assert int(model.persons.savings.sum()) - before == tally["income_fen"] - tally["consumption_fen"]
    assert model.ledger.total("wages") > 0
    assert (model.persons.savings >= 0).all()


def test_a_month_is_the_same_for_one_thread_and_two():
    digests = []
    for threads in (1, 2):
        model = labour_model(3_000, threads=threads)
        model.crew.block = 500
        steady_base_year(model)
        for _ in range(3):
            live_month(model)
        model.crew.close()
        digests.append(model.persons.digests())
    assert digests[0] == digests[1]


def test_the_labour_market_writes_only_what_it_declares():
    model = labour_model(2_000)
    steady_base_year(model)
    open_month(model)
    for module, verbs in (
        (production, (production.plan_production,)),
        (employment, (employment.search_and_match,)),
        (earnings, (earnings.pay_people,)),
    ):
        tables = {"settlements": model.settlements, "employers": model.employers, "firms": model.firms}
        before = {name: {k: v.copy() for k, v in table.arrays().items()} for name, table in tables.items()}
        people = model.persons.digests()
        households = model.households.digests()
        for verb in verbs:
            verb(model)
        changed = {k for k, digest in model.persons.digests().items() if digest != people[k]}
        assert changed <= set(module.WRITES["persons"])
        assert model.households.digests() == households
        for name, table in tables.items():
            moved = {k for k, v in table.arrays().items() if not np.array_equal(v, before[name][k])}
            assert moved <= set(module.WRITES.get(name, ()))


def test_when_demand_falls_jobs_are_shed_and_wages_follow():
    model, twin = labour_model(6_000), labour_model(6_000)
    for m in (model, twin):
        steady_base_year(m)
        for _ in range(18):
            if m is model:
                m.levers.labour_demand[:] = 0.85
            live_month(m)
    assert model.employers.headcount.sum() < 0.93 * twin.employers.headcount.sum()
    assert unemployment(model) > unemployment(twin) + 0.01
    assert model.settlements.wage.mean() < twin.settlements.wage.mean()
    assert model.settlements.finding_national[0] < twin.settlements.finding_national[0]


def test_a_wage_floor_lifts_the_lowest_market_wages():
    model = labour_model(2_000)
    steady_base_year(model)
    floor = float(np.sort(model.settlements.wage_base[:, 0])[3]) * 1.1
    model.levers.wage_floor[:] = floor
    live_month(model)
    assert model.settlements.wage.min() == pytest.approx(floor)


def test_some_job_losers_consider_a_move_at_once():
    model = labour_model(20_000)
    steady_base_year(model)
    lost = considering = 0
    for _ in range(6):
        lost += live_month(model)["job_losers"]
        considering += sum(len(rows) for rows in model.forced_considerers)
    expected = lost * 2.0 * 0.033  # (boost 3 - 1) x 0.033 a month
    assert abs(considering - expected) < 4 * math.sqrt(expected)


def test_a_rate_above_its_bound_stops_the_run():
    from simulator.foundations.errors import InvariantBroken

    model = labour_model(2_000)
    steady_base_year(model)
    open_month(model)
    production.plan_production(model)
    model.bounds[employment.SEPARATE] = model.bounds[employment.SEPARATE] * 0.1
    with pytest.raises(InvariantBroken, match="above the bound"):
        employment.search_and_match(model)


# --- equations by hand ----------------------------------------------------------------------


def test_pay_has_mean_one_in_luck_and_grows_with_twenty_years_of_work():
    luck = np.array([labour.pay_deviate(np.uint64(3), np.uint64(uid)) for uid in range(20_000)])
    pay = np.array([labour.pay_factor(z, 0, 0.45, 0.015) for z in luck])
    assert pay.mean() == pytest.approx(1.0, abs=4 * 0.475 / math.sqrt(20_000))  # sd = sqrt(exp(.45^2) - 1) = .474
    assert labour.pay_factor(0.0, 240, 0.0, 0.015) == pytest.approx(math.exp(0.3))
    assert labour.pay_factor(0.0, 480, 0.0, 0.015) == labour.pay_factor(0.0, 240, 0.0, 0.015)


def test_wages_follow_productivity_and_tightness_within_one_percent():
    assert labour.wage_step(0.2, 0.1, 0.036, 0.005, 0.01) == pytest.approx(0.003 + 0.005 * math.log(2))
    assert labour.wage_step(9.0, 0.1, 0.12, 0.005, 0.01) == 0.01
    assert labour.wage_step(1e-9, 0.1, 0.0, 0.005, 0.01) == -0.01


def test_who_left_is_replaced_as_far_as_wanted_and_the_rest_of_a_gap_closes_by_a_share():
    # 3 left and 15 % of the other 7 of a gap of 10 is 4.05: four, or five by luck
    assert labour.posted_vacancies(3, 110.0, 100, 0.15, 1.0, 0.06) == 4
    assert labour.posted_vacancies(3, 110.0, 100, 0.15, 1.0, 0.04) == 5
    assert labour.posted_vacancies(3, 101.0, 100, 0.15, 1.0, 0.5) == 1  # only one of three is wanted back
    assert labour.posted_vacancies(4, 90.0, 100, 0.15, 1.0, 0.0) == 0


def test_pools_shed_workers_only_beyond_two_percent_and_at_most_threefold():
    assert labour.layoff_factor(102, 100.0, 0.15, 0.01) == 1.0
    # 15 % of a tenth is .0136 of 110 on top of .01
    assert labour.layoff_factor(110, 100.0, 0.15, 0.01) == pytest.approx(1 + 0.15 * (10 / 110) / 0.01)
    assert labour.layoff_factor(200, 100.0, 0.15, 0.01) == 3.0


def test_migrants_lose_jobs_more_often_for_two_years():
    assert labour.separation_rate_of(True, 3, 1.0, 0.01, 0.025) == 0.025
    assert labour.separation_rate_of(True, 24, 1.0, 0.01, 0.025) == 0.01
    assert labour.separation_rate_of(False, 3, 2.0, 0.01, 0.025) == 0.02


def test_farms_share_their_product_and_flexible_pay_falls_with_crowding():
    assert labour.farm_income(1000.0, 50.0, 100.0, 0.35) == pytest.approx(1000 * 0.5**0.35)
    assert labour.flexible_pay(3000.0, 1.1, 20.0, 10.0, 100.0, 100.0, -0.4) == pytest.approx(3300 * 2**-0.4)


def test_consumption_never_takes_more_than_is_held():
    # .7 x 1000 + .1 x (20000 - 6 x 1000)
    assert labour.consumption_of(1000, 20_000, 0.7, 0.1, 6.0) == 2100
    assert labour.consumption_of(1000, 0, 0.7, 0.1, 6.0) == 700
    assert labour.consumption_of(0, 5, 0.7, 9.0, 6.0) == 5


def test_a_month_of_pay_by_state():
    model = labour_model(500)
    steady_base_year(model)
    s, p = model.settlements, model.persons
    experience, worked, held, wage = p.experience.copy(), p.worked_months.copy(), p.savings.copy(), p.wage.copy()
    s.wage_growth[:] = 1.01
    earnings.pay_people(model)
    # transfers rise with pay to 20,200; with no savings to speak of consumption is .7 of income
    idle = np.flatnonzero((p.state == UNEMPLOYED) & (held < 6 * 20_000))
    assert len(idle) and (p.savings[idle] - held[idle] == 20_200 - 14_140).all()
    at_work = np.flatnonzero((p.state == EMPLOYED) & (experience >= 240))
    assert (p.wage[at_work] == np.floor(wage[at_work] * 1.01 + 0.5)).all()
    assert (p.experience[p.state == FARMING] == experience[p.state == FARMING]).all()  # its pay does not follow experience
    assert (p.experience[p.state == EMPLOYED] == experience[p.state == EMPLOYED] + 1).all()
    assert (p.experience[p.state == RETIRED] == experience[p.state == RETIRED]).all()
    assert ((p.worked_months & 1) == np.isin(p.state, [2, 4, 5])).all()
    assert ((p.worked_months >> 1) == (worked & 2047)).all()
    assert ((p.months_away > 0) == (p.residence != p.hukou_place)).all()
    close_month(model)
