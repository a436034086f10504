"""One visitor: hears wishes from the page, asks the desk, and sends what comes back, never faster than the line takes."""

from __future__ import annotations

import logging
import queue
import threading

from simulator.foundations.errors import BadInput, Fault, HomewardError, show_value
from simulator.foundations.units import EDUCATIONS, KINDS
from simulator.runs import run_id
from viz.exhibit import SEEDS
from viz.records import inquiry_name

LOG = logging.getLogger("homeward.view")
WAITING = 400
"""Blocks that may wait for a slow line; beyond it the visitor is told to ask again."""
COMPARED = 4


class Visitor:
    """Between one page and the desk. `send(head, block)` delivers a message to the page."""

    def __init__(self, exhibit, send):
        self.exhibit, self.desk, self._send = exhibit, exhibit.desk, send
        self.outbox: queue.Queue = queue.Queue()
        self.wants: dict[str, list] = {}
        self.lock = threading.Lock()
        self.gone = False

    def pump(self) -> None:
        """Deliver messages until the visitor leaves; run it in a thread of its own."""
        while not self.gone:
            message = self.outbox.get()
            if message is None:
                return
            try:
                self._send(*message)
            except Exception:
                LOG.debug("a page went away", exc_info=True)

    def leave(self) -> None:
        """Give up everything asked for."""
        self.gone = True
        self.outbox.put(None)
        for slot in list(self.wants):
            self._drop(slot)

    def hear(self, message: object) -> None:
        """Answer one message of the page; a fault is told in one line, and nothing else happens."""
        if self.gone or self.outbox.qsize() > 2 * WAITING:  # nothing more for a line that takes nothing
            return
        try:
            if not isinstance(message, dict) or not isinstance(message.get("type"), str):
                raise BadInput(Fault(value="this message is not understood"))
            if self.exhibit.readonly and message["type"] != "hello":
                raise BadInput(Fault(value="a finished run is shown and cannot be changed", remedy="start homeward view without a folder"))
            answer = {"hello": self._hello, "ask": self._ask, "seeds": self._seeds, "compare": self._compare, "inquire": self._inquire, "file": self._file, "sync": self._sync}.get(message["type"])
            if answer is None:
                raise BadInput(Fault(field="type", value=show_value(message["type"]), allowed="hello, ask, seeds, compare, inquire, file or sync"))
            answer(message)
        except HomewardError as error:
            self._tell({"kind": "fault", "text": str(error).splitlines()[0][:400]})
        except Exception as error:  # one bad wish must not end the session
            LOG.exception("a wish could not be answered")
            self._tell({"kind": "fault", "text": f"our defect ({type(error).__name__})"})

    # -- wishes ----------------------------------------------------------------------------------

    def _hello(self, _message: dict) -> None:
        self._tell({"kind": "meta", "meta": self.exhibit.meta()})
        if self.exhibit.readonly:
            record = self.exhibit.record
            if record is None:
                return
            self._tell({"kind": "slot", "slot": "base/draft", "runs": [record.id]})
            self._tell({"kind": "history", "slot": "base/draft", "place": 0}, record.packed())
            return
        for kind in self.exhibit.scales:
            self._want(f"base/{kind}", [(self.exhibit.baseline(kind), kind, None)])

    def _ask(self, message: dict) -> None:
        levers = _levers(message)
        for kind in self.exhibit.scales:
            base = self.desk.ask(self.exhibit.baseline(kind), kind)
            scenario = self.exhibit.scenario(levers, kind)
            self._want(f"now/{kind}", [(scenario, kind, base)])
        self._drop("seeds")

    def _seeds(self, message: dict) -> None:
        levers, wanted = _levers(message), []
        for seed in SEEDS:
            base = self.exhibit.baseline("draft", seed)
            record = self.desk.ask(base, "seed")
            wanted += [(base, "seed", None), (self.exhibit.scenario(levers, "draft", seed), "seed", record)]
        self._want("seeds", wanted)

    def _compare(self, message: dict) -> None:
        sets = message.get("sets")
        if not isinstance(sets, list) or len(sets) > COMPARED:
            raise BadInput(Fault(field="sets", value=show_value(sets), allowed=f"up to {COMPARED} scenarios"))
        base = self.desk.ask(self.exhibit.baseline("draft"), "draft")
        wanted = []
        for one in sets:
            wanted.append((self.exhibit.scenario(_levers(one), "compare"), "compare", base))
        self._want("compare", wanted)

    def _inquire(self, message: dict) -> None:
        kind, levers = message.get("about"), _levers(message)
        if kind not in ("why", "twins", "person"):
            raise BadInput(Fault(field="about", value=show_value(kind), allowed="why, twins or person"))
        scenario = self.exhibit.scenario(levers, "draft")
        if not levers and kind != "person" or any("." in name and name.partition(".")[0] not in self.exhibit.panel.policies for name in levers):
            raise BadInput(Fault(field="about", value="assumptions differ from the baseline", remedy="ask about policies"))
        whom = self._whom(message) if kind == "person" else None
        base = self.desk.ask(self.exhibit.baseline("draft"), "draft")
        with self.lock:
            before = self.wants.pop(kind, [])
            listener = self._listener(kind, 0)
            self._tell({"kind": "slot", "slot": kind, "runs": [inquiry_name(kind, base, scenario, whom)]})
            self.wants[kind] = [(self.desk.inquire(kind, base, scenario, listener, whom), listener)]
        for record, old in before:
            self.desk.leave(record, old)
        self._drop_if_gone(kind)

    def _whom(self, message: dict) -> dict:
        """Whose life is asked for: a number, or any of those that fit."""
        limits = {"uid": (0, 2**63), "place": (0, self.exhibit.world.n - 1), "kind": (0, len(KINDS) - 1), "education": (0, len(EDUCATIONS) - 1), "draw": (0, 9999)}
        asked, whom = message.get("whom"), {}
        if not isinstance(asked, dict) or set(asked) - set(limits):
            raise BadInput(Fault(field="whom", value=show_value(asked), allowed=", ".join(limits)))
        for name, value in asked.items():
            low, high = limits[name]
            if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
                raise BadInput(Fault(field=f"whom.{name}", value=show_value(value), allowed=f"a whole number from {low} to {high}"))
            whom[name] = value
        return whom

    def _file(self, message: dict) -> None:
        """The scenario with these levers as a file for `homeward run`, at the scale shown."""
        kind = message.get("scale")
        scenario = self.exhibit.scenario(_levers(message), kind if kind in self.exhibit.scales else "draft")
        self._tell({"kind": "file", "name": f"{scenario.name}-{run_id(scenario)[:8]}.yaml", "text": scenario.to_yaml()})

    def _sync(self, _message: dict) -> None:
        """The line was cut for a while: say again what was asked for and all that is known of it."""
        with self.lock:
            wants = {slot: [record for record, _ in records] for slot, records in self.wants.items()}
        for slot, records in wants.items():
            self._tell({"kind": "slot", "slot": slot, "runs": [record.id for record in records]})
            for place, record in enumerate(records):
                with self.desk.lock:
                    block = record.packed()
                self._tell({"kind": "history", "slot": slot, "place": place}, block)

    # -- the desk --------------------------------------------------------------------------------

    def _want(self, slot: str, wanted: list[tuple]) -> None:
        """Listen to some histories in place of what this slot listened to before."""
        with self.lock:
            before = self.wants.pop(slot, [])
            self._tell({"kind": "slot", "slot": slot, "runs": [run_id(scenario) for scenario, _, _ in wanted]})
            records = []
            for k, (scenario, kind, base) in enumerate(wanted):
                listener = self._listener(slot, k)
                records.append((self.desk.ask(scenario, kind, listener, base), listener))
            self.wants[slot] = records
        for record, listener in before:
            self.desk.leave(record, listener)
        self._drop_if_gone(slot)

    def _drop(self, slot: str) -> None:
        with self.lock:
            before = self.wants.pop(slot, [])
        for record, listener in before:
            self.desk.leave(record, listener)

    def _drop_if_gone(self, slot: str) -> None:
        """A visitor may leave while a wish is being answered."""
        if self.gone:
            self._drop(slot)

    def _listener(self, slot: str, place: int):
        def hear(event: str, _record, block: bytes | None) -> None:
            if self.outbox.qsize() < WAITING:
                self._tell({"kind": event, "slot": slot, "place": place}, block)

        return hear

    def _tell(self, head: dict, block: bytes | None = None) -> None:
        if not self.gone:
            self.outbox.put((head, block))


def _levers(message: object) -> dict:
    levers = message.get("levers") if isinstance(message, dict) else None
    if not isinstance(levers, dict):
        raise BadInput(Fault(field="levers", value=show_value(levers), remedy="send lever names and numbers"))
    return levers
