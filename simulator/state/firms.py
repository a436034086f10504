"""Firms: one row a firm, open or closed, in the order in which they were founded."""

from __future__ import annotations

import numpy as np

from simulator.foundations.columns import Column, ColumnTable
from simulator.foundations.units import NEVER, NOBODY, NOWHERE
from simulator.kernels.producing import name_firms

MANUFACTURING, LOCAL_SERVICES, KNOWLEDGE, PLATFORM, AGRIBUSINESS, PUBLIC = range(6)
FOUNDER_TYPES = ("base", "local", "returnee", "outside")
FOUNDED_BEFORE, FOUNDED_LOCAL, FOUNDED_RETURNEE, FOUNDED_OUTSIDE = range(4)

SECTOR_SIZE = np.array([2.0, 0.7, 1.0, 1.0, 0.8, 1.0])
"""Mean workers of a firm by sector relative to the mean of all, of the firms of the base year and of those that enter (assumed)."""

FIRM_NAMES = np.uint64(0xF14D5)
"""Salt of the uids of firms: keeps their luck apart from people's."""

FIRM_COLUMNS = (
    Column("uid", "u8", "", "identity: keys the firm's luck, never reused"),
    Column("alive", "u1", "0/1", "1 while the firm is open", 0, 1),
    Column("settlement", "u2", "settlement row", "where the firm is", 0, NOWHERE - 1),
    Column("sector", "u1", "code", "see units.SECTORS", 0, 5),
    Column("founder", "i4", "row", "person who founded it and owns it", 0, None, NOBODY, NOBODY),
    Column("founder_type", "u1", "code", "0 there at the base year, 1 local, 2 returnee, 3 from outside", 0, 3),
    Column("born", "i2", "month number", "month of founding", 1800 * 12, 2300 * 12, NEVER, NEVER),
    Column("closed", "i2", "month number", "month of closing", 1800 * 12, 2300 * 12, NEVER, NEVER),
    Column("productivity", "f8", "index", "phi: own productivity; size of one worker at base prices = 1", 0, None, start=1),
    Column("capital", "i8", "fen", "stock of capital", 0, None),
    Column("cash", "i8", "fen", "money the firm holds"),
    Column("debt", "i8", "fen", "money the firm owes", 0, None),
    Column("guaranteed", "i8", "fen", "part of the first loan that a government guarantees", 0, None),
    Column("expected_demand", "f8", "index", "demand the firm expects, 1 at the base year", 0, None, start=1),
    Column("built_for", "f8", "index", "demand for which its capital was built", 0, None, start=1),
    Column("investment", "i8", "fen", "spent on capital this month", 0, None),
    Column("output", "i8", "fen", "value added this month", 0, None),
    Column("profit", "i8", "fen", "profit after tax this month; below zero a loss"),
    Column("disabled", "u2", "workers", "disabled workers at the latest count", 0, 65535),
    Column("loss_months", "u1", "months", "consecutive months with a loss", 0, 250),
    Column("offset0", "f8", "agents", "jobs below college beyond the efficient number, with its own point of rounding"),
    Column("offset1", "f8", "agents", "college jobs beyond the efficient number, with its own point of rounding"),
)  # fmt: skip


class Firms(ColumnTable):
    """The table of firms; see `FIRM_COLUMNS` for what each column means."""

    def __init__(self, capacity: int = 0):
        super().__init__(FIRM_COLUMNS, capacity)

    @classmethod
    def one_each(cls, n_settlements: int, month: int) -> Firms:
        """One open firm in every settlement and sector, in that order."""
        firms = cls()
        firms.append(6 * n_settlements)
        rows = np.arange(6 * n_settlements)
        firms.settlement[:], firms.sector[:] = rows // 6, rows % 6
        firms.alive[:], firms.born[:] = 1, month
        firms.uid[:] = firm_uids(rows, month, np.zeros(len(rows), dtype=np.int64))
        return firms


def firm_uids(pools: np.ndarray, month: int, ordinals: np.ndarray) -> np.ndarray:
    """Identities of firms without a founder: settlement and sector (`settlement * 6 + sector`), month, ordinal."""
    out = np.empty(len(pools), dtype=np.uint64)
    name_firms(pools, month, ordinals, FIRM_NAMES, out)
    return out


def public_firms(firms: Firms, n: int) -> np.ndarray:
    """Row of the public employer of every settlement, i4[n]."""
    out = np.full(n, NOBODY, dtype=np.int32)
    rows = np.flatnonzero((firms.sector == PUBLIC) & (firms.alive == 1))
    out[firms.settlement[rows]] = rows
    return out
