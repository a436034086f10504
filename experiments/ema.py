"""The model as users of EMA workbench know one: uncertainties, levers, outcomes, and a function from one to the other.

    from ema_workbench import perform_experiments
    from experiments import as_ema_model
    experiments, outcomes = perform_experiments(as_ema_model("teaching-tour"), scenarios=100, policies=4)

A dot in a name of ours is two underscores there, as in the keywords of `MigrationModel`.
"""

from __future__ import annotations

import math
import os
import warnings
from dataclasses import replace

import numpy as np

from experiments.design import Plan, Point, Treatment, load_plan, plan_of
from simulator.foundations.errors import BadInput, Fault


def as_ema_model(design: str | os.PathLike | dict, name: str | None = None):
    """An `ema_workbench.Model` of a design: by name, by file, or as plain values.

    Its levers and packages become levers, its uncertainties uncertainties, its outcomes `ScalarOutcome` (one
    number a run) or `ArrayOutcome` (groups or months, in the order of `labels_of`). A run is repeated over the
    design's seeds and the mean is given. BadInput when the design is wrong or EMA workbench is not installed.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            import ema_workbench as ema
        except ModuleNotFoundError:
            raise BadInput(Fault(value="EMA workbench is not installed", remedy="pip install 'homeward-sim[analysis]'")) from None
    plan = plan_of(design) if isinstance(design, dict) else load_plan(design)
    model = ema.Model((name or plan.name).replace("-", "").replace("_", "") or "homeward", function=_Function(plan))
    model.uncertainties = [_uncertain(ema, span) for span in plan.design.spans]
    levers = [ema.CategoricalParameter(_word(path), tuple(values)) for path, values in plan.design.levers.items()]
    if plan.design.packages:
        levers.append(ema.CategoricalParameter("package", tuple(plan.design.packages)))
    if levers:
        model.levers = levers
    scalars = {keep.key() for keep in plan.scalars}
    model.outcomes = [ema.ScalarOutcome(k.key()) if k.key() in scalars else ema.ArrayOutcome(k.key()) for k in plan.design.keeps]
    return model


def labels_of(design: str | os.PathLike | dict, outcome: str) -> list[tuple[str, int]]:
    """Group and month number of every value of an array outcome, in order; lives one run to know them."""
    plan = plan_of(design) if isinstance(design, dict) else load_plan(design)
    from experiments.living import live

    return [(row[2], row[1]) for row in live(plan, 0).rows if row[0] == outcome]


def _word(path: str) -> str:
    return path.replace(".", "__").replace("[", "__").replace("]", "")


def _uncertain(ema, span):
    if span.choices:
        return ema.CategoricalParameter(_word(span.path), span.choices)
    if span.whole:
        return ema.IntegerParameter(_word(span.path), math.ceil(span.low), math.floor(span.high))
    return ema.RealParameter(_word(span.path), span.low, span.high)


class _Function:
    """From settings to outcomes; kept as plain values so that it travels to worker processes."""

    __name__ = "homeward"

    def __init__(self, plan: Plan):
        self.plan = plan

    def __getstate__(self) -> dict:
        from experiments.engines import message_of

        return {"message": message_of(self.plan, "")}

    def __setstate__(self, state: dict) -> None:
        from experiments.engines import plan_from

        self.plan = plan_from(state["message"])

    def __call__(self, **settings) -> dict[str, float | np.ndarray]:
        from experiments.living import live_point

        design = self.plan.design
        paths = {_word(path): path for path in [*design.levers, *(span.path for span in design.spans)]}
        package = settings.pop("package", None)
        chosen = {paths[name]: _plain(value) for name, value in settings.items() if name in paths}
        treatment = Treatment(0, "", dict(design.packages.get(package, {})) | {p: v for p, v in chosen.items() if p in design.levers}, {})
        point = Point(0, treatment, 0, design.first_seed, {p: v for p, v in chosen.items() if p not in design.levers})
        lives = [live_point(self.plan, replace(point, seed=design.first_seed + k))[1] for k in range(design.seeds)]
        scalars = {keep.key() for keep in self.plan.scalars}
        found: dict[str, float | np.ndarray] = {}
        for keep in design.keeps:
            values = np.mean([[row[3] for row in rows if row[0] == keep.key()] for rows in lives], axis=0)
            found[keep.key()] = float(values[0]) if keep.key() in scalars else values
        return found


def _plain(value):
    """A value of EMA workbench as plain Python: NumPy's numbers are not what a scenario takes."""
    value = getattr(value, "value", value)
    return value.item() if isinstance(value, np.generic) else value
