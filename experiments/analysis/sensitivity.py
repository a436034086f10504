"""Which of the uncertain things matter: Sobol and Morris indices with intervals, and rank correlations."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
from scipy import stats

from experiments.analysis.cube import Cube, Series
from experiments.analysis.effects import reference_of
from experiments.statistics import LEVEL
from simulator.scenario.design import Span

RESAMPLES = 1000
FEWEST_DRAWS = 10


def sensitivity_tables(cube: Cube, treatments: list[int] | None = None) -> dict[str, pd.DataFrame]:
    """The tables the design allows: `sobol`, `morris` or `ranks`, each over outcomes, treatments and uncertainties."""
    method = {"sobol": _sobol, "morris": _morris}.get(cube.info["method"], _ranks)
    name = cube.info["method"] if cube.info["method"] in ("sobol", "morris") else "ranks"
    if not cube.spans or (name == "ranks" and cube.info["draws"] < FEWEST_DRAWS):
        return {}
    rows, base = [], reference_of(cube)
    for series in cube.series:
        for k in treatments or range(len(cube.treatments)):
            kinds = [("level", series.values[:, k])]
            if base is not None and k != base:
                kinds.append(("effect", series.values[:, k] - series.values[:, base]))
            for what, values in kinds:
                answer = _over_seeds(values)
                if np.isfinite(answer).all() and np.ptp(answer) > 0:
                    rows += [(series.name, what, cube.treatments[k], *row) for row in method(cube, answer)]
    columns = {
        "sobol": ["first", "first_lo", "first_hi", "total", "total_lo", "total_hi"],
        "morris": ["mu_star", "mu_star_lo", "mu_star_hi", "mu", "sigma"],
        "ranks": ["correlation", "lo", "hi", "p_value"],
    }[name]
    return {name: pd.DataFrame(rows, columns=["outcome", "what", "treatment", "uncertainty", *columns])}


def _over_seeds(values: np.ndarray) -> np.ndarray:
    """[draws, seeds] to the mean over seeds."""
    known = ~np.isnan(values)
    with np.errstate(invalid="ignore"):
        return np.where(known, values, 0.0).sum(axis=1) / known.sum(axis=1)


def _problem(spans: list[Span]) -> dict:
    from experiments.design import unit_problem

    return unit_problem(tuple(spans))


def _sobol(cube: Cube, answer: np.ndarray):
    """Saltelli's estimators (Saltelli et al. 2010) with bootstrap intervals, by SALib."""
    from SALib.analyze import sobol

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = sobol.analyze(_problem(cube.spans), answer, calc_second_order=cube.info["second_order"], num_resamples=RESAMPLES, conf_level=LEVEL, seed=1)
    for k, span in enumerate(cube.spans):
        first, wide, total, wide_t = found["S1"][k], found["S1_conf"][k], found["ST"][k], found["ST_conf"][k]
        yield span.path, first, first - wide, first + wide, total, total - wide_t, total + wide_t


def _morris(cube: Cube, answer: np.ndarray):
    """Elementary effects (Morris 1991) over the whole of each span; mu* as Campolongo et al. (2007), by SALib."""
    from SALib.analyze import morris

    units = _units(cube)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = morris.analyze(_problem(cube.spans), units, answer, num_resamples=RESAMPLES, conf_level=LEVEL, num_levels=cube.info["levels"], seed=1)
    for k, span in enumerate(cube.spans):
        star, wide = float(found["mu_star"][k]), float(found["mu_star_conf"][k])
        yield span.path, star, max(star - wide, 0.0), star + wide, float(found["mu"][k]), float(found["sigma"][k])


def _units(cube: Cube) -> np.ndarray:
    """The design's own sample in shares of the spans, made again as it was made."""
    from SALib.sample import morris

    info = cube.info
    return morris.sample(_problem(cube.spans), info["base_draws"], num_levels=info["levels"], seed=info["draw_seed"])


def _ranks(cube: Cube, answer: np.ndarray):
    """Spearman's rank correlation with Fisher's interval; choices by their order in the design."""
    n = len(answer)
    for span in cube.spans:
        values = cube.draws[span.path]
        code = np.array([span.choices.index(v) for v in values], dtype=float) if span.choices else values.to_numpy(dtype=float)
        if np.ptp(code) == 0:
            continue
        found = stats.spearmanr(code, answer)
        r = float(np.clip(found.statistic, -0.999999, 0.999999))
        half = stats.norm.ppf(0.5 + LEVEL / 2) * 1.03 / np.sqrt(max(n - 3, 1))
        yield span.path, r, float(np.tanh(np.arctanh(r) - half)), float(np.tanh(np.arctanh(r) + half)), float(found.pvalue)


def most_important(table: pd.DataFrame, name: str, series: Series | str, count: int = 15) -> pd.DataFrame:
    """The rows of one outcome, largest first."""
    column = {"sobol": "total", "morris": "mu_star", "ranks": "correlation"}[name]
    rows = table[table.outcome == (series if isinstance(series, str) else series.name)]
    return rows.reindex(rows[column].abs().sort_values(ascending=False).index).head(count)
