"""Jobs: every firm has two lines of them, one for each skill group.

Row of a job line: `2 * firm + skill`, so that a person's `employer` names firm and skill at once.
"""

from __future__ import annotations

import numpy as np

from simulator.foundations.columns import Column, ColumnTable
from simulator.foundations.units import NOWHERE, SECTORS

N_SECTORS = 6
N_SKILLS = 2

FORMAL_SECTORS = ("manufacturing", "knowledge", "public")
"""Sectors whose jobs carry employee insurance (assumed)."""
FORMAL = np.isin(np.arange(N_SECTORS), [SECTORS.index(name) for name in FORMAL_SECTORS]).astype(np.uint8)
"""By sector, 1 where jobs carry employee insurance."""

EMPLOYER_COLUMNS = (
    Column("place", "u2", "settlement row", "settlement of the firm", 0, NOWHERE - 1, NOWHERE, NOWHERE),
    Column("sector", "u1", "code", "sector of the firm, see units.SECTORS", 0, N_SECTORS - 1),
    Column("skill", "u1", "code", "0 below college, 1 college", 0, 1),
    Column("formal", "u1", "0/1", "1 where jobs carry employee insurance", 0, 1),
    Column("headcount", "i8", "agents", "people employed now", 0, None),
    Column("target", "f8", "agents", "jobs wanted this month", 0, None),
    Column("vacancies", "i8", "agents", "vacancies posted this month", 0, None),
    Column("filled", "i8", "agents", "of them filled this month", 0, None),
    Column("separations", "i8", "agents", "jobs left since the last posting, voluntary or not", 0, None),
    Column("separation_factor", "f8", "factor", "on this month's separation rate, above 1 where jobs are shed", 1, 3, start=1),
)  # fmt: skip


def pool_row(settlement, sector, skill):
    """Job line of the only firm of a settlement and sector (see `Employers.one_firm_each`)."""
    return (settlement * N_SECTORS + sector) * N_SKILLS + skill


class Employers(ColumnTable):
    """The table of job lines, two rows a firm; see `EMPLOYER_COLUMNS`."""

    def __init__(self, capacity: int = 0):
        super().__init__(EMPLOYER_COLUMNS, capacity)

    def open_lines(self, place: np.ndarray, sector: np.ndarray) -> int:
        """Two empty lines for each new firm, by its settlement and sector; returns the first new row."""
        first = self.append(2 * len(place))
        self.place[first:] = np.repeat(place, 2)
        self.sector[first:] = np.repeat(sector, 2)
        self.skill[first:] = np.tile([0, 1], len(place))
        self.formal[first:] = np.repeat(FORMAL[np.asarray(sector, dtype=np.int64)], 2)
        return first

    @classmethod
    def one_firm_each(cls, n_settlements: int) -> Employers:
        """Lines without jobs for one firm in every settlement and sector, in that order."""
        lines = cls()
        firms = np.arange(n_settlements * N_SECTORS)
        lines.open_lines(firms // N_SECTORS, firms % N_SECTORS)
        return lines
