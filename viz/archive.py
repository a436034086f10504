"""A finished run, opened read-only: what its result tables say, shown by the same page. Its state is never touched."""

from __future__ import annotations

import numpy as np

from simulator.foundations.errors import BadInput, Fault, UnreadableFile
from simulator.foundations.units import EDUCATIONS
from simulator.results import REASONS
from viz.exhibit import Exhibit
from viz.live import FLOW_COLUMNS, GOVERNMENT_COLUMNS, NATION_COLUMNS, PLACE_COLUMNS, people_columns
from viz.records import Record

EPOCH = 1970 * 12


class Archive(Exhibit):
    """An exhibit of one run folder; it has no levers and no desk."""

    readonly = True

    def __init__(self, folder: str):
        from simulator.runs import open_run

        self.run = open_run(folder)
        scenario = self.run.scenario
        super().__init__(None, scenario.name, {"draft": scenario.persons_per_agent}, scenario)
        if not {"settlement_month", "national"} <= set(self.run.tables):
            raise BadInput(Fault(file=str(folder), value="this run has no result tables yet", remedy="let it finish, or homeward resume it"))
        self.record = self._read()

    def _read(self) -> Record:
        """The tables as a history; UnreadableFile when they do not fit together."""
        scenario, n = self.run.scenario, self.world.n
        record = Record(str(self.run.info["id"]), "draft", scenario, None, scenario.start_month, status="done")
        try:
            places = self.run.arrow("settlement_month")
            nation = self.run.arrow("national")
            record.filled = len(places) // n
            month = _months(places["month"])
            if len(places) != record.filled * n or record.filled > record.months or int(month[0]) != scenario.start_month:
                raise ValueError("settlement_month")
            people, k = set(people_columns()), scenario.persons_per_agent
            record.places = np.full((record.months, len(PLACE_COLUMNS), n), np.nan, dtype=np.float32)
            for c, name in enumerate(PLACE_COLUMNS):
                if name in places.column_names:
                    record.places[: record.filled, c] = _numbers(places[name]).reshape(-1, n) / (k if name in people else 1)
            if "services" in self.run.tables:
                access = _numbers(self.run.arrow("services")["access"]).reshape(record.filled, n, -1).mean(axis=2)
                record.places[: record.filled, PLACE_COLUMNS.index("access")] = access
            whole = np.asarray(nation["circle_id"]) == 0
            record.nation = np.full((record.months, len(NATION_COLUMNS)), np.nan)
            for c, name in enumerate(NATION_COLUMNS):
                if name in nation.column_names:
                    record.nation[: record.filled, c] = _numbers(nation[name])[whole] / (k if name in people else 1)
            record.governments = self._read_governments(record)
            record.policies = np.zeros((record.months, len(scenario.policies), 3))
            self._read_policies(record)
            self._read_yearly(record, k)
        except (ValueError, KeyError, IndexError) as error:
            raise UnreadableFile(f"{self.run.folder}: the tables of this run do not fit together ({error}); run the scenario again") from None
        return record

    def _read_governments(self, record: Record) -> np.ndarray:
        ids = 1 + len(np.unique(self.world.circle))
        found = np.full((record.months, len(GOVERNMENT_COLUMNS), ids), np.nan, dtype=np.float32)
        if "government_month" in self.run.tables:
            table = self.run.arrow("government_month")
            for c, name in enumerate(GOVERNMENT_COLUMNS):
                found[: record.filled, c] = _numbers(table[name]).reshape(record.filled, ids)
        return found

    def _read_policies(self, record: Record) -> None:
        if "policy_month" not in self.run.tables or not record.policies.shape[1]:
            return
        table = self.run.arrow("policy_month")
        names, seen = [], {}
        for use in self.run.scenario.policies:
            seen[use.policy] = seen.get(use.policy, 0) + 1
            names.append(use.policy if seen[use.policy] == 1 else f"{use.policy}#{seen[use.policy]}")
        row = _months(table["month"]) - self.run.scenario.start_month
        for j, label in enumerate(table["policy_id"].to_pylist()):
            k = names.index(label) if isinstance(label, str) else int(label)
            for c, name in enumerate(("spent_yuan", "asked_yuan", "reached_people")):
                record.policies[row[j], k, c] += table[name][j].as_py() or 0

    def _read_yearly(self, record: Record, k: int) -> None:
        if "flows" in self.run.tables:
            flows = self.run.arrow("flows").to_pandas()
            codes = {"education": list(EDUCATIONS), "reason": list(REASONS)}
            for year, rows in flows.groupby("year"):
                columns = [rows[c].map(codes[c].index) if c in codes else rows[c] // k if c == "moves" else rows[c] for c in FLOW_COLUMNS]
                record.yearly[f"flows/{year}"] = np.stack([np.asarray(c, dtype=np.uint16) for c in columns])
        if "deciles" in self.run.tables:
            deciles = self.run.arrow("deciles").to_pandas().query("circle_id == 0")
            for year, rows in deciles.groupby("year"):
                record.yearly[f"deciles/{year}"] = np.asarray(rows["income_pc"], dtype=np.float32)


def _months(column) -> np.ndarray:
    return np.asarray(column).astype("datetime64[M]").astype(int) + EPOCH


def _numbers(column) -> np.ndarray:
    return np.asarray(column.cast("float64").fill_null(float("nan")))
