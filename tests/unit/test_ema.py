"""The face for users of EMA workbench: its words, its evaluators, and our numbers."""

from __future__ import annotations

import pickle
import warnings

import numpy as np
import pytest

from experiments import as_ema_model
from experiments.design import plan_of
from experiments.living import live_point
from tests.sweep_world import teaching

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    ema = pytest.importorskip("ema_workbench", exc_type=ImportError)

DESIGN = teaching(
    uncertainties={"migration.income_weight": "plausible", "drivers.variant": {"choices": ["low", "high"]}, "persons_per_agent": [1, 2]},
    draws=1, seeds=2, paired=False,
)  # fmt: skip


@pytest.mark.filterwarnings("ignore")
def test_a_design_becomes_a_model_whose_experiments_are_our_runs():
    model = as_ema_model(DESIGN)
    assert {u.name for u in model.uncertainties} == {"migration__income_weight", "drivers__variant", "persons_per_agent"}
    assert [lever.name for lever in model.levers] == ["migration__moving_cost"]
    with ema.SequentialEvaluator(model) as evaluator:
        table, outcomes = evaluator.perform_experiments(scenarios=2, policies=1)
    assert outcomes["talent_pool"].shape == (2,) and outcomes["residents_by_kind"].shape == (2, 15)
    plan, row = plan_of(DESIGN), table.iloc[0]
    drawn = {"migration.income_weight": float(row.migration__income_weight), "drivers.variant": str(row.drivers__variant), "persons_per_agent": int(row.persons_per_agent)}
    point = plan.point(0, drawn)
    lever = {"migration.moving_cost": float(row.migration__moving_cost)}
    found = []
    for seed in (1, 2):
        treatment = point.treatment.__class__(0, "", lever, {})
        rows = live_point(plan, point.__class__(0, treatment, 0, seed, drawn))[1]
        found.append(next(r[3] for r in rows if r[0] == "talent_pool"))
    assert outcomes["talent_pool"][0] == np.mean(found)


def test_the_function_travels_to_other_processes_as_plain_values():
    function = as_ema_model(DESIGN | {"model": "ishigami", "base": "baseline", "settings": {}, "levers": {}, "outcomes": [], "uncertainties": {"x1": [0.0, 1.0]}}).function
    again = pickle.loads(pickle.dumps(function))
    assert again(x1=0.5) == function(x1=0.5)
