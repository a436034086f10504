"""What governments have decided: the policies of a scenario, resolved for a world and put into force each month.

Once, at the base year, every policy of the scenario becomes a programme: the places it means, its
months, its payer and budget. At the opening of a month each in force acts on the levers in the
order of the scenario. What it orders is charged to its budget; when the rest of the year's budget
does not suffice, and for what is lost on the way, its levers move that much less.
"""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from simulator import policies
from simulator.foundations.errors import BadInput, Fault, choices, did_you_mean
from simulator.foundations.units import FEN, KINDS, RURAL, RURAL_CLASSES, month_of_year, parse_month
from simulator.kernels.counting import CELL
from simulator.mechanisms.claims import book
from simulator.policies.base import CENTRAL, FIRMS, LOCAL, MARKET, PEOPLE, POLICY
from simulator.state.books import Books, Flow
from simulator.state.offers import Desk, Programme, Programmes

PAYERS = {"local": LOCAL, "central": CENTRAL}
_ENDINGS = {PEOPLE: "", FIRMS: "_to_firms", MARKET: "_works"}
_WORDS = {
    PEOPLE: ("grants to people", "对个人补助"),
    FIRMS: ("grants to firms", "对企业补助"),
    MARKET: ("works, purchases, and what is lost on the way", "工程、采购与漏损"),
}


# --- the programmes of a run ------------------------------------------------------------------


def found_programmes(model) -> Programmes:
    """The policies of the model's scenario as programmes; BadInput when one means no place of this world."""
    known, rows, faults, seen = policies.registry(), [], [], {}
    for i, use in enumerate(model.scenario.policies):
        policy = known[use.policy]
        try:
            where = places_meant(model, use.where, f"policies[{i}].where")
        except BadInput as bad:
            faults += bad.faults
            continue
        seen[use.policy] = seen.get(use.policy, 0) + 1
        count = seen[use.policy]
        start = parse_month(use.when.start) if use.when.start else model.start + 1
        payer = PAYERS.get(use.payer or "", policy.payer)
        rows.append(
            Programme(
                label=use.policy if count == 1 else f"{use.policy}#{count}",
                policy=policy,
                params=SimpleNamespace(**{name: p.default for name, p in policy.parameters.items()} | dict(use.params)),
                where=where,
                first=start + use.delay_months,
                last=parse_month(use.when.end) if use.when.end else 2**30,
                ramp=use.when.ramp_months,
                strength=float(use.strength),
                delivery=float(use.delivery),
                payer=payer,
                cap=-1 if use.budget is None else round(use.budget * FEN / model.persons_per_agent),
                flow={payee: flow_name(policy, payer, payee) for payee in payees_of(policy)},
            )
        )
    if faults:
        raise BadInput(faults)
    model.place_facts = facts_of_base_year(model)
    return Programmes(rows, model.world.n)


def adopt(model, scenario) -> None:
    """Let a model live on under a scenario that differs from its own in policies only, none of which has begun.

    The money of governments stays; the books get the flows of the new policies, the programmes are new.
    Call it in the state of the opening month, whose facts of the places the programmes keep.
    """
    kept = model.ledger.arrays()
    model.scenario = scenario
    model.ledger = Books(model.ledger.government_of, flows_of(scenario))
    model.ledger.restore(kept)
    model.programmes = found_programmes(model)


def payees_of(policy) -> tuple[str, ...]:
    """Whom a policy may pay: as declared, and the market for what is lost on the way; nobody for a shock."""
    return tuple(dict.fromkeys((*policy.payees, MARKET))) if policy.kind == POLICY else policy.payees


def flow_name(policy, payer: str, payee: str) -> str:
    """Name of a policy's flow in the books: the policy, whom it pays, and who pays when that is not the usual payer."""
    by = "" if payer == policy.payer else "_by_" + payer.partition("_")[0]
    return f"{policy.name}{_ENDINGS[payee]}{by}"


def flows_of(scenario) -> tuple[Flow, ...]:
    """The flows that the policies of a scenario add to the books."""
    known, flows = policies.registry(), {}
    for use in scenario.policies:
        policy = known[use.policy]
        payer = PAYERS.get(use.payer or "", policy.payer)
        for payee in payees_of(policy):
            name, (en, zh) = flow_name(policy, payer, payee), _WORDS[payee]
            flows[name] = Flow(name, payer, payee, f"{policy.title.en}: {en}", f"{policy.title.zh}：{zh}")
    return tuple(flows.values())


def places_meant(model, where, path: str = "where") -> np.ndarray:
    """The settlements that fit every condition of a selector, bool[n]; BadInput when none does."""
    world = model.world
    chosen = np.ones(world.n, dtype=bool)
    if where.kinds is not None:
        chosen &= np.isin(world.kind, [KINDS.index(kind) for kind in where.kinds])
    if where.rural_classes is not None:
        chosen &= np.isin(world.rural_class, [RURAL_CLASSES.index(name) for name in where.rural_classes])
    if where.provinces is not None:
        chosen &= np.isin(world.province, _provinces_meant(world, where.provinces, path))
    if where.coastal is not None:
        chosen &= np.asarray(world.coastal).astype(bool) == where.coastal
    if where.poorest_share is not None:
        chosen &= poorest(income_of_places(model), world.population, where.poorest_share)
    if not chosen.any():
        raise BadInput(
            Fault(field=path, value=f"no settlement of {world.name} fits all conditions", remedy="remove a condition")
        )
    return chosen


def _provinces_meant(world, names: list[str], path: str) -> list[int]:
    """Rows of provinces by English or Chinese name or two-digit code."""
    known: dict[str, int] = {}
    for p in range(len(world.province_code)):
        for name in (world.province_en[p], world.province_zh[p], str(world.province_code[p])[:2]):
            known[str(name).casefold()] = p
    found, faults = [], []
    for i, name in enumerate(names):
        if name.casefold() in known:
            found.append(known[name.casefold()])
        else:
            remedy = did_you_mean(name, [str(v) for v in world.province_en])
            allowed = choices([str(v) for v in world.province_en], 6)
            faults.append(Fault(field=f"{path}.provinces[{i}]", value=name, allowed=allowed, remedy=remedy or "write its English name"))
    if faults:
        raise BadInput(faults)
    return found


def income_of_places(model) -> np.ndarray:
    """Base-year income per head, yuan a year, f8[n]: the province's urban or rural one, spread over its towns by local pay."""
    world, pay = model.world, model.settlements.wage_base[:, 0]
    rural = world.kind == RURAL
    out = np.where(rural, world.income_rural[world.province], world.income_urban[world.province]).astype(np.float64)
    for p in range(len(world.province_code)):
        towns = (world.province == p) & ~rural
        if towns.any():
            out[towns] *= pay[towns] / np.average(pay[towns], weights=np.maximum(world.population[towns], 1e-9))
    return out


def poorest(income: np.ndarray, population: np.ndarray, share: float) -> np.ndarray:
    """The poorest places that hold a share of the people, bool[n]: by income, the first always, ties by row."""
    order = np.lexsort((np.arange(len(income)), income))
    before = np.cumsum(population[order]) - population[order]
    chosen = np.zeros(len(income), dtype=bool)
    chosen[order] = before < share * population.sum() * (1.0 - 1e-12)
    return chosen


# --- the month --------------------------------------------------------------------------------


def resolve_levers(model) -> dict[str, int]:
    """Open the month of the programmes: levers rest, then every policy in force acts, in the order of the scenario."""
    levers, programmes = model.levers, model.programmes
    levers.rest()
    if not programmes.rows:
        return {}
    programmes.open_month(month_of_year(model.month) == 1)
    places = facts_of_places(model)
    spent = 0
    for k, programme in enumerate(programmes.rows):
        strength = programme.strength_at(model.month)
        if strength > 0.0 and programmes.room(k) > 0:
            spent += _act(model, k, programme, strength, places)
        programmes.reported_last[k] = 0
    return {"policy_spending_fen": spent}


def _act(model, k: int, programme: Programme, strength: float, places: SimpleNamespace) -> int:
    """Let one policy act; returns what its orders cost, fen."""
    levers, programmes = model.levers, model.programmes
    before = levers.flat.copy()
    places.months_in_force = model.month - programme.first
    desk = Desk(levers, programmes, k, places)
    programme.policy.apply(desk, programme.params, programme.where, strength)
    room, asked = programmes.room(k), desk.cost
    total = int(asked.sum()) + int(programmes.reported_last[k])
    part = 1.0 if total <= room else room / total
    spent = asked if part == 1.0 else np.floor(asked * part).astype(np.int64)
    arriving = part * programme.delivery
    if arriving < 1.0:
        levers.flat[...] = before + arriving * (levers.flat - before)
    for name in programme.policy.levers:
        change = np.abs(getattr(levers, name) - levers.view(before, name))
        if change.any():
            programmes.pulls.setdefault(name, []).append((k, change.sum(axis=1) if change.ndim == 2 else change))
    programmes.offers += desk.made
    if spent.any():
        book(model, k, MARKET, spent)
    if asked.any() or desk.people.any():
        programmes.note(
            k, asked, spent, np.floor(spent * programme.delivery).astype(np.int64),
            np.round(desk.people * arriving).astype(np.int64),
        )  # fmt: skip
    return int(spent.sum())


def facts_of_places(model) -> SimpleNamespace:
    """What a policy may know of the settlements while it acts: counts in agents, all arrays of length n."""
    s = model.settlements
    return SimpleNamespace(
        **vars(model.place_facts), residents=s.residents.copy(), talent=s.talent.copy(), month=model.month,
        newcomers=newcomers(model), service_stock=s.service_stock, persons_per_agent=model.persons_per_agent,
    )  # fmt: skip


def facts_of_base_year(model) -> SimpleNamespace:
    """What a policy may know of the settlements and no month changes."""
    world = model.world
    return SimpleNamespace(
        n=world.n, kind=world.kind, rural_class=world.rural_class, circle=world.circle, province=world.province,
        coastal=np.asarray(world.coastal).astype(bool), strictness=np.asarray(world.strictness, dtype=np.float64),
        income=income_of_places(model), residents_base=model.settlements.residents_base.copy(),
    )  # fmt: skip


def newcomers(model) -> np.ndarray:
    """Residents without local registration, by settlement, agents."""
    kinds = model.counts.hukou_class
    return (kinds.sum(axis=1) - kinds[:, :CELL].sum(axis=1)).astype(np.float64)
