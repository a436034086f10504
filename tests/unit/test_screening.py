"""Candidates for rare events: the kernel against a plain-Python twin, and the rate after acceptance."""

import numpy as np
import pytest
from numba import njit

from simulator.foundations.crew import Crew
from simulator.kernels import screening
from simulator.kernels.rng import draw1

FULL = 2**64 - 1
GOLDEN = 0x9E3779B97F4A7C15


def twin_mix64(z):
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & FULL
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & FULL
    return z ^ (z >> 31)


def twin_scramble(x):
    x = ((x ^ (x >> 32)) * 0x3C79AC492BA7B653) & FULL
    x = ((x ^ (x >> 33)) * 0x1C69B3F74AC4AE35) & FULL
    return x ^ (x >> 27)


def twin_word(seed, month, uid, k):
    first = twin_mix64((twin_mix64((seed + GOLDEN) & FULL) + month * 0xD1B54A32D192ED03) & FULL)
    second = twin_mix64((first + GOLDEN) & FULL)
    return twin_scramble(((twin_scramble((uid + first) & FULL) ^ second) + k * GOLDEN) & FULL)


def twin_screen(uid, alive, klass, month, seed, bounds):
    found = [[] for _ in bounds]
    for row, person in enumerate(uid.tolist()):
        for s, bound in enumerate(bounds):
            slice16 = twin_word(seed, month, person, s // 4) >> (16 * (s % 4)) & 0xFFFF
            if alive[row] and slice16 < bound[klass[row]]:
                found[s].append(row)
    return found


def small_world(draws, n, streams, classes):
    uid = draws.integers(0, 2**64, n, dtype=np.uint64)
    alive = (draws.random(n) < 0.9).astype(np.uint8)
    klass = draws.integers(0, classes, n).astype(np.uint8)
    bounds = draws.integers(0, 65536, (streams, classes)).astype(np.uint16)
    bounds[:, 0] = 0
    bounds[0, -1] = 65535
    return uid, alive, klass, bounds


def test_screening_agrees_with_its_twin_on_a_hundred_small_worlds():
    draws = np.random.default_rng(4)
    with Crew(1, block=16) as crew:
        for _ in range(100):
            streams, classes = int(draws.integers(1, 17)), int(draws.integers(1, 6))
            uid, alive, klass, bounds = small_world(draws, int(draws.integers(0, 40)), streams, classes)
            seed, month = int(draws.integers(0, 2**63)), int(draws.integers(20000, 30000))
            found = screening.screen_everyone(crew, uid, alive, klass, month, seed, bounds)
            assert [rows.tolist() for rows in found] == twin_screen(uid, alive, klass, month, seed, bounds.tolist())
            assert all(rows.dtype == np.int32 for rows in found)


def test_candidates_do_not_depend_on_threads_nor_on_the_size_of_blocks():
    uid, alive, klass, bounds = small_world(np.random.default_rng(5), 20_000, 12, 8)
    answers = []
    for threads, block in ((1, 32768), (2, 1000), (1, 1025), (2, 7777)):
        with Crew(threads, block=block) as crew:
            answers.append(screening.screen_everyone(crew, uid, alive, klass, 24251, 9, bounds))
    for answer in answers[1:]:
        assert all(np.array_equal(a, b) for a, b in zip(answer, answers[0], strict=True))


def test_luck_goes_with_the_person_not_with_the_row():
    uid, alive, klass, bounds = small_world(np.random.default_rng(6), 3000, 5, 3)
    order = np.random.default_rng(7).permutation(3000)
    with Crew(1) as crew:
        straight = screening.screen_everyone(crew, uid, alive, klass, 24251, 9, bounds)
        shuffled = screening.screen_everyone(crew, uid[order], alive[order], klass[order], 24251, 9, bounds)
    for a, b in zip(straight, shuffled, strict=True):
        assert set(uid[a].tolist()) == set(uid[order][b].tolist())


def test_a_new_stream_at_the_end_changes_no_other_stream():
    uid, alive, klass, bounds = small_world(np.random.default_rng(8), 3000, 9, 3)
    with Crew(1) as crew:
        fewer = screening.screen_everyone(crew, uid, alive, klass, 24251, 9, bounds[:7].copy())
        more = screening.screen_everyone(crew, uid, alive, klass, 24251, 9, bounds)
    assert all(np.array_equal(a, b) for a, b in zip(fewer, more[:7], strict=True))


def test_the_dead_and_those_without_a_rate_are_never_candidates():
    n = 5000
    uid, klass = np.arange(n, dtype=np.uint64), (np.arange(n) % 2).astype(np.uint8)
    alive = (np.arange(n) % 3 > 0).astype(np.uint8)
    bounds = np.array([[0, 65535]], dtype=np.uint16)
    with Crew(1) as crew:
        (found,) = screening.screen_everyone(crew, uid, alive, klass, 24251, 1, bounds)
    assert alive[found].all() and klass[found].all()
    assert len(found) >= 0.99 * ((alive == 1) & (klass == 1)).sum()


def test_a_class_without_bounds_is_refused():
    one = np.ones(3, dtype=np.uint8)
    with Crew(1) as crew, pytest.raises(ValueError, match="class is 1; bounds are given for 1"):
        screening.screen_everyone(crew, np.arange(3, dtype=np.uint64), one, one, 1, 1, np.zeros((2, 1), np.uint16))


def test_bounds_of_the_wrong_kind_are_refused():
    with pytest.raises(ValueError, match="uint16"):
        screening.pack_bounds(np.zeros((2, 2)))
    with pytest.raises(ValueError, match="1 to 16 streams"):
        screening.pack_bounds(np.zeros((17, 2), np.uint16))


def test_a_bound_is_the_rate_rounded_up_and_never_clipped():
    rates = np.array([0.0, 1e-12, 1 / 65536, 1.0000001 / 65536, 0.5, 65535 / 65536])
    assert screening.bound_of(rates).tolist() == [0, 1, 1, 2, 32768, 65535]
    assert screening.bound_of(0.3) == 19661
    for wrong in (-1e-9, 65535.5 / 65536, 1.0, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="between 0 and"):
            screening.bound_of(wrong)


def test_a_rate_above_its_bound_is_signalled_not_clipped():
    assert screening.acceptance(0.25, np.uint16(32768)) == 0.5
    assert screening.acceptance(0.5, np.uint16(32768)) == 1.0
    assert screening.acceptance(0.0, np.uint16(0)) == 0.0
    for rate, bound in ((0.5000001, 32768), (1e-9, 0), (-0.1, 100), (float("nan"), 100)):
        assert screening.acceptance(rate, np.uint16(bound)) == screening.RATE_ABOVE_BOUND


@njit
def _accept(found, uid, rate, bound):
    happened = 0
    for i in found:
        happened += draw1(1, 2, 24251, uid[i], 0) < screening.acceptance(rate, bound)
    return happened


def test_after_acceptance_the_event_happens_at_the_true_rate():
    n, rate = 400_000, 0.0123
    uid, klass = np.arange(n, dtype=np.uint64), np.zeros(n, dtype=np.uint8)
    for bound in (screening.bound_of(rate), screening.bound_of(0.05)):
        with Crew(2) as crew:
            (found,) = screening.screen_everyone(
                crew, uid, np.ones(n, np.uint8), klass, 24251, 1, np.array([[bound]], dtype=np.uint16)
            )
        expected = n * int(bound) / 65536
        assert abs(len(found) - expected) < 5 * expected**0.5
        assert abs(_accept(found, uid, rate, bound) - n * rate) < 5 * (n * rate) ** 0.5
