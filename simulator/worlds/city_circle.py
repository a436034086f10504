"""A small synthetic city circle, with a far coast, for teaching and tests: fifty settlements, 3,000 people.

Nothing here is a count of a real place. Shares by kind follow the gradients that the 2020 census
shows between Chinese districts, counties and countryside, rounded.
"""

from __future__ import annotations

import numpy as np

from simulator.foundations.units import CORE, COUNTY_TOWN, INNER_RING, KINDS, OUTER_RING, RURAL, month_number
from simulator.worlds import services, targets, travel
from simulator.worlds.joint import fit_people, fit_work, mix_sectors, of_working_age
from simulator.worlds.origins import home_kinds, homes_in_province, rural_hukou
from simulator.worlds.tables import WorldTables

LAYOUT = (
    # circle, kind, how many, people in each
    (0, CORE, 1, 600), (0, INNER_RING, 3, 150), (0, OUTER_RING, 4, 60), (0, COUNTY_TOWN, 8, 45), (0, RURAL, 32, 25),
    (1, CORE, 1, 450), (1, RURAL, 1, 100),
)  # fmt: skip
NAMES = (("Heping", "和平"), ("Coast", "沿海"))
KINDS_EN = ("core", "ring", "outskirts", "town", "village")
KINDS_ZH = ("核心区", "近郊", "远郊", "县城", "乡村")

EDUCATION = np.array([
    [0.24, 0.27, 0.18, 0.31], [0.29, 0.33, 0.18, 0.20], [0.35, 0.38, 0.15, 0.12], [0.34, 0.37, 0.16, 0.13],
    [0.48, 0.39, 0.09, 0.04],
])  # fmt: skip
MIGRANTS = np.array([
    [0.50, 0.20, 0.18, 0.12], [0.52, 0.18, 0.15, 0.15], [0.62, 0.16, 0.11, 0.11], [0.66, 0.22, 0.08, 0.04],
    [0.92, 0.04, 0.02, 0.02],
])  # fmt: skip
YOUNG = np.array([0.14, 0.16, 0.17, 0.19, 0.20])
OLD = np.array([0.11, 0.10, 0.13, 0.11, 0.18])
EMPLOYED = np.array([0.70, 0.72, 0.71, 0.68, 0.70])
FARM = np.array([0.01, 0.05, 0.15, 0.15, 0.52])
SECTORS = np.array([
    [0.18, 0.50, 0.15, 0.17], [0.30, 0.46, 0.08, 0.16], [0.30, 0.46, 0.06, 0.18], [0.18, 0.53, 0.06, 0.23],
    [0.24, 0.58, 0.03, 0.15],
])  # fmt: skip
TEACHERS = np.array([0.024, 0.021, 0.019, 0.022, 0.015])
NURSES = np.array([0.015, 0.011, 0.009, 0.011, 0.006])
CHILDREN = np.array([0.80, 0.90, 1.0, 1.0, 1.2])
HOUSEHOLD = np.array([2.4, 2.5, 2.7, 2.8, 3.0])
MOVES = np.array([0.014, 0.016, 0.004, 0.006, -0.024])
"""Net moves a year by kind, share of residents."""
BUDGET_A_HEAD, BUDGET_PARTS = np.array([14_000.0, 18_000.0]), np.array([1.0, 0.165, 0.028, 0.111])
"""Yuan a year; of that education, science, and agriculture, forestry and water: the shares of 2020."""
INCOME_URBAN, INCOME_RURAL = np.array([38_000.0, 58_000.0]), np.array([15_500.0, 24_000.0])


def build_city_circle(card: dict, drivers: dict, base_year: int) -> WorldTables:
    """The synthetic circle; the same at every call."""
    circle = np.concatenate([np.full(m, c) for c, _, m, _ in LAYOUT])
    kind = np.concatenate([np.full(m, k, dtype=np.uint8) for _, k, m, _ in LAYOUT])
    people_in = np.concatenate([np.full(m, p, dtype=float) for _, _, m, p in LAYOUT])
    n, order = len(kind), np.concatenate([np.arange(m) for _, _, m, _ in LAYOUT])
    # larger and smaller places of a kind: a fixed alternation around the mean that keeps the total
    many = np.concatenate([np.full(m, m) for _, _, m, _ in LAYOUT])
    people_in *= 1 + 0.4 * np.where(many > 1, (order - (many - 1) / 2) / np.maximum(many - 1, 1), 0)
    counts = _margins(kind, people_in)
    people = fit_people(counts, 2020)
    adults = of_working_age(people).sum(axis=(1, 2))
    employed = float((EMPLOYED[kind] * adults).sum())
    work = fit_work(people, counts, (employed, float((EMPLOYED * FARM)[kind] @ adults)))
    jobs = (of_working_age(people).sum(axis=1)[:, :, None] * work).sum(axis=1)
    away = float((of_working_age(people)[:, 2:] * work[:, None, :, 0]).sum())
    local, migrant, _ = rural_hukou(kind, people, work, None, {"urban_hukou": 0.42, "outgoing": 0.80 * away})
    edges, lon, lat = _roads(circle, kind, order)
    hours = travel.all_hours(n, edges)
    units = np.ones(n)
    net = MOVES[kind] * people_in
    net -= net.sum() * people_in / people_in.sum()
    relabelled = 0.002 * people_in[kind != RURAL].sum()
    transport, digital = services.infrastructure(np.array([55_000.0, 95_000.0])[circle], kind, counts)
    village = services.class_of_countryside(kind, np.where(circle == 1, 0.9, (order % 8) / 8))
    area = np.array([120.0, 160.0, 300.0, 60.0, 90.0])[kind]
    label = [f"{NAMES[c][0]} {KINDS_EN[k]}" for c, k in zip(circle, kind, strict=True)]
    label_zh = [f"{NAMES[c][1]}{KINDS_ZH[k]}" for c, k in zip(circle, kind, strict=True)]
    return WorldTables(
        name=card["name"], level=card["level"], base_month=month_number(base_year, 11),
        code=np.array([f"{c + 1}-{KINDS[k]}-{o + 1:02d}" for c, k, o in zip(circle, kind, order, strict=True)]),
        name_en=np.array([f"{t} {o + 1}" if m > 1 else t for t, o, m in zip(label, order, many, strict=True)]),
        name_zh=np.array([f"{t}{o + 1}" if m > 1 else t for t, o, m in zip(label_zh, order, many, strict=True)]),
        kind=kind, rural_class=village, circle=(circle + 1).astype(np.uint16), province=circle.astype(np.uint16),
        coastal=(circle == 1).astype(np.uint8), lon=lon, lat=lat, area_km2=area,
        arable_km2=services.ARABLE_KM2[2020] / 1.41e9 * 3000 * counts["farmers"] / counts["farmers"].sum(),
        population=people_in, dwellings=people_in / HOUSEHOLD[kind] * services.VACANCY[kind],
        strictness=(services.STRICT_KIND[kind] * np.array([0.2, 0.8])[circle]).astype("f4"),
        university_places=services.place_universities(np.array([14.0, 6.0]), circle, kind, counts),
        transport=transport.astype("f4"), digital=digital.astype("f4"),
        service_supply=services.supply_services(counts, kind, BUDGET_A_HEAD[circle]).astype("f4"),
        province_code=np.array([1, 2], dtype=np.int32),
        province_en=np.array([name for name, _ in NAMES]), province_zh=np.array([name for _, name in NAMES]),
        income_urban=INCOME_URBAN, income_rural=INCOME_RURAL,
        local_budget=np.outer(np.bincount(circle, people_in) * BUDGET_A_HEAD, BUDGET_PARTS),
        county_code=np.array([f"S{i:03d}" for i in range(n)]),
        county_cell_start=np.arange(n + 1, dtype=np.int32), county_cell_list=np.arange(n, dtype=np.uint16),
        county_cell_weight=people_in.copy(),
        people=people.astype("f4"), work=work.astype("f4"),
        sector_mix=mix_sectors(counts["sectors"], kind, 2020).astype("f4"),
        home_province=np.array([[0, 1], [1, 0]], dtype="f4"),
        home_kind=home_kinds(circle, 2, kind, counts["migrants"][:, 0]).astype("f4"),
        same_province_home=homes_in_province(circle, kind, counts["migrants"][:, 0], hours, units).astype("f4"),
        rural_hukou_local=local.astype("f4"), rural_hukou_migrant=migrant.astype("f4"),
        children_ever_born=services.relative(CHILDREN[kind], people[:, :, 5:8, 1].sum(axis=(1, 2, 3))).astype("f4"),
        mortality_shape=np.ones(n, dtype="f4"), household_size=HOUSEHOLD[kind].astype("f4"),
        hours=hours.astype("f4"), edges=np.array(edges), net_migration=net,
        relabel_rate=targets.solve_relabel_rate(kind, people_in, jobs[:, :2], relabelled), drivers=drivers,
        assumed=(("everything but the drivers", "synthetic", "a teaching circle, not a real place"),),
    )  # fmt: skip


def _margins(kind: np.ndarray, people: np.ndarray) -> dict:
    """Census-like margins of each settlement, from the shares by kind."""
    shape = np.array([1.0, 4.2, 5.4, 5.3, 5.2, 5.4, 6.6, 8.8, 7.0, 6.6, 8.1, 8.6, 7.2, 5.2, 5.2, 3.5, 2.2, 1.5, 1.1])
    band = np.array([0] * 4 + [1] * 10 + [2] * 5)
    total = np.bincount(band, shape)
    wanted = np.stack([YOUNG, 1 - YOUNG - OLD, OLD], axis=1)[kind]
    ages = people[:, None] * wanted[:, band] * (shape / total[band])
    farmers = people * 0.62 * EMPLOYED[kind] * FARM[kind]
    nonfarm = people * 0.62 * EMPLOYED[kind] * (1 - FARM[kind])
    return {
        "population": people, "male": 0.512 * people, "ages": ages,
        "education": people[:, None] * EDUCATION[kind], "migrants": people[:, None] * MIGRANTS[kind],
        "employed": farmers + nonfarm, "farmers": farmers, "sectors": nonfarm[:, None] * SECTORS[kind],
        "teachers": people * TEACHERS[kind], "health": people * NURSES[kind],
    }  # fmt: skip


def _roads(circle, kind, order) -> tuple[list, np.ndarray, np.ndarray]:
    """Edges and positions: rings and towns on four roads out of the core, four villages round each town."""
    n = len(kind)
    core, coast = int(np.flatnonzero((circle == 0) & (kind == CORE))[0]), int(np.flatnonzero((circle == 1) & (kind == CORE))[0])
    town = np.flatnonzero(kind == COUNTY_TOWN)
    reach, angle = np.zeros(n), np.zeros(n)
    edges = [(core, coast, 5.0)]
    for i in range(n):
        angle[i] = 2 * np.pi * (order[i] % 4) / 4 + 0.35 * kind[i]
        if circle[i] == 1 and i != coast:
            edges.append((coast, i, 0.8))
            reach[i] = 40
        elif kind[i] in (INNER_RING, OUTER_RING):
            hours = 0.5 if kind[i] == INNER_RING else 0.9
            edges.append((core, i, hours))
            reach[i] = 60 * hours
        elif kind[i] == COUNTY_TOWN:
            hours = 1.1 + 0.15 * order[i]
            edges.append((core, i, hours))
            edges.append((i, int(town[(order[i] + 1) % len(town)]), 1.2))
            angle[i] = 2 * np.pi * order[i] / len(town)
            reach[i] = 60 * hours
        elif kind[i] == RURAL:
            seat = int(town[order[i] % len(town)])
            hours = 0.4 + 0.1 * (order[i] // len(town)) + 0.05
            edges.append((seat, i, hours))
            angle[i] = angle[seat] + 0.12 * (order[i] // len(town) - 1.5)
            reach[i] = reach[seat] + 50 * hours - 18
    lon = 111.0 + 9.0 * (circle == 1) + reach * np.cos(angle) / 95
    lat = 31.0 + reach * np.sin(angle) / 111
    return edges, lon, lat
