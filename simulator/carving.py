"""The base year of households' own flows: rents, remittances and the floor, carved out of the incomes that surveys publish.

The survey counts as transfer income what migrants send home and what the floor pays, and as property
income what tenants pay. So the inversion of pay (`baseyear.set_pay`) is told what these flows bring a
head in each province's towns and countryside: other transfers are lowered by it, to zero at least, and
pay and farm productivity are solved for what is still open. Flows depend on pay and pay on flows:
a few rounds settle both, and what they leave open, a few yuan, goes into other transfers.
"""

from __future__ import annotations

import numpy as np

from simulator.foundations.units import FEN, HUKOU_URBAN, RURAL, UNEMPLOYED
from simulator.kernels import earning, securing
from simulator.mechanisms import earnings, floor

ROUNDS = 3
"""Rounds of planning the flows and solving pay; the last leaves a few yuan a head (see the tests)."""

LOST_INSURED_WORK = 0.62
"""Share of people with urban registration and no work at the base year who have a claim to benefit left: what the model comes
to after two years among those who ask (came out; others left of their own will, come from other work, or have drawn it all)."""
MONTHS_WITHOUT_WORK = 5.0
"""Their mean months without work so far: one over the monthly finding rate of .18, and a little (assumed)."""


def sides_of(world) -> np.ndarray:
    """Row of the side of its province each settlement is on: towns 2p, countryside 2p + 1."""
    return world.province.astype(np.int64) * 2 + (world.kind == RURAL)


def plan_flows(model) -> np.ndarray:
    """Plan the base month's rents, remittances and benefits in `persons.received`, without moving money.

    Returns, by settlement, the mean yuan a head they bring on its side of the province, beside the
    property income that was promised.
    """
    s, p = model.settlements, model.persons
    living = p.alive == 1
    place, n = p.residence[living].astype(np.int64), model.world.n
    s.wealth[:] = np.bincount(place, weights=np.maximum(p.savings[living], 0), minlength=n)
    p.received[:] = 0
    jobless = np.flatnonzero(living & (p.state == UNEMPLOYED))
    insured = jobless[p.hukou_kind[jobless] == HUKOU_URBAN]
    securing.recall_benefit(
        insured.astype(np.int32), model.seed, LOST_INSURED_WORK, MONTHS_WITHOUT_WORK, p.uid, p.experience, p.benefit_months
    )
    rent = planned_rents(model)
    earnings.share_out_rents(model, rent, move_money=False)
    s.rents[:] = rent
    earnings.remit(model, move_money=False)
    floor.assess(model, earnings.income_table(model), earnings.property_rates(model))
    floor.pay_guarantee(model, move_money=False)
    floor.pay_benefit(model, jobless, move_money=False)
    floor.pay_care(model, move_money=False)
    gains = earning.property_of_everyone(p.residence, p.savings, earnings.property_rates(model))
    people = np.bincount(place, minlength=n)
    found = np.bincount(place, weights=(gains + p.received)[living], minlength=n) - s.property_income * people
    sides = sides_of(model.world)
    return (np.bincount(sides, weights=found) / np.maximum(np.bincount(sides, weights=people), 1.0))[sides] / FEN


def close_incomes(model) -> None:
    """Let other transfers close what is left between incomes per head and the published ones, on every side."""
    s, p, world = model.settlements, model.persons, model.world
    living = p.alive == 1
    place, n = p.residence.astype(np.int64), world.n
    income = earnings.income_table(model)[place, p.state, p.insurance] + p.wage + p.received
    income += earning.property_of_everyone(p.residence, p.savings, earnings.property_rates(model))
    published = np.where(world.kind == RURAL, world.income_rural[world.province], world.income_urban[world.province])
    people = np.bincount(place[living], minlength=n)
    missing = published * people * FEN / 12.0 - np.bincount(place[living], weights=income[living], minlength=n)
    sides = sides_of(world)
    s.transfer_income += (np.bincount(sides, weights=missing) / np.maximum(np.bincount(sides, weights=people), 1.0))[sides]


def planned_rents(model) -> np.ndarray:
    """Rent that tenants would pay in the base month, by settlement, whole fen."""
    s, p = model.settlements, model.persons
    rent = np.zeros(model.world.n, dtype=np.int64)
    earning.plan_rents(
        p.bundle(earning.Earners), s.property_income, earnings.income_table(model), earnings.spending_rules(model), rent
    )
    return rent
