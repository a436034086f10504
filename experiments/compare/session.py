"""A comparison from end to end: pairs lived, effects, reasons, gains and costs told, and a folder with all of it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from experiments.compare import charts, report
from experiments.compare.chart_words import chinese_font
from experiments.compare.costs import costs_table, places_table
from experiments.compare.effects import describe, effects_table, pairing_gain
from experiments.compare.groups import LABELS
from experiments.compare.living import Progress, live_all
from experiments.compare.measuring import measure, months_to_tell
from experiments.compare.pairing import Pairing
from experiments.compare.targets import targeted_places
from simulator import policies
from simulator.foundations.files import atomic_write_bytes, atomic_write_text, folder_lock, source_digest
from simulator.foundations.units import month_text
from simulator.results import SCHEMA_VERSION, write_parquet
from simulator.runs import Run, open_run

FORMAT = 1


@dataclass
class Comparison:
    """What a comparison found; tables are pandas frames, `folder` is where everything lies."""

    pairing: Pairing
    folder: Path
    effects: pd.DataFrame
    places: pd.DataFrame
    costs: pd.DataFrame
    terms: pd.DataFrame | None = None
    shares: pd.DataFrame | None = None
    sentences: list[dict] = field(default_factory=list)
    runs: list[tuple[Run, Run]] = field(default_factory=list)
    targeted: np.ndarray | None = None

    def as_json(self) -> dict:
        """The comparison as plain values: what it is, its notes, and the headline effects."""
        rows = report.headline_rows(self.effects)
        gain = pairing_gain(self.effects)
        return {
            "format": FORMAT,
            "folder": str(self.folder),
            **self.about(),
            "effects": [_plain(row) for row in rows],
            "costs": [_plain(row) for _, row in self.costs.iterrows()],
            "shares": [] if self.shares is None else [_plain(row) for _, row in self.shares.iterrows()],
            "why": self.sentences,
            "paired_over_unpaired_error": {row.outcome: round(float(row.ratio), 4) for row in gain.itertuples()},
        }

    def about(self) -> dict:
        """What was compared, over what, and what the intervals hold."""
        p, base, other = self.pairing, self.pairing.base, self.pairing.other
        return {
            "base": base.name, "other": other.name, "world": base.world, "start": base.start, "months": base.months,
            "last_month": month_text(base.end_month), "persons_per_agent": base.persons_per_agent, "drivers": base.drivers.model_dump(),
            "seeds": [pair.seed for pair in p.pairs], "draws": sum(pair.draw is not None for pair in p.pairs), "n_pairs": len(p.pairs),
            "uncertainty": p.uncertainty, "interval": "95 % t-interval over pairs", "source_digest": source_digest(),
            "policies": [use.policy for use in p.changed], "in_force": [use.policy for use in p.in_force], "notes": list(p.notes),
        }  # fmt: skip


def compare(pairing: Pairing, out: Path, *, runs: Path | None = None, workers: int | None = None, progress: Progress | None = None,
            every: str = "year", csv: bool = False, command: str = "", lang: str = "en", extras=()) -> Comparison:  # fmt: skip
    """Live every pair, measure, and write the folder `out`: tables, pictures, `report.html`, `compare.json`.

    runs: where run folders are kept (default `out/runs`), so that several comparisons can share a baseline.
    every: months told, `year` (Decembers and the last month) or `month`. extras: functions of the Comparison
    that add reasons (`terms`, `sentences`) or shares before the page is written.
    FolderBusy when another process works on `out`.
    """
    out.mkdir(parents=True, exist_ok=True)
    with folder_lock(out):
        kept = runs or out / "runs"
        scenarios = [scenario for pair in pairing.pairs for scenario in (pair.base, pair.other)]
        places = live_all(scenarios, kept, workers, progress)
        opened = [(open_run(places[pair.base.hash]), open_run(places[pair.other.hash])) for pair in pairing.pairs]
        found = summarise(pairing, opened, out, every)
        for extra in extras:
            extra(found)
        write(found, command, lang, csv)
        return found


def summarise(pairing: Pairing, opened: list[tuple[Run, Run]], out: Path, every: str = "year") -> Comparison:
    """Effects, places and costs of runs that have been lived."""
    targeted = targeted_places(pairing)
    months = months_to_tell(opened[0][0], every)
    cache: dict[Path, pd.DataFrame] = {}

    def measured(run: Run) -> pd.DataFrame:
        if run.folder not in cache:
            cache[run.folder] = measure(run, months, targeted)
        return cache[run.folder]

    pairs = [(measured(a), measured(b)) for a, b in opened]
    effects = effects_table(pairs, pairing.uncertainty)
    return Comparison(pairing, out, effects, places_table(opened), costs_table(pairs), runs=opened, targeted=targeted)


def write(found: Comparison, command: str, lang: str, csv: bool) -> None:
    """Everything a comparison found, into its folder; each file whole or not at all."""
    tables = {"effects": found.effects, "places": found.places, "costs": found.costs, "terms": found.terms, "shares": found.shares}
    for name, frame in tables.items():
        if frame is None:
            continue
        arrow = pa.Table.from_pandas(_dates(frame), preserve_index=False)
        arrow = arrow.replace_schema_metadata({"homeward.table": name, "homeward.schema_version": str(SCHEMA_VERSION)})
        write_parquet(found.folder / f"{name}.parquet", arrow)
        if csv:
            atomic_write_text(found.folder / f"{name}.csv", _dates(frame).to_csv(index=False))
    face = face_of(found, lang)
    pictures = charts.draw_all(found.effects, face, found.terms, found.shares)
    (found.folder / "pictures").mkdir(exist_ok=True)
    for name, data in pictures.items():
        atomic_write_bytes(found.folder / "pictures" / f"{name}.png", data)
    page = report.write_page(about_page(found, command, lang), found.effects, found.terms, found.places, found.costs, found.shares, pictures, lang)
    atomic_write_text(found.folder / "report.html", page)
    text = json.dumps(found.as_json(), ensure_ascii=False, indent=1, allow_nan=False, default=str)
    atomic_write_text(found.folder / "compare.json", text)


def face_of(found: Comparison, lang: str) -> charts.Face:
    """What the pictures say on their face; in English when this machine has no font for Chinese."""
    base, other = found.pairing.base, found.pairing.other
    lang = lang if lang == "zh" and chinese_font() else "en"
    last = month_text(base.end_month)
    period, agents = {
        "en": (f"{base.start} to {last}", f"{base.world}, one agent = {base.persons_per_agent:,} people"),
        "zh": (f"{base.start}至{last}", f"{base.world}，每个智能体代表{base.persons_per_agent:,}人"),
    }[lang]
    return charts.Face(getattr(base.title, lang), getattr(other.title, lang), period, len(found.pairing.pairs), agents, found.pairing.uncertainty, lang)


def about_page(found: Comparison, command: str, lang: str) -> dict:
    """The texts of the report that are not numbers."""
    from experiments.compare.sentences import certainty, facts

    p = found.pairing
    base, other = p.base, p.other
    return {
        "title_base": getattr(base.title, lang),
        "title_other": getattr(other.title, lang),
        "against": {"en": f"compared with: {base.title.en}", "zh": f"对照：{base.title.zh}"}[lang],
        "facts": facts(p, lang),
        "notes": [*p.notes, *(["本机没有可用的中文字体，图中文字为英文。"] if lang == "zh" and not chinese_font() else [])],
        "policies": [_use_row(use, lang) for use in p.changed],
        "sentences": [line[lang] for line in found.sentences],
        "certainty": certainty(p, lang),
        "command": command,
        "ids": [f"{a.info['id'][:16]} / {b.info['id'][:16]}  seed {a.info['seed']}" for a, b in found.runs[:8]]
        + ([f"... {len(found.runs)} pairs in all"] if len(found.runs) > 8 else [])
        + [f"source {source_digest()[:16]}, lock {found.runs[0][0].info['lock_digest'][:16]}"],
    }


def _use_row(use, lang: str) -> list[str]:
    w = report.WORDS[lang]
    where = use.where.model_dump(exclude_none=True)
    when = use.when.model_dump(exclude_none=True)
    when = {k: v for k, v in when.items() if not (k == "ramp_months" and v == 0)}
    if use.delay_months:
        when["delay_months"] = use.delay_months
    params = ({"strength": use.strength} if use.strength != 1 else {}) | dict(use.params)
    if use.budget is not None:
        params["budget, yuan a year"] = f"{use.budget:,.0f}"
    if lang == "zh":
        where, when = _in_chinese(where), _in_chinese(when)
    known = policies.registry().get(use.policy)
    name = known.title[lang] if known is not None else use.policy.replace("_", " ")
    return [name, _said(where, w["everywhere"]), _said(when, w["always"]), f"{use.delivery:.0%}", _said(params, "–")]


_CHINESE = {
    "kinds": "类型", "rural_classes": "乡村分类", "provinces": "省份", "coastal": "沿海", "poorest_share": "最贫困人口比例", "start": "开始", "end": "结束",
    "ramp_months": "渐进月数", "delay_months": "延迟月数",
}  # fmt: skip


def _in_chinese(data: dict) -> dict:
    """Where and when with Chinese names."""
    names = {key.partition(":")[2]: words[1] for key, words in LABELS.items() if key.startswith(("kind:", "class:"))}

    def word(value):
        return {True: "是", False: "否"}[value] if isinstance(value, bool) else [names.get(v, v) for v in value] if isinstance(value, list) else value

    return {_CHINESE.get(name, name): word(value) for name, value in data.items()}


def _said(data: dict, none: str) -> str:
    """Settings in words: `kinds: rural, county_town; coastal: False`."""
    parts = [f"{k.replace('_', ' ')}: {', '.join(map(str, v)) if isinstance(v, list) else v}" for k, v in data.items()]
    return "; ".join(parts) or none


def _dates(frame: pd.DataFrame) -> pd.DataFrame:
    frame = frame.copy()
    if "month" in frame and len(frame) and hasattr(frame.month.iloc[0], "date"):
        frame["month"] = [m.date() for m in frame.month]
    return frame


def _plain(row) -> dict:
    """A row as plain values: missing numbers are null, months are text, with labels in both languages."""
    out = {}
    for name, value in dict(row).items():
        if isinstance(value, (float, np.floating)):
            out[name] = None if np.isnan(value) else float(value)
        elif hasattr(value, "strftime"):
            out[name] = f"{value:%Y-%m}"
        else:
            out[name] = value.item() if hasattr(value, "item") else value
    if isinstance(out.get("outcome"), str):
        out["label_en"], out["label_zh"] = describe(out["outcome"])[2:]
    return out
