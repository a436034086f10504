"""How the workers of a place are spread over its firms: few large ones, many small."""

from __future__ import annotations

import numpy as np
from numba import njit

from simulator.kernels.elementary import log_, pow_
from simulator.kernels.rng import draw2


@njit(nogil=True, cache=True)
def size_weights(uid, seed, stream, month, tail, mean_age, weight, age):
    """For every firm a Pareto weight u^(-1/tail) and an exponential age in months, by the firm's own luck."""
    for f in range(len(uid)):
        u, v = draw2(seed, stream, month, uid[f], 0)
        weight[f] = pow_(u, -1.0 / tail)
        age[f] = -mean_age * log_(v)


@njit(nogil=True, cache=True)
def share_out_sizes(workers, first, weight):
    """Whole sizes, at least one each, that add up to the workers of each pool: largest remainder, ties by order.

    Firms first[p] to first[p + 1] share workers[p] by weight; a pool without workers leaves its firms empty.
    """
    sizes = np.zeros(len(weight), dtype=np.int64)
    for p in range(len(workers)):
        lo, hi = first[p], first[p + 1]
        spare = workers[p] - (hi - lo)
        if workers[p] == 0 or hi == lo:
            continue
        if spare < 0:
            sizes[lo : lo + workers[p]] = 1
            continue
        total = weight[lo:hi].sum()
        rest = np.empty(hi - lo)
        left = spare
        for f in range(lo, hi):
            share = spare * (weight[f] / total)
            whole = np.int64(share)
            sizes[f] = 1 + whole
            rest[f - lo] = share - whole
            left -= whole
        order = np.argsort(-rest, kind="mergesort")
        for k in range(left):
            sizes[lo + order[k % (hi - lo)]] += 1
    return sizes
