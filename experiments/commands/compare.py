"""Compare two scenarios over pairs of runs that share their luck: effects with intervals, reasons, gains and costs."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import sys
from pathlib import Path

from simulator.foundations.errors import BadInput, Fault
from simulator.scenario.loader import parse_settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which two scenarios, over which seeds or draws, and what to tell."""
    parser.add_argument("base", metavar="BASE", help="the scenario to compare with: a name or a file")
    parser.add_argument("other", metavar="OTHER", help="the scenario whose effect is asked: a name or a file")
    parser.add_argument("--seeds", type=int, metavar="N", help="pairs of runs, seeds 1 to N (default: 8)")
    parser.add_argument("--draws", metavar="FILE", help="CSV of parameter draws, one a row: pair k has draw k and seed k")
    parser.add_argument("--make-draws", type=int, metavar="N", help="first write N draws to the file of --draws (Latin hypercube)")
    parser.add_argument("--vary", action="append", metavar="NAME", help="parameter to draw with --make-draws (default: all with a plausible range)")
    parser.add_argument("--shares", action="store_true", help="also the share of each policy of OTHER in the effect (Shapley value)")
    parser.add_argument("--orders", type=int, default=6, metavar="N", help="pairs of orders for --shares of more than four policies (default: 6)")
    parser.add_argument("--why-pairs", type=int, default=3, metavar="N", help="pairs lived once more to tell why people move otherwise; 0: leave it out (default: 3)")
    parser.add_argument("--monthly", action="store_true", help="effects of every month instead of every December")
    add_common_settings(parser)
    parser.add_argument("--csv", action="store_true", help="also write the tables as CSV")
    parser.add_argument("--out", metavar="DIR", help="folder of the comparison (default: results/compare-BASE-OTHER)")
    parser.add_argument("--runs", metavar="DIR", help="folder in which runs are kept and found again (default: DIR/runs)")
    parser.add_argument("--workers", type=int, metavar="N", help="processes (default: one a processor); results do not depend on it")


def add_common_settings(parser: argparse.ArgumentParser) -> None:
    """Settings laid over both scenarios."""
    parser.add_argument("--world", metavar="W", help="world of both, instead of their own")
    parser.add_argument("--start", metavar="YYYY-MM", help="opening month of both")
    parser.add_argument("--months", type=int, metavar="N", help="months of both")
    parser.add_argument("--persons-per-agent", type=int, metavar="K", help="people one agent stands for, in both")
    parser.add_argument("--set", action="append", default=[], metavar="path=value", help="set a parameter in both; may be repeated")


def both_scenarios(args: argparse.Namespace):
    """The two scenarios, with the settings of the command line over both; faults of both in one list."""
    from simulator.scenario import load_scenario

    given = {"world": args.world, "start": args.start, "months": args.months, "persons_per_agent": args.persons_per_agent}
    overrides = dict(parse_settings(args.set)) | {name: value for name, value in given.items() if value is not None}
    found, faults = [], []
    for name in (args.base, args.other):
        try:
            found.append(load_scenario(name, overrides))
        except BadInput as bad:
            faults += [fault for fault in bad.faults if fault not in faults]
    if faults:
        raise BadInput(faults)
    return found


def main(args: argparse.Namespace) -> int:
    """Live the pairs, write the folder, and say in plain words what came out."""
    from experiments.compare import draws as drawing
    from experiments.compare.living import Counter
    from experiments.compare.pairing import check_agreement, pair_up
    from experiments.compare.session import compare

    check_counts(args)
    base, other = both_scenarios(args)
    check_agreement(base, other)
    draws = None
    if args.draws:
        if args.make_draws:
            drawing.write_draws(args.draws, args.make_draws, args.vary)
        draws = drawing.read_draws(args.draws)
    pairing = pair_up(base, other, args.seeds or 8, draws)
    for note in pairing.notes:
        if not args.quiet:
            print(f"note: {note}", file=sys.stderr)
    out = Path(args.out or f"results/compare-{base.name}-{other.name}")
    words = {"en": ("runs", "left"), "zh": ("运行", "剩余")}[args.lang]
    words_why = {"en": ("pairs asked why", "left"), "zh": ("询问原因", "剩余")}[args.lang]
    extras = []
    if args.why_pairs and pairing.in_force:
        from experiments.compare.reasons import add_reasons

        extras.append(lambda found: add_reasons(found, args.workers, Counter(args.quiet, *words_why), args.why_pairs))
    if args.shares:
        from experiments.compare.shares import add_shares

        extras.append(lambda found: add_shares(found, Path(args.runs) if args.runs else out / "runs", args.workers, args.orders, Counter(args.quiet, *words)))
    try:
        found = compare(
            pairing, out, runs=Path(args.runs) if args.runs else None, workers=args.workers, progress=Counter(args.quiet, *words),
            every="month" if args.monthly else "year", csv=args.csv, command=_said(args), lang=args.lang, extras=extras,
        )  # fmt: skip
    except KeyboardInterrupt:
        print(f"\nwhat has been lived is kept; the same command goes on: {_said(args)}", file=sys.stderr)
        raise
    if args.json:
        print(json.dumps(found.as_json(), ensure_ascii=False, indent=1, default=str))
    else:
        print_summary(found, args.lang)
    return 0


def check_counts(args: argparse.Namespace) -> None:
    """Numbers of pairs, draws and workers must be whole numbers of at least one; draws and seeds exclude one another."""
    faults = [
        Fault(field=f"--{name.replace('_', '-')}", value=str(value), allowed="a whole number of at least 1")
        for name in ("seeds", "make_draws", "workers", "orders")
        if (value := getattr(args, name, None)) is not None and value < 1
    ]
    if args.why_pairs < 0:
        faults.append(Fault(field="--why-pairs", value=str(args.why_pairs), allowed="a whole number, 0 or more"))
    if getattr(args, "draws", None) and args.seeds:
        faults.append(Fault(field="--seeds", value="given together with --draws", remedy="leave one out: pair k has draw k and seed k"))
    if getattr(args, "make_draws", None) and not args.draws:
        faults.append(Fault(field="--make-draws", value="needs a file", remedy="add --draws FILE"))
    if faults:
        raise BadInput(faults)


def print_summary(found, lang: str = "en") -> None:
    """The headline effects as a short table, and where the page is."""
    from rich.console import Console
    from rich.table import Table

    from experiments.compare.effects import describe
    from experiments.compare.groups import label_of
    from experiments.compare.report import WORDS, headline_rows, is_sure, number

    w, console = WORDS[lang], Console(highlight=False, width=None if sys.stdout.isatty() else 140)
    p = found.pairing
    console.print(f"{getattr(p.other.title, lang)}  /  {getattr(p.base.title, lang)}", style="bold", markup=False)
    table = Table(show_edge=False, pad_edge=False)
    for column, side in (("outcome", "left"), ("group", "left"), ("base", "right"), ("effect", "right"), ("interval", "right"), ("verdict", "left")):
        table.add_column(w[column], justify=side)
    for row in headline_rows(found.effects):
        interval = f"{number(row.lo, row.outcome, True, lang)} … {number(row.hi, row.outcome, True, lang)}" if row.n_pairs > 1 else "–"
        table.add_row(describe(row.outcome)[3 if lang == "zh" else 2], label_of(row.group, lang), number(row.base, row.outcome, False, lang),
                      number(row["mean"], row.outcome, True, lang), interval, w["sure"] if is_sure(row) else w["unsure"], style="" if is_sure(row) else "dim")  # fmt: skip
    console.print(table)
    for line in found.sentences[:6]:
        console.print(line[lang], markup=False)
    from experiments.compare.sentences import certainty, facts

    for line in (*facts(p, lang), *certainty(p, lang)):
        console.print(line, style="dim", markup=False)
    for note in p.notes:
        console.print(note, style="yellow", markup=False)
    console.print(f"{found.folder / 'report.html'}", soft_wrap=True, markup=False)


def _said(args: argparse.Namespace) -> str:
    """The command as it can be typed again."""
    words = ["homeward", "compare", args.base, args.other]
    for name in ("seeds", "draws", "world", "start", "months", "persons_per_agent", "out", "runs"):
        value = getattr(args, name)
        if value is not None:
            words += [f"--{name.replace('_', '-')}", str(value)]
    if args.why_pairs != 3:
        words += ["--why-pairs", str(args.why_pairs)]
    for setting in args.set:
        words += ["--set", setting]
    words += [f"--{name.replace('_', '-')}" for name in ("shares", "monthly", "csv") if getattr(args, name)]
    return " ".join(shlex.quote(os.fspath(word)) for word in words)
