"""Open the page in the browser: move a lever, and see where the talent goes and why."""

from __future__ import annotations

import argparse
import json
import sys
import threading
import webbrowser
from importlib.util import find_spec

from simulator.foundations.errors import BadInput, Fault

SEATS = 60
READY_SECONDS = 3.0
"""The workers are made ready this long after the page can be reached: the first picture comes first."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where to serve, and for whom."""
    parser.add_argument("run", nargs="?", metavar="RUN", help="folder of a run or a sweep to look at, read-only (default: compute live)")
    parser.add_argument("--scenario", default="baseline", metavar="NAME", help="scenario to begin with (default: baseline)")
    parser.add_argument("--world", metavar="W", help="world to show instead of the scenario's")
    parser.add_argument("--researcher", action="store_true", help="Mesa's own page over one small model")
    parser.add_argument("--port", type=int, metavar="P", help="port (default: 8765, or the next free one)")
    parser.add_argument("--public", action="store_true", help="let other machines in the room connect; prints the address")
    parser.add_argument("--seats", type=int, default=SEATS, metavar="N", help=f"visitors at one time (default {SEATS}, at most 200)")
    parser.add_argument("--no-open", action="store_true", help="do not open a browser")
    parser.add_argument("--keep-nothing", action="store_true", help="compute the baselines again and keep none for the next start")
    parser.add_argument("--persons-per-agent", type=int, metavar="K", help="one scale only, K persons an agent (default: 50000, then 10000)")


def main(args: argparse.Namespace) -> int:
    """Serve until Ctrl-C."""
    if not (find_spec("solara") and find_spec("anywidget")):
        raise BadInput(Fault(value="the page needs Solara", remedy="pip install 'homeward-sim[viz]', or make setup"))
    if not 1 <= args.seats <= 200:
        raise BadInput(Fault(field="--seats", value=str(args.seats), allowed="1 to 200"))
    if args.port is not None and not 1 <= args.port <= 65535:
        raise BadInput(Fault(field="--port", value=str(args.port), allowed="1 to 65535"))
    if args.persons_per_agent is not None and not 1 <= args.persons_per_agent <= 1_000_000:
        raise BadInput(Fault(field="--persons-per-agent", value=str(args.persons_per_agent), allowed="1 to 1000000"))
    from viz.exhibit import Exhibit
    from viz.runs_desk import RunsDesk
    from viz.server import free_port, serve

    host = "0.0.0.0" if args.public else "127.0.0.1"
    try:
        port = free_port(args.port, host)
    except OSError:
        raise BadInput(Fault(field="--port", value=str(args.port), remedy="this port is taken; choose another")) from None
    if args.researcher:
        if not find_spec("altair"):
            raise BadInput(Fault(field="--researcher", value="Mesa's page needs the package altair", remedy="pip install altair"))
        serve(None, host, port, min(args.seats, 8), args.public, _said(args, port), app="viz.researcher")
        return 0
    desk = later = None
    try:
        if args.run is not None:
            from viz.archive import Archive
            from viz.batch import Batch, is_sweep

            exhibit = Batch(args.run) if is_sweep(args.run) else Archive(args.run)
        else:
            from simulator.scenario import load_scenario
            from viz import keeping

            loaded = load_scenario(args.scenario, {"world": args.world} if args.world else {})
            one_scale = args.persons_per_agent or (None if loaded.world.startswith("china") else loaded.persons_per_agent)
            exhibit = Exhibit(None, args.scenario, {"draft": one_scale} if one_scale else None, loaded)
            exhibit.desk = desk = RunsDesk(folder=None if args.keep_nothing else keeping.home(loaded.world), keep=exhibit.keep)
            for kind in exhibit.scales:
                desk.ask(exhibit.baseline(kind), kind)
            later = threading.Timer(READY_SECONDS, exhibit.prepare)
            later.daemon = True

        serve(exhibit, host, port, args.seats, args.public, _said(args, port, later))
    finally:
        if later is not None:
            later.cancel()
        if desk is not None:
            desk.close()
    if not args.quiet:
        print("closed", file=sys.stderr)
    return 0


def _said(args: argparse.Namespace, port: int, later: threading.Timer | None = None):
    """What to say and do once the page can be reached; `later` is started then."""
    from viz.server import addresses

    def started() -> None:
        here = f"http://127.0.0.1:{port}/"
        if args.json:
            print(json.dumps({"address": here, "public": addresses(port) if args.public else []}), flush=True)
        else:
            print(f"homeward is at {here}  (Ctrl-C ends it)", flush=True)
            for address in addresses(port) if args.public else []:
                print(f"others in the room: {address}", flush=True)
        if later is not None:
            later.start()
        if not args.no_open:
            threading.Timer(1.0, webbrowser.open, [here]).start()

    return started
