"""How unequal people and places are: Gini, Theil and its split, deciles, concentration and effectiveness.

Incomes come as histograms: arrays of people and of their total income by ascending bin of income
per head. Within a bin everybody counts as having the bin's mean; bins are 4 to 6 % wide, which
lowers Gini and Theil by less than .0005.
"""

from __future__ import annotations

import numpy as np

from simulator.kernels import incomes, measuring

gini = incomes.gini


def theil(heads: np.ndarray, total: np.ndarray) -> float:
    """Theil index T = sum_b s_b ln(m_b / m), s_b the share of income and m_b the mean of bin b (Theil 1967)."""
    people, income = heads.sum(), total.sum()
    if people <= 0 or income <= 0:
        return float("nan")
    seen = (heads > 0) & (total > 0)
    share = total[seen] / income
    return float(np.sum(share * np.log(total[seen] / heads[seen] * (people / income))))


def theils(heads: np.ndarray, total: np.ndarray) -> np.ndarray:
    """`theil` of every row of histograms [rows, bins]."""
    people, income = heads.sum(axis=1), total.sum(axis=1)
    known = (people > 0) & (income > 0)
    row, bin_ = np.nonzero((heads > 0) & (total > 0) & known[:, None])
    relative = np.divide(people, income, out=np.zeros(len(people)), where=known)
    some = total[row, bin_]
    terms = some / income[row] * np.log(some / heads[row, bin_] * relative[row])
    out = np.empty(len(people))
    measuring.add_up_segments(terms, np.searchsorted(row, np.arange(len(people) + 1)), out)
    return np.where(known, out, np.nan)


def theil_between(heads: np.ndarray, total: np.ndarray) -> float:
    """Theil index between groups, each given by its people and its income: that of the group means."""
    return theil(np.asarray(heads), np.asarray(total))


def quantile(heads: np.ndarray, total: np.ndarray, share: float) -> float:
    """Income per head below which `share` of the people live, linear between the means of bins."""
    seen = heads > 0
    if not seen.any():
        return float("nan")
    means = total[seen] / heads[seen]
    middle = (np.cumsum(heads[seen]) - heads[seen] / 2) / heads.sum()
    return float(np.interp(share, middle, means))


def decile_means(heads: np.ndarray, total: np.ndarray, parts: int = 10) -> np.ndarray:
    """Mean income per head of each tenth of the people, poorest first; a bin on a border is divided."""
    out = np.empty((1, parts))
    incomes.means_of_parts(heads[None], total[None], out)
    return out[0]


def hoover(part: np.ndarray, whole: np.ndarray) -> float:
    """Hoover index of concentration, 1/2 sum |x_i/X - p_i/P|: the share that would have to move (Hoover 1936)."""
    if part.sum() <= 0 or whole.sum() <= 0:
        return float("nan")
    return float(np.abs(part / part.sum() - whole / whole.sum()).sum() / 2)


def effectiveness(arrivals: np.ndarray, departures: np.ndarray) -> float:
    """Migration effectiveness index, 100 sum |in - out| / sum (in + out) (Bell et al. 2002)."""
    gross = arrivals.sum() + departures.sum()
    return float(100 * np.abs(arrivals - departures).sum() / gross) if gross > 0 else float("nan")


def variation(values: np.ndarray, people: np.ndarray) -> float:
    """Coefficient of variation between places, weighted by people."""
    if people.sum() <= 0:
        return float("nan")
    mean = np.average(values, weights=people)
    return float(np.sqrt(np.average((values - mean) ** 2, weights=people)) / mean) if mean > 0 else float("nan")
