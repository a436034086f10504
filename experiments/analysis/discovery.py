"""Under which conditions what one cares about happens: scenario discovery by PRIM (Friedman and Fisher 1999; Bryant and Lempert 2010)."""

from __future__ import annotations

import logging
import re
import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd

from experiments.analysis.cube import Cube
from experiments.analysis.effects import reference_of
from experiments.analysis.sensitivity import _over_seeds
from simulator.foundations.errors import BadInput, Fault, choices, did_you_mean

FEWEST_CASES = 30
_CONDITION = re.compile(r"\s*([^<>\s]+)\s*(<=|>=|<|>)\s*([-+0-9.eE]+)\s*\Z")


@dataclass(frozen=True)
class Box:
    """A corner of the uncertainties where the cases of interest gather."""

    question: str
    cases: int
    of_interest: int
    coverage: float
    """Share of the cases of interest that lie inside."""
    density: float
    """Share of the cases inside that are of interest."""
    limits: pd.DataFrame
    """uncertainty, low, high or members, chance (quasi p-value: would a restriction of that size do as well by luck)."""
    points: pd.DataFrame
    """The cases: uncertainties and `of_interest`."""


def discover(cube: Cube, interest: str | None = None, most: int = 3) -> list[Box]:
    """Boxes for what is asked (`gini>0.45`), or for where each treatment does harm, or for the extreme quarter.

    Only with thirty draws or more, and with both cases of interest and others. The draws of Morris and Sobol designs hang together,
    so that their gathering in a corner says little: there a box is sought only when asked for, and its chance is not told.
    """
    apart = cube.info["method"] not in ("morris", "sobol")
    if len(cube.draws) < FEWEST_CASES or not cube.spans or not (apart or interest):
        return []
    boxes = []
    for question, of_interest in _questions(cube, interest)[: most * 4]:
        box = _box(cube, question, of_interest)
        if box is not None:
            box.limits["chance"] = box.limits.chance if apart else np.nan
            boxes.append(box)
        if len(boxes) >= most:
            break
    return boxes


def _questions(cube: Cube, interest: str | None) -> list[tuple[str, np.ndarray]]:
    base = reference_of(cube)
    if interest:
        found = _CONDITION.match(interest)
        names = [series.name for series in cube.series]
        if not found or found[1] not in names:
            remedy = did_you_mean(found[1], names) if found else "write an outcome, < or >, and a number"
            raise BadInput(Fault(field="--interest", value=interest, allowed=choices(names, 12), remedy=remedy))
        series, limit = cube.one(found[1]), _number(found[3], interest)
        return [
            (f"{series.label} {found[2]} {found[3]} under {cube.treatments[k]}", _compare(_over_seeds(series.values[:, k]), found[2], limit))
            for k in range(len(cube.treatments))
        ]
    asked = []
    for series in cube.series:
        if not series.better or series.group != "all":
            continue
        for k, treatment in enumerate(cube.treatments):
            if base is not None and k != base:
                effect = _over_seeds(series.values[:, k] - series.values[:, base])
                harm = effect < 0 if series.better == "more" else effect > 0
                asked.append((f"{treatment} does harm: {series.label} {'falls' if series.better == 'more' else 'rises'}", harm))
    if not asked or all(_hopeless(a) for _, a in asked):
        for series in cube.series[:3]:
            answer = _over_seeds(series.values[:, base or 0])
            if np.isfinite(answer).any():
                worst = -1 if series.better == "more" else 1
                limit = np.nanquantile(answer, 0.25 if worst < 0 else 0.75)
                words = "lowest" if worst < 0 else "highest"
                asked.append((f"{series.label} in the {words} quarter under {cube.treatments[base or 0]}", answer <= limit if worst < 0 else answer >= limit))
    return asked


def _number(text: str, whole: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise BadInput(Fault(field="--interest", value=whole, remedy="write a number after the sign")) from None


def _compare(values: np.ndarray, sign: str, limit: float) -> np.ndarray:
    return {"<": values < limit, "<=": values <= limit, ">": values > limit, ">=": values >= limit}[sign]


def _hopeless(of_interest: np.ndarray) -> bool:
    count = int(of_interest.sum())
    return count < 5 or count > len(of_interest) - 5


def _box(cube: Cube, question: str, of_interest: np.ndarray) -> Box | None:
    known = cube.draws.notna().all(axis=1).to_numpy()
    if _hopeless(of_interest[known]):
        return None
    frame = cube.draws[known].reset_index(drop=True).copy()
    for span in cube.spans:
        if span.choices:
            frame[span.path] = frame[span.path].astype(str).astype("category")
    found = run_prim(frame, of_interest[known])
    if found is None:
        return None
    coverage, density, limits = found
    points = frame.assign(of_interest=of_interest[known])
    return Box(question, len(frame), int(of_interest[known].sum()), coverage, density, limits, points)


def run_prim(frame: pd.DataFrame, of_interest: np.ndarray) -> tuple[float, float, pd.DataFrame] | None:
    """The first box of PRIM at its best balance of coverage and density: (coverage, density, limits); None without one."""
    prim = quiet_prim()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        box = prim.Prim(frame, of_interest.astype(bool), peel_alpha=0.05, mass_min=max(0.05, 6 / len(frame))).find_box()
        if box is None:
            return None
        path = box.peeling_trajectory
        # the harmonic mean of coverage and density balances the two; fewer restrictions win a tie
        score = 2 * path.coverage * path.density / (path.coverage + path.density).replace(0, np.nan) - 1e-3 * path.res_dim
        score = score[(path.res_dim > 0) & (path.density > path.density.iloc[0])]
        if score.empty:
            return None
        best = int(score.idxmax())
        box.select(best)
        chances, lims = box.p_values[best], box.box_lims[best]
    rows = []
    for name, chance in chances.items():
        ends = lims[name].tolist()
        worth = [float(c) for c in np.atleast_1d(chance) if float(c) >= 0]
        p = max(worth) if worth else np.nan
        if isinstance(ends[0], (set, frozenset)):
            rows.append((name, np.nan, np.nan, ", ".join(sorted(map(str, ends[0]))), p))
        else:
            rows.append((name, float(ends[0]), float(ends[1]), "", p))
    limits = pd.DataFrame(rows, columns=["uncertainty", "low", "high", "members", "chance"])
    return float(path.coverage[best]), float(path.density[best]), limits.sort_values("chance").reset_index(drop=True)


def quiet_prim():
    """EMA workbench's PRIM, without what it says on being loaded."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from ema_workbench.analysis import prim
    logging.getLogger("EMA").setLevel(logging.ERROR)
    return prim
