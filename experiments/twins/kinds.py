"""Kinds of people whose life differs between two worlds, found at the end of both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from simulator.foundations.units import (
    CHILD,
    COLLEGE,
    EMPLOYED,
    FLEXIBLE,
    INACTIVE,
    NEVER,
    NOBODY,
    STUDENT,
    UNEMPLOYED,
    WELFARE_JOB,
)


@dataclass(frozen=True)
class Kind:
    """A kind of difference: its name, what it says, and who it fits (rows of the first population, bool)."""

    name: str
    en: str
    zh: str
    fits: Callable


def _both(a, b, column: str) -> tuple[np.ndarray, np.ndarray]:
    """A column of the first population in both worlds."""
    n = min(a.first_generation, b.first_generation)
    return getattr(a.persons, column)[:n], getattr(b.persons, column)[:n]


def _living(a, b) -> np.ndarray:
    x, y = _both(a, b, "alive")
    return (x == 1) & (y == 1)


def _places(a, b):
    return _both(a, b, "residence")


def graduate_stayed(a, b) -> np.ndarray:
    """Left college during the run; lives where the study was (or at the root) in the second world, elsewhere in the first."""
    here, there = _places(a, b)
    study, _ = _both(a, b, "study_place")
    root, _ = _both(a, b, "root")
    left_a, left_b = _both(a, b, "left_study")
    schooling_a, schooling_b = _both(a, b, "education")
    new = (left_a > a.start) & (left_a == left_b) & (schooling_a == COLLEGE) & (schooling_b == COLLEGE)
    return new & ((there == study) | (there == root)) & (here != study) & (here != root)


def graduate_left(a, b) -> np.ndarray:
    """The mirror of `graduate_stayed`: gone in the second world."""
    return graduate_stayed(b, a)


def came_home(a, b) -> np.ndarray:
    """Lives at the root in the second world after a return during the run, away from it in the first; not in study."""
    here, there = _places(a, b)
    root, _ = _both(a, b, "root")
    _, returned = _both(a, b, "last_return")
    state_a, state_b = _both(a, b, "state")
    return (there == root) & (here != root) & (returned > b.start) & (state_a > STUDENT) & (state_b > STUDENT)


def stayed_home(a, b) -> np.ndarray:
    """At the root in the second world without ever having left during the run, away from it in the first."""
    here, there = _places(a, b)
    root, _ = _both(a, b, "root")
    _, moved = _both(a, b, "last_move")
    state_a, state_b = _both(a, b, "state")
    return (there == root) & (here != root) & (moved <= b.start) & (state_a > STUDENT) & (state_b > STUDENT)


def left_home(a, b) -> np.ndarray:
    """Away from the root in the second world only."""
    here, there = _places(a, b)
    root, _ = _both(a, b, "root")
    state_a, state_b = _both(a, b, "state")
    return (here == root) & (there != root) & (state_a > STUDENT) & (state_b > STUDENT)


def moved_elsewhere(a, b) -> np.ndarray:
    """Away from the root in both worlds, in different places."""
    here, there = _places(a, b)
    root, _ = _both(a, b, "root")
    state_a, state_b = _both(a, b, "state")
    return (here != root) & (there != root) & (here != there) & (state_a > STUDENT) & (state_b > STUDENT)


def found_work(a, b) -> np.ndarray:
    """Same place; a job with an employer in the second world only."""
    here, there = _places(a, b)
    state_a, state_b = _both(a, b, "state")
    without = np.isin(state_a, (UNEMPLOYED, INACTIVE, FLEXIBLE, WELFARE_JOB))
    return (here == there) & without & (state_b == EMPLOYED)


def lost_work(a, b) -> np.ndarray:
    """Same place; a job with an employer in the first world only."""
    return found_work(b, a)


def with_mother(a, b) -> np.ndarray:
    """A child whose mother lives elsewhere in the first world and at home in the second."""
    n = min(a.first_generation, b.first_generation)
    state_a, state_b = _both(a, b, "state")
    apart = [_mother_elsewhere(model, n) for model in (a, b)]
    return (state_a == CHILD) & (state_b == CHILD) & apart[0] & ~apart[1]


def left_behind(a, b) -> np.ndarray:
    """A child whose mother lives elsewhere in the second world only."""
    return with_mother(b, a)


def _mother_elsewhere(model, n: int) -> np.ndarray:
    p = model.persons
    mother = p.mother[:n].astype(np.int64)
    known = (mother != NOBODY) & (p.alive[np.maximum(mother, 0)] == 1)
    return known & (p.residence[np.maximum(mother, 0)] != p.residence[:n])


def returnee_founder(a, b) -> np.ndarray:
    """Came home during the run and runs a firm in the second world only."""
    n = min(a.first_generation, b.first_generation)
    owners = [_founders(model, n) for model in (a, b)]
    _, returned = _both(a, b, "last_return")
    return owners[1] & ~owners[0] & (returned > b.start) & (returned != NEVER)


def founder(a, b) -> np.ndarray:
    """Runs a firm in the second world only."""
    n = min(a.first_generation, b.first_generation)
    owners = [_founders(model, n) for model in (a, b)]
    return owners[1] & ~owners[0]


def _founders(model, n: int) -> np.ndarray:
    """Who of the first n people founded a firm that is alive; nobody where firms are pools."""
    found = np.zeros(n, dtype=bool)
    firms = getattr(model, "firms", None)
    rows = getattr(firms, "founder", None)
    if rows is None:
        return found
    rows = np.asarray(rows)[: len(firms)] if hasattr(firms, "__len__") else np.asarray(rows)
    alive = getattr(firms, "alive", None)
    if alive is not None:
        rows = rows[np.asarray(alive)[: len(rows)] == 1]
    rows = rows[(rows >= 0) & (rows < n)].astype(np.int64)
    found[rows] = True
    return found


KINDS = (
    Kind("returnee-founder", "came home and runs a firm", "返乡并经营企业", returnee_founder),
    Kind("founder", "runs a firm", "经营企业", founder),
    Kind("graduate-stayed", "a graduate who stayed", "留下来的毕业生", graduate_stayed),
    Kind("migrant-came-home", "a migrant who came home", "返乡的外出者", came_home),
    Kind("stayed-home", "did not leave home", "没有离开家乡", stayed_home),
    Kind("child-with-mother", "a child whose mother is at home", "母亲在身边的孩子", with_mother),
    Kind("found-work", "has a job", "有了工作", found_work),
    Kind("graduate-left", "a graduate who left", "离开的毕业生", graduate_left),
    Kind("left-home", "left home", "离开家乡", left_home),
    Kind("left-behind", "a child left behind", "成为留守儿童", left_behind),
    Kind("lost-work", "has no job", "没有了工作", lost_work),
    Kind("moved-elsewhere", "lives in another place", "住在另一个地方", moved_elsewhere),
)
"""Every kind, in the order in which they are told; each says what the second world makes of the person."""

BY_NAME = {kind.name: kind for kind in KINDS}


def find(a, b, names: list[str], most: int) -> dict[str, np.ndarray]:
    """Rows of people of each kind at the end of both worlds, at most `most` a kind, nobody twice; chosen by a hash of the uid."""
    living, taken, found = _living(a, b), None, {}
    uid = a.persons.uid[: len(living)]
    order = np.argsort(uid * np.uint64(0x9E3779B97F4A7C15), kind="stable")
    taken = np.zeros(len(living), dtype=bool)
    for name in names:
        fits = BY_NAME[name].fits(a, b) & living & ~taken
        rows = order[fits[order]][:most]
        taken[rows] = True
        found[name] = rows
    return found
