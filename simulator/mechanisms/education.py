"""School, college and degrees: who goes on learning, where, and who comes out with what.

At 15 a share of children enters senior school; each September colleges admit, each July they
release their graduates, who then choose where to live; adults take degrees beside their work.
"""

from __future__ import annotations

import numpy as np

from simulator.foundations.paths import grown
from simulator.foundations.streams import STUDY_PLACE
from simulator.foundations.units import month_of_year
from simulator.kernels import studying
from simulator.kernels.classes import list_rows
from simulator.kernels.rng import draw1, draw4
from simulator.kernels.sampling import round_controlled

WRITES = {
    "persons": (
        "education", "state", "left_study", "study_since", "study_place", "residence", "workplace",
        "county_residence", "township_apart", "last_move", "attachment",
    ),
    "households": ("dwelling",), "settlements": (), "employers": (),
}  # fmt: skip

GRADUATION_MONTH, ADMISSION_MONTH = 7, 9
STUDY = 1
"""Reason of a move in the month's list of moves."""
MOST_ADULT_DEGREES = 0.5
"""The largest share of working adults with senior school who may take a degree in one year."""


def study_and_graduate(model) -> dict[str, int]:
    """Birthdays at school; in July graduation and adult degrees; in September admission."""
    persons = model.persons
    enrolment = min(1.0, float(model.scenario["education.senior_enrolment"]) * grown(model, "senior_share"))
    people, month = persons.bundle(studying.Students), np.int64(model.month)

    def some(part: tuple[int, int]) -> tuple[int, int]:
        rows = model.birthdays[slice(*part)]
        return studying.leave_school(rows, month, model.seed, enrolment, people, np.empty_like(rows))

    entered, left = map(sum, zip(*model.crew.each(some, model.crew.shares(len(model.birthdays))), strict=True))
    tally = {"entered_senior": int(entered), "left_junior": int(left)}
    model.graduates = np.empty(0, dtype=np.int32)
    calendar = month_of_year(model.month)
    if calendar == GRADUATION_MONTH:
        tally["graduates"] = release_graduates(model)
        tally["adult_degrees"] = study_beside_work(model)
    if calendar == ADMISSION_MONTH:
        tally.update(admit_students(model))
    return tally


def release_graduates(model) -> int:
    """Whoever has studied for the years of college gets a degree, skips this month's search and chooses a place."""
    p, years = model.persons.bundle(studying.Students), np.int64(model.scenario["education.college_years"])

    def block(lo: int, hi: int) -> np.ndarray:
        out = np.empty(hi - lo, dtype=np.int32)
        return out[: studying.graduate(np.int64(model.month), years, p, out, np.int64(lo), np.int64(hi))].copy()

    found = model.crew.run(block, len(model.persons))
    rows = model.graduates = np.concatenate([np.empty(0, dtype=np.int32), *found])
    away = rows[model.persons.study_place[rows] != model.persons.root[rows]]
    looser = model.persons.attachment[away] - np.float32(model.scenario["migration.study_loosens_ties"])
    model.persons.attachment[away] = np.maximum(looser, np.float32(-20.0))
    model.forced_considerers.append(model.graduates)
    return len(model.graduates)


def study_beside_work(model) -> int:
    """The degrees of the year by adult, online and self-study, spread over those who may take one."""
    p = model.persons.bundle(studying.Students)
    rows = list_rows(model.crew, studying.list_adult_students, p, model.month)
    if not len(rows):
        return 0
    wanted = float(model.scenario["education.adult_degrees_per_year"]) * grown(model, "adult_degrees")
    chance = min(MOST_ADULT_DEGREES, wanted / model.persons_per_agent / len(rows))
    month = np.int64(model.month)
    shares = model.crew.shares(len(rows))
    return int(sum(model.crew.each(lambda part: studying.take_degrees(rows[slice(*part)], month, model.seed, chance, p), shares)))


def college_places(model) -> np.ndarray:
    """Whole places of each settlement this year, in agents.

    Places of the base year, times the growth of the province's admissions since, times the lever;
    rounded from a keyed start within a keyed order of provinces and of settlements in each: every
    province keeps its total to a place, and every college has its exact number in the mean.
    """
    world, n = model.world, model.world.n
    exact = np.asarray(world.university_places, dtype=np.float64) * model.levers.college_places
    growth = np.array([grown(model, "college_places", str(code)) for code in world.province_code])
    exact = exact * growth[world.province] / model.persons_per_agent

    def key(kind: int, k: int) -> int:
        return int(draw4(model.seed, STUDY_PLACE, np.int64(model.month), np.uint64(k), np.uint64(2**31 + kind))[0])

    by_province = np.array([key(0, p) for p in range(len(growth))])
    by_settlement = np.array([key(1, s) for s in range(n)])
    order = np.lexsort((np.arange(n), by_settlement, world.province, by_province[world.province]))
    places = np.empty(n, dtype=np.int64)
    start = draw1(model.seed, STUDY_PLACE, np.int64(model.month), np.uint64(0), np.uint64(2**31 + 2))
    places[order] = round_controlled(np.concatenate([[start - 0.5], exact[order]]))[1:]
    return places


def admit_students(model) -> dict[str, int]:
    """September: applicants by merit take the places of their province, then those left anywhere."""
    world, persons, month = model.world, model.persons, np.int64(model.month)
    p = persons.bundle(studying.Students)
    rows = list_rows(model.crew, studying.list_applicants, p, model.month)
    key = np.empty(len(rows), dtype=np.uint64)
    studying.rank_applicants(rows, month, model.seed, p, key)
    order = np.lexsort((persons.uid[rows], key))
    places = college_places(model)
    slot_at, slot_key = np.empty(int(places.sum()), dtype=np.int64), np.empty(int(places.sum()), dtype=np.uint64)
    studying.lay_out_places(places, month, model.seed, slot_at, slot_key)
    slot_order = np.lexsort((slot_at, slot_key))
    province = world.province.astype(np.int64)
    in_province = np.bincount(province, weights=places, minlength=len(world.province_code))
    held = round_controlled(in_province * float(model.scenario["education.home_province_share"]))
    home = province[persons.hukou_place[rows]]
    given = np.full(len(rows), -1, dtype=np.int64)
    studying.hand_out_places(home, order, slot_at, slot_order, province, held, given)

    def enrol(part: tuple[int, int]) -> tuple:
        mine, places_of = rows[slice(*part)], given[slice(*part)]
        log = [np.empty(len(mine), dtype=t) for t in (np.int32, np.uint16, np.uint16)]
        admitted, moved = studying.go_to_college(
            mine, places_of, month, model.seed, p, world.county_cell_start, world.county_cell_list, world.county_cell_weight, *log
        )
        return admitted, *[column[:moved] for column in log]

    admitted, *moves = zip(*model.crew.each(enrol, model.crew.shares(len(rows))), strict=True)
    row, start, to = map(np.concatenate, moves)
    model.ledger.carry(model.persons.savings[row], start, to)
    heads = persons.household[row]
    lead = (heads >= 0) & (model.households.head[heads] == row)
    model.households.dwelling[heads[lead]] = to[lead]
    model.month_moves.append((row, start, to, np.full(len(row), STUDY, dtype=np.uint8)))
    return {"applicants": len(rows), "admitted": int(sum(admitted)), "study_moves": len(row)}
