"""Explain a parameter, an outcome or a policy: meaning, unit, range and source."""

from __future__ import annotations

import argparse
import json

from simulator.commands.catalogue import Row, outcomes, parameters, policy_rows
from simulator.foundations.errors import BadInput, Fault, nearest, number_text


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The name to explain."""
    parser.add_argument("name", metavar="PARAMETER|OUTCOME|POLICY", help="such as labour.separation_rate")


def main(args: argparse.Namespace) -> int:
    """Print all that is declared under a name."""
    found = [
        {"what": what, **row}
        for what, rows in (("parameter", parameters(args.configs)), ("policy", policy_rows()), ("outcome", outcomes()))
        for row in rows
        if row["name"] == args.name or row["name"].rpartition(".")[2] == args.name
    ]
    if not found:
        known = [row["name"] for rows in (parameters(args.configs), policy_rows(), outcomes()) for row in rows]
        near = nearest(args.name, known, 3)
        remedy = f"did you mean {' or '.join(near)}?" if near else "see homeward list parameters"
        raise BadInput(
            Fault(field="name", value=args.name, allowed="a parameter, an outcome or a policy", remedy=remedy)
        )
    if args.json:
        print(json.dumps(found[0] if len(found) == 1 else found, ensure_ascii=False, indent=1))
        return 0
    for row in found:
        print("\n".join(_lines(row, args.lang)))
    return 0


def _lines(row: Row, language: str) -> list[str]:
    other = "en" if language == "zh" else "zh"
    lines = [f"{row['name']}: {row[f'title_{language}']}", f"  {row[f'title_{other}']}"]
    if row.get(f"description_{language}"):
        lines.append(f"  {row[f'description_{language}']}")
    if row["what"] == "parameter":
        lines += _parameter_lines(row)
    elif row["what"] == "policy":
        for parameter in row["parameters"]:
            lines.append(f"  {parameter['name']}: {parameter[f'title_{language}']}")
            lines += [f"  {line}" for line in _parameter_lines(parameter)]
    else:
        skip = ("what", "name", "title_", "label_", "description_")
        lines += [
            f"  {key}: {value}" for key, value in row.items() if not key.startswith(skip) and value not in ("", None)
        ]
    return lines


def _parameter_lines(row: Row) -> list[str]:
    default, low, high = (number_text(row[key]) for key in ("default", "low", "high"))
    lines = [f"  default {default} {row['unit']}; allowed {low} to {high}"]
    if row["plausible"]:
        lines[0] += "; plausible {} to {}".format(*map(number_text, row["plausible"]))
    return [*lines, f"  source: {row['source']}"]
