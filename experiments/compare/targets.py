"""Which places a comparison's policies aim at: the union of their `where`, in the settlements of the world."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from experiments.compare.pairing import Pairing
from simulator import governing
from simulator.worlds.library import load_world


def targeted_places(pairing: Pairing) -> np.ndarray | None:
    """Mask over settlements of the places named by the policies in which the two scenarios differ; None without any.

    A policy that acts everywhere names no place: where others of the mix do, the places they name count.

    "The poorest" are those of the first pair's world, since pay by place depends a little on who lives there.
    """
    uses = pairing.in_force
    if not uses:
        return None
    if any(use.where.poorest_share is not None for use in uses):
        from simulator.model import MigrationModel

        model = MigrationModel(pairing.pairs[0].base)
        model.close()
    else:
        model = SimpleNamespace(world=load_world(pairing.base.world, pairing.base.base_year))
    masks = [governing.places_meant(model, use.where) for use in uses]
    return np.any([mask for mask in masks if not mask.all()] or masks, axis=0)
