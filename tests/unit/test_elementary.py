"""Exponentials, logarithms and powers: right to a unit in the last place, same bits everywhere."""

import hashlib
import math
import re
from decimal import Decimal, localcontext

import numpy as np
import pytest
from numba import njit

from simulator.kernels.elementary import bits_of, exp_, exp_all, float_of, log1p_, log_, log_all, pow_, rank_exponential

INF, NAN = math.inf, math.nan
DRAWS = np.random.default_rng(20)


def worst_ulps(function, exact, arguments):
    """The largest error in units in the last place, against 50 decimal digits."""
    worst = Decimal(0)
    with localcontext() as context:
        context.prec = 50
        for values in arguments:
            truth = exact(*map(Decimal, values))
            unit = Decimal(float(np.spacing(abs(float(truth)))))
            worst = max(worst, abs(Decimal(function(*values)) - truth) / unit)
    return float(worst)


def singles(low, high, count=1500, through=lambda x: x):
    return [(float(x),) for x in through(DRAWS.uniform(low, high, count))]


@pytest.mark.parametrize("arguments", [singles(-745, 709.7), singles(-1, 1), singles(-1e-6, 1e-6)])
def test_exp_errs_by_less_than_one_unit_in_the_last_place(arguments):
    assert worst_ulps(exp_, lambda x: x.exp(), arguments) < 1.0


@pytest.mark.parametrize("arguments", [singles(-740, 709, through=np.exp), singles(0.5, 2), singles(0.995, 1.005)])
def test_log_errs_by_less_than_one_unit_in_the_last_place(arguments):
    assert worst_ulps(log_, lambda x: x.ln(), arguments) < 0.6


@pytest.mark.parametrize(
    "arguments", [singles(-34, 7, through=np.exp), singles(-34, -0.001, through=lambda x: -np.exp(x))]
)
def test_log1p_errs_by_less_than_two_units_in_the_last_place(arguments):
    assert worst_ulps(log1p_, lambda x: (1 + x).ln(), arguments) < 1.5


def test_pow_errs_by_less_than_one_unit_in_the_last_place_even_for_huge_powers():
    usual = list(zip(np.exp(DRAWS.uniform(-20, 20, 1500)).tolist(), DRAWS.uniform(-3, 3, 1500).tolist(), strict=True))
    large = list(zip(DRAWS.uniform(0.5, 2, 1500).tolist(), DRAWS.uniform(-1000, 1000, 1500).tolist(), strict=True))
    for arguments in (usual, large):
        assert worst_ulps(pow_, lambda x, y: (y * x.ln()).exp(), arguments) < 1.0


def test_exp_knows_its_ends():
    assert (exp_(0.0), exp_(-0.0), exp_(-INF), exp_(INF)) == (1.0, 1.0, 0.0, INF)
    assert exp_(709.782712893384) == pytest.approx(1.797693134862273e308)
    assert exp_(709.7827128933841) == INF and exp_(1e300) == INF
    assert exp_(-745.1332191019411) == 5e-324
    assert exp_(-745.1332191019413) == 0.0 and exp_(-1e300) == 0.0
    assert math.isnan(exp_(NAN))


def test_log_knows_its_ends():
    assert (log_(0.0), log_(-0.0), log_(INF), log_(1.0)) == (-INF, -INF, INF, 0.0)
    assert math.isnan(log_(-1.0)) and math.isnan(log_(NAN)) and math.isnan(log_(-INF))
    assert log_(5e-324) == math.log(5e-324) and log_(1.7976931348623157e308) == math.log(1.7976931348623157e308)
    assert log1p_(0.0) == 0.0 and log1p_(-1.0) == -INF and log1p_(INF) == INF
    assert math.isnan(log1p_(-1.1)) and math.isnan(log1p_(NAN))
    assert log1p_(1e-300) == 1e-300 and log1p_(-1e-17) == -1e-17


def ieee_pow(x, y):
    """The C library's answer, where Python would rather raise."""
    whole_and_odd = abs(y) < 2**53 and y % 2 == 1
    try:
        return math.pow(x, y)
    except OverflowError:
        return -INF if x < 0 and whole_and_odd else INF
    except ValueError:
        if x != 0.0:
            return NAN
        return -INF if math.copysign(1, x) < 0 and whole_and_odd else INF


EDGES = [0.0, -0.0, 1.0, -1.0, 0.5, 0.25, 2.0, -2.0, 3.0, -3.0, 1e308, -1e308, 5e-324, 2.0**53, INF, -INF, NAN]


@pytest.mark.parametrize("x", EDGES)
def test_pow_follows_ieee_754_at_the_edges(x):
    for y in EDGES:
        answer, expected = pow_(x, y), ieee_pow(x, y)
        assert (math.isnan(answer) and math.isnan(expected)) or answer == pytest.approx(expected, rel=5e-16), (x, y)
        if answer == 0.0:
            assert math.copysign(1, answer) == math.copysign(1, expected), (x, y)


def test_exact_powers_are_exact():
    assert [pow_(2.0, float(k)) for k in range(-1074, 1024)] == [math.ldexp(1.0, k) for k in range(-1074, 1024)]
    assert [pow_(float(k), 2.0) for k in range(1, 200)] == [float(k * k) for k in range(1, 200)]


def test_exp_and_log_are_monotone_on_a_fine_grid():
    for function, start in ((exp_, -0.3465735), (exp_, 0.3465735), (log_, 1.0), (log_, 1.375), (log_, 0.6875)):
        x = start - 200 * np.spacing(start)
        values = []
        for _ in range(400):
            values.append(function(float(x)))
            x = np.nextafter(x, INF)
        assert values == sorted(values)


def test_bits_go_there_and_back():
    @njit
    def there_and_back(x):
        return bits_of(x), float_of(bits_of(x))

    for x in (0.0, -1.5, 3e-310, INF):
        assert there_and_back(x)[1] == x
    assert there_and_back(1.0)[0] == 0x3FF0000000000000


def test_ranks_are_exponential_numbers():
    assert rank_exponential(np.uint32(2**32 - 1)) == pytest.approx(2.0**-33)
    assert rank_exponential(np.uint32(0)) == pytest.approx(33 * math.log(2))


@njit(nogil=True)
def _all_four(x, out):
    for i in range(x.shape[0]):
        out[i, 0] = exp_(x[i])
        out[i, 1] = log_(abs(x[i]))
        out[i, 2] = log1p_(abs(x[i]))
        out[i, 3] = pow_(abs(x[i]), 0.3)


def test_compiled_code_holds_no_fused_instruction_and_no_call_to_the_c_library():
    out = np.empty((64, 4))
    _all_four(np.linspace(-5, 5, 64), out)
    (code,) = _all_four.inspect_asm().values()
    assert "log1p_" in code and "pow_" in code  # the functions called are part of the text
    assert not re.search(r"fn?m(add|sub|la|ls)|call\S*\s+(exp|log|log1p|pow)\b", code)


def test_the_bits_are_the_golden_bits_also_in_a_loop_the_compiler_may_vectorise():
    x = np.random.default_rng(0).integers(-2000, 2000, 4000) / 64.0
    out = np.empty((len(x), 4))
    _all_four(x, out)
    single = np.array([(exp_(v), log_(abs(v)), log1p_(abs(v)), pow_(abs(v), 0.3)) for v in x.tolist()])
    assert out.tobytes() == single.tobytes()
    assert hashlib.sha256(out.tobytes()).hexdigest()[:16] == "27ea04ece80c6412"


def test_the_quick_logarithm_agrees_with_the_careful_one():
    from simulator.kernels.elementary import quick_log

    values = np.concatenate([np.logspace(-12, 12, 4001), 1 + np.linspace(-0.3, 0.42, 2001)])
    quick = np.array([quick_log(v) for v in values])
    exact = np.log(values)
    assert (np.abs(quick - exact) <= 1e-14 * np.maximum(1.0, np.abs(exact))).all()



@pytest.mark.parametrize("odd", [1.0, 0.0, -0.0, -3.0, INF, -INF, NAN, 5e-324, 1e-310, 710.0, -746.0])
def test_many_at_once_have_the_bits_of_one_at_a_time_whatever_is_among_them(odd):
    values = np.append(np.abs(DRAWS.normal(0, 20, 300)), odd)
    for one, many in ((exp_, exp_all), (log_, log_all)):
        out = np.empty(len(values))
        many(values, out)
        assert np.array_equal(out, np.array([one(v) for v in values.tolist()]), equal_nan=True)
