"""How far the model was from what was published, the last time it was compared: for the page's About."""

from __future__ import annotations

import json
from pathlib import Path

from simulator.foundations.files import PACKAGE

FILE = "first_years.json"
MONTHS = 50
"""Months that the comparison lives: to December 2024."""
NAMES = {
    "urban share": ("Urban share of the population", "常住人口城镇化率"), "migrant workers": ("Migrant workers", "农民工总量"),
    "outgoing": ("– of them working outside their township", "其中：外出农民工"), "local": ("– of them working near home", "其中：本地农民工"),
    "inter-provincial": ("– of them in another province", "其中：跨省流动农民工"),
}  # fmt: skip
UNITS = {"%": ("%", "%", "points", "个百分点"), "million": (" m", "百万人", "m", "百万人")}


def find() -> Path | None:
    """The file of evidence: packed with the page, or that of the checkout."""
    for path in (Path(__file__).parent / FILE, PACKAGE.parent / "docs" / "evidence" / FILE):
        if path.is_file():
            return path
    return None


def first_years(scenario) -> dict | None:
    """Series with their years, published and lived values, and mean errors beside those of two naive guesses; None
    when the file is missing or not as expected. `same` says whether it was measured with these very parameters."""
    path = find()
    if path is None:
        return None
    try:
        found = json.loads(path.read_text("utf-8"))
        rows = []
        for name, series in found["series"].items():
            en, zh = NAMES.get(name, (name, name))
            unit = UNITS.get(series["unit"], (f" {series['unit']}", series["unit"], series["unit"], series["unit"]))
            rows.append(
                {
                    "what": {"en": en, "zh": zh}, "unit": {"en": unit[0], "zh": unit[1]}, "error_unit": {"en": unit[2], "zh": unit[3]},
                    "years": [int(y) for y in series["years"]], "published": [float(v) for v in series["published"]],
                    "model": [float(v) for v in series["mean"]],
                    "error": {key: float(series["mean error"][key]) for key in ("model", "no change", "trend")},
                }  # fmt: skip
            )
        if scenario is None:
            from simulator.scenario import load_scenario

            scenario = load_scenario("baseline")
        seeds, k = int(found["seeds"]), int(found["persons_per_agent"])
        hashes = {scenario.with_overrides({"persons_per_agent": k, "seed": seed, "months": months}).hash for seed in range(1, min(seeds, 20) + 1) for months in (scenario.months, MONTHS)}
        return {"seeds": seeds, "persons_per_agent": k, "series": rows, "same": found["scenario"] in hashes}
    except (OSError, ValueError, KeyError, TypeError):
        return None
