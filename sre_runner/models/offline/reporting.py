"""Reports by their schema: fields that are known are taken over, all others are filled with what fits their names."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sre_runner.casefile import Json
from sre_runner.documents.json_schema.complaints import complaints
from sre_runner.models.offline.words import clean, words

_DEEPEST = 12
_MOST_ELEMENTS = 1_000
_OPPOSITES = (("healthy", "unhealthy"),)
_NAME_WORDS = frozenset(
    ("name", "subject", "object", "id", "title", "agent", "pod", "service", "resource", "component", "key")
)
_EMPTY_WORDS = ("none", "unknown", "n/a", "other", "not_applicable", "undetermined", "na", "no")
_WEAK = frozenset(
    ("list", "name", "top", "item", "relevant", "affected", "summary", "detail", "main", "key", "suspect")
)
"""Words of a field's name that do not say what it is about."""


@dataclass(frozen=True)
class Item:
    """Something that a report may mention: `topics` are the words that a field's name may ask for, `name` the object
    that it is about, or ""."""

    topics: frozenset[str]
    text: str
    name: str = ""


@dataclass(frozen=True)
class Material:
    """What a report is made of. `severity` is that of the case, `nothing` what is said where nothing fits."""

    items: Sequence[Item] = ()
    severity: str = "P4"
    confidence: float = 0.0
    nothing: str = "Nothing found."
    known: Mapping[str, Json] = field(default_factory=dict)


def fill(schema: Mapping[str, Json], material: Material) -> dict[str, Json]:
    """A report that fits the schema."""
    properties = _mapping(schema.get("properties"))
    report: dict[str, Json] = {}
    for name, part in properties.items():
        own = _mapping(part)
        if name in material.known and fits(own, material.known[name]):
            report[name] = material.known[name]
        else:
            report[name] = _checked(own, _value(own, name, material, 0))
    return report if fits(schema, report) else {**_mapping(smallest(schema)), **report}


def fits(schema: Mapping[str, Json], value: Json) -> bool:
    """Whether a value is allowed by a schema; False where the schema itself cannot be used."""
    try:
        return not complaints(schema, value)
    except Exception:  # noqa: BLE001 - what a broken schema or a reference to nowhere raises is not documented
        return False


def _checked(schema: Mapping[str, Json], value: Json) -> Json:
    """The value where it fits, else the plainest one that does."""
    return value if fits(schema, value) else smallest(schema)


def matching(name: str, description: str, items: Sequence[Item]) -> list[Item]:
    """The items that a field asks for: those that share the most words with its name, else with its description."""
    wanted = set(words(name))
    for one, other in _OPPOSITES:
        if one in wanted:
            items = [item for item in items if other not in item.topics]
        elif other in wanted:
            items = [item for item in items if one not in item.topics]
    for asked, least in ((wanted - _WEAK or wanted, 1), (set(words(description)) - _WEAK, 2)):
        best = max((len(asked & item.topics) for item in items), default=0)
        if best >= least:
            return [item for item in items if len(asked & item.topics) == best]
    return []


def _value(schema: Mapping[str, Json], name: str, material: Material, depth: int) -> Json:
    if "const" in schema:
        return schema["const"]
    if isinstance(schema.get("enum"), list) and schema["enum"]:
        return _choice(schema, name, material)
    kind = _type(schema)
    if kind == "string":
        return _string(schema, name, material)
    if kind in ("array", "object") and depth < _DEEPEST:
        return (_array if kind == "array" else _object)(schema, name, material, depth)
    if kind in ("integer", "number"):
        count = len(matching(name, _description(schema), material.items))
        return _bounded(schema, material.confidence if "confidence" in words(name) else count)
    if kind == "boolean":
        return bool(matching(name, _description(schema), material.items))
    return smallest(schema)


def _type(schema: Mapping[str, Json]) -> str:
    kind = schema.get("type")
    return kind if isinstance(kind, str) else ""


def _description(schema: Mapping[str, Json]) -> str:
    return f"{schema.get('title', '')} {schema.get('description', '')}"


def _choice(schema: Mapping[str, Json], name: str, material: Material) -> Json:
    """The severity where it is one of the values, else the value that the findings speak of, else one for nothing."""
    values = schema["enum"]
    if material.severity in values:
        return material.severity
    asked = matching(name, _description(schema), material.items) or list(material.items)
    spoken = [(sum(_share(str(value), item) for item in asked), value) for value in values]
    best = max(count for count, _ in spoken)
    if best:
        return next(value for count, value in spoken if count == best)
    return next((value for value in values if str(value).lower() in _EMPTY_WORDS), values[0])


def _share(value: str, item: Item) -> float:
    """How many of a value's words an item has, as a share of all."""
    own = set(words(value))
    return len(own & (item.topics | set(words(item.text)))) / len(own) if own else 0.0


def _string(schema: Mapping[str, Json], name: str, material: Material) -> Json:
    items = matching(name, _description(schema), material.items)
    text = "; ".join(dict.fromkeys(item.text for item in items[:3])) or material.nothing
    return fitted(schema, clean(text, 600))


def fitted(schema: Mapping[str, Json], text: str) -> str:
    """A text cut or lengthened to the bounds of a schema."""
    least, most = schema.get("minLength", 0), schema.get("maxLength")
    if isinstance(most, int) and len(text) > most:
        text = text[: max(0, most)]
    return text.ljust(least, ".") if isinstance(least, int) and least < 100_000 else text


def _array(schema: Mapping[str, Json], name: str, material: Material, depth: int) -> Json:
    inner = _mapping(schema.get("items"))
    asked = matching(name, _description(schema), material.items)
    made: list[Json] = []
    for item in asked[:8]:
        one = Material([item], material.severity, material.confidence, material.nothing)
        made.append(_checked(inner, _of_item(inner, name, item, one, depth + 1)))
    made = [value for place, value in enumerate(made) if value not in made[:place]]
    most, least = schema.get("maxItems"), schema.get("minItems", 0)
    made = made[: int(most)] if isinstance(most, int | float) else made
    while isinstance(least, int) and len(made) < min(least, _MOST_ELEMENTS):
        made.append(_checked(inner, _value(inner, name, material, depth + 1)))
    return made


def _of_item(schema: Mapping[str, Json], name: str, item: Item, material: Material, depth: int) -> Json:
    """One item as an element of an array: a text, or an object with the item's name and text in it."""
    if _type(schema) == "string" and "enum" not in schema and "const" not in schema:
        return fitted(schema, item.text)
    if _type(schema) != "object":
        return _value(schema, name, material, depth)
    made = {}
    for key, part in _mapping(schema.get("properties")).items():
        own = _mapping(part)
        if _type(own) == "string" and "enum" not in own and "const" not in own:
            text = (item.name or item.text) if set(words(key)) & _NAME_WORDS else item.text
            made[key] = _checked(own, fitted(own, text))
        else:
            made[key] = _checked(own, _value(own, key, material, depth + 1))
    return made


def _object(schema: Mapping[str, Json], name: str, material: Material, depth: int) -> Json:
    made = {}
    for key, part in _mapping(schema.get("properties")).items():
        own = _mapping(part)
        context = key if matching(key, _description(own), material.items) else f"{name} {key}"
        made[key] = _checked(own, _value(own, context, material, depth + 1))
    return made


def _bounded(schema: Mapping[str, Json], value: float) -> Json:
    """The number moved into the schema's bounds, whole where it must be."""
    least, most, above, below = (
        schema.get(key) for key in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
    )
    whole = _type(schema) == "integer"
    lows = [*_bound(least, whole, math.ceil), *_bound(above, whole, lambda n: math.floor(n) + 1, math.inf)]
    highs = [*_bound(most, whole, math.floor), *_bound(below, whole, lambda n: math.ceil(n) - 1, -math.inf)]
    value = max([value, *lows])
    value = min([value, *highs])
    return int(value) if whole else value


def _bound(stated: Json, whole: bool, rounded: Callable[[float], int], towards: float | None = None) -> Iterator[float]:
    """A bound as one that may be reached: the next whole number, or the next number at all after an exclusive one."""
    if isinstance(stated, bool) or not isinstance(stated, int | float) or not math.isfinite(stated):
        return
    if whole:
        yield rounded(stated)
    else:
        yield stated if towards is None else math.nextafter(stated, towards)


def smallest(schema: Mapping[str, Json], number: int = 0, depth: int = 0) -> Json:
    """The plainest value that a schema allows. `number` asks for another one where several are needed."""
    if depth > _DEEPEST:
        return None
    if "const" in schema:
        return schema["const"]
    if isinstance(schema.get("enum"), list) and schema["enum"]:
        allowed = [value for value in schema["enum"] if fits(schema, value)] or schema["enum"]
        return allowed[number % len(allowed)]
    stated = [schema[key] for key in ("default",) if key in schema]
    examples = schema.get("examples")
    stated += examples if isinstance(examples, list) else []
    good = [value for value in stated if fits(schema, value)]
    if number < len(good):
        return good[number]
    return _plainest(schema, number, depth)


def _plainest(schema: Mapping[str, Json], number: int, depth: int) -> Json:
    kind = _type(schema)
    if kind == "string":
        return fitted(schema, f"none {number}" if number else "none")
    if kind in ("integer", "number"):
        return _bounded(schema, number)
    if kind == "boolean":
        return bool(number % 2)
    if kind == "array":
        inner, least = _mapping(schema.get("items")), schema.get("minItems", 0)
        least = least if isinstance(least, int) else 0
        return [smallest(inner, number + place, depth + 1) for place in range(min(least, _MOST_ELEMENTS))]
    if kind == "object":
        needed = schema.get("required")
        properties = _mapping(schema.get("properties"))
        names = [n for n in needed if isinstance(n, str)] if isinstance(needed, list) else []
        return {name: smallest(_mapping(properties.get(name)), number, depth + 1) for name in names}
    return None if kind else "none"


def _mapping(value: Any) -> Mapping[str, Json]:
    return value if isinstance(value, Mapping) else {}


TRACE_ID = re.compile(
    r"\b(?:tx|txn|trace|req|request|order|span|session|corr)[-_]?(?:id[=: ]{1,2})?[-_]?[a-z]{0,4}\d[\w-]{2,40}", re.I
)
"""Ids of transactions, requests and traces, as logs write them."""
