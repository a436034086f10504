"""Scenarios drawn at random: policies, places, numbers, drivers and parameters from everything that may be said."""

from __future__ import annotations

import json
import random
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np

from simulator import invariants, policies
from simulator.foundations.errors import BadInput
from simulator.foundations.files import atomic_write_text, source_digest
from simulator.foundations.units import KINDS, RURAL_CLASSES
from simulator.measures.observer import Observer
from simulator.model import MigrationModel
from simulator.scenario import load_parameters
from simulator.worlds.library import cache_folder
from tests.edge_worlds import EDGES, WEIGHT, plain

MONTHS = 24
BEYOND = 0.15
"""Chance that a number is drawn from all that is allowed, not from what is plausible."""
FROM_EDGE = 0.25
"""Chance that the world is one of the edge worlds."""


def draw_scenario(number: int) -> tuple[Callable, dict]:
    """The world and settings of the scenario with this number, always the same."""
    luck = random.Random(f"scenario {number}")
    make, settings = plain, {}
    if luck.random() < FROM_EDGE:
        make, settings = EDGES[luck.choice([name for name in EDGES if name not in ("nobody", "one person")])]
    settings = dict(settings)
    settings["seed"] = luck.randrange(10**6)
    settings["drivers__variant"] = luck.choice(["low", "middle", "high"])
    known = load_parameters()
    for name in luck.sample(sorted(known), 12):
        settings.setdefault(name.replace(".", "__"), draw_number(luck, known[name]))
    settings["policies"] = [draw_policy(luck) for _ in range(luck.choice([0, 1, 1, 2, 3, 5]))]
    return make, settings


def draw_number(luck: random.Random, parameter):
    """A number from what is plausible, sometimes from all that is allowed, often at a border."""
    low, high = parameter.plausible or (parameter.low, parameter.high)
    if luck.random() < BEYOND:
        low, high = parameter.low, parameter.high
    value = luck.choice([low, high, luck.uniform(low, high), luck.uniform(low, high)])
    return round(value) if parameter.kind == "int" else float(value)


def draw_policy(luck: random.Random) -> dict:
    """A policy with numbers of its own, somewhere, at some time, more or less well delivered."""
    name = luck.choice(sorted(policies.registry()))
    use: dict = {"policy": name}
    for short, parameter in policies.registry()[name].parameters.items():
        if luck.random() < 0.6:
            use[short] = draw_number(luck, parameter)
    where: dict = {}
    if luck.random() < 0.3:
        where["kinds"] = luck.sample(list(KINDS), luck.randint(1, 3))
    elif luck.random() < 0.2:
        where["rural_classes"] = luck.sample(list(RURAL_CLASSES), 2)
    elif luck.random() < 0.3:
        where["poorest_share"] = luck.uniform(0.1, 1.0)
    if where:
        use["where"] = where
    if luck.random() < 0.5:
        use["when"] = {"start": luck.choice(["2020-12", "2021-03", "2022-01"]), "ramp_months": luck.choice([0, 1, 12])}
    for field, values in (("strength", [0.0, 0.3, 1.0]), ("delivery", [0.0, 0.5, 1.0]), ("budget", [0.0, 1e6, 1e10]),
                          ("payer", ["local", "central"]), ("delay_months", [0, 6])):  # fmt: skip
        if luck.random() < 0.4:
            use[field] = luck.choice(values)
    return use


def live(make: Callable, settings: dict, months: int = MONTHS) -> MigrationModel:
    """Live the months with every invariant on and every warning an error; then look at every column."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = found(make, {"persons_per_agent": WEIGHT} | settings)
        try:
            observer = Observer(model.world)
            observer.open(model)
            model.observers.append(observer)
            for _ in range(months):
                model.step()
            invariants.check_ranges(model)
            look_for_nonsense(observer)
        finally:
            model.close()
    return model


def found(make: Callable, settings: dict) -> MigrationModel:
    """The model; where a policy means a kind of place that this world has not, it acts everywhere."""
    try:
        return MigrationModel("teaching", world=make(), **settings)
    except BadInput as bad:
        if "no settlement" not in str(bad):
            raise
        uses = [{key: value for key, value in use.items() if key != "where"} for use in settings["policies"]]
        return MigrationModel("teaching", world=make(), **(settings | {"policies": uses}))


def look_for_nonsense(observer: Observer) -> None:
    """No table holds an infinite number; people and money are never below nothing where they cannot be."""
    for table, rows in observer.tables.items():
        for name, values in rows.columns().items():
            if values.dtype.kind == "f":
                assert not np.isinf(values).any(), f"{table}.{name} holds an infinite number"
            if name in ("residents", "people", "employed", "unemployed", "debt", "moves"):
                assert (values[~np.isnan(values)] >= 0).all() if values.dtype.kind == "f" else (values >= 0).all(), (table, name)


class Passed:
    """Which scenarios have passed with exactly this code, kept in the user's cache, so that a long suite goes on."""

    def __init__(self, suite: str):
        tests = [Path(__file__).with_name(name) for name in ("random_scenarios.py", "edge_worlds.py")]
        seen = source_digest() + "".join(path.read_text("utf-8") for path in tests)
        self.key = f"{suite} {hash_text(seen)}"
        self.path = cache_folder().parent / f"passed-{suite}.json"
        try:
            kept = json.loads(self.path.read_text("utf-8"))
        except (OSError, ValueError):
            kept = {}
        self.numbers = set(kept.get("numbers", [])) if kept.get("key") == self.key else set()

    def note(self, number: int) -> None:
        """Remember that a scenario has passed."""
        self.numbers.add(number)
        atomic_write_text(self.path, json.dumps({"key": self.key, "numbers": sorted(self.numbers)}))


def hash_text(text: str) -> str:
    """A short digest of a text."""
    import hashlib

    return hashlib.sha256(text.encode()).hexdigest()[:24]
