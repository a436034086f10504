"""The observer of a run: looks at the end of every month and keeps what the result tables need."""

from __future__ import annotations

import numpy as np

from simulator.foundations.once import once
from simulator.foundations.units import (
    EMPLOYED,
    FARMING,
    FEN,
    FLEXIBLE,
    UNEMPLOYED,
    WELFARE_JOB,
    month_of_year,
    year_of,
)  # fmt: skip
from simulator.kernels import measuring
from simulator.measures import money, monthly, national, standards, yearly
from simulator.measures.national import Circles, ratio
from simulator.mechanisms.migration import entitlements


class Rows:
    """Rows of one table, column by column, in blocks with room for some months; people are in agents, NaN means unknown."""

    def __init__(self):
        self.blocks: list[dict[str, np.ndarray]] = []
        self.used = self.room = 0

    def add(self, columns: dict[str, np.ndarray]) -> None:
        """Keep some rows; float columns stay float, fen are whole numbers of 8 bytes, the rest of 4. One number stands for all rows."""
        rows = next(len(values) for values in columns.values() if isinstance(values, np.ndarray))
        if not self.blocks or self.room < self.used + rows:
            self._open_block(columns, rows)
        block, first, self.used = self.blocks[-1], self.used, self.used + rows
        for name, values in columns.items():
            kept = block[name]
            if kept.dtype.kind != "f" and isinstance(values, np.ndarray) and values.dtype.kind == "f":
                kept = block[name] = kept.astype(np.float64)
            kept[first : self.used] = values

    def _open_block(self, columns: dict[str, np.ndarray], rows: int) -> None:
        self._close_block()
        kinds = {name: getattr(values, "dtype", WHOLE).kind for name, values in columns.items()}
        self.used, self.room = 0, rows * MONTHS_A_BLOCK
        self.blocks.append({
            name: np.empty(self.room, dtype="i8" if name in WIDE else "f8" if kind == "f" else "i4") for name, kind in kinds.items()
        })  # fmt: skip

    def _close_block(self) -> None:
        if self.blocks:
            self.blocks[-1] = {name: kept[: self.used] for name, kept in self.blocks[-1].items()}

    def columns(self) -> dict[str, np.ndarray]:
        """All rows so far, column by column."""
        self._close_block()
        if len(self.blocks) > 1:
            self.blocks = [{name: np.concatenate([block[name] for block in self.blocks]) for name in self.blocks[0]}]
        whole = self.blocks[0] if self.blocks else {}
        self.room = self.used = len(next(iter(whole.values()), ()))
        return whole

    def restore(self, columns: dict[str, np.ndarray]) -> None:
        """Go on from what `columns` gave."""
        self.blocks = [columns] if columns else []
        self.room = self.used = len(next(iter(columns.values()), ()))


WHOLE, MONTHS_A_BLOCK = np.dtype(np.int64), 24
WIDE = ("fen", "fen_received")
"""Columns kept as whole numbers of 8 bytes."""


TABLES = ("settlement_month", "settlement_groups", "services", "flows", "stocks", "cohorts", "national", "deciles", "policy_month", "ledger", "government_month")


class Observer:
    """Give it to `model.observers`; call `open` once before the first month for the opening record."""

    def __init__(self, world):
        self.circles = Circles(np.asarray(world.circle))
        self.n = world.n
        self.places = np.arange(self.n)
        self.tables = {name: Rows() for name in TABLES}
        self.last_moves = np.zeros((12, world.n, len(national.MOVE_COUNTS)))
        self.last_spent = np.zeros((12, world.n, 2))
        self.months_seen = 0
        self.year_moves: list[np.ndarray] = []
        self.moves_in_all = 0
        self.policies: list[str] = []
        self.flows: tuple = ()
        self.governments = np.unique(np.asarray(world.circle))

    # -- looking ---------------------------------------------------------------------------------

    def open(self, model) -> None:
        """Record the state before the first month: stocks, no flows."""
        self._look(model, monthly.count(model), None)

    def observe(self, model) -> None:
        """Record the month that has just been lived."""
        counts = getattr(model, "counts", None) or monthly.count(model)
        self._look(model, counts, monthly.moves_of(model))

    def _look(self, model, counts, moves) -> None:
        calendar, opening = month_of_year(model.month), moves is None
        flows, talent = (None, None) if opening else self._note_moves(model, moves)
        december = calendar == yearly.GROUP_MONTH
        found = yearly.survey(model, december) if opening or calendar in yearly.SURVEY_MONTHS else None
        self._add_settlements(model, counts, talent, found)
        self._add_services(model, counts)
        self._add_policies(model)
        self._add_money(model, opening)
        known = self._nation(model, counts, moves is None, flows, found)
        ids = self.circles.ids
        self.tables["national"].add({"month": model.month, "circle_id": ids} | known)
        for reference, month in yearly.STOCK_MONTH.items():
            if calendar == month:
                self.tables["stocks"].add(yearly.stock_rows(model, reference))
        if december:
            self.tables["settlement_groups"].add(yearly.group_rows(model, found))
            tenths = standards.decile_columns(model, found, self.circles)
            self.tables["deciles"].add(yearly.decile_rows(model, found, self.circles) | tenths)
            self.tables["cohorts"].add(yearly.cohort_rows(model))
            self.close_year(year_of(model.month))

    def _nation(self, model, counts, opening: bool, flows, found) -> dict[str, np.ndarray]:
        """The indices of the whole and each circle."""
        year = self.last_moves.sum(axis=0) if self.months_seen >= 12 else None
        self.last_spent[model.month % 12] = 0.0 if opening else money.spent_for(model)
        december = month_of_year(model.month) == yearly.GROUP_MONTH
        known = (
            national.measure_people(model, counts, self.circles)
            | national.measure_moves(flows, year, self.circles)
            | national.measure_incomes(model, found, self.circles)
            | money.fiscal_costs(model, self.last_spent.sum(axis=0) if december else None, self.circles)
        )
        return known | standards.measure_standards(model, found, counts, known, self.circles)

    def _note_moves(self, model, moves) -> tuple[np.ndarray, np.ndarray]:
        flows, talent = national.count_all_moves(model, moves)
        self.last_moves[model.month % 12] = flows
        self.months_seen += 1
        self.moves_in_all += len(moves[0])
        rows, origin, destination, reason = (part.astype(np.int64) for part in moves)
        if len(rows):
            education = model.persons.education[rows].astype(np.int64)
            self.year_moves.append(np.stack([rows, origin, destination, education, reason]))
        return flows, talent

    def close_year(self, year: int) -> None:
        """Turn the moves kept since January into rows of the yearly table of flows."""
        if self.year_moves:
            self.tables["flows"].add(yearly.flow_rows(year, self.year_moves, self.n))
            self.year_moves = []

    def _settlement_columns(self, model, counts, talent, found) -> dict[str, np.ndarray]:
        """The month of every settlement, in agents; `talent` are graduates who came and went (None at the opening)."""
        unknown, as_float = np.full(self.n, np.nan), counts.table.astype(np.float64)
        first = measuring.FIRST
        of = lambda name, k=0: as_float[:, first[name] + k]
        places, force, state = model.settlements, counts.labour_force, lambda k: as_float[:, first["state"] + k]
        finding = ratio((places.finding_rate * force).sum(axis=1), force.sum(axis=1))
        outgoing, _ = monthly.split_migrant_workers(model, counts)
        between_townships = outgoing - counts.migrant_workers[:, monthly.counting.CELL :].sum(axis=1)
        firms, posted = model.crew.each(lambda look: look(model), [monthly.count_firms, monthly.count_vacancies])
        into, out = (unknown, unknown) if talent is None else talent
        return {
            "residents": of("residents"),
            "registered": of("registered") + of("registered", 1),
            "talent_pool": of("talent"),
            "talent_in": into,
            "talent_out": out,
            "migrant_workers_here": outgoing,
            "migrant_workers_from": counts.migrant_workers_from + between_townships,
            "employed": state(EMPLOYED),
            "unemployed": state(UNEMPLOYED),
            "farming": state(FARMING),
            "flexible": state(FLEXIBLE),
            "welfare_jobs": state(WELFARE_JOB),
            "vacancies": unknown if talent is None else posted,
            "job_finding_rate": finding,
            "wage_mean": ratio(of("pay") / FEN, state(EMPLOYED)),
            "income_median_pc": unknown if found is None else yearly.median_incomes(found),
            "rent": places.rent,
            "talent_quotient": standards.talent_quotients(counts),
            **firms,
            "left_behind_children": unknown if found is None else found.left_behind[:, 0].astype(np.float64),
            "left_behind_elders": unknown if found is None else found.left_behind[:, 1].astype(np.float64),
        }

    def _add_settlements(self, model, counts, talent, found) -> None:
        head = {"month": model.month, "settlement_id": self.places}
        self.tables["settlement_month"].add(head | self._settlement_columns(model, counts, talent, found))

    def _add_services(self, model, counts) -> None:
        """Supply, access (supply times the share of residents entitled) and crowding of each service."""
        places, supply = model.settlements, model.settlements.service_supply
        places_of_rows, services_of_rows = once(model, "rows of services", lambda: np.indices(supply.shape).reshape(2, -1), model.world)
        entitled = self._entitled(model, counts)
        stock = places.service_stock
        crowding = np.divide(
            counts.residents[:, None], stock, out=np.full(stock.shape, np.nan), where=stock > 0
        )
        self.tables["services"].add(
            {
                "month": model.month,
                "settlement_id": places_of_rows,
                "service": services_of_rows,
                "supply": supply.ravel(),
                "access": (supply * entitled).ravel(),
                "crowding": crowding.ravel(),
            }
        )

    def _add_policies(self, model) -> None:
        """What each policy in force asked, spent and reached, in the settlements where it did anything."""
        programmes = model.programmes
        self.policies = [programme.label for programme in programmes.rows]
        rows, places = np.nonzero((programmes.asked > 0) | (programmes.spent > 0) | (programmes.reached > 0))
        if not len(rows):
            return
        yuan = model.persons_per_agent / FEN
        spent, delivered = programmes.spent[rows, places], programmes.delivered[rows, places]
        self.tables["policy_month"].add(
            {
                "month": model.month,
                "policy_id": rows,
                "settlement_id": places,
                "spent_yuan": spent * yuan,
                "asked_yuan": programmes.asked[rows, places] * yuan,
                "reached_people": programmes.reached[rows, places].astype(np.float64),
                "delivered_share": ratio(delivered.astype(np.float64), spent.astype(np.float64)),
            }
        )

    def _add_money(self, model, opening: bool) -> None:
        """Payments of the month, and the month of every government; at the opening only what governments hold and owe."""
        self.flows = model.ledger.flows
        self.tables["government_month"].add(money.governments_of(model, self.governments))
        if not opening:
            self.tables["ledger"].add(money.payments_of(model))

    @staticmethod
    def _entitled(model, counts) -> np.ndarray:
        """Share of a service that the average resident may use: those with local hukou all of it, others what hukou rules allow."""
        settled = counts.hukou_class.sum(axis=1)
        local = counts.hukou_class[:, : monthly.counting.CELL].sum(axis=1)
        share = np.divide(local, settled, out=np.ones(len(settled)), where=settled > 0)[:, None]
        return share + (1 - share) * entitlements(model)

    # -- being kept ------------------------------------------------------------------------------

    def arrays(self) -> dict[str, np.ndarray]:
        """Everything the observer has seen, as named arrays, for a checkpoint."""
        kept = {"last_moves": self.last_moves, "last_spent": self.last_spent, "counters": np.array([self.months_seen, self.moves_in_all])}
        if self.year_moves:
            kept["year_moves"] = np.concatenate(self.year_moves, axis=1)
        for table, rows in self.tables.items():
            kept |= {f"{table}/{name}": values for name, values in rows.columns().items()}
        return kept

    def restore(self, kept: dict[str, np.ndarray]) -> None:
        """Go on from what `arrays` gave."""
        self.last_moves[...] = kept["last_moves"]
        self.last_spent[...] = kept["last_spent"]
        self.months_seen, self.moves_in_all = (int(v) for v in kept["counters"])
        self.year_moves = [kept["year_moves"]] if "year_moves" in kept else []
        for table, rows in self.tables.items():
            prefix = f"{table}/"
            piece = {name.removeprefix(prefix): values for name, values in kept.items() if name.startswith(prefix)}
            rows.restore(piece)
