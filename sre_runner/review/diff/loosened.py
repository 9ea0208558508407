"""Whether the schema of an argument admits more than before; where that is not plain to see, it does."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sre_runner.casefile import Json
from sre_runner.documents.json_schema.fitting import same

_WORDS = frozenset({"$comment", "default", "deprecated", "description", "examples", "readOnly", "title", "writeOnly"})
"""Keywords that keep no value out."""
_MOST = frozenset({"exclusiveMaximum", "maxItems", "maxLength", "maxProperties", "maximum"})
_LEAST = frozenset({"exclusiveMinimum", "minItems", "minLength", "minProperties", "minimum"})


def loosened(old: Json, new: Json) -> list[str]:
    """The keywords by which a schema may admit what it did not before, those of `items` dotted."""
    if not isinstance(old, Mapping) or not isinstance(new, Mapping):
        return [] if old == new or old is True or new is False else ["the whole schema"]
    found = []
    for key in dict.fromkeys([*old, *new]):
        if key in _WORDS or (key in old and key in new and same(old[key], new[key])):
            continue
        if key not in old:
            found += [key] if key in _EXEMPTING or _UNEVALUATED & {*old} else []
        elif key == "items" and key in new:
            found += [f"{key}.{inner}" for inner in loosened(old[key], new[key])]
        elif key not in new or not _TIGHTER.get(key, _never)(old[key], new[key]):
            found.append(key)
    return found


_EXEMPTING = frozenset({"minContains", "patternProperties", "prefixItems", "properties"})
"""Keywords that, added, may keep less out: they exempt from what other keywords say."""
_UNEVALUATED = frozenset({"unevaluatedItems", "unevaluatedProperties"})
"""From which many keywords exempt."""


def _never(old: Json, new: Json) -> bool:  # noqa: ARG001
    return False


def _not_more(old: Json, new: Json) -> bool:
    return bool(new <= old)


def _not_less(old: Json, new: Json) -> bool:
    return bool(new >= old)


def _fewer(old: Json, new: Json) -> bool:
    """Whether no value is new; one value may stand for a list of it."""
    values = [each if isinstance(each, list) else [each] for each in (old, new)]
    return all(any(same(value, one) for one in values[0]) for value in values[1])


def _unique(old: Json, new: Json) -> bool:
    return bool(new) or not old


_TIGHTER: Mapping[str, Callable[[Json, Json], bool]] = {
    **dict.fromkeys(_MOST, _not_more),
    **dict.fromkeys(_LEAST, _not_less),
    "enum": _fewer,
    "type": _fewer,
    "uniqueItems": _unique,
}
"""Whether a keyword with a new value admits nothing new."""
