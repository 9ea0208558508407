"""Data that nearly fits a JSON Schema, put right where the schema leaves no doubt what was meant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sre_runner.casefile import Json
from sre_runner.documents.json_schema.fitting import fits, is_type, pointed_at
from sre_runner.text.strict_json import read

_AS_TEXT = ("array", "object", "number", "integer", "boolean")
"""Types whose values come as JSON text from some models and servers."""

_NULL = {"type": "null"}
_LEVELS = 100
"""References that are followed in a row, and levels of the data."""

Path = tuple[str | int, ...]


def coerced(schema: Mapping[str, Any], data: Json) -> tuple[Json, list[tuple[Path, str]]]:
    """The data as the schema wants it, and what was put right, as (path, words).

    A list, object, number or truth value that came as JSON text is unpacked; `null` for an optional key and keys that
    the schema does not know are left out; an enumerated text in another case is written as the schema writes it.
    Nothing else is touched: what still does not fit is for the model to correct.
    """
    if fits(schema, data, bounded=True):
        return data, []
    notes: list[tuple[Path, str]] = []
    return _Coercion(schema, notes).of(schema, data, ()), notes


@dataclass(frozen=True)
class _Coercion:
    whole: Mapping[str, Any]
    """The schema that references lead into."""
    notes: list[tuple[Path, str]]

    def of(self, schema: Any, data: Json, path: Path) -> Json:
        schema = self._chosen(schema, data)
        if not isinstance(schema, Mapping) or len(path) > _LEVELS:
            return data
        if isinstance(data, str):
            return self._of_text(schema, data, path)
        if isinstance(data, dict):
            return self._of_object(schema, data, path)
        if isinstance(data, list) and isinstance(schema.get("items"), Mapping):
            return [self.of(schema["items"], item, (*path, place)) for place, item in enumerate(data)]
        return data

    def _chosen(self, schema: Any, data: Json) -> Any:
        """The schema that a reference or a choice between `null` and one other leads to, where the data is not null."""
        for _ in range(_LEVELS):
            if not isinstance(schema, Mapping):
                break
            choices = [one for keyword in ("anyOf", "oneOf") for one in schema.get(keyword, ()) if one != _NULL]
            if "$ref" in schema:
                schema = pointed_at(self.whole, schema["$ref"])
            elif len(choices) == 1 and data is not None:
                schema = choices[0]
            else:
                break
        return schema

    def _of_text(self, schema: Mapping[str, Any], text: str, path: Path) -> Json:
        stated = schema.get("type")
        wanted = _but_null(stated) if isinstance(stated, list) else stated
        if wanted in _AS_TEXT:
            try:
                value = read(text)
            except ValueError:
                return text
            if is_type(value, wanted):
                self.notes.append((path, "came as JSON text"))
                return self.of(schema, value, path)
        values = schema.get("enum")
        if wanted == "string" and isinstance(values, list) and text not in values:
            said = text.strip().casefold()
            meant = [value for value in values if isinstance(value, str) and value.casefold() == said]
            if len(meant) == 1:
                self.notes.append((path, f"came as {text[:40]!r}"))
                return meant[0]
        return text

    def _of_object(self, schema: Mapping[str, Any], data: Mapping[str, Json], path: Path) -> dict[str, Json]:
        known = schema.get("properties")
        if not isinstance(known, Mapping):
            return dict(data)
        left_out = dict(self._left_out(schema, known, data))
        self.notes.extend(((*path, name), why) for name, why in left_out.items())
        return {
            name: self.of(known.get(name), value, (*path, name)) for name, value in data.items() if name not in left_out
        }

    def _left_out(
        self, schema: Mapping[str, Any], known: Mapping[str, Any], data: Mapping[str, Json]
    ) -> Iterator[tuple[str, str]]:
        """The keys that say nothing: unknown ones where the schema takes no others, and optional ones that are null."""
        closed = schema.get("additionalProperties") is False and "patternProperties" not in schema
        for name, value in data.items():
            if name not in known:
                if closed:
                    yield name, "is not a field and was left out"
            elif (
                value is None
                and name not in schema.get("required", ())
                and not fits(known[name], None, whole=self.whole, bounded=True)
            ):
                yield name, "was null and was left out"


def _but_null(types: list[Any]) -> Any:
    """The one type beside `null`, where there is one."""
    others = [one for one in types if one != "null"]
    return others[0] if len(others) == 1 else None
