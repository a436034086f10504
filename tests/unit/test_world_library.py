"""Worlds by name: the synthetic circle, the cache, what cannot be asked for."""

import numpy as np
import pytest

from simulator.foundations.errors import BadInput
from simulator.worlds import library, travel
from simulator.worlds.tables import WorldTables


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("HOMEWARD_CACHE", str(tmp_path))
    return tmp_path


def test_three_worlds_ship_with_the_program():
    assert library.world_names() == ["china-prefectures", "china-provinces", "city-circle"]


def test_the_synthetic_circle_is_small_whole_and_the_same_every_time(cache):
    world = library.load_world("city-circle")
    assert world.n == 50 and world.population.sum() == pytest.approx(3000)
    np.testing.assert_allclose(world.people.sum(axis=(1, 2, 3, 4)), world.population, rtol=1e-5)
    np.testing.assert_allclose(world.home_kind.sum(axis=1), 1, rtol=1e-5)
    np.testing.assert_allclose(world.same_province_home.sum(axis=1), 1, rtol=1e-5)
    assert abs(world.net_migration.sum()) < 1e-9
    again = library.build_world(library.world_card("city-circle"), 2020)
    assert again.to_bytes() == world.to_bytes()


def test_a_damaged_copy_in_the_cache_is_built_again(cache):
    first = library.load_world("city-circle")
    (kept,) = cache.rglob("*.npz")
    kept.write_bytes(kept.read_bytes()[:1000])
    np.testing.assert_array_equal(library.load_world("city-circle").people, first.people)


def test_a_world_read_from_the_cache_equals_the_world_written(cache):
    built = library.build_world(library.world_card("city-circle"), 2020)
    path = cache / "world.npz"
    path.write_bytes(built.to_bytes())
    read = WorldTables.from_file(path)
    assert read.to_bytes() == built.to_bytes()
    assert not read.people.flags.writeable


def test_a_base_year_without_a_census_is_refused(cache):
    with pytest.raises(BadInput, match="allowed 2020"):
        library.load_world("city-circle", 2015)


def test_travel_takes_the_shortest_way_and_a_trip_inside_takes_time():
    # 0 -1h- 1 -1h- 2, and a slow road 0-2 of 3 hours
    hours = travel.all_hours(3, [(0, 1, 1.0), (1, 2, 1.0), (0, 2, 3.0)])
    assert hours[0, 2] == 2
    assert (np.diag(hours) == travel.INSIDE).all()


def test_a_place_that_no_road_reaches_is_an_error():
    with pytest.raises(ValueError, match="not connected"):
        travel.all_hours(3, [(0, 1, 1.0)])


def test_a_train_is_used_only_where_it_is_quicker():
    km = np.array([[0.0, 60.0, 400.0], [60.0, 0.0, 400.0], [400.0, 400.0, 0.0]])
    near = np.ones((3, 3), dtype=bool)
    edges = {(a, b): h for a, b, h in travel.between_edges([0, 1, 2], km, near, [True, True, False])}
    assert edges[0, 1] == pytest.approx(60 / 80 + 0.5)
    assert edges[0, 2] == pytest.approx(400 / 80 + 0.5)  # the third has no station
