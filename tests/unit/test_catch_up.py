"""Poorer places catch up by the measured rate, and places together grow as the nation does."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from simulator.mechanisms import employment, production
from simulator.state.settlements import Settlements


def two_places(beta: float | None = -0.02):
    """A town of 40,000 yuan a head and a village of 10,000, as many people in each."""
    s = Settlements.empty(2)
    s.residents[:] = 100
    drivers = {} if beta is None else {"catch_up": None, "productivity_growth": None}
    world = SimpleNamespace(
        drivers=drivers, kind=np.array([0, 4]), province=np.array([0, 0]), income_urban=np.array([40_000.0]), income_rural=np.array([10_000.0])
    )
    values = {"catch_up": beta, "productivity_growth": 0.05}
    return SimpleNamespace(settlements=s, world=world, driver=values.get)


def test_the_village_gains_and_the_town_loses_beta_times_half_the_log_gap():
    model = two_places()
    production.let_places_catch_up(model)
    # the log gap is ln 4; each stands half of it from the mean
    half = 0.02 * np.log(4) / 2
    assert model.settlements.drift == pytest.approx([-half, half])
    assert model.settlements.lead == pytest.approx(np.exp(np.array([-half, half]) / 12))
    assert employment.wage_drift(model) == pytest.approx([0.05 - half, 0.05 + half])


def test_the_gap_closes_as_it_is_caught_up_and_never_turns():
    model = two_places(-0.5)
    gaps = []
    for _ in range(240):
        production.let_places_catch_up(model)
        gaps.append(np.log(4 * model.settlements.lead[0] / model.settlements.lead[1]))
    assert (np.diff(gaps) < 0).all() and 0 < gaps[-1] < 0.001
    assert model.settlements.lead.prod() == pytest.approx(1.0)  # together as the nation: equal weights, logs add to zero


def test_without_the_driver_nothing_moves():
    model = two_places(None)
    production.let_places_catch_up(model)
    assert (model.settlements.lead == 1).all() and (model.settlements.drift == 0).all()
