"""The nation and each city circle: urbanisation, migrant workers, talent, moves, incomes and their spread."""

from __future__ import annotations

import numpy as np

from simulator.foundations.units import EMPLOYED, FARMING, FEN, FLEXIBLE, RURAL, UNEMPLOYED
from simulator.kernels import counting
from simulator.kernels.relocating import RETURN
from simulator.measures import inequality
from simulator.measures.monthly import LABOUR_FORCE, Counts, split_migrant_workers

FEWEST_AGENTS = 30
"""Agents below which a rate or a mean is not stated."""

MOVE_COUNTS = ("arrivals", "between_in", "between_out", "returns", "km")
"""What is kept of each month's moves by settlement: arrivals (moves inside the cell between counties
included), arrivals from and departures to other settlements, returns to the root (those from another county of
the same settlement included), kilometres moved."""

TALLIES = {"births": "births", "deaths": "deaths", "relabelled": "relabelled", "converted": "converted", "welfare_hired": "welfare_hired"}
"""Columns taken from the month's tallies, whole country only."""

EARTH_KM = 6371.0


class Circles:
    """Settlements grouped into circles, the whole country first."""

    def __init__(self, circle: np.ndarray):
        self.ids = np.concatenate([[0], np.unique(circle)]).astype(np.int32)
        self.place_in = np.searchsorted(self.ids[1:], circle) + 1
        self._order = np.argsort(circle, kind="stable")
        self._starts = np.searchsorted(circle[self._order], self.ids[1:])

    def sums(self, values: np.ndarray) -> np.ndarray:
        """Sums over settlements [n, ...] for the whole and each circle [1 + circles, ...]."""
        parts = np.add.reduceat(values[self._order], self._starts, axis=0)
        return np.concatenate([values.sum(axis=0, keepdims=True).astype(parts.dtype), parts])

    def members(self) -> list[np.ndarray]:
        """Rows of the settlements of the whole and of each circle."""
        return [np.arange(len(self._order)), *np.split(self._order, self._starts[1:])]


def great_circle_km(world, origin: np.ndarray, destination: np.ndarray) -> np.ndarray:
    """Great-circle distances in km between settlements (haversine)."""
    lon, lat = np.radians(world.lon.astype(np.float64)), np.radians(world.lat.astype(np.float64))
    a, b = lat[origin], lat[destination]
    half = np.sin((b - a) / 2) ** 2 + np.cos(a) * np.cos(b) * np.sin((lon[destination] - lon[origin]) / 2) ** 2
    return 2 * EARTH_KM * np.arcsin(np.sqrt(np.minimum(half, 1)))


def count_moves(model, moves) -> np.ndarray:
    """This month's moves by settlement, [n, 5] in the order of `MOVE_COUNTS`."""
    rows, origin, destination, reason = moves
    n = model.world.n
    between = origin != destination
    home = np.where(between, model.persons.root[rows] == destination, reason == RETURN)
    far = great_circle_km(model.world, origin[between], destination[between])
    return np.stack(
        [
            np.bincount(destination, minlength=n).astype(np.float64),
            np.bincount(destination[between], minlength=n),
            np.bincount(origin[between], minlength=n),
            np.bincount(destination[home], minlength=n),
            np.bincount(destination[between], weights=far, minlength=n),
        ],
        axis=1,
    )


def ratio(top, bottom, agents=None) -> np.ndarray:
    """top / bottom; NaN where undefined or where the agents behind it are too few."""
    top, bottom = np.asarray(top, dtype=np.float64), np.asarray(bottom, dtype=np.float64)
    enough = (bottom > 0) & ((bottom if agents is None else agents) >= FEWEST_AGENTS)
    return np.divide(top, bottom, out=np.full(bottom.shape, np.nan), where=enough)


def measure_people(model, counts: Counts, circles: Circles) -> dict[str, np.ndarray]:
    """Stocks and shares of the month by circle; people in agents."""
    urban = model.world.kind != RURAL
    total = circles.sums
    residents, age = total(counts.residents), total(counts.age)
    registered, place, workers = total(counts.registered), total(counts.hukou_class), total(counts.migrant_workers)
    state, force = total(counts.state), total(counts.labour_force.sum(axis=1))
    town = np.where(urban[:, None], counts.state, 0)
    town_force = total(town[:, LABOUR_FORCE].sum(axis=1))
    adults = age[:, 1] + age[:, 2]
    migrant_workers, outgoing = workers.sum(axis=1), np.rint(total(split_migrant_workers(model, counts)[0]))
    columns = {
        "population": residents,
        "urban_share_resident": ratio(total(np.where(urban, counts.residents, 0)), residents),
        "urban_share_hukou": ratio(registered[:, 1], registered.sum(axis=1)),
        "migrant_workers_total": migrant_workers,
        "migrant_workers_outgoing": outgoing,
        "migrant_workers_local": migrant_workers - outgoing,
        "migrant_workers_interprovincial": workers[:, counting.PROVINCE] + workers[:, counting.RECENT_PROVINCE],
        "hukou_elsewhere_same_county": place[:, counting.TOWNSHIP] + place[:, counting.CELL],
        "hukou_elsewhere_same_province": place[:, counting.COUNTY],
        "hukou_elsewhere_other_province": place[:, counting.PROVINCE],
        "talent_pool": total(counts.talent),
        "talent_concentration": np.array(
            [inequality.hoover(counts.talent[rows], counts.residents[rows]) for rows in circles.members()]
        ),
        "employed": state[:, EMPLOYED],
        "farming": state[:, FARMING],
        "flexible": state[:, FLEXIBLE],
        "unemployment_rate": ratio(state[:, UNEMPLOYED], force),
        "urban_unemployment_rate": ratio(total(town)[:, UNEMPLOYED], town_force),
        "wage_mean": ratio(total(counts.pay) / FEN, state[:, EMPLOYED]),
        "child_dependency": ratio(age[:, 0], adults),
        "old_dependency": ratio(age[:, 3], adults),
        "service_inequality": _service_gaps(model, counts, circles),
    }
    for name, key in TALLIES.items():
        column = np.full(len(circles.ids), np.nan)
        column[0] = model.tally.get(key, 0 if key == "welfare_hired" else np.nan)
        columns[name] = column
    return columns


def _service_gaps(model, counts: Counts, circles: Circles) -> np.ndarray:
    """Variation of service supply between the settlements of the whole and of each circle, mean of the six services."""
    supply, people = model.settlements.service_supply, counts.residents[:, None].astype(np.float64)
    total = circles.sums(people)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = circles.sums(people * supply) / total
        spread = circles.sums(people * (supply - mean[circles.place_in]) ** 2)
        nation = (people * (supply - mean[0]) ** 2).sum(axis=0)
        gaps = np.sqrt(np.concatenate([nation[None, :], spread[1:]]) / total) / mean
    return np.where((total > 0) & (mean > 0), gaps, np.nan).mean(axis=1)


def measure_moves(month: np.ndarray | None, year: np.ndarray | None, circles: Circles) -> dict[str, np.ndarray]:
    """Moves of the month and of the last twelve months by circle, from tables like `count_moves`."""
    unknown = np.full(len(circles.ids), np.nan)
    columns = dict.fromkeys(
        ("moves", "returns", "moves_12m", "returns_12m", "mean_distance_km", "migration_effectiveness"), unknown
    )
    if month is not None:
        total = circles.sums(month)
        columns |= {"moves": total[:, 0], "returns": total[:, 3]}
    if year is not None:
        total = circles.sums(year)
        enough = total[:, 1] + total[:, 2] >= FEWEST_AGENTS
        index = np.array([inequality.effectiveness(year[rows, 1], year[rows, 2]) for rows in circles.members()])
        columns |= {
            "moves_12m": total[:, 0],
            "returns_12m": total[:, 3],
            "mean_distance_km": ratio(total[:, 4], total[:, 1]),
            "migration_effectiveness": np.where(enough, index, np.nan),
        }
    return columns


INCOME_COLUMNS = (
    "income_urban", "income_rural", "income_ratio", "gini", "theil", "theil_between_share",
    "left_behind_children", "left_behind_elders",
)  # fmt: skip


def measure_incomes(model, survey, circles: Circles) -> dict[str, np.ndarray]:
    """Incomes per head and their spread by circle; without a survey this month, nothing is known."""
    if survey is None:
        return {name: np.full(len(circles.ids), np.nan) for name in INCOME_COLUMNS}
    rural = model.world.kind == RURAL
    heads = [circles.sums(np.where(part[:, None], survey.heads, 0)) for part in (~rural, rural)]
    total = [circles.sums(np.where(part[:, None], survey.total, 0)) for part in (~rural, rural)]
    people = [h.sum(axis=1) for h in heads]
    earned = [circles.sums(np.where(part, survey.earned, 0)) for part in (~rural, rural)]
    yearly = [ratio(12 * earned[k] / FEN, people[k]) for k in range(2)]
    rows = range(len(circles.ids))
    enough = people[0] + people[1] >= FEWEST_AGENTS
    everyone, money = heads[0] + heads[1], total[0] + total[1]
    whole = np.array([inequality.theil(everyone[c], money[c]) for c in rows])
    sums = np.stack([t.sum(axis=1) for t in total], axis=1)
    between = np.array([inequality.theil_between(np.array([p[c] for p in people]), sums[c]) for c in rows])
    two = (people[0] >= FEWEST_AGENTS) & (people[1] >= FEWEST_AGENTS)
    with np.errstate(invalid="ignore", divide="ignore"):
        return {
            "income_urban": yearly[0],
            "income_rural": yearly[1],
            "income_ratio": yearly[0] / yearly[1],
            "gini": np.where(enough, [inequality.gini(everyone[c], money[c]) for c in rows], np.nan),
            "theil": np.where(enough, whole, np.nan),
            "theil_between_share": np.where(two & (whole > 0), between / whole, np.nan),
            "left_behind_children": circles.sums(survey.left_behind[:, 0]),
            "left_behind_elders": circles.sums(survey.left_behind[:, 1]),
        }
