"""What is counted in every place at the end of each month, and what the people there act on next month."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.foundations.errors import InvariantBroken
from simulator.foundations.units import (
    COLLEGE,
    EMPLOYED,
    FARMING,
    FLEXIBLE,
    UNEMPLOYED,
    WELFARE_JOB,
    month_text,
)
from simulator.kernels import counting
from simulator.state.firms import FOUNDED_BEFORE, FOUNDED_LOCAL, FOUNDED_RETURNEE, FOUNDER_TYPES

SERIAL_TIES_ABOVE = 400
"""Settlements above which the table of ties is filled by one thread (one table a thread would leave the cache)."""

LASTING_MONTHS = 36
"""Age in months from which a start-up lasts: it has passed the most dangerous year (FACTS 3)."""

LABOUR_FORCE = (EMPLOYED, FARMING, FLEXIBLE, WELFARE_JOB, UNEMPLOYED)
AT_WORK = (EMPLOYED, FARMING, FLEXIBLE, WELFARE_JOB)
ADULT_CODE = 2
"""Column of `counting.AGES` for working age, 16 to 64."""

_CLASSES = counting.hukou_classes()


@dataclass(frozen=True)
class Counts:
    """Agents by settlement at the end of a month; n settlements.

    *Present* means living there now; *enumerated* as a census counts: people away from their
    hukou place for less than six months are counted at home.
    """

    present: np.ndarray  # [n]
    residents: np.ndarray  # [n] enumerated
    age: np.ndarray  # [n, 4] enumerated, by counting.AGES
    talent: np.ndarray  # [n] enumerated, college-educated, 16-64
    registered: np.ndarray  # [n, 2] by hukou kind, wherever they live
    state: np.ndarray  # [n, 9] present, by labour state
    labour_force: np.ndarray  # [n, 2] present, by skill
    hukou_class: np.ndarray  # [n, 7] present, by where their hukou is, see counting.LOCAL ...
    migrant_workers: np.ndarray  # [n, 7] of them migrant workers
    migrant_workers_from: np.ndarray  # [n] registered there, working elsewhere (outgoing)
    pay: np.ndarray  # [n] fen a month, sum of wages of those present
    headcount: np.ndarray  # [job lines]
    without_employer: int

    @property
    def urban_hukou(self) -> int:
        """People with urban registration in all."""
        return int(self.registered[:, 1].sum())


def _add(parts: list[np.ndarray]) -> np.ndarray:
    total = parts[0].astype(np.int64)
    for part in parts[1:]:
        total += part
    return total


def count(model) -> Counts:
    """Count everyone once; nothing is written."""
    world, persons = model.world, model.persons
    n, rows = world.n, len(model.employers.headcount)
    people = persons.bundle(counting.CountedPeople)
    blocks = model.crew.each(
        lambda part: counting.count_people(people, np.int64(model.month), world.province, _CLASSES, n, rows, *part),
        model.crew.shares(len(persons)),
    )
    life, place, book, shift, pay = (_add([block[k] for block in blocks]) for k in range(5))
    lost = sum(block[5] for block in blocks)
    if lost:
        raise InvariantBroken(f"{month_text(model.month)}: {lost} people live in no settlement, state or job that exists")
    heads = count_heads(model, rows)
    life = life.reshape(n, counting.N_STATES, 2, counting.N_AGES)
    place = place.reshape(n, counting.N_PLACES // 2, 2)
    enumerated = life.sum(axis=1) + shift.reshape(n, 2, counting.N_AGES)
    return Counts(
        present=life.sum(axis=(1, 2, 3)),
        residents=enumerated.sum(axis=(1, 2)),
        age=enumerated.sum(axis=1),
        talent=enumerated[:, 1, ADULT_CODE].copy(),
        registered=book[:, :2] + book[:, 2:],
        state=life.sum(axis=(2, 3)),
        labour_force=life[:, LABOUR_FORCE].sum(axis=(1, 3)),
        hukou_class=place.sum(axis=2),
        migrant_workers=place[:, :, 1].copy(),
        migrant_workers_from=book[:, 2:].sum(axis=1),
        pay=pay,
        headcount=heads[1:],
        without_employer=int(heads[0]),
    )


def count_heads(model, lines: int) -> np.ndarray:
    """People by job line + 1 (0: without one); one large range a thread, because there may be many lines."""
    persons, ranges = model.persons, model.crew.shares(len(model.persons))
    parts = model.crew.each(lambda rows: counting.count_heads(persons.alive, persons.employer, lines, *rows), ranges)
    return _add(parts) if parts else np.zeros(lines + 1, dtype=np.int64)


def count_firms(model) -> dict[str, np.ndarray]:
    """Open firms by settlement, those founded this month by residents, returnees and from outside, and start-ups that last, f8[n]."""
    firms, n = model.firms, model.world.n
    place, new = firms.settlement, (firms.born == model.month) & (firms.founder_type > FOUNDED_BEFORE)
    sums = lambda rows: np.bincount(place[rows], minlength=n).astype(np.float64)
    born = {f"firms_born_{name}": sums(new & (firms.founder_type == k)) for k, name in enumerate(FOUNDER_TYPES) if k != FOUNDED_BEFORE}
    old = (firms.alive == 1) & (firms.born <= model.month - LASTING_MONTHS)
    lasting = {f"lasting_{name}": sums(old & (firms.founder_type == k)) for name, k in (("local", FOUNDED_LOCAL), ("returnee", FOUNDED_RETURNEE))}
    return {"firms": sums(firms.alive == 1), **born, **lasting}


def split_migrant_workers(model, counts: Counts) -> tuple[np.ndarray, np.ndarray]:
    """(outgoing, local) migrant workers by residence [n]: of those the model sees at home the share
    `township_share` works in another township and is outgoing."""
    workers = counts.migrant_workers
    near = workers[:, : counting.CELL].sum(axis=1).astype(np.float64)
    moved = model.township_share * near
    return workers[:, counting.CELL :].sum(axis=1) + moved, near - moved


def recount(model) -> Counts:
    """Count everyone and tell the settlements: residents, talent, farmers, flexible workers, ties.

    `talent_share` is the college share of the labour force present; `nonfarm_share` the share of
    those at work who do not farm. A place without any keeps last month's share.
    """
    counts, places = count(model), model.settlements
    places.residents[:] = counts.residents
    places.talent[:] = counts.talent
    places.farmers[:] = counts.state[:, FARMING]
    places.flexible_workers[:] = counts.state[:, FLEXIBLE]
    force = counts.labour_force.sum(axis=1)
    np.divide(counts.labour_force[:, 1], force, out=places.talent_share, where=force > 0)
    at_work = counts.state[:, AT_WORK].sum(axis=1)
    np.divide(at_work - counts.state[:, FARMING], at_work, out=places.nonfarm_share, where=at_work > 0)
    count_ties(model)
    return counts


def count_ties(model) -> None:
    """Count who from which root lives where, into `settlements.ties_count`."""
    persons, n = model.persons, model.world.n
    table = model.settlements.ties_count
    if n > SERIAL_TIES_ABOVE or model.crew.threads == 1:
        counting.count_ties(persons.alive, persons.root, persons.residence, table)
        return
    share = -(-len(persons) // model.crew.threads)
    ranges = [(lo, min(lo + share, len(persons))) for lo in range(0, len(persons), share)]

    def part(rows):
        own = np.zeros((n, n), dtype=np.int32)
        counting.count_ties(persons.alive[slice(*rows)], persons.root[slice(*rows)], persons.residence[slice(*rows)], own)
        return own

    table[...] = _add(model.crew.each(part, ranges))


def moves_of(model) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """This month's moves as four arrays: person row, from, to, reason code."""
    parts = [move for move in model.month_moves if len(move[0])]
    if not parts:
        return np.zeros(0, "i4"), np.zeros(0, "u2"), np.zeros(0, "u2"), np.zeros(0, "u1")
    return tuple(np.concatenate([part[k] for part in parts]).astype(t) for k, t in enumerate(("i4", "u2", "u2", "u1")))


def count_talent_moves(model, moves) -> tuple[np.ndarray, np.ndarray]:
    """Arrivals and departures of college-educated people of working age by settlement, agents."""
    rows, origin, destination, _ = moves
    persons, n = model.persons, model.world.n
    age = (model.month - persons.birth_month[rows].astype(np.int64)) // 12
    talent = (persons.education[rows] == COLLEGE) & (age >= 16) & (age < 65) & (origin != destination)
    return np.bincount(destination[talent], minlength=n), np.bincount(origin[talent], minlength=n)
