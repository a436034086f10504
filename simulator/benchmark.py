"""What a simulated month costs on this machine: time by mechanism, memory, start, and the same people as Mesa objects.

Models that are compared live in one process, a year each in turn, so that a busy neighbour slows
all of them alike. Every figure is the median over repeats. Nanoseconds a person-month are those of
the clock on the wall, divided by the agents alive, whatever number of people an agent stands for;
beside them stands the time the processor gave to it, summed over threads, in the least busy year,
which a busy neighbour lengthens far less.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from statistics import median

from simulator.ahead import compile_ahead, live_everything
from simulator.foundations import cache
from simulator.foundations.errors import HomewardError

GROUP = "homeward.bench"
"""Entry points of rivals: a function of (scenario, months) that lives a year, then times `months`,
and returns nanoseconds a person-month."""

AIMS = {
    "people_ns_per_person_month": 40.0,
    "ns_per_person_month": 60.0,
    "books_share": 0.10,
    "bytes_per_person": 150.0,
    "warm_start_s": 3.0,
    "compile_s": 60.0,
    "time_ratio_10x": 11.0,
}
"""At most this: nanoseconds of people's verbs and of all verbs at 1.4 million agents on 2 threads; the books' share of the
latter; bytes; seconds; seconds; times."""

PEOPLE = (
    "resolve_levers", "screen_for_events", "age_bear_and_die", "study_and_graduate", "search_and_match", "choose_where_to_live",
    "keep_registers", "observe",
)  # fmt: skip
"""Verbs that would be there without firms, money and governments; counts and result tables included."""

REST = "open_and_check_books"
"""What a month spends outside its verbs: noting stocks at the opening, and the invariants at the close."""

Say = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    """What to measure.

    scales: persons per agent, the first being the one that headlines; years: repeats, each a year
    of every model after one to warm up; starts: times a start is repeated.
    """

    scenario: str = "baseline"
    scales: tuple[int, ...] = (10_000,)
    years: int = 3
    starts: int = 3
    teaching: str = "teaching"
    rival_months: int = 6
    rival_repeats: int = 3
    compile: bool = False


QUICK = Plan()
FULL = Plan(scales=(1_000, 10_000), years=5, rival_months=12, compile=True)


def measure(plan: Plan, say: Say = lambda text: None) -> dict:
    """Measure everything the plan asks for; a document of plain numbers and words."""
    began, load = time.monotonic(), _load()
    compiling = compile_everything(say) if plan.compile else None
    starts = [start_of(plan, scale, say) for scale in plan.scales]
    months, memory = live_in_turns(plan, say)
    rival = against_rival(plan, say)
    scales = [
        {"persons_per_agent": scale, "ns_per_person_month": found, "start": start, **held}
        for scale, found, start, held in zip(plan.scales, months, starts, memory, strict=True)
    ]
    for row in scales:
        total = row["ns_per_person_month"]["total"]
        row["time_ratio_threads_2_to_1"] = total["threads_2"] / total["threads_1"]
    first = scales[0]
    report = {
        "mode": "full" if plan.compile else "quick",
        "machine": {**machine(), "load_average_before": load, "load_average_after": _load()},
        "scenario": plan.scenario,
        "agents": first["agents"],
        "repeats": plan.years,
        "ns_per_person_month": first["ns_per_person_month"],
        "scales": scales,
        "time_ratio_10x": ratio_of_scales(scales),
        "ratio_to_mesa": rival["ratio"],
        "mesa": rival,
        "compile_s": compiling["seconds"] if compiling else None,
        "compile": compiling,
        "warm_start_s": scales[-1]["start"]["ready"],
        "bytes_per_person": first["bytes_per_person"],
        "seconds": time.monotonic() - began,
    }
    report["aims"] = against_aims(report)
    return _rounded(report)


# --- months --------------------------------------------------------------------------------------


def live_in_turns(plan: Plan, say: Say) -> tuple[list[dict], list[dict]]:
    """Months at every scale by one and by two threads: (nanoseconds, memory), a row for each scale."""
    from simulator.measures.observer import Observer
    from simulator.model import MigrationModel

    models = {}
    for scale in plan.scales:
        for threads in (1, 2):
            say(f"first people, {scale} persons an agent")
            model = MigrationModel(plan.scenario, persons_per_agent=scale, threads=threads)
            observer = Observer(model.world)
            observer.open(model)
            model.observers.append(observer)
            models[scale, threads] = model
    agents = {scale: int(models[scale, 1].settlements.residents.sum()) for scale in plan.scales}
    lived: dict[tuple[int, int], list[dict]] = {key: [] for key in models}
    try:
        for year in range(-1, plan.years):  # the year before the first loads kernels and is not counted
            turns = list(models) if year % 2 == 0 else list(models)[::-1]
            for scale, threads in turns:
                say(f"year {max(year + 1, 0)} of {plan.years}, {scale} persons an agent, threads {threads}")
                found = live_a_year(models[scale, threads])
                if year >= 0:
                    lived[scale, threads].append(found)
        memory = [{"agents": agents[scale], **memory_of(models[scale, 1])} for scale in plan.scales]
    finally:
        for model in models.values():
            model.close()
    return [{
        "total": {f"threads_{t}": median(row["total"] for row in lived[scale, t]) for t in (1, 2)},
        "by_mechanism": {f"threads_{t}": _medians([row["by_mechanism"] for row in lived[scale, t]]) for t in (1, 2)},
        "least_and_most": {f"threads_{t}": [f(row["total"] for row in lived[scale, t]) for f in (min, max)] for t in (1, 2)},
        "processor": {f"threads_{t}": min((row["processor"] for row in lived[scale, t]), key=lambda p: p["total"]) for t in (1, 2)},
    } for scale in plan.scales], memory  # fmt: skip


def live_a_year(model, months: int = 12) -> dict:
    """Nanoseconds a person-month over a year, in all and by verb of the month; the same of the processor's time."""
    gc.collect()
    model.clock.clear()
    busy: dict[str, float] = {}
    usual = model.live

    def live(verb) -> None:
        started = time.process_time()
        usual(verb)
        busy[verb.__name__] = busy.get(verb.__name__, 0.0) + time.process_time() - started

    model.live = live
    try:
        people, began, started = 0, time.perf_counter(), time.process_time()
        for _ in range(months):
            people += int(model.settlements.residents.sum())
            model.step()
        total, worked = time.perf_counter() - began, time.process_time() - started
    finally:
        del model.live
    parts = {**model.clock, REST: total - sum(model.clock.values())}
    busy[REST] = worked - sum(busy.values())
    per = 1e9 / people
    return {
        "total": total * per, "by_mechanism": {name: s * per for name, s in parts.items()},
        "processor": {"total": worked * per, **{name: s * per for name, s in busy.items()}},
    }  # fmt: skip


def memory_of(model) -> dict:
    """Bytes a person takes in the columns of persons, and with its share of a household."""
    persons, homes = model.persons, model.households
    share = homes.bytes_per_row() * len(homes) / max(len(persons), 1)
    return {"bytes_per_person": persons.bytes_per_row() + share, "bytes_of_persons_row": persons.bytes_per_row(), "bytes_of_household_share": share}


def ratio_of_scales(scales: list[dict]) -> dict | None:
    """Time a month and time to start of the larger scale over the smaller, at ten times the agents; None with one scale."""
    if len(scales) < 2:
        return None
    large, small = scales[0], scales[-1]
    times = large["agents"] / small["agents"]
    pairs = {t: [row["ns_per_person_month"]["total"][t] for row in (large, small)] for t in ("threads_1", "threads_2")}
    months = {t: big / little * 10 for t, (big, little) in pairs.items()}
    return {"agents_ratio": times, **months, "start": large["start"]["ready"] / small["start"]["ready"]}


# --- starting and compiling, each in a process of its own ----------------------------------------------


def start_of(plan: Plan, scale: int, say: Say) -> dict:
    """Seconds from the call of Python to a model that stands, by stage, everything compiled and the world kept."""
    found = []
    for number in range(-1, plan.starts):  # the start before the first fills the caches and is not counted
        say(f"start {max(number + 1, 0)} of {plan.starts}, {scale} persons an agent")
        row = _in_a_process("start_and_tell", plan.scenario, scale)
        if number >= 0:
            found.append(row)
    return _medians(found)


def start_and_tell(called: float, scenario: str, persons_per_agent: int) -> dict:
    """In a fresh process: make the model, and say how long each stage took."""
    marks = {"python_and_imports": -called}
    from simulator import model as module

    marks["python_and_imports"] += time.time()

    def timed(name: str, work):
        def watched(*args, **settings):
            began = time.time()
            try:
                return work(*args, **settings)
            finally:
                marks[name] = marks.get(name, 0.0) + time.time() - began

        return watched

    module.load_world = timed("load_world", module.load_world)
    module.populate = timed("populate", module.populate)
    module.baseyear.settle = timed("settle_base_year", module.baseyear.settle)
    model = module.MigrationModel(scenario, persons_per_agent=persons_per_agent)
    ready = time.time()
    marks["the_rest"] = ready - called - sum(marks.values())
    model.step()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    return {"ready": ready - called, **marks, "first_month": time.time() - ready, "peak_memory_mib": peak}


def compile_everything(say: Say) -> dict:
    """Seconds that compiling adds to a first start, on all processors as `homeward warm` does it, and by one process alone."""

    def told(seconds: float) -> None:
        say(f"compiling everything: {sum(1 for _ in Path(folder).rglob('*.nbc'))} kernels in {seconds:.0f} s")

    found = {}
    for name, function in (("", "compile_and_live_everything"), ("_alone", "live_everything")):
        with tempfile.TemporaryDirectory(prefix="homeward-cold-") as folder:
            found["cold_s" + name] = _in_a_process(function, folder=folder, told=told)["wall"]
            kernels = sum(1 for _ in Path(folder).rglob("*.nbc"))
            warm = median(_in_a_process("live_everything", folder=folder)["wall"] for _ in range(2))
    return {"seconds": found["cold_s"] - warm, "seconds_alone": found["cold_s_alone"] - warm, **found, "warm_s": warm, "kernels": kernels}


def compile_and_live_everything(called: float) -> dict:
    """In a fresh process: what is listed is compiled by all processors, then `live_everything`."""
    compile_ahead()
    return live_everything(called)


def _in_a_process(function: str, *args, folder: str | None = None, told: Callable[[float], None] | None = None) -> dict:
    """Call a function of this module in a fresh Python, with the time of the call before its arguments."""
    home = str(Path(__file__).resolve().parents[1])
    environment = dict(os.environ)
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, [home, environment.get("PYTHONPATH", "")]))
    if folder is not None:
        environment["NUMBA_CACHE_DIR"] = folder
    code = f"import sys, json; from simulator import benchmark as b; print(json.dumps(b.{function}(*json.loads(sys.argv[1]))))"
    began = time.time()
    with subprocess.Popen(
        [sys.executable, "-c", code, json.dumps([began, *args])],
        env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as child:  # fmt: skip
        try:
            while True:
                try:
                    out, error = child.communicate(timeout=2.0)
                    break
                except subprocess.TimeoutExpired:
                    if told is not None:
                        told(time.time() - began)
        except BaseException:
            child.kill()
            raise
    if child.returncode:
        lines = error.strip().splitlines() or [f"exit code {child.returncode}"]
        raise HomewardError(f"a start in a process of its own failed: {lines[-1]}")
    return json.loads(out.splitlines()[-1])


# --- the rival -----------------------------------------------------------------------------------


def against_rival(plan: Plan, say: Say) -> dict:
    """The same people of the teaching circle as Mesa objects and as columns, in turn, one thread each."""
    points = {point.name: point for point in entry_points(group=GROUP)}
    none = {"ratio": None, "ns_objects": None, "ns_columns": None, "repeats": 0}
    if "mesa" not in points:
        return {**none, "note": "the Mesa version of this project's experiments is not installed here"}
    try:
        rival = points["mesa"].load()
    except ImportError as error:
        return {**none, "note": f"the Mesa version cannot be loaded: {error}"}
    pairs = []
    for number in range(plan.rival_repeats):
        say(f"the teaching circle as Mesa objects, {number + 1} of {plan.rival_repeats}")
        pairs.append((float(rival(plan.teaching, plan.rival_months)), live_columns(plan.teaching, plan.rival_months)))
    return {
        "ratio": median(objects / columns for objects, columns in pairs),
        "ns_objects": median(objects for objects, _ in pairs),
        "ns_columns": median(columns for _, columns in pairs),
        "repeats": len(pairs),
        "note": "",
    }


def live_columns(scenario: str, months: int) -> float:
    """Nanoseconds a person-month of the columns, counted as the rival counts its own."""
    from simulator.model import MigrationModel

    model = MigrationModel(scenario)
    live_a_year(model)
    return live_a_year(model, months)["total"]


# --- words ---------------------------------------------------------------------------------------


def against_aims(report: dict) -> list[dict]:
    """Each aim, what was found, and whether it holds; an aim that was not measured says so by None."""
    large = next((row for row in report["scales"] if row["persons_per_agent"] == 1_000), None)
    ten = report["time_ratio_10x"]
    nanoseconds = large and large["ns_per_person_month"]
    verbs, whole = nanoseconds and nanoseconds["by_mechanism"]["threads_2"], nanoseconds and nanoseconds["total"]["threads_2"]
    found = {
        "people_ns_per_person_month": verbs and sum(verbs[name] for name in PEOPLE),
        "ns_per_person_month": whole,
        "books_share": verbs and verbs[REST] / whole,
        "bytes_per_person": report["bytes_per_person"],
        "warm_start_s": report["warm_start_s"],
        "compile_s": report["compile_s"],
        "time_ratio_10x": ten and ten["threads_2"],
    }
    return [
        {"name": name, "at_most": most, "found": found[name], "met": None if found[name] is None else found[name] <= most}
        for name, most in AIMS.items()
    ]


def machine() -> dict:
    """The processor, its cores, and the versions the figures hold for."""
    from simulator.runs import machine as facts

    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {"processor": cache._processor() or "unknown", "cores": cores, **facts()}


def _load() -> list[float] | None:
    """Processes waiting for a core, over 1, 5 and 15 minutes."""
    try:
        return [float(value) for value in os.getloadavg()]
    except (OSError, AttributeError):
        return None


def _medians(rows: list[dict]) -> dict:
    """Medians of every name in rows of numbers; a name missing from a row counts as 0."""
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: median(row.get(name, 0.0) for row in rows) for name in names}


def _rounded(value):
    """Numbers to four digits, so that a document does not claim more than was measured."""
    if isinstance(value, float):
        return float(f"{value:.4g}")
    if isinstance(value, dict):
        return {key: _rounded(inner) for key, inner in value.items()}
    return [_rounded(inner) for inner in value] if isinstance(value, list) else value
