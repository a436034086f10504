"""The screening hash is random enough: a battery over bits, people, months, streams and seeds.

Every limit is at five standard errors or more of a fixed sample, so the battery cannot be flaky.
"""

import math

import numpy as np
import pytest
from numba import njit

from simulator.kernels.screening import keyed_word, month_keys, screen_words

ONE = np.uint64(1)


@njit
def _words(seeds, months, uids, k):
    out = np.empty(len(uids), dtype=np.uint64)
    for i in range(len(uids)):
        out[i] = screen_words(seeds[i], months[i], uids[i], k)
    return out


@njit
def _one_month(seed, month, uids, k):
    key0, key1 = month_keys(seed, month)
    out = np.empty(len(uids), dtype=np.uint64)
    for i in range(len(uids)):
        out[i] = keyed_word(key0, key1, uids[i], k)
    return out


def bits(words):
    """Each word as 64 numbers 0/1."""
    return np.unpackbits(words.view(np.uint8).reshape(-1, 8), axis=1, bitorder="little").astype(np.float32)


def slices(words):
    """Each word as its four streams' 16-bit numbers."""
    return words.view(np.uint16).reshape(-1, 4)


def chi_square_is_plausible(counts, expected):
    """Within five standard deviations of its mean, on both sides: neither uneven nor too even."""
    freedom = counts.size - 1
    value = float(((counts - expected) ** 2 / expected).sum())
    return abs(value - freedom) < 5 * math.sqrt(2 * freedom)


SAMPLE = 4000
FLIPPED = [("seed", b) for b in range(64)] + [("month", b) for b in range(16)] + [("uid", b) for b in range(64)]


def test_flipping_any_bit_of_seed_month_or_person_flips_each_bit_of_the_word_half_the_time():
    draws = np.random.default_rng(12)
    seeds = draws.integers(0, 1000, SAMPLE).astype(np.uint64)
    months = draws.integers(24000, 27600, SAMPLE).astype(np.uint64)
    uids = draws.integers(0, 1_500_000, SAMPLE).astype(np.uint64)
    for k in (0, 3):
        base = _words(seeds, months, uids, k)
        for part, bit in FLIPPED:
            given = {"seed": seeds, "month": months, "uid": uids}
            given[part] = given[part] ^ (ONE << np.uint64(bit))
            flips = bits(base ^ _words(given["seed"], given["month"], given["uid"], k)).mean(axis=0)
            assert np.abs(flips - 0.5).max() < 6 * 0.5 / math.sqrt(SAMPLE), (k, part, bit)


N = 1 << 18


@pytest.mark.parametrize("first", [0, 2**40, 2**63])
def test_each_stream_slice_of_people_in_sequence_is_uniform(first):
    uids = np.arange(first, first + N, dtype=np.uint64)
    for k in range(4):
        for lane in slices(_one_month(1, 24251, uids, k)).T:
            assert chi_square_is_plausible(np.bincount(lane >> 4, minlength=4096), N / 4096)
            assert chi_square_is_plausible(np.bincount(lane & 4095, minlength=4096), N / 4096)


def test_sequential_and_strided_people_have_uncorrelated_luck():
    limit = 5 / math.sqrt(N - 256)
    for stride in (1, 2, 1000, 2**20, 2**32, 2**48):
        words = _one_month(3, 24260, np.arange(N, dtype=np.uint64) * np.uint64(stride), 0)
        for lane in slices(words).T.astype(np.float64):
            for lag in (1, 2, 3, 16, 256):
                assert abs(np.corrcoef(lane[lag:], lane[:-lag])[0, 1]) < limit, (stride, lag)


def test_months_of_one_life_are_uncorrelated_and_uniform():
    people, months = 4000, 120
    uids = np.arange(people, dtype=np.uint64)
    lives = np.stack([_one_month(1, 24251 + m, uids, 0) for m in range(months)], axis=1)
    lane = slices(np.ascontiguousarray(lives)).reshape(people, months, 4)[:, :, 0].astype(np.float64)
    for lag in (1, 2, 6, 12, 24, 60):
        a, b = lane[:, lag:].ravel(), lane[:, :-lag].ravel()
        assert abs(np.corrcoef(a, b)[0, 1]) < 5 / math.sqrt(len(a)), lag
    # one life's hits at a rate of 2 % a month: the spread over people is that of a binomial
    hits = (lane < 0.02 * 65536).sum(axis=1)
    p = math.ceil(0.02 * 65536) / 65536
    assert abs(hits.var() / (months * p * (1 - p)) - 1) < 5 * math.sqrt(2 / people)


def test_the_sixteen_streams_of_one_person_are_pairwise_independent():
    uids = np.arange(N, dtype=np.uint64)
    lanes = np.concatenate([slices(_one_month(1, 24251, uids, k)).T for k in range(4)])
    correlation = np.corrcoef(lanes.astype(np.float32))
    assert np.abs(correlation - np.eye(16)).max() < 5.5 / math.sqrt(N)
    for a in range(16):
        for b in range(a):
            joint = np.bincount((lanes[a] >> 12).astype(np.int64) * 16 + (lanes[b] >> 12), minlength=256)
            assert chi_square_is_plausible(joint, N / 256), (a, b)
    # rare together: two events at 2 % meet as often as chance says
    rare = lanes < 1311
    together = rare.astype(np.float32) @ rare.T.astype(np.float32)
    expected = N * (1311 / 65536) ** 2
    assert np.abs(together[~np.eye(16, dtype=bool)] - expected).max() < 5.5 * math.sqrt(expected)


def test_neighbouring_seeds_and_swapped_seed_and_month_share_nothing():
    uids = np.arange(N, dtype=np.uint64)
    base = _one_month(1, 24251, uids, 0)
    for seed, month in ((2, 24251), (0, 24251), (1, 24252), (24251, 1), (2**63, 24251)):
        other = _one_month(np.uint64(seed), month, uids, 0)
        agree = bits(~(base ^ other)).mean(axis=0)
        assert np.abs(agree - 0.5).max() < 6 * 0.5 / math.sqrt(N)
        for a, b in zip(slices(base).T, slices(other).T, strict=True):
            assert abs(np.corrcoef(a.astype(float), b.astype(float))[0, 1]) < 5 / math.sqrt(N)


def test_single_bits_are_balanced_and_pairs_of_bits_are_independent():
    words = bits(_one_month(5, 24400, np.arange(N, dtype=np.uint64), 1)) - 0.5
    assert np.abs(words.mean(axis=0)).max() < 5 * 0.5 / math.sqrt(N)
    products = words.T @ words / (N * 0.25)
    assert np.abs(products - np.eye(64)).max() < 5.5 / math.sqrt(N)


def test_words_of_different_people_collide_no_more_than_chance():
    words = _one_month(1, 24251, np.arange(N, dtype=np.uint64), 2)
    assert len(np.unique(words)) == N
    halves = np.sort((words >> np.uint64(32)).astype(np.uint32))
    collisions = int((halves[1:] == halves[:-1]).sum())
    expected = N * N / 2 / 2**32
    assert abs(collisions - expected) < 6 * math.sqrt(expected) + 1
