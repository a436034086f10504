"""Births, deaths, households and retirement: how the people of every settlement renew themselves.

Each month the dead leave work, households, partners, children and savings behind; women bear
children; people on their birthday retire. Once a year, in October, single people form couples.
"""

from __future__ import annotations

import numpy as np

from simulator.foundations.once import once
from simulator.foundations.paths import shifted
from simulator.foundations.streams import BIRTH, DEATH
from simulator.foundations.units import AGE_GROUP_START, FEMALE, month_of_year
from simulator.kernels import bearing, living, pairing
from simulator.kernels.classes import N_CLASSES, Openers, open_everyone, pieces
from simulator.state.books import ESTATES_AT

WRITES = {
    "persons": living.Lives._fields,
    "households": living.Homes._fields,
    "settlements": (),
    "employers": living.Jobs._fields,
}

UNION_MONTH = 10
WOMEN_SAMPLED = 200_000
"""Rows looked at for the mean birth weight by age: everyone up to twice this many people, then every k-th row."""

JOIN_FAMILY = 3
"""Reason of a move in the month's list of moves: children who join kin."""

ASSUMED = {
    "demography.birth_single_factor": 0.15,
    "demography.boys_per_girl": 1.05,
    "demography.disability_at_birth": 0.006,
    "demography.severe_share": 0.35,
    "demography.works_to_65": 0.45,
    "demography.works_to_70": 0.3,
}
"""Values that hold where a scenario names none: fertility of women without a partner relative to those
with one; boys born a girl; share born disabled, part of it severely; shares of flexible and rural-registered workers who go
on to 65 and to 70. All assumed."""


def value(model, name: str) -> float:
    """A parameter of the scenario, or its assumed value."""
    try:
        return float(model.scenario[name])
    except KeyError:
        return ASSUMED[name]


def open_month(model) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(screening class of everyone, rows of people with a birthday from the 15th to the 80th, rows of the unemployed).

    Women are weighed for the births of the month beside it.
    """
    weigh, mean = _weigher(model)
    *opened, counts = open_everyone(model.crew, model.persons.bundle(Openers), model.month, beside=weigh)
    model.weights_at_opening = (model.month, mean(counts))
    return tuple(opened)


def death_bounds(model) -> np.ndarray:
    """Upper bounds a month of dying, by screening class: the worst age of the group in the worst place."""
    return once(model, "death_bounds", lambda: _death_bounds(model), of=model.mortality)  # a table of deaths holds for a year


def _death_bounds(model) -> np.ndarray:
    worst = float(np.max(model.world.mortality_shape))
    by_group = np.zeros((len(AGE_GROUP_START), 2))
    stops = (*AGE_GROUP_START[1:], living.OLDEST + 1)
    for group, (first, stop) in enumerate(zip(AGE_GROUP_START, stops, strict=True)):
        for sex in range(2):
            by_group[group, sex] = living.monthly_death_rate(float(model.mortality[sex, first:stop].max()), worst)
    return np.repeat(by_group.reshape(-1), N_CLASSES // by_group.size)


def birth_weights(model) -> np.ndarray:
    """Mean birth weight of women by single age 15 to 49 (1 where no woman has the age)."""
    weigh, mean = _weigher(model)
    return mean([weigh(*piece) for piece in pieces(model.crew, len(model.persons))])


def _weigher(model) -> tuple:
    """(what weighs the women sampled in one of the `pieces` and counts them; the mean weights once all have been, by their counts)."""
    n, parts = len(model.persons), pieces(model.crew, len(model.persons))
    step = max(1, n // WOMEN_SAMPLED)
    places, single, women = place_fertility(model), value(model, "demography.birth_single_factor"), model.persons.bundle(bearing.Women)
    room, month, size = n // step + len(parts) + 1, np.int64(model.month), max(parts[0][1], 1) if parts else 1
    rows, ages, weights = np.empty(room, dtype=np.int32), np.empty(room, dtype=np.uint8), np.empty(room)

    def begin(lo: int) -> int:  # before `lo` stand at most lo // step rows of every `step`-th, and one more a piece
        return lo // step + lo // size

    def weigh(lo: int, hi: int) -> int:
        return bearing.weigh_women(month, step, places, single, women, rows, ages, weights, begin(lo), lo, hi)

    def mean(counts: list[int]) -> np.ndarray:
        begins = np.array([begin(lo) for lo, _ in parts], dtype=np.int64)
        number, weight = np.zeros(len(MOTHERS_AGES)), np.zeros(len(MOTHERS_AGES))
        bearing.add_up_women(begins, np.array(counts, dtype=np.int64), ages, weights, number, weight)
        return np.where(weight > 0, weight / np.maximum(number, 1), 1.0)

    return weigh, mean


def opening_weights(model) -> np.ndarray:
    """`birth_weights` as they were when the month opened."""
    month, weights = getattr(model, "weights_at_opening", (None, None))
    if month != model.month:
        weights = birth_weights(model)
        model.weights_at_opening = (model.month, weights)
    return weights


def place_fertility(model) -> np.ndarray:
    """Fertility of each settlement relative to the nation, f8."""
    return np.ascontiguousarray(model.world.children_ever_born, dtype=np.float64)


MOTHERS_AGES = np.arange(living.YOUNGEST_MOTHER, living.OLDEST_MOTHER + 1)
GROUP_OF_MOTHERS = np.searchsorted(AGE_GROUP_START, MOTHERS_AGES, side="right") - 1


def birth_bounds(model) -> np.ndarray:
    """Upper bounds a month of bearing a child, by screening class."""
    highest = float(place_fertility(model).max()) * max(1.0, value(model, "demography.birth_single_factor"))
    rate = living.monthly_birth_rate(np.asarray(model.fertility)[MOTHERS_AGES], highest, opening_weights(model))
    bound = np.zeros((len(AGE_GROUP_START), 2))
    np.maximum.at(bound[:, FEMALE], GROUP_OF_MOTHERS, rate)
    return np.repeat(bound.reshape(-1), N_CLASSES // bound.size)


BOUNDS = {DEATH: death_bounds, BIRTH: birth_bounds}
"""The screened streams of this mechanism."""


def age_bear_and_die(model) -> dict[str, int]:
    """Deaths, then births, then retirements, and in October new couples."""
    weights = opening_weights(model)
    tally = lose_the_dead(model)
    tally["births"] = bear_children(model, weights)
    tally["retired"] = retire_on_birthdays(model)
    tally["unions"] = form_couples(model) if month_of_year(model.month) == UNION_MONTH else 0
    return tally


def _homes(model) -> living.Homes:
    return model.households.bundle(living.Homes)


def _jobs(model) -> living.Jobs:
    return living.Jobs(model.employers.headcount, model.employers.separations)


def _counties(world) -> living.Counties:
    return living.Counties(world.county_cell_start, world.county_cell_list, world.county_cell_weight)


def _checked(model, count: int, what: str) -> int:
    if count < 0:
        uid = model.persons.uid[-1 - count]
        raise ValueError(f"the monthly rate of {what} of person {uid} is above the bound drawn at the opening of the month")
    return count


def _seat_heads(model, headless: np.ndarray) -> None:
    """Find heads by a look at everyone, only where kin gave none."""
    asked, homes = np.flatnonzero(headless.view(bool)), model.households
    asked = asked[(homes.size[asked] > 0) & (homes.head[asked] < 0)].astype(np.int32)
    if len(asked):
        p, sieve = model.persons, np.zeros(living.SIEVE, dtype=np.uint8)
        sieve[asked % living.SIEVE] = 1

        def some(lo: int, hi: int) -> np.ndarray:
            out = np.empty(hi - lo, dtype=np.int32)
            return out[: living.list_members(asked, sieve, p.alive, p.household, out, np.int64(lo), np.int64(hi))].copy()

        living.seat_heads(np.concatenate(model.crew.run(some, len(p))), p.household, p.birth_month, homes.head)


def lose_the_dead(model) -> dict[str, int]:
    """Candidates die at the rate of their age, sex and place, and are taken out of every tie that binds."""
    persons, world = model.persons, model.world
    rows, p = model.candidates[DEATH], persons.bundle(living.Lives)
    month = np.int64(model.month)
    shape = np.ascontiguousarray(world.mortality_shape, dtype=np.float64)
    bound = np.ascontiguousarray(model.bounds[DEATH], dtype=np.float64)

    def some(part: tuple[int, int]) -> np.ndarray:
        asked = rows[slice(*part)]
        out = np.empty(len(asked), dtype=np.int32)
        dead = living.who_dies(asked, month, model.seed, model.mortality, shape, bound, model.screen_class, p, out)
        return out[: _checked(model, dead, "death")]

    out = np.concatenate(model.crew.each(some, model.crew.shares(len(rows))))
    headless = np.zeros(len(model.households), dtype=np.uint8)
    moves = np.empty((8 * len(out) + 8, 4), dtype=np.int64)
    bequests = np.zeros((2, world.n), dtype=np.int64)
    estates, given, moved = living.bury(
        out, month, model.seed, p, _homes(model), _jobs(model), _counties(world), headless, moves, bequests
    )
    _seat_heads(model, headless)
    model.estates_fen += int(estates)
    bequests[1, ESTATES_AT] += estates
    post_bequests(model, *bequests)
    if moved:
        row, start, to, saved = moves[:moved].T
        model.ledger.carry(saved, start, to)
        reason = np.full(moved, JOIN_FAMILY, dtype=np.uint8)
        model.month_moves.append((row.astype(np.int32), start.astype(np.uint16), to.astype(np.uint16), reason))
    return {"deaths": len(out), "orphans": int(given), "orphans_moved": int(moved)}


def post_bequests(model, left: np.ndarray, got: np.ndarray) -> None:
    """Book what the dead leave to heirs and estates; a debt left behind is booked the other way."""
    model.ledger.post("bequests", np.maximum(left, 0) + np.maximum(-got, 0), np.maximum(got, 0) + np.maximum(-left, 0))


def bear_children(model, weights: np.ndarray) -> int:
    """Candidates bear children at the rate of their age, place and having a partner; returns the births."""
    persons, rows = model.persons, model.candidates[BIRTH]
    month = np.int64(model.month)
    out = np.empty(len(rows), dtype=np.int32)
    bound = np.ascontiguousarray(model.bounds[BIRTH], dtype=np.float64)
    births = bearing.who_bears(
        rows, month, model.seed, model.fertility, weights, place_fertility(model),
        value(model, "demography.birth_single_factor"), bound, model.screen_class, persons.bundle(living.Lives), out,
    )  # fmt: skip
    mothers = out[: _checked(model, births, "birth")]
    first = persons.append(len(mothers))
    bearing.welcome(
        mothers, np.int64(first), month, model.seed, value(model, "demography.boys_per_girl"),
        value(model, "demography.disability_at_birth"), value(model, "demography.severe_share"), value(model, "migration.attachment_mean"),
        value(model, "migration.attachment_sd"), persons.bundle(living.Lives), _homes(model),
    )  # fmt: skip
    return len(mothers)


def retire_on_birthdays(model) -> int:
    """People whose planned age has come leave work, farm or search for good; returns how many."""
    men = value(model, "demography.retirement_age_men") + shifted(model, "retirement_age_men")
    women = value(model, "demography.retirement_age_women") + shifted(model, "retirement_age_women")
    p, jobs = model.persons.bundle(living.Lives), _jobs(model)
    to_65, to_70 = value(model, "demography.works_to_65"), value(model, "demography.works_to_70")

    def some(part: tuple[int, int]) -> np.ndarray:
        asked = model.birthdays[slice(*part)]
        out = np.empty(len(asked), dtype=np.int32)
        return out[: living.who_retires(asked, np.int64(model.month), model.seed, men, women, to_65, to_70, p, out)]

    rows = np.concatenate(model.crew.each(some, model.crew.shares(len(model.birthdays))))
    living.retire(rows, p, jobs)
    return len(rows)


def form_couples(model) -> int:
    """The yearly ranking: within place, age band and education, then within place and age band."""
    persons, month = model.persons, np.int64(model.month)
    p = persons.bundle(living.Lives)
    peak, peak_age = value(model, "demography.union_hazard_peak"), value(model, "demography.union_peak_age")

    def entrants(lo: int, hi: int) -> np.ndarray:
        out = np.empty(hi - lo + 1, dtype=np.int32)
        return out[: pairing.enter_ranking(month, model.seed, peak, peak_age, p, out, np.int64(lo), np.int64(hi))].copy()

    rows = np.concatenate([np.empty(0, dtype=np.int32), *model.crew.run(entrants, len(persons))])
    fine, coarse = np.empty(len(rows), dtype=np.int64), np.empty(len(rows), dtype=np.int64)
    priority = np.empty(len(rows), dtype=np.uint64)
    pairing.describe(rows, month, model.seed, p, fine, coarse, priority)
    taken = np.zeros(len(rows), dtype=np.uint8)
    men, women = np.empty(len(rows), dtype=np.int32), np.empty(len(rows), dtype=np.int32)
    count = 0
    by_luck, sex = np.lexsort((persons.uid[rows], priority)), persons.sex[rows]
    for cell in (fine, coarse):
        order = by_luck[np.argsort((cell * 2 + sex)[by_luck], kind="stable")]
        count = pairing.pair_up(rows, order, cell, persons.sex, persons.mother, taken, men, women, np.int64(count))
    men, women = men[:count], women[:count]
    homes = _homes(model)
    founds = np.empty(count, dtype=np.uint8)
    first = model.households.append(int(pairing.need_households(men, p.household, homes.head, founds)))
    headless = np.zeros(len(model.households), dtype=np.uint8)
    pairing.move_together(men, women, founds, np.int64(first), month, p, _homes(model), headless)
    _seat_heads(model, headless)
    return int(count)
