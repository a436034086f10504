"""Where compiled kernels are kept between runs, so that only the first start has to wait.

Numba notices a change in a kernel's own file but not in the files that kernel draws on. So the
compiled kernels of a file lie in a folder named by a digest of that file and of every file of ours
it imports, directly or not (`foundations/locator.py` tells numba so): stale machine code is never
run, and a change compiles again only what draws on it.
"""

from __future__ import annotations

import atexit
import hashlib
import importlib.util
import os
import platform
import re
import shutil
import sys
import tempfile
import time
from functools import cache
from pathlib import Path

KEEP_DAYS = 30
LOCATORS = "simulator.foundations.locator.KernelLocator,UserProvidedCacheLocator,InTreeCacheLocator,UserWideCacheLocator"
"""Who tells numba where a compiled function is kept, in this order: ours for the files of this package."""

_IMPORT = re.compile(r"(?m)^\s*(?:from\s+(simulator[\w.]*)\s+import\s+(\([^)]*\)|[^\n]*)|import\s+(simulator[\w.]*))")
_DIGEST = re.compile(r"[0-9a-f]{24}")


def _imported(text: str) -> set[str]:
    """The simulator modules a source text imports, as dotted names (perhaps some names too many)."""
    names: set[str] = set()
    for module, what, plain in _IMPORT.findall(text):
        names.add(module or plain)
        names.update(f"{module}.{word}" for word in re.findall(r"\w+", what) if module)
    return names


def sources_of(package: Path, file: Path) -> list[Path]:
    """A file of the package, and every file of the package it imports, directly or not."""
    waiting, found = [file], set()
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        found.add(path)
        for name in _imported(path.read_text(encoding="utf-8")):
            base = package.joinpath(*name.split(".")[1:])
            waiting += [p for p in (base.with_suffix(".py"), base / "__init__.py") if base != package and p.is_file()]
    return sorted(found)


def _processor() -> str:
    """The name of this processor, as far as the system tells without asking another program."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as lines:
            for line in lines:
                if line.lower().startswith(("model name", "cpu part", "hardware")):
                    return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor()


def _version(package: str) -> str:
    """What is installed of a package, read off its folder's neighbours: much quicker than asking its metadata."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        return "none"
    home = Path(spec.origin).parent.parent
    known = sorted(entry.name for entry in home.glob(f"{package}-*-info"))
    return " ".join(known) or f"{spec.origin} {os.stat(spec.origin).st_mtime_ns}"


@cache
def _compiler() -> bytes:
    """What compiles and for what: versions, interpreter, processor."""
    facts = [*map(_version, ("numba", "llvmlite", "numpy")), sys.version, platform.machine(), _processor()]
    return "\n".join(facts).encode()


def kernel_digest(package: Path, file: Path) -> str:
    """24 hexadecimal digits that change with any source a kernel file draws on, compiler version or processor."""
    digest = hashlib.sha256(_compiler())
    for path in sources_of(package, file):
        content = path.read_bytes()
        digest.update(f"\n{path.relative_to(package).as_posix()} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()[:24]


def cache_home() -> Path:
    """The user's cache folder: XDG_CACHE_HOME, or .cache in the home folder."""
    given = os.environ.get("XDG_CACHE_HOME", "")
    return Path(given) if os.path.isabs(given) else Path.home() / ".cache"


def prune(folder: Path, now: float) -> list[str]:
    """Remove folders of compiled kernels that nobody has used for KEEP_DAYS."""
    gone = []
    for entry in folder.iterdir():
        try:
            if _DIGEST.fullmatch(entry.name) and entry.is_dir() and not entry.is_symlink():
                if now - entry.stat().st_mtime > KEEP_DAYS * 86400:
                    shutil.rmtree(entry, ignore_errors=True)
                    gone.append(entry.name)
        except FileNotFoundError:
            continue
    return gone


def prepare_numba_cache() -> Path:
    """Tell numba where to keep compiled kernels; call it before numba is imported.

    An existing NUMBA_CACHE_DIR is respected. Where the user's cache folder cannot be written, a
    private temporary folder serves for this process alone.
    """
    given = os.environ.get("NUMBA_CACHE_DIR")
    try:
        place = Path(given) if given else cache_home() / "homeward" / "numba"
        place.mkdir(parents=True, exist_ok=True)
        if not os.access(place, os.W_OK | os.X_OK):
            raise PermissionError(place)
        if not given:
            prune(place, time.time())
    except (OSError, RuntimeError):
        place = Path(tempfile.mkdtemp(prefix="homeward-numba-"))
        atexit.register(shutil.rmtree, place, ignore_errors=True)
    os.environ["NUMBA_CACHE_DIR"] = str(place)
    os.environ.setdefault("NUMBA_CACHE_LOCATOR_CLASSES", LOCATORS)
    if "numba" in sys.modules:
        config = sys.modules["numba"].config
        config.CACHE_DIR, config.CACHE_LOCATOR_CLASSES = str(place), os.environ["NUMBA_CACHE_LOCATOR_CLASSES"]
    return place
