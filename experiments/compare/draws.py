"""Draws of parameters over the ranges declared for them: a CSV with one draw a row and one parameter a column."""

from __future__ import annotations

import csv
import io
import math
import os
from pathlib import Path

from experiments.statistics import latin_hypercube
from simulator.foundations.errors import BadInput, Fault, did_you_mean, plain_word
from simulator.foundations.files import atomic_write_text
from simulator.scenario.parameters import load_parameters

MOST_DRAWS = 10_000


def plausible_spans(names: list[str] | None = None) -> dict[str, tuple[float, float]]:
    """[low, high] of each parameter to draw: its declared plausible range.

    Without names, every parameter that declares one. BadInput for a name that is no parameter or declares none.
    """
    declared = load_parameters()
    faults, spans = [], {}
    for name in names or [n for n, p in declared.items() if p.plausible is not None and p.plausible[0] < p.plausible[1]]:
        if name not in declared:
            faults.append(Fault(field="--vary", value=plain_word(name), remedy=did_you_mean(name, declared) or "see homeward list parameters"))
        elif declared[name].plausible is None:
            faults.append(Fault(field="--vary", value=name, remedy="no plausible range is declared for it; write the draws by hand"))
        else:
            spans[name] = declared[name].plausible
    if faults:
        raise BadInput(faults)
    return spans


def write_draws(path: str | os.PathLike, n: int, names: list[str] | None = None, seed: int = 1) -> Path:
    """Write n draws, a Latin hypercube over the plausible ranges; whole-number parameters are rounded."""
    if not 1 <= n <= MOST_DRAWS:
        raise BadInput(Fault(field="--make-draws", value=str(n), allowed=f"1 to {MOST_DRAWS}"))
    declared = load_parameters()
    spans = plausible_spans(names)
    values = latin_hypercube(n, list(spans.values()), seed)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(spans)
    for row in values:
        writer.writerow([round(float(v)) if declared[name].kind == "int" else float(f"{v:.9g}") for name, v in zip(spans, row, strict=True)])
    return atomic_write_text(path, out.getvalue())


def read_draws(path: str | os.PathLike) -> list[dict[str, float | int]]:
    """Draws of a file, each a mapping of parameters to values; BadInput lists every fault with its line."""
    try:
        text = Path(path).read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "not a text file"
        raise BadInput(Fault(file=str(path), value=f"cannot be read: {why}", remedy="check the path")) from None
    file = str(path)
    try:
        rows = [(number, row) for number, row in _numbered(text) if row]
    except csv.Error as error:
        raise BadInput(Fault(file=file, value=f"is no CSV: {error}")) from None
    if len(rows) < 2:
        raise BadInput(Fault(file, 1, value="no draws", allowed="a line of parameter names and a line for each draw"))
    declared, faults = load_parameters(), []
    names = [word.strip() for word in rows[0][1]]
    for name in names:
        if name not in declared:
            faults.append(Fault(file, rows[0][0], plain_word(name) or "an empty name", remedy=did_you_mean(name, declared) or "no parameter; see homeward list parameters"))
        elif names.count(name) > 1:
            faults.append(Fault(file, rows[0][0], name, "given twice", remedy="keep one column"))
    if len(rows) - 1 > MOST_DRAWS:
        faults.append(Fault(file, 0, value=f"{len(rows) - 1} draws", allowed=f"at most {MOST_DRAWS}"))
    if faults:
        raise BadInput(faults)
    found = []
    for line, row in rows[1:]:
        if len(row) != len(names):
            faults.append(Fault(file, line, value=f"{len(row)} values", allowed=f"{len(names)}, one for each name"))
            continue
        draw: dict[str, float | int] = {}
        for name, word in zip(names, row, strict=True):
            value = _number(word.strip(), declared[name].kind)
            remedy = declared[name].complaint(value if value is not None else word)
            if remedy is not None:
                faults.append(Fault(file, line, name, plain_word(word), declared[name].allowed(), remedy))
            else:
                draw[name] = declared[name].cast(value)
        found.append(draw)
    if faults:
        raise BadInput(faults[:50])
    return found


def _numbered(text: str):
    reader = csv.reader(io.StringIO(text), strict=True)
    for row in reader:
        yield reader.line_num, row


def _number(word: str, kind: str) -> float | int | None:
    try:
        value = float(word)
    except ValueError:
        return None
    if not math.isfinite(value):
        return None
    return int(value) if kind == "int" and value.is_integer() else value
