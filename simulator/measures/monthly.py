"""What is counted in every place at the end of each month, and what the people there act on next month."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.foundations.errors import InvariantBroken
from simulator.foundations.units import (
    EMPLOYED,
    FARMING,
    FLEXIBLE,
    UNEMPLOYED,
    WELFARE_JOB,
    month_text,
)
from simulator.kernels import counting, measuring
from simulator.state.firms import FOUNDED_BEFORE, FOUNDED_LOCAL, FOUNDED_RETURNEE, FOUNDER_TYPES

APART_ABOVE = 400
"""Settlements above which the table of ties is filled by one thread, apart (one table a thread would leave the cache)."""

LASTING_MONTHS = 36
"""Age in months from which a start-up lasts: it has passed the most dangerous year (FACTS 3)."""

LABOUR_FORCE = (EMPLOYED, FARMING, FLEXIBLE, WELFARE_JOB, UNEMPLOYED)
AT_WORK = (EMPLOYED, FARMING, FLEXIBLE, WELFARE_JOB)
_CLASSES = counting.hukou_classes()
_IN_FORCE = np.isin(np.arange(counting.N_STATES), LABOUR_FORCE).astype(np.int64)


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
    def table(self) -> np.ndarray:
        """All of these but job lines side by side, i8[n, measuring.WIDTH]."""
        base = self.present.base
        if base is not None and base is self.pay.base and base.ndim == 2 and base.shape[1] == measuring.WIDTH:
            return base  # counted by `count`, which makes all of them views of one table
        return np.column_stack([getattr(self, name) for name in measuring.COUNTED]).astype(np.int64)

    @property
    def urban_hukou(self) -> int:
        """People with urban registration in all."""
        return int(self.registered[:, 1].sum())


def count(model, ties: np.ndarray | None = None) -> Counts:
    """Count everyone once; nothing is written but, where asked, `ties` [n, n]: who from which root lives where."""
    world, persons = model.world, model.persons
    n, lines = world.n, len(model.employers.headcount)
    people = persons.bundle(counting.CountedPeople)
    month, side = np.int64(model.month), 0 if ties is None else n

    def part(rows):
        heads, own = np.zeros(lines + 1, dtype=np.int32), np.zeros((side, side), dtype=np.int32)
        return heads, own, counting.count_people(people, month, world.province, _CLASSES, n, lines, heads, own, *rows)

    heads, table, lost = np.zeros(lines + 1, dtype=np.int64), np.zeros((n, measuring.WIDTH), dtype=np.int64), 0
    if ties is not None:
        ties[...] = 0
    for at_work, own, (life, place, book, shift, pay, without) in model.crew.each(part, model.crew.shares(len(persons))):
        measuring.fold(life, place, book, shift, pay, _IN_FORCE, table)
        heads += at_work
        lost += without
        if ties is not None:
            ties += own
    if lost:
        raise InvariantBroken(f"{month_text(model.month)}: {lost} people live in no settlement, state or job that exists")
    parts = {
        name: table[:, first] if width == 1 else table[:, first : first + width]
        for (name, first), width in zip(measuring.FIRST.items(), measuring.WIDTHS, strict=True)
    }
    return Counts(headcount=heads[1:], without_employer=int(heads[0]), **parts)


def count_firms(model) -> dict[str, np.ndarray]:
    """Open firms by settlement, those founded this month by residents, returnees and from outside, and start-ups that last, f8[n]."""
    firms, types = model.firms, len(FOUNDER_TYPES)
    out = np.zeros((1 + 2 * types, model.world.n))
    measuring.tally_firms(firms.settlement, firms.alive, firms.born, firms.founder_type, model.month, LASTING_MONTHS, out)
    born = {f"firms_born_{name}": out[1 + k] for k, name in enumerate(FOUNDER_TYPES) if k != FOUNDED_BEFORE}
    lasting = {f"lasting_{name}": out[1 + types + k] for name, k in (("local", FOUNDED_LOCAL), ("returnee", FOUNDED_RETURNEE))}
    return {"firms": out[0], **born, **lasting}


def count_vacancies(model) -> np.ndarray:
    """Vacancies posted by settlement, f8[n]."""
    posted = np.zeros(model.world.n)
    measuring.add_up_vacancies(model.employers.place, model.employers.vacancies, posted)
    return posted


def split_migrant_workers(model, counts: Counts) -> tuple[np.ndarray, np.ndarray]:
    """(outgoing, local) migrant workers by residence [n]: of those the model sees at home the share
    `township_share` works in another township and is outgoing."""
    outgoing, local = np.empty((2, len(counts.migrant_workers)))
    measuring.split_workers(counts.migrant_workers, float(model.township_share), outgoing, local)
    return outgoing, local


def recount(model) -> Counts:
    """Count everyone and tell the settlements: residents, talent, farmers, flexible workers, ties.

    `talent_share` is the college share of the labour force present; `nonfarm_share` the share of
    those at work who do not farm. A place without any keeps last month's share.
    """
    places, together = model.settlements, model.crew.threads == 1 or model.world.n <= APART_ABOVE
    counts = count(model, places.ties_count if together else None)
    places.residents[:] = counts.residents
    places.talent[:] = counts.talent
    places.farmers[:] = counts.state[:, FARMING]
    places.flexible_workers[:] = counts.state[:, FLEXIBLE]
    force = counts.labour_force.sum(axis=1)
    np.divide(counts.labour_force[:, 1], force, out=places.talent_share, where=force > 0)
    at_work = counts.state[:, AT_WORK].sum(axis=1)
    np.divide(at_work - counts.state[:, FARMING], at_work, out=places.nonfarm_share, where=at_work > 0)
    if not together:
        counting.count_ties(model.persons.alive, model.persons.root, model.persons.residence, places.ties_count)
    return counts


def moves_of(model) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """This month's moves as four arrays: person row, from, to, reason code."""
    parts = [move for move in model.month_moves if len(move[0])]
    if not parts:
        return np.zeros(0, "i4"), np.zeros(0, "u2"), np.zeros(0, "u2"), np.zeros(0, "u1")
    return tuple(np.concatenate([part[k] for part in parts]).astype(t) for k, t in enumerate(("i4", "u2", "u2", "u1")))
