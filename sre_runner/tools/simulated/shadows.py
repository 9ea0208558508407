"""Shadowed answers: whether an earlier `when` matches every call that a later one matches."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sre_runner.casefile import Json
from sre_runner.tools.simulated.spec import Matcher

When = Mapping[str, Matcher]


def shadowing(whens: Sequence[When | None], input_schema: Mapping[str, Any]) -> dict[int, int]:
    """For each answer that can never be given, the first one that takes all its calls.

    It is told only what is certain of a single earlier answer; None stands for a `when` that cannot be judged.
    """
    found: dict[int, int] = {}
    # Most answers want one exact value. They are compared only with those that want the same, as there may be many.
    exact: dict[str, list[int]] = {}
    others: list[int] = []
    for later, specific in enumerate(whens):
        if specific is None:
            continue
        wanted = [key for name, matcher in specific.items() if (key := _exact(name, matcher))]
        earlier = sorted([*others, *(number for key in wanted for number in exact.get(key, ()))])
        for number in earlier:
            general = whens[number]
            if general is not None and _takes_all(general, specific, input_schema):
                found[later] = number
                break
        first = next((name for name, matcher in specific.items() if _is_exact(matcher)), None)
        (others if first is None else exact.setdefault(_exact(first, specific[first]), [])).append(later)
    return found


def _is_exact(matcher: Matcher) -> bool:
    return matcher.kind == "equals" and not matcher.ignore_case


def _exact(name: str, matcher: Matcher) -> str:
    """What an argument must be to be taken by an answer that wants one exact value; "" where nothing is that exact."""
    while matcher.kind == "any_of":
        matcher = matcher.operand[0]
    return f"{name} {_comparable(matcher.operand, False)!r}" if _is_exact(matcher) else ""


def _takes_all(general: When, specific: When, input_schema: Mapping[str, Any]) -> bool:
    properties = input_schema.get("properties", {})
    required = input_schema.get("required", [])
    for name, matcher in general.items():
        stated = properties.get(name)
        rule = stated if isinstance(stated, Mapping) else {}
        if name in specific:
            if not covers(matcher, specific[name], text=rule.get("type") == "string"):
                return False
        elif not (matcher.kind == "present" and matcher.operand and (name in required or "default" in rule)):
            return False
    return True


def covers(general: Matcher, specific: Matcher, *, text: bool = False) -> bool:
    """Whether `general` certainly fits every value that `specific` fits; `text` says that the values are text."""
    if specific.kind == "any_of":
        return all(covers(general, _under(one, specific), text=text) for one in specific.operand)
    if general.kind == "any_of":
        return any(covers(_under(one, general), specific, text=text) for one in general.operand)
    if specific.kind == "present" or general.kind == "present":
        there = specific.operand if specific.kind == "present" else True
        return general.kind == "present" and general.operand is there
    if specific.ignore_case and not general.ignore_case:
        return False
    rule = _COVERS.get((general.kind, specific.kind))
    fold = general.ignore_case
    return rule is not None and rule(_comparable(general.operand, fold), _comparable(specific.operand, fold), text)


def _under(inner: Matcher, outer: Matcher) -> Matcher:
    """A part of `any_of`, with the `ignore_case` that stands beside it."""
    return Matcher(inner.kind, inner.operand, inner.arg, inner.ignore_case or outer.ignore_case)


def _comparable(value: Json, fold: bool) -> Json:
    """The value so that Python's equality is that of JSON, in which 1 is 1.0 but not true."""
    if isinstance(value, bool):
        return ("bool", value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str):
        return value.casefold() if fold else value
    if isinstance(value, list | tuple):
        return [_comparable(one, fold) for one in value]
    if isinstance(value, dict):
        return {key: _comparable(value[key], fold) for key in sorted(value)}
    return value


def _holds(part: Json, value: Json) -> bool:
    if isinstance(value, str):
        return isinstance(part, str) and part in value
    return isinstance(value, list) and part in value


def _matches(pattern: Json, value: Json) -> bool:
    return isinstance(value, str) and re.match(fnmatch.translate(pattern), value) is not None


def _literal(part: Json, pattern: Json) -> bool:
    """Whether a piece of the pattern that stands for itself has the part in it."""
    return isinstance(part, str) and any(part in piece for piece in re.split(r"[*?]|\[!?\]?[^]]*\]", pattern))


_COVERS: Mapping[tuple[str, str], Callable[[Json, Json, bool], bool]] = {
    ("equals", "equals"): lambda general, specific, _: general == specific,
    ("contains", "equals"): lambda general, specific, _: _holds(general, specific),
    ("glob", "equals"): lambda general, specific, _: _matches(general, specific),
    # In a list, an element that is the longer text does not have to be the shorter one.
    ("contains", "contains"): lambda general, specific, text: (
        _holds(general, specific) if text else general == specific
    ),
    ("glob", "contains"): lambda general, _, text: text and set(general) == {"*"},
    ("contains", "glob"): lambda general, specific, _: _literal(general, specific),
    ("glob", "glob"): lambda general, specific, _: general == specific or set(general) == {"*"},
}
"""By kind of the general and the specific matcher: whether the one operand covers the other."""
