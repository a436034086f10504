"""What changes month by month in a place: pay, rents, services, farms, who knows whom from where."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np


@dataclass
class Settlements:
    """The moving state of n settlements; the fixed facts are in `WorldTables`.

    Arrays are owned here and written only by the mechanism that declares them. Skill is
    0 (below college) or 1 (college). Counts are in agents, money in fen a month unless said.
    """

    # labour market, [n, 2]
    wage: np.ndarray  # market pay of a standard worker, fen a month
    wage_base: np.ndarray  # the same at the base year
    tightness_base: np.ndarray  # vacancies a searcher at the base year
    tightness: np.ndarray  # vacancies a searcher this month
    posted: np.ndarray  # vacancies posted this month, agents
    searchers: np.ndarray  # applications weighted searchers this month, agents
    finding_rate: np.ndarray  # smoothed monthly probability that a job seeker finds work
    separation_rate: np.ndarray  # smoothed monthly probability that a job ends
    finding_national: np.ndarray  # [2]
    separation_national: np.ndarray  # [2]
    wage_growth: np.ndarray  # [n, 2] market pay this month over last month
    labour_balance: np.ndarray
    """[5] solved at the base year so that as many enter as leave: reserve of flexible workers, reserve of
    farmers (log pay), monthly probability that a jobless searcher gives up, factors on the rates of
    entering flexible work and farming."""
    # catching up, [n]
    lead: np.ndarray  # productivity over what national growth alone would have made of it since the base year
    drift: np.ndarray  # growth of productivity and pay beyond the nation's, a year
    # farms and flexible work, [n]
    farm_productivity: np.ndarray  # fen a month: income of a farmer at base land per farmer
    farmers_base: np.ndarray  # agents
    farmers: np.ndarray  # agents, now
    farm_income: np.ndarray  # fen a month a farmer
    flexible_workers: np.ndarray  # agents, now
    flexible_base: np.ndarray  # agents at the base year
    flexible_pay: np.ndarray  # fen a month
    # incomes that are not pay, fen a person a month, [n]
    property_income: np.ndarray
    pension: np.ndarray  # [n, 3] by insurance scheme: none, resident, employee
    transfer_income: np.ndarray
    welfare_pay: np.ndarray  # pay of a welfare job, fen a month
    guarantee_line: np.ndarray  # of the minimum guarantee, fen a month a head, before policies
    guaranteed: np.ndarray  # people in households that get the guarantee, agents, at the last assessment
    guarantee_rest: np.ndarray  # what the guarantee would pay a month with levers at rest, fen
    floor_a_head: np.ndarray  # guarantee and aid a resident at the last assessment, fen a month
    beside: np.ndarray  # what people get on average beside these: remittances, rents, benefits
    # money of households, fen, [n]
    wealth: np.ndarray  # held by those living there after the last pay
    rents: np.ndarray  # paid to owners there in the last month
    remittances: np.ndarray  # arrived less sent in the last month
    # housing, [n]
    dwellings: np.ndarray  # people's dwellings, in agents (dwellings / persons_per_agent)
    occupancy_base: np.ndarray  # residents a dwelling at the base year
    rent: np.ndarray  # index, 1 at the base year
    service_price: np.ndarray  # index, 1 at the base year
    # public services, [n, 6]
    service_stock: np.ndarray  # relative stock: 1 person at national mean supply = 1 (in agents)
    service_pipeline: np.ndarray  # [n, 6, 61] stock under construction, by months until done
    service_order: np.ndarray  # [n, 6] stock ordered this month by governments, beyond ordinary budgets
    service_supply: np.ndarray  # relative to the base-year national mean (=1)
    sages: np.ndarray  # [n] agents: people who came home and can mentor and invest, counted once a year
    access: np.ndarray  # [n] market access relative to the base year, counted once a year
    # local services, [n]
    service_purchases: np.ndarray  # fen a month that others than households and governments buy, at the base year
    service_inputs: np.ndarray  # share of sales that pays for inputs
    # infrastructure, [n]
    transport: np.ndarray
    digital: np.ndarray
    network_order: np.ndarray  # [n, 2] index points of transport and digital ordered this month by governments
    network_pipeline: np.ndarray  # [n, 2, 61] index points under construction, by months until done
    # people, counted at the end of each month
    residents: np.ndarray  # [n] agents
    residents_base: np.ndarray  # [n] agents
    talent: np.ndarray  # [n] agents: college-educated of working age
    talent_share_base: np.ndarray  # [n] college share of the labour force at the base year
    talent_share: np.ndarray  # [n]
    nonfarm_share: np.ndarray  # [n] of people at work
    ties_count: np.ndarray  # [n root, n residence] agents
    ties_prior: np.ndarray  # [n root, n residence] shares, base-year gravity prior
    ties_utility: np.ndarray  # [n root, n place] pull of hometown ties, utility
    ties_known: np.ndarray  # [n root, n place] how well a place is known, 0 to 1
    # place residual found by the base-year inversion, utility, [n]
    amenity: np.ndarray

    @classmethod
    def empty(cls, n: int) -> Settlements:
        """All arrays at zero (indices at one)."""
        shapes = {
            "wage": (n, 2), "wage_base": (n, 2), "tightness_base": (n, 2), "tightness": (n, 2), "posted": (n, 2),
            "searchers": (n, 2), "finding_rate": (n, 2), "separation_rate": (n, 2), "finding_national": (2,),
            "separation_national": (2,), "wage_growth": (n, 2), "labour_balance": (5,), "pension": (n, 3), "service_stock": (n, 6), "service_pipeline": (n, 6, 61),
            "service_supply": (n, 6), "service_order": (n, 6), "network_order": (n, 2), "network_pipeline": (n, 2, 61), "ties_count": (n, n), "ties_prior": (n, n), "ties_utility": (n, n), "ties_known": (n, n),
        }  # fmt: skip
        values = {f.name: np.zeros(shapes.get(f.name, (n,)), dtype=np.float64) for f in fields(cls)}
        for name in ("lead", "wage_growth", "rent", "service_price", "transport", "digital", "service_supply", "access"):
            values[name] += 1
        values["ties_count"] = np.zeros((n, n), dtype=np.int32)
        for name in ("ties_prior", "ties_utility", "ties_known"):
            values[name] = np.zeros((n, n), dtype=np.float32)
        return cls(**values)

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Names of the arrays, in the order of their declaration."""
        return tuple(cls.__dataclass_fields__)

    def arrays(self) -> dict[str, np.ndarray]:
        """Every array by name, for checkpoints and digests."""
        return {name: getattr(self, name) for name in self.names()}

    def restore(self, arrays: dict[str, np.ndarray]) -> None:
        """Take every array from a checkpoint; KeyError names a missing one."""
        for f in fields(self):
            getattr(self, f.name)[...] = arrays[f.name]
