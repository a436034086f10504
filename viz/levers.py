"""What a visitor may change, in plain words: a list made from declared policies and parameters, and checked requests.

A lever is one number with unit and range. Levers of policies come from the policies' own declarations and act
from a year the visitor chooses; levers of parameters change an assumption of the whole history.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass

from simulator.foundations.errors import BadInput, Fault, did_you_mean, number_text, show_value

FIRST_YEAR, LAST_YEAR = 2021, 2035
POLICY_YEAR = 2026
"""Year in which the policies of the page begin unless the visitor says otherwise: the years observed stay as they were."""

ASSUMPTIONS = {
    "migration.moving_cost": ("Cost of leaving", "离开的代价", 0.05),
    "migration.ties_weight": ("Pull of people from home", "老乡的吸引力", 0.05),
    "hukou.access_education": ("Schools open to newcomers' children", "随迁子女可入学比例", 0.05),
    "hukou.access_health": ("Clinics open to newcomers", "外来人口可用医疗比例", 0.05),
    "hukou.conversion_rate": ("How easily newcomers get a local hukou", "落户难易", 0.0005),
    "housing.supply_core": ("Homes built when big-city rents rise", "大城市住房供给弹性", 0.1),
    "labour.platform_commission": ("Commission kept by platforms", "平台抽成", 0.01),
    "labour.agglomeration": ("Advantage of big places", "集聚优势", 0.005),
    "services.crowding": ("How crowding wears services", "公共服务拥挤效应", 0.05),
    "farming.land_share": ("Part of land in farm output", "土地在农业产出中的份额", 0.01),
}
"""Parameters that stand in the panel of assumptions: titles and the step of the slider."""


@dataclass(frozen=True)
class Lever:
    """One thing a visitor may move; `resting` is where it changes nothing."""

    id: str
    kind: str
    group: str
    title: dict[str, str]
    meaning: dict[str, str]
    unit: str
    low: float
    high: float
    step: float
    resting: float
    source: str
    main: bool = True

    def as_dict(self) -> dict:
        """The lever for the page."""
        return asdict(self)


def assumption_levers() -> list[Lever]:
    """The parameters a visitor may change, within the range their declaration calls plausible."""
    from simulator.scenario.parameters import load_parameters

    declared = load_parameters()
    levers = []
    for name, (en, zh, step) in ASSUMPTIONS.items():
        if name not in declared:
            continue
        row = declared[name]
        low, high = row.plausible or (row.low, row.high)
        levers.append(
            Lever(
                name, "assumption", row.group, {"en": en, "zh": zh}, {"en": row.meaning.en, "zh": row.meaning.zh},
                row.unit, float(low), float(high), step, float(row.default), row.source, False,
            )  # fmt: skip
        )
    return levers


def all_levers() -> dict[str, Lever]:
    """Every lever by its id."""
    return {lever.id: lever for lever in assumption_levers()}


def overrides_of(request: object, levers: dict[str, Lever], start_year: object = None) -> dict[str, object]:
    """Scenario settings for what a visitor asked, checked against the levers; BadInput names the first fault.

    request: {lever id: number}. Values at rest are left out, so that equal requests are equal.
    """
    if not isinstance(request, dict) or len(request) > len(levers) + 8:
        raise BadInput(Fault(field="levers", value=show_value(request), remedy="send lever names and numbers"))
    chosen = {}
    for name, value in sorted(request.items(), key=str):
        lever = levers.get(name) if isinstance(name, str) else None
        if lever is None:
            raise BadInput(Fault(field="lever", value=show_value(name), remedy=did_you_mean(name, levers)))
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            raise BadInput(Fault(field=name, value=show_value(value), remedy="send a number"))
        if not lever.low <= value <= lever.high:
            allowed = f"{number_text(lever.low)} to {number_text(lever.high)}"
            raise BadInput(Fault(field=name, value=show_value(value), allowed=allowed))
        if value != lever.resting:
            chosen[name] = float(value)
    return chosen
