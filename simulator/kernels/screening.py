"""Who might something happen to this month: candidates for every rare event, in one look at everyone.

Thinning. For stream s and a person of screening class c the true monthly rate q never exceeds a
bound B[s, c] / 65536. At the opening of the month a 16-bit number h of (seed, month, uid, s)
makes the person a candidate when h < B; the mechanism later accepts a candidate with probability
q / (B / 65536), by a Philox draw of its own stream. The event then has probability q exactly.
"""

from __future__ import annotations

from collections import deque

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

from simulator.kernels.rng import mix64

STREAMS_A_WORD = 4
MOST_STREAMS = 16
UNITS = 65536
"""Bounds count 1/65536 a month; the largest bound is 65535."""

RATE_ABOVE_BOUND = -1.0
"""What `acceptance` answers when a rate exceeds its bound: the caller stops the run."""

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_SALT = np.uint64(0xD1B54A32D192ED03)
_A = np.uint64(0x3C79AC492BA7B653)
_B = np.uint64(0x1C69B3F74AC4AE35)
_S33, _S27, _S32 = np.uint64(33), np.uint64(27), np.uint64(32)
_TOP = np.uint64(0x8000800080008000)
_REST = np.uint64(0x7FFF7FFF7FFF7FFF)
_AT_ONCE = 1024
_ZERO, _ONE = np.uint64(0), np.uint64(1)


@intrinsic
def lowest_bit(typingctx, word):
    """Number of the lowest set bit of a non-zero 64-bit word."""

    def build(context, builder, signature, args):
        return builder.cttz(args[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(types.uint64), build


@njit(nogil=True, cache=True)
def month_keys(seed, month):
    """The two 64-bit keys of one month of one run."""
    first = mix64(mix64(np.uint64(seed) + _GOLDEN) + np.uint64(month) * _SALT)
    return first, mix64(first + _GOLDEN)


@njit(nogil=True, cache=True, forceinline=True)
def _scramble(x):
    """A one-to-one scrambling of 64 bits (Evensen 2019, "moremur")."""
    x = (x ^ (x >> _S32)) * _A
    x = (x ^ (x >> _S33)) * _B
    return x ^ (x >> _S27)


@njit(nogil=True, cache=True, forceinline=True)
def keyed_word(key0, key1, uid, k):
    """Word k of a person under a month's keys: two keyed scramblings, one before k enters."""
    return _scramble((_scramble(np.uint64(uid) + key0) ^ key1) + np.uint64(k) * _GOLDEN)


@njit(nogil=True, cache=True)
def screen_words(seed, month, uid, k):
    """The 64 screening bits of (seed, month, uid) for streams 4k to 4k + 3, lowest 16 first."""
    key0, key1 = month_keys(seed, month)
    return keyed_word(key0, key1, uid, k)


@njit(nogil=True, cache=True, forceinline=True)
def lanes_below(a, b):
    """Bit 15 of each 16-bit lane: 1 where the lane of a is less than the lane of b, unsigned."""
    not_below = (a | _TOP) - (b & _REST)
    differ = a ^ b
    return ((differ & b) | ~(differ | not_below)) & _TOP


@njit(nogil=True, cache=True)
def screen(uid, alive, klass, month, seed, packed, out_rows, out_counts, lo, hi):
    """Write the candidates of rows [lo, hi), in order of rows.

    `packed[class, k]` holds the bounds of streams 4k to 4k + 3 (see `pack_bounds`);
    `out_rows[stream]` must have room for hi - lo rows; `out_counts[stream]` is overwritten. Returns the highest class
    met, and stops where that has no bounds.

    Rows are taken a thousand at a time in short loops the processor can do several rows at once;
    then only rows with a hit are visited. A hit of stream 4k + lane is bit 16 lane + 16 - words + k.
    """
    key0, key1 = month_keys(seed, month)
    words = packed.shape[1]
    person = np.empty(_AT_ONCE, dtype=np.uint64)
    bound = np.empty(_AT_ONCE, dtype=np.uint64)
    hits = np.empty(_AT_ONCE, dtype=np.uint64)
    hit = np.empty(_AT_ONCE, dtype=np.int32)
    highest = np.uint16(0)
    for s in range(out_counts.shape[0]):
        out_counts[s] = 0
    for start in range(lo, hi, _AT_ONCE):
        size = min(_AT_ONCE, hi - start)
        ids, living, classes = uid[start : start + size], alive[start : start + size], klass[start : start + size]
        for j in range(size):
            highest = max(highest, classes[j])
        if highest >= packed.shape[0]:
            return highest
        for j in range(size):
            person[j] = _scramble(ids[j] + key0) ^ key1
            hits[j] = _ZERO
        step = _ZERO
        for k in range(words):
            for j in range(size):
                bound[j] = packed[classes[j], k]
            for j in range(size):
                hits[j] = (hits[j] >> _ONE) | lanes_below(_scramble(person[j] + step), bound[j])
            step += _GOLDEN
        count = 0
        for j in range(size):
            hit[count] = j
            count += (hits[j] != _ZERO) & (living[j] != 0)
        for q in range(count):
            j = hit[q]
            left = hits[j]
            while left != _ZERO:
                bit = lowest_bit(left)
                s = 4 * ((bit & 15) - 16 + words) + (bit >> 4)
                out_rows[s, out_counts[s]] = start + j
                out_counts[s] += 1
                left &= left - _ONE
    return highest


def pack_bounds(bounds: np.ndarray) -> np.ndarray:
    """Bounds u16[streams, classes] as u64[classes, words], four streams a word."""
    streams, classes = bounds.shape
    if bounds.dtype != np.uint16 or not 1 <= streams <= MOST_STREAMS:
        raise ValueError(f"bounds must be uint16 with 1 to {MOST_STREAMS} streams, not {bounds.dtype} {bounds.shape}")
    words = -(-streams // STREAMS_A_WORD)
    packed = np.zeros((classes, words), dtype=np.uint64)
    _pack(bounds, packed)
    return packed


@njit(nogil=True, cache=True)
def _pack(bounds, packed):
    for s in range(bounds.shape[0]):
        for c in range(bounds.shape[1]):
            packed[c, s >> 2] |= np.uint64(bounds[s, c]) << np.uint64(16 * (s & 3))


def screen_everyone(crew, uid, alive, klass, month: int, seed: int, bounds: np.ndarray) -> list[np.ndarray]:
    """The candidates of every stream among all rows: one int32 array of rows a stream, ascending.

    `crew` is a `foundations.crew.Crew`; `bounds` is u16[streams, classes] and `klass` each row's class.
    """
    packed = pack_bounds(bounds)
    streams, n = bounds.shape[0], len(uid)
    seed64, month64 = np.uint64(seed), np.int64(month)
    room = min(crew.block, n)
    spare: deque = deque()

    def one_block(lo: int, hi: int) -> list[np.ndarray]:
        try:
            rows, counts = spare.pop()
        except IndexError:
            rows, counts = np.empty((streams, room), dtype=np.int32), np.empty(streams, dtype=np.int64)
        highest = screen(uid, alive, klass, month64, seed64, packed, rows, counts, np.int64(lo), np.int64(hi))
        if highest >= bounds.shape[1]:
            raise ValueError(f"a screening class is {highest}; bounds are given for {bounds.shape[1]} classes")
        found = [rows[s, : counts[s]].copy() for s in range(streams)]
        spare.append((rows, counts))
        return found

    found = crew.run(one_block, n)
    if not found:
        return [np.empty(0, dtype=np.int32) for _ in range(streams)]
    return [np.concatenate([block[s] for block in found]) for s in range(streams)]


def bound_of(rate):
    """The smallest bound, in 1/65536 a month, not below a monthly rate; scalar or array to uint16.

    ValueError for a rate that is negative, nan, or above 65535/65536: nothing is clipped.
    """
    rates = np.asarray(rate, dtype=np.float64)
    units = np.ceil(rates * UNITS)
    if not np.all((rates >= 0) & (units < UNITS)):
        raise ValueError("a bound on a monthly rate must lie between 0 and 65535/65536")
    return units.astype(np.uint16)


@njit(nogil=True, cache=True, forceinline=True, error_model="numpy")
def acceptance(rate, bound):
    """The probability with which a candidate's event happens, rate / (bound / 65536).

    RATE_ABOVE_BOUND when the rate is above the bound, negative or nan.
    """
    units = rate * 65536.0
    if not (units >= 0.0 and units <= np.float64(bound)):
        return RATE_ABOVE_BOUND
    if units == 0.0:
        return 0.0
    return units / np.float64(bound)
