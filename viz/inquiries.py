"""Questions that need two worlds lived side by side: why people move otherwise, and the same person in the other world."""

from __future__ import annotations

import json
import re

import numpy as np

from viz.packing import pack

WHY_EVERY = 3
"""Every how many months considerers are asked what decides them."""
ASKED = 700
"""Considerers asked in each of these months in each world."""
TWINS = 2
"""People told of each kind."""
TITLES = (("without your changes", "不做改变"), ("with your changes", "有你的改变"))
"""What the two worlds are called."""
YOUNGEST, OLDEST = 12, 70
"""Ages at the opening of those whose lives are followed."""


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
    from experiments.twins.telling import Names, as_json
    from simulator.worlds.library import load_world

    def step(month: int, months: int, part: int) -> None:
        if stop():
            raise GivenUp
        progress((month / months + part - 1) / 2)

    world = load_world(base.world, base.base_year)
    zh = {str(e): str(z) for e, z in zip(world.name_en, world.name_zh, strict=True)}
    names, titles = Names(world), TITLES
    told = []
    for twin in find_twins(base, other, count=TWINS, progress=step):
        for name in ("root", "residence", "birthplace", "hukou_place"):
            twin.facts[f"{name}_zh"] = zh.get(twin.facts.get(name) or "", "")
        row = as_json(twin, names, titles)
        row["sentences"] = {lang: [_plainly(text) for text in row["sentences"][lang]] for lang in ("en", "zh")}
        row["lives"] = {lang: lives_of(twin, names, lang) for lang in ("en", "zh")}
        told.append(row)
    return pack({"twins": json.loads(json.dumps(told, default=str, allow_nan=False))}, {})


def person(base, other, whom: dict, stop, progress) -> bytes:
    """The life of one person in two worlds, or in one where nothing differs.

    whom: `uid`, or any of `place`, `kind` and `education` (numbers) and `draw`, the how-manieth of those that fit in a
    keyed order. They are people of the first population, 12 to 70 years old at the opening, so that there is something to tell.
    """
    from experiments.compare.instep import Pausing
    from experiments.twins.parting import Twin, watch_lives
    from experiments.twins.telling import EDUCATION, SEX, Names, ends, parting
    from experiments.twins.telling import why as told_why
    from simulator.worlds.library import load_world

    same = base.hash == other.hash
    model = Pausing(base)
    try:
        row, fitting = pick_person(model, whom)
    finally:
        model.close()
    if row is None:
        return pack({"person": None, "fitting": 0}, {})

    def step(month: int, months: int, part: int) -> None:
        if stop():
            raise GivenUp
        progress(month / months)

    twin = Twin(row, "")
    watch_lives(base, other, [twin], 1, step)
    world = load_world(base.world, base.base_year)
    names, titles = Names(world), TITLES
    zh = {str(e): str(z) for e, z in zip(world.name_en, world.name_zh, strict=True)}
    f, told = twin.facts, {}
    for lang in ("en", "zh"):
        z = lang == "zh"
        sex, schooling = SEX[f["sex"]][z], EDUCATION[f["education"]][z]
        if z:
            first = f"编号{row}。开始时{f['age']}岁，{sex}，{schooling}学历，家乡{zh.get(f['root'], f['root'])}。"
        else:
            noun = {"man": "boy", "woman": "girl"}[sex] if f["age"] < 16 else sex
            first = f"Person {row}. At the start a {noun} of {f['age']} with {schooling}, from {f['root']}."
        last = ends(twin, names, titles, lang)
        if same:
            last = [last[0].partition("：" if z else ": ")[2]]
        told[lang] = [first, *last]
        if not same:
            told[lang].append(parting(twin, names, titles, lang))
        if twin.parted is not None:
            told[lang].append(told_why(twin, names, lang))
    told = {lang: [_plainly(text) for text in sentences] for lang, sentences in told.items()}
    answer = {
        "uid": row, "same": same, "parted": None if twin.parted is None else f"{twin.after[0]['month']:%Y-%m}", "sentences": told,
        "lives": {lang: lives_of(twin, names, lang) for lang in ("en", "zh")},
    }  # fmt: skip
    return pack({"person": answer, "fitting": fitting}, {})


def _plainly(text: str) -> str:
    """A sentence for a room: without quotation marks around its two worlds, and without log odds."""
    for en, zh in TITLES:
        text = text.replace(f"In “{en}”: ", f"{en[0].upper()}{en[1:]}: ")
        text = text.replace(f"in “{en}” nothing", f"{en}, nothing").replace(f"in “{en}” ", f"{en}, this person ")
        text = text.replace(f"“{zh}”中：", f"{zh}时：").replace(f"“{zh}”中", f"{zh}时")
    return re.sub(r" \([+−-]?[\d.]+ on the log odds; [^()]*\)|（对数几率[^（）]*）", "", text)


def lives_of(twin, names, lang: str) -> list[tuple[str, str, str]]:
    """(month, first life, second life) in sentences, for every month in which something happens in either."""
    from simulator.commands.life_text import sentence

    chinese = lang == "zh"
    call = lambda row, _chinese: names(row, lang)
    rows = []
    for month in sorted({event["month"] for side in twin.events for event in side}):
        cells = [("；" if chinese else "; ").join(sentence(e, call, chinese) for e in side if e["month"] == month) for side in twin.events]
        rows.append((f"{month:%Y-%m}", *cells))
    return rows


def pick_person(model, whom: dict) -> tuple[int | None, int]:
    """(row of the person meant or None, how many fit)."""
    p, n = model.persons, model.first_generation
    if "uid" in whom:
        return (whom["uid"], 1) if whom["uid"] < n and p.alive[whom["uid"]] == 1 else (None, 0)
    age = (model.month - p.birth_month[:n].astype(np.int64)) // 12
    fits = (p.alive[:n] == 1) & (age >= YOUNGEST) & (age <= OLDEST)
    if "place" in whom:
        fits &= p.residence[:n] == whom["place"]
    if "kind" in whom:
        fits &= model.world.kind[p.residence[:n]] == whom["kind"]
    if "education" in whom:
        fits &= p.education[:n] == whom["education"]
    rows = np.flatnonzero(fits)
    if not len(rows):
        return None, 0
    order = np.argsort((rows.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(17), kind="stable")
    return int(rows[order[whom.get("draw", 0) % len(rows)]]), len(rows)
