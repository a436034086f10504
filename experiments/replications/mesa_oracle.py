"""Objects back as counts and columns, and what differs from the engine: the Mesa version as oracle."""

from __future__ import annotations

import numpy as np

from experiments.replications.mesa_agents import PLAIN, TIE_NAMES
from simulator.foundations.units import FARMING, FLEXIBLE
from simulator.kernels import counting
from simulator.measures.monthly import AT_WORK, LABOUR_FORCE, Counts
from simulator.state.persons import HOUSEHOLD_COLUMNS, PERSON_COLUMNS


def count_everyone(model) -> None:
    """Count everyone where they are now; what people act on next month follows."""
    s, n, province = model.settlements, model.world.n, model.world.province.tolist()
    life, enumerated = np.zeros((n, 9, 2), dtype=np.int64), np.zeros((n, 2, 4), dtype=np.int64)
    registered, by_class, workers = (np.zeros((n, k), dtype=np.int64) for k in (2, 7, 7))
    outgoing, pay, ties = (np.zeros(shape, dtype=np.int64) for shape in (n, n, (n, n)))
    without = 0
    for p in model.living:
        here, home, recent = p.residence, p.hukou_place, p.months_away < counting.ENUMERATION_MONTHS
        where = counting.hukou_class(
            here != home, recent, province[here] != province[home], p.county_residence != p.county_hukou,
            p.township_apart == 1,
        )  # fmt: skip
        worker = p.hukou_kind == 0 and p.worked_months.bit_count() >= counting.WORK_MONTHS
        band = (p.age >= 180) + (p.age >= 192) + (p.age >= 780)
        life[here, p.state, p.skill] += 1
        enumerated[home if where >= counting.RECENT else here, p.skill, band] += 1
        registered[home, p.hukou_kind] += 1
        by_class[here, where] += 1
        workers[here, where] += worker
        outgoing[home] += worker and where >= counting.CELL
        pay[here] += p.wage
        ties[p.root, here] += 1
        without += p.employer is None
    state, force = life.sum(axis=2), life[:, LABOUR_FORCE].sum(axis=1)
    model.counts = Counts(
        present=state.sum(axis=1), residents=enumerated.sum(axis=(1, 2)), age=enumerated.sum(axis=1),
        talent=enumerated[:, 1, 2].copy(), registered=registered, state=state, labour_force=force,
        hukou_class=by_class, migrant_workers=workers, migrant_workers_from=outgoing, pay=pay,
        headcount=np.array([e.headcount for e in model.employers]), without_employer=without,
    )  # fmt: skip
    s.residents[:], s.talent[:], s.ties_count[...] = model.counts.residents, model.counts.talent, ties
    s.farmers[:], s.flexible_workers[:] = state[:, FARMING], state[:, FLEXIBLE]
    all_force, at_work = force.sum(axis=1), state[:, AT_WORK].sum(axis=1)
    np.divide(force[:, 1], all_force, out=s.talent_share, where=all_force > 0)
    np.divide(at_work - state[:, FARMING], at_work, out=s.nonfarm_share, where=at_work > 0)


def row_of(other) -> int:
    """Row of another object, -1 for none."""
    return -1 if other is None else other.row


def columns_of(model) -> dict[str, np.ndarray]:
    """Objects back as columns: every column of persons, and of households as `household.root` and so on."""

    people = model.everyone
    columns = {name: [getattr(p, name) for p in people] for name in PLAIN}
    for name in ("household", "mother", "partner", "guardian", "employer"):
        columns[name] = [row_of(getattr(p, name)) for p in people]
    columns["first_child"] = [row_of(p.children[0]) if p.children else -1 for p in people]
    columns["next_sibling"] = [-1] * len(people)
    for p in people:
        for child, following in zip(p.children, p.children[1:], strict=False):
            columns["next_sibling"][child.row] = following.row
    for k, name in enumerate(TIE_NAMES):
        columns[name] = [row_of(p.ties[k]) for p in people]
    arrays = {c.name: np.array(columns[c.name], dtype=c.dtype) for c in PERSON_COLUMNS}
    for c in HOUSEHOLD_COLUMNS:
        values = {"head": lambda h: row_of(h.head), "size": lambda h: len(h.members)}.get(c.name)
        listed = [values(h) if values else getattr(h, c.name) for h in model.homes]
        arrays[f"household.{c.name}"] = np.array(listed, dtype=c.dtype)
    return arrays


def differences(engine, people) -> list[str]:
    """What differs between the columns and the objects: one line a column, count or array; empty when equal."""
    found, arrays = [], columns_of(people)
    if len(arrays["uid"]) != len(engine.persons):
        return [f"{len(engine.persons)} rows of persons, {len(arrays['uid'])} objects"]
    living = engine.persons.alive == 1

    def compare(name: str, a, b, shown=None) -> None:
        a, b = np.asarray(a), np.asarray(b)
        differ = np.flatnonzero((a != b).reshape(len(a), -1).any(axis=1) & (shown if shown is not None else True))
        if len(differ):
            k = int(differ[0])
            found.append(f"{name} differs in {len(differ)} rows; row {k} holds {a[k]} in columns, {b[k]} in objects")

    compare("alive", engine.persons.alive, arrays["alive"])
    for name in engine.persons.columns:
        compare(name, getattr(engine.persons, name), arrays[name], living)
    for name in engine.households.columns:
        compare(f"household.{name}", getattr(engine.households, name), arrays[f"household.{name}"])
    for name, array in engine.settlements.arrays().items():
        compare(f"settlements.{name}", array, getattr(people.settlements, name))
    for name, array in engine.employers.arrays().items():
        compare(f"employers.{name}", array, [getattr(e, name) for e in people.employers])
    for name, array in engine.firms.arrays().items():
        compare(f"firms.{name}", array, [row_of(f.founder) if name == "founder" else getattr(f, name) for f in people.firms])
    for name, array in vars(engine.counts).items():
        compare(f"counts.{name}", np.atleast_1d(array), np.atleast_1d(getattr(people.counts, name)))
    for name in engine.tally.keys() & people.tally.keys():
        compare(f"tally.{name}", [engine.tally[name]], [people.tally[name]])
    for flow, row in engine.ledger.row.items():
        compare(f"ledger.{flow}", engine.ledger.amounts[row].T, people.ledger.amounts[row].T)
    for name, array in engine.governments.arrays().items():
        compare(f"governments.{name}", array, getattr(people.governments, name))
    for name in ("estates_fen", "equity_fund_fen", "fund_debt_fen"):
        compare(name, [getattr(engine, name)], [getattr(people, name)])
    return found
