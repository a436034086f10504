"""Where the runs of a batch are computed: worker processes of this machine, or a Dask cluster.

An engine is a context manager with `slots` (runs it wants in hand at once), `submit(number)`, and
`wait(seconds)`, which returns what has happened since as a list of `Happened`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Happened:
    """What became of one run.

    what: `done` (its file is written), `failed` (it raised), `died` (its process ended under it), or
    `back` (it never began and may be given out again).
    """

    what: str
    number: int
    seconds: float = 0.0
    cpu: float = 0.0
    why: str = ""
    traceback: str = ""
    final: bool = False
    """Whether it has been tried often enough."""


def message_of(plan, folder) -> dict:
    """What a worker needs to know to do any run of a plan, as plain values."""
    import os

    return {
        "name": plan.name,
        "data": plan.data,
        "file": plan.file,
        "plugins": list(plan.plugins),
        "shard": list(plan.shard),
        "id": plan.id,
        "folder": os.fspath(folder),
        "configs": os.environ.get("HOMEWARD_CONFIGS", ""),
    }


def plan_from(message: dict):
    """The plan a message speaks of; UnreadableFile when this code or these configurations would give other results."""
    import os
    import tempfile
    from pathlib import Path

    from experiments.design import Plan
    from simulator import policies
    from simulator.foundations.errors import UnreadableFile
    from simulator.foundations.yamlio import Document
    from simulator.scenario.design_check import check_design

    if message["configs"]:
        os.environ["HOMEWARD_CONFIGS"] = message["configs"]
    for text in message["plugins"]:
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "plugin.py").write_text(text, "utf-8")
            policies.load_plugin(Path(folder, "plugin.py"))
    design = check_design(Document(message["file"], message["data"]), trusted=True)
    plan = Plan(message["name"], design, message["data"], tuple(message["shard"]), message["file"], tuple(message["plugins"]))
    if plan.id != message["id"]:
        raise UnreadableFile("a worker has another version of the simulator or of its configurations than the sweep; install the same on both")
    return plan
