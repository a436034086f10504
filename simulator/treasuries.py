"""Governments as Mesa agents: thin faces of the columns, one for each circle and one for the centre."""

from __future__ import annotations

import mesa

from simulator.foundations.units import FEN


class GovernmentAgent(mesa.Agent):
    """A local government; numbers are read live from the model's columns, in yuan of the whole country."""

    def __init__(self, model: mesa.Model, row: int):
        super().__init__(model)
        self.row = row

    @property
    def name(self) -> str:
        """Name of the circle it governs: that of its first settlement."""
        return str(self.model.world.name_en[self.model.ledger.seat[self.row]])

    def _yuan(self, fen) -> float:
        return float(fen) * self.model.persons_per_agent / FEN

    @property
    def revenue(self) -> float:
        """Own revenue of the last month, yuan."""
        return self._yuan(self.model.governments.own_revenue[self.row])

    @property
    def spending(self) -> float:
        """Spending of the last month, yuan."""
        return self._yuan(self.model.governments.spending[self.row].sum())

    @property
    def debt(self) -> float:
        """Debt, yuan."""
        return self._yuan(self.model.governments.debt[self.row])

    @property
    def cash(self) -> float:
        """Money in hand, yuan."""
        return self._yuan(self.model.ledger.local[self.row])


class CentralGovernment(mesa.Agent):
    """The central government."""

    @property
    def debt(self) -> float:
        """Debt, yuan."""
        return float(self.model.governments.central_debt[0]) * self.model.persons_per_agent / FEN

    @property
    def cash(self) -> float:
        """Money in hand, yuan."""
        return float(self.model.ledger.pots["central_government"]) * self.model.persons_per_agent / FEN


def seat_governments(model: mesa.Model) -> list[mesa.Agent]:
    """The agents: local governments by row, then the centre."""
    return [*(GovernmentAgent(model, row) for row in range(len(model.governments))), CentralGovernment(model)]
