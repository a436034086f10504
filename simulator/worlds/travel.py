"""How many hours apart places are: roads inside a circle, roads to neighbours, fast trains between cores."""

from __future__ import annotations

import networkx as nx
import numpy as np
from scipy.sparse.csgraph import shortest_path

from simulator.foundations.units import CORE, COUNTY_TOWN, INNER_RING, OUTER_RING, RURAL

ROAD_KMH, RAIL_DETOUR, ACCESS = 80.0, 1.2, 0.5
"""Speeds (road along the great circle, detours included) and hours of access at each end (assumed)."""
RAIL_KMH = {2020: 200.0, 2010: 120.0}
"""Speed of trains between cores; in 2010 few ran faster than 120 km an hour on the whole way (assumed)."""
FAST_FROM_KM = 100.0
INSIDE = 0.4
"""Hours of an ordinary trip inside one settlement (assumed): less than any trip to another."""

CIRCLE_HOURS = {
    (CORE, INNER_RING): 0.7, (CORE, OUTER_RING): 0.9, (INNER_RING, OUTER_RING): 0.8,
    (CORE, COUNTY_TOWN): 1.5, (INNER_RING, COUNTY_TOWN): 1.3, (OUTER_RING, COUNTY_TOWN): 1.1,
    (CORE, RURAL): 1.8, (INNER_RING, RURAL): 1.5, (OUTER_RING, RURAL): 1.2, (COUNTY_TOWN, RURAL): 0.6,
}  # fmt: skip
"""Hours between kinds of one circle (assumed). Below an hour is a daily commute."""

RING_KM = np.array([0.0, 0.15, 0.3, 0.55, 0.65])
"""Distance of a kind from the centre as a share of the circle's radius √(area/π) (assumed)."""


def great_circle_km(lon, lat) -> np.ndarray:
    """Distances between all pairs of points, km (haversine)."""
    x, y = np.radians(np.asarray(lon)), np.radians(np.asarray(lat))
    half = np.sin((y[:, None] - y) / 2) ** 2 + np.cos(y)[:, None] * np.cos(y) * np.sin((x[:, None] - x) / 2) ** 2
    return 2 * 6371.0 * np.arcsin(np.sqrt(np.clip(half, 0, 1)))


def place_cells(circle, kind, lon, lat, area_km2, codes) -> tuple[np.ndarray, np.ndarray]:
    """Positions [n]: the circle's centroid plus the ring radius of the kind, at an angle fixed by the code."""
    radius = np.sqrt(area_km2[circle] / np.pi) * RING_KM[kind]
    digits = np.array([int("".join(ch for ch in str(code) if ch.isdigit()) or 0) for code in codes])
    angle = np.radians((digits[circle] * 137.508 + 72.0 * kind) % 360.0)
    north = radius * np.sin(angle) / 111.2
    east = radius * np.cos(angle) / (111.2 * np.cos(np.radians(lat[circle])))
    return lon[circle] + east, lat[circle] + north


def circle_edges(circle, kind, stretch) -> list[tuple[int, int, float]]:
    """Roads between the settlements of each circle; trips that are no commute stretch with the circle's size."""
    edges = []
    for c in np.unique(circle):
        rows = np.flatnonzero(circle == c)
        for i, a in enumerate(rows):
            for b in rows[i + 1 :]:
                pair = (int(min(kind[a], kind[b])), int(max(kind[a], kind[b])))
                hours = CIRCLE_HOURS[pair]
                edges.append((int(a), int(b), hours if hours <= 1 else max(1.05, hours * float(stretch[c]))))
    return edges


def hubs(circle, kind) -> np.ndarray:
    """The settlement of each circle through which it meets the others: its most central one."""
    return np.array([np.flatnonzero(circle == c)[np.argmin(kind[circle == c])] for c in np.unique(circle)])


def between_edges(hub, km, neighbours, fast, rail_kmh=RAIL_KMH[2020]) -> list[tuple[int, int, float]]:
    """Roads between neighbouring circles and fast trains between the cores that have them.

    Road: km / 80 + .5 hours. Train beyond 100 km: km · 1.2 / speed + 1 hour (access at both ends);
    the quicker of the two, so that time grows evenly with distance.
    """
    edges = []
    for a in range(len(hub)):
        for b in range(a + 1, len(hub)):
            train = fast[a] and fast[b] and km[a, b] > FAST_FROM_KM
            if not (neighbours[a, b] or train):
                continue
            road = km[a, b] / ROAD_KMH + ACCESS
            rail = km[a, b] * RAIL_DETOUR / rail_kmh + 2 * ACCESS
            edges.append((int(hub[a]), int(hub[b]), min(road, rail) if train else road))
    return edges


def nearest(km: np.ndarray, count: int) -> np.ndarray:
    """[c, c] bool: one of the nearest `count` circles of the other, in either direction."""
    order = np.argsort(km + np.diag(np.full(len(km), np.inf)), axis=1, kind="stable")[:, :count]
    near = np.zeros(km.shape, dtype=bool)
    near[np.arange(len(km))[:, None], order] = True
    return near | near.T


def travel_graph(n: int, edges) -> nx.Graph:
    """The travel graph; edges carry `hours`."""
    graph = nx.Graph()
    graph.add_nodes_from(range(n))
    graph.add_weighted_edges_from(((int(a), int(b), float(h)) for a, b, h in edges), weight="hours")
    return graph


def all_hours(n: int, edges, inside=INSIDE) -> np.ndarray:
    """Shortest hours between all pairs [n, n], symmetric; the diagonal is a trip inside the settlement."""
    matrix = nx.to_scipy_sparse_array(travel_graph(n, edges), nodelist=range(n), weight="hours", format="csr")
    hours = shortest_path(matrix, method="D", directed=False)
    hours = np.minimum(hours, hours.T)
    if not np.isfinite(hours).all():
        raise ValueError("the travel graph is not connected")
    hours[np.arange(n), np.arange(n)] = inside
    return hours
