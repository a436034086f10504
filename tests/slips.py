"""How a slip is planted: once, right after one verb of the month has acted."""

from __future__ import annotations


def plant_after(model, verb: str, plant) -> list:
    """Let `plant(model)` happen the first time `verb` has acted; the list returned is empty until then."""
    plain, planted = model.live, []

    def spoilt(mechanism):
        plain(mechanism)
        if mechanism.__name__ == verb and not planted:
            planted.append(True)
            plant(model)

    model.live = spoilt
    return planted
