"""The report of a sweep: one page that stands alone, in plain words, with what was not done said as plainly as what was."""

from __future__ import annotations

import base64
import html
from pathlib import Path

import pandas as pd

from experiments.analysis.cube import Cube
from experiments.analysis.discovery import Box
from experiments.analysis.effects import MOST_SEEDS, reference_of
from experiments.analysis.robust import undominated
from experiments.analysis.short import in_short, number
from experiments.analysis.words import WORDS
from experiments.statistics import LEVEL

MOST_ROWS = 60
_STYLE = """
:root { color-scheme: light; }
body { font: 16px/1.55 Georgia, 'Times New Roman', 'DejaVu Serif', 'Noto Serif CJK SC', 'Songti SC', serif; color: #1d2329; background: #fbfaf7; margin: 0; }
main { max-width: 980px; margin: 0 auto; padding: 28px 22px 80px; }
h1 { font-size: 1.9em; margin: .2em 0 .1em; } h2 { margin: 2.2em 0 .3em; border-bottom: 2px solid #d8d3c7; padding-bottom: .15em; }
p.how { color: #4a535c; margin: .3em 0 1em; } .small { font-size: .86em; color: #5b646d; }
table { border-collapse: collapse; font: 13.5px/1.4 'Helvetica Neue', Arial, 'Noto Sans CJK SC', sans-serif; margin: .8em 0; display: block; overflow-x: auto; }
th, td { padding: 4px 10px; border-bottom: 1px solid #e5e1d8; text-align: left; vertical-align: top; } th { background: #f0ede5; }
td.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; } tr.clear td { font-weight: 600; }
figure { margin: 1em 0; } img { max-width: 100%; height: auto; background: white; border: 1px solid #e5e1d8; } figcaption { font-size: .86em; color: #5b646d; }
.warn { background: #fff3d6; border-left: 4px solid #e09f3e; padding: .5em .9em; } code { font-size: .9em; background: #f0ede5; padding: 1px 4px; overflow-wrap: anywhere; }
@media (max-width: 600px) { main { padding: 14px 12px 60px; } }
@media print { body { background: white; } figure, tr { break-inside: avoid; } }
"""


class Page:
    """HTML under construction; every text that is not ours is escaped."""

    def __init__(self, lang: str, folder: Path, figures: dict[str, dict[str, str]]):
        self.w, self.folder, self.figures = WORDS[lang], folder, figures
        self.parts: list[str] = []

    def add(self, markup: str) -> None:
        self.parts.append(markup)

    def head(self, key: str) -> None:
        """A section's heading and how to read it."""
        title, how = self.w[key]
        self.add(f"<h2>{html.escape(title)}</h2><p class='how'>{html.escape(how)}</p>")

    def figure(self, name: str) -> None:
        """A figure within the page itself, and where its file for print is."""
        if name in self.figures:
            data = base64.b64encode((self.folder / self.figures[name]["png"]).read_bytes()).decode()
            caption = html.escape(f"{self.figures[name]['caption']}. {self.w['print']} {self.figures[name]['pdf']}")
            self.add(f"<figure><img alt='{caption}' src='data:image/png;base64,{data}'><figcaption>{caption}</figcaption></figure>")

    def table(self, frame: pd.DataFrame, names: dict[str, str], clear=None) -> None:
        """A table with plain column names; rows that `clear` picks stand out."""
        shown, before, first = frame.head(MOST_ROWS), None, next(iter(names))
        self.add("<table><thead><tr>" + "".join(f"<th>{html.escape(name)}</th>" for name in names.values()) + "</tr></thead><tbody>")
        for row in shown.itertuples():
            strong = " class='clear'" if clear is not None and clear(row) else ""
            cells = []
            for column in names:
                value = getattr(row, column)
                if column == first and isinstance(value, str):  # said once, for all the rows that follow
                    value, before = ("" if value == before else value), value
                numeric = isinstance(value, (int, float)) and not isinstance(value, bool)
                cells.append(f"<td class='n'>{number(value)}</td>" if numeric else f"<td>{html.escape(str(value))}</td>")
            self.add(f"<tr{strong}>{''.join(cells)}</tr>")
        self.add("</tbody></table>")
        if len(frame) > MOST_ROWS:
            self.add(f"<p class='small'>{html.escape(self.w['rows'].format(shown=MOST_ROWS, all=len(frame)))}</p>")


def write_report(cube: Cube, tables: dict[str, pd.DataFrame], boxes: list[Box], figures: dict, folder: Path, lang: str = "en") -> str:
    """The whole page as text."""
    page, info = Page(lang, folder, figures), cube.info
    w, title = page.w, info["title"][lang]
    _opening(page, cube, title)
    page.add(f"<h2>{html.escape(w['short'])}</h2><ul>" + "".join(f"<li>{html.escape(line)}</li>" for line in in_short(cube, tables, lang)) + "</ul>")
    labels = {series.name: series.label + (f" ({series.unit})" if series.unit else "") for series in cube.series}
    if len(tables["effects"]):
        page.head("effects")
        page.figure("effects")
        shown = tables["effects"].assign(outcome=tables["effects"].outcome.map(labels), percent=(100 * tables["effects"].relative).round(2))
        columns = {"outcome": w["outcome"], "treatment": w["choice"], "mean": w["effect"], "lo": w["from"], "hi": w["to"], "percent": w["percent"], "n_pairs": w["pairs"]}
        whole = shown.index[tables["effects"].outcome.isin([s.name for s in cube.series if s.group == "all"])]
        clear = lambda row: row.lo > 0 or row.hi < 0
        page.table(shown.loc[whole] if len(whole) else shown, columns, clear)
        if 0 < len(whole) < len(shown):
            page.add(f"<details><summary>{html.escape(w['groups'])}</summary>")
            page.table(shown.drop(whole), columns, clear)
            page.add("</details>")
        looked = len(shown.loc[whole] if len(whole) else shown)
        page.add(f"<p class='small'>{html.escape(w['against'].format(reference=cube.treatments[reference_of(cube)], level=f'{LEVEL:.0%}', looked=looked))}</p>")
    else:
        page.head("levels")
        shown = tables["means"].assign(outcome=tables["means"].outcome.map(labels))
        columns = {"outcome": w["outcome"], "treatment": w["choice"], "mean": w["mean"], "lo": w["from"], "hi": w["to"], "n": w["count"]}
        if info["method"] in ("morris", "sobol"):  # draws that hang together give no interval of a mean
            columns = {name: word for name, word in columns.items() if name not in ("lo", "hi")}
        page.table(shown, columns)
    courses = [name for name in figures if name.startswith("course_")]
    if courses:
        page.head("course")
        for name in courses:
            page.figure(name)
    page.head("convergence")
    if len(tables["convergence"]):
        page.figure("convergence")
        most = [s.name for s in cube.series if s.group == "all"] or [s.name for s in cube.series]
        shown = tables["convergence"][tables["convergence"].outcome.isin(most)]
        shown = shown[(shown.what == "effect") | (shown.treatment == cube.treatments[reference_of(cube) or 0])]
        shown = shown.assign(outcome=shown.outcome.map(labels), what=shown.what.map(w["what"]))
        for column in ("narrow", "middle", "wide"):
            shown[column] = [w["or more"].format(count=number(MOST_SEEDS)) if n >= MOST_SEEDS else n for n in shown[column]]
        columns = {"outcome": w["outcome"], "what": "", "treatment": w["choice"], "half_width_now": w["half"].format(seeds=info["seeds"])}
        page.table(shown, columns | {"narrow": w["narrow"], "middle": w["middle"], "wide": w["wide"]})
    else:
        page.add(f"<p>{html.escape(w['one seed'])}</p>")
    _sensitivity(page, tables, labels)
    _discovery(page, boxes)
    _robust(page, cube, tables["robust"], labels)
    _ending(page, cube)
    body = "\n".join(page.parts)
    language = "zh-CN" if lang == "zh" else "en"
    return (
        f"<!doctype html>\n<html lang='{language}'><head><meta charset='utf-8'><meta name='viewport' content='width=device-width, initial-scale=1'>"
        f"<meta http-equiv='Content-Security-Policy' content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\">"
        f"<title>{html.escape(title)}</title><style>{_STYLE}</style></head><body><main>\n{body}\n</main></body></html>\n"
    )


def _opening(page: Page, cube: Cube, title: str) -> None:
    info, w = cube.info, page.w
    page.add(f"<h1>{html.escape(title)}</h1>")
    parts = {name: w["of"][name][0 if count == 1 else 1].format(count=count) for name, count in (("choices", len(cube.treatments)), ("draws", info["draws"]), ("seeds", info["seeds"]))}
    counts = w["counts"].format(done=info["done"], runs=info["runs"], **parts)
    page.add(f"<p class='how'>{html.escape(counts)} {html.escape(w['method'][info['method']] if cube.spans or info['method'] == 'table' else '')}</p>")
    if info["done"] < info["runs"]:
        page.add(f"<p class='warn'>{html.escape(w['missing'].format(missing=info['runs'] - info['done']))}</p>")
    if cube.left_out:
        page.add(f"<p class='warn'>{html.escape(w['left out'].format(count=cube.left_out))}</p>")
    directions = ", ".join(f"{s.label}: {w[s.better]}" for s in cube.series if s.better and s.group == "all")
    if directions:
        page.add(f"<p class='small'>{html.escape(w['directions'])} {html.escape(directions)}.</p>")


def _sensitivity(page: Page, tables: dict[str, pd.DataFrame], labels: dict[str, str]) -> None:
    w = page.w
    columns = {
        "sobol": {"first": w["first"], "first_lo": w["from"], "first_hi": w["to"], "total": w["total"], "total_lo": w["from"], "total_hi": w["to"]},
        "morris": {"mu_star": "μ*", "mu_star_lo": w["from"], "mu_star_hi": w["to"], "sigma": "σ"},
        "ranks": {"correlation": w["correlation"], "lo": w["from"], "hi": w["to"]},
    }
    for name, own in columns.items():
        if name in tables and len(tables[name]):
            page.head(name)
            page.figure(name)
            key = next(iter(own)) if name != "sobol" else "total"
            table = tables[name]
            table = table.reindex(table[key].abs().sort_values(ascending=False).index).sort_values(["outcome", "what"], kind="stable")
            shown = table.groupby(["outcome", "what", "treatment"], sort=False).head(8)
            shown = shown.assign(outcome=shown.outcome.map(labels), what=shown.what.map(w["what"]))
            page.table(shown, {"outcome": w["outcome"], "what": "", "treatment": w["choice"], "uncertainty": w["uncertain"]} | own)


def _discovery(page: Page, boxes: list[Box]) -> None:
    w = page.w
    if not boxes:
        return
    page.head("discovery")
    for number_, box in enumerate(boxes, 1):
        page.add(f"<h3>{html.escape(box.question)}</h3>")
        words = w["box"].format(cases=box.of_interest, all=box.cases, coverage=f"{box.coverage:.0%}", density=f"{box.density:.0%}")
        page.add(f"<p>{html.escape(words)}</p>")
        columns = {"uncertainty": w["uncertain"], "low": w["from"], "high": w["to"], "members": w["members"], "chance": w["chance"]}
        page.table(box.limits, columns)
        if box.limits.chance.notna().any() and not (box.limits.chance < 0.05).any():
            page.add(f"<p class='warn'>{html.escape(w['luck'])}</p>")
        page.figure(f"discovery_{number_}")


def _robust(page: Page, cube: Cube, table: pd.DataFrame, labels: dict[str, str]) -> None:
    w = page.w
    if table.empty or cube.info["draws"] < 2:
        return
    page.head("robust")
    page.figure("robust")
    columns = {
        "outcome": w["outcome"], "treatment": w["choice"], "mean": w["mean"], "bad_tail": w["tail"],
        "mean_regret": w["mean regret"], "max_regret": w["max regret"], "best_share": w["best"],
    }  # fmt: skip
    shown = table.assign(outcome=table.outcome.map(labels), best_share=table.best_share.round(3))
    whole = table.outcome.isin([s.name for s in cube.series if s.group == "all"])
    page.table(shown[whole] if whole.any() else shown, columns)
    if whole.any() and not whole.all():
        page.add(f"<details><summary>{html.escape(w['groups'])}</summary>")
        page.table(shown[~whole], columns)
        page.add("</details>")
    chosen = [s for s in cube.series if s.better and s.group == "all" and (table.outcome == s.name).any()]
    kept = undominated(cube, table, chosen, "bad_tail")
    if len(chosen) > 1 and len(kept) == len(cube.treatments):
        page.add(f"<p>{html.escape(w['all undominated'].format(count=len(chosen)))}</p>")
    elif len(chosen) > 1 and kept:
        page.add(f"<p>{html.escape(w['undominated'].format(count=len(chosen)))} <b>{html.escape('; '.join(kept))}</b></p>")


def _ending(page: Page, cube: Cube) -> None:
    info, w = cube.info, page.w
    page.head("again")
    page.add(f"<p><code>homeward sweep {html.escape(info['name'])}</code> · <code>homeward analyse {html.escape(str(cube.sweep.folder))}</code></p>")
    rows = [(w["id"], info["id"]), (w["version"], info["model_version"]), (w["written"], info["written"])]
    rows += [(part, digest) for part, digest in info["identity"].items() if digest]
    rows += [(name, value) for name, value in info["machine"].items()]
    cells = "".join(f"<tr><td>{html.escape(str(a))}</td><td><code>{html.escape(str(b))}</code></td></tr>" for a, b in rows)
    page.add(f"<table><tbody>{cells}</tbody></table>")
