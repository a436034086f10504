"""What governments can do: each policy is one file here, and this is the list of them."""

from __future__ import annotations

from collections.abc import Mapping


def registry() -> Mapping[str, object]:
    """Every policy and shock by name.

    A declared policy offers `name`, `kind` ("policy" or "shock"), `title` and `description`
    (`Text`), and `parameters`, a mapping of short names to `Parameter`. The loader of
    scenarios, the command line and the documents read nothing else.
    """
    return {}
