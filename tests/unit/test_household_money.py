"""Money of households: a village and a town of seven people with sums by hand, and kernels against plain reckonings."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from simulator.foundations.crew import Crew
from simulator.foundations.units import EMPLOYED, FARMING, FLEXIBLE, NOBODY, RETIRED, UNEMPLOYED, month_number
from simulator.kernels import billing, earning, remitting
from simulator.kernels.labour import consumption_of
from simulator.mechanisms import earnings
from simulator.model import MigrationModel
from simulator.state.persons import Households, Persons

VILLAGE, TOWN = 0, 1


def seven_people() -> tuple[Persons, Households]:
    """0 farmer and 1 partner of 2 in the village, with 3, their child; 2 works in the town; 4, 5 and 6 are of the town.

    Households: 0 the village family (head 0), 1 of the migrant (head 2), 2 of 4 and 5 (head 4), 3 of 6.
    """
    p, h = Persons(7), Households(4)
    p.append(7)
    h.append(4)
    p.uid[:], p.alive[:] = np.arange(7), 1
    p.residence[:] = [0, 0, 1, 0, 1, 1, 1]
    p.root[:] = p.hukou_place[:] = [0, 0, 0, 0, 1, 1, 1]
    p.state[:] = [FARMING, UNEMPLOYED, EMPLOYED, 0, EMPLOYED, RETIRED, FLEXIBLE]
    p.insurance[:] = [1, 1, 1, 1, 2, 2, 1]
    p.household[:] = [0, 0, 1, 0, 2, 2, 3]
    p.partner[:] = [-1, 2, 1, -1, 5, 4, -1]
    p.mother[:] = [-1, -1, 0, 1, -1, -1, -1]
    p.employer[:], p.wage[:] = [-1, -1, 3, -1, 2, -1, -1], [0, 0, 400_000, 0, 700_000, 0, 0]
    p.months_away[2] = 24
    p.savings[:] = [100_000, 0, 300_000, 0, 2_000_000, 500_000, 50_000]
    h.head[:], h.root[:], h.dwelling[:] = [0, 2, 4, 6], [0, 0, 1, 1], [0, 1, 1, 1]
    h.size[:] = [3, 1, 2, 1]
    return p, h


RULES = earning.SpendingRules(0.7, 0.01, 6.0, 0.25, 500_000.0, 240)


def pay(p: Persons, rate=(0.0, 0.0), top=(0.0, 0.0)):
    """One month's pay of everyone; farm 90,000, flexible 250,000, pension 20,000 or 300,000, transfers 1,000 and -500."""
    incomes = earning.tabulate_incomes(
        np.array([90_000.9, 0.0]), np.array([0.0, 250_000.0]), np.array([[0.0, 20_000.0, 300_000.0]] * 2),
        np.zeros(2), np.array([1_000.0, -500.0]),
    )  # fmt: skip
    places = earning.PlacePay(incomes, np.array(rate), np.array(top))
    rises = earning.tabulate_rises(np.full((2, 2), 1.01), 1.0)
    lines = np.array([0, 0, 1, 1], dtype=np.uint16), np.array([0, 1, 0, 1], dtype=np.uint8)
    bill, totals = np.zeros(4, dtype=np.int64), np.zeros((2, earning.N_TOTALS), dtype=np.int64)
    heads = np.zeros((2, 9, 3), dtype=np.int64)
    people = p.bundle(earning.Earners)
    where, there = np.empty((2, len(p)), dtype=np.uint16)
    earning.pay_and_spend(people, places, lines, rises, earnings.PAID, earnings.EXPERIENCED, RULES, bill, totals, heads, where, 0, len(p))
    remitting.locate(p.alive, p.residence, there, 0, len(p))
    assert np.array_equal(where, there)
    return bill, totals, heads


def test_a_month_of_seven_people_by_hand():
    p, _ = seven_people()
    p.received[1], p.savings[1] = 40_000, 40_000  # sent home last month
    bill, totals, heads = pay(p, rate=(0.0, 0.002), top=(0.0, 0.1))
    # wages rise by 1 %: 404,000 and 707,000; the second pays 10 % on 207,000; line by line
    assert bill.tolist() == [0, 0, 707_000, 404_000] and totals[TOWN, earning.TOP_TAX] == 20_700
    # property income .002 of 300,000 + 2,000,000 + 500,000 + 50,000
    assert totals[TOWN, earning.PROPERTY] == 600 + 4_000 + 1_000 + 100
    # the partner gets 1,000 and spends .7 x (1,000 + 40,000), in binary a hair below 28,700: 40,000 + 1,000 - 28,699
    assert p.savings[1] == 12_301 and p.received[1] == 0
    # the migrant: 404,000 + 600 - 500 = 404,100, spends 282,870 (savings below six months), of it a quarter rent
    assert p.savings[2] == 300_000 + 404_100 - 282_870
    assert totals[TOWN, earning.RENT] == 70_717 and totals[VILLAGE, earning.RENT] == 0
    # 4: 707,000 + 4,000 - 500 - 20,700 = 689,800, spends 482,859 (six months of it are more than is held)
    assert p.savings[4] == 2_000_000 + 689_800 - 482_859
    assert heads[VILLAGE, FARMING].sum() == 1 and heads[TOWN, RETIRED, 2] == 1
    assert totals[:, earning.WEALTH].tolist() == [int(p.savings[[0, 1, 3]].sum()), int(p.savings[[2, 4, 5, 6]].sum())]


def test_gross_pay_is_take_home_pay_and_what_is_withheld_line_by_line():
    take_home, place = np.array([0, 1_000, 333]), np.array([1, 1, 0])
    both, gross, by_place = np.empty(3, np.int64), np.empty(3, np.int64), np.zeros((2, 3), np.int64)
    for lo, hi in ((0, 2), (2, 3)):
        billing.draw_up_bills(np.array([[0, 400, 333], [0, 600, 0]]), place, 0.055, 0.036, both, gross, by_place, lo, hi)
    # 1,000 + 55 + 36 and 333 + 18 (18.3) + 11 (11.98)
    assert both.tolist() == take_home.tolist() and gross.tolist() == [0, 1_091, 362]
    assert by_place.tolist() == [[362, 18, 11], [1_091, 55, 36]]


def send(p, h):
    """One month of remittances of the seven; returns what was sent from and arrived at both places."""
    people = p.bundle(remitting.Family)
    sender, receiver, amount = np.empty(7, np.int32), np.empty(7, np.int32), np.empty(7, np.int64)
    sent, arrived, where = np.zeros(2, np.int64), np.zeros(2, np.int64), np.empty(7, np.uint16)
    remitting.locate(p.alive, p.residence, where, 0, 7)
    count = remitting.send_home(
        people, where, h.head, np.full(2, 250_000.0), 0.2, 0.08, 0.03, 0.25, True, sender, receiver, amount, sent, 0, 7
    )
    remitting.take_in(receiver[:count], amount[:count], people, True, arrived, 0, 7)
    return sent.tolist(), arrived.tolist()


def test_the_migrant_sends_a_share_of_pay_to_the_partner_at_home():
    p, h = seven_people()
    # alone for two years: .2 - .06 = .14 of 400,000
    assert send(p, h) == ([0, 56_000], [56_000, 0])
    assert (p.savings[2], p.savings[1]) == (300_000 - 56_000, 56_000) and (p.received[2], p.received[1]) == (-56_000, 56_000)
    p.residence[1] = TOWN  # the partner comes after: the mother gets .08 - .06 = .02, the quarter of .08 at least
    assert send(p, h) == ([0, 8_000], [8_000, 0]) and p.savings[0] == 108_000
    p.alive[0] = 0  # the child is still there
    assert send(p, h)[1] == [0, 0] and p.first_child[2] < 0
    p.first_child[2] = 3
    assert send(p, h)[1] == [8_000, 0] and p.savings[3] == 8_000


def test_remittances_never_fall_below_a_quarter_of_the_first_share():
    assert remitting.remittance_share(False, 0, 0.2, 0.08, 0.03, 0.25) == 0.2
    assert remitting.remittance_share(False, 600, 0.2, 0.08, 0.03, 0.25) == 0.05
    assert remitting.remittance_share(True, 12, 0.2, 0.08, 0.03, 0.25) == pytest.approx(0.05)


def test_a_migrant_never_sends_more_than_is_held_and_nothing_without_pay():
    p, h = seven_people()
    p.savings[2] = 1_000
    send(p, h)
    assert p.savings[2] == 0 and p.savings[1] == 1_000
    p.state[2], p.wage[2], p.savings[2] = UNEMPLOYED, 0, 900
    assert send(p, h) == ([0, 0], [0, 0]) and p.savings[2] == 900


def desk_model(p, h):
    s = SimpleNamespace(rents=np.zeros(2), wealth=np.full(2, 2e6), residents=np.ones(2))
    return SimpleNamespace(persons=p, households=h, crew=Crew(1), settlements=s)


def test_owner_households_share_rents_by_savings_and_the_first_parts_get_the_odd_fen():
    p, h = seven_people()
    rent = np.array([7, 70_717])
    earnings.share_out_rents(desk_model(p, h), rent)
    # the migrant's household dwells away from where it is registered and owns nothing; in the village family 0 owns
    # a twentieth of the mean, 2 m, is 100,000: 21 parts for 2,000,000 held, one for 50,000; 70,717 = 22 x 3,214 + 9
    assert p.savings.tolist() == [100_007, 0, 300_000, 0, 2_067_503, 500_000, 53_214]
    assert p.received.tolist() == [7, 0, 0, 0, 67_503, 0, 3_214]


def test_where_nobody_owns_no_rent_is_paid_apart():
    p, h = seven_people()
    p.hukou_place[:] = VILLAGE
    rent = np.array([0, 70_717])
    earnings.share_out_rents(desk_model(p, h), rent)
    assert rent.tolist() == [0, 0] and p.savings.sum() == 2_950_000


@pytest.mark.parametrize("seed", range(100))
def test_the_pay_kernel_agrees_with_a_plain_reckoning(seed):
    rng = np.random.default_rng(seed)
    p = Persons(60)
    p.append(60)
    p.alive[:] = rng.random(60) < 0.9
    p.residence[:], p.hukou_place[:] = rng.integers(0, 2, (2, 60))
    p.state[:], p.insurance[:] = rng.integers(0, 9, 60), rng.integers(0, 3, 60)
    p.employer[:] = np.where(p.state == EMPLOYED, rng.integers(0, 4, 60), NOBODY)
    p.wage[:] = np.where(p.state == EMPLOYED, rng.integers(1, 2_000_000, 60), 0)
    p.savings[:], p.received[:] = rng.integers(-50_000, 9_000_000, 60), rng.integers(-80_000, 80_000, 60)
    p.experience[:], p.months_away[:] = rng.integers(0, 480, 60), rng.integers(0, 50, 60)
    before = {name: getattr(p, name).copy() for name in p.columns}
    rate, top = (0.0007, 0.0011), (0.05, 0.0)
    bill, totals, heads = pay(p, rate, top)
    want_bill, want = np.zeros(4, np.int64), np.zeros((2, earning.N_TOTALS), np.int64)
    for i in range(60):
        if not before["alive"][i]:
            assert p.savings[i] == before["savings"][i]
            continue
        j, state, held, got = (int(before[name][i]) for name in ("residence", "state", "savings", "received"))
        wage = int(before["wage"][i] * 1.01 + 0.5) if state == EMPLOYED else 0
        other = (1_000, -500)[j] + {FARMING: (90_000, 0)[j], FLEXIBLE: (0, 250_000)[j]}.get(state, 0)
        if state == RETIRED:
            other += (0, 20_000, 300_000)[p.insurance[i]]
        gains, tax = int(rate[j] * max(held, 0)), int(top[j] * max(0.0, wage - 500_000.0))
        income = wage + other + gains - tax
        spent = consumption_of(income + got, held - got, 0.7, 0.01, 6.0)
        away = before["hukou_place"][i] != j
        assert (p.wage[i], p.savings[i], p.received[i]) == (wage, held + income - spent, 0)
        assert p.months_away[i] == (before["months_away"][i] + 1 if away else 0)
        if state == EMPLOYED:
            want_bill[before["employer"][i]] += wage
        want[j] += [wage, gains, tax, spent, int(spent * 0.25) * away, max(held + income - spent, 0)]
    assert np.array_equal(bill, want_bill) and np.array_equal(totals, want) and heads.sum() == before["alive"].sum()


@pytest.fixture(scope="module")
def first_months():
    model = MigrationModel("teaching")
    plain = model.live

    def noted(verb):
        plain(verb)
        if verb.__name__ == "pay_people":  # later in the month some give up the job they were paid for
            model.paid_wages = int(model.persons.wage[model.persons.alive == 1].sum())

    model.live = noted
    for _ in range(3):
        model.step()
    model.close()
    return model


def test_every_payment_of_households_is_in_the_books(first_months):
    ledger, spending = first_months.ledger, first_months.spending
    for name in ("wages", "employee_contributions", "income_tax_local", "income_tax_central", "farm_sales", "flexible_pay",
                 "pensions", "property_income", "rents", "remittances", "consumption_services"):  # fmt: skip
        assert ledger.total(name) > 0, name
    assert np.array_equal(spending.total, spending.rent + spending.services + spending.tradables)
    assert ledger.total("wages") == first_months.gross_wages.sum()
    assert first_months.wage_bill.sum() == first_months.paid_wages


def test_what_migrants_send_is_a_flow_from_town_to_country(first_months):
    net = first_months.settlements.remittances
    rural = first_months.world.kind == 4
    assert net[rural].sum() > 0 > net[~rural].sum() and net.sum() == 0


def test_months_before_the_base_year_and_worlds_without_prices_leave_pensions_alone():
    model = SimpleNamespace(
        world=SimpleNamespace(drivers={"pension_resident": 0}, base_month=month_number(2020, 11)), month=month_number(2021, 1)
    )
    assert earnings.real_growth(model, "pension_resident") == 1.0
