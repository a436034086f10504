"""How a design is checked: every field, every value it would set, every outcome it wants, one line a fault."""

from __future__ import annotations

import csv
import fnmatch
import io
import itertools
import math
import os
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from simulator.foundations.errors import BadInput, Fault, choices, did_you_mean, plain_word, show_value
from simulator.foundations.yamlio import Document, parse_scalar
from simulator.measures.outcomes import BY_TABLE
from simulator.scenario.design import (
    FIELDS,
    KNOWN_MODELS,
    KNOWN_RANGE,
    MAX_RUNS,
    MAX_TREATMENTS,
    MAX_UNCERTAINTIES,
    METHODS,
    TABLES,
    Design,
    Keep,
    Span,
)
from simulator.scenario.faults import dotted
from simulator.scenario.loader import Scenario, load_scenario
from simulator.scenario.parameters import load_parameters
from simulator.scenario.schema import MAX_SEED

MAX_TABLE_BYTES = 64 << 20
VALUES_TRIED = 100
"""Values of a lever, and treatments, that are laid over the scenario to see whether it takes them."""

_ALLOWED = {
    "title": "en and zh",
    "description": "en and zh",
    "model": choices(["homeward", *KNOWN_MODELS]),
    "base": "the name of a scenario",
    "settings": "paths, each with the value that every run has",
    "levers": "paths, each with a list of values",
    "packages": "names, each with paths and values chosen together",
    "paired": "true or false",
    "uncertainties": "paths, each with [low, high], plausible, fixed, or a table with choices, or low, high and scale",
    "method": choices(METHODS),
    "draws": "whole numbers 1 to 100000",
    "levels": "whole numbers 2 to 100",
    "second_order": "true or false",
    "draw_seed": f"whole numbers 0 to {2**31 - 1}",
    "table": "the name of a CSV file beside the design",
    "seeds": "whole numbers 1 to 10000",
    "first_seed": f"whole numbers 0 to {MAX_SEED - 10_000}",
    "outcomes": "a list of names, or of tables with name, by, months, over, label",
}
_KEEP_ALLOWED = {
    "name": "the name of an outcome",
    "table": choices(list(TABLES)),
    "by": "a list of groups",
    "months": "last, all, years, last_year, or a list of months such as 2030-12",
    "over": "each, mean, sum or change",
    "label": "text of 1 to 80 characters",
}


def check_design(document: Document, configs: str | os.PathLike | None = None, trusted: bool = False) -> Design:
    """Check a design and every value it would set; BadInput lists every fault with its line.

    trusted: it has been checked before, so values are not laid over the scenario again.
    """
    return _Checking(document, configs, trusted).design()


class _Checking:
    """One design under examination, and the faults found so far."""

    def __init__(self, document: Document, configs, trusted: bool):
        self.document, self.configs, self.trusted = document, configs, trusted
        self.faults: list[Fault] = []

    def note(self, path: str, value: str = "", allowed: str = "", remedy: str = "", line: int = 0, file: str = "") -> None:
        """Note one fault at a dotted path of the design."""
        place = (file or self.document.file, line or self.document.line(path))
        self.faults.append(Fault(*place, plain_word(path), value, allowed, remedy))

    def stop_if_any(self) -> None:
        """Raise what has been noted."""
        if self.faults:
            raise BadInput(sorted(dict.fromkeys(self.faults), key=lambda f: (f.file, f.line)))

    def design(self) -> Design:
        """The checked design, with its spans, its table's rows and its outcomes resolved."""
        design = self.schema()
        scenario = self.base(design)
        self.levers(design)
        spans = self.spans(design)
        rows = self.table(design)
        keeps = self.outcomes(design, scenario)
        self.method(design, spans)
        self.stop_if_any()
        design = design.model_copy(update={"spans": tuple(spans), "rows": tuple(rows), "keeps": tuple(keeps)})
        if design.runs() > MAX_RUNS:
            self.note("levers", f"{design.runs()} runs in all", f"at most {MAX_RUNS}", "try fewer values, draws or seeds")
        self.whole(design)
        self.stop_if_any()
        return design

    # -- fields ----------------------------------------------------------------------------------

    def schema(self) -> Design:
        data = self.document.data
        if not isinstance(data, dict):
            raise BadInput(Fault(self.document.file, 1, value="this is not a design", remedy="begin with title:, levers: and seeds:"))
        try:
            kept = {key: value for key, value in data.items() if key in FIELDS}
            for key in data:
                if key not in FIELDS:
                    self.note(str(key), "no field of a design", choices(FIELDS, 20), did_you_mean(key, FIELDS) or "remove it")
            design = Design.model_validate(kept)
        except ValidationError as error:
            for problem in error.errors(include_url=False, include_context=False):
                path = dotted(problem["loc"])
                field = str(problem["loc"][0]) if problem["loc"] else ""
                if problem["type"] == "missing":
                    self.note(path, "missing", _ALLOWED.get(field, ""), "add it")
                else:
                    near = did_you_mean(problem["input"], METHODS) if field == "method" else ""
                    self.note(path, show_value(problem["input"]), _ALLOWED.get(field, ""), near or "write what is allowed")
        self.stop_if_any()
        return design

    def base(self, design: Design) -> Scenario | None:
        if design.model != "homeward":
            for field in ("levers", "packages", "settings"):
                if getattr(design, field):
                    self.note(field, "given", "", f"{design.model} has none; remove it")
            if design.paired:
                self.note("paired", "true", "", f"{design.model} has no baseline; remove it")
            self.stop_if_any()
            return None
        try:
            load_scenario(design.base, configs=self.configs)
        except BadInput as bad:
            self.note("base", show_value(design.base), remedy=str(bad.faults[0]))
            self.stop_if_any()
        for path, value in design.settings.items():
            self.try_on(design, {path: value}, f"settings.{path}", with_settings=False)
        self.stop_if_any()
        return load_scenario(design.base, design.settings, self.configs)

    def try_on(self, design: Design, overrides: dict, path: str, with_settings: bool = True) -> bool:
        """Whether the scenario takes these values; a fault is noted at `path` where not."""
        if self.trusted:
            return True
        try:
            load_scenario(design.base, {**(design.settings if with_settings else {}), **overrides}, self.configs)
        except BadInput as bad:
            fault = bad.faults[0]
            value = f"{fault.field} is {fault.value}" if fault.field and fault.value else fault.value or fault.field
            self.note(path, value, fault.allowed, fault.remedy)
            return False
        return True

    def levers(self, design: Design) -> None:
        for path, values in design.levers.items():
            where = f"levers.{path}"
            if path == "seed":
                self.note(where, "seed", "", "write seeds: and first_seed: instead")
            if not values:
                self.note(where, "an empty list", "at least one value", "add a value")
            for i, value in enumerate(values[:VALUES_TRIED]):
                self.try_on(design, {path: value}, f"{where}[{i}]")
                if value in values[:i] and type(value) is type(values[values.index(value)]):
                    self.note(f"{where}[{i}]", show_value(value), "each value once", "remove it")
        for name, settings in design.packages.items():
            clash = sorted(set(settings) & set(design.levers))
            if clash:
                self.note(f"packages.{name}.{clash[0]}", clash[0], "", "it is a lever too; keep it in one of them")
            for path, value in settings.items():
                self.try_on(design, {path: value}, f"packages.{name}.{path}")
        if design.treatments() > MAX_TREATMENTS:
            self.note("levers", f"{design.treatments()} combinations", f"at most {MAX_TREATMENTS}", "try fewer values")

    def whole(self, design: Design) -> None:
        """Whether every combination stands, not only every value alone (the first hundred are tried)."""
        if self.faults or design.model != "homeward":
            return
        packages = list(design.packages.items()) or [("", {})]
        combinations = itertools.product(packages, *([(p, v) for v in values] for p, values in design.levers.items()))
        for (name, settings), *chosen in itertools.islice(combinations, VALUES_TRIED):
            if not self.try_on(design, {**settings, **dict(chosen)}, f"packages.{name}" if name else "levers"):
                return

    # -- uncertainties ---------------------------------------------------------------------------

    def spans(self, design: Design) -> list[Span]:
        declared = load_parameters(self.configs)
        found: dict[str, Span | None] = {}
        given = sorted(design.uncertainties.items(), key=lambda item: "*" not in item[0])  # the wide ones first
        for name, span in given:
            where = f"uncertainties.{name}"
            if design.model != "homeward":
                self.take(found, name, self.known_span(design, name, span, where))
            elif "*" in name:
                names = [n for n in fnmatch.filter(declared, name) if declared[n].plausible is not None]
                if span != "plausible" or not names:
                    self.note(where, show_value(span), "plausible", "no parameter of that name has a plausible range" if not names else "")
                for one in names:
                    low, high = declared[one].plausible
                    if low < high:
                        found[one] = Span(one, float(low), float(high), declared[one].kind == "int")
            elif name in design.levers or name in design.settings or any(name in p for p in design.packages.values()):
                self.note(where, name, "", "it is set elsewhere in this design; keep it in one place")
            else:
                self.take(found, name, self.one_span(design, declared, name, span, where))
        spans = [span for span in found.values() if span is not None]
        if len(spans) > MAX_UNCERTAINTIES:
            self.note("uncertainties", f"{len(spans)} of them", f"at most {MAX_UNCERTAINTIES}", "take some out with fixed")
        return spans

    @staticmethod
    def take(found: dict, name: str, span: Span | None) -> None:
        found.pop(name, None)
        found[name] = span

    def known_span(self, design: Design, name: str, span: object, where: str) -> Span | None:
        inputs = KNOWN_MODELS[design.model]["inputs"]
        if name not in inputs:
            return self.note(where, name, choices(inputs), f"{design.model} has no such input")
        ends = self.ends(span, where, "[low, high]")
        if ends and not all(KNOWN_RANGE[0] <= v <= KNOWN_RANGE[1] for v in ends):
            return self.note(where, show_value(span), "-1000000 to 1000000")
        return Span(name, *ends) if ends else None

    def one_span(self, design: Design, declared, name: str, span: object, where: str) -> Span | None:
        parameter = declared.get(name)
        if name == "seed":
            return self.note(where, "seed", "", "write seeds: and first_seed: instead")
        if span == "fixed":
            return None
        if span == "plausible":
            if parameter is None:
                return self.note(where, "plausible", "[low, high]", did_you_mean(name, declared) or "only parameters declare a plausible range")
            if parameter.plausible is None:
                return self.note(where, "plausible", "[low, high]", "no plausible range is declared; write one")
            return Span(name, *map(float, parameter.plausible), parameter.kind == "int")
        options, log = span, False
        if isinstance(span, dict):
            wrong = [key for key in span if key not in ("choices", "low", "high", "scale")]
            if wrong or ("choices" in span) == ("low" in span):
                return self.note(where, show_value(wrong[0] if wrong else span), _ALLOWED["uncertainties"], "write choices, or low and high")
            if "choices" in span:
                return self.chosen(design, name, span["choices"], where)
            log = span.get("scale", "linear") == "log"
            if span.get("scale", "linear") not in ("linear", "log"):
                return self.note(f"{where}.scale", show_value(span["scale"]), "linear or log")
            options = [span.get("low"), span.get("high")]
        allowed = f"[low, high] within {parameter.allowed()}" if parameter else _ALLOWED["uncertainties"]
        ends = self.ends(options, where, allowed)
        if ends is None:
            return None
        if log and ends[0] <= 0:
            return self.note(f"{where}.low", show_value(ends[0]), "above 0 where the scale is log")
        if not all(self.try_on(design, {name: value}, where) for value in dict.fromkeys(options)):
            return None
        return Span(name, *ends, self.is_whole(design, name, ends), log)

    def ends(self, span: object, where: str, allowed: str) -> tuple[float, float] | None:
        """Two finite numbers in order, or a fault."""
        numbers = isinstance(span, list) and len(span) == 2 and all(type(v) in (int, float) and math.isfinite(v) for v in span)
        if not numbers:
            return self.note(where, show_value(span), allowed, "or write plausible")
        if span[0] >= span[1]:
            return self.note(where, f"[{span[0]}, {span[1]}]", "[low, high]", "swap them" if span[0] > span[1] else "set it with settings:")
        return float(span[0]), float(span[1])

    def chosen(self, design: Design, name: str, options: object, where: str) -> Span | None:
        if not isinstance(options, list) or len(options) < 2:
            return self.note(f"{where}.choices", show_value(options), "a list of two values or more")
        if all(self.try_on(design, {name: value}, f"{where}.choices[{i}]") for i, value in enumerate(options)):
            return Span(name, choices=tuple(options))
        return None

    def is_whole(self, design: Design, name: str, ends: tuple[float, float]) -> bool:
        """Whether the path takes whole numbers only: the scenario is asked with one that is not."""
        between = ends[0] + 0.37 * (ends[1] - ends[0])
        between += 0.01 * (ends[1] - ends[0]) * between.is_integer()
        try:
            load_scenario(design.base, {**design.settings, name: between}, self.configs)
        except BadInput:
            return True
        return False

    def method(self, design: Design, spans: list[Span]) -> None:
        if design.draws > 1 and (not spans or design.method in ("factorial", "table")):
            remedy = "nothing is drawn; remove it" if not spans else f"{design.method} makes its own; remove it"
            self.note("draws", str(design.draws), "1", remedy)
        if design.method == "sobol" and design.draws & (design.draws - 1):
            lower = 1 << (design.draws.bit_length() - 1)
            self.note("draws", str(design.draws), "a power of two for method sobol", f"write {lower} or {2 * lower}")
        if design.method == "morris" and design.levels % 2:
            self.note("levels", str(design.levels), "an even number for method morris", f"write {design.levels + 1}")
        if design.method in ("sobol", "morris") and not spans and not self.faults:
            self.note("method", design.method, "", "it needs uncertainties; add some")

    # -- a user's table --------------------------------------------------------------------------

    def table(self, design: Design) -> list[dict[str, Any]]:
        """The rows of the design's own table, each a set of paths and values."""
        if design.method != "table":
            if design.table is not None:
                self.note("table", show_value(design.table), "", "write method: table too")
            return []
        if design.table is None or design.uncertainties:
            field = "uncertainties" if design.uncertainties else "table"
            self.note(field, "given" if design.uncertainties else "missing", "", "a table holds the values itself")
            return []
        path = Path(self.document.file or ".").parent / design.table
        try:
            if path.stat().st_size > MAX_TABLE_BYTES:
                raise ValueError(f"larger than {MAX_TABLE_BYTES >> 20} MiB")
            lines = list(csv.reader(io.StringIO(path.read_text("utf-8")), strict=True))
        except (OSError, ValueError, csv.Error) as error:
            self.note("table", show_value(design.table), "a CSV file", f"cannot be read: {getattr(error, 'strerror', None) or error}")
            return []
        head = [cell.strip() for cell in lines[0]] if lines else []
        if not head or not all(head) or len(set(head)) != len(head):
            self.note("the first line", "", "a path a column, each once", "name the columns", 1, str(path))
            return []
        rows = []
        for number, cells in enumerate(lines[1:], 2):
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(head):
                self.note(f"line {number}", f"{len(cells)} cells", f"{len(head)} cells", "", number, str(path))
                continue
            rows.append({name: parse_scalar(cell.strip()) for name, cell in zip(head, cells, strict=True)})
            self.table_row(design, rows[-1], number, str(path))
            if len(self.faults) > 20:
                break
        if not rows and not self.faults:
            self.note("table", show_value(design.table), "at least one row of values")
        return rows

    def table_row(self, design: Design, row: dict, number: int, file: str) -> None:
        if design.model != "homeward":
            inputs = KNOWN_MODELS[design.model]["inputs"]
            for name, value in row.items():
                if name not in inputs or type(value) not in (int, float):
                    self.note(name, show_value(value), f"a number for {choices(inputs)}", "", number, file)
            return
        if self.trusted:
            return
        try:
            load_scenario(design.base, {**design.settings, **row}, self.configs)
        except BadInput as bad:
            fault = bad.faults[0]
            self.note(fault.field, fault.value, fault.allowed, fault.remedy, number, file)

    # -- outcomes --------------------------------------------------------------------------------

    def outcomes(self, design: Design, scenario: Scenario | None) -> list[Keep]:
        if design.model != "homeward":
            known = KNOWN_MODELS[design.model]["outcomes"]
            names = design.outcomes or list(known)
            for i, name in enumerate(names):
                if name not in known:
                    self.note(f"outcomes[{i}]", show_value(name), choices(known))
            return [Keep(name=name) for name in names if name in known]
        if not design.outcomes:
            return [Keep(name=o.name, table="national") for (table, _), o in BY_TABLE.items() if table == "national" and o.headline]
        keeps: list[Keep] = []
        for i, wanted in enumerate(design.outcomes):
            path = f"outcomes[{i}]"
            try:
                keep = Keep.model_validate({"name": wanted} if isinstance(wanted, str) else wanted)
            except ValidationError as error:
                for problem in error.errors(include_url=False, include_context=False):
                    step = str(problem["loc"][0]) if problem["loc"] else ""
                    below = f".{step}" if step else ""
                    allowed = _KEEP_ALLOWED.get(step) or "name, table, by, months, over and label"
                    self.note(path + below, show_value(problem["input"]), allowed, did_you_mean(step, _KEEP_ALLOWED) if step not in _KEEP_ALLOWED else "")
                continue
            keep = self.placed(keep, path, scenario)
            if keep is not None and keep.key() in {k.key() for k in keeps}:
                self.note(path, keep.key(), "each name once", "give one of them a label:")
            elif keep is not None:
                keeps.append(keep)
        return keeps

    def placed(self, keep: Keep, path: str, scenario: Scenario | None) -> Keep | None:
        """The outcome with its table, once it is known to be there and to add up as asked."""
        tables = [table for table in TABLES if (table, keep.name) in BY_TABLE]
        if not tables:
            names = sorted({name for table, name in BY_TABLE if table in TABLES})
            return self.note(f"{path}.name", keep.name, "", did_you_mean(keep.name, names) or "see homeward list outcomes")
        fitting = [t for t in tables if set(keep.by) <= set(TABLES[t]) and keep.table in (None, t)]
        if not fitting:
            groups = sorted({group for t in tables if keep.table in (None, t) for group in TABLES[t]})
            return self.note(f"{path}.by", ", ".join(keep.by) or f"table {keep.table}", choices(groups), "choose among these")
        table = fitting[0]
        if len(set(keep.by)) != len(keep.by):
            return self.note(f"{path}.by", ", ".join(keep.by), "each once")
        outcome = BY_TABLE[table, keep.name]
        finest = {"settlement_month": {"settlement"}, "services": {"settlement", "service"}, "policy_month": {"settlement", "policy"}}
        finest |= {"government_month": {"government"}, "deciles": {"decile"}}
        if outcome.aggregation == "none" and not finest.get(table, set()) <= set(keep.by):
            allowed = choices(sorted(finest[table]))
            return self.note(f"{path}.by", ", ".join(keep.by) or "the whole country", allowed, "shares and medians of places do not add up; group by all of these")
        if isinstance(keep.months, list) and scenario is not None:
            from simulator.foundations.units import month_text, parse_month

            first, last = scenario.start_month, scenario.end_month
            outside = [m for m in keep.months if not first <= parse_month(m) <= last]
            if outside or not keep.months:
                return self.note(f"{path}.months", outside[0] if outside else "an empty list", f"{month_text(first)} to {month_text(last)}", "choose months of the run")
        return keep.model_copy(update={"table": table})
