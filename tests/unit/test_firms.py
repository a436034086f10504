"""Firms: equations by hand, sizes that add up, books that close, and lives of firms in the teaching circle."""

from __future__ import annotations

import math

import numpy as np
import pytest

from simulator.foundations.units import EMPLOYED
from simulator.kernels import drifting, parting, producing, settling, sharing, venturing
from simulator.mechanisms import accounts
from simulator.model import MigrationModel
from simulator.state.firms import (
    FIRM_NAMES,
    FOUNDED_LOCAL,
    FOUNDED_OUTSIDE,
    FOUNDED_RETURNEE,
    LOCAL_SERVICES,
    PUBLIC,
    SECTOR_SIZE,
)

SEED = np.uint64(11)


@pytest.fixture(scope="module")
def lively():
    """The teaching circle after eighteen months in which people found ten times as many firms."""
    model = MigrationModel("teaching", firms__startup_rate_resident=0.03, firms__startup_rate_returnee=0.2)
    model.log = []
    for _ in range(18):
        model.step()
        model.log.append(dict(model.tally))
    return model


# --- equations by hand ------------------------------------------------------------------------


def test_a_firm_of_its_best_size_makes_its_wage_bill_over_the_labour_share():
    # w0 = 8, nu = .5, kappa = .3: size 32 wants 32 workers with 32 workers' capital, phi = 32^.2 = 2
    made = producing.value_added(8.0, 1.0, 1.0, 2.0, 1.0, 32.0, 32.0, 0.3, 0.5)
    assert made == pytest.approx(8.0 * 32.0 / 0.5)
    assert producing.efficient_size(2.0, 0.2) == pytest.approx(32.0)
    assert producing.jobs_in_all(32.0, 32.0, 1.0, 1.0, 0.0, 0.6) == pytest.approx(32.0)


def test_jobs_fall_twice_as_fast_as_pay_rises_at_given_capital_and_more_in_the_long_run():
    level = producing.jobs_level(1.0, 1.0, 1.01, 2.0, 0.3, 1.0)  # 1/(1-nu) = 2
    assert level == pytest.approx(-2.0 * math.log(1.01))
    best = producing.best_capital_level(level, 1.01, 0.6)  # k = W l, l = e^level k^.6
    jobs = level + 0.6 * best
    assert best == pytest.approx(math.log(1.01) + jobs)
    assert jobs == pytest.approx(-(1 - 0.3) / (1 - 0.3 - 0.5) * math.log(1.01))  # (1-kappa)/(1-kappa-nu) = 3.5


def test_dearer_college_labour_is_replaced_and_the_mix_costs_what_its_index_says():
    cost = producing.cost_index(1.0, 1.2, 0.4, 1.8)
    assert cost == pytest.approx((0.6 + 0.4 * 1.2**-0.8) ** (1 / -0.8))
    assert producing.labour_aggregate(60, 40, 0.4, 0.5, 1.8) == pytest.approx(100.0)  # the base mix counts as its heads
    assert producing.labour_aggregate(100, 0, 0.4, 0.5, 1.8) < 100.0


def test_firms_together_want_what_they_want_though_each_rounds():
    points = np.empty((20_000, 2))
    producing.draw_rounding_points(SEED, np.arange(20_000, dtype=np.uint64), points)
    jobs = [producing.whole_jobs(2.3, u) for u in points[:, 0]]
    assert np.mean(jobs) == pytest.approx(2.3, abs=4 * 0.46 / math.sqrt(20_000))


def test_capital_wears_grows_with_the_trend_and_closes_a_sixtieth_of_its_gap():
    # wear 1, trend .51 % is 5.1, a sixtieth of 600 is 10
    assert producing.investment_of(1000, 1600.0, 1 / 60, 1.0051, 0.001) == 1 + 15
    assert producing.investment_of(1000, 0.0, 1 / 60, 1.0, 0.001) == 0
    assert producing.affordable(1000, 50, 900, 0.92) == 50 + 20


def test_prices_of_services_rise_where_more_is_asked_than_can_be_made():
    assert settling.price_after(1.0, 120, 100, 0.05) == pytest.approx(math.exp(0.01))
    assert settling.price_after(1.0, 900, 100, 0.05) == pytest.approx(math.exp(0.02))
    assert settling.price_after(1.3, 5, 0, 0.05) == 1.3


def test_closing_peaks_in_the_third_year_and_falls_with_size():
    rates = [drifting.closing_rate(float(age), 3, False, 0.11, 0.36, 0.8, 2.0) for age in range(240)]
    assert int(np.argmax(rates)) == 36
    assert drifting.closing_rate(36.0, 30, False, 0.11, 0.36, 0.8, 2.0) < rates[36] / 4
    assert drifting.closing_rate(36.0, 3, True, 0.11, 0.36, 0.8, 2.0) == pytest.approx(2 * rates[36])


def test_entries_are_poisson_from_one_number():
    drawn = np.array([venturing.entrants(1.7, (k + 0.5) / 5000) for k in range(5000)])
    assert drawn.mean() == pytest.approx(1.7, abs=0.01) and drawn.var() == pytest.approx(1.7, abs=0.03)
    assert venturing.entrants(0.0, 0.999) == 0


def test_no_money_no_firm_and_a_loan_makes_one_possible():
    assert venturing.money_term(9_000.0, 10_000.0) < -50
    assert venturing.money_term(30_000.0, 10_000.0) == pytest.approx(math.log(2.0))
    odds = venturing.Odds(-2.0, -4.0, 0.5, 0.1, 0.3, 0.2, 0.2, 0.3, 0.3)
    known = venturing.odds_of_founding(math.log(2.0), True, 60, 3, 0.4, odds)
    assert known == pytest.approx(-2.0 + 0.5 * math.log(2.0) + 0.5 + 0.6 + 0.4)
    assert venturing.founding_chance(0.0) == pytest.approx(0.5 / 12)


def test_a_loan_for_few_is_whole_for_those_who_get_it_and_nothing_for_the_rest():
    # a tenth of founders get 200; the mean is 20
    assert venturing.loan_offered(20.0, 0.1, 0.05) == pytest.approx(200.0)
    assert venturing.loan_offered(20.0, 0.1, 0.15) == 0.0
    assert venturing.loan_offered(20.0, 0.0, 0.99) == venturing.loan_offered(20.0, 1.0, 0.99) == 20.0
    assert venturing.loan_offered(0.0, 0.1, 0.05) == 0.0


def test_what_a_firm_takes_to_open_differs_with_its_size_and_is_one_in_the_mean():
    sizes = np.array([venturing.relative_size(np.uint64(k), FIRM_NAMES, 0.8, np.uint64(1), 7) for k in range(20_000)])
    assert sizes.mean() == pytest.approx(1.0, abs=0.03) and np.log(sizes).std() == pytest.approx(0.8, abs=0.02)
    uid = venturing.founder_firm_uid(np.uint64(3), 7, FIRM_NAMES)
    assert venturing.first_size(6.5, 0.8, np.uint64(1), 7, np.uint64(uid)) == pytest.approx(6.5 * sizes[3])


def test_what_a_firm_leaves_pays_its_debts_first_then_the_guarantor():
    # 100 of capital gives 90; 40 still owed, 25 in cash; 15 unpaid, of which 10 guaranteed
    assert parting.wind_up(25, 130, 100, 10) == (25, 0, 10)
    assert parting.wind_up(60, 130, 100, 10) == (40, 20, 0)


def test_sizes_add_up_to_the_workers_and_nobody_owns_an_empty_firm():
    luck = np.random.default_rng(3)
    for _ in range(100):
        workers = luck.integers(0, 60, 4)
        count = np.array([luck.integers(1, max(w, 1) + 1) for w in workers])
        first = np.concatenate([[0], np.cumsum(count)])
        weight = luck.pareto(1.1, first[-1]) + 1.0
        sizes = sharing.share_out_sizes(workers, first, weight)
        for p, w in enumerate(workers):
            part = sizes[first[p] : first[p + 1]]
            assert part.sum() == w and (w == 0 or (part >= 1).all())
            # in plain Python: one each, the rest by weight and largest remainder
            share = [(w - count[p]) * x / weight[first[p] : first[p + 1]].sum() for x in weight[first[p] : first[p + 1]]]
            plain = [1 + int(x) for x in share]
            order = sorted(range(len(share)), key=lambda k: (-(share[k] - int(share[k])), k))
            for k in order[: w - sum(plain)]:
                plain[k] += 1
            assert w == 0 or list(part) == plain


def test_what_was_spent_on_services_is_sold_to_the_fen():
    luck = np.random.default_rng(5)
    for _ in range(100):
        firms = int(luck.integers(1, 30))
        place, made = luck.integers(0, 3, firms).astype(np.uint16), luck.integers(0, 1000, firms)
        sector = np.where(luck.random(firms) < 0.7, LOCAL_SERVICES, 0).astype(np.uint8)
        alive, revenue = np.ones(firms, dtype=np.uint8), np.zeros(firms, dtype=np.int64)
        made_in = np.zeros((3, 6), dtype=np.int64)
        np.add.at(made_in, (place, sector), made)
        demand = luck.integers(0, 5000, 3)
        settling.share_out_sales(alive, place, sector, made, made_in, demand, revenue)
        for c in range(3):
            sellers = (place == c) & (sector == LOCAL_SERVICES)
            assert revenue[sellers].sum() == (demand[c] if made_in[c, LOCAL_SERVICES] > 0 else 0)
        assert np.array_equal(revenue[sector == 0], made[sector == 0])


# --- firms in the model ---------------------------------------------------------------------------


def test_twice_the_demand_is_met_by_twice_the_plants_at_the_same_product_a_worker():
    # phi = 2, D = 2: 64 workers with 64 workers' capital make twice what 32 with 32 made, not 2^.8 times
    one = producing.value_added(8.0, 1.0, 1.0, 2.0, 1.0, 32.0, 32.0, 0.3, 0.5)
    assert producing.value_added(8.0, 1.0, 1.0, 2.0, 2.0, 64.0, 64.0, 0.3, 0.5) == pytest.approx(2.0 * one)
    assert producing.value_added(8.0, 1.0, 1.0, 2.0, 1.0, 64.0, 64.0, 0.3, 0.5) == pytest.approx(2.0**0.8 * one)


def test_at_the_base_year_firms_can_make_what_the_accounts_say_and_local_services_sell_it_at_price_one():
    model = MigrationModel("teaching")
    tech, s = model.technology, model.settlements
    bill = np.bincount(model.persons.employer[model.persons.employer >= 0], model.persons.wage[model.persons.employer >= 0],
                       len(model.employers)).astype(np.int64)  # fmt: skip
    n, ones = model.world.n, np.ones((model.world.n, 6))
    made = settling.make_goods(
        model.firms.bundle(accounts.MadeBy), bill, s.wage_base, np.ones(n), ones, (tech.college_share, tech.cost_share, tech.efficiency),
        tech.worth, tech.capital_unit, accounts.rules_of(model), np.zeros(len(model.firms), np.int64), 0, len(model.firms),
    )  # fmt: skip
    for sector in range(PUBLIC):
        assert np.allclose(made[:, sector], tech.value_added[:, sector], rtol=1e-6, atol=len(model.firms))
    model.close()


def test_entries_replace_the_same_share_of_what_closes_in_every_sector():
    model = MigrationModel("teaching", firms__startup_rate_resident=0.0, firms__startup_rate_returnee=0.0)
    balance, firms, e = model.technology.entry_balance[:PUBLIC], model.firms, model.employers
    count = np.bincount(firms.sector, minlength=6)[:PUBLIC]
    assert (balance * count).sum() == pytest.approx(count.sum(), rel=1e-6)
    heads = e.headcount[0::2] + e.headcount[1::2]
    rates = np.array([drifting.closing_rate(float(model.month - b), h, False, 0.11, 0.32, 0.8, 1.0) for b, h in zip(firms.born, heads, strict=True)])
    closing = np.bincount(firms.sector, rates * heads, 6)[:PUBLIC]
    size = model.technology.entrant_size[:PUBLIC]
    assert (balance * count * size).sum() / (balance * count).sum() == pytest.approx(3.0, rel=1e-6)  # the parameter is the mean
    assert np.allclose(size / size[0], SECTOR_SIZE[:PUBLIC] / SECTOR_SIZE[0])  # 2, .7, 1, 1, .8: large where firms are large
    replaced = balance * count * size / closing  # without start-ups entries bring in what closes, up to one factor
    inside = (balance > 0.1 * 1.001) & (balance < 10 * 0.999)
    assert inside.sum() >= 3 and np.allclose(replaced[inside], replaced[inside][0], rtol=1e-6)
    model.close()


def test_every_firm_of_the_base_year_wants_the_people_it_has_and_those_it_just_lost():
    model = MigrationModel("teaching")
    e, firms, tech = model.employers, model.firms, model.technology
    heads = (e.headcount[0::2] + e.headcount[1::2]).astype(float)
    assert np.array_equal(np.bincount(firms.settlement[firms.sector == PUBLIC], minlength=model.world.n), np.ones(model.world.n))
    assert (heads[firms.sector != PUBLIC] >= 1).all()
    size = [producing.efficient_size(phi, 0.2) for phi in firms.productivity]
    assert np.allclose(size, np.maximum(heads, 0.5))
    unit = tech.capital_unit[firms.settlement, firms.sector]
    assert np.allclose(firms.capital / unit, np.maximum(heads, 0.5), atol=1e-6)
    assert np.array_equal(e.target, e.headcount + e.separations + e.vacancies)  # filled, just left, and those that found nobody


def test_product_and_labour_share_of_the_base_year_are_those_of_the_national_accounts():
    model = MigrationModel("baseline", persons_per_agent=50_000)
    tech, s = model.technology, model.settlements
    year = 12.0 * model.persons_per_agent / 100.0 / 1e12
    farms, flexible = (s.farmers * s.farm_income).sum(), (s.flexible_workers * s.flexible_pay).sum()
    product = tech.value_added.sum() + farms + flexible / 0.8
    assert product == pytest.approx(tech.product, rel=1e-6)
    assert product * year == pytest.approx(101.0, rel=0.02)
    bill = model.persons.wage[model.persons.employer >= 0].sum()
    assert (tech.labour_cost * bill + farms + flexible) / product == pytest.approx(0.52, abs=0.01)


def test_founders_work_in_their_firm_and_put_in_what_they_had(lively):
    founded = sum(month["founded_local"] + month["founded_returnee"] for month in lively.log)
    assert founded > 20
    firms, p = lively.firms, lively.persons
    own = np.isin(firms.founder_type, (FOUNDED_LOCAL, FOUNDED_RETURNEE))
    assert np.count_nonzero(own) == founded
    young = np.flatnonzero(own & (firms.born == lively.month) & (firms.alive == 1))
    if len(young) == 0:
        lively.step()
        young = np.flatnonzero(np.isin(firms.founder_type, (1, 2)) & (firms.born == lively.month) & (firms.alive == 1))
    for f in young:
        i = firms.founder[f]
        assert p.state[i] == EMPLOYED and p.employer[i] // 2 == f and p.workplace[i] == firms.settlement[f]
        assert firms.cash[f] + firms.capital[f] - firms.debt[f] > 0
    assert len(set(firms.founder[(firms.founder >= 0) & (firms.alive == 1)])) == np.count_nonzero((firms.founder >= 0) & (firms.alive == 1))


def test_firms_come_and_go_and_nobody_works_for_a_closed_one(lively):
    firms, e, p = lively.firms, lively.employers, lively.persons
    assert sum(month["firms_closed"] for month in lively.log) > 5 and sum(month["firms_entered"] for month in lively.log) > 5
    shut = firms.alive == 0
    assert shut.any() and (firms.closed[shut] > 0).all() and (firms.founder_type == FOUNDED_OUTSIDE).any()
    assert (e.headcount[np.repeat(shut, 2)] == 0).all() and (firms.cash[shut] == 0).all() and (firms.debt[shut] == 0).all()
    at_work = p.employer >= 0
    assert (firms.alive[p.employer[at_work] // 2] == 1).all()
    assert np.array_equal(e.place, np.repeat(firms.settlement, 2)) and np.array_equal(p.workplace[at_work], e.place[p.employer[at_work]])
    assert len(np.unique(firms.uid)) == len(firms)


def test_a_guaranteed_loan_and_one_stop_bring_more_founders():
    def founded(loan: float, paperwork: float) -> int:
        model = MigrationModel("teaching", firms__startup_rate_resident=0.03)
        rest = model.levers.rest

        def pull():
            rest()
            model.levers.startup_loan[:] = loan
            model.levers.startup_paperwork[:] = paperwork

        model.levers.rest = pull
        return sum((model.step(), model.tally["founded_local"] + model.tally["founded_returnee"])[1] for _ in range(6))

    assert founded(20_000_000.0, 0.0) > founded(0.0, 1.0)
