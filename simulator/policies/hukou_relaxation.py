"""Registration made easier: newcomers use local services sooner and become local people sooner."""

from __future__ import annotations

from simulator.foundations.parameter import Text
from simulator.policies.base import LOCAL, MARKET, Policy, Target, number


class HukouRelaxation(Policy):
    """Residents without local registration get a share of what they lack, and convert more often."""

    name = "hukou_relaxation"
    family = "circle"
    title = Text("Hukou relaxation", "放宽落户")
    description = Text(
        "Residents without local hukou may use more of the local public services, and those who have lived in town "
        "convert their registration more often.",
        "非本地户籍的常住人口可更多享受当地公共服务，长期居住者更容易落户。",
    )
    mechanism = Text(
        "Entitlement and a probability. Entitlement enters the worth of a place for whoever has no hukou there; the "
        "yearly rate of conversion is multiplied. Each newcomer entitled costs the payer money.",
        "作用于资格与概率：资格影响无当地户籍者对该地的评价；年度落户率按倍数提高；每位新增享受者由出资方承担成本。",
    )
    evidence = Text(
        "Near-zero inflow in small cities where jobs are few; a large effect only in big cities (known from publications, "
        "not re-checked). 150 m people gained urban hukou in 2014-23.",
        "就业少的小城市几乎没有人口流入，仅大城市效果明显（文献已知，未复核）。2014-2023年1.5亿人落户城镇。",
    )
    payer = LOCAL
    payees = (MARKET,)
    levers = ("entitlement_open", "hukou_ease")
    parameters = {
        "opening": number(
            0.5, "share", 0, 1, "Share of the missing entitlement granted to residents without local hukou",
            "向无本地户籍常住人口补齐的服务资格比例", "assumed",
        ),
        "ease": number(2.0, "factor", 1, 20, "Factor on the yearly rate of conversion", "年度落户率的倍数", "assumed; 2014-16 saw 2.5 (PARAMETERS 2)"),
        "cost": number(
            1500, "yuan a newcomer a year", 0, 50_000, "Public cost of full entitlement of one newcomer",
            "一名新居民获得全部资格的年公共成本", "assumed, of the order of budgets a head for education and health in 2020",
        ),
    }  # fmt: skip
    nothing = {"opening": 0.0, "ease": 1.0}
    target = Target("services", "access", 1, "mean access to services in the places chosen")

    def apply(self, levers, params, where, strength):
        """Open services and registration in the places chosen."""
        opened = strength * params.opening
        levers.entitlement_open[where] += opened
        levers.hukou_ease[where] *= 1.0 + strength * (params.ease - 1.0)
        newcomers = levers.places.newcomers * where
        levers.spend(newcomers * opened * params.cost / 12 * 100, people=newcomers)
