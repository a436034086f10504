"""The page's one widget: a canvas of our own, to which blocks of numbers are sent and from which wishes come."""

from __future__ import annotations

import anywidget
import traitlets

LOADER = """
export default {
  async render({ model, el }) {
    const page = await import(new URL("/view/front/main.js", window.location.href).href);
    return page.mount(model, el);
  },
};
"""
"""The front end is plain modules served by this machine; this only fetches the first."""


class Stage(anywidget.AnyWidget):
    """What the browser draws; everything travels as custom messages, nothing is kept in the widget."""

    _esm = LOADER
    ready = traitlets.Bool(True).tag(sync=True)
