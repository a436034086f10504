"""What all tests share: how Hypothesis searches, how many threads, and a small world."""

from __future__ import annotations

import os
from importlib.util import find_spec

import hypothesis
import pytest

os.environ.setdefault("NUMBA_NUM_THREADS", "2")  # before numba is imported anywhere
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("MPLBACKEND", "Agg")

_TOO_SLOW = [hypothesis.HealthCheck.too_slow]  # the first example may compile a kernel
hypothesis.settings.register_profile(
    "quick", deadline=None, derandomize=True, print_blob=True, suppress_health_check=_TOO_SLOW
)
hypothesis.settings.register_profile(
    "search", deadline=None, derandomize=False, max_examples=1000, print_blob=True, suppress_health_check=_TOO_SLOW
)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))
"""`quick` is the same search every time; HYPOTHESIS_PROFILE=search looks at new examples, and more of them."""

if find_spec("tests.worlds_factory"):

    @pytest.fixture(scope="session")
    def tiny_world():
        """A world small enough to check by hand, shared by all tests: read it, never change it."""
        from tests.worlds_factory import tiny_world as make

        return make()
