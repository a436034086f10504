"""Everyone: one row a person, living or dead, in the order in which they entered the world."""

from __future__ import annotations

from simulator.foundations.columns import Column, ColumnTable
from simulator.foundations.units import NEVER, NOBODY, NOWHERE

TIES = 8
"""Personal ties a person can hold."""


def _place(name: str, meaning: str, none: bool = False) -> Column:
    return Column(name, "u2", "settlement row", meaning, 0, NOWHERE - 1, NOWHERE if none else None, NOWHERE)


def _row(name: str, meaning: str, block: str | None = None) -> Column:
    return Column(name, "i4", "row", meaning, 0, None, NOBODY, NOBODY, block)


def _month(name: str, meaning: str) -> Column:
    return Column(name, "i2", "month number", meaning, 1800 * 12, 2300 * 12, NEVER, NEVER)


PERSON_COLUMNS = (
    Column("uid", "u8", "", "identity: names the person in outputs, keys their luck, never reused"),
    Column("alive", "u1", "0/1", "1 while the person lives", 0, 1),
    Column("sex", "u1", "code", "0 male, 1 female", 0, 1),
    Column("education", "u1", "code", "highest finished: 0 primary or less, 1 junior, 2 senior, 3 college", 0, 3),
    Column("state", "u1", "code", "labour state, see units.STATES", 0, 8),
    Column("hukou_kind", "u1", "code", "0 rural, 1 urban registration", 0, 1),
    Column("township_apart", "u1", "0/1", "1 when hukou is in another township of the county of residence", 0, 1),
    Column("disability", "u1", "code", "0 none, 1 disabled, 2 severely disabled", 0, 2),
    Column("insurance", "u1", "code", "0 none, 1 resident scheme, 2 employee scheme", 0, 2),
    Column("birth_month", "i2", "month number", "month of birth", 1800 * 12, 2300 * 12),
    _month("last_move", "month of the last change of residence"),
    _month("last_return", "month of the last return to the root"),
    _month("left_study", "month in which the last study ended"),
    _month("study_since", "month in which the present or last study began"),
    _place("birthplace", "settlement of birth; never changes"),
    _place("hukou_place", "settlement of registration"),
    _place("root", "settlement of attachment, family, land; at first the hukou place"),
    _place("residence", "settlement the person lives in"),
    _place("workplace", "settlement of the job", none=True),
    Column("county_hukou", "u2", "county number", "county of registration, within the world's list", 0, 65534, 65535, 65535),
    Column("county_residence", "u2", "county number", "county of residence", 0, 65534, 65535, 65535),
    Column("months_away", "u2", "months", "consecutive months lived outside the hukou place", 0, 2400),
    _place("returned_from", "where the last return came from", none=True),
    Column("experience", "u2", "months", "months worked for pay", 0, 1200),
    _place("november0", "residence at the latest November", none=True),
    _place("november1", "residence one November before", none=True),
    _place("november2", "residence two Novembers before", none=True),
    _place("november3", "residence three Novembers before", none=True),
    _place("november4", "residence four Novembers before", none=True),
    _place("study_place", "settlement of study, present or last", none=True),
    Column("worked_months", "u2", "bits", "bit m: non-farm work m months ago (bit 0 is this month), twelve bits", 0, 4095),
    _row("household", "row of the household"),
    _row("mother", "row of the mother"),
    _row("partner", "row of the partner"),
    _row("guardian", "row of the adult in whose list of children this person stands"),
    _row("first_child", "row of the first child in this adult's list"),
    _row("next_sibling", "row of the next child in the same list"),
    _row("employer", "row of the employer"),
    Column("wage", "i4", "fen a month", "pay agreed with the employer; 0 without one", 0, None),
    Column("savings", "i8", "fen", "money the person holds"),
    Column("received", "i4", "fen", "got since the last pay beside it, less what was sent home: remittances, rents, benefits"),
    Column("benefit_months", "u1", "months", "months of unemployment benefit left", 0, 24),
    Column("attachment", "f4", "utility", "pull of the root, given at birth; years at a college elsewhere loosen it", -20, 20),
    *(_row(f"tie{k}", f"row of personal tie {k + 1}", "ties") for k in range(TIES)),
)  # fmt: skip

HOUSEHOLD_COLUMNS = (
    Column("head", "i4", "row", "person at the head", 0, None, NOBODY, NOBODY),
    _place("root", "settlement of the family's root"),
    _place("dwelling", "settlement of the family's dwelling"),
    Column("land_right", "u1", "0/1", "1 while the family holds a land-use right at its root", 0, 1),
    Column("size", "i2", "persons", "living members", 0, 500),
    Column("guarantee", "i4", "fen a month", "minimum guarantee paid until the next assessment", 0, None),
    Column("guarantee_rest", "i4", "fen a month", "what of it would be paid with the levers of policies at rest", 0, None),
    Column("aided", "u1", "persons", "disabled members who get aid until the next assessment", 0, 255),
)


class Persons(ColumnTable):
    """The table of persons; see `PERSON_COLUMNS` for what each column means."""

    def __init__(self, capacity: int = 0):
        super().__init__(PERSON_COLUMNS, capacity)


class Households(ColumnTable):
    """The table of households; see `HOUSEHOLD_COLUMNS`."""

    def __init__(self, capacity: int = 0):
        super().__init__(HOUSEHOLD_COLUMNS, capacity)
