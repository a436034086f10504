"""Production: firms expect demand, build capital, and decide how many people they want and whom they let go."""

from __future__ import annotations

from collections import namedtuple
from dataclasses import dataclass

import numpy as np

from simulator.foundations.once import once
from simulator.foundations.units import RURAL, SECTORS
from simulator.kernels import posting, producing
from simulator.kernels.elementary import exp_
from simulator.kernels.producing import LOCAL_SERVICES, PUBLIC

WRITES = {
    "persons": (),
    "households": (),
    "settlements": ("posted", "lead", "drift"),
    "employers": ("target", "vacancies", "filled", "separations", "separation_factor"),
    "firms": ("capital", "expected_demand", "built_for", "investment", "founder"),
}

DEFAULTS = {
    "firms.labour_share": 0.50,
    "firms.capital_share": 0.30,
    "firms.skill_substitution": 1.8,
    "firms.local_answer": 0.5,
    "firms.demand_learning": 0.5,
    "firms.capital_speed": 1 / 60,
    "firms.interest_rate": 0.003,
    "firms.capital_depreciation": 0.05,
    "firms.mean_size": 8.0,
    "firms.size_tail": 1.1,
    "labour.platform_commission": 0.2,
    "firms.leverage": 0.92,
    "firms.exit_old": 0.11,
    "firms.exit_young": 0.32,
    "firms.exit_size_power": 0.8,
    "firms.buffer_months": 2.0,
    "firms.production_tax": 0.10,
    "firms.employer_contributions": 0.145,
    "household.employee_contributions": 0.055,
    "household.income_tax": 0.036,
    "household.income_tax_local": 0.4,
    "finance.local_tax_share": 0.099,
    "firms.skill_bias": 0.05,
}
"""Values of `configs/parameters/firms.yaml` for models without a scenario file."""

PlannedFirms = namedtuple(
    "PlannedFirms",
    "uid alive settlement sector founder productivity capital cash debt expected_demand built_for investment offset0 offset1",
)
"""The columns of firms that planning reads or writes."""

PlannedLines = namedtuple("PlannedLines", "headcount target vacancies filled separations separation_factor")
"""The columns of job lines that planning reads or writes."""


def parameter(model, name: str) -> float:
    """A parameter of the scenario, else its documented default."""
    try:
        return float(model.scenario[name])
    except KeyError:
        return DEFAULTS[name]


def outside(model, name: str) -> float:
    """A driver of the world this month; 1 where the world has none of that name."""
    return float(model.driver(name)) if name in model.world.drivers else 1.0


def demand_drivers(model) -> np.ndarray:
    """The drivers of demand by sector this month, f8[6]."""
    return np.array([outside(model, f"demand_{name}") for name in SECTORS])


def returns_to_size(model) -> float:
    """1 - kappa - nu: what a firm loses by being larger."""
    return 1.0 - parameter(model, "firms.capital_share") - parameter(model, "firms.labour_share")


def user_cost(model) -> float:
    """What a unit of capital costs a month: interest and depreciation."""
    return parameter(model, "firms.interest_rate") + parameter(model, "firms.capital_depreciation") / 12.0


def let_places_catch_up(model) -> None:
    """Productivity and pay of poorer places grow faster than the nation's: beta x log gap of income per head, a year.

    `catch_up` is the driver beta (below zero); the gap is that of the published base-year income of a province's towns or
    countryside, less what has been caught up since. Weighted by residents, places together grow as the nation does.
    """
    s, world = model.settlements, model.world
    if "catch_up" not in world.drivers:
        return
    income = once(model, "income_of_places", lambda: income_of_places(world), of=world)
    gap, people = np.log(income * s.lead), np.maximum(s.residents, 1e-9)
    s.drift[:] = float(model.driver("catch_up")) * (gap - (gap * people).sum() / people.sum())
    s.lead *= np.exp(s.drift / 12.0)


def income_of_places(world) -> np.ndarray:
    """Published base-year income per head of each settlement's towns or countryside, by its province."""
    return np.where(world.kind == RURAL, world.income_rural[world.province], world.income_urban[world.province])


def productivity_of_places(model) -> np.ndarray:
    """Labour productivity of every place relative to its base year: growth, density, graduates, infrastructure."""
    s, out = model.settlements, np.ones(len(model.settlements.residents))
    posting.measure_productivity(
        float(model.productivity), s.residents, s.residents_base, s.talent_share, s.talent_share_base,
        s.transport + model.levers.transport, model.world.transport.astype(np.float64),
        s.digital + model.levers.digital, model.world.digital.astype(np.float64),
        parameter(model, "labour.agglomeration"), parameter(model, "labour.college_externality"),
        parameter(model, "labour.infrastructure"), out,
    )  # fmt: skip
    return out * s.lead


def demand_of_places(model) -> np.ndarray:
    """Demand relative to the base year, [n, 6]: drivers and policies, and residents for what is used locally."""
    s = model.settlements
    demand = model.levers.labour_demand * (demand_drivers(model) / model.technology.demand_base)
    ratio = np.divide(s.residents, s.residents_base, out=np.ones(len(s.residents)), where=s.residents_base > 0)
    local = np.maximum(ratio, 1e-3) ** parameter(model, "labour.local_demand_share")
    demand[:, LOCAL_SERVICES] *= local
    demand[:, PUBLIC] *= local
    return demand


@dataclass(frozen=True)
class Conditions:
    """What firms of a settlement and sector meet this month, [n, 6]."""

    productivity: np.ndarray  # [n]
    demand: np.ndarray
    price: np.ndarray
    cost: np.ndarray  # of the best mix of labour, relative to the base year
    level: np.ndarray  # ln of jobs relative to the efficient size
    best: np.ndarray  # ln of the best capital relative to the efficient size
    mix: np.ndarray  # [n, 6, 2] jobs of each skill a worker wanted
    college_share: np.ndarray  # of heads in this month's base mix
    cost_share: np.ndarray  # college share of its wage bill
    worth: np.ndarray  # fen a month: what a worker of that mix is worth at base-year pay


def capital_answers(model) -> np.ndarray:
    """By sector, the power with which jobs follow capital: b kappa / (1 - nu)."""
    answer = np.ones(6)
    answer[PUBLIC] = parameter(model, "firms.local_answer")
    return answer * parameter(model, "firms.capital_share") / (1.0 - parameter(model, "firms.labour_share"))


def skill_shares_now(model) -> tuple[np.ndarray, np.ndarray]:
    """College share of heads and of the wage bill in this month's base mix, [n, 6] each: skill-biased change.

    At base-year relative pay, relative demand for college labour grows by exp(bias t), t in years since the base
    year (Katz and Murphy 1992): the odds of both shares grow by that factor.
    """
    tech = model.technology
    factor = exp_(parameter(model, "firms.skill_bias") * (model.month - model.world.base_month) / 12.0)
    return tuple(share * factor / (1.0 - share + share * factor) for share in (tech.college_share, tech.cost_share))


def worth_now(model, college_share: np.ndarray) -> np.ndarray:
    """What a worker of this month's base mix is worth at base-year pay, fen a month [n, 6]: w0 grows with the mix.

    w0 times (1 - s') (1 - theta) / (1 - s) + s' theta / s, with s the college share of heads and theta of the bill at the base
    year, s' the share now; otherwise a mix with more college labour would cost more and make no more.
    """
    tech = model.technology

    def at_the_base() -> tuple[np.ndarray, np.ndarray]:
        s, theta = tech.college_share, tech.cost_share
        below = np.divide(1.0 - theta, 1.0 - s, out=np.ones_like(s), where=s < 1.0)
        return below, np.divide(theta, s, out=np.ones_like(s), where=s > 0.0)

    below, college = once(model, "worth_by_skill", at_the_base, of=tech)
    return tech.worth * ((1.0 - college_share) * below + college_share * college)


def conditions_now(model) -> Conditions:
    """The conditions of this month from productivity, pay, prices and demand."""
    s = model.settlements
    n = len(s.residents)
    college_share, cost_share = skill_shares_now(model)
    productivity, price = productivity_of_places(model), np.ones((n, 6))
    price[:, LOCAL_SERVICES] = s.service_price
    found = Conditions(
        productivity, demand_of_places(model), price, np.ones((n, 6)), np.zeros((n, 6)), np.zeros((n, 6)), np.zeros((n, 6, 2)),
        college_share, cost_share, worth_now(model, college_share),
    )  # fmt: skip
    producing.weigh_conditions(
        productivity, price, s.wage, s.wage_base, college_share, cost_share,
        parameter(model, "firms.skill_substitution"), parameter(model, "firms.labour_share"),
        parameter(model, "firms.capital_share"), parameter(model, "firms.local_answer"), found.cost, found.level,
        found.best, found.mix,
    )  # fmt: skip
    return found


def ordinary_separation(model) -> float:
    """Monthly rate at which jobs end while their firm stands."""
    closing = model.technology.closing_share if getattr(model, "startup_odds", None) is not None else 0.0
    return max(parameter(model, "labour.separation_rate") - closing, 1e-4)


def plan_production(model) -> dict[str, int]:
    """Firms see demand, wages and productivity, build capital, decide how many jobs they want, and post vacancies.

    Jobs wanted follow the production function at the capital in place (see `kernels.producing`); capital
    closes a share of the gap to its best stock each month and grows with the trend. Vacancies replace those who left
    as far as they are wanted and close a share of the rest; firms with too many workers shed some through a higher
    separation rate. The firm of a founder who died passes to the fund of firms without a founder.
    """
    let_places_catch_up(model)
    now, tech = conditions_now(model), model.technology
    model.conditions = now
    trend = exp_(float(model.driver("productivity_growth")) / 12.0) if "productivity_growth" in model.world.drivers else 1.0
    parts = model.crew.run(
        producing.plan_jobs, len(model.firms), model.firms.bundle(PlannedFirms), model.employers.bundle(PlannedLines), now.demand, now.level, now.best, now.mix,
        tech.capital_unit, model.levers.job_offers * outside(model, "job_offers"), returns_to_size(model),
        capital_answers(model), parameter(model, "firms.demand_learning"), parameter(model, "firms.capital_speed"), trend,
        parameter(model, "firms.capital_depreciation") / 12.0, parameter(model, "firms.leverage"),
        parameter(model, "labour.hiring_adjustment"), ordinary_separation(model), model.seed, model.month,
        model.persons.alive,
    )  # fmt: skip
    model.settlements.posted[...] = sum(part[2] for part in parts)
    return {"vacancies": int(sum(part[1] for part in parts)), "jobs_wanted": round(sum(part[0] for part in parts))}
