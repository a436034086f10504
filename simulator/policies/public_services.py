"""Schools, clinics, care homes, housing, libraries, child welfare: more of them, and for everyone who lives there."""

from __future__ import annotations

from simulator.foundations.parameter import Text
from simulator.policies.base import LOCAL, MARKET, SERVICE_UNIT_COST, SERVICES, Policy, Target, number

_ZH = {"education": "教育", "health": "医疗", "elder_care": "养老", "housing_support": "住房保障", "culture": "文化", "child_welfare": "儿童与社会福利"}


class PublicServices(Policy):
    """Money a resident is turned into stock of each service; equal standards count residents, not registrations."""

    name = "public_services"
    family = "services"
    title = Text("Public services by resident population", "按常住人口配置公共服务")
    description = Text(
        "Extra spending on each public service, and equal standards: residents without local hukou are entitled as locals are.",
        "增加各项公共服务投入，并按常住人口实行同等标准：无本地户籍的居民同等享有。",
    )
    mechanism = Text(
        "A capacity and an entitlement: what is ordered is built late, is partly lost when much is ordered on a small base, "
        "wears out, and is shared by all who live there; access enters the worth of a place by life stage.",
        "作用于容量与资格：投资建成有时滞，基础薄弱时部分损耗，逐年折旧，由全体居民分享；可及性按生命阶段进入对地方的评价。",
    )
    evidence = Text(
        "Fewer leavers and higher consumption in receiving counties, a weak effect on growth, and a risk of holding people "
        "in low-productivity places (known, not re-checked).",
        "受援县外流减少、消费提高，对增长作用弱，并有把人留在低生产率地区的风险（已知，未复核）。",
    )
    payer = LOCAL
    payees = (MARKET,)
    levers = ("service_investment", "entitlement_open")
    parameters = {
        **{
            service: number(
                200 if service in ("education", "health") else 50, "yuan a resident a year", 0, 20_000,
                f"Extra spending on {service.replace('_', ' ')}", f"{_ZH[service]}的额外投入",
                "assumed; budgets of 2020 a head are 2,580 for education, 1,360 for health",
            )
            for service in SERVICES
        },
        "equal_standards": number(
            0.5, "share", 0, 1, "Share of the gap in entitlement between locals and newcomers that is closed",
            "本地与外来居民资格差距的弥合比例", "assumed",
        ),
        "cost": number(
            1500, "yuan a newcomer a year", 0, 50_000, "Public cost of full entitlement of one newcomer",
            "一名新居民获得全部资格的年公共成本", "assumed, of the order of budgets a head for education and health in 2020",
        ),
    }  # fmt: skip
    nothing = {**dict.fromkeys(SERVICES, 0.0), "equal_standards": 0.0}
    target = Target("services", "supply", 1, "mean supply of services in the places chosen")

    def apply(self, levers, params, where, strength):
        """Order stock for each service and open it to newcomers."""
        residents = levers.places.residents * where
        total = 0.0
        for s, service in enumerate(SERVICES):
            yuan = residents * (strength * getattr(params, service) / 12)
            levers.service_investment[:, s] += yuan / SERVICE_UNIT_COST[s]
            total = total + yuan
        opened = strength * params.equal_standards
        levers.entitlement_open[where] += opened
        total = total + levers.places.newcomers * where * (opened * params.cost / 12)
        levers.spend(total * 100, people=residents if total.any() else None)
