"""The public purse: what each government takes in, gets from above, spends by function, and owes.

Row g is the local government of one city circle, in the order of `Books.government_of`; the
central government has the one-element arrays. Money is in agent-fen; budgets are fen a month.
What they hold in hand lies in the books (`ledger.local`, `ledger.pots`).
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

FUNCTIONS = ("administration", "education", "health", "social_floor", "infrastructure", "other")
ADMINISTRATION, EDUCATION, HEALTH, SOCIAL_FLOOR, INFRASTRUCTURE, OTHER = range(6)
FUNCTION_OF_SERVICE = np.array([EDUCATION, HEALTH, SOCIAL_FLOOR, SOCIAL_FLOOR, OTHER, SOCIAL_FLOOR])
"""Which function of the budget keeps each service of units.SERVICES standing."""
N_SERVICES, N_NETWORKS = 6, 2


@dataclass
class Governments:
    """Local governments in rows; see the module."""

    # solved at the base year
    budget_base: np.ndarray  # [G, 6] fen a month by function
    own_base: np.ndarray  # taxes and fees
    land_rate: np.ndarray  # [1] fen a month of land revenue a unit of land value
    remittance_base: np.ndarray  # what a government whose revenue exceeds its budget passes up
    rebate_rate: np.ndarray  # [1] share of own revenue paid back by origin
    earmarked_base: np.ndarray
    equalisation_base: np.ndarray
    residents_base: np.ndarray  # agents
    transfers_driver: np.ndarray  # [1] path of central transfers in 2020 prices at the base month, 0 where a world has none
    service_cost: np.ndarray  # [G, 6] fen a person-equivalent of service stock, at base costs
    network_cost: np.ndarray  # [G, 2] fen a resident's index point of transport and digital infrastructure
    central_spending_base: np.ndarray  # [1]
    partner: np.ndarray  # row of the poorer circle that a richer one is paired with, -1 without
    # what later months depend on
    debt: np.ndarray
    central_debt: np.ndarray  # [1]
    own_smoothed: np.ndarray  # own revenue a month, mean of about a year
    provision: np.ndarray  # share of the ordinary budgets that could be paid, 1 when all
    orders: np.ndarray  # [n] services ordered from local firms for next month
    # this month
    own_revenue: np.ndarray
    land_revenue: np.ndarray
    rebates: np.ndarray
    equalisation: np.ndarray
    earmarked: np.ndarray
    assistance: np.ndarray  # paired assistance received less given
    remitted: np.ndarray
    support: np.ndarray  # emergency support of the centre to who cannot pay
    spending: np.ndarray  # [G, 6]
    interest: np.ndarray
    borrowed: np.ndarray
    repaid: np.ndarray
    central: np.ndarray  # [6] revenue, transfers, own spending, interest, borrowed, insurance support

    @classmethod
    def empty(cls, government_of: np.ndarray) -> Governments:
        """No money, no debt, everything provided."""
        count, n = int(government_of.max(initial=-1)) + 1, len(government_of)
        shape = {
            "budget_base": (count, 6), "spending": (count, 6), "service_cost": (count, N_SERVICES),
            "network_cost": (count, N_NETWORKS), "orders": (n,), "central": (6,), "land_rate": (1,), "rebate_rate": (1,),
            "transfers_driver": (1,), "central_debt": (1,), "central_spending_base": (1,),
        }  # fmt: skip
        values = {f.name: np.zeros(shape.get(f.name, (count,))) for f in fields(cls)}
        for name in WHOLE:
            values[name] = values[name].astype(np.int64)
        values["provision"] += 1.0
        values["partner"] -= 1
        return cls(**values)

    def __len__(self) -> int:
        return len(self.debt)

    @property
    def transfers_in(self) -> np.ndarray:
        """What local governments got from above and from partners this month, less what they passed on, fen."""
        return self.rebates + self.equalisation + self.earmarked + self.assistance + self.support - self.remitted

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Names of the arrays, in the order of their declaration."""
        return tuple(cls.__dataclass_fields__)

    def arrays(self) -> dict[str, np.ndarray]:
        """Every array by name."""
        return {name: getattr(self, name) for name in self.names()}

    def restore(self, arrays: dict[str, np.ndarray]) -> None:
        """Take every array from a checkpoint."""
        for f in fields(self):
            getattr(self, f.name)[...] = arrays[f.name]


WHOLE = (
    "debt", "central_debt", "orders", "own_revenue", "land_revenue", "rebates", "equalisation", "earmarked", "assistance",
    "remitted", "support", "spending", "interest", "borrowed", "repaid", "central", "partner",
)  # fmt: skip
"""Arrays in whole fen (and rows)."""
