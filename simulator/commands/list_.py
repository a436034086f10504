"""List worlds, scenarios, parameters, policies, outcomes or experiments."""

from __future__ import annotations

import argparse
import json
import sys

from simulator.commands.catalogue import CATALOGUES
from simulator.foundations.errors import number_text


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to list, and whether to show where each comes from."""
    parser.add_argument("what", choices=tuple(CATALOGUES), help="what to list")
    parser.add_argument("--sources", action="store_true", help="also print the source of each")


def main(args: argparse.Namespace) -> int:
    """Print the list: one line each, or one JSON array."""
    rows = CATALOGUES[args.what](args.configs)
    if args.json:
        print(json.dumps(rows, ensure_ascii=False, indent=1))
        return 0
    if not rows:
        print(f"there are no {args.what}", file=sys.stderr)
        return 0
    width = max(len(str(row["name"])) for row in rows)
    middle = [_middle(row) for row in rows]
    wide = max(map(len, middle))
    for row, text in zip(rows, middle, strict=True):
        title = row.get(f"title_{args.lang}") or row.get("title_en") or ""
        print(f"{row['name']:{width}}  {text:{wide}}{'  ' if wide else ''}{title}".rstrip())
        if args.sources and row.get("source"):
            print(f"{'':{width}}  source: {row['source']}")
    return 0


def _middle(row: dict) -> str:
    """What stands between name and title: the value and range of a parameter, the unit of an outcome."""
    if "default" in row:
        return f"{number_text(row['default'])} ({number_text(row['low'])} to {number_text(row['high'])}) {row['unit']}"
    return str(row.get("unit") or row.get("world") or row.get("kind") or "")
