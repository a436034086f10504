"""The first population: the people of a world's tables as agents with homes, work, families and friends.

Every residual freedom that the census leaves is settled by a keyed draw, so the same tables, seed
and weight give the same people. Counts of residents, registrations, students, workers and the
unemployed follow the tables by controlled rounding; what is assumed is a parameter in `ASSUMED`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from simulator.foundations.units import COLLEGE, FEN, MALE, NOBODY, NOWHERE, RURAL, STUDENT
from simulator.kernels import acquaintance, caring, families, livelihoods, peopling
from simulator.kernels.sampling import build_alias, round_controlled
from simulator.state.persons import TIES, Households, Persons
from simulator.worlds.registration import Registry
from simulator.worlds.tables import WorldTables

ASSUMED = {
    "education.senior_enrolment": 0.85,
    "education.college_years": 4,
    "labour.commute_hours_max": 1.0,
    "labour.commute_share": 0.08,
    "labour.flexible_share": 0.2,
    "labour.unemployment_urban": 0.053,
    "labour.unemployment_rural": 0.02,
    "labour.migrant_work_odds": 1.3,
    "farming.old_share": 0.35,
    "household.target_months": 6.0,
    "household.monthly_spending": 2500.0,
    "household.savings_sd": 1.4,
    "household.left_behind_partner_other_province": 0.45,
    "household.left_behind_partner_same_province": 0.25,
    "household.left_behind_children": 0.17,
    "household.elders_with_children": 0.45,
    "household.unmarried_with_parents": 0.6,
    "household.couple_same_home": 0.8,
    "migration.attachment_mean": 2.3,
    "migration.attachment_sd": 1.3,
    "migration.mean_months_away": 60.0,
    "hukou.registered_in_rural_part": 0.7,
    "hukou.urban_born_rural": 0.3,
    "demography.disability_rate": 0.02,
    "demography.severe_share": 0.35,
    "floor.work_capacity": 0.5,
    "demography.retirement_age_men": 60.0,
    "demography.retirement_age_women": 55.0,
    "demography.works_to_65": 0.45,
    "demography.works_to_70": 0.3,
}
"""What the first population needs and no table gives; a scenario's parameters of the same name win."""

MARRIED_BY_AGE = ((0, 0.0), (20, 0.0), (22, 0.10), (27, 0.60), (32, 0.85), (70, 0.82), (80, 0.55), (90, 0.2), (120, 0.1))
"""(age, share married), straight lines between (assumed; declining through widowhood)."""

SAVINGS_BY_AGE = ((16, 0.2), (25, 0.4), (35, 0.9), (50, 1.3), (65, 1.3), (110, 1.1))
"""(age, median savings relative to the middle of life), straight lines between (assumed)."""

BACK_MONTHS = 36
BACK_BY_KIND = (0.015, 0.034, 0.028, 0.046, 0.032)
"""People who came home within three years over those of 20 to 59 who live at their root, by kind of place, and relative to that"""
BACK_BY_AGE = (1.3, 1.9, 1.8, 1.3, 0.7, 0.6, 0.4, 0.4)
"""by five years of age from 20 (measured in a run of the model, third to fifth year; no census asks)."""

RETIREMENT = ("retirement_age_men", "retirement_age_women", "works_to_65", "works_to_70")


@dataclass
class Population:
    """The first people and their households."""

    persons: Persons
    households: Households


def populate(world: WorldTables, persons_per_agent: int, seed: int, parameters: Mapping[str, float]) -> Population:
    """Draw the first population of a world: one agent stands for `persons_per_agent` people."""
    value = {**ASSUMED, **{name: parameters[name] for name in ASSUMED if name in parameters}}
    counts = count_agents(world, persons_per_agent)
    persons = seat_people(world, counts, seed)
    first = np.concatenate([[0], np.cumsum(counts.sum(axis=(1, 2, 3, 4)))])
    migrant = persons.migrant
    table = persons.table
    found_families(world, table, migrant, first, seed, value)
    occupy_people(world, table, migrant, first, persons_per_agent, seed, value)
    recall_returns(world, table, seed)
    households = gather_households(world, table, first, seed, value)
    introduce_people(world, table, seed)
    return Population(table, households)


def count_agents(world: WorldTables, persons_per_agent: int) -> np.ndarray:
    """Agents in each cell of `world.people`, by controlled rounding.

    Running totals are rounded in the order province, migrant class, settlement, age, sex, education:
    a province, and a migrant class in a province, is right to one agent, a settlement to four.
    """
    people = world.people.astype(np.float64) / persons_per_agent
    order = np.argsort(world.province, kind="stable")
    starts = np.flatnonzero(np.diff(world.province[order].astype(int), prepend=-1))
    blocks = np.split(order, starts[1:])
    flat = np.concatenate([people[cells].transpose(1, 0, 2, 3, 4).ravel() for cells in blocks])
    whole = round_controlled(flat)
    counts = np.empty(people.shape, dtype=np.int64)
    at = 0
    for cells in blocks:
        shape = (4, len(cells), 19, 2, 4)
        size = int(np.prod(shape))
        counts[cells] = whole[at : at + size].reshape(shape).transpose(1, 0, 2, 3, 4)
        at += size
    return counts


@dataclass
class _Seated:
    table: Persons
    migrant: np.ndarray


def seat_people(world: WorldTables, counts: np.ndarray, seed: int) -> _Seated:
    """Rows in the order of settlements with birthday, sex, education, residence and county."""
    month = world.base_month
    code, key = peopling.lay_out_people(counts, seed, month)
    order = np.argsort(key, kind="stable")
    code = code[order]
    n = len(code)
    table = Persons(n + n // 16 + 1024)
    table.append(n)
    table.uid[:] = np.arange(n, dtype=np.uint64)
    table.alive[:] = 1
    totals = counts.sum(axis=(1, 2, 3, 4))
    table.residence[:] = np.repeat(np.arange(world.n, dtype=np.uint16), totals)
    migrant = np.empty(n, dtype=np.uint8)
    teens = counts[:, :, 4]
    college = teens[..., COLLEGE].sum() / max(teens.sum(), 1)
    young = min(0.6 / max(1.0 - college, 1e-9), 0.98)
    peopling.give_birthdays(code, young, month, seed, table.birth_month, table.sex, table.education, migrant)
    first = np.concatenate([[0], np.cumsum(totals)])
    peopling.place_in_counties(
        first, seed, month, world.county_cell_start, world.county_cell_list, world.county_cell_weight, table.county_residence
    )
    return _Seated(table, migrant)


def found_families(world, table, migrant, first, seed, value) -> None:
    """Couples, mothers and children, and where all of them are registered."""
    month, n = world.base_month, len(table)
    rural = world.kind == RURAL
    married, leaves = np.empty(n, dtype=np.uint8), np.empty(n, dtype=np.uint8)
    leave = np.array(
        [0, 0, value["household.left_behind_partner_same_province"], value["household.left_behind_partner_other_province"]]
    )
    share = _by_age(MARRIED_BY_AGE, families.AGES)
    families.plan_marriages(seed, month, share, leave, table.birth_month, migrant, married, leaves)

    register = Registry(world, table, migrant, seed, value)
    alone = np.ones(n)
    register(np.flatnonzero((migrant <= 1) | (leaves == 1)), alone)
    _marry(world, table, migrant, married, leaves)
    child = month - table.birth_month.astype(np.int64) < 216
    children = np.zeros(n, dtype=np.int32)
    home = (migrant == 0) & rural[table.residence]
    behind = np.zeros(n, dtype=np.uint8)
    zero = np.zeros((world.n, 4))
    zero[:, 0] = value["household.left_behind_children"]
    peopling.deal_shares(zero, table.residence, migrant, behind)
    behind = (behind == 1) & child & home
    everyone = np.ones(n, dtype=bool)
    here = families.list_women(month, table.residence, everyone, table.sex, table.birth_month, world.n)
    mother = table.mother
    people = (table.birth_month, table.partner, migrant, mother, children)
    families.find_mothers(np.flatnonzero(child & ~behind), table.residence, seed, month, here, *people)

    leader, weight = np.empty(n, dtype=np.int32), np.empty(n)
    families.follow_whom(
        seed, month, value["household.couple_same_home"], table.birth_month, table.residence, table.sex, migrant,
        table.hukou_place, table.partner, mother, leader, weight,
    )  # fmt: skip
    register.book_followers(leader)
    waiting = (table.hukou_place == NOWHERE) & (leader < 0)
    register(np.flatnonzero(waiting & (weight > 1)), weight)
    register(np.flatnonzero(waiting & (weight == 1)), weight)
    peopling.follow_family(leader, table.hukou_place, table.county_hukou, table.county_residence)
    table.root[:] = table.hukou_place

    away = table.root != table.residence
    gone = families.list_women(month, table.root, away, table.sex, table.birth_month, world.n)
    unclassed = np.zeros(n, dtype=np.uint8)
    people = (table.birth_month, table.partner, unclassed, mother, children)
    families.find_mothers(np.flatnonzero(behind), table.residence, seed, month, gone, *people)
    people = (table.birth_month, table.partner, migrant, mother, children)
    families.find_mothers(np.flatnonzero(behind & (mother < 0)), table.residence, seed, month, here, *people)
    at_home = families.list_women(month, table.residence, ~away, table.sex, table.birth_month, world.n)
    families.find_parents_of_adults(seed, month, at_home, table.root, table.birth_month, mother)
    _remember(world, table, migrant, seed, value)


def _marry(world, table, migrant, married, leaves) -> None:
    """Couples apart first (one away, one at the root), then couples here, the most alike first."""
    residence, sex = table.residence.astype(np.int64), table.sex
    moved = (leaves == 1) & (migrant >= 2) & (table.hukou_place != table.residence)
    stays = (married == 1) & (migrant == 0)
    rows = np.flatnonzero(moved | stays)
    place = np.where(moved[rows], table.hukou_place[rows], residence[rows])
    _pair(table, rows, 2 * place + (sex[rows] != np.where(moved[rows], MALE, 1 - MALE)), 18)
    education = table.education.astype(np.int64)
    for group, tolerance in (
        ((residence * 4 + migrant) * 4 + education, 36),
        (residence * 4 + migrant, 36),
        (residence, 60),
        (residence, 96),
    ):
        rows = np.flatnonzero((married == 1) & (table.partner == NOBODY))
        _pair(table, rows, group[rows], tolerance)


def _pair(table, rows, group, tolerance) -> None:
    counted = table.birth_month[rows].astype(np.int64) - 24 * table.sex[rows]
    order = np.argsort((group.astype(np.int64) << 16) + counted, kind="stable")
    families.pair_in_order(
        rows[order].astype(np.int32), group[order].astype(np.int64), table.sex, table.birth_month, tolerance, table.partner
    )


def _remember(world, table, migrant, seed, value) -> None:
    """Kind of registration, time away, birthplace and the last five Novembers."""
    P = len(world.province_code)
    share = np.column_stack([world.rural_hukou_local, world.rural_hukou_migrant]).astype(np.float64)
    peopling.deal_shares(share, table.residence, migrant, table.hukou_kind)
    table.hukou_kind[:] = 1 - table.hukou_kind
    inside = world.province[None, :] == np.arange(P)[:, None]
    country = np.where(inside & (world.kind == RURAL)[None, :], world.population[None, :], 0.0)
    people = (
        table.residence, table.hukou_place, table.hukou_kind, table.birth_month,
        table.birthplace, table.months_away, table.last_move,
    )  # fmt: skip
    novembers = (table.november0, table.november1, table.november2, table.november3, table.november4)
    peopling.remember_the_past(
        seed, world.base_month, value["migration.mean_months_away"], value["hukou.urban_born_rural"],
        (*build_alias(country), world.province), migrant, people, novembers,
    )  # fmt: skip


def occupy_people(world, table, migrant, first, persons_per_agent, seed, value) -> None:
    """School, college, work and what a working life has left: experience and savings."""
    month, n = world.base_month, world.n
    rural = (world.kind == RURAL).astype(np.int64)
    livelihoods.send_to_school(
        seed, month, value["education.senior_enrolment"],
        table.birth_month, table.education, table.state, table.study_since,
    )  # fmt: skip
    order = np.argsort(world.province, kind="stable")
    places = np.empty(n, dtype=np.int64)
    students = world.university_places[order].astype(np.float64) * value["education.college_years"] / persons_per_agent
    places[order] = round_controlled(students)
    livelihoods.fill_universities(
        month, places, livelihoods.STAGES, world.province, rural == 0,
        table.birth_month, table.education, table.residence, table.state, table.study_place,
    )  # fmt: skip
    enter_in_turn(table, month, int(value["education.college_years"]))
    find_daily_work(world, table, migrant, first, seed, value)
    reach = (world.circle[:, None] == world.circle[None, :]) & (world.hours <= value["labour.commute_hours_max"])
    np.fill_diagonal(reach, False)
    near = build_alias(reach * world.population[None, :])
    livelihoods.commute(seed, month, value["labour.commute_share"], *near, table.residence, table.state, table.workplace)
    livelihoods.hire_first_workers(
        world.sector_mix.astype(np.float64), table.education, table.state, table.workplace, table.employer
    )
    inside = world.province[None, :] == np.arange(-1, len(world.province_code))[:, None]
    inside[0] = True
    colleges = (*build_alias(inside * world.university_places[None, :]), world.province)
    capacity = value["floor.work_capacity"]
    disabled = caring.scale_disability(value["demography.disability_rate"], capacity, month, table.birth_month, table.state)
    numbers = np.array([
        value["household.target_months"] * value["household.monthly_spending"] * FEN, value["household.savings_sd"],
        value["migration.attachment_mean"], value["migration.attachment_sd"], disabled,
        value["demography.severe_share"], capacity,
    ])  # fmt: skip
    people = tuple(
        getattr(table, name)
        for name in (
            "birth_month", "education", "hukou_kind", "root", "residence", "state", "study_place", "left_study",
            "experience", "savings", "attachment", "disability", "insurance", "worked_months",
        )
    )  # fmt: skip
    careers = livelihoods.expect_careers(
        month, table.birth_month, table.sex, table.education, table.state, livelihoods.LEAVING_AGE
    )
    livelihoods.furnish_lives(seed, month, numbers, _by_age(SAVINGS_BY_AGE, 111), careers, table.sex, colleges, people)


def enter_in_turn(table, month: int, years: int) -> None:
    """College students entered in the last Septembers, as many in each: the older, the earlier."""
    rows = np.flatnonzero((table.state == STUDENT) & (month - table.birth_month.astype(np.int64) >= 216))
    rows = rows[np.argsort(table.birth_month[rows], kind="stable")]
    ago = years - 1 - np.arange(len(rows)) * years // max(len(rows), 1)
    table.study_since[rows] = month - (month - 8) % 12 - 12 * ago


def find_daily_work(world, table, migrant, first, seed, value) -> None:
    """Everyone of working age out of school works, farms, searches or rests, by settlement and education.

    Counts follow `world.work` (non-farm, farm, none). Of those without work so many search that
    unemployed / labour force is the town's and the country's rate.
    """
    n, rural = world.n, world.kind == RURAL
    ages = np.array([value[f"demography.{name}"] for name in RETIREMENT])
    idle_time, farm_time, search_time = (np.empty(len(table), dtype=np.float32) for _ in range(3))
    livelihoods.draw_leanings(
        seed, world.base_month, value["labour.migrant_work_odds"], ages,
        (table.birth_month, table.sex, migrant, table.hukou_kind), idle_time, farm_time, search_time,
    )  # fmt: skip
    cell = table.residence.astype(np.int64)
    group = cell * 4 + table.education
    adult = world.base_month - table.birth_month.astype(np.int64)
    rows = np.flatnonzero((table.state == livelihoods.NOT_YET) & (adult < 65 * 12))
    grown = np.bincount(group[rows], minlength=4 * n)
    share = world.work.reshape(4 * n, 3).astype(np.float64)
    share = share / np.maximum(share.sum(axis=1, keepdims=True), 1e-300)
    idle = _rounded_apart(grown * share[:, 2], np.repeat(rural, 4), grown)
    farm = _rounded_apart(grown * share[:, 1], np.repeat(rural, 4), grown - idle)
    _take(table, rows, group, idle_time, idle, livelihoods.INACTIVE, livelihoods.EMPLOYED)
    working = rows[table.state[rows] == livelihoods.EMPLOYED]
    _take(table, working, group, farm_time, farm, livelihoods.FARMING, livelihoods.EMPLOYED)
    rate = np.where(rural, value["labour.unemployment_rural"], value["labour.unemployment_urban"])
    resting = rows[table.state[rows] == livelihoods.INACTIVE]
    search = np.bincount(cell[working], minlength=n) * rate / (1.0 - rate)
    search = _rounded_apart(search, rural, np.bincount(cell[resting], minlength=n))
    _take(table, resting, cell, search_time, search, livelihoods.UNEMPLOYED, livelihoods.INACTIVE)
    livelihoods.work_on_call(value["labour.flexible_share"], rural, table.residence, table.education, table.state)
    people = (table.birth_month, table.sex, table.education, table.hukou_kind, table.state)
    livelihoods.rest_from_work(first, rural, value["farming.old_share"], seed, world.base_month, ages, people)


def _rounded_apart(wanted: np.ndarray, rural: np.ndarray, most: np.ndarray) -> np.ndarray:
    """Whole numbers up to `most`, running totals right for towns and for the country each."""
    whole = np.empty(len(wanted), dtype=np.int64)
    for part in (rural, ~rural):
        whole[part] = round_controlled(np.ascontiguousarray(wanted[part], dtype=np.float64))
    return np.clip(whole, 0, most)


def _take(table, rows, group, time, wanted, chosen, others) -> None:
    """Of each group in `rows` the `wanted` earliest by the keyed race get the state `chosen`."""
    order = np.argsort((group[rows] << 32) | time[rows].view(np.uint32).astype(np.int64), kind="stable")
    livelihoods.take_earliest(rows[order], group, wanted, chosen, others, table.state)


def recall_returns(world, table, seed) -> None:
    """Who of those at home came back within three years: no table gives it, the model's own later years do."""
    age = (world.base_month - table.birth_month.astype(np.int64)) // 12
    grown = (age >= 20) & (age < 60)
    gone = np.bincount(table.root[grown & (table.root != table.residence)], minlength=world.n).astype(np.float64)
    home = np.bincount(table.residence[grown & (table.root == table.residence)], minlength=world.n)
    away = gone / np.maximum(gone + home, 1.0)
    usual = gone.sum() / max(gone.sum() + home.sum(), 1.0)
    share = np.array(BACK_BY_KIND)[world.kind] * np.minimum(away / max(usual, 1e-9), 2.0)
    peopling.remember_returns(
        seed, world.base_month, share, np.array(BACK_BY_AGE), BACK_MONTHS, table.birth_month, table.residence, table.root,
        table.last_return,
    )  # fmt: skip


def gather_households(world, table, first, seed, value) -> Households:
    """Guardians for everyone below 18, elders with their children, and the households."""
    month, n = world.base_month, len(table)
    families.appoint_guardians(
        seed, month, first, table.residence, table.birth_month, table.mother,
        table.guardian, table.first_child, table.next_sibling,
    )  # fmt: skip
    host = np.full(n, NOBODY, dtype=np.int32)
    families.move_in_with_children(
        seed, month, value["household.elders_with_children"], table.birth_month, table.residence,
        table.partner, table.mother, table.first_child, host,
    )  # fmt: skip
    homes = (np.empty(n, np.int32), np.empty(n, np.uint16), np.empty(n, np.uint16), np.empty(n, np.uint8), np.empty(n, np.int16))
    people = (
        table.birth_month, table.state, table.partner, table.mother, table.guardian, host,
        table.hukou_kind, table.hukou_place, table.root, table.residence, table.household,
    )  # fmt: skip
    count = families.set_up_households(
        seed, month, STUDENT, value["household.unmarried_with_parents"], world.kind, people, homes
    )
    households = Households(count + count // 16 + 1024)
    households.append(count)
    for name, column in zip(("head", "root", "dwelling", "land_right", "size"), homes, strict=True):
        getattr(households, name)[:] = column[:count]
    return households


def introduce_people(world, table, seed) -> None:
    """Ties to kin, to people of the same root here and at home, and to classmates."""
    month = world.base_month
    rows = np.flatnonzero(month - table.birth_month.astype(np.int64) >= acquaintance.YOUNGEST).astype(np.int32)
    root = table.root[rows].astype(np.int64) << 16
    mates = root + table.residence[rows]
    by_mate = np.argsort(mates, kind="stable")
    classes = root + table.birth_month[rows] // 12
    by_class = np.argsort(classes, kind="stable")
    ties = np.empty((TIES, len(table)), dtype=np.int32)
    people = (table.birth_month, table.root, table.residence, table.partner, table.mother)
    acquaintance.make_acquaintances(
        seed, month, rows[by_mate], mates[by_mate], rows[by_class], classes[by_class], people, ties
    )
    for k in range(TIES):
        getattr(table, f"tie{k}")[:] = ties[k]


def _by_age(points, length: int) -> np.ndarray:
    """A value for every age in years from (age, value) points."""
    ages, values = zip(*points, strict=True)
    return np.interp(np.arange(length), ages, values)
