"""One process that computes histories of the country for the page, a month at a time, and can be told to stop.

It keeps what it has built: for each ground (a scenario without its policies, at one scale and seed) the
model and its state at the ends of years, in memory or on disk, so that a policy that begins in 2027 starts
from December 2026. A month of a policy run is the month of a batch run: same code, same luck, same numbers.
"""

from __future__ import annotations

import os
import signal
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from viz import keeping
from viz.packing import pack

SEND_SECONDS = 0.18
"""Time between two blocks of months; the first month is sent at once. Each block makes the page draw again,
on a core that the computing wants too."""
SNAPSHOT_BYTES = 900_000_000
"""Memory for grounds and their states at the ends of years; the grounds used longest ago go first."""
BUILT_STATES = 4
"""A built model takes about as much memory as this many of its states."""
REHEARSED = 14
"""Months that a new ground lives for nothing, so that no compiled code has to be fetched when somebody waits."""
MONTHLY = ("places", "nation", "policies", "governments")
"""What is known of every month."""
NICE = 5
"""How much the worker of the fine scale gives way to the one of the quick sketch and to the browser."""


@dataclass
class Ground:
    """A built model and its states by month: some in memory, others on disk."""

    model: object
    scenario: object
    key: str
    folder: Path | None
    states: dict[int, dict] = field(default_factory=dict)
    bytes: int = 0

    def keep(self, observer, wanted: set[int]) -> None:
        """Keep the state of the month just lived, if a policy may start from it."""
        from simulator import checkpoint

        month = self.model.month
        if month in self.states or (month != self.model.start and month not in wanted):
            return
        parts = checkpoint.snapshot(self.model, observer)
        size = keeping.state_bytes(parts)
        if month == self.model.start:
            self.bytes += BUILT_STATES * size
        elif self.folder is not None:
            keeping.write_state(self.folder, self.key, month, parts)
            return
        self.states[month] = parts
        self.bytes += size

    def state(self, until: int) -> tuple[int, dict]:
        """The latest month not after `until` of which the state is known, and that state."""
        kept = keeping.months_kept(self.folder, self.key) if self.folder is not None else []
        for month in sorted({*self.states, *kept}, reverse=True):
            if month > until:
                continue
            parts = self.states.get(month) or keeping.read_state(self.folder, self.key, month)
            if parts is not None:
                return month, parts
        raise KeyError(until)


class Worker:
    """Serves one end of a pipe until it closes."""

    def __init__(self, pipe):
        self.pipe = pipe
        self.grounds: OrderedDict[str, Ground] = OrderedDict()
        self.cancelled: set[int] = set()
        self.stopped = False

    def serve(self) -> None:
        """Take jobs one after another."""
        while not self.stopped:
            try:
                message = self.pipe.recv()
            except (EOFError, OSError):
                return
            if message[0] == "job":
                self.work(message[1])
            elif message[0] == "stop":
                return

    def work(self, job: dict) -> None:
        """Compute one history; whatever goes wrong is told to the desk, and the worker lives on."""
        from simulator.foundations.errors import HomewardError

        try:
            act = {"history": self.live, "ready": self.make_ready}.get(job["what"], self.inquire)
            end = "done" if act(job) else "cancelled"
            self.pipe.send((end, job["id"], ""))
        except HomewardError as error:
            self.pipe.send(("failed", job["id"], str(error).splitlines()[0][:400]))
        except Exception as error:  # noqa: BLE001 - one bad request must not end the room's session
            self.pipe.send(("failed", job["id"], f"our defect ({type(error).__name__}: {str(error)[:200]})"))
        self.cancelled.discard(job["id"])

    def asked_to_stop(self, number: int) -> bool:
        """Read what the desk said since the last month."""
        while self.pipe.poll():
            message = self.pipe.recv()
            if message[0] == "cancel":
                self.cancelled.add(message[1])
            elif message[0] == "stop":
                self.stopped = True
        return self.stopped or number in self.cancelled

    def live(self, job: dict) -> bool:
        """Live the months of a job and send them; False when it was cancelled on the way."""
        from simulator import checkpoint, governing
        from simulator.scenario import scenario_from_dict
        from viz.live import LiveObserver

        scenario = scenario_from_dict(job["scenario"], job["name"])
        ground = self.ground(job, scenario)
        model = ground.model
        begin, state = ground.state(first_difference(scenario))
        observer = LiveObserver(model.world)
        governing.adopt(model, ground.scenario)
        checkpoint.restore(model, observer, ground.states[model.start])
        if scenario.policies:
            governing.adopt(model, scenario)
        checkpoint.restore(model, observer, state | {"programmes": model.programmes.arrays()})
        model.observers[:] = [observer]
        parcel = Parcel(self.pipe, job["id"])
        if begin == model.start:
            opening = LiveObserver(model.world)
            opening.open(model)
            parcel.add(opening.take())
        wanted = set() if scenario.policies else set(job["keep"])
        while not model.done:
            if self.asked_to_stop(job["id"]):
                return False
            model.step()
            parcel.add(observer.take())
            if model.month in wanted:
                ground.keep(observer, wanted)
        parcel.send()
        self.forget()
        return True

    def make_ready(self, job: dict) -> bool:
        """Build a ground before it is asked for, and live some months of it for nothing."""
        from simulator.scenario import scenario_from_dict
        from viz.live import LiveObserver

        fresh = job["ground"] not in self.grounds
        ground = self.ground(job, scenario_from_dict(job["scenario"], job["name"]))
        model, observer = ground.model, LiveObserver(ground.model.world)
        model.observers[:] = [observer]
        for _ in range(REHEARSED if fresh else 0):
            if model.done or self.asked_to_stop(job["id"]):
                break
            model.step()
            observer.take()
        self.forget()
        return True

    def inquire(self, job: dict) -> bool:
        """Answer a question about two worlds; False when it was given up on the way."""
        from simulator.scenario import scenario_from_dict
        from viz import inquiries

        other = scenario_from_dict(job["scenario"], job["name"])
        base = scenario_from_dict(job["base"], job["name"])
        last = [0.0]

        def progress(share: float) -> None:
            if share - last[0] >= 0.02:
                last[0] = share
                self.pipe.send(("progress", job["id"], share))

        def stop() -> bool:
            return self.asked_to_stop(job["id"])

        try:
            if job["what"] == "why":
                begin, state = self.ground(job, base).state(first_difference(other))
                block = inquiries.why(base, other, begin, state, stop, progress)
            elif job["what"] == "person":
                block = inquiries.person(base, other, job["whom"], stop, progress)
            else:
                block = inquiries.twins(base, other, stop, progress)
        except inquiries.GivenUp:
            return False
        self.pipe.send(("answer", job["id"], block))
        return True

    def ground(self, job: dict, scenario) -> Ground:
        """The built model of a job, from what is kept or anew."""
        import mesa

        from simulator.model import MigrationModel
        from simulator.scenario import scenario_from_dict
        from viz.live import LiveObserver

        key = job["ground"]
        if key in self.grounds:
            self.grounds.move_to_end(key)
            return self.grounds[key]
        plain = scenario_from_dict(job["scenario"] | {"policies": []}, job["name"])
        model = MigrationModel(plain, threads=1)
        model.datacollector = mesa.DataCollector()  # its series would grow with every history that is lived here, and no page shows them
        ground = Ground(model, plain, key, Path(job["folder"]) if job["folder"] else None)
        ground.keep(LiveObserver(ground.model.world), set())
        self.grounds[key] = ground
        return ground

    def forget(self) -> None:
        """Drop the states of grounds used longest ago until what is left fits."""
        while len(self.grounds) > 1 and sum(g.bytes for g in self.grounds.values()) > SNAPSHOT_BYTES:
            _, ground = self.grounds.popitem(last=False)
            ground.model.close()


class Parcel:
    """Months on their way to the desk."""

    def __init__(self, pipe, number: int):
        self.pipe, self.number = pipe, number
        self.months: list[dict] = []
        self.sent = 0.0

    def add(self, months: list[dict]) -> None:
        """Take months, and send them on when the last block is long enough ago."""
        self.months += months
        if self.months and time.monotonic() - self.sent >= SEND_SECONDS:
            self.send()

    def send(self) -> None:
        """Send what is there."""
        if not self.months:
            return
        months, self.months = self.months, []
        self.sent = time.monotonic()
        arrays = {"month": np.concatenate([m["month"] for m in months])}
        arrays |= {name: np.stack([m[name] for m in months]) for name in MONTHLY}
        for seen in months:
            year = int(seen["month"][0]) // 12
            arrays |= {f"{name}/{year}": seen[name] for name in ("flows", "talent_from", "deciles") if name in seen}
        self.pipe.send(("chunk", self.number, pack({}, arrays)))


def first_difference(scenario) -> int:
    """The last month that a scenario shares with itself without policies."""
    if not scenario.policies:
        return scenario.start_month
    from simulator.foundations.units import parse_month

    starts = [parse_month(use.when.start) if use.when.start else scenario.start_month + 1 for use in scenario.policies]
    return max(min(starts) - 1, scenario.start_month)


def main(pipe, patient: bool = False) -> None:
    """Run one worker, a patient one at low priority; Ctrl-C is for the program that started it."""
    if patient and hasattr(os, "nice"):
        os.nice(NICE)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
        os.environ[name] = "1"
    Worker(pipe).serve()
