"""Money for graduates who take work where they studied or where they come from."""

from __future__ import annotations

from simulator.foundations.parameter import Text
from simulator.policies.base import LOCAL, PEOPLE, Policy, Target, number


class GraduateRetention(Policy):
    """New graduates who work where they studied or come from are paid by the month, once, or both."""

    name = "graduate_retention"
    family = "talent"
    title = Text("Retention grant for local graduates", "本地毕业生留任补贴")
    description = Text(
        "Within a year of leaving college, whoever takes work where they studied or come from gets a monthly grant while "
        "they stay, or a sum once. Nothing is asked back from those who leave.",
        "毕业一年内在就读地或家乡就业者，在留居期间按月领取补贴，或一次性领取；离开者不追回。",
    )
    mechanism = Text(
        "Income: the grant counts in the expected income of those two places when a graduate chooses, and while it is "
        "paid. It is claimed on taking work, granted by keyed order until the budget ends.",
        "作用于收入：毕业生选择去向时，补贴计入这两地的预期收入；就业后申请，按序发放直至预算用完。",
    )
    evidence = Text(
        "Small: 1-3 percentage points of local graduates, mostly windfall if neighbours copy it, so zero-sum (known to weak). "
        "Sums in use: 10-60 thousand yuan once, or .5-1.5 thousand a month for 2-3 years.",
        "作用较小：约1-3个百分点；若邻地效仿则多为额外收益、近于零和（证据较弱）。现行标准：一次性1万-6万元，或每月500-1500元、2-3年。",
    )
    payer = LOCAL
    payees = (PEOPLE,)
    levers = ("graduate_grant",)
    parameters = {
        "monthly": number(1_000, "yuan a month", 0, 20_000, "Grant by the month", "每月补贴", "FACTS 1.5: .5-1.5 thousand yuan a month"),
        "months": number(24, "months", 1, 120, "Months for which it is paid", "按月发放的月数", "FACTS 1.5: 2-3 years", whole=True),
        "once": number(0, "yuan", 0, 1_000_000, "Sum paid once, on taking work", "就业时一次性补贴", "FACTS 1.5: 10-60 thousand yuan"),
        "counted_over": number(36, "months", 1, 240, "Months over which people spread a sum paid once when they compare incomes", "比较收入时一次性补贴的分摊月数", "assumed"),
    }  # fmt: skip
    nothing = {"monthly": 0.0, "once": 0.0}
    target = Target("settlement_month", "talent_pool", 1, "college-educated of working age in the places chosen")

    def apply(self, levers, params, where, strength):
        """Offer the grant to new graduates who work here."""
        levers.offer("graduate_grant", where, strength * params.monthly, months=params.months)
        levers.offer("graduate_grant", where, strength * params.once, counted_over=params.counted_over)
