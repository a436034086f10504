"""Public welfare jobs: paid work that governments open for those whom the market does not take."""

from __future__ import annotations

from simulator.foundations.parameter import Text
from simulator.policies.base import LOCAL, Policy, Target, number


class WelfareJobs(Policy):
    """Posts in proportion to residents, paid at the local minimum wage times a factor."""

    name = "welfare_jobs"
    family = "floor"
    title = Text("Public welfare jobs", "公益性岗位")
    description = Text(
        "Governments open posts (care, cleaning, roads, forests) for the unemployed whom the market has not taken.",
        "政府开发养护、保洁、护林、照料等岗位，安置市场未能吸纳的失业人员。",
    )
    mechanism = Text(
        "A capacity: posts are filled after the market has matched, by people without work in the place; they are paid by "
        "the payer of the policy, and go on looking for other work with less effort.",
        "作用于容量：市场匹配后由当地无业者填补岗位，工资由出资方支付；在岗者继续以较低强度求职。",
    )
    evidence = Text(
        "About 5 m rural posts for poor households in 2020, at 500-1,500 yuan a month; whether people move on is open "
        "(known, not re-checked).",
        "2020年约500万个乡村公益性岗位，月薪500-1500元；是否转向市场就业尚无定论（已知，未复核）。",
    )
    payer = LOCAL
    levers = ("welfare_posts", "welfare_pay")
    parameters = {
        "posts": number(5, "posts a thousand residents", 0, 200, "Posts open at any time", "每千名常住人口岗位数", "FACTS 1.5: 5 m rural posts for 510 m villagers, about 10 a thousand"),
        "pay": number(1.0, "factor on the minimum wage", 0.2, 3, "Pay of a post", "岗位工资（最低工资倍数）", "MODEL 4.2: the local minimum wage"),
    }  # fmt: skip
    nothing = {"posts": 0.0, "pay": 1.0}
    target = Target("settlement_month", "welfare_jobs", 1, "people in welfare jobs in the places chosen")

    def apply(self, levers, params, where, strength):
        """Open posts; set their pay."""
        levers.welfare_posts[:] += levers.places.residents * where * (strength * params.posts / 1000)
        levers.welfare_pay[where] *= 1.0 + strength * (params.pay - 1.0)
