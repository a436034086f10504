"""Investment step by step: the same sum every month for years, in every place chosen, in the base of its economy."""

from __future__ import annotations

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


class SteadyBaseInvestment(Policy):
    """Schools, clinics, roads and networks are added to in small steps, everywhere chosen, for years."""

    name = "steady_base_investment"
    family = "investment"
    title = Text("Steady base investment", "渐进式基础投资")
    description = Text(
        "A sum, worth so much a resident at the start, is spent in equal monthly parts over years on schools, clinics, "
        "transport and networks, in every place chosen.",
        "按起始时点每位居民的现值总额，分多年按月等额投入学校、医疗、交通与网络，覆盖所有所选地区。",
    )
    mechanism = Text(
        "Capacities: each month's order is small beside what is there, so almost all of it is absorbed; it arrives after the "
        "building time and wears out. The golden mega-project spends the same present value in one place at once.",
        "作用于容量：每月订单相对存量较小，几乎全部被吸收，经建设期形成能力并逐年折旧。“黄金大项目”以相同现值一次投向一地。",
    )
    evidence = Text(
        "A hypothesis, not a target: equal present value, the mega-project has the larger variance and irreversible capital, "
        "with an advantage only above a threshold of complementary skill (known to weak).",
        "这是假说而非目标：现值相同时大项目方差更大、资本不可逆，仅在互补人力资本超过门槛时占优（证据较弱）。",
    )
    payer = CENTRAL
    payees = (MARKET,)
    levers = ("service_investment", "transport_orders", "digital_orders")
    parameters = {
        "total": number(5_000, "yuan a resident, present value", 0, 500_000, "Present value at the start of all payments", "全部投入在起始时点的现值", "assumed"),
        "months": number(120, "months", 1, 600, "Months over which it is spent", "投入月数", "assumed", whole=True),
        **BASKET_NUMBERS,
    }  # fmt: skip
    nothing = {"total": 0.0}
    target = Target("services", "supply", 1, "mean supply of services in the places chosen")

    def apply(self, levers, params, where, strength):
        """The same payment every month, spread over the places by residents at the base year."""
        if levers.places.months_in_force >= params.months:
            return
        pay = even_payment(params.total, params.months, params.discount)
        yuan = levers.places.residents_base * where * (strength * pay)
        order_basket(levers, yuan, {name: getattr(params, name) for name in BASKET})
        levers.spend(yuan * 100, people=levers.places.residents * where if yuan.any() else None)
