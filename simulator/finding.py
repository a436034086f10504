"""Kinds of lives that people ask for: who of a run is a returnee with a firm, a graduate who stayed, a child left behind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from simulator.foundations.units import CHILD, COLLEGE, EMPLOYED, FLEXIBLE, NEVER, NOWHERE, STUDENT, UNEMPLOYED
from simulator.kernels.rng import hash64

RETURNEE = 2
"""Founder type of those who came home, see `state.firms`."""


@dataclass(frozen=True)
class Kind:
    """A kind of life: name, words, and who fits at the end of a run (one truth a row of persons)."""

    name: str
    en: str
    zh: str
    fits: Callable


def _adult(model) -> np.ndarray:
    p = model.persons
    return (p.alive == 1) & (model.month - p.birth_month.astype(np.int64) >= 216)


def _anybody(model) -> np.ndarray:
    """Adults who were at least 12 when the run began."""
    p = model.persons
    return _adult(model) & (model.start - p.birth_month.astype(np.int64) >= 144)


def _founders(model) -> np.ndarray:
    fits = np.zeros(len(model.persons), dtype=bool)
    firms = model.firms
    rows = firms.founder[(firms.founder >= 0) & (firms.founder_type == RETURNEE) & (firms.born > model.start)]
    fits[rows] = True
    return fits & (model.persons.alive == 1)


def _graduates(model) -> np.ndarray:
    p = model.persons
    return (p.alive == 1) & (p.education == COLLEGE) & (p.study_place != NOWHERE) & (p.left_study > model.start)


def _stayed(model) -> np.ndarray:
    p = model.persons
    return _graduates(model) & (p.residence == p.study_place) & (p.study_place != p.root)


def _left(model) -> np.ndarray:
    p = model.persons
    return _graduates(model) & (p.residence != p.study_place) & (p.residence != p.root)


def _came_home(model) -> np.ndarray:
    p = model.persons
    return _adult(model) & (p.last_return != NEVER) & (p.last_return > model.start) & (p.residence == p.root) & (p.state > STUDENT)


def _left_behind(model) -> np.ndarray:
    """Children at the root whose mother, and guardian, live elsewhere."""
    p = model.persons
    child = (p.alive == 1) & (p.state == CHILD) & (p.residence == p.root) & (p.mother >= 0)
    mother = np.maximum(p.mother, 0)
    away = (p.alive[mother] == 1) & (p.residence[mother] != p.residence)
    mate = p.partner[mother]
    both = (mate < 0) | (p.residence[np.maximum(mate, 0)] != p.residence)
    return child & away & both & (model.month - p.birth_month.astype(np.int64) >= 36)


def _migrant_workers(model) -> np.ndarray:
    p = model.persons
    return _adult(model) & (p.hukou_kind == 0) & (p.residence != p.hukou_place) & np.isin(p.state, (EMPLOYED, FLEXIBLE))


def _guaranteed(model) -> np.ndarray:
    p = model.persons
    house = np.maximum(p.household, 0)
    return _adult(model) & (p.household >= 0) & (model.households.guarantee[house] > 0)


def _jobless(model) -> np.ndarray:
    return _adult(model) & (model.persons.state == UNEMPLOYED)


KINDS = (
    Kind("any", "somebody, by chance", "随机一人", _anybody),
    Kind("returnee-founder", "came home and founded a firm", "返乡创业者", _founders),
    Kind("graduate-stayed", "a graduate who stayed where the college is", "留在就读地的毕业生", _stayed),
    Kind("graduate-left", "a graduate who went on to a third place", "离开就读地去往他乡的毕业生", _left),
    Kind("returnee", "came home", "返乡者", _came_home),
    Kind("left-behind", "a child at home whose parents work elsewhere", "留守儿童", _left_behind),
    Kind("migrant-worker", "a migrant worker", "农民工", _migrant_workers),
    Kind("guaranteed", "lives on the minimum guarantee", "低保家庭成员", _guaranteed),
    Kind("unemployed", "looks for work", "失业者", _jobless),
)
BY_NAME = {kind.name: kind for kind in KINDS}


def pick(model, kind: Kind) -> int | None:
    """The uid of one who fits at the end of a run, the same for the same run; None when nobody does."""
    rows = np.flatnonzero(kind.fits(model))
    if len(rows) == 0:
        return None
    uid = model.persons.uid[rows]
    key = [int(hash64(np.uint64(model.seed) + np.uint64(0x11FE), u)) for u in uid]
    return int(uid[int(np.argmin(key))])
