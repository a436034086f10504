"""Money, tax relief and one office for people who come home, or are there, and start a firm."""

from __future__ import annotations

from simulator.foundations.parameter import Text
from simulator.policies.base import LOCAL, PEOPLE, Policy, Target, number


class ReturnHomePackage(Policy):
    """Grant, guaranteed loan, tax holiday and one-stop service for whoever founds a firm in the places chosen."""

    name = "return_home_package"
    family = "talent"
    title = Text("Come home and start a firm", "返乡创业支持")
    description = Text(
        "Whoever founds a firm in the places chosen gets a grant, can draw a guaranteed loan, pays no profit tax for a "
        "while, and finds one office for all paperwork.",
        "在所选地区创办企业者可获一次性补助、担保贷款、一定时期免征利润税，并享受一站式服务。",
    )
    mechanism = Text(
        "Costs and a probability: grant and loan count beside savings in the odds of founding a firm, one stop lowers the "
        "effort, the holiday leaves young firms their profit. Firms then hire at home, which raises job chances there.",
        "作用于成本与概率：补助和贷款与储蓄一起提高创业几率，一站式服务降低办事成本，免税使新企业留存利润；企业在当地雇人，提高当地就业机会。",
    )
    evidence = Text(
        "Start-ups rise by 10-30 %; survival is unclear; 20-50 % of the jobs displace others (known to weak). About 1.0-1.2 m "
        "return-home founders a year, 3-4 stable jobs each.",
        "创业增加10%-30%，存活率不明，20%-50%为替代效应（证据较弱）。每年约100-120万返乡创业者，每家3-4个稳定岗位。",
    )
    payer = LOCAL
    payees = (PEOPLE,)
    levers = ("startup_grant", "startup_loan", "startup_paperwork", "startup_tax_holiday")
    parameters = {
        "grant": number(8_000, "yuan a firm", 0, 1_000_000, "One-off grant to a founder", "一次性创业补助", "FACTS 1.5: 5-10 thousand yuan"),
        "loan": number(200_000, "yuan a firm", 0, 10_000_000, "Guaranteed loan a founder can draw", "创业担保贷款额度", "FACTS 1.5: up to .2-.3 m personal"),
        "access": number(0.1, "share", 0, 1, "Share of founders who get the loan", "实际获得贷款的创业者比例", "assumed: of the order of loans granted to returnees over their firms"),
        "tax_holiday": number(36, "months", 0, 240, "Months without profit tax from the founding", "免征利润税月数", "FACTS 1.5: relief of 12-20 thousand yuan a year, three years"),
        "one_stop": number(0.5, "share", 0, 1, "Share of the paperwork that one office saves", "一站式服务节省的办事比例", "assumed"),
    }  # fmt: skip
    nothing = {"grant": 0.0, "loan": 0.0, "tax_holiday": 0.0, "one_stop": 0.0}
    target = Target("settlement_month", "firms_born_returnee", 1, "firms founded by returnees in the places chosen")

    def apply(self, levers, params, where, strength):
        """Whoever founds a firm in `where` needs less to do so."""
        levers.startup_loan[where] += strength * params.loan * params.access * 100  # what a founder can count on, in the mean
        levers.startup_tax_holiday[where] += strength * params.tax_holiday
        levers.startup_paperwork[where] *= 1.0 - strength * params.one_stop
        levers.offer("startup_grant", where, strength * params.grant)
