"""Which places a comparison's policies aim at: the union of their `where`, in the settlements of the world."""

from __future__ import annotations

import numpy as np

from experiments.compare.pairing import Pairing
from simulator.runs import Run


def targeted_places(pairing: Pairing, run: Run) -> np.ndarray | None:
    """Mask over settlements of the places named by the policies in which the two scenarios differ; None without any."""
    masks = [places_of(use.where, run) for use in pairing.in_force]
    return np.any(masks, axis=0) if masks else None


def places_of(where, run: Run) -> np.ndarray:
    """Places that fit every condition of one `where`."""
    places = run.table("settlements")
    fits = np.ones(len(places), dtype=bool)
    if where.kinds is not None:
        fits &= places.kind.isin(where.kinds).to_numpy()
    if where.rural_classes is not None:
        fits &= places.rural_class.isin(where.rural_classes).to_numpy()
    if where.provinces is not None:
        codes = places.code.astype(str).str[:2]
        fits &= (places.province.isin(where.provinces) | codes.isin(where.provinces)).to_numpy()
    if where.coastal is not None:
        fits &= (places.coastal == where.coastal).to_numpy()
    return fits
