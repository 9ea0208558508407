"""Data that nearly fits a JSON Schema, put right where the schema leaves no doubt what was meant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sre_runner.casefile import Json
from sre_runner.fitting import fits, is_type
from sre_runner.strict_json import read

_AS_TEXT = ("array", "object", "number", "integer", "boolean")
"""Types whose values come as JSON text from some models and servers."""

Path = tuple[str | int, ...]


def coerced(schema: Mapping[str, Any], data: Json) -> tuple[Json, list[tuple[Path, str]]]:
    """The data as the schema wants it, and what was put right, as (path, words).

    A list, object, number or truth value that came as JSON text is unpacked; `null` for an optional key and keys that
    the schema does not know are left out; an enumerated text in another case is written as the schema writes it.
    Nothing else is touched: what still does not fit is for the model to correct.
    """
    if fits(schema, data):
        return data, []
    notes: list[tuple[Path, str]] = []
    return _coerced(schema, data, (), notes), notes


def _coerced(schema: Any, data: Json, path: Path, notes: list[tuple[Path, str]]) -> Json:
    if not isinstance(schema, Mapping):
        return data
    if isinstance(data, str):
        return _of_text(schema, data, path, notes)
    if isinstance(data, dict):
        return _of_object(schema, data, path, notes)
    if isinstance(data, list) and isinstance(schema.get("items"), Mapping):
        return [_coerced(schema["items"], item, (*path, place), notes) for place, item in enumerate(data)]
    return data


def _of_text(schema: Mapping[str, Any], text: str, path: Path, notes: list[tuple[Path, str]]) -> Json:
    wanted = schema.get("type")
    if wanted in _AS_TEXT:
        try:
            value = read(text)
        except ValueError:
            return text
        if is_type(value, wanted):
            notes.append((path, "came as JSON text"))
            return _coerced(schema, value, path, notes)
    values = schema.get("enum")
    if wanted == "string" and isinstance(values, list) and text not in values:
        meant = [value for value in values if isinstance(value, str) and value.casefold() == text.strip().casefold()]
        if len(meant) == 1:
            notes.append((path, f"came as {text[:40]!r}"))
            return meant[0]
    return text


def _of_object(
    schema: Mapping[str, Any], data: Mapping[str, Json], path: Path, notes: list[tuple[Path, str]]
) -> dict[str, Json]:
    known = schema.get("properties")
    if not isinstance(known, Mapping):
        return dict(data)
    left_out = dict(_left_out(schema, known, data))
    notes += [((*path, name), why) for name, why in left_out.items()]
    return {
        name: _coerced(known.get(name), value, (*path, name), notes)
        for name, value in data.items()
        if name not in left_out
    }


def _left_out(
    schema: Mapping[str, Any], known: Mapping[str, Any], data: Mapping[str, Json]
) -> Iterator[tuple[str, str]]:
    """The keys that say nothing: unknown ones where the schema takes no others, and optional ones that are null."""
    closed = schema.get("additionalProperties") is False and "patternProperties" not in schema
    for name, value in data.items():
        if name not in known:
            if closed:
                yield name, "is not a field and was left out"
        elif value is None and name not in schema.get("required", ()) and not fits(known[name], None):
            yield name, "was null and was left out"
