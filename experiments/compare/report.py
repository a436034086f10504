"""One page that stands alone and tells a stranger what a comparison found, how sure it is, and how to do it again."""

from __future__ import annotations

import base64
from html import escape

import numpy as np
import pandas as pd

from experiments.compare.chart_words import TERM_LABELS, scale_of, unit_of
from experiments.compare.effects import describe, pairing_gain, pick
from experiments.compare.groups import label_of
from simulator.measures.outcomes import PEOPLE

HEADLINES = (
    ("residents", "targeted"), ("talent_pool", "targeted"), ("net_migration", "targeted"), ("graduate_retention", "targeted"),
    ("employed", "targeted"), ("residents", "kind:rural"), ("talent_pool", "kind:rural"), ("talent_pool", "kind:county_town"), ("talent_pool", "kind:core"),
    ("talent_concentration", "total"), ("urban_share_resident", "total"), ("migrant_workers_outgoing", "total"), ("moves_12m", "total"), ("returns_12m", "total"),
    ("unemployment_rate", "total"), ("employed", "total"), ("income_urban", "total"), ("income_rural", "total"), ("income_ratio", "total"), ("gini", "total"),
    ("poverty_headcount", "total"), ("below_guarantee_share", "total"), ("middle_income_share", "total"), ("service_inequality", "total"), ("left_behind_children", "total"), ("left_behind_elders", "total"),
    ("common_prosperity", "total"), ("firms", "targeted"), ("firms_born_returnee", "targeted"), ("spent_yuan", "total"), ("government_net_debt", "total"),
)  # fmt: skip
"""Rows of the first table, where they are known."""

WORDS = {
    "en": {
        "found": "What changes", "sure": "clear", "unsure": "not distinguishable from zero", "over_time": "Year by year", "groups": "Who is concerned",
        "why": "Why people move otherwise", "gain": "Who gains and who pays", "places": "The places that change most", "costs": "What it costs",
        "shares": "The share of each policy", "how_sure": "How sure is this", "again": "Do it again", "outcome": "outcome", "group": "for whom",
        "base": "baseline", "effect": "effect", "interval": "95 % interval", "verdict": "verdict", "policy": "policy", "where": "where", "when": "when",
        "delivery": "delivery", "params": "settings", "policies": "What differs between the two worlds", "spent": "yuan spent, total", "unit_cost": "yuan a unit of effect",
        "unit": "unit", "place": "place", "change": "change", "month": "month", "all_rows": "every number is in effects.parquet beside this page",
        "none": "nothing", "no_place": "No settlement of which a change can be told from zero on enough agents.", "everywhere": "everywhere", "always": "the whole time", "paired": "paired standard error as a share of the unpaired one",
        "not_built": "No policy reported its spending in these runs, so no cost is told.", "term": "reason", "people_a_year": "people a year", "all": "all together",
    },
    "zh": {
        "found": "主要变化", "sure": "明确", "unsure": "与零无法区分", "over_time": "逐年变化", "groups": "影响到谁",
        "why": "迁移为何改变", "gain": "谁受益、谁付费", "places": "变化最大的地区", "costs": "成本",
        "shares": "各项政策的贡献", "how_sure": "结果有多可靠", "again": "如何重现", "outcome": "指标", "group": "对象",
        "base": "基准", "effect": "效应", "interval": "95%区间", "verdict": "判断", "policy": "政策", "where": "地区", "when": "时间",
        "delivery": "落实率", "params": "参数", "policies": "两种情景的差别", "spent": "累计支出（元）", "unit_cost": "每单位效应（元）",
        "unit": "单位", "place": "地区", "change": "变化", "month": "月份", "all_rows": "全部数字见同目录 effects.parquet",
        "none": "无", "no_place": "没有在足够多的智能体上能与零区分的地区变化。", "everywhere": "全国", "always": "全程", "paired": "配对标准误与非配对标准误之比",
        "not_built": "本次运行中没有政策报告支出，因此不列成本。", "term": "原因", "people_a_year": "人/年", "all": "合计",
    },
}  # fmt: skip

_STYLE = """
:root{color-scheme:light}body{font:16px/1.55 Georgia,"Noto Serif CJK SC","Times New Roman",serif;color:#222;background:#fff;max-width:1060px;margin:2rem auto;padding:0 1.2rem}
h1{font-size:1.75rem;margin:.2rem 0}h2{font-size:1.2rem;margin:2.2rem 0 .5rem;border-bottom:1px solid #ddd;padding-bottom:.2rem}
p.lead{color:#444;margin:.2rem 0 .6rem}table{border-collapse:collapse;width:100%;font:14px/1.4 "DejaVu Sans",Arial,"Noto Sans CJK SC",sans-serif;margin:.5rem 0}
th,td{text-align:left;padding:.28rem .6rem .28rem 0;border-bottom:1px solid #eee;vertical-align:top}td.n,th.n{text-align:right;white-space:nowrap}
tr.unsure td{color:#888}img{max-width:100%;height:auto;margin:.4rem 0}.note{background:#fff6e5;border-left:4px solid #e6a100;padding:.5rem .8rem;margin:.8rem 0}
.small{font-size:.86rem;color:#666}code{background:#f4f4f4;padding:.1rem .3rem;font-size:.86rem;overflow-wrap:anywhere}ul{margin:.3rem 0;padding-left:1.3rem}
"""


SIZES = {"en": ((1e12, " tn"), (1e9, " bn"), (1e6, " m"), (1e3, " k")), "zh": ((1e12, "万亿"), (1e8, "亿"), (1e4, "万"))}


def number(value: float, outcome: str, signed: bool = False, lang: str = "en") -> str:
    """A value of an outcome with the precision a reader needs, without its unit."""
    if value is None or np.isnan(value):
        return "–"
    kind, unit, *_ = describe(outcome)
    sign = "+" if signed and value > 0 else ""
    if kind == PEOPLE or abs(value) >= 1e6:
        for size, word in SIZES[lang]:
            if abs(value) >= size:
                return f"{sign}{value / size:.2f}{word}"
        return f"{sign}{value:,.0f}"
    if outcome in ("gini", "talent_concentration", "theil"):
        return f"{sign}{value:.4f}"
    if kind == "share" and "share" in unit:
        return f"{sign}{100 * value:.2f}" + ((" pp" if lang == "en" else "个百分点") if signed else " %")
    digits = 0 if abs(value) >= 1000 else 1 if abs(value) >= 10 else 4
    return f"{sign}{value:,.{digits}f}"


def headline_rows(effects: pd.DataFrame) -> list[pd.Series]:
    """The rows of the first table: main outcomes at the last month each is known."""
    found = [pick(effects, outcome, group) for outcome, group in HEADLINES]
    return [row for row in found if row is not None and not np.isnan(row["mean"])]


def is_sure(row) -> bool:
    """Whether the interval of an effect excludes zero (a single pair never does)."""
    return bool(row["lo"] > 0 or row["hi"] < 0)


def write_page(about: dict, effects: pd.DataFrame, terms: pd.DataFrame | None, places: pd.DataFrame, costs: pd.DataFrame,
               shares: pd.DataFrame | None, pictures: dict[str, bytes], lang: str = "en") -> str:  # fmt: skip
    """The report as HTML: all text escaped, pictures inside the page, nothing fetched from anywhere.

    about: title_base, title_other, facts (list of sentences), notes, policies (rows of text), command, ids, sentences (why).
    """
    w = WORDS[lang]
    second = 3 if lang == "zh" else 2
    viewport = '<meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">'
    out = [
        f'<!doctype html><html lang="{lang}"><head>{viewport}',
        f"<title>{escape(about['title_other'])} / {escape(about['title_base'])}</title><style>{_STYLE}</style></head><body>",
        f"<h1>{escape(about['title_other'])}</h1><p class='lead'>{escape(about['against'])}</p>",
        *(f"<p class='small'>{escape(fact)}</p>" for fact in about["facts"]),
        *(f"<p class='note'>{escape(note)}</p>" for note in about["notes"]),
    ]
    out += [f"<h2>{w['policies']}</h2>", _table([w[c] for c in ("policy", "where", "when", "delivery", "params")], about["policies"]) if about["policies"] else f"<p>{w['none']}</p>"]
    out.append(f"<h2>{w['found']}</h2>")
    rows, classes = [], []
    for row in headline_rows(effects):
        name = row.outcome
        label = describe(name)[second]
        rows.append([
            label, label_of(row.group, lang), f"{row.month:%Y-%m}".replace("-", "\u2011"), number(row.base, name, False, lang), number(row["mean"], name, True, lang),
            f"{number(row.lo, name, True, lang)} … {number(row.hi, name, True, lang)}" if row.n_pairs > 1 else "–", unit_of(name, lang), w["sure"] if is_sure(row) else w["unsure"],
        ])  # fmt: skip
        classes.append("" if is_sure(row) else "unsure")
    out.append(_table([w[c] for c in ("outcome", "group", "month", "base", "effect", "interval", "unit", "verdict")], rows, classes, numeric=(3, 4, 5)))
    out.append(f"<p class='small'>{w['all_rows']}</p>")
    for key, heading in (("effects_over_time", "over_time"), ("effects_by_group", "groups")):
        if key in pictures:
            out += [f"<h2>{w[heading]}</h2>", _picture(pictures[key], w[heading])]
    if about.get("sentences") or "why" in pictures:
        out.append(f"<h2>{w['why']}</h2>")
        if "why" in pictures:
            out.append(_picture(pictures["why"], w["why"]))
        out += ["<ul>", *(f"<li>{escape(s)}</li>" for s in about.get("sentences", [])), "</ul>"]
        if terms is not None and len(terms):
            out.append(_terms_table(terms, w, lang))
    out.append(f"<h2>{w['gain']}</h2>")
    if "deciles" in pictures:
        out.append(_picture(pictures["deciles"], w["gain"]))
    out += [f"<h3>{w['places']}</h3>", _places(places, w, lang), f"<h3>{w['costs']}</h3>", _costs(costs, w, lang)]
    if shares is not None and len(shares):
        out += [f"<h2>{w['shares']}</h2>", _picture(pictures["shares"], w["shares"]) if "shares" in pictures else "", _shares(shares, w, lang)]
    out += [f"<h2>{w['how_sure']}</h2>", *(f"<p>{escape(line)}</p>" for line in about["certainty"]), _gain(effects, w, lang)]
    out += [f"<h2>{w['again']}</h2>", f"<p><code>{escape(about['command'])}</code></p>", *(f"<p class='small'>{escape(line)}</p>" for line in about["ids"])]
    return "\n".join([*out, "</body></html>\n"])


def _picture(data: bytes, text: str) -> str:
    return f'<img alt="{escape(text, quote=True)}" src="data:image/png;base64,{base64.b64encode(data).decode()}">'


def _table(head: list[str], rows: list[list[str]], classes: list[str] | None = None, numeric: tuple[int, ...] = ()) -> str:
    def cell(tag: str, k: int, text: str) -> str:
        return f"<{tag}{' class=n' if k in numeric else ''}>{escape(str(text))}</{tag}>"

    body = "".join(
        f"<tr{f' class={classes[i]}' if classes and classes[i] else ''}>" + "".join(cell("td", k, text) for k, text in enumerate(row)) + "</tr>"
        for i, row in enumerate(rows)
    )
    return f"<table><thead><tr>{''.join(cell('th', k, text) for k, text in enumerate(head))}</tr></thead><tbody>{body}</tbody></table>"


def _terms_table(terms: pd.DataFrame, w: dict, lang: str) -> str:
    from experiments.compare.sentences import TERM_NAMES

    rows = terms[terms.education == "all"]
    groups = [g for g in dict.fromkeys(rows.place) if g != "total"]
    names = [t for t in (*TERM_LABELS, "all") if t in set(rows.term)]
    wide = rows.pivot_table(index="place", columns="term", values="mean", aggfunc="first")
    body = [[label_of(g, lang), *(number(wide.loc[g, t], "residents", True, lang) for t in names)] for g in groups]
    head = [w["group"], *(w["all"] if t == "all" else TERM_NAMES[t][lang == "zh"] for t in names)]
    return _table(head, body, numeric=tuple(range(1, len(names) + 1))) + f"<p class='small'>{w['people_a_year']}</p>"


def _places(places: pd.DataFrame, w: dict, lang: str) -> str:
    if places is None or places.empty:
        return f"<p>{w['none']}</p>"
    parts = []
    for outcome in dict.fromkeys(places.outcome):
        rows = places[(places.outcome == outcome) & places["mean"].notna()].copy()
        rows = rows[(rows.lo > 0) | (rows.hi < 0)] if (rows.n_pairs > 1).any() else rows[rows["mean"] != 0]
        rows["relative"] = 100 * rows["mean"] / rows.base
        rows = rows.sort_values("relative", ascending=False)
        some = pd.concat([rows.head(6), rows.tail(6)]).drop_duplicates("settlement_id")
        label = describe(outcome)[3 if lang == "zh" else 2]
        if some.empty:
            continue
        name = "name_zh" if lang == "zh" else "name_en"
        body = [[getattr(r, name), label_of(f"kind:{r.kind}", lang), number(r.base, outcome, False, lang), number(r.mean, outcome, True, lang), f"{r.relative:+.1f} %"] for r in some.itertuples()]
        parts.append(f"<p><b>{escape(label)}</b> <span class='small'>{escape(unit_of(outcome, lang))}, {rows.month.iloc[0]:%Y-%m}</span></p>"
                     + _table([w["place"], "", w["base"], w["change"], "%"], body, numeric=(2, 3, 4)))  # fmt: skip
    return "".join(parts) or f"<p>{w['no_place']}</p>"


def _costs(costs: pd.DataFrame, w: dict, lang: str) -> str:
    if costs is None or costs.empty:
        return f"<p>{w['not_built']}</p>"
    total = costs[costs.outcome.isna()] if "outcome" in costs else costs
    first = _table([w["policy"], w["spent"], w["interval"]],
                   [[r.policy.replace("_", " "), number(r.spent_yuan, "spent_yuan", False, lang), f"{number(r.spent_lo, 'spent_yuan', False, lang)} … {number(r.spent_hi, 'spent_yuan', False, lang)}"] for r in total.itertuples()],
                   numeric=(1, 2))  # fmt: skip
    if "outcome" not in costs or costs.outcome.isna().all():
        return first
    units = costs[costs.outcome.notna()]
    body = [[describe(r.outcome)[3 if lang == "zh" else 2], label_of(r.group, lang), number(r.effect, r.outcome, True, lang), f"{r.yuan_per_unit:,.0f}", f"{r.lo:,.0f} … {r.hi:,.0f}"] for r in units.itertuples()]
    return first + _table([w["outcome"], w["group"], w["effect"], w["unit_cost"], w["interval"]], body, numeric=(2, 3, 4))


def _shares(shares: pd.DataFrame, w: dict, lang: str) -> str:
    body = [[describe(r.outcome)[3 if lang == "zh" else 2], label_of(r.group, lang), r.policy.replace("_", " "), number(r.mean, r.outcome, True, lang),
             f"{number(r.lo, r.outcome, True, lang)} … {number(r.hi, r.outcome, True, lang)}" if not np.isnan(r.lo) else "–", r.method] for r in shares.itertuples()]  # fmt: skip
    return _table([w["outcome"], w["group"], w["policy"], w["effect"], w["interval"], ""], body, numeric=(3, 4))


def _gain(effects: pd.DataFrame, w: dict, lang: str) -> str:
    gain = pairing_gain(effects)
    if gain.empty:
        return ""
    names = {name for name, _ in HEADLINES}
    gain = gain[gain.outcome.isin(names)].sort_values("ratio")
    body = [[describe(r.outcome)[3 if lang == "zh" else 2], f"{r.ratio:.2f}"] for r in gain.itertuples()]
    return f"<p>{w['paired']}:</p>" + _table([w["outcome"], ""], body, numeric=(1,))


__all__ = ["headline_rows", "is_sure", "number", "scale_of", "write_page"]
