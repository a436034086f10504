"""Do all runs of a design on several processes or a cluster; the same command takes an interrupted sweep up again."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from simulator.foundations.errors import BadInput, Fault

_DONE = {
    "en": "{done} of {total} runs are done, {new} of them now, in {took}: {folder}\nnext: homeward analyse {folder}",
    "zh": "{total} 次运行已完成 {done} 次（本次 {new} 次），用时 {took}：{folder}\n下一步：homeward analyse {folder}",
}
_AGAIN = {
    "en": "what is done is kept in {folder}; go on with the same command",
    "zh": "已完成的运行保存在 {folder}；再次执行同一命令即可继续",
}
_SHARD = {"en": "when every shard is done: homeward merge DIR...", "zh": "各分片完成后：homeward merge DIR..."}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The design, who computes it, and where it is kept."""
    parser.add_argument("design", metavar="DESIGN", help="name of a design (homeward list experiments), or a file")
    parser.add_argument("--dry-run", action="store_true", help="say how many runs, how long and how many bytes, and do nothing")
    parser.add_argument("--workers", type=int, metavar="N", help="worker processes (default: one a processor)")
    parser.add_argument("--engine", choices=("local", "dask"), default="local", help="who computes (default: this machine)")
    parser.add_argument("--address", metavar="A", help="address of a Dask scheduler, such as tcp://node7:8786; none: a cluster of this machine")
    parser.add_argument("--shard", metavar="i/n", help="do only the i-th of n parts, as one job of a job array")
    parser.add_argument("--out", metavar="DIR", help="folder of this sweep (default: results/<design>-<hash8>)")
    parser.add_argument("--replace", action="store_true", help="throw away what the folder holds and start again")
    parser.add_argument("--recompute-damaged", action="store_true", help="put damaged files aside and do their runs again")
    parser.add_argument("--time-limit", type=float, metavar="SECONDS", help="end a run that takes longer; it counts as failed")


def main(args: argparse.Namespace) -> int:
    """Sweep, then say what there is and what may be done next."""
    from experiments.commands.progress import Bar, duration
    from experiments.design import load_plan, parse_shard
    from experiments.runner import sweep, sweep_folder

    check_counts(args)
    plan = load_plan(args.design, parse_shard(args.shard) if args.shard else (1, 1), args.configs, args.plugin)
    folder = Path(args.out) if args.out else sweep_folder(plan)
    workers = args.workers or processors()
    if args.dry_run:
        return _foresee(args, plan, folder, workers)
    with Bar(args.quiet, args.lang) as bar:
        if not args.quiet:
            print(f"{len(plan)} runs of {plan.name} into {folder}", file=sys.stderr)
        try:
            progress = sweep(
                plan, folder, make_engine(args, workers), show=bar,
                replace=args.replace, recompute_damaged=args.recompute_damaged,
            )  # fmt: skip
        except KeyboardInterrupt:
            bar.__exit__()
            print(_AGAIN[args.lang].format(folder=folder), file=sys.stderr)
            raise
    import time

    if args.json:
        report = {"folder": str(folder), "runs": progress.total, "done": progress.done, "new": progress.new, "run_seconds": round(progress.seconds, 3)}
        print(json.dumps(report, ensure_ascii=False, indent=1))
    elif not args.quiet:
        took = duration(time.monotonic() - progress.began)
        print(_DONE[args.lang].format(done=progress.done, total=progress.total, new=progress.new, took=took, folder=folder))
        if plan.shard[1] > 1:
            print(_SHARD[args.lang])
    return 0


def check_counts(args: argparse.Namespace) -> None:
    """Workers and seconds must be positive; an address belongs to Dask."""
    faults = []
    if args.workers is not None and not 1 <= args.workers <= 4096:
        faults.append(Fault(field="--workers", value=str(args.workers), allowed="whole numbers 1 to 4096"))
    if args.time_limit is not None and not args.time_limit > 0:
        faults.append(Fault(field="--time-limit", value=str(args.time_limit), allowed="seconds above 0"))
    if args.address and args.engine != "dask":
        faults.append(Fault(field="--address", value=args.address, remedy="add --engine dask"))
    if faults:
        raise BadInput(faults)


def processors() -> int:
    """Processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def make_engine(args: argparse.Namespace, workers: int):
    """A function of (plan, folder) that gives the engine asked for."""
    if args.engine == "dask":
        from experiments.engines.dask import DaskEngine

        return lambda plan, folder: DaskEngine(plan, folder, args.address, workers)
    from experiments.engines.local import LocalEngine

    return lambda plan, folder: LocalEngine(plan, folder, workers, args.time_limit)


def _foresee(args: argparse.Namespace, plan, folder: Path, workers: int) -> int:
    from experiments.commands.progress import duration
    from experiments.foresight import foresee

    seen = foresee(plan, workers) | {"folder": str(folder), "workers": workers}
    if args.json:
        print(json.dumps(seen, ensure_ascii=False, indent=1))
        return 0
    print(f"{seen['runs']} runs = {seen['treatments']} treatments x {seen['draws']} draws x {seen['seeds']} seeds" + (f", shard {args.shard}" if args.shard else ""))
    print(f"about {duration(seen['run_seconds'])} a run, {duration(seen['seconds'])} in all with {workers} workers")
    print(f"about {size(seen['bytes'])} on disk ({seen['rows_a_run']} values a run), {size(seen['worker_bytes'])} of memory a worker")
    print(f"into {folder}")
    return 0


def size(count: float) -> str:
    """Bytes as people say them."""
    for scale, unit in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if count >= scale:
            return f"{count / scale:.3g} {unit}"
    return f"{count:.0f} bytes"
