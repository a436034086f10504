"""Who is paid out of the programmes of governments: people and firms ask, and are granted in keyed order until the budget ends.

A claim is written where the event happens. Here claims are granted and paid: those already being
paid first, then new ones by a keyed priority, until what is left of the year's budget no longer
holds the next. What is lost on the way (delivery) costs the payer all the same.
"""

from __future__ import annotations

import zlib

import numpy as np

from simulator.foundations import streams
from simulator.foundations.units import COLLEGE, EMPLOYED
from simulator.kernels.granting import draw_luck, grant_in_order
from simulator.state.offers import FIRM, GRADUATE_GRANT, NEW_GRADUATE_MONTHS, PERSON, RECENT_GRADUATE_MONTHS, joined

WRITES = {"persons": ("savings",), "households": (), "settlements": (), "employers": ()}


def luck_of(model, stream: int, uid: np.ndarray, programme, month: int) -> np.ndarray:
    """A keyed uniform draw for each uid; the programme's label is part of the key, its place in the list is not."""
    out = np.empty(len(uid))
    number = np.uint32(zlib.crc32(programme.label.encode()))
    draw_luck(model.seed, stream, np.int64(month), number, np.ascontiguousarray(uid), out)
    return out


def recent_graduates(model, within: int) -> np.ndarray:
    """Rows of living people with college who left study in the last `within` months, ascending."""
    p = model.persons
    left = p.left_study
    rows = np.flatnonzero(left > model.month - within)
    return rows[(p.alive[rows] == 1) & (p.education[rows] == COLLEGE) & (left[rows] <= model.month)]


def ask_for_graduate_grants(model) -> None:
    """New graduates who work where they studied or come from, and recent ones who live where rent is eased, ask."""
    p, programmes = model.persons, model.programmes
    grants, relief = programmes.named("graduate_grant"), programmes.named("rent_relief")
    if not grants and not relief:
        return
    recent = recent_graduates(model, RECENT_GRADUATE_MONTHS)
    programmes.ask("rent_relief", recent, p.residence[recent])
    if grants:
        rows = recent[p.left_study[recent] > model.month - NEW_GRADUATE_MONTHS]
        here = p.residence[rows]
        rows = rows[(p.state[rows] == EMPLOYED) & ((here == p.study_place[rows]) | (here == p.root[rows]))]
        for offer in grants:
            claims = programmes.claims
            asked = np.sort(claims["row"][(claims["programme"] == offer.programme) & (claims["kind"] == GRADUATE_GRANT)])
            new = rows
            if len(asked):
                new = rows[asked[np.minimum(np.searchsorted(asked, rows), len(asked) - 1)] != rows]
            programmes.write(offer, new, p.residence[new])


def grant_claims(model) -> dict[str, int]:
    """Grant, pay and book this month's claims of every programme."""
    programmes = model.programmes
    if not programmes.rows:
        return {}
    ask_for_graduate_grants(model)
    claims = programmes.collect_claims()
    if not len(claims):
        return {}
    kept, paid = [], 0
    for k in np.flatnonzero(np.bincount(claims["programme"])):
        mine, fen = _grant(model, int(k), claims[claims["programme"] == k])
        kept.append(mine)
        paid += fen
    programmes.claims = joined(kept)
    return {"grants_fen": paid}


def _grant(model, k: int, claims: np.ndarray) -> tuple[np.ndarray, int]:
    """The claims of programme k that stay, and the fen paid."""
    programmes = model.programmes
    programme = programmes.rows[k]
    claims, uid = _still_hold(model, claims)
    new = claims["granted"] == 0
    take_up = _take_up(programmes, k)
    if take_up < 1.0 and new.any():
        asks = np.ones(len(claims), dtype=bool)
        asks[new] = luck_of(model, streams.TAKE_UP, uid[new], programme, 0) < take_up
        claims, uid, new = claims[asks], uid[asks], new[asks]
    due = claims["left"] > 0
    amount = np.where(due, claims["amount"], 0)
    fen, given = int(amount.sum()), due
    if fen > programmes.room(k):  # somebody must wait: the order matters
        luck = luck_of(model, streams.CLAIM_PRIORITY, uid, programme, model.month)
        order = np.lexsort((claims["row"], luck, new))
        granted = np.zeros(len(claims), dtype=np.uint8)
        fen = int(grant_in_order(order[due[order]], amount, programmes.room(k), granted))
        given = granted == 1
    first = given & new
    if programme.delivery < 1.0 and first.any():
        claims["arrives"][first] = luck_of(model, streams.DELIVERY, uid[first], programme, 0) < programme.delivery
    else:
        claims["arrives"][first] = 1
    claims["granted"][given] = 1
    claims["left"][given] -= 1
    _pay(model, k, claims, given, amount)
    keep = claims["left"] > 0
    keep &= claims["granted"] == 1  # a claim for which there was no money lapses
    remembered = (claims["kind"] == GRADUATE_GRANT) & (claims["granted"] == 1)
    if remembered.any():
        remembered[remembered] = model.persons.left_study[claims["row"][remembered]] > model.month - NEW_GRADUATE_MONTHS
    return claims[keep | remembered], fen


def _take_up(programmes, k: int) -> float:
    found = [offer.take_up for offer in programmes.offers if offer.programme == k]
    return found[0] if found else 1.0


def _still_hold(model, claims: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Claims whose holder still fulfils the condition, and the holders' uids.

    The dead and closed firms drop out; a retention grant ends when its holder has left the place,
    and nothing is asked back.
    """
    p = model.persons
    row, person = claims["row"], claims["payee"] == PERSON
    hold = np.ones(len(claims), dtype=bool)
    uid = np.zeros(len(claims), dtype=np.uint64)
    hold[person] = p.alive[row[person]] == 1
    uid[person] = p.uid[row[person]]
    grant = person & (claims["kind"] == GRADUATE_GRANT)
    gone = p.residence[row[grant]] != claims["place"][grant]
    claims["left"][np.flatnonzero(grant)[gone]] = 0
    firm = claims["payee"] == FIRM
    if firm.any():
        hold[firm] = model.firms.alive[row[firm]] == 1
        uid[firm] = model.firms.uid[row[firm]]
    return (claims, uid) if hold.all() else (claims[hold], uid[hold])


def _pay(model, k: int, claims: np.ndarray, given: np.ndarray, amount: np.ndarray) -> None:
    """Move the money of granted claims and book it: to people, to firms, and what is lost on the way to the market."""
    programmes, n = model.programmes, model.programmes.n
    arrives = given & (claims["arrives"] == 1)
    person, firm = arrives & (claims["payee"] == PERSON), arrives & (claims["payee"] == FIRM)
    lost = given & (claims["arrives"] == 0)
    if person.any():
        np.add.at(model.persons.savings, claims["row"][person], amount[person])
        book(model, k, "households", _by_place(claims["place"], amount, person, n),
             _by_place(model.persons.residence[claims["row"]], amount, person, n))  # fmt: skip
    if firm.any():
        np.add.at(model.firms.cash, claims["row"][firm], amount[firm])
        book(model, k, "firms", _by_place(claims["place"], amount, firm, n))
    if lost.any():
        book(model, k, "rest_of_world", _by_place(claims["place"], amount, lost, n))
    asked = claims["left"] + given > 0
    programmes.note(
        k, _by_place(claims["place"], amount, asked, n), _by_place(claims["place"], amount, given, n),
        _by_place(claims["place"], amount, arrives, n), np.bincount(claims["place"][arrives], minlength=n),
    )  # fmt: skip


def _by_place(place: np.ndarray, amount: np.ndarray, which: np.ndarray, n: int) -> np.ndarray:
    """Fen of the chosen claims by settlement, i8[n], exact."""
    out = np.zeros(n, dtype=np.int64)
    np.add.at(out, place[which].astype(np.int64), amount[which])
    return out


def book(model, k: int, payee: str, paid: np.ndarray, received: np.ndarray | None = None) -> None:
    """Post a payment of programme k from its payer to a sector of the books."""
    flow = model.programmes.rows[k].flow.get(payee)
    if flow is None:
        model.stop(f"the policy {model.programmes.rows[k].label} pays {payee}, but does not declare it among its payees")
    model.ledger.post(flow, paid, received)
