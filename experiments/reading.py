"""What a sweep found, for those who ask: the table of runs, the long table of outcomes, and SQL over both."""

from __future__ import annotations

import os
from pathlib import Path

import pyarrow as pa

from experiments import store as storing
from experiments.runner import read_info
from simulator.foundations.errors import BadInput, Fault, choices, did_you_mean


class Sweep:
    """The folder of a sweep, finished or interrupted: every run that is sealed."""

    def __init__(self, folder: str | os.PathLike):
        self.folder = Path(folder)
        self.info = read_info(self.folder)
        self.names = [outcome["key"] for outcome in self.info["outcomes"]]

    @property
    def status(self) -> str:
        """`done`, `some runs set aside` or `interrupted`."""
        return self.info["status"]

    def arrow(self, table: str, outcome: str | None = None) -> pa.Table:
        """`runs` or `outcomes` as an Arrow table in the order of the runs; of one outcome only where it is named."""
        if table not in ("runs", "outcomes"):
            raise BadInput(Fault(field="table", value=table, allowed="runs or outcomes"))
        if outcome is not None and outcome not in self.names:
            raise BadInput(Fault(field="outcome", value=outcome, allowed=choices(self.names, 20), remedy=did_you_mean(outcome, self.names)))
        pieces = []
        for path in sorted((self.folder / table).glob("*.parquet")):
            piece = storing.read_part(path)
            if outcome is not None:
                piece = piece.filter(pa.compute.equal(piece.column("outcome"), outcome))
            pieces.append(piece)
        if not pieces:
            raise BadInput(Fault(file=str(self.folder), value="holds no sealed runs yet", remedy="let homeward sweep go on"))
        return pa.concat_tables(pieces)

    @property
    def runs(self):
        """A row a run, as a pandas DataFrame: number, id, treatment, draw, seed, settings, single-number outcomes."""
        return self.arrow("runs").to_pandas()

    @property
    def outcomes(self):
        """The long table, as a pandas DataFrame: run, run_id, outcome, month, group, value."""
        return self.arrow("outcomes").to_pandas(date_as_object=False)

    def outcome(self, name: str):
        """One outcome with the settings of its runs beside it, tidy: a row a value."""
        import pandas as pd

        rows = self.arrow("outcomes", name).to_pandas(date_as_object=False).drop(columns=["run_id", "outcome"])
        runs = self.runs.drop(columns=[c for c in self.info["scalars"] if c in self.runs.columns])
        return pd.merge(rows, runs, on="run", validate="many_to_one")

    def query(self, sql: str):
        """Ask in SQL (DuckDB) over the views `runs` and `outcomes`; a pandas DataFrame."""
        try:
            import duckdb
        except ModuleNotFoundError:
            raise BadInput(Fault(value="DuckDB is not installed", remedy="pip install 'homeward-sim[analysis]'")) from None
        with duckdb.connect() as connection:
            for table in ("runs", "outcomes"):
                pattern = str(self.folder.resolve() / table / "*.parquet").replace("'", "''")
                connection.execute(f"create view {table} as select * from read_parquet('{pattern}')")
            return connection.execute(sql).df()

    def __repr__(self) -> str:
        return f"Sweep({str(self.folder)!r}, {self.info['done']} of {self.info['runs']} runs, {self.status})"


def load(folder: str | os.PathLike) -> Sweep:
    """A sweep that is on disk, to be read."""
    return Sweep(folder)
