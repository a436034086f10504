"""Compile everything now, so that the first run starts at once."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import threading
import time


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """No options of its own."""


def main(args: argparse.Namespace) -> int:
    """Compile on every processor, then live thirteen months of the teaching circle, so that every yearly event has come."""
    began = time.monotonic()
    watch = _Watch(args.quiet)
    from simulator import runs
    from simulator.ahead import compile_ahead

    with watch, tempfile.TemporaryDirectory(prefix="homeward-warm-") as folder:
        watch.say("reading the program")
        scenario = runs.load_scenario("teaching", {"months": 13})  # school, unions and registers have months of their own
        watch.say("compiling")
        compile_ahead(lambda done, of: watch.say(f"compiling: {done} of {of} files of kernels done"))
        watch.say("living a year of the teaching circle")
        runs.run(scenario, out=folder, threads=1, pictures=False, progress=lambda model, _: watch.say(f"lived {model.month % 12 + 1}"))
    seconds = time.monotonic() - began
    if args.json:
        print(json.dumps({"seconds": round(seconds, 2)}))
    else:
        print(f"everything is compiled ({seconds:.0f} s)" if args.lang == "en" else f"编译完成（{seconds:.0f} 秒）")
    return 0


class _Watch:
    """A line on standard error that shows what is being done and for how long."""

    def __init__(self, quiet: bool):
        self.quiet = quiet
        self.what, self.began = "", time.monotonic()
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._tick, daemon=True)

    def say(self, what: str) -> None:
        """What is being done now."""
        self.what = what

    def __enter__(self):
        if not self.quiet:
            self.thread.start()
        return self

    def __exit__(self, *_error) -> None:
        self.over.set()
        if self.thread.is_alive():
            self.thread.join()

    def _tick(self) -> None:
        live = sys.stderr.isatty()
        while not self.over.wait(0.5 if live else 5.0):
            text = f"{time.monotonic() - self.began:4.0f} s  {self.what}"
            print(f"\r\033[K{text}" if live else text, end="" if live else "\n", file=sys.stderr, flush=True)
        if live:
            print("\r\033[K", end="", file=sys.stderr, flush=True)
