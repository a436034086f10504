"""What a run reports: every declared result with its label, unit, table and how it adds up over places."""

from __future__ import annotations

from dataclasses import dataclass

PEOPLE, SHARE, YUAN, NUMBER = "people", "share", "yuan", "number"
"""Kinds: people (agents times persons per agent, whole), a share 0 to 1, yuan at 2020 prices, another number."""


@dataclass(frozen=True)
class Outcome:
    """One declared result.

    `aggregation` says how values of settlements make that of a group: `sum`, `mean` (weighted by
    `weight`), or `none` (recomputed from the people). `headline` ones are quoted in `run.json`.
    """

    name: str
    table: str
    kind: str
    unit: str
    aggregation: str
    label_en: str
    label_zh: str
    meaning: str = ""
    weight: str = ""
    headline: bool = False


def _people(name, en, zh, meaning="", table="settlement_month", headline=False, unit="people"):
    return Outcome(name, table, PEOPLE, unit, "sum", en, zh, meaning, "", headline)


def _national(name, kind, unit, en, zh, meaning="", headline=False):
    aggregation = "sum" if kind == PEOPLE else "none"
    return Outcome(name, "national", kind, unit, aggregation, en, zh, meaning, "", headline)


_SURVEY = "Counted in March, June, September and December, as in the official household survey; null in other months."

_GOVERNMENT = (
    ("own_revenue", "Own revenue", "本级收入", "Taxes and fees; government 0 is the centre."),
    ("land_revenue", "Land revenue", "土地收入", "With other funds that budgets draw on."),
    ("transfers_in", "Transfers received", "转移支付净收入", "From above and from partners, less what is passed up; minus what the centre gives."),
    ("rebates", "Tax rebates", "税收返还", "Of the transfers: by origin of the taxes."),
    ("equalisation", "Equalising transfers", "均衡性转移支付", "Of the transfers: by need less revenue."),
    ("earmarked", "Earmarked grants", "专项转移支付", "Of the transfers: tied to a purpose."),
    ("assistance", "Paired assistance", "对口支援", "Received less given."),
    ("remitted", "Passed up to the centre", "地方上解", ""),
    ("support", "Emergency support", "应急补助", "From the centre to governments that cannot pay what they must."),
    ("spending_administration", "Spending on administration", "一般公共服务支出", ""),
    ("spending_education", "Spending on education", "教育支出", ""),
    ("spending_health", "Spending on health", "卫生健康支出", ""),
    ("spending_social_floor", "Spending on the social floor", "社会保障支出", ""),
    ("spending_infrastructure", "Spending on infrastructure", "基础设施支出", "With agriculture, forestry and water."),
    ("spending_other", "Other spending", "其他支出", "With interest."),
    ("spending", "Spending", "财政支出", "All functions."),
    ("interest", "Interest paid", "债务付息", ""),
    ("borrowed", "Borrowed", "新增借款", ""),
    ("repaid", "Repaid", "偿还债务", ""),
)
"""Columns of `government_month` in yuan a month: name, English, Chinese, meaning."""

DECLARED = (
    _people("residents", "Residents", "常住人口", "Enumerated: away from the hukou place for six months or more, or at home."),
    _people("registered", "Registered population", "户籍人口", "People whose hukou is here, wherever they live."),
    _people("talent_pool", "Talent pool", "人才存量", "College-educated residents aged 16 to 64."),
    _people("talent_in", "Talent arriving", "人才流入", "College-educated people aged 16 to 64 who moved in this month."),
    _people("talent_out", "Talent leaving", "人才流出", "College-educated people aged 16 to 64 who moved out this month."),
    _people("migrant_workers_here", "Migrant workers here", "外来农民工",
            "Outgoing migrant workers who live here: rural hukou, six of the last twelve months in non-farm work, away from the hukou place."),
    _people("migrant_workers_from", "Migrant workers from here", "外出农民工", "Outgoing migrant workers registered here."),
    _people("employed", "Employed", "就业人员", "People living here who hold a job with an employer."),
    _people("unemployed", "Unemployed", "失业人员", "People living here who look for work."),
    _people("farming", "Farming", "务农人员"),
    _people("flexible", "Flexible work", "灵活就业人员"),
    _people("welfare_jobs", "Welfare jobs", "公益性岗位人员"),
    _people("vacancies", "Vacancies", "职位空缺", "Posted this month.", unit="jobs"),
    Outcome("job_finding_rate", "settlement_month", SHARE, "a month", "mean", "Job finding rate", "求职成功率",
            "Smoothed monthly probability that a job seeker finds work.", "labour force"),
    Outcome("wage_mean", "settlement_month", YUAN, "yuan a month, 2020 prices", "mean", "Mean wage", "平均工资", "", "employed"),
    Outcome("income_median_pc", "settlement_month", YUAN, "yuan a month, 2020 prices", "none", "Median income per head",
            "人均收入中位数", "Household income per head. " + _SURVEY),
    Outcome("rent", "settlement_month", NUMBER, "index, 1 at the base year", "mean", "Rent", "租金指数", "", "residents"),
    _people("firms", "Firms", "企业数", "Open firms, the public employer included.", unit="firms"),
    _people("firms_born_local", "Firms founded by residents", "本地创业企业", "Founded this month by people who live here.", unit="firms"),
    _people("firms_born_returnee", "Firms founded by returnees", "返乡创业企业",
            "Founded this month by people who came home within three years.", unit="firms"),
    _people("firms_born_outside", "Firms from outside", "外来新设企业", "Opened this month without a named founder.", unit="firms"),
    _people("lasting_local", "Lasting firms of residents", "存续三年以上的本地创业企业", "Open, founded since the start by people who live here, three years ago or more.", unit="firms"),
    _people("lasting_returnee", "Lasting firms of returnees", "存续三年以上的返乡创业企业",
            "Open, founded since the start by people who had come home, three years ago or more.", unit="firms"),
    _people("left_behind_children", "Left-behind children", "留守儿童",
            "Under 18, at the family's root, parents (or guardian) alive and all living elsewhere. " + _SURVEY),
    _people("left_behind_elders", "Left-behind elders", "留守老人",
            "60 and over, at the root, with no partner and no adult child in the same settlement. " + _SURVEY),
    Outcome("supply", "services", NUMBER, "national mean at the base year = 1", "mean", "Service supply", "公共服务供给", "", "residents"),
    Outcome("access", "services", NUMBER, "supply times share entitled", "mean", "Access to services", "公共服务可及性",
            "Supply times the share of it that the residents' hukou lets them use.", "residents"),
    Outcome("crowding", "services", NUMBER, "residents a unit of stock, base year = 1", "mean", "Crowding of services", "公共服务拥挤度", "", "residents"),
    Outcome("spent_yuan", "policy_month", YUAN, "yuan, 2020 prices", "sum", "Spent by a policy", "政策支出", "What the payer paid this month."),
    Outcome("asked_yuan", "policy_month", YUAN, "yuan, 2020 prices", "sum", "Asked of a policy", "政策申请额",
            "What was ordered or claimed this month; more than was spent where the year's budget ended."),
    _people("reached_people", "People reached by a policy", "政策惠及人数",
            "People (or firms) paid, or served by what was ordered, this month.", table="policy_month"),
    Outcome("delivered_share", "policy_month", SHARE, "share", "none", "Delivered share", "到达比例",
            "Of what was spent, the share that reached the people meant."),
    Outcome("fen", "ledger", NUMBER, "fen", "sum", "Paid", "支付额", "What payers of the settlement paid in a flow; for money held, at the opening."),
    Outcome("fen_received", "ledger", NUMBER, "fen", "sum", "Received", "收到额", "What payees of the settlement got; for money held, at the close."),
    *(Outcome(name, "government_month", YUAN, "yuan a month, 2020 prices", "sum", en, zh, meaning) for name, en, zh, meaning in _GOVERNMENT),
    Outcome("debt", "government_month", YUAN, "yuan, 2020 prices", "sum", "Government debt", "政府债务"),
    Outcome("cash", "government_month", YUAN, "yuan, 2020 prices", "sum", "Money in hand", "政府结余资金"),
    Outcome("provision", "government_month", SHARE, "share", "none", "Ordinary budgets paid", "预算保障程度",
            "Share of the planned budget that could be paid: 1 when all of it."),
    Outcome("moves", "flows", PEOPLE, "moves a year", "sum", "Moves", "迁移人次"),
    Outcome("people_moved", "flows", PEOPLE, "people a year", "sum", "People who moved", "迁移人数"),
    Outcome("graduates", "cohorts", PEOPLE, "people", "sum", "Graduates", "毕业生", "By place of study and of residence in December of the year of graduation."),
    _national("population", PEOPLE, "people", "Population", "总人口", headline=True),
    _national("urban_share_resident", SHARE, "share", "Urban share of residents", "常住人口城镇化率", headline=True),
    _national("urban_share_hukou", SHARE, "share", "Urban share by hukou", "户籍人口城镇化率",
              "Share of the people registered here who have urban hukou.", True),
    _national("migrant_workers_total", PEOPLE, "people", "Migrant workers", "农民工总量", "By residence: outgoing and local.", True),
    _national("migrant_workers_outgoing", PEOPLE, "people", "Outgoing migrant workers", "外出农民工", headline=True),
    _national("migrant_workers_local", PEOPLE, "people", "Local migrant workers", "本地农民工", headline=True),
    _national("migrant_workers_interprovincial", PEOPLE, "people", "Inter-provincial migrant workers", "跨省农民工", headline=True),
    _national("hukou_elsewhere_same_county", PEOPLE, "people", "Hukou elsewhere in the county", "本县其他乡镇户籍"),
    _national("hukou_elsewhere_same_province", PEOPLE, "people", "Hukou in another county of the province", "省内其他县户籍"),
    _national("hukou_elsewhere_other_province", PEOPLE, "people", "Hukou in another province", "省外户籍", headline=True),
    _national("talent_pool", PEOPLE, "people", "Talent pool", "人才存量", "College-educated residents aged 16 to 64.", True),
    _national("talent_concentration", SHARE, "share", "Talent concentration (Hoover)", "人才集中度",
              "Share of the talent pool that would have to live elsewhere for talent to be spread as residents are.", True),
    _national("births", PEOPLE, "people a month", "Births", "出生人数", "Whole country only."),
    _national("deaths", PEOPLE, "people a month", "Deaths", "死亡人数", "Whole country only."),
    _national("moves", PEOPLE, "moves a month", "Moves", "迁移人次", "Between counties, by destination."),
    _national("returns", PEOPLE, "moves a month", "Return moves", "返乡人次", "Moves to the mover's own root."),
    _national("moves_12m", PEOPLE, "moves in 12 months", "Moves in twelve months", "近十二个月迁移人次", headline=True),
    _national("returns_12m", PEOPLE, "moves in 12 months", "Returns in twelve months", "近十二个月返乡人次", headline=True),
    _national("mean_distance_km", NUMBER, "km", "Mean distance moved", "平均迁移距离",
              "Great-circle distance of the moves between settlements in the last twelve months, by destination.", True),
    _national("migration_effectiveness", NUMBER, "0 to 100", "Migration effectiveness", "迁移效率",
              "100 times the sum of net over the sum of gross migration of settlements in the last twelve months.", True),
    _national("relabelled", PEOPLE, "people a month", "Re-labelled from rural to urban", "就地城镇化人数", "Without a move. Whole country only."),
    _national("converted", PEOPLE, "people a month", "Hukou conversions", "户籍转换人数", "Whole country only."),
    _national("employed", PEOPLE, "people", "Employed", "就业人员"),
    _national("farming", PEOPLE, "people", "Farming", "务农人员"),
    _national("flexible", PEOPLE, "people", "Flexible work", "灵活就业人员"),
    _national("unemployment_rate", SHARE, "share of the labour force", "Unemployment rate", "失业率", headline=True),
    _national("urban_unemployment_rate", SHARE, "share of the labour force", "Urban unemployment rate", "城镇失业率", headline=True),
    _national("wage_mean", YUAN, "yuan a month, 2020 prices", "Mean wage", "平均工资"),
    _national("income_urban", YUAN, "yuan a year, 2020 prices", "Urban income per head", "城镇居民人均收入", _SURVEY, True),
    _national("income_rural", YUAN, "yuan a year, 2020 prices", "Rural income per head", "农村居民人均收入", _SURVEY, True),
    _national("income_ratio", NUMBER, "urban / rural", "Urban-rural income ratio", "城乡收入比", _SURVEY, True),
    _national("gini", SHARE, "0 to 1", "Gini of income per head", "基尼系数", _SURVEY, True),
    _national("theil", NUMBER, "index", "Theil index of income per head", "泰尔指数", _SURVEY),
    _national("theil_between_share", SHARE, "share", "Share of Theil between town and country", "泰尔指数城乡间占比", _SURVEY),
    _national("child_dependency", SHARE, "per person aged 15-64", "Child dependency ratio", "少儿抚养比", "Residents aged 0-14."),
    _national("old_dependency", SHARE, "per person aged 15-64", "Old-age dependency ratio", "老年抚养比", "Residents aged 65 and over."),
    _national("service_inequality", NUMBER, "coefficient of variation", "Inequality of public services", "公共服务差异",
              "Between settlements, weighted by residents, mean of six services.", True),
    _national("left_behind_children", PEOPLE, "people", "Left-behind children", "留守儿童", _SURVEY),
    _national("left_behind_elders", PEOPLE, "people", "Left-behind elders", "留守老人", _SURVEY),
    Outcome("talent_quotient", "settlement_month", NUMBER, "nation = 1", "none", "Talent location quotient", "人才区位商",
            "College-educated share of residents over the nation's."),
    _national("income_mean", YUAN, "yuan a year, 2020 prices", "Income per head", "人均收入", _SURVEY),
    _national("middle_income_share", SHARE, "share of people", "Middle-income share", "中等收入群体比重",
              "People with 35 to 175 thousand yuan a head and year: a family of three with 100 to 500 thousand at 2018 prices. " + _SURVEY, True),
    _national("poverty_headcount", PEOPLE, "people", "Rural poor (2010 standard)", "农村贫困人口（2010年标准）",
              "Rural people with less than 4,000 yuan a head and year at 2020 prices. " + _SURVEY, True),
    _national("poverty_rate", SHARE, "share of people", "Poverty rate (2010 standard)", "贫困发生率（2010年标准）", _SURVEY),
    _national("poverty_gap", SHARE, "share of the line", "Rural poverty gap (2010 standard)", "农村贫困缺口率（2010年标准）",
              "What rural people lack to 4,000 yuan a head and year, over that line times all rural people. " + _SURVEY),
    _national("guarantee_missed_share", SHARE, "share of people", "Poor without the guarantee", "应保未保比例",
              "Of those who without it would have less than the usual line, the share whose household does not get the guarantee. Whole country only. " + _SURVEY),
    _national("guarantee_leaked_share", SHARE, "share of recipients", "Guarantee above the line", "不应保而保比例",
              "Of those who get it, the share who without it would have the line in force or more. Whole country only. " + _SURVEY),
    _national("welfare_hired", PEOPLE, "people a month", "Hired into welfare jobs", "公益性岗位新上岗人数", "Whole country only."),
    _national("below_guarantee_line", PEOPLE, "people", "People below the guarantee line", "低于低保标准人口",
              "Income per head, benefits included, below the local line of the minimum guarantee. " + _SURVEY),
    _national("below_guarantee_share", SHARE, "share of people", "Share below the guarantee line", "低于低保标准人口比重", _SURVEY),
    _national("guarantee_recipients", PEOPLE, "people", "Recipients of the minimum guarantee", "低保对象", "Members of households that get it, at the last assessment.", True),
    _national("left_behind_share", SHARE, "share of children under 15", "Left-behind share of children", "留守儿童比重", _SURVEY),
    _national("labour_share", SHARE, "share of product", "Labour share of product", "劳动报酬占比",
              "Pay with contributions of both sides, pay that surveys do not see, flexible pay, and farm income less the part of the land.", True),
    _national("common_prosperity", NUMBER, "index, 0 to 1", "Common-prosperity index", "共同富裕指数",
              "Geometric mean of dimensions between goalposts; weights in configs/indices/common_prosperity.yaml. " + _SURVEY, True),
    Outcome("transfers_pc", "deciles", YUAN, "yuan a year, 2020 prices", "none", "Public transfers per head by decile", "十等分人均公共转移收入",
            "Pensions, other transfers, guarantee and aid."),
    Outcome("tax_pc", "deciles", YUAN, "yuan a year, 2020 prices", "none", "Tax and contributions per head by decile", "十等分人均税费",
            "Income tax and social contributions withheld from pay."),
    _national("cost_per_retained_graduate", YUAN, "yuan a year, 2020 prices", "Fiscal cost per retained graduate", "每留住一名毕业生的财政成本",
              "Spent in twelve months by policies aimed at the talent pool, a graduate of the last five years who lives in the circle of "
              "study; gross, in December. homeward compare has the cost of one more."),
    _national("cost_per_returned_firm", YUAN, "yuan, 2020 prices", "Fiscal cost per returned firm", "每个返乡企业的财政成本",
              "Spent in twelve months by policies aimed at firms of returnees, a firm they founded in these months; gross, in December."),
    Outcome("income_pc", "deciles", YUAN, "yuan a year, 2020 prices", "none", "Income per head by decile", "十等分人均收入"),
)  # fmt: skip

BY_TABLE: dict[tuple[str, str], Outcome] = {(outcome.table, outcome.name): outcome for outcome in DECLARED}

OUTCOMES: dict[str, Outcome] = {}
"""Outcomes by name; where settlements and the nation share a name, the nation's, which says `headline`."""
for _outcome in DECLARED:
    OUTCOMES[_outcome.name] = _outcome
