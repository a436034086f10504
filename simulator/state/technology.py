"""How firms of a place produce and what their money is worth there: solved at the base year, constant in a run."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Technology:
    """Of every settlement and sector, [n, 6] unless said."""

    college_share: np.ndarray  # of heads in the base mix
    cost_share: np.ndarray  # college share of the wage bill in the base mix
    efficiency: np.ndarray  # [n, 6, 2] pay at the base year over the market's wage
    pay: np.ndarray  # fen a month: take-home pay of a worker in the base mix
    labour_cost: float  # what a worker costs the firm over take-home pay
    worth: np.ndarray  # fen a month: w0, what a worker of the base mix is worth before production tax
    capital_unit: np.ndarray  # fen of capital a worker at the base year
    demand_base: np.ndarray  # [6] the drivers of demand in the base month
    contributions: float  # of employers, over take-home pay
    unseen: float  # pay that surveys do not see, over take-home pay
    profit_tax: float  # of profits
    local_tax: float  # part of firms' taxes that belongs to local governments
    profit_rate: float  # profits after tax over capital, a year, at the base year: what entrants require
    wealth: float  # fen a resident at the base year: savings
    closing_share: float  # share of jobs that end a month because their firm closes, at the base year
    product: float  # fen a month: product of the base year
    value_added: np.ndarray  # fen a month at the base year
    entry_balance: np.ndarray  # [6] factor on entries by sector, mean one over firms: every sector replaces what closes alike
    entrant_size: np.ndarray  # [6] efficient size of firms that enter, by sector, workers


@dataclass
class Output:
    """What firms made and paid this month, fen, by settlement, i8[n] each."""

    value_added: np.ndarray
    labour: np.ndarray  # pay with contributions of both sides, taxes on it and what surveys do not see
    profits: np.ndarray  # after tax
    investment: np.ndarray
    public_bill: np.ndarray  # what public employers cost, to be paid by their governments
