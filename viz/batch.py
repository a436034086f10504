"""A sweep's folder, opened read-only: what many runs say of every treatment, and of its difference from the baseline."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

import numpy as np

from simulator.foundations.errors import BadInput, Fault
from viz import evidence
from viz.exhibit import version_shown

TREATMENTS, OUTCOMES, GROUPS, MONTHS = 40, 60, 160, 400
"""At most so many of each are shown."""
CENTRAL = (0.05, 0.95)
"""The range of runs that is drawn."""
EPOCH = 1970 * 12


def is_sweep(folder: str) -> bool:
    """Whether a folder is that of a sweep."""
    return (Path(folder) / "sweep.json").is_file()


class Batch:
    """An exhibit of one sweep: it computes nothing and changes nothing."""

    readonly = True
    record = None
    scales: dict[str, int] = {}  # noqa: RUF012

    def __init__(self, folder: str):
        from experiments.reading import load

        self.sweep = load(folder)
        if not self.sweep.info["done"]:
            raise BadInput(Fault(file=str(folder), value="holds no finished run yet", remedy="let homeward sweep go on"))
        self.desk = None

    def meta(self) -> dict:
        """Everything the page needs: there is nothing more to come."""
        return self._meta

    @cached_property
    def _meta(self) -> dict:
        info = self.sweep.info
        title = info.get("title") or {"en": info["name"], "zh": info["name"]}
        runs = self.sweep.runs
        labels = [str(label) for label in info["treatments"][:TREATMENTS]]
        return {
            "title": title, "start": 0, "months": 1, "readonly": True, "version": version_shown(), "validation": evidence.first_years(None),
            "scales": {}, "kinds": [], "columns": [], "nation": [], "people_columns": [], "places": {"kind": []}, "index": [], "governments": [], "government": [],
            "panel": {"policies": [], "assumptions": [], "presets": [], "wheres": []},
            "sweep": {
                "name": str(info["name"]), "base": str(info["base"]), "runs": int(info["runs"]), "done": int(info["done"]), "status": str(info["status"]),
                "draws": int(info["draws"]), "seeds": int(info["seeds"]), "paired": bool(info["paired"]), "treatments": labels, "against": _against(labels), "all_treatments": len(info["treatments"]),
                "uncertain": [str(span["path"]) for span in info["spans"]][:60],
                "outcomes": [self._outcome(outcome, runs, labels) for outcome in info["outcomes"][:OUTCOMES]],
            },
        }  # fmt: skip

    def _outcome(self, outcome: dict, runs, labels: list[str]) -> dict:
        """One outcome: for every group and month the runs of each treatment, and their differences from what they are held against, of the same draw and seed."""
        rows = self.sweep.arrow("outcomes", outcome["key"]).to_pandas(date_as_object=False)
        rows = rows.merge(runs[["run", "treatment", "draw", "seed"]], on="run", validate="many_to_one")
        rows["month"] = rows["month"].to_numpy().astype("datetime64[M]").astype(int) + EPOCH
        groups = list(dict.fromkeys(rows["group"]))[:GROUPS]
        told = {}
        for group, mine in rows[rows["group"].isin(groups)].groupby("group", sort=False):
            months = sorted(set(mine["month"]))[-MONTHS:]
            tables = {label: _table(part, months) for label, part in mine.groupby("treatment") if label in labels}
            level = {label: tables[label] for label in labels if label in tables}
            against = _against(labels)
            base = level.get(against)
            change = {label: table - base.reindex(table.index) for label, table in level.items() if base is not None and label != against}
            told[str(group)] = {
                "months": [int(m) for m in months],
                "level": {label: _spread(table) for label, table in level.items()},
                "change": {label: _spread(table) for label, table in change.items()},
            }
        return {
            "key": str(outcome["key"]), "title": {"en": str(outcome["label_en"]), "zh": str(outcome["label_zh"])}, "unit": str(outcome["unit"]),
            "note": str(outcome.get("label") or ""), "over": str(outcome["over"]), "groups": told,
        }  # fmt: skip


def _against(labels: list[str]) -> str:
    """What the other treatments are held against: the baseline, or the first package of a design."""
    return "baseline" if "baseline" in labels else labels[0]


def _table(rows, months: list[int]):
    """Values of one treatment: a row a (draw, seed), a column a month."""
    return rows.pivot_table(index=["draw", "seed"], columns="month", values="value", aggfunc="first").reindex(columns=months)


def _spread(table) -> dict[str, list]:
    """Mean, the range of the central nine tenths, share above nought, and how many, month by month; None where unknown."""
    values = table.to_numpy(dtype=float)
    known = ~np.isnan(values)
    n = known.sum(axis=0)
    out: dict[str, list] = {"n": [int(v) for v in n], "mean": [], "low": [], "high": [], "above": []}
    for k in range(values.shape[1]):
        column = values[known[:, k], k]
        for name, value in zip(("mean", "low", "high", "above"), _numbers(column), strict=True):
            out[name].append(value)
    return out


def _numbers(column: np.ndarray) -> tuple:
    if not len(column):
        return None, None, None, None
    return float(column.mean()), float(np.quantile(column, CENTRAL[0])), float(np.quantile(column, CENTRAL[1])), float((column > 0).mean())
