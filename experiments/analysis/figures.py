"""Figures of a sweep for a paper: each says unit, period, number of runs and what its band is, on its face."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path

import matplotlib
import matplotlib.dates
import matplotlib.patches
import matplotlib.ticker

matplotlib.use("Agg")

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from scipy import stats

from experiments.analysis.cube import Cube, Series
from experiments.analysis.discovery import Box
from experiments.analysis.effects import reference_of, spread_between_seeds
from experiments.statistics import LEVEL, t_interval

COLOURS = ("#1b6ca8", "#d1495b", "#2e8b57", "#e09f3e", "#6d597a", "#00798c", "#8d6346", "#5c677d")
GREY = "#8a8f98"
MOST_PANELS, MOST_TREATMENTS = 6, 12
MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"]
STYLE = {
    "font.family": "DejaVu Sans", "font.size": 9, "axes.spines.top": False, "axes.spines.right": False,
    "axes.titlesize": 9.5, "axes.titleweight": "bold", "axes.titlelocation": "left", "axes.grid": True,
    "grid.color": "#e6e8eb", "grid.linewidth": 0.7, "axes.axisbelow": True, "pdf.fonttype": 42, "svg.fonttype": "none",
}  # fmt: skip


def wrap(text: str, width: int = 30) -> str:
    """A label on as many lines as it needs; long words are cut."""
    return "\n".join(textwrap.wrap(str(text), width, max_lines=3, placeholder=" ...")) or str(text)


def plain(text: str) -> str:
    """User text for Matplotlib: a dollar sign is a dollar sign, not mathematics."""
    return str(text).replace("$", r"\$")


def draw_all(cube: Cube, tables: dict[str, pd.DataFrame], boxes: list[Box], folder: Path) -> dict[str, dict[str, str]]:
    """Draw what there is to draw into PDF and PNG files: name to caption, pdf, png."""
    folder.mkdir(parents=True, exist_ok=True)
    found: dict[str, dict[str, str]] = {}

    def keep(name: str, figure: Figure | None, caption: str) -> None:
        if figure is not None:
            for ending in ("pdf", "png"):
                options = {"metadata": {"CreationDate": None}} if ending == "pdf" else {"dpi": 160}
                figure.savefig(folder / f"{name}.{ending}", bbox_inches="tight", **options)
            found[name] = {"caption": caption, "pdf": f"figures/{name}.pdf", "png": f"figures/{name}.png"}

    with matplotlib.rc_context(STYLE):
        keep("effects", draw_effects(cube, tables["effects"]), "Effect of each choice, with its interval")
        for number, (name, course) in enumerate(list(cube.courses.items())[:MOST_PANELS], 1):
            keep(f"course_{number}", draw_course(cube, name, course), "The course over the months")
        keep("convergence", draw_convergence(cube), "How the interval narrows with the number of seeds")
        for name in ("sobol", "morris", "ranks"):
            if name in tables:
                draw: Callable = {"sobol": draw_sobol, "morris": draw_morris, "ranks": draw_ranks}[name]
                keep(name, draw(cube, tables[name]), "Which of the uncertain things matter")
        for number, box in enumerate(boxes, 1):
            keep(f"discovery_{number}", draw_box(cube, box), "Where the cases of interest gather")
        if cube.info["draws"] > 1:
            keep("robust", draw_robust(cube, tables["robust"]), "Mean and bad tail of every choice")
    return found


def note_of(cube: Cube) -> str:
    """What every figure says of its runs."""
    info = cube.info
    base = f"scenario {plain(info['base'])}, " if info["model"] == "homeward" else f"function {info['model']}, "
    draws = f"{info['draws']} draws of what is uncertain x " if info["draws"] > 1 else ""
    return f"{plain(info['name'])}: {base}{info['done']} runs, {draws}{info['seeds']} seed{'s' if info['seeds'] > 1 else ''}"


def title_of(series: Series, width: int = 48) -> str:
    """What is shown and for when."""
    when = f", {MONTHS[int(series.period[5:]) - 1]} {series.period[:4]}" if series.period else ""
    return wrap(plain(series.label + when), width)


def tidy(axis, which: str, largest: float, unit: str) -> str:
    """Few ticks, whole words for large numbers; the unit to write beside the axis, `million people` for 2,000,000."""
    power, word = next(((p, w) for p, w in ((9, "billion "), (6, "million "), (3, "thousand ")) if largest >= 10**p and largest >= 10_000), (0, ""))
    side = axis.xaxis if which == "x" else axis.yaxis
    side.set_major_locator(matplotlib.ticker.MaxNLocator(5))
    side.set_major_formatter(matplotlib.ticker.FuncFormatter(lambda value, _at: f"{value / 10**power:.6g}".replace("-", "\u2212")))
    return f"{word}{plain(unit)}" if unit else word.strip() or "no unit"


def _foot(figure: Figure, cube: Cube, what: str) -> None:
    figure.text(0.01, -0.01, f"{what}\n{note_of(cube)}", fontsize=7.5, color=GREY, va="top")


def _panels(count: int, width: float, height: float, columns: int = 2) -> tuple[Figure, list]:
    columns = min(columns, count)
    rows = -(-count // columns)
    figure = Figure(figsize=(width * columns, height * rows), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for axis in axes[count:]:
        axis.set_visible(False)
    return figure, list(axes[:count])


def whole_series(cube: Cube) -> list[Series]:
    """The series that are one number for the whole, else the first few groups."""
    whole = [series for series in cube.series if series.group == "all"]
    return (whole or cube.series)[:MOST_PANELS]


def draw_effects(cube: Cube, table: pd.DataFrame) -> Figure | None:
    """A panel an outcome: each treatment's mean effect and interval, nought marked."""
    chosen = [series for series in whole_series(cube) if (table.outcome == series.name).any()]
    if not chosen:
        return None
    rows = min(len(cube.treatments), MOST_TREATMENTS)
    figure, axes = _panels(len(chosen), 5.2, 1.1 + 0.33 * rows)
    for axis, series in zip(axes, chosen, strict=True):
        found = table[table.outcome == series.name]
        if len(found) > MOST_TREATMENTS:
            found = found.reindex(found["mean"].abs().sort_values(ascending=False).index).head(MOST_TREATMENTS)
        found = found.iloc[::-1]
        y = np.arange(len(found))
        clear = (found.lo > 0) | (found.hi < 0)
        colours = np.where(clear, COLOURS[0], GREY)
        axis.hlines(y, found.lo, found.hi, colors=colours, linewidth=2.2)
        axis.scatter(found["mean"], y, color=colours, zorder=3, s=26)
        axis.axvline(0, color="#333333", linewidth=0.9)
        axis.set_yticks(y, [wrap(plain(t)) for t in found.treatment], fontsize=8)
        axis.set_ylim(-0.6, len(found) - 0.4)
        axis.set_title(title_of(series))
        axis.margins(x=0.08)
        unit = tidy(axis, "x", np.nanmax(np.abs(found[["mean", "lo", "hi"]].to_numpy()), initial=0.0), series.unit)
        axis.set_xlabel(wrap(f"change against \u201c{plain(found.reference.iloc[0])}\u201d, {unit}", 62), fontsize=8)
    over = table.uncertainty.iloc[0]
    _foot(figure, cube, f"Dot: mean over pairs of runs with the same draw and seed. Bar: {LEVEL:.0%} interval over {over}. Grey: the interval holds nought.")
    return figure


def draw_course(cube: Cube, name: str, course: pd.DataFrame) -> Figure:
    """Left the level of the reference, median and middle nine tenths of runs; right what every other choice changes, in pairs."""
    series, base = next(s for s in cube.series if s.outcome == name), reference_of(cube) or 0
    others = [k for k in range(len(cube.treatments)) if k != base][: len(COLOURS)]
    figure, axes = _panels(2 if others else 1, 5.2 if others else 7.2, 3.4)
    found = course[course.t == base].groupby("month").value
    middle, low, high = found.median().dropna(), found.quantile(0.05), found.quantile(0.95)
    axes[0].fill_between(middle.index, low.reindex(middle.index), high.reindex(middle.index), color=GREY, alpha=0.3, linewidth=0)
    axes[0].plot(middle.index, middle, color="#333333", linewidth=1.8)
    axes[0].set_title(wrap(plain(series.label), 48) + (f"\nunder \u201c{wrap(plain(cube.treatments[base]), 46)}\u201d" if others else ""))
    axes[0].set_ylabel(wrap(tidy(axes[0], "y", float(high.abs().max()), series.unit), 34), fontsize=8)
    if others:
        cells = course.pivot_table(index=["d", "s", "month"], columns="t", values="value")
        largest = 0.0
        for k in others:
            difference = (cells[k] - cells[base]).dropna().groupby(["d", "month"]).mean() if k in cells and base in cells else None
            if difference is None or difference.empty:
                continue
            if cube.info["draws"] == 1:
                difference = (cells[k] - cells[base]).dropna()
            table = difference.reset_index(name="value").assign(n=lambda f: f.groupby("month").cumcount()).pivot(index="n", columns="month", values="value")
            interval, months = t_interval(table.to_numpy()), table.columns
            colour = COLOURS[others.index(k)]
            axes[1].fill_between(months, interval.lo, interval.hi, color=colour, alpha=0.12, linewidth=0)
            axes[1].plot(months, interval.mean, color=colour, linewidth=1.8, label=wrap(plain(cube.treatments[k]), 34))
            largest = max(largest, float(np.nanmax(np.abs(interval.mean))))
        axes[1].axhline(0, color="#333333", linewidth=0.9)
        axes[1].set_title("what each choice changes")
        axes[1].set_ylabel(wrap(tidy(axes[1], "y", largest, series.unit), 34), fontsize=8)
        handles, words = axes[1].get_legend_handles_labels()
        figure.legend(handles, words, loc="outside right upper", frameon=False, fontsize=8)
    for axis in axes:
        locator = matplotlib.dates.AutoDateLocator(minticks=3, maxticks=7)
        axis.xaxis.set_major_locator(locator)
        axis.xaxis.set_major_formatter(matplotlib.dates.ConciseDateFormatter(locator))
        axis.tick_params(axis="x", labelsize=8)
    words = "Left: median of the runs and their 5th to 95th percentile." if others else "Median of the runs and their 5th to 95th percentile."
    if others:
        over = "draws" if cube.info["draws"] > 1 else "seeds"
        words += f" Right: mean over pairs of equal draw and seed, {LEVEL:.0%} interval over {over}."
        words += f"\nThe first {len(others)} of {len(cube.treatments) - 1} choices." if len(others) < len(cube.treatments) - 1 else ""
    _foot(figure, cube, words)
    return figure


def draw_convergence(cube: Cube) -> Figure | None:
    """Half-width of the interval against the number of seeds, for level and paired effect; what was run is marked."""
    if cube.info["seeds"] < 2:
        return None
    base = reference_of(cube)
    chosen = [s for s in whole_series(cube)[:4] if np.isfinite(spread_between_seeds(s.values)).any()]
    if not chosen:
        return None
    figure, axes = _panels(len(chosen), 5.2, 2.9)
    n = np.unique(np.round(np.geomspace(2, max(200, 4 * cube.info["seeds"]), 60)).astype(int))
    reach = stats.t.ppf(0.5 + LEVEL / 2, n - 1) / np.sqrt(n)
    for axis, series in zip(axes, chosen, strict=True):
        kinds = [("level", series.values, COLOURS[0])]
        if base is not None:
            kinds.append(("paired effect", np.delete(series.values - series.values[:, base : base + 1], base, axis=1), COLOURS[1]))
        for word, values, colour in kinds:
            spread = np.nanmax(spread_between_seeds(values))
            if not spread > 0:
                continue
            axis.plot(n, spread * reach, color=colour, label=f"{word} (largest of the choices)")
            here = spread * stats.t.ppf(0.5 + LEVEL / 2, cube.info["seeds"] - 1) / np.sqrt(cube.info["seeds"])
            axis.scatter([cube.info["seeds"]], [here], color=colour, zorder=4, s=28)
        axis.set_xscale("log")
        axis.set_yscale("log")
        ticks = [t for t in (2, 5, 10, 20, 50, 100, 200, 500, 1000, 10_000) if t <= n[-1]]
        axis.set_xticks(ticks, [f"{t:,}" for t in ticks])
        axis.minorticks_off()
        axis.set_title(title_of(series))
        axis.set_xlabel("seeds")
        axis.set_ylabel(f"half-width, {wrap(plain(series.unit), 26)}", fontsize=8)
        axis.legend(frameon=False, fontsize=7.5)
    _foot(figure, cube, f"Half of the {LEVEL:.0%} interval of one draw's mean, from the spread between seeds. Dot: the seeds that were run.")
    return figure


def _focus(cube: Cube, table: pd.DataFrame) -> list[tuple[Series, pd.DataFrame, str]]:
    """Up to four panels of a sensitivity figure: the first outcomes; the effect of the last treatment where there is one."""
    panels = []
    for series in whole_series(cube):
        found = table[table.outcome == series.name]
        for what in ("level", "effect"):
            part = found[found.what == what]
            if len(part):
                treatment = part.treatment.iloc[-1] if what == "effect" else part.treatment.iloc[0]
                word = f"effect of {treatment}" if what == "effect" else ("" if len(cube.treatments) == 1 else f"under {treatment}")
                panels.append((series, part[part.treatment == treatment], word))
    return panels[:4]


def _bars(cube: Cube, table: pd.DataFrame, key: str, draw, xlabel: str, note: str) -> Figure | None:
    panels = _focus(cube, table)
    if not panels:
        return None
    count = min(15, max(len(rows) for _, rows, _ in panels))
    figure, axes = _panels(len(panels), 5.4, 1.4 + 0.27 * count)
    for axis, (series, rows, word) in zip(axes, panels, strict=True):
        rows = rows.reindex(rows[key].abs().sort_values(ascending=False).index).head(15).iloc[::-1]
        draw(axis, rows, np.arange(len(rows)))
        axis.set_yticks(np.arange(len(rows)), [plain(name) for name in rows.uncertainty], fontsize=8)
        axis.set_ylim(-0.7, len(rows) - 0.3)
        axis.set_title(title_of(series) + (f"\n{wrap(plain(word), 52)}" if word else ""))
        unit = xlabel or tidy(axis, "x", float(rows[key].abs().max()), series.unit)
        axis.set_xlabel(wrap(unit, 44), fontsize=8)
        axis.grid(axis="y", visible=False)
    handles, words = axes[0].get_legend_handles_labels()
    if handles:
        figure.legend(handles, words, loc="outside upper right", ncols=2, frameon=False, fontsize=8)
    _foot(figure, cube, note)
    return figure


def draw_sobol(cube: Cube, table: pd.DataFrame) -> Figure | None:
    """First-order and total indices with intervals."""

    def draw(axis, rows, y):
        for part, shift, colour, word in (("total", -0.18, "#b9cfe2", "total: with its interactions"), ("first", 0.18, COLOURS[0], "first order: alone")):
            axis.barh(y + shift, rows[part], height=0.34, color=colour, label=word)
            axis.hlines(y + shift, rows[f"{part}_lo"], rows[f"{part}_hi"], color="#333333", linewidth=1)
        axis.set_xlim(left=min(0, axis.get_xlim()[0]))

    note = f"Sobol indices; line: {LEVEL:.0%} bootstrap interval. The uncertain are ordered by the total index."
    return _bars(cube, table, "total", draw, "share of the variance of the outcome", note)


def draw_morris(cube: Cube, table: pd.DataFrame) -> Figure | None:
    """mu* with intervals, and sigma as a hollow dot."""

    def draw(axis, rows, y):
        axis.barh(y, rows.mu_star, height=0.6, color=COLOURS[0])
        axis.hlines(y, rows.mu_star_lo, rows.mu_star_hi, color="#333333", linewidth=1)
        axis.scatter(rows.sigma, y, facecolors="white", edgecolors=COLOURS[1], zorder=4, s=22, label="sigma: interactions or curvature")

    note = f"Bar: mean absolute change of the outcome when one uncertain thing moves by its whole span (mu*); line: {LEVEL:.0%} bootstrap interval."
    return _bars(cube, table, "mu_star", draw, "", note)


def draw_ranks(cube: Cube, table: pd.DataFrame) -> Figure | None:
    """Rank correlations with intervals."""

    def draw(axis, rows, y):
        clear = (rows.lo > 0) | (rows.hi < 0)
        colours = np.where(clear, COLOURS[0], GREY)
        axis.hlines(y, rows.lo, rows.hi, colors=colours, linewidth=2)
        axis.scatter(rows.correlation, y, color=colours, zorder=3, s=22)
        axis.axvline(0, color="#333333", linewidth=0.9)
        axis.set_xlim(-1, 1)

    note = f"Spearman's rank correlation over draws; bar: {LEVEL:.0%} interval. Grey: the interval holds nought."
    return _bars(cube, table, "correlation", draw, "rank correlation with the outcome", note)


def draw_box(cube: Cube, box: Box) -> Figure | None:
    """The two most telling restrictions of a box, with the cases of interest and the others."""
    numeric = [row for row in box.limits.itertuples() if not row.members]
    if not numeric:
        return None
    figure, (axis,) = _panels(1, 5.6, 4.2)
    x = numeric[0]
    points = box.points
    yes = points[points.of_interest]
    no = points[~points.of_interest]
    if len(numeric) > 1:
        y = numeric[1]
        axis.scatter(no[x.uncertainty], no[y.uncertainty], s=14, color="#c9ced6", label="others")
        axis.scatter(yes[x.uncertainty], yes[y.uncertainty], s=18, color=COLOURS[1], label="cases of interest")
        bottom, top = y.low, y.high
        axis.set_ylabel(plain(y.uncertainty))
    else:
        spread = np.random.default_rng(0).uniform(0, 1, len(points))
        axis.scatter(no[x.uncertainty], spread[~points.of_interest.to_numpy()], s=14, color="#c9ced6", label="others")
        axis.scatter(yes[x.uncertainty], spread[points.of_interest.to_numpy()], s=18, color=COLOURS[1], label="cases of interest")
        bottom, top = 0, 1
        axis.set_yticks([])
    axis.add_patch(matplotlib.patches.Rectangle((x.low, bottom), x.high - x.low, top - bottom, fill=False, edgecolor="#222222", linewidth=1.6))
    axis.set_xlabel(plain(x.uncertainty))
    axis.set_title(wrap(plain(box.question), 62))
    axis.legend(frameon=False, fontsize=8, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    _foot(figure, cube, f"PRIM box: holds {box.coverage:.0%} of the cases of interest (coverage); {box.density:.0%} of what is inside are such (density).")
    return figure


def draw_robust(cube: Cube, table: pd.DataFrame) -> Figure | None:
    """Mean against bad tail for each outcome with a direction; up and to the right is better."""
    chosen = [s for s in whole_series(cube) if (table.outcome == s.name).any()][:4]
    if not chosen or len(cube.treatments) < 2:
        return None
    figure, axes = _panels(len(chosen), 5.2, 3.6)
    for axis, series in zip(axes, chosen, strict=True):
        rows = table[table.outcome == series.name].reset_index(drop=True)
        for k, row in enumerate(rows.itertuples()):
            colour = COLOURS[k % len(COLOURS)]
            axis.scatter(row.mean, row.bad_tail, color=colour, s=40, zorder=3, label=wrap(plain(row.treatment), 34) if k < MOST_TREATMENTS else None)
        if series.better == "less":
            axis.invert_xaxis()
            axis.invert_yaxis()
        axis.set_title(title_of(series))
        axis.margins(0.15)
        largest = float(np.nanmax(np.abs(rows[["mean", "bad_tail"]].to_numpy()), initial=0.0))
        unit = wrap(tidy(axis, "x", largest, series.unit), 40)
        tidy(axis, "y", largest, series.unit)
        axis.set_xlabel(f"mean of all draws, {unit}", fontsize=8)
        axis.set_ylabel(f"mean of the worst tenth, {unit}", fontsize=8)
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside right upper", frameon=False, fontsize=8)
    _foot(figure, cube, "A dot a choice. Up and to the right is better in every panel (axes are turned where less is better).")
    return figure


def level_of(series: Series, treatment: int) -> float:
    """Mean of a series under a treatment."""
    return float(t_interval(series.values[:, treatment].reshape(-1)).mean)
