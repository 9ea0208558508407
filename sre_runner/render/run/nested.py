"""Plain data, such as a report's own fields, as Markdown that people read: paragraphs and nested lists."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from sre_runner.casefile import Json
from sre_runner.render.escape import inline, paragraphs


def title(name: str) -> str:
    """A field's name as a title: `top_errors` becomes `Top errors`."""
    return inline(name.replace("_", " ").strip().capitalize())


def nested(value: Json) -> str:
    """Text as paragraphs, lists and objects as nested lists, nothing as `none`."""
    if isinstance(value, str):
        return paragraphs(value) or "none"
    return "\n".join(_items(value, "")) if _has_parts(value) else _scalar(value)


def _items(value: Json, indent: str) -> Iterator[str]:
    named = isinstance(value, Mapping)
    for key, item in value.items() if named else enumerate(value, start=1):
        lead = f"{indent}- {inline(str(key))}:" if named else f"{indent}-"
        if not named and isinstance(item, Mapping) and item and not any(map(_has_parts, item.values())):
            yield f"{lead} " + "; ".join(f"{inline(str(name))}: {_scalar(part)}" for name, part in item.items())
        elif _has_parts(item):
            # A dash alone below a line of text would make that line a heading.
            yield lead if named else f"{lead} {key}:"
            yield from _items(item, indent + "  ")
        else:
            yield f"{lead} {_scalar(item)}"


def _has_parts(value: Json) -> bool:
    return isinstance(value, list | Mapping) and bool(value)


def _scalar(value: Json) -> str:
    if isinstance(value, str):
        return inline(value) or '""'
    return "none" if value in (None, [], {}) else inline(json.dumps(value))
