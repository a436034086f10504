"""The levers that policies pull and mechanisms read, by settlement (and group where it matters).

A lever at its resting value changes nothing. Mechanisms never ask which policy set a lever.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

RESTING = {
    "job_offers": 1.0,
    "mobility": 1.0,
    "wage_floor": 0.0,
    "entitlement_open": 0.0,
    "hukou_ease": 1.0,
    "service_investment": 0.0,
    "college_places": 1.0,
    "housing_supply": 1.0,
    "travel_time": 1.0,
    "labour_demand": 1.0,
    "moving_cost_relief": 0.0,
    "farm_productivity": 1.0,
    "digital": 0.0,
    "transport": 0.0,
    "guarantee_line": 1.0,
    "guarantee_taper": 1.0,
    "guarantee_take_up": 1.0,
    "ui_replacement": 1.0,
    "medical_parity": 0.0,
    "pooling": 0.0,
    "pension_parity": 0.0,
    "top_tax": 0.0,
    "welfare_posts": 0.0,
}


@dataclass
class Levers:
    """Lever arrays of n settlements; see `RESTING` for the value at which each does nothing."""

    job_offers: np.ndarray  # factor on vacancies posted
    mobility: np.ndarray  # factor on the rate of considering a move, by residence
    wage_floor: np.ndarray  # minimum wage, fen a month
    entitlement_open: np.ndarray  # [n, 6] share of the missing entitlement granted to non-hukou residents
    hukou_ease: np.ndarray  # factor on the rate of hukou conversion
    service_investment: np.ndarray  # [n, 6] service stock ordered this month, in person-equivalents (agents)
    college_places: np.ndarray  # factor on university places
    housing_supply: np.ndarray  # factor on the supply response of dwellings
    travel_time: np.ndarray  # factor on travel hours inside the circle of the cell
    labour_demand: np.ndarray  # [n, 6] factor on jobs wanted, by sector
    moving_cost_relief: np.ndarray  # fen taken off the cost of moving to the cell
    farm_productivity: np.ndarray  # factor on farm productivity
    digital: np.ndarray  # added to the digital infrastructure index
    transport: np.ndarray  # added to the transport infrastructure index
    guarantee_line: np.ndarray  # factor on the line of the minimum guarantee
    guarantee_taper: np.ndarray  # share of pay that counts against the guarantee; below 1 it is linked to work
    guarantee_take_up: np.ndarray  # factor on the share of those entitled who apply
    ui_replacement: np.ndarray  # factor on unemployment benefit
    medical_parity: np.ndarray  # share of the gap between resident and employee reimbursement that is closed
    pooling: np.ndarray  # share of the loss in reimbursement outside the pooling area that is made good
    pension_parity: np.ndarray  # share of the gap between resident and employee pensions that is closed
    top_tax: np.ndarray  # share of pay above the threshold taken on top of income tax
    welfare_posts: np.ndarray  # welfare jobs offered, agents

    @classmethod
    def resting(cls, n: int) -> Levers:
        """All levers at rest."""
        shape = {"entitlement_open": (n, 6), "service_investment": (n, 6), "labour_demand": (n, 6)}
        return cls(**{f.name: np.full(shape.get(f.name, (n,)), RESTING[f.name]) for f in fields(cls)})

    def rest(self) -> None:
        """Put every lever back to rest, at the opening of a month."""
        for f in fields(self):
            getattr(self, f.name)[...] = RESTING[f.name]
