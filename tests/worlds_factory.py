"""Small made-up worlds for tests: a few settlements whose margins can be checked by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from simulator.foundations.units import AGE_GROUP_START, KINDS, RURAL, RURAL_CLASSES, month_number
from simulator.worlds.tables import WorldTables

AGE_SHARES = np.array([1.0, 4.6, 6.4, 6.0, 5.2, 5.3, 6.5, 8.8, 7.0, 6.6, 8.1, 8.6, 7.2, 5.2, 5.2, 3.5, 2.2, 1.4, 1.2])
"""Of 100 people, how many in each age group; near the census of 2020."""

URBAN_EDUCATION, RURAL_EDUCATION = (0.18, 0.33, 0.22, 0.27), (0.38, 0.44, 0.12, 0.06)
MIGRANT_SHARES = {"urban": (0.55, 0.15, 0.18, 0.12), "rural": (0.92, 0.04, 0.025, 0.015)}
SECTORS_URBAN, SECTORS_RURAL = (0.25, 0.40, 0.12, 0.05, 0.02, 0.16), (0.35, 0.38, 0.02, 0.03, 0.10, 0.12)
KIND_WEIGHT = (0.20, 0.16, 0.05, 0.24, 0.35)


def tiny_world(
    n_settlements: int = 10,
    people: float | Sequence[float] = 4_000_000,
    *,
    kinds: Sequence[int] | None = None,
    provinces: Sequence[int] | None = None,
    circles: Sequence[int] | None = None,
    hours: np.ndarray | None = None,
    migrants: Mapping[str, Sequence[float]] = MIGRANT_SHARES,
    drivers: dict | None = None,
    base_month: int = month_number(2020, 11),
    level: str = "provinces",
    relabel_rate: float = 0.02,
    net_migration: np.ndarray | None = None,
) -> WorldTables:
    """A whole country in a few settlements; every array is read-only.

    By default a circle is one settlement of each kind, and each circle is a province. `people` is
    the country's total (split by kind) or one number a settlement; `hours` the travel times.
    """
    n = n_settlements
    kind = np.array([i % 5 for i in range(n)] if kinds is None else kinds, dtype=np.uint8)
    circle = np.array([i // 5 + 1 for i in range(n)] if circles is None else circles, dtype=np.uint16)
    province = np.array(circle - 1 if provinces is None else provinces, dtype=np.uint16)
    P = int(province.max()) + 1
    residents = _residents(people, kind)
    rural = kind == RURAL
    hours = _hours(circle, kind) if hours is None else np.asarray(hours, dtype=np.float32)
    start, listed, weight, codes = _counties(circle, kind, residents)
    table = _people(residents, rural, province, P, migrants)
    home_province, home_kind, same_province = _homes(province, P, residents, rural)
    share = np.where(rural, 0.95, 0.25).astype(np.float32)
    world = WorldTables(
        name="tiny", level=level, base_month=base_month,
        code=np.array([f"T{i:03d}" for i in range(n)]),
        name_en=np.array([f"{KINDS[k].replace('_', ' ')} {c}" for k, c in zip(kind, circle, strict=True)]),
        name_zh=np.array([f"聚落{i + 1}" for i in range(n)]),
        kind=kind,
        rural_class=np.where(rural, 1 + circle % (len(RURAL_CLASSES) - 1), 0).astype(np.uint8),
        circle=circle, province=province,
        coastal=(province % 2 == 0).astype(np.uint8),
        lon=105.0 + 2.0 * circle + 0.2 * kind, lat=30.0 + 1.0 * circle + 0.1 * kind,
        area_km2=np.where(rural, 9_000.0, 300.0), arable_km2=np.where(rural, 3_000.0, 10.0),
        population=residents, dwellings=residents / 2.6,
        strictness=np.array([0.8, 0.6, 0.4, 0.1, 0.0], dtype=np.float32)[kind],
        university_places=residents * 0.006 * np.array([2.5, 1.5, 1.0, 0.2, 0.0])[kind],
        transport=np.where(rural, 0.8, 1.1).astype(np.float32), digital=np.where(rural, 0.7, 1.2).astype(np.float32),
        service_supply=np.repeat(np.where(rural, 0.8, 1.1).astype(np.float32)[:, None], 6, axis=1),
        province_code=np.array([11 + p for p in range(P)], dtype=np.int32),
        province_en=np.array([f"Province {p + 1}" for p in range(P)]),
        province_zh=np.array([f"省{p + 1}" for p in range(P)]),
        income_urban=np.linspace(52_000.0, 38_000.0, P), income_rural=np.linspace(21_000.0, 14_000.0, P),
        local_budget=np.outer(np.bincount(province, residents, P) * 15_000.0, [1.0, 0.165, 0.028, 0.111]),
        county_code=codes, county_cell_start=start, county_cell_list=listed, county_cell_weight=weight,
        people=table,
        work=np.where(
            rural[:, None, None],
            np.array([[[0.30, 0.48, 0.22], [0.50, 0.33, 0.17], [0.58, 0.25, 0.17], [0.75, 0.10, 0.15]]]),
            np.array([[[0.50, 0.08, 0.42], [0.62, 0.05, 0.33], [0.64, 0.02, 0.34], [0.78, 0.005, 0.215]]]),
        ).astype(np.float32),
        sector_mix=np.where(rural[:, None], SECTORS_RURAL, SECTORS_URBAN).astype(np.float32),
        home_province=home_province, home_kind=home_kind, same_province_home=same_province,
        rural_hukou_local=share,
        rural_hukou_migrant=np.tile(np.array([0.75, 0.7, 0.8], dtype=np.float32), (n, 1)),
        children_ever_born=np.where(rural, 1.25, 0.88).astype(np.float32),
        mortality_shape=np.where(rural, 1.1, 0.94).astype(np.float32),
        household_size=np.where(rural, 2.9, 2.5).astype(np.float32),
        hours=hours, edges=np.array([(i, j, hours[i, j]) for i in range(n) for j in range(i + 1, n)]).reshape(-1, 3),
        net_migration=_net(residents, rural) if net_migration is None else np.asarray(net_migration, dtype=float),
        relabel_rate=relabel_rate,
        drivers={} if drivers is None else drivers,
        assumed=(("everything", "made up", "a world for tests"),),
    )  # fmt: skip
    for value in vars(world).values():
        if isinstance(value, np.ndarray):
            value.setflags(write=False)
    return world


def _residents(people: float | Sequence[float], kind: np.ndarray) -> np.ndarray:
    if np.ndim(people):
        return np.asarray(people, dtype=float)
    weight = np.array(KIND_WEIGHT)[kind] * (1.0 + 0.1 * (np.arange(len(kind)) // 5))
    return float(people) * weight / weight.sum()


def _hours(circle: np.ndarray, kind: np.ndarray) -> np.ndarray:
    """Half an hour inside, up to two inside a circle, two and a half more for each circle between."""
    apart = np.abs(circle[:, None].astype(int) - circle[None, :])
    near = 0.3 + 0.25 * (kind[:, None].astype(float) + kind[None, :])
    hours = near + 2.5 * apart
    np.fill_diagonal(hours, 0.3 + 0.1 * kind)
    return hours.astype(np.float32)


def _counties(circle: np.ndarray, kind: np.ndarray, residents: np.ndarray) -> tuple:
    """Two counties a circle across its county towns and rural cells, two of its own for each other cell."""
    lists, weights, codes = [], [], []
    shared: dict[int, list[int]] = {}
    for c, k, r in zip(circle.tolist(), kind.tolist(), residents.tolist(), strict=True):
        numbers = shared.get(c) if k >= 3 else None
        if numbers is None:
            numbers = [len(codes), len(codes) + 1]
            codes += [f"{10_000 + number}" for number in numbers]
            if k >= 3:
                shared[c] = numbers
        lists.append(numbers)
        weights.append([0.6 * r, 0.4 * r])
    start = np.cumsum([0, *map(len, lists)]).astype(np.int32)
    return start, np.concatenate(lists).astype(np.uint16), np.concatenate(weights), np.array(codes)


def _people(residents, rural, province, P, migrants) -> np.ndarray:
    """[n, class, age, sex, education]; migrants are younger, the rural old; men and women in equal number."""
    start = np.array(AGE_GROUP_START)
    table = np.zeros((len(residents), 4, 19, 2, 4), dtype=np.float32)
    for i, r in enumerate(residents):
        classes = np.array(migrants["rural" if rural[i] else "urban"], dtype=float)
        if P == 1:
            classes = np.array([classes[0], classes[1], classes[2] + classes[3], 0.0])
        education = np.array(RURAL_EDUCATION if rural[i] else URBAN_EDUCATION)
        for c in range(4):
            age = AGE_SHARES * (np.where((start >= 15) & (start < 50), 2.0, 0.6) if c else 1.0)
            age = age * (np.where(start >= 60, 1.3, 1.0) if rural[i] else 1.0)
            age /= age.sum()
            for a in range(19):
                levels = education.copy()
                if start[a] < 10:
                    levels[:] = (1, 0, 0, 0)
                elif start[a] < 15:
                    levels[:] = (0.8, 0.2, 0, 0)
                elif start[a] < 20:
                    levels[:] = (0.05, 0.45, 0.40, 0.10) if rural[i] else (0.02, 0.30, 0.43, 0.25)
                elif start[a] < 25 and not rural[i]:
                    levels[:] = (0.03, 0.25, 0.22, 0.50)
                table[i, c, a] = r * classes[c] * age[a] * 0.5 * levels / levels.sum()
    return table


def _homes(province, P, residents, rural) -> tuple:
    home_province = np.zeros((P, P), dtype=np.float32)
    for p in range(P):
        for q in range(P):
            home_province[p, q] = 0.0 if p == q else residents[province == q].sum() / (1 + abs(p - q))
        if P > 1:
            home_province[p] /= max(home_province[p].sum(), 1e-9)
    pull = residents * np.where(rural, 3.0, 1.0)
    home_kind = np.where(province[None, :] == np.arange(P)[:, None], pull[None, :], 0.0)
    home_kind /= np.maximum(home_kind.sum(axis=1, keepdims=True), 1e-9)
    same = np.where(province[None, :] == province[:, None], pull[None, :], 0.0)
    same /= np.maximum(same.sum(axis=1, keepdims=True), 1e-9)
    return home_province, home_kind.astype(np.float32), same.astype(np.float32)


def _net(residents, rural) -> np.ndarray:
    """Rural cells lose 1 % a year, the others gain it in proportion to their people; one kind alone: nothing."""
    if rural.all() or not rural.any():
        return np.zeros(len(residents))
    lost = 0.01 * residents[rural].sum()
    return np.where(rural, -0.01 * residents, lost * residents / max(residents[~rural].sum(), 1e-9))
