"""Luck: every chance event in a life has its own number, fixed by who, when, what and which draw.

A draw is a function of (seed, stream, month, uid, number) and of nothing else, so it does not
depend on the order of calls, on threads, on storage or on a restart, and two runs share their
luck person by person. The generator is Philox4x32-10 (Salmon, Moraes, Dror, Shaw 2011,
"Parallel random numbers: as easy as 1, 2, 3", SC11, doi:10.1145/2063384.2063405).
"""

from __future__ import annotations

import hashlib

import numpy as np
from numba import njit

from simulator.kernels.elementary import log_, sqrt_

_LOW32 = np.uint64(0xFFFFFFFF)
_S32 = np.uint64(32)
_S16 = np.uint64(16)
_M0 = np.uint64(0xD2511F53)
_M1 = np.uint64(0xCD9E8D57)
_W0 = np.uint64(0x9E3779B9)
_W1 = np.uint64(0xBB67AE85)

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX2 = np.uint64(0x94D049BB133111EB)
_S30, _S27, _S31 = np.uint64(30), np.uint64(27), np.uint64(31)

_PER_WORD = 2.0**-32
_PER_52 = 2.0**-52
_TWO26 = 67108864.0
MIDDLE = 0.425
"""Distance from 1/2 up to which one rational function gives the normal quantile."""
_S6 = np.uint32(6)


KEY = "uint64, uint64, uint64, uint64, uint64"
"""Types of a draw's key. They are said because numba would compile a draw anew for every constant that it is called with."""


@njit(nogil=True, cache=True, forceinline=True)
def philox(c0, c1, c2, c3, k0, k1):
    """Philox4x32-10: four 32-bit words from a 128-bit counter and a 64-bit key.

    One round: (c0, c1, c2, c3) -> (hi(M1 c2) ^ c1 ^ k0, lo(M1 c2), hi(M0 c0) ^ c3 ^ k1, lo(M0 c0)).
    """
    x0, x1 = np.uint64(c0) & _LOW32, np.uint64(c1) & _LOW32
    x2, x3 = np.uint64(c2) & _LOW32, np.uint64(c3) & _LOW32
    a, b = np.uint64(k0) & _LOW32, np.uint64(k1) & _LOW32
    for _ in range(10):
        p0 = _M0 * x0
        p1 = _M1 * x2
        x0, x1, x2, x3 = (p1 >> _S32) ^ x1 ^ a, p1 & _LOW32, (p0 >> _S32) ^ x3 ^ b, p0 & _LOW32
        a = (a + _W0) & _LOW32
        b = (b + _W1) & _LOW32
    return np.uint32(x0), np.uint32(x1), np.uint32(x2), np.uint32(x3)


@njit(f"UniTuple(uint32, 4)({KEY})", nogil=True, cache=True, forceinline=True)
def draw4(seed, stream, month, uid, number):
    """Four 32-bit words of the draw (seed, stream, month, uid, number).

    Counter = (number, month + 2^16 stream, uid low, uid high), key = (seed low, seed high): with
    stream < 256, month < 65536 and number < 2^32 two different draws never share counter and key.
    """
    s, u = np.uint64(seed), np.uint64(uid)
    place = np.uint64(month) | (np.uint64(stream) << _S16)
    return philox(np.uint64(number), place, u & _LOW32, u >> _S32, s & _LOW32, s >> _S32)


@njit(nogil=True, cache=True, forceinline=True)
def uniform(word):
    """A 32-bit word as a number strictly between 0 and 1: (word + 1/2) / 2^32, exact."""
    return (np.float64(word) + 0.5) * _PER_WORD


@njit(nogil=True, cache=True, forceinline=True)
def uniform53(word0, word1):
    """Two words as a number strictly between 0 and 1 that uses all 53 bits of a float.

    26 bits of each word and a half: (2^26 a + b + 1/2) / 2^52, exact, so 1 is never reached.
    """
    a = np.float64(np.uint32(word0) >> _S6)
    b = np.float64(np.uint32(word1) >> _S6)
    return (a * _TWO26 + b + 0.5) * _PER_52


@njit(f"float64({KEY})", nogil=True, cache=True, forceinline=True)
def draw1(seed, stream, month, uid, number):
    """One uniform number in (0, 1)."""
    w0, _, _, _ = draw4(seed, stream, month, uid, number)
    return uniform(w0)


@njit(nogil=True, cache=True, forceinline=True)
def draw2(seed, stream, month, uid, number):
    """Two independent uniform numbers in (0, 1)."""
    w0, w1, _, _ = draw4(seed, stream, month, uid, number)
    return uniform(w0), uniform(w1)


@njit(nogil=True, cache=True, forceinline=True, error_model="numpy")
def _middle_quantile(q):
    """`normal_quantile` of 1/2 + q for |q| <= MIDDLE."""
    r = 0.180625 - q * q
    top = (((((((2.5090809287301226727e3 * r + 3.3430575583588128105e4) * r + 6.7265770927008700853e4) * r
            + 4.5921953931549871457e4) * r + 1.3731693765509461125e4) * r + 1.9715909503065514427e3) * r
            + 1.3314166789178437745e2) * r + 3.3871328727963666080e0)  # fmt: skip
    bottom = (((((((5.2264952788528545610e3 * r + 2.8729085735721942674e4) * r + 3.9307895800092710610e4) * r
               + 2.1213794301586595867e4) * r + 5.3941960214247511077e3) * r + 6.8718700749205790830e2) * r
               + 4.2313330701600911252e1) * r + 1.0)  # fmt: skip
    return q * top / bottom


@njit(nogil=True, cache=True, error_model="numpy")
def normal_quantile(p):
    """The standard normal deviate below which a share p lies, 0 < p < 1.

    Algorithm AS 241, PPND16 (Wichura 1988, Applied Statistics 37(3), 477-484), relative accuracy
    about 1e-16: one rational function for |p - 1/2| <= 0.425, two for the tails in
    r = sqrt(-log(min(p, 1 - p))).
    """
    q = p - 0.5
    if abs(q) <= MIDDLE:
        return _middle_quantile(q)
    tail = p if q < 0.0 else 1.0 - p
    r = sqrt_(-log_(tail))
    if r <= 5.0:
        r -= 1.6
        top = (((((((7.74545014278341407640e-4 * r + 2.27238449892691845833e-2) * r + 2.41780725177450611770e-1) * r
                + 1.27045825245236838258e0) * r + 3.64784832476320460504e0) * r + 5.76949722146069140550e0) * r
                + 4.63033784615654529590e0) * r + 1.42343711074968357734e0)  # fmt: skip
        bottom = (((((((1.05075007164441684324e-9 * r + 5.47593808499534494600e-4) * r + 1.51986665636164571966e-2) * r
                   + 1.48103976427480074590e-1) * r + 6.89767334985100004550e-1) * r + 1.67638483018380384940e0) * r
                   + 2.05319162663775882187e0) * r + 1.0)  # fmt: skip
    else:
        r -= 5.0
        top = (((((((2.01033439929228813265e-7 * r + 2.71155556874348757815e-5) * r + 1.24266094738807843860e-3) * r
                + 2.65321895265761230930e-2) * r + 2.96560571828504891230e-1) * r + 1.78482653991729133580e0) * r
                + 5.46378491116411436990e0) * r + 6.65790464350110377720e0)  # fmt: skip
        bottom = (((((((2.04426310338993978564e-15 * r + 1.42151175831644588870e-7) * r + 1.84631831751005468180e-5) * r
                   + 7.86869131145613259100e-4) * r + 1.48753612908506148525e-2) * r + 1.36929880922735805310e-1) * r
                   + 5.99832206555887937690e-1) * r + 1.0)  # fmt: skip
    deviate = top / bottom
    return -deviate if q < 0.0 else deviate


@njit(nogil=True, cache=True)
def normal(word0, word1):
    """A standard normal number from two words."""
    return normal_quantile(uniform53(word0, word1))


@njit(nogil=True, cache=True)
def normal_all(words, out):
    """`normal` of many pairs of words (the first in the low 32 bits), to the same bits, several at a time."""
    for k in range(len(out)):
        out[k] = _middle_quantile(uniform53(np.uint32(words[k] & _LOW32), np.uint32(words[k] >> _S32)) - 0.5)
    for k in range(len(out)):
        p = uniform53(np.uint32(words[k] & _LOW32), np.uint32(words[k] >> _S32))
        if abs(p - 0.5) > MIDDLE:
            out[k] = normal_quantile(p)


@njit(nogil=True, cache=True, forceinline=True)
def mix64(x):
    """SplitMix64's finaliser: a one-to-one scrambling of 64 bits.

    Steele, Lea, Flood 2014, "Fast splittable pseudorandom number generators", OOPSLA,
    with Stafford's variant 13 of the constants.
    """
    z = np.uint64(x)
    z = (z ^ (z >> _S30)) * _MIX1
    z = (z ^ (z >> _S27)) * _MIX2
    return z ^ (z >> _S31)


@njit(nogil=True, cache=True, forceinline=True)
def hash64(a, b):
    """A 64-bit identity from two: for a fixed `a`, distinct `b` never collide."""
    return mix64(mix64(np.uint64(a) + _GOLDEN) ^ (np.uint64(b) * _GOLDEN))


def hash_name(text: str) -> int:
    """A name (of a scenario, a place) as a 64-bit whole number: the head of its SHA-256."""
    return int.from_bytes(hashlib.sha256(text.encode("utf-8")).digest()[:8], "little")
