"""What kind of person one is at the opening of a month: age group, sex, work and degree, and whose birthday it is.

The class sets the bound of every rare event (see `kernels.screening`):
class = ((age group * 2 + sex) * 4 + work) * 2 + (1 with a college degree).
"""

from collections import namedtuple

import numpy as np
from numba import njit

N_AGE_GROUPS = 19
N_CLASSES = N_AGE_GROUPS * 2 * 4 * 2
EMPLOYED_WORK, FLEXIBLE_WORK, FARM_WORK, OTHER_WORK = range(4)
_AT_ONCE = 1024
OLDEST_MONTHS = 1535
"""Ages beyond this (127 years) count as this."""

COLLEGE = 3
UNEMPLOYED = 6
_STARTS = (0, 1, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60, 65, 70, 75, 80, 85)
_AGES = np.arange(OLDEST_MONTHS + 1)
AGE_GROUP_OF_MONTHS = (np.searchsorted(np.array(_STARTS), _AGES // 12, side="right") - 1).astype(np.uint8)
"""Age group by age in months."""
BIRTHDAY_OF_MONTHS = ((_AGES % 12 == 0) & (_AGES >= 180) & (_AGES <= 80 * 12)).astype(np.uint8)
"""1 where an age in months is a birthday from the 15th to the 80th."""
WORK_OF_STATE = np.array([3, 3, 0, 2, 1, 3, 3, 3, 3], dtype=np.uint8)
"""Work group by labour state: 0 employed, 1 flexible, 2 farming, 3 anything else."""

Openers = namedtuple("Openers", "alive sex education state birth_month")
"""The columns of persons the opening of a month reads."""

_PART = np.zeros(OLDEST_MONTHS + 1, dtype=np.uint16)
_PART[:] = AGE_GROUP_OF_MONTHS.astype(np.uint16) * 16 + BIRTHDAY_OF_MONTHS.astype(np.uint16) * 32768
_BELOW = np.zeros(128, dtype=np.uint16)
for _state in range(9):
    for _education in range(4):
        for _sex in range(2):
            _BELOW[_state << 3 | _education << 1 | _sex] = (
                _sex * 8 + int(WORK_OF_STATE[_state]) * 2 + (_education == COLLEGE) + 32768 * (_state == UNEMPLOYED)
            )


@njit(nogil=True, cache=True)
def age_in_months(birth_month, month):
    """Completed months of life, 0 to OLDEST_MONTHS."""
    age = np.int64(month) - np.int64(birth_month)
    return min(max(age, 0), OLDEST_MONTHS)


@njit(nogil=True, cache=True)
def class_of(age_months, sex, state, education):
    """The screening class of a person."""
    work = np.int64(WORK_OF_STATE[state])
    degree = 1 if education == COLLEGE else 0
    return ((np.int64(AGE_GROUP_OF_MONTHS[age_months]) * 2 + np.int64(sex)) * 4 + work) * 2 + degree


@njit(nogil=True, cache=True)
def _parts(age_months, state, education, sex):
    """What age says of the class (and 32768 on a birthday), and the rest (and 32768 for the unemployed).

    Unsigned positions spare the check for negative ones; class = sum of both without the flags.
    """
    key = np.uint32(state) << np.uint32(3) | np.uint32(education) << np.uint32(1) | np.uint32(sex)
    return _PART[np.uint32(age_months)], _BELOW[key & np.uint32(127)]


@njit(nogil=True, cache=True)
def open_month(people, month, klass, lo, hi):
    """Write the class of everyone in rows [lo, hi)."""
    birth, state, education = people.birth_month[lo:hi], people.state[lo:hi], people.education[lo:hi]
    sex, out = people.sex[lo:hi], klass[lo:hi]
    for k in range(len(out)):
        above, below = _parts(age_in_months(birth[k], month), state[k], education[k], sex[k])
        out[k] = (above + below) & np.uint16(32767)


@njit(nogil=True, cache=True)
def list_birthdays(people, month, out, lo, hi):
    """Write the living whose 15th to 80th birthday is this month, in order; return how many."""
    count = 0
    for i in range(lo, hi):
        out[count] = i
        age = age_in_months(people.birth_month[i], month)
        count += np.int64(people.alive[i]) & (np.int64(_PART[age]) >> 15)
    return count


@njit(nogil=True, cache=True)
def list_unemployed(people, month, out, lo, hi):
    """Write the living who are unemployed, in order; return how many."""
    count = 0
    for i in range(lo, hi):
        out[count] = i
        count += np.int64(people.alive[i]) & np.int64(people.state[i] == UNEMPLOYED)
    return count


@njit(nogil=True, cache=True)
def open_and_list(people, month, klass, birthdays, unemployed, lo, hi):
    """`open_month` and both lists in one look at everyone; return the two counts."""
    feasts, seekers = np.uint64(0), np.uint64(0)
    flags, flagged = np.empty(_AT_ONCE, dtype=np.uint8), np.empty(_AT_ONCE, dtype=np.int32)
    for start in range(lo, hi, _AT_ONCE):
        stop = min(start + _AT_ONCE, hi)
        birth, state, education = people.birth_month[start:stop], people.state[start:stop], people.education[start:stop]
        sex, alive, out = people.sex[start:stop], people.alive[start:stop], klass[start:stop]
        for k in range(len(out)):
            above, below = _parts(age_in_months(birth[k], month), state[k], education[k], sex[k])
            out[k] = (above + below) & np.uint16(32767)
            flags[k] = np.uint8(above >> np.uint16(15) | below >> np.uint16(15) << np.uint16(1)) & (np.uint8(0) - alive[k])
        count = 0
        for k in range(len(out)):
            flagged[count] = k
            count += np.int64(flags[k] != 0)
        for f in range(count):  # few have a birthday or no work
            k = flagged[f]
            birthdays[feasts], unemployed[seekers] = start + k, start + k
            feasts += np.uint64(flags[k] & np.uint8(1))
            seekers += np.uint64(flags[k] >> np.uint8(1))
    return feasts, seekers


def list_rows(crew, kernel, people, month: int) -> np.ndarray:
    """The rows a listing kernel (people, month, out, lo, hi) -> count finds among everyone, ascending int32."""

    def one_block(lo: int, hi: int) -> np.ndarray:
        out = np.empty(hi - lo + 1, dtype=np.int32)
        return out[: kernel(people, np.int64(month), out, np.int64(lo), np.int64(hi))].copy()

    found = crew.run(one_block, len(people[0]))
    return np.concatenate(found) if found else np.empty(0, dtype=np.int32)


def pieces(crew, n: int) -> list[tuple[int, int]]:
    """Ranges [lo, hi) of n people in which they are looked at when a month opens: eight a thread, none smaller than a block."""
    size = max(crew.block, -(-n // (8 * crew.threads)))
    return [(lo, min(lo + size, n)) for lo in range(0, n, size)]


def open_everyone(crew, people, month: int, beside=None) -> tuple[np.ndarray, np.ndarray, np.ndarray, list]:
    """(class of everyone u2, rows with a birthday, rows unemployed, what `beside` found) of a table of people.

    `beside(lo, hi)` only reads people, each of the `pieces`, and is done by the crew at the same time; its answers come in order.
    """
    klass, parts = np.empty(len(people.alive), dtype=np.uint16), pieces(crew, len(people.alive))

    def one_piece(lo: int, hi: int) -> tuple[np.ndarray, np.ndarray]:
        feasts, seekers = np.empty(hi - lo + 1, dtype=np.int32), np.empty(hi - lo + 1, dtype=np.int32)
        a, b = open_and_list(people, np.int64(month), klass, feasts, seekers, np.int64(lo), np.int64(hi))
        return feasts[:a], seekers[:b]

    tasks = [(work, *part) for work in (beside, one_piece) if work for part in parts]
    found = crew.each(lambda task: task[0](*task[1:]), tasks)
    seen, found = found[: len(found) - len(parts)], found[len(found) - len(parts) :]
    none = np.empty(0, dtype=np.int32)
    feasts, seekers = (np.concatenate([none, *[f[k] for f in found]]) for k in (0, 1))
    return klass, feasts, seekers, seen
