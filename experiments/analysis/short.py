"""The main findings of a sweep in sentences, one an outcome, in English and Chinese."""

from __future__ import annotations

import math

import pandas as pd

from experiments.analysis.cube import Cube, Series
from experiments.analysis.effects import reference_of

MOST = 12
"""Sentences at most."""
_WORDS = {
    "en": {
        "more": "higher under", "less": "lower under", "by": "“{name}” ({mean}; {lo} to {hi})", "unsure": "no difference told under {names}", "none": "no choice makes a difference that these runs can tell",
        "sobol": "{label}: most of the variance comes from {names}", "morris": "{label}: what moves it most over its plausible span is {names}", "level": "{label}: {mean} ({lo} to {hi}), n {n}", "joint": "; ", "comma": ", ", "to": " percentage points",
    },
    "zh": {
        "more": "更高：", "less": "更低：", "by": "“{name}”（{mean}；{lo} 至 {hi}）", "unsure": "看不出差别：{names}", "none": "这些运行看不出任何选择的差别",
        "sobol": "{label}：方差主要来自 {names}", "morris": "{label}：在合理范围内影响最大的是 {names}", "level": "{label}：{mean}（{lo} 至 {hi}），n {n}", "joint": "；", "comma": "、", "to": " 个百分点",
    },
}  # fmt: skip


def number(value: object, figures: int = 4) -> str:
    """A number for readers: so many significant figures, no powers of ten, a proper minus; a dash for unknown."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}".replace("-", "−")
    if not isinstance(value, float):
        return str(value)
    if value == 0 or math.isinf(value):
        return f"{value:g}".replace("-", "−")
    decimals = figures - 1 - math.floor(math.log10(abs(value)))
    text = f"{round(value, decimals):,.{max(min(decimals, 12), 0)}f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace("-", "−")


def in_short(cube: Cube, tables: dict[str, pd.DataFrame], lang: str = "en") -> list[str]:
    """The main findings, a sentence an outcome: what each choice changes, what matters, or else what was found."""
    w, said = _WORDS[lang], []
    whole = {series.name: series for series in cube.series if series.group == "all"}
    effects = tables["effects"]
    for name, rows in effects[effects.outcome.isin(list(whole))].groupby("outcome", sort=False):
        said.append(_effects(whole[name], rows, w, lang))
    for kind, column in (("sobol", "total"), ("morris", "mu_star")):
        if kind in tables and len(tables[kind]):
            levels = tables[kind][tables[kind].what == "level"]
            base = cube.treatments[reference_of(cube) or 0]
            for name, rows in list(levels[levels.treatment == base].groupby("outcome", sort=False)):
                best, series = rows.sort_values(column, ascending=False).head(3), cube.one(name)
                amounts = [f"{v:.0%}" if kind == "sobol" else _amount(float(v), series, w) for v in best[column]]
                names = w["comma"].join(f"{uncertain} ({amount})" for uncertain, amount in zip(best.uncertainty, amounts, strict=True))
                said.append(w[kind].format(label=series.label, names=names))
    if not said:
        labels = {series.name: series.label for series in cube.series}
        for row in tables["means"].itertuples():
            said.append(w["level"].format(label=labels[row.outcome], mean=number(float(row.mean)), lo=number(float(row.lo)), hi=number(float(row.hi)), n=row.n))
    return said[:MOST]


def _amount(value: float, series: Series, w: dict[str, str]) -> str:
    """An amount with its unit, as people say it."""
    if series.unit.startswith("share"):
        return number(100 * value, 3) + w["to"]
    return f"{number(value, 3)} {series.unit}" if series.unit in ("people", "moves") else number(value, 3)


def _effects(series: Series, rows: pd.DataFrame, w: dict[str, str], lang: str) -> str:
    scale, tail = (100, w["to"]) if series.unit.startswith("share") else (1, "")
    parts = []
    for direction, chosen in (("more", rows[rows.lo > 0]), ("less", rows[rows.hi < 0])):
        if len(chosen):
            each = [w["by"].format(name=r.treatment, mean=number(float(scale * r.mean), 3) + tail, lo=number(float(scale * r.lo), 3), hi=number(float(scale * r.hi), 3)) for r in chosen.itertuples()]
            parts.append(w[direction] + (" " if lang == "en" else "") + w["comma"].join(each))
    unsure = rows[~((rows.lo > 0) | (rows.hi < 0))]
    if len(unsure) == len(rows) > 1:
        parts.append(w["none"])
    elif len(unsure):
        parts.append(w["unsure"].format(names=w["comma"].join(f"“{name}”" for name in unsure.treatment)))
    return f"{series.label}{': ' if lang == 'en' else '：'}" + w["joint"].join(parts)
