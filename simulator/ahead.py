"""Compiling ahead: the kernels a first run will call are compiled by several processes at once, before it calls them.

A run compiles a kernel when it first calls it, one after the other. What will be called, and with
which types, is the same on every machine; `simulator/kernels/compiled.json` lists it (written by
`python -m simulator.ahead`, a test says when it is old). Each process takes file after
file of kernels, the longest first. A kernel missing from the list costs time, never a result: the
run compiles it as before.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
LIST = PACKAGE / "kernels" / "compiled.json"
MOST_PROCESSES = 8

Spelling = str | list


def spell(kind) -> Spelling:
    """A numba type in plain words: 'int64', 'float32[2C]', 'readonly int32[1C]', or a list for a tuple.

    The list begins with '' or with the named tuple's 'module:Name'. ValueError for a type that needs more words.
    """
    from numba import types

    if isinstance(kind, types.Array):
        plain = types.Array(kind.dtype, kind.ndim, kind.layout, readonly=not kind.mutable)
        if plain != kind or not isinstance(kind.dtype, types.Number | types.Boolean):
            raise ValueError(str(kind))
        return f"{'' if kind.mutable else 'readonly '}{kind.dtype}[{kind.ndim}{kind.layout}]"
    if isinstance(kind, types.Boolean | types.Integer | types.Float):
        return str(kind)
    if isinstance(kind, types.BaseTuple):
        name = ""
        if isinstance(kind, types.BaseNamedTuple):
            made = kind.instance_class
            name = f"{made.__module__}:{made.__name__}"
            if getattr(importlib.import_module(made.__module__), made.__name__, None) is not made:
                raise ValueError(str(kind))
        return [name, *map(spell, kind)]
    raise ValueError(str(kind))


def read(words: Spelling):
    """The numba type that was spelled so."""
    from numba import types

    if isinstance(words, list):
        parts = [read(word) for word in words[1:]]
        if not words[0]:
            return types.Tuple(parts)
        module, name = words[0].split(":")
        made = getattr(importlib.import_module(module), name)
        alike = len(set(parts)) == 1
        return types.NamedUniTuple(parts[0], len(parts), made) if alike else types.NamedTuple(parts, made)
    if not words.endswith("]"):
        return getattr(types, "boolean" if words == "bool" else words)
    head, _, shape = words.rpartition("[")
    readonly, plain = head.startswith("readonly "), head.removeprefix("readonly ")
    return types.Array(read(plain), int(shape[:-2]), shape[-2], readonly=readonly)


def called_here() -> dict[str, list[list[Spelling]]]:
    """The kernels this process has called from Python, by 'module:function', each with its lists of argument types."""
    from numba.core.dispatcher import Dispatcher

    found: dict[str, list[list[Spelling]]] = {}
    for name, module in sorted(sys.modules.items()):
        if not name.startswith("simulator.") or module is None:
            continue
        for word, kernel in sorted(vars(module).items()):
            if isinstance(kernel, Dispatcher) and kernel.py_func.__module__ == name and kernel.signatures:
                found[f"{name}:{word}"] = [[spell(kind) for kind in types] for types in kernel.signatures]
    return found


def listed() -> dict[str, dict]:
    """The list: by 'module:function' its `seconds` to compile and its `types`, lists of argument types."""
    return json.loads(LIST.read_text("utf-8"))


def compile_listed(names: list[str]) -> None:
    """Compile listed kernels, or load what is compiled; one that no longer fits the list is left to the run."""
    from numba.core.errors import NumbaError

    known = listed()
    for name in names:
        module, function = name.split(":")
        try:
            kernel = getattr(importlib.import_module(module), function)
            for types in known[name]["types"]:
                kernel.compile(tuple(map(read, types)))
        except (ImportError, AttributeError, KeyError, TypeError, RuntimeError, NumbaError):
            continue


def waiting() -> list[list[str]]:
    """Listed kernels by file, as far as nothing is compiled yet of that file; the longest work first."""
    from numba import config

    from simulator.foundations.cache import kernel_digest

    known = listed()
    files: dict[str, list[str]] = {}
    for name in known:
        files.setdefault(name.split(":")[0], []).append(name)
    left = []
    for module, names in files.items():
        path = PACKAGE.joinpath(*module.split(".")[1:]).with_suffix(".py")
        if path.is_file() and not any(Path(config.CACHE_DIR, kernel_digest(PACKAGE, path)).glob("*.nbc")):
            left.append((sum(known[name]["seconds"] for name in names), names))
    return [names for _, names in sorted(left, key=lambda row: -row[0])]


def compile_ahead(say: Callable[[int, int], None] = lambda done, of: None, processes: int | None = None) -> int:
    """Compile what is listed and not yet compiled, with as many processes as processors; how many files there were.

    say: called with the number of files done and in all, every quarter of a second.
    """
    from numba import config

    work = waiting() if config.CACHE_DIR else []
    count = min(processes or os.cpu_count() or 1, MOST_PROCESSES, len(work))
    if count < 2:
        return 0  # one processor gains nothing by it
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(PACKAGE.parent), *filter(None, [os.environ.get("PYTHONPATH")])])}
    todo, hands = [*work], {}
    command = [sys.executable, "-m", "simulator.ahead", "--serve"]
    try:
        for _ in range(count):
            child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment, text=True)
            os.set_blocking(child.stdout.fileno(), False)
            hands[child] = False
        while hands:
            for child, busy in list(hands.items()):
                if busy and not child.stdout.readline() and child.poll() is None:
                    continue
                if child.poll() is not None or not todo:
                    del hands[child]
                    child.stdin.close()  # it ends by itself
                    child.wait()
                    continue
                try:
                    child.stdin.write(json.dumps(todo.pop(0)) + "\n")
                    child.stdin.flush()
                    hands[child] = True
                except OSError:
                    del hands[child]
            say(len(work) - len(todo) - sum(hands.values()), len(work))
            time.sleep(0.05)
    except BaseException:
        for child in hands:
            child.kill()
        raise
    return len(work)


def live_everything(called: float) -> dict:
    """In a fresh process: a year of the teaching circle and a month of a coarse country, so that every kernel is called."""
    from simulator.measures.observer import Observer
    from simulator.model import MigrationModel

    for scenario, months, settings in (("teaching", 12, {}), ("baseline", 1, {"persons_per_agent": 200_000})):
        model = MigrationModel(scenario, threads=2, **settings)
        observer = Observer(model.world)
        observer.open(model)
        model.observers.append(observer)
        for _ in range(months):
            model.step()
        model.close()
    return {"wall": time.time() - called}


def _serve() -> None:
    for line in sys.stdin:
        compile_listed(json.loads(line))
        print("done", flush=True)


def _write() -> None:
    """Write the list anew: what a first run calls, and the processor seconds each took to compile here."""
    import tempfile

    with tempfile.TemporaryDirectory(prefix="homeward-ahead-") as folder:
        os.environ["NUMBA_CACHE_DIR"] = folder
        from numba import config
        from numba.core import event

        config.CACHE_DIR = folder
        seconds: dict[str, float] = {}
        open_ones: list[tuple[str, float]] = []

        class Watch(event.Listener):
            def on_start(self, happening):
                kernel = happening.data["dispatcher"].py_func
                open_ones.append((f"{kernel.__module__}:{kernel.__name__}", time.process_time()))

            def on_end(self, happening):
                name, began = open_ones.pop()
                seconds[name] = seconds.get(name, 0.0) + time.process_time() - began

        event.register("numba:compile", Watch())
        live_everything(time.time())
        code = "import json, time; from simulator import ahead; ahead.live_everything(time.time()); print(json.dumps(ahead.called_here()))"
        environment = os.environ | {"PYTHONPATH": str(PACKAGE.parent)}  # again with everything compiled: only what Python calls is loaded
        found = json.loads(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, env=environment).stdout)
    rows = {name: {"seconds": max(round(seconds.get(name, 0.1), 1), 0.1), "types": types} for name, types in sorted(found.items())}
    from simulator.foundations.files import atomic_write_text

    text = ",\n".join(f"{json.dumps(name)}: {json.dumps(row)}" for name, row in rows.items())
    atomic_write_text(LIST, "{\n" + text + "\n}\n")
    print(f"{len(rows)} kernels listed in {LIST.name}")


if __name__ == "__main__":
    _serve() if "--serve" in sys.argv else _write()
