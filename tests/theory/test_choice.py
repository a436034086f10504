"""The migration choice against known answers: logit shares, sampled sets, and who a change moves."""

from __future__ import annotations

import numpy as np

from simulator.foundations.units import UNEMPLOYED
from simulator.kernels.choosing import NOTHING_KEPT, Movers, place_and_luck, race_time, surely_later
from simulator.kernels.deciding import choose_places
from simulator.mechanisms import migration
from simulator.model import MigrationModel
from tests.choice_world import MONTH, choose, flat_places, plain_weights, singles


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


def test_what_is_ruled_out_unweighed_could_not_have_won():
    """Everybody of the teaching circle for three months: weighing every option in full gives the same choices."""
    model = MigrationModel("teaching")
    p, weights = model.persons, migration.weights_of(model)
    rows = np.flatnonzero((p.alive == 1) & (p.state > 1)).astype(np.int32)
    room = (len(rows), 2 * weights.m + 8)
    kept = np.zeros(room, np.uint16), np.zeros(room, np.float32), np.zeros(room, np.float32), np.zeros(len(rows), np.int32)
    for month in range(model.month, model.month + 3):
        found = []
        for keep in (False, True):
            to, way = np.empty(len(rows), np.int64), np.empty(len(rows), np.uint8)
            store = kept if keep else NOTHING_KEPT
            choose_places(
                rows, np.int64(month), model.seed, p.bundle(Movers), migration.places_now(model), weights, to, way, keep,
                *store, 0, len(rows),
            )  # fmt: skip
            found.append((to, way))
        (to, way), (to_full, way_full) = found
        assert np.array_equal(to, to_full) and np.array_equal(way, way_full)
        assert (way != 0).any()
        assert kept[3].mean() > 10


def test_a_word_gives_a_place_and_the_rest_of_it_as_luck():
    places, luck = zip(*(place_and_luck(np.uint32(word), 5) for word in (0, 2**32 - 1, 2**31)), strict=True)
    # 2^31 * 5 / 2^32 = 2.5: place 2, luck one half
    assert places == (0, 4, 2)
    assert luck[0] < 1e-9 and luck[1] > 1 - 2e-9 and abs(luck[2] - 0.5) < 1e-9


def test_an_option_is_called_late_only_when_it_is():
    words = (np.arange(4096, dtype=np.uint64) * 1048573 + 7).astype(np.uint32)
    for utility in (-30.0, -9.0, -4.0, -1.0, -0.1, 0.0, 0.5, 3.0, 15.0, 40.0):
        times = np.array([race_time(word, utility) for word in words[::16]])
        assert not any(surely_later(word, utility, time * 1.0001) for word, time in zip(words[::16], times, strict=True))
    # told apart nearly always where it matters: a utility of -6, a limit of one half
    late = np.array([race_time(word, -6.0) >= 0.5 for word in words])
    told = np.array([surely_later(word, -6.0, 0.5) for word in words])
    assert told.sum() > 0.99 * late.sum()


def test_a_graduate_who_stays_gives_up_the_room_too_and_so_moves_more_often():
    # two equal places, moving costs 2: stay with 1 / (1 + e^-2) = .881; who leaves college with cost 2: 1/2
    people = singles(40_000, residence=0, state=UNEMPLOYED)
    people.left_study[:20_000], people.study_place[:20_000] = MONTH, 0
    to, _ = choose(people, flat_places(np.zeros(2)), plain_weights(moving_cost=2.0, leaving_college=2.0, full=1))
    assert abs((to[:20_000] == 0).mean() - 0.5) < 0.015
    assert abs((to[20_000:] == 0).mean() - 0.8808) < 0.015
