"""How messages name things: a name or a value made safe to show, and the name that was probably meant."""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import islice
from typing import Any

_SHOWN = 60
"""Most characters of a name or value inside a message."""


def said(value: Any) -> str:
    """A name or a value for a message: cut, and in JSON's escapes where a terminal or a codec would stumble."""
    if isinstance(value, (dict, list)):
        return "this value"
    if isinstance(value, int) and abs(value) > 10**15:  # printing one of thousands of digits can fail
        return "this number"
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return json.dumps(value)
    text = value if isinstance(value, str) else json.dumps(value)
    text = text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
    return f"`{text}`" if text.isprintable() and text else json.dumps(text)


def listed(values: Iterable[Any], most: int = 30) -> str:
    """Names or values for a message, at most so many of them."""
    shown = [said(value) for value in islice(values, most + 1)]
    return ", ".join(shown[:most]) + (", …" if len(shown) > most else "")


def nearest(word: str, words: Iterable[str]) -> str | None:
    """The one of `words` that was probably meant by `word`, or None."""
    if len(word) > 100:  # difflib takes the square of it
        return None
    import difflib  # only where there is something to explain

    folded = {one.casefold(): one for one in words if len(one) <= 200}
    near = difflib.get_close_matches(word.casefold(), folded, n=1, cutoff=0.65)
    return folded[near[0]] if near else None
