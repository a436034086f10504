"""Go on with a run that was interrupted, from its last checkpoint; the result is the same to the bit."""

from __future__ import annotations

import argparse

from simulator.commands.run import add_running_arguments, check_counts, live


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which run, and how."""
    parser.add_argument("run", metavar="RUN", help="a run folder")
    add_running_arguments(parser)


def main(args: argparse.Namespace) -> int:
    """Resume; a run that is done is only shown."""
    from simulator import runs

    check_counts(args)
    kept = runs.open_run(args.run)
    return live(args, kept.scenario, {"folder": args.run, "resume": True})
