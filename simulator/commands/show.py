"""Print what a run found: a short table in plain words, or one of its tables."""

from __future__ import annotations

import argparse
import json
import sys


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which run, and which of its tables."""
    parser.add_argument("run", metavar="RUN", help="a run folder")
    parser.add_argument("--table", metavar="T", help="print one table instead of the summary")
    parser.add_argument("--ledger", nargs="?", const="", metavar="YYYY-MM", help="who paid whom in a month (default: the last), as a matrix in yuan")
    parser.add_argument("--csv", action="store_true", help="the whole table as CSV on standard output")


def main(args: argparse.Namespace) -> int:
    """Print the summary, a table, or everything about the run as JSON."""
    from simulator import runs
    from simulator.foundations.errors import BadInput, Fault

    kept = runs.open_run(args.run)
    if args.csv and not args.table:
        raise BadInput(Fault(field="--csv", value="needs a table", allowed=", ".join(kept.tables), remedy="add --table national"))
    if args.ledger is not None:
        from simulator.commands.ledger import print_ledger

        return print_ledger(kept, args)
    if args.table:
        return print_table(kept, args)
    if args.json:
        print(json.dumps(kept.info | {"folder": str(kept.folder), "tables": kept.tables}, ensure_ascii=False, indent=1))
    else:
        print_summary(kept, args.lang)
    return 0


def print_table(kept, args: argparse.Namespace) -> int:
    """One table: as CSV, as JSON rows, or its first and last rows for reading."""
    table = kept.arrow(args.table)
    if args.csv:
        import pyarrow.csv

        pyarrow.csv.write_csv(table, sys.stdout.buffer)
    elif args.json:
        print(json.dumps(table.to_pylist(), ensure_ascii=False, default=str))
    else:
        import pandas as pd

        with pd.option_context("display.width", 160, "display.max_columns", 30, "display.max_rows", 20):
            print(table.to_pandas())
    return 0


_LINES = (
    "population", "urban_share_resident", "urban_share_hukou", "migrant_workers_total", "migrant_workers_outgoing",
    "migrant_workers_local", "migrant_workers_interprovincial", "talent_pool", "talent_concentration", "moves_12m",
    "returns_12m", "mean_distance_km", "urban_unemployment_rate", "income_urban", "income_rural", "income_ratio", "gini", "middle_income_share",
    "labour_share", "guarantee_recipients", "common_prosperity",
)  # fmt: skip
_TEXT = {
    "en": {"first": "at the start", "last": "at the end", "folder": "kept in", "status": "status", "done": "done",
           "interrupted": "interrupted", "failed": "failed", "pictures": "pictures", "agent": "one agent stands for {k:,} people",
           "note": "months: {first} to {last}; moves, returns and distance: the first and last twelve months; money at 2020 prices"},
    "zh": {"first": "期初", "last": "期末", "folder": "结果保存于", "status": "状态", "done": "完成", "interrupted": "中断",
           "failed": "失败", "pictures": "图片", "agent": "每个智能体代表{k:,}人",
           "note": "月份：{first}至{last}；迁移、返乡与距离为最初和最后十二个月；金额为2020年价格"},
}  # fmt: skip


def print_summary(kept, lang: str = "en") -> None:
    """The headline results in plain words: at the start and at the end."""
    from rich.console import Console
    from rich.table import Table

    text, console = _TEXT[lang], Console(highlight=False)
    info = kept.info
    console.print(
        f"[bold]{info['title'][lang]}[/bold]  ({info['scenario']}, seed {info['seed']}, {info['world']}; "
        f"{text['agent'].format(k=info['persons_per_agent'])}; {text['status']}: {text[info['status']]})"
    )
    if "national" in kept.tables:
        rows = kept.table("national")
        whole = rows[rows.circle_id == 0]
        table = Table(show_edge=False, pad_edge=False)
        table.add_column("")
        table.add_column(text["first"], justify="right")
        table.add_column(text["last"], justify="right")
        from simulator.measures.outcomes import BY_TABLE

        for name in _LINES:
            known = whole[name].dropna()
            if len(known):
                outcome = BY_TABLE["national", name]
                label = outcome.label_zh if lang == "zh" else outcome.label_en
                table.add_row(label, in_words(known.iloc[0], outcome, lang), in_words(known.iloc[-1], outcome, lang))
        console.print(table)
        console.print(text["note"].format(first=f"{whole.month.iloc[0]:%Y-%m}", last=f"{whole.month.iloc[-1]:%Y-%m}"), style="dim")
    console.print(f"{text['folder']} {kept.folder}", soft_wrap=True)
    album = sorted((kept.folder / "pictures").glob("*.png"))
    if album:
        console.print(f"{text['pictures']}: " + ", ".join(path.name for path in album), soft_wrap=True)


def in_words(value: float, outcome, lang: str = "en") -> str:
    """A number with its unit, short enough to read aloud."""
    from simulator.measures.outcomes import PEOPLE, SHARE, YUAN

    if outcome.kind == PEOPLE:
        if lang == "zh":
            return f"{value / 1e8:.2f}亿" if value >= 1e8 else f"{value / 1e4:,.0f}万" if value >= 1e6 else f"{value:,.0f}"
        return f"{value / 1e6:,.1f} m" if value >= 1e6 else f"{value:,.0f}"
    if outcome.kind == SHARE:
        return f"{value:.3f}" if outcome.name in ("gini", "talent_concentration") else f"{100 * value:.1f} %"
    if outcome.kind == YUAN:
        period = {"en": " a year", "zh": "/年"} if "year" in outcome.unit else {"en": " a month", "zh": "/月"}
        return f"{value:,.0f} {'yuan' if lang == 'en' else '元'}{period[lang]}"
    unit = "" if "/" in outcome.unit or " " in outcome.unit or outcome.unit == "index" else f" {outcome.unit}"
    return f"{value:,.0f}{unit}" if value >= 100 else f"{value:.2f}{unit}"
