"""The migration choice against known answers: logit shares, sampled sets, and who a change moves."""

from __future__ import annotations

import numpy as np

from tests.choice_world import choose, flat_places, plain_weights, singles


def test_logit_shares_are_those_of_the_textbook():
    """Utilities (1, .5, 0) at scale 1 give shares .506480, .307196, .186324 (V6)."""
    people = singles(400_000)
    to, _ = choose(people, flat_places(np.array([1.0, 0.5, 0.0])), plain_weights(full=1))
    shares = np.bincount(to, minlength=3) / len(to)
    known = np.array([0.506480, 0.307196, 0.186324])
    error = np.sqrt(known * (1 - known) / len(to))
    assert (np.abs(shares - known) < 4 * error).all(), shares


def test_sampled_choice_sets_converge_to_the_full_logit():
    value = np.linspace(0.0, 3.0, 60)[np.random.default_rng(3).permutation(60)]
    people = singles(200_000)
    exact = np.exp(value) / np.exp(value).sum()
    gaps = []
    for m in (4, 16, 64, 256):
        to, _ = choose(people, flat_places(value), plain_weights(m=m))
        gaps.append(0.5 * np.abs(np.bincount(to, minlength=60) / len(to) - exact).sum())
    noise = 0.5 * np.sqrt(2 / np.pi * exact * (1 - exact) / len(to)).sum()
    assert gaps[0] > gaps[1] + noise, (gaps, noise)
    assert max(gaps[2:]) < 1.6 * noise + 0.002, (gaps, noise)


def test_raising_one_place_moves_only_those_who_now_choose_it():
    value = np.linspace(0.0, 2.0, 40)
    people = singles(50_000, residence=5)
    raised = value.copy()
    raised[7] += 0.3
    for weights in (plain_weights(), plain_weights(full=1)):
        before, _ = choose(people, flat_places(value), weights)
        base = flat_places(value)  # the sampling law is the base year's: nobody's draws change
        base.value[7] += 0.3
        after, _ = choose(people, base, weights)
        changed = before != after
        assert changed.any()
        assert (after[changed] == 7).all()


def test_equal_places_are_equally_likely_whatever_their_number():
    people = singles(90_000)
    to, _ = choose(people, flat_places(np.zeros(9)), plain_weights(full=1))
    shares = np.bincount(to, minlength=9) / len(to)
    assert np.abs(shares - 1 / 9).max() < 4 * np.sqrt(1 / 9 * 8 / 9 / len(to))


def test_who_cannot_pay_for_the_move_stays():
    people = singles(2_000)
    people.savings[:1_000] = 0
    places = flat_places(np.array([0.0, 3.0, 3.0]))
    places.move_pay[:] = 90_000
    to, way = choose(people, places, plain_weights())
    assert (way[:1_000] == 0).all() and (to[:1_000] == 0).all()
    assert (way[1_000:] != 0).mean() > 0.9


def test_attachment_brings_people_home_and_distance_keeps_them():
    hours = np.array([[0.0, 1, 8], [1, 0, 8], [8, 8, 0]])
    people = singles(20_000, residence=2, root=0)
    people.attachment[:] = 2.0
    near = plain_weights(distance=2.0, home=1.0)
    to, way = choose(people, flat_places(np.zeros(3), hours), near)
    home, elsewhere = (to == 0).mean(), (to == 1).mean()
    # root: + 2 attachment, no home distance; the neighbour of the root: - ln 2 for its hour
    odds = home / elsewhere
    assert abs(np.log(odds) - (2.0 + np.log(2.0))) < 0.25, odds
