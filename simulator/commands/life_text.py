"""The sentences of a life, in English and Chinese: one for each key of the table `lives`."""

from __future__ import annotations

TEXT = {
    "life.death": ("dies", "去世"),
    "life.move": ("moves from {start} to {to}", "从{start}迁往{to}"),
    "life.return": ("comes home from {start} to {to}", "从{start}返回家乡{to}"),
    "life.education.0": ("leaves school early", "离开学校"),
    "life.education.1": ("finishes junior secondary school", "初中毕业"),
    "life.education.2": ("finishes senior secondary school", "高中毕业"),
    "life.education.3": ("finishes college", "大学毕业"),
    "life.hukou": ("is now registered in {to}", "户籍迁入{to}"),
    "life.union": ("forms a household with a partner", "结婚成家"),
    "life.widowed": ("loses the partner", "配偶去世"),
    "life.child_born": ("has a child", "孩子出生"),
    "life.state.child": ("is a child", "儿童"),
    "life.state.student": ("goes to school or college in {to}", "在{to}上学"),
    "life.state.employed": ("finds a job in {to} at {money} a month", "在{to}找到工作，月薪{money}"),
    "life.state.farming": ("farms at {to}", "在{to}务农"),
    "life.state.flexible": ("takes up flexible work in {to}", "在{to}灵活就业"),
    "life.state.welfare_job": ("takes a public welfare job in {to}", "在{to}从事公益性岗位"),
    "life.state.unemployed": ("looks for work", "开始求职"),
    "life.state.retired": ("retires", "退休"),
    "life.state.inactive": ("stops looking for work", "退出劳动力市场"),
    "life.lost_job": ("loses the job", "失去工作"),
    "life.new_job": ("changes to another employer at {money} a month", "换了新单位，月薪{money}"),
    "life.pay": ("is paid {money} a month", "月薪为{money}"),
    "life.remits": ("begins to send money home to {to}, {money} this month", "开始向{to}的家人汇款，本月{money}"),
    "life.guarantee": ("the household gets the minimum guarantee, {money} a month", "家庭开始领取低保，每月{money}"),
    "life.guarantee_ends": ("the household no longer gets the guarantee", "家庭不再领取低保"),
    "life.benefit": ("draws unemployment benefit", "开始领取失业保险金"),
    "life.ill": ("is treated in hospital; the family pays {money}", "住院治疗，家庭自付{money}"),
    "life.firm_founded": ("founds a firm in {to}", "在{to}创办企业"),
    "life.firm_closed": ("gives up the firm", "企业关闭"),
}  # fmt: skip
STATE = {
    "child": ("a child", "儿童"), "student": ("at school or college", "在学"), "employed": ("employed", "就业"), "farming": ("farming", "务农"),
    "flexible": ("in flexible work", "灵活就业"), "welfare_job": ("in a public welfare job", "公益性岗位"), "unemployed": ("out of work", "失业"),
    "retired": ("retired", "退休"), "inactive": ("not in the labour force", "非劳动力"),
}  # fmt: skip
SEX = {"male": ("man", "男"), "female": ("woman", "女")}
SCHOOL = {"primary": ("primary school", "小学"), "junior": ("junior secondary school", "初中"), "senior": ("senior secondary school", "高中"), "college": ("college", "大学")}


def yuan(amount: float, chinese: bool) -> str:
    """An amount in words."""
    return f"{amount:,.0f}元" if chinese else f"{amount:,.0f} yuan"


def sentence(row: dict, names, chinese: bool) -> str:
    """One event of the table `lives` as a sentence without its month; `names(row, chinese)` names a settlement."""
    text = TEXT[row["text_key"]][chinese]
    return text.format(start=names(row["from_id"], chinese), to=names(row["to_id"], chinese), money=yuan(row["amount_yuan"], chinese))


def portrait(fact: dict, names, chinese: bool) -> str:
    """Who a person is at a moment: age, school, place, work, pay, savings."""
    where, state = names(fact["residence"], chinese), STATE[fact["state"]][chinese]
    if not fact["alive"]:
        return "已去世。" if chinese else "has died."
    pay = f"，月薪{yuan(fact['wage'], True)}" if chinese else f" at {yuan(fact['wage'], False)} a month"
    pay = pay if fact["wage"] > 0 else ""
    if chinese:
        return f"{fact['age']}岁，{SCHOOL[fact['education']][1]}学历，户籍{names(fact['hukou_place'], True)}，住在{where}，{state}{pay}，积蓄{yuan(fact['savings'], True)}。"
    return (
        f"{fact['age']} years old, {SCHOOL[fact['education']][0]}, registered in {names(fact['hukou_place'], False)}, lives in {where}, "
        f"{state}{pay}, with savings of {yuan(fact['savings'], False)}."
    )
