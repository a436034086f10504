"""Homes for graduates: dwellings built for them, and rent eased for those who left college not long ago."""

from __future__ import annotations

from simulator.foundations.parameter import Text
from simulator.policies.base import LOCAL, MARKET, PEOPLE, Policy, Target, number


class TalentHousing(Policy):
    """Dwellings are built where graduates are wanted, and recent graduates who live there pay less rent."""

    name = "talent_housing"
    family = "talent"
    title = Text("Talent housing", "人才住房")
    description = Text(
        "Dwellings are built for young graduates, and those who left college less than five years ago get part of their rent back.",
        "为青年人才建设住房，毕业五年内的大学毕业生可领取租房补贴。",
    )
    mechanism = Text(
        "A capacity and a price: dwellings lower the rent of everyone who lives there; the relief is income of a recent "
        "graduate in every place that offers it, and so enters the expected income of the choice.",
        "作用于容量与价格：新增住房降低当地所有人的租金；补贴计入近年毕业生在该地的预期收入，从而影响居住选择。",
    )
    evidence = Text(
        "Retention subsidies of this kind move 1-3 percentage points of local graduates; mostly windfall if neighbours copy "
        "them (known to weak).",
        "此类补贴约可多留1-3个百分点的本地毕业生；若邻地效仿，则多为额外收益而非净增（证据较弱）。",
    )
    payer = LOCAL
    payees = (PEOPLE, MARKET)
    levers = ("rent_relief", "housing_orders")
    parameters = {
        "relief": number(800, "yuan a month", 0, 10_000, "Rent relief of a recent graduate", "近年毕业生每月租房补贴", "FACTS 1.5: .5-1.5 thousand yuan a month for 2-3 years"),
        "take_up": number(0.5, "share", 0, 1, "Share of recent graduates who rent and ask", "租房并申请的近年毕业生比例", "assumed"),
        "dwellings": number(5, "dwellings a thousand college residents a year", 0, 200, "Dwellings built", "每年每千名大学学历居民新建住房", "assumed"),
        "unit_cost": number(300_000, "yuan a dwelling", 1, 5_000_000, "Cost of a small dwelling", "小户型单套造价", "assumed"),
    }  # fmt: skip
    nothing = {"relief": 0.0, "dwellings": 0.0}
    target = Target("settlement_month", "talent_pool", 1, "college-educated of working age in the places chosen")

    def apply(self, levers, params, where, strength):
        """Offer relief by the month; order dwellings in proportion to the talent pool."""
        relief = strength * params.relief
        levers.offer("rent_relief", where, relief, take_up=params.take_up, counted_over=1.0 / max(params.take_up, 1e-9))
        built = levers.places.talent * where * (strength * params.dwellings / 1000 / 12)
        levers.housing_orders[:] += built
        levers.spend(built * params.unit_cost * 100, people=None)
