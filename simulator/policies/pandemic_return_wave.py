"""An epidemic: employers stop hiring and people stay where they are or go home."""

from __future__ import annotations

from simulator.foundations.parameter import Text
from simulator.policies.base import SHOCK, Policy, Target, number

LOCAL_SERVICES = 1


class PandemicReturnWave(Policy):
    """Vacancies, the readiness to move, and demand for local services fall while the wave lasts."""

    name = "pandemic_return_wave"
    kind = SHOCK
    family = "shock"
    title = Text("Pandemic return wave", "疫情返乡潮")
    description = Text(
        "Employers post fewer vacancies, local services sell less, and people consider moving less often.",
        "企业招聘减少，本地服务业需求下降，人们较少考虑外出。",
    )
    mechanism = Text(
        "Probabilities: vacancies and the rate of considering a move are multiplied, demand for local services falls. Those "
        "who lose work go home or take up farming and flexible work; fewer leave home for the first time.",
        "作用于概率与需求：职位空缺与考虑迁移的频率按比例下降，本地服务需求减少；失业者返乡、务农或灵活就业，新外出者减少。",
    )
    evidence = Text(
        "Migrant workers fell by 5.2 m in 2020 and stood above the level of 2019 in 2021 (FACTS 1.1). Job offers of -15 % and "
        "mobility of -.3 explain it (assumed). "
        "The model's wave is fewer departures and lost jobs; those who were home for the festival and could not leave "
        "again are not told apart, so returns fall too.",
        "2020年农民工减少520万，2021年已超过2019年（FACTS 1.1）。招聘减少15%、流动性下降0.3可以解释（假定）。模型中的返乡潮表现为外出减少与失业，未区分春节返乡后无法外出者，故返乡人次也下降。",
    )
    levers = ("job_offers", "mobility", "labour_demand")
    parameters = {
        "job_offers": number(0.15, "share", 0, 0.95, "Fall of vacancies posted", "职位空缺降幅", "PARAMETERS 2: 15 %"),
        "mobility": number(0.3, "share", 0, 0.95, "Fall of the rate of considering a move", "考虑迁移频率的降幅", "PARAMETERS 2: .3"),
        "services": number(0.1, "share", 0, 0.9, "Fall of demand for local services", "本地服务需求降幅", "assumed"),
    }  # fmt: skip
    nothing = {"job_offers": 0.0, "mobility": 0.0, "services": 0.0}
    target = Target("national", "migrant_workers_outgoing", -1, "outgoing migrant workers, whole country")

    def apply(self, levers, params, where, strength):
        """Fewer vacancies, less moving, less bought in shops."""
        levers.job_offers[where] *= 1.0 - strength * params.job_offers
        levers.mobility[where] *= 1.0 - strength * params.mobility
        levers.labour_demand[where, LOCAL_SERVICES] *= 1.0 - strength * params.services
