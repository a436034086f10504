"""Simulate a scenario month by month and write a run folder."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path

from simulator.foundations import cache
from simulator.foundations.errors import BadInput, Fault
from simulator.scenario.loader import parse_settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to simulate, what to change in it, and where to keep it."""
    parser.add_argument("scenario", nargs="?", default="baseline", metavar="SCENARIO", help="a name or a file (default: baseline)")
    parser.add_argument("--world", metavar="W", help="world to simulate instead of the scenario's")
    parser.add_argument("--start", metavar="YYYY-MM", help="opening month")
    parser.add_argument("--months", type=int, metavar="N", help="months to simulate")
    parser.add_argument("--seed", type=int, metavar="S", help="luck of the run")
    parser.add_argument("--persons-per-agent", type=int, metavar="K", help="people that one agent stands for")
    parser.add_argument("--set", action="append", default=[], metavar="path=value", help="set a parameter; may be repeated")
    add_running_arguments(parser)
    parser.add_argument("--out", default="results", metavar="DIR", help="folder of run folders (default: results)")
    there = parser.add_mutually_exclusive_group()
    there.add_argument("--resume", action="store_true", help="go on from the last checkpoint, if the run is there")
    there.add_argument("--replace", action="store_true", help="throw an older run of the same name away")


def add_running_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of whatever simulates: threads, checkpoints, pictures."""
    parser.add_argument("--threads", type=int, metavar="T", help="threads (default: two, or one on a machine with one); results do not depend on it")
    parser.add_argument("--stop-after", type=int, metavar="MONTHS", help="stop with a checkpoint after so many months")
    parser.add_argument("--checkpoint-every", type=int, metavar="MONTHS", help="also write a checkpoint every so many months")
    parser.add_argument("--checkpoint-at-end", action="store_true", help="keep a checkpoint of the last month")
    parser.add_argument("--no-pictures", action="store_true", help="write tables only")


def main(args: argparse.Namespace) -> int:
    """Run, then say in plain words what came out."""
    from simulator import runs

    check_counts(args)
    overrides = dict(parse_settings(args.set))
    given = {"months": args.months, "seed": args.seed, "world": args.world, "start": args.start, "persons_per_agent": args.persons_per_agent}
    overrides |= {name: value for name, value in given.items() if value is not None}
    scenario = runs.load_scenario(args.scenario, overrides)
    return live(args, scenario, {"out": args.out, "resume": args.resume, "replace": args.replace})


def check_counts(args: argparse.Namespace) -> None:
    """Threads and months must be whole numbers of at least one."""
    faults = [
        Fault(field=f"--{name.replace('_', '-')}", value=str(value), allowed="a whole number of at least 1")
        for name in ("threads", "stop_after", "checkpoint_every")
        if (value := getattr(args, name, None)) is not None and value < 1
    ]
    if faults:
        raise BadInput(faults)


def live(args: argparse.Namespace, scenario, where: dict) -> int:
    """Simulate with a progress bar and print the summary; used by `run` and `resume`."""
    from simulator import runs

    threads = args.threads or min(2, os.cpu_count() or 1)
    with Bar(scenario, args.quiet, args.lang) as bar:
        try:
            done = runs.run(
                scenario, threads=threads, stop_after=args.stop_after, checkpoint_every=args.checkpoint_every,
                checkpoint_at_end=args.checkpoint_at_end, pictures=not args.no_pictures, progress=bar, **where,
            )  # fmt: skip
        except KeyboardInterrupt:
            bar.close()
            folder = where.get("folder") or os.path.join(where["out"], runs.folder_name(scenario))
            if os.path.isfile(os.path.join(folder, "run.json")):
                print(_WORDS["resume"][args.lang].format(folder=folder), file=sys.stderr)
            raise
    if args.json:
        print(json.dumps({"folder": str(done.folder), **done.info}, ensure_ascii=False, indent=1))
    else:
        from simulator.commands.show import print_summary

        print_summary(done, args.lang)
    return 0


_WORDS = {
    "resume": {
        "en": "the run is kept; go on with: homeward resume {folder}",
        "zh": "运行已保存；继续运行：homeward resume {folder}",
    },
    "building": {"en": "settling people from the census", "zh": "按普查数据生成人口"},
    "compiling": {
        "en": "compiling first, once after an installation or a change of the program: one to three minutes",
        "zh": "首次运行或程序更新后需先编译：约一至三分钟",
    },
    "month": {"en": "month", "zh": "月份"},
    "people": {"en": "people", "zh": "人口"},
    "moves": {"en": "moves", "zh": "迁移"},
    "left": {"en": "left", "zh": "剩余"},
}


def nothing_compiled() -> bool:
    """True when the choice of places, the longest kernel, has not been compiled since it or what it draws on changed."""
    package = Path(cache.__file__).resolve().parent.parent
    digest = cache.kernel_digest(package, package / "kernels" / "choosing.py")
    return not any((Path(os.environ.get("NUMBA_CACHE_DIR", "")) / digest).glob("*.nbi"))


class Bar:
    """The progress of a run on standard error: month, people, moves this month, time left.

    On a terminal a bar; elsewhere a line every January and nothing else.
    """

    def __init__(self, scenario, quiet: bool, lang: str):
        self.quiet, self.lang, self.scenario = quiet, lang, scenario
        self.on_terminal = sys.stderr.isatty()
        self.progress = self.task = None
        self.began = time.monotonic()
        self.first: int | None = None

    def __enter__(self):
        if self.quiet:
            return self
        if nothing_compiled():
            print(_WORDS["compiling"][self.lang], file=sys.stderr)
        if not self.on_terminal:
            print(_WORDS["building"][self.lang], file=sys.stderr)
            return self
        from rich.console import Console
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

        self.progress = Progress(
            SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"),
            TextColumn(_WORDS["left"][self.lang]), TimeRemainingColumn(), console=Console(stderr=True), transient=True,
        )  # fmt: skip
        self.progress.start()
        self.task = self.progress.add_task(_WORDS["building"][self.lang], total=self.scenario.months)
        return self

    def __call__(self, model, observer) -> None:
        """A month has been lived."""
        if self.quiet:
            return
        from simulator.foundations.units import month_of_year, month_text

        k = model.persons_per_agent
        people = int(model.settlements.residents.sum()) * k
        moves = sum(len(part[0]) for part in model.month_moves) * k
        words = {name: _WORDS[name][self.lang] for name in ("month", "people", "moves", "left")}
        text = f"{words['month']} {month_text(model.month)}  {_short(people)} {words['people']}  {_short(moves)} {words['moves']}"
        if self.progress is not None:
            self.progress.update(self.task, description=text, completed=model.month - self.scenario.start_month)
        elif month_of_year(model.month) == 1 or model.done:
            lived = model.month - self.scenario.start_month
            self.first = lived if self.first is None else self.first
            left = self.scenario.months - lived
            pace = (time.monotonic() - self.began) / max(lived - self.first, 1) if lived > self.first else 0.0
            tail = f"  {pace * left:.0f} s {words['left']}" if pace and left else ""
            print(text + tail, file=sys.stderr)

    def close(self) -> None:
        """Take the bar off the screen."""
        if self.progress is not None:
            self.progress.stop()
            self.progress = None

    def __exit__(self, *_error) -> None:
        self.close()


def _short(number: float) -> str:
    for scale, letter in ((1e9, "bn"), (1e6, "m"), (1e3, "k")):
        if number >= scale:
            return f"{number / scale:.3g}{letter}"
    return f"{number:.0f}"
