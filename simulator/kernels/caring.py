"""Disabled people: who they are, who employs them, what employers owe for those they do not employ, what care costs."""

from __future__ import annotations

import numpy as np
from numba import njit

from simulator.kernels.rng import draw1

MATCH_PRIORITY = 16
CAPACITY_LUCK = 1
"""Number of the draw of stream MATCH_PRIORITY by which a disabled applicant can do a job or not."""
EMPLOYED, FLEXIBLE, UNEMPLOYED, INACTIVE = 2, 4, 6, 8
PUBLIC = 5
_FIRST = np.uint64(32)


@njit(nogil=True, cache=True)
def disability_at_work(state, capacity):
    """How much more often than others of their age those in a labour state are disabled at the base year, with a capacity c of work.

    c among the employed, (1 + c) / 2 in flexible work, 2 - c of those who look for work, 5 - 4 c of those who do not; 1 else
    and at c = 1. With the shares of the states of working age in 2020 the mean stays about one.
    """
    if state == EMPLOYED:
        return capacity
    if state == FLEXIBLE:
        return 0.5 * (1.0 + capacity)
    if state == UNEMPLOYED:
        return 2.0 - capacity
    return 5.0 - 4.0 * capacity if state == INACTIVE else 1.0


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

    Eight people are looked at together: most have no disability.
    """
    disabled[:] = 0
    count, whole = 0, len(disability) // 8
    eights = disability[: 8 * whole].view(np.uint64)
    for block in range(whole + 1):
        if block < whole and eights[block] == 0:
            continue
        for i in range(8 * block, min(8 * block + 8, len(disability))):
            if disability[i] == 0 or alive[i] == 0:
                continue
            if employer[i] >= 0:
                disabled[employer[i] >> 1] += 1
            if disability[i] == 2:
                severe[count] = i
                count += 1
    return count


@njit(nogil=True, cache=True)
def pay_care(rows, allowance, residence, savings, received, move_money, paid):
    """The severely disabled in `rows` get the allowance; fen by residence in `paid`."""
    for i in rows:
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
