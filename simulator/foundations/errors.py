"""What can go wrong, and the exit code and sentence each way of going wrong has.

HomewardError            1  our defect
  BadInput               2  a file, a name or an option that a person can put right
  InvariantBroken        3  people, jobs or money were not conserved
  UnreadableFile         4  a file of ours that is damaged or of another version
  OutOfResources         5  disk, memory or time ran out
  FolderBusy             6  a folder or file is in use, or is already there
  SomeRunsSetAside       7  finished, but some runs of many were set aside
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Fault:
    """One thing wrong in one place: where, what, what is allowed, and the remedy.

    `line` is 0 where a line means nothing (an option, a name); `value` is text, as written.
    """

    file: str = ""
    line: int = 0
    field: str = ""
    value: str = ""
    allowed: str = ""
    remedy: str = ""

    def __str__(self) -> str:
        file, field, value = plain_word(self.file, 200), plain_word(self.field, 160), plain_word(self.value, 200)
        place = f"{file}:{self.line}: " if file and self.line else f"{file}: " if file else ""
        what = f"{field} is {value}" if field and value else field or value
        allowed = f"; allowed {self.allowed}" if self.allowed else ""
        remedy = f"; {self.remedy}" if self.remedy else ""
        return place + what + one_line(allowed + remedy)

    def as_dict(self) -> dict[str, object]:
        """The fault as plain values, for `--json`."""
        return asdict(self)


class HomewardError(Exception):
    """Something the program can say in one line; `exit_code` is what the shell sees."""

    exit_code = 1


class BadInput(HomewardError):
    """What a person gave cannot be used; every fault found is listed, one a line."""

    exit_code = 2

    def __init__(self, faults: Fault | str | Iterable[Fault]):
        if isinstance(faults, str):
            faults = [Fault(value=faults)]
        elif isinstance(faults, Fault):
            faults = [faults]
        self.faults: list[Fault] = list(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


class InvariantBroken(HomewardError):
    """A conservation law of the model does not hold; the run stops at once."""

    exit_code = 3


class UnreadableFile(HomewardError):
    """A file written by this program is damaged, or was written by another version."""

    exit_code = 4


class OutOfResources(HomewardError):
    """There is not enough disk, memory or time to go on."""

    exit_code = 5


class FolderBusy(HomewardError):
    """A folder or file is in use by another process, or is already there."""

    exit_code = 6


class SomeRunsSetAside(HomewardError):
    """All was done that could be done, but some runs failed and were set aside."""

    exit_code = 7


class Terminated(KeyboardInterrupt):
    """The process was asked to end (SIGTERM, exit 143); whoever saves on Ctrl-C saves on this too."""


def one_line(text: str) -> str:
    """Text as one printable line: line breaks and control characters shown escaped."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode("ascii") for c in text)


def plain_word(text: str, limit: int = 80) -> str:
    """A name as it was written, on one line and not too long."""
    text = one_line(text)
    return text if len(text) <= limit else text[: limit - 3] + "..."


def show_value(value: object, limit: int = 60) -> str:
    """A value as a person wrote it, shortened to `limit` characters."""
    if isinstance(value, bool):
        text = "true" if value else "false"
    elif value is None:
        text = "empty"
    elif isinstance(value, dict):
        text = f"a table of {len(value)} entries" if value else "an empty table"
    elif isinstance(value, (list, tuple)):
        text = f"a list of {len(value)} items" if value else "an empty list"
    elif isinstance(value, float):
        text = repr(value)
    elif isinstance(value, int):
        text = (
            str(value)
            if value.bit_length() < 200
            else f"a whole number of {int(value.bit_length() * 0.30103) + 1} digits"
        )
    else:
        text = repr(value[: limit + 1]) if isinstance(value, str) else str(value)
    text = one_line(text)
    return text if len(text) <= limit else text[: limit - 3] + "..."


def nearest(word: str, words: Iterable[str], count: int = 1) -> list[str]:
    """The known words most like a mistyped one; an empty list when none is near."""
    known = sorted(set(words))
    folded = {w.casefold(): w for w in known}
    hits = difflib.get_close_matches(word.casefold()[:80], list(folded), n=count, cutoff=0.6)
    if not hits:  # a dotted name may be right but for its group
        tails = {w.casefold().rpartition(".")[2]: w for w in known if "." in w}
        tail = word.casefold()[:80].rpartition(".")[2]
        return [tails[t] for t in difflib.get_close_matches(tail, list(tails), n=count, cutoff=0.7)]
    return [folded[hit] for hit in hits]


def did_you_mean(word: object, words: Iterable[str]) -> str:
    """`did you mean labour.separation_rate?`, or nothing when no known word is near."""
    near = nearest(word, words) if isinstance(word, str) else []
    return f"did you mean {near[0]}?" if near else ""


def choices(words: Sequence[str], limit: int = 8) -> str:
    """The allowed words, in a sentence's form: `a, b or c`."""
    shown = list(words)[:limit]
    if len(words) > limit:
        return ", ".join(shown) + f" and {len(words) - limit} more"
    return shown[0] if len(shown) == 1 else ", ".join(shown[:-1]) + " or " + shown[-1] if shown else "none"


def number_text(value: float) -> str:
    """A bound or a suggestion without needless digits: `0.017`, `2750000`, `1`."""
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else f"{value:.6g}"


def rescue(value: float, low: float | None, high: float | None) -> str:
    """`did you mean 0.017?` when a value out of range fits after a slip of 100, 1000 or sign.

    A percent written for a share, thousands written for units, or a lost decimal point are the
    common slips; the smallest correction that lands in the range is offered.
    """
    if not math.isfinite(value):
        return "write a finite number"
    inside = [
        (abs(math.log10(abs(scale))) + (scale < 0), value * scale)
        for scale in (0.01, 0.001, 0.1, 100.0, 1000.0, 10.0, -1.0)
        if (low is None or value * scale >= low) and (high is None or value * scale <= high) and value != 0
    ]
    preferred = [pair for pair in inside if pair[0] >= 2.0] or inside
    if not preferred:
        return ""
    return f"did you mean {number_text(min(preferred)[1])}?"
