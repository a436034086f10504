"""Compute a finished run again and compare every table: the same scenario must give the same bits."""

from __future__ import annotations

import tempfile
from typing import Any

from simulator.foundations.errors import BadInput, Fault
from simulator.foundations.files import lock_digest, source_digest


def reproduce(folder: str) -> dict[str, Any]:
    """Run the scenario of a run folder again, beside it; what is the same and what is not."""
    from simulator import runs

    kept = runs.open_run(folder)
    if kept.status != "done":
        raise BadInput(Fault(file=folder, value=f"the run is {kept.status}", remedy="finish it with homeward resume"))
    with tempfile.TemporaryDirectory(prefix="homeward-") as place:
        again = runs.run(kept.scenario, out=place, pictures=False)
        found = dict(again.info["table_digests"])
        machine = dict(again.info["machine"])
    before = dict(kept.info["table_digests"])
    reasons = []
    if kept.info.get("source_digest") != source_digest():
        reasons.append("another version of the simulator")
    if kept.info.get("lock_digest") != lock_digest():
        reasons.append("other versions of what it stands on")
    if dict(kept.info.get("machine", {})) != machine:
        reasons.append("another kind of machine")
    return {
        "run": folder,
        "same": sorted(name for name in before if found.get(name) == before[name]),
        "different": sorted(name for name in {*before, *found} if found.get(name) != before.get(name)),
        "made_with": reasons,
    }


def sentence(report: dict[str, Any]) -> str:
    """The comparison in one line."""
    made = f" (made with {', '.join(report['made_with'])})" if report["made_with"] else ""
    if report["different"]:
        return f"{report['run']}: not reproduced: {', '.join(report['different'])} differ{made}"
    return f"{report['run']}: reproduced; all {len(report['same'])} tables are the same bit for bit{made}"
