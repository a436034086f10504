"""The sentences a comparison speaks, in English and Chinese."""

from __future__ import annotations

from experiments.compare.pairing import BOTH, Pairing
from simulator.foundations.units import month_text

TERM_NAMES = {
    "wage": ("pay and income", "工资与收入"),
    "job_chance": ("job chance", "就业机会"),
    "services": ("public services", "公共服务"),
    "housing": ("rent and prices", "房租与物价"),
    "ties": ("family and ties", "家庭与乡情"),
    "cost": ("cost of moving", "迁移成本"),
    "people": ("different people", "人群构成不同"),
}


def facts(p: Pairing, lang: str) -> list[str]:
    """What was compared, in a few lines."""
    base = p.base
    n, first, last = len(p.pairs), month_text(base.start_month + 1), month_text(base.end_month)
    if lang == "zh":
        return [f"世界：{base.world}；{first} 至 {last}；每个智能体代表 {base.persons_per_agent:,} 人；{n} 对运行，每对共享随机数；金额为2020年价格。"]
    pairs = f"{n} pairs of runs, each sharing its luck person by person" if n > 1 else "one pair of runs that shares its luck person by person"
    return [f"World {base.world}, {first} to {last}; one agent stands for {base.persons_per_agent:,} people; {pairs}; money at 2020 prices."]


def certainty(p: Pairing, lang: str) -> list[str]:
    """What the intervals hold and what they do not."""
    n = len(p.pairs)
    if lang == "zh":
        held = "参数与随机性" if p.uncertainty == BOTH else "仅随机种子"
        return [
            f"区间为 {n} 对运行差值的 95% t 区间，包含的不确定性：{held}。" if n > 1 else "只有一对运行，没有区间：请用 --seeds 增加种子数。",
            "少于30个智能体的数值不列出。模型结构、假设数据和外生情景的不确定性不在区间之内。",
        ]
    if n < 2:
        return ["One pair has no interval: a difference may be luck. Use --seeds for more pairs."]
    held = "of the parameters drawn and of luck" if p.uncertainty == BOTH else "of luck (the seeds) only, at one set of parameters"
    return [
        f"Intervals are 95 % t-intervals over {n} paired differences. They hold the uncertainty {held}.",
        "They do not hold what the model leaves out, assumed data, or other paths of what comes from outside. Values that rest on fewer than 30 agents are not told.",
    ]

KIND_NAMES = {
    "core": ("the cores", "核心区"), "inner_ring": ("the inner rings", "近郊"), "outer_ring": ("the outer rings", "远郊"),
    "county_town": ("the county towns", "县城"), "rural": ("the rural places", "乡村"),
}  # fmt: skip
GROUP_NAMES = {
    "primary": ("people with primary school or less", "小学及以下人口"), "junior": ("people with junior secondary school", "初中学历人口"),
    "senior": ("people with senior secondary school", "高中学历人口"), "college": ("college-educated people", "大学学历人口"),
}  # fmt: skip
BECAUSE = {
    "wage": ("because pay and income differ", "因为工资与收入不同"),
    "job_chance": ("because the chance of a job differs", "因为就业机会不同"),
    "services": ("because public services, and who may use them, differ", "因为公共服务及其使用资格不同"),
    "housing": ("because rents and prices differ", "因为房租与物价不同"),
    "ties": ("because ties to people from home differ", "因为同乡联系不同"),
    "cost": ("because moving, or considering it, costs more or less", "因为迁移的成本与意愿不同"),
    "people": ("because the people themselves differ: who lives where, with which job, savings and family", "因为人群本身不同：住在哪里、工作、积蓄与家庭"),
}


def count_words(value: float, lang: str) -> str:
    """A signed number of people in words: `+1.2 million people`, `减少 3.4 万人`."""
    size = abs(value)
    if lang == "zh":
        text = f"{size / 1e4:,.1f}万人" if size >= 1e4 else f"{size:,.0f}人"
        return ("增加" if value >= 0 else "减少") + text
    text = f"{size / 1e6:,.2f} million people" if size >= 1e6 else f"{size:,.0f} people"
    return ("+" if value >= 0 else "−") + text


def tell_reasons(lines: dict[str, float], names: tuple[str, str], group: str | None = None) -> list[dict]:
    """The lines of a decomposition as sentences: the whole first, then the terms, largest first."""
    en, zh = KIND_NAMES.get(names[0], names)
    who_en, who_zh = (f" of {GROUP_NAMES[group][0]}", GROUP_NAMES[group][1]) if group else ("", "")
    whole = lines["all"]
    told = [{
        "term": "all", "people_a_year": whole,
        "en": f"Expected net migration{who_en} of {en} changes by {count_words(whole, 'en')} a year.",
        "zh": f"{zh}{who_zh}的预期净迁入每年{count_words(whole, 'zh')}。",
    }]  # fmt: skip
    for term in sorted((t for t in lines if t != "all"), key=lambda t: -abs(lines[t])):
        value = lines[term]
        told.append({
            "term": term, "people_a_year": value,
            "en": f"{count_words(value, 'en')} a year {BECAUSE[term][0]}.", "zh": f"{BECAUSE[term][1]}，每年{count_words(value, 'zh')}。",
        })  # fmt: skip
    return told
