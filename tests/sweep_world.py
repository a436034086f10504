"""What the tests of batches share: small designs, a way to sweep them in a process of its own, and digests of the tables."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from experiments.design import Plan, plan_of
from experiments.engines.local import LocalEngine

ROOT = Path(__file__).resolve().parents[1]
TITLE = {"en": "A design of the tests", "zh": "测试设计"}


def teaching(**changes) -> dict:
    """A design around two months of the teaching circle."""
    design = {
        "title": TITLE, "base": "teaching", "settings": {"months": 2}, "paired": True,
        "levers": {"migration.moving_cost": [1.0, 3.0]},
        "uncertainties": {"migration.income_weight": "plausible"}, "draws": 2, "seeds": 2,
        "outcomes": ["talent_pool", {"name": "residents", "by": ["kind"], "months": "all"}],
    }  # fmt: skip
    return design | changes


def trouble(low: float, high: float, draws: int = 40, **changes) -> dict:
    """A design of the function that fails below nought and ends its process above one."""
    design = {"title": TITLE, "model": "trouble", "uncertainties": {"x": [low, high]}, "draws": draws}
    return design | changes


def plan(design: dict, name: str = "tried", shard: tuple[int, int] = (1, 1)) -> Plan:
    """Its plan."""
    return plan_of(design, name, shard)


def workers(count: int = 1, **options):
    """The engine of so many worker processes."""
    return lambda made, folder: LocalEngine(made, folder, count, **options)


def write_design(path: Path, design: dict) -> Path:
    """A design as a file."""
    from simulator.foundations.yamlio import write_yaml

    path.write_text(write_yaml(design), "utf-8")
    return path


def start(words: list[str], **options) -> subprocess.Popen:
    """`homeward ...` in a process of its own."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "simulator", *words]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)


def call(words: list[str]) -> tuple[int, str]:
    """Exit code and standard error of `homeward ...` in a process of its own."""
    process = start(words)
    _, error = process.communicate(timeout=300)
    return process.returncode, error


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 of every file of results, to the bit."""
    files = [folder / "runs.parquet", *sorted((folder / "outcomes").glob("*.parquet")), *sorted((folder / "runs").glob("*.parquet"))]
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
