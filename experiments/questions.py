"""The comparisons that answer the claims of the background text: which two scenarios, and which rows the page shows."""

from __future__ import annotations

from dataclasses import dataclass

KINDS = ("kind:core", "kind:inner_ring", "kind:outer_ring", "kind:county_town", "kind:rural")
PLACES = ("targeted", "elsewhere", *KINDS)
CLASSES = ("class:cluster_upgrade", "class:suburban_integration", "class:characteristic_protection", "class:relocation_merger")
YEARS = (2030, 2035)


@dataclass(frozen=True)
class Question:
    """One comparison of the page: its name, the two scenarios, and the rows its table shows (outcome, group)."""

    name: str
    base: str
    other: str
    rows: tuple[tuple[str, str], ...]
    years: tuple[int, ...] = YEARS


def rows(*pairs: tuple[str, str | tuple[str, ...]]) -> tuple[tuple[str, str], ...]:
    """(outcome, group) for each group of each outcome."""
    return tuple((outcome, group) for outcome, groups in pairs for group in ((groups,) if isinstance(groups, str) else groups))


BOTH = ("targeted", "elsewhere")
MONEY = rows(("spent_yuan", "total"), ("government_net_debt", "total"))
TALENT = rows(("talent_pool", PLACES), ("graduate_retention", BOTH), ("residents", "targeted"))
JOBS = rows(("employed", ("targeted", "total")), ("unemployment_rate", "total"))
FIRMS = rows(
    ("firms", ("targeted", "total")), ("firms_born_returnee", ("targeted", "total")), ("firms_born_local", "total"),
    ("firms_born_outside", ("targeted", "total")),
)  # fmt: skip
FLOOR = rows(
    ("poverty_headcount", "total"), ("poverty_rate", "total"), ("below_guarantee_share", "total"), ("guarantee_recipients", "total"), ("income_pc", ("decile:1", "decile:2", "decile:3")), ("gini", "total"),
    ("common_prosperity", "total"), ("income_rural", "total"), ("welfare_jobs", "total"), ("employed", "total"), ("farming", "total"), ("flexible", "total"),
    ("unemployment_rate", "total"), ("returns_12m", "total"),
)  # fmt: skip
INVESTED = (
    *rows(("residents", "targeted"), ("talent_pool", "targeted")), *JOBS,
    *rows(("wage_mean", BOTH), ("income_rural", "total"), ("service_inequality", "total")), *MONEY,
)  # fmt: skip
DELIVERED = (
    *rows(
        ("supply:education", "targeted"), ("supply:health", "targeted"), ("service_inequality", "total"), ("residents", "targeted"),
        ("welfare_jobs", "targeted"), ("employed", "targeted"), ("income_pc", ("decile:1", "decile:2")), ("poverty_headcount", "total"),
    ),
    *MONEY,
)  # fmt: skip
EQUAL = rows(
    ("service_inequality", "total"), ("supply:education", BOTH), ("supply:health", BOTH), ("access:education", BOTH),
    ("net_migration", ("targeted", "kind:rural", "kind:county_town")), ("residents", PLACES),
    ("talent_pool", ("kind:rural", "kind:county_town", "kind:core")), ("left_behind_children", "total"), ("income_ratio", "total"), ("common_prosperity", "total"),
)  # fmt: skip
CIRCLE = rows(
    ("residents", (*KINDS, *CLASSES)), ("talent_pool", KINDS), ("employed", KINDS), ("rent", ("kind:core", "kind:inner_ring", "kind:county_town")),
    ("net_migration", KINDS), ("urban_share_hukou", "total"), ("unemployment_rate", "total"),
)  # fmt: skip
START_UPS = (
    *rows(("returns_12m", "total")), *FIRMS, *JOBS,
    *rows(
        ("farming", "total"), ("flexible", "total"), ("residents", (*BOTH, "kind:county_town", "kind:rural")),
        ("net_migration", ("targeted", "kind:core", "kind:county_town", "kind:rural")), ("talent_pool", "targeted"),
    ),
    *MONEY,
)  # fmt: skip
KEPT = (*TALENT, *rows(("graduates_living_here", BOTH), ("talent_concentration", "total")), *MONEY)

QUESTIONS = (
    Question("industry", "baseline", "industry_alone", (*JOBS, *TALENT, *FIRMS, *MONEY)),
    Question("talent", "baseline", "talent_alone", (*JOBS, *TALENT, *FIRMS, *MONEY)),
    Question("both", "baseline", "industry_and_talent", (*JOBS, *TALENT, *FIRMS, *MONEY)),
    Question("startups", "baseline", "come_home_and_start_a_firm", START_UPS),
    Question("graduates", "baseline", "keep_our_graduates", KEPT),
    Question("services", "baseline", "equal_services", (*EQUAL, *MONEY)),
    Question("circle", "baseline", "circle_line", (*CIRCLE, *MONEY)),
    Question("steady", "baseline", "steady_base", INVESTED),
    Question("mega", "baseline", "golden_mega_project", INVESTED),
    Question("steady_or_mega", "golden_mega_project", "steady_base", INVESTED),
    Question("slump", "baseline", "export_slump", (*FLOOR, *MONEY), (2027, 2030)),
    Question("slump_jobs", "export_slump", "export_slump_with_welfare_jobs", (*FLOOR, *MONEY), (2027, 2030)),
    Question("floor", "baseline", "social_floor", (*FLOOR, *MONEY)),
    Question("last_mile", "baseline", "last_mile", DELIVERED, (2026, 2027, 2030, 2035)),
    Question("last_mile_lost", "last_mile", "last_mile_lost", DELIVERED, (2026, 2027, 2030, 2035)),
)
"""Every comparison, in the order of the claims."""
