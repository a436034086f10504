"""Homeward: people between city and countryside, settlement by settlement, month by month.

The public list is short and is loaded on first use, so that `import simulator` is quick.
"""

from __future__ import annotations

import importlib

from simulator.foundations.cache import prepare_numba_cache

prepare_numba_cache()

_WHERE = {
    "MigrationModel": "simulator.model",
    "Scenario": "simulator.scenario",
    "World": "simulator.worlds",
    "run": "simulator.runs",
    "replay": "simulator.runs",
    "open_run": "simulator.runs",
}

__all__ = list(_WHERE)


def __getattr__(name: str):
    """Load a public name from its module when somebody first asks for it (PEP 562)."""
    if name not in _WHERE:
        raise AttributeError(f"module 'simulator' has no attribute {name!r}")
    value = getattr(importlib.import_module(_WHERE[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
