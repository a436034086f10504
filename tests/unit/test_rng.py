"""Every draw is fixed by its key: published vectors, a plain-Python twin, and shares of draws."""

import hashlib
import math
import statistics

import numpy as np
import pytest
from numba import njit

from simulator.kernels import rng

MASK = 0xFFFFFFFF


def twin_philox(counter, key):
    """Philox4x32-10 with Python's whole numbers."""
    c, k = list(counter), list(key)
    for _ in range(10):
        p0, p1 = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [(p1 >> 32) ^ c[1] ^ k[0], p1 & MASK, (p0 >> 32) ^ c[3] ^ k[1], p0 & MASK]
        k = [(k[0] + 0x9E3779B9) & MASK, (k[1] + 0xBB67AE85) & MASK]
    return tuple(c)


# Random123 1.14, kat_vectors, philox4x32 10
PUBLISHED = [
    ((0, 0, 0, 0, 0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((MASK,) * 6, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344, 0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]


@pytest.mark.parametrize("given, expected", PUBLISHED)
def test_philox_gives_the_published_words(given, expected):
    assert tuple(map(int, rng.philox(*given))) == expected
    assert twin_philox(given[:4], given[4:]) == expected


def test_philox_agrees_with_its_twin_on_a_hundred_random_keys():
    for words in np.random.default_rng(1).integers(0, 2**32, (100, 6)).tolist():
        assert tuple(map(int, rng.philox(*words))) == twin_philox(words[:4], words[4:])


def test_each_of_the_five_parts_of_a_key_has_its_own_place_in_counter_and_key():
    draws = np.random.default_rng(2)
    for _ in range(100):
        seed, uid = (int(x) for x in draws.integers(0, 2**64, 2, dtype=np.uint64))
        stream, month, number = int(draws.integers(256)), int(draws.integers(65536)), int(draws.integers(2**32))
        expected = twin_philox((number, month | stream << 16, uid & MASK, uid >> 32), (seed & MASK, seed >> 32))
        drawn = rng.draw4(np.uint64(seed), stream, month, np.uint64(uid), number)
        assert tuple(map(int, drawn)) == expected


def test_changing_any_part_of_the_key_changes_the_draw():
    base = (7, 3, 24251, 1000, 0)
    seen = {tuple(map(int, rng.draw4(*base)))}
    changes = [(0, 2**32), (1, 255), (2, 65535), (3, 2**40), (4, 2**32 - 1)]
    for part, value in changes:
        key = list(base)
        key[part] = value
        seen.add(tuple(map(int, rng.draw4(*key))))
    assert len(seen) == 1 + len(changes)


def test_a_uniform_number_never_reaches_nought_or_one():
    assert rng.uniform(np.uint32(0)) == 2.0**-33
    assert rng.uniform(np.uint32(MASK)) == 1.0 - 2.0**-33
    assert rng.uniform53(np.uint32(0), np.uint32(0)) == 2.0**-53
    assert rng.uniform53(np.uint32(MASK), np.uint32(MASK)) == 1.0 - 2.0**-53


@njit
def _many(n):
    u, z = np.empty((n, 2)), np.empty(n)
    for i in range(n):
        u[i, 0], u[i, 1] = rng.draw2(11, 5, 24251, np.uint64(i), 0)
        w0, w1, _, _ = rng.draw4(11, 5, 24251, np.uint64(i), 1)
        z[i] = rng.normal(w0, w1)
    return u, z


def test_draws_of_neighbours_are_uniform_uncorrelated_and_normal():
    n = 200_000
    u, z = _many(n)
    assert u[9, 0] == rng.draw1(11, 5, 24251, np.uint64(9), 0)
    counts = np.bincount((u[:, 0] * 256).astype(int), minlength=256)
    chi_square = float(((counts - n / 256) ** 2 / (n / 256)).sum())
    assert abs(chi_square - 255) < 5 * math.sqrt(2 * 255)
    for a, b in ((u[:, 0], u[:, 1]), (u[1:, 0], u[:-1, 0])):
        assert abs(np.corrcoef(a, b)[0, 1]) < 5 / math.sqrt(n)
    assert abs(z.mean()) < 5 / math.sqrt(n)
    assert abs(z.var() - 1) < 5 * math.sqrt(2 / n)
    assert abs((z < -1.959963984540054).mean() - 0.025) < 5 * math.sqrt(0.025 * 0.975 / n)


def test_the_normal_quantile_agrees_with_the_standard_library_and_is_odd():
    normal = statistics.NormalDist()
    for p in (1e-300, 1e-20, 1e-12, 1e-5, 0.01, 0.07, 0.075, 0.3, 0.5, 0.7, 0.925, 0.93, 0.999):
        assert rng.normal_quantile(p) == pytest.approx(normal.inv_cdf(p), rel=1e-13, abs=1e-15)
    assert rng.normal_quantile(0.25) == -rng.normal_quantile(0.75)


def twin_mix64(z):
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & (2**64 - 1)
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & (2**64 - 1)
    return z ^ (z >> 31)


def test_identities_hashed_from_mother_and_birth_order_do_not_collide():
    assert int(rng.mix64(np.uint64(0x9E3779B97F4A7C15))) == 0xE220A8397B1DCDAF  # SplitMix64 from seed 0: first output
    golden = 0x9E3779B97F4A7C15
    for a, b in ((0, 0), (5, 1), (2**64 - 1, 2**63)):
        expected = twin_mix64(twin_mix64((a + golden) % 2**64) ^ (b * golden % 2**64))
        assert int(rng.hash64(np.uint64(a), np.uint64(b))) == expected

    @njit
    def children(mothers, births):
        out = np.empty(mothers * births, dtype=np.uint64)
        for m in range(mothers):
            for b in range(births):
                out[m * births + b] = rng.hash64(np.uint64(m), np.uint64(b))
        return out

    assert len(np.unique(children(50_000, 8))) == 400_000


def test_a_name_becomes_the_head_of_its_digest():
    assert rng.hash_name("baseline") == int.from_bytes(hashlib.sha256(b"baseline").digest()[:8], "little")
    assert rng.hash_name("成都") != rng.hash_name("重庆")
