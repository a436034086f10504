"""What each choice changes, with an interval, and how many seeds an interval of a given width would need."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from experiments.analysis.cube import Cube, Series
from experiments.statistics import LEVEL, t_interval

MOST_SEEDS = 100_000


def units_of(values: np.ndarray) -> np.ndarray:
    """What an interval counts, [units, treatments]: draws (each the mean of its seeds), or the seeds of a single draw.

    Runs of one draw share its parameters, so seeds of a draw are no independent evidence about other draws.
    """
    if values.shape[0] == 1:
        return values[0].T
    with np.errstate(invalid="ignore"):
        known = ~np.isnan(values)
        count = known.sum(axis=2)
        return np.where(count > 0, np.where(known, values, 0.0).sum(axis=2) / np.maximum(count, 1), np.nan)


def reference_of(cube: Cube) -> int | None:
    """The treatment that others are held against: the baseline, else the first of several."""
    return cube.baseline if cube.baseline is not None else 0 if len(cube.treatments) > 1 else None


def mean_table(cube: Cube, level: float = LEVEL) -> pd.DataFrame:
    """Level of every outcome under every treatment: mean, lo, hi, n."""
    rows = []
    for series in cube.series:
        found = t_interval(units_of(series.values), level)
        for k, treatment in enumerate(cube.treatments):
            rows.append((series.name, series.unit, treatment, found.mean[k], found.lo[k], found.hi[k], int(found.n[k])))
    return pd.DataFrame(rows, columns=["outcome", "unit", "treatment", "mean", "lo", "hi", "n"])


def effect_table(cube: Cube, level: float = LEVEL) -> pd.DataFrame:
    """Effect of every treatment on every outcome against the reference, in pairs of equal draw and seed.

    Columns outcome, unit, treatment, reference, mean, lo, hi, n_pairs, relative (effect over the reference's mean),
    uncertainty (`seeds`, or `draws`, each the mean of its seeds).
    """
    base = reference_of(cube)
    columns = ["outcome", "unit", "treatment", "reference", "mean", "lo", "hi", "n_pairs", "relative", "uncertainty"]
    if base is None:
        return pd.DataFrame(columns=columns)
    rows = []
    for series in cube.series:
        differences = units_of(series.values - series.values[:, base : base + 1])
        found = t_interval(differences, level)
        level_there = _mean(series, base)
        for k, treatment in enumerate(cube.treatments):
            if k != base:
                relative = found.mean[k] / level_there if level_there else np.nan
                over = "draws" if series.values.shape[0] > 1 else "seeds"
                rows.append((series.name, series.unit, treatment, cube.treatments[base], found.mean[k], found.lo[k], found.hi[k], int(found.n[k]), relative, over))
    return pd.DataFrame(rows, columns=columns)


def _mean(series: Series, treatment: int) -> float:
    values = series.values[:, treatment]
    values = values[~np.isnan(values)]
    return float(values.mean()) if values.size else np.nan


def seeds_needed(spread: float, half_width: float, level: float = LEVEL) -> int:
    """The fewest runs n with t(n - 1) s / sqrt(n) at most the half-width; 2 at least. Found by halving."""
    if not half_width > 0:
        return MOST_SEEDS
    low, high = 2, MOST_SEEDS

    def wide(n: int) -> bool:
        return stats.t.ppf(0.5 + level / 2, n - 1) * spread / np.sqrt(n) > half_width

    if wide(high):
        return MOST_SEEDS
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if wide(middle) else (low, middle)
    return low


def spread_between_seeds(values: np.ndarray) -> np.ndarray:
    """Standard deviation between seeds of one draw and treatment, pooled over draws; [treatments]."""
    known = ~np.isnan(values)
    n = known.sum(axis=2)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(known, values, 0).sum(axis=2) / n
        squares = (np.where(known, values - mean[:, :, None], 0) ** 2).sum(axis=2)
        return np.sqrt(squares.sum(axis=0) / np.maximum(n - 1, 0).sum(axis=0))


def convergence_table(cube: Cube, level: float = LEVEL) -> pd.DataFrame:
    """How many seeds give an interval of so many percent of the mean, for levels and for paired effects.

    Columns outcome, what (`level` or `effect`), treatment, spread (standard deviation between seeds), half_width_now,
    and seeds for half-widths of 1, 5 and 10 % of the level, or a tenth, a quarter and a half of the effect.
    """
    base, rows = reference_of(cube), []
    if cube.info["seeds"] < 2:
        return pd.DataFrame(columns=["outcome", "what", "treatment", "spread", "seeds_now", "half_width_now", "narrow", "middle", "wide"])
    for series in cube.series:
        kinds = [("level", series.values, (0.01, 0.05, 0.1))]
        if base is not None:
            kinds.append(("effect", series.values - series.values[:, base : base + 1], (0.1, 0.25, 0.5)))
        for what, values, shares in kinds:
            spread, n = spread_between_seeds(values), cube.info["seeds"]
            for k, treatment in enumerate(cube.treatments):
                if what == "effect" and k == base or not np.isfinite(spread[k]):
                    continue
                size = abs(np.nanmean(values[:, k])) if np.isfinite(values[:, k]).any() else np.nan
                half = stats.t.ppf(0.5 + level / 2, n - 1) * spread[k] / np.sqrt(n)
                rows.append((series.name, what, treatment, spread[k], n, half, *(seeds_needed(spread[k], share * size, level) for share in shares)))
    return pd.DataFrame(rows, columns=["outcome", "what", "treatment", "spread", "seeds_now", "half_width_now", "narrow", "middle", "wide"])
