"""What is shown: the scenario, its scales, the places on the map, the levers and presets of one server."""

from __future__ import annotations

import threading
from functools import cached_property

import numpy as np

from simulator.foundations.units import EDUCATIONS, KINDS, RURAL_CLASSES, month_text
from simulator.measures.outcomes import DECLARED
from simulator.measures.prosperity import load_index
from simulator.results import REASONS
from viz import evidence
from viz.levers import Panel
from viz.live import GOVERNMENT_COLUMNS, NATION_COLUMNS, PLACE_COLUMNS, people_columns
from viz.runs_desk import december_before_policies

SCALES = {"draft": 50_000, "full": 10_000}
"""Persons an agent stands for: the quick answer, and the one that takes its place."""
SEEDS = range(1, 9)
"""Seeds of the band."""
CHEAP_AGENTS = 60_000
"""Up to so many agents every December of a baseline is kept on disk (6 MB each at 28,000), above it a few."""
MOST_PLACES_AHEAD = 400
"""In worlds of more settlements the seeds of the band are lived only when they are asked for."""


class Exhibit:
    """One for the server; every visitor looks at the same."""

    readonly = False

    def __init__(self, desk, scenario: str = "baseline", scales: dict[str, int] | None = None, loaded=None):
        self.desk, self.name, self.loaded = desk, scenario, loaded
        self.scales = dict(scales or SCALES)
        self._bases: dict[tuple, object] = {}
        self._lock = threading.Lock()

    @cached_property
    def panel(self) -> Panel:
        """Every lever over the scenario shown."""
        from simulator.scenario import load_scenario

        return Panel(self.loaded or load_scenario(self.name))

    def baseline(self, kind: str, seed: int | None = None):
        """The scenario without changes at a scale."""
        return self.scenario({}, kind, seed)

    def scenario(self, levers: dict, kind: str, seed: int | None = None):
        """The scenario with a visitor's levers over it; BadInput says what is wrong with them."""
        settings = {"persons_per_agent": self.scales["draft" if kind not in self.scales else kind]}
        if seed is not None:
            settings["seed"] = seed
        if levers:
            return self.panel.scenario(levers, settings)
        with self._lock:
            key = (kind, seed)
            if key not in self._bases:
                self._bases[key] = self.panel.scenario({}, settings)
            return self._bases[key]

    def keep(self, scenario) -> list[int]:
        """Months whose state a baseline leaves behind: every December where that is cheap, else those that levers begin after."""
        decembers = december_before_policies(scenario)
        usual = {self.panel.usual_start - 1, self.panel.usual_start - 13}
        if scenario.seed != self.baseline("draft").seed:
            return [month for month in decembers if month in usual]
        if self.world.population.sum() / scenario.persons_per_agent > CHEAP_AGENTS:
            return [month for month in decembers if month in usual or month // 12 % 3 == 0]
        return decembers

    def prepare(self) -> None:
        """Let the workers make themselves ready while nobody waits: the models of both scales built, then those of
        the band's other seeds, whose baselines are lived once and kept."""
        for kind in self.scales:
            self.desk.make_ready(self.baseline(kind), 0 if kind == "full" else -1)
        if self.world.n > MOST_PLACES_AHEAD:
            return
        for seed in SEEDS[1:]:
            self.desk.make_ready(self.baseline("draft", seed), seed, "spare")
            self.desk.ask(self.baseline("draft", seed), "spare")

    @cached_property
    def world(self):
        """The tables of the world shown."""
        from simulator.worlds.library import load_world

        base = self.baseline("draft")
        return load_world(base.world, base.base_year)

    def meta(self) -> dict:
        """Everything the page needs before the first number."""
        return self._meta

    @cached_property
    def _meta(self) -> dict:
        world, base = self.world, self.baseline("draft")
        return {
            "scenario": base.name,
            "title": base.title.model_dump(),
            "world": base.world,
            "start": base.start_month,
            "months": base.months + 1,
            "first": month_text(base.start_month),
            "scales": {kind: {"persons_per_agent": k} for kind, k in self.scales.items()},
            "places": {
                "name": {"en": _words(world.name_en), "zh": _words(world.name_zh)},
                "kind": world.kind.tolist(),
                "rural_class": world.rural_class.tolist(),
                "circle": world.circle.tolist(),
                "province": world.province.tolist(),
                "coastal": [int(v) for v in world.coastal],
                "lon": _round(world.lon),
                "lat": _round(world.lat),
                "area": _round(world.area_km2),
                "people": [int(v) for v in world.population],
            },
            "provinces": {"en": _words(world.province_en), "zh": _words(world.province_zh)},
            "kinds": list(KINDS),
            "rural_classes": list(RURAL_CLASSES),
            "educations": list(EDUCATIONS),
            "reasons": list(REASONS),
            "columns": list(PLACE_COLUMNS),
            "nation": list(NATION_COLUMNS),
            "governments": list(GOVERNMENT_COLUMNS),
            "government": (np.unique(world.circle, return_inverse=True)[1] + 1).tolist(),
            "people_columns": people_columns(),
            "outcomes": {
                f"{o.table}/{o.name}": {"en": o.label_en, "zh": o.label_zh, "unit": o.unit, "kind": o.kind, "meaning": o.meaning}
                for o in DECLARED
                if o.table in ("settlement_month", "national", "government_month")
            },
            "panel": self.panel.for_page(),
            "index": _index(),
            "validation": evidence.first_years(base),
            "readonly": self.readonly,
            "version": version_shown(),
            "land": self._land(),
        }

    def _land(self) -> list[list[float]]:
        """Points that show where people live, behind the map: the prefectures of the census."""
        if not self.baseline("draft").world.startswith("china"):
            return []
        from simulator.worlds.library import load_world

        world = load_world("china-prefectures", 2020)
        seen = {}
        for lon, lat, people in zip(world.lon, world.lat, world.population, strict=True):
            key = (round(float(lon), 1), round(float(lat), 1))
            seen[key] = seen.get(key, 0.0) + float(people)
        return [[lon, lat, round(people)] for (lon, lat), people in seen.items()]


def _index() -> list[dict]:
    """The common-prosperity index as its file declares it: what the room can weigh otherwise."""
    return [
        {
            "name": d.name, "weight": d.weight, "title": {"en": d.meaning.en, "zh": d.meaning.zh},
            "indicators": [{"name": i.name, "weight": i.weight, "worst": i.worst, "best": i.best, "log": i.logarithmic} for i in d.indicators],
        }
        for d in load_index()
    ]  # fmt: skip


def version_shown() -> str:
    """The version of the program, for the foot of the page."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("homeward-sim")
    except PackageNotFoundError:
        return "unpacked"


def _words(values) -> list[str]:
    return [str(v) for v in values]


def _round(values) -> list[float]:
    return [round(float(v), 4) for v in np.asarray(values)]
