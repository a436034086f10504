"""One golden project: the whole sum in one place, ready at one moment."""

from __future__ import annotations

import numpy as np

from simulator.foundations.parameter import Text
from simulator.policies.base import (
    BASKET,
    BASKET_NUMBERS,
    CENTRAL,
    MARKET,
    Policy,
    Target,
    even_payment,
    number,
    order_basket,
)


class GoldenMegaProject(Policy):
    """The same present value as steady base investment, in the largest of the places chosen, opened at one stroke."""

    name = "golden_mega_project"
    family = "investment"
    title = Text("One golden mega-project", "“黄金”大项目")
    description = Text(
        "A sum, worth so much a resident of all places chosen at the start, is spent on one project in the largest of "
        "them: paid evenly while it is built, ready in the last year of building, with a part lost to overrun.",
        "按所选地区居民计算的现值总额，集中投向其中最大的一地：建设期内均匀支付，最后一年集中建成，并有超支损失。",
    )
    mechanism = Text(
        "Capacities: everything is ordered in the last year of building, so that what a place cannot absorb at once is lost; its basket "
        "is that of steady base investment. Whoever lives elsewhere gets nothing but the chance to move there.",
        "作用于容量：全部能力在最后一年集中形成，超出吸收能力的部分损失；投向与渐进式投资相同。其他地方的居民只能选择迁入。",
    )
    evidence = Text(
        "Delay of 3-8 years and overrun of 20-40 % (literature on mega-projects, known to weak). A hypothesis, not a target: "
        "see steady base investment.",
        "工期延误3-8年、超支20%-40%（大项目文献，证据较弱）。这是假说而非目标，参见渐进式基础投资。",
    )
    payer = CENTRAL
    payees = (MARKET,)
    levers = ("service_investment", "transport_orders", "digital_orders")
    parameters = {
        "total": number(5_000, "yuan a resident, present value", 0, 500_000, "Present value at the start of all payments, for residents of all places chosen", "全部投入在起始时点的现值（按所选地区全体居民）", "assumed"),
        "build_months": number(60, "months", 1, 240, "Months from the first payment to the opening", "从开工到建成的月数", "FACTS 3: delay 3-8 years", whole=True),
        "overrun": number(0.3, "share", 0, 2, "Overrun: what is built costs this much more than planned", "超支比例", "FACTS 3: overrun 20-40 %"),
        **BASKET_NUMBERS,
    }  # fmt: skip
    nothing = {"total": 0.0}
    target = Target("services", "supply", 1, "supply of services in the place of the project")

    def apply(self, levers, params, where, strength):
        """Pay evenly while building; order all of it in the last year of building."""
        elapsed = levers.places.months_in_force
        if elapsed >= params.build_months or params.total <= 0.0:
            return
        people = levers.places.residents_base * where
        site = int(np.argmax(people))
        pay = even_payment(params.total, params.build_months, params.discount) * float(people.sum()) * strength
        yuan = np.zeros(levers.places.n)
        yuan[site] = pay
        last = min(12, params.build_months)
        opens = elapsed >= params.build_months - last
        if opens:
            part = yuan * (params.build_months / last / (1.0 + params.overrun))
            order_basket(levers, part, {name: getattr(params, name) for name in BASKET})
        levers.spend(yuan * 100, people=levers.places.residents * (yuan > 0) if opens else None)
