"""Going to live elsewhere for study or to kin: what changes in a life with the place alone."""

import numpy as np

from simulator.kernels.memory import uncounted
from simulator.kernels.rng import draw1

COUNTY = 24
NOWHERE = 65535
STUDY_DRAW = 33
"""Draw number of the county in moves that are no migration choice; choices use smaller ones."""


@uncounted
def county_by_people(cell, start, counties, weight, u):
    """The county of a cell where one comes to live, drawn by the people who live in each."""
    first, last = start[cell], start[cell + 1]
    total = 0.0
    for k in range(first, last):
        total += weight[k]
    left = u * total
    for k in range(first, last):
        left -= weight[k]
        if left < 0.0:
            return np.int64(counties[k])
    return np.int64(counties[last - 1]) if last > first else np.int64(NOWHERE)


@uncounted
def drawn_county(cell, uid, month, seed, start, counties, weight):
    """`county_by_people` with the person's own keyed draw."""
    return county_by_people(cell, start, counties, weight, draw1(seed, COUNTY, month, uid, STUDY_DRAW))


@uncounted
def record_move(people, i, to, county, month):
    """Person i, who holds no job, lives in settlement `to` and `county` from this month on."""
    people.residence[i] = to
    people.county_residence[i] = county
    people.workplace[i] = NOWHERE
    people.last_move[i] = month
    apart = county == people.county_hukou[i] and to != people.hukou_place[i]
    people.township_apart[i] = 1 if apart else 0
