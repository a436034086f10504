"""From counts by settlement to the measures of the month: sums over moves, firms, circles and histograms of income."""

from __future__ import annotations

from collections import namedtuple

import numpy as np
from numba import njit

from simulator.kernels.counting import CELL, N_AGES, N_PLACES, N_STATES

COUNTED = ("present", "residents", "age", "talent", "registered", "state", "labour_force", "hukou_class", "migrant_workers", "migrant_workers_from", "pay")
WIDTHS = (1, 1, N_AGES, 1, 2, N_STATES, 2, N_PLACES // 2, N_PLACES // 2, 1, 1)
"""Columns of the table that `fold` fills, by the names of `measures.monthly.Counts`."""
FIRST = dict(zip(COUNTED, (sum(WIDTHS[:k]) for k in range(len(WIDTHS))), strict=True))
"""First column of each."""
PRESENT, RESIDENTS, AGE, TALENT, REGISTERED, STATE, FORCE, HUKOU, WORKERS, FROM, PAY = FIRST.values()
WIDTH = sum(WIDTHS)

ADULT = 2
"""Column of `counting.AGES` for working age, 16 to 64."""

Movers = namedtuple("Movers", "root education birth_month")
"""The columns of persons that `tally_moves` reads."""


@njit(nogil=True, cache=True)
def fold(life, place, book, shift, pay, in_force, table):
    """Add what `counting.count_people` returned to `table` i8[n, WIDTH], by `COUNTED`; `in_force`: 1 for states of the labour force."""
    for j in range(table.shape[0]):
        row = table[j]
        for s in range(N_STATES):
            for college in range(2):
                for a in range(N_AGES):
                    number = np.int64(life[j, (s * 2 + college) * N_AGES + a])
                    row[PRESENT] += number
                    row[AGE + a] += number
                    row[STATE + s] += number
                    row[FORCE + college] += number * in_force[s]
                    if college == 1 and a == ADULT:
                        row[TALENT] += number
        for college in range(2):
            for a in range(N_AGES):
                row[AGE + a] += shift[j, college * N_AGES + a]
        row[TALENT] += shift[j, N_AGES + ADULT]
        row[RESIDENTS] = 0
        for a in range(N_AGES):
            row[RESIDENTS] += row[AGE + a]
        for k in range(2):
            row[REGISTERED + k] += np.int64(book[j, k]) + np.int64(book[j, k + 2])
            row[FROM] += book[j, k + 2]
        for k in range(N_PLACES // 2):
            row[HUKOU + k] += np.int64(place[j, 2 * k]) + np.int64(place[j, 2 * k + 1])
            row[WORKERS + k] += place[j, 2 * k + 1]
        row[PAY] += pay[j]


@njit(nogil=True, cache=True)
def split_workers(workers, share, outgoing, local):
    """Migrant workers [n, 7] by residence: outgoing are those from elsewhere, and of those the model sees at home a share."""
    for j in range(len(outgoing)):
        near = away = np.int64(0)
        for k in range(N_PLACES // 2):
            if k < CELL:
                near += workers[j, k]
            else:
                away += workers[j, k]
        outgoing[j] = away + share * near
        local[j] = near - share * near


@njit(nogil=True, cache=True)
def tally_moves(rows, origin, destination, returned, people, month, distances, flows, talent):
    """Moves by settlement into `flows` [n, 5]: see `measures.national.MOVE_COUNTS`; kilometres where `distances` [n, n] are
    given (else [0, 0]). College-educated people of working age who came and went into `talent` [2, n]."""
    root, education, birth_month, measured = people.root, people.education, people.birth_month, distances.shape[0] > 0
    for k in range(len(rows)):
        i, a, b = rows[k], origin[k], destination[k]
        flows[b, 0] += 1.0
        if a == b:
            flows[b, 3] += returned[k]
            continue
        flows[b, 1] += 1.0
        flows[a, 2] += 1.0
        if measured:
            flows[b, 4] += distances[a, b]
        if root[i] == b:
            flows[b, 3] += 1.0
        months = month - np.int64(birth_month[i])
        if education[i] == 3 and 192 <= months < 780:
            talent[0, b] += 1.0
            talent[1, a] += 1.0


@njit(nogil=True, cache=True)
def tally_firms(settlement, alive, born, founder_type, month, lasting, out):
    """Firms by settlement into `out` [1 + 2 types, n]: open ones; those founded this month by type of founder (0: before
    the base year, left empty); those of each type open that are `lasting` months old."""
    types = (out.shape[0] - 1) // 2
    for f in range(len(alive)):
        j, t = settlement[f], founder_type[f]
        if alive[f] == 1:
            out[0, j] += 1.0
            if born[f] <= month - lasting:
                out[1 + types + t, j] += 1.0
        if born[f] == month and t > 0:
            out[1 + t, j] += 1.0


@njit(nogil=True, cache=True)
def spread_by_circle(heads, total, circle, side, by_side):
    """Histograms of settlements [n, bins] added up by side (town, country) and circle, row 0 for all, into i8[2, 2, 1 + circles, bins]:
    people, then income."""
    for j in range(heads.shape[0]):
        for what in range(2):
            values = heads[j] if what == 0 else total[j]
            whole, own = by_side[what, side[j], 0], by_side[what, side[j], circle[j]]
            for b in range(len(values)):
                whole[b] += values[b]
            if circle[j] > 0:
                for b in range(len(values)):
                    own[b] += values[b]


@njit(nogil=True, cache=True)
def add_up_circles(table, circle, chosen, out):
    """Whole numbers by settlement [n, columns] added up by circle into `out` [2, 1 + circles, columns], row 0 for all: of every
    settlement, then of those `chosen`."""
    for j in range(table.shape[0]):
        for c in range(table.shape[1]):
            number = table[j, c]
            out[0, 0, c] += number
            if chosen[j]:
                out[1, 0, c] += number
            if circle[j] > 0:
                out[0, circle[j], c] += number
                if chosen[j]:
                    out[1, circle[j], c] += number


@njit(nogil=True, cache=True)
def add_a_few(values, lo, hi):
    """Sum of at most 128 values [lo, hi), eight side by side."""
    n = hi - lo
    total, k = 0.0, lo
    if n >= 8:
        r0, r1, r2, r3 = values[lo], values[lo + 1], values[lo + 2], values[lo + 3]
        r4, r5, r6, r7 = values[lo + 4], values[lo + 5], values[lo + 6], values[lo + 7]
        k = lo + 8
        while k < hi - n % 8:
            r0 += values[k]
            r1 += values[k + 1]
            r2 += values[k + 2]
            r3 += values[k + 3]
            r4 += values[k + 4]
            r5 += values[k + 5]
            r6 += values[k + 6]
            r7 += values[k + 7]
            k += 8
        total = ((r0 + r1) + (r2 + r3)) + ((r4 + r5) + (r6 + r7))
    while k < hi:
        total += values[k]
        k += 1
    return total


@njit(nogil=True, cache=True)
def add_in_pairs(values, lo, hi):
    """Sum of values [lo, hi) by halves, so that rounding errors stay small: in the order in which numpy adds (Higham 1993)."""
    if hi - lo <= 128:
        return add_a_few(values, lo, hi)
    first, stop, left = np.empty(64, dtype=np.int64), np.empty(64, dtype=np.int64), np.empty(64)
    left_known = np.zeros(64, dtype=np.uint8)
    deep, first[0], stop[0] = 0, lo, hi
    while True:
        n = stop[deep] - first[deep]
        if n > 128:
            left_known[deep] = 0
            first[deep + 1], stop[deep + 1] = first[deep], first[deep] + n // 2 - (n // 2) % 8
            deep += 1
            continue
        total = add_a_few(values, first[deep], stop[deep])
        deep -= 1
        while deep >= 0 and left_known[deep] == 1:
            total += left[deep]
            deep -= 1
        if deep < 0:
            return total
        left[deep], left_known[deep] = total, 1
        first[deep + 1], stop[deep + 1] = stop[deep + 1], stop[deep]
        deep += 1


@njit(nogil=True, cache=True)
def hoover_of_circles(part, whole, order, starts, out):
    """Hoover index 1/2 sum |x_i/X - p_i/P| of all settlements, then of those order[starts[c]:starts[c + 1]]; NaN where a sum is 0."""
    gaps = np.empty(len(part))
    for c in range(len(starts) + 1):
        lo = 0 if c == 0 else starts[c - 1]
        hi = len(part) if c == 0 or c == len(starts) else starts[c]
        x = p = np.int64(0)
        for k in range(lo, hi):
            j = k if c == 0 else order[k]
            x += part[j]
            p += whole[j]
        if x <= 0 or p <= 0:
            out[c] = np.nan
            continue
        for k in range(lo, hi):
            j = k if c == 0 else order[k]
            gaps[k - lo] = abs(part[j] / x - whole[j] / p)
        out[c] = add_in_pairs(gaps, 0, hi - lo) / 2


@njit(nogil=True, cache=True)
def effectiveness_of_circles(came, went, circle, out):
    """Migration effectiveness 100 sum |in - out| / sum (in + out) of all settlements and of each circle from 1 on; NaN without moves."""
    net, gross = np.zeros(len(out)), np.zeros(len(out))
    for j in range(len(came)):
        net[0] += abs(came[j] - went[j])
        gross[0] += came[j] + went[j]
        if circle[j] > 0:
            net[circle[j]] += abs(came[j] - went[j])
            gross[circle[j]] += came[j] + went[j]
    for c in range(len(out)):
        out[c] = 100 * net[c] / gross[c] if gross[c] > 0 else np.nan


@njit(nogil=True, cache=True, error_model="numpy")
def people_below(heads, line, edges, out):
    """People below a line, one a row or one for all, in histograms [rows, bins] with `edges`; a bin on it is divided evenly."""
    bins = heads.shape[1]
    product = np.empty(bins)
    for j in range(heads.shape[0]):
        mark = line[j] if len(line) > 1 else line[0]
        full = 0
        while full < bins and mark >= edges[full + 1]:
            full += 1
        for b in range(full):
            product[b] = heads[j, b]
        for b in range(full, bins):
            product[b] = 0.0
        if full < bins:
            product[full] = heads[j, full] * max((mark - edges[full]) / (edges[full + 1] - edges[full]), 0.0)
        out[j] = add_in_pairs(product, 0, bins)


@njit(nogil=True, cache=True)
def add_up_segments(values, starts, out):
    """Sum of values[starts[k]:starts[k + 1]] for each k."""
    for k in range(len(out)):
        out[k] = add_in_pairs(values, starts[k], starts[k + 1])


@njit(nogil=True, cache=True, error_model="numpy")
def weigh_coverage(size, dwelling, per_head, guarantee, line, line_in_force, members, households):
    """People `members` [4] and `households` [4]: below the usual line without the guarantee; of them those who do not get it;
    who gets it; of them those not below the line in force. Incomes `per_head` of those who share them."""
    for k in range(len(size)):
        if size[k] <= 0 or dwelling[k] >= len(line) or not per_head[k] > 0:
            continue
        place, gets, without = dwelling[k], guarantee[k] > 0, np.float64(per_head[k])
        if gets:
            without -= np.float64(guarantee[k]) / np.float64(size[k])
        elif without >= line[place]:
            continue
        needy = without < line[place]
        for what, so in enumerate((needy, needy and not gets, gets, gets and without >= line_in_force[place])):
            if so:
                members[what] += size[k]
                households[what] += 1


@njit(nogil=True, cache=True)
def add_up_vacancies(place, vacancies, out):
    """Vacancies of job lines by settlement."""
    for r in range(len(place)):
        out[place[r]] += vacancies[r]


@njit(nogil=True, cache=True, error_model="numpy")
def divide_where_enough(top, bottom, agents, fewest, out):
    """top / bottom where bottom is above zero and `agents` are at least `fewest`, else NaN."""
    for k in range(len(out)):
        out[k] = top[k] / bottom[k] if bottom[k] > 0 and agents[k] >= fewest else np.nan
