"""The centre fills more of the gap between what a place needs for standard services and what it can raise."""

from __future__ import annotations

from simulator.foundations.parameter import Text
from simulator.policies.base import CENTRAL, Policy, Target, number


class EqualisingTransfers(Policy):
    """A larger share of the gap between standard need and standard revenue is filled by the central government."""

    name = "equalising_transfers"
    family = "regional"
    title = Text("Equalising transfers", "均衡性转移支付")
    description = Text(
        "The central government fills a further share of the gap between standard need and standard revenue; local "
        "governments spend it as they spend their budgets.",
        "中央财政在现有基础上进一步弥补标准支出与标准收入的缺口，由地方按预算结构使用。",
    )
    mechanism = Text(
        "A capacity: local budgets grow where the gap is, services and infrastructure follow with their delays. It costs "
        "the centre what the transfer is, month by month.",
        "作用于容量：有缺口的地方预算增加，公共服务和基础设施随时滞增加；成本由中央按月承担。",
    )
    evidence = Text(
        "Fewer leavers and higher consumption in receiving counties; a weak effect on growth; a risk of holding people in "
        "low-productivity places (known, not re-checked).",
        "受援县外流减少、消费提高；对增长作用弱；有把人留在低生产率地区的风险（已知，未复核）。",
    )
    payer = CENTRAL
    levers = ("equalisation",)
    parameters = {
        "share": number(0.3, "share of the gap", 0, 1, "Further share of the gap that is filled", "进一步弥补的缺口比例", "assumed"),
    }  # fmt: skip
    nothing = {"share": 0.0}
    target = Target("services", "supply", 1, "mean supply of services in the places chosen")

    def apply(self, levers, params, where, strength):
        """Fill a further share of the gap."""
        levers.equalisation[where] += strength * params.share
