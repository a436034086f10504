"""The first published years, 2021 to 2024, against the baseline: `python -m experiments.validation.first_years`.

Lives the baseline to December 2024 with several seeds and writes what came out to
`docs/evidence/first_years.json`, and as tables into `docs/validation.md` between its markers.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
from pathlib import Path

import numpy as np

from experiments.validation.base_year import compare_base_year
from simulator.foundations.files import atomic_write_text, configs_folder
from simulator.foundations.units import year_of
from simulator.measures.national import Circles, measure_people
from simulator.model import MigrationModel

OPENING, YEARS = 2020, (2021, 2022, 2023, 2024)
TREND_FROM = OPENING - 5
MONTHS = 49
"""From the census of November 2020 to December 2024."""

SERIES = {
    "urban share": ("urban_share_resident", "urban_share_resident", 100.0, 1.0, "%"),
    "migrant workers": ("migrant_workers_total", "migrant_workers_total", 1e-6, 0.01, "million"),
    "outgoing": ("migrant_workers_outgoing", "migrant_workers_outgoing", 1e-6, 0.01, "million"),
    "local": ("migrant_workers_local", "migrant_workers_local", 1e-6, 0.01, "million"),
    "inter-provincial": ("migrant_workers_interprovincial", "migrant_workers_interprov", 1e-6, 0.01, "million"),
}
"""Name: column of the model's national table, published variable, scale of each to the unit, unit."""

MOVED = (
    "migration.moving_cost", "migration.distance_weight", "migration.home_distance_weight",
    "migration.attachment_mean", "migration.attachment_sd", "migration.attachment_selection",
    "hukou.conversion_rate", "hukou.land_factor", "labour.farm_renewal_share", "labour.flexible_renewal_share",
    "labour.wage_adjustment",
)  # fmt: skip
"""Parameters that were moved while the published years were in view."""

PAGE = Path(__file__).resolve().parents[2] / "docs" / "validation.md"
EVIDENCE = PAGE.parent / "evidence" / "first_years.json"


def read_published() -> dict[str, dict[int, float]]:
    """The published series in the units of `SERIES`, by year."""
    found: dict[str, dict[int, float]] = {name: {} for name in SERIES}
    with open(configs_folder() / "worlds" / "china-data" / "national_2010_2024.csv", encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["value"]]
    for name, (_, variable, _, scale, _) in SERIES.items():
        found[name] = {int(row["year"]): scale * float(row["value"]) for row in rows if row["variable"] == variable}
    return found


def live_first_years(model: MigrationModel) -> tuple[dict[str, dict[int, float]], dict[str, float]]:
    """Live to December 2024: each series in the Decembers, and the tallies of the first twelve months in millions."""
    circles, people = Circles(model.world.circle), model.persons_per_agent
    found: dict[str, dict[int, float]] = {name: {} for name in SERIES}
    first_year: dict[str, float] = {}
    for month in range(1, MONTHS + 1):
        model.step()
        if month <= 12:
            for name, count in model.tally.items():
                first_year[name] = first_year.get(name, 0.0) + count * people / 1e6
        if model.month % 12 == 11:
            national = measure_people(model, model.counts, circles)
            for name, (column, _, scale, _, unit) in SERIES.items():
                found[name][year_of(model.month)] = float(national[column][0]) * scale * (1 if unit == "%" else people)
    return found, first_year


def guess_naively(series: dict[int, float]) -> dict[str, dict[int, float]]:
    """What one would say without a model from what was known in the opening year."""
    base, past = series[OPENING], min(year for year in series if year >= TREND_FROM)
    slope = (base - series[past]) / (OPENING - past)
    return {"no change": dict.fromkeys(YEARS, base), "trend": {year: base + slope * (year - OPENING) for year in YEARS}}


def mean_error(guess: dict[int, float], published: dict[int, float]) -> float:
    """Mean absolute error over the years that are published."""
    return float(np.mean([abs(guess[year] - published[year]) for year in YEARS if year in published]))


def gather(seeds: int) -> dict:
    """Live the baseline once for each seed, and put everything that is reported into one dictionary."""
    lives, first_years, base = [], [], []
    for seed in range(1, seeds + 1):
        model = MigrationModel("baseline", seed=seed)
        base.append(compare_base_year(model))
        found, first_year = live_first_years(model)
        model.close()
        lives.append(found)
        first_years.append(first_year)
        print(f"seed {seed}: urban share {found['urban share'][2024]:.2f} % at the end of 2024", flush=True)
    published = read_published()
    report = {"scenario": model.scenario.hash, "seeds": seeds, "persons_per_agent": model.persons_per_agent, "series": {}}
    for name, series in published.items():
        years = [year for year in YEARS if year in series]
        runs = np.array([[life[name][year] for year in years] for life in lives])
        guesses = guess_naively(series)
        report["series"][name] = {
            "unit": SERIES[name][4],
            "years": years,
            "published": [round(series[year], 3) for year in years],
            "mean": runs.mean(axis=0).round(3).tolist(),
            "min": runs.min(axis=0).round(3).tolist(),
            "max": runs.max(axis=0).round(3).tolist(),
            "no change": [round(guesses["no change"][year], 3) for year in years],
            "trend": [round(guesses["trend"][year], 3) for year in years],
            "mean error": {
                "model": round(float(np.mean([mean_error(life[name], series) for life in lives])), 3),
                **{guess: round(mean_error(values, series), 3) for guess, values in guesses.items()},
            },
        }
    report["base year"] = [
        {
            "check": checks[0].name,
            "allowed": checks[0].allowed,
            "largest miss": round(float(max(np.abs(check.miss).max() for check in checks)), 5),
            "beyond what is allowed": int(sum(len(check.beyond) for check in checks)),
        }
        for checks in zip(*base, strict=True)
    ]
    report["first year, million"] = {
        name: [round(f(year[name] for year in first_years), 2) for f in (min, max)] for name in ("moves", "moves_between", "returns", "births", "deaths")
    }
    report["parameters"] = {name: float(model.scenario[name]) for name in MOVED}
    return report


def write_tables(report: dict) -> dict[str, str]:
    """The Markdown tables of the page, by marker."""
    lines = ["| series | year | published | model, mean | min to max | miss | no change | trend |", "|---|---|---|---|---|---|---|---|"]
    errors = ["| series | model | no change | trend |", "|---|---|---|---|"]
    for name, s in report["series"].items():
        for k, year in enumerate(s["years"]):
            real, mean = s["published"][k], s["mean"][k]
            miss = f"{mean - real:+.2f} points" if s["unit"] == "%" else f"{100 * (mean / real - 1):+.1f} %"
            lines.append(
                f"| {name}, {s['unit']} | {year} | {real:.2f} | {mean:.2f} | {s['min'][k]:.2f} to {s['max'][k]:.2f} | {miss} "
                f"| {s['no change'][k]:.2f} | {s['trend'][k]:.2f} |"
            )
        e, unit = s["mean error"], "points" if s["unit"] == "%" else "million"
        errors.append(f"| {name}, {unit} | {e['model']:.2f} | {e['no change']:.2f} | {e['trend']:.2f} |")
    base = ["| check | allowed | largest miss | values beyond it |", "|---|---|---|---|"]
    for row in report["base year"]:
        points = " points" if row["check"] == "urban share" else " %"
        base.append(
            f"| {row['check']} | {100 * row['allowed']:.1f}{points} | {100 * row['largest miss']:.2f}{points} | {row['beyond what is allowed']} |"
        )
    year = ["| in the first twelve months, million | least | most |", "|---|---|---|"]
    year += [f"| {name.replace('_', ' ')} | {low} | {high} |" for name, (low, high) in report["first year, million"].items()]
    moved = ["| parameter | value |", "|---|---|"] + [f"| `{name}` | {value:g} |" for name, value in report["parameters"].items()]
    return {name: "\n".join(rows) for name, rows in
            {"first years": lines, "errors": errors, "base year": base, "first year": year, "parameters": moved}.items()}  # fmt: skip


def fill_page(page: str, tables: dict[str, str]) -> str:
    """The page with each table between its markers renewed."""
    for name, table in tables.items():
        pattern = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end of {name} -->)", flags=re.DOTALL)
        page, times = pattern.subn(lambda found, table=table: f"{found[1]}\n{table}\n\n{found[2]}", page)
        if times != 1:
            raise ValueError(f"{PAGE.name}: the markers of {name!r} stand {times} times; allowed once")
    return page


def main(words: list[str] | None = None) -> None:
    """Live, compare, and renew the evidence and the page."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--seeds", type=int, default=5, help="how many seeds, from 1 on")
    report = gather(asked.parse_args(words).seeds)
    atomic_write_text(EVIDENCE, json.dumps(report, indent=1) + "\n")
    atomic_write_text(PAGE, fill_page(PAGE.read_text("utf-8"), write_tables(report)))


if __name__ == "__main__":
    main()
