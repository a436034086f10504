"""Mesa's own batch runner takes our model, as its users expect."""

from __future__ import annotations

import pytest


@pytest.mark.filterwarnings("ignore")
def test_mesa_runs_a_batch_of_our_model():
    from mesa.batchrunner import batch_run

    from simulator.model import MigrationModel

    rows = batch_run(MigrationModel, {"scenario": "teaching", "months": 2, "migration__moving_cost": [1.0, 5.0]}, number_processes=1, max_steps=2, data_collection_period=-1, display_progress=False)
    assert len(rows) == 2 and all(row["people"] > 2000 for row in rows)
    assert rows[0]["moves"] >= rows[1]["moves"]
