"""What the model answers to the claims of the background text: the comparisons behind docs/findings.md, lived and tabulated.

`python -m experiments.findings live --runs DIR` lives every comparison and writes `docs/evidence/findings.json`;
`python -m experiments.findings page` puts its tables into docs/findings.md, between the marks that name them.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from experiments.compare.effects import describe, pick
from experiments.compare.groups import label_of
from experiments.compare.living import Counter
from experiments.compare.pairing import pair_up
from experiments.compare.report import number
from experiments.compare.session import compare
from experiments.questions import QUESTIONS, Question
from simulator.foundations.files import atomic_write_text
from simulator.scenario import load_scenario

ROOT = Path(__file__).resolve().parents[1]
EVIDENCE, PAGE = ROOT / "docs" / "evidence" / "findings.json", ROOT / "docs" / "findings.md"
BY_NAME = {question.name: question for question in QUESTIONS}


def live(question: Question, runs: Path, seeds: int, persons_per_agent: int, workers: int | None) -> dict:
    """Live one comparison and return what the page quotes of it."""
    base, other = (load_scenario(name, {"persons_per_agent": persons_per_agent}) for name in (question.base, question.other))
    pairing = pair_up(base, other, seeds)
    command = f"homeward compare {question.base} {question.other} --seeds {seeds} --persons-per-agent {persons_per_agent}"
    found = compare(pairing, runs / "findings" / question.name, runs=runs / "runs", workers=workers, progress=Counter(False, question.name), command=command)
    months = [pd.Timestamp(year=year, month=12, day=1) for year in question.years]
    rows = []
    for outcome, group in question.rows:
        for month in months:
            row = pick(found.effects, outcome, group, month)
            if row is not None and not np.isnan(row["mean"]):
                kept = {k: _number(row[k]) for k in ("base", "mean", "lo", "hi", "se", "se_unpaired")}
                rows.append({"outcome": outcome, "group": group, "month": f"{month:%Y-%m}", **kept})
    costs = [{name: _plain(value) for name, value in row.items()} for row in found.costs.to_dict("records")]
    return {**found.about(), "command": command, "rows": rows, "costs": costs}


def _number(value) -> float | None:
    return None if value is None or np.isnan(value) else float(f"{float(value):.10g}")


def _plain(value):
    if isinstance(value, float):
        return _number(value)
    return f"{value:%Y-%m}" if hasattr(value, "strftime") else value


def table_of(kept: dict) -> str:
    """The markdown table of one comparison: every row with its interval, bold where it excludes zero."""
    lines = [
        f"`{kept['command']}` ({kept['n_pairs']} pairs; one agent = {kept['persons_per_agent']:,} people; interval: {kept['interval']}, {kept['uncertainty']})",
        "",
        "| outcome | for whom | month | baseline | effect | 95 % interval | unit |",
        "|---|---|---|---:|---:|---:|---|",
    ]
    for row in kept["rows"]:
        name = row["outcome"]
        sure = row["lo"] is not None and (row["lo"] > 0 or row["hi"] < 0)
        mark = "**" if sure else ""
        lo, hi = (number(np.nan if row[k] is None else row[k], name, True) for k in ("lo", "hi"))
        lines.append(
            f"| {describe(name)[2]} | {label_of(row['group']).lower()} | {row['month']} | {number(row['base'], name)} | "
            f"{mark}{number(row['mean'], name, True)}{mark} | {lo} to {hi} | {describe(name)[1]} |"
        )
    units = [row for row in kept["costs"] if row.get("yuan_per_unit") is not None]
    if units:
        lines += ["", "Yuan a unit of effect, " + units[0]["month"] + ": " + "; ".join(
            f"{describe(u['outcome'])[2].lower()} ({label_of(u['group']).lower()}) {u['yuan_per_unit']:,.0f} ({u['lo']:,.0f} to {u['hi']:,.0f})" for u in units) + "."]  # fmt: skip
    return "\n".join(lines)


def pairing_table(evidence: dict) -> str:
    """The paired standard error as a share of the unpaired one, by comparison, at the first and the last year shown."""
    lines = ["| comparison | outcome | for whom | month | paired error | unpaired error | ratio |", "|---|---|---|---|---:|---:|---:|"]
    for name, kept in evidence["comparisons"].items():
        for outcome, group in PAIRED:
            rows = [r for r in kept["rows"] if (r["outcome"], r["group"]) == (outcome, group) and r["se"] and r["se_unpaired"]]
            for row in [rows[0], rows[-1]] if len(rows) > 1 else rows:
                one, two = (number(row[k], outcome) for k in ("se", "se_unpaired"))
                ratio = row["se"] / row["se_unpaired"]
                lines.append(f"| {name} | {describe(outcome)[2]} | {label_of(group).lower()} | {row['month']} | {one} | {two} | {ratio:.2f} |")
    return "\n".join(lines)


PAIRED = (("talent_pool", "targeted"), ("residents", "targeted"), ("employed", "total"))
"""Rows of the table that sets paired against unpaired errors."""

MARK = re.compile(r"<!-- table: (\w+) -->\n.*?<!-- end -->", re.DOTALL)


def fill(page: str, evidence: dict) -> str:
    """The page with the table of each comparison between its marks; a comparison that was not lived says so."""

    def table(found: re.Match) -> str:
        if found.group(1) == "pairing":
            return f"<!-- table: pairing -->\n{pairing_table(evidence)}\n<!-- end -->"
        kept = evidence["comparisons"].get(found.group(1))
        return f"<!-- table: {found.group(1)} -->\n{table_of(kept) if kept else 'Not lived yet.'}\n<!-- end -->"

    return MARK.sub(table, page)


def main(argv: list[str] | None = None) -> int:
    """Live comparisons into the evidence file, or put its tables into the page."""
    parser = argparse.ArgumentParser(prog="python -m experiments.findings", description=__doc__.partition("\n")[0])
    parser.add_argument("what", choices=("live", "page"))
    parser.add_argument("--runs", type=Path, default=Path("results/findings"), help="where runs and comparisons are kept")
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--persons-per-agent", type=int, default=20_000)
    parser.add_argument("--workers", type=int)
    parser.add_argument("--only", action="append", choices=sorted(BY_NAME), help="one comparison; may be repeated")
    args = parser.parse_args(argv)
    evidence = json.loads(EVIDENCE.read_text("utf-8")) if EVIDENCE.is_file() else {"comparisons": {}}
    if args.what == "live":
        for name in args.only or list(BY_NAME):
            evidence["comparisons"][name] = live(BY_NAME[name], args.runs, args.seeds, args.persons_per_agent, args.workers)
            EVIDENCE.parent.mkdir(parents=True, exist_ok=True)
            atomic_write_text(EVIDENCE, json.dumps(evidence, ensure_ascii=False, indent=0, allow_nan=False) + "\n")
            print(f"{name}: kept in {EVIDENCE}", file=sys.stderr)
    if PAGE.is_file():
        atomic_write_text(PAGE, fill(PAGE.read_text("utf-8"), evidence))
    return 0


if __name__ == "__main__":
    sys.exit(main())
