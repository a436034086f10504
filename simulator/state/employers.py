"""Who employs: in this version one pool of jobs for each settlement, sector and skill group.

Row of a pool: `(settlement * 6 + sector) * 2 + skill`. Firms as agents take the place of pools
without a change for the people: a person's `employer` is a row here either way.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

N_SECTORS = 6
N_SKILLS = 2


def pool_row(settlement, sector, skill):
    """Row of a pool of jobs."""
    return (settlement * N_SECTORS + sector) * N_SKILLS + skill


def pool_settlement(row):
    """Settlement of a pool."""
    return row // (N_SECTORS * N_SKILLS)


def pool_sector(row):
    """Sector of a pool, see units.SECTORS."""
    return (row // N_SKILLS) % N_SECTORS


def pool_skill(row):
    """Skill group of a pool: 0 below college, 1 college."""
    return row % N_SKILLS


@dataclass
class Employers:
    """Jobs by pool, in agents."""

    headcount: np.ndarray  # i8: people employed now
    headcount_base: np.ndarray  # f8: at the base year
    target: np.ndarray  # f8: jobs wanted this month
    vacancies: np.ndarray  # i8: vacancies posted this month
    filled: np.ndarray  # i8: of them filled this month
    separations: np.ndarray  # i8: jobs left since the last posting, voluntary or not
    separation_factor: np.ndarray  # f8: factor on this month's separation rate, above 1 where jobs are shed

    @classmethod
    def empty(cls, n_settlements: int) -> Employers:
        """Pools without jobs."""
        rows = n_settlements * N_SECTORS * N_SKILLS
        whole = {f.name: np.zeros(rows, dtype=np.int64) for f in fields(cls)}
        whole["headcount_base"] = np.zeros(rows)
        whole["target"] = np.zeros(rows)
        whole["separation_factor"] = np.ones(rows)
        return cls(**whole)

    def arrays(self) -> dict[str, np.ndarray]:
        """Every array by name."""
        return {f.name: getattr(self, f.name) for f in fields(self)}

    def restore(self, arrays: dict[str, np.ndarray]) -> None:
        """Take every array from a checkpoint."""
        for f in fields(self):
            getattr(self, f.name)[...] = arrays[f.name]
