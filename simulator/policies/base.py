"""What a policy is: one file that says what it does, for whom, with which numbers, who pays, and what is known of it.

A policy may do three things, all through the desk it is handed: set a lever, offer money, order
something that costs money. It never adds utility and never pays by itself.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

from simulator.foundations.parameter import Parameter, Text

POLICY, SHOCK = "policy", "shock"
LOCAL, CENTRAL = "local_government", "central_government"
PEOPLE, FIRMS, MARKET = "households", "firms", "rest_of_world"
"""Who may receive a policy's money: people, firms, the market (works, purchases, what is lost on the way)."""

FAMILIES = {
    "talent": Text("Talent", "人才"),
    "regional": Text("Regional coordination", "区域协调"),
    "circle": Text("City circle", "城市圈"),
    "rural": Text("Rural", "乡村"),
    "investment": Text("Investment style", "投资方式"),
    "distribution": Text("Distribution", "收入分配"),
    "floor": Text("Social floor", "社会保障底线"),
    "services": Text("Public services", "公共服务"),
    "shock": Text("Shock", "冲击"),
}
"""Families of policies, in the order in which lists and the page show them."""


RESERVED = {"policy", "where", "when", "strength", "delivery", "delay_months", "budget", "payer", "params"}
"""What a scenario may say of every policy; no policy's own number may have such a name."""


class Target(NamedTuple):
    """The first thing a policy should move: an outcome of a table, the sign, and among whom it is looked at."""

    table: str
    column: str
    sign: int
    note: str = ""


def number(
    default: float, unit: str, low: float, high: float, en: str, zh: str, source: str, whole: bool = False
) -> Parameter:
    """A number of a policy: value where nothing is said, unit, allowed range, meaning in two languages, source."""
    kind = "int" if whole else "float"
    return Parameter("", int(default) if whole else float(default), unit, low, high, Text(en, zh), source, kind)


class Policy:
    """One policy or shock; see docs/policies.md for a guide to writing one.

    `apply(levers, params, where, strength)` is called in every month in force. `levers` has the
    lever arrays by name, `offer(...)`, `spend(...)` and `places`, the facts of the places;
    `params.NAME` are the numbers; `where` is true for the settlements targeted; `strength`, above
    0 and at most 1, is how far the policy is in force (its ramp). What share of it arrives
    (`delivery`) and the budget are the machinery's business.
    """

    name: ClassVar[str] = ""
    kind: ClassVar[str] = POLICY
    family: ClassVar[str] = ""
    title: ClassVar[Text]
    description: ClassVar[Text]
    mechanism: ClassVar[Text]
    """Through which price, wage, cost, probability, capacity or entitlement it acts, and what the model does with it."""
    evidence: ClassVar[Text]
    """What is known of its sign and size, and how well."""
    payer: ClassVar[str] = LOCAL
    payees: ClassVar[tuple[str, ...]] = ()
    """Who gets its money, if it costs any that the policy itself pays."""
    levers: ClassVar[tuple[str, ...]] = ()
    """The levers it may set."""
    parameters: ClassVar[Mapping[str, Parameter]] = {}
    nothing: ClassVar[Mapping[str, float]] = {}
    """Values of its numbers at which it does nothing, bit by bit."""
    target: ClassVar[Target | None] = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.parameters = {
            short: dataclasses.replace(parameter, name=f"{cls.name}.{short}")
            for short, parameter in cls.parameters.items()
        }

    def apply(self, levers: Any, params: Any, where: Any, strength: float) -> None:
        """Set levers, offer money, order what costs money, for one month."""
        raise NotImplementedError


def complaints(policy: type[Policy]) -> list[str]:
    """What a declaration lacks or gets wrong, one sentence each."""
    found = []
    name = policy.name
    if not (isinstance(name, str) and name.isidentifier() and name == name.lower() and len(name) <= 60):
        found.append(f"{policy.__name__}.name must be a lower-case word such as graduate_grant")
    if policy.kind not in (POLICY, SHOCK):
        found.append(f"{policy.__name__}.kind must be policy or shock")
    if policy.family not in FAMILIES:
        found.append(f"{policy.__name__}.family must be one of {', '.join(FAMILIES)}")
    if policy.payer not in (LOCAL, CENTRAL):
        found.append(f"{policy.__name__}.payer must be {LOCAL} or {CENTRAL}")
    if not set(policy.payees) <= {PEOPLE, FIRMS, MARKET}:
        found.append(f"{policy.__name__}.payees must be among {PEOPLE}, {FIRMS}, {MARKET}")
    for part in ("title", "description", "mechanism", "evidence"):
        words = getattr(policy, part, None)
        if not (isinstance(words, Text) and words.en.strip() and words.zh.strip()):
            found.append(f"{policy.__name__}.{part} must be a Text in English and Chinese")
    for short in sorted(RESERVED & set(policy.parameters)):
        found.append(f"{policy.__name__}.parameters: {short} already means something for every policy; choose another name")
    for short, parameter in policy.parameters.items():
        if not (short.isidentifier() and isinstance(parameter, Parameter)):
            found.append(f"{policy.__name__}.parameters: {short} must be made with number(...)")
        elif parameter.complaint(parameter.default) is not None:
            found.append(f"{policy.__name__}.parameters: the default of {short} lies outside its range")
        elif not (parameter.meaning.en and parameter.meaning.zh and parameter.unit and parameter.source):
            found.append(f"{policy.__name__}.parameters: {short} needs unit, source and both meanings")
    if not set(policy.nothing) <= set(policy.parameters):
        found.append(f"{policy.__name__}.nothing names what is no parameter")
    if policy.apply is Policy.apply:
        found.append(f"{policy.__name__}.apply is missing")
    return found


SERVICES = ("education", "health", "elder_care", "housing_support", "culture", "child_welfare")
SERVICE_UNIT_COST = (51_600.0, 27_200.0, 3_000.0, 10_000.0, 6_000.0, 2_000.0)
"""Yuan for one person-equivalent of stock of each service at the national mean: general budgets of 2020 a head
(education 2,580, health 1,360, housing 500, culture 300; elder care 150 and child welfare 100 assumed), divided by
the yearly wear of .05, so that ordinary budgets keep the stock whole."""

BASKET = ("education", "health", "transport", "digital")
"""What base investment buys; the shares are numbers of the policy and are taken relative to their sum."""
TRANSPORT_UNIT_COST, DIGITAL_UNIT_COST = 20_000.0, 3_000.0
"""Yuan a resident for infrastructure at the national mean (index 1): public capital a head, assumed."""
BASKET_NUMBERS = {
    "education": number(0.3, "share", 0, 1, "Part of the money for schools", "用于教育的份额", "assumed"),
    "health": number(0.2, "share", 0, 1, "Part of the money for clinics", "用于医疗的份额", "assumed"),
    "transport": number(0.4, "share", 0, 1, "Part of the money for transport", "用于交通的份额", "assumed"),
    "digital": number(0.1, "share", 0, 1, "Part of the money for networks", "用于数字网络的份额", "assumed"),
    "discount": number(0.003, "a month", 0, 0.05, "Rate at which payments are discounted to the start", "折现率", "PARAMETERS 2: world rate .3 % a month"),
}  # fmt: skip


def even_payment(total: float, months: int, rate: float) -> float:
    """The equal monthly payment, from the first month on, whose present value at the start is `total`.

    total = payment (1 + v + ... + v^(months-1)), v = 1 / (1 + rate).
    """
    if rate <= 0.0:
        return total / months
    v = 1.0 / (1.0 + rate)
    return total * (1.0 - v) / (1.0 - v**months)


def order_basket(levers: Any, yuan: Any, shares: Mapping[str, float]) -> None:
    """Order services and infrastructure for `yuan` by settlement, split by shares relative to their sum."""
    whole = sum(shares.values())
    if whole <= 0.0:
        return
    residents = levers.places.residents
    a_head = yuan / (residents + (residents <= 0.0))
    levers.service_investment[:, 0] += yuan * (shares["education"] / whole / SERVICE_UNIT_COST[0])
    levers.service_investment[:, 1] += yuan * (shares["health"] / whole / SERVICE_UNIT_COST[1])
    levers.transport_orders[:] += a_head * (shares["transport"] / whole / TRANSPORT_UNIT_COST)
    levers.digital_orders[:] += a_head * (shares["digital"] / whole / DIGITAL_UNIT_COST)
