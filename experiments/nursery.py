"""Where the workers of a batch are born: a process with everything loaded and no thread, which forks itself when asked.

    python -m experiments.nursery SOCKET PARENT

A worker begun anew reads the program, the compiled kernels and the world, which takes seconds of a processor; forked from
here it begins in milliseconds and shares that memory. Forking is safe because this process has one thread: it is
counted before every fork, and where there are more, `unfit` is said and workers are begun anew instead.

On standard input comes one line, what the sweep is. On the socket comes {"fork": key} with three handles, to read
from, write to and log to; said there are {"born": key, "pid": ...} with a handle of the process, {"ended": key, "code": ...},
`unfit`, and `stop` when nothing can go on. When the parent is gone, so is the nursery; its workers find their own
pipes closed.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import queue
import select
import signal
import socket
import sys
import threading
import traceback

COARSE = 100_000
"""Persons one agent stands for, at least, in the trial that loads the compiled kernels of a whole country."""
TRIAL_MONTHS = 13
"""Months of the trial, so that every yearly event has come."""


def main(words: list[str]) -> int:
    """Load, then fork until the parent is gone."""
    from experiments import worker

    with contextlib.suppress(ValueError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides
    control, parent = socket.socket(fileno=int(words[0])), int(words[1])
    _watch(parent)
    try:
        task = worker.Task(json.loads(sys.stdin.readline()))
        warm(task.plan)
    except Exception as error:  # noqa: BLE001 - told to the parent, which stops
        _say(control, stop=worker.exit_code(error), why=worker.words_of(error), traceback=traceback.format_exc()[-8000:])
        return 1
    signal.setitimer(signal.ITIMER_REAL, 0)
    gc.collect()
    gc.freeze()  # what is loaded lives as long as we do; children need not look through it
    _serve(control, task)
    return 0


def _watch(parent: int) -> None:
    """While loading, look twice a second whether the parent is there; a thread would make us unfit to be forked."""

    def look(_signal, _frame) -> None:
        if os.getppid() != parent:
            os._exit(0)

    signal.signal(signal.SIGALRM, look)
    signal.setitimer(signal.ITIMER_REAL, 0.5, 0.5)


def _say(control: socket.socket, handles: tuple[int, ...] = (), **message) -> None:
    with contextlib.suppress(OSError):
        socket.send_fds(control, [json.dumps(message).encode()], handles)


def threads() -> int:
    """Threads of this process, those of libraries counted."""
    return len(os.listdir("/proc/self/task"))


def _serve(control: socket.socket, task) -> None:
    events = select.poll()
    events.register(control, select.POLLIN)
    alive: dict[int, tuple[int, int]] = {}  # handle -> (pid, key)
    while True:
        for handle, _what in events.poll():
            if handle in alive:
                events.unregister(handle)
                pid, key = alive.pop(handle)
                os.close(handle)
                _, status = os.waitpid(pid, 0)
                _say(control, ended=key, code=os.waitstatus_to_exitcode(status))
                continue
            try:
                data, pipes, _flags, _from = socket.recv_fds(control, 4096, 3)
            except OSError:
                return
            if not data:
                return
            if (count := threads()) > 1:
                _say(control, unfit=f"{count} threads are running")
                return
            key = json.loads(data)["fork"]
            try:
                pid = os.fork()
            except OSError as error:
                _say(control, unfit=f"cannot fork: {error.strerror}")
                return
            if pid == 0:
                _begin(control, list(alive), key, task, pipes)
            for pipe in pipes:
                os.close(pipe)
            handle = os.pidfd_open(pid)
            alive[handle] = (pid, key)
            events.register(handle, select.POLLIN)


def _begin(control: socket.socket, others: list[int], key: int, task, pipes: list[int]) -> None:
    """The life of a forked worker; never returns."""
    code = 1
    try:
        from experiments import worker

        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        hears, speaks, log = pipes
        os.dup2(log, 2)
        os.dup2(log, 1)
        os.dup2(hears, 0)
        os.close(hears)
        os.close(log)
        mine = os.pidfd_open(os.getpid())
        _say(control, (mine,), born=key, pid=os.getpid())
        control.close()
        for handle in (mine, *others):
            os.close(handle)
        asked: queue.SimpleQueue = queue.SimpleQueue()
        ears = os.fdopen(0, encoding="utf-8", closefd=False)
        threading.Thread(target=worker.listen, args=(ears, asked), daemon=True).start()
        with os.fdopen(speaks, "w", encoding="utf-8") as voice:
            code = worker.serve(task, asked, worker.speaker(voice))
    except BaseException:  # noqa: BLE001 - the last words of this process
        traceback.print_exc()
    finally:
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.flush()
        os._exit(code)


def warm(plan) -> None:
    """Live a coarse year of the plan's last run, which has most of its levers, and throw it away.

    So the world and the compiled kernels are in memory when workers are forked. What goes wrong here
    goes wrong again in a run, where it is told.
    """
    import experiments.store

    if plan.design.model != "homeward":
        return
    import experiments.outcomes  # noqa: F401 - loaded once, here, like the store
    from experiments.living import _world
    from simulator.model import MigrationModel
    from simulator.scenario import load_scenario

    with contextlib.suppress(Exception):
        point, settings = plan.point(plan.numbers()[-1]), plan.design.settings
        given = {**settings, **point.overrides, "seed": point.seed}
        scenario = load_scenario(plan.design.base, given)
        coarse = scenario.persons_per_agent if scenario.persons_per_agent < 100 else max(scenario.persons_per_agent, COARSE)
        scenario = load_scenario(plan.design.base, given | {"months": min(scenario.months, TRIAL_MONTHS), "persons_per_agent": coarse})
        model = MigrationModel(scenario, world=_world(scenario.world, scenario.base_year), threads=1)
        try:
            while not model.done:
                model.step()
        finally:
            model.close()


if __name__ == "__main__":
    os._exit(main(sys.argv[1:]))  # nothing to tidy up, and a sweep should not wait for it
