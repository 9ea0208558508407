"""Whether an argument of a call, or a column of a row, is what a simulated tool looks for."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Mapping
from typing import Any

from sre_runner.casefile import Json
from sre_runner.tools.simulated.spec import Matcher

ABSENT: Any = object()
"""Stands for an argument or a column that is not there; null is a value."""


def matches(matcher: Matcher, value: Json, arguments: Mapping[str, Json], ignore_case: bool = False) -> bool:
    """Whether a value (or `ABSENT`) fits.

    `equals` is JSON equality; `contains` finds text in text or an element in a list; `glob` takes `*`, `?` and
    `[…]` and covers the whole text; `any_of` wants one of its matchers to fit; `present` asks whether the value is
    there. Where the operand is an argument that was not given, everything fits. `ignore_case` reaches into `any_of`.
    """
    operand = matcher.operand if matcher.arg is None else arguments.get(matcher.arg, ABSENT)
    ignore_case = ignore_case or matcher.ignore_case
    if operand is ABSENT:
        return True
    if matcher.kind == "present":
        return (value is not ABSENT) == bool(operand)
    if matcher.kind == "any_of":
        return any(matches(one, value, arguments, ignore_case) for one in operand)
    return value is not ABSENT and _COMPARISONS[matcher.kind](value, operand, ignore_case)


def json_equal(one: Json, other: Json, ignore_case: bool = False) -> bool:
    """JSON equality: 1 equals 1.0 but not true, the order of keys does not matter, that of elements does."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, str) and isinstance(other, str):
        return _folded(one, ignore_case) == _folded(other, ignore_case)
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(json_equal(one[key], other[key], ignore_case) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(json_equal, one, other, [ignore_case] * len(one)))
    return bool(one == other)


def _contains(value: Json, operand: Json, ignore_case: bool) -> bool:
    if isinstance(value, str):
        return isinstance(operand, str) and _folded(operand, ignore_case) in _folded(value, ignore_case)
    return isinstance(value, list | tuple) and any(json_equal(element, operand, ignore_case) for element in value)


def _glob(value: Json, operand: Json, ignore_case: bool) -> bool:
    if not isinstance(value, str) or not isinstance(operand, str):
        return False
    # fnmatch writes each star as an atomic group, so that no text makes it backtrack over more than one of them.
    return re.match(fnmatch.translate(_folded(operand, ignore_case)), _folded(value, ignore_case)) is not None


def _folded(text: str, ignore_case: bool) -> str:
    return text.casefold() if ignore_case else text


_COMPARISONS: Mapping[str, Callable[[Json, Json, bool], bool]] = {
    "equals": json_equal,
    "contains": _contains,
    "glob": _glob,
}
