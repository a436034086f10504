"""Whether the page keeps its pace and its memory while it plays for a long time.

The page plays without a break; each sample counts the frames shown in some seconds, and every few minutes the memory is
counted after the browser has thrown away what nobody holds, with the elements and listeners of the page. A sample in
which the whole machine stood still (a laptop asleep, a paused container) says nothing of the page: a thread that wakes ten
times a second notices it, and the sample is left out and counted as such. A page that stands still by itself is no pause:
its sample stays in.
"""

from __future__ import annotations

import os
import statistics
import sys
import threading
import time
from pathlib import Path
from typing import Self

SAMPLE = 15.0
"""Seconds of one sample."""
WEIGH_EVERY = 300.0
"""Seconds of play between two looks at the memory."""
LATE = 1.0
"""The watching thread waking this many seconds late means that the machine stood still."""
PATIENCE = 3.0
"""The measurement ends at this many times its length, however much stood still."""
PLAY = """seconds => new Promise(done => {
  const store = window.__homeward, began = performance.now();
  let last = began, painted = window.__homeward_frames, frames = 0, longest = 0;
  if (!store.playing) store.set({t: 0, playing: true, speed: 0.5});
  const look = now => {
    longest = Math.max(longest, now - last); last = now;
    if (window.__homeward_frames !== painted) { painted = window.__homeward_frames; frames += 1; }
    if (!store.playing) store.set({t: 0, playing: true});
    if (now - began > seconds * 1000) done({rate: frames / ((now - began) / 1000), frames, longest}); else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})"""


class Pauses:
    """Notices when this process did not run: `among(a, b)` says whether it stood still between two monotonic times."""

    def __init__(self):
        self.found: list[tuple[float, float]] = []
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *_error) -> None:
        self.over.set()
        self.thread.join()

    def _watch(self) -> None:
        last = time.monotonic()
        while not self.over.wait(0.1):
            now = time.monotonic()
            if now - last > LATE:
                self.found.append((last, now))
            last = now

    def among(self, begin: float, end: float) -> bool:
        """Whether the machine stood still in this time, or within a second around it."""
        return any(a < end + 1 and b > begin - 1 for a, b in self.found)


def drawing_process(browser) -> int | None:
    """The process that runs the page's script, None where it is not known."""
    rows = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
    found = [row["id"] for row in rows if row["type"] == "renderer"]
    return max(found, key=processor_seconds) if found else None


def processor_seconds(number: int | None) -> float:
    """Processor time of a process so far; 0 where it is not known (Linux)."""
    try:
        fields = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident(number: int | None) -> float:
    """Memory of a process, million bytes."""
    try:
        return int(Path(f"/proc/{number}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    except OSError:
        return float("nan")


def weigh(session, drawing: int | None, server: int) -> dict[str, float]:
    """What is held: the script's memory after a collection, elements, listeners, and the memory of both processes."""
    session.send("HeapProfiler.collectGarbage")
    counted = {row["name"]: row["value"] for row in session.send("Performance.getMetrics")["metrics"]}
    return {"heap": counted["JSHeapUsedSize"] / 1e6, "nodes": counted["Nodes"], "listeners": counted["JSEventListeners"], "page": resident(drawing), "server": resident(server)}


def decay(browser, page, server: int, minutes: float) -> str:
    """Play for some minutes in which the machine runs, and say how frames and memory went."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    session.send("HeapProfiler.enable")
    page.evaluate(PLAY, SAMPLE)
    drawing = drawing_process(browser)
    rates, costs, longest, weights, spoilt = [], [], [], [weigh(session, drawing, server)], 0
    end = time.monotonic() + PATIENCE * 60 * minutes
    with Pauses() as pauses:
        while len(rates) * SAMPLE < 60 * minutes and time.monotonic() < end:
            begin, before = time.monotonic(), processor_seconds(drawing)
            one = page.evaluate(PLAY, SAMPLE)
            after = processor_seconds(drawing)
            time.sleep(1.2)  # a pause that is not over would not be known yet
            if pauses.among(begin, time.monotonic() - 1):
                spoilt += 1
                continue
            rates.append(one["rate"])
            longest.append(one["longest"])
            costs.append(1000 * (after - before) / max(1, one["frames"]))
            if len(rates) % 4 == 0:
                print(f"{len(rates) * SAMPLE / 60:.0f} minutes: {rates[-1]:.1f} frames a second, {costs[-1]:.1f} ms of a processor each, load {os.getloadavg()[0]:.1f}", file=sys.stderr, flush=True)
            if len(rates) * SAMPLE % WEIGH_EVERY == 0:
                weights.append(weigh(session, drawing, server))
                print(f"  {weights[-1]}", file=sys.stderr, flush=True)
    weights.append(weigh(session, drawing, server))
    return told(rates, costs, longest, weights, spoilt)


def told(rates: list[float], costs: list[float], longest: list[float], weights: list[dict[str, float]], spoilt: int) -> str:
    """The measurement in words: the first and the last five minutes, and the memory at the beginning, halfway and at the end."""
    few = max(1, min(len(rates) // 3, int(300 / SAMPLE)))
    minute = max(1, int(60 / SAMPLE))
    by_minute = [statistics.mean(rates[k : k + minute]) for k in range(0, len(rates), minute)]
    stages = [weights[0], weights[len(weights) // 2], weights[-1]]
    row = lambda key, digits=0: ", ".join(f"{one[key]:.{digits}f}" for one in stages)
    return (
        f"{len(rates) * SAMPLE / 60:.1f} minutes: first five {statistics.mean(rates[:few]):.1f} a second, last five {statistics.mean(rates[-few:]):.1f}, lowest minute {min(by_minute):.1f}; "
        f"processor time a frame {statistics.mean(costs[:few]):.1f} and {statistics.mean(costs[-few:]):.1f} ms; longest gap {max(longest):.0f} ms; at the beginning, halfway and at the end: "
        f"script's memory {row('heap', 1)} MB, elements {row('nodes')}, listeners {row('listeners')}, memory of the page's process {row('page')} MB, of the server {row('server')} MB"
        + (f"; {spoilt} samples of {SAMPLE:.0f} s left out because the machine stood still" if spoilt else "")
    )
