"""Income: farms, flexible work, wages, pensions; what people spend, save and learn by working."""

from __future__ import annotations

import numpy as np

from simulator.foundations.units import EMPLOYED, FARMING, FLEXIBLE, STATES, WELFARE_JOB
from simulator.kernels import earning
from simulator.kernels.elementary import exp_
from simulator.kernels.labour import LONGEST_PROFILE

WRITES = {
    "persons": ("wage", "savings", "worked_months", "experience", "months_away"),
    "households": (),
    "settlements": ("farm_productivity", "farm_income", "flexible_pay"),
    "employers": (),
}

PAID = np.isin(np.arange(len(STATES)), (EMPLOYED, FLEXIBLE, WELFARE_JOB)).astype(np.int64)
"""By state, 1 for non-farm work."""
EXPERIENCED = np.isin(np.arange(len(STATES)), (EMPLOYED, FLEXIBLE, WELFARE_JOB, FARMING)).astype(np.int64)
"""By state, 1 for work that adds experience."""


def farm_growth(model) -> float:
    """Growth of farm productivity this month: its own driver, else the national one; both a year."""
    for name in ("farm_productivity_growth", "productivity_growth"):
        if name in model.world.drivers:
            return exp_(float(model.driver(name)) / 12.0)
    return 1.0


def set_incomes_of_places(model) -> None:
    """Farm income by land per farmer, flexible pay by how many share the demand."""
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


def produce_and_pay(model) -> dict[str, int]:
    """Everyone is paid by state and place, spends and saves; work adds experience.

    Returns exact totals in fen of the agents: income = consumption + change of savings.
    """
    set_incomes_of_places(model)
    s, get = model.settlements, model.scenario
    people = model.persons.bundle(earning.Earners)
    incomes = earning.tabulate_incomes(s.farm_income, s.flexible_pay, s.pension, s.property_income, s.transfer_income)
    rises = earning.tabulate_rises(
        s.wage_growth, model.employers.place, model.employers.skill,
        exp_(float(get["labour.experience_return"]) / 12.0),
    )  # fmt: skip
    totals = model.crew.run(
        earning.pay_and_spend, len(people.alive), people, incomes, rises, PAID, EXPERIENCED,
        float(get["household.consume_income"]), float(get["household.consume_wealth"]),
        float(get["household.target_months"]), int(LONGEST_PROFILE * 12),
    )  # fmt: skip
    earned, spent = np.sum(totals, axis=0) if totals else np.zeros((2, len(s.farm_income)), dtype=np.int64)
    income, consumption = model.ledger.post("income", earned), model.ledger.post("consumption", spent)
    return {"income_fen": income, "consumption_fen": consumption}
