"""A world before anyone is drawn: settlements, margins of the people, distances, targets, drivers.

Everything here is in people, yuan and hours, for the whole country, and does not depend on
`persons_per_agent`. `simulator.worlds.population` turns it into agents.
"""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field, fields
from pathlib import Path

import numpy as np


@dataclass(frozen=True)
class WorldTables:
    """The tables of one world; n settlements, P provinces, C counties.

    Text columns are arrays of str; codes are those of `foundations.units`.
    """

    name: str
    level: str
    """`provinces`, `prefectures` or `city-circle`."""
    base_month: int
    """Month number of the census: the state is the end of this month."""

    # settlements, length n
    code: np.ndarray
    name_en: np.ndarray
    name_zh: np.ndarray
    kind: np.ndarray  # u1, units.KINDS
    rural_class: np.ndarray  # u1, units.RURAL_CLASSES
    circle: np.ndarray  # u2, 1-based circle_id (0 is "all" in tables)
    province: np.ndarray  # u2, index into province_*
    coastal: np.ndarray  # u1
    lon: np.ndarray
    lat: np.ndarray
    area_km2: np.ndarray
    arable_km2: np.ndarray
    population: np.ndarray  # f8 people, the base-year N0
    dwellings: np.ndarray  # f8
    strictness: np.ndarray  # f4, hukou strictness 0..1 (1 = the hardest cities)
    university_places: np.ndarray  # f8, students admitted a year at the base year
    transport: np.ndarray  # f4, infrastructure relative to the national mean (=1)
    digital: np.ndarray  # f4
    service_supply: np.ndarray  # f4 [n, 6], base-year supply relative to the national mean

    # provinces, length P
    province_code: np.ndarray  # i4 GB codes
    province_en: np.ndarray
    province_zh: np.ndarray
    income_urban: np.ndarray  # f8 yuan a person a year at the base year
    income_rural: np.ndarray
    local_budget: np.ndarray
    """f8 [P, 4] yuan a year at 2020 prices: budgets of local governments in all, and of that education, science,
    and agriculture, forestry and water."""

    # counties: drawn within a cell by population, read by observables only
    county_code: np.ndarray  # str, length C; uint16 county numbers index this
    county_cell_start: np.ndarray  # i4 [n+1], CSR over settlements
    county_cell_list: np.ndarray  # u2 county numbers present in the cell
    county_cell_weight: np.ndarray  # f8 people of that county living in the cell

    # people, in persons
    people: np.ndarray
    """f4 [n, migrant class 4, age group 19, sex 2, education 4]: residents of each cell."""
    work: np.ndarray
    """f4 [n, education 4, 3]: of people 16-64 not in school, the share in (non-farm work, farming,
    no work of any kind)."""
    sector_mix: np.ndarray  # f4 [n, 6] shares of non-farm jobs located in the cell by units.SECTORS
    home_province: np.ndarray
    """f4 [P residence, P home]: of residents with hukou in another province, where it is; rows sum to 1, diagonal 0."""
    home_kind: np.ndarray
    """f4 [P home, n]: where in its home province a migrant's hukou cell is; sums to 1 over the cells of the province."""
    same_province_home: np.ndarray
    """f4 [n, n]: of residents of a cell with hukou in another county of the province, the hukou cell; rows sum to 1."""
    rural_hukou_local: np.ndarray  # f4 [n], share of local-hukou residents with rural hukou
    rural_hukou_migrant: np.ndarray  # f4 [n, 3], the same for the three migrant classes
    children_ever_born: np.ndarray  # f4 [n], fertility relative to the national mean (=1)
    mortality_shape: np.ndarray  # f4 [n], death rate at equal age relative to the nation (=1)
    household_size: np.ndarray  # f4 [n]

    # space
    hours: np.ndarray  # f4 [n, n] travel time, all pairs; diagonal = inside the cell
    edges: np.ndarray  # f8 [m, 3]: row, row, hours (undirected)

    # targets for the base-year inversion
    net_migration: np.ndarray  # f8 [n] people a year, sums to zero
    relabel_rate: float
    """r0 of MODEL 4.8: monthly-January share passed by a rural cell a year = r0 max(0, nonfarm share - .5) 2."""

    drivers: dict = field(repr=False)
    """{name: {place_class: {variant: (years f8, values f8)}}}; see `simulator.worlds.drivers`."""
    assumed: tuple = field(repr=False, default=())
    """Rows (what, value, reason) of everything assumed because no data exist."""

    @property
    def n(self) -> int:
        """Number of settlements."""
        return len(self.kind)

    def to_bytes(self) -> bytes:
        """The world as one npz file (no pickle)."""
        arrays, scalars = {}, {}
        for f in fields(self):
            value = getattr(self, f.name)
            if isinstance(value, np.ndarray):
                arrays[f.name] = value
            elif f.name == "drivers":
                scalars[f.name] = {
                    n: {p: {v: [list(map(float, y)), list(map(float, x))] for v, (y, x) in pv.items()} for p, pv in d.items()}
                    for n, d in value.items()
                }
            else:
                scalars[f.name] = value
        arrays["__scalars__"] = np.frombuffer(json.dumps(scalars, ensure_ascii=False).encode(), dtype=np.uint8)
        buffer = io.BytesIO()
        np.savez(buffer, **arrays)
        return buffer.getvalue()

    @classmethod
    def from_file(cls, path: Path) -> WorldTables:
        """Read what `to_bytes` wrote; arrays come back read-only."""
        with np.load(path, allow_pickle=False) as stored:
            values = {name: stored[name] for name in stored.files if name != "__scalars__"}
            scalars = json.loads(stored["__scalars__"].tobytes().decode())
        for array in values.values():
            array.setflags(write=False)
        scalars["drivers"] = {
            n: {p: {v: (np.array(y), np.array(x)) for v, (y, x) in pv.items()} for p, pv in d.items()}
            for n, d in scalars["drivers"].items()
        }
        scalars["assumed"] = tuple(tuple(row) for row in scalars["assumed"])
        return cls(**values, **scalars)
