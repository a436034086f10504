"""The nation and each city circle: urbanisation, migrant workers, talent, moves, incomes and their spread."""

from __future__ import annotations

import numpy as np

from simulator.foundations.once import once
from simulator.foundations.units import EMPLOYED, FARMING, FEN, FLEXIBLE, RURAL, UNEMPLOYED
from simulator.kernels import counting, measuring
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
NEAR_AND_FAR = 400
"""Settlements up to which all distances are kept."""


class Circles:
    """Settlements grouped into circles, the whole country first."""

    def __init__(self, circle: np.ndarray):
        self.ids = np.concatenate([[0], np.unique(circle)]).astype(np.int32)
        self.place_in = np.searchsorted(self.ids[1:], circle) + 1
        self.order = np.argsort(circle, kind="stable")
        self.starts = np.searchsorted(circle[self.order], self.ids[1:])
        self._kept: tuple | None = None

    def sums(self, values: np.ndarray) -> np.ndarray:
        """Sums over settlements [n, ...] for the whole and each circle [1 + circles, ...]."""
        if not len(self.starts):
            return values.sum(axis=0, keepdims=True)
        parts = np.add.reduceat(values[self.order], self.starts, axis=0)
        return np.concatenate([values.sum(axis=0, keepdims=True).astype(parts.dtype), parts])

    @classmethod
    def whole(cls, n: int) -> Circles:
        """The whole country alone, for whoever asks for no circle."""
        found = cls(np.zeros(n, dtype=np.int64))
        found.ids, found.place_in, found.starts = found.ids[:1], np.zeros(n, dtype=np.int64), found.starts[:0]
        return found

    def spread(self, survey, rural: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Histograms of people and of income of a survey in town and country, i8[2, 1 + circles, bins] each."""
        if self._kept is None or self._kept[0] is not survey:
            by_side = np.zeros((2, 2, len(self.ids), survey.heads.shape[1]), dtype=np.int64)
            measuring.spread_by_circle(survey.heads, survey.total, self.place_in, rural.astype(np.int64), by_side)
            self._kept = survey, by_side, by_side.sum(axis=1)
        return self._kept[1][0], self._kept[1][1]

    def everyone(self, survey, rural: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """`spread` without telling town from country, i8[1 + circles, bins] each."""
        self.spread(survey, rural)
        return self._kept[2][0], self._kept[2][1]

    def members(self) -> list[np.ndarray]:
        """Rows of the settlements of the whole and of each circle."""
        return [np.arange(len(self.order)), *np.split(self.order, self.starts[1:])]


def great_circle_km(model, origin: np.ndarray, destination: np.ndarray) -> np.ndarray:
    """Great-circle distances in km between settlements (haversine)."""
    lon, lat = once(model, "radians", lambda: [np.radians(v.astype(np.float64)) for v in (model.world.lon, model.world.lat)], of=model.world)
    a, b = lat[origin], lat[destination]
    half = np.sin((b - a) / 2) ** 2 + np.cos(a) * np.cos(b) * np.sin((lon[destination] - lon[origin]) / 2) ** 2
    return 2 * EARTH_KM * np.arcsin(np.sqrt(np.minimum(half, 1)))


def kilometres(model) -> np.ndarray:
    """Great-circle distances between all settlements, f8[n, n]."""
    n = model.world.n
    origin, destination = np.indices((n, n))
    return great_circle_km(model, origin.ravel(), destination.ravel()).reshape(n, n)


def count_moves(model, moves) -> np.ndarray:
    """This month's moves by settlement, [n, 5] in the order of `MOVE_COUNTS`."""
    return count_all_moves(model, moves)[0]


def count_all_moves(model, moves) -> tuple[np.ndarray, np.ndarray]:
    """`count_moves`, and arrivals and departures of college-educated people of working age by settlement, f8[2, n] agents."""
    rows, origin, destination, reason = moves
    flows, talent = np.zeros((model.world.n, len(MOVE_COUNTS))), np.zeros((2, model.world.n))
    near = model.world.n <= NEAR_AND_FAR
    distances = once(model, "kilometres", lambda: kilometres(model), model.world) if near else np.empty((0, 0))
    measuring.tally_moves(
        rows, origin, destination, reason == RETURN, model.persons.bundle(measuring.Movers), model.month, distances, flows, talent
    )
    if near:
        return flows, talent
    between = origin != destination
    far = great_circle_km(model, origin[between], destination[between])
    flows[:, 4] = np.bincount(destination[between], weights=far, minlength=len(flows))
    return flows, talent


def ratio(top, bottom, agents=None) -> np.ndarray:
    """top / bottom; NaN where undefined or where the agents behind it are too few."""
    top, bottom = np.ascontiguousarray(top, dtype=np.float64), np.ascontiguousarray(bottom, dtype=np.float64)
    agents = bottom if agents is None else np.ascontiguousarray(agents, dtype=np.float64)
    out = np.empty(bottom.shape)
    measuring.divide_where_enough(top, bottom, agents, FEWEST_AGENTS, out)
    return out


def ratios(**pairs) -> dict[str, np.ndarray]:
    """`ratio` of several pairs (top, bottom) of one length, by name."""
    both = np.array(list(pairs.values()), dtype=np.float64)
    top, bottom = both[:, 0].ravel(), both[:, 1].ravel()
    out = np.empty(len(top))
    measuring.divide_where_enough(top, bottom, bottom, FEWEST_AGENTS, out)
    return dict(zip(pairs, out.reshape(len(pairs), -1), strict=True))


def measure_people(model, counts: Counts, circles: Circles) -> dict[str, np.ndarray]:
    """Stocks and shares of the month by circle; people in agents."""
    urban = once(model, "urban", lambda: model.world.kind != RURAL, model.world)
    first = measuring.FIRST
    everywhere, in_town = both = np.zeros((2, len(circles.ids), measuring.WIDTH), dtype=np.int64)
    measuring.add_up_circles(counts.table, circles.place_in, urban, both)
    of = lambda name, width, sums=everywhere: sums[:, first[name] : first[name] + width]
    residents, age, state, town = everywhere[:, first["residents"]], of("age", 4), of("state", 9), of("state", 9, in_town)
    registered, place, workers = of("registered", 2), of("hukou_class", 7), of("migrant_workers", 7)
    force, town_force = of("labour_force", 2).sum(axis=1), town[:, LABOUR_FORCE].sum(axis=1)
    adults = age[:, 1] + age[:, 2]
    migrant_workers, outgoing = workers.sum(axis=1), np.rint(circles.sums(split_migrant_workers(model, counts)[0]))
    concentration = np.empty(len(circles.ids))
    measuring.hoover_of_circles(counts.talent, counts.residents, circles.order, circles.starts, concentration)
    rates = ratios(
        urban_share_resident=(in_town[:, first["residents"]], residents),
        urban_share_hukou=(registered[:, 1], registered.sum(axis=1)),
        unemployment_rate=(state[:, UNEMPLOYED], force),
        urban_unemployment_rate=(town[:, UNEMPLOYED], town_force),
        wage_mean=(everywhere[:, first["pay"]] / FEN, state[:, EMPLOYED]),
        child_dependency=(age[:, 0], adults),
        old_dependency=(age[:, 3], adults),
    )
    columns = {
        "population": residents,
        "urban_share_resident": rates["urban_share_resident"],
        "urban_share_hukou": rates["urban_share_hukou"],
        "migrant_workers_total": migrant_workers,
        "migrant_workers_outgoing": outgoing,
        "migrant_workers_local": migrant_workers - outgoing,
        "migrant_workers_interprovincial": workers[:, counting.PROVINCE] + workers[:, counting.RECENT_PROVINCE],
        "hukou_elsewhere_same_county": place[:, counting.TOWNSHIP] + place[:, counting.CELL],
        "hukou_elsewhere_same_province": place[:, counting.COUNTY],
        "hukou_elsewhere_other_province": place[:, counting.PROVINCE],
        "talent_pool": everywhere[:, first["talent"]],
        "talent_concentration": concentration,
        "employed": state[:, EMPLOYED],
        "farming": state[:, FARMING],
        "flexible": state[:, FLEXIBLE],
        "unemployment_rate": rates["unemployment_rate"],
        "urban_unemployment_rate": rates["urban_unemployment_rate"],
        "wage_mean": rates["wage_mean"],
        "child_dependency": rates["child_dependency"],
        "old_dependency": rates["old_dependency"],
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
        index = np.empty(len(circles.ids))
        measuring.effectiveness_of_circles(year[:, 1], year[:, 2], circles.place_in, index)
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
    heads, total = circles.spread(survey, rural)
    people = [h.sum(axis=1) for h in heads]
    earned = [circles.sums(np.where(part, survey.earned, 0)) for part in (~rural, rural)]
    yearly = [ratio(12 * earned[k] / FEN, people[k]) for k in range(2)]
    rows = range(len(circles.ids))
    enough = people[0] + people[1] >= FEWEST_AGENTS
    everyone, money = circles.everyone(survey, rural)
    whole = inequality.theils(everyone, money)
    between = inequality.theils(np.stack(people, axis=1), np.stack([t.sum(axis=1) for t in total], axis=1))
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
