"""Many runs: designs, sweeps, comparisons, and how the model is set against what was observed.

The public list is short and is loaded on first use.
"""

from __future__ import annotations

import importlib

_WHERE = {
    "load": "experiments.reading",
    "as_ema_model": "experiments.ema",
}

__all__ = list(_WHERE)


def __getattr__(name: str):
    """Load a public name from its module when somebody first asks for it (PEP 562)."""
    if name not in _WHERE:
        raise AttributeError(f"module 'experiments' has no attribute {name!r}")
    value = getattr(importlib.import_module(_WHERE[name]), name)
    globals()[name] = value
    return value
