"""The tables of the Chinese worlds against the census they are made of."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from simulator.foundations.files import configs_folder
from simulator.foundations.units import COLLEGE, MIGRANT_CLASSES, RURAL, SENIOR, month_number, year_of
from simulator.worlds import vital
from simulator.worlds.drivers import driver_at
from simulator.worlds.joint import JOBS, of_working_age
from simulator.worlds.library import load_world

DATA: Path = configs_folder() / "worlds" / "china-data"


WORLDS = [("china-provinces", 2020), ("china-provinces", 2010), ("china-prefectures", 2020), ("china-prefectures", 2010)]


@pytest.fixture(scope="module", params=WORLDS, ids=lambda pair: f"{pair[0]}-{pair[1]}")
def world(request):
    return load_world(*request.param)


@pytest.fixture(scope="module")
def census(world):
    return pd.read_csv(DATA / f"county_{year_of(world.base_month)}.csv.gz")


def test_residents_of_every_province_equal_the_census(world, census):
    found = np.bincount(world.province, world.population)
    np.testing.assert_allclose(found, census.groupby("prov_code")["pop"].sum().to_numpy(), rtol=1e-12)
    np.testing.assert_allclose(world.people.sum(axis=(1, 2, 3, 4), dtype=float), world.population, rtol=1e-6)


def test_the_urban_share_equals_the_census(world, census):
    urban = world.population[world.kind != RURAL].sum()
    tolerance = 1e-7 if world.level == "provinces" else 0.02  # small settlements are merged across the line
    assert urban / census["urban"].sum() == pytest.approx(1, abs=tolerance)


def test_migrants_by_class_and_province_equal_the_census(world, census):
    columns = ["mig_within_county", "mig_other_county_same_prov", "mig_other_prov"]
    for c, column in enumerate(columns, start=1):
        found = np.bincount(world.province, world.people[:, c].sum(axis=(1, 2, 3), dtype=float))
        np.testing.assert_allclose(found, census.groupby("prov_code")[column].sum().to_numpy(), rtol=1e-5, err_msg=MIGRANT_CLASSES[c])


def test_ages_sexes_and_college_degrees_equal_the_census(world, census):
    people = world.people.sum(axis=(0, 1), dtype=float)
    ages = people.sum(axis=(1, 2))
    told = census[[c for c in census if c.startswith("age_")]].sum().to_numpy(dtype=float)
    np.testing.assert_allclose(ages, told, rtol=2e-4)  # units whose ages do not add up are scaled
    assert people[:, 0].sum() == pytest.approx(census["male"].sum(), rel=1e-5)
    # one unit of 2010 lists twice as many people by schooling as it has, and is scaled
    assert people[:, :, COLLEGE].sum() == pytest.approx(census[["edu_college", "edu_bachelor_plus"]].sum().sum(), rel=5e-4)


def test_no_child_has_finished_senior_school(world):
    assert world.people[:, :, :4, :, SENIOR:].sum() == 0


def test_provinces_have_all_kinds_in_order(world):
    if world.level != "provinces":
        pytest.skip("prefectures have the kinds they have")
    assert world.n == 155
    np.testing.assert_array_equal(world.province, np.repeat(np.arange(31), 5))
    np.testing.assert_array_equal(world.kind, np.tile(np.arange(5), 31))
    assert world.population.min() > 100_000


def test_tables_of_origins_sum_to_one(world):
    for table in (world.home_province, world.home_kind, world.same_province_home, world.sector_mix):
        assert (table >= 0).all()
        np.testing.assert_allclose(table.sum(axis=1), 1, rtol=1e-5)
    assert (np.diag(world.home_province) == 0).all()
    abroad = world.province[:, None] != world.province[None, :]
    assert (world.same_province_home[abroad] == 0).all()
    np.testing.assert_allclose(world.work.sum(axis=2), 1, rtol=1e-5)


def test_jobs_equal_the_labour_force_survey(world):
    adults = of_working_age(world.people.astype(float)).sum(axis=1)
    jobs = (adults[:, :, None] * world.work).sum(axis=(0, 1))
    total, farming = JOBS[year_of(world.base_month)]
    assert jobs[1] == pytest.approx(farming, rel=1e-3)
    assert jobs[0] + jobs[1] == pytest.approx(total, rel=1e-3)


def test_travel_is_symmetric_finite_and_never_longer_than_a_detour(world):
    hours = world.hours.astype(float)
    assert np.isfinite(hours).all() and (hours > 0).all()
    np.testing.assert_array_equal(hours, hours.T)
    np.fill_diagonal(hours, 0)
    step = max(1, world.n // 155)
    for k in range(0, world.n, step):
        assert (hours <= hours[:, k][:, None] + hours[k][None, :] + 1e-4).all()


def test_the_trip_inside_is_shorter_than_any_trip_out(world):
    apart = world.hours + np.where(np.eye(world.n, dtype=bool), np.inf, 0)
    assert (np.diag(world.hours) < apart.min(axis=1)).all()


def test_net_migration_sums_to_zero_and_goes_from_the_countryside_to_towns(world):
    net = world.net_migration
    assert abs(net.sum()) < 1
    assert 2e6 < net[net > 0].sum() < 12e6
    assert net[world.kind == RURAL].sum() < -2e6 < 1e6 < net[world.kind == 0].sum()
    by_name = {(world.province_en[p], int(k)): 0.0 for p, k in zip(world.province, world.kind, strict=True)}
    for p, k, value in zip(world.province, world.kind, net, strict=True):
        by_name[world.province_en[p], int(k)] += value
    assert by_name["Guangdong", 0] > 0 > max(by_name["Henan", RURAL], by_name["Sichuan", RURAL])


def test_every_field_is_filled_with_numbers(world):
    for name in world.__dataclass_fields__:
        value = getattr(world, name)
        if isinstance(value, np.ndarray) and value.dtype.kind == "f":
            assert np.isfinite(value).all(), name
    assert world.relabel_rate > 0 and world.drivers and world.assumed


def test_counties_of_a_settlement_hold_its_people(world):
    start = world.county_cell_start
    held = np.add.reduceat(world.county_cell_weight, start[:-1])
    np.testing.assert_allclose(held, world.population, rtol=1e-9)
    assert world.county_cell_list.max() < len(world.county_code)


def test_students_of_every_province_have_their_places(world):
    panel = pd.read_csv(DATA / "province_panel.csv.gz")
    panel = panel[panel["year"] == year_of(world.base_month)]
    np.testing.assert_allclose(np.bincount(world.province, world.university_places), 1e4 * panel["he_new_students_10k"], rtol=1e-9)


def test_base_year_births_and_deaths_equal_the_published_ones(world):
    month = year_of(world.base_month) * 12 + 6
    people = vital.single_ages(world.people.sum(axis=(0, 1, 4), dtype=float).T)
    deaths = (people * vital.mortality_table(world, month)).sum()
    births = people[1, :50] @ vital.fertility_table(world, month)
    assert deaths == pytest.approx(driver_at(world.drivers, "deaths", month), rel=0.01)
    assert births == pytest.approx(driver_at(world.drivers, "births", month), rel=0.01)
    factors = vital.base_factors(world)
    assert 0.85 < min(factors) and max(factors) < 1.15


def test_life_tables_have_the_life_expectancy_asked_for():
    for sex, expectancy in ((0, 75.4), (1, 80.9)):
        q = vital.fit_life_table(expectancy, sex, 0.0054)
        assert vital.life_expectancy(q) == pytest.approx(expectancy, abs=0.01)
        assert q[-1] == 1 and (np.diff(q[12:]) > 0).all()


def test_the_world_of_2010_knows_no_number_of_2020():
    world = load_world("china-provinces", 2010)
    assert world.base_month == month_number(2010, 11)
    for name, places in world.drivers.items():
        for place, variants in places.items():
            if place not in ("all", "urban", "rural", "coastal", "inland"):
                assert all(years.max() <= 2011 for years, _ in variants.values()), (name, place)
