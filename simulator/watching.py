"""The lives of a few people of a run, told as events: school, moves, jobs, pay, family, firms, benefits, illness, death."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from simulator.foundations.errors import BadInput, Fault
from simulator.foundations.units import EMPLOYED, FEN, NOWHERE, STATES, UNEMPLOYED, month_date, month_of_year

WATCHED = (
    "alive", "residence", "state", "education", "hukou_place", "hukou_kind", "wage", "partner", "employer", "household",
    "received", "savings", "benefit_months",
)  # fmt: skip
NAMES = ("uid", "month", "n", "event", "from_id", "to_id", "amount_yuan", "text_key")
"""Columns of the table `lives`."""
PAY_MONTH = 12
"""Calendar month in which those who keep their job are asked for their pay."""


NEWS_AGAIN = 24
"""Months after which it is told anew that somebody begins to send money home."""


class Watch:
    """An observer of single people, by uid; it compares each month with the last."""

    def __init__(self, model, uids: Iterable[int]):
        self.uids = [int(uid) for uid in uids]
        self._found: dict[int, int] = {}
        self._last: dict[int, dict[str, int]] = {}
        self._rows: list[dict] = []
        self._look(model)
        missing = [uid for uid in self.uids if uid not in self._found and uid < len(model.persons)]
        if missing:
            raise BadInput(Fault(field="watch", value=str(missing[0]), allowed="the uid of a person of this run"))

    def observe(self, model) -> None:
        """Note what changed in the lives watched."""
        self._look(model)

    def rows(self) -> dict[str, list]:
        """The events so far, one list a column, in the order of the `lives` table."""
        return {name: [row[name] for row in self._rows] for name in NAMES}

    def _look(self, model) -> None:
        persons = model.persons
        for uid in self.uids:
            if uid not in self._found:
                row = np.flatnonzero(persons.uid == np.uint64(uid))
                if len(row) == 0:
                    continue
                self._found[uid] = int(row[0])
            row = self._found[uid]
            before, now = self._last.get(uid), facts(model, row)
            now["month_sent"] = before["month_sent"] if before is not None else 0
            self._last[uid] = now
            if before is not None:
                self._tell(model, uid, row, before, now)

    def _tell(self, model, uid: int, row: int, before: dict[str, int], now: dict[str, int]) -> None:
        events = happened(model, row, before, now)
        for n, (event, start, to, amount, key) in enumerate(events):
            self._rows.append(
                {
                    "uid": uid,
                    "month": month_date(model.month),
                    "n": n,
                    "event": event,
                    "from_id": None if start == NOWHERE else start,
                    "to_id": None if to == NOWHERE else to,
                    "amount_yuan": amount / FEN,
                    "text_key": f"life.{key}",
                }
            )


def facts(model, row: int) -> dict[str, int]:
    """What is looked at in a person: columns, and what hangs on them."""
    persons, homes, firms = model.persons, model.households, getattr(model, "firms", None)
    now = {name: int(getattr(persons, name)[row]) for name in WATCHED}
    house = now["household"]
    now["guarantee"] = int(homes.guarantee[house]) if house >= 0 else 0
    child = int(persons.first_child[row])
    own = child >= 0 and row in (int(persons.mother[child]), int(persons.partner[persons.mother[child]]) if persons.mother[child] >= 0 else -1)
    now["youngest"] = child if own else -1
    now["firms"] = int(np.count_nonzero((firms.founder == row) & (firms.alive == 1))) if firms is not None else 0
    return now


def happened(model, row: int, before: dict[str, int], now: dict[str, int]) -> list[tuple[str, int, int, int, str]]:
    """The month's events of one life: (event, from, to, fen, key of the sentence), in the order of the month."""
    here, there, wage = before["residence"], now["residence"], now["wage"]
    if before["alive"] and not now["alive"]:
        return [("death", here, here, 0, "death")]
    if not now["alive"]:
        return []
    events = []
    if before["education"] != now["education"]:
        events.append(("education", there, there, 0, f"education.{now['education']}"))
    events += _at_work(model, before, now)
    events += _of_the_floor(model, row, before, now)
    if before["firms"] < now["firms"]:
        events.append(("firm_founded", there, there, 0, "firm_founded"))
    elif before["firms"] > now["firms"]:
        events.append(("firm_closed", there, there, 0, "firm_closed"))
    if here != there:
        event = "return" if there == int(model.persons.root[row]) else "move"
        events.append((event, here, there, wage, event))
    if (before["hukou_place"], before["hukou_kind"]) != (now["hukou_place"], now["hukou_kind"]):
        events.append(("hukou", before["hukou_place"], now["hukou_place"], 0, "hukou"))
    if before["partner"] < 0 <= now["partner"]:
        events.append(("union", there, there, 0, "union"))
    elif now["partner"] < 0 <= before["partner"]:
        events.append(("widowed", there, there, 0, "widowed"))
    if now["youngest"] >= 0 and now["youngest"] != before["youngest"] and model.persons.birth_month[now["youngest"]] == model.month:
        events.append(("child_born", there, there, 0, "child_born"))
    if now["received"] < 0 <= before["received"] and now["month_sent"] < model.month - NEWS_AGAIN:
        events.append(("remits", there, int(model.persons.root[row]), -now["received"], "remits"))
        now["month_sent"] = model.month
    return events


def _at_work(model, before, now) -> list[tuple[str, int, int, int, str]]:
    there, wage = now["residence"], now["wage"]
    if before["state"] != now["state"]:
        state = STATES[now["state"]]
        lost = before["state"] == EMPLOYED and now["state"] == UNEMPLOYED
        return [(state, there, there, wage, "lost_job" if lost else f"state.{state}")]
    if now["state"] == EMPLOYED and before["employer"] != now["employer"]:
        return [("new_job", there, there, wage, "new_job")]
    if now["state"] == EMPLOYED and month_of_year(model.month) == PAY_MONTH:
        return [("pay", there, there, wage, "pay")]
    return []


def _of_the_floor(model, row: int, before, now) -> list[tuple[str, int, int, int, str]]:
    there, events = now["residence"], []
    if before["guarantee"] == 0 < now["guarantee"]:
        events.append(("guarantee", there, there, now["guarantee"], "guarantee"))
    elif now["guarantee"] == 0 < before["guarantee"]:
        events.append(("guarantee_ends", there, there, 0, "guarantee_ends"))
    drawing = now["state"] == UNEMPLOYED and now["benefit_months"] < before["benefit_months"]
    if drawing and before["benefit_months"] in (12, 18, 24):
        events.append(("benefit", there, there, 0, "benefit"))
    rows, bills = getattr(model, "month_treated", (np.empty(0, np.int32), np.empty(0, np.int64)))
    for k in np.flatnonzero(rows == row):
        events.append(("ill", there, there, int(bills[k]), "ill"))
    return events
