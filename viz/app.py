"""The Solara application: one page for each visitor, with one stage on it."""

from __future__ import annotations

import threading

import solara
from solara.server import kernel_context

from viz.stage import Stage
from viz.visitor import Visitor

EXHIBIT = None
"""What is shown; set by the server before the first visitor comes."""


@solara.component
def Page():
    """The stage, joined to the desk for as long as the page is open."""
    solara.Title("homeward")
    element = Stage.element()

    def join():
        widget, context = solara.get_widget(element), kernel_context.get_current_context()

        def send(head: dict, block: bytes | None) -> None:
            with context:
                widget.send(head, None if block is None else [block])

        visitor = Visitor(EXHIBIT, send)
        widget.on_msg(lambda _widget, content, _buffers: visitor.hear(content))
        threading.Thread(target=visitor.pump, name="visitor", daemon=True).start()
        return visitor.leave

    solara.use_effect(join, [])
    return element


@solara.component
def Layout(children=[]):  # noqa: B006 - Solara hands a new list over
    """Nothing around the page: no bar, no drawer."""
    return solara.Div(children=children)
