"""What is asked of the desk: a history, a question about two worlds, something to be made ready; and what is known of it so far."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from viz.packing import pack, unpack
from viz.worker import MONTHLY

Listener = Callable[[str, "Record", bytes | None], None]


class _Request:
    """What is asked for, with the ground it stands on."""

    scenario: object

    @cached_property
    def ground(self) -> str:
        """What it shares with all that differ from it in policies only."""
        return ground_of(self.scenario)


@dataclass(eq=False)
class Record(_Request):
    """One history: what is known of it so far, and who wants to hear more.

    `places` [months, columns, n] float32 and `nation` [months, columns] float64 hold agents, `policies`
    [months, policies, 3] yuan spent, yuan asked and people reached, `governments` [months, columns, 1 + circles]
    yuan; `filled` months are there, counted from the opening record. `yearly` maps `flows/2026` and the like to arrays.
    """

    id: str
    kind: str
    scenario: object
    base: Record | None
    same_until: int
    status: str = "waiting"
    why: str = ""
    filled: int = 0
    places: np.ndarray | None = None
    nation: np.ndarray | None = None
    policies: np.ndarray | None = None
    governments: np.ndarray | None = None
    yearly: dict[str, np.ndarray] = field(default_factory=dict)
    listeners: list[Listener] = field(default_factory=list)
    block: bytes | None = None
    after: int | None = None
    """Of a fine history: the number of the sketch that was being lived when it was first looked at, which it lets pass."""

    @property
    def months(self) -> int:
        """Months in all, the opening record included."""
        return self.scenario.months + 1

    @property
    def bytes(self) -> int:
        """Memory of what is known so far."""
        arrays = [getattr(self, name) for name in MONTHLY]
        return sum(a.nbytes for a in (*arrays, *self.yearly.values()) if a is not None) + len(self.block or b"")

    def head(self) -> dict:
        """What a block says of the history it belongs to."""
        return {
            "run": self.id, "kind": self.kind, "status": self.status, "why": self.why, "filled": self.filled,
            "months": self.months, "start": self.scenario.start_month, "seed": self.scenario.seed,
            "persons_per_agent": self.scenario.persons_per_agent, "same_until": self.same_until,
            "base": self.base.id if self.base is not None else self.id,
            "policies": [use.policy for use in self.scenario.policies],
        }  # fmt: skip

    def take(self, arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Put months where they belong; gives the arrays back with their first row's position."""
        month, parts = arrays.pop("month"), {name: arrays.pop(name) for name in MONTHLY}
        if self.places is None:
            for name, part in parts.items():
                empty = 0.0 if name == "policies" else np.nan
                setattr(self, name, np.full((self.months, *part.shape[1:]), empty, dtype=part.dtype))
            self._inherit()
        at = int(month[0]) - self.scenario.start_month
        for name, part in parts.items():
            getattr(self, name)[at : at + len(month)] = part
        self.yearly |= arrays
        self.filled = at + len(month)
        return parts | arrays

    def _inherit(self) -> None:
        """Months before the first difference are those of the base."""
        rows = self.same_until - self.scenario.start_month + 1
        if self.base is None or self.base.places is None:
            return
        for name in MONTHLY:
            if name != "policies":
                getattr(self, name)[:rows] = getattr(self.base, name)[:rows]
        last = self.same_until if (self.same_until + 1) % 12 == 0 else self.same_until - 12
        self.yearly |= {k: v for k, v in self.base.yearly.items() if int(k.rpartition("/")[2]) <= last // 12}

    def packed(self) -> bytes:
        """All that is known and not the base's, as one block; kept once the history is whole."""
        if self.places is None:
            return pack(self.head() | {"first": 0}, {})
        if self.block is not None:
            return self.block
        first = 0 if self.base is None else self.same_until - self.scenario.start_month + 1
        arrays = {name: getattr(self, name)[first : self.filled] for name in MONTHLY if getattr(self, name) is not None}
        own = {k: v for k, v in self.yearly.items() if first == 0 or int(k.rpartition("/")[2]) * 12 + 11 > self.same_until}
        block = pack(self.head() | {"first": first}, arrays | own)
        if self.status == "done":
            self.block = block
        return block

    def recall(self, block: bytes) -> bool:
        """Take everything from a block that `packed` once gave for the same run; False when it does not fit."""
        try:
            head, arrays = unpack(block)
            if (head["run"], head["status"], head["filled"], head["first"]) != (self.id, "done", self.months, 0) or len(arrays["places"]) != self.months:
                return False
            for name in MONTHLY:
                setattr(self, name, arrays.pop(name))
            self.yearly, self.filled, self.status = arrays, self.months, "done"
        except (ValueError, KeyError, TypeError, IndexError):
            return False
        return True


@dataclass(eq=False)
class Inquiry(_Request):
    """A question about two worlds and its answer, shared like a history."""

    id: str
    kind: str
    scenario: object
    base: Record
    status: str = "waiting"
    why: str = ""
    filled: int = 0
    answer: bytes | None = None
    share: float = 0.0
    listeners: list[Listener] = field(default_factory=list)
    whom: dict | None = None

    @property
    def bytes(self) -> int:
        """Memory of the answer."""
        return len(self.answer or b"")

    def head(self) -> dict:
        """What a block says of the question it belongs to."""
        return {"run": self.id, "kind": self.kind, "status": self.status, "why": self.why, "share": self.share}

    def packed(self) -> bytes:
        """The answer, or how far it is."""
        if self.answer is None:
            return pack(self.head(), {})
        head, arrays = unpack(self.answer)
        return pack(self.head() | head, arrays)


@dataclass(eq=False)
class Chore(_Request):
    """Something to be made ready on one worker before anybody asks."""

    id: str
    kind: str
    scenario: object
    hand: int
    status: str = "waiting"
    why: str = ""
    listeners: tuple = ()

    def head(self) -> dict:
        """What is said of it, should anyone ask."""
        return {"run": self.id, "kind": self.kind, "status": self.status}


def inquiry_name(kind: str, base: Record, scenario, whom: dict | None = None) -> str:
    """The name under which a question is shared."""
    from simulator.runs import run_id

    asked = "" if whom is None else ":" + json.dumps(whom, sort_keys=True)
    return f"{kind}:{base.id}:{run_id(scenario)}{asked}"


def ground_of(scenario) -> str:
    """What a scenario shares with all that differ from it in policies only."""
    data = scenario.resolved() | {"policies": [], "title": None, "description": None, "outputs": None}
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()[:16]
