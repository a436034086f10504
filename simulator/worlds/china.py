"""China as settlements: census counties become city circles, by province or by prefecture."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from simulator.foundations.units import KINDS, RURAL, month_number
from simulator.worlds import cells as make
from simulator.worlds import services, targets, travel
from simulator.worlds.census import Counties, Nation, panel, read_counties, read_nation
from simulator.worlds.joint import JOBS, fit_people, fit_work, mix_sectors, of_working_age
from simulator.worlds.origins import TARGETS, home_kinds, home_provinces, homes_in_province, rural_hukou
from simulator.worlds.tables import WorldTables

KINDS_EN = ("core", "inner ring", "outer ring", "county towns", "countryside")
KINDS_ZH = ("核心区", "近郊", "远郊", "县城", "乡村")
BUDGETS = ("total", "education", "science", "agri_forest_water")
DEFLATOR = {2010: 0.78, 2020: 1.0}
PREFECTURE_FAST = 1_000_000
"""Residents of a core from which fast trains leave at the prefecture level (assumed)."""


def build_china(name: str, level: str, data: Path, drivers: dict, base_year: int) -> WorldTables:
    """The tables of a world of provinces or prefectures for the 2020 or the 2010 census."""
    nation = read_nation(data)
    counties = read_counties(data, nation, base_year)
    assumed = standing_assumptions(base_year)
    if level == "provinces":
        circle_of, labels = counties.province, nation.province_code.astype(str)
        names_en, names_zh = nation.province_en, nation.province_zh
    else:
        merged, rows = make.merge_circles(counties.city, counties.population, nation)
        assumed += rows
        used, circle_of = np.unique(merged, return_inverse=True)
        labels, names_zh = nation.city_code[used], nation.city_zh[used]
        owner = nation.province_en[nation.city_province[used]]
        names_en = np.array([f"{p} {code}" for p, code in zip(owner, labels, strict=True)])
    parts = make.split_units(counties, circle_of)
    if level == "provinces":
        parts, rows = make.complete_kinds(parts, counties.code, len(labels), names_en)
    else:
        rows = make.merge_small(parts, len(labels), names_en)
    assumed += rows
    cells = make.gather(parts)
    kind, circle, counts = cells.kind, cells.circle, cells.counts
    population = counts["population"]
    province_of_circle = np.zeros(len(labels), dtype=int)
    province_of_circle[circle_of] = counties.province
    province = province_of_circle[circle]
    people = fit_people(counts, base_year)
    work = fit_work(people, counts, JOBS[base_year])
    place = _places(nation, counties, circle_of, circle, kind, labels, province_of_circle, population, level, base_year)
    local = counts["migrants"][:, 0]
    units = np.diff(cells.county_start)
    home_kind = home_kinds(province, len(nation.province_code), kind, local)
    shape = counts["rural_hukou"] / np.maximum(local, 1) if base_year == 2010 else None
    local_rural, migrant_rural, hukou = rural_hukou(kind, people, work, shape, TARGETS[base_year])
    aims = TARGETS[base_year]
    assumed += [
        (f"hukou: {what}", value, f"expected value with `work`; published {aims[what]:,.3f}" if what in aims else "factor solved")
        for what, value in hukou.items()
    ]
    net, relabelled = _targets(nation, counties, circle_of, circle, kind, cells, province_of_circle, home_kind, base_year)
    adults = of_working_age(people).sum(axis=1)
    jobs = (adults[:, :, None] * work).sum(axis=1)
    r0 = targets.solve_relabel_rate(kind, population, jobs[:, :2], relabelled)
    assumed.append(("people re-labelled a year at the base", float(relabelled), "share .40 of urban growth net of natural growth"))
    gdp, budget = panel(nation, "gdp_pc_yuan", base_year), panel(nation, "budget_total_100m", base_year)
    residents = np.bincount(province, population)
    transport, digital = services.infrastructure(gdp[province], kind, counts)
    rank = np.argsort(np.argsort(gdp)) / len(gdp)
    income = [panel(nation, f"inc_{side}", base_year) / DEFLATOR[base_year] for side in ("urban", "rural")]
    spending = [panel(nation, f"budget_{part}_100m", base_year) for part in BUDGETS]
    county_start, county_list = cells.county_start, cells.county_list
    household = cells.rates["household"]
    return WorldTables(
        name=name, level=level, base_month=month_number(base_year, 11),
        code=np.array([f"{labels[c]}-{KINDS[k]}" for c, k in zip(circle, kind, strict=True)]),
        name_en=np.array([f"{names_en[c]} {KINDS_EN[k]}" for c, k in zip(circle, kind, strict=True)]),
        name_zh=np.array([f"{names_zh[c]}{KINDS_ZH[k]}" for c, k in zip(circle, kind, strict=True)]),
        kind=kind, rural_class=services.class_of_countryside(kind, rank[province]),
        circle=(circle + 1).astype(np.uint16), province=province.astype(np.uint16),
        coastal=nation.coastal[province], lon=place["lon"], lat=place["lat"], area_km2=place["area"],
        arable_km2=services.share_arable(base_year, counts["farmers"]), population=population,
        dwellings=population / household * services.VACANCY[kind],
        strictness=services.hukou_strictness(panel(nation, "hukou_difficulty_1to3_kwl", base_year)[province], kind).astype("f4"),
        university_places=services.place_universities(
            1e4 * panel(nation, "he_new_students_10k", base_year), province, kind, counts
        ),
        transport=transport.astype("f4"), digital=digital.astype("f4"),
        service_supply=services.supply_services(counts, kind, (1e8 * budget / residents)[province]).astype("f4"),
        province_code=nation.province_code, province_en=nation.province_en, province_zh=nation.province_zh,
        income_urban=income[0], income_rural=income[1], local_budget=1e8 * np.stack(spending, axis=1) / DEFLATOR[base_year],
        county_code=counties.code, county_cell_start=county_start, county_cell_list=county_list,
        county_cell_weight=cells.county_weight,
        people=people.astype("f4"), work=work.astype("f4"),
        sector_mix=mix_sectors(counts["sectors"], kind, base_year).astype("f4"),
        home_province=home_provinces(nation.lifetime[2010]).astype("f4"), home_kind=home_kind.astype("f4"),
        same_province_home=homes_in_province(province, kind, local, place["hours"], units).astype("f4"),
        rural_hukou_local=local_rural.astype("f4"), rural_hukou_migrant=migrant_rural.astype("f4"),
        children_ever_born=services.relative(cells.rates["children"], people[:, :, 5:8, 1].sum(axis=(1, 2, 3))).astype("f4"),
        mortality_shape=services.relative(cells.rates["mortality"], counts["ages"][:, 14:].sum(axis=1)).astype("f4"),
        household_size=household.astype("f4"),
        hours=place["hours"].astype("f4"), edges=place["edges"],
        net_migration=net, relabel_rate=r0, drivers=drivers, assumed=tuple(assumed),
    )  # fmt: skip


def _places(nation: Nation, counties: Counties, circle_of, circle, kind, labels, province_of_circle, population, level, year) -> dict:
    """Positions, areas, edges and hours of the settlements."""
    people = np.bincount(counties.city, counties.population, len(nation.city_code))
    km_city = travel.great_circle_km(nation.city_lon, nation.city_lat)
    circles = len(labels)
    member = np.zeros((len(nation.city_code), circles))  # people of a prefecture in a circle
    np.add.at(member, (counties.city, circle_of), counties.population)
    share = member / member.sum(axis=0)
    lon, lat = nation.city_lon @ share, nation.city_lat @ share
    owned = np.where(people > 0, member.argmax(axis=1), -1)
    idle = owned < 0  # prefectures made after the census: their land lies in the nearest that existed
    owned[idle] = owned[~idle][np.argmin(km_city[np.ix_(idle, ~idle)], axis=1)] if idle.any() else owned[idle]
    circle_area = np.bincount(owned, nation.city_area, circles)
    hub = travel.hubs(circle, kind)
    if level == "provinces":
        km = share.T @ km_city @ share  # mean distance of prefectures, weighted by people
        stretch = np.clip(np.sqrt(np.diag(km) / np.average(np.diag(km), weights=member.sum(axis=0))), 0.6, 1.6)
        neighbours, fast = nation.adjacent, np.ones(circles, dtype=bool)
    else:
        km = travel.great_circle_km(lon, lat)
        radius = np.sqrt(circle_area / np.pi)
        stretch = np.clip(np.sqrt(radius / np.median(radius)), 0.7, 1.6)
        neighbours = travel.nearest(km, 6)
        capital = [np.flatnonzero(province_of_circle == p)[0] for p in range(len(nation.province_code))]
        for c, p in enumerate(province_of_circle):
            neighbours[c, capital[p]] = neighbours[capital[p], c] = c != capital[p]
        for a in capital:
            for b in capital:
                neighbours[a, b] |= nation.adjacent[province_of_circle[a], province_of_circle[b]]
        fast = (population[hub] >= PREFECTURE_FAST) & (kind[hub] == 0)
        fast[capital] = True
    edges = travel.circle_edges(circle, kind, stretch) + travel.between_edges(hub, km, neighbours, fast, travel.RAIL_KMH[year])
    x, y = travel.place_cells(circle, kind, lon, lat, circle_area, labels)
    return {
        "lon": x, "lat": y, "area": services.share_area(circle_area, circle, kind, population),
        "edges": np.array(edges, dtype=np.float64), "hours": travel.all_hours(len(kind), edges),
    }  # fmt: skip


def _targets(nation: Nation, counties, circle_of, circle, kind, cells, province_of_circle, home_kind, year):
    """Net moves by settlement and people re-labelled, a year, of the base year."""
    if year == 2010:
        province = province_of_circle[circle]
        return targets.targets_2010(province, kind, cells.counts, nation.lifetime, home_kind)
    circles = len(province_of_circle)
    side = np.zeros((2, circles))
    known = ~np.isnan(nation.city_2010).any(axis=1)
    city_circle = np.full(len(nation.city_code), -1)
    city_circle[counties.city] = circle_of
    for s in (0, 1):
        has = known & (city_circle >= 0)
        side[s] = np.bincount(city_circle[has], nation.city_2010[has, s], circles)
    now = np.bincount(circle, cells.counts["population"], circles)
    urban_now = np.bincount(circle[kind != RURAL], cells.counts["population"][kind != RURAL], circles)
    blank = side.sum(axis=0) < 0.2 * now  # corps cities and islands: no 2010 figure on this boundary
    side[0, blank], side[1, blank] = urban_now[blank] * 0.75, now[blank] * 0.95 - urban_now[blank] * 0.75
    births = np.stack([panel(nation, "birth_rate_permille", y) for y in range(2011, 2021)]).mean(axis=0)
    net, relabelled = targets.targets_2020(
        circle, kind, cells.counts, cells.rates, side[0], side[1], births, province_of_circle
    )
    return net, relabelled.sum()


def standing_assumptions(year: int) -> list:
    """What every Chinese world assumes because no table exists, with the reason."""
    return [
        ("odds of college, farm work, migrant, 65+ in a county's urban part", "4, 1/8, 3, .7", "census tables give whole counties only"),
        ("joint table of residents", "seeds of joint.py", "the census gives margins; seeds set age by schooling and migrant profiles"),
        ("homes of inter-provincial migrants", "birthplace rows of 2010", "no hukou-based matrix of the census exists"),
        ("homes within the province", "gravity toward county towns and countryside", "no table below the province"),
        ("jobs of people over 64", "given to people of working age", "the survey counts all ages"),
        ("travel inside circles", "travel.CIRCLE_HOURS", "no travel times; typical metropolitan commutes"),
        ("area and arable land of settlements", "shared by residents and farmers", "no county areas or land tables"),
        ("transport and digital index", "provincial product a head and kind", "no infrastructure tables"),
        ("elder care, housing support, culture, child welfare", "provincial budget and kind", "no tables by county"),
        ("students by kind of place", ".70 core, .25 inner ring, .05 county towns", "entrants are known by province"),
        ("hukou strictness by kind", "1, .8, .5, 0, 0 of the province's level", "the index is by province"),
        ("jobs a sector", "unlisted industries shared", f"the {year} long form lists {'sixteen' if year == 2020 else 'four'} columns"),
        ("mortality by place", "death rates of 2010, standardised by age", "no county deaths of 2020"),
        ("dwellings", "households, a tenth more in the countryside", "no count of empty dwellings"),
        ("rural classes", "quarters of provincial product a head", "plans are not in the data"),
    ]  # fmt: skip
