"""Each January: villages that become town without a move, and hukou that follow years of stay."""

from __future__ import annotations

import numpy as np

from simulator.foundations.units import COUNTY_TOWN, FARMING, INNER_RING, NOWHERE, OUTER_RING, RURAL, month_of_year
from simulator.kernels import registering
from simulator.kernels.registering import Conversion, Registered, Relabelled
from simulator.kernels.rng import hash_name
from simulator.state.firms import public_firms

WRITES = {
    "persons": (
        "hukou_kind", "hukou_place", "county_hukou", "township_apart", "months_away", "residence", "root", "workplace",
        "employer", "study_place", "november0", "november1", "november2", "november3", "november4",
    ),
    "households": ("root", "dwelling"),
    "settlements": (
        "dwellings", "farmers_base", "service_stock", "service_pipeline", "residents_base", "flexible_base",
        "talent_share_base",
    ),
    "employers": ("headcount", "place"),
    "firms": ("settlement", "offset0", "offset1"),
}  # fmt: skip


VILLAGE_CORE = 0.25
"""Part of a village's first population that is never relabelled: relabelling eases as it nears (assumed)."""
FRINGE = 3.0
"""How much more readily the home of a household without a farmer at its head is relabelled (assumed)."""


def relabel_targets(world) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(first_to, second_to, split): of each village, the county town and outer ring that take its fringe.

    A circle without one of the two gives all to the other, or to its nearest ring or core; where
    town and ring together are smaller than the village, the inner ring stands in for the ring. The
    split follows the people of the two.
    """
    n = world.n
    first = np.arange(n)
    second = np.arange(n)
    split = np.ones(n)
    for c in np.flatnonzero(world.kind == RURAL):
        same = np.flatnonzero((world.circle == world.circle[c]) & (world.kind != RURAL))
        if len(same) == 0:
            continue
        towns = same[world.kind[same] == COUNTY_TOWN]
        rings = same[world.kind[same] == OUTER_RING]
        nearest = same[np.argmin(world.hours[c, same])]
        first[c] = towns[np.argmin(world.hours[c, towns])] if len(towns) else nearest
        second[c] = rings[np.argmin(world.hours[c, rings])] if len(rings) else first[c]
        inner = same[world.kind[same] == INNER_RING]
        small = world.population[first[c]] + world.population[second[c]] < world.population[c]
        if small and len(inner):
            second[c] = inner[np.argmin(world.hours[c, inner])]
        a, b = world.population[first[c]], world.population[second[c]]
        split[c] = a / (a + b) if second[c] != first[c] and a + b > 0 else 1.0
    return first, second, split


def relabel_shares(model) -> np.ndarray:
    """The part of each village that becomes town this January, f8[n]; 0 for towns."""
    world, s = model.world, model.settlements
    drift = model.driver("relabel_share") / model.relabel_share_base
    share = np.where(world.kind == RURAL, world.relabel_rate * drift * 2 * np.maximum(0, s.nonfarm_share - 0.5), 0.0)
    left = s.residents * model.persons_per_agent / np.maximum(world.population, 1.0)
    share *= np.clip((left - VILLAGE_CORE) / (1.0 - VILLAGE_CORE), 0.0, 1.0)
    return np.where(model.relabel_targets[0] == np.arange(world.n), 0.0, np.clip(share, 0.0, 0.5))


def fringe_means(others: np.ndarray, farmers: np.ndarray) -> np.ndarray:
    """What makes the mean readiness to be relabelled one in each settlement, where `FRINGE` is that of a household
    without a farmer at its head and 1 that of others; of their numbers there, f8."""
    return (others + farmers) / np.maximum(FRINGE * others + farmers, 1e-9)


def relabel_villages(model) -> int:
    """Pass a share of each village with many non-farm jobs to the town of its circle (MODEL 4.8).

    r = r0 max(0, non-farm share - .5) 2, times the year's driver. Residents, dwellings, land,
    services and firms change their label together. Households without a farmer at their head live
    nearer the fringe and are relabelled `FRINGE` times as often as farmers, so that what is left
    of a village is more of a village; its last quarter stays one. Returns the residents
    relabelled, in agents.
    """
    world, s, employers = model.world, model.settlements, model.employers
    persons, households = model.persons, model.households
    first, second, split = model.relabel_targets
    share = relabel_shares(model)
    if not share.any():
        return 0
    key, fringe, maybe, firms_ready = _ask_households(model, float(share.max()))
    firms, public_of = model.firms, public_firms(model.firms, world.n)
    firm_to = np.empty(len(firms), dtype=np.uint16)
    registering.relabel_firms(
        firms.alive, firms.uid, firms.settlement, firms_ready, share, split, first, second, public_of,
        np.int64(model.month), model.seed, firm_to,
    )  # fmt: skip
    p = persons.bundle(Relabelled)

    def some(lo: int, hi: int) -> tuple[int, np.ndarray, np.ndarray, np.ndarray]:
        rows, lived_in, worked_for = (np.empty(hi - lo + 1, dtype=kind) for kind in (np.int32, np.uint16, np.int32))
        seen, listed = registering.relabel_people(
            p, key, maybe, fringe, share, split, first, second, firm_to, public_of, np.int64(model.month), model.seed, rows,
            lived_in, worked_for, np.int64(lo), np.int64(hi),
        )  # fmt: skip
        return seen, rows[:listed].copy(), lived_in[:listed].copy(), worked_for[:listed].copy()

    seen, *listed = zip(*model.crew.run(some, len(persons)), strict=True)
    changed, before, worked_for = map(np.concatenate, listed)
    model.ledger.carry(persons.savings[changed], before, persons.residence[changed])
    model.renamed.append((changed, before, persons.residence[changed]))
    homes = s.dwellings.copy()
    moved = worked_for >= 0
    lines = len(employers)
    change = np.bincount(persons.employer[changed[moved]], minlength=lines) - np.bincount(worked_for[moved], minlength=lines)
    employers.headcount[:] += change
    firms.offset0[:] += change[0::2]
    firms.offset1[:] += change[1::2]
    gone = np.flatnonzero(firm_to != NOWHERE)
    firms.settlement[gone] = firm_to[gone]
    employers.place[2 * gone] = employers.place[2 * gone + 1] = firm_to[gone]
    model.crew.run(
        registering.relabel_households, len(households), households.root, households.dwelling, key, maybe, fringe, share, split,
        first, second, np.int64(model.month), model.seed,
    )  # fmt: skip
    for c in np.flatnonzero(share > 0):
        for to, part in ((first[c], share[c] * split[c]), (second[c], share[c] * (1.0 - split[c]))):
            if part <= 0.0 or to == c:
                continue
            people = s.residents_base[c] * part
            total = s.residents_base[to] + people
            s.talent_share_base[to] = (
                s.talent_share_base[to] * s.residents_base[to] + s.talent_share_base[c] * people
            ) / max(total, 1e-9)
            for stock in (s.dwellings, s.farmers_base, s.service_stock, s.service_pipeline, s.residents_base, s.flexible_base):
                stock[to] += stock[c] * part
        for stock in (s.dwellings, s.farmers_base, s.service_stock, s.service_pipeline, s.residents_base, s.flexible_base):
            stock[c] *= 1.0 - share[c]
    passed = s.dwellings - homes
    if abs(passed.sum()) > 1e-9 * s.dwellings.sum():
        model.stop("re-labelling a village has made or lost dwellings")
    model.built += passed
    model.resize_places(s.residents_base)
    return int(sum(seen))


def _ask_households(model, most: float) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """(keyed identity, readiness to be relabelled, whether luck would do where `most` of a village becomes town) of each
    household; readiness of the firms of each settlement, who stand with the households that do not farm.

    A household is named by the uid of its head (by its row when it has none).
    """
    homes, p, crew, n = model.households, model.persons, model.crew, model.world.n
    key, farms, fringe = np.empty(len(homes), dtype=np.uint64), np.empty(len(homes), dtype=bool), np.empty(len(homes))
    counts = crew.run(
        registering.name_households, len(homes), homes.head, p.uid, p.state, np.uint64(hash_name("household")), FARMING,
        homes.dwelling, n, key, farms,
    )  # fmt: skip
    mean, maybe = fringe_means(*sum(counts)), np.empty(len(homes), dtype=bool)
    crew.run(
        registering.may_be_renamed, len(homes), key, farms, homes.dwelling, mean, FRINGE, most, np.int64(model.month),
        model.seed, fringe, maybe,
    )  # fmt: skip
    return key, fringe, maybe, FRINGE * mean[:n]


def _conversion(model) -> tuple:
    """What the kernels of conversion ask beside people: land rights, kinds and strictness of places, what speeds or slows it."""
    value, world = model.scenario, model.world
    factors = Conversion(
        float(value["hukou.long_stay_months"]), float(value["hukou.long_stay_factor"]),
        float(value["hukou.strict_factor"]), float(value["hukou.land_factor"]),
    )  # fmt: skip
    return model.households.land_right, world.kind, world.strictness.astype(np.float64), factors


def conversion_scale(model) -> float:
    """The factor on weights at which the declared monthly rate is the mean over those who may convert."""
    persons = model.persons
    parts = model.crew.run(registering.weigh_convertible, len(persons), persons.bundle(Registered), *_conversion(model))
    people, total = sum(p for p, _ in parts), sum(w for _, w in parts)
    return people / total if total > 0 else 1.0


def convert_registration(model) -> int:
    """Hukou conversion of people with rural hukou who live in towns; returns how many, in agents."""
    persons = model.persons
    rate = float(model.scenario["hukou.conversion_rate"]) * model.conversion_scale * model.driver("hukou_reform")
    return int(sum(model.crew.run(
        registering.convert_hukou, len(persons), persons.bundle(Registered), *_conversion(model), model.levers.hukou_ease,
        rate, np.int64(model.month), model.seed,
    )))  # fmt: skip


def keep_registers(model) -> dict[str, int]:
    """The yearly work of the registers: Novembers remembered, villages relabelled, hukou converted."""
    calendar = month_of_year(model.month)
    tally = {"relabelled": 0, "converted": 0}
    if calendar == 11:
        p = model.persons
        model.crew.run(
            registering.remember_november, len(p), p.residence, p.november0, p.november1, p.november2, p.november3,
            p.november4,
        )  # fmt: skip
    if calendar == 1:
        tally["relabelled"] = relabel_villages(model)
        tally["converted"] = convert_registration(model)
    return tally
