"""What a visitor may change, in plain words: a list made from declared policies and parameters, and checked requests.

A request is a flat table of names and numbers, so that it fits into the address of the page. `NAME` says
that a policy is in force and in which place of the order; `NAME.PARAMETER` and `NAME.where`, `.start`,
`.end`, `.ramp`, `.strength`, `.delivery`, `.delay`, `.budget`, `.payer` say how. A dotted name of a
parameter (`migration.moving_cost`) changes an assumption of the whole history.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

from simulator.foundations.errors import BadInput, Fault, did_you_mean, number_text, show_value
from simulator.foundations.units import month_number, month_text, parse_month
from simulator.scenario import Scenario, scenario_from_dict

FIRST_YEAR, LAST_YEAR = 2021, 2035
POLICY_YEAR = 2027
"""Year in which the policies of the page begin unless the visitor says otherwise: the next one. Stories keep their own dates."""
SHOCK_MONTHS = 24
PAYERS = ("local", "central")
WHERES = (
    {}, {"kinds": ["core", "inner_ring", "outer_ring"]}, {"kinds": ["county_town", "rural"]}, {"kinds": ["county_town"]},
    {"kinds": ["rural"]}, {"coastal": False}, {"coastal": True}, {"coastal": False, "kinds": ["county_town", "rural"]},
    {"poorest_share": 0.4}, {"poorest_share": 0.2},
)  # fmt: skip
"""Where a policy of the page can act; what the shipped scenarios need besides is added behind."""

ASSUMPTIONS = {
    "migration.moving_cost": ("Cost of leaving", "离开的代价", 0.05),
    "migration.ties_weight": ("Pull of people from home", "老乡的吸引力", 0.05),
    "hukou.access_education": ("Schools open to newcomers' children", "随迁子女可入学比例", 0.05),
    "hukou.access_health": ("Clinics open to newcomers", "外来人口可用医疗比例", 0.05),
    "hukou.conversion_rate": ("How easily newcomers get a local hukou", "落户难易", 0.0005),
    "housing.supply_core": ("Homes built when big-city rents rise", "大城市住房供给弹性", 0.1),
    "labour.platform_commission": ("Commission kept by platforms", "平台抽成", 0.01),
    "labour.agglomeration": ("Advantage of big places", "集聚优势", 0.005),
    "services.crowding": ("How crowding wears services", "公共服务拥挤效应", 0.05),
    "farming.land_share": ("Part of land in farm output", "土地在农业产出中的份额", 0.01),
}
"""Parameters that stand in the panel of assumptions: titles and the step of the slider."""


@dataclass(frozen=True)
class Dial:
    """One number of a request: what it means, its range, and where it rests."""

    id: str
    title: dict[str, str]
    unit: str
    low: float
    high: float
    step: float
    resting: float
    source: str = ""
    whole: bool = False

    def check(self, value: object) -> float:
        """The value if it may stand here; BadInput says what is allowed."""
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            raise BadInput(Fault(field=self.id, value=show_value(value), remedy="send a number"))
        if not self.low <= value <= self.high:
            raise BadInput(Fault(field=self.id, value=show_value(value), allowed=f"{number_text(self.low)} to {number_text(self.high)}"))
        if self.whole and value != int(value):
            raise BadInput(Fault(field=self.id, value=show_value(value), remedy="send a whole number"))
        return int(value) if self.whole else float(value)

    def as_dict(self) -> dict:
        """The dial for the page."""
        return {"id": self.id, "title": self.title, "unit": self.unit, "low": self.low, "high": self.high, "step": self.step,
                "resting": self.resting, "source": self.source, "whole": self.whole}  # fmt: skip


class Panel:
    """Every lever there is, over one scenario."""

    def __init__(self, base: Scenario):
        self.base = base
        self.wheres = [dict(where) for where in WHERES]

    @cached_property
    def policies(self) -> dict:
        """Policies and shocks by name, as they are declared."""
        from simulator.policies import registry

        return dict(registry())

    @cached_property
    def dials(self) -> dict[str, Dial]:
        """Every number a request may hold."""
        dials: dict[str, Dial] = {}
        first, last = self.base.start_month + 1, self.base.end_month
        for name, policy in self.policies.items():
            both = {"en": policy.title.en, "zh": policy.title.zh}
            rows = [
                Dial(name, both, "place in the order", 1, 99, 1, 0, whole=True),
                Dial(f"{name}.where", both, "number of a place rule", 0, 200, 1, 0, whole=True),
                Dial(f"{name}.start", both, "month number", first, last, 1, self.usual_start, whole=True),
                Dial(f"{name}.end", both, "month number", first, last, 1, self.usual_end(policy), whole=True),
                Dial(f"{name}.ramp", both, "months", 0, 120, 1, 0, whole=True),
                Dial(f"{name}.strength", both, "share", 0, 1, 0.05, 1),
                Dial(f"{name}.delivery", both, "share", 0, 1, 0.05, 1),
                Dial(f"{name}.delay", both, "months", 0, 120, 1, 0, whole=True),
                Dial(f"{name}.budget", both, "yuan a year", 0, 1e14, 1e9, -1),
                Dial(f"{name}.payer", both, "0 local, 1 central", 0, 1, 1, -1, whole=True),
            ]
            rows += [self._dial(name, short, parameter) for short, parameter in policy.parameters.items()]
            dials |= {dial.id: dial for dial in rows}
        return dials | {dial.id: dial for dial in self.assumptions}

    @staticmethod
    def _dial(name: str, short: str, parameter) -> Dial:
        step = 1.0 if parameter.kind == "int" else nice(_reach(parameter) / 40)
        title = {"en": parameter.meaning.en, "zh": parameter.meaning.zh}
        return Dial(f"{name}.{short}", title, parameter.unit, float(parameter.low), float(parameter.high), step,
                    float(parameter.default), parameter.source, parameter.kind == "int")  # fmt: skip

    @property
    def usual_start(self) -> int:
        """The month in which policies of the page begin."""
        return min(max(month_number(POLICY_YEAR, 1), self.base.start_month + 1), self.base.end_month)

    def usual_end(self, policy) -> int:
        """The last month of a policy: the end of the history; shocks pass."""
        return min(self.usual_start + SHOCK_MONTHS - 1, self.base.end_month) if policy.kind == "shock" else self.base.end_month

    @cached_property
    def assumptions(self) -> list[Dial]:
        """The parameters a visitor may change, within the range their declaration calls plausible."""
        from simulator.scenario.parameters import load_parameters

        declared, dials = load_parameters(), []
        for name, (en, zh, step) in ASSUMPTIONS.items():
            if name in declared:
                row = declared[name]
                low, high = row.plausible or (row.low, row.high)
                dials.append(Dial(name, {"en": en, "zh": zh}, row.unit, float(low), float(high), step, float(self.base[name]), row.source))
        return dials

    # -- requests --------------------------------------------------------------------------------

    def scenario(self, request: object, settings: dict[str, object] | None = None) -> Scenario:
        """The base with a visitor's levers over it; BadInput names the first fault, in one line."""
        if not isinstance(request, dict) or len(request) > 300:
            raise BadInput(Fault(field="levers", value=show_value(request), remedy="send lever names and numbers"))
        chosen = {}
        for name, value in request.items():
            dial = self.dials.get(name) if isinstance(name, str) else None
            if dial is None:
                raise BadInput(Fault(field="lever", value=show_value(name), remedy=did_you_mean(name, self.dials)))
            chosen[name] = dial.check(value)
        data = self.base.resolved()
        uses = sorted((order, name) for name, order in chosen.items() if name in self.policies)
        data["policies"] = data["policies"] + [self._use(name, chosen) for _, name in uses]
        names = {dial.id for dial in self.assumptions}
        overrides = {name: value for name, value in sorted(chosen.items()) if name in names and value != self.base[name]}
        return scenario_from_dict(data, self.base.name, overrides | (settings or {}))

    def _use(self, name: str, chosen: dict[str, float]) -> dict:
        policy, dials = self.policies[name], self.dials

        def get(short: str):
            return chosen.get(f"{name}.{short}", dials[f"{name}.{short}"].resting)

        where = int(get("where"))
        if where >= len(self.wheres):
            raise BadInput(Fault(field=f"{name}.where", value=str(where), allowed=f"0 to {len(self.wheres) - 1}"))
        when = {"start": month_text(int(get("start"))), "ramp_months": int(get("ramp"))}
        if get("end") < self.base.end_month:
            when["end"] = month_text(int(get("end")))
        use = {"policy": name, "when": when, "strength": float(get("strength")), "delivery": float(get("delivery")), "delay_months": int(get("delay"))}
        if self.wheres[where]:
            use["where"] = dict(self.wheres[where])
        if f"{name}.budget" in chosen:
            use["budget"] = float(chosen[f"{name}.budget"])
        if f"{name}.payer" in chosen:
            use["payer"] = PAYERS[int(chosen[f"{name}.payer"])]
        return use | {short: chosen[f"{name}.{short}"] for short in policy.parameters if f"{name}.{short}" in chosen}

    def levers_of(self, scenario: Scenario) -> dict[str, float] | None:
        """The request that gives the policies of another scenario of the same world; None when none does."""
        levers: dict[str, float] = {}
        for k, use in enumerate(scenario.policies):
            name = use.policy
            if name in levers or scenario.world != self.base.world:
                return None
            where = use.where.model_dump(exclude_none=True)
            if where not in self.wheres:
                self.wheres.append(where)
            given = {
                "where": self.wheres.index(where), "ramp": use.when.ramp_months, "strength": use.strength,
                "delivery": use.delivery, "delay": use.delay_months, **use.params,
                "start": parse_month(use.when.start) if use.when.start else self.base.start_month + 1,
                "end": parse_month(use.when.end) if use.when.end else self.base.end_month,
            }  # fmt: skip
            levers[name] = k + 1
            levers |= {f"{name}.{short}": v for short, v in given.items() if short in use.params or v != self.dials[f"{name}.{short}"].resting}
            if use.budget is not None:
                levers[f"{name}.budget"] = use.budget
            if use.payer is not None:
                levers[f"{name}.payer"] = PAYERS.index(use.payer)
        return levers

    def presets(self) -> list[dict]:
        """Every scenario file with policies for this world, as levers."""
        from simulator.foundations.files import configs_folder
        from simulator.scenario import load_scenario

        found = []
        for path in sorted((configs_folder() / "scenarios").glob("*.yaml")):
            try:
                scenario = load_scenario(path.stem)
                levers = self.levers_of(scenario) if scenario.policies else None
            except BadInput:
                continue
            if levers:
                text = scenario.description.model_dump() if scenario.description else {}
                found.append({"name": scenario.name, "title": scenario.title.model_dump(), "description": text, "levers": levers})
        return found

    # -- for the page ----------------------------------------------------------------------------

    def for_page(self) -> dict:
        """Policies with their dials, assumptions, presets, and the rules of where, as plain values."""
        from simulator.policies.base import FAMILIES

        presets = self.presets()
        cards = []
        for name, policy in self.policies.items():
            effective = [short for short, rest in policy.nothing.items() if policy.parameters[short].default != rest]
            main = effective[0] if len(effective) == 1 else "strength"
            cards.append(
                {
                    "name": name, "kind": policy.kind, "family": _both(FAMILIES[policy.family]), "title": _both(policy.title),
                    "description": _both(policy.description), "mechanism": _both(policy.mechanism), "evidence": _both(policy.evidence),
                    "payer": policy.payer, "main": main, "off": float(policy.nothing.get(main, 0.0)),
                    "reach": 1.0 if main == "strength" else _reach(policy.parameters[main]),
                    "dials": [self.dials[f"{name}.{short}"].as_dict() | {"reach": _reach(p)} for short, p in policy.parameters.items()],
                    "start": self.usual_start, "end": self.usual_end(policy),
                }  # fmt: skip
            )
        return {
            "policies": cards, "assumptions": [dial.as_dict() for dial in self.assumptions], "presets": presets,
            "wheres": self.wheres, "own": [{"policy": use.policy} for use in self.base.policies],
        }  # fmt: skip


def _both(text) -> dict[str, str]:
    return {"en": text.en, "zh": text.zh}


def _reach(parameter) -> float:
    """How far a slider goes: four times the usual value, within the range; the whole range of a share."""
    if parameter.high <= 1 or parameter.default <= 0:
        return float(parameter.high)
    return float(min(parameter.high, nice(4 * parameter.default)))


def nice(value: float) -> float:
    """The next number of the form 1, 2 or 5 times a power of ten."""
    if value <= 0:
        return 1.0
    ten = 10.0 ** math.floor(math.log10(value))
    return next(round(k * ten, 12) for k in (1, 2, 5, 10) if k * ten >= value * (1 - 1e-9))
