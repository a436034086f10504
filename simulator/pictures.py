"""The pictures of a run: where people and talent go, how the talent pool and the towns grow, and how that compares with the published record."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from simulator.foundations.errors import BadInput, Fault, choices, did_you_mean
from simulator.foundations.files import atomic_write_bytes, configs_folder
from simulator.foundations.units import KINDS
from simulator.measures.outcomes import BY_TABLE, PEOPLE, SHARE

KIND_LABELS = ("Core", "Inner ring", "Outer ring", "County town", "Rural")
KIND_COLOURS = ("#7b3294", "#c2549d", "#e8946a", "#2c7fb8", "#4d9221")
GAIN, LOSS, INK, FAINT, REAL = "#1b7837", "#b2182b", "#222222", "#8a8a8a", "#d95f02"
_STYLE = {
    "font.family": "DejaVu Sans", "font.size": 9, "axes.spines.top": False, "axes.spines.right": False,
    "axes.edgecolor": "#999999", "axes.labelcolor": INK, "axes.titlesize": 10, "axes.titleweight": "bold",
    "axes.titlelocation": "left", "xtick.color": "#555555", "ytick.color": "#555555", "axes.grid": True,
    "grid.color": "#e6e6e6", "grid.linewidth": 0.7, "axes.axisbelow": True, "figure.dpi": 130, "legend.frameon": False,
}  # fmt: skip


def write_all(run) -> list[Path]:
    """Draw every picture of a run into its folder `pictures/`; those that this world cannot give are left out."""
    folder = run.folder / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name in PICTURES:
        figure = draw(run, name)
        if figure is not None:
            buffer = io.BytesIO()
            figure.savefig(buffer, format="png", dpi=130, metadata={"Software": None})
            written.append(atomic_write_bytes(folder / f"{name}.png", buffer.getvalue()))
    return written


def draw(run, name: str) -> Figure | None:
    """One picture by name, or a column of the national table over time."""
    with mpl.rc_context(_STYLE):
        if name in PICTURES:
            return PICTURES[name](run)
        if ("national", name) in BY_TABLE:
            return _series(run, name)
    known = [*PICTURES, *(column for table, column in BY_TABLE if table == "national")]
    raise BadInput(Fault(field="picture", value=name, allowed=choices(known, 40), remedy=did_you_mean(name, known)))


# --- the shared frame ------------------------------------------------------------------------


def _figure(run, width: float, height: float, title: str, what: str) -> Figure:
    """A figure with its title, what it shows, and where it comes from on its face."""
    figure = Figure(figsize=(width, height), facecolor="white")
    figure.text(0.02, 1 - 0.16 / height, title, size=13, weight="bold", color=INK, va="top")
    figure.text(0.02, 1 - 0.43 / height, what, size=9, color="#555555", va="top")
    info = run.info
    figure.text(0.02, 0.09 / height, _source_line(info), size=7.5, color=FAINT, va="bottom")
    return figure


def _source_line(info: dict) -> str:
    return (
        f"Scenario: {info['title']['en']} ({info['scenario']}) · world {info['world']} · one seed ({info['seed']}), no band · "
        f"one agent = {info['persons_per_agent']:,} people · {info['start']} to {info['month']}"
        + ("" if info["status"] == "done" else f" · {info['status']}")
    )


def _unit(largest: float) -> tuple[float, str]:
    """A scale and its word for counts of people."""
    return (1e6, "million") if largest >= 2e6 else (1e3, "thousand") if largest >= 2e4 else (1.0, "")


def _two_digits(value: float) -> str:
    """A number rounded to two digits, never in powers of ten: `170`, `3.4`, `0`."""
    if value == 0:
        return "0"
    return f"{round(value, 1 - int(np.floor(np.log10(abs(value))))):,.10g}"


def _people(word: str, noun: str = "people") -> str:
    return f"{word} {noun}".strip()


# --- one: the map ----------------------------------------------------------------------------


def draw_map(run) -> Figure:
    """Net migration (colour) and talent stock (size) of every settlement."""
    places, month = run.table("settlements"), run.table("settlement_month")
    flows = run.table("flows")
    last = month[month.month == month.month.max()].set_index("settlement_id")
    net = flows.groupby("destination_id").moves.sum().sub(flows.groupby("origin_id").moves.sum(), fill_value=0)
    net = net.reindex(places.settlement_id).fillna(0).to_numpy()
    residents = last.residents.reindex(places.settlement_id).fillna(0).to_numpy(dtype=float)
    talent = last.talent_pool.reindex(places.settlement_id).fillna(0).to_numpy(dtype=float)
    years = max((month.month.max() - month.month.min()).days / 365.25, 1 / 12)
    rate = 100 * net / np.maximum(residents, 1) / years
    lon, lat = _spread(places)
    national, few = places.province.nunique() > 1, len(places) <= 400
    figure = _figure(
        run, 10, 6.9, "Where people go, and where talent lives",
        "Circle: a settlement. Area: college-educated residents aged 16-64 at the end. Colour: net migration over the run.",
    )  # fmt: skip
    axes = figure.add_axes((0.07, 0.11, 0.76, 0.78))
    size = 6 + 900 * talent / max(talent.max(), 1)
    order = np.argsort(-size)
    limit = float(np.clip(np.nanpercentile(np.abs(rate), 95), 0.2, None))
    dots = axes.scatter(
        lon[order], lat[order], s=size[order], c=np.clip(rate, -limit, limit)[order], cmap="RdYlGn", vmin=-limit, vmax=limit,
        edgecolor="#444444", linewidth=0.4, alpha=0.9, zorder=3,
    )  # fmt: skip
    if national:
        labels = places.assign(x=lon, y=lat).groupby("province")[["x", "y"]].agg({"x": "mean", "y": "max" if few else "mean"})
        for province, row in labels.iterrows():
            axes.annotate(
                province, (row.x, row.y), xytext=(0, 5), textcoords="offset points", ha="center", va="bottom", size=7,
                color=INK, zorder=4,
            ).set_path_effects([_halo()])  # fmt: skip
    axes.set_aspect(1 / np.cos(np.radians(lat.mean())))
    axes.set_xlabel("longitude, degrees" + ("; settlements of a circle drawn around its centre" if national else ""))
    axes.set_ylabel("latitude, degrees")
    axes.margins(0.06)
    bar = figure.colorbar(dots, cax=figure.add_axes((0.87, 0.42, 0.018, 0.42)), extend="both")
    bar.set_label("net migration, % of residents a year\n(green: gains, red: loses)", size=8)
    scale, word = _unit(talent.max())
    steps = [step for step in (talent.max(), talent.max() / 4, talent.max() / 20) if step > 0]
    handles = [
        Line2D([], [], marker="o", linestyle="", color="#cccccc", markeredgecolor="#444444", markersize=np.sqrt(6 + 900 * s / talent.max()))
        for s in steps
    ]
    if handles:
        figure.legend(
            handles, [f"{_two_digits(s / scale)} {word}" for s in steps], title="talent stock,\npeople", loc="lower left",
            bbox_to_anchor=(0.845, 0.09), labelspacing=1.6, title_fontsize=8, fontsize=8, borderpad=0.8, handletextpad=1.2,
        )  # fmt: skip
    return figure


def _halo():
    from matplotlib.patheffects import withStroke

    return withStroke(linewidth=2.2, foreground="white")


def _spread(places: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Positions, with settlements that share one point set apart in a small ring."""
    lon, lat = places.lon.to_numpy(dtype=float).copy(), places.lat.to_numpy(dtype=float).copy()
    for rows in places.groupby([places.lon.round(2), places.lat.round(2)]).indices.values():
        if len(rows) > 1:
            turn = 2 * np.pi * np.arange(len(rows)) / len(rows) + np.pi / 2
            lon[rows] += 0.75 * np.cos(turn)
            lat[rows] += 0.75 * np.sin(turn)
    return lon, lat


# --- two: talent over time -------------------------------------------------------------------


def draw_talent_pool(run) -> Figure:
    """Talent pool over time by kind of settlement: stock, and share of residents."""
    month = run.table("settlement_month").merge(run.table("settlements")[["settlement_id", "kind"]], on="settlement_id")
    by_kind = month.groupby(["month", "kind"])[["talent_pool", "residents"]].sum().unstack("kind")
    figure = _figure(
        run, 10, 4.9, "The talent pool by kind of settlement",
        "College-educated residents aged 16 to 64, end of each month. Re-labelled villages count with the town they became.",
    )  # fmt: skip
    left, right = figure.add_axes((0.07, 0.16, 0.36, 0.62)), figure.add_axes((0.52, 0.16, 0.33, 0.62))
    scale, word = _unit(float(by_kind["talent_pool"].max().max()))
    ends: dict[str, list] = {"stock": [], "share": []}
    for kind, label, colour in zip(KINDS, KIND_LABELS, KIND_COLOURS, strict=True):
        if kind not in by_kind["talent_pool"]:
            continue
        stock = by_kind["talent_pool"][kind] / scale
        share = 100 * by_kind["talent_pool"][kind] / by_kind["residents"][kind]
        left.plot(stock.index, stock, color=colour, lw=2)
        right.plot(share.index, share, color=colour, lw=2)
        ends["share"].append((float(share.iloc[-1]), f"{label}  {share.iloc[-1]:.0f} %", colour))
    left.set_title(f"Stock, {_people(word)}")
    right.set_title("Share of residents, %")
    for axes in (left, right):
        axes.set_ylim(0)
        _date_ticks(axes)
    _label_ends(right, ends["share"])
    return figure


def _date_ticks(axes) -> None:
    """Few dates on the time axis, so that they never overlap."""
    locator = AutoDateLocator(minticks=3, maxticks=7)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))


def _label_ends(axes, ends: list[tuple[float, str, str]]) -> None:
    """Name lines at their right end, pushed apart where they would overlap."""
    low, high = axes.get_ylim()
    gap, at = 0.07 * (high - low), -np.inf
    for value, text, colour in sorted(ends):
        at = max(value, at + gap)
        axes.annotate(
            text, (1.0, (at - low) / (high - low)), xycoords="axes fraction", xytext=(6, 0), textcoords="offset points",
            va="center", size=8.5, color=colour, weight="bold", annotation_clip=False,
        )  # fmt: skip


# --- three: flows between kinds --------------------------------------------------------------


def draw_flows(run) -> Figure | None:
    """Who moves between which kinds of settlement: a matrix of moves a year, with the net of each pair of kinds."""
    flows = run.table("flows")
    if not len(flows):
        return None
    kind = run.table("settlements").set_index("settlement_id").kind
    month = run.table("settlement_month").month
    years = max((month.max() - month.min()).days / 365.25, 1 / 12)
    flows = flows.assign(origin=flows.origin_id.map(kind), destination=flows.destination_id.map(kind))
    figure = _figure(
        run, 10, 5.5, "Moves between kinds of settlement",
        f"Moves a year, mean over the {years:.1f} years of the run; between counties, returns included, re-labelling not.\n"
        "Students move before they have a degree: coming to the cores they stand in the left table only, leaving as graduates in both.",
    )  # fmt: skip
    labels = list(KIND_LABELS)
    for k, (part, title) in enumerate(((flows, "Everyone"), (flows[flows.education == "college"], "College-educated"))):
        table = part.pivot_table(index="origin", columns="destination", values="moves", aggfunc="sum", fill_value=0)
        table = table.reindex(index=KINDS, columns=KINDS, fill_value=0).to_numpy(dtype=float) / years
        scale, word = _unit(table.max())
        axes = figure.add_axes((0.11 + 0.46 * k, 0.12, 0.32, 0.58))
        axes.imshow(table, cmap="Blues", vmin=0, vmax=max(table.max(), 1) * 1.1, aspect="auto")
        axes.grid(False)
        for i in range(5):
            for j in range(5):
                dark = table[i, j] > 0.62 * table.max()
                axes.text(j, i, _two_digits(table[i, j] / scale), ha="center", va="center", size=9, color="white" if dark else INK)
        net = table.sum(axis=0) - table.sum(axis=1)
        for j in range(5):
            axes.text(
                j, 4.85, ("+" if net[j] > 0 else "") + _two_digits(net[j] / scale), ha="center", va="center", size=9, weight="bold", color=GAIN if net[j] >= 0 else LOSS
            )
        axes.text(-0.65, 4.85, "net", ha="right", va="center", size=9, weight="bold")
        axes.set_xticks(range(5), [label.replace(" ", "\n") for label in labels])
        axes.set_yticks(range(5), labels)
        axes.xaxis.tick_top()
        axes.tick_params(length=0)
        axes.set_ylim(5.15, -0.5)
        for side in axes.spines.values():
            side.set_visible(False)
        axes.set_xlabel("")
        axes.set_title(f"{title}, {_people(word, 'moves')} a year: from (row) to (column)", pad=34, size=9.5, x=-0.3)
    return figure


# --- four: against the record ----------------------------------------------------------------

RECORD = (
    ("urban_share_resident", "urban_share_resident", "Urban share of residents, %", 100.0, 1.0),
    ("migrant_workers_total", "migrant_workers_total", "Migrant workers, million", 1e-6, 1.0),
    ("migrant_workers_outgoing", "migrant_workers_outgoing", "Outgoing (away from home), million", 1e-6, 1.0),
    ("migrant_workers_interprovincial", "migrant_workers_interprov", "Inter-provincial, million", 1e-6, 1.0),
)
"""(column of the national table, variable of the published series, title, scale of the column, of the series)."""


def published() -> pd.DataFrame | None:
    """The published national series, one row a variable and year; None where this installation lacks it."""
    path = configs_folder() / "worlds" / "china-data" / "national_2010_2024.csv"
    if not path.is_file():
        return None
    with open(path, encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["value"]]
    return pd.DataFrame({"variable": [r["variable"] for r in rows], "year": [int(r["year"]) for r in rows],
                         "value": [float(r["value"]) for r in rows], "unit": [r["unit"] for r in rows]})  # fmt: skip


def _in_percent_or_million(series: pd.DataFrame) -> pd.Series:
    factor = {"10k persons": 0.01, "10k": 0.01, "10,000 persons": 0.01, "thousand": 0.001}
    return series.value * series.unit.map(lambda unit: factor.get(unit, 1.0))


def draw_record(run) -> Figure | None:
    """Urban share and migrant workers against the published series, with "no change" and "trend" beside."""
    record = published()
    if record is None or not run.info["world"].startswith("china"):
        return None
    national = run.table("national")
    national = national[national.circle_id == 0]
    opening = national.month.iloc[0].year
    figure = _figure(
        run, 10, 7.4, "The run against the published record",
        "Dots: published. Grey: what one would say without a model, from what was known in the opening year.",
    )  # fmt: skip
    for k, (column, variable, title, scale, _) in enumerate(RECORD):
        axes = figure.add_axes((0.07 + 0.48 * (k % 2), 0.535 - 0.395 * (k // 2), 0.4, 0.265))
        series = record[record.variable == variable].sort_values("year")
        dots = pd.Series(_in_percent_or_million(series).to_numpy(), index=series.year.to_numpy())
        _compare(axes, national, column, dots, title, scale, opening)
    handles = [
        Line2D([], [], color="#2c7fb8", lw=2.2, label="this run"),
        Line2D([], [], color=REAL, marker="o", linestyle="", label="published to the opening year"),
        Line2D([], [], color=REAL, marker="o", markerfacecolor="white", linestyle="", label="published later"),
        Line2D([], [], color=FAINT, lw=1.3, ls=":", label='"no change"'),
        Line2D([], [], color=FAINT, lw=1.3, ls="--", label='"trend" (last five years go on)'),
    ]
    figure.legend(handles=handles, loc="upper left", ncols=5, bbox_to_anchor=(0.012, 0.925), fontsize=8, columnspacing=1.2)
    figure.text(
        0.02, 0.033, "Published: National Bureau of Statistics of China, communiques, yearbooks and migrant-worker monitoring reports.",
        size=7.5, color=FAINT, va="bottom",
    )  # fmt: skip
    return figure


def _compare(axes, national: pd.DataFrame, column: str, dots: pd.Series, title: str, scale: float, opening: int) -> None:
    """One series: the run's line, the published dots, no change and trend, and the error of each in words."""
    run_line = pd.Series(national[column].to_numpy(dtype=float) * scale, index=national.month)
    when = pd.to_datetime([f"{year}-12-01" for year in dots.index])
    axes.plot(run_line.index, run_line, color="#2c7fb8", lw=2.2, zorder=3)
    known, later = dots[dots.index <= opening], dots[dots.index > opening]
    axes.plot(when[dots.index <= opening], known, "o", color=REAL, ms=4, zorder=4)
    axes.plot(when[dots.index > opening], later, "o", color=REAL, ms=5, markerfacecolor="white", zorder=4)
    text = ""
    if len(known):
        base = known.iloc[-1]
        past = known[known.index >= known.index[-1] - 5]
        slope = (past.iloc[-1] - past.iloc[0]) / max(past.index[-1] - past.index[0], 1)
        start, end = pd.Timestamp(f"{known.index[-1]}-12-01"), run_line.index[-1]
        ahead = np.array([0.0, max((end - start).days / 365.25, 0.0)])
        axes.plot([start, end], base + 0 * ahead, ":", color=FAINT, lw=1.3)
        axes.plot([start, end], base + slope * ahead, "--", color=FAINT, lw=1.3)
        errors = [
            (abs(run_line[f"{year}-12-01"] - value), abs(base - value), abs(base + slope * (year - known.index[-1]) - value))
            for year, value in later.items()
            if pd.Timestamp(f"{year}-12-01") in run_line.index and np.isfinite(run_line[f"{year}-12-01"])
        ]
        if errors:
            run_error, none_error, trend_error = np.mean(errors, axis=0)
            years = f"{later.index[0]}-{later.index[0] + len(errors) - 1}" if len(errors) > 1 else f"{later.index[0]}"
            text = f"mean error {years}: run {run_error:.1f}, no change {none_error:.1f}, trend {trend_error:.1f}"
    axes.set_title(title)
    axes.text(0.0, -0.16, text, transform=axes.transAxes, size=8, color="#555555", va="top")
    axes.margins(x=0.02, y=0.12)


def _series(run, name: str) -> Figure:
    """Any column of the national table over time."""
    outcome = BY_TABLE["national", name]
    national = run.table("national")
    line = national[national.circle_id == 0].set_index("month")[name].dropna().astype(float)
    scale, word = _unit(line.max()) if outcome.kind == PEOPLE and len(line) else (0.01 if outcome.kind == SHARE else 1.0, "")
    unit = "%" if outcome.kind == SHARE else f"{word} {outcome.unit}".strip()
    figure = _figure(run, 8, 4.2, outcome.label_en, f"{outcome.meaning} Unit: {unit}.".strip())
    axes = figure.add_axes((0.09, 0.15, 0.86, 0.64))
    axes.plot(line.index, line / scale, color="#2c7fb8", lw=2)
    axes.set_ylabel(unit)
    _date_ticks(axes)
    return figure


PICTURES = {"map": draw_map, "talent_by_kind": draw_talent_pool, "flows_between_kinds": draw_flows, "published_record": draw_record}
"""Pictures every run draws, by file name."""
