"""What must hold every month: people, homes, money and jobs come from somewhere and go somewhere.

At the opening it is noted where everyone lives and what everyone holds; at the close everything is
counted again from the columns and compared with what the mechanisms say they did.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from simulator.foundations.units import NEVER, month_of_year
from simulator.kernels import auditing
from simulator.kernels.auditing import Audited, Homes
from simulator.measures.money import money_held
from simulator.state.books import ESTATES_AT, FLOWS, HOUSEHOLDS, LOCAL

RANGES = 4
"""Parts of the table of people that are looked at side by side."""
ROUNDING = 1e-9
"""Relative error allowed where numbers are not whole: dwellings."""


@dataclass
class Opening:
    """What was so at the opening of the month."""

    people: int
    rows: int
    homes: int
    before: np.ndarray  # u2: where everyone lived, NOWHERE for the dead
    held: np.ndarray  # i8[n] money of households by settlement
    local: np.ndarray  # i8[G] money of local governments
    debt: np.ndarray  # i8[G]
    dwelling: np.ndarray  # u2: dwelling of every household
    dwellings: np.ndarray  # f8[n]
    firm_debt: int  # of firms and of the fund that owns them
    hukou_place: np.ndarray  # u2
    education: np.ndarray  # u1


@contextmanager
def open_month(model):
    """Open the books and note the stocks; on leaving, close them and check that flows explain every change."""
    model.ledger.open_month(*money_held(model))
    opening = note_opening(model)
    yield
    check_people(model, opening.people)
    check_money(model)
    check_jobs(model)
    check_lives(model, opening)
    check_homes(model, opening)
    check_purses(model, opening)
    check_registers(model, opening)
    check_programmes(model)
    check_names(model, everyone=model.month % 12 == 0)
    check_ranges(model, sixth=model.month % 6)


def _in_parts(model, rows: int, work) -> list:
    cuts = [rows * k // RANGES for k in range(RANGES + 1)]
    return model.crew.each(lambda k: work(cuts[k], cuts[k + 1]), list(range(RANGES)))


def note_opening(model) -> Opening:
    """Where everyone lives and what everyone holds before the month is lived."""
    p, n = model.persons, model.world.n
    before = np.empty(len(p), dtype=np.uint16)

    def part(lo, hi):
        held = np.zeros(n, dtype=np.int64)
        auditing.note_before(p.alive, p.residence, p.savings, before, held, lo, hi)
        return held

    held = sum(_in_parts(model, len(p), part))
    held[ESTATES_AT] += model.estates_fen
    return Opening(
        int(np.count_nonzero(p.alive)), len(p), len(model.households), before, held, model.ledger.local.copy(),
        model.governments.debt.copy(), model.households.dwelling.copy(), model.settlements.dwellings.copy(),
        owed_by_firms(model), p.hukou_place.copy(), p.education.copy(),
    )  # fmt: skip


# -- people ------------------------------------------------------------------------------------


def check_people(model, before: int) -> None:
    """births - deaths = change of the living; everyone lives in a settlement and is registered in one."""
    persons, tally = model.persons, model.tally
    living = int(np.count_nonzero(persons.alive))
    expected = before + tally.get("births", 0) - tally.get("deaths", 0)
    if living != expected:
        model.stop(f"{living} people live, but births and deaths explain {expected}")
    if int(model.settlements.ties_count.sum()) != living:
        model.stop(f"ties count {int(model.settlements.ties_count.sum())} people, but {living} live")
    for what, number in (
        ("settlements hold {} residents", model.settlements.residents.sum()),
        ("settlements hold {} people present", model.counts.present.sum()),
        ("registers hold {} people", model.counts.registered.sum()),
    ):
        if int(number) != living:
            model.stop(f"{what.format(int(number))}, but {living} people live")
    if not np.array_equal(model.settlements.residents, model.counts.residents):
        j = int(np.flatnonzero(model.settlements.residents != model.counts.residents)[0])
        model.stop(f"settlement {j} says it has {model.settlements.residents[j]:.0f} residents, but {int(model.counts.residents[j])} were counted")


def check_lives(model, opening: Opening) -> None:
    """One look at everyone: job, partner, household and guardian fit; who moved is in the log of moves; money by place.

    Money of households in a settlement = what they held + received - paid + what movers brought - took along.
    """
    p, n, book = model.persons, model.world.n, model.ledger
    people = p.bundle(Audited)
    place, month = model.employers.place, np.int64(model.month)

    def part(lo, hi):
        found = np.full(len(auditing.FAULTS), -1, dtype=np.int64)
        by_place = np.zeros((4, n), dtype=np.int64)
        sums = np.zeros(3, dtype=np.uint64)
        auditing.look_at_people(people, opening.before, opening.rows, place, month, found, *by_place, sums, lo, hi)
        return found, by_place, sums

    parts = _in_parts(model, len(p), part)
    for found, _, _ in parts:
        for code in np.flatnonzero(found >= 0):
            row = int(found[code])
            model.stop(f"person {p.uid[row]} (row {row}) {auditing.FAULTS[code]}")
    held, gone, born, net = sum(by_place for _, by_place, _ in parts)
    members, wed, lists = (int(v) for v in sum(sums for _, _, sums in parts))
    if wed or lists:
        _name_relatives(model, wed)
    _check_counts(model, opening.rows, gone, born, net)
    check_lasting(model, opening.rows)
    model.members = members
    held[ESTATES_AT] += model.estates_fen
    flows = book.net_by_settlement(HOUSEHOLDS) + book.carried
    wrong = np.flatnonzero(held != opening.held + flows)
    if len(wrong):
        j = int(wrong[0])
        gap = int(held[j] - opening.held[j] - flows[j])
        model.stop(f"households of settlement {j} hold {gap} fen from nowhere: no flow and no mover explains them")


def _name_relatives(model, wed: int) -> None:
    """Stop, naming the first whose partner or list of children does not fit (the sums say there is one)."""
    p = model.persons
    rows = np.arange(len(p))
    child, sibling, mate = np.maximum(p.first_child, 0), np.maximum(p.next_sibling, 0), np.maximum(p.partner, 0)
    if wed:
        wrong, what = (p.partner >= 0) & ((p.partner[mate] != rows) | (p.alive[mate] == 0)), "has a partner who is dead or somebody else's"
    else:
        wrong = (p.first_child >= 0) & (p.guardian[child] != rows)
        wrong |= (p.next_sibling >= 0) & (p.guardian[sibling] != p.guardian)
        what = "heads or stands in a list of children that is somebody else's"
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        model.stop(f"person {p.uid[row]} (row {row}) {what}")
    model.stop("somebody with a guardian stands in no list of children, or in two")


def check_lasting(model, known: int) -> None:
    """uid, sex, month and place of birth and mother never change."""
    p = model.persons
    columns = p.uid, p.sex, p.birth_month, p.birthplace, p.mother
    kept = getattr(model, "lasting", None)
    if kept is None or kept[0] != known:
        model.lasting = (len(p), auditing.add_up_lasting(*columns, 0, len(p)))
        return
    then = auditing.add_up_lasting(*columns, 0, known)
    if then != kept[1]:
        model.stop("uid, sex, month or place of birth, or mother of somebody has changed, which never does")
    model.lasting = (len(p), (then + auditing.add_up_lasting(*columns, known, len(p))) % 2**64)


def _check_counts(model, known: int, gone, born, net) -> None:
    """Births, deaths and moves by settlement, counted from the columns, are those that were noted.

    A newborn who moves in its first month counts as born where it then lives.
    """
    tally, n = model.tally, len(net)
    if int(born.sum()) != tally.get("births", 0) or int(gone.sum()) != tally.get("deaths", 0):
        model.stop(f"{int(born.sum())} people are new and {int(gone.sum())} gone, "
                   f"but {tally.get('births', 0)} births and {tally.get('deaths', 0)} deaths were noted")  # fmt: skip
    logged = np.zeros(n, dtype=np.int64)
    for row, start, to in [log[:3] for log in model.month_moves] + model.renamed:
        start, to = start[row < known], to[row < known]
        np.subtract.at(logged, start, 1)
        np.add.at(logged, to, 1)
    wrong = np.flatnonzero(net != logged)
    if len(wrong):
        j = int(wrong[0])
        model.stop(f"settlement {j} gained {int(net[j])} people by moves, but the log of moves says {int(logged[j])}")


def check_names(model, everyone: bool = False) -> None:
    """Nobody's uid is anybody else's: newborns against all born since the start, the first by index."""
    p, first = model.persons, model.first_generation
    names = getattr(model, "names", None)
    known = first + (len(names) if names is not None else 0)
    if names is None or everyone or known > len(p):
        names, known = set(), first
    new = p.uid[known:].tolist()
    names.update(new)
    if len(names) != len(p) - first or any(uid < first for uid in new):
        model.stop("two people have the same uid")
    model.names = names


def check_registers(model, opening: Opening) -> None:
    """Registration changes in January alone; nobody unlearns."""
    p, rows = model.persons, opening.rows
    if month_of_year(model.month) != 1:
        wrong = np.flatnonzero(p.hukou_place[:rows] != opening.hukou_place)
        if len(wrong):
            model.stop(f"person {p.uid[wrong[0]]} (row {wrong[0]}) is registered elsewhere without conversion or re-labelling")
    wrong = np.flatnonzero(p.education[:rows] < opening.education)
    if len(wrong):
        model.stop(f"person {p.uid[wrong[0]]} (row {wrong[0]}) has less schooling than a month ago")


# -- homes -------------------------------------------------------------------------------------


def check_homes(model, opening: Opening) -> None:
    """Households have the members and the head they say; dwellings change by building and re-labelling alone."""
    h, p = model.households, model.persons
    homes, renamed = h.bundle(Homes), month_of_year(model.month) == 1

    def part(lo, hi):
        found = np.full(len(auditing.HOME_FAULTS), -1, dtype=np.int64)
        members = auditing.look_at_homes(
            homes, p.alive, p.state, p.household, p.residence, opening.before, opening.rows, opening.dwelling, opening.homes,
            renamed, found, lo, hi,
        )  # fmt: skip
        return found, members

    parts = _in_parts(model, len(h), part)
    for found, _ in parts:
        for code in np.flatnonzero(found >= 0):
            model.stop(f"household {int(found[code])} {auditing.HOME_FAULTS[code]}")
    if sum(int(members) for _, members in parts) % 2**64 != model.members % 2**64:
        size = np.bincount(p.household[(p.alive == 1) & (p.household >= 0)], minlength=len(h))
        row = int(np.flatnonzero(size != h.size)[0])
        model.stop(f"household {row} says it has {int(h.size[row])} members, but {int(size[row])} people belong to it")
    s = model.settlements
    expected = opening.dwellings + model.built
    wrong = np.flatnonzero(np.abs(s.dwellings - expected) > ROUNDING * (1.0 + expected))
    if len(wrong):
        j = int(wrong[0])
        model.stop(f"settlement {j} has {s.dwellings[j]:.6f} dwellings, but building and re-labelling explain {expected[j]:.6f}")


# -- money -------------------------------------------------------------------------------------


def check_money(model) -> None:
    """Every sector's money changes by what it was paid and paid, to the fen; money in all is zero."""
    for sector, gap in model.ledger.imbalances(*money_held(model)).items():
        if gap:
            who = "all sectors together hold" if sector == "all" else f"{sector.replace('_', ' ')}: the books do not explain"
            model.stop(f"{who} {gap} fen from nowhere")
    sides = model.ledger.amounts.sum(axis=2)
    wrong = np.flatnonzero(sides[:, 0] != sides[:, 1])
    if len(wrong):
        k = int(wrong[0])
        model.stop(f"flow {model.ledger.flows[k].name}: {int(sides[k, 0])} fen paid, {int(sides[k, 1])} received")


def owed_by_firms(model) -> int:
    """What firms and the fund that owns them owe, fen."""
    return int(model.firms.debt.sum()) + model.fund_debt_fen


def check_purses(model, opening: Opening) -> None:
    """Every local government's money changes by its own flows, its debt by what it borrowed and repaid."""
    book, g = model.ledger, model.governments
    gap = book.local - opening.local - book.by_government(book.net_by_settlement(LOCAL))
    if gap.any():
        k = int(np.flatnonzero(gap)[0])
        model.stop(f"government {k} holds {int(gap[k])} fen from nowhere")
    gap = g.debt - opening.debt - (book.by_government(book.side("local_borrowing", 1)) - book.by_government(book.side("local_repayment", 0)))
    lent = book.total("firm_loans") - book.total("firm_repayment") - model.written_off
    if owed_by_firms(model) - opening.firm_debt != lent:
        model.stop(f"firms owe {owed_by_firms(model) - opening.firm_debt - lent} fen that nobody lent them or forgave")
    if gap.any():
        k = int(np.flatnonzero(gap)[0])
        model.stop(f"debt of government {k} changed by {int(gap[k])} fen without borrowing or repayment")


def check_programmes(model) -> None:
    """What policies say they spent is what left governments in their flows, but for what mechanisms paid and reported."""
    programmes, book = model.programmes, model.ledger
    if not programmes.rows:
        return
    noted = int(programmes.spent.sum()) - int(programmes.reported_last.sum())
    booked = int(book.amounts[len(FLOWS) :, 0].sum())
    if noted != booked:
        model.stop(f"policies say they spent {noted} fen, but the books hold {booked}")


# -- jobs --------------------------------------------------------------------------------------


def check_jobs(model) -> None:
    """Jobs held, counted from the people, equal every employer's headcount; no vacancy is filled twice."""
    lines, firms = model.employers, model.firms
    counted, held = model.counts.headcount, lines.headcount
    if not np.array_equal(counted, held):
        row = int(np.flatnonzero(counted != held)[0])
        model.stop(f"employer {row} says it employs {int(held[row])}, but {int(counted[row])} people work there")
    wrong = np.flatnonzero(lines.filled > lines.vacancies)
    if len(wrong):
        row = int(wrong[0])
        model.stop(f"employer {row} filled {int(lines.filled[row])} of {int(lines.vacancies[row])} vacancies")
    for column, own in (("place", firms.settlement), ("sector", firms.sector)):
        wrong = np.flatnonzero(getattr(lines, column) != np.repeat(own, 2))
        if len(wrong):
            model.stop(f"employer {int(wrong[0])} has another {column} than its firm")
    wrong = np.flatnonzero((firms.alive == 1) != (firms.closed == NEVER))
    if len(wrong):
        model.stop(f"firm {int(wrong[0])} is open and closed at once")
    check_firm_names(model)
    closed = np.flatnonzero(firms.alive == 0)
    if len(closed):
        busy = held[2 * closed] + held[2 * closed + 1] + lines.vacancies[2 * closed] + lines.vacancies[2 * closed + 1]
        for left, what in ((busy, "jobs or vacancies"), (firms.cash[closed], "money"), (firms.capital[closed], "capital")):
            if left.any():
                model.stop(f"firm {int(closed[np.flatnonzero(left)[0]])} is closed and still has {what}")


def check_firm_names(model) -> None:
    """No firm has the uid of another."""
    names, firms = getattr(model, "firm_names", None) or set(), model.firms
    if len(names) > len(firms):
        names = set()
    names.update(firms.uid[len(names) :].tolist())
    if len(names) != len(firms):
        model.stop("two firms have the same uid")
    model.firm_names = names


# -- ranges ------------------------------------------------------------------------------------

SIGNED = ("labour_balance", "amenity", "ties_utility", "transfer_income", "remittances", "beside", "drift")
"""Settlement arrays that may be below zero."""


def check_ranges(model, sixth: int | None = None) -> None:
    """Declared ranges and finite numbers: one sixth of the columns a month in rotation, or all (None)."""
    for table in (model.persons, model.households, model.firms, model.employers):
        for k, group in enumerate(table.groups()):
            if sixth is not None and k % 6 != sixth or table.surely_in_range(group):
                continue
            for name in group:
                bad = table.out_of_range(name)
                if len(bad):
                    value = getattr(table, name)[bad[0]]
                    model.stop(f"column {name} of row {int(bad[0])} holds {value}, outside its declared range")
    for kind, part in (("settlement", model.settlements), ("government", model.governments)):
        for k, (name, array) in enumerate(part.arrays().items()):
            if sixth is not None and k % 6 != sixth or array.size == 0:
                continue
            least, most = array.min(), array.max()
            if not np.isfinite(least) or not np.isfinite(most):
                model.stop(f"{kind} array {name} holds a number that is not finite")
            if kind == "settlement" and least < 0 and name not in SIGNED:
                model.stop(f"{kind} array {name} holds {least}, below zero")
    if (model.governments.debt < 0).any():
        model.stop("a government owes less than nothing")
