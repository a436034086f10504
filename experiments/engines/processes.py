"""How worker processes come to be: each begun anew, or, on Linux, forked in milliseconds by a nursery that has all loaded.

Both kinds look the same to the engine: `stdin` and `stdout` speak JSON, a line a message; `said` is what was written
to standard error; `kill`, `wait` and `end` are what their names say.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import select
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "NUMBA_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
QUIET_ALLOCATOR = {"JE_ARROW_MALLOC_CONF": "background_thread:false"}
"""Arrow's allocator would start a thread when it is loaded, and a process of two threads must not be forked."""
GRACE = 5.0
"""Seconds granted to a process that has been told to end before it is no longer waited for."""


def can_fork() -> bool:
    """Whether this system lets a process be forked safely, handed over and watched: Linux 5.3 or newer."""
    if sys.platform != "linux" or not hasattr(os, "pidfd_open"):
        return False
    try:
        os.close(os.pidfd_open(os.getpid()))
    except OSError:
        return False
    return True


def surroundings() -> dict[str, str]:
    """The environment of a worker or a nursery: one thread, and our packages first."""
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    return os.environ | dict.fromkeys(ONE_THREAD, "1") | QUIET_ALLOCATOR | {"PYTHONPATH": path}


class Spawned:
    """A worker begun anew: it loads everything itself, which takes seconds."""

    nursery = None

    def __init__(self, message: dict):
        self.said = tempfile.TemporaryFile("w+b")  # noqa: SIM115 - kept for the day it dies
        self._process = subprocess.Popen(
            [sys.executable, "-m", "experiments.worker"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.said, env=surroundings(), text=True, encoding="utf-8", bufsize=1,
        )  # fmt: skip
        self.stdin, self.stdout, self.pid = self._process.stdin, self._process.stdout, self._process.pid
        with contextlib.suppress(OSError, ValueError):
            self.stdin.write(json.dumps(message) + "\n")
            self.stdin.flush()

    born = True

    def kill(self) -> None:
        """End it at once."""
        with contextlib.suppress(OSError):
            self._process.kill()

    def wait(self) -> int | None:
        """Its exit code, negative for a signal, once it has ended."""
        return self._process.wait()

    def end(self) -> None:
        """End it and forget it."""
        self.kill()
        self.wait()
        _close(self.stdin, self.stdout, self.said)


class Forked:
    """A worker that a nursery forks: it begins with everything loaded.

    It is the nursery's child and not ours, so it is held by a handle of the system (a pidfd), which can never come to
    mean another process, and its exit code is told by the nursery.
    """

    def __init__(self, nursery: Nursery):
        self.nursery = nursery
        self.said = tempfile.TemporaryFile("w+b")  # noqa: SIM115 - kept for the day it dies
        self._pid, self._handle, self._code = 0, -1, None
        self._born, self._over = threading.Event(), threading.Event()
        hears, asks = os.pipe()
        answers, speaks = os.pipe()
        self.stdin = os.fdopen(asks, "w", 1, encoding="utf-8")
        self.stdout = os.fdopen(answers, "r", encoding="utf-8")
        try:
            nursery.bear(self, (hears, speaks, self.said.fileno()))
        finally:
            os.close(hears)
            os.close(speaks)

    def is_born(self, pid: int, handle: int) -> None:
        """The nursery's child has come to life; perhaps nobody waits for it any more, and it finds its pipe closed."""
        if self.stdin.closed:
            os.close(handle)
            return
        self._pid, self._handle = pid, handle
        self._born.set()

    def has_ended(self, code: int | None) -> None:
        """The nursery says how it ended; None when the nursery itself is gone and nobody knows."""
        self._code = code
        self._over.set()

    @property
    def born(self) -> bool:
        """Whether there is a process; before it says that it is ready, there is."""
        return self._born.is_set()

    @property
    def pid(self) -> int:
        """Its process id; 0 before it is born."""
        return self._pid

    def kill(self) -> None:
        """End it at once; one not yet born never will be, or ends as soon as it finds its pipe closed."""
        if self.born and self._handle >= 0:
            with contextlib.suppress(OSError):
                signal.pidfd_send_signal(self._handle, signal.SIGKILL)

    def wait(self) -> int | None:
        """Its exit code, negative for a signal, once it has ended; None when nobody knows."""
        if not self.born:
            return None
        if self._handle >= 0:
            ready = select.poll()
            ready.register(self._handle, select.POLLIN)
            ready.poll(GRACE * 1000)
        self._over.wait(GRACE)
        return self._code

    def end(self) -> None:
        """End it and forget it."""
        self.kill()
        _close(self.stdin)
        self.wait()
        _close(self.stdout, self.said)
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1


class Nursery:
    """The process that loads everything once, starts no thread, and forks workers when asked (`experiments/nursery.py`).

    What it says that is not about a birth or an end is put on `heard` as (nursery, message), and (nursery, None) when
    it is gone.
    """

    def __init__(self, message: dict, heard: queue.SimpleQueue):
        import socket

        self._said = tempfile.TemporaryFile("w+b")  # noqa: SIM115 - kept for the day it dies
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.gone = False
        self.proved = False
        """Whether a worker of it has been ready."""
        self._young: dict[int, Forked] = {}
        self._count, self._turn = 0, threading.Lock()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "experiments.nursery", str(theirs.fileno()), str(os.getpid())],
                stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=self._said, env=surroundings(),
                text=True, encoding="utf-8", pass_fds=(theirs.fileno(),),
            )  # fmt: skip
        with contextlib.suppress(OSError, ValueError):
            self._process.stdin.write(json.dumps(message) + "\n")
            self._process.stdin.close()
        self._ears = threading.Thread(target=self._hear, args=(heard,), daemon=True)
        self._ears.start()

    def bear(self, worker: Forked, pipes: tuple[int, int, int]) -> None:
        """Ask for a worker that reads, writes and logs on these three; when that fails its pipes close, and that is heard."""
        import socket

        with self._turn:
            if not self.gone:
                self._count += 1
                self._young[self._count] = worker
                try:
                    socket.send_fds(self._control, [json.dumps({"fork": self._count}).encode()], pipes)
                except OSError:
                    self.gone = True

    def _hear(self, heard: queue.SimpleQueue) -> None:
        import socket

        while True:
            try:
                data, handles, _flags, _from = socket.recv_fds(self._control, 1 << 16, 1)
            except OSError:
                data = b""
            if not data:
                break
            message = json.loads(data)
            if "born" in message:
                self._young[message["born"]].is_born(message["pid"], handles[0])
            elif "ended" in message:
                self._young.pop(message["ended"]).has_ended(message["code"])
            else:
                heard.put((self, message))
        with self._turn:
            self.gone = True
        for worker in list(self._young.values()):
            worker.has_ended(None)
        heard.put((self, None))

    def end(self) -> None:
        """End it: by hanging up when it serves, so that it counts the time of its children; else at once."""
        import socket

        with contextlib.suppress(OSError):
            self._control.shutdown(socket.SHUT_RDWR)
        if not self.proved:
            with contextlib.suppress(OSError):
                self._process.kill()
        try:
            self._process.wait(GRACE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._ears.join(GRACE)
        _close(self._control, self._said, self._process.stdin)


def _close(*things) -> None:
    for thing in things:
        with contextlib.suppress(OSError, ValueError):
            thing.close()
