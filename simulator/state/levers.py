"""The levers that policies pull and mechanisms read, by settlement (and group where it matters).

A lever at its resting value changes nothing, bit by bit. Mechanisms never ask which policy set a
lever: they read the array, and where its use costs money they say so (`model.programmes.report`).
Money is fen for one person or firm of the model, as everywhere in the state.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

SECTORS = 6
SERVICES = 6


class Lever(NamedTuple):
    """One lever: its name, the value at which it does nothing, groups a settlement (0: none), unit, meaning."""

    name: str
    rest: float
    groups: int
    unit: str
    meaning: str


LEVERS = (
    # work and firms
    Lever("job_offers", 1.0, 0, "factor", "on vacancies posted"),
    Lever("wage_floor", 0.0, 0, "fen a month", "minimum wage"),
    Lever("labour_demand", 1.0, SECTORS, "factor", "on demand for the sector's goods, hence on jobs wanted"),
    Lever("startup_grant", 0.0, 0, "fen a firm", "grant a founder can count on"),
    Lever("startup_loan", 0.0, 0, "fen a firm", "guaranteed loan a founder can count on, in the mean; banks lend, the guarantor pays on default"),
    Lever("startup_loan_share", 0.0, 0, "share", "of founders who get a guaranteed loan, of the mean over this share; 0: all get the mean"),
    Lever("startup_paperwork", 1.0, 0, "factor", "on the paperwork of founding a firm: 1 all of it, 0 one stop does it"),
    Lever("startup_tax_holiday", 0.0, 0, "months", "in which a new firm pays no profit tax, from its founding"),
    Lever("relocation_incentive", 0.0, 0, "fen a job", "paid once for each job that a firm from outside brings"),
    # people who move
    Lever("mobility", 1.0, 0, "factor", "on the rate of considering a move, by residence"),
    Lever("moving_cost_relief", 0.0, 0, "fen", "taken off the cost of moving to the cell"),
    Lever("travel_time", 1.0, 0, "factor", "on travel hours inside the circle of the cell"),
    Lever("graduate_grant", 0.0, 0, "fen a month", "a new graduate who studied here or comes from here can count on, working here"),
    Lever("rent_relief", 0.0, 0, "fen a month", "off the rent of a recent graduate who lives here"),
    Lever("housing_supply", 1.0, 0, "factor", "on the supply response of dwellings"),
    Lever("housing_orders", 0.0, 0, "dwellings", "built by order this month, in agents' dwellings"),
    Lever("college_places", 1.0, 0, "factor", "on university places"),
    Lever("hukou_ease", 1.0, 0, "factor", "on the rate of hukou conversion"),
    # public services and infrastructure
    Lever("entitlement_open", 0.0, SERVICES, "share", "of the missing entitlement granted to residents without local hukou"),
    Lever("service_investment", 0.0, SERVICES, "person-equivalents", "of service stock ordered this month, in agents"),
    Lever("transport", 0.0, 0, "index", "added to transport infrastructure"),
    Lever("digital", 0.0, 0, "index", "added to digital infrastructure"),
    Lever("transport_orders", 0.0, 0, "index", "of transport infrastructure ordered this month: built late, wears out"),
    Lever("digital_orders", 0.0, 0, "index", "of digital infrastructure ordered this month: built late, wears out"),
    Lever("farm_productivity", 1.0, 0, "factor", "on farm productivity"),
    # the social floor
    Lever("guarantee_line", 1.0, 0, "factor", "on the local line of the minimum guarantee"),
    Lever("guarantee_take_up", 0.0, 0, "share", "of those entitled who do not ask, and now do"),
    Lever("guarantee_earnings_kept", 0.0, 0, "share", "of earned income that is not counted beyond what the taper leaves"),
    Lever("guarantee_work_link", 0.0, 0, "share", "of able adults in guaranteed households who must look for work, as the jobless do"),
    Lever("welfare_posts", 0.0, 0, "posts", "public welfare jobs open here, in agents"),
    Lever("welfare_pay", 1.0, 0, "factor", "on the pay of a public welfare job, relative to the local minimum wage"),
    Lever("ui_replacement", 1.0, 0, "factor", "on unemployment benefit"),
    Lever("medical_parity", 0.0, 0, "share", "of the gap between resident and employee reimbursement of treatment that is closed"),
    Lever("pooling", 0.0, 0, "share", "of the reimbursement lost outside the pooling area that is made good"),
    Lever("pension_parity", 0.0, 0, "share", "of the gap between resident and employee pensions that is closed"),
    Lever("top_tax", 0.0, 0, "share", "of pay above a threshold taken on top of income tax"),
    # public finance
    Lever("equalisation", 0.0, 0, "share", "of the gap between standard need and standard revenue filled by the centre, beyond the base year's"),
    Lever("paired_assistance", 0.0, 0, "share", "of own revenue that the circle gives the poorer one it is paired with, while it has the money"),
)  # fmt: skip
"""Every lever, one line each."""

BY_NAME = {lever.name: lever for lever in LEVERS}


class Levers:
    """Lever arrays of n settlements by name, f8[n] or f8[n, groups]; `LEVERS` says what each means.

    All are views of one array `flat`, so that the levers of a month are copied and compared at once.
    """

    def __init__(self, n: int):
        sizes = np.array([n * max(lever.groups, 1) for lever in LEVERS])
        self.n = n
        self.resting_flat = np.repeat([lever.rest for lever in LEVERS], sizes)
        self.flat = self.resting_flat.copy()
        ends = np.cumsum(sizes)
        self._spans = {v.name: slice(e - z, e) for v, e, z in zip(LEVERS, ends.tolist(), sizes.tolist(), strict=True)}
        self.__dict__.update(self.views(self.flat))

    def view(self, flat: np.ndarray, name: str) -> np.ndarray:
        """One lever as it stands in an array like `flat`."""
        part, groups = flat[self._spans[name]], BY_NAME[name].groups
        return part.reshape(self.n, groups) if groups else part

    def views(self, flat: np.ndarray) -> dict[str, np.ndarray]:
        """All levers by name as they stand in an array like `flat`."""
        return {lever.name: self.view(flat, lever.name) for lever in LEVERS}

    @classmethod
    def resting(cls, n: int) -> Levers:
        """All levers at rest."""
        return cls(n)

    def rest(self) -> None:
        """Put every lever back to rest, at the opening of a month."""
        self.flat[...] = self.resting_flat

    def arrays(self) -> dict[str, np.ndarray]:
        """Every array by name."""
        return {lever.name: getattr(self, lever.name) for lever in LEVERS}
