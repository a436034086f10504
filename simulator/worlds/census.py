"""The country's counties as a population census counts them.

Reads the raw tables of `configs/worlds/china-data` into one set of arrays a county unit, without
imputing anything except where a unit's cell is blank (then the province's rate).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

AGE_COLUMNS = (
    "age_0", "age_1_4", "age_5_9", "age_10_14", "age_15_19", "age_20_24", "age_25_29", "age_30_34", "age_35_39",
    "age_40_44", "age_45_49", "age_50_54", "age_55_59", "age_60_64", "age_65_69", "age_70_74", "age_75_79",
    "age_80_84", "age_85p",
)  # fmt: skip
LONG_FORM = 10.0
"""People of the nation for one in the census's long form (about a tenth answer it)."""

CODE_CHANGES = {
    "5222": "520600", "5224": "520500", "5421": "540300", "5422": "540500", "5423": "540200", "5424": "540600",
    "5426": "540400", "6321": "630200", "6521": "650400", "6522": "650500", "3712": "370100", "3414": "340100",
}  # fmt: skip
"""Prefecture codes of 2010 and the code of the same place in 2020; Chaohu and Laiwu joined the capital."""
ZONES_2010 = {23: "232700", 45: "451100", 46: "460300", 63: "632800"}
"""Units of 2010 without a code, by province: the prefecture they lie in."""


@dataclass(frozen=True)
class Nation:
    """Provinces and prefectures that do not depend on the census year."""

    province_code: np.ndarray
    province_en: np.ndarray
    province_zh: np.ndarray
    coastal: np.ndarray
    city_code: np.ndarray
    city_zh: np.ndarray
    city_province: np.ndarray
    city_lon: np.ndarray
    city_lat: np.ndarray
    city_area: np.ndarray
    city_2010: np.ndarray  # [cities, 2] urban and rural population of 2010 on 2020 boundaries, NaN where unknown
    adjacent: np.ndarray  # [P, P] bool
    lifetime: dict  # year -> [P residence, P birth] people, diagonal 0
    panel: pd.DataFrame


@dataclass(frozen=True)
class Counties:
    """One row a county-level unit; counts are people."""

    year: int
    code: np.ndarray
    zh: np.ndarray
    province: np.ndarray
    city: np.ndarray  # row of Nation.city_code
    district: np.ndarray  # bool: a city district, zone, or prefecture without counties
    population: np.ndarray
    urban: np.ndarray
    male: np.ndarray
    migrants: np.ndarray  # [C, 4] by units.MIGRANT_CLASSES
    ages: np.ndarray  # [C, 19]
    education: np.ndarray  # [C, 4]
    employed: np.ndarray
    farmers: np.ndarray
    sectors: np.ndarray  # [C, 4] non-farm jobs: manufacturing, local services, knowledge, public
    teachers: np.ndarray
    health_staff: np.ndarray
    children_ever_born: np.ndarray  # relative to the nation
    mortality: np.ndarray  # relative to the nation at equal age
    household_size: np.ndarray
    rural_hukou: np.ndarray  # share of the registered; NaN where the year has no such table


@cache
def read_nation(folder: Path) -> Nation:
    """Read what does not depend on the census year."""
    provinces = pd.read_csv(folder / "provinces.csv")
    codes = provinces["prov_code"].to_numpy()
    row = {int(code): i for i, code in enumerate(codes)}
    cities = pd.read_csv(folder / "prefecture.csv", dtype={"city_code": str})
    cities = cities[cities["prov_code"].isin(row)].reset_index(drop=True)
    adjacent = np.zeros((len(row), len(row)), dtype=bool)
    pairs = pd.read_csv(folder / "province_adjacent.csv")
    a, b = pairs["prov_a"].map(row).to_numpy(), pairs["prov_b"].map(row).to_numpy()
    adjacent[a, b] = adjacent[b, a] = True
    adjacent[row[46], row[44]] = adjacent[row[44], row[46]] = True  # Hainan's ferries land in Guangdong
    lived = pd.read_csv(folder / "lifetime_2000_2010.csv.gz")
    lifetime = {}
    for year in (2000, 2010):
        stock = np.zeros((len(row), len(row)))
        part = lived[lived["year"] == year]
        stock[part["residence_prov"].map(row), part["birth_prov"].map(row)] = (
            part["count_longform_sample"] / part["nominal_sampling_fraction"]
        )
        np.fill_diagonal(stock, 0)
        lifetime[year] = stock
    return Nation(
        codes.astype(np.int32),
        provinces["province"].to_numpy(dtype=str),
        provinces["name_zh"].to_numpy(dtype=str),
        provinces["coastal"].to_numpy(dtype=np.uint8),
        cities["city_code"].to_numpy(dtype=str),
        cities["name_zh"].to_numpy(dtype=str),
        cities["prov_code"].map(row).to_numpy(),
        cities["lon"].to_numpy(dtype=float),
        cities["lat"].to_numpy(dtype=float),
        cities["area_km2_approx"].to_numpy(dtype=float),
        cities[["popu_urban_2010", "popu_rural_2010"]].to_numpy(dtype=float),
        adjacent,
        lifetime,
        pd.read_csv(folder / "province_panel.csv.gz"),
    )


def panel(nation: Nation, column: str, year: int) -> np.ndarray:
    """One column of the provincial panel for a year, by province row; a blank year takes its neighbours' mean."""
    wide = nation.panel.pivot(index="year", columns="prov_code", values=column)[list(nation.province_code)]
    return wide.interpolate(limit_area="inside").loc[year].to_numpy(dtype=float)


def _cities(raw: pd.DataFrame, nation: Nation, year: int) -> np.ndarray:
    """Row of each unit's prefecture: by name in 2020, by code in 2010."""
    if year == 2020:
        by_name = {name: i for i, name in enumerate(nation.city_zh)}
        sansha = by_name["三沙市"]
        return np.array([by_name.get(name, sansha) for name in raw["prefecture_zh"]])
    by_code = {code: i for i, code in enumerate(nation.city_code)}
    answer = []
    for code, province in zip(raw["county_code"].fillna(""), raw["prov_code"], strict=True):
        municipality = f"{province}0100" if province in (11, 12, 31, 50) else ""
        zone = ZONES_2010[province] if code == "" else ""
        moved = {"469003": "460400"}.get(code, "")
        options = (municipality, zone, moved, code, code[:4] + "00", CODE_CHANGES.get(code[:4], ""))
        answer.append(next(by_code[option] for option in options if option in by_code))
    return np.array(answer)


def _filled(values: pd.Series, province: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """A rate with blanks filled by its province's weighted mean."""
    rate = values.to_numpy(dtype=float, na_value=np.nan).copy()
    for p in np.unique(province[np.isnan(rate)]):
        here = (province == p) & ~np.isnan(rate)
        rate[(province == p) & np.isnan(rate)] = np.average(rate[here], weights=weight[here])
    return rate


def standardised_mortality(folder: Path, nation: Nation) -> tuple[np.ndarray, np.ndarray]:
    """Deaths at equal age relative to the nation, by prefecture and by province, from the 2010 counties.

    Indirect standardisation: deaths of the year over those that one national schedule by age
    (doubling every eight years of age from 40) would give the unit's age structure.
    """
    raw = pd.read_csv(folder / "county_2010.csv.gz", dtype={"county_code": str})
    ages = raw[list(AGE_COLUMNS)].fillna(0).to_numpy(dtype=float)
    middle = np.array([0, 3, 7, 12, 17, 22, 27, 32, 37, 42, 47, 52, 57, 62, 67, 72, 77, 82, 89.0])
    schedule = 0.0004 + 0.0022 * 2 ** ((middle - 45) / 8.0)
    schedule[0] = 0.013
    expected = ages @ schedule
    deaths = raw["pop"].to_numpy(dtype=float) * raw["death_rate_permille"].fillna(5.7).to_numpy() / 1000
    expected *= deaths.sum() / expected.sum()
    city = _cities(raw, nation, 2010)
    count = len(nation.city_code)
    seen, hoped = np.bincount(city, deaths, count), np.bincount(city, expected, count)
    province = np.bincount(nation.city_province, seen) / np.bincount(nation.city_province, hoped)
    ratio = np.where(hoped > 0, seen / np.maximum(hoped, 1), province[nation.city_province])
    return np.clip(ratio, 0.5, 2.0), province


def read_counties(folder: Path, nation: Nation, year: int) -> Counties:
    """Read the county table of a census."""
    raw = pd.read_csv(folder / f"county_{year}.csv.gz", dtype={"county_code": str})
    row = {int(code): i for i, code in enumerate(nation.province_code)}
    province = raw["prov_code"].map(row).to_numpy()
    city = _cities(raw, nation, year)
    population = raw["pop"].to_numpy(dtype=float)
    rural = np.minimum(raw["rural"].to_numpy(dtype=float), population)
    if year == 2010:
        rural[raw["county_zh"] == "西沙群岛"] = 0  # 444 urban and 45 rural of 444 people: a slip of the table
    code = raw["county_code"].fillna("").to_numpy(dtype=str)
    last = np.array([int(c[4:]) if c else 0 for c in code])
    zone = {c: i for i, c in enumerate(np.flatnonzero(code == ""))}
    code = np.array([c or f"{raw['prov_code'][i]}Z{zone[i]:03d}" for i, c in enumerate(code)])

    def count(name: str) -> np.ndarray:
        return raw[name].fillna(0).to_numpy(dtype=float)

    def spread(columns: np.ndarray) -> np.ndarray:
        national = columns.sum(axis=0) / columns.sum()
        empty = columns.sum(axis=1) <= 0
        columns[empty] = national
        return columns * (population / columns.sum(axis=1))[:, None]

    away = np.stack([count("mig_within_county"), count("mig_other_county_same_prov"), count("mig_other_prov")], axis=1)
    primary = count("edu_none") + count("edu_primary") + (count("edu_preschool") if year == 2020 else 0)
    finished = np.stack(
        [primary, count("edu_junior"), count("edu_senior"), count("edu_college") + count("edu_bachelor_plus")], axis=1
    )
    young = np.maximum(population - finished.sum(axis=1), 0)  # children below school age are not asked
    finished[:, 0] += young
    by_city, _ = standardised_mortality(folder, nation)
    ages = spread(np.stack([count(name) for name in AGE_COLUMNS], axis=1))
    total, farmers = LONG_FORM * count("emp_total_longform"), LONG_FORM * count("emp_agri")
    total = np.maximum(total, farmers)
    if year == 2020:
        sectors, teachers, health = _sectors_2020(count, total - farmers)
        children = _filled(raw["fem_children_ever_born"], province, population)
        registered_rural = np.full(len(raw), np.nan)
    else:
        sectors, teachers, health = _sectors_2010(count, total - farmers)
        mothers = ages[:, 5:8].sum(axis=1)  # 20 to 34
        births = _filled(raw["birth_rate_permille"], province, population) * population / 1000
        children = np.clip(births / np.maximum(mothers, 1), 0.01, 0.3)
        registered_rural = 1 - _filled(raw["nonagri_hukou_pct"], province, population) / 100
    return Counties(
        year,
        code,
        raw["county_zh"].to_numpy(dtype=str),
        province,
        city,
        (last <= 20),
        population,
        population - rural,
        raw["male"].to_numpy(dtype=float),
        np.concatenate([(population - away.sum(axis=1))[:, None], away], axis=1),
        ages,
        spread(finished),
        total,
        farmers,
        sectors,
        teachers,
        health,
        children / np.average(children, weights=population),
        by_city[city],
        _filled(raw["hh_size"], province, population),
        registered_rural,
    )


def _sectors_2020(count, nonfarm: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Non-farm jobs by sector from the 2020 long form.

    What the table does not list (business services, science, culture, water, power) is shared
    .45 to knowledge, .35 to local services, .20 to public: assumed.
    """
    making = count("emp_mining") + count("emp_manuf")
    names = ("emp_constr", "emp_retail", "emp_transport", "emp_hotel_food", "emp_resid_serv", "emp_realest")
    local = sum(count(name) for name in names)
    knowledge = count("emp_ict") + count("emp_finance")
    public = count("emp_educ") + count("emp_health") + count("emp_pubadmin")
    other = np.maximum(nonfarm / LONG_FORM - making - local - knowledge - public, 0)
    four = np.stack([making, local + 0.35 * other, knowledge + 0.45 * other, public + 0.20 * other], axis=1)
    return LONG_FORM * four, LONG_FORM * count("emp_educ"), LONG_FORM * count("emp_health")


def _sectors_2010(count, nonfarm: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Non-farm jobs by sector from the 2010 long form, which lists fewer industries.

    Mining is .7 of what is neither manufacturing nor building in industry; public is 2.3 times
    education; knowledge 11 % of the services; health staff .5 of education: assumed.
    """
    jobs = nonfarm / LONG_FORM
    making, building = count("emp_manuf"), count("emp_constr")
    industry = count("emp_secondary_pct") / 100 * count("emp_total_longform")
    making = making + 0.7 * np.maximum(industry - making - building, 0)
    services = np.maximum(jobs - making - building, 0)
    public = np.minimum(2.3 * count("emp_educ"), 0.5 * services)
    knowledge = 0.11 * services
    four = np.stack([making, building + services - public - knowledge, knowledge, public], axis=1)
    return LONG_FORM * four, LONG_FORM * count("emp_educ"), LONG_FORM * 0.5 * count("emp_educ")
