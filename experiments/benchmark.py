"""What a batch costs beside its runs: overhead, memory of the parent, efficiency of two workers, and other people's pools.

    python -m experiments.benchmark [--quick] [--write docs/evidence/batch.json]

Everything is measured in this one call, each in a process of its own, taking turns, so that a busy neighbour
slows all alike. `--quick` takes about three minutes of a quiet machine of two processors, and leaves out only how fast the
other pools are once they are going. `share of a processor` near 1 says that the machine was quiet; below .95 the clock
says little, and processor time more.
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
BEGAN = "HOMEWARD_BENCHMARK_BEGAN"
"""The variable that tells a process when it was started, on the clock that all processes share."""
_TITLE = {"en": "Benchmark", "zh": "基准测试"}
EMPTY = {"title": _TITLE, "model": "trouble", "uncertainties": {"x": [0.0, 1.0]}}
WORK = {
    "title": _TITLE, "base": "teaching", "settings": {"months": MONTHS},
    "outcomes": ["talent_pool", {"name": "residents", "by": ["kind"]}],
}  # fmt: skip


# --- things measured, each in a process of its own ------------------------------------------------


def sweep_here(design: dict, workers: int) -> dict:
    """A sweep, and what it took: the clock on the wall, processor time of all its processes, memory of this one.

    `going_s` is seconds a run once it is going: by the journal, from the end of the first fifth of the runs to that of the last.
    """
    import datetime
    import resource

    from experiments.design import plan_of
    from experiments.engines.local import LocalEngine
    from experiments.runner import sweep
    from experiments.store import read_manifest

    with tempfile.TemporaryDirectory() as folder:
        where = Path(folder) / "sweep"
        progress = sweep(plan_of(design, "bench"), where, lambda plan, where: LocalEngine(plan, where, workers))
        spent = _spent(progress.done)
        done = [datetime.datetime.fromisoformat(row["at"]) for row in read_manifest(where) if row.get("event") == "done"]
    done, first = sorted(done)[: progress.done], progress.done // 5
    return spent | {
        "going_s": (done[-1] - done[first]).total_seconds() / max(len(done) - 1 - first, 1),
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
    found = batch_run(teaching, {"luck": list(range(1, runs + 1))}, number_processes=workers, max_steps=MONTHS, data_collection_period=-1, display_progress=False)
    return _spent(len({row["luck"] for row in found}))


def ema_here(runs: int, workers: int) -> dict:
    """The same runs by EMA workbench's pool of processes."""
    import logging
    import warnings

    warnings.simplefilter("ignore")
    import ema_workbench as ema

    from experiments.ema import as_ema_model

    logging.getLogger("EMA").setLevel(logging.ERROR)
    model = as_ema_model(WORK | {"uncertainties": {"migration.income_weight": [2.0, 2.0001]}, "draws": 1})
    with ema.MultiprocessingEvaluator(model, n_processes=workers) as evaluator:
        table, _ = evaluator.perform_experiments(scenarios=runs)
    return _spent(len(table))


def _spent(runs: int) -> dict:
    """Runs, seconds on the wall since this process was started, processor seconds of it and its ended children."""
    return {"runs": runs, "wall_s": time.monotonic() - float(os.environ[BEGAN]), "cpu_s": sum(os.times()[:4])}


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
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1", BEGAN: str(time.monotonic())}
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
    runs = 80 if quick else runs
    few, sizes = runs // 4, (100, 5000) if quick else (100, 1000, 5000)
    say("once, to compile")
    apart(f"sweep_here({WORK | {'seeds': 1}!r}, 1)")
    empty = []
    for size in sizes:
        say(f"{size} runs of an empty function, one worker")
        empty.append(apart(f"sweep_here({EMPTY | {'draws': size}!r}, 1)"))
    calls = {
        "one": lambda n: f"sweep_here({WORK | {'seeds': n}!r}, 1)",
        "two": lambda n: f"sweep_here({WORK | {'seeds': n}!r}, 2)",
        "mesa": lambda n: f"mesa_here({n}, 2)",
        "ema": lambda n: f"ema_here({n}, 2)",
    }
    found_in_turns: list[dict[str, dict]] = []
    for turn in range(turns):
        say(f"{runs} runs of the teaching circle, turn {turn + 1} of {turns}: one worker, two, Mesa's batch_run, EMA workbench")
        found = {}
        for name, call in calls.items():
            found[name] = apart(call(runs))
            if name in ("mesa", "ema") and not quick:
                small = apart(call(few))
                found[name]["going_s"] = (found[name]["wall_s"] - small["wall_s"]) / (found[name]["runs"] - small["runs"])
        found_in_turns.append(found)

    def middle(name: str, what: str) -> float | None:
        values = [turn[name][what] / (turn[name]["runs"] if what in ("wall_s", "cpu_s") else 1) for turn in found_in_turns if what in turn[name]]
        return statistics.median(values) if values else None

    def each(what: str, scale: float, over: bool, digits: int = 1) -> dict[str, float]:
        names = {"two": "homeward", "mesa": "mesa batch_run", "ema": "EMA workbench pool"}
        values = {label: middle(name, what) for name, label in names.items()}
        return {label: round(scale / value if over else scale * value, digits) for label, value in values.items() if value}

    small, largest = empty[0], empty[-1]
    more = largest["runs"] - small["runs"]
    return {
        "machine": {"processors": os.cpu_count(), "load_average_before": load, "load_average_after": os.getloadavg() if load else None},
        "workload": f"teaching circle, {MONTHS} months, {runs} runs; medians of {turns} turns",
        "share of a processor": {name: round(middle(name, "inside_cpu_s") / middle(name, "inside_s"), 3) for name in ("one", "two")},
        "overhead_ms_a_run": {
            "empty function, wall": round(1000 * (largest["wall_s"] - small["wall_s"]) / more, 2),
            "empty function, processor": round(1000 * (largest["cpu_s"] - small["cpu_s"]) / more, 2),
            "teaching circle, wall, one worker once going": round(1000 * (middle("one", "going_s") - middle("one", "inside_s")), 2),
        },
        "efficiency_2_workers": {
            "wall, once going": round(statistics.median(t["one"]["going_s"] / (2 * t["two"]["going_s"]) for t in found_in_turns), 3),
            "processor, inside the runs": round(statistics.median(t["one"]["inside_cpu_s"] / t["two"]["inside_cpu_s"] for t in found_in_turns), 3),
        },
        "parent_mb": {str(e["runs"]): round(e["parent_mb"], 1) for e in empty},
        "runs_a_minute_2_processes": {"from the start of the program": each("wall_s", 60, True), "once going": each("going_s", 60, True)},
        "processor_ms_a_run, start included": each("cpu_s", 1000, False),
        "aims": AIMS,
    }


def main(words: list[str] | None = None) -> int:
    """Measure, print, and write if asked."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--quick", action="store_true", help="80 runs, and without how fast the other pools are once going")
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
