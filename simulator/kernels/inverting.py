"""The base-year inversion: pay by person, and the expected flows that the pull of places makes.

Every adult's options are weighed once with the pull A at zero; since A(j) enters the utility of
every option of place j alike, expected flows for any A follow from the stored weights.
"""

import numpy as np
from numba import njit

from simulator.kernels.labour import agreed_wage, pay_deviate, pay_factor

EMPLOYED = 2


@njit(nogil=True, cache=True)
def expected_flows(rates, origin, pull, place, weight, heads, count, lo, hi):
    """(arrivals, departures) a year by place when places pull with exp(A) = `pull`."""
    n = pull.shape[0]
    arrivals, departures = np.zeros(n), np.zeros(n)
    for r in range(lo, hi):
        total = 0.0
        for k in range(count[r]):
            total += weight[r, k] * pull[place[r, k]]
        if total <= 0.0:
            continue
        scale, left = rates[r] / total, departures[origin[r]]
        for k in range(count[r]):
            if heads[r, k] > 0.0:
                people = scale * weight[r, k] * pull[place[r, k]] * heads[r, k]
                arrivals[place[r, k]] += people
                left += people
        departures[origin[r]] = left
    return arrivals, departures


@njit(nogil=True, cache=True)
def pay_factors(uid, experience, seed, sd, experience_return, out):
    """Everyone's pay relative to the market."""
    for i in range(len(uid)):
        out[i] = pay_factor(pay_deviate(seed, uid[i]), experience[i], sd, experience_return)


@njit(nogil=True, cache=True)
def agree_on_wages(state, employer, place, factor, market, wage):
    """Give everyone in a job the market's pay times their own factor, in fen; `place` by job line."""
    for i in range(len(state)):
        wage[i] = 0
        if state[i] == EMPLOYED:
            line = employer[i]
            wage[i] = agreed_wage(market[place[line], line % 2], factor[i])
