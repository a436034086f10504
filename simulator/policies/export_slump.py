"""Foreign buyers stay away: manufacturing sells less."""

from __future__ import annotations

from simulator.foundations.parameter import Text
from simulator.policies.base import SHOCK, Policy, Target, number

MANUFACTURING = 0


class ExportSlump(Policy):
    """Demand for manufactured goods falls by a share in the places chosen, while the shock lasts."""

    name = "export_slump"
    kind = SHOCK
    family = "shock"
    title = Text("Export slump", "出口下滑")
    description = Text(
        "Demand for manufactured goods falls by a share; with no place chosen, everywhere, else where the exporters are.",
        "制造业产品需求按比例下降；可全国，也可仅限所选（如沿海）地区。",
    )
    mechanism = Text(
        "Demand: manufacturers want fewer jobs, stop posting and shed workers; job losers search, turn to flexible work or "
        "farming, and some go home. No payer: what is lost is sales.",
        "作用于需求：制造业企业减少用工、停止招聘并裁员；失业者求职、灵活就业、务农，部分返乡。无出资方，损失即销售收入。",
    )
    evidence = Text(
        "Circular migration is the buffer: shocks show as return flows rather than as urban unemployment (FACTS, point 3). In "
        "2008-09 about 20 m migrant workers lost their jobs (known, not re-checked).",
        "循环迁移是缓冲器：冲击更多表现为返乡而非城镇失业（FACTS第3点）。2008-09年约2000万农民工失业（已知，未复核）。",
    )
    levers = ("labour_demand",)
    parameters = {
        "depth": number(0.2, "share", 0, 0.9, "Fall of demand for manufactured goods", "制造业需求降幅", "assumed; exports fell 16 % in 2009 (known)"),
    }  # fmt: skip
    nothing = {"depth": 0.0}
    target = Target("settlement_month", "employed", -1, "people in work who live in the places chosen")

    def apply(self, levers, params, where, strength):
        """Manufacturing sells less."""
        levers.labour_demand[where, MANUFACTURING] *= 1.0 - strength * params.depth
