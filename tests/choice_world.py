"""A few places and many like people, for tests of the migration choice against known answers."""

from __future__ import annotations

import numpy as np

from simulator.foundations.units import SENIOR, UNEMPLOYED, month_number
from simulator.kernels.choosing import NOTHING_KEPT, Movers, Places, Weights
from simulator.kernels.deciding import choose_places
from simulator.kernels.sampling import build_alias
from simulator.state.persons import Persons

MONTH = month_number(2020, 11)


def singles(count: int, residence: int = 0, root: int | None = None, state: int = UNEMPLOYED) -> Persons:
    """Adults of thirty without family, ties or preferences, with plenty of savings."""
    persons = Persons(count)
    persons.append(count)
    persons.uid[:] = np.arange(count)
    persons.alive[:] = 1
    persons.state[:] = state
    persons.education[:] = SENIOR
    persons.birth_month[:] = MONTH - 360
    persons.residence[:] = residence
    persons.root[:] = residence if root is None else root
    persons.hukou_place[:] = persons.root
    persons.birthplace[:] = persons.root
    persons.county_hukou[:] = 0
    persons.county_residence[:] = 0
    persons.savings[:] = 10**9
    return persons


def flat_places(value: np.ndarray, hours: np.ndarray | None = None) -> Places:
    """Places that differ by `value` only: equal pay, no costs, gravity draws by exp(value)."""
    n = len(value)
    hours = np.zeros((n, n)) if hours is None else hours
    q = np.exp(np.asarray(value, float))[None, :].repeat(n, axis=0)
    np.fill_diagonal(q, 0.0)
    q /= q.sum(axis=1, keepdims=True)
    even = np.ones((n, n)) - np.eye(n)
    even /= even.sum(axis=1, keepdims=True)
    gravity, ties = build_alias(q), build_alias(even)
    zeros, ones2 = np.zeros(n), np.ones((n, 2))
    return Places(
        value=np.repeat(np.asarray(value, float)[:, None, None], 8, axis=1).reshape(n, 4, 2).copy(),
        wage=300_000.0 * ones2, chance=0.9 * ones2, chance_national=np.full(2, 0.9), finding=0.18 * ones2,
        separation=0.02 * ones2, farm_income=zeros.copy(), flexible_pay=np.full(n, 200_000.0), other_income=zeros.copy(),
        log_hours=np.log1p(hours).astype(np.float32), km=(100 * hours).astype(np.float32),
        ties_utility=np.zeros((n, n), np.float32), ties_known=np.ones((n, n), np.float32),
        gravity_prob=gravity[0], gravity_alias=gravity[1], gravity_p=q, tie_prob=ties[0], tie_alias=ties[1], tie_p=even,
        other_county_log=np.full(n, -99.0), move_pay=zeros.copy(), cost_relief=zeros.copy(),
    )  # fmt: skip


def plain_weights(**changes) -> Weights:
    """No income, tie, distance or cost weights: a pure logit on `value`."""
    values = dict(
        income=0.0, known=0.0, moving_cost=0.0, distance=0.0, home=0.0, family=0.0, income_floor=30_000.0, search_farming=0.1, search_flexible=0.5, pay_sd=0.45,
        experience_return=0.015, cost_per_km=0.0, own_county_share=0.5, m=16, full=0, leaving_college=0.0,
    )  # fmt: skip
    values.update(changes)
    return Weights(**values)


def choose(persons: Persons, places: Places, weights: Weights, seed: int = 1, month: int = MONTH):
    """(place, way) chosen by everyone."""
    rows = np.arange(len(persons), dtype=np.int32)
    to, way = np.empty(len(rows), np.int64), np.empty(len(rows), np.uint8)
    choose_places(
        rows, np.int64(month), np.uint64(seed), persons.bundle(Movers), places, weights, to, way, False, *NOTHING_KEPT, 0,
        len(rows),
    )  # fmt: skip
    return to, way
