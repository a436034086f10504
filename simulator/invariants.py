"""What must hold every month: people, money and jobs come from somewhere and go somewhere."""

from __future__ import annotations

from contextlib import contextmanager

import numpy as np

from simulator.measures.money import money_held


@contextmanager
def open_month(model):
    """Open the books and note the stocks; on leaving, close them and check that flows explain every change."""
    people_before = int(model.persons.alive.sum())
    model.ledger.open_month(*money_held(model))
    yield
    check_people(model, people_before)
    check_money(model)
    check_jobs(model)
    if model.month % 12 == 0:
        check_names(model)
    check_ranges(model, sixth=model.month % 6)


def check_people(model, before: int) -> None:
    """births - deaths = change of the living; everyone lives in a settlement; uids are never reused."""
    persons, tally = model.persons, model.tally
    living = int(persons.alive.sum())
    expected = before + tally.get("births", 0) - tally.get("deaths", 0)
    if living != expected:
        model.stop(f"{living} people live, but births and deaths explain {expected}")
    if int(model.settlements.residents.sum()) != living:
        model.stop(f"settlements hold {int(model.settlements.residents.sum())} residents, but {living} people live")


def check_names(model) -> None:
    """Nobody's uid is anybody else's: those born since the start, by hash, and the first, by index."""
    born = model.persons.uid[model.first_generation :]
    if len(np.unique(born)) != len(born) or (born < np.uint64(model.first_generation)).any():
        model.stop("two people have the same uid")


def check_money(model) -> None:
    """Every sector's money changes by what it was paid and paid, to the fen; money in all is zero."""
    for sector, gap in model.ledger.imbalances(*money_held(model)).items():
        if gap:
            who = "all sectors together hold" if sector == "all" else f"{sector.replace('_', ' ')}: the books do not explain"
            model.stop(f"{who} {gap} fen from nowhere")


def check_jobs(model) -> None:
    """Jobs held, counted from the people, equal every employer's headcount."""
    counted, held = model.counts.headcount, model.employers.headcount
    if not np.array_equal(counted, held):
        row = int(np.flatnonzero(counted != held)[0])
        model.stop(f"employer {row} says it employs {int(held[row])}, but {int(counted[row])} people work there")


def check_ranges(model, sixth: int | None = None) -> None:
    """Declared ranges and finite numbers: one sixth of the columns a month in rotation, or all (None)."""
    for table in (model.persons, model.households, model.firms, model.employers):
        for k, name in enumerate(table.columns):
            if sixth is not None and k % 6 != sixth:
                continue
            bad = table.out_of_range(name)
            if len(bad):
                value = getattr(table, name)[bad[0]]
                model.stop(f"column {name} of row {int(bad[0])} holds {value}, outside its declared range")
    for name, array in model.settlements.arrays().items():
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            model.stop(f"settlement array {name} holds a number that is not finite")
