"""What a scenario may say: its fields, their ranges and their meaning.

Time: `start` is the month whose census state is the opening record; the first month simulated
is the one after it. So 181 months from 2020-11 end with December 2035, and the history has 182
rows, the opening one included.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from simulator.foundations.units import KINDS, RURAL_CLASSES, parse_month

WORLDS: Mapping[str, int] = {"china-provinces": 10_000, "china-prefectures": 10_000, "city-circle": 1}
"""Worlds that come with the simulator, and the persons an agent stands for in each."""

LAST_MONTH = "2035-12"
"""The month with which the history ends where a scenario does not say."""

MAX_MONTHS = 1200
MAX_SEED = 2**63 - 1
MAX_TEXT = 4000

Month = Annotated[str, Field(pattern=r"^(19|20|21)\d\d-(0[1-9]|1[0-2])$")]
Words = Annotated[str, Field(min_length=1, max_length=MAX_TEXT)]
Name = Annotated[str, Field(min_length=1, max_length=80)]


class Part(BaseModel):
    """Any part of a scenario: exact types, no unknown fields, nothing changed after it is made."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)


class Words2(Part):
    """The same words in English and Chinese."""

    en: Words
    zh: Words


class Drivers(Part):
    """What comes from outside after the last observed year."""

    variant: Literal["low", "middle", "high"] = Field("middle", description="Path of the assumed years")


class When(Part):
    """When a policy is in force."""

    start: Month | None = Field(None, description="First month in force; none: from the start of the run")
    end: Month | None = Field(None, description="Last month in force; none: to the end of the run")
    ramp_months: int = Field(0, ge=0, le=MAX_MONTHS, description="Months from nothing to full force")


class Where(Part):
    """Where a policy acts: places that fit every condition given; no condition, everywhere."""

    kinds: list[Literal[KINDS]] | None = Field(None, description="Kinds of settlement")
    rural_classes: list[Literal[RURAL_CLASSES]] | None = Field(None, description="Classes of rural settlement")
    provinces: list[Name] | None = Field(None, description="Provinces, by English name or two-digit code")
    coastal: bool | None = Field(None, description="true: coastal places only; false: inland places only")
    poorest_share: float | None = Field(None, gt=0, le=1, description="The poorest places with this share of people")


class PolicyUse(Part):
    """One policy in force: which, where, when, how well delivered, how strong."""

    policy: Name = Field(description="Name of the policy")
    where: Where = Where()
    when: When = When()
    strength: float = Field(1.0, ge=0, le=1, description="How far the policy is in force: 0 not at all, 1 as its numbers say")
    delivery: float = Field(1.0, ge=0, le=1, description="Share that reaches the people meant")
    delay_months: int = Field(0, ge=0, le=MAX_MONTHS, description="Months from the start until anything reaches anyone")
    budget: float | None = Field(None, ge=0, le=1e15, description="Most that is spent in a calendar year, yuan; none: no cap")
    payer: Literal["local", "central"] | None = Field(None, description="Who pays; none: the policy's usual payer")
    params: dict[str, float | int | bool | str] = Field(default_factory=dict, description="The policy's own parameters")


class Outputs(Part):
    """What a run writes beyond the tables it always writes."""

    flows: bool = Field(True, description="The yearly table of moves between settlements")


class Values(Mapping[str, float | int]):
    """Parameter values by dotted name; never changed once made."""

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, float | int]):
        self._values = dict(values)

    def __getitem__(self, name: str) -> float | int:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __hash__(self) -> int:
        return hash(tuple(self._values.items()))

    def __repr__(self) -> str:
        return f"Values({self._values!r})"

    def __reduce__(self) -> tuple:
        return Values, (self._values,)


class ScenarioFile(Part):
    """What a scenario file may say, apart from parameters and policies, which have lists of their own."""

    title: Words2 | None = Field(None, description="Name of the scenario for readers, in English and Chinese")
    description: Words2 | None = Field(None, description="What the scenario supposes, in English and Chinese")
    world: Name = Field("china-provinces", description="The world to simulate")
    base_year: Literal[2010, 2020] = Field(2020, description="Census from which the world is built")
    start: Month | None = Field(None, description="Opening month, that of the census: November of the base year; none: the same")
    months: int | None = Field(None, ge=1, le=MAX_MONTHS, description=f"Months to simulate; none: to {LAST_MONTH}")
    seed: int = Field(1, ge=0, le=MAX_SEED, description="Luck of the run")
    persons_per_agent: int | None = Field(None, ge=1, le=1_000_000, description="Persons one agent stands for")
    drivers: Drivers = Drivers()
    outputs: Outputs = Outputs()


def census_month(base_year: int) -> str:
    """The month of the census of a base year."""
    return f"{base_year}-11"


def months_to_end(start: str) -> int:
    """Months from an opening month to the end of the history, at least one."""
    return max(1, parse_month(LAST_MONTH) - parse_month(start))
