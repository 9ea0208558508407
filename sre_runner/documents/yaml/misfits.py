"""What in a file does not fit its JSON Schema, in the words of people who write YAML."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Any

from sre_runner.documents.json_schema.complaints import Path, dotted
from sre_runner.documents.json_schema.fitting import is_type
from sre_runner.documents.json_schema.keywords import faults
from sre_runner.text.naming import listed, nearest, said

if TYPE_CHECKING:
    from jsonschema import ValidationError

MOST_MISFITS = 100


@dataclass(frozen=True)
class Misfit:
    """What is wrong at `path`; with `key` at the key that names it, otherwise at the value."""

    path: Path
    message: str
    hint: str = ""
    key: bool = False


@dataclass(frozen=True)
class _Fault:
    """One error of jsonschema: the keyword, what it demands, the value that is not so, the schema it stands in.

    `hint` is what the schema says of the value, `whole` the schema of the file.
    """

    path: Path
    keyword: str
    demand: Any
    value: Any
    schema: Mapping[str, Any]
    whole: Mapping[str, Any]
    hint: str
    error: ValidationError

    @property
    def name(self) -> str:
        """The last name on the path with the numbers behind it."""
        names = [number for number, part in enumerate(self.path) if isinstance(part, str)]
        if names:
            return said(dotted(self.path[names[-1] :]))
        return f"item {self.path[-1]}" if self.path else "the file"


def _fault(error: Any, whole: Mapping[str, Any]) -> _Fault:
    schema = error.schema if isinstance(error.schema, dict) else {}
    path = tuple(error.absolute_path)
    hint = _said_of(error.absolute_schema_path, whole)
    return _Fault(path, str(error.validator), error.validator_value, error.instance, schema, whole, hint, error)


def misfits(schema: Mapping[str, Any], data: Any) -> list[Misfit]:
    """Everything in `data` that does not fit the schema; the last of very many says that there are more.

    References in the schema are of the form `#/$defs/name`.
    """
    found = [_fault(error, schema) for error in islice(faults(schema, data), MOST_MISFITS + 1)]
    mistyped = {fault.path for fault in found if fault.keyword == "type"}
    told: dict[Misfit, None] = {}
    for fault in found:
        if fault.keyword == "type" or fault.path not in mistyped:
            told |= dict.fromkeys(_WORDS.get(fault.keyword, _other)(fault))
    more = [Misfit((), "there is more that does not fit the schema: correct these first")]
    return [*islice(told, MOST_MISFITS), *(more if max(len(found), len(told)) > MOST_MISFITS else [])]


def _said_of(path: Iterable[str | int], whole: Mapping[str, Any]) -> str:
    """The description of the value that the keyword at the end of this path in the schema is about."""
    schema: Any = whole
    description = _text(whole)
    for part, following in pairwise(path):
        schema = schema[part]
        description = _text(schema) or (description if part in ("then", "else") else "")
        while _is_reference(schema) and following not in schema:  # jsonschema leaves references out of the path
            schema = _definition(schema, whole)
            description = _text(schema) or description
    return description


def _text(schema: Any) -> str:
    description = schema.get("description") if isinstance(schema, dict) else None
    return description if isinstance(description, str) else ""


def _is_reference(schema: Any) -> bool:
    return isinstance(schema, dict) and "$ref" in schema


def _definition(schema: Mapping[str, Any], whole: Mapping[str, Any]) -> Any:
    return whole["$defs"][schema["$ref"].removeprefix("#/$defs/")]


_EXPECTED = {
    "object": "a mapping (`key: value`)",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "empty",
}


def _found(value: Any) -> str:
    kinds: dict[Any, str] = {dict: "a mapping", list: "a list", str: "text", bool: said(value)}
    return kinds.get(type(value), f"the number {said(value)}")


def _type(fault: _Fault) -> Iterator[Misfit]:
    names = [fault.demand] if isinstance(fault.demand, str) else fault.demand
    expected, value, hint = " or ".join(_EXPECTED[one] for one in names), fault.value, fault.hint
    if value is None:
        yield Misfit(fault.path, f"{fault.name} is empty; it must be {expected}", hint)
        return
    if "array" in names and isinstance(value, str):
        hint = f"Write it as a list: [{value}]" if value.isprintable() and len(value) <= 60 else "Write it as a list."
    elif "string" in names and isinstance(value, (bool, int, float)):
        hint = "Quote it."
    elif "object" in names and isinstance(value, list):
        hint = "Write `key: value` lines, without `- `."
    elif "string" in names and isinstance(value, dict):
        hint = "Quote text that holds `: `, or begin it on the next line behind `|`."
    elif isinstance(value, str) and any(is_type(_number(value), one) for one in names):
        hint = "Remove the quotes."
    yield Misfit(fault.path, f"{fault.name} must be {expected}, not {_found(value)}", hint)


def _number(text: str) -> Any:
    try:
        return float(text) if len(text) < 50 else None
    except ValueError:
        return {"true": True, "false": False}.get(text)


def _unknown(fault: _Fault) -> Iterator[Misfit]:
    known = fault.schema.get("properties", {})
    for name in _strangers(fault):
        near = nearest(name, known)
        hint = f"Did you mean {said(near)}?" if near else f"Known here: {listed(known)}."
        yield Misfit((*fault.path, name), f"unknown key {said(name)}", hint, key=True)


def _strangers(fault: _Fault) -> list[str]:
    """The keys that the schema does not know, though it knows all; of very many some."""
    known = fault.schema.get("properties", {})
    unknown = (name for name in fault.value if name not in known)
    return list(islice(unknown, MOST_MISFITS + 1)) if fault.schema.get("additionalProperties") is False else []


def _misspelled(name: str, fault: _Fault) -> bool:
    """Whether an unknown key is probably this one: then that it is missing need not be said as well."""
    return any(nearest(stranger, fault.schema["properties"]) == name for stranger in _strangers(fault))


def _missing(fault: _Fault) -> Iterator[Misfit]:
    for name in fault.demand:
        if name not in fault.value and not _misspelled(name, fault):
            schema = fault.schema.get("properties", {}).get(name)
            schema = {**_definition(schema, fault.whole), **schema} if _is_reference(schema) else schema
            yield Misfit(fault.path, f"{fault.name} lacks the key {said(name)}", _text(schema), key=True)


def _enum(fault: _Fault) -> Iterator[Misfit]:
    values = fault.demand
    near = nearest(fault.value, filter(_is_text, values)) if _is_text(fault.value) else None
    hint = f"Did you mean {said(near)}?" if near else fault.hint
    message = f"{fault.name} must be {'one of ' if len(values) > 1 else ''}{listed(values)}"
    yield Misfit(fault.path, f"{message}, not {said(fault.value)}", hint)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _alternatives(fault: _Fault) -> Iterator[Misfit]:
    """`oneOf` or `anyOf`; mostly one that says which one of several keys there must be."""
    parts = fault.demand
    if not all(isinstance(part, dict) and set(part) == {"required"} and len(part["required"]) == 1 for part in parts):
        from jsonschema.exceptions import best_match

        best = _fault(best_match([fault.error]), fault.whole)
        yield from (_other if best.error is fault.error else _WORDS.get(best.keyword, _other))(best)
        return
    names = [part["required"][0] for part in parts]
    given = [name for name in fault.value if name in names] if isinstance(fault.value, dict) else []
    hint = f"It takes exactly one of {listed(names)}."
    if len(given) > 1:
        message = f"{said(given[1])} cannot stand beside {said(given[0])}"
        yield Misfit((*fault.path, given[1]), message, hint, key=True)
    elif isinstance(fault.value, dict) and not any(_misspelled(name, fault) for name in names):
        yield Misfit(fault.path, f"{fault.name} lacks one of {listed(names)}", hint, key=True)


def _limit(one: str, many: str) -> Callable[[_Fault], Iterator[Misfit]]:
    """Words for a limit, and for a limit of one."""

    def words(fault: _Fault) -> Iterator[Misfit]:
        template = one if fault.demand == 1 else many
        message = template.format(fault.name, said(fault.demand))
        yield Misfit(fault.path, message, fault.hint)

    return words


def _other(fault: _Fault) -> Iterator[Misfit]:
    yield Misfit(fault.path, f"{fault.name} is not what it must be", fault.hint)


_WORDS: Mapping[str, Callable[[_Fault], Iterator[Misfit]]] = {
    "type": _type,
    "additionalProperties": _unknown,
    "required": _missing,
    "enum": _enum,
    "oneOf": _alternatives,
    "anyOf": _alternatives,
    "minimum": _limit(*["{} must be at least {}"] * 2),
    "maximum": _limit(*["{} must be at most {}"] * 2),
    "exclusiveMinimum": _limit(*["{} must be more than {}"] * 2),
    "exclusiveMaximum": _limit(*["{} must be less than {}"] * 2),
    "minLength": _limit("{} must not be empty", "{} must have at least {} characters"),
    "maxLength": _limit("{} must be one character", "{} must have at most {} characters"),
    "minItems": _limit("{} must have at least one item", "{} must have at least {} items"),
    "maxItems": _limit("{} must have one item", "{} must have at most {} items"),
    "minProperties": _limit("{} must have at least one key", "{} must have at least {} keys"),
}
