"""Disabled people: who they are, who employs them, what employers owe for those they do not employ, what care costs."""

from __future__ import annotations

import numpy as np
from numba import njit

from simulator.kernels.memory import fetch
from simulator.kernels.rng import draw1

SEARCH, MATCH_PRIORITY = 12, 16
CAPACITY_LUCK, RETURN_LUCK = 1, 2
"""Numbers of the draws by which a disabled applicant can do a job (stream MATCH_PRIORITY), and who gave up looks again (stream SEARCH)."""
EMPLOYED, FARMING, FLEXIBLE, UNEMPLOYED, RETIRED, INACTIVE = 2, 3, 4, 6, 7, 8
PUBLIC = 5
AHEAD = 24
"""Rows ahead for which memory is asked."""
_FIRST = np.uint64(32)


@njit(nogil=True, cache=True)
def disability_at_work(state, capacity):
    """How much more often than others of their age those in a labour state are disabled at the base year, with a capacity c of work.

    c among the employed, (1 + c) / 2 in farming and flexible work, 2 - c of those who look for work, 11 - 10 c of those who do
    not; 1 else and at c = 1. At c = .5 about half of the disabled of working age have work.
    """
    if state == EMPLOYED:
        return capacity
    if state == FARMING or state == FLEXIBLE:
        return 0.5 * (1.0 + capacity)
    if state == UNEMPLOYED:
        return 2.0 - capacity
    return 11.0 - 10.0 * capacity if state == INACTIVE or state == RETIRED else 1.0


@njit(nogil=True, cache=True)
def frailty_of(age):
    """How often people of an age are disabled, relative to one another."""
    return 0.3 if age < 15 else 0.5 if age < 45 else 1.1 if age < 65 else 3.0


@njit(nogil=True, cache=True)
def scale_disability(rate, capacity, month, birth_month, state):
    """The rate at frailty one at which the share `rate` of people of 16 to 59 is disabled at the base year."""
    people, sum_ = 0, 0.0
    for i in range(len(state)):
        age = (month - np.int64(birth_month[i])) // 12
        if 16 <= age < 60:
            people += 1
            sum_ += frailty_of(age) * disability_at_work(state[i], capacity)
    return rate * people / sum_ if sum_ > 0.0 else rate


@njit(nogil=True, cache=True)
def looks_again(disability, capacity, seed, month, uid):
    """Whether someone who had given up looks for work again when the chance has come: the disabled in the share `capacity` of cases."""
    return disability == 0 or draw1(seed, SEARCH, month, uid, RETURN_LUCK) < capacity


@njit(nogil=True, cache=True)
def disability_of(luck, rate, severe):
    """Code of a person with that luck: 2 severely disabled (the share `severe` of all disabled), 1 disabled, 0 not."""
    return 0 if luck >= rate else 1 if luck >= rate * severe else 2


@njit(nogil=True, cache=True)
def is_short(disabled, heads, quota, least):
    """Whether a firm of `heads` workers, more than `least`, employs fewer disabled people than the quota asks."""
    return (heads > least) & (disabled < quota * heads)


@njit(nogil=True, cache=True)
def chance_of(short, priority, capacity, seed, month, uid):
    """(can be taken, priority) of a disabled applicant: first where the quota is not met, else only with chance `capacity`."""
    if short:
        return True, priority >> _FIRST
    return draw1(seed, MATCH_PRIORITY, month, uid, CAPACITY_LUCK) < capacity, priority


@njit(nogil=True, cache=True)
def count_disabled(disability, alive, employer, disabled, severe):
    """Count disabled workers by firm into `disabled`, and list the rows of the severely disabled; returns how many.

    Most people are not disabled: eight are looked at together, without branches that no processor can guess.
    """
    disabled[:] = 0
    whole = len(disability) // 8
    eights, eight = disability[: 8 * whole].view(np.uint64), np.empty(whole, np.int32)
    some = 0
    for block in range(whole):
        eight[some] = block
        some += np.int64(eights[block] != 0)
    rows, found = np.empty(8 * some + 8, np.int32), 0
    for k in range(some):
        first = 8 * np.int64(eight[k])
        for i in range(first, first + 8):
            rows[found] = i
            found += np.int64(disability[i] != 0)
    for i in range(8 * whole, len(disability)):
        rows[found] = i
        found += np.int64(disability[i] != 0)
    count = 0
    for k in range(found):
        later = np.int64(rows[min(k + AHEAD, found - 1)])
        fetch(alive, later)
        fetch(employer, later)
        i = rows[k]
        lives, job = alive[i] == 1, employer[i]
        if job >= 0:
            disabled[job >> 1] += np.uint16(lives)
        severe[count] = i
        count += np.int64(lives & (disability[i] == 2))
    return count


@njit(nogil=True, cache=True)
def pay_care(rows, allowance, residence, savings, received, move_money, paid):
    """The severely disabled in `rows` get the allowance; fen by residence in `paid`."""
    for k in range(len(rows)):
        later = np.int64(rows[min(k + AHEAD, len(rows) - 1)])
        fetch(received, later)
        fetch(savings, later)
        fetch(residence, later)
        i = np.uint32(rows[k])
        received[i] += allowance
        if move_money:
            savings[i] += allowance
        paid[residence[i]] += allowance


@njit(nogil=True, cache=True)
def levy_of(disabled, heads, quota, least, share, bill):
    """What a firm owes a month, whole fen: (quota x workers - disabled workers) x share x mean take-home pay; 0 with `least` workers or fewer."""
    if not is_short(disabled, heads, quota, least):
        return np.int64(0)
    return np.int64((quota * heads - disabled) * share * bill / heads)


@njit(nogil=True, cache=True)
def subsidy_of(disabled, heads, quota, amount):
    """What a firm gets a month, whole fen: `amount` for every disabled worker beyond the quota."""
    return np.int64(max(disabled - quota * heads, 0.0) * amount)


@njit(nogil=True, cache=True)
def settle_quota(alive, sector, settlement, disabled, headcount, take_home, rules, cash, levied, granted):
    """Firms pay the levy or get the subsidy of the quota, by settlement in `levied` and `granted`; public employers do neither.

    `rules`: (quota, most workers exempt, share of mean pay, subsidy a worker).
    """
    quota, least, share, amount = rules
    for f in range(len(alive)):
        heads = headcount[2 * f] + headcount[2 * f + 1]
        if alive[f] == 0 or sector[f] == PUBLIC or (heads <= least and disabled[f] == 0):
            continue
        levy = levy_of(disabled[f], heads, quota, least, share, take_home[2 * f] + take_home[2 * f + 1])
        subsidy = subsidy_of(disabled[f], heads, quota, amount)
        cash[f] += subsidy - levy
        levied[settlement[f]] += levy
        granted[settlement[f]] += subsidy
