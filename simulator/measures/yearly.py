"""What is surveyed four times a year (incomes, families apart) and counted once a year (groups, stocks, cohorts)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.foundations.units import COLLEGE, FEN, NOWHERE, RURAL, year_of
from simulator.kernels import counting, incomes
from simulator.measures.national import FEWEST_AGENTS, Circles
from simulator.mechanisms import earnings

SURVEY_MONTHS = (3, 6, 9, 12)
GROUP_MONTH = 12
STOCK_MONTH = {"birth": 11, "hukou": 11, "five_years_ago": 10}
"""Month of the year at whose end each stock is counted. In October the oldest November remembered
is the fifth before the coming one, so "five years ago" is 4 years and 11 months ago."""
STOCK_COLUMN = {"birth": "birthplace", "hukou": "hukou_place", "five_years_ago": "november4"}


@dataclass(frozen=True)
class Survey:
    """Incomes by settlement of residence: people and income per head by bin, own income, families apart."""

    heads: np.ndarray  # [n, bins] agents
    total: np.ndarray  # [n, bins] fen a month
    earned: np.ndarray  # [n] fen a month
    groups: np.ndarray  # [n, groups, 2] agents: people, employed; empty outside December
    group_income: np.ndarray  # [n, groups] fen a month
    left_behind: np.ndarray  # [n, 2] agents: children, elders
    own: np.ndarray  # [persons] fen a month, see `incomes.pool_incomes`
    per_head: np.ndarray  # [households] fen a month: what those get a head who share incomes


def survey(model, with_groups: bool) -> Survey:
    """Ask every household for its income, and who of the family lives elsewhere."""
    n, persons, households = model.world.n, model.persons, model.households
    other, rate = earnings.income_table(model), earnings.property_rates(model)
    people = persons.bundle(incomes.SurveyedPeople)
    ranges, homes = model.crew.shares(len(persons)), model.crew.shares(len(households))
    own, month = np.empty(len(persons), dtype=np.int64), np.int64(model.month)
    pools = np.zeros((len(ranges), len(households)), dtype=np.int64)
    model.crew.each(
        lambda k: incomes.pool_incomes(people, households.dwelling, other, rate, own, pools[k], *ranges[k]), range(len(ranges))
    )
    model.crew.each(lambda part: incomes.share_incomes(pools, *part), homes)
    family = persons.bundle(counting.FamilyPeople)

    def part(rows) -> list[np.ndarray]:
        spread, earned = np.zeros((2, n, incomes.BINS), dtype=np.int64), np.zeros(n, dtype=np.int64)
        groups = np.zeros((n if with_groups else 0, incomes.GROUPS, 3), dtype=np.int64)
        incomes.spread_incomes(people, own, pools[0], month, *spread, earned, groups, *rows)
        return [spread, earned, groups, counting.count_left_behind(family, month, n, *rows).astype(np.int64)]

    (spread, earned, groups, apart), *others = model.crew.each(part, ranges)
    for other_part in others:
        for whole, more in zip((spread, earned, groups, apart), other_part, strict=True):
            whole += more
    return Survey(spread[0], spread[1], earned, groups[:, :, :2], groups[:, :, 2], apart, own, pools[0])


def median_incomes(found: Survey) -> np.ndarray:
    """Median income per head by settlement, yuan a month; NaN below 30 agents."""
    values = np.empty(len(found.heads))
    incomes.quantiles(found.heads, found.total, 0.5, values)
    return np.where(found.heads.sum(axis=1) >= FEWEST_AGENTS, values / FEN, np.nan)


def group_rows(model, found: Survey) -> dict[str, np.ndarray]:
    """The yearly table of groups: sex, age band, education and registration in each settlement."""
    place, group = np.nonzero(found.groups[:, :, 0])
    people, employed = found.groups[place, group].T
    income = found.group_income[place, group] / FEN
    return {
        "year": np.full(len(place), year_of(model.month)),
        "settlement_id": place,
        "sex": group // (incomes.N_BANDS * 8),
        "age_band": group // 8 % incomes.N_BANDS,
        "education": group // 2 % 4,
        "registered_here": group % 2,
        "people": people.astype(np.float64),
        "employed": employed.astype(np.float64),
        "income_mean_pc": np.where(people >= FEWEST_AGENTS, income / people, np.nan),
    }


def decile_rows(model, found: Survey, circles: Circles) -> dict[str, np.ndarray]:
    """Mean income per head of each tenth of the people of the nation and each circle, yuan a year."""
    heads, total = circles.everyone(found, model.world.kind == RURAL)
    values = np.empty((len(heads), 10))
    incomes.means_of_parts(heads, total, values)
    values = values * 12 / FEN
    values[heads.sum(axis=1) < 10 * FEWEST_AGENTS] = np.nan
    return {
        "year": np.full(values.size, year_of(model.month)),
        "circle_id": np.repeat(circles.ids, 10),
        "decile": np.tile(np.arange(1, 11), len(circles.ids)),
        "income_pc": values.ravel(),
    }


def stock_rows(model, reference: str) -> dict[str, np.ndarray]:
    """How many people of each education live where, by a place of reference (births since: left out)."""
    persons, n = model.persons, model.world.n
    origin = getattr(persons, STOCK_COLUMN[reference])
    parts = model.crew.each(
        lambda part: counting.count_stock(persons.alive, origin, persons.residence, persons.education, n, *part),
        model.crew.shares(len(persons)),
    )
    table = sum(parts)
    key = np.flatnonzero(table)
    people = table[key]
    return {
        "year": np.full(len(key), year_of(model.month)),
        "reference": np.full(len(key), list(STOCK_COLUMN).index(reference)),
        "from_id": key // 4 // n,
        "to_id": key // 4 % n,
        "education": key % 4,
        "people": people.astype(np.float64),
    }


def cohort_rows(model) -> dict[str, np.ndarray]:
    """This year's college graduates by place of study and residence."""
    persons, n = model.persons, model.world.n
    chosen = (persons.alive == 1) & (persons.education == COLLEGE) & (persons.study_place != NOWHERE)
    chosen &= persons.left_study // 12 == year_of(model.month)
    key = persons.study_place[chosen].astype(np.int64) * n + persons.residence[chosen]
    key, people = np.unique(key, return_counts=True)
    return {
        "graduation_year": np.full(len(key), year_of(model.month)),
        "study_id": key // n,
        "residence_id": key % n,
        "graduates": people.astype(np.float64),
    }


def flow_rows(year: int, parts: list[np.ndarray], n: int) -> dict[str, np.ndarray]:
    """The year's moves by origin, destination, education and reason; `parts` are [5, moves] arrays of
    person row, origin, destination, education, reason."""
    rows, origin, destination, education, reason = np.concatenate(parts, axis=1) if parts else np.zeros((5, 0), "i8")
    key = ((origin * n + destination) * 4 + education) * 8 + reason
    made = np.sort(key << 32 | rows)  # rows fit 31 bits, keys 31 below 8,000 settlements
    key, another = made >> 32, np.ones(len(made), dtype=np.int64)
    another[1:] = made[1:] != made[:-1]
    starts = np.flatnonzero(np.diff(key, prepend=-1))
    found, moves = key[starts], np.diff(starts, append=len(made))
    people = np.add.reduceat(another, starts) if len(starts) else another
    return {
        "year": np.full(len(found), year),
        "origin_id": found // 32 // n,
        "destination_id": found // 32 % n,
        "education": found // 8 % 4,
        "reason": found % 8,
        "moves": moves.astype(np.float64),
        "people_moved": people.astype(np.float64),
    }
