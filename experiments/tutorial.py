"""From a question to a figure: a tutorial that runs. Read it from top to bottom, or run it.

    python -m experiments.tutorial            # the whole design, a minute or two on two processors
    python -m experiments.tutorial --small    # a few runs, to see it work

Each step is a function. The cells of a notebook would be their bodies.
"""

from __future__ import annotations

import argparse
import copy
from pathlib import Path

import experiments.reading
from experiments.analysis.cube import cube_of
from experiments.analysis.effects import convergence_table, effect_table
from experiments.analysis.work import analyse
from experiments.design import Plan, load_plan, plan_of
from experiments.engines.local import LocalEngine
from experiments.runner import sweep


def ask_a_question(small: bool = False) -> Plan:
    """1. A design is a question written down.

    "What do easier registration and cheaper moves do to the talent of a city circle, whatever people want
    and however the economy goes?" Levers are the first half, uncertainties the second. `paired: true` adds the
    baseline, so that each run has a twin with the same luck and nothing changed.

    The file is configs/experiments/teaching-tour.yaml; `homeward new design NAME` writes one of your own.
    """
    plan = load_plan("teaching-tour")
    if not small:
        return plan
    data = copy.deepcopy(plan.data) | {"settings": {"months": 13}, "draws": 3, "seeds": 2}
    return plan_of(data, "teaching-tour-small")


def do_the_runs(plan: Plan, folder: Path, workers: int = 2) -> experiments.reading.Sweep:
    """2. A sweep does the runs on worker processes and keeps what the design asked for.

    On the command line: `homeward sweep teaching-tour`. Stop it with Ctrl-C and give the same command again:
    it goes on with what is missing. The tables are the same to the bit, whoever computed what when.
    """
    sweep(plan, folder, lambda made, where: LocalEngine(made, where, workers))
    return experiments.reading.load(folder)


def look_at_the_tables(found) -> dict:
    """3. Two tables: a row a run, and a row a value. Both are pandas data frames, and DuckDB speaks SQL to them."""
    runs = found.runs  # number, id, treatment, draw, seed, settings, and outcomes that are one number
    talent = found.outcome("talent_pool")  # a row a month and run, with the settings beside it
    last = talent[talent.month == talent.month.max()]
    by_treatment = last.groupby("treatment").value.agg(["mean", "std", "count"])
    return {"runs": runs, "talent by treatment": by_treatment}


def say_what_each_choice_changes(found):
    """4. An effect is the mean over pairs of runs that share their draw and their seed, with its interval.

    Compare the intervals here with the spread of step 3: most of the spread is luck and uncertainty that both
    runs of a pair share, and pairing takes it out.
    """
    return effect_table(cube_of(found))


def ask_whether_there_are_enough_seeds(found):
    """5. How many seeds would give an interval of a tenth of the effect? Often fewer than one fears, because of the pairs."""
    return convergence_table(cube_of(found))


def write_it_up(found, folder: Path) -> dict:
    """6. Everything at once: tables as CSV, figures as PDF and PNG, and a report in one file that needs no network.

    On the command line: `homeward analyse DIR`, with `--prefer gini=less` to say what is better, and
    `--interest "gini>0.46"` to ask under which conditions something happens.
    """
    return analyse(found, folder, prefer={"talent_pool": "more", "gini": "less"})


def main(words: list[str] | None = None) -> dict:
    """All six steps; what each found."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--small", action="store_true", help="a few runs only")
    asked.add_argument("--out", default="results/tutorial", help="folder of the sweep")
    asked.add_argument("--workers", type=int, default=2)
    args = asked.parse_args(words)
    plan = ask_a_question(args.small)
    print(f"{len(plan)} runs; choices: {'; '.join(t.label for t in plan.treatments)}")
    found = do_the_runs(plan, Path(args.out), args.workers)
    tables = look_at_the_tables(found)
    print(tables["talent by treatment"].round(1).to_string())
    effects = say_what_each_choice_changes(found)
    shown = effects[effects.outcome == "talent_pool"]
    print(shown[["treatment", "mean", "lo", "hi", "n_pairs"]].round(2).to_string(index=False))
    seeds = ask_whether_there_are_enough_seeds(found)
    report = write_it_up(found, Path(args.out) / "analysis")
    print(report["report"])
    return {**tables, "effects": effects, "seeds": seeds, "report": report}


if __name__ == "__main__":
    main()
