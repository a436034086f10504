"""Questions that need two worlds lived side by side: why people move otherwise, and the same person in the other world."""

from __future__ import annotations

import json

import numpy as np

from viz.packing import pack

WHY_EVERY = 3
"""Every how many months considerers are asked what decides them."""
ASKED = 700
"""Considerers asked in each of these months in each world."""
TWINS = 2
"""People told of each kind."""


class GivenUp(Exception):
    """Nobody waits for the answer any more."""


def why(base, other, begin: int, state: dict, stop, progress) -> bytes:
    """The lines of the change in net migration by place and schooling, people a year, from the month after `begin` on.

    base, other: scenarios that differ in policies; state: the model at the end of `begin`,
    lived under the base. stop() says whether to give up; progress(share) tells how far it is.
    The block holds `lines` [all and four schoolings, places, lines], the last line being the sum of the others.
    """
    from experiments.compare.instep import Pausing, _step_both
    from experiments.compare.why import LINES, considerers_now, reasons_of, split
    from simulator import checkpoint, governing
    from simulator.mechanisms import migration
    from viz.live import LiveObserver

    a, b = Pausing(base), Pausing(base)
    try:
        governing.adopt(b, other)
        for model in (a, b):
            checkpoint.restore(model, LiveObserver(model.world), state | {"programmes": model.programmes.arrays()})
        found, months = None, 0

        def ask(x, y) -> None:
            nonlocal found, months
            migration.hear_news(x)
            migration.hear_news(y)
            reasons = reasons_of(x, y, (considerers_now(x, y, ASKED), considerers_now(y, x, ASKED)))
            found = reasons if found is None else found + reasons
            months += 1

        while not a.done:
            if stop():
                raise GivenUp
            if (a.month - begin) % WHY_EVERY == 0:
                _step_both(a, b, ask)
            else:
                a.step()
                b.step()
            progress((a.month - begin) / max(1, a.start + a.months - begin))
        flows = found.times(12.0 / months).flows
        by_school = np.concatenate([flows.sum(axis=2, keepdims=True), flows], axis=2)
        names = (*LINES, "all")
        lines = np.zeros((5, a.world.n, len(names)), dtype=np.float32)
        for e in range(5):
            for i in range(a.world.n):
                told = split(by_school[:, :, e, i])
                lines[e, i] = [told[name] for name in names]
        head = {"lines": list(names), "considerers": found.considerers, "from": begin + 1, "months": months, "every": WHY_EVERY}
        return pack(head, {"lines": lines})
    finally:
        a.close()
        b.close()


def twins(base, other, stop, progress) -> bytes:
    """People whose life differs between two scenarios, in sentences and side by side, in both languages."""
    from experiments.twins.parting import find_twins
    from experiments.twins.telling import Names, as_json, side_by_side
    from simulator.worlds.library import load_world

    def step(month: int, months: int, part: int) -> None:
        if stop():
            raise GivenUp
        progress((month / months + part - 1) / 2)

    world = load_world(base.world, base.base_year)
    zh = {str(e): str(z) for e, z in zip(world.name_en, world.name_zh, strict=True)}
    names, titles = Names(world), (("without", "不做改变"), ("with your changes", "你的改变"))
    told = []
    for twin in find_twins(base, other, count=TWINS, progress=step):
        for name in ("root", "residence", "birthplace", "hukou_place"):
            twin.facts[f"{name}_zh"] = zh.get(twin.facts.get(name) or "", "")
        row = as_json(twin, names, titles)
        row["lives"] = {lang: side_by_side(twin, names, lang) for lang in ("en", "zh")}
        row["places"] = [[event["to_id"] for event in side if event["event"] in ("move", "return")] for side in twin.events]
        told.append(row)
    return pack({"twins": json.loads(json.dumps(told, default=str, allow_nan=False))}, {})
