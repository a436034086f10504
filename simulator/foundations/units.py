"""Months, money and the words for groups of people: the units everything else counts in.

A month is one whole number, `year * 12 + (month - 1)`, so that differences are ages and
durations. Money inside the state is whole fen (1/100 yuan) at constant 2020 prices.
"""

from __future__ import annotations

import datetime as _dt

FEN = 100
"""Fen in a yuan."""

NOWHERE = 65535
"""The value of a settlement or county column (uint16) that means "none"."""

NOBODY = -1
"""The value of a row column (int32) that means "none"."""

NEVER = 0
"""The value of a month column (int16) that means "has not happened"."""

KINDS = ("core", "inner_ring", "outer_ring", "county_town", "rural")
CORE, INNER_RING, OUTER_RING, COUNTY_TOWN, RURAL = range(5)

RURAL_CLASSES = ("none", "cluster_upgrade", "suburban_integration", "characteristic_protection", "relocation_merger")

EDUCATIONS = ("primary", "junior", "senior", "college")
PRIMARY, JUNIOR, SENIOR, COLLEGE = range(4)

SKILLS = ("other", "college")
"""Skill groups of the labour market: everyone below college, and college."""

SEXES = ("male", "female")
MALE, FEMALE = range(2)

HUKOU_KINDS = ("rural", "urban")
HUKOU_RURAL, HUKOU_URBAN = range(2)

STATES = (
    "child", "student", "employed", "farming", "flexible",
    "welfare_job", "unemployed", "retired", "inactive",
)  # fmt: skip
(CHILD, STUDENT, EMPLOYED, FARMING, FLEXIBLE, WELFARE_JOB, UNEMPLOYED, RETIRED, INACTIVE) = range(9)

SECTORS = ("manufacturing", "local_services", "knowledge", "platform", "agribusiness", "public")

SERVICES = ("education", "health", "elder_care", "housing_support", "culture", "child_welfare")

INSURANCES = ("none", "resident", "employee")

MIGRANT_CLASSES = ("local", "same_county", "same_province", "other_province")
"""Where a resident's hukou is: here; in another township of this county; in another county of
the province; in another province. The columns of the county census tables."""

AGE_GROUPS = (
    "0", "1-4", "5-9", "10-14", "15-19", "20-24", "25-29", "30-34", "35-39", "40-44",
    "45-49", "50-54", "55-59", "60-64", "65-69", "70-74", "75-79", "80-84", "85+",
)  # fmt: skip
AGE_GROUP_START = (0, 1, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60, 65, 70, 75, 80, 85)


def month_number(year: int, month: int) -> int:
    """The month `month` (1 to 12) of `year` as one whole number."""
    return year * 12 + month - 1


def year_of(month: int) -> int:
    """The calendar year in which a month number lies."""
    return month // 12


def month_of_year(month: int) -> int:
    """The calendar month, 1 (January) to 12."""
    return month % 12 + 1


def month_date(month: int) -> _dt.date:
    """The first day of a month number, as a date."""
    return _dt.date(month // 12, month % 12 + 1, 1)


def parse_month(text: str) -> int:
    """`"2020-11"` as a month number; ValueError when it is not a month."""
    year, _, month = text.partition("-")
    number = month_number(int(year), int(month))
    if not 1 <= int(month) <= 12 or len(month) != 2 or len(year) != 4:
        raise ValueError(f"{text!r} is not a month such as 2020-11")
    return number


def month_text(month: int) -> str:
    """A month number as `"2020-11"`."""
    return f"{month // 12:04d}-{month % 12 + 1:02d}"
