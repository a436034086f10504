"""Print who paid whom in a month: flows by sector, in yuan, and the largest imbalance in fen."""

from __future__ import annotations

import argparse
import json

import numpy as np

SECTORS = ("households", "firms", "local_government", "central_government", "social_insurance", "rest_of_world")
WIDTH = 148
"""Columns of text that the matrix needs; a narrower terminal wraps its lines."""
TEXT = {
    "en": {
        "households": "Households", "firms": "Firms", "local_government": "Local gov.", "central_government": "Central gov.",
        "social_insurance": "Insurance", "rest_of_world": "Rest of world", "sum": "Sum", "net": "Net of all flows",
        "opening": "Money held before", "closing": "Money held after", "title": "Who paid whom in {month}, {unit}",
        "note": "receipts positive, payments negative; every row and the line below add up to zero",
        "imbalance": "largest imbalance: {fen} fen", "none": "no month with payments is in this run",
        "units": {1: "yuan", 10**6: "million yuan", 10**9: "billion yuan"},
    },
    "zh": {
        "households": "居民", "firms": "企业", "local_government": "地方政府", "central_government": "中央政府",
        "social_insurance": "社保基金", "rest_of_world": "国外与市场", "sum": "合计", "net": "净流量",
        "opening": "期初资金", "closing": "期末资金", "title": "{month} 资金流量表，单位：{unit}",
        "note": "收入为正，支出为负；各行合计为零",
        "imbalance": "最大不平衡：{fen} 分", "none": "此运行没有任何月份的支付记录",
        "units": {1: "元", 10**6: "百万元", 10**9: "十亿元"},
    },
}  # fmt: skip


def print_ledger(kept, args: argparse.Namespace) -> int:
    """The transaction-flow matrix of one month, with what each sector held before and after."""
    month, rows = rows_of(kept, args.ledger)
    flows, held, worst = matrix(rows)
    if args.json:
        listed = [{"flow": name, **dict(zip(SECTORS, map(int, line), strict=True))} for name, line in flows.items()]
        stocks = {name: dict(zip(SECTORS, map(int, line), strict=True)) for name, line in held.items()}
        print(json.dumps({"month": month, "unit": "fen", "flows": listed, "held": stocks, "largest_imbalance_fen": worst}, indent=1))
        return 0
    draw(kept, args.lang, month, flows, held, worst)
    return 0


def rows_of(kept, asked: str):
    """The month asked for (or the last) and its rows of the ledger table; BadInput when there is no such month."""
    from simulator.foundations.errors import BadInput, Fault

    table = kept.table("ledger") if "ledger" in kept.tables else None
    if table is None or not len(table):
        raise BadInput(Fault(field="--ledger", value="no payments", remedy="this run has no month with payments; run the scenario again"))
    months = sorted(table.month.dt.strftime("%Y-%m").unique())
    month = asked or months[-1]
    if month not in months:
        raise BadInput(Fault(field="--ledger", value=month, allowed=f"{months[0]} to {months[-1]}", remedy="name a month of the run"))
    return month, table[table.month.dt.strftime("%Y-%m") == month]


def matrix(rows) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray], int]:
    """Flows as signed sums by sector, money held before and after, and the largest fen that does not add up.

    A row: paid and received differ. A column: change of money less net of flows. The whole: money in all.
    """
    place = {sector: k for k, sector in enumerate(SECTORS)}
    flows: dict[str, np.ndarray] = {}
    held = {"opening": np.zeros(6, dtype=object), "closing": np.zeros(6, dtype=object)}
    for flow, payer, payee, paid, received in zip(
        rows.flow, rows.payer_sector, rows.payee_sector, rows.fen.tolist(), rows.fen_received.tolist(), strict=True
    ):
        if flow == "money_held":
            held["opening"][place[payer]], held["closing"][place[payer]] = paid, received
            continue
        line = flows.setdefault(flow, np.zeros(6, dtype=object))
        line[place[payer]] -= paid
        line[place[payee]] += received
    net = sum(flows.values(), np.zeros(6, dtype=object))
    gaps = [abs(int(line.sum())) for line in flows.values()]
    gaps += [abs(int(gap)) for gap in held["closing"] - held["opening"] - net]
    gaps += [abs(int(held[when].sum())) for when in held]
    return flows, held, max(gaps, default=0)


def draw(kept, lang: str, month: str, flows, held, worst: int) -> None:
    """Print the matrix for reading."""
    from rich.console import Console
    from rich.table import Table

    from simulator.governing import flows_of
    from simulator.state.books import FLOWS

    text, console = TEXT[lang], Console(highlight=False)
    console.width = max(console.width, WIDTH)
    label = {flow.name: flow.label_zh if lang == "zh" else flow.label_en for flow in (*FLOWS, *flows_of(kept.scenario))}
    most = max((abs(int(v)) for line in flows.values() for v in line), default=0) // 100
    unit = 10**9 if most >= 10**11 else 10**6 if most >= 10**8 else 1
    table = Table(show_edge=False, pad_edge=False, title=text["title"].format(month=month, unit=text["units"][unit]), title_justify="left")
    table.add_column("", no_wrap=True)
    for sector in (*SECTORS, "sum"):
        table.add_column(text[sector], justify="right", no_wrap=True)
    shown = lambda fen: "" if fen == 0 else f"{fen / 100 / unit:,.{0 if unit == 1 else 2}f}"
    for name, line in flows.items():
        table.add_row(label.get(name, name), *(shown(v) for v in line), f"{line.sum() / 100:,.0f}")
    net = sum(flows.values(), np.zeros(6, dtype=object))
    table.add_section()
    for name, line in (("net", net), ("opening", held["opening"]), ("closing", held["closing"])):
        table.add_row(text[name], *(shown(v) for v in line), f"{line.sum() / 100:,.0f}", style="bold" if name == "net" else "dim")
    console.print(table)
    console.print(text["note"], style="dim")
    console.print(text["imbalance"].format(fen=worst))
