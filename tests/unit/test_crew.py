"""The crew of threads, and the folder of compiled kernels."""

import gc
import importlib.util
import os
import signal
import subprocess
import sys
import threading
import time
import weakref
from pathlib import Path

import numpy as np
import pytest

from simulator.foundations import cache
from simulator.foundations.crew import Crew


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_results_come_back_in_the_order_of_the_blocks(threads):
    with Crew(threads, block=10) as crew:
        assert crew.run(lambda lo, hi: (lo, hi), 35) == [(0, 10), (10, 20), (20, 30), (30, 35)]
        assert crew.run(lambda lo, hi: (lo, hi), 0) == []


def test_the_sum_of_floats_does_not_depend_on_the_number_of_threads():
    x = np.random.default_rng(3).normal(size=100_000)

    def total(threads):
        with Crew(threads, block=4096) as crew:
            return sum(crew.run(lambda values, lo, hi: float(values[lo:hi].sum()), len(x), x))

    assert total(1) == total(2) == total(4)


def test_two_threads_really_work_at_the_same_time():
    both = threading.Barrier(2, timeout=20)
    with Crew(2, block=1) as crew:
        crew.run(lambda lo, hi: both.wait(), 2)


@pytest.mark.parametrize("threads", [1, 3])
def test_the_error_of_the_first_failing_block_is_raised_and_the_crew_survives(threads):
    def work(lo, hi):
        if lo in (5, 6, 9):
            time.sleep(0.01 if lo == 5 else 0)
            raise ValueError(f"block {lo}")
        return lo

    with Crew(threads, block=1) as crew:
        with pytest.raises(ValueError, match="block 5"):
            crew.run(work, 12)
        assert crew.run(lambda lo, hi: lo, 3) == [0, 1, 2]


def test_a_closed_crew_leaves_no_thread_behind_and_refuses_work():
    before = threading.active_count()
    crew = Crew(3, block=1)
    crew.run(lambda lo, hi: lo, 9)
    crew.close()
    crew.close()
    assert threading.active_count() == before
    with pytest.raises(RuntimeError, match="closed"):
        crew.run(lambda lo, hi: lo, 1)


def test_a_crew_needs_hands():
    with pytest.raises(ValueError, match="at least 1 thread"):
        Crew(0)


def test_a_thousand_short_tasks_after_uneven_pauses_all_come_to_their_end():
    """A wake-up that is lost between looking and sleeping would stop this for good."""
    luck = np.random.default_rng(4)
    with Crew(3, block=1) as crew:
        for turn in range(1500):
            many = int(luck.integers(1, 7))
            assert crew.run(lambda lo, hi, turn=turn: lo + turn, many) == [lo + turn for lo in range(many)]
            if turn % 3 == 0:
                time.sleep(float(luck.choice([0.0, 4e-5, 6e-5, 2e-4])))


def test_a_crew_that_waits_uses_no_processor():
    with Crew(3, block=1) as crew:
        crew.run(lambda lo, hi: lo, 9)
        time.sleep(0.01)
        before = time.process_time()
        time.sleep(0.3)
        assert time.process_time() - before < 0.1


def test_ctrl_c_while_another_thread_still_works_is_raised_after_its_item_and_the_crew_survives():
    both, ended = threading.Barrier(2, timeout=20), []

    def work(lo, hi):
        both.wait()
        if threading.current_thread() is threading.main_thread():
            return lo
        time.sleep(0.1)  # the caller has gone to sleep
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
        time.sleep(0.1)
        ended.append(lo)
        return lo

    with Crew(2, block=1) as crew:
        with pytest.raises(KeyboardInterrupt):
            crew.run(work, 2)
        assert len(ended) == 1
        assert crew.run(lambda lo, hi: lo, 3) == [0, 1, 2]


def test_after_ctrl_c_nobody_takes_another_item():
    taken = []

    def work(lo, hi):
        taken.append(lo)
        time.sleep(0.02)
        if threading.current_thread() is threading.main_thread():
            signal.raise_signal(signal.SIGINT)

    with Crew(2, block=1) as crew, pytest.raises(KeyboardInterrupt):
        crew.run(work, 50)
    assert len(taken) < 6


def test_a_crew_nobody_holds_any_longer_sends_its_threads_home():
    before = threading.active_count()
    crew = Crew(3, block=1)
    crew.run(lambda lo, hi: lo, 9)
    assert threading.active_count() > before
    del crew
    gc.collect()
    assert threading.active_count() == before


def test_threads_hold_nothing_of_a_task_that_has_ended():
    class Load:
        pass

    load = Load()
    left = weakref.ref(load)
    with Crew(2, block=1) as crew:
        crew.run(lambda held, lo, hi: lo, 8, load)
        del load
        gc.collect()
        assert left() is None


FORKED = """
import os
from simulator.foundations.crew import Crew
crew = Crew(2, block=1)
first = crew.run(lambda lo, hi: lo, 5)
child = os.fork()
if child == 0:
    good = crew.run(lambda lo, hi: lo, 5) == first
    os._exit(0 if good else 3)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
print(crew.run(lambda lo, hi: lo, 5))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no forking on this system")
def test_a_forked_process_gets_threads_of_its_own_and_an_end_of_the_program_waits_for_nobody():
    """The crew is never closed: the end of either process must not hang."""
    root = Path(__file__).resolve().parents[2]
    environment = os.environ | {"PYTHONPATH": str(root)}
    command = [sys.executable, "-W", "ignore", "-c", FORKED]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[0, 1, 2, 3, 4]"


def _package(folder: Path) -> Path:
    package = folder / "simulator"
    (package / "kernels").mkdir(parents=True)
    (package / "foundations").mkdir()
    (package / "__init__.py").write_text("")
    (package / "kernels" / "__init__.py").write_text("")
    (package / "kernels" / "a.py").write_text(
        "from simulator.foundations.words import (\n    X,\n)\n@njit(cache=True)\ndef f(): ...\n"
    )
    (package / "foundations" / "words.py").write_text("X = 1\n")
    (package / "foundations" / "talk.py").write_text("Y = 1\n")
    return package


def test_only_a_change_in_what_a_kernel_draws_on_changes_its_digest(tmp_path):
    package = _package(tmp_path)
    kernel = package / "kernels" / "a.py"
    first = cache.kernel_digest(package, kernel)
    (package / "foundations" / "talk.py").write_text("Y = 2\n")
    assert cache.kernel_digest(package, kernel) == first
    (package / "foundations" / "words.py").write_text("X = 2\n")
    assert cache.kernel_digest(package, kernel) != first


def test_compiled_kernels_unused_for_a_month_are_swept(tmp_path):
    now = 1e9
    for age in range(4):
        folder = tmp_path / f"{age:024x}"
        folder.mkdir()
        used = now - (20 + 5 * age) * 86400
        os.utime(folder, (used, used))
    (tmp_path / "something else").mkdir()
    assert cache.prune(tmp_path, now=now) == [f"{3:024x}"]
    assert (tmp_path / "something else").is_dir() and (tmp_path / f"{2:024x}").is_dir()


def _cache_folder(**changes) -> tuple[str, str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("NUMBA_CACHE")} | changes
    code = "import simulator, sys, os; print(os.environ['NUMBA_CACHE_DIR']); print('numba' in sys.modules)"
    root = Path(importlib.util.find_spec("simulator").origin).parent.parent
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=root, capture_output=True, text=True, check=True
    )
    folder, numba_loaded = done.stdout.split()
    return folder, numba_loaded


def test_importing_the_simulator_names_the_folder_of_compiled_kernels_without_loading_numba(tmp_path):
    folder, numba_loaded = _cache_folder(XDG_CACHE_HOME=str(tmp_path))
    assert Path(folder) == tmp_path / "homeward" / "numba"
    assert numba_loaded == "False"
    assert _cache_folder(NUMBA_CACHE_DIR=str(tmp_path / "mine"))[0] == str(tmp_path / "mine")


def test_a_home_that_cannot_be_written_gets_a_private_folder_for_the_process(tmp_path):
    (tmp_path / "file").write_text("")
    folder, _ = _cache_folder(XDG_CACHE_HOME=str(tmp_path / "file"))
    assert not Path(folder).is_relative_to(tmp_path)
    assert not Path(folder).exists()
