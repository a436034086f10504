"""Rents follow residents per dwelling; dwellings follow rents, slowly and not everywhere."""

from __future__ import annotations

import numpy as np

from simulator.foundations.units import CORE, COUNTY_TOWN, INNER_RING, OUTER_RING

WRITES = {"persons": (), "households": (), "settlements": ("rent", "dwellings"), "employers": ()}


def supply_elasticities(model) -> np.ndarray:
    """Long-run elasticity of dwellings to rent by kind of settlement, f8[n] (rural .0: land is not for sale)."""
    value, kind = model.scenario, model.world.kind
    out = np.full(len(kind), float(value["housing.supply_rural"]))
    out[kind == CORE] = value["housing.supply_core"]
    out[(kind == INNER_RING) | (kind == OUTER_RING)] = value["housing.supply_ring"]
    out[kind == COUNTY_TOWN] = value["housing.supply_county_town"]
    return out


def set_rents(model) -> dict[str, int]:
    """Rent index = (residents per dwelling / base)^elasticity; stock moves 1/lag of the way a month.

        rent = (o / o0)^eta,   d ln D = supply (ln rent) / lag
    """
    value, s = model.scenario, model.settlements
    occupancy = s.residents / np.maximum(s.dwellings, 1e-9)
    ratio = np.clip(occupancy / np.maximum(s.occupancy_base, 1e-9), 0.05, 20.0)
    s.rent[...] = ratio ** value["housing.rent_elasticity"]
    pull = supply_elasticities(model) * model.levers.housing_supply * np.log(s.rent)
    standing = s.dwellings.copy()
    s.dwellings += model.levers.housing_orders
    s.dwellings *= np.exp(np.clip(pull / value["housing.supply_lag_months"], -0.02, 0.02))
    model.built += s.dwellings - standing
    return {}
