"""The lives of twins as sentences and side by side, in English and Chinese."""

from __future__ import annotations

from experiments.twins.kinds import BY_NAME
from experiments.twins.parting import Twin
from simulator.commands.life_text import sentence
from simulator.foundations.units import NOWHERE, STATES

TERMS = {
    "wage": ("pay and income", "工资与收入"), "job_chance": ("the chance of a job", "就业机会"), "services": ("public services", "公共服务"),
    "housing": ("rent and prices", "房租与物价"), "ties": ("ties to people from home", "同乡联系"), "cost": ("the cost of moving", "迁移成本"),
    "people": ("the person's own circumstances (job, savings, family)", "本人处境（工作、积蓄、家庭）"),
}  # fmt: skip
EVENTS = {
    "move": ("moves to {to}", "迁往{to}"), "return": ("comes home to {to}", "返回家乡{to}"), "death": ("dies", "去世"),
    "education": ("finishes a stage of education", "完成一个学段"), "hukou": ("changes registration to {to}", "户籍迁至{to}"), "union": ("forms a couple", "组建家庭"),
    "child": ("is a child", "为儿童"), "student": ("becomes a student", "成为学生"), "employed": ("finds a job", "找到工作"), "farming": ("farms", "务农"),
    "flexible": ("takes up flexible work", "从事灵活就业"), "welfare_job": ("takes a public welfare job", "从事公益性岗位"),
    "unemployed": ("is out of work and looking", "失业并求职"), "retired": ("retires", "退休"), "inactive": ("stops looking for work", "退出劳动力市场"),
}  # fmt: skip
STATE_WORDS = {
    "child": ("a child", "儿童"), "student": ("a student", "学生"), "employed": ("employed", "就业"), "farming": ("farming", "务农"),
    "flexible": ("in flexible work", "灵活就业"), "welfare_job": ("in a public welfare job", "公益性岗位"), "unemployed": ("out of work", "失业"),
    "retired": ("retired", "退休"), "inactive": ("not in the labour force", "非劳动力"),
}  # fmt: skip
SEX = {"male": ("man", "男"), "female": ("woman", "女")}
EDUCATION = {"primary": ("primary school", "小学"), "junior": ("junior secondary school", "初中"), "senior": ("senior secondary school", "高中"), "college": ("college", "大学")}


class Names:
    """Names of settlements by row, in both languages."""

    def __init__(self, world):
        self.en, self.zh = [str(v) for v in world.name_en], [str(v) for v in world.name_zh]

    def __call__(self, row: int | None, lang: str) -> str:
        if row is None or row == NOWHERE or row < 0:
            return {"en": "nowhere", "zh": "无"}[lang]
        return (self.zh if lang == "zh" else self.en)[row]


def tell(twin: Twin, names: Names, titles: tuple[tuple[str, str], tuple[str, str]]) -> dict[str, list[str]]:
    """Who this is, how the two lives end, where they part, and why: sentences by language.

    titles: ((English, Chinese) of the first scenario, of the second).
    """
    return {lang: [who(twin, lang), *ends(twin, names, titles, lang), parting(twin, names, titles, lang), why(twin, names, lang)] for lang in ("en", "zh")}


def who(twin: Twin, lang: str) -> str:
    """The person at the start, and the kind of difference."""
    f, k, z = twin.facts, BY_NAME[twin.kind], lang == "zh"
    sex, schooling = SEX[f["sex"]][z], EDUCATION[f["education"]][z]
    if z:
        return f"编号{twin.uid}：{k.zh}。开始时{f['age']}岁，{sex}，{schooling}学历，家乡{_zh(twin, 'root')}。"
    noun = {"man": "boy", "woman": "girl"}[sex] if f["age"] < 16 else sex
    return f"Person {twin.uid}: {k.en}. At the start a {noun} of {f['age']} with {schooling}, from {f['root']}."


def _zh(twin: Twin, name: str) -> str:
    return twin.facts.get(f"{name}_zh") or twin.facts[name]


def ends(twin: Twin, names: Names, titles, lang: str) -> list[str]:
    """Where the two lives stand at the end."""
    told = []
    for side in (0, 1):
        end, z = twin.ends[side], lang == "zh"
        state, place, title = STATE_WORDS[STATES[end["state"]]][z], names(end["residence"], lang), titles[side][z]
        if not end["alive"]:
            told.append(f"“{title}”中：已去世。" if z else f"In “{title}”: has died.")
            continue
        pay = end["wage"] / 100
        money = (f"，月薪{pay:,.0f}元" if z else f", {pay:,.0f} yuan a month") if pay > 0 else ""
        told.append(f"“{title}”中：住在{place}，{state}{money}。" if z else f"In “{title}”: lives in {place}, {state}{money}.")
    return told


def parting(twin: Twin, names: Names, titles, lang: str) -> str:
    """The month in which the lives part, and by which event."""
    z = lang == "zh"
    if twin.parted is None:
        return "居住地与工作状态始终相同。" if z else "Where they live and what they do never differs."
    month = twin.after[0]["month"]
    told = []
    for side in (0, 1):
        words = [word(event, names, lang) for event in twin.events[side] if event["month"] == month]
        what = ("、" if z else " and ").join(words) or ("没有变化" if z else "nothing changes")
        told.append(f"“{titles[side][z]}”中{what}" if z else f"in “{titles[side][z]}” {what}")
    if z:
        return f"两种人生在{month:%Y}年{month.month}月分开：" + "；".join(told) + "。"
    return f"The lives part in {month:%Y-%m}: " + "; ".join(told) + "."


def word(event: dict, names: Names, lang: str) -> str:
    """One event in words."""
    if event["event"] in EVENTS:
        return EVENTS[event["event"]][lang == "zh"].format(to=names(event["to_id"], lang))
    return sentence(event, lambda row, _chinese: names(row, lang), lang == "zh")


def why(twin: Twin, names: Names, lang: str) -> str:
    """The term of the last shared choice that changed most."""
    z, choice, cause = lang == "zh", twin.choice, twin.cause
    if choice is None:
        return "分开之前，两个世界中没有同月作出的居住选择：分开来自其他事件。" if z else (
            "Before that there was no month in which this person chose a place in both worlds: another event set the lives apart."
        )
    month = f"{choice.month // 12}-{choice.month % 12 + 1:02d}"
    if choice.terms is not None and cause is None:
        return f"最近一次共同的选择在{month}，其中几乎没有变化：此人多半随家人迁移。" if z else (
            f"The last choice made in both worlds, in {month}, hardly changed: most likely the family's choice moved this person."
        )
    if choice.terms is None:
        return f"最近一次共同的选择在{month}，两边选择相同：分开来自其他事件。" if z else (
            f"The last choice of a place made in both worlds was in {month}, and it came out alike: another event set the lives apart."
        )
    first, second = (names(place, lang) for place in choice.chosen)
    value = choice.terms[cause]
    if z:
        return f"最近一次共同的选择在{month}：{second}对{first}。变化最大的是{TERMS[cause][z]}（对数几率{value:+.3f}，合计{choice.terms['all']:+.3f}）。"
    return (
        f"The last choice made in both worlds, in {month}, was {second} against {first}. What changed most in it is {TERMS[cause][0]} "
        f"({value:+.3f} on the log odds; {choice.terms['all']:+.3f} in all)."
    )


def side_by_side(twin: Twin, names: Names, lang: str) -> list[tuple[str, str, str]]:
    """(month, first life, second life) for every month in which something happens in either."""
    months = sorted({event["month"] for side in twin.events for event in side})
    rows = []
    for month in months:
        cells = [", ".join(word(e, names, lang) for e in side if e["month"] == month) for side in twin.events]
        rows.append((f"{month:%Y-%m}", cells[0], cells[1]))
    return rows


def as_json(twin: Twin, names: Names, titles) -> dict:
    """A twin as plain values."""
    choice = twin.choice
    return {
        "uid": twin.uid, "kind": twin.kind, "facts": twin.facts, "parted": None if twin.parted is None else f"{twin.after[0]['month']:%Y-%m}",
        "parted_by_choice": twin.parted_by_choice, "cause": twin.cause,
        "choice": None if choice is None else {
            "month": f"{choice.month // 12}-{choice.month % 12 + 1:02d}", "places": [names(place, "en") for place in choice.chosen], "log_odds": choice.terms,
        },
        "sentences": tell(twin, names, titles),
        "lives": [[month, *cells] for month, *cells in side_by_side(twin, names, "en")],
    }  # fmt: skip
