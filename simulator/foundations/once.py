"""What the scenario alone decides is worked out once for a model, and not every month."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def once(model, name: str, make: Callable[[], Any], of: Any = None) -> Any:
    """What `make()` gives, made at first use and again when the scenario (or `of`, when given) is another object.

    `name` tells such things of a model apart; whoever takes one leaves it as it is.
    """
    kept = model.__dict__.setdefault("worked_out", {})
    source = model.scenario if of is None else of
    found = kept.get(name)
    if found is None or found[0] is not source:
        found = kept[name] = source, make()
    return found[1]
