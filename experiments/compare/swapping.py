"""What a person would weigh if part of their world were that of another: tables of two worlds, mixed by what they say.

A considerer reads tables: pay, job chances, services, rents, ties, distances and costs. Two worlds
that share their luck differ in these tables and in the people. A mix takes each group of tables from
one world or the other; the choice itself is made by the model's own kernel, which knows nothing of this.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.foundations.units import COLLEGE
from simulator.kernels.choosing import Movers
from simulator.mechanisms import migration

TERMS = ("wage", "job_chance", "services", "housing", "ties", "cost")
"""The groups of terms, in the order of the bits of a mix: bit k set, group k is that of the other world."""

BELONGS = {
    # settlements
    "wage": "wage", "farm_income": "wage", "flexible_pay": "wage", "transfer_income": "wage", "property_income": "wage", "pension": "wage",
    "finding_rate": "job_chance", "separation_rate": "job_chance", "finding_national": "job_chance", "separation_national": "job_chance",
    "tightness": "job_chance",
    "service_supply": "services", "service_stock": "services",
    "rent": "housing", "service_price": "housing", "dwellings": "housing",
    "ties_utility": "ties", "ties_known": "ties",
    # levers
    "wage_floor": "wage", "graduate_grant": "wage", "farm_productivity": "wage",
    "entitlement_open": "services", "hukou_ease": "services",
    "rent_relief": "housing", "housing_orders": "housing", "housing_supply": "housing",
    "moving_cost_relief": "cost", "mobility": "cost", "travel_time": "cost",
    # tables of migration
    "log_hours": "cost", "km": "cost", "base_hours": "cost", "other_county_log": "cost",
}  # fmt: skip
"""Which group a table belongs to. Whatever is not named here stays with the people who read it (sizes of places, residuals)."""

ALL = (1 << len(TERMS)) - 1


def takes(mix: int, term: str) -> bool:
    """Whether a mix takes this group of terms from the other world."""
    return bool(mix >> TERMS.index(term) & 1)


class _Mixed:
    """An object whose attributes come from one of two alike ones, by the group they belong to."""

    def __init__(self, own, other, mix: int):
        self._own, self._other, self._mix = own, other, mix

    def __getattr__(self, name: str):
        term = BELONGS.get(name)
        return getattr(self._other if term is not None and takes(self._mix, term) else self._own, name)


class MixedWorld:
    """A model with the people of one world and, by the bits of `mix`, the tables of another; for reading only."""

    def __init__(self, own, other, mix: int):
        self._own = own
        self.settlements = _Mixed(own.settlements, other.settlements, mix)
        self.levers = _Mixed(own.levers, other.levers, mix)
        self.migration_tables = _Mixed(own.migration_tables, other.migration_tables, mix)

    def __getattr__(self, name: str):
        return getattr(self._own, name)


@dataclass
class Options:
    """What each considerer weighs: place, weight exp(utility - best) and people who would move, [rows, options]."""

    place: np.ndarray
    weight: np.ndarray
    heads: np.ndarray
    count: np.ndarray

    def probabilities(self, r: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(place, heads, probability) of the options of considerer r; the first option is staying."""
        k = self.count[r]
        weight = self.weight[r, :k].astype(np.float64)
        return self.place[r, :k], self.heads[r, :k], weight / weight.sum()


def weigh(model, rows: np.ndarray, other=None, mix: int = 0) -> Options:
    """What the considerers `rows` of `model` weigh this month, with part of the tables of `other` (see `TERMS`).

    The options, their sampling and every equation are those of `choose_places`, kept instead of drawn from.
    Where pay is the other world's, a person's own wage keeps its ratio to the market's where they live.
    """
    own = model
    mixed = own if other is None or mix == 0 else MixedWorld(own, other, mix)
    rows = np.ascontiguousarray(rows, dtype=np.int32)
    places, weights = migration.places_now(mixed, rows), migration.weights_of(mixed)
    if other is not None:
        source = other if takes(mix, "cost") else own
        places = places._replace(move_pay=migration.move_pay(source))
    people = own.persons.bundle(Movers)
    if other is not None and takes(mix, "wage"):
        people = people._replace(wage=wages_elsewhere(own, other))
    width = 2 * weights.m + 8 if not weights.full else 2 * own.world.n + 8
    kept = Options(
        np.zeros((len(rows), width), np.uint16), np.zeros((len(rows), width), np.float32),
        np.zeros((len(rows), width), np.float32), np.zeros(len(rows), np.int32),
    )  # fmt: skip
    to, way = np.empty(len(rows), np.int64), np.empty(len(rows), np.uint8)
    done = migration.run_in_pieces(
        own, migration.choose_places, len(rows), migration.CONSIDERERS, rows, np.int64(own.month), own.seed, people, places, weights, to, way, True,
        kept.place, kept.weight, kept.heads, kept.count,
    )  # fmt: skip
    if len(done) and min(done) < 0:
        own.stop("more options a person than there is room for when choices are weighed")
    return kept


def wages_elsewhere(own, other) -> np.ndarray:
    """Everyone's wage in fen if the market paid where they live what it pays there in the other world."""
    p = own.persons
    wage = p.wage.astype(np.int64)
    held = np.flatnonzero((wage > 0) & (p.alive == 1))
    skill = (p.education[held] == COLLEGE).astype(np.int64)
    place = p.residence[held].astype(np.int64)
    here, there = own.settlements.wage[place, skill], other.settlements.wage[place, skill]
    wage[held] = np.round(wage[held] * np.where(here > 0, there / np.maximum(here, 1e-9), 1.0))
    return wage.astype(p.wage.dtype)
