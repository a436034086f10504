"""What a batch costs beside its runs: overhead, memory of the parent, efficiency of two workers, and other people's pools.

    python -m experiments.benchmark [--quick] [--write docs/evidence/batch.json]

Everything is measured in this one call, each in a process of its own, taking turns, so that a busy neighbour
slows all alike; times are of the clock on the wall, and ratios say more than they do.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from simulator.foundations.files import atomic_write_text

ROOT = Path(__file__).resolve().parents[1]
AIMS = {"overhead_ms": 20.0, "efficiency": 0.9}
"""At most this many milliseconds a run beside the run itself; at least this share of twice one worker's speed."""

MONTHS = 12
_TITLE = {"en": "Benchmark", "zh": "基准测试"}
EMPTY = {"title": _TITLE, "model": "trouble", "uncertainties": {"x": [0.0, 1.0]}}
WORK = {
    "title": _TITLE, "base": "teaching", "settings": {"months": MONTHS},
    "outcomes": ["talent_pool", {"name": "residents", "by": ["kind"]}],
}  # fmt: skip


# --- things measured, each in a process of its own ------------------------------------------------


def sweep_here(design: dict, workers: int) -> dict:
    """A sweep, and what it took: the clock on the wall, processor time of all its processes, memory of this one."""
    import resource

    from experiments.design import plan_of
    from experiments.engines.local import LocalEngine
    from experiments.runner import sweep

    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        progress = sweep(plan_of(design, "bench"), Path(folder) / "sweep", lambda plan, where: LocalEngine(plan, where, workers))
    return _spent(progress.done, began) | {
        "inside_s": progress.seconds / progress.done,
        "inside_cpu_s": progress.cpu / progress.done,
        "parent_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3),
    }


def mesa_here(runs: int, workers: int) -> dict:
    """The same runs by Mesa's batch_run."""
    import warnings

    warnings.simplefilter("ignore")
    from mesa.batchrunner import batch_run

    teaching = sys.modules[__name__].MesaTeaching
    began = time.perf_counter()
    found = batch_run(teaching, {"luck": list(range(1, runs + 1))}, number_processes=workers, max_steps=MONTHS, data_collection_period=-1, display_progress=False)
    return _spent(len({row["luck"] for row in found}), began)


def ema_here(runs: int, workers: int) -> dict:
    """The same runs by EMA workbench's pool of processes."""
    import logging
    import warnings

    warnings.simplefilter("ignore")
    import ema_workbench as ema

    from experiments.ema import as_ema_model

    logging.getLogger("EMA").setLevel(logging.ERROR)
    model = as_ema_model(WORK | {"uncertainties": {"migration.income_weight": [2.0, 2.0001]}, "draws": 1})
    began = time.perf_counter()
    with ema.MultiprocessingEvaluator(model, n_processes=workers) as evaluator:
        table, _ = evaluator.perform_experiments(scenarios=runs)
    return _spent(len(table), began)


def _spent(runs: int, began: float) -> dict:
    """Runs, seconds on the wall since `began`, processor seconds of this process and its ended children."""
    return {"runs": runs, "wall_s": time.perf_counter() - began, "cpu_s": sum(os.times()[:4])}


def __getattr__(name: str):
    """`MesaTeaching`: the teaching circle as a class that Mesa's batch_run can call, made when asked for."""
    if name != "MesaTeaching":
        raise AttributeError(name)
    from simulator.model import MigrationModel

    class MesaTeaching(MigrationModel):
        """A year of the teaching circle under a seed."""

        def __init__(self, luck: int = 1, rng=None):
            super().__init__("teaching", seed=int(luck), months=MONTHS)

    MesaTeaching.__qualname__ = "MesaTeaching"
    globals()["MesaTeaching"] = MesaTeaching
    return MesaTeaching


# --- the whole ------------------------------------------------------------------------------------


def apart(call: str) -> dict:
    """The answer of an expression over this module, computed in a fresh process."""
    code = f"import json, experiments.benchmark as b\nif __name__ == '__main__':\n    b.MesaTeaching if 'mesa' in {call!r} else 0\n    print('=' + json.dumps(b.{call}))"
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"}
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "measure.py"
        script.write_text(code, "utf-8")
        done = subprocess.run([sys.executable, str(script)], env=environment, check=False, capture_output=True, text=True, timeout=3600)
    answers = [line[1:] for line in done.stdout.splitlines() if line.startswith("=")]
    if done.returncode or not answers:
        raise RuntimeError(f"{call}: {done.stderr.strip()[-800:]}")
    return json.loads(answers[-1])


def measure(quick: bool = False, say=print, turns: int = 3, runs: int = 200) -> dict:
    """Everything, as a document of plain numbers."""
    load = os.getloadavg() if hasattr(os, "getloadavg") else None
    repeats, runs = (1, 80) if quick else (turns, runs)
    sizes = (100, 1000) if quick else (100, 1000, 5000)
    few = runs // 4
    say("once, to compile")
    apart(f"sweep_here({WORK | {'seeds': 1}!r}, 1)")
    empty = []
    for size in sizes:
        say(f"{size} runs of an empty function, one worker")
        empty.append(apart(f"sweep_here({EMPTY | {'draws': size}!r}, 1)"))
    found_in_turns = []
    for turn in range(repeats):
        say(f"{few} and {runs} runs of the teaching circle, turn {turn + 1} of {repeats}: one worker, two, Mesa's batch_run, EMA workbench")
        found = {}
        for name, call in {
            "one": lambda n: f"sweep_here({WORK | {'seeds': n}!r}, 1)",
            "two": lambda n: f"sweep_here({WORK | {'seeds': n}!r}, 2)",
            "mesa": lambda n: f"mesa_here({n}, 2)",
            "ema": lambda n: f"ema_here({n}, 2)",
        }.items():
            small, large = apart(call(few)), apart(call(runs))
            found[name] = large | {f"{what}_a_run": (large[what] - small[what]) / (large["runs"] - small["runs"]) for what in ("wall_s", "cpu_s")}
        found_in_turns.append(found)

    def middle(name: str, what: str) -> float:
        return statistics.median(turn[name][what] for turn in found_in_turns)

    names = {"two": "homeward", "mesa": "mesa batch_run", "ema": "EMA workbench pool"}
    started = {label: round(60 * statistics.median(t[name]["runs"] / t[name]["wall_s"] for t in found_in_turns), 1) for name, label in names.items()}
    going = {label: round(60 / middle(name, "wall_s_a_run"), 1) for name, label in names.items()}
    largest = empty[-1]
    return {
        "machine": {"processors": os.cpu_count(), "load_average_before": load, "load_average_after": os.getloadavg() if load else None},
        "workload": f"teaching circle, {MONTHS} months; {few} and {runs} runs, so that starting cancels out; medians of {repeats}",
        "overhead_ms_a_run": {
            "empty function, wall": round(1000 * (largest["wall_s"] - empty[0]["wall_s"]) / (largest["runs"] - empty[0]["runs"]), 2),
            "empty function, processor": round(1000 * (largest["cpu_s"] - empty[0]["cpu_s"]) / (largest["runs"] - empty[0]["runs"]), 2),
            "teaching circle, processor beside the runs": round(1000 * (middle("one", "cpu_s_a_run") - middle("one", "inside_cpu_s")), 2),
        },
        "efficiency_2_workers": {
            "wall": round(statistics.median(t["one"]["wall_s_a_run"] / (2 * t["two"]["wall_s_a_run"]) for t in found_in_turns), 3),
            "processor": round(statistics.median(t["one"]["cpu_s_a_run"] / t["two"]["cpu_s_a_run"] for t in found_in_turns), 3),
        },
        "parent_mb": {str(e["runs"]): round(e["parent_mb"], 1) for e in empty},
        "runs_a_minute_2_processes": {"starting included": started, "once going": going},
        "processor_ms_a_run": {label: round(1000 * middle(name, "cpu_s_a_run"), 1) for name, label in names.items()},
        "ratio_once_going": {label: round(going["homeward"] / value, 2) for label, value in going.items() if label != "homeward"},
        "aims": AIMS,
    }


def main(words: list[str] | None = None) -> int:
    """Measure, print, and write if asked."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--quick", action="store_true", help="fewer runs, once each")
    asked.add_argument("--turns", type=int, default=3, help="how often everything is measured")
    asked.add_argument("--runs", type=int, default=200, help="runs of the teaching circle in a turn")
    asked.add_argument("--write", metavar="FILE", help="also write the document")
    args = asked.parse_args(words)
    report = measure(args.quick, lambda text: print(text, file=sys.stderr), args.turns, args.runs)
    text = json.dumps(report, indent=1)
    if args.write:
        atomic_write_text(args.write, text + "\n")
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
