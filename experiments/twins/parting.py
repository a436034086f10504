"""Where the lives of a person in two worlds part, and which term of the last shared choice changed most."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from experiments.compare.instep import live_in_step
from experiments.compare.swapping import ALL, Options, weigh
from experiments.compare.why import split
from experiments.twins.kinds import KINDS, find
from simulator.foundations.units import month_date
from simulator.mechanisms import migration
from simulator.scenario import Scenario
from simulator.watching import Watch

CANDIDATES = 40
"""People of a kind whose lives are replayed, to choose from."""
LEAST_CHANGE = 1e-3
"""Change of the log odds below which nothing is called a cause."""
LEAST_WEIGHT = 1e-12
"""exp(utility - best) of a place that a mix of the worlds puts out of reach."""


@dataclass
class Choice:
    """A choice of place that a person made in both worlds in the same month."""

    month: int
    chosen: tuple[int, int] = (-1, -1)
    terms: dict[str, float] | None = None
    """Change of the utility of the second world's place over that of the first's, by term; None where both chose alike."""


@dataclass
class Twin:
    """One person in two worlds; index 0 is the first world, 1 the second."""

    uid: int
    kind: str
    facts: dict = field(default_factory=dict)
    parted: int | None = None
    before: dict | None = None
    after: tuple[dict, dict] | None = None
    choice: Choice | None = None
    ends: tuple[dict, dict] | None = None
    events: tuple[list[dict], list[dict]] = field(default_factory=lambda: ([], []))

    @property
    def parted_by_choice(self) -> bool:
        """Whether the month in which the lives part is one in which both chose a place, and chose differently."""
        return self.choice is not None and self.choice.month == self.parted and self.choice.chosen[0] != self.choice.chosen[1]

    @property
    def cause(self) -> str | None:
        """The term of the last shared choice that changed most, or None where no choice was shared or nothing changed."""
        terms = (self.choice.terms or {}) if self.choice else {}
        lines = {name: value for name, value in terms.items() if name != "all"}
        if not lines or max(map(abs, lines.values())) < LEAST_CHANGE:
            return None
        return max(lines, key=lambda name: abs(lines[name]))


LOOKED_AT = ("residence", "state", "alive", "education")


def find_twins(base: Scenario, other: Scenario, names: list[str] | None = None, count: int = 3, threads: int = 1, progress=None) -> list[Twin]:
    """People whose life differs between two scenarios that pair, up to `count` a kind, those parted by a choice first.

    Both worlds are lived twice in step: once to see who ends differently, once to watch those people.
    progress(month, months, pass): called after every month.
    """
    names = names or [kind.name for kind in KINDS]
    last: dict[str, np.ndarray] = {}

    def look(a, b) -> None:
        if progress is not None:
            progress(a.month - base.start_month, base.months, 1)
        if a.done:
            last.update(find(a, b, names, CANDIDATES))

    live_in_step(base, other, after_month=look, threads=threads)
    twins = [Twin(int(row), name) for name, rows in last.items() for row in rows]
    if not twins:
        return []
    watch_lives(base, other, twins, threads, progress)
    chosen: list[Twin] = []
    for name in names:
        some = [twin for twin in twins if twin.kind == name]
        some.sort(key=lambda t: (not t.parted_by_choice, t.cause is None, -_size(t), t.uid))
        chosen += some[:count]
    return chosen


def _size(twin: Twin) -> float:
    terms = (twin.choice.terms or {}) if twin.choice else {}
    return max((abs(value) for name, value in terms.items() if name != "all"), default=0.0)


def watch_lives(base: Scenario, other: Scenario, twins: list[Twin], threads: int = 1, progress=None) -> None:
    """Live both worlds in step and fill in the twins: facts, events, where the lives part, the last shared choice.

    The people are of the first population, whose uid is their row in both worlds.
    """
    rows = np.array([twin.uid for twin in twins], dtype=np.int32)
    by_row = {twin.uid: twin for twin in twins}
    asked: dict[int, tuple[np.ndarray, list[list[Options]]]] = {}
    watches: list[Watch] = []

    def opening(a, b) -> None:
        watches.extend(Watch(model, rows.tolist()) for model in (a, b))
        for model, watch in zip((a, b), watches, strict=True):
            model.observers.append(watch)
        for twin in twins:
            twin.facts = a.people.person(twin.uid)
            twin.before = _now(a, twin.uid)

    def at_choice(a, b) -> None:
        asked.clear()
        waiting = rows[[by_row[row].parted is None for row in rows.tolist()]]
        both = np.intersect1d(*(np.intersect1d(migration.considerers(model)[0], waiting) for model in (a, b))).astype(np.int32)
        if not len(both):
            return
        migration.hear_news(a)
        migration.hear_news(b)
        options = [[weigh(own, both, away, mix) for mix in range(ALL + 1)] for own, away in ((a, b), (b, a))]
        asked[a.month] = (both, options)

    def after_month(a, b) -> None:
        if progress is not None:
            progress(a.month - base.start_month, base.months, 2)
        if a.month in asked:
            both, options = asked[a.month]
            for r, row in enumerate(both.tolist()):
                places = int(a.persons.residence[row]), int(b.persons.residence[row])
                terms = None
                if places[0] != places[1]:
                    odds = np.array([[_odds(mixed, r, *places) for mixed in side] for side in options])
                    terms = split(odds)
                by_row[row].choice = Choice(a.month, places, terms)
        for twin in twins:
            if twin.parted is None:
                now = _now(a, twin.uid), _now(b, twin.uid)
                if any(now[0][name] != now[1][name] for name in LOOKED_AT):
                    twin.parted, twin.after = a.month, now
                else:
                    twin.before = now[0]
            if a.done:
                twin.ends = _now(a, twin.uid), _now(b, twin.uid)
        if a.done:
            for side, watch in enumerate(watches):
                columns = watch.rows()
                for k, uid in enumerate(columns["uid"]):
                    by_row[uid].events[side].append({name: values[k] for name, values in columns.items()})

    live_in_step(base, other, at_choice=at_choice, after_month=after_month, opening=opening, threads=threads)


def _odds(options: Options, r: int, first: int, second: int) -> float:
    """ln of the odds of choosing the second place over the first, whatever the way of going."""
    place, _, probability = options.probabilities(r)
    return float(np.log(max(probability[place == second].sum(), LEAST_WEIGHT)) - np.log(max(probability[place == first].sum(), LEAST_WEIGHT)))


def _now(model, row: int) -> dict:
    p = model.persons
    state = {name: int(getattr(p, name)[row]) for name in (*LOOKED_AT, "wage", "hukou_place", "partner")}
    return state | {"month": month_date(model.month)}
