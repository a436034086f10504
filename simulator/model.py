"""The month, as it is lived: one page of plain calls between opening and closing the books.

`MigrationModel` is a `mesa.Model`: settlements are the cells of a Mesa network over the travel
graph, headline series go through Mesa's `DataCollector`, and keyword scalars set any field of
the scenario. Persons, households, firms and their jobs are columns, because there are millions of them.
"""

from __future__ import annotations

import time

import mesa
import numpy as np

from simulator import baseyear, governing, invariants
from simulator.foundations import streams
from simulator.foundations.crew import Crew
from simulator.foundations.errors import InvariantBroken
from simulator.foundations.units import RURAL, month_of_year, month_text, year_of
from simulator.kernels.classes import N_CLASSES
from simulator.kernels.screening import UNITS, bound_of, screen_everyone
from simulator.measures.monthly import recount
from simulator.mechanisms import (
    accounts,
    claims,
    demography,
    earnings,
    education,
    employment,
    enterprise,
    floor,
    housing,
    migration,
    production,
    registration,
    services,
    treasury,
)
from simulator.people import People
from simulator.scenario import Scenario, load_scenario
from simulator.space import settle_cells
from simulator.state.books import Books
from simulator.state.governments import Governments
from simulator.state.levers import Levers
from simulator.state.settlements import Settlements
from simulator.treasuries import seat_governments
from simulator.worlds.drivers import driver_at, driver_months
from simulator.worlds.enterprises import found_first_firms
from simulator.worlds.library import load_world
from simulator.worlds.population import populate
from simulator.worlds.vital import fertility_table, mortality_table

SCREENED = {
    streams.DEATH: demography.death_bounds,
    streams.BIRTH: demography.birth_bounds,
    streams.SEPARATE: employment.separation_bounds,
    streams.SEARCH: employment.search_bounds,
    streams.CONSIDER: migration.bounds,
    streams.FOUND_FIRM: enterprise.founding_bounds,
    streams.HEALTH_SHOCK: floor.illness_bounds,
}
"""Streams whose candidates are drawn in one pass at the opening of the month, and their bounds."""

MECHANISMS = {
    "age_bear_and_die": demography,
    "study_and_graduate": education,
    "plan_production": production,
    "search_and_match": employment,
    "pay_people": earnings,
    "support_people": floor,
    "settle_firms": accounts,
    "tax_and_spend": treasury,
    "grant_claims": claims,
    "set_rents": housing,
    "build_and_run_services": services,
    "choose_where_to_live": migration,
    "found_firms": enterprise,
    "keep_registers": registration,
}
"""The verbs of the month and the modules that hold them, in order."""


class MigrationModel(mesa.Model):
    """A country of settlements, its people and their employers, month by month.

    scenario: a `Scenario`, or the name or file of one (default: the teaching circle).
    world: `WorldTables` to use instead of the scenario's world.
    threads: threads that work on one month; results do not depend on it.
    settings: any field of the scenario by keyword, `seed=7`, `months=24`, or a parameter with two
    underscores for the dot, `migration__moving_cost=2.0`.
    """

    scenario = None
    """The checked scenario (ours, not Mesa's own class of that name)."""

    def __init__(self, scenario=None, *, world=None, threads: int = 1, rng=None, inversion: bool = True, **settings):
        chosen = as_scenario(scenario, settings)
        super().__init__(rng=int(chosen.seed) if rng is None else rng)
        self.scenario = chosen
        self.seed = np.uint64(chosen.seed)
        self.world = world if world is not None else load_world(chosen.world, chosen.base_year)
        self.persons_per_agent = int(chosen.persons_per_agent)
        self.crew = Crew(threads)
        self.start = chosen.start_month
        self.months = chosen.months
        self.month = self.world.base_month
        self._driver_cache: dict = {}
        self.clock: dict[str, float] = {}
        self.levers = Levers.resting(self.world.n)
        self.settlements = Settlements.empty(self.world.n)
        population = populate(self.world, self.persons_per_agent, int(chosen.seed), chosen.parameters)
        self.persons, self.households = population.persons, population.households
        self.firms, self.employers = found_first_firms(
            self.persons, self.world.n, int(chosen.seed), self.month, float(chosen["firms.mean_size"]), float(chosen["firms.size_tail"])
        )
        self.first_generation = len(self.persons)
        self.estates_fen = self.equity_fund_fen = self.fund_debt_fen = 0
        self.productivity = 1.0
        self.relabel_targets = registration.relabel_targets(self.world)
        self.relabel_share_base = max(self.driver("relabel_share"), 1e-9)
        self.ledger = Books(np.unique(self.world.circle, return_inverse=True)[1], governing.flows_of(chosen))
        self.governments = Governments.empty(self.ledger.government_of)
        self.place_facts = None
        self._open_tallies()
        self._read_vital_tables()
        baseyear.settle(self, invert=inversion)
        self.ledger.begin(*invariants.money_held(self))
        self.programmes = governing.found_programmes(self)
        self.conversion_scale = registration.conversion_scale(self)
        self.space = settle_cells(self)
        self.people = People(self)
        self.treasuries = seat_governments(self)
        self.observers: list = []
        self.month = self.start
        self.datacollector = mesa.DataCollector(model_reporters=HEADLINES)

    # -- the month ---------------------------------------------------------------------------

    def step(self) -> None:
        """Live one month, in the order of the model's documentation."""
        self.month += 1
        with invariants.open_month(self):
            self._open_tallies()
            self.live(governing.resolve_levers)
            self.live(screen_for_events)
            self.live(demography.age_bear_and_die)
            self.live(education.study_and_graduate)
            self.live(production.plan_production)
            self.live(employment.search_and_match)
            self.live(earnings.pay_people)
            self.live(floor.support_people)
            self.live(accounts.settle_firms)
            self.live(treasury.tax_and_spend)
            self.live(claims.grant_claims)
            self.live(housing.set_rents)
            self.live(services.build_and_run_services)
            self.live(migration.choose_where_to_live)
            self.live(enterprise.found_firms)
            self.live(registration.keep_registers)
            self.live(observe)

    def live(self, verb) -> None:
        """Let one mechanism act, and note what it booked and how long it took."""
        started = time.perf_counter()
        self.tally.update(verb(self) or {})
        self.clock[verb.__name__] = self.clock.get(verb.__name__, 0.0) + time.perf_counter() - started

    # -- what mechanisms ask of the model -----------------------------------------------------

    def driver(self, name: str, place_class: str = "all") -> float:
        """The value of an outside driver this month, under the scenario's variant."""
        kept = self._driver_cache.get((name, place_class))
        if kept is None:
            kept = self._driver_cache[name, place_class] = driver_months(
                self.world.drivers, name, self.world.base_month, self.start + self.months + 1, place_class, self.scenario.drivers.variant
            )
        ahead = self.month - self.world.base_month
        if 0 <= ahead < len(kept):
            return kept[ahead]
        return driver_at(self.world.drivers, name, self.month, place_class, self.scenario.drivers.variant)

    def resize_places(self, residents: np.ndarray) -> None:
        """Take re-labelled villages into the fixed sizes N0 of the migration choice."""
        people = np.maximum(residents * self.persons_per_agent, 1.0)
        self.migration_tables.log_size = np.log(people)

    def stop(self, why: str) -> None:
        """Stop the run: something that must hold does not."""
        raise InvariantBroken(f"{month_text(self.month)}: {why}")

    def _open_tallies(self) -> None:
        self.tally: dict[str, int] = {}
        self.month_moves: list = []
        self.renamed: list = []
        self.built = np.zeros(self.world.n)
        self.written_off = 0
        self.forced_considerers: list = []
        self.graduates = np.empty(0, dtype=np.int32)
        self.candidates = {}
        self.bounds = np.zeros((64, N_CLASSES))

    def _read_vital_tables(self) -> None:
        self.mortality = mortality_table(self.world, self.month, self.scenario.drivers.variant)
        self.fertility = fertility_table(self.world, self.month, self.scenario.drivers.variant)

    @property
    def year(self) -> int:
        """The calendar year being lived."""
        return year_of(self.month)

    @property
    def done(self) -> bool:
        """True when every month of the scenario has been lived."""
        return self.month >= self.start + self.months

    def close(self) -> None:
        """Send the threads home."""
        self.crew.close()


def screen_for_events(model) -> None:
    """Open the month: new-year tables, the classes people are in, and candidates of every rare event."""
    calendar = month_of_year(model.month)
    if calendar == 1 or model.month == model.start + 1:
        model._read_vital_tables()
    model.productivity *= float(np.exp(model.driver("productivity_growth") / 12.0))
    classes = demography.open_month(model)
    model.screen_class, model.birthdays, model.unemployed = classes
    units = bound_of(np.stack([bounds(model) for bounds in SCREENED.values()]))
    model.bounds[list(SCREENED)] = units / UNITS
    lists = screen_everyone(
        model.crew, model.persons.uid, model.persons.alive, model.screen_class, model.month, int(model.seed), units
    )
    model.candidates = dict(zip(SCREENED, lists, strict=True))


def observe(model) -> None:
    """Count the people where they are now, and let the observers look."""
    model.counts = recount(model)
    model.datacollector.collect(model)
    for observer in model.observers:
        observer.observe(model)


def as_scenario(scenario, settings: dict) -> Scenario:
    """A checked scenario from a scenario, a name or nothing, with keyword settings over it."""
    overrides = {name.replace("__", "."): value for name, value in settings.items()}
    if isinstance(scenario, Scenario):
        return scenario.with_overrides(overrides) if overrides else scenario
    return load_scenario(scenario or "teaching", overrides)


def _urban_share(model) -> float:
    residents = model.settlements.residents
    return float(residents[model.world.kind != RURAL].sum() / max(residents.sum(), 1e-9))


HEADLINES = {
    "people": lambda m: int(m.settlements.residents.sum()) * m.persons_per_agent,
    "urban_share": _urban_share,
    "talent_pool": lambda m: int(m.settlements.talent.sum()) * m.persons_per_agent,
    "moves": lambda m: m.tally.get("moves", 0) * m.persons_per_agent,
    "returns": lambda m: m.tally.get("returns", 0) * m.persons_per_agent,
}
"""Headline series kept by Mesa's DataCollector, in people or shares, one value a month."""
