"""A worker of a batch: one process that keeps the engine and the world loaded and does one run after another.

It is begun anew here, or forked with everything loaded (`experiments/nursery.py`). It has pipes and speaks JSON, a line a message. Asked: first what the sweep is, then runs, each a number and its
drawn values.
Said: `ready`, then for each number `done` or `failed`; or `stop` when nothing can go on, as on a full disk. Each
finished run is written under a temporary name, synced and renamed before `done` is said. When the one who asks
is gone, so is the worker.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import sys
import threading
import traceback
from collections.abc import Callable


def main() -> int:
    """Serve until the asker is gone."""
    with contextlib.suppress(ValueError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides
    voice = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever prints, prints to the log and not into the conversation
    say = speaker(voice)
    asked: queue.SimpleQueue = queue.SimpleQueue()
    threading.Thread(target=listen, args=(sys.stdin, asked), daemon=True).start()
    try:
        task = Task(json.loads(asked.get()))
    except Exception as error:  # noqa: BLE001 - told to the parent, which stops
        say(stop=exit_code(error), why=words_of(error), traceback=traceback.format_exc())
        return 1
    return serve(task, asked, say)


def speaker(voice) -> Callable[..., None]:
    """A function that says its keywords as one line of JSON."""

    def say(**message) -> None:
        voice.write(json.dumps(message) + "\n")
        voice.flush()

    return say


def listen(ears, asked: queue.SimpleQueue) -> None:
    """Put what is asked, a line each, on a queue; end this process when the asker is gone."""
    for line in ears:
        asked.put(line)
    os._exit(0)  # the parent is gone; what is half done is nobody's


def serve(task: Task, asked: queue.SimpleQueue, say: Callable[..., None]) -> int:
    """Do one run after another as they are asked for; returns only when nothing can go on."""
    say(ready=os.getpid())
    while True:
        number, drawn = json.loads(asked.get())
        try:
            lived = task.do(number, drawn)
        except Exception as error:  # noqa: BLE001 - one run's failure is told, the next is done
            code = exit_code(error)
            if code == 5 and not isinstance(error, MemoryError):
                say(stop=code, why=words_of(error), traceback="")
                return 1
            say(failed=number, why=words_of(error), traceback=traceback.format_exc()[-8000:])
        else:
            say(done=number, seconds=round(lived.seconds, 6), cpu=round(lived.cpu, 6))


class Task:
    """The sweep at hand, with everything loaded that its runs have in common."""

    def __init__(self, message: dict):
        from pathlib import Path

        from experiments.engines import plan_from
        from experiments.store import loose_name, pack

        self.plan = plan_from(message)
        self.folder = Path(message["folder"]) / "loose"
        self.names = [keep.key() for keep in self.plan.design.keeps]
        self._pack, self._name = pack, loose_name

    def do(self, number: int, drawn: dict):
        """One run, from its number to its file."""
        from experiments.living import live
        from simulator.foundations.files import atomic_write_bytes

        lived = live(self.plan, number, drawn)
        atomic_write_bytes(self.folder / self._name(number), self._pack(number, lived.run_id, lived.rows, self.names))
        return lived


def exit_code(error: BaseException) -> int:
    """The exit code an error of a run would have on the command line."""
    from simulator.foundations.errors import HomewardError

    return error.exit_code if isinstance(error, HomewardError) else 5 if isinstance(error, MemoryError) else 1


def words_of(error: BaseException) -> str:
    """An error in one line."""
    from simulator.foundations.errors import HomewardError, one_line

    text = str(error).splitlines()[0] if str(error) else ""
    return one_line(text if isinstance(error, HomewardError) else f"{type(error).__name__}: {text}")[:500]


if __name__ == "__main__":
    sys.exit(main())
