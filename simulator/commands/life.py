"""Tell the life of one person of a run: the months that mattered, in sentences. Lives are replayed, not stored."""

from __future__ import annotations

import argparse
import json
import sys


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which run, and whose life."""
    from simulator.finding import KINDS

    parser.add_argument("run", metavar="RUN", help="a run folder")
    parser.add_argument("person", metavar="PERSON", nargs="?", default="any", help="the uid of a person, or any (default)")
    parser.add_argument("--find", metavar="KIND", help="somebody of a kind: " + ", ".join(kind.name for kind in KINDS))
    parser.add_argument("--threads", type=int, default=1, metavar="T", help="threads that compute the run again; the life is the same")


def main(args: argparse.Namespace) -> int:
    """Find the person, live the run again with an eye on them, and print what happened."""
    from simulator import runs
    from simulator.finding import BY_NAME, pick
    from simulator.foundations.errors import BadInput, Fault, choices, did_you_mean

    kept = runs.open_run(args.run)
    kind = args.find or ("any" if args.person == "any" else None)
    if kind is not None and kind not in BY_NAME:
        raise BadInput(Fault(field="--find", value=kind, allowed=choices(list(BY_NAME), 20), remedy=did_you_mean(kind, BY_NAME)))
    if args.find and args.person != "any":
        raise BadInput(Fault(field="--find", value=args.find, allowed="--find or the uid of a person, not both", remedy="leave one out"))
    if args.threads < 1:
        raise BadInput(Fault(field="--threads", value=str(args.threads), allowed="1 or more"))
    if kind is None:
        if not args.person.isascii() or not args.person.isdigit() or len(args.person) > 20:
            raise BadInput(Fault(field="PERSON", value=args.person[:60], allowed="a whole number, or any", remedy="homeward life RUN any"))
        uid = int(args.person)
    else:
        with runs.reliving(kept, args.threads) as (model, months):
            for _ in _told(months, args, "looking for somebody"):
                pass
            found = pick(model, BY_NAME[kind])
        if found is None:
            raise BadInput(Fault(field="--find", value=kind, allowed="a kind that somebody of this run is", remedy="try any, or a longer run"))
        uid = found
    told = tell_life(kept, uid, args)
    if args.json:
        print(json.dumps(told | {"kind": kind}, ensure_ascii=False, indent=1, default=str))
    else:
        if kind is not None and kind != "any":
            print((BY_NAME[kind].zh if args.lang == "zh" else BY_NAME[kind].en) + ("：" if args.lang == "zh" else ":"))
        print("\n".join(told["sentences"]))
    return 0


def tell_life(kept, uid: int, args: argparse.Namespace) -> dict:
    """The life of a person: facts at the start and the end, the rows of the table `lives`, and sentences."""
    from simulator import runs
    from simulator.commands.life_text import portrait, sentence
    from simulator.foundations.errors import BadInput, Fault
    from simulator.foundations.units import month_text
    from simulator.watching import Watch

    chinese = args.lang == "zh"
    with runs.reliving(kept, args.threads) as (model, months):
        try:
            watch = Watch(model, [uid])
        except OverflowError:
            raise BadInput(Fault(field="PERSON", value=str(uid), allowed="the uid of a person of this run")) from None
        model.observers.append(watch)
        first, start = facts_of(model, uid), model.month
        for _ in _told(months, args, "living the run again"):
            if first is None:
                first, start = facts_of(model, uid), model.month
        last, end, names = facts_of(model, uid), model.month, Names(model.world)
        rows = watch.rows()
    if first is None or last is None:
        raise BadInput(Fault(field="PERSON", value=str(uid), allowed="the uid of a person of this run", remedy="homeward life RUN any"))
    events = [dict(zip(rows, values, strict=True)) for values in zip(*rows.values(), strict=True)]
    who = f"编号{uid}" if chinese else f"Person {uid}"
    sex = {"male": ("a man", "男"), "female": ("a woman", "女")}[first["sex"]][chinese]
    opening = f"{who}，{sex}。{month_text(start)}：{portrait(first, names, True)}" if chinese else (
        f"{who}, {sex}. {month_text(start)}: {portrait(first, names, False)}"
    )
    sentences = [opening]
    for month in dict.fromkeys(event["month"] for event in events):
        words = [sentence(event, names, chinese) for event in events if event["month"] == month]
        sentences.append(f"{month:%Y-%m}{'：' if chinese else ': '}" + ("；" if chinese else "; ").join(words) + ("。" if chinese else "."))
    closing = portrait(last, names, chinese)
    sentences.append(f"{month_text(end)}：{closing}" if chinese else f"{month_text(end)}: {closing}")
    return {"uid": uid, "start": first, "end": last, "lives": events, "sentences": sentences}


def facts_of(model, uid: int) -> dict | None:
    """What a person is now; None before birth, or when there is no such person."""
    import numpy as np

    from simulator.foundations.units import EDUCATIONS, SEXES, STATES

    p = model.persons
    found = np.flatnonzero(p.uid == np.uint64(uid)) if 0 <= uid < 2**64 else []
    if len(found) == 0:
        return None
    i = int(found[0])
    return {
        "alive": bool(p.alive[i]), "age": (model.month - int(p.birth_month[i])) // 12, "sex": SEXES[p.sex[i]],
        "education": EDUCATIONS[p.education[i]], "state": STATES[p.state[i]], "residence": int(p.residence[i]),
        "hukou_place": int(p.hukou_place[i]), "root": int(p.root[i]), "wage": int(p.wage[i]) / 100, "savings": int(p.savings[i]) / 100,
    }  # fmt: skip


class Names:
    """Names of settlements by row."""

    def __init__(self, world):
        self.en, self.zh = [str(v) for v in world.name_en], [str(v) for v in world.name_zh]

    def __call__(self, row: int | None, chinese: bool) -> str:
        if row is None or not 0 <= row < len(self.en):
            return "他处" if chinese else "elsewhere"
        return (self.zh if chinese else self.en)[row]


def _told(months, args: argparse.Namespace, what: str):
    """Go through the months, with a line of progress on a terminal."""
    show = not args.quiet and sys.stderr.isatty()
    for done, total in months:
        if show and (done % 6 == 0 or done == total):
            print(f"\r{what}: month {done} of {total}", end="", file=sys.stderr, flush=True)
        yield done
    if show:
        print("\r" + " " * 60 + "\r", end="", file=sys.stderr, flush=True)
