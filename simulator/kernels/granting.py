"""Luck of those who claim money from a programme: in which order, who asks, whom it reaches."""

from numba import njit

from simulator.kernels.rng import draw4, uniform


@njit(nogil=True, cache=True)
def draw_luck(seed, stream, month, number, uid, out):
    """One uniform draw of a stream for each uid, into `out` f8."""
    for i in range(len(uid)):
        word, _, _, _ = draw4(seed, stream, month, uid[i], number)
        out[i] = uniform(word)


@njit(nogil=True, cache=True)
def grant_in_order(order, amount, room, granted):
    """Grant the claims of `order` while each fits into what is left of `room`; what was granted in all.

    The first that does not fit ends it, so that nobody is served before one with a better key.
    """
    spent = 0
    for k in range(len(order)):
        i = order[k]
        if spent + amount[i] > room:
            break
        spent += amount[i]
        granted[i] = 1
    return spent
