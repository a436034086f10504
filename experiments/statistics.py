"""What a handful of runs says about many: means with intervals, over seeds and in pairs that share their luck."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

LEVEL = 0.95
"""Coverage of an interval where nothing else is said."""


@dataclass(frozen=True)
class Interval:
    """A mean with its t-interval; `lo`, `hi` and `se` are NaN for a single value. Arrays keep their shape."""

    mean: np.ndarray
    lo: np.ndarray
    hi: np.ndarray
    se: np.ndarray
    n: np.ndarray


@dataclass(frozen=True)
class PairedEffect:
    """Mean difference within pairs, its t-interval, and the standard error with and without pairing."""

    mean: np.ndarray
    lo: np.ndarray
    hi: np.ndarray
    se: np.ndarray
    se_unpaired: np.ndarray
    n: np.ndarray


def t_interval(values: np.ndarray, level: float = LEVEL) -> Interval:
    """Mean and Student's t-interval along the first axis; NaN values are left out.

    values: [n, ...], one row a run. The interval is mean +- t(n - 1) s / sqrt(n), with s the sample
    standard deviation (n - 1); Student (1908). With fewer than two values the interval is NaN.
    """
    values = np.asarray(values, dtype=np.float64)
    known = ~np.isnan(values)
    n = known.sum(axis=0)
    filled = np.where(known, values, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(n > 0, filled.sum(axis=0) / n, np.nan)
        squares = (np.where(known, values - mean, 0.0) ** 2).sum(axis=0)
        se = np.where(n > 1, np.sqrt(squares / (n - 1) / n), np.nan)
    half = np.where(n > 1, stats.t.ppf(0.5 + level / 2.0, np.maximum(n - 1, 1)), np.nan) * se
    return Interval(mean, mean - half, mean + half, se, n)


def paired_effect(base: np.ndarray, other: np.ndarray, level: float = LEVEL) -> PairedEffect:
    """The effect of `other` against `base` over pairs (first axis), and what pairing was worth.

    `se` is the standard error of the mean difference; `se_unpaired` that of the difference of two
    independent means, sqrt(s_base^2/n + s_other^2/n), which two sets of unpaired runs would have.
    """
    base, other = np.asarray(base, dtype=np.float64), np.asarray(other, dtype=np.float64)
    gone = np.isnan(base) | np.isnan(other)
    base, other = np.where(gone, np.nan, base), np.where(gone, np.nan, other)
    difference = t_interval(other - base, level)
    alone = np.sqrt(t_interval(base).se ** 2 + t_interval(other).se ** 2)
    return PairedEffect(difference.mean, difference.lo, difference.hi, difference.se, alone, difference.n)


def latin_hypercube(n: int, spans: list[tuple[float, float]], seed: int = 1) -> np.ndarray:
    """n draws over the given [low, high] spans, one in each n-th of every span; shape [n, len(spans)].

    McKay, Beckman and Conover (1979). The same n, spans and seed give the same draws.
    """
    if not spans:
        return np.zeros((n, 0))
    unit = stats.qmc.LatinHypercube(d=len(spans), rng=np.random.default_rng(seed)).random(n)
    low, high = np.array(spans, dtype=np.float64).T
    return low + unit * (high - low)
