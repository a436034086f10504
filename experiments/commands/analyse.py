"""Say what a sweep found: effects, seeds needed, what matters, where it fails, what is robust; tables, figures, one report."""

from __future__ import annotations

import argparse
import json
import sys

from simulator.foundations.errors import BadInput, Fault, choices, did_you_mean


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The sweep, what is better, and what is of interest."""
    parser.add_argument("folder", metavar="DIR", help="folder of a sweep, or of merged shards")
    parser.add_argument("--out", metavar="DIR", help="folder of the analysis (default: DIR/analysis)")
    parser.add_argument("--prefer", metavar="OUTCOME=more|less", action="append", default=[], help="what is better; may be given again")
    parser.add_argument("--interest", metavar="CONDITION", help="cases to look for, such as 'gini>0.45' (default: where a choice does harm)")
    parser.add_argument("--no-figures", action="store_true", help="tables and report without figures")


def main(args: argparse.Namespace) -> int:
    """Analyse, write, and name the report."""
    from experiments.analysis.work import analyse
    from experiments.reading import load

    sweep = load(args.folder)
    prefer = parse_preferences(args.prefer, [outcome["key"] for outcome in sweep.info["outcomes"]])
    report = analyse(sweep, args.out, prefer, args.interest, args.lang, figures=not args.no_figures)
    if args.json:
        print(json.dumps(report, ensure_ascii=False, indent=1, allow_nan=False))
    elif not args.quiet:
        for line in report["headlines"]:
            print(line)
        print(f"{report['report']} (tables and figures beside it)", file=sys.stdout)
    return 0


def parse_preferences(given: list[str], names: list[str]) -> dict[str, str]:
    """`gini=less` and the like as a mapping; BadInput for anything else."""
    found, faults = {}, []
    for text in given:
        name, _, word = text.partition("=")
        if word not in ("more", "less") or name not in names:
            remedy = "write more or less after =" if word not in ("more", "less") else did_you_mean(name, names)
            faults.append(Fault(field="--prefer", value=text, allowed=choices(names, 12), remedy=remedy))
        found[name] = word
    if faults:
        raise BadInput(faults)
    return found
