"""Where numba finds the compiled kernels of a file of this package: by content, so that no stale one is run."""

from __future__ import annotations

import os
import time
from functools import cache
from pathlib import Path

from numba import config
from numba.core.caching import _CacheLocator

from simulator.foundations.cache import kernel_digest

PACKAGE = Path(__file__).resolve().parent.parent


@cache
def _folder(file: str, home: str) -> Path:
    """The folder of one kernel file; its time of last use is noted once a process."""
    folder = Path(home) / kernel_digest(PACKAGE, Path(file))
    folder.mkdir(parents=True, exist_ok=True)
    os.utime(folder, (now := time.time(), now))
    return folder


class KernelLocator(_CacheLocator):
    """Numba's locator for functions of this package: folder and stamp are the digest of all sources drawn on."""

    def __init__(self, py_func, py_file: str):
        self._line = py_func.__code__.co_firstlineno
        self._path = _folder(os.path.realpath(py_file), config.CACHE_DIR)

    def get_cache_path(self) -> str:
        """Folder of the compiled function."""
        return str(self._path)

    def get_source_stamp(self) -> str:
        """What the sources drawn on say; numba compiles again when it differs."""
        return self._path.name

    def get_disambiguator(self) -> str:
        """Line of the function: tells two of one name apart."""
        return str(self._line)

    @classmethod
    def from_function(cls, py_func, py_file: str):
        """A locator, or None for a function of somebody else's or where the folder cannot be written."""
        if not config.CACHE_DIR or not Path(os.path.realpath(py_file)).is_relative_to(PACKAGE):
            return None
        try:
            found = cls(py_func, py_file)
            found.ensure_cache_path()
        except OSError:
            return None
        return found
