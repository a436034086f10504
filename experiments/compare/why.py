"""Why people move otherwise in another world: the change in net migration, split into its reasons.

For considerers of both worlds the expected moves are computed with the tables of either world, group
of terms by group of terms. The share of a group is its Shapley value: what swapping it adds, averaged
over all orders in which the six groups can be swapped (64 mixes). What is left, because the people
themselves differ (who lives where, with which job, savings and family), is the line "different people".
The lines sum to the change in expected net migration exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import factorial

import numpy as np

from experiments.compare.swapping import ALL, TERMS, weigh
from simulator.foundations.units import EDUCATIONS, KINDS
from simulator.kernels.inverting import expected_flows
from simulator.mechanisms import migration

SAMPLE = 4000
"""Considerers of each world whose options are weighed, unless told otherwise."""
PEOPLE = "people"
LINES = (*TERMS, PEOPLE)
FORCED = -1.0
"""Weight of a considerer whose considering does not hang on how readily people consider."""


@dataclass
class Sample:
    """Considerers of one world: rows, and how many consideration a year each stands for under either world's tables."""

    rows: np.ndarray
    own: np.ndarray
    swapped: np.ndarray


@dataclass
class Reasons:
    """Expected net migration, people a year, by whose people, which mix of tables, schooling and place: [2, 64, 4, n].

    `flows[0]` are the people of the first world; mix 0 is their own tables, mix 63 the other world's.
    """

    flows: np.ndarray
    kind: np.ndarray
    names_en: list[str]
    names_zh: list[str]
    considerers: int

    def __add__(self, more: Reasons) -> Reasons:
        return Reasons(self.flows + more.flows, self.kind, self.names_en, self.names_zh, self.considerers + more.considerers)

    def times(self, factor: float) -> Reasons:
        """The same with every flow multiplied (to make months a year)."""
        return Reasons(self.flows * factor, self.kind, self.names_en, self.names_zh, self.considerers)

    def select(self, places: np.ndarray, education: str | None = None) -> np.ndarray:
        """[2, 64]: net migration of a set of places (mask), of all or of one schooling."""
        some = self.flows[:, :, :, places].sum(axis=3)
        return some[:, :, EDUCATIONS.index(education)] if education else some.sum(axis=2)

    def lines(self, places: np.ndarray, education: str | None = None) -> dict[str, float]:
        """People a year by term, and `all`, the change in expected net migration; the lines sum to it."""
        return split(self.select(places, education))


def split(values: np.ndarray) -> dict[str, float]:
    """The lines of [2 people, 64 mixes]: Shapley value of each group, mean over both peoples, and what the people make.

    With v_A, v_B the values for the people of A and B by mix (own tables of A are mix 0 for A; for B the mixes
    are turned round so that 0 is A's tables there too): group g = (phi_g(v_A) + phi_g(v_B)) / 2, people =
    (v_B(0) - v_A(0) + v_B(63) - v_A(63)) / 2; in all v_B(63) - v_A(0).
    """
    a, b = values[0], values[1][::-1]  # mix m of B's people takes from A what its bits say: turned, from B
    phi = 0.5 * (_shapley_bits(a) + _shapley_bits(b))
    lines = {term: float(phi[k]) for k, term in enumerate(TERMS)}
    lines[PEOPLE] = float(0.5 * ((b[0] - a[0]) + (b[ALL] - a[ALL])))
    lines["all"] = float(b[ALL] - a[0])
    return lines


def _shapley_bits(value: np.ndarray) -> np.ndarray:
    """Shapley values of the six groups from the values of all 64 mixes."""
    players = len(TERMS)
    weight = [factorial(s) * factorial(players - s - 1) / factorial(players) for s in range(players)]
    phi = np.zeros(players)
    for mix in range(1 << players):
        size = mix.bit_count()
        for k in range(players):
            if not mix >> k & 1:
                phi[k] += weight[size] * (value[mix | 1 << k] - value[mix])
    return phi


def reasons_of(model_a, model_b, samples: tuple[Sample, Sample] | None = None, sample: int = SAMPLE, focus: np.ndarray | None = None) -> Reasons:
    """Expected net migration of every place, schooling and mix of tables, for considerers of two models at the same month.

    samples: who considers (default: all adults who might, by their rate of considering in a year, thinned to about
    `sample` people a world; those who live in or come from `focus`, a mask over places, are all kept).
    """
    pair = samples or (adults_who_might(model_a, model_b, sample, focus), adults_who_might(model_b, model_a, sample, focus))
    n, k = model_a.world.n, model_a.persons_per_agent
    flows = np.zeros((2, ALL + 1, len(EDUCATIONS), n))
    for side, (own, other, chosen) in enumerate(((model_a, model_b, pair[0]), (model_b, model_a, pair[1]))):
        if len(chosen.rows) == 0:
            continue
        order = np.argsort(own.persons.education[chosen.rows], kind="stable")
        rows, plain, swapped = chosen.rows[order], chosen.own[order], chosen.swapped[order]
        schooling = own.persons.education[rows]
        origin = own.persons.residence[rows]
        ends = np.searchsorted(schooling, np.arange(len(EDUCATIONS) + 1))
        pull = np.ones(n)
        for mix in range(ALL + 1):
            options = weigh(own, rows, other, mix)
            rate = swapped if mix >> TERMS.index("cost") & 1 else plain
            for e in range(len(EDUCATIONS)):
                lo, hi = int(ends[e]), int(ends[e + 1])
                if lo < hi:
                    into, out = expected_flows(rate, origin, pull, options.place, options.weight, options.heads, options.count, lo, hi)
                    flows[side, mix, e] = (into - out) * k
    world = model_a.world
    return Reasons(flows, np.asarray(world.kind), [str(v) for v in world.name_en], [str(v) for v in world.name_zh], len(pair[0].rows) + len(pair[1].rows))


def adults_who_might(model, other, sample: int, focus: np.ndarray | None = None) -> Sample:
    """Adults by how often a year they consider a move (age, schooling, season left out), thinned by a hash of their uid.

    The hash keeps the same people in both worlds.
    """
    p, tables = model.persons, model.migration_tables
    adults = np.flatnonzero((p.alive == 1) & (p.state > 1) & (p.birth_month <= model.month - 192)).astype(np.int32)
    stride = max(1, len(adults) // max(sample, 1))
    drawn = (p.uid[adults] * np.uint64(0x9E3779B97F4A7C15) >> np.uint64(33)) % np.uint64(stride) == 0
    times = np.where(drawn, float(stride), 0.0)
    if focus is not None:
        times[focus[p.residence[adults]] | focus[p.root[adults]]] = 1.0
    rows, times = adults[times > 0], times[times > 0]
    value = model.scenario
    age = np.minimum((model.month - p.birth_month[rows].astype(np.int64)) // 12, migration.AGES - 1)
    rate = 12.0 * value["migration.consider_rate"] * model.driver("mobility") * tables.rate_norm * tables.rogers_castro[age]
    rate = rate * migration.education_weights(value)[p.education[rows]] * times
    here = p.residence[rows]
    return Sample(rows, rate * model.levers.mobility[here], rate * other.levers.mobility[here])


def considerers_now(model, other, most: int) -> Sample:
    """Everyone who considers a move in the month being lived, thinned to about `most` by a hash of their uid.

    To be asked between the opening of the month and the choice. Each stands for one consideration in the month;
    with the other world's tables as many more as people there consider more readily.
    """
    p = model.persons
    rows, _ = migration.considerers(model)
    forced = np.isin(rows, np.concatenate([np.empty(0, np.int32), *model.forced_considerers]))
    stride = max(1, -(-len(rows) // max(most, 1)))
    drawn = (p.uid[rows] * np.uint64(0x9E3779B97F4A7C15) >> np.uint64(33)) % np.uint64(stride) == 0
    rows, forced = rows[drawn], forced[drawn]
    here = p.residence[rows]
    ratio = other.levers.mobility[here] / np.maximum(model.levers.mobility[here], 1e-12)
    return Sample(rows, np.full(len(rows), float(stride)), stride * np.where(forced, 1.0, ratio))


def why(model_a, model_b, place: int | str | None = None, group: str | None = None, sample: int = SAMPLE) -> list[dict]:
    """The lines of why net migration differs between two models at the same month, for a place, a kind and a group.

    place: a settlement's row, or one of the kinds (`rural`, ...), or None for the whole country (whose net migration is
    zero, so that only a group's lines say something there). group: None or a schooling (`college`, ...).
    Returns dicts with `term`, `people_a_year`, `en` and `zh`: first `all`, then the terms, largest first.
    """
    from experiments.compare.sentences import tell_reasons

    n = model_a.world.n
    if place is None:
        mask, names = np.ones(n, bool), ("the whole country", "全国")
    elif isinstance(place, str):
        mask = np.asarray(model_a.world.kind) == KINDS.index(place)
        names = (place, place)
    else:
        mask = np.arange(n) == place
        names = (str(model_a.world.name_en[place]), str(model_a.world.name_zh[place]))
    focus = mask if mask.sum() <= 0.2 * n else None
    found = reasons_of(model_a, model_b, sample=sample, focus=focus)
    return tell_reasons(found.lines(mask, group), names, group)
