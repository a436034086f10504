"""What the pictures of a comparison say, in the reader's language, and a font of this machine that can write it."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np

from experiments.compare.effects import describe
from simulator.measures.outcomes import PEOPLE, SHARE

CHINESE_FONTS = (
    "Noto Sans CJK SC", "Source Han Sans SC", "Source Han Sans CN", "PingFang SC", "Hiragino Sans GB", "Heiti SC", "Microsoft YaHei", "SimHei",
    "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Noto Sans CJK JP", "Noto Sans CJK TC", "Noto Serif CJK SC", "Noto Serif CJK JP", "Arial Unicode MS", "Droid Sans Fallback",
)  # fmt: skip
"""Families that hold the characters of simplified Chinese, best first."""

CHINESE_FILES = (
    "notosanscjk-regular", "notosanscjksc-regular", "sourcehansanssc-regular", "sourcehansanscn-regular", "pingfang", "hiragino sans gb", "msyh", "simhei", "wqy", "notoserifcjk-regular",
)  # fmt: skip
"""Parts of the names of files that hold such a family."""

WORDS = {
    "en": {
        "against": "{other} against {base}", "band": "band: 95 % interval over {pairs} pairs ({held})", "one_pair": "one pair, no band",
        "luck of the seeds": "luck of the seeds", "parameters and luck": "parameters and luck",
        "over_time": "What changes, year by year", "over_time_what": "Difference between the two worlds at the end of each year. Line: mean over pairs.",
        "by_group": "Who is concerned",
        "by_group_what": "Effect at the last month known. Dot: mean over pairs; line: interval; grey: the interval holds zero.",
        "reasons": "Why people move otherwise",
        "reasons_what": "Change in expected net migration, people a year, split over what changed for them (mean over all orders).",
        "all": "All together", "a_year": " a year", "deciles": "Who gains and who pays",
        "deciles_what": "Income per head of each tenth of the people, poorest first, {year}: change in per cent of the baseline.",
        "tenths": "tenth of the people by income per head; grey: the interval holds zero", "per_cent": "per cent",
        "shares": "Which policy does how much",
        "shares_what": "Shapley value: the effect a policy adds, mean over all orders in which the policies of the mix can come.",
    },
    "zh": {
        "against": "{other}（对照：{base}）", "band": "色带：{pairs}对运行的95%区间（{held}）", "one_pair": "仅一对运行，无区间",
        "luck of the seeds": "仅随机种子", "parameters and luck": "参数与随机性",
        "over_time": "逐年变化", "over_time_what": "每年年末两种情景之差。线：各对均值。",
        "by_group": "影响到谁", "by_group_what": "最后已知月份的效应。点：各对均值；线：区间；灰色：区间包含零。",
        "reasons": "迁移为何改变", "reasons_what": "预期净迁移的变化（人/年），按变化的原因分解（对所有次序取平均）。",
        "all": "合计", "a_year": "/年", "deciles": "谁受益、谁付费",
        "deciles_what": "按人均收入由低到高十等分，{year}年人均收入相对基准的变化（%）。",
        "tenths": "按人均收入十等分；灰色：区间包含零", "per_cent": "%",
        "shares": "各项政策的贡献", "shares_what": "沙普利值：政策按各种次序加入组合时所增效应的平均。",
    },
}  # fmt: skip

TERM_LABELS = {
    "wage": ("Pay and income", "工资与收入"), "job_chance": ("Job chance", "就业机会"), "services": ("Public services", "公共服务"),
    "housing": ("Rent and prices", "房租与物价"), "ties": ("Family and ties", "家庭与亲友"), "cost": ("Cost of moving", "迁移成本"),
    "people": ("Different people", "人群差异"),
}  # fmt: skip
SHORT = {
    "graduate_retention": ("Graduates who stay", "毕业生留任比例"), "left_behind_children": ("Left-behind children", "留守儿童"),
    "income_rural": ("Rural income", "农村收入"),
}  # fmt: skip
"""Names that fit above a narrow panel."""

UNITS_ZH = (
    ("people since the start", "人（累计）"), ("people-months since the start", "人次（累计）"), ("people of 15 and over", "人（15岁及以上）"),
    ("share of graduates since the start", "占累计毕业生比例"), ("graduates since the start", "毕业生（累计）"), ("share of the labour force", "占劳动力比例"),
    ("share of people of 15 and over", "占15岁及以上人口比例"), ("moves in 12 months", "人次（近十二个月）"), ("people in 12 months", "人（近十二个月）"),
    ("share of firms founded three years ago or more", "占三年前及更早创办企业比例"), ("share of the line", "占贫困线比例"),
    ("firms in 12 months", "家（近十二个月）"), ("yuan a year, 2020 prices", "元/年（2020年价格）"), ("yuan a month, 2020 prices", "元/月（2020年价格）"),
    ("yuan since the start, 2020 prices", "元（累计，2020年价格）"), ("yuan in 12 months, 2020 prices", "元（近十二个月，2020年价格）"), ("yuan, 2020 prices", "元（2020年价格）"),
    ("coefficient of variation", "变异系数"), ("urban / rural", "城镇/农村"), ("0 to 1", "0至1"), ("share", "比例"), ("people", "人"), ("firms", "家"), ("index", "指数"),
)  # fmt: skip

_SCALES = {"en": ((1e9, "bn "), (1e6, "million "), (1e3, "thousand ")), "zh": ((1e8, "亿"), (1e4, "万"))}


def unit_of(outcome: str, lang: str) -> str:
    """The unit of an outcome in the reader's language (English where nobody has translated it)."""
    unit = describe(outcome)[1]
    return dict(UNITS_ZH).get(unit, unit) if lang == "zh" else unit


def name_of(outcome: str, lang: str, short: bool = False) -> str:
    """The name of an outcome in the reader's language."""
    if short and outcome in SHORT:
        return SHORT[outcome][lang == "zh"]
    return describe(outcome)[3 if lang == "zh" else 2]


def scale_of(outcome: str, values, lang: str = "en") -> tuple[float, str]:
    """A divisor and a unit in which values of an outcome read well."""
    kind, plain = describe(outcome)[:2]
    unit = unit_of(outcome, lang)
    largest = np.nanmax(np.abs(np.asarray(values, dtype=float)), initial=0.0)
    if kind == PEOPLE or outcome in ("spent_yuan", "asked_yuan"):
        for size, word in _SCALES[lang]:
            if largest >= size:
                return size, word + unit
        return 1.0, unit
    if kind == SHARE and "share" in plain:
        if lang == "zh":
            return 0.01, "百分点" if plain == "share" else f"百分点（{unit.removesuffix('比例')}）" if unit.endswith("比例") else "百分点"
        return 0.01, "percentage points" + unit.removeprefix("share").replace(" of", ", share of", 1) if unit != "share" else "percentage points"
    return 1.0, unit


@lru_cache(maxsize=1)
def chinese_font() -> str | None:
    """The family on this machine with which pictures can be written in Chinese; None when there is none."""
    from matplotlib import font_manager

    known = {font.name for font in font_manager.fontManager.ttflist}
    found = next((name for name in CHINESE_FONTS if name in known), None)
    if found is not None:
        return found
    files = {Path(file).name.lower(): Path(file) for file in font_manager.findSystemFonts()}
    for part in CHINESE_FILES:  # the list of families is kept from an earlier day and may lack what was installed since
        for name in sorted(files):
            if part in name:
                for file in {files[name], files.get(name.replace("regular", "bold"), files[name])}:
                    font_manager.fontManager.addfont(file)
                return font_manager.FontProperties(fname=files[name]).get_name()
    return None
