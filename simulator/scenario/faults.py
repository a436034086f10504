"""How a wrong entry in a scenario is told: where, what, what is allowed, and the remedy."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from simulator.foundations.errors import BadInput, Fault, choices, did_you_mean, plain_word, rescue, show_value
from simulator.foundations.parameter import number_remedy
from simulator.foundations.units import KINDS, RURAL_CLASSES
from simulator.foundations.yamlio import Document
from simulator.scenario.schema import MAX_MONTHS, MAX_SEED, MAX_TEXT

TEXTS = f"en and zh, each 1 to {MAX_TEXT} characters"
MONTH = "a month such as 2020-11"
ALLOWED = {
    "title": TEXTS,
    "title.en": f"text of 1 to {MAX_TEXT} characters",
    "title.zh": f"text of 1 to {MAX_TEXT} characters",
    "description": TEXTS,
    "description.en": f"text of 1 to {MAX_TEXT} characters",
    "description.zh": f"text of 1 to {MAX_TEXT} characters",
    "world": "the name of a world",
    "base_year": "2010 or 2020",
    "start": MONTH,
    "months": f"whole numbers 1 to {MAX_MONTHS}",
    "seed": f"whole numbers 0 to {MAX_SEED}",
    "persons_per_agent": "whole numbers 1 to 1000000",
    "drivers": "variant",
    "drivers.variant": "low, middle or high",
    "parameters": "groups of parameters",
    "policies": "a list, each item with a policy",
    "policies[]": "a table that begins with policy: NAME",
    "policies[].policy": "the name of a policy",
    "policies[].strength": "0 to 1 (share)",
    "policies[].delivery": "0 to 1 (share)",
    "policies[].delay_months": f"whole numbers 0 to {MAX_MONTHS}",
    "policies[].budget": "0 to 1e15 yuan a year",
    "policies[].payer": "local or central",
    "policies[].when": "start, end and ramp_months",
    "policies[].when.start": MONTH,
    "policies[].when.end": MONTH,
    "policies[].when.ramp_months": f"whole numbers 0 to {MAX_MONTHS}",
    "policies[].where": "kinds, rural_classes, provinces, coastal and poorest_share",
    "policies[].where.kinds": "a list of " + ", ".join(KINDS),
    "policies[].where.kinds[]": ", ".join(KINDS),
    "policies[].where.rural_classes": "a list of " + ", ".join(RURAL_CLASSES),
    "policies[].where.rural_classes[]": ", ".join(RURAL_CLASSES),
    "policies[].where.provinces": "a list of names or codes of provinces",
    "policies[].where.provinces[]": "the name or the two-digit code, in quotation marks, of a province",
    "policies[].where.coastal": "true or false",
    "policies[].where.poorest_share": "above 0, to 1 (share)",
    "outputs": "flows",
    "outputs.flows": "true or false",
}
NUMBERS: dict[str, tuple[float, float]] = {
    "base_year": (2010, 2020),
    "months": (1, MAX_MONTHS),
    "seed": (0, MAX_SEED),
    "persons_per_agent": (1, 1_000_000),
    "policies[].strength": (0, 1),
    "policies[].delivery": (0, 1),
    "policies[].delay_months": (0, MAX_MONTHS),
    "policies[].budget": (0, 1e15),
    "policies[].when.ramp_months": (0, MAX_MONTHS),
    "policies[].where.poorest_share": (0, 1),
}
WHOLE = {"base_year", "months", "seed", "persons_per_agent", "policies[].when.ramp_months", "policies[].delay_months"}

_UNSAID = object()


class FaultList:
    """Gathers what is wrong, knowing the file and which entries came from the command line."""

    def __init__(self, document: Document, settings: Iterable[str] = ()):
        self.document = document
        self.settings = list(settings)
        self.faults: list[Fault] = []

    def add(
        self, path: str, value: object = _UNSAID, allowed: str = "", remedy: str = "", field: str = "", shown: str = ""
    ) -> None:
        """Note one fault at a dotted path; `shown` replaces the value's text."""
        if not shown and value is not _UNSAID:
            shown = "empty text" if isinstance(value, str) and value == "" else show_value(value)
        self.faults.append(Fault(*self._place(path), field or plain_word(path), shown, allowed, remedy))

    def add_wrong_value(self, path: str, value: object) -> None:
        """A field of the schema that holds something it may not."""
        form = re.sub(r"\[\d+\]", "[]", path)
        allowed = ALLOWED.get(form, "")
        self.add(path, value, allowed, self._remedy(form, value))

    def add_unknown(self, path: str, key: str, known: Iterable[str], what: str = "field") -> None:
        """A key that stands for nothing: the near name, or else the names there are."""
        known = sorted(known)
        near = did_you_mean(key, known)
        self.add(
            path, _UNSAID, "" if near else choices(known, 12), near or "remove it", f"{plain_word(path)} is no {what}"
        )

    def _place(self, path: str) -> tuple[str, int]:
        if any(path == s or path.startswith((s + ".", s + "[")) for s in self.settings):
            return "--set", 0
        return self.document.file, self.document.line(path)

    def _remedy(self, form: str, value: Any) -> str:
        if form in NUMBERS:
            low, high = NUMBERS[form]
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                return number_remedy(value, low, high)
            if form in WHOLE and isinstance(value, float):
                return f"write {int(value)}" if value.is_integer() and low <= value <= high else "write a whole number"
            try:
                return rescue(float(value), low, high) if form not in ("base_year", "seed") else ""
            except OverflowError:
                return "write a smaller number"
        if isinstance(value, str):
            if form.endswith(("coastal", "flows")):
                word = value.strip().lower()
                return (
                    "write true"
                    if word in ("yes", "on", "y")
                    else "write false"
                    if word in ("no", "off", "n")
                    else "write true or false"
                )
            if form == "drivers.variant":
                return did_you_mean(value, ("low", "middle", "high"))
            if form.endswith("kinds[]"):
                return did_you_mean(value, KINDS)
            if form.endswith("rural_classes[]"):
                return did_you_mean(value, RURAL_CLASSES)
            if form.endswith(("start", "end")):
                found = re.match(r"\s*(\d{4})[-/. ]?(\d{1,2})\b", value)
                if found and 1 <= int(found[2]) <= 12:
                    return f"did you mean {found[1]}-{int(found[2]):02d}?"
                return "write a year and a month"
            if form in ("title", "description"):
                return "write en: and zh: below it"
        return "remove it, or write what is allowed"

    def stop_if_any(self) -> None:
        """Raise BadInput with everything noted, in the order of the file."""
        if self.faults:
            unique = list(dict.fromkeys(self.faults))
            raise BadInput(sorted(unique, key=lambda f: (f.file, f.line)))


def dotted(location: Iterable[str | int]) -> str:
    """A location such as ("policies", 0, "delivery") as `policies[0].delivery`."""
    path = ""
    for step in location:
        path += f"[{step}]" if isinstance(step, int) else f".{step}" if path else str(step)
    return path
