"""The behavioural parameters of the model, as declared in `configs/parameters`, one file a group."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from simulator.foundations.errors import BadInput, Fault, choices, did_you_mean, show_value
from simulator.foundations.files import configs_folder
from simulator.foundations.parameter import Parameter, Text
from simulator.foundations.yamlio import Document, read_yaml

KINDS = ("float", "int")
_FIELDS = {"default", "unit", "low", "high", "plausible", "meaning", "source", "kind"}


class ParameterSet(Mapping[str, Parameter]):
    """Every declared parameter by its dotted name, in the order of the files."""

    def __init__(self, rows: Mapping[str, Parameter]):
        self._rows = dict(rows)

    def __getitem__(self, name: str) -> Parameter:
        return self._rows[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def groups(self) -> dict[str, list[Parameter]]:
        """The parameters of each group."""
        groups: dict[str, list[Parameter]] = {}
        for parameter in self._rows.values():
            groups.setdefault(parameter.group, []).append(parameter)
        return groups

    def defaults(self) -> dict[str, float | int]:
        """The value of each parameter where a scenario says nothing."""
        return {name: parameter.default for name, parameter in self._rows.items()}


def load_parameters(configs: str | os.PathLike | None = None) -> ParameterSet:
    """Read every file of `configs/parameters`; BadInput lists every fault in them."""
    folder = configs_folder(configs) / "parameters"
    files = sorted(folder.glob("*.yaml"))
    stamps = tuple((path.name, path.stat().st_mtime_ns, path.stat().st_size) for path in files)
    return _load(folder, stamps)


@lru_cache(maxsize=16)
def _load(folder: Path, stamps: tuple) -> ParameterSet:
    rows: dict[str, Parameter] = {}
    faults: list[Fault] = []
    for file_name, _, _ in stamps:
        group = file_name.removesuffix(".yaml")
        try:
            document = read_yaml(folder / file_name, f"parameters/{file_name}")
            rows |= _read_group(group, document, faults)
        except BadInput as bad:
            faults += bad.faults
    if faults:
        raise BadInput(faults)
    return ParameterSet(rows)


def _read_group(group: str, document: Document, faults: list[Fault]) -> dict[str, Parameter]:
    if not isinstance(document.data, dict):
        faults.append(Fault(document.file, 1, value="this file is not a table of parameters"))
        return {}
    rows = {}
    for name, row in document.data.items():
        problem = _row_problem(row)
        if problem:
            faults.append(Fault(document.file, document.line(name), f"{group}.{name}", remedy=problem))
            continue
        full = f"{group}.{name}"
        plausible = row.get("plausible")
        kind = row.get("kind", "float")
        rows[full] = Parameter(
            name=full,
            default=int(row["default"]) if kind == "int" else float(row["default"]),
            unit=row["unit"],
            low=float(row["low"]),
            high=float(row["high"]),
            meaning=Text(row["meaning"]["en"], row["meaning"]["zh"]),
            source=row["source"],
            kind=kind,
            plausible=(float(plausible[0]), float(plausible[1])) if plausible else None,
        )
    return rows


def _row_problem(row: object) -> str:
    """What is wrong with one declared row, in words; empty when it is sound."""
    if not isinstance(row, dict):
        return "write default, unit, low, high, meaning and source below it"
    for field in row:
        if field not in _FIELDS:
            return f"{show_value(field)} is no field of a parameter {did_you_mean(field, _FIELDS)}".strip()
    missing = sorted(_FIELDS - {"plausible", "kind"} - set(row))
    if missing:
        return f"{choices(missing)} is missing"
    if row.get("kind", "float") not in KINDS:
        return f"kind is {show_value(row['kind'])}; allowed float or int"
    if not all(isinstance(row[f], str) and row[f] for f in ("unit", "source")):
        return "unit and source must be text"
    meaning = row["meaning"]
    if not (isinstance(meaning, dict) and all(isinstance(meaning.get(k), str) and meaning[k] for k in ("en", "zh"))):
        return "meaning needs en and zh"
    span = row.get("plausible") or [row["low"], row["high"]]
    if not isinstance(span, list) or len(span) != 2:
        return "plausible must be two numbers, [low, high]"
    numbers = [row["low"], span[0], span[1], row["high"], row["default"]]
    if any(isinstance(n, bool) or not isinstance(n, (int, float)) for n in numbers):
        return "default, low, high and plausible must be numbers"
    low, inner_low, inner_high, high, default = numbers
    if not (low <= inner_low <= default <= inner_high <= high and abs(low) < 1e300 and abs(high) < 1e300):
        return "low, plausible and default must lie in order"
    if row.get("kind") == "int" and not isinstance(default, int):
        return "the default of a whole-number parameter must be whole"
    return ""
