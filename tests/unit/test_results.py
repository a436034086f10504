"""Result tables: agents become whole people, unknown becomes null, and what was written is read back."""

from __future__ import annotations

import datetime

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from simulator import results
from simulator.foundations.errors import UnreadableFile
from simulator.foundations.units import month_number
from simulator.measures.observer import Rows


def flows() -> dict[str, np.ndarray]:
    rows = Rows()
    one = {"year": [2021], "origin_id": [0], "destination_id": [1], "education": [3], "reason": [2]}
    for _ in range(2):
        rows.add({name: np.array(v) for name, v in one.items()} | {"moves": np.array([3.0]), "people_moved": np.array([2.0])})
    return rows.columns()


def test_agents_become_whole_people_and_codes_become_words():
    table = results.as_table("flows", flows(), 10_000)
    assert table.to_pylist()[0] == {
        "year": 2021, "origin_id": 0, "destination_id": 1, "education": "college", "reason": "return",
        "moves": 30_000, "people_moved": 20_000,
    }  # fmt: skip
    assert table["moves"].type == pa.int64() and table.num_rows == 2


def test_months_are_dates_and_the_unknown_is_null():
    columns = {"month": np.array([month_number(2020, 11), month_number(1969, 12)]), "settlement_id": np.array([0, 1])}
    columns |= {name: np.array([np.nan, 1.0]) for name in results.MEASURES["settlement_month"]}
    table = results.as_table("settlement_month", columns, 7)
    assert table["month"].to_pylist() == [datetime.date(2020, 11, 1), datetime.date(1969, 12, 1)]
    assert table["wage_mean"].to_pylist() == [None, 1.0]
    assert table["residents"].to_pylist() == [None, 7]


@pytest.mark.parametrize("name", list(results.KEYS))
def test_a_table_without_rows_still_has_its_columns(name):
    table = results.as_table(name, {}, 10)
    assert table.num_rows == 0
    assert tuple(table.column_names) == results.KEYS[name] + results.MEASURES[name]


def test_equal_tables_have_equal_digests_and_others_not():
    first, second = results.as_table("flows", flows(), 10), results.as_table("flows", flows(), 11)
    assert results.table_digest(first) == results.table_digest(pa.concat_tables([first.slice(0, 1), first.slice(1)]))
    assert results.table_digest(first) != results.table_digest(second)


def test_what_was_written_is_read_back_with_its_version(tmp_path):
    table = results.as_table("flows", flows(), 10)
    digests = results.write_tables(tmp_path / "tables", {"flows": table})
    read = results.read_table(tmp_path / "tables" / "flows.parquet")
    assert results.table_digest(read) == digests["flows"]
    assert [path.name for path in (tmp_path / "tables").iterdir()] == ["flows.parquet"]


def test_a_table_of_another_version_or_damaged_is_said_to_be_so(tmp_path):
    pq.write_table(pa.table({"a": [1]}), tmp_path / "old.parquet")
    with pytest.raises(UnreadableFile, match="schema version is none"):
        results.read_table(tmp_path / "old.parquet")
    (tmp_path / "torn.parquet").write_bytes((tmp_path / "old.parquet").read_bytes()[:100])
    with pytest.raises(UnreadableFile, match="cannot be read"):
        results.read_table(tmp_path / "torn.parquet")
