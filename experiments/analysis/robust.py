"""Which choice stands whatever the future: mean, bad tail and regret of every treatment over all draws."""

from __future__ import annotations

import numpy as np
import pandas as pd

from experiments.analysis.cube import Cube, Series
from experiments.analysis.effects import units_of

BAD_SHARE = 0.1


def robust_table(cube: Cube) -> pd.DataFrame:
    """For every outcome with a direction and every treatment, over draws (each the mean of its seeds).

    Columns outcome, better, treatment, mean, bad_tail (mean of the worst tenth of draws), worst, mean_regret and
    max_regret (distance to the best treatment in the same draw, Savage 1951), best_share (share of draws in which it
    is the best).
    """
    rows = []
    for series in cube.series:
        if not series.better or len(cube.treatments) < 2:
            continue
        values = units_of(series.values)
        values = values[~np.isnan(values).any(axis=1)]
        if not len(values):
            continue
        good = values if series.better == "more" else -values
        regret = good.max(axis=1, keepdims=True) - good
        count = max(1, int(np.ceil(BAD_SHARE * len(good))))
        best = good >= good.max(axis=1, keepdims=True)
        share = (best / best.sum(axis=1, keepdims=True)).mean(axis=0)
        sign = 1 if series.better == "more" else -1
        for k, treatment in enumerate(cube.treatments):
            tail = np.sort(good[:, k])[:count].mean()
            rows.append((series.name, series.better, treatment, values[:, k].mean(), sign * tail, sign * good[:, k].min(), regret[:, k].mean(), regret[:, k].max(), share[k]))
    columns = ["outcome", "better", "treatment", "mean", "bad_tail", "worst", "mean_regret", "max_regret", "best_share"]
    return pd.DataFrame(rows, columns=columns)


def undominated(cube: Cube, table: pd.DataFrame, outcomes: list[Series], column: str = "mean") -> list[str]:
    """Treatments that no other beats in one of these outcomes without losing in another, judged by `column`."""
    if not outcomes or table.empty:
        return []
    score = []
    for series in outcomes:
        values = table[table.outcome == series.name].set_index("treatment")[column].reindex(cube.treatments).to_numpy()
        score.append(values if series.better == "more" else -values)
    matrix = np.array(score).T
    kept = []
    for k, treatment in enumerate(cube.treatments):
        beaten = ((matrix >= matrix[k]).all(axis=1) & (matrix > matrix[k]).any(axis=1)).any()
        if not beaten and np.isfinite(matrix[k]).all():
            kept.append(treatment)
    return kept
