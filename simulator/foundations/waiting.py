"""Waiting for another thread: a short look at a number that it will change, before anybody goes to sleep."""

from __future__ import annotations

import os
import platform
import time
from functools import cache

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

LONGEST = 50e-6
"""Seconds for which a thread looks; being woken from sleep takes about as long."""

_PAUSE = "llvm.x86.sse2.pause" if platform.machine() in ("x86_64", "AMD64") else ""


@intrinsic
def _look(typingctx, numbers, place):
    """One number of an array of i8, as memory holds it now."""

    def build(context, builder, signature, args):
        data = context.make_array(signature.args[0])(context, builder, args[0]).data
        if _PAUSE:  # leaves the core to whoever shares it
            kind = ir.FunctionType(ir.VoidType(), [])
            builder.call(builder.module.globals.get(_PAUSE) or ir.Function(builder.module, kind, _PAUSE), [])
        return builder.load_atomic(builder.gep(data, [args[1]]), "acquire", 8)

    return types.int64(numbers, types.int64), build


@njit(nogil=True, cache=True)
def watch(numbers, place, before, looks):
    """Look at numbers[place] until it is no longer `before`, at most `looks` times; whether it changed."""
    for _ in range(looks):
        if _look(numbers, place) != before:
            return True
    return False


@cache
def looks_at_most(threads: int) -> int:
    """Looks that take `LONGEST` on this machine; none where there are fewer processors than threads."""
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if processors < threads:
        return 0
    numbers, tried, least = np.zeros(1, dtype=np.int64), 500, 1.0
    watch(numbers, 0, 0, 1)
    for _ in range(5):
        began = time.perf_counter()
        watch(numbers, 0, 0, tried)
        least = min(least, time.perf_counter() - began)
    return int(tried * LONGEST / max(least, 1e-7))
