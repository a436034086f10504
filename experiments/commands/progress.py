"""How far a sweep is, on standard error: a bar on a terminal, elsewhere a line every ten seconds."""

from __future__ import annotations

import sys
import time

from experiments.runner import Progress

EVERY_SECONDS = 10.0
_WORDS = {
    "runs": {"en": "runs", "zh": "次运行"},
    "left": {"en": "left", "zh": "剩余"},
    "failed": {"en": "failed", "zh": "失败"},
    "minute": {"en": "a minute", "zh": "每分钟"},
}


def duration(seconds: float) -> str:
    """A span of time as people say it: `40 s`, `12 min`, `3.5 h`, `2.1 days`."""
    for size, unit in ((86400.0, "days"), (3600.0, "h"), (60.0, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.0f} s" if seconds >= 1 else f"{seconds:.2g} s"


class Bar:
    """Call it with the progress of a sweep as often as you like."""

    def __init__(self, quiet: bool, lang: str):
        self.quiet, self.lang = quiet, lang
        self.progress = self.task = None
        self.said = time.monotonic()

    def __enter__(self):
        if not self.quiet and sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, SpinnerColumn, TextColumn
            from rich.progress import Progress as RichProgress

            self.progress = RichProgress(SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), console=Console(stderr=True), transient=True)
            self.progress.start()
            self.task = self.progress.add_task("", total=None)
        return self

    def __call__(self, sweep: Progress) -> None:
        """Show where the sweep is."""
        now = time.monotonic()
        if self.quiet or (self.progress is None and now - self.said < EVERY_SECONDS):
            return
        self.said = now
        if self.progress is None:
            print(self._text(sweep, now), file=sys.stderr)
        else:
            self.progress.update(self.task, description=self._text(sweep, now), completed=sweep.done, total=sweep.total)

    def _text(self, sweep: Progress, now: float) -> str:
        words = {name: both[self.lang] for name, both in _WORDS.items()}
        text = f"{sweep.done} / {sweep.total} {words['runs']}"
        if sweep.failed:
            text += f"  {sweep.failed} {words['failed']}"
        if sweep.new:
            pace = sweep.new / max(now - sweep.began, 1e-9)
            text += f"  {60 * pace:.3g} {words['minute']}  {duration((sweep.total - sweep.done) / pace)} {words['left']}"
        return text

    def __exit__(self, *_error) -> None:
        if self.progress is not None:
            self.progress.stop()
