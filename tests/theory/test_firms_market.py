"""V10: the urn-ball law and the Beveridge curve through firms and the labour market of the model."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.foundations.units import EMPLOYED, NOBODY, NOWHERE, UNEMPLOYED
from simulator.mechanisms import employment, production
from simulator.worlds.steady_labour import steady_base_year
from tests.labour_world import labour_model, live_month, open_month

PEOPLE = 1500


def hires_of_a_month(seed: int, searchers: int, posts: int) -> int:
    """One place, `searchers` jobless people of one skill, `posts` vacancies of its six firms: how many are hired."""
    model = labour_model(PEOPLE, settlements=1, seed=seed, scenario={"labour.referral_share": 0.0, "labour.separation_rate": 1e-9,
                                                                      "labour.migrant_separation_rate": 1e-9}.items())  # fmt: skip
    steady_base_year(model)
    p, e = model.persons, model.employers
    p.education[:] = 1
    p.state[:], p.employer[:], p.workplace[:], p.wage[:] = 8, NOBODY, NOWHERE, 0
    p.state[:searchers] = UNEMPLOYED
    p.birth_month[:] = model.month - 60 * 12  # nobody comes back from inactivity
    e.headcount[:] = 0
    open_month(model)
    production.plan_production(model)
    e.vacancies[:] = 0
    e.vacancies[0:12:2] = np.diff(np.linspace(0, posts, 7).astype(int))
    model.settlements.posted[...] = employment.by_market(model, e.vacancies)
    for stream in (employment.SEPARATE, employment.SEARCH):
        model.candidates[stream] = np.empty(0, dtype=np.int32)
    tally = employment.search_and_match(model)
    assert (e.filled <= e.vacancies).all() and e.headcount.sum() == np.count_nonzero(p.state == EMPLOYED)
    return tally["hired_unemployed"]


@pytest.mark.parametrize(("searchers", "posts", "known"), [(1000, 1000, 632.3), (500, 1000, 393.6), (1000, 500, 432.5)])
def test_a_thousand_searchers_on_a_thousand_posts_of_firms_make_632_hires(searchers, posts, known):
    """v (1 - (1 - 1/v)^u): 632.3 for 1000 and 1000 (V10)."""
    assert posts * (1 - (1 - 1 / posts) ** searchers) == pytest.approx(known, abs=0.05)
    hires = np.array([hires_of_a_month(seed, searchers, posts) for seed in range(12)])
    assert abs(hires.mean() - known) < 4 * hires.std(ddof=1) / np.sqrt(len(hires)) + 0.5, hires


def test_where_less_is_demanded_unemployment_rises_and_fewer_posts_are_open():
    """The Beveridge curve slopes down (V10): the first year of a slump, before flows settle at fewer jobs."""
    ends = []
    for demand in (1.0, 0.93):
        model = labour_model(12_000)
        steady_base_year(model)
        jobless, open_posts = [], []
        for month in range(12):
            model.levers.labour_demand[:] = demand
            tally = live_month(model)
            if month >= 2:
                jobless.append(np.count_nonzero(model.persons.state == UNEMPLOYED))
                open_posts.append(tally["vacancies"])
        ends.append((np.mean(jobless), np.mean(open_posts)))
    assert ends[1][0] > 1.04 * ends[0][0] and ends[1][1] < ends[0][1]
