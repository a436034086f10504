"""Firms that bring their jobs to a lagging place are paid for it."""

from __future__ import annotations

from simulator.foundations.parameter import Text
from simulator.policies.base import FIRMS, LOCAL, Policy, Target, number


class IndustrialTransfer(Policy):
    """A sum for each job that a firm from outside brings or opens."""

    name = "industrial_transfer"
    family = "regional"
    title = Text("Industrial transfer incentives", "产业转移激励")
    description = Text(
        "A firm that moves to the places chosen is paid once for each job it brings.",
        "迁入所选地区的企业按带来的岗位数一次性获得补助。",
    )
    mechanism = Text(
        "A cost: the sum counts against the cost of moving when a firm weighs places by labour cost, rent, talent and "
        "market access. It is claimed on moving, and granted until the budget ends.",
        "作用于成本：企业在比较劳动成本、租金、人才与市场可达性时，补助抵减迁移成本；迁入后申请，直至预算用完。",
    )
    evidence = Text(
        "A subsidy raises output of the lagging place and hurts its neighbour in a two-region model (FACTS 6, V9); its size "
        "in China is not known here.",
        "两区域模型中补贴提高落后地区产出而损害邻区（FACTS 6，V9）；此处无中国实测幅度。",
    )
    payer = LOCAL
    payees = (FIRMS,)
    levers = ("relocation_incentive",)
    parameters = {
        "per_job": number(50_000, "yuan a job", 0, 1_000_000, "Paid once for each job brought", "每个迁入岗位的一次性补助", "assumed"),
    }  # fmt: skip
    nothing = {"per_job": 0.0}
    target = Target("settlement_month", "employed", 1, "people in work who live in the places chosen")

    def apply(self, levers, params, where, strength):
        """Offer the sum to firms from outside."""
        levers.offer("relocation_incentive", where, strength * params.per_job)
