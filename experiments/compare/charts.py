"""The pictures of a comparison: effects over time and by group, the reasons of moves, income by decile, each with its band."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from experiments.compare.chart_words import TERM_LABELS, WORDS, chinese_font, name_of, scale_of
from experiments.compare.effects import describe
from experiments.compare.groups import label_of
from simulator import policies
from simulator.measures.outcomes import PEOPLE
from simulator.pictures import FAINT, INK, KIND_COLOURS

COLOURS = {
    "targeted": "#d95f02", "elsewhere": "#666666", "total": "#222222", "kind:core": KIND_COLOURS[0], "kind:inner_ring": KIND_COLOURS[1],
    "kind:outer_ring": KIND_COLOURS[2], "kind:county_town": KIND_COLOURS[3], "kind:rural": KIND_COLOURS[4],
    "region:coast": "#1f78b4", "region:inland": "#b15928", "region:north-east": "#6a3d9a",
}  # fmt: skip
KINDS = ("kind:core", "kind:inner_ring", "kind:outer_ring", "kind:county_town", "kind:rural")
STYLE = {
    "font.family": "DejaVu Sans", "font.size": 9, "axes.spines.top": False, "axes.spines.right": False, "axes.edgecolor": "#999999",
    "axes.labelcolor": INK, "axes.titlesize": 10, "axes.titleweight": "bold", "axes.titlelocation": "left", "xtick.color": "#555555",
    "ytick.color": "#555555", "axes.grid": True, "grid.color": "#e6e6e6", "grid.linewidth": 0.7, "axes.axisbelow": True,
    "legend.frameon": False,
}  # fmt: skip


@dataclass(frozen=True)
class Face:
    """What every chart says on its face: the two scenarios, the period, the scale, the pairs, the band; in which language."""

    base: str
    other: str
    period: str
    pairs: int
    agents: str
    uncertainty: str
    lang: str = "en"

    def say(self, key: str, **values) -> str:
        """A word of the charts in the reader's language."""
        return WORDS[self.lang][key].format(**values)

    def line(self) -> str:
        """The small print below every chart."""
        held = WORDS[self.lang].get(self.uncertainty, self.uncertainty)
        band = self.say("band", pairs=self.pairs, held=held) if self.pairs > 1 else self.say("one_pair")
        return f"{self.say('against', other=self.other, base=self.base)} · {self.period} · {self.agents} · {band}"


def png(figure: Figure) -> bytes:
    """A figure as the bytes of a PNG file."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=130, metadata={"Software": None})
    return buffer.getvalue()


def draw_all(effects: pd.DataFrame, face: Face, terms: pd.DataFrame | None = None, shares: pd.DataFrame | None = None) -> dict[str, bytes]:
    """Every picture that the tables can give, as PNG bytes by name.

    In Chinese only where a font of this machine can write it (`chinese_font`); the caller sees to that.
    """
    pictures = {}
    style = STYLE | ({"font.family": ["DejaVu Sans", chinese_font() or "DejaVu Sans"], "axes.unicode_minus": True} if face.lang == "zh" else {})
    with mpl.rc_context(style):
        for name, figure in (
            ("effects_over_time", over_time(effects, face)),
            ("effects_by_group", by_group(effects, face)),
            ("why", reasons(terms, face) if terms is not None and len(terms) else None),
            ("deciles", deciles(effects, face)),
            ("shares", policy_shares(shares, face) if shares is not None and len(shares) else None),
        ):
            if figure is not None:
                pictures[name] = png(figure)
    return pictures


def _frame(width: float, height: float, title: str, what: str, face: Face) -> Figure:
    figure = Figure(figsize=(width, height), facecolor="white")
    figure.text(0.02, 1 - 0.16 / height, title, size=13, weight="bold", color=INK, va="top")
    figure.text(0.02, 1 - 0.43 / height, what, size=9, color="#555555", va="top")
    line = face.line()
    figure.text(0.02, 0.09 / height, line, size=min(7.5, 7.5 * 165 / max(len(line), 1) * width / 10), color=FAINT, va="bottom")
    return figure


OVER_TIME = ("talent_pool", "residents", "employed", "unemployment_rate", "income_ratio", "left_behind_children")


def over_time(effects: pd.DataFrame, face: Face) -> Figure | None:
    """The effect on the main outcomes year by year, for targeted places or kinds of settlement."""
    shown = [name for name in OVER_TIME if _known(effects, name)]
    if not shown or effects.month.nunique() < 2:
        return None
    columns = min(3, len(shown))
    rows = -(-len(shown) // columns)
    height = 1.0 + 2.4 * rows
    figure = _frame(11, height, face.say("over_time"), face.say("over_time_what"), face)
    for k, outcome in enumerate(shown):
        left, bottom = 0.075 + (k % columns) * 0.315, 1 - (0.98 + 2.4 * (k // columns) + 1.62) / height
        axes = figure.add_axes((left, bottom, 0.235, 1.62 / height))
        known = effects[effects.outcome == outcome]
        groups = [g for g in ("targeted", *KINDS) if g in set(known.group)] if describe(outcome)[0] == PEOPLE else []
        groups = groups or ["total"]
        scale, unit = scale_of(outcome, known[known.group.isin(groups)][["lo", "hi", "mean"]], face.lang)
        for group in groups:
            line = known[known.group == group].sort_values("month")
            colour = COLOURS.get(group, INK)
            years = line.month.dt.year + (line.month.dt.month - 1) / 12
            axes.plot(years, line["mean"] / scale, color=colour, lw=2.2 if group == "targeted" else 1.4, label=label_of(group, face.lang))
            axes.fill_between(years, (line.lo / scale).astype(float), (line.hi / scale).astype(float), color=colour, alpha=0.13, lw=0)
        axes.axhline(0, color="#444444", lw=0.8)
        axes.set_title(name_of(outcome, face.lang), pad=16)
        axes.text(0, 1.02, unit, transform=axes.transAxes, size=7.5, color="#777777", va="bottom")
        axes.xaxis.set_major_locator(mpl.ticker.MaxNLocator(5, integer=True))
        if k == 0:
            handles, labels = axes.get_legend_handles_labels()
            figure.legend(handles, labels, loc="upper right", ncols=6, fontsize=7.5, bbox_to_anchor=(0.99, 1 - 0.1 / height), handlelength=1.4, columnspacing=1.0)
    return figure


def _known(effects: pd.DataFrame, outcome: str) -> bool:
    rows = effects[(effects.outcome == outcome) & effects["mean"].notna()]
    return len(rows) > 0


BY_GROUP = ("talent_pool", "residents", "employed", "graduate_retention")


def by_group(effects: pd.DataFrame, face: Face) -> Figure | None:
    """Effects at the last month for every group of places, with their intervals."""
    groups = [g for g in ("total", "targeted", "elsewhere", *KINDS, "region:coast", "region:inland", "region:north-east") if g in set(effects.group)]
    shown = [name for name in BY_GROUP if _known(effects, name)]
    if not shown:
        return None
    height = 1.75 + 0.27 * len(groups)
    figure = _frame(11, height, face.say("by_group"), face.say("by_group_what"), face)
    for k, outcome in enumerate(shown):
        axes = figure.add_axes((0.115 + k * 0.2225, 0.62 / height, 0.19, (0.27 * len(groups)) / height))
        rows = effects[(effects.outcome == outcome) & effects["mean"].notna()]
        rows = rows[rows.month == rows.month.max()].set_index("group").reindex(groups)
        scale, unit = scale_of(outcome, rows[["lo", "hi", "mean"]], face.lang)
        for y, group in enumerate(groups):
            mean, lo, hi = (rows.loc[group, c] / scale for c in ("mean", "lo", "hi"))
            if np.isnan(mean):
                continue
            sure = lo > 0 or hi < 0
            colour = COLOURS.get(group, INK) if sure else "#aaaaaa"
            if not np.isnan(lo):
                axes.plot([lo, hi], [-y, -y], color=colour, lw=2)
            axes.plot([mean], [-y], "o", color=colour, ms=5)
        axes.axvline(0, color="#444444", lw=0.8)
        axes.set_ylim(-len(groups) + 0.4, 0.6)
        axes.set_yticks([-y for y in range(len(groups))], [label_of(g, face.lang) for g in groups] if k == 0 else [""] * len(groups))
        axes.tick_params(axis="y", length=0)
        axes.xaxis.set_major_locator(mpl.ticker.MaxNLocator(4))
        axes.set_title(name_of(outcome, face.lang, short=True), pad=15, size=9)
        axes.text(0, 1.0, unit.partition(",")[0], transform=axes.transAxes, size=7.5, color="#777777", va="bottom")
    return figure


TERM_COLOURS = {
    "wage": "#1b9e77", "job_chance": "#7570b3", "services": "#e7298a", "housing": "#a6761d", "ties": "#66a61e", "cost": "#e6ab02", "people": "#999999",
}  # fmt: skip
def reasons(terms: pd.DataFrame, face: Face) -> Figure | None:
    """The change in expected net migration of each group of places, split into its reasons."""
    rows = terms[terms.education == "all"]
    groups = [g for g in dict.fromkeys(rows.place) if g != "total"]
    if not groups:
        return None
    face = replace(face, pairs=int(rows.n_pairs.max()), period=f"{rows.first_month.iloc[0]} to {rows.last_month.iloc[0]}")
    height = 1.7 + 0.42 * len(groups)
    figure = _frame(10, height, face.say("reasons"), face.say("reasons_what"), face)
    axes = figure.add_axes((0.14, 0.75 / height, 0.63, (0.42 * len(groups)) / height))
    scale, unit = scale_of("residents", rows[rows.term != "all"]["mean"], face.lang)
    for y, group in enumerate(groups):
        positive = negative = 0.0
        for term, colour in TERM_COLOURS.items():
            part = rows[(rows.place == group) & (rows.term == term)]["mean"]
            value = float(part.iloc[0]) / scale if len(part) else 0.0
            start = positive if value >= 0 else negative
            axes.barh(-y, value, left=start, color=colour, height=0.66, label=TERM_LABELS[term][face.lang == "zh"] if y == 0 else None)
            positive, negative = (positive + value, negative) if value >= 0 else (positive, negative + value)
        whole = rows[(rows.place == group) & (rows.term == "all")]
        if len(whole):
            mean, lo, hi = (float(whole[c].iloc[0]) / scale for c in ("mean", "lo", "hi"))
            axes.plot([mean], [-y], "D", color="black", ms=5, label=face.say("all") if y == 0 else None)
            if not np.isnan(lo):
                axes.plot([lo, hi], [-y, -y], color="black", lw=1)
    axes.axvline(0, color="#444444", lw=0.8)
    axes.set_yticks([-y for y in range(len(groups))], [label_of(g, face.lang) for g in groups])
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel(unit + face.say("a_year"))
    axes.legend(loc="center left", bbox_to_anchor=(1.01, 0.5), fontsize=8)
    return figure


def deciles(effects: pd.DataFrame, face: Face) -> Figure | None:
    """The effect on income per head of each tenth of the people, in per cent of the baseline."""
    rows = effects[(effects.outcome == "income_pc") & effects["mean"].notna()]
    if rows.empty:
        return None
    rows = rows[rows.month == rows.month.max()].copy()
    rows["decile"] = rows.group.str.partition(":")[2].astype(int)
    rows = rows.sort_values("decile")
    figure = _frame(8, 3.9, face.say("deciles"), face.say("deciles_what", year=f"{rows.month.iloc[0]:%Y}"), face)
    axes = figure.add_axes((0.1, 0.2, 0.86, 0.6))
    share = 100 / rows.base
    sure = (rows.lo > 0) | (rows.hi < 0)
    axes.bar(rows.decile, rows["mean"] * share, color=np.where(sure, np.where(rows["mean"] > 0, "#1b7837", "#b2182b"), "#bbbbbb"), width=0.7)
    if rows.lo.notna().any():
        axes.vlines(rows.decile, rows.lo * share, rows.hi * share, color="#222222", lw=1.3)
    axes.axhline(0, color="#444444", lw=0.8)
    axes.set_xticks(range(1, 11))
    axes.set_xlabel(face.say("tenths"))
    axes.set_ylabel(face.say("per_cent"))
    return figure


def policy_name(policy: str, lang: str) -> str:
    """A policy's short name for an axis; its title in Chinese."""
    found = policies.registry().get(policy.partition("#")[0])
    return found.title[lang] if lang == "zh" and found is not None else policy.replace("_", " ")


def policy_shares(shares: pd.DataFrame, face: Face) -> Figure | None:
    """The share of each policy of a mix in the effect of the whole."""
    outcomes = list(dict.fromkeys(zip(shares.outcome, shares.group, strict=True)))[:4]
    mixed = list(dict.fromkeys(shares.policy))
    height = 1.75 + 0.34 * len(mixed)
    figure = _frame(11, height, face.say("shares"), face.say("shares_what"), face)
    for k, (outcome, group) in enumerate(outcomes):
        axes = figure.add_axes((0.2 + k * 0.79 / len(outcomes), 0.6 / height, 0.72 / len(outcomes), 0.34 * len(mixed) / height))
        rows = shares[(shares.outcome == outcome) & (shares.group == group)].set_index("policy").reindex(mixed)
        scale, unit = scale_of(outcome, rows[["mean", "lo", "hi"]], face.lang)
        axes.barh([-y for y in range(len(mixed))], rows["mean"] / scale, color="#7b9cc4", height=0.6)
        for y, (lo, hi) in enumerate(zip(rows.lo / scale, rows.hi / scale, strict=True)):
            if not np.isnan(lo):
                axes.plot([lo, hi], [-y, -y], color="#222222", lw=1.2)
        axes.axvline(0, color="#444444", lw=0.8)
        axes.set_yticks([-y for y in range(len(mixed))], [policy_name(p, face.lang) for p in mixed] if k == 0 else [""] * len(mixed))
        axes.set_title(f"{name_of(outcome, face.lang, short=True)}, {label_of(group, face.lang).lower()}", pad=14, size=7.5)
        axes.text(0, 1.0, unit.partition(",")[0], transform=axes.transAxes, size=7, color="#777777", va="bottom")
        axes.xaxis.set_major_locator(mpl.ticker.MaxNLocator(4))
    return figure


__all__ = ["TERM_COLOURS", "Face", "draw_all", "png"]
