"""Put the shards of a sweep together, as if it had been done in one place."""

from __future__ import annotations

import argparse
import json


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The shards, and where the whole is kept."""
    parser.add_argument("folders", nargs="+", metavar="DIR", help="folders of the shards, all of them")
    parser.add_argument("--out", metavar="DIR", help="folder of the whole (default: beside the first shard)")


def main(args: argparse.Namespace) -> int:
    """Merge, then name the folder."""
    from experiments.merging import merge

    folder = merge(args.folders, args.out)
    if args.json:
        print(json.dumps({"folder": str(folder), "shards": len(args.folders)}))
    elif not args.quiet:
        print(f"{folder}: {len(args.folders)} shards merged; next: homeward analyse {folder}")
    return 0
