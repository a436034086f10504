"""What reaches the country from outside, month by month: growth, births, prices, places at universities.

`drivers.csv` has one row a value: driver, place_class, year, variant, value, unit, source, status.
A whole year is the year's value and stands at its middle; a year with a fraction is that moment.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from simulator.foundations.errors import BadInput, Fault, did_you_mean

VARIANTS = ("low", "middle", "high")


def read_drivers(path: Path, base_year: int) -> dict:
    """`{name: {place_class: {variant: (years, values)}}}` of a drivers file.

    A world of an earlier census keeps the national drivers only: provinces' series of later
    years were not known at its start.
    """
    rows = pd.read_csv(path, dtype={"place_class": str}, comment="#")
    if base_year < 2020:
        local = ~rows["place_class"].isin(["all", "urban", "rural", "coastal", "inland"])
        rows = rows[~local | (rows["year"] <= base_year)]
    time = rows["year"].to_numpy(dtype=float)
    rows = rows.assign(time=np.where(time == np.floor(time), time + 0.5, time))
    drivers: dict = {}
    for (name, place, variant), part in rows.groupby(["driver", "place_class", "variant"], sort=True):
        part = part.sort_values("time")
        pair = part["time"].to_numpy(dtype=float), part["value"].to_numpy(dtype=float)
        drivers.setdefault(name, {}).setdefault(place, {})[variant] = pair
    return drivers


def driver_path(drivers: dict, name: str, place_class: str = "all", variant: str = "middle"):
    """Years and values of a driver: observed, then the variant.

    Where the place has no rows of its own, those of `all` hold; where the variant has none, those
    of `middle`.
    """
    if name not in drivers:
        raise BadInput(Fault(field="driver", value=name, remedy=did_you_mean(name, drivers)))
    places = drivers[name]
    chosen = places.get(place_class, places.get("all"))
    if chosen is None:
        raise BadInput(Fault(field=f"driver {name}", value=f"has no rows for {place_class!r}", allowed=", ".join(places)))
    years, values = chosen.get("observed", (np.empty(0), np.empty(0)))
    later = chosen.get(variant, chosen.get("middle"))
    if later is not None:
        keep = later[0] > (years[-1] if len(years) else -np.inf)
        years, values = np.concatenate([years, later[0][keep]]), np.concatenate([values, later[1][keep]])
    return years, values


def driver_at(drivers: dict, name: str, month: int, place_class: str = "all", variant: str = "middle") -> float:
    """The driver's value in the middle of a month, on straight lines between its points; flat outside them."""
    years, values = driver_path(drivers, name, place_class, variant)
    return float(np.interp((month + 0.5) / 12, years, values))


def driver_months(drivers: dict, name: str, first: int, stop: int, place_class: str = "all", variant: str = "middle") -> list[float]:
    """`driver_at` of the months first to stop - 1, from one reading of the path."""
    years, values = driver_path(drivers, name, place_class, variant)
    return np.interp((np.arange(first, max(stop, first)) + 0.5) / 12, years, values).tolist()
