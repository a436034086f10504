"""Cores, rings, county towns and countryside: the settlements of a world, put together from county units.

Each county unit has an urban and a rural part (`split_units`); parts of one circle and one kind
make a settlement (`gather`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.foundations.units import CORE, COUNTY_TOWN, INNER_RING, OUTER_RING, RURAL
from simulator.worlds.census import Counties, Nation
from simulator.worlds.margins import split_by_odds, split_categories

SMALLEST_CELL = 300_000
"""People below which a settlement is merged with its neighbour: 30 agents of 10,000."""
TOO_FEW = 100_000
"""People below which a kind counts as lacking at the province level."""

ODDS = {"college": 4.0, "farm": 1 / 8, "migrant": 3.0, "old": 0.7, "knowledge": 3.0, "teachers": 1.2, "health": 1.6}
"""Odds of an attribute in the urban part of a county relative to its rural part (all assumed)."""

RURAL_CHILDREN, RURAL_HOUSEHOLD, RURAL_HUKOU_ODDS = 1.25, 1.12, 30.0


@dataclass
class Parts:
    """Urban and rural parts of county units; every array has one row a part, counts are people."""

    county: np.ndarray
    kind: np.ndarray
    circle: np.ndarray
    counts: dict  # name -> [parts] or [parts, k]
    rates: dict  # name -> [parts], averaged by population

    def take(self, rows: np.ndarray) -> Parts:
        """Some parts, in the order given."""
        return Parts(
            self.county[rows], self.kind[rows], self.circle[rows],
            {k: v[rows] for k, v in self.counts.items()}, {k: v[rows] for k, v in self.rates.items()},
        )  # fmt: skip


def classify(counties: Counties) -> np.ndarray:
    """The kind of each unit's urban part, from its code and its urban share."""
    share = counties.urban / counties.population
    city = np.where(share >= 0.9, CORE, np.where(share >= 0.6, INNER_RING, OUTER_RING))
    return np.where(counties.district, city, COUNTY_TOWN).astype(np.uint8)


def split_units(c: Counties, circle: np.ndarray) -> Parts:
    """Divide every unit between its urban and its rural part, by the odds of `ODDS`."""
    first, second = c.urban, c.population - c.urban
    share = first / c.population
    old = np.arange(19) >= 14
    ages = split_categories(c.ages, first, second, old, ODDS["old"])
    education = split_categories(c.education, first, second, np.arange(4) == 3, ODDS["college"])
    migrants = split_categories(c.migrants, first, second, np.arange(4) > 0, ODDS["migrant"])
    male = (c.male * share, c.male * (1 - share))
    employed = (c.employed * share, c.employed * (1 - share))
    farmers = split_by_odds(c.farmers, *employed, ODDS["farm"])
    nonfarm = (employed[0] - farmers[0], employed[1] - farmers[1])
    sectors = c.sectors * np.divide(
        c.employed - c.farmers, c.sectors.sum(axis=1), out=np.zeros_like(share), where=c.sectors.sum(axis=1) > 0
    )[:, None]
    sectors = split_categories(sectors, *nonfarm, np.arange(4) == 2, ODDS["knowledge"])
    teachers = split_by_odds(np.minimum(c.teachers, c.population), first, second, ODDS["teachers"])
    health = split_by_odds(np.minimum(c.health_staff, c.population), first, second, ODDS["health"])
    children = c.children_ever_born / (share + RURAL_CHILDREN * (1 - share))
    household = c.household_size / (share + RURAL_HOUSEHOLD * (1 - share))
    local = [migrants[0][:, 0], migrants[1][:, 0]]
    registered = np.where(np.isnan(c.rural_hukou), 0.5, c.rural_hukou)
    rural_hukou = split_by_odds(registered * (local[0] + local[1]), *local, 1 / RURAL_HUKOU_ODDS)
    counts = {
        "population": np.concatenate([first, second]),
        "ages": np.concatenate(ages), "education": np.concatenate(education), "migrants": np.concatenate(migrants),
        "male": np.concatenate(male), "employed": np.concatenate(employed), "farmers": np.concatenate(farmers),
        "sectors": np.concatenate(sectors), "teachers": np.concatenate(teachers), "health": np.concatenate(health),
        "rural_hukou": np.concatenate(rural_hukou),
    }  # fmt: skip
    rates = {
        "children": np.concatenate([children, RURAL_CHILDREN * children]),
        "household": np.concatenate([household, RURAL_HOUSEHOLD * household]),
        "mortality": np.tile(c.mortality, 2),
    }
    kind = np.concatenate([classify(c), np.full(len(c.code), RURAL, dtype=np.uint8)])
    parts = Parts(np.tile(np.arange(len(c.code)), 2), kind, np.tile(circle, 2), counts, rates)
    return parts.take(np.flatnonzero(counts["population"] > 0))


def complete_kinds(parts: Parts, codes: np.ndarray, circles: int, names: np.ndarray) -> tuple[Parts, list]:
    """Give every circle all five kinds, by splitting its largest urban settlement in district order.

    Towards the centre go the units with the lowest codes (the old districts come first in the
    national code), outwards the last, as many as make 300,000 people. A settlement of one unit is cut in two halves.
    """
    assumed = merge_small(parts, circles, names, TOO_FEW)
    for circle in range(circles):
        for kind in range(5):
            if np.any((parts.circle == circle) & (parts.kind == kind)):
                continue
            if kind == RURAL:
                raise ValueError(f"{names[circle]} has no rural part")
            size = [parts.counts["population"][(parts.circle == circle) & (parts.kind == k)].sum() for k in range(4)]
            source = int(np.argmax(size))
            rows = np.flatnonzero((parts.circle == circle) & (parts.kind == source))
            rows = rows[np.argsort(codes[parts.county[rows]], kind="stable")]
            if len(rows) == 1:
                parts, rows = _halve(parts, int(rows[0]))
            ordered = rows if kind < source else rows[::-1]
            people = parts.counts["population"][ordered].cumsum()
            wanted = people[-1] / 2 if kind < source else min(SMALLEST_CELL, people[-1] / 2)
            moved = ordered[: min(int(np.searchsorted(people, wanted)) + 1, len(rows) - 1)]
            parts.kind[moved] = kind
            people = parts.counts["population"][moved].sum()
            assumed.append((f"{names[circle]}: kind {kind} split from kind {source}", float(people), "the census has no such units here"))
    return parts, assumed


def _halve(parts: Parts, row: int) -> tuple[Parts, np.ndarray]:
    """Cut one part in two equal halves; the second goes to the end."""
    grown = parts.take(np.append(np.arange(len(parts.kind)), row))
    for values in grown.counts.values():
        values[row] *= 0.5
        values[-1] *= 0.5
    return grown, np.array([row, len(grown.kind) - 1])


def merge_small(parts: Parts, circles: int, names: np.ndarray, smallest: float = SMALLEST_CELL) -> list:
    """Merge settlements below `smallest` people into the nearest kind of their circle."""
    assumed = []
    for circle in range(circles):
        here = parts.circle == circle
        size = np.bincount(parts.kind[here], parts.counts["population"][here], 5)
        while np.count_nonzero(size) > 1 and size[size > 0].min() < smallest:
            kind = int(np.argmin(np.where(size > 0, size, np.inf)))
            others = [k for k in range(5) if k != kind and size[k] > 0]
            into = min(others, key=lambda k: (abs(k - kind), -size[k]))
            parts.kind[here & (parts.kind == kind)] = into
            assumed.append((f"{names[circle]}: kind {kind} merged into kind {into}", float(size[kind]), f"fewer than {smallest:,} people"))
            size[into] += size[kind]
            size[kind] = 0
    return assumed


def merge_circles(city: np.ndarray, population: np.ndarray, nation: Nation) -> tuple[np.ndarray, list]:
    """Prefectures below `SMALLEST_CELL` people join the nearest larger one of their province."""
    count = len(nation.city_code)
    people = np.bincount(city, population, count)
    goes = np.arange(count)
    assumed = []
    x, y = nation.city_lon * np.cos(np.radians(35)), nation.city_lat
    for i in np.flatnonzero((people > 0) & (people < SMALLEST_CELL)):
        near = np.flatnonzero((nation.city_province == nation.city_province[i]) & (people >= SMALLEST_CELL))
        goes[i] = near[np.argmin((x[near] - x[i]) ** 2 + (y[near] - y[i]) ** 2)]
        assumed.append((f"{nation.city_code[i]} joined {nation.city_code[goes[i]]}", float(people[i]), "fewer than 300,000 people"))
    return goes[city], assumed


@dataclass
class Cells:
    """Settlements in (circle, kind) order; counts are people."""

    kind: np.ndarray
    circle: np.ndarray
    counts: dict
    rates: dict
    county_start: np.ndarray
    county_list: np.ndarray
    county_weight: np.ndarray


def gather(parts: Parts) -> Cells:
    """Add the parts of each (circle, kind) into one settlement."""
    key = parts.circle.astype(np.int64) * 5 + parts.kind
    keys, cell = np.unique(key, return_inverse=True)
    n, people = len(keys), parts.counts["population"]

    def add(values: np.ndarray) -> np.ndarray:
        total = np.zeros((n, *values.shape[1:]))
        np.add.at(total, cell, values)
        return total

    counts = {name: add(values) for name, values in parts.counts.items()}
    rates = {name: add(values * people) / counts["population"] for name, values in parts.rates.items()}
    units = int(parts.county.max()) + 1
    pairs, inverse = np.unique(cell * units + parts.county, return_inverse=True)
    weight = np.bincount(inverse, people)
    start = np.searchsorted(pairs // units, np.arange(n + 1)).astype(np.int32)
    return Cells(
        (keys % 5).astype(np.uint8), (keys // 5).astype(np.int64), counts, rates,
        start, (pairs % units).astype(np.uint16), weight,
    )  # fmt: skip
