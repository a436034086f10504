"""The books of the country: who paid whom for what this month, in whole fen, every payment from two sides.

Six sectors hold money. A flow has one paying and one receiving sector; a posting names, place by
place, what the payers gave and what the payees got, and the two sums must be equal. Governments,
the insurance fund and the rest of the world keep their money here, so a posting moves it; the
money of households and firms lies in their columns, and the mechanism that posts also changes
those. Closing the month recounts everyone's money and compares it with opening plus flows.

The rest of the world is also the market for tradables, the banks and the lenders of governments: it starts with
minus what all others hold, so that money in all is always exactly zero.

Amounts are in agent-fen: multiply by persons per agent for the country's money.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from simulator.kernels import booking

SECTORS_OF_BOOKS = ("households", "firms", "local_government", "central_government", "social_insurance", "rest_of_world")
HOUSEHOLDS, FIRMS, LOCAL, CENTRAL, INSURANCE, WORLD = SECTORS_OF_BOOKS


ESTATES_AT = 0
"""The settlement at which money without heirs is counted."""


@dataclass(frozen=True)
class Flow:
    """One kind of payment: who pays whom, and what it is called."""

    name: str
    payer: str
    payee: str
    label_en: str
    label_zh: str
    counts_as: str = ""
    """Paid by local governments: the function of their budget. Received by them: `own` for own revenue."""


FLOWS = (
    Flow("local_taxes", WORLD, LOCAL, "Taxes and fees of local governments", "地方税费收入", "own"),
    Flow("central_taxes", WORLD, CENTRAL, "Taxes of the central government", "中央税收"),
    Flow("wages", FIRMS, HOUSEHOLDS, "Wages, before tax and contributions", "工资（税前）"),
    Flow("unseen_pay", FIRMS, HOUSEHOLDS, "Labour income that surveys do not see", "调查未计的劳动收入"),
    Flow("unseen_spending", HOUSEHOLDS, WORLD, "Spending out of income that surveys do not see", "调查未计收入的支出"),
    Flow("employer_contributions", FIRMS, INSURANCE, "Employers' social contributions", "单位社会保险缴费"),
    Flow("employee_contributions", HOUSEHOLDS, INSURANCE, "Employees' social contributions", "个人社会保险缴费"),
    Flow("income_tax_local", HOUSEHOLDS, LOCAL, "Income tax, local share", "个人所得税地方分成", "own"),
    Flow("income_tax_central", HOUSEHOLDS, CENTRAL, "Income tax, central share", "个人所得税中央分成"),
    Flow("farm_sales", WORLD, HOUSEHOLDS, "Farm income", "农业经营收入"),
    Flow("flexible_pay", FIRMS, HOUSEHOLDS, "Pay of flexible workers", "灵活就业收入"),
    Flow("property_income", FIRMS, HOUSEHOLDS, "Property income: dividends and interest", "财产性收入"),
    Flow("pensions", INSURANCE, HOUSEHOLDS, "Pensions", "养老金"),
    Flow("unemployment_benefits", INSURANCE, HOUSEHOLDS, "Unemployment benefit", "失业保险金"),
    Flow("guarantee", LOCAL, HOUSEHOLDS, "Minimum income guarantee", "最低生活保障", "social_floor"),
    Flow("disability_aid", LOCAL, HOUSEHOLDS, "Aid to disabled people", "残疾人补贴", "social_floor"),
    Flow("care_allowance", LOCAL, HOUSEHOLDS, "Care allowance of severely disabled people", "重度残疾人护理补贴", "social_floor"),
    Flow("temporary_assistance", LOCAL, HOUSEHOLDS, "Temporary assistance", "临时救助", "social_floor"),
    Flow("welfare_pay", LOCAL, HOUSEHOLDS, "Pay of welfare jobs", "公益性岗位工资", "social_floor"),
    Flow("transfers_to_people", LOCAL, HOUSEHOLDS, "Other public transfers to people", "其他转移性收入", "social_floor"),
    Flow("contributions_of_people", HOUSEHOLDS, LOCAL, "Net payments of people to government (negative transfers)", "居民净转移支出", "own"),
    Flow("remittances", HOUSEHOLDS, HOUSEHOLDS, "Remittances to the family at home", "寄回汇款"),
    Flow("rents", HOUSEHOLDS, HOUSEHOLDS, "Rents paid to owners", "房租"),
    Flow("bequests", HOUSEHOLDS, HOUSEHOLDS, "Left to heirs", "遗产继承"),
    Flow("removals", HOUSEHOLDS, WORLD, "Cost of moving", "迁移费用"),
    Flow("consumption_tradables", HOUSEHOLDS, WORLD, "Consumption of tradable goods", "可贸易品消费"),
    Flow("consumption_services", HOUSEHOLDS, FIRMS, "Consumption of local services", "本地服务消费"),
    Flow("medical_out_of_pocket", HOUSEHOLDS, FIRMS, "Medical treatment paid by patients", "自付医疗费"),
    Flow("medical_reimbursement", INSURANCE, FIRMS, "Medical treatment paid by insurance", "医保报销"),
    Flow("market_sales", WORLD, FIRMS, "Sales of tradables", "可贸易品销售"),
    Flow("business_purchases", WORLD, FIRMS, "Local services bought by firms and others", "企业等购买本地服务"),
    Flow("platform_sales", WORLD, FIRMS, "Sales of platforms", "平台销售"),
    Flow("inputs", FIRMS, WORLD, "Inputs of local services", "本地服务的中间投入"),
    Flow("production_tax_local", FIRMS, LOCAL, "Taxes on production, local share", "生产税地方分成", "own"),
    Flow("production_tax_central", FIRMS, CENTRAL, "Taxes on production, central share", "生产税中央分成"),
    Flow("profit_tax_local", FIRMS, LOCAL, "Taxes on profits, local share", "利润税地方分成", "own"),
    Flow("profit_tax_central", FIRMS, CENTRAL, "Taxes on profits, central share", "利润税中央分成"),
    Flow("disability_levy", FIRMS, LOCAL, "Levy of employers below the disability quota", "残疾人就业保障金", "own"),
    Flow("disability_subsidy", LOCAL, FIRMS, "Subsidy for disabled workers beyond the quota", "超比例安置残疾人就业补贴", "social_floor"),
    Flow("firm_investment", FIRMS, WORLD, "Investment of firms", "企业投资"),
    Flow("firm_loans", WORLD, FIRMS, "Loans to firms", "企业贷款"),
    Flow("firm_repayment", FIRMS, WORLD, "Repayment of firms' loans", "企业还款"),
    Flow("firm_interest", FIRMS, WORLD, "Interest of firms", "企业付息"),
    Flow("founding", HOUSEHOLDS, FIRMS, "Founders' own money", "创业者自有资金"),
    Flow("loan_guarantees", LOCAL, WORLD, "Guarantees called on start-up loans", "创业担保贷款代偿", "other"),
    Flow("profits", FIRMS, HOUSEHOLDS, "Profits of founders", "创业者利润"),
    Flow("land_revenue", WORLD, LOCAL, "Land revenue, out of mortgages and builders' credit", "土地出让收入"),
    Flow("tax_rebates", CENTRAL, LOCAL, "Tax rebates by origin", "税收返还"),
    Flow("equalisation", CENTRAL, LOCAL, "Equalising transfers", "均衡性转移支付"),
    Flow("earmarked_grants", CENTRAL, LOCAL, "Earmarked grants", "专项转移支付"),
    Flow("emergency_support", CENTRAL, LOCAL, "Emergency support of governments that cannot pay", "财力缺口应急补助"),
    Flow("remittance_to_centre", LOCAL, CENTRAL, "Passed up to the centre", "地方上解", "none"),
    Flow("paired_assistance", LOCAL, LOCAL, "Paired assistance between circles", "对口支援", "none"),
    Flow("public_payroll", LOCAL, FIRMS, "Payroll of public employers", "公共部门工资拨款", "none"),
    Flow("public_purchases", LOCAL, FIRMS, "Local services bought by governments", "政府购买本地服务", "none"),
    Flow("public_tradables", LOCAL, WORLD, "Goods and works bought by governments", "政府购买货物与工程", "none"),
    Flow("central_purchases", CENTRAL, WORLD, "Spending of the central government", "中央本级支出"),
    Flow("insurance_support", CENTRAL, INSURANCE, "Support of the insurance fund", "社会保险基金财政补助"),
    Flow("local_borrowing", WORLD, LOCAL, "Borrowing of local governments", "地方政府借款", "none"),
    Flow("local_repayment", LOCAL, WORLD, "Repayment of local debt", "地方政府还债", "none"),
    Flow("local_interest", LOCAL, WORLD, "Interest on local debt", "地方政府债务付息", "other"),
    Flow("central_borrowing", WORLD, CENTRAL, "Borrowing of the central government", "中央政府借款"),
    Flow("central_repayment", CENTRAL, WORLD, "Repayment of central debt", "中央政府还债"),
    Flow("central_interest", CENTRAL, WORLD, "Interest on central debt", "中央政府债务付息"),
)
"""The flows every model has. Policies add rows of their own. Add flows at the end of the group they belong to;
the order is the order of the printed matrix."""


class Books:
    """This month's payments and the pots of governments, the insurance fund and the rest of the world."""

    def __init__(self, government_of: np.ndarray, extra: tuple[Flow, ...] = ()):
        self.flows = (*FLOWS, *extra)
        self.row = {flow.name: k for k, flow in enumerate(self.flows)}
        if len(self.row) != len(self.flows):
            raise ValueError("two flows of the books have the same name")
        self.government_of = np.asarray(government_of, dtype=np.int64)
        self.n = len(self.government_of)
        self.seat = np.unique(self.government_of, return_index=True)[1]
        self.amounts = np.zeros((len(self.flows), 2, self.n), dtype=np.int64)
        self.local = np.zeros(int(self.government_of.max(initial=-1)) + 1, dtype=np.int64)
        self.pots = {CENTRAL: 0, INSURANCE: 0, WORLD: 0}
        self.carried = np.zeros(self.n, dtype=np.int64)
        self.opening: dict[str, int] = {}
        self._rows: dict[tuple, np.ndarray] = {}
        self._posted: dict[tuple, tuple] = {}
        number = {sector: k for k, sector in enumerate(SECTORS_OF_BOOKS)}
        self._sectors = tuple(np.array([number[getattr(flow, side)] for flow in self.flows]) for side in ("payer", "payee"))

    # -- posting -------------------------------------------------------------------------------

    def post(self, name: str, payer: np.ndarray, payee: np.ndarray | None = None) -> int:
        """Book a flow: what payers of each settlement gave and payees of each got (None: the same places).

        Returns the total, fen. Amounts are not negative; a payment the other way is another flow.
        """
        payer = np.ascontiguousarray(payer, dtype=np.int64)
        payee = payer if payee is None else np.ascontiguousarray(payee, dtype=np.int64)
        if payer.shape != (self.n,) or payee.shape != (self.n,):
            raise ValueError(f"flow {name}: amounts must be one a settlement")
        row = self.row[name]
        flow = self.flows[row]
        total = booking.enter(
            self.amounts, row, payer, payee, self.government_of, self.local, flow.payer == LOCAL, flow.payee == LOCAL
        )
        if total == booking.UNEQUAL:
            raise ValueError(f"flow {name}: {int(payer.sum())} fen paid, {int(payee.sum())} received")
        if total == booking.NEGATIVE:
            raise ValueError(f"flow {name}: a negative payment")
        if flow.payer in self.pots:
            self.pots[flow.payer] -= total
        if flow.payee in self.pots:
            self.pots[flow.payee] += total
        return total

    def post_all(self, names: tuple[str, ...], given: np.ndarray) -> list[int]:
        """Book several flows at once, i8[flows, n], each received where it is paid; returns their totals, fen."""
        if given.shape != (len(names), self.n) or given.dtype != np.int64:
            raise ValueError(f"flows {', '.join(names)}: amounts must be whole, one a flow and settlement")
        kept = self._posted.get(names)
        if kept is None:
            flows, rows = [self.flows[self.row[name]] for name in names], np.array([self.row[name] for name in names])
            sides = np.array([[flow.payer == LOCAL for flow in flows], [flow.payee == LOCAL for flow in flows]])
            pots = [(sector, k, sign) for k, flow in enumerate(flows)
                    for sector, sign in ((flow.payer, -1), (flow.payee, 1)) if sector in self.pots]  # fmt: skip
            kept = self._posted[names] = rows, *sides, pots
        rows, pays, gets, pots = kept
        sums = np.empty(len(names), dtype=np.int64)
        bad = booking.enter_all(self.amounts, rows, np.ascontiguousarray(given), self.government_of, self.local, pays, gets, sums)
        if bad >= 0:
            raise ValueError(f"flow {names[bad]}: a negative payment")
        totals = sums.tolist()
        for sector, k, sign in pots:
            self.pots[sector] += sign * totals[k]
        return totals

    def carry(self, money: np.ndarray, start: np.ndarray, to: np.ndarray) -> None:
        """People take their money along from one settlement to another: no payment, but it changes where money is."""
        np.subtract.at(self.carried, start, money)
        np.add.at(self.carried, to, money)

    def by_government(self, amounts: np.ndarray) -> np.ndarray:
        """Sums of whole amounts by settlement, i8[n], for each local government, i8[G]."""
        sums = np.zeros(len(self.local), dtype=np.int64)
        booking.add_by(self.government_of, np.ascontiguousarray(amounts, dtype=np.int64), sums)
        return sums

    def at_seats(self, amounts: np.ndarray) -> np.ndarray:
        """Amounts of governments, i8[G], written at the seat of each (its first settlement), i8[n]."""
        out = np.zeros(self.n, dtype=np.int64)
        out[self.seat] = amounts
        return out

    def side(self, name: str, received: int) -> np.ndarray:
        """What was paid (0) or received (1) in a flow by settlement, i8[n]."""
        return self.amounts[self.row[name], received]

    def net_by_settlement(self, sector: str) -> np.ndarray:
        """Received less paid by a sector in each settlement this month, i8[n]."""
        net = np.zeros(self.n, dtype=np.int64)
        booking.add_rows(self.amounts, self.rows_where("payee", sector), 1, 1, net)
        booking.add_rows(self.amounts, self.rows_where("payer", sector), 0, -1, net)
        return net

    def rows_where(self, side: str, sector: str, counts_as: str | None = None) -> np.ndarray:
        """Rows of the flows with a sector as `payer` or `payee`, and with one way of counting in budgets, i8."""
        key = side, sector, counts_as
        if key not in self._rows:
            rows = [k for k, flow in enumerate(self.flows) if getattr(flow, side) == sector and counts_as in (None, flow.counts_as)]
            self._rows[key] = np.array(rows, dtype=np.int64)
        return self._rows[key]

    def total(self, name: str) -> int:
        """What has been paid in a flow this month, fen."""
        return int(self.amounts[self.row[name], 0].sum())

    # -- opening and closing ---------------------------------------------------------------------

    def begin(self, households: int, firms: int) -> None:
        """At the base year: the rest of the world holds minus what all others hold."""
        held = households + firms + int(self.local.sum()) + self.pots[CENTRAL] + self.pots[INSURANCE]
        self.pots[WORLD] = -held

    def holdings(self, households: int, firms: int) -> dict[str, int]:
        """Money of each sector now; the two counted from columns are given."""
        return {HOUSEHOLDS: households, FIRMS: firms, LOCAL: int(self.local.sum()), **self.pots}

    def open_month(self, households: int, firms: int) -> None:
        """Empty the flows and note what everyone holds."""
        self.amounts[...] = 0
        self.carried[...] = 0
        self.opening = self.holdings(households, firms)

    def explained(self) -> dict[str, int]:
        """Money of each sector as the opening and the flows since explain it."""
        sides, net = np.empty((len(self.flows), 2), dtype=np.int64), np.zeros(len(SECTORS_OF_BOOKS), dtype=np.int64)
        booking.add_up_sides(self.amounts, *self._sectors, sides, net)
        return {sector: self.opening[sector] + more for sector, more in zip(SECTORS_OF_BOOKS, net.tolist(), strict=True)}

    def imbalances(self, households: int, firms: int) -> dict[str, int]:
        """Fen by sector that holdings and flows do not explain, and `all`: money in all (must be zero)."""
        return self.close_month(households, firms)[1]

    def close_month(self, households: int, firms: int) -> tuple[np.ndarray, dict[str, int]]:
        """What was paid and received in each flow, i8[flows, 2], and the imbalances."""
        now = self.holdings(households, firms)
        sides, net = np.empty((len(self.flows), 2), dtype=np.int64), np.zeros(len(SECTORS_OF_BOOKS), dtype=np.int64)
        booking.add_up_sides(self.amounts, *self._sectors, sides, net)
        gaps = {sector: now[sector] - self.opening[sector] - net for sector, net in zip(SECTORS_OF_BOOKS, net.tolist(), strict=True)}
        return sides, gaps | {"all": sum(now.values())}

    def matrix(self) -> np.ndarray:
        """Transaction-flow matrix of the month, i8[flow, sector]: receipts positive, payments negative; rows sum to zero."""
        place = {sector: k for k, sector in enumerate(SECTORS_OF_BOOKS)}
        out = np.zeros((len(self.flows), len(SECTORS_OF_BOOKS)), dtype=np.int64)
        for k, flow in enumerate(self.flows):
            out[k, place[flow.payer]] -= self.amounts[k, 0].sum()
            out[k, place[flow.payee]] += self.amounts[k, 1].sum()
        return out

    # -- checkpoints -----------------------------------------------------------------------------

    def arrays(self) -> dict[str, np.ndarray]:
        """What a later month depends on."""
        return {"local": self.local, "pots": np.array([self.pots[s] for s in (CENTRAL, INSURANCE, WORLD)], dtype=np.int64)}

    def restore(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Go on from what `arrays` gave."""
        self.local[...] = arrays["local"]
        for sector, value in zip((CENTRAL, INSURANCE, WORLD), arrays["pots"], strict=True):
            self.pots[sector] = int(value)
