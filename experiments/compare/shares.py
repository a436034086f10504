"""Which policy of a mix does how much: the Shapley value of each, from runs with parts of the mix."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from experiments.compare.effects import pick
from experiments.compare.living import Progress, live_all
from experiments.compare.measuring import KEYS, measure
from experiments.compare.pairing import Pair, Pairing
from experiments.statistics import LEVEL, t_interval
from simulator.foundations.errors import BadInput, Fault
from simulator.runs import open_run
from simulator.scenario import Scenario

EXACT = 4
"""Most policies for which every part of the mix is lived."""

SHARED = (
    ("talent_pool", "targeted"), ("residents", "targeted"), ("graduate_retention", "targeted"), ("talent_pool", "kind:county_town"),
    ("residents", "kind:rural"), ("employed", "total"), ("unemployment_rate", "total"), ("income_rural", "total"), ("income_ratio", "total"),
    ("left_behind_children", "total"), ("returns_12m", "total"), ("poverty_headcount", "total"),
)  # fmt: skip
"""Outcomes whose effect is divided, where they are known."""


def shapley(players: int, value: Callable[[frozenset[int]], np.ndarray]) -> np.ndarray:
    """Exact Shapley values: [players, ...] from the value of every coalition (Shapley 1953).

    phi_i = sum over S without i of |S|! (p - |S| - 1)! / p! (v(S + i) - v(S)); they sum to v(all) - v(none).
    """
    phi = []
    for i in range(players):
        others = [j for j in range(players) if j != i]
        total = 0.0
        for size in range(players):
            weight = math.factorial(size) * math.factorial(players - size - 1) / math.factorial(players)
            for some in combinations(others, size):
                total = total + weight * (value(frozenset(some) | {i}) - value(frozenset(some)))
        phi.append(total)
    return np.array(phi)


def orders_in_pairs(players: int, pairs: int, seed: int = 1) -> list[tuple[int, ...]]:
    """Random orders and the reverse of each: pairs cancel what is due to coming early or late (antithetic)."""
    luck = np.random.default_rng(seed)
    found = []
    for _ in range(pairs):
        order = tuple(int(i) for i in luck.permutation(players))
        found += [order, order[::-1]]
    return found


def shapley_from_orders(orders: list[tuple[int, ...]], value: Callable[[frozenset[int]], np.ndarray]) -> np.ndarray:
    """Marginal contributions by pair of orders: [pairs, players, ...]; their mean over pairs estimates the Shapley values."""
    marginal = []
    for order in orders:
        one, before = [None] * len(order), frozenset()
        for i in order:
            one[i] = value(before | {i}) - value(before)
            before = before | {i}
        marginal.append(np.array(one))
    both = np.array(marginal)
    return both.reshape(len(orders) // 2, 2, *both.shape[1:]).mean(axis=1)


def coalitions_needed(players: int, orders: list[tuple[int, ...]] | None) -> set[frozenset[int]]:
    """Every part of the mix that must be lived."""
    if orders is None:
        return {frozenset(some) for size in range(players + 1) for some in combinations(range(players), size)}
    return {frozenset(order[:k]) for order in orders for k in range(players + 1)}


def add_shares(found, runs: Path, workers: int | None, orders: int, progress: Progress | None) -> None:
    """Live the parts of the mix and put the table of shares into the comparison.

    Columns: outcome, group, month, policy, mean, lo, hi, se, se_orders, n_pairs, method. To four policies exact; beyond
    that over pairs of random orders, and the standard error holds both the orders and the seeds.
    """
    pairing: Pairing = found.pairing
    players = added_policies(pairing)
    chosen = None if len(players) <= EXACT else orders_in_pairs(len(players), orders)
    needed = coalitions_needed(len(players), chosen)
    lived = {(some, k): part_of(pair, players, some) for some in needed for k, pair in enumerate(pairing.pairs)}
    places = live_all(lived.values(), runs, workers, progress)
    wanted = [(o, g, row.month) for o, g in SHARED if (row := pick(found.effects, o, g)) is not None and not np.isnan(row["mean"])]
    months = sorted({month for _, _, month in wanted})
    numbers: dict[Path, np.ndarray] = {}

    def read(scenario: Scenario) -> np.ndarray:
        folder = places[scenario.hash]
        if folder not in numbers:
            series = measure(open_run(folder), months, found.targeted).set_index(KEYS).value.to_dict()
            numbers[folder] = np.array([series.get(key, np.nan) for key in wanted])
        return numbers[folder]

    values = {some: np.array([read(lived[some, k]) for k in range(len(pairing.pairs))]) for some in needed}
    names = labels_of([pairing.other.policies[i].policy for i in players])
    found.shares = shares_table(len(players), values.__getitem__, chosen, names, wanted)


def added_policies(pairing: Pairing) -> list[int]:
    """Positions in OTHER of the policies that BASE does not have; BadInput where BASE has one that OTHER lacks, or none differ."""
    base, other = pairing.base, pairing.other
    lost = [use.policy for use in base.policies if use not in other.policies]
    if lost:
        raise BadInput(Fault(field="--shares", value=f"{base.name} has {', '.join(lost)}, which {other.name} lacks",
                             remedy="shares need an OTHER that adds policies to BASE"))  # fmt: skip
    players = [i for i, use in enumerate(other.policies) if use not in base.policies]
    if not players:
        raise BadInput(Fault(field="--shares", value=f"{other.name} adds no policy to {base.name}", remedy="leave --shares out"))
    return players


def part_of(pair: Pair, players: list[int], some: frozenset[int]) -> Scenario:
    """The scenario of one side of a pair with some of the added policies only."""
    if not some:
        return pair.base
    if len(some) == len(players):
        return pair.other
    left_out = {players[i] for i in range(len(players)) if i not in some}
    kept = tuple(use for i, use in enumerate(pair.other.policies) if i not in left_out)
    return pair.other.model_copy(update={"policies": kept})


def labels_of(names: Iterable[str]) -> list[str]:
    """Names of the policies, numbered where one stands more than once."""
    names = list(names)
    return [name if names.count(name) == 1 else f"{name} {names[: i + 1].count(name)}" for i, name in enumerate(names)]


def shares_table(players: int, value, orders, names: list[str], wanted: list[tuple]) -> pd.DataFrame:
    """The table of shares from values by coalition, [seeds, outcomes] each."""
    if orders is None:
        by_seed = shapley(players, value)  # [player, seed, outcome]
        found = t_interval(np.moveaxis(by_seed, 1, 0))
        mean, lo, hi, se, n = found.mean, found.lo, found.hi, found.se, by_seed.shape[1]
        se_orders, method = np.zeros_like(mean), "exact"
    else:
        marginal = shapley_from_orders(orders, value)  # [pair of orders, player, seed, outcome]
        pairs, n = marginal.shape[0], marginal.shape[2]
        mean = marginal.mean(axis=(0, 2))
        se_orders = t_interval(marginal.mean(axis=2)).se if pairs > 1 else np.full_like(mean, np.nan)
        se_seeds = t_interval(np.moveaxis(marginal.mean(axis=0), 1, 0)).se
        se = np.sqrt(se_orders**2 + se_seeds**2)
        half = stats.t.ppf(0.5 + LEVEL / 2, max(min(pairs, n) - 1, 1)) * se
        lo, hi, method = mean - half, mean + half, f"{pairs} pairs of orders"
    rows = []
    for k, (outcome, group, month) in enumerate(wanted):
        for i, name in enumerate(names):
            rows.append((outcome, group, month, name, mean[i, k], lo[i, k], hi[i, k], se[i, k], se_orders[i, k], n, method))
    columns = ["outcome", "group", "month", "policy", "mean", "lo", "hi", "se", "se_orders", "n_pairs", "method"]
    return pd.DataFrame(rows, columns=columns)
