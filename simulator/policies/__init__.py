"""What governments can do, and what can befall a country: each policy and shock is one file here.

Nothing is registered anywhere: every module of this folder that declares a `Policy` is found, and
so are the files handed over with `--plugin`.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import pkgutil
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from simulator.foundations.errors import BadInput, Fault, one_line
from simulator.policies.base import FAMILIES, Policy, complaints

_plugins: dict[str, Policy] = {}
_plugin_files: dict[str, Path] = {}
_plugin_texts: dict[str, str] = {}


def registry() -> Mapping[str, Policy]:
    """Every policy and shock by name, those of plugins last.

    A declared policy offers `name`, `kind` ("policy" or "shock"), `family`, `title`, `description`,
    `mechanism`, `evidence` (`Text`), `payer`, and `parameters`, a mapping of short names to
    `Parameter`. The loader of scenarios, the command line and the documents read nothing else.
    """
    return {**_own(), **_plugins}


@cache
def _own() -> dict[str, Policy]:
    found: dict[str, Policy] = {}
    for module in sorted(m.name for m in pkgutil.iter_modules(__path__) if m.name != "base"):
        for policy in _declared_in(importlib.import_module(f"{__name__}.{module}")):
            found[policy.name] = policy()
    families = list(FAMILIES)
    return dict(sorted(found.items(), key=lambda item: (families.index(item[1].family), item[0])))


def _declared_in(module) -> list[type[Policy]]:
    return [
        thing
        for thing in vars(module).values()
        if isinstance(thing, type) and issubclass(thing, Policy) and thing.__module__ == module.__name__
    ]


def load_plugin(file: str | Path) -> str:
    """Read a file that declares policies and add them; returns the SHA-256 of the file.

    BadInput names what is wrong: no file, not Python, a declaration that lacks something, a name
    that is already taken. Loading the same file twice changes nothing.
    """
    path = Path(file)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadInput(
            Fault(str(file), value=f"cannot be read: {error.strerror}", remedy="give a Python file with --plugin FILE.py")
        ) from None
    digest = hashlib.sha256(data).hexdigest()
    if digest in _plugin_files:
        return digest
    name = f"homeward_plugin_{digest[:16]}"
    spec = importlib.util.spec_from_loader(name, loader=None, origin=str(path))
    module = importlib.util.module_from_spec(spec)
    module.__file__ = str(path)
    sys.modules[name] = module
    try:
        exec(compile(data, str(path), "exec"), vars(module))  # noqa: S102 - the user asked for this file to be run
        policies = _declared_in(module)
    except Exception as error:  # noqa: BLE001 - whatever a plugin raises is the plugin's fault
        sys.modules.pop(name, None)
        line = getattr(error, "lineno", 0) or _line_of(error, str(path))
        raise BadInput(
            Fault(str(file), line, value=one_line(f"{type(error).__name__}: {error}")[:200], remedy="mend the plugin")
        ) from None
    faults = [Fault(str(file), 1, value=text, remedy="see docs/policies.md") for p in policies for text in complaints(p)]
    faults += [
        Fault(str(file), 1, f"{p.__name__}.name", p.name, remedy="choose a name that no other policy has")
        for p in policies
        if p.name in registry()
    ]
    if not policies:
        faults.append(Fault(str(file), 1, value="no policy is declared here", remedy="see homeward new policy NAME"))
    if faults:
        sys.modules.pop(name, None)
        raise BadInput(faults)
    for policy in policies:
        _plugins[policy.name] = policy()
    _plugin_files[digest], _plugin_texts[digest] = path, data.decode("utf-8")
    return digest


def _line_of(error: BaseException, file: str) -> int:
    line, trace = 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == file:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def forget_plugins() -> None:
    """Take every plugin's policies away again (for tests and for pages that stay open)."""
    _plugins.clear()
    _plugin_files.clear()
    _plugin_texts.clear()


def plugin_text(digest: str) -> str:
    """The text of a loaded plugin file, as it was when it was loaded."""
    return _plugin_texts[digest]


def plugin_files(names: Iterable[str]) -> dict[str, Path]:
    """The plugin files, by SHA-256, that declare any of these policies."""
    modules = {type(_plugins[name]).__module__ for name in names if name in _plugins}
    return {digest: path for digest, path in sorted(_plugin_files.items()) if f"homeward_plugin_{digest[:16]}" in modules}
