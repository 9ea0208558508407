"""Which tools to call next, with which arguments; never the same call twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from typing import Any

from sre_runner.casefile import Json
from sre_runner.models.offline.hearing import Heard, ToolOffer, identity, mapping
from sre_runner.models.offline.knowing import Known, facts, key_words, objects, search_texts, speaks_of
from sre_runner.models.offline.reporting import fits
from sre_runner.models.offline.subjects import kind_of
from sre_runner.models.offline.words import words

MOST_CALLS = 12
"""Calls in one turn."""
_MOST_OF_ONE = 4
"""Calls of one tool in one turn."""
_MOST_OBJECTS = 6
_HEALTHY = 2
"""How many objects are looked at closely where none is unhealthy."""
_MOST_SETS = 60

_LEVELS = (
    ("fatal", "critical", "crit", "emergency", "alert", "panic", "severe", "p1", "sev1", "high"),
    ("error", "err", "p2", "sev2", "failed"),
    ("warn", "warning", "p3", "sev3", "medium"),
    ("info", "notice", "p4", "normal", "low", "debug", "trace", "verbose", "ok"),
)
"""Values of an enum that say how severe something is, most severe first."""
_SEARCHED = frozenset(
    ("query", "symptom", "question", "search", "text", "description", "problem", "topic", "type", "category")
)
_WORDED = frozenset(("keyword", "term", "pattern", "filter", "contains", "match", "substring"))
_TIMES = frozenset(("start", "end", "time", "timestamp", "date", "from", "to", "until", "at"))
"""Words of which the whole name of an argument is made that takes a time: `start_time`, and not `to_version`."""


def next_calls(heard: Heard) -> list[tuple[str, dict[str, Json]]]:
    """The calls of the next turn, as tool and arguments; [] where nothing new can be asked."""
    known = objects(heard)
    taken = set(heard.asked)
    calls: list[tuple[str, dict[str, Json]]] = []
    for tool in heard.tools:
        count = 0
        for arguments in _argument_sets(tool, heard, known):
            name = identity(tool.name, arguments)
            if (
                count < _MOST_OF_ONE
                and len(calls) < MOST_CALLS
                and name not in taken
                and fits({"type": "object", **tool.schema}, arguments)
            ):
                taken.add(name)
                calls.append((tool.name, arguments))
                count += 1
    return calls


_READS_ON = "read_output"
"""The built-in tool: it only reads on in answers that the model already has."""


def unaskable(heard: Heard) -> list[tuple[str, list[str]]]:
    """Tools that were never called, with the arguments for which nothing was known."""
    known = objects(heard)
    called = {each.split(" ", 1)[0] for each in heard.asked}
    found = []
    for tool in heard.tools:
        if tool.name not in called and tool.name != _READS_ON:
            without = [name for name in tool.required if not _values(name, tool, heard, known, None)]
            found.append((tool.name, without))
    return found


def _argument_sets(tool: ToolOffer, heard: Heard, known: Sequence[Known]) -> Iterator[dict[str, Json]]:
    """All argument sets that can be filled, the most promising first."""
    rows: list[Known | None] = [None]
    of_kind = _of_kind(tool, known)
    if of_kind is not None:
        rows = [*of_kind]
    made = 0
    for row in rows:
        choices: list[list[tuple[str, Json]]] = []
        for name, schema in tool.properties.items():
            values = _values(name, tool, heard, known, row)
            if name in tool.required:
                choices.append([(name, value) for value in values])
            elif values and _worth_giving(name, schema, heard, row):
                choices.append([(name, value) for value in (values if _enum(schema) else values[:1])])
        for chosen in product(*choices):
            yield dict(chosen)
            made += 1
            if made >= _MOST_SETS:
                return


def _of_kind(tool: ToolOffer, known: Sequence[Known]) -> list[Known] | None:
    """The objects to call the tool for, one by one; None where it needs none."""
    slots = [
        name for name in tool.required if _object_kind(name, tool) is not None and not _enum(tool.properties[name])
    ]
    if not slots:
        return None
    kinds = {_object_kind(name, tool) or "" for name in slots}
    own = [k for k in known if not kinds - {""} or k.kind in kinds]
    if not own and not kinds - {""}:
        own = list(known)
    bad = [k for k in own if k.unhealthy]
    named = [k for k in own if k.named_by_case and not k.unhealthy]
    untyped = [k for k in known if not k.kind and k.named_by_case] if not bad and not named else []
    others = [k for k in own if not k.unhealthy and not k.named_by_case] if not bad else []
    chosen = [*bad[:_MOST_OBJECTS], *named[:3], *untyped[:2], *others[:_HEALTHY]]
    first: list[Known] = [Known("", "")]  # what the inputs and the schema's examples give without any object
    return [*first, *chosen]


def _object_kind(name: str, tool: ToolOffer) -> str | None:
    """The kind of object whose name the argument takes, "" for any kind, None where it takes no object's name."""
    parts = words(name)
    if tool.properties[name].get("type", "string") != "string":
        return None
    kind = kind_of(name)
    if kind == "namespace" or (parts and parts[-1] in ("type", "kind")):
        return None
    if kind and (parts[-1] == kind or parts[-1] in ("name", "id")):
        return kind
    return kind_of(tool.name) if parts in (["name"], ["id"], ["resource", "name"], ["identifier"]) else None


def _worth_giving(name: str, schema: Mapping[str, Json], heard: Heard, row: Known | None) -> bool:
    """Optional arguments are left out unless the case or the object says what they are, or they are a choice of few."""
    if _enum(schema):
        return True
    if row is not None and row.namespace and words(name)[-1:] == ["namespace"]:
        return True
    return any(speaks_of(of, name) for of, _ in facts(heard))


def _values(name: str, tool: ToolOffer, heard: Heard, known: Sequence[Known], row: Known | None) -> list[Json]:
    """What an argument could be, best first; the schema's own words come after what the case says."""
    schema = tool.properties[name]
    stated = _stated(schema)
    if "const" in schema:
        return [schema["const"]]
    if _enum(schema):
        return _choices(schema, heard, row, name)
    kind = schema.get("type", "string")
    if kind != "string":
        return stated or _plain(kind, name, schema, heard)
    parts = words(name)
    found: list[Json] = []
    if row is not None and row.name and _object_kind(name, tool) is not None:
        return [row.name]
    if row is not None and row.namespace and parts[-1:] == ["namespace"]:
        return [row.namespace]
    if row is not None and row.kind and parts[-1:] == ["kind"]:
        return [row.kind]
    found += [value for of, value in facts(heard) if speaks_of(of, name)]
    if not found:
        found += [value for of, value in facts(heard) if of and of[-1] in _synonyms(schema)]
    found += stated
    if not found:
        found += _worded(parts, heard, known)
    return list(dict.fromkeys(value for value in found if isinstance(value, str)))[:MOST_CALLS]


def _worded(parts: Sequence[str], heard: Heard, known: Sequence[Known]) -> Iterable[Json]:
    """Values for arguments that are no names: searches and times, made of what the case and the answers say."""
    of = set(parts)
    if of & _WORDED:
        return key_words(heard)
    if parts[-1:] == ["kind"]:
        return list(dict.fromkeys(k.kind for k in known if k.kind))[:2]
    if parts[-1:] == ["namespace"]:
        return list(dict.fromkeys(k.namespace for k in known if k.namespace))[:2]
    if of and of <= _TIMES:
        case = heard.case
        began = case.get("incident_started_at") or case.get("started_at")
        return [str(case.get("started_at") if of & {"end", "to", "until"} else began)] if began else []
    return search_texts(heard) if of & _SEARCHED else []


def _synonyms(schema: Mapping[str, Json]) -> frozenset[str]:
    """Other kinds of objects whose names an argument takes, as its schema states them: `x-synonyms: [database]`."""
    stated = schema.get("x-synonyms")
    return frozenset(map(str, stated)) if isinstance(stated, list) else frozenset()


def _enum(schema: Mapping[str, Json]) -> list[Any]:
    values = schema.get("enum")
    return values if isinstance(values, list) else []


def _stated(schema: Mapping[str, Json]) -> list[Json]:
    """What the schema itself suggests: its default, then its examples."""
    examples = schema.get("examples")
    return [*([schema["default"]] if "default" in schema else []), *(examples if isinstance(examples, list) else [])]


def _choices(schema: Mapping[str, Json], heard: Heard, row: Known | None, name: str) -> list[Json]:
    """Values of an enum: those that fit the object, else levels from the most severe on; one more each turn."""
    values = _enum(schema)
    if row is not None and row.kind:
        fitting = [value for value in values if isinstance(value, str) and kind_of(value) == row.kind]
        if fitting and words(name)[-1:] in (["kind"], ["type"]):
            return fitting[:1]
    stated = [value for value in _stated(schema) if value in values]
    case = [value for of, text in facts(heard) for value in values if speaks_of(of, name) and value == text]
    if all(isinstance(value, str) and _rank(value) < len(_LEVELS) for value in values):
        ranked = sorted(values, key=lambda value: _rank(str(value)))
    else:
        ranked = list(values)
    ordered = [*case, *stated, *(value for value in ranked if value not in stated and value not in case)]
    allowed = 3 if heard.turns_left <= 1 else min(3, heard.turn)
    return ordered[:allowed]


def _rank(value: str) -> int:
    """The level that a value stands for, 0 for the most severe; one more than the last where it is no level."""
    return next((place for place, names in enumerate(_LEVELS) if value.lower() in names), len(_LEVELS))


def _plain(kind: Any, name: str, schema: Mapping[str, Json], heard: Heard) -> list[Json]:
    """A value of another type than text, of what the case says: a number or a truth value is in no case."""
    if kind == "array":
        items = mapping(schema.get("items"))
        one = ToolOffer("", "", {}, {name: items}, (name,))
        return [[value] for value in _values(name, one, heard, objects(heard), None)[:1]]
    return [{}] if kind == "object" and not schema.get("required") else []
