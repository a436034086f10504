"""Show people whose life differs between two scenarios, side by side: where the lives part, and what tipped the choice."""

from __future__ import annotations

import argparse
import json
import os
import sys

from experiments.commands.compare import add_common_settings, both_scenarios
from simulator.foundations.errors import BadInput, Fault, choices, did_you_mean


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which two scenarios, and which kinds of people."""
    parser.add_argument("base", metavar="BASE", help="the first scenario: a name or a file")
    parser.add_argument("other", metavar="OTHER", help="the second scenario: a name or a file")
    parser.add_argument("--find", action="append", metavar="KIND", help="kind of people, such as graduate-stayed or migrant-came-home; may be repeated (default: all)")
    parser.add_argument("--count", type=int, default=2, metavar="N", help="people a kind (default: 2)")
    parser.add_argument("--seed", type=int, metavar="S", help="luck of both (default: 1)")
    add_common_settings(parser)
    parser.add_argument("--threads", type=int, metavar="T", help="threads; results do not depend on it")


def main(args: argparse.Namespace) -> int:
    """Live both worlds in step, twice, and tell the twins."""
    from experiments.compare.pairing import pair_up
    from experiments.twins.kinds import BY_NAME, KINDS
    from experiments.twins.parting import find_twins
    from experiments.twins.telling import Names, as_json
    from simulator.worlds.library import load_world

    faults = [
        Fault(field="--find", value=name, allowed=choices(list(BY_NAME), 20), remedy=did_you_mean(name, BY_NAME))
        for name in args.find or []
        if name not in BY_NAME
    ]
    for name in ("count", "threads"):
        if getattr(args, name) is not None and getattr(args, name) < 1:
            faults.append(Fault(field=f"--{name}", value=str(getattr(args, name)), allowed="a whole number of at least 1"))
    if faults:
        raise BadInput(faults)
    base, other = both_scenarios(args)
    pairing = pair_up(base, other, [1 if args.seed is None else args.seed])
    pair = pairing.pairs[0]
    for note in pairing.notes:
        if not args.quiet:
            print(f"note: {note}", file=sys.stderr)
    wanted = list(dict.fromkeys(args.find or [kind.name for kind in KINDS]))
    twins = find_twins(pair.base, pair.other, wanted, args.count, args.threads or min(2, os.cpu_count() or 1), _progress(args.quiet))
    world = load_world(base.world, base.base_year)
    names, titles = Names(world), ((base.title.en, base.title.zh), (other.title.en, other.title.zh))
    for twin in twins:
        places = {str(en): str(zh) for en, zh in zip(world.name_en, world.name_zh, strict=True)}
        twin.facts["root_zh"] = places.get(twin.facts["root"], twin.facts["root"])
    if args.json:
        told = {"base": base.name, "other": other.name, "seed": pair.seed, "notes": list(pairing.notes), "twins": [as_json(twin, names, titles) for twin in twins]}
        print(json.dumps(told, ensure_ascii=False, indent=1, default=str))
    else:
        print_twins(twins, wanted, names, titles, args.lang)
    return 0


def print_twins(twins, wanted, names, titles, lang: str) -> None:
    """Each twin: a few sentences, then the two lives side by side."""
    from rich.console import Console
    from rich.table import Table

    from experiments.twins.kinds import BY_NAME
    from experiments.twins.telling import side_by_side, tell

    console = Console(highlight=False, width=None if sys.stdout.isatty() else 140)
    z = lang == "zh"
    for twin in twins:
        first, *rest = tell(twin, names, titles)[lang]
        console.print(first, style="bold", markup=False)
        for line in rest:
            console.print(line, markup=False)
        table = Table(show_edge=False, pad_edge=False)
        for head in ("月份" if z else "month", titles[0][z], titles[1][z]):
            table.add_column(head)
        for month, *cells in side_by_side(twin, names, lang):
            parted = twin.parted is not None and month == f"{twin.after[0]['month']:%Y-%m}"
            table.add_row(month, *cells, style="bold" if parted else "")
        console.print(table)
        console.print()
    missing = [name for name in wanted if not any(twin.kind == name for twin in twins)]
    if missing:
        words = "、".join(BY_NAME[n].zh for n in missing) if z else ", ".join(missing)
        console.print(f"没有找到：{words}" if z else f"nobody found: {words}", style="dim", markup=False)


def _progress(quiet: bool):
    if quiet:
        return None

    def show(month: int, months: int, part: int) -> None:
        if sys.stderr.isatty():
            print(f"\r\x1b[K{part} / 2: {month} / {months}", end="\n" if month == months and part == 2 else "", file=sys.stderr, flush=True)
        elif month == months:
            print(f"both worlds lived, {part} of 2", file=sys.stderr, flush=True)

    return show
