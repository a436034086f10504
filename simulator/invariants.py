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
from simulator.kernels.auditing import NONE, Audited, Homes, Then
from simulator.measures.money import money_held  # noqa: F401 - the model opens its books with it
from simulator.state.books import ESTATES_AT, FLOWS, HOUSEHOLDS, LOCAL

ROUNDING = 1e-9
"""Relative error allowed where numbers are not whole: dwellings."""
TWO_64 = 2**64
MEMBERS, WED, LISTS, AT_WORK, LASTING, LASTING_KNOWN, LIVING, MEMBERS_SAID, JOBS_SAID, CASH, DEBT = range(11)
"""Places in `Look.sums`."""


@dataclass
class Opening:
    """What was so at the opening of the month."""

    people: int
    rows: int
    homes: int
    then: Then  # where everyone lived (u2, NOWHERE for the dead) and was registered (u2), and their education (u1)
    held: np.ndarray  # i8[n] money of households by settlement
    local: np.ndarray  # i8[G] money of local governments
    debt: np.ndarray  # i8[G]
    dwelling: np.ndarray  # u2: dwelling of every household
    dwellings: np.ndarray  # f8[n]
    firm_debt: int  # of firms and of the fund that owns them


@dataclass
class Look:
    """What one look at everyone found at the close; of faulty rows the first, NONE where there is none."""

    found: np.ndarray  # i8, by `auditing.FAULTS`
    homes: np.ndarray  # i8, by `auditing.HOME_FAULTS`
    registers: np.ndarray  # i8[2]: person registered elsewhere, person who has unlearned
    held: np.ndarray  # i8[n] money of households by settlement, estates with it
    gone: np.ndarray  # i8[n]
    born: np.ndarray  # i8[n]
    net: np.ndarray  # i8[n] arrivals less departures
    sums: list[int]  # see `auditing.look_at_people`; the members that households say; jobs, cash and debt of firms
    lines: np.ndarray  # i8[4]: faulty job lines
    firms: np.ndarray  # i8[4]: faulty firms


@contextmanager
def open_month(model):
    """Open the books and note the stocks; on leaving, close them and check that flows explain every change."""
    opening = note_opening(model)
    yield
    look = look_around(model, opening)
    check_people(model, opening.people, look)
    check_money(model, look)
    check_jobs(model, look)
    check_lives(model, opening, look)
    check_homes(model, opening, look)
    check_purses(model, opening, look)
    check_registers(model, look)
    check_programmes(model)
    check_names(model, everyone=model.month % 12 == 0)
    check_ranges(model, sixth=model.month % 6)


def _sixth(model, rows: int) -> tuple[int, int]:
    """The rows whose turn it is this month: relations that cost a look at somebody else are looked at in six months."""
    turn = model.month % 6
    return rows * turn // 6, rows * (turn + 1) // 6


def _room(model, rows: int, homes: int) -> tuple[Then, np.ndarray]:
    """Room for what is noted of everyone and of every household, kept from month to month."""
    kept = getattr(model, "room_of_opening", None)
    if kept is None or len(kept[0].residence) < rows or len(kept[1]) < homes:
        more, homes = rows + rows // 16, homes + homes // 16
        then = Then(np.empty(more, dtype=np.uint16), np.empty(more, dtype=np.uint16), np.empty(more, dtype=np.uint8))
        kept = model.room_of_opening = then, np.empty(homes, dtype=np.uint16)
    return kept


def note_opening(model) -> Opening:
    """Open the books: where everyone lives and what everyone holds before the month is lived."""
    p, n, homes = model.persons, model.world.n, len(model.households)
    then, dwelling = _room(model, len(p), homes)

    def part(share) -> tuple[int, np.ndarray]:
        lo, hi = share
        held = np.zeros(n, dtype=np.int64)
        living = auditing.note_before(p.alive, p.residence, p.savings, then.residence, held, lo, hi)
        then.hukou_place[lo:hi] = p.hukou_place[lo:hi]
        then.education[lo:hi] = p.education[lo:hi]
        return living, held

    parts = model.crew.each(part, model.crew.shares(len(p)))
    held = sum(part for _, part in parts)
    dwelling[:homes] = model.households.dwelling
    cash, debt = int(model.firms.cash.sum()), int(model.firms.debt.sum())
    model.ledger.open_month(int(held.sum()) + model.estates_fen, model.equity_fund_fen + cash)
    held[ESTATES_AT] += model.estates_fen
    return Opening(
        sum(living for living, _ in parts), len(p), homes, then, held, model.ledger.local.copy(), model.governments.debt.copy(),
        dwelling, model.settlements.dwellings.copy(), debt + model.fund_debt_fen,
    )  # fmt: skip


def look_around(model, opening: Opening) -> Look:
    """Look at every person, household, job line and firm."""
    p, h, lines, firms, n = model.persons, model.households, model.employers, model.firms, model.world.n
    people, homes, month, renamed = p.bundle(Audited), h.bundle(Homes), np.int64(model.month), month_of_year(model.month) == 1

    def of_people(share):
        faults, by_place, sums = np.full(16, NONE), np.zeros((4, n), dtype=np.int64), np.zeros(7, dtype=np.uint64)
        auditing.look_at_people(
            people, opening.then, opening.rows, homes, month, renamed, faults[:9], faults[9:14], faults[14:], *by_place, sums, *share
        )
        return faults, by_place, sums

    def of_homes(share):
        found = np.full(len(auditing.HOME_FAULTS), NONE)
        return found, auditing.look_at_homes(homes, p.residence, opening.dwelling, opening.homes, renamed, found, *share)

    def of_heads(share):
        found = np.full(len(auditing.HOME_FAULTS), NONE)
        auditing.look_at_heads(homes.head, p.household, found, *share)
        return found, 0

    def of_jobs(_):
        at_jobs, at_firms, totals = np.full(4, NONE), np.full(4, NONE), np.zeros(2, dtype=np.int64)
        jobs = auditing.look_at_jobs(
            model.counts.headcount, lines.headcount, lines.vacancies, lines.filled, lines.place, lines.sector, firms.settlement,
            firms.sector, firms.alive, firms.closed, firms.cash, firms.capital, firms.debt, NEVER, at_jobs, at_firms, totals,
        )  # fmt: skip
        return at_jobs, at_firms, int(jobs), totals

    shares, house_shares = model.crew.shares(len(p)), model.crew.shares(len(h))
    looks = [(of_people, share) for share in shares] + [(of_homes, share) for share in house_shares]
    results = model.crew.each(lambda ask: ask[0](ask[1]), [*looks, (of_heads, _sixth(model, len(h))), (of_jobs, None)])
    faults, by_place, sums = results[0]
    for other in results[1 : len(shares)]:
        faults, by_place, sums = np.minimum(faults, other[0]), by_place + other[1], sums + other[2]
    found, at_home, registers = faults[:9], faults[9:14], faults[14:]
    held, gone, born, net = by_place
    held[ESTATES_AT] += model.estates_fen
    members = 0
    for found_here, size in results[len(shares) : -1]:
        at_home = np.minimum(at_home, found_here)
        members = (members + int(size)) % TWO_64
    at_jobs, at_firms, jobs, totals = results[-1]
    return Look(found, at_home, registers, held, gone, born, net, [*sums.tolist(), members, jobs, *totals.tolist()], at_jobs, at_firms)


# -- people ------------------------------------------------------------------------------------


def check_people(model, before: int, look: Look) -> None:
    """births - deaths = change of the living; everyone lives in a settlement and is registered in one."""
    tally, living = model.tally, look.sums[LIVING]
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


def check_lives(model, opening: Opening, look: Look) -> None:
    """Job, partner, household and guardian of everyone fit; who moved is in the log of moves; money by place.

    Money of households in a settlement = what they held + received - paid + what movers brought - took along.
    """
    book = model.ledger
    if look.sums[AT_WORK] != look.sums[JOBS_SAID]:
        _name_misplaced(model, look.found)
    _name_faults(model, look.found, look.homes[:0])
    if look.sums[AT_WORK] != look.sums[JOBS_SAID]:
        model.stop("people work elsewhere than job lines say")
    if look.sums[WED] or look.sums[LISTS]:
        _name_relatives(model, look.sums[WED])
    _check_counts(model, opening.rows, look.gone, look.born, look.net)
    check_lasting(model, opening.rows, look)
    wrong = look.held - opening.held - book.net_by_settlement(HOUSEHOLDS) - book.carried
    if wrong.any():
        j = int(np.flatnonzero(wrong)[0])
        model.stop(f"households of settlement {j} hold {int(wrong[j])} fen from nowhere: no flow and no mover explains them")


def _name_misplaced(model, found: np.ndarray) -> None:
    """Note the first who works elsewhere than at the employer's place (the sums say there is somebody)."""
    p = model.persons
    place = model.employers.place[np.maximum(p.employer, 0)] if len(model.employers) else np.zeros(len(p))
    wrong = np.flatnonzero((p.alive == 1) & (p.employer >= 0) & (place != p.workplace))
    if len(wrong):
        found[auditing.MISPLACED] = wrong[0]


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


def check_lasting(model, known: int, look: Look) -> None:
    """uid, sex, month and place of birth and mother never change."""
    kept, taken_up = getattr(model, "lasting", None), model.persons.restored
    if kept is not None and kept[:2] == (known, taken_up) and kept[2] != look.sums[LASTING_KNOWN]:
        model.stop("uid, sex, month or place of birth, or mother of somebody has changed, which never does")
    model.lasting = len(model.persons), taken_up, look.sums[LASTING]


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
    if names is None or model.names_of != p.restored:
        names = set()
    new = p.uid[first + len(names) :]
    names.update(new.tolist())
    born = p.uid[first:] if everyone else new
    alike = everyone and len(np.unique(born)) != len(born)
    if alike or len(names) != len(p) - first or (born < first).any():
        model.stop("two people have the same uid")
    model.names, model.names_of = names, p.restored


def check_registers(model, look: Look) -> None:
    """Registration changes in January alone; nobody unlearns."""
    for row, what in zip(look.registers.tolist(), ("is registered elsewhere without conversion or re-labelling", "has less schooling than a month ago"), strict=True):
        if row < NONE:
            model.stop(f"person {model.persons.uid[row]} (row {row}) {what}")


# -- homes -------------------------------------------------------------------------------------


def check_homes(model, opening: Opening, look: Look) -> None:
    """Households have the members and the head they say; dwellings change by building and re-labelling alone."""
    h, p = model.households, model.persons
    _name_faults(model, look.found[:0], look.homes)
    if look.sums[MEMBERS] != look.sums[MEMBERS_SAID]:
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


def check_money(model, look: Look) -> None:
    """Every sector's money changes by what it was paid and paid, to the fen; money in all is zero."""
    sides, gaps = model.ledger.close_month(int(look.held.sum()), model.equity_fund_fen + look.sums[CASH])
    for sector, gap in gaps.items():
        if gap:
            who = "all sectors together hold" if sector == "all" else f"{sector.replace('_', ' ')}: the books do not explain"
            model.stop(f"{who} {gap} fen from nowhere")
    wrong = np.flatnonzero(sides[:, 0] != sides[:, 1])
    if len(wrong):
        k = int(wrong[0])
        model.stop(f"flow {model.ledger.flows[k].name}: {int(sides[k, 0])} fen paid, {int(sides[k, 1])} received")


def check_purses(model, opening: Opening, look: Look) -> None:
    """Every local government's money changes by its own flows, its debt by what it borrowed and repaid."""
    book, g = model.ledger, model.governments
    gap = book.local - opening.local - book.by_government(book.net_by_settlement(LOCAL))
    if gap.any():
        k = int(np.flatnonzero(gap)[0])
        model.stop(f"government {k} holds {int(gap[k])} fen from nowhere")
    gap = g.debt - opening.debt - (book.by_government(book.side("local_borrowing", 1)) - book.by_government(book.side("local_repayment", 0)))
    lent = book.total("firm_loans") - book.total("firm_repayment") - model.written_off
    owed = look.sums[DEBT] + model.fund_debt_fen - opening.firm_debt
    if owed != lent:
        model.stop(f"firms owe {owed - lent} fen that nobody lent them or forgave")
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


def check_jobs(model, look: Look) -> None:
    """Jobs held, counted from the people, equal every employer's headcount; no vacancy is filled twice."""
    lines, counted = model.employers, model.counts.headcount
    if len(counted) != len(lines):
        model.stop(f"{len(lines)} job lines, but people were counted in {len(counted)}")
    words = (
        lambda r: f"says it employs {int(lines.headcount[r])}, but {int(counted[r])} people work there",
        lambda r: f"filled {int(lines.filled[r])} of {int(lines.vacancies[r])} vacancies",
        lambda r: "has another place than its firm",
        lambda r: "has another sector than its firm",
    )
    for row, word in zip(look.lines.tolist(), words, strict=True):
        if row < NONE:
            model.stop(f"employer {row} {word(row)}")
    check_firm_names(model)
    what = "is open and closed at once", "is closed and still has jobs or vacancies", "is closed and still has money", "is closed and still has capital"
    for row, word in zip(look.firms.tolist(), what, strict=True):
        if row < NONE:
            model.stop(f"firm {row} {word}")


def check_firm_names(model) -> None:
    """No firm has the uid of another."""
    firms = model.firms
    names, taken_up = getattr(model, "firm_names", None) or (set(), firms.restored)
    if taken_up != firms.restored:
        names = set()
    names.update(firms.uid[len(names) :].tolist())
    if len(names) != len(firms):
        model.stop("two firms have the same uid")
    model.firm_names = names, firms.restored


# -- ranges ------------------------------------------------------------------------------------

SIGNED = ("labour_balance", "amenity", "ties_utility", "transfer_income", "remittances", "beside", "drift")
"""Settlement arrays that may be below zero."""
LIMITS = {
    kind: tuple(np.dtype(kind).type(number) for number in (least, most, 0))
    for kind, least, most in [
        *((kind, np.iinfo(kind).min, np.iinfo(kind).max) for kind in np.typecodes["AllInteger"]),
        *((kind, np.finfo(kind).min, np.finfo(kind).max) for kind in "fd"),
    ]
}
"""By the letter of a type: the least and the greatest finite number, and zero."""


def check_everything(model) -> None:
    """What takes turns over six months, all of it at once: at a checkpoint and at the end of a run."""
    p, h = model.persons, model.households
    found, at_home = np.full(len(auditing.FAULTS), NONE), np.full(len(auditing.HOME_FAULTS), NONE)
    auditing.look_at_lists(p.bundle(Audited), np.int64(model.month), found)
    auditing.look_at_heads(h.head, p.household, at_home, 0, len(h))
    _name_faults(model, found, at_home)
    check_ranges(model)


def _name_faults(model, found: np.ndarray, at_home: np.ndarray) -> None:
    for code in np.flatnonzero(found < NONE):
        row = int(found[code])
        model.stop(f"person {model.persons.uid[row]} (row {row}) {auditing.FAULTS[code]}")
    for code in np.flatnonzero(at_home < NONE):
        model.stop(f"household {int(at_home[code])} {auditing.HOME_FAULTS[code]}")


def check_ranges(model, sixth: int | None = None) -> None:
    """Declared ranges and finite numbers: one sixth of the columns a month in rotation, or all (None)."""
    turn = slice(None) if sixth is None else slice(sixth, None, 6)
    tables = model.persons, model.households, model.firms, model.employers
    asked = [(table, group, piece) for table in tables for group in table.groups()[turn] for piece in table.bounds(group)]
    for (table, group, _), outside in zip(asked, model.crew.each(lambda one: auditing.beyond(*one[2]), asked), strict=True):
        for name in group if outside else ():
            bad = table.out_of_range(name)
            if len(bad):
                value = getattr(table, name)[bad[0]]
                model.stop(f"column {name} of row {int(bad[0])} holds {value}, outside its declared range")
    for kind, part in (("settlement", model.settlements), ("government", model.governments)):
        for name in part.names()[turn]:
            array = getattr(part, name)
            low, high, zero = LIMITS[array.dtype.char]
            least = low if kind == "government" or name in SIGNED else zero
            if not auditing.beyond(array.reshape(-1), least, high, least):
                continue
            if not np.isfinite(array).all():
                model.stop(f"{kind} array {name} holds a number that is not finite")
            model.stop(f"{kind} array {name} holds {array.min()}, below zero")
    if len(model.governments) and model.governments.debt.min() < 0:
        model.stop("a government owes less than nothing")
