"""The minimum guarantee: how high the line is, who asks, what is left of a wage, and who must look for work."""

from __future__ import annotations

from simulator.foundations.parameter import Text
from simulator.policies.base import LOCAL, Policy, Target, number


class MinimumGuarantee(Policy):
    """A higher line, more take-up, more of a wage kept, and a link to work for those who can."""

    name = "minimum_guarantee"
    family = "floor"
    title = Text("Minimum guarantee: line, taper, link to work", "最低生活保障：标准、递减与就业联动")
    description = Text(
        "The line of the guarantee rises, more of those entitled ask, more of earned income is left uncounted, and able "
        "adults of guaranteed households look for work.",
        "提高低保标准，提高申领率，更多劳动收入不计入核算，并要求有劳动能力的成员寻找工作。",
    )
    mechanism = Text(
        "Prices and an entitlement: household income per head is topped up to the line; the taper is the price of earning; "
        "the link turns able adults without work into searchers. Paid and booked by the mechanism of the floor.",
        "作用于价格与资格：家庭人均收入补足至标准；递减率即劳动的“价格”；就业联动使有劳动能力者成为求职者。由社会救助机制支付并记账。",
    )
    evidence = Text(
        "The poverty gap falls by 20-40 %; errors of coverage and targeting of 40-60 % (known, not re-checked). Lines of "
        "2020: 678 yuan a month in towns, 5,962 a year in villages.",
        "贫困缺口下降20%-40%；覆盖与瞄准误差40%-60%（已知，未复核）。2020年标准：城镇每月678元，农村每年5962元。",
    )
    payer = LOCAL
    levers = ("guarantee_line", "guarantee_take_up", "guarantee_earnings_kept", "guarantee_work_link")
    parameters = {
        "line": number(1.3, "factor", 0.5, 5, "Factor on the local line", "当地标准的倍数", "assumed"),
        "take_up": number(0.3, "share", 0, 1, "Share of those entitled who do not ask, and now do", "应保未申请者中新申领的比例", "FACTS 5: coverage errors of 40-60 %"),
        "earnings_kept": number(0.2, "share", 0, 1, "Share of earned income left uncounted beyond the usual taper", "在现行递减之外不计入的劳动收入比例", "assumed"),
        "work_link": number(0.3, "share", 0, 1, "Share of able adults without work in guaranteed households who must look for it", "须求职的有劳动能力成员比例", "assumed"),
    }  # fmt: skip
    nothing = {"line": 1.0, "take_up": 0.0, "earnings_kept": 0.0, "work_link": 0.0}
    target = Target("national", "poverty_headcount", -1, "people below the line, whole country")

    def apply(self, levers, params, where, strength):
        """Move the line, the take-up, the taper and the link."""
        levers.guarantee_line[where] *= 1.0 + strength * (params.line - 1.0)
        levers.guarantee_take_up[where] += strength * params.take_up
        levers.guarantee_earnings_kept[where] += strength * params.earnings_kept
        levers.guarantee_work_link[where] += strength * params.work_link
