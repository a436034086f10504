"""What a declared number of the model is: default, unit, range, meaning and source."""

from __future__ import annotations

import math
from dataclasses import dataclass

from simulator.foundations.errors import number_text, rescue, show_value

_READS_AFTER_A_NUMBER = ("a ", "per ", "yuan", "year", "month", "hour", "people", "place")


@dataclass(frozen=True)
class Text:
    """The same words in English and Chinese."""

    en: str
    zh: str

    def __getitem__(self, language: str) -> str:
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True)
class Parameter:
    """One number a scenario may set.

    `low` and `high` are what the model accepts. `plausible` is the narrower range in which
    calibration and draws of uncertainty move (None: nobody has stated one).
    """

    name: str
    default: float | int
    unit: str
    low: float
    high: float
    meaning: Text
    source: str
    kind: str = "float"
    plausible: tuple[float, float] | None = None

    @property
    def group(self) -> str:
        """The part of society it belongs to: the name up to the first dot."""
        return self.name.partition(".")[0]

    def allowed(self) -> str:
        """The range in words: `0 to 1 a month`."""
        span = f"{number_text(self.low)} to {number_text(self.high)}"
        whole = "whole numbers " if self.kind == "int" else ""
        unit = self.unit if self.unit.startswith(_READS_AFTER_A_NUMBER) else f"({self.unit})"
        return f"{whole}{span} {unit}"

    def complaint(self, value: object) -> str | None:
        """None if a value may stand here, else the remedy in words (which may be empty)."""
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return number_remedy(value, self.low, self.high)
        if self.kind == "int" and not isinstance(value, int):
            if math.isfinite(value) and float(value).is_integer() and self.low <= value <= self.high:
                return f"write {int(value)}"
            return "write a whole number"
        try:
            number = float(value)
        except OverflowError:
            return "write a smaller number"
        if not self.low <= number <= self.high:
            return rescue(number, self.low, self.high)
        return None

    def cast(self, value: float) -> float | int:
        """An accepted value in the parameter's own type."""
        return int(value) if self.kind == "int" else float(value)


def number_remedy(value: object, low: float | None = None, high: float | None = None) -> str:
    """What to write instead of something that is not a number."""
    if isinstance(value, str):
        text = value.strip()
        if text.endswith("%"):
            share = _as_number(text[:-1].strip().replace(",", "."))
            return f"write {number_text(share / 100)}" if share is not None else "write a number"
        for form in (text, text.replace("_", "").replace(" ", "")):
            if (number := _as_number(form)) is not None:
                return f"write {number_text(number)} without quotation marks"
        if text.count(",") == 1 and (number := _as_number(text.replace(",", "."))) is not None:
            return f"use a decimal point: did you mean {number_text(number)}?"
        if (number := _as_number(text.replace(",", ""))) is not None:
            return f"write {number_text(number)}"
    return f"write a number, not {show_value(value)}" if value is not None else "write a number"


def _as_number(text: str) -> float | None:
    if len(text) > 40 or not text.isascii() or "_" in text:
        return None
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
