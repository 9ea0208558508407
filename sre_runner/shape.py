"""JSON Schema in words: data checked against a schema, each complaint with its path."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

Path = tuple[str | int, ...]


def complaints(schema: Mapping[str, Any], data: Any) -> list[tuple[Path, str]]:
    """Everything in `data` that `schema` does not allow, as (path, message), in document order; [] where it fits."""
    errors = Draft202012Validator(schema).iter_errors(data)
    return sorted(((tuple(e.absolute_path), _message(e)) for e in errors), key=lambda c: [str(p) for p in c[0]])


def dotted(path: Iterable[str | int]) -> str:
    """A path as people write it: `findings[0].evidence`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def _message(error: ValidationError) -> str:
    return error.message if len(error.message) <= 300 else error.message[:297] + "…"
