"""Sixty years in which nothing reaches the country from outside: no place empties, none swallows the others.

Every driver stays at its value of the census month, life tables and fertility with it, the cost of
moving does not fall. What moves people is then only what they do to one another.
"""

from __future__ import annotations

import numpy as np
import pytest

from simulator.model import MigrationModel
from simulator.worlds.drivers import driver_at
from simulator.worlds.vital import fertility_table, mortality_table

YEARS = 60


class Frozen(MigrationModel):
    """The model with the outside world of its base month for ever."""

    def driver(self, name: str, place_class: str = "all") -> float:
        """The value of a driver in the base month."""
        key = (name, place_class)
        if key not in self._driver_cache:
            world = self.world
            self._driver_cache[key] = driver_at(world.drivers, name, world.base_month, place_class, "middle")
        return self._driver_cache[key]

    def _read_vital_tables(self) -> None:
        self.mortality = mortality_table(self.world, self.world.base_month, "middle")
        self.fertility = fertility_table(self.world, self.world.base_month, "middle")


class StandingBorders(Frozen):
    """The frozen model in which no village is counted as town without a move."""

    def driver(self, name: str, place_class: str = "all") -> float:
        """As frozen, but nothing is re-labelled."""
        return 0.0 if name == "relabel_share" else super().driver(name, place_class)


def live_frozen(years: int, scenario: str = "baseline", kind=Frozen, **settings):
    """(residents at the start, at each year's end, the model) by settlement, in agents."""
    model = kind(scenario, months=12 * years, migration__moving_cost_decline=0.0, **settings)
    start, ends = model.settlements.residents.copy(), []
    for month in range(12 * years):
        model.step()
        if month % 12 == 11:
            ends.append(model.settlements.residents.copy())
    model.close()
    return start, np.array(ends), model


def test_frozen_drivers_hold_the_vital_tables_and_the_drivers_still():
    _, _, model = live_frozen(2, "teaching")
    fresh = Frozen("teaching")
    assert np.array_equal(model.mortality, fresh.mortality) and np.array_equal(model.fertility, fresh.fertility)
    assert model.month > fresh.month
    assert all(
        model.driver(name) == fresh.driver(name) for name in ("mobility", "relabel_share", "productivity_growth")
    )


@pytest.mark.long
@pytest.mark.parametrize("kind", [Frozen, StandingBorders])
def test_sixty_frozen_years_empty_no_cell_and_fill_none_beyond_five_times_its_start(kind):
    start, ends, model = live_frozen(YEARS, kind=kind, persons_per_agent=10_000)
    ratio = ends / start
    least, most = np.unravel_index(ratio.argmin(), ratio.shape), np.unravel_index(ratio.argmax(), ratio.shape)
    names = model.world.name_en
    print(
        f"\n{kind.__name__}: residents after {YEARS} years: {ends[-1].sum() / start.sum():.2f} of the start;"
        f" least ratio {ratio[least]:.3f} in {names[least[1]]} (year {least[0] + 1}, from {start[least[1]]:.0f} agents),"
        f" most {ratio[most]:.2f} in {names[most[1]]} (year {most[0] + 1})"
    )
    assert (start > 0).all()
    assert ends.min() > 0, names[ends.min(axis=0) == 0]
    assert ratio.max() <= 5.0, names[ratio.max(axis=0) > 5.0]
