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
        lines += _policy_lines(row, language)
    else:
        skip = ("what", "name", "title_", "label_", "description_")
        lines += [
            f"  {key}: {value}" for key, value in row.items() if not key.startswith(skip) and value not in ("", None)
        ]
    return lines


_WORDS = {
    "en": {
        "mechanism": "how it acts", "evidence": "what is known", "levers": "levers", "payer": "who pays", "payees": "who is paid",
        "target": "first moves", "numbers": "its numbers", "nobody": "nobody (it costs no public money of its own)",
        "mechanisms": "by the mechanism whose lever it pulls", "up": "up", "down": "down",
    },
    "zh": {
        "mechanism": "作用机制", "evidence": "已有证据", "levers": "政策杠杆", "payer": "出资方", "payees": "受款方",
        "target": "首要目标", "numbers": "参数", "nobody": "无（本身不花公共资金）",
        "mechanisms": "由相应机制支付", "up": "上升", "down": "下降",
    },
}  # fmt: skip


def _policy_lines(row: Row, language: str) -> list[str]:
    """What a policy does, through what, on which evidence, with which numbers, and who pays."""
    words = _WORDS[language]
    lines = [f"  {words[part]}: {row[f'{part}_{language}']}" for part in ("mechanism", "evidence")]
    lines.append(f"  {words['levers']}: {', '.join(row['levers'])}")
    if row["kind"] == "policy":
        lines.append(f"  {words['payer']}: {row['payer'].replace('_', ' ')}")
        lines.append(f"  {words['payees']}: {', '.join(p.replace('_', ' ') for p in row['payees']) or words['mechanisms']}")
    else:
        lines.append(f"  {words['payer']}: {words['nobody']}")
    if row["target"]:
        way = words["up" if row["target"]["sign"] > 0 else "down"]
        lines.append(f"  {words['target']}: {row['target']['column']} ({row['target']['table']}), {way}; {row['target']['note']}")
    lines.append(f"  {words['numbers']}:")
    for parameter in row["parameters"]:
        lines.append(f"    {parameter['name']}: {parameter[f'title_{language}']}")
        lines += [f"    {line}" for line in _parameter_lines(parameter)]
    return lines


def _parameter_lines(row: Row) -> list[str]:
    default, low, high = (number_text(row[key]) for key in ("default", "low", "high"))
    lines = [f"  default {default} {row['unit']}; allowed {low} to {high}"]
    if row["plausible"]:
        lines[0] += "; plausible {} to {}".format(*map(number_text, row["plausible"]))
    return [*lines, f"  source: {row['source']}"]
