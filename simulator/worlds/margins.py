"""How a total known for a place divides between its town and its countryside, and joint counts from margins."""

from __future__ import annotations

import numpy as np


def split_by_odds(total, first, second, factor):
    """Share of `total` that falls on the first of two groups when odds differ by a known factor.

    a + b = total, a/(first - a) = factor · b/(second - b): a quadratic in a, solved for each
    row. Returns (a, b). `first` and `second` are the sizes of the groups; totals above
    first + second are cut.
    """
    total, first, second = np.broadcast_arrays(*(np.asarray(x, dtype=float) for x in (total, first, second)))
    total = np.clip(total, 0, first + second)
    # (1 - f) a² + [second - total + f (first + total)] a - f first total = 0
    square = 1 - factor
    linear = second - total + factor * (first + total)
    constant = -factor * first * total
    root = np.sqrt(np.maximum(linear * linear - 4 * square * constant, 0))
    a = np.divide(-2 * constant, linear + root, out=np.zeros_like(linear), where=(linear + root) > 0)
    a = np.clip(a, np.maximum(total - second, 0), np.minimum(first, total))
    return a, total - a


def split_categories(counts, first, second, odd, factor):
    """Divide counts by category [C, K] between two groups; `odd` categories have `factor` times the odds.

    Within the odd categories, and within the others, both groups have the unit's own mix.
    Returns two arrays [C, K] whose rows sum to `first` and `second` when counts sum to both.
    """
    counts = np.asarray(counts, dtype=float)
    odd = np.asarray(odd, dtype=bool)
    total = counts[:, odd].sum(axis=1)
    a, _ = split_by_odds(total, first, second, factor)
    shares = np.zeros_like(counts)
    rest = counts[:, ~odd].sum(axis=1)
    shares[:, odd] = np.divide(a, total, out=np.zeros_like(a), where=total > 0)[:, None]
    shares[:, ~odd] = np.divide(first - a, rest, out=np.zeros_like(a), where=rest > 0)[:, None]
    one = counts * np.clip(shares, 0, 1)
    return one, counts - one


def fit_margins(seed: np.ndarray, margins: list[tuple[tuple[int, ...], np.ndarray]], rounds: int = 200, close: float = 1e-9):
    """Iterative proportional fitting of a batch of tables (first axis = table) to margins.

    Each margin is (axes kept besides the first, target). Zeros of the seed stay zero. The last
    margin of the list holds exactly. Deming & Stephan 1940.
    """
    table = seed.astype(float).copy()
    every = range(1, table.ndim)
    for _ in range(rounds):
        worst = 0.0
        for axes, target in margins:
            others = tuple(axis for axis in every if axis not in axes)
            now = table.sum(axis=others)
            step = np.divide(target, now, out=np.ones_like(now), where=now > 0)
            worst = max(worst, float(np.abs(now - target).max() / max(target.max(), 1)))
            shape = [table.shape[0]] + [table.shape[a] if a in axes else 1 for a in every]
            table *= step.reshape(shape)
        if worst < close:
            break
    return table


def scale_odds(share: np.ndarray, factor) -> np.ndarray:
    """A share after its odds are multiplied by a factor."""
    odds = factor * share
    return odds / (odds + 1 - share)


def solve_odds(share: np.ndarray, weight: np.ndarray, target: float) -> float:
    """The one factor on the odds of every share that makes the weighted sum equal `target` (bisection)."""
    low, high = -30.0, 30.0
    for _ in range(100):
        middle = (low + high) / 2
        if float((weight * scale_odds(share, np.exp(middle))).sum()) < target:
            low = middle
        else:
            high = middle
    return float(np.exp((low + high) / 2))


def solve_levels(share: np.ndarray, weight: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Shares [n, k] with odds scaled row by row so that each weighted row sum equals its target."""
    low, high = np.full(len(target), -30.0), np.full(len(target), 30.0)
    for _ in range(80):
        middle = (low + high) / 2
        below = (weight * scale_odds(share, np.exp(middle)[:, None])).sum(axis=1) < target
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return scale_odds(share, np.exp((low + high) / 2)[:, None])
