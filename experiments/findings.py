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
from experiments.compare.measuring import KEYS, measure
from experiments.compare.pairing import pair_up
from experiments.compare.report import number
from experiments.compare.session import compare
from experiments.questions import QUESTIONS, Question
from experiments.statistics import t_interval
from simulator.foundations.files import atomic_write_text
from simulator.scenario import load_scenario

ROOT = Path(__file__).resolve().parents[1]
EVIDENCE, PAGE = ROOT / "docs" / "evidence" / "findings.json", ROOT / "docs" / "findings.md"
BY_NAME = {question.name: question for question in QUESTIONS}


def live(question: Question, runs: Path, seeds: int, persons_per_agent: int, workers: int | None) -> dict:
    """Live one comparison and return what the page quotes of it."""
    base, other = (load_scenario(found(name), {"persons_per_agent": persons_per_agent}) for name in (question.base, question.other))
    pairing = pair_up(base, other, seeds)
    command = f"homeward compare {told(question.base)} {told(question.other)} --seeds {seeds} --persons-per-agent {persons_per_agent}"
    lived = compare(pairing, runs / "findings" / question.name, runs=runs / "runs", workers=workers, progress=Counter(False, question.name), command=command)
    months = [pd.Timestamp(year=year, month=12, day=1) for year in question.years]
    rows = []
    for outcome, group in question.rows:
        for month in months:
            row = pick(lived.effects, outcome, group, month)
            if row is not None and not np.isnan(row["mean"]):
                kept = {k: _number(row[k]) for k in ("base", "mean", "lo", "hi", "se", "se_unpaired")}
                rows.append({"outcome": outcome, "group": group, "month": f"{month:%Y-%m}", **kept})
    costs = [{name: _plain(value) for name, value in row.items()} for row in lived.costs.to_dict("records")]
    kept = {**lived.about(), "command": command, "rows": rows, "costs": costs}
    if question.name in {name for parts in JOINED.values() for name in parts}:
        kept["by_pair"] = by_pair(lived, question, months)
    return kept


def by_pair(lived, question: Question, months) -> dict[str, list[float]]:
    """The effect in each pair, by `outcome group month`: what two comparisons do together is told from the same seeds of both."""
    told = [[measure(run, months, lived.targeted).set_index(KEYS).value for run in pair] for pair in lived.runs]
    keys = [(outcome, group, month) for outcome, group in question.rows for month in months]
    return {
        f"{outcome} {group} {month:%Y-%m}": [float(two.get((outcome, group, month), 0.0) - one.get((outcome, group, month), 0.0)) for one, two in told]
        for outcome, group, month in keys
    }


def joint_table(evidence: dict, name: str) -> str:
    """What two policies do together beyond the sum of what each does alone, over pairs of the same seeds."""
    together, *alone = (evidence["comparisons"].get(part) for part in JOINED[name])
    if together is None or any(part is None for part in alone):
        return "Not lived yet."
    lines = ["| outcome | for whom | month | both | sum of each alone | both less the sum | 95 % interval |", "|---|---|---|---:|---:|---:|---|"]
    for row in together["rows"]:
        outcome, key = row["outcome"], f"{row['outcome']} {row['group']} {row['month']}"
        whole, parts = np.array(together["by_pair"][key]), sum(np.array(part["by_pair"][key]) for part in alone)
        if len(whole) != len(parts) or not (whole.any() or parts.any()):
            continue
        beyond = t_interval(whole - parts)
        mark = "**" if beyond.lo > 0 or beyond.hi < 0 else ""
        both, alone_sum, mean, lo, hi = (number(float(v), outcome, True) for v in (whole.mean(), parts.mean(), beyond.mean, beyond.lo, beyond.hi))
        lines.append(f"| {describe(outcome)[2]} | {label_of(row['group']).lower()} | {row['month']} | {both} | {alone_sum} | {mark}{mean}{mark} | {lo} to {hi} |")
    return "\n".join(lines)


def digests(evidence: dict) -> str:
    """By which state of the program the comparisons were lived."""
    made: dict[str, list[str]] = {}
    for name, kept in evidence["comparisons"].items():
        made.setdefault(kept["source_digest"][:12], []).append(name)
    if len(made) == 1:
        return f"All comparisons of this page were lived by one state of the program, source digest `{next(iter(made))}`."
    parts = (f"`{digest}`: {', '.join(names)}" for digest, names in made.items())
    return f"Source digests of the program by which the comparisons were lived: {'; '.join(parts)}."


def found(name: str) -> str:
    """A scenario's name as it is, or the path of a file of this project."""
    return str(ROOT / name) if "/" in name else name


def told(name: str) -> str:
    """The same as a reader of the page would type it."""
    return f"./{name}" if "/" in name else name


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


JOINED = {"complements": ("both", "industry", "talent")}
"""Tables of what is more than the sum of its parts: the comparison of both, then those of each alone."""

PAIRED = (("talent_pool", "targeted"), ("residents", "targeted"), ("employed", "total"))
"""Rows of the table that sets paired against unpaired errors."""

MARK = re.compile(r"<!-- table: (\w+) -->\n.*?<!-- end -->", re.DOTALL)


def fill(page: str, evidence: dict) -> str:
    """The page with the table of each comparison between its marks; a comparison that was not lived says so."""

    def table(match: re.Match) -> str:
        name = match.group(1)
        if name == "pairing":
            text = pairing_table(evidence)
        elif name == "digests":
            text = digests(evidence)
        elif name in JOINED:
            text = joint_table(evidence, name)
        else:
            kept = evidence["comparisons"].get(name)
            text = table_of(kept) if kept else "Not lived yet."
        return f"<!-- table: {name} -->\n{text}\n<!-- end -->"

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
            kept = live(BY_NAME[name], args.runs, args.seeds, args.persons_per_agent, args.workers)
            EVIDENCE.parent.mkdir(parents=True, exist_ok=True)
            evidence = json.loads(EVIDENCE.read_text("utf-8")) if EVIDENCE.is_file() else {"comparisons": {}}  # another may have written since
            evidence["comparisons"][name] = kept
            atomic_write_text(EVIDENCE, json.dumps(evidence, ensure_ascii=False, indent=0, allow_nan=False) + "\n")
            print(f"{name}: kept in {EVIDENCE}", file=sys.stderr)
    if PAGE.is_file():
        atomic_write_text(PAGE, fill(PAGE.read_text("utf-8"), evidence))
    return 0


if __name__ == "__main__":
    sys.exit(main())
