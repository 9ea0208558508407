"""The names in a proposed command that must be real: what it acts on, where, and in which version."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache

from sre_runner.coordination.proposed.calls import Call
from sre_runner.coordination.proposed.name_table import OPTIONS, TYPES, WORDS, rows
from sre_runner.coordination.proposed.words import Word

Found = tuple[str, Word]
"""A kind of name, and the name."""

_URL = re.compile(r"\b[a-z][a-z0-9+]{1,20}://(?:[^\s/@'\"]{1,128}@)?([\w.-]+)")
_HOST = re.compile(r"(?:[^\s@]{1,128}@)?([^\s:/@]+)")
_PATH = re.compile(r"(?:/|~/|\./|\.\./)[\w@.~+-]+(?:/[\w@.~+-]+)*/?$")
_REVISION = re.compile(r"[0-9a-f]{7,40}$|v?\d+\.\d[\w.-]*$")
_SELECTED = re.compile(r"([\w./-]+)\s*(?:!?==?\s*([\w.-]+)|\s(?:not)?in\s*\(([^()]*)\))")
_FIELDS = {
    "spec.nodeName": "node",
    "metadata.namespace": "namespace",
    "involvedObject.name": "object",
    "metadata.name": "object",
}
_NO_LABELS = ("status.", "spec.", "type", "reason")
_CLOUD_OPTION = re.compile(
    r"--(?:[a-z-]*-)?(?:ids?|names?|identifiers?|cluster|service|bucket|zone|region|project|tasks?)$"
)
_MADE = frozenset(("-o", "-O", "--output", "--raw", "-w", "--write-out", "--dest-dir", "-H", "-d", "-p", "--patch"))
_COPIES = frozenset(("cp", "mv", "scp", "tee", "rsync"))
_NO_PATHS = frozenset(("sed", "awk", "redis-cli", "grep", "jq", "echo", "printf", "mkdir", "touch"))


def names(call: Call) -> Iterator[Found]:
    """The names of a call, each with its kind. What it makes itself (`kubectl create …`, `-o FILE`) has none."""
    words, options = call.split
    positionals = [each for each in words if not each.text.startswith("@")]
    for option in options:
        kind = _options().get(call.name, {}).get(option.name, "")
        if call.name in ("aws", "gcloud", "az") and _CLOUD_OPTION.match(option.name):
            kind = "resource"
        if option.value is not None and kind:
            yield from _of_kind(kind, [option.value])
    for told, kinds in _words().get(call.name, ()):
        if len(positionals) >= len(told) and all(map(_told, told, positionals)):
            yield from _of_kinds(kinds, positionals[len(told) :])
            break
    for word in call.arguments:
        for found in _URL.finditer(word.text):
            yield "host", word.part(*found.span(1))
    if call.name not in _NO_PATHS:
        values = [each.value for each in options if each.value is not None and each.name not in _MADE]
        sources = positionals[:-1] if _COPIES & {call.name, *(each.text for each in positionals[:1])} else positionals
        yield from (("path", each) for each in (*sources, *values) if _PATH.match(each.text))


def _told(choices: frozenset[str], word: Word) -> bool:
    return "*" in choices or word.text in choices


def _of_kinds(kinds: Sequence[str], words: Sequence[Word]) -> Iterator[Found]:
    for at, kind in enumerate(kinds):
        if kind.endswith("*"):
            yield from _of_kind(kind[:-1], words[at:])
        else:
            yield from _of_kind(kind, words[at : at + 1])


def _of_kind(kind: str, words: Sequence[Word]) -> Iterator[Found]:
    if kind in _OF_SEVERAL:
        yield from _OF_SEVERAL[kind](words)
        return
    for word in words:
        if kind == "host":
            found = _HOST.match(word.text) if "://" not in word.text else None
            yield from [("host", word.part(*found.span(1)))] if found else []
        elif kind == "revision":
            yield from [("version", word)] if _REVISION.match(word.text) else []
        elif kind == "database":
            yield from [("database", word)] if "://" not in word.text and "=" not in word.text else []
        elif kind == "file" and "://" in word.text:
            continue
        elif "/" in word.text and kind in ("pod", "node"):
            yield from _typed([word])
        else:
            yield kind, word


def _typed(words: Sequence[Word]) -> Iterator[Found]:
    """`TYPE NAME…` or `TYPE/NAME…`; what they are set to behind them has no name."""
    kind = ""
    for at, word in enumerate(words):
        if "=" in word.text or word.text.endswith("-") or word.text.startswith(("{", "[")):
            continue
        if "/" in word.text and not word.text.startswith("<"):
            yield _type(word.text), word.part(word.text.rfind("/") + 1)
        elif at == 0:
            kind = _type(word.text)
        elif ":" not in word.text:
            yield kind, word


def _imaged(words: Sequence[Word]) -> Iterator[Found]:
    """Objects, and behind them `CONTAINER=IMAGE:TAG…`."""
    yield from _typed(words)
    for word in words:
        at = word.text.find("=")
        if at >= 0:
            yield "container", word.part(0, at)
            yield from _images([word.part(at + 1)])


def _type(text: str) -> str:
    return _types().get(re.split(r"[/.,]", text, maxsplit=1)[0].lower(), "object")


def _selected(words: Sequence[Word]) -> Iterator[Found]:
    """The values of `app=x,tier in (a, b)`, and of the fields that hold names."""
    for word in words:
        for found in _SELECTED.finditer(word.text):
            value = word.part(*found.span(2 if found[2] else 3))
            if kind := _FIELDS.get(found[1], "" if found[1].startswith(_NO_LABELS) else "label"):
                yield from ((kind, value.part(*each.span())) for each in re.finditer(r"[^,\s]+", value.text))


def _images(words: Sequence[Word]) -> Iterator[Found]:
    """An image as its repository and its tag or digest."""
    for word in words:
        at = word.text.find("@")
        colon = at if at >= 0 else word.text.rfind(":")
        if colon <= word.text.rfind("/"):
            colon = len(word.text)
        yield "image", word.part(0, colon)
        if colon < len(word.text):
            yield "version", word.part(colon + 1)


def _copied(words: Sequence[Word]) -> Iterator[Found]:
    """`NAMESPACE/POD:PATH` of `kubectl cp`; its other end is a file of one's own."""
    for word in words:
        place, colon, _ = word.text.partition(":")
        if colon:
            slash = place.rfind("/")
            yield from [("namespace", word.part(0, slash))] if slash > 0 else []
            yield "pod", word.part(slash + 1, len(place))


_OF_SEVERAL: Mapping[str, Callable[[Sequence[Word]], Iterator[Found]]] = {
    "typed": _typed,
    "imaged": _imaged,
    "image": _images,
    "copied": _copied,
    **dict.fromkeys(("selector", "fields"), _selected),
}
"""How the kinds are read that are no names by themselves."""


@cache
def _words() -> dict[str, list[tuple[list[frozenset[str]], list[str]]]]:
    found: dict[str, list[tuple[list[frozenset[str]], list[str]]]] = {}
    for programs, row in rows(WORDS):
        told, _, kinds = row.rpartition("=")
        for program in programs:
            choices = [frozenset(each.split("|")) for each in told.split()]
            found.setdefault(program, []).append((choices, kinds.split()))
    return found


@cache
def _options() -> dict[str, dict[str, str]]:
    pairs = [(programs, dict(each.split("=") for each in row.split())) for programs, row in rows(OPTIONS)]
    return {program: kinds for programs, kinds in pairs for program in programs}


@cache
def _types() -> dict[str, str]:
    return {each: names[0] for names, types in rows(TYPES) for each in types.split()}


def known() -> frozenset[str]:
    """The programs of the tables."""
    return frozenset({*_words(), *_options(), "aws", "az", "curl"})
