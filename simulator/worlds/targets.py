"""How many people a year each settlement gains or loses by moves around the base year: the target of the inversion."""

from __future__ import annotations

import numpy as np

from simulator.foundations.units import RURAL

MOVED_SHARE = 0.75
"""Flow of the base year relative to the decade's mean (assumed)."""
RELABEL_SHARE = 0.40
"""Share of urban growth net of natural growth that is re-labelling (range .25 to .55)."""
FASTEST = 0.04
"""Largest gain or loss a year, share of residents: beyond it the urban boundary moved, not people (assumed)."""
DEATHS = {2010: 9.51e6, 2020: 9.98e6}
URBAN_2000, POPULATION_2000 = 458.8e6, 1242.6e6
"""Urban and total population at the 2000 census (published, entered without a new check)."""
NATURAL_2000S = 0.0057
"""Natural growth a year, mean of 2000-10 (published, entered without a new check)."""


def split_urban_growth(urban, rural, births, deaths, relabel_share=RELABEL_SHARE):
    """Urban and rural change of a decade as natural growth, re-labelling and moves, by circle.

    `urban`, `rural`: [circles, 2] population at start and end; `births`, `deaths`: [circles, 2]
    (urban, rural) of the decade. Births are scaled so that natural growth of the nation equals
    its change. Returns (net moves [circles, 2], re-labelled [circles], natural [circles, 2]).
    """
    change = np.stack([urban[:, 1] - urban[:, 0], rural[:, 1] - rural[:, 0]], axis=1)
    natural = births * ((change.sum() + deaths.sum()) / births.sum()) - deaths
    net = change - natural
    relabelled = relabel_share * np.maximum(net[:, 0], 0)
    net = net + np.stack([-relabelled, relabelled], axis=1)
    return net, relabelled, natural


def targets_2020(circle, kind, counts, rates, urban_2010, rural_2010, birth_rate, province_of_circle):
    """Net moves a year by settlement, and re-labelled people a year by circle, for a world of 2020.

    .75 of the decade's change less natural change less re-labelling, a tenth a year. Births: the
    province's yearly rates by the settlements' share of small children; deaths: the national
    series by 65+ population and local mortality.
    """
    circles = len(urban_2010)
    people, ages = counts["population"], counts["ages"]
    is_rural = (kind == RURAL).astype(int)

    def by_side(values):
        table = np.zeros((circles, 2))
        np.add.at(table, (circle, is_rural), values)
        return table

    now = by_side(people)
    start = np.stack([urban_2010, rural_2010], axis=1)
    middle = (start + now) / 2
    small = by_side(ages[:, :3].sum(axis=1)) / np.maximum(now, 1)
    births = middle * small
    provincial = np.bincount(province_of_circle, births.sum(axis=1))
    wanted = np.bincount(province_of_circle, middle.sum(axis=1)) * birth_rate / 1000 * 10
    births *= (wanted / provincial)[province_of_circle][:, None]
    old = by_side(ages[:, 14:].sum(axis=1) * rates["mortality"]) / np.maximum(now, 1)
    deaths = middle * old
    deaths *= 10 * (DEATHS[2010] + DEATHS[2020]) / 2 / deaths.sum()
    net, relabelled, _ = split_urban_growth(
        np.stack([start[:, 0], now[:, 0]], axis=1), np.stack([start[:, 1], now[:, 1]], axis=1), births, deaths
    )
    yearly = MOVED_SHARE * net / 10
    return spread_over_kinds(yearly, circle, kind, counts), relabelled / 10


def spread_over_kinds(yearly, circle, kind, counts) -> np.ndarray:
    """Circle totals [circles, (urban, rural)] to settlements: gains by in-migrants, losses by population; bounded; sums to zero."""
    side = (kind == RURAL).astype(int)
    arrived = counts["migrants"][:, 2:].sum(axis=1)
    gain = yearly[circle, side] > 0
    weight = np.where(gain, arrived, counts["population"])
    total = np.zeros(yearly.shape)
    np.add.at(total, (circle, side), weight)
    net = yearly[circle, side] * weight / np.maximum(total[circle, side], 1e-9)
    most = FASTEST * counts["population"]
    net = np.clip(net, -most, most)
    return net - net.sum() * counts["population"] / counts["population"].sum()


def targets_2010(province, kind, counts, lifetime, home_kind) -> tuple[np.ndarray, float]:
    """Net moves a year by settlement for a world of 2010, from what was known in 2010.

    Between provinces: change of the birthplace matrix from 2000 to 2010, a tenth a year; arrivals
    by the settlements' in-migrants of 2010, departures by `home_kind`. Within provinces, of which
    no earlier table is known, the stock is taken to have grown at the same relative rate. Second
    value: people re-labelled a year in the nation, .40 of urban growth of 2000-10 net of natural.
    """
    change = (lifetime[2010] - lifetime[2000]) / 10
    arrived, left = change.sum(axis=1), change.sum(axis=0)
    other, near = counts["migrants"][:, 3], counts["migrants"][:, 2]
    totals = np.bincount(province, other)
    net = arrived[province] * other / totals[province] - left @ home_kind
    growth = change.sum() / lifetime[2010].sum()
    stock = np.bincount(province, near)
    net += growth * (near - stock @ home_kind)
    net -= net.sum() * counts["population"] / counts["population"].sum()
    urban = counts["population"][kind != RURAL].sum()
    natural = URBAN_2000 * ((1 + NATURAL_2000S) ** 10 - 1)
    return net, RELABEL_SHARE * (urban - URBAN_2000 - natural) / 10


def solve_relabel_rate(kind, population, jobs, wanted: float) -> float:
    """r0 such that Σ rural residents · r0 · max(0, non-farm share - .5) · 2 is the base year's re-labelling.

    `jobs` [n, 2]: people in non-farm work and in farming.
    """
    share = jobs[:, 0] / np.maximum(jobs.sum(axis=1), 1)
    passed = (population * np.maximum(0, share - 0.5) * 2)[kind == RURAL].sum()
    return float(wanted / passed)
