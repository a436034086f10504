"""The comparisons that answer the claims of the background text: which two scenarios, and which rows the page shows."""

from __future__ import annotations

from dataclasses import dataclass

KINDS = ("kind:core", "kind:inner_ring", "kind:outer_ring", "kind:county_town", "kind:rural")
PLACES = ("targeted", "elsewhere", *KINDS)
CLASSES = ("class:cluster_upgrade", "class:suburban_integration", "class:characteristic_protection", "class:relocation_merger")
YEARS = (2030, 2035)


@dataclass(frozen=True)
class Question:
    """One comparison of the page: its name, the two scenarios (names, or files of this project), and the rows its table shows (outcome, group)."""

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
    ("poverty_headcount", "total"), ("poverty_rate", "total"), ("poverty_gap", "total"), ("guarantee_missed_share", "total"), ("guarantee_leaked_share", "total"),
    ("below_guarantee_share", "total"), ("welfare_hired", "total"), ("guarantee_recipients", "total"), ("income_pc", ("decile:1", "decile:2", "decile:3")), ("gini", "total"),
    ("common_prosperity", "total"), ("income_rural", "total"), ("welfare_jobs", "total"), ("employed", "total"), ("farming", "total"), ("flexible", "total"),
    ("unemployment_rate", "total"), ("returns_12m", "total"),
)  # fmt: skip
INVESTED = (
    *rows(("residents", "targeted"), ("talent_pool", "targeted")), *JOBS,
    *rows(("wage_mean", BOTH), ("income_rural", "total"), ("service_inequality", "total")), *MONEY,
)  # fmt: skip
CONDITIONS = rows(
    ("employed", ("targeted", "total")), ("residents", "targeted"), ("talent_pool", "targeted"), ("wage_mean", "targeted"), ("income_rural", "total"),
    ("service_inequality", "total"), ("spent_yuan", "total"),
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
    *rows(("returns_12m", "total")), *FIRMS,
    *rows(
        ("lasting", ("targeted", "total")), ("lasting_returnee", "targeted"), ("lasting_local", "targeted"), ("survival_returnee", "targeted"),
        ("survival_local", "targeted"),
    ),
    *rows(("employed", ("targeted", "elsewhere", "total")), ("unemployment_rate", "total")),
    *rows(
        ("farming", "total"), ("flexible", "total"), ("residents", (*BOTH, "kind:county_town", "kind:rural")),
        ("net_migration", ("targeted", "kind:core", "kind:county_town", "kind:rural")), ("talent_pool", "targeted"),
    ),
    *MONEY,
)  # fmt: skip
KEPT = (
    *TALENT,
    *rows(
        ("graduates_living_here", BOTH), ("talent_concentration", "total"), ("reached_people", "policy:graduate_retention"),
        ("spent_yuan", ("policy:graduate_retention", "policy:talent_housing")),
    ),
    *MONEY,
)  # fmt: skip
ONE_PROVINCE = (
    *rows(("talent_pool", BOTH), ("graduate_retention", "targeted"), ("graduates_living_here", BOTH), ("residents", "targeted"), ("reached_people", "policy:graduate_retention")),
    *MONEY,
)  # fmt: skip
CONDITION_FILES = "configs/experiments/conditions"

QUESTIONS = (
    Question("industry", "baseline", "industry_alone", (*JOBS, *TALENT, *FIRMS, *MONEY)),
    Question("talent", "baseline", "talent_alone", (*JOBS, *TALENT, *FIRMS, *MONEY)),
    Question("both", "baseline", "industry_and_talent", (*JOBS, *TALENT, *FIRMS, *MONEY)),
    Question("startups", "baseline", "come_home_and_start_a_firm", START_UPS),
    Question("graduates", "baseline", "keep_our_graduates", KEPT),
    Question("one_province", "baseline", f"{CONDITION_FILES}/graduates_one_province.yaml", ONE_PROVINCE),
    Question("services", "baseline", "equal_services", (*EQUAL, *MONEY)),
    Question("circle", "baseline", "circle_line", (*CIRCLE, *MONEY)),
    Question("steady", "baseline", "steady_base", INVESTED),
    Question("mega", "baseline", "golden_mega_project", INVESTED),
    Question("steady_or_mega", "golden_mega_project", "steady_base", INVESTED),
    Question("early", f"{CONDITION_FILES}/mega_early.yaml", "steady_base", CONDITIONS),
    Question("overrun", f"{CONDITION_FILES}/mega_overrun.yaml", "steady_base", CONDITIONS),
    Question("with_talent", f"{CONDITION_FILES}/mega_with_talent.yaml", f"{CONDITION_FILES}/steady_with_talent.yaml", CONDITIONS),
    Question("few", f"{CONDITION_FILES}/mega_few.yaml", f"{CONDITION_FILES}/steady_few.yaml", CONDITIONS),
    Question("large", f"{CONDITION_FILES}/mega_large.yaml", f"{CONDITION_FILES}/steady_large.yaml", CONDITIONS),
    Question("slump", "baseline", "export_slump", (*FLOOR, *MONEY), (2027, 2030)),
    Question("slump_jobs", "export_slump", "export_slump_with_welfare_jobs", (*FLOOR, *MONEY), (2027, 2030)),
    Question("floor", "baseline", "social_floor", (*FLOOR, *MONEY)),
    Question("last_mile", "baseline", "last_mile", DELIVERED, (2026, 2027, 2030, 2035)),
    Question("late", "last_mile", f"{CONDITION_FILES}/last_mile_late.yaml", DELIVERED, (2026, 2027, 2030, 2035)),
    Question("leaky", "last_mile", f"{CONDITION_FILES}/last_mile_leaky.yaml", DELIVERED, (2026, 2027, 2030, 2035)),
    Question("last_mile_lost", "last_mile", "last_mile_lost", DELIVERED, (2026, 2027, 2030, 2035)),
)
"""Every comparison, in the order of the claims."""
