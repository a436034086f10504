"""What a mechanism may change is declared: thirteen months of the teaching circle, looked at column by column."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import numpy as np
import pytest

from simulator.model import MECHANISMS, MigrationModel
from simulator.state.employers import Employers
from simulator.state.firms import Firms
from simulator.state.governments import Governments
from simulator.state.persons import Households, Persons
from simulator.state.settlements import Settlements

TABLES = ("persons", "households", "settlements", "employers", "governments", "firms")
GROWING = ("persons", "households", "employers", "firms")
MONTHS = 13
"""November to the next November: every yearly event happens, those of November twice."""


def snapshot(model, rows: dict[str, int]) -> dict[tuple[str, str], bytes]:
    """A digest of every column of the state; of tables that grow the first `rows` only."""
    found = {}
    for table in (*TABLES, "levers"):
        part = getattr(model, table)
        arrays = vars(part) if table == "levers" else part.arrays()
        for name, array in arrays.items():
            used = array[: rows[table]] if table in rows else array
            found[table, name] = hashlib.sha256(np.ascontiguousarray(used).tobytes()).digest()
    for name, array in vars(model.world).items():
        if isinstance(array, np.ndarray):
            found["world", name] = hashlib.sha256(np.ascontiguousarray(array).tobytes()).digest()
    return found


@dataclass
class Seen:
    """What one verb of the month changed, in all months together."""

    changed: set[tuple[str, str]] = field(default_factory=set)
    appended: set[tuple[str, str]] = field(default_factory=set)
    tally: dict[str, int] = field(default_factory=dict)


def newcomers_given(model, rows: dict[str, int]) -> set[tuple[str, str]]:
    """Columns in which a row appended since holds something else than what a new row starts with."""
    given = set()
    for table, before in rows.items():
        part = getattr(model, table)
        for name, column in part.columns.items():
            if (getattr(part, name)[before:] != np.array(column.start, dtype=column.dtype)).any():
                given.add((table, name))
    return given


@pytest.fixture(scope="module")
def year() -> dict[str, Seen]:
    """Every verb of the month, watched for thirteen months."""
    model = MigrationModel("teaching", policies=[{"policy": "talent_housing", "dwellings": 0}])  # so that claims are granted
    record = {name: Seen() for name in MECHANISMS}
    plain = model.live

    def watched(verb):
        rows = {name: len(getattr(model, name)) for name in GROWING}
        before = snapshot(model, rows)
        told = dict(model.tally)
        plain(verb)
        after = snapshot(model, rows)
        seen = record[verb.__name__]
        seen.changed |= {key for key in before if before[key] != after[key]}
        seen.appended |= newcomers_given(model, rows)
        for name, count in model.tally.items():
            if name not in told:
                seen.tally[name] = seen.tally.get(name, 0) + count

    for own in ("resolve_levers", "screen_for_events", "observe"):  # the model's own part of the month
        record[own] = Seen()
    model.live = watched
    for _ in range(MONTHS):
        model.step()
    model.close()
    return record


@pytest.mark.parametrize("verb", MECHANISMS)
def test_a_mechanism_changes_only_what_it_declares(year, verb):
    declared = {(table, name) for table in TABLES for name in MECHANISMS[verb].WRITES.get(table, ())}
    assert year[verb].changed, f"{verb} changed nothing in {MONTHS} months"
    undeclared = (year[verb].changed | year[verb].appended) - declared
    assert not undeclared, f"{verb} changed {sorted(undeclared)} without declaring it"


@pytest.mark.parametrize("module", dict.fromkeys(MECHANISMS.values()), ids=lambda module: module.__name__)
def test_declared_columns_exist_and_are_named_once(module):
    tables = dict(zip(TABLES, (Persons(), Households(), Settlements.empty(1), Employers(),
                               Governments.empty(np.zeros(1, dtype=int)), Firms()), strict=True))  # fmt: skip
    assert set(module.WRITES) <= set(TABLES) and set(TABLES[:4]) <= set(module.WRITES)
    for table, names in ((tables[table], names) for table, names in module.WRITES.items()):
        assert set(names) <= set(table.arrays()), sorted(set(names) - set(table.arrays()))
        assert len(set(names)) == len(names)


def test_opening_a_month_changes_nothing_and_counting_only_what_is_known_of_places(year):
    assert {table for table, _ in year["resolve_levers"].changed} <= {"levers"}
    assert not year["screen_for_events"].changed
    assert {table for table, _ in year["observe"].changed} <= {"settlements"}


def test_every_yearly_event_happened_in_the_months_watched(year):
    for verb, events in {
        "age_bear_and_die": ("deaths", "births", "retired", "unions"),
        "study_and_graduate": ("entered_senior", "graduates", "applicants", "admitted"),
        "search_and_match": ("job_losers", "hired_unemployed"),
        "choose_where_to_live": ("considerers", "moves", "returns"),
        "keep_registers": ("relabelled", "converted"),
    }.items():
        for event in events:
            assert year[verb].tally.get(event, 0) > 0, (verb, event)
