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
        "Costs and a probability: what a firm takes to open differs with the firm somebody has in mind; the grant, and the loan of "
        "those whom a lender gives one, count beside savings against it, one stop lowers the "
        "effort, the holiday leaves young firms their profit. Firms then hire at home, which raises job chances there.",
        "作用于成本与概率：所需资金因拟办企业而异；补助以及部分创业者获得的贷款与储蓄一起抵补资金，一站式服务降低办事成本，免税使新企业留存利润；企业在当地雇人，提高当地就业机会。",
    )
    evidence = Text(
        "Start-ups rise by 10-30 %; survival is unclear; 20-50 % of the jobs displace others (known to weak). About 1.0-1.2 m "
        "return-home founders a year, 3-4 stable jobs each.",
        "创业增加10%-30%，存活率不明，20%-50%为替代效应（证据较弱）。每年约100-120万返乡创业者，每家3-4个稳定岗位。",
    )
    payer = LOCAL
    payees = (PEOPLE,)
    levers = ("startup_grant", "startup_loan", "startup_loan_share", "startup_paperwork", "startup_tax_holiday")
    parameters = {
        "grant": number(8_000, "yuan a firm", 0, 1_000_000, "One-off grant to a founder", "一次性创业补助", "FACTS 1.5: 5-10 thousand yuan"),
        "loan": number(200_000, "yuan a firm", 0, 10_000_000, "Guaranteed loan a founder can draw", "创业担保贷款额度", "FACTS 1.5: up to .2-.3 m personal"),
        "take_up": number(0.5, "share", 0, 1, "Share of founders who ask for the grant and are entitled to it", "申领并符合条件的创业者比例", "assumed: first firm, registered, in business for half a year or a year"),
        "access": number(0.1, "share", 0, 1, "Share of founders to whom a lender gives the loan", "实际获得贷款的创业者比例", "assumed: of the order of loans granted to returnees over their firms"),
        "tax_holiday": number(36, "months", 0, 240, "Months without profit tax from the founding", "免征利润税月数", "FACTS 1.5: relief of 12-20 thousand yuan a year, three years"),
        "one_stop": number(0.3, "share", 0, 1, "Share of the paperwork that one office saves", "一站式服务节省的办事比例", "assumed: alone about a tenth more start-ups; one-stop shops gave 5 % in Mexico (Kaplan, Piedra and Seira 2011) and 17 % in Portugal (Branstetter and others 2014), both recalled"),
    }  # fmt: skip
    nothing = {"grant": 0.0, "loan": 0.0, "tax_holiday": 0.0, "one_stop": 0.0}
    target = Target("settlement_month", "firms_born_returnee", 1, "firms founded by returnees in the places chosen")

    def apply(self, levers, params, where, strength):
        """Whoever founds a firm in `where` needs less to do so."""
        if params.loan > 0.0:
            levers.startup_loan[where] += strength * params.loan * params.access * 100  # what founders can count on, in the mean
            levers.startup_loan_share[where] += strength * params.access  # so that whoever gets one gets it whole
        levers.startup_tax_holiday[where] += strength * params.tax_holiday
        levers.startup_paperwork[where] *= 1.0 - strength * params.one_stop
        if params.take_up > 0.0:
            levers.offer("startup_grant", where, strength * params.grant, take_up=params.take_up, counted_over=1.0 / params.take_up)
