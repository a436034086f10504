"""Set the model against what was observed: the census of the base year, the first published years, or your own table of flows."""

from __future__ import annotations

import argparse
import json
import math
import sys

import numpy as np

from simulator.foundations.errors import BadInput, Fault

QUICK_PERSONS_PER_AGENT = 50_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How much of it, and a table of the user's."""
    parser.add_argument("--quick", action="store_true", help=f"the base year only, one agent for {QUICK_PERSONS_PER_AGENT:,} people")
    parser.add_argument("--seeds", type=int, default=1, metavar="N", help="seeds of the first years (default: 1)")
    parser.add_argument("--flows", metavar="FILE", help="a CSV with origin, destination, flow, and perhaps distance_km, origin_people, destination_people")
    parser.add_argument("--run", metavar="RUN", help="with --flows: a finished run whose moves are compared too")
    parser.add_argument("--world", default="china-provinces", metavar="W", help="with --flows: whose places the names are (default: china-provinces)")


def main(args: argparse.Namespace) -> int:
    """Compare and print; a miss is printed as plainly as a hit and is no error."""
    if args.run and not args.flows:
        raise BadInput(Fault(field="--run", value=args.run, remedy="add --flows FILE"))
    if not 1 <= args.seeds <= 1000:
        raise BadInput(Fault(field="--seeds", value=str(args.seeds), allowed="whole numbers 1 to 1000"))
    report = _of_flows(args) if args.flows else _of_model(args)
    if args.json:
        print(json.dumps(_plain(report), ensure_ascii=False, indent=1, allow_nan=False))
    elif not args.quiet:
        print("\n".join(_flows_in_words(report) if args.flows else _model_in_words(report)))
    return 0


def _plain(value):
    """Plain values for JSON: unknown is null."""
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    if isinstance(value, (float, np.floating)):
        return float(value) if math.isfinite(value) else None
    return value


# --- the model ------------------------------------------------------------------------------------


def _of_model(args: argparse.Namespace) -> dict:
    from experiments.validation.base_year import compare_base_year
    from simulator.model import MigrationModel

    def say(text: str) -> None:
        if not args.quiet:
            print(text, file=sys.stderr)

    settings = {"persons_per_agent": QUICK_PERSONS_PER_AGENT} if args.quick else {}
    say("settling people from the census")
    report: dict = {"base_year": [], "first_years": {}}
    lives = []
    for seed in range(1, (1 if args.quick else args.seeds) + 1):
        model = MigrationModel("baseline", seed=seed, **settings)
        try:
            report["persons_per_agent"] = model.persons_per_agent
            if seed == 1:
                for check in compare_base_year(model):
                    report["base_year"].append({
                        "check": check.name, "allowed": check.allowed, "relative": check.relative,
                        "largest_miss": float(np.abs(check.miss).max()), "values": int(check.miss.size), "beyond": len(check.beyond),
                    })  # fmt: skip
            if not args.quick:
                from experiments.validation.first_years import live_first_years

                say(f"living to December 2024, seed {seed} of {args.seeds}")
                lives.append(live_first_years(model)[0])
        finally:
            model.close()
    if lives:
        from experiments.validation.first_years import SERIES, guess_naively, mean_error, read_published

        for name, series in read_published().items():
            guesses = guess_naively(series)
            errors = {"model": float(np.mean([mean_error(life[name], series) for life in lives]))}
            errors |= {guess: mean_error(values, series) for guess, values in guesses.items()}
            report["first_years"][name] = {"unit": SERIES[name][4], "mean_error": errors}
    return report


def _model_in_words(report: dict) -> list[str]:
    lines = [f"the base year against the census, one agent for {report['persons_per_agent']:,} people"]
    for row in report["base_year"]:
        scale, unit = (100, "%") if row["relative"] else (100, "points")
        within = " (but for an agent or two)" if row["largest_miss"] > row["allowed"] else ""
        verdict = f"met{within}" if not row["beyond"] else f"MISSED by {row['beyond']} of {row['values']}"
        lines.append(f"  {row['check']:44} largest miss {scale * row['largest_miss']:6.2f} {unit:6}  allowed {scale * row['allowed']:4.1f}  {verdict}")
    if report["first_years"]:
        lines += ["", "the first published years: mean error of the model, of no change, and of the trend"]
    for name, row in report["first_years"].items():
        e, unit = row["mean_error"], "points" if row["unit"] == "%" else "million"
        best = min(e, key=e.get)
        lines.append(f"  {name:44} {e['model']:8.2f} {e['no change']:8.2f} {e['trend']:8.2f}  {unit}; best: {best}")
    return lines


# --- a user's flows -------------------------------------------------------------------------------


def _of_flows(args: argparse.Namespace) -> dict:
    from experiments.validation.flows import compare_flows, flows_of_run, read_flows
    from simulator.worlds.library import load_world

    run = None
    if args.run:
        from simulator.runs import open_run

        run = open_run(args.run)
        world = load_world(run.scenario.world, run.scenario.base_year, args.configs)
    else:
        world = load_world(args.world, 2020, args.configs)
    flows = read_flows(args.flows, world)
    return {"file": args.flows} | compare_flows(flows, flows_of_run(flows, run, world) if run is not None else None)


def _flows_in_words(report: dict) -> list[str]:
    lines = [f"{report['file']}: {report['places']} places, {report['pairs']} pairs, {report['flow']:,.0f} in all", "slope of flow against distance (PPML, log to log):"]
    lines += [f"  {name:42} {slope:6.2f} +- {1.96 * error:.2f}" for name, (slope, error) in report["distance slope"].items()]
    lines += ["fit:", f"  {'':42} {'CPC':>6} {'R2 of logs':>11}"]
    return lines + [f"  {name:42} {row['CPC']:6.3f} {row['log-log R2']:11.3f}" for name, row in report["fit"].items()]
