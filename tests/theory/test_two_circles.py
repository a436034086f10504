"""V9: training people or investing in the lagging one of two regions, with people free to move and without.

Dawid, Harting and Neugart: with one labour market training in the lagging region helps the leading one, and
investment there raises its output; with two labour markets nothing crosses over. The regions are the two
circles of the teaching country, the one with lower pay lagging. That training leaks to the leading region
and lowers the output of the lagging one, as they find, does not come out here: the trained find better paid
work at home and leave less than they would have (`docs/firms.md`). What is tested is what does come out.
"""

from __future__ import annotations

import numpy as np
import pytest

from simulator.foundations.units import COLLEGE, EMPLOYED
from simulator.model import MigrationModel

OPEN = {
    "migration__consider_rate": 0.2, "migration__moving_cost": 0.75, "migration__distance_weight": 1.1,
    "migration__attachment_mean": 1.0,
}  # fmt: skip
SHUT = OPEN | {"migration__consider_rate": 1e-6}
SEEDS, MONTHS = (1, 2, 3), 48


def live(settings: dict, train: bool = False, lift: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Value added of (the lagging, the leading region) in the last year, and how many of those who could be trained
    (stayed, left); summed over seeds. `lift` raises the lagging region's transport, hence its productivity."""
    made, pupils = np.zeros(2), np.zeros(2)
    for seed in SEEDS:
        model = MigrationModel("teaching", seed=seed, **settings)
        s, p, circle = model.settlements, model.persons, np.asarray(model.world.circle)
        pay = [np.average(s.wage_base[circle == c, 0], weights=s.residents_base[circle == c] + 1e-9) for c in (1, 2)]
        lagging = circle == 1 + int(np.argmin(pay))
        age = model.month - p.birth_month.astype(np.int64)
        rows = np.flatnonzero(
            (p.alive == 1) & lagging[p.residence] & (age >= 240) & (age < 480) & (p.education < COLLEGE) & (p.state != EMPLOYED)
        )
        if train:
            p.education[rows] = COLLEGE
        plain = model.levers.rest

        def rest(plain=plain, model=model, lagging=lagging):
            plain()
            model.levers.transport[lagging] += lift

        model.levers.rest = rest
        for month in range(MONTHS):
            model.step()
            if month >= MONTHS - 12:
                value = model.output.value_added
                made += [value[lagging].sum(), value[~lagging].sum()]
        alive = p.alive[rows] == 1
        pupils += [np.count_nonzero(lagging[p.residence[rows]] & alive), np.count_nonzero(~lagging[p.residence[rows]] & alive)]
    return made, pupils


@pytest.fixture(scope="module")
def worlds() -> dict:
    return {
        (name, change): live(settings, **how)
        for name, settings in (("open", OPEN), ("shut", SHUT))
        for change, how in (("none", {}), ("training", {"train": True}), ("investment", {"lift": 1.0}))
    }


@pytest.mark.long
def test_some_of_the_trained_leave_where_people_can_move_and_nobody_where_they_cannot(worlds):
    left = {key: pupils[1] / pupils.sum() for key, (_, pupils) in worlds.items()}
    assert left["open", "training"] > 0.03 > 0.02 > left["shut", "training"]


@pytest.mark.long
def test_training_raises_what_the_trained_region_makes(worlds):
    for name in ("open", "shut"):
        assert worlds[name, "training"][0][0] > 1.01 * worlds[name, "none"][0][0]


@pytest.mark.long
def test_investment_raises_the_output_of_the_lagging_region_and_crosses_over_only_where_people_can_move(worlds):
    for name in ("open", "shut"):
        assert worlds[name, "investment"][0][0] > 1.02 * worlds[name, "none"][0][0]
    apart = [worlds["shut", change][0][1] / worlds["shut", "none"][0][1] - 1.0 for change in ("training", "investment")]
    assert np.abs(apart).max() < 0.01
