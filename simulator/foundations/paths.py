"""Series that reach the country from outside, as seen from a past month: where a path stood then."""

from __future__ import annotations

import numpy as np


def stood_at(drivers: dict, name: str, month: int, place_class: str = "all") -> float | None:
    """The observed value of a driver in the middle of a past month, on straight lines; None without one."""
    places = drivers.get(name, {})
    chosen = places.get(place_class, places.get("all", {}))
    observed = chosen.get("observed", chosen.get("middle"))
    return None if observed is None else float(np.interp((month + 0.5) / 12, *observed))


def at_the_base(model, name: str, place_class: str = "all") -> float | None:
    """`stood_at` of the base month of the world, looked up once for a model."""
    kept = model.__dict__.setdefault("paths_at_the_base", {})
    key = name, place_class
    if key not in kept:
        kept[key] = stood_at(model.world.drivers, name, model.world.base_month, place_class)
    return kept[key]


def grown(model, name: str, place_class: str = "all") -> float:
    """A driver now relative to the base month of the world; 1 where the world has no such driver."""
    then = at_the_base(model, name, place_class)
    return 1.0 if not then else model.driver(name, place_class) / then


def shifted(model, name: str) -> float:
    """A driver now less its value at the base month of the world; 0 where the world has no such driver."""
    then = at_the_base(model, name)
    return 0.0 if then is None else model.driver(name) - then


def real_growth(model, name: str, place_class: str = "all") -> float:
    """Growth this month of a driver in nominal yuan, at constant prices; 1 where the world has no path of it."""
    drivers = model.world.drivers
    if name not in drivers or "deflator" not in drivers or model.month <= model.world.base_month:
        return 1.0

    def at_constant_prices() -> float:
        return float(model.driver(name, place_class)) / float(model.driver("deflator"))

    now = at_constant_prices()
    model.month -= 1
    try:
        return now / at_constant_prices()
    finally:
        model.month += 1
