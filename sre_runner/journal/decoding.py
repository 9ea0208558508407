"""JSON to frozen dataclasses by their type hints, with the place of the first value that does not fit."""

from __future__ import annotations

import dataclasses
import math
import types
from collections.abc import Callable, Mapping
from enum import Enum
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from sre_runner.text.naming import nearest, said

Decoder = Callable[[Any, str], Any]
"""Takes a value and its place (`report.findings[0]`), and gives what it is; raises `MisfitError`."""


class MisfitError(ValueError):
    """A value that is not of its type; the text names its place."""


def decode(kind: type[Any], data: Mapping[str, Any]) -> Any:
    """A value of a dataclass from its JSON object; raises `MisfitError`.

    Fields with a default may be missing; others, and keys that the class does not have, are misfits.
    """
    hint: Any = kind
    return _decoder(hint)(data, "")


@cache
def _decoder(hint: Any) -> Decoder:
    """What reads values of a type; a type is looked at once."""
    if hint is Any:
        return lambda value, _: value
    if hint in _PLAIN:
        return _plain(hint)
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return _of_class(hint)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return _of_values({each.value: each for each in hint})
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Literal:
        return _of_values({value: value for value in inner})
    if origin in (Union, types.UnionType):
        (only,) = (each for each in inner if each is not type(None))
        decoder = _decoder(only)
        return lambda value, at: None if value is None else decoder(value, at)
    if origin is tuple:
        return _items(inner[0]) if inner[-1] is ... else _row(inner)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return _mapping(inner[1])
    return _items(inner[0])


_PLAIN: Mapping[Any, tuple[Callable[[Any], bool], str]] = {
    str: (lambda value: isinstance(value, str), "text"),
    bool: (lambda value: isinstance(value, bool), "true or false"),
    int: (lambda value: isinstance(value, int) and not isinstance(value, bool), "a whole number"),
    float: (
        lambda value: isinstance(value, int | float) and not isinstance(value, bool) and _finite(value),
        "a number",
    ),
}


def _finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number of hundreds of digits
        return False


def _plain(hint: Any) -> Decoder:
    fits, words = _PLAIN[hint]

    def read(value: Any, at: str) -> Any:
        if not fits(value):
            raise _misfit(at, words, value)
        return float(value) if hint is float else value

    return read


def _of_values(values: Mapping[Any, Any]) -> Decoder:
    def read(value: Any, at: str) -> Any:
        if not isinstance(value, str) or value not in values:
            raise _misfit(at, f"one of {', '.join(values)}", value)
        return values[value]

    return read


def _of_class(kind: type[Any]) -> Decoder:
    hints = get_type_hints(kind)
    fields = [each for each in dataclasses.fields(kind) if each.init]
    decoders = {each.name: _decoder(hints[each.name]) for each in fields}
    required = [
        each.name
        for each in fields
        if each.default is dataclasses.MISSING and each.default_factory is dataclasses.MISSING
    ]

    def read(data: Any, at: str) -> Any:
        if not isinstance(data, dict):
            raise _misfit(at, "an object", data)
        prefix = f"{at}." if at else ""
        values = {}
        for name, value in data.items():
            decoder = decoders.get(name)
            if decoder is None:
                near = nearest(name, list(decoders))
                raise MisfitError(f"{prefix}{said(name)} is not a key" + (f"; did you mean {near}?" if near else ""))
            values[name] = decoder(value, f"{prefix}{name}")
        for name in required:
            if name not in values:
                raise MisfitError(f"{prefix}{name} is missing")
        return kind(**values)

    return read


def _items(hint: Any) -> Decoder:
    decoder = _decoder(hint)

    def read(value: Any, at: str) -> Any:
        if not isinstance(value, list | tuple):
            raise _misfit(at, "a list", value)
        return tuple(decoder(item, f"{at}[{place}]") for place, item in enumerate(value))

    return read


def _row(hints: tuple[Any, ...]) -> Decoder:
    decoders = [_decoder(hint) for hint in hints]

    def read(value: Any, at: str) -> Any:
        if not isinstance(value, list | tuple) or len(value) != len(decoders):
            raise _misfit(at, f"a list of {len(decoders)}", value)
        return tuple(
            decoder(item, f"{at}[{place}]") for place, (decoder, item) in enumerate(zip(decoders, value, strict=True))
        )

    return read


def _mapping(hint: Any) -> Decoder:
    decoder = _decoder(hint)

    def read(value: Any, at: str) -> Any:
        if not isinstance(value, dict):
            raise _misfit(at, "an object", value)
        return {name: decoder(item, f"{at}.{name}") for name, item in value.items()}

    return read


def _misfit(at: str, words: str, value: Any) -> MisfitError:
    return MisfitError(f"{at or 'it'} must be {words}, not {_kind(value)}")


def _kind(value: Any) -> str:
    kinds = {dict: "an object", list: "a list", str: said(value) if isinstance(value, str) else "", type(None): "null"}
    return kinds.get(type(value)) or said(value)
