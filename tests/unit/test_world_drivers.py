"""Drivers from outside: what is observed, what is assumed, and the value of a month."""

import pytest

from simulator.foundations.errors import BadInput
from simulator.foundations.units import month_number
from simulator.worlds.drivers import driver_at, driver_path, read_drivers

TEXT = """driver,place_class,year,variant,value,unit,source,status
tfr,all,2020,observed,1.2,births,x,observed
tfr,all,2024,observed,1.0,births,x,observed
tfr,all,2025,low,0.8,births,x,assumed
tfr,all,2025,middle,1.05,births,x,assumed
offers,all,2019.5,observed,1,factor,x,observed
offers,all,2020.5,observed,0.5,factor,x,observed
places,11,2020,observed,155,students,x,observed
places,all,2020,observed,9000,students,x,observed
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "drivers.csv"
    path.write_text(TEXT)
    return path


def test_a_whole_year_stands_at_its_middle_and_a_fraction_where_it_says(file):
    drivers = read_drivers(file, 2020)
    assert driver_path(drivers, "tfr")[0].tolist() == [2020.5, 2024.5, 2025.5]
    assert driver_at(drivers, "offers", month_number(2019, 12)) == pytest.approx(1 - 0.5 * (5.5 / 12))


def test_the_variant_follows_what_was_observed(file):
    drivers = read_drivers(file, 2020)
    far = month_number(2030, 1)
    assert driver_at(drivers, "tfr", far, variant="low") == 0.8
    assert driver_at(drivers, "tfr", far) == 1.05
    assert driver_at(drivers, "tfr", far, variant="high") == 1.05  # no rows of its own


def test_a_place_without_rows_follows_the_nation(file):
    drivers = read_drivers(file, 2020)
    month = month_number(2020, 7)
    assert driver_at(drivers, "places", month, "11") == 155
    assert driver_at(drivers, "places", month, "12") == 9000


def test_a_world_of_2010_does_not_know_later_series_of_provinces(file):
    assert "11" not in read_drivers(file, 2010)["places"]


def test_a_mistyped_driver_is_named_with_its_remedy(file):
    with pytest.raises(BadInput, match="did you mean places"):
        driver_path(read_drivers(file, 2020), "place")
