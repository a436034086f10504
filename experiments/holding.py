"""What one machine holds: bytes and nanoseconds a person, measured as a slope, and what they mean for 100 million and 1.4 billion.

    python -m experiments.holding [--write docs/evidence/holding.json]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

from simulator.foundations.files import atomic_write_text

ROOT = Path(__file__).resolve().parents[1]
SCALES, MONTHS = (10_000, 1_000), 4
POPULATIONS = {"1.4 million agents (1,000 people each)": 1.41e6, "14 million (100 each)": 1.41e7, "100 million": 1e8, "1.4 billion (everyone)": 1.41e9}

_PROBE = """
import json, resource, sys, time
from simulator.measures.observer import Observer
from simulator.model import MigrationModel
began = time.process_time()
model = MigrationModel("baseline", persons_per_agent={scale}, threads=1)
built = time.process_time() - began
observer = Observer(model.world)
observer.open(model)
model.observers.append(observer)
spent = []
for _ in range({months}):
    began = time.process_time()
    model.step()
    spent.append(time.process_time() - began)
unit = 1 if sys.platform == "darwin" else 1024
columns = model.persons.bytes_per_row() * len(model.persons) + model.households.bytes_per_row() * len(model.households)
print(json.dumps({{"agents": len(model.persons), "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit,
    "columns": columns, "built_s": built, "month_s": sorted(spent[1:])[len(spent[1:]) // 2]}}))
"""


def probe(scale: int) -> dict:
    """One run of the default world at a scale, in a process of its own: agents, peak memory, processor seconds."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"}
    code = _PROBE.format(scale=scale, months=MONTHS)
    done = subprocess.run([sys.executable, "-c", code], env=environment, check=False, capture_output=True, text=True, timeout=3600)
    if done.returncode:
        raise RuntimeError(f"one agent for {scale} people: {done.stderr.strip()[-600:]}")
    return json.loads(done.stdout.splitlines()[-1])


def measure() -> dict:
    """Slopes between two scales: what one more agent takes of memory and of one processor's time."""
    probe(SCALES[0])  # once to compile
    small, large = (probe(scale) for scale in SCALES)
    more = large["agents"] - small["agents"]
    peak = (large["peak"] - small["peak"]) / more
    month = 1e9 * (large["month_s"] - small["month_s"]) / more
    build = 1e9 * (large["built_s"] - small["built_s"]) / more
    fixed = small["peak"] - peak * small["agents"]
    holds = {
        name: {"memory_gb": round((fixed + peak * agents) / 1e9, 2), "core_seconds_a_month": round(month * agents / 1e9, 1), "core_hours_to_2035": round(month * agents * 181 / 3.6e12, 2)}
        for name, agents in POPULATIONS.items()
    }  # fmt: skip
    return {
        "agents": [small["agents"], large["agents"]],
        "bytes_an_agent_peak": round(peak, 1),
        "bytes_an_agent_columns": round((large["columns"] - small["columns"]) / more, 1),
        "ns_an_agent_month_one_thread": round(month, 1),
        "ns_an_agent_to_build": round(build, 1),
        "fixed_mb": round(fixed / 1e6, 1),
        "holds": holds,
        "agents_in_24_gb": round((24e9 - fixed) / peak),
        "agents_in_512_gb": round((512e9 - fixed) / peak),
    }


def main(words: list[str] | None = None) -> int:
    """Measure, print, and write if asked."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--write", metavar="FILE", help="also write the document")
    args = asked.parse_args(words)
    text = json.dumps(measure(), indent=1)
    if args.write:
        atomic_write_text(args.write, text + "\n")
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
