"""Where compiled kernels are kept between runs, so that only the first start has to wait.

Numba notices a change in a kernel's own file but not in the files that kernel draws on. So the
folder is named by a digest of all of them: a change anywhere starts a fresh folder, and stale
machine code is never run.
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
from pathlib import Path

KEEP_DAYS = 30
KEEP_NEWEST = 4

_IMPORT = re.compile(r"(?m)^\s*(?:from\s+(simulator[\w.]*)\s+import\s+(\([^)]*\)|[^\n]*)|import\s+(simulator[\w.]*))")
_DIGEST = re.compile(r"[0-9a-f]{24}")


def _imported(text: str) -> set[str]:
    """The simulator modules a source text imports, as dotted names (perhaps some names too many)."""
    names: set[str] = set()
    for module, what, plain in _IMPORT.findall(text):
        names.add(module or plain)
        names.update(f"{module}.{word}" for word in re.findall(r"\w+", what) if module)
    return names


def kernel_sources(package: Path) -> list[Path]:
    """Every file that holds a kernel, and every file of the package those import, directly or not."""
    texts = {path: path.read_text(encoding="utf-8") for path in sorted(package.rglob("*.py"))}
    waiting = [path for path, text in texts.items() if "njit(" in text or "@njit" in text]
    found: set[Path] = set()
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        found.add(path)
        for name in _imported(texts[path]):
            base = package.joinpath(*name.split(".")[1:])
            waiting += [p for p in (base.with_suffix(".py"), base / "__init__.py") if p in texts and base != package]
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


def kernel_digest(package: Path) -> str:
    """24 hexadecimal digits that change with any kernel source, compiler version or processor."""
    digest = hashlib.sha256()
    facts = [*map(_version, ("numba", "llvmlite", "numpy")), sys.version, platform.machine(), _processor()]
    digest.update("\n".join(facts).encode())
    for path in kernel_sources(package):
        content = path.read_bytes()
        digest.update(f"\n{path.relative_to(package).as_posix()} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()[:24]


def cache_home() -> Path:
    """The user's cache folder: XDG_CACHE_HOME, or .cache in the home folder."""
    given = os.environ.get("XDG_CACHE_HOME", "")
    return Path(given) if os.path.isabs(given) else Path.home() / ".cache"


def prune(folder: Path, keep: str, now: float) -> list[str]:
    """Remove digest folders unused for KEEP_DAYS, but never the newest KEEP_NEWEST nor `keep`."""
    ages = []
    for entry in folder.iterdir():
        if _DIGEST.fullmatch(entry.name) and entry.is_dir() and not entry.is_symlink():
            try:
                ages.append((entry.stat().st_mtime, entry.name))
            except FileNotFoundError:
                continue
    ages.sort(reverse=True)
    gone = [name for used, name in ages[KEEP_NEWEST:] if name != keep and now - used > KEEP_DAYS * 86400]
    for name in gone:
        shutil.rmtree(folder / name, ignore_errors=True)
    return gone


def prepare_numba_cache() -> Path:
    """Tell numba where to keep compiled kernels; call it before numba is imported.

    An existing NUMBA_CACHE_DIR is respected. Where the user's cache folder cannot be written, a
    private temporary folder serves for this process alone.
    """
    given = os.environ.get("NUMBA_CACHE_DIR")
    if given:
        return Path(given)
    try:
        folder = cache_home() / "homeward" / "numba"
        digest = kernel_digest(Path(__file__).resolve().parent.parent)
        place = folder / digest
        place.mkdir(parents=True, exist_ok=True)
        if not os.access(place, os.W_OK | os.X_OK):
            raise PermissionError(place)
        os.utime(place)
        prune(folder, digest, time.time())
    except (OSError, RuntimeError):
        place = Path(tempfile.mkdtemp(prefix="homeward-numba-"))
        atexit.register(shutil.rmtree, place, ignore_errors=True)
    os.environ["NUMBA_CACHE_DIR"] = str(place)
    if "numba" in sys.modules:
        sys.modules["numba"].config.CACHE_DIR = str(place)
    return place
