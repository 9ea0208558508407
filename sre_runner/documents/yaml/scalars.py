"""What a scalar that is not quoted means: the core schema of YAML 1.2, less what surprises people.

Null is `null`, `~` or nothing; true and false are `true` and `false`, also as `True` and `TRUE`; numbers are decimal
and do not begin with a superfluous zero. All else is text as it is written: `no`, `on`, `1:30`, `0123`, `0x1F`,
`0o17`, `1_000`, dates.
"""

from __future__ import annotations

import math
import re

_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_NOT_JSON = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_FIRST = frozenset("-+.0123456789")
_MOST_DIGITS = 1000


def plain(text: str) -> str | int | float | bool | None:
    """The value. Raises ValueError, in words, for a number that JSON or a float cannot hold."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _FIRST:
        return text
    integer = _INTEGER.fullmatch(text)
    if integer or _FLOAT.fullmatch(text):
        # A whole number that no float can hold would fail wherever it is compared, divided or printed.
        if len(text) > _MOST_DIGITS or not math.isfinite(float(text)):
            raise ValueError("the number is too large")
        return int(text) if integer else float(text)
    if _NOT_JSON.fullmatch(text):
        raise ValueError(f"JSON has no number {text}")
    return text
