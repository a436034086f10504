"""What governments have promised and what came of it: programmes in force, money on offer, claims, spending and reach.

A programme is one policy of the scenario: where, when, how strong, who pays, how much a year at
most. Mechanisms ask for an offer by its kind (`ask`) where the event happens, and report what
the use of a lever cost (`report`); they never learn which policy stands behind it.
Amounts are fen of the agents, as in the books.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

KINDS = ("graduate_grant", "rent_relief", "startup_grant", "relocation_incentive")
"""What money can be offered for; a claim stores the number of its kind."""
GRADUATE_GRANT = KINDS.index("graduate_grant")
PERSON, FIRM = 0, 1

NEW_GRADUATE_MONTHS = 12
"""A graduate may claim a retention grant within so many months of leaving study (assumed)."""
RECENT_GRADUATE_MONTHS = 60
"""A recent graduate left study less than five years ago (MODEL 2)."""

CLAIM = np.dtype(
    [
        ("programme", "i4"),
        ("kind", "u1"),
        ("payee", "u1"),  # PERSON: row of persons; FIRM: row of firms
        ("row", "i4"),
        ("place", "u2"),
        ("amount", "i8"),  # fen a payment
        ("left", "i2"),  # payments still to come
        ("granted", "u1"),  # 0 waiting, 1 paid before
        ("arrives", "u1"),  # 0 when what is paid is lost on the way
    ]
)


def joined(parts: list[np.ndarray]) -> np.ndarray:
    """Claims one after another (numpy's own joining of such rows first works out their type anew, which takes longer)."""
    if len(parts) == 1:
        return parts[0]
    ends = np.cumsum([len(part) for part in parts])
    out = np.empty(ends[-1] if len(parts) else 0, dtype=CLAIM)
    for part, end in zip(parts, ends, strict=True):
        out[end - len(part) : end] = part
    return out


@dataclass
class Programme:
    """One policy in force in a scenario, resolved for a world; months are month numbers."""

    label: str  # names it in tables: the policy's name, with #2 and so on when used again
    policy: Any
    params: SimpleNamespace
    where: np.ndarray  # bool[n]
    first: int  # first month in force, delay included
    last: int
    ramp: int
    strength: float
    delivery: float
    payer: str
    cap: int  # fen a calendar year, -1: none
    flow: dict[str, str]  # payee sector to the name of its flow in the books

    def strength_at(self, month: int) -> float:
        """How far the policy is in force: 0 before and after, rising over the ramp."""
        if not self.first <= month <= self.last:
            return 0.0
        return self.strength * min(1.0, (month - self.first + 1) / max(self.ramp, 1))


class Offer(NamedTuple):
    """Money to be had this month."""

    kind: str
    programme: int
    amount: np.ndarray  # i8[n] fen a payment, 0 where it is not offered
    months: int  # payments, one a month
    take_up: float  # share of those entitled who ask


class Programmes:
    """All programmes of a run, their offers and claims, and this month's tally by programme and settlement."""

    def __init__(self, rows: list[Programme], n: int):
        self.rows, self.n = rows, n
        shape = (len(rows), n)
        self.asked, self.spent = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
        self.delivered, self.reached = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
        self.spent_year = np.zeros(len(rows), dtype=np.int64)
        self.reported_last = np.zeros(len(rows), dtype=np.int64)
        self.offers: list[Offer] = []
        self.pulls: dict[str, list[tuple[int, np.ndarray]]] = {}
        self.claims = np.zeros(0, dtype=CLAIM)
        self.new_claims: list[np.ndarray] = []

    # -- the month -------------------------------------------------------------------------------

    def open_month(self, new_year: bool) -> None:
        """Nothing spent, asked or offered yet; in January every budget is whole again."""
        for tally in (self.asked, self.spent, self.delivered, self.reached):
            tally[...] = 0
        if new_year:
            self.spent_year[...] = 0
        self.offers, self.pulls = [], {}

    def room(self, k: int) -> int:
        """What programme k may still spend this year, fen; a very large number without a cap."""
        cap = self.rows[k].cap
        return 2**62 if cap < 0 else max(0, cap - int(self.spent_year[k]))

    def named(self, kind: str) -> list[Offer]:
        """The offers of a kind this month."""
        return [offer for offer in self.offers if offer.kind == kind]

    def ask(self, kind: str, rows, places, payee: int = PERSON, times=None) -> int:
        """Write a claim on every offer of a kind for each row, at its place; returns how many.

        `times` multiplies the amount, by row (jobs brought, for example). Claims are granted in
        `grant_claims`: this month when that is still to come, else next month.
        """
        written = 0
        for offer in self.named(kind):
            written += self.write(offer, rows, places, payee, times)
        return written

    def write(self, offer: Offer, rows, places, payee: int = PERSON, times=None) -> int:
        """Write a claim on one offer for each row, where it is made; returns how many."""
        rows, places = np.asarray(rows), np.asarray(places)
        if not len(rows):
            return 0
        amount = offer.amount[places] * (1 if times is None else np.asarray(times, dtype=np.int64))
        due = np.flatnonzero(amount > 0)
        new = np.zeros(len(due), dtype=CLAIM)
        new["programme"], new["kind"], new["payee"] = offer.programme, KINDS.index(offer.kind), payee
        new["row"], new["place"], new["amount"], new["left"] = rows[due], places[due], amount[due], offer.months
        if len(due):
            self.new_claims.append(new)
        return len(due)

    def fundable(self, lever: str, fen: np.ndarray, next_year: bool = False) -> np.ndarray:
        """Share by settlement, 0 to 1, of a cost of `fen` that the budgets of the policies that pulled a lever still hold, f8[n].

        A mechanism asks before it pays. With `next_year` the cost falls into the next calendar year, whose budgets are whole.
        """
        parts = self._parts(lever)
        if not parts:
            return np.zeros(self.n)
        fen = np.asarray(fen, dtype=np.float64)
        share = np.zeros(self.n)
        for k, part in parts:
            cost, room = float((fen * part).sum()), float(self.room(k) if not next_year or self.rows[k].cap < 0 else self.rows[k].cap)
            share += part * (1.0 if cost <= room else room / cost)
        return np.where(share > 1.0 - 1e-12, 1.0, share)

    def _parts(self, lever: str) -> list[tuple[int, np.ndarray]]:
        """Which part of a lever's cost falls to each policy that pulled it, by settlement: as far as each pulled.

        Where nobody pulled, what is booked there (a seat of government) follows the pulls of all places.
        """
        pulls = self.pulls.get(lever, [])
        if not pulls:
            return []
        total = np.sum([weight for _, weight in pulls], axis=0)
        whole = float(np.sum(total))
        return [(k, np.divide(weight, total, out=np.full(self.n, float(weight.sum()) / whole), where=total > 0)) for k, weight in pulls]

    def report(self, lever: str, fen: np.ndarray, people: np.ndarray | None = None) -> None:
        """Note what the use of a lever cost, by settlement, and whom it reached: shared among who pulled it.

        The mechanism that reports has paid and booked the money itself. Nothing happens while the
        lever rests.
        """
        parts = self._parts(lever)
        if not parts:
            return
        fen = np.asarray(fen, dtype=np.int64)
        people = np.zeros(self.n, dtype=np.int64) if people is None else np.asarray(people, dtype=np.int64)
        left_fen, left_people = fen.copy(), people.copy()
        for i, (k, part) in enumerate(parts):
            if i == len(parts) - 1:
                share_fen, share_people = left_fen, left_people
            else:
                share_fen = np.floor(fen * part).astype(np.int64)
                share_people = np.floor(people * part).astype(np.int64)
            left_fen, left_people = left_fen - share_fen, left_people - share_people
            self.note(k, share_fen, share_fen, share_fen, share_people)
            self.reported_last[k] += int(share_fen.sum())

    def note(self, k: int, asked, spent, delivered, reached) -> None:
        """Add to the month's tally of a programme, by settlement."""
        self.asked[k] += asked
        self.spent[k] += spent
        self.delivered[k] += delivered
        self.reached[k] += reached
        self.spent_year[k] += int(np.sum(spent))

    def collect_claims(self) -> np.ndarray:
        """All claims, standing and new, taken over for granting."""
        found = joined([self.claims, *self.new_claims])
        self.new_claims = []
        return found

    # -- checkpoints -----------------------------------------------------------------------------

    def arrays(self) -> dict[str, np.ndarray]:
        """What a later month depends on."""
        claims = joined([self.claims, *self.new_claims])
        kept = {f"claims/{name}": claims[name] for name in CLAIM.names}
        return kept | {"spent_year": self.spent_year, "reported_last": self.reported_last}

    def restore(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Go on from what `arrays` gave."""
        self.spent_year[...] = arrays["spent_year"]
        self.reported_last[...] = arrays["reported_last"]
        self.claims = np.zeros(len(arrays["claims/row"]), dtype=CLAIM)
        for name in CLAIM.names:
            self.claims[name] = arrays[f"claims/{name}"]
        self.new_claims = []


class Desk:
    """What a policy sees while it acts: the levers by name, offers to make, orders to give, facts of the places."""

    def __init__(self, levers, programmes: Programmes, k: int, places: SimpleNamespace):
        self._levers, self._programmes, self._k = levers, programmes, k
        self.places = places
        self.cost = np.zeros(programmes.n, dtype=np.int64)
        self.people = np.zeros(programmes.n, dtype=np.int64)
        self.made: list[Offer] = []

    def __getattr__(self, name: str) -> np.ndarray:
        return getattr(self._levers, name)

    def offer(self, kind: str, where, amount, months: int = 1, take_up: float = 1.0, counted_over: float = 1.0) -> None:
        """Offer `amount` yuan a payment, `months` payments one a month, in the settlements of `where`.

        People count on amount / `counted_over` of it (a one-off payment is worth a share of itself
        a month), on the lever of the same name.
        """
        fen = np.where(where, np.round(np.asarray(amount, dtype=np.float64) * 100.0), 0.0).astype(np.int64)
        if fen.any():
            self.made.append(Offer(kind, self._k, fen, int(months), float(take_up)))
            lever = getattr(self._levers, kind)
            lever += fen / counted_over

    def spend(self, fen, people=None) -> None:
        """Order works or purchases for `fen` by settlement (an array), which serve `people` (agents) there."""
        self.cost += np.maximum(np.round(np.asarray(fen, dtype=np.float64)), 0.0).astype(np.int64)
        if people is not None:
            self.people = np.maximum(self.people, np.round(np.asarray(people, dtype=np.float64)).astype(np.int64))
