"""What the page sees of a country while it is being computed: every place each month, the nation, moves by year.

The numbers are those of the result tables, by the same code; only tables that no page shows are left out,
and the nation is counted as a whole and not once for each circle.
"""

from __future__ import annotations

import numpy as np

from simulator.foundations.units import COLLEGE, FEN, month_of_year, year_of
from simulator.measures import money, yearly
from simulator.measures.national import Circles
from simulator.measures.observer import Observer, Rows
from simulator.results import MEASURES, is_people
from simulator.state.governments import FUNCTIONS

PLACE_COLUMNS = (*MEASURES["settlement_month"], "access")
"""Columns of a place: those of the table `settlement_month`, and the mean access to six services."""
NATION_COLUMNS = MEASURES["national"]
GOVERNMENT_COLUMNS = ("own_revenue", "land_revenue", "transfers_in", "remitted", *(f"spending_{name}" for name in FUNCTIONS), "spending", "interest", "borrowed", "repaid", "debt", "cash")
"""Columns of a government (the centre first, then one for each circle), yuan a month of the whole country."""
FLOW_COLUMNS = ("origin_id", "destination_id", "education", "reason", "moves")
GOVERNMENT_ROWS = np.array([money.GOVERNMENT_YUAN.index(name) for name in GOVERNMENT_COLUMNS])
"""Where these stand among the columns of the table of governments."""
WHOLE_PLACES = np.array([is_people("settlement_month", name) for name in PLACE_COLUMNS])
WHOLE_NATION = np.array([is_people("national", name) for name in NATION_COLUMNS])
"""Columns that hold whole agents, as in the tables."""


def people_columns() -> list[str]:
    """Columns of a place or the nation that count agents, to be multiplied by the persons an agent stands for."""
    return sorted(
        {name for name in PLACE_COLUMNS if is_people("settlement_month", name)}
        | {name for name in NATION_COLUMNS if is_people("national", name)}
    )


class LiveObserver(Observer):
    """An observer that keeps a month until it is taken; give it to `model.observers`."""

    def __init__(self, world):
        super().__init__(world)
        self.circles = Circles.whole(world.n)
        self.waiting: list[dict[str, np.ndarray]] = []

    def take(self) -> list[dict[str, np.ndarray]]:
        """The months seen since the last call, oldest first: `month`, `places` [columns, n], `nation`,
        `governments` [columns, 1 + circles], and, where a year has closed, `flows`, `talent_from` and `deciles`."""
        taken, self.waiting = self.waiting, []
        return taken

    def _look(self, model, counts, moves) -> None:
        calendar, opening = month_of_year(model.month), moves is None
        flows, talent = (None, None) if opening else self._note_moves(model, moves)
        december = calendar == yearly.GROUP_MONTH
        found = yearly.survey(model, december) if opening or calendar in yearly.SURVEY_MONTHS else None
        row = self._settlement_columns(model, counts, talent, found)
        row["access"] = (model.settlements.service_supply * self._entitled(model, counts)).mean(axis=1)
        nation = self._nation(model, counts, opening, flows, found)
        places = np.full((len(PLACE_COLUMNS), self.n), np.nan)
        for k, name in enumerate(PLACE_COLUMNS):
            if name in row:
                places[k] = row[name]
        np.trunc(places, out=places, where=WHOLE_PLACES[:, None])
        whole = np.array([nation[name][0] if name in nation else np.nan for name in NATION_COLUMNS], dtype=np.float64)
        seen = {
            "month": np.array([model.month], dtype=np.int32),
            "places": places.astype(np.float32),
            "policies": self._policies(model),
            "governments": money.budgets_of(model)[GOVERNMENT_ROWS].astype(np.float32),
            "nation": np.trunc(whole, out=whole, where=WHOLE_NATION),
        }
        if december:
            seen |= self._close(model, found)
        self.waiting.append(seen)

    @staticmethod
    def _policies(model) -> np.ndarray:
        """What each policy spent and was asked for this month, yuan, and whom it reached, people: [policies, 3]."""
        programmes, k = model.programmes, model.persons_per_agent
        sums = [part.sum(axis=1) for part in (programmes.spent, programmes.asked, programmes.reached)]
        return np.stack(sums, axis=1) * np.array([k / FEN, k / FEN, k])

    def _close(self, model, found) -> dict[str, np.ndarray]:
        """What is known once a year."""
        self.close_year(year_of(model.month))
        rows, self.tables["flows"] = self.tables["flows"], Rows()
        deciles = yearly.decile_rows(model, found, self.circles)
        closed = {"deciles": np.asarray(deciles["income_pc"], dtype=np.float32)[deciles["circle_id"] == 0][:10]}
        columns = rows.columns()
        if columns:
            closed["flows"] = np.stack([np.asarray(columns[name], dtype=np.uint16) for name in FLOW_COLUMNS])
        closed["talent_from"] = talent_by_root(model)
        return closed


def talent_by_root(model) -> np.ndarray:
    """Where the college-educated of working age come from: [3, pairs] root, residence, agents."""
    persons, n = model.persons, model.world.n
    age = (model.month - persons.birth_month.astype(np.int64)) // 12
    rows = np.flatnonzero((persons.alive == 1) & (persons.education == COLLEGE) & (age >= 16) & (age < 65))
    key, count = np.unique(persons.root[rows].astype(np.int64) * n + persons.residence[rows], return_counts=True)
    return np.stack([key // n, key % n, np.minimum(count, 65535)]).astype(np.uint16)
