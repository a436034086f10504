"""Exponentials, logarithms and powers that give the same bits on every machine.

C libraries differ in the last bit of exp, log and pow, and one bit can flip a person's choice.
These use only IEEE 754 add, subtract, multiply and divide in a written order and bit moves, all
exactly specified. Kernels compile without fastmath, and LLVM then neither reorders nor fuses a
multiply with an add, so a processor that has fused instructions gives the same bits as one that
has not. Errors stay below 1 unit in the last place (see tests/unit/test_elementary.py).
"""

from __future__ import annotations

import math
from decimal import Decimal, localcontext

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic


@intrinsic
def bits_of(typingctx, x):
    """The 64 bits of a float64 as an int64."""

    def build(context, builder, signature, args):
        return builder.bitcast(args[0], ir.IntType(64))

    return types.int64(types.float64), build


@intrinsic
def float_of(typingctx, bits):
    """The float64 that has these 64 bits."""

    def build(context, builder, signature, args):
        return builder.bitcast(args[0], ir.DoubleType())

    return types.float64(types.int64), build


def _decimals(build):
    """Evaluate constants with 60 decimal digits, far beyond a float's 17."""
    with localcontext() as context:
        context.prec = 60
        return build()


def _split(value: Decimal, grid_bits: int) -> tuple[float, float]:
    """A decimal as (head, tail): the head a multiple of 2^-grid_bits, the tail the rest."""
    scale = Decimal(2) ** grid_bits
    head = (value * scale).to_integral_value() / scale
    return float(head), float(value - head)


def _ln2_parts() -> tuple[float, float, float, float]:
    ln2 = Decimal(2).ln()
    return (*_split(ln2, 41), float(1 / ln2), float(ln2))


LN2_HEAD, LN2_TAIL, PER_LN2, LN2 = _decimals(_ln2_parts)
_ROUND = 6755399441055744.0
"""1.5 * 2^52: adding it leaves a number rounded to a whole one in the low bits."""
_ROUND_BITS = 0x4338000000000000

_F2, _F3, _F4, _F5, _F6, _F7, _F8, _F9, _F10, _F11, _F12, _F13 = (1.0 / math.factorial(k) for k in range(2, 14))

_EXP_TOP = 709.782712893384
"""log of the largest float: 709.78271289338397."""
_EXP_BOTTOM = -745.1332191019412
"""log of half the smallest positive float: at or below it exp rounds to zero."""


@njit(nogil=True, cache=True, forceinline=True)
def _exp_sum(x, tail):
    """exp(x + tail) for -746 < x < 710 and a tail of a few units in the last place of x.

    x = k ln2 + r with |r| <= ln2 / 2; exp(x) = 2^k (1 + r + r^2/2! + ... + r^13/13!), the sum by
    pairs (Estrin). The cut-off part is below 2^-57.
    """
    shifted = x * PER_LN2 + _ROUND
    k = bits_of(shifted) - _ROUND_BITS
    whole = shifted - _ROUND
    r = (x - whole * LN2_HEAD) - (whole * LN2_TAIL - tail)
    r2 = r * r
    r4 = r2 * r2
    low = (_F2 + r * _F3) + r2 * (_F4 + r * _F5)
    middle = (_F6 + r * _F7) + r2 * (_F8 + r * _F9)
    high = (_F10 + r * _F11) + r2 * (_F12 + r * _F13)
    y = 1.0 + (r + r2 * (low + r4 * (middle + r4 * high)))
    half = k >> 1
    return (y * float_of((half + 1023) << 52)) * float_of((k - half + 1023) << 52)


@njit(nogil=True, cache=True, forceinline=True)
def exp_(x):
    """e to the power x: inf above 709.78, 0 below -745.13, nan of nan."""
    if x <= _EXP_BOTTOM:
        return 0.0
    if x > _EXP_TOP:
        return math.inf
    if math.isnan(x):
        return x
    return _exp_sum(x, 0.0)


def _log_table() -> np.ndarray:
    """For each of 128 slices of [11/16, 22/16): a 9-bit 1/c, log c in two parts, and a spare place."""
    table = np.zeros((128, 4))
    table[:, 0] = 1.0
    for slot in range(128):
        start = _LOG_START + (slot << 45)
        low, high = np.array([start, start + (1 << 45)], dtype=np.int64).view(np.float64).tolist()
        if low <= 1.0 <= high:
            continue
        table[slot, 0] = round(256.0 * 2.0 / (low + high)) / 256.0
        table[slot, 1:3] = _split(-Decimal(table[slot, 0]).ln(), 41)
    return table


_LOG_START = 0x3FE6000000000000
"""The bits of 0.6875: mantissas are taken from [0.6875, 1.375), so that log 1 is exactly 0."""
_LOG_TABLE = _decimals(_log_table)
_HIGH_BITS = -(1 << 32)
_HALF_BITS = -(1 << 27)
_EXPONENT = -(1 << 52)
_SMALLEST_NORMAL = 2.2250738585072014e-308
_TWO54 = 18014398509481984.0
_L3, _L4, _L5, _L6, _L7, _L8 = 1.0 / 3.0, -1.0 / 4.0, 1.0 / 5.0, -1.0 / 6.0, 1.0 / 7.0, -1.0 / 8.0
_L9 = 1.0 / 9.0


@njit(nogil=True, cache=True)
def _log_pair(x):
    """log x for a positive finite x as an unevaluated sum (head, tail), good to about 2^-66.

    x = 2^k z with z in [0.6875, 1.375); 1/c from a table by the leading bits of z (Tang 1990, ACM
    Transactions on Mathematical Software 16(4)); r = z/c - 1, |r| < 2^-6, is exact because 1/c has
    few bits; log x = k ln2 + log c + r - r^2/2 + r^3/3 - ..., the first three terms in two parts.
    """
    shift = 0.0
    if x < _SMALLEST_NORMAL:
        x *= _TWO54
        shift = 54.0
    bits = bits_of(x)
    above = bits - _LOG_START
    slot = (above >> 45) & 127
    k = np.float64(above >> 52) - shift
    z_bits = bits - (above & _EXPONENT)
    z = float_of(z_bits)
    z_head = float_of((z_bits + (1 << 31)) & _HIGH_BITS)
    inverse = _LOG_TABLE[slot, 0]
    r_head = z_head * inverse - 1.0
    r_tail = (z - z_head) * inverse
    r = r_head + r_tail
    r_lost = r_tail - (r - r_head)
    base = k * LN2_HEAD + _LOG_TABLE[slot, 1]
    first = base + r
    back = first - base
    first_lost = (base - (first - back)) + (r - back)
    square = -0.5 * r_head * r_head
    square_tail = -0.5 * r_tail * (r + r_head)
    head = first + square
    head_lost = (first - head) + square
    r2 = r * r
    rest = r2 * r * ((_L3 + r * _L4) + r2 * ((_L5 + r * _L6) + r2 * ((_L7 + r * _L8) + r2 * _L9)))
    tail = ((k * LN2_TAIL + _LOG_TABLE[slot, 2]) + r_lost + first_lost + head_lost) + (square_tail + rest)
    total = head + tail
    return total, (head - total) + tail


@njit(nogil=True, cache=True)
def _log_odd(x):
    """Logarithm of anything that is not a positive normal number."""
    if x > 0.0 and x < math.inf:
        head, _ = _log_pair(x)
        return head
    if x == 0.0:
        return -math.inf
    if x > 0.0:
        return x
    return math.nan


@njit(nogil=True, cache=True, forceinline=True)
def _log_normal(x):
    """log x for a positive normal number."""
    bits = bits_of(x)
    above = bits - _LOG_START
    slot = (above >> 45) & 127
    k = np.float64(above >> 52)
    z_bits = bits - (above & _EXPONENT)
    z_head = float_of((z_bits + (1 << 31)) & _HIGH_BITS)
    inverse = _LOG_TABLE[slot, 0]
    r = (z_head * inverse - 1.0) + (float_of(z_bits) - z_head) * inverse
    base = k * LN2_HEAD + _LOG_TABLE[slot, 1]
    first = base + r
    lost = (base - first) + r
    r2 = r * r
    series = -0.5 + ((r * _L3 + r2 * _L4) + r2 * ((r * _L5 + r2 * _L6) + r2 * (r * _L7 + r2 * _L8)))
    return first + (lost + ((k * LN2_TAIL + _LOG_TABLE[slot, 2]) + r2 * series))


@njit(nogil=True, cache=True, forceinline=True)
def log_(x):
    """Natural logarithm: -inf at 0, nan below 0 and of nan, inf of inf. As `_log_pair`, in one part."""
    if not (x >= _SMALLEST_NORMAL and x < math.inf):
        return _log_odd(x)
    return _log_normal(x)


@njit(nogil=True, cache=True, error_model="numpy")
def log1p_(x):
    """log(1 + x) without loss for small x: log(u) + (x - (u - 1)) / u with u = fl(1 + x)."""
    u = 1.0 + x
    if u > 0.0 and u < math.inf:
        return log_(u) + (x - (u - 1.0)) / u
    return log_(u)


@njit(nogil=True, cache=True)
def pow_(x, y):
    """x to the power y = exp(y log x), the product kept in two parts; IEEE 754 special cases.

    A negative x needs a whole y, else the answer is nan.
    """
    if y == 0.0 or x == 1.0:
        return 1.0
    if math.isnan(x) or math.isnan(y):
        return math.nan
    sign = 1.0
    if x < 0.0 or (x == 0.0 and bits_of(x) < 0):
        whole = abs(y) >= 9007199254740992.0 or math.floor(y) == y
        if whole and abs(y) < 9007199254740992.0 and (np.int64(y) & 1) == 1:
            sign = -1.0
        if not whole and x != 0.0 and x != -math.inf:
            return math.nan
        x = -x
    if x == 0.0:
        return sign * 0.0 if y > 0.0 else sign * math.inf
    if x == math.inf:
        return sign * math.inf if y > 0.0 else sign * 0.0
    if x == 1.0:
        return sign
    head, tail = _log_pair(x)
    product = y * head
    if product > 710.0:
        return sign * math.inf
    if product < -746.0:
        return sign * 0.0
    if abs(product) < 1e-20:
        return sign
    y_head = float_of(bits_of(y) & _HALF_BITS)
    log_head = float_of(bits_of(head) & _HALF_BITS)
    exponent = y_head * log_head
    rest = (y - y_head) * log_head + y * (tail + (head - log_head))
    total = exponent + rest
    rest = (exponent - total) + rest
    if total <= _EXP_BOTTOM:
        return sign * 0.0
    return sign * _exp_sum(total, rest)


@njit(nogil=True, cache=True)
def log_all(x, out):
    """`log_` of many numbers, to the same bits; several at a time where all are positive and normal."""
    odd = 0
    for k in range(len(out)):
        odd += np.int64(x[k] < _SMALLEST_NORMAL) + np.int64(not x[k] < math.inf)
    if odd:
        for k in range(len(out)):
            out[k] = log_(x[k])
    else:
        for k in range(len(out)):
            out[k] = _log_normal(x[k])


@njit(nogil=True, cache=True)
def exp_all(x, out):
    """`exp_` of many numbers, to the same bits; several at a time where no answer is 0, infinite or not a number."""
    odd = 0
    for k in range(len(out)):
        odd += np.int64(not x[k] > _EXP_BOTTOM) + np.int64(not x[k] <= _EXP_TOP)
    if odd:
        for k in range(len(out)):
            out[k] = exp_(x[k])
    else:
        for k in range(len(out)):
            out[k] = _exp_sum(x[k], 0.0)


@njit(nogil=True, cache=True, forceinline=True)
def sqrt_(x):
    """Square root, correctly rounded by IEEE 754."""
    return math.sqrt(x)


@njit(nogil=True, cache=True, forceinline=True)
def rank_exponential(word):
    """A standard exponential number from a 32-bit word: -log((word + 1/2) / 2^32)."""
    return -log_((np.float64(word) + 0.5) * 2.3283064365386963e-10)


@njit(nogil=True, cache=True, error_model="numpy")
def quick_log(x):
    """Natural logarithm of a positive normal number, relative error below 1e-14 of max(1, |ln x|).

    ln x = e ln 2 + 2 artanh(s), s = (m - 1) / (m + 1), with m in [1/sqrt 2, sqrt 2) and eight
    terms of the series; no branches, so that many can be under way at once. For inner loops where
    the last bits do not matter; `log_` elsewhere.
    """
    bits = bits_of(x)
    exponent = (bits - 0x3FE6A09E667F3BCD) >> 52
    m = float_of(bits - (exponent << 52))
    s = (m - 1.0) / (m + 1.0)
    z = s * s
    series = 1.0 / 15.0 + z * (1.0 / 17.0)
    series = 1.0 / 11.0 + z * (1.0 / 13.0 + z * series)
    series = 1.0 / 7.0 + z * (1.0 / 9.0 + z * series)
    series = 1.0 / 3.0 + z * (1.0 / 5.0 + z * series)
    return exponent * 0.6931471805599453 + 2.0 * s * (1.0 + z * series)
