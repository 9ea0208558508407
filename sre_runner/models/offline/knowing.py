"""What is known to ask with: values that the case names, and objects that earlier answers name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from sre_runner.models.offline.findings import sights_of
from sre_runner.models.offline.guidance import is_guidance
from sre_runner.models.offline.hearing import Exchange, Heard
from sre_runner.models.offline.outputs import Record, take_apart
from sre_runner.models.offline.subjects import KINDS, kind_of, own_name
from sre_runner.models.offline.table import signals
from sre_runner.models.offline.words import STOP, telling, words

_VAGUE = frozenset(("type", "status", "source", "value", "number", "key", "category", "level", "label"))
"""Words that say too little to be compared by themselves: a resource's type is no issue's type."""
GENERIC = frozenset(("name", "id", "the", "target", "full"))
_PAIR = re.compile(r'"(\w{2,40})"\s{0,4}:\s{0,4}"([^"\n]{1,160})"')
_IDENTIFIER = r"[A-Za-z0-9][\w.-]{1,100}[A-Za-z0-9]"
_KIND_FIRST = re.compile(rf"\b([A-Za-z]{{2,24}})(?=\s{{1,3}}[`'\"“]?({_IDENTIFIER}))")
_KIND_LAST = re.compile(rf"\b({_IDENTIFIER})(?=[`'\"”]?\s{{1,3}}([a-z]{{2,24}})\b)")
_QUOTED = re.compile(rf"[`'\"“]({_IDENTIFIER})[`'\"”](?!\s{{0,4}}:)")
_DASHED = re.compile(r"(?<![\w./-])([a-z][a-z0-9]{0,40}(?:-[a-z0-9]{1,40}){1,8})(?![\w/])")
_SAY_NOTHING = frozenset(
    (
        "issue",
        "wrong",
        "problem",
        "whats",
        "find",
        "cause",
        "check",
        "look",
        "investigate",
        "tell",
        "fetch",
        "get",
        "broken",
    )
)
_LONGEST_TASK = 20_000
_MOST_OBJECTS = 400


@dataclass(frozen=True)
class Known:
    """An object that can be asked about. `kind` and `namespace` may be ""; `unhealthy` where a signal shows at it."""

    kind: str
    name: str
    namespace: str = ""
    unhealthy: bool = False
    named_by_case: bool = False


def facts(heard: Heard) -> list[tuple[tuple[str, ...], str]]:
    """What the case, a request or a passed-on finding names: the words of each name, and its value; inputs first."""
    found = [(core(name), value) for name, value in heard.inputs.items() if value]
    task = f"{heard.asked_by_case}\n{heard.passed_on}"[:_LONGEST_TASK]
    found += [(core(key), value) for key, value in _PAIR.findall(task)]
    found += [((each.kind,), each.name) for each in _objects_of_task(task) if each.kind]
    return list(dict.fromkeys(found))


def core(name: str) -> tuple[str, ...]:
    """The words of a name without those that every name can have: `service_name` is about a service."""
    parts = words(name)
    return tuple(part for part in parts if part not in GENERIC) or tuple(parts)


def speaks_of(of: tuple[str, ...], name: str) -> bool:
    """Whether a fact with these words is one for an argument of this name: `service` for `serviceName`."""
    wanted = core(name)
    return of == wanted if wanted[-1:] and wanted[-1] in _VAGUE else of[-1:] == wanted[-1:]


def objects(heard: Heard) -> list[Known]:
    """Everything that can be asked about, unhealthy objects first, then those that the case names, then the others."""
    found: dict[tuple[str, str], Known] = {}
    for exchange in heard.exchanges:
        if not exchange.failed and not is_guidance(exchange.tool, exchange.raw):
            for each in _objects_of(exchange):
                have = found.get((each.kind, each.name))
                if have is None or (each.unhealthy and not have.unhealthy):
                    found[each.kind, each.name] = each
    task = f"{heard.asked_by_case}\n{heard.passed_on}"[:_LONGEST_TASK]
    pairs = dict(_PAIR.findall(task))
    space = next((value for words_, value in facts(heard) if words_[-1:] == ("namespace",)), "")
    if "name" in pairs:
        kind = kind_of(pairs.get("kind") or pairs.get("type") or pairs.get("subject_type") or "")
        found.setdefault((kind, pairs["name"]), Known(kind, pairs["name"], space, named_by_case=True))
    given = {value for _, value in facts(heard)}
    for each in _objects_of_task(task):
        if not each.kind and each.name in given:
            continue  # its kind is known: it is no name for other kinds of objects
        have = found.get((each.kind, each.name), Known(each.kind, each.name, space))
        found[each.kind, each.name] = replace(have, named_by_case=True)
    order = {id(each): place for place, each in enumerate(found.values())}
    return sorted(
        found.values(),
        key=lambda k: (not k.unhealthy, not k.named_by_case, -len(telling(k.name) & heard.about), order[id(k)]),
    )


def search_texts(heard: Heard) -> list[str]:
    """What to search for: names of signals that were seen or that the task speaks of, then the task's own words."""
    seen = {
        sight.signal: sight
        for exchange in heard.exchanges
        if not exchange.failed and not is_guidance(exchange.tool, exchange.raw)
        for sight in sights_of(exchange)
        if sight.signal not in ("change", "error-line")
    }
    ranked = sorted(seen, key=lambda name: (not signals()[name].can_cause, -signals()[name].strength))
    texts = [signals()[name].says for name in ranked[:2]]
    own = [
        word
        for word in dict.fromkeys(re.findall(r"[A-Za-z][\w.-]{2,40}", heard.asked_by_case[:_LONGEST_TASK]))
        if _says(word)
    ]
    texts.append(" ".join(own[:10]) or "incident")
    return texts


def key_words(heard: Heard) -> list[str]:
    """Single words to look for: identifiers first, then what else the task says."""
    task = heard.asked_by_case[:_LONGEST_TASK]
    own = [word for word in re.findall(r"[A-Za-z][A-Za-z0-9]{3,40}", task) if _says(word)]
    return list(dict.fromkeys([*_QUOTED.findall(task), *_DASHED.findall(task), *own]))[:4]


def _says(word: str) -> bool:
    lower = word.lower().strip(".-")
    return lower not in STOP and lower not in _SAY_NOTHING


def named_in(text: str) -> list[tuple[str, str]]:
    """Kinds and names of the objects that a text names with their kinds, such as `pod web-1`."""
    return [(each.kind, each.name) for each in _objects_of_task(text[:_LONGEST_TASK]) if each.kind]


@lru_cache(maxsize=32)
def _objects_of_task(task: str) -> tuple[Known, ...]:
    """Kept, because every argument of every tool is looked for in the same task."""
    return tuple(_named(task))


def _named(task: str) -> Iterator[Known]:
    for word, name in _KIND_FIRST.findall(task):
        if kind_of(word) and _is_name(name) and kind_of(word) != name:
            yield Known(kind_of(word), name, named_by_case=True)
    for name, word in _KIND_LAST.findall(task):
        if kind_of(word) and _is_name(name):
            yield Known(kind_of(word), name, named_by_case=True)
    for name in [*_QUOTED.findall(task), *_DASHED.findall(task)]:
        if _is_name(name):
            yield Known("", name, named_by_case=True)


def _is_name(text: str) -> bool:
    """Whether a word looks like a name that somebody gave: it has a digit, a dash or a dot in it."""
    return any(c in "-_.0123456789" for c in text[1:]) and not text.replace(".", "").replace("-", "").isdigit()


def _objects_of(exchange: Exchange) -> Iterator[Known]:
    asked_kind = kind_of(str(exchange.arguments.get("kind", "")))
    space = next((str(v) for k, v in exchange.arguments.items() if words(k)[-1:] == ["namespace"]), "")
    bad = {s.subject.rpartition(" ")[2] for s in sights_of(exchange) if signals()[s.signal].kind != "change"}
    output = take_apart(exchange.raw)
    for record in output.records[:_MOST_OBJECTS]:
        kind, name = own_name(record)
        if name:
            own_space = _namespace(record) or space
            yield Known(kind or asked_kind or kind_of(exchange.tool), name, own_space, name in bad)
            yield from _others(record, name, own_space, bad)


def _others(record: Record, name: str, space: str, bad: set[str]) -> Iterator[Known]:
    """Objects that a record names beside its own, such as the pod and the service of a log line."""
    for each in record.fields:
        names_one = each.words and each.words[-1] in KINDS - {"namespace"} and each.value != name
        if names_one and re.fullmatch(_IDENTIFIER, each.value) and not each.value.isdigit():
            yield Known(each.words[-1], each.value, space, each.value in bad)


def _namespace(record: Record) -> str:
    own: Record | None = record
    while own is not None:
        field = own.first("namespace")
        if field:
            return field.value
        own = own.parent
    return ""
