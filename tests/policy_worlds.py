"""Small runs with policies, and a digest of everything a policy could have changed."""

from __future__ import annotations

import hashlib

import numpy as np

from simulator.foundations.units import month_text
from simulator.model import MigrationModel

TABLES = ("persons", "households", "settlements", "firms", "employers", "governments")


def teaching(policies=(), months: int = 12, seed: int = 1, **settings) -> MigrationModel:
    """The teaching circle with some policies, not yet lived."""
    return MigrationModel("teaching", policies=list(policies), months=months, seed=seed, **settings)


def live(model, months: int | None = None) -> MigrationModel:
    """Live so many months, or to the end."""
    lived = 0
    while not model.done and (months is None or lived < months):
        model.step()
        lived += 1
    return model


def columns(model) -> dict[str, str]:
    """SHA-256 of every column, of the money of every sector, and of every flow of the books that has been paid."""
    found = {}
    for table in TABLES:
        for name, array in getattr(model, table).arrays().items():
            found[f"{table}.{name}"] = hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()
    for name, array in model.ledger.arrays().items():
        found[f"ledger.{name}"] = hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()
    for flow, amounts in zip(model.ledger.flows, model.ledger.amounts, strict=True):
        if amounts.any():
            found[f"flow.{flow.name}"] = hashlib.sha256(amounts.tobytes()).hexdigest()
    found["estates"], found["month"] = str(model.estates_fen), month_text(model.month)
    return found


def differing(a: dict[str, str], b: dict[str, str]) -> list[str]:
    """Names whose digests differ, or that only one of the two has."""
    return sorted(name for name in {*a, *b} if a.get(name) != b.get(name))


def spending(model) -> np.ndarray:
    """Live to the end; fen spent by each programme in each month, i8[months, programmes]."""
    rows = []
    while not model.done:
        model.step()
        rows.append(model.programmes.spent.sum(axis=1))
    return np.array(rows)
