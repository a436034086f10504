"""The floors of the house: every import goes down, nothing goes round in a circle, no module grows too big.

The floors and the reasons for them are in `docs/architecture.md`. Imports inside functions count too.
"""

from __future__ import annotations

import ast
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("simulator", "experiments", "viz")

FLOORS = {
    "foundations": 0,
    "kernels": 1,
    "state": 2,
    "mechanisms": 3,
    "policies": 3,
    "scenario": 4,
    "worlds": 4,
    "measures": 4,
    "commands": 6,
}
"""Folders of `simulator` and the floor each stands on."""

MODEL_FLOOR, COMMAND_FLOOR, GUEST_FLOOR = 5, 6, 7
COMMAND_MODULES = {"cli", "__main__", "__init__"}
"""Modules at the top of `simulator` that stand with the command line: they show the model to a reader."""

KERNELS_MAY_IMPORT = {"numba", "llvmlite", "numpy", *sys.stdlib_module_names}
"""llvmlite is the lower half of numba: a kernel asks it for single machine instructions."""

WITHOUT_MESA = {"foundations", "kernels", "state", "mechanisms", "policies", "scenario"}
LONGEST, LONG = 499, 400
"""Lines: the most a module may have, and the number from which it is listed."""


@cache
def modules() -> dict[str, Path]:
    """Every module of the house by its dotted name (`__init__` kept in the name)."""
    found = {}
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            found[".".join(path.relative_to(ROOT).with_suffix("").parts)] = path
    return found


def floor(module: str) -> int:
    """The floor a module stands on; 7 for the guests `experiments` and `viz`."""
    parts = module.split(".")
    if parts[0] != "simulator":
        return GUEST_FLOOR
    if len(parts) == 2:
        return COMMAND_FLOOR if parts[1] in COMMAND_MODULES else MODEL_FLOOR
    return FLOORS[parts[1]]


def _resolve(name: str) -> str | None:
    """The module of ours that a dotted name stands for, or None."""
    known = modules()
    while name:
        if name in known:
            return name
        if f"{name}.__init__" in known:
            return f"{name}.__init__"
        name = name.rpartition(".")[0]
    return None


def _names_imported(module: str, tree: ast.AST) -> list[tuple[str, int]]:
    """Dotted names a module imports, at the top or inside functions, with their lines."""
    package = module.split(".")[:-1]
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*base, *(node.module.split(".") if node.module else [])])
            found += [(f"{base}.{alias.name}", node.lineno) for alias in node.names]
        elif isinstance(node, ast.Call) and node.args:
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            first = node.args[0]
            if called in ("import_module", "__import__") and isinstance(first, ast.Constant):
                found.append((str(first.value), node.lineno))
    return found


@cache
def imports() -> dict[str, list[tuple[str, int]]]:
    """For each module every name it imports, with the line."""
    return {name: _names_imported(name, ast.parse(path.read_text("utf-8"), str(path))) for name, path in modules().items()}


@cache
def edges() -> tuple[tuple[str, str, int], ...]:
    """Who imports whom among our own modules: (importer, imported, line)."""
    found = []
    for module, names in imports().items():
        for name, line in names:
            target = _resolve(name) if name.split(".")[0] in PACKAGES else None
            if target and target != module:
                found.append((module, target, line))
    return tuple(found)


def _say(edge: tuple[str, str, int]) -> str:
    return f"{edge[0]} line {edge[2]} imports {edge[1]} (floor {floor(edge[0])} -> {floor(edge[1])})"


def _is_declaration(module: str) -> bool:
    """Whether a module says what every mechanism or policy is, rather than being one."""
    return module.split(".")[-1] in {"__init__", "base"}


def test_every_folder_of_the_simulator_has_a_floor():
    folders = {name.split(".")[1] for name in modules() if name.startswith("simulator.") and name.count(".") > 1}
    assert folders <= FLOORS.keys(), f"give a floor to {sorted(folders - FLOORS.keys())}, here and in docs/architecture.md"


def test_no_import_goes_up_a_floor():
    assert not [_say(e) for e in edges() if floor(e[1]) > floor(e[0])]


def test_the_simulator_knows_neither_the_experiments_nor_the_browser():
    assert not [_say(e) for e in edges() if e[0].startswith("simulator.") and not e[1].startswith("simulator.")]


def test_kernels_know_only_numpy_numba_and_one_another():
    strangers = []
    for module, names in imports().items():
        if module.startswith("simulator.kernels."):
            for name, line in names:
                if not name.startswith("simulator.kernels") and name.split(".")[0] not in KERNELS_MAY_IMPORT:
                    strangers.append(f"{module} line {line} imports {name}")
    assert not strangers


@pytest.mark.parametrize("folder", ["mechanisms", "policies"])
def test_neighbours_on_the_floor_of_mechanisms_never_import_one_another(folder):
    both = ("simulator.mechanisms.", "simulator.policies.")
    meetings = [e for e in edges() if e[0].startswith(f"simulator.{folder}.") and e[1].startswith(both)]
    assert not [_say(e) for e in meetings if not (_is_declaration(e[1]) and e[1].startswith(f"simulator.{folder}."))
                and not _is_declaration(e[0])]  # fmt: skip


def test_nothing_but_the_model_and_above_knows_mesa():
    meetings = []
    for module, names in imports().items():
        parts = module.split(".")
        if parts[0] == "simulator" and parts[1] in WITHOUT_MESA:
            meetings += [f"{module} line {line}" for name, line in names if name.split(".")[0] == "mesa"]
    assert not meetings


def test_no_imports_go_round_in_a_circle():
    graph: dict[str, set[str]] = {name: set() for name in modules()}
    for importer, imported, _ in edges():
        graph[importer].add(imported)
    assert not _circles(graph)


def _circles(graph: dict[str, set[str]]) -> list[list[str]]:
    """Groups of modules that reach one another (Tarjan's strongly connected components above one)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(node: str) -> None:
        index[node] = low[node] = len(index)
        stack.append(node)
        for following in sorted(graph[node]):
            if following not in index:
                visit(following)
                low[node] = min(low[node], low[following])
            elif following in stack:
                low[node] = min(low[node], index[following])
        if low[node] == index[node]:
            group = []
            while not group or group[-1] != node:
                group.append(stack.pop())
            if len(group) > 1:
                found.append(sorted(group))

    for node in sorted(graph):
        if node not in index:
            visit(node)
    return found


def test_the_search_for_circles_finds_one():
    assert _circles({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) == [["a", "b", "c"]]
    assert _circles({"a": {"b"}, "b": {"c"}, "c": set()}) == []


def test_imports_inside_functions_and_relative_imports_are_seen():
    source = "def f():\n    from ..state import persons\n    import_module('viz.app')\nimport mesa\n"
    names = [name for name, _ in _names_imported("simulator.mechanisms.migration", ast.parse(source))]
    assert sorted(names) == ["mesa", "simulator.state.persons", "viz.app"]


def test_no_module_is_longer_than_a_reader_can_hold():
    lines = {name: len(path.read_text("utf-8").splitlines()) for name, path in modules().items()}
    for name, count in sorted(lines.items(), key=lambda pair: -pair[1]):
        if count >= LONG:
            print(f"{name}: {count} lines: which two things is it?", file=sys.stderr)
    assert not {name: count for name, count in lines.items() if count > LONGEST}


def test_every_module_says_first_what_it_describes():
    silent = []
    for name, path in modules().items():
        text = path.read_text("utf-8")
        if text.strip() and not ast.get_docstring(ast.parse(text)):
            silent.append(name)
    assert not silent
