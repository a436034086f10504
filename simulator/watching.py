"""The lives of a few people of a run, told as events: who moved, worked, studied, returned, died, and when."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from simulator.foundations.errors import BadInput, Fault
from simulator.foundations.units import NOWHERE, STATES, month_date

WATCHED = ("alive", "residence", "state", "education", "hukou_place", "hukou_kind", "wage", "partner")


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
        names = ("uid", "month", "n", "event", "from_id", "to_id", "amount_yuan", "text_key")
        return {name: [row[name] for row in self._rows] for name in names}

    def _look(self, model) -> None:
        persons = model.persons
        for uid in self.uids:
            if uid not in self._found:
                row = np.flatnonzero(persons.uid == np.uint64(uid))
                if len(row) == 0:
                    continue
                self._found[uid] = int(row[0])
            row = self._found[uid]
            now = {name: int(getattr(persons, name)[row]) for name in WATCHED}
            before = self._last.get(uid)
            self._last[uid] = now
            if before is not None:
                self._tell(model, uid, row, before, now)

    def _tell(self, model, uid: int, row: int, before: dict[str, int], now: dict[str, int]) -> None:
        here, there = before["residence"], now["residence"]
        events = []
        if before["alive"] and not now["alive"]:
            events.append(("death", here, here, "life.death"))
        elif here != there:
            event = "return" if there == int(model.persons.root[row]) else "move"
            events.append((event, here, there, f"life.{event}"))
        if now["alive"]:
            if before["education"] != now["education"]:
                events.append(("education", there, there, "life.education"))
            if before["state"] != now["state"]:
                events.append((STATES[now["state"]], there, there, f"life.state.{STATES[now['state']]}"))
            if (before["hukou_place"], before["hukou_kind"]) != (now["hukou_place"], now["hukou_kind"]):
                events.append(("hukou", before["hukou_place"], now["hukou_place"], "life.hukou"))
            if before["partner"] < 0 <= now["partner"]:
                events.append(("union", there, there, "life.union"))
        for n, (event, start, to, key) in enumerate(events):
            self._rows.append(
                {
                    "uid": uid,
                    "month": month_date(model.month),
                    "n": n,
                    "event": event,
                    "from_id": None if start == NOWHERE else start,
                    "to_id": None if to == NOWHERE else to,
                    "amount_yuan": now["wage"] / 100,
                    "text_key": key,
                }
            )
