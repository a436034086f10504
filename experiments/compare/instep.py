"""Two worlds lived in step, month by month, so that one can be asked about the other while both choose."""

from __future__ import annotations

from collections.abc import Callable

from simulator.model import MigrationModel
from simulator.scenario import Scenario


class Pausing(MigrationModel):
    """A model that pauses just before people choose where to live, if somebody asks it to."""

    def live(self, verb) -> None:
        """Let one mechanism act; stop before the choice when `pause_at_choice` is set."""
        if verb.__name__ == "choose_where_to_live" and getattr(self, "at_choice", None) is not None:
            self.at_choice(self)
        super().live(verb)


def live_in_step(base: Scenario, other: Scenario, at_choice: Callable | None = None, after_month: Callable | None = None,
                 opening: Callable | None = None, threads: int = 1) -> None:  # fmt: skip
    """Live two scenarios month by month in this process.

    at_choice(model_a, model_b): called once a month when both worlds stand just before the choice of places.
    after_month(model_a, model_b): called when both have lived the month. opening(model_a, model_b): before the first.
    The worlds live exactly as they would alone: what is called must only read.
    """
    a, b = Pausing(base, threads=threads), Pausing(other, threads=threads)
    try:
        if opening is not None:
            opening(a, b)
        while not a.done:
            if at_choice is None:
                a.step()
                b.step()
            else:
                _step_both(a, b, at_choice)
            if after_month is not None:
                after_month(a, b)
    finally:
        a.close()
        b.close()


def _step_both(a: Pausing, b: Pausing, at_choice: Callable) -> None:
    """One month of both: a pauses at its choice, b lives up to its own, then both are asked about and go on."""

    def then_b(_a) -> None:
        def ask(_b) -> None:
            at_choice(a, b)

        b.at_choice = ask
        b.step()

    a.at_choice = then_b
    a.step()
    a.at_choice = b.at_choice = None
