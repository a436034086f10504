"""The firms of the base year: people at work are dealt to firms of many sizes, and firms get what their size needs."""

from __future__ import annotations

import numpy as np

from simulator.foundations.streams import FIRM_SIZE
from simulator.foundations.units import COLLEGE, EMPLOYED
from simulator.kernels import producing
from simulator.kernels.sharing import share_out_sizes, size_weights
from simulator.mechanisms import production
from simulator.mechanisms.production import Technology, parameter
from simulator.state.employers import N_SECTORS, Employers
from simulator.state.firms import PUBLIC, Firms, firm_uids

SECTOR_SIZE = np.array([2.0, 0.7, 1.0, 1.0, 0.8, 1.0])
"""Mean workers of a firm by sector relative to the mean of all (assumed)."""
MEAN_AGE = 96.0
"""Mean age, months, of a firm at the base year (assumed; ages are exponential and end at forty years)."""


def found_first_firms(persons, n: int, seed: int, month: int, mean_size: float, tail: float) -> tuple[Firms, Employers]:
    """Deal everyone at work to firms; `persons.employer` holds pools (settlement, sector, skill) and becomes job lines.

    In every settlement and sector there are workers / mean size firms, at least one where anyone
    works; one public employer each settlement. Sizes follow a power law with exponent `tail`
    (a keyed draw each), every firm has at least one worker, and who works where is drawn by key.
    """
    working = np.flatnonzero((persons.alive == 1) & (persons.state == EMPLOYED))
    pool = persons.employer[working].astype(np.int64) // 2
    workers = np.bincount(pool, minlength=n * N_SECTORS)
    sector = np.arange(n * N_SECTORS) % N_SECTORS
    count = np.maximum(np.round(workers / np.maximum(mean_size * SECTOR_SIZE[sector], 1.0)), workers > 0).astype(np.int64)
    count[sector == PUBLIC] = 1
    first = np.concatenate([[0], np.cumsum(count)])
    firms, lines = Firms(int(first[-1])), Employers(2 * int(first[-1]))
    firms.append(int(first[-1]))
    of = np.repeat(np.arange(n * N_SECTORS), count)
    firms.alive[:] = 1
    firms.settlement[:], firms.sector[:] = of // N_SECTORS, of % N_SECTORS
    firms.uid[:] = firm_uids(of, month, np.arange(len(firms)) - first[of])
    age, weight = np.empty(len(firms)), np.empty(len(firms))
    size_weights(firms.uid, np.uint64(seed), FIRM_SIZE, month, tail, MEAN_AGE, weight, age)
    firms.born[:] = month - np.minimum(age, 480.0).astype(np.int64)
    sizes = share_out_sizes(workers, first, weight)
    key = np.empty(len(working), dtype=np.uint64)
    producing.name_firms(persons.uid[working], month, np.full(len(working), FIRM_SIZE), np.uint64(seed), key)
    order = np.lexsort((key, pool))
    skill = (persons.education[working[order]] == COLLEGE).astype(np.int32)
    persons.employer[working[order]] = 2 * np.repeat(np.arange(len(firms), dtype=np.int32), sizes) + skill
    lines.open_lines(firms.settlement, firms.sector)
    return firms, lines


def endow_firms(model, fill: float) -> None:
    """At base-year pay and headcounts: every firm's technology, productivity and capital, so that it wants what it has.

    `employers.headcount` and `separations` must be set. A firm wants the jobs that are filled and those that stand
    open in a month at rest: as many as were left, over the share `fill` of vacancies that find someone in a month.
    """
    s, e, firms, n = model.settlements, model.employers, model.firms, len(model.settlements.residents)
    of = firms.settlement.astype(np.int64) * N_SECTORS + firms.sector
    heads = np.stack([np.bincount(of, weights=e.headcount[k::2], minlength=n * N_SECTORS) for k in (0, 1)], axis=1)
    national = heads.reshape(n, N_SECTORS, 2).sum(axis=0)
    usual = np.tile(national[:, 1] / np.maximum(national.sum(axis=1), 1.0), n)
    total = heads.sum(axis=1)
    college = np.where(total > 0, heads[:, 1] / np.maximum(total, 1.0), usual).reshape(n, N_SECTORS)
    bill = np.stack([(1.0 - college) * s.wage_base[:, :1], college * s.wage_base[:, 1:]])
    pay = np.maximum(bill.sum(axis=0), 1.0)
    labour, capital = parameter(model, "firms.labour_share"), parameter(model, "firms.capital_share")
    unit = np.maximum(pay * capital / labour / production.user_cost(model), 1.0)
    month, model.month = model.month, model.world.base_month
    demand_base = production.demand_drivers(model)
    model.month = month
    model.technology = Technology(college, bill[1] / pay, pay, unit, demand_base)
    size = np.maximum((e.headcount[0::2] + e.headcount[1::2]).astype(np.float64), 0.5)
    firms.productivity[:] = size ** production.returns_to_size(model)
    firms.capital[:] = size * unit.reshape(-1)[of]
    firms.expected_demand[:] = firms.built_for[:] = 1.0
    share = college.reshape(-1)[of]
    points = np.empty((len(firms), 2))
    producing.draw_rounding_points(model.seed, firms.uid, points)
    jobs = e.headcount + e.separations / fill
    firms.offset0[:] = jobs[0::2] - (1.0 - share) * size + points[:, 0]
    firms.offset1[:] = jobs[1::2] - share * size + points[:, 1]
    e.target[:] = np.floor(jobs)
