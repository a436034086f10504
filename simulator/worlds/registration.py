"""Where the first people are registered: hukou places dealt out so that homes and residents both add up."""

from __future__ import annotations

import numpy as np

from simulator.foundations.units import NOWHERE, RURAL
from simulator.kernels import peopling
from simulator.kernels.sampling import build_alias


class Registry:
    """Deals places of registration; remembers how many of each province's residents came from where."""

    def __init__(self, world, table, migrant, seed, value):
        n, P = world.n, len(world.province_code)
        self.table, self.migrant, self.seed, self.month = table, migrant, seed, world.base_month
        self.rural = world.kind == RURAL
        self.province = world.province
        self.share = value["hukou.registered_in_rural_part"]
        self.sister = _sister_cells(world)
        self.world = (
            world.province, *build_alias(world.same_province_home),
            world.county_cell_start, world.county_cell_list, world.county_cell_weight,
        )  # fmt: skip
        cell = table.residence
        near = np.bincount(cell[migrant == 2], minlength=n)[:, None] * _rows_to_one(world.same_province_home)
        far = np.bincount(world.province[cell[migrant == 3]], minlength=P)[:, None] * _rows_to_one(world.home_province)
        near_quota, self.far_quota = np.zeros((n, n), dtype=np.int64), np.zeros((P, P), dtype=np.int64)
        peopling.share_out_quotas(near, near_quota)
        peopling.share_out_quotas(far, self.far_quota)
        self.near_given, self.far_given = np.zeros((n, n)), np.zeros((P, P))
        self.dealt = np.zeros((2, max(n, P)))
        self.books = (
            near_quota, self.near_given, self.far_quota, self.far_given,
            world.home_kind.astype(np.float64), np.zeros((P, n)), np.zeros(P), self.dealt,
        )  # fmt: skip

    def __call__(self, rows: np.ndarray, weight: np.ndarray) -> None:
        t = self.table
        people = (t.residence, self.migrant, t.county_residence, t.hukou_place, t.county_hukou, t.township_apart)
        peopling.register_people(
            rows, weight, self.seed, self.month, self.rural, self.sister, self.share, self.world, self.books, people
        )

    def book_followers(self, leader: np.ndarray) -> None:
        """Count those who will follow people registered already, so that the dealing allows for them."""
        t = self.table
        rows = np.flatnonzero(leader >= 0)
        rows = rows[t.hukou_place[leader[rows]] != NOWHERE]
        here, there = t.residence[rows], t.hukou_place[leader[rows]]
        near, far = self.migrant[rows] == 2, self.migrant[rows] == 3
        np.add.at(self.near_given, (here[near], there[near]), 1.0)
        np.add.at(self.dealt[0], here[near], 1.0)
        here, there = self.province[here[far]], self.province[there[far]]
        np.add.at(self.far_given, (here, there), 1.0)
        np.add.at(self.dealt[1], here, 1.0)


def _rows_to_one(share: np.ndarray) -> np.ndarray:
    """Rows that sum to exactly one, or to nothing."""
    share = share.astype(np.float64)
    return share / np.maximum(share.sum(axis=1, keepdims=True), 1e-300)


def _sister_cells(world) -> np.ndarray:
    """[county, urban or rural]: the cell of that kind in which most of the county's people live."""
    sister = np.full((len(world.county_code), 2), NOWHERE, dtype=np.uint16)
    cell = np.repeat(np.arange(world.n), np.diff(world.county_cell_start))
    order = np.argsort(world.county_cell_weight, kind="stable")
    rural = (world.kind[cell] == RURAL).astype(int)
    sister[world.county_cell_list[order], rural[order]] = cell[order]
    return sister
