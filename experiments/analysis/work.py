"""An analysis from end to end: tables as CSV, figures as PDF and PNG, and one report that stands alone."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd

from experiments.analysis.cube import Cube, cube_of
from experiments.analysis.discovery import Box, discover
from experiments.analysis.effects import convergence_table, effect_table, mean_table
from experiments.analysis.robust import robust_table
from experiments.analysis.sensitivity import sensitivity_tables
from experiments.analysis.short import in_short
from experiments.reading import Sweep
from simulator.foundations.files import atomic_write_text

MOST_TREATMENTS_FOR_SENSITIVITY = 6


def analyse(
    sweep: Sweep,
    out: str | os.PathLike | None = None,
    prefer: dict[str, str] | None = None,
    interest: str | None = None,
    lang: str = "en",
    figures: bool = True,
) -> dict:
    """Analyse a sweep into a folder (`DIR/analysis`); a document of what was written and the main findings in words."""
    folder = Path(out) if out else sweep.folder / "analysis"
    (folder / "tables").mkdir(parents=True, exist_ok=True)
    cube = cube_of(sweep, prefer, lang)
    tables, boxes = tables_of(cube, interest)
    for name, table in tables.items():
        atomic_write_text(folder / "tables" / f"{name}.csv", table.to_csv(index=False))
    for number, box in enumerate(boxes, 1):
        atomic_write_text(folder / "tables" / f"discovery_{number}.csv", box.limits.to_csv(index=False))
    drawn: dict = {}
    if figures:
        from experiments.analysis.figures import draw_all

        if lang == "en":
            drawn = draw_all(cube, tables, boxes, folder / "figures")
        else:  # figures speak English: the font that every machine has knows no Chinese
            english = cube_of(sweep, prefer)
            drawn = draw_all(english, tables, discover(english, interest), folder / "figures")
    from experiments.analysis.report import write_report

    atomic_write_text(folder / "report.html", write_report(cube, tables, boxes, drawn, folder, lang))
    return {
        "folder": str(folder),
        "report": str(folder / "report.html"),
        "tables": [f"tables/{name}.csv" for name in tables],
        "figures": [figure["pdf"] for figure in drawn.values()],
        "headlines": in_short(cube, tables, lang),
    }


def tables_of(cube: Cube, interest: str | None = None) -> tuple[dict[str, pd.DataFrame], list[Box]]:
    """Every table an analysis has, and the boxes of scenario discovery."""
    few = list(range(min(len(cube.treatments), MOST_TREATMENTS_FOR_SENSITIVITY)))
    tables = {"means": mean_table(cube), "effects": effect_table(cube), "convergence": convergence_table(cube), "robust": robust_table(cube)}
    tables |= sensitivity_tables(cube, few)
    return tables, discover(cube, interest)
