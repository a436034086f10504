"""The result tables of a run: what each holds, how agents become people, and how they are kept on disk."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from simulator.foundations.errors import OutOfResources, UnreadableFile
from simulator.foundations.files import replace_atomically
from simulator.foundations.units import EDUCATIONS, KINDS, RURAL_CLASSES, SERVICES, SEXES
from simulator.kernels.incomes import AGE_BANDS
from simulator.measures.money import GOVERNMENT_YUAN, flow_words
from simulator.measures.outcomes import BY_TABLE, PEOPLE
from simulator.measures.yearly import STOCK_COLUMN

SCHEMA_VERSION = 1
REASONS = ("work", "study", "return", "family", "start_up")

KEYS = {
    "settlement_month": ("month", "settlement_id"),
    "settlement_groups": ("year", "settlement_id", "sex", "age_band", "education", "registered_here"),
    "services": ("month", "settlement_id", "service"),
    "flows": ("year", "origin_id", "destination_id", "education", "reason"),
    "stocks": ("year", "reference", "from_id", "to_id", "education"),
    "cohorts": ("graduation_year", "study_id", "residence_id"),
    "national": ("month", "circle_id"),
    "policy_month": ("month", "policy_id", "settlement_id"),
    "ledger": ("month", "flow", "payer_sector", "payee_sector", "settlement_id"),
    "government_month": ("month", "government_id"),
    "deciles": ("year", "circle_id", "decile"),
}
"""Key columns of each table; every other column is a result."""

MEASURES = {
    "settlement_month": tuple(name for table, name in BY_TABLE if table == "settlement_month"),
    "settlement_groups": ("people", "employed", "income_mean_pc"),
    "services": ("supply", "access", "crowding"),
    "flows": ("moves", "people_moved"),
    "stocks": ("people",),
    "cohorts": ("graduates",),
    "national": tuple(name for table, name in BY_TABLE if table == "national"),
    "ledger": ("fen", "fen_received"),
    "government_month": (*GOVERNMENT_YUAN, "provision"),
    "policy_month": ("spent_yuan", "asked_yuan", "reached_people", "delivered_share"),
    "deciles": ("income_pc", "transfers_pc", "tax_pc"),
}  # fmt: skip
"""Result columns of each table, in order."""

_WORDS = {
    "sex": SEXES, "age_band": AGE_BANDS, "education": EDUCATIONS, "service": SERVICES, "reason": REASONS,
    "reference": tuple(STOCK_COLUMN),
}  # fmt: skip
_PEOPLE_ELSEWHERE = {("settlement_groups", "people"), ("settlement_groups", "employed"), ("stocks", "people")}
_EPOCH_MONTH = 1970 * 12


def is_people(table: str, column: str) -> bool:
    """Whether a result column counts people (agents times persons per agent)."""
    outcome = BY_TABLE.get((table, column))
    return (table, column) in _PEOPLE_ELSEWHERE or (outcome is not None and outcome.kind == PEOPLE)


def _dates(months: np.ndarray) -> pa.Array:
    return pa.array((months.astype("i8") - _EPOCH_MONTH).astype("datetime64[M]").astype("datetime64[D]"), pa.date32())


def _key(name: str, values: np.ndarray) -> pa.Array:
    if name == "month":
        return _dates(values)
    if name in _WORDS:
        return pa.DictionaryArray.from_arrays(pa.array(values.astype(np.int8)), pa.array(_WORDS[name])).cast(pa.string())
    return pa.array(values.astype(bool)) if name == "registered_here" else pa.array(values.astype(np.int32))


def _measure(values: np.ndarray, people: bool, persons_per_agent: int) -> pa.Array:
    unknown = np.isnan(values)
    if people:
        return pa.array(np.where(unknown, 0, values).astype(np.int64) * persons_per_agent, mask=unknown)
    return pa.array(values, mask=unknown)


def as_table(
    name: str, columns: dict[str, np.ndarray], persons_per_agent: int, policies: Sequence[str] = (), flows: Sequence = ()
) -> pa.Table:
    """An observer's rows as a published table: dates, words, whole people, null for unknown; policies by their labels,
    flows of the books by their names."""
    arrays = {}
    words = flow_words(columns.get("flow", np.zeros(0, np.int32)), flows) if name == "ledger" else {}
    for key in KEYS[name]:
        if key in words:
            arrays[key] = pa.array(words[key], pa.string())
            continue
        if key == "policy_id":
            rows = columns.get(key, np.zeros(0, np.int32)).astype(np.int32)
            arrays[key] = pa.array([policies[k] for k in rows], pa.string())
            continue
        arrays[key] = _key(key, columns.get(key, np.zeros(0, np.int32)))
    for measure in MEASURES[name]:
        values = columns.get(measure, np.zeros(0))
        if name == "ledger":
            arrays[measure] = pa.array(values.astype(np.int64))
            continue
        arrays[measure] = _measure(values.astype(np.float64), is_people(name, measure), persons_per_agent)
    return pa.table(arrays)


def settlements_table(world) -> pa.Table:
    """The fixed facts of every settlement."""
    return pa.table(
        {
            "settlement_id": pa.array(np.arange(world.n, dtype=np.int32)),
            "code": pa.array([str(v) for v in world.code]),
            "name_en": pa.array([str(v) for v in world.name_en]),
            "name_zh": pa.array([str(v) for v in world.name_zh]),
            "kind": pa.array([KINDS[k] for k in world.kind]),
            "rural_class": pa.array([RURAL_CLASSES[k] for k in world.rural_class]),
            "circle_id": pa.array(np.asarray(world.circle).astype(np.int32)),
            "province": pa.array([str(world.province_en[p]) for p in world.province]),
            "coastal": pa.array(np.asarray(world.coastal).astype(bool)),
            "lon": pa.array(np.asarray(world.lon, dtype=np.float64)),
            "lat": pa.array(np.asarray(world.lat, dtype=np.float64)),
            "area_km2": pa.array(np.asarray(world.area_km2, dtype=np.float64)),
        }
    )


def table_digest(table: pa.Table) -> str:
    """SHA-256 of a table's columns and values; equal tables have equal digests wherever they are kept."""
    whole = hashlib.sha256()
    for name in table.column_names:
        column = table.column(name).combine_chunks()
        column = column.chunk(0) if isinstance(column, pa.ChunkedArray) and column.num_chunks else column
        whole.update(f"{name} {column.type} {len(column)} {column.null_count}\n".encode())
        if pa.types.is_string(column.type):
            whole.update("\0".join("" if v is None else v for v in column.to_pylist()).encode())
            continue
        if pa.types.is_date32(column.type):
            column = column.cast(pa.int32())
        whole.update(column.is_null().to_numpy(zero_copy_only=False).tobytes())
        whole.update(column.fill_null(False if pa.types.is_boolean(column.type) else 0).to_numpy(zero_copy_only=False).tobytes())
    return whole.hexdigest()


def tables_of(observer, world, persons_per_agent: int) -> dict[str, pa.Table]:
    """Every table of a run as it stands."""
    tables = {"settlements": settlements_table(world)}
    for name, rows in observer.tables.items():
        tables[name] = as_table(name, rows.columns(), persons_per_agent, observer.policies, observer.flows)
    return tables


def write_tables(folder: Path, tables: dict[str, pa.Table]) -> dict[str, str]:
    """Write tables as Parquet, each whole or not at all; returns their digests."""
    folder.mkdir(parents=True, exist_ok=True)
    digests = {}
    for name, table in tables.items():
        table = table.replace_schema_metadata({"homeward.table": name, "homeward.schema_version": str(SCHEMA_VERSION)})
        write_parquet(folder / f"{name}.parquet", table)
        digests[name] = table_digest(table)
    return digests


def write_parquet(path: Path, table: pa.Table) -> None:
    """Write one Parquet file, whole or not at all."""
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    os.close(handle)
    try:
        pq.write_table(table, temporary, compression="zstd")
        os.chmod(temporary, 0o644)
        replace_atomically(temporary, path)
    except OSError as error:
        Path(temporary).unlink(missing_ok=True)
        raise OutOfResources(f"{path}: cannot be written ({error.strerror or error}); free some space and try again") from error
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def read_table(path: Path) -> pa.Table:
    """Read one table of a run; UnreadableFile when it is damaged or of another version."""
    try:
        table = pq.read_table(path)
    except (OSError, pa.ArrowException) as error:
        raise UnreadableFile(f"{path}: this table cannot be read ({str(error).splitlines()[0]}); run the scenario again") from None
    version = (table.schema.metadata or {}).get(b"homeward.schema_version", b"none").decode()
    if version != str(SCHEMA_VERSION):
        raise UnreadableFile(f"{path}: schema version is {version}; this version reads {SCHEMA_VERSION}")
    return table
