"""Bearing children: which women bear one this month, and what a newborn gets from its mother."""

from __future__ import annotations

from collections import namedtuple

import numpy as np

from simulator.kernels.caring import disability_of
from simulator.kernels.living import (
    AHEAD,
    BIRTH,
    CHILD,
    DISABILITY,
    FEMALE,
    NOBODY,
    OLDEST_MOTHER,
    RESIDENT_INSURANCE,
    YOUNGEST_MOTHER,
    birth_weight,
    hand_over,
    join_household,
    monthly_birth_rate,
    newborn_attachment,
    newborn_sex,
    newborn_uid,
    years_old,
)
from simulator.kernels.memory import fetch, uncounted
from simulator.kernels.rng import draw1

Women = namedtuple("Women", "alive sex birth_month residence partner")
"""The columns of persons by which women are weighed."""


@uncounted
def weigh_women(month, step, place_factor, single_factor, p, rows, ages, weights, first, lo, hi):
    """Birth weights of the women of 15 to 49 in every `step`-th row of [lo, hi), and their years beyond 15.

    Written from place `first` on, as are their `rows`; returns how many.
    """
    sex, alive, birth_month, residence, partner = p.sex, p.alive, p.birth_month, p.residence, p.partner
    eldest, youngest = np.int64(month) - 12 * (OLDEST_MOTHER + 1), np.int64(month) - 12 * YOUNGEST_MOTHER
    end = first
    for i in range(lo + (np.int64(month) - lo) % step, hi, step):  # without branches: no processor can guess who is one
        rows[end] = i
        end += np.int64((birth_month[i] > eldest) & (birth_month[i] <= youngest) & (sex[i] == FEMALE) & (alive[i] == 1))
    for k in range(first, end):
        i = rows[k]
        ages[k] = (np.int64(month) - birth_month[i]) // 12 - YOUNGEST_MOTHER
        weights[k] = birth_weight(place_factor[residence[i]], partner[i] >= 0, single_factor)
    return end - first


@uncounted
def add_up_women(begins, counts, ages, weights, number, total):
    """Add the women that `weigh_women` wrote from each of `begins` on, and their weights, by age."""
    for block in range(len(begins)):
        for k in range(begins[block], begins[block] + counts[block]):
            number[ages[k]] += 1.0
            total[ages[k]] += weights[k]


@uncounted
def who_bears(rows, month, seed, fertility, mean_weight, place_factor, single_factor, bound, klass, p, out):
    """Candidates who bear a child: rows into `out`; returns how many, or -1 - row where a rate is above its bound."""
    birth_month, alive, sex, residence, partner, uid = p.birth_month, p.alive, p.sex, p.residence, p.partner, p.uid
    count = 0
    for k in range(len(rows)):
        ahead, i = np.int64(rows[min(k + AHEAD, len(rows) - 1)]), rows[k]
        fetch(birth_month, ahead)
        fetch(alive, ahead)
        fetch(sex, ahead)
        fetch(residence, ahead)
        fetch(partner, ahead)
        fetch(uid, ahead)
        fetch(klass, ahead)
        age = years_old(birth_month[i], month)
        if alive[i] == 0 or sex[i] != FEMALE or age < YOUNGEST_MOTHER or age > OLDEST_MOTHER:
            continue
        weight = birth_weight(place_factor[residence[i]], partner[i] >= 0, single_factor)
        rate = monthly_birth_rate(fertility[age], weight, mean_weight[age - YOUNGEST_MOTHER])
        if rate > bound[klass[i]]:
            return -1 - np.int64(i)
        if draw1(seed, BIRTH, month, uid[i], 0) * bound[klass[i]] < rate:
            out[count] = i
            count += 1
    return count


@uncounted
def children_born(mother, p):
    """How many of the people in a woman's list are her own, living or dead, of any age."""
    count = 0
    child = p.first_child[mother]
    while child >= 0:
        if p.mother[child] == mother:
            count += 1
        child = p.next_sibling[child]
    return count


@uncounted
def welcome(mothers, first, month, seed, boys_per_girl, disability, severe, mean, sd, p, h):
    """Fill rows first, first + 1, ... with the children of `mothers`, in that order."""
    for k in range(len(mothers)):
        ahead = np.int64(mothers[min(k + AHEAD, len(mothers) - 1)])
        fetch(p.uid, ahead)
        fetch(p.first_child, ahead)
        fetch(p.hukou_kind, ahead)
        fetch(p.township_apart, ahead)
        fetch(p.residence, ahead)
        fetch(p.hukou_place, ahead)
        fetch(p.root, ahead)
        fetch(p.county_hukou, ahead)
        fetch(p.county_residence, ahead)
        fetch(p.household, ahead)
        if p.first_child[mothers[min(k + AHEAD // 2, len(mothers) - 1)]] >= 0:
            child = np.int64(p.first_child[mothers[min(k + AHEAD // 2, len(mothers) - 1)]])
            fetch(p.mother, child)
            fetch(p.next_sibling, child)
        i, m = first + k, mothers[k]
        uid = newborn_uid(p.uid[m], children_born(m, p))
        p.uid[i] = uid
        p.alive[i] = 1
        p.sex[i] = newborn_sex(uid, month, seed, boys_per_girl)
        p.education[i] = 0
        p.state[i] = CHILD
        p.hukou_kind[i] = p.hukou_kind[m]
        p.township_apart[i] = p.township_apart[m]
        p.disability[i] = disability_of(draw1(seed, DISABILITY, month, uid, 0), disability, severe)
        p.insurance[i] = RESIDENT_INSURANCE
        p.birth_month[i] = month
        p.birthplace[i] = p.residence[m]
        p.hukou_place[i] = p.hukou_place[m]
        p.root[i] = p.root[m]
        p.residence[i] = p.residence[m]
        p.county_hukou[i] = p.county_hukou[m]
        p.county_residence[i] = p.county_residence[m]
        p.months_away[i] = 0 if p.residence[m] == p.hukou_place[m] else 1
        p.mother[i] = m
        p.attachment[i] = newborn_attachment(uid, month, seed, mean, sd)
        p.guardian[i] = NOBODY
        hand_over(i, m, p)
        join_household(i, p.household[m], p, h)
