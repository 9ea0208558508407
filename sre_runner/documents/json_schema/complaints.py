"""What in data does not fit a JSON Schema, in words that a model can act on, and in bounded work."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from sre_runner.documents.json_schema.fitting import Unbounded, Walk, additional, needed
from sre_runner.documents.json_schema.keywords import WORDED, more
from sre_runner.documents.json_schema.string_rules import matches
from sre_runner.text.naming import listed, said

Path = tuple[str | int, ...]

MOST_COMPLAINTS = 30
"""More of them help nobody; the last one says that there are more."""
_MOST_ALTERNATIVES = 20
"""Alternatives of `anyOf` and `oneOf` of which the nearest is looked for."""
_TOO_MUCH = ((), "takes too long to be checked against its schema: give less, or something simpler")


def complaints(schema: Mapping[str, Any], data: Any, *, whole: Any = None) -> list[tuple[Path, str]]:
    """What in `data` the schema does not allow, as (path, message), in document order; [] where it fits.

    At most `MOST_COMPLAINTS` and one that says that there are more. Messages stay short whatever the data is, so
    that they can be sent to a model. `whole` is the schema that references lead into, where `schema` is a part of it.
    Never raises for a schema without `vocabulary.schema_problems`.
    """
    root = schema if whole is None else whole
    try:
        if Walk(root, bounded=True).fits(schema, data):
            return []
        explained = _Explained(Walk(root, bounded=True))
        found = list(islice(explained.of(schema, data, ()), MOST_COMPLAINTS + 1))
    except Unbounded:
        return [_TOO_MUCH]
    more_than_told = len(found) > MOST_COMPLAINTS
    found = sorted(dict.fromkeys(found[:MOST_COMPLAINTS]), key=lambda complaint: _place(data, complaint[0]))
    cut = [(path, message if len(message) <= 1000 else message[:1000] + "…") for path, message in found]
    return cut + ([((), "there is more: correct these first")] if more_than_told else [])


def dotted(path: Iterable[str | int]) -> str:
    """A path as people write it: `findings[0].evidence`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def _place(data: Any, path: Path) -> tuple[int, ...]:
    """Where the path stands in the data, comparable with other paths."""
    places = []
    for part in path:
        places.append(part if isinstance(part, int) else next(n for n, key in enumerate(data) if key == part))
        data = data[part]
    return tuple(places)


_Complaints = Iterator[tuple[Path, str]]
_Explanation = Callable[["_Explained", Any, Any, Mapping[str, Any], Path], _Complaints]
"""What is demanded, the data, the schema around it and the path of the data, to complaints."""


class _Explained:
    """A walk that says what does not fit where `Walk` says that something does not."""

    def __init__(self, walk: Walk) -> None:
        self.walk = walk

    def of(self, schema: Any, data: Any, path: Path) -> _Complaints:
        if self.walk.fits(schema, data):
            return
        if schema is False:
            yield path, "must be left out"
            return
        mistyped = [(path, message) for message in WORDED["type"](schema.get("type", ()), data, schema)]
        if "type" in schema and mistyped:
            yield from mistyped
            return
        for keyword, demand in schema.items():
            if keyword in _INNER:
                yield from _INNER[keyword](self, demand, data, schema, path)
            elif keyword in WORDED and keyword != "type":
                yield from ((path, message) for message in WORDED[keyword](demand, data, schema))


def _each(pairs: Iterable[tuple[Any, Any, str | int]], walk: _Explained, path: Path) -> _Complaints:
    for rule, value, part in pairs:
        yield from walk.of(rule, value, (*path, part))


def _properties(walk: _Explained, rules: Any, data: Any, _: Any, path: Path) -> _Complaints:
    if isinstance(data, dict):
        yield from _each(((rule, data[name], name) for name, rule in rules.items() if name in data), walk, path)


def _patterned(walk: _Explained, rules: Any, data: Any, _: Any, path: Path) -> _Complaints:
    if isinstance(data, dict):
        named = ((rule, name) for pattern, rule in rules.items() for name in data if matches(pattern, name))
        yield from _each(((rule, data[name], name) for rule, name in named), walk, path)


def _additional(walk: _Explained, rule: Any, data: Any, schema: Mapping[str, Any], path: Path) -> _Complaints:
    if rule is False:
        yield from ((path, message) for message in more(data, schema))
    elif isinstance(data, dict):
        yield from _each(((rule, data[name], name) for name in additional(schema, data)), walk, path)


def _names(walk: _Explained, rule: Any, data: Any, _: Any, path: Path) -> _Complaints:
    for name in data if isinstance(data, dict) else ():
        yield from (((*path, name), f"has a name that {message}") for _, message in walk.of(rule, name, ()))


def _needed(_: _Explained, rules: Any, data: Any, __: Any, path: Path) -> _Complaints:
    for name, other in needed(rules, data) if isinstance(data, dict) else ():
        yield path, f"{said(other)} is missing, which {said(name)} needs"


def _dependent(walk: _Explained, rules: Any, data: Any, _: Any, path: Path) -> _Complaints:
    for name, rule in rules.items() if isinstance(data, dict) else ():
        if name in data:
            yield from walk.of(rule, data, path)


def _items(walk: _Explained, rule: Any, data: Any, schema: Mapping[str, Any], path: Path) -> _Complaints:
    first = len(schema.get("prefixItems", ()))
    if isinstance(data, list):
        yield from _each(((rule, data[place], place) for place in range(first, len(data))), walk, path)


def _prefix(walk: _Explained, rules: Any, data: Any, _: Any, path: Path) -> _Complaints:
    if isinstance(data, list):
        yield from _each(((*pair, place) for place, pair in enumerate(zip(rules, data, strict=False))), walk, path)


def _contains(walk: _Explained, rule: Any, data: Any, schema: Mapping[str, Any], path: Path) -> _Complaints:
    if isinstance(data, list):
        count = sum(walk.walk.fits(rule, item) for item in data)
        least, most = schema.get("minContains", 1), schema.get("maxContains", len(data))
        if not least <= count <= most:
            wanted = f"{least} or more" if count < least else f"{most} or fewer"
            yield path, f"must have {wanted} items that fit {said(rule)}, and has {count}"


def _condition(walk: _Explained, test: Any, data: Any, schema: Mapping[str, Any], path: Path) -> _Complaints:
    yield from walk.of(schema.get("then" if walk.walk.fits(test, data) else "else", True), data, path)


def _all(walk: _Explained, rules: Any, data: Any, _: Any, path: Path) -> _Complaints:
    for rule in rules:
        yield from walk.of(rule, data, path)


def _any(walk: _Explained, rules: Any, data: Any, _: Any, path: Path) -> _Complaints:
    """The faults of the alternative that has the fewest, and those deepest inside."""
    if any(walk.walk.fits(rule, data) for rule in rules):
        return
    found = [list(islice(walk.of(rule, data, path), MOST_COMPLAINTS)) for rule in rules[:_MOST_ALTERNATIVES]]
    kinds = [rule["type"] for rule in rules if isinstance(rule, Mapping) and isinstance(rule.get("type"), str)]
    if len(kinds) == len(rules) and all([where for where, _ in faults] == [path] for faults in found):
        kinds_wrong = list(WORDED["type"](kinds, data, {}))
        if kinds_wrong:
            yield path, kinds_wrong[0]
            return
    nearest = min(found, key=lambda faults: (-max((len(where) for where, _ in faults), default=0), len(faults)))
    yield from ((where, f"{message} (the nearest of {len(rules)} alternatives)") for where, message in nearest)


def _one(walk: _Explained, rules: Any, data: Any, schema: Mapping[str, Any], path: Path) -> _Complaints:
    fitting = [place for place, rule in enumerate(rules, 1) if walk.walk.fits(rule, data)]
    if len(fitting) > 1:
        yield path, f"fits alternatives {listed(fitting)} of `oneOf`, and must fit one alone"
    elif not fitting:
        yield from _any(walk, rules, data, schema, path)


def _not(walk: _Explained, rule: Any, data: Any, _: Any, path: Path) -> _Complaints:
    if walk.walk.fits(rule, data):
        yield path, f"must not fit {said(rule)}"


def _reference(walk: _Explained, reference: Any, data: Any, _: Any, path: Path) -> _Complaints:
    yield from walk.of(walk.walk.target(reference), data, path)


_INNER: Mapping[str, _Explanation] = {
    "properties": _properties,
    "patternProperties": _patterned,
    "additionalProperties": _additional,
    "propertyNames": _names,
    "dependentRequired": _needed,
    "dependentSchemas": _dependent,
    "items": _items,
    "prefixItems": _prefix,
    "contains": _contains,
    "if": _condition,
    "allOf": _all,
    "anyOf": _any,
    "oneOf": _one,
    "not": _not,
    "$ref": _reference,
}
"""The keywords whose faults lie in what they hold; `WORDED` has the others."""
