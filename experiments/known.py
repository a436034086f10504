"""Functions with known answers that stand in for the simulator, so that the whole way of a batch can be checked."""

from __future__ import annotations

import math
import os
import signal
import time
from collections.abc import Callable

ISHIGAMI_A, ISHIGAMI_B = 7.0, 0.1


def ishigami(drawn: dict[str, float], _seed: int) -> dict[str, float]:
    """sin x1 + a sin^2 x2 + b x3^4 sin x1, with a = 7, b = .1 (Ishigami and Homma 1990)."""
    x1, x2, x3 = (float(drawn.get(name, 0.0)) for name in ("x1", "x2", "x3"))
    return {"y": math.sin(x1) + ISHIGAMI_A * math.sin(x2) ** 2 + ISHIGAMI_B * x3**4 * math.sin(x1)}


def ishigami_indices() -> dict[str, dict[str, float]]:
    """The exact first-order and total indices where every input is uniform on [-pi, pi].

    With V1 = (1 + b pi^4 / 5)^2 / 2, V2 = a^2 / 8, V13 = b^2 pi^8 (1/18 - 1/50).
    """
    a, b = ISHIGAMI_A, ISHIGAMI_B
    v1, v2 = 0.5 * (1 + b * math.pi**4 / 5) ** 2, a**2 / 8
    v13 = b**2 * math.pi**8 * (1 / 18 - 1 / 50)
    whole = v1 + v2 + v13
    return {
        "first": {"x1": v1 / whole, "x2": v2 / whole, "x3": 0.0},
        "total": {"x1": (v1 + v13) / whole, "x2": v2 / whole, "x3": v13 / whole},
    }


def trouble(drawn: dict[str, float], seed: int) -> dict[str, float]:
    """x + seed; but below 0 an error, above 1 the end of the process that computes it. For tests of the runner."""
    x = float(drawn.get("x", 0.0))
    if x < 0:
        raise ValueError(f"x is {x:g}; there is no answer below nought")
    if x > 1:
        os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
    return {"y": x + seed}


def pause(drawn: dict[str, float], seed: int) -> dict[str, float]:
    """The seconds slept, at most ten, and the seed: a run that takes its time and no processor. For tests of the runner."""
    seconds = min(max(float(drawn.get("seconds", 0.0)), 0.0), 10.0)
    time.sleep(seconds)
    return {"y": seconds + seed}


KNOWN: dict[str, Callable[[dict[str, float], int], dict[str, float]]] = {"ishigami": ishigami, "trouble": trouble, "pause": pause}
