"""Kernels compiled ahead by several processes are those the run calls, with the types it calls them with."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from simulator import ahead

ROOT = Path(__file__).resolve().parents[2]
LIVE = """
import json, time
from simulator import ahead
ahead.live_everything(time.time())
print(json.dumps(ahead.called_here()))
"""


def python(code: str, **more) -> str:
    environment = os.environ | {"PYTHONPATH": str(ROOT)} | more
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


@functools.cache
def called() -> dict:
    """What Python calls, by a process that finds everything compiled: one that compiles also shows what kernels call."""
    python(LIVE)
    return json.loads(python(LIVE).splitlines()[-1])


def test_every_kernel_a_first_run_calls_is_in_the_list():
    assert len(called()) > 100
    known = ahead.listed()
    missing = [kernel for kernel, each in called().items() if kernel not in known or not all(types in known[kernel]["types"] for types in each)]
    assert not missing, f"run `python -m simulator.ahead`: not in the list of kernels: {missing}"


def test_nothing_in_the_list_is_called_by_nobody():
    assert sorted(set(ahead.listed()) - set(called())) == []


def test_types_are_spelled_so_that_they_can_be_read_again():
    from numba import types

    for kind in (types.int64, types.boolean, types.float32, types.Array(types.uint16, 2, "C", readonly=True), types.int64[::1]):
        assert ahead.read(ahead.spell(kind)) == kind
    pair = types.Tuple([types.int64, types.float64[:]])
    assert ahead.spell(pair) == ["", "int64", "float64[1A]"] and ahead.read(ahead.spell(pair)) == pair
    with pytest.raises(ValueError):
        ahead.spell(types.unicode_type)


def test_two_processes_compile_what_one_run_then_only_loads(tmp_path):
    """Three small files of kernels, in an empty folder: afterwards a process that asks for them compiles nothing."""
    code = """
import json, sys
from simulator import ahead
from simulator.foundations.cache import prepare_numba_cache
prepare_numba_cache()
files = [names for names in ahead.waiting()][-3:]
if sys.argv[1:] == []:
    ahead.waiting = lambda: files
    print(ahead.compile_ahead(processes=2), json.dumps(files))
"""
    count, _, files = python(code, NUMBA_CACHE_DIR=str(tmp_path)).partition(" ")
    assert int(count) == 3
    again = f"""
from numba.core import event
compiled = []
class Watch(event.Listener):
    def on_start(self, happening): compiled.append(str(happening.data["dispatcher"]))
    def on_end(self, happening): pass
from simulator import ahead
event.register("numba:compile", Watch())
for names in {json.loads(files)!r}:
    ahead.compile_listed(names)
print(compiled)
"""
    assert python(again, NUMBA_CACHE_DIR=str(tmp_path)).strip() == "[]"
