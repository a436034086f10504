"""A country without growth, with a stationary life table and no policy stands still: in ten years nothing drifts by a per cent.

Drift is the trend of eleven yearly means by least squares, times ten; the mean over five seeds, with its standard error,
because the luck of single large firms moves a sector of one country of 120,000 agents by more than any drift.
"""

from __future__ import annotations

import numpy as np
import pytest

from tests.steady_world import SETTINGS, Standing, fertility, life_table, measure, settle_in, standing_world, survivors

YEARS, AGENTS, SEEDS, SETTLING = 10, 120_000, (1, 2, 3, 4, 5), 30


def live(seed: int) -> dict[str, np.ndarray]:
    """Yearly means of every measure over the eleven years after the country has settled in."""
    months = 12 * (YEARS + 1)
    world = standing_world(AGENTS * 100.0)
    model = Standing("teaching", world=world, persons_per_agent=100, months=12 * SETTLING + months, seed=seed, **SETTINGS)
    settle_in(model, rounds=SETTLING // 10)
    rows = []
    for _ in range(months):
        model.step()
        rows.append(measure(model))
    model.close()
    return {name: np.array([row[name] for row in rows]).reshape(-1, 12).mean(axis=1) for name in rows[0]}


@pytest.fixture(scope="module")
def drifts() -> dict[str, tuple[float, float, float]]:
    """(level, drift in ten years, its standard error) of every measure, over the seeds."""
    lives = [live(seed) for seed in SEEDS]
    ahead = np.arange(YEARS + 1) - YEARS / 2
    out = {}
    for name in lives[0]:
        trend = np.array([YEARS * (ahead @ years[name]) / (ahead @ ahead) for years in lives])
        out[name] = float(np.mean([years[name][0] for years in lives])), float(trend.mean()), float(trend.std(ddof=1) / len(trend) ** 0.5)
    print("\nten years of a country that stands still, five seeds: level, drift, standard error")
    for name, (level, drift, error) in out.items():
        print(f"{name:24s} {level:14.4f} {drift:+12.4f} {error:10.4f}  {100 * drift / level:+.2f} % of its level")
    return out


def far(drifts, names, relative: bool) -> dict:
    """Of these measures those whose drift is a per cent of their level, or a point, and more."""
    size = {name: drifts[name][1] / (drifts[name][0] if relative else 1.0) for name in names}
    return {name: round(value, 4) for name, value in size.items() if not abs(value) < 0.01}


def test_a_generation_of_women_replaces_itself_and_births_equal_deaths():
    q = life_table()[0]
    lived = survivors(q)
    # of one girl: daughters over a life; of a population by age L(x): births a head and deaths a head, 1 / e0 each
    assert (fertility(q) * lived[:50]).sum() / 2.05 == pytest.approx(1.0)
    births = (fertility(q) * lived[:50]).sum() / 2.05 / lived.sum()
    alive = np.concatenate([[1.0], np.cumprod(1.0 - q)])
    deaths = (alive[:-1] * q).sum() / lived.sum()
    assert births == pytest.approx(1.0 / lived.sum()) and deaths == pytest.approx(1.0 / lived.sum())
    assert 75 < lived.sum() < 81


@pytest.mark.long
def test_people_and_prices_drift_less_than_one_per_cent_in_ten_years(drifts):
    names = ("people", "rent", "service price", "wage")
    assert not far(drifts, names, relative=True)


@pytest.mark.long
def test_unemployment_and_shares_drift_less_than_one_point_in_ten_years(drifts):
    shares = [name for name in drifts if name.startswith(("jobs", "people in"))]
    shares += ["unemployment", "urban share", "college share", "labour share"]
    assert len(shares) == 20
    assert not far(drifts, shares, relative=False)


@pytest.mark.long
def test_the_standard_errors_are_small_enough_to_tell_one_per_cent(drifts):
    for name in ("rent", "service price", "wage"):
        assert drifts[name][2] < 0.006 * drifts[name][0], (name, drifts[name])
    assert drifts["unemployment"][2] < 0.003 and drifts["urban share"][2] < 0.003
