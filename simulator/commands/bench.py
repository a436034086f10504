"""Measure what a simulated month costs on this machine, by mechanism."""

from __future__ import annotations

import argparse
import json
import sys


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How much to measure, and where to keep it."""
    parser.add_argument("--quick", action="store_true", help="141,000 agents only, nothing compiled anew (a minute)")
    parser.add_argument("--write", metavar="FILE", help="also keep the document in a file, such as docs/evidence/bench.json")


def main(args: argparse.Namespace) -> int:
    """Measure, then print a table in plain words or one JSON document."""
    from simulator import benchmark

    def say(text: str) -> None:
        if not args.quiet:
            print(f"  {text}", file=sys.stderr, flush=True)

    report = benchmark.measure(benchmark.QUICK if args.quick else benchmark.FULL, say)
    text = json.dumps(report, ensure_ascii=False, indent=1)
    if args.write:
        from simulator.foundations.files import atomic_write_text

        atomic_write_text(args.write, text + "\n")
    print(text if args.json else in_words(report))
    return 0


def in_words(report: dict) -> str:
    """The report as lines a person can read."""
    machine = report["machine"]
    lines = [
        f"{machine['processor']}, {machine['cores']} cores, load {machine['load_average_before']} before and "
        f"{machine['load_average_after']} after; medians of {report['repeats']} years, models taking turns",
    ]
    for row in report["scales"]:
        found = row["ns_per_person_month"]
        lines += ["", f"{row['agents']:,} agents: nanoseconds a person-month", f"  {'':28}{'1 thread':>10}{'2 threads':>11}{'processor':>11}"]
        one, two = found["by_mechanism"]["threads_1"], found["by_mechanism"]["threads_2"]
        work = found["processor"]["threads_1"]
        lines += [f"  {name:28}{one[name]:>10.1f}{two.get(name, 0.0):>11.1f}{work.get(name, 0.0):>11.1f}" for name in one]
        total = found["total"]
        lines.append(f"  {'in all':28}{total['threads_1']:>10.1f}{total['threads_2']:>11.1f}{work['total']:>11.1f}")
        lines.append("  processor: its time with one thread, in the least busy year; the others are medians of the clock on the wall")
        lines.append(f"  ready after {row['start']['ready']:.2f} s, {row['bytes_per_person']:.0f} bytes a person")
    mesa = report["mesa"]
    if mesa["ratio"] is None:
        lines += ["", mesa["note"]]
    else:
        lines += ["", f"the teaching circle as Mesa objects costs {mesa['ratio']:.1f} times the columns of the same 3,000 people, "
                      f"and {mesa['ns_objects'] / report['ns_per_person_month']['total']['threads_1']:.0f} times a person of the country above"]  # fmt: skip
    lines += ["", "aims"]
    for aim in report["aims"]:
        verdict = "not measured" if aim["met"] is None else "met" if aim["met"] else "missed"
        found = "-" if aim["found"] is None else f"{aim['found']:.4g}"
        lines.append(f"  {aim['name']:27} at most {aim['at_most']:<6g} found {found:>8}   {verdict}")
    return "\n".join(lines)
