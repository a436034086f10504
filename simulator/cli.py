"""The command `homeward`: which verbs there are, and how each way of failing is told.

Nothing but the verb called is imported, so that `homeward check` answers at once.
"""

from __future__ import annotations

import argparse
import contextlib
import errno
import importlib
import importlib.util
import json
import logging
import os
import signal
import sys
from collections.abc import Sequence

from simulator.foundations.errors import BadInput, Fault, HomewardError, Terminated, choices, did_you_mean, one_line

VERBS = {
    "run": ("simulator.commands.run", "simulate a scenario and write a run folder"),
    "resume": ("simulator.commands.resume", "go on with a run that was interrupted"),
    "check": ("simulator.commands.check", "say what is wrong with a scenario, world, design, policy or run"),
    "list": ("simulator.commands.list_", "list worlds, scenarios, parameters, policies, outcomes or experiments"),
    "show": ("simulator.commands.show", "print what a run found"),
    "explain": ("simulator.commands.explain", "explain a parameter, an outcome or a policy"),
    "life": ("simulator.commands.life", "tell the life of one person of a run"),
    "bench": ("simulator.commands.bench", "measure the speed of the simulator on this machine"),
    "warm": ("simulator.commands.warm", "compile everything now, so that the first run starts at once"),
    "new": ("simulator.commands.new", "write a commented template of a scenario, policy, world or design"),
}
GROUP = "homeward.verbs"
"""Entry points by which other distributions, and our own `experiments` and `viz`, bring verbs."""

_WITH_VALUE = ("--log", "--lang", "--configs", "--plugin")
_LEADING = ("--json", "--quiet", "-v", "--verbose", *_WITH_VALUE)


class Parser(argparse.ArgumentParser):
    """An argument parser whose complaints are bad input like any other: one line, exit 2."""

    def error(self, message: str) -> None:
        """Turn argparse's message into a fault with its remedy."""
        raise BadInput(Fault(value=f"{self.prog}: {message}", remedy=f"see {self.prog} --help"))


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb; the exit code. Nothing a verb raises leaves this function but SystemExit."""
    argv = list(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, ValueError):
            stream.reconfigure(errors="backslashreplace")
    before = os.environ.get("HOMEWARD_CONFIGS")
    try:
        with _told_to_end():
            return _dispatch(argv)
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except BaseException as error:  # noqa: BLE001 - the one place where everything ends
        return _tell(error, "--json" in argv)
    finally:
        if before is None:
            os.environ.pop("HOMEWARD_CONFIGS", None)
        else:
            os.environ["HOMEWARD_CONFIGS"] = before


def add_common_arguments(parser: argparse.ArgumentParser) -> None:
    """The options every verb has."""
    group = parser.add_argument_group("for every verb")
    group.add_argument("--json", action="store_true", help="print one JSON document on standard output")
    group.add_argument("--quiet", action="store_true", help="no progress, no notes")
    group.add_argument("-v", "--verbose", action="count", default=0, help="say more; twice, everything")
    group.add_argument("--log", metavar="FILE", help="also write the log to a file, one JSON object a line")
    group.add_argument("--lang", choices=("en", "zh"), default="en", help="language of names and meanings")
    group.add_argument("--configs", metavar="DIR", help="folder of worlds, scenarios and parameters")
    group.add_argument("--plugin", action="append", default=[], metavar="FILE.py", help="a file that declares policies of your own; it is run")


def _dispatch(argv: list[str]) -> int:
    leading, rest = _split_leading(argv)
    if not rest or rest[0] in ("-h", "--help", "help"):
        print(_overview())
        return 0
    if rest[0] == "--version":
        from importlib.metadata import version

        print(f"homeward {version('homeward-sim')}")
        return 0
    verb = rest[0]
    module = _find_verb(verb)
    parser = Parser(prog=f"homeward {verb}", description=(module.__doc__ or "").partition("\n")[0], allow_abbrev=False)
    module.add_arguments(parser)
    add_common_arguments(parser)
    args = parser.parse_args(rest[1:] + leading)
    if args.configs:
        from simulator.foundations.files import configs_folder

        os.environ["HOMEWARD_CONFIGS"] = str(configs_folder(args.configs))
    with _logging(args), _plugins(args.plugin):
        code = module.main(args)
        sys.stdout.flush()
        return int(code or 0)


@contextlib.contextmanager
def _plugins(files: Sequence[str]):
    """Policies of plugin files are known while the verb runs."""
    if not files:
        yield
        return
    from simulator import policies

    try:
        for file in files:
            policies.load_plugin(file)
        yield
    finally:
        policies.forget_plugins()


def _split_leading(argv: list[str]) -> tuple[list[str], list[str]]:
    """Options written before the verb, and everything from the verb on."""
    i = 0
    while i < len(argv) and argv[i].partition("=")[0] in _LEADING:
        i += 2 if argv[i] in _WITH_VALUE else 1
    return argv[:i], argv[i:]


def _find_verb(verb: str):
    if verb in VERBS:
        name = VERBS[verb][0]
        try:
            return importlib.import_module(name)
        except ModuleNotFoundError as error:
            if error.name != name:
                raise
            raise BadInput(Fault(field="verb", value=verb, remedy="this installation does not have it")) from None
    others = _other_verbs()
    if verb in others:
        return others[verb].load()
    known = [*VERBS, *others]
    raise BadInput(
        Fault(field="verb", value=one_line(verb)[:60], allowed=choices(known, 30), remedy=did_you_mean(verb, known))
    )


def _other_verbs() -> dict:
    from importlib.metadata import entry_points

    return {point.name: point for point in sorted(entry_points(group=GROUP), key=lambda p: p.name)}


def _overview() -> str:
    lines = ["homeward VERB ...: people between city and countryside, month by month", ""]
    width = max(map(len, VERBS))
    lines += [
        f"  {verb:{width}}  {text}" for verb, (_, text) in VERBS.items() if importlib.util.find_spec(VERBS[verb][0])
    ]
    others = [name for name in _other_verbs() if name not in VERBS]
    if others:
        lines += ["", "also: " + ", ".join(others)]
    return "\n".join([*lines, "", "homeward VERB --help tells more."])


# --- endings ---------------------------------------------------------------------------------


@contextlib.contextmanager
def _told_to_end():
    """SIGTERM ends a verb as Ctrl-C does, so that what must be saved is saved."""

    def end(_number, _frame):
        raise Terminated

    try:
        old = signal.signal(signal.SIGTERM, end)
    except ValueError:  # not the main thread: whoever started us decides
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, old)


def _tell(error: BaseException, as_json: bool) -> int:
    """Say in one line a fault what ended the verb; its exit code."""
    code, lines, faults = 1, [], []
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else 0 if error.code is None else 1
    if isinstance(error, BadInput):
        code, lines, faults = error.exit_code, [str(f) for f in error.faults], [f.as_dict() for f in error.faults]
    elif isinstance(error, HomewardError):
        code, lines = error.exit_code, [one_line(str(error))]
    elif isinstance(error, Terminated):
        code, lines = 143, ["terminated"]
    elif isinstance(error, KeyboardInterrupt):
        code, lines = 130, ["interrupted"]
    elif isinstance(error, MemoryError):
        code, lines = 5, ["out of memory; use more persons per agent, or a smaller world"]
    elif isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        code, lines = 5, ["the disk is full; free some space and try again"]
    elif isinstance(error, PermissionError):
        code, lines = (
            2,
            [
                one_line(
                    f"{error.filename or 'a file'}: permission denied; choose another place, or change its permissions"
                )
            ],
        )
    else:
        where = _save_traceback(error)
        kind = type(error).__name__
        lines = [one_line(f"our defect ({kind}: {str(error)[:200]}); {where}; please report it")]
    with contextlib.suppress(OSError, ValueError):
        for line in lines:
            print(line, file=sys.stderr)
        if as_json:
            print(json.dumps({"exit_code": code, "errors": lines, "faults": faults}, ensure_ascii=False))
        sys.stdout.flush()
    return code


def _save_traceback(error: BaseException) -> str:
    import tempfile
    import traceback

    try:
        handle, path = tempfile.mkstemp(prefix="homeward-", suffix=".txt")
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write("".join(traceback.format_exception(error)))
    except OSError:
        return "the traceback could not be saved"
    return f"the traceback is in {path}"


class _JsonLines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The record with its time, level, source and text."""
        row = {
            "time": self.formatTime(record),
            "level": record.levelname.lower(),
            "from": record.name,
            "text": record.getMessage(),
        }
        if record.exc_info:
            row["traceback"] = self.formatException(record.exc_info)
        return json.dumps(row, ensure_ascii=False)


@contextlib.contextmanager
def _logging(args: argparse.Namespace):
    """Send the program's log to standard error, and to a file if asked, while a verb runs."""
    log = logging.getLogger("homeward")
    level, propagate = log.level, log.propagate
    shown = logging.ERROR if args.quiet else (logging.WARNING, logging.INFO, logging.DEBUG)[min(args.verbose, 2)]
    handlers: list[logging.Handler] = [logging.StreamHandler(sys.stderr)]
    handlers[0].setLevel(shown)
    if args.log:
        try:
            handlers.append(logging.FileHandler(args.log, encoding="utf-8"))
        except OSError as error:
            raise BadInput(
                Fault(field="--log", value=args.log, remedy=f"cannot be written: {error.strerror}")
            ) from None
        handlers[1].setFormatter(_JsonLines())
    log.setLevel(logging.DEBUG if args.log else shown)
    log.propagate = False
    for handler in handlers:
        log.addHandler(handler)
    try:
        yield
    finally:
        for handler in handlers:
            log.removeHandler(handler)
            handler.close()
        log.setLevel(level)
        log.propagate = propagate
