"""Secrets that are not in the environment, recognised by shape, by the name beside them, or as values of a Secret."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sre_runner.text.secret_patterns.assignments import PLACEHOLDER, assigned
from sre_runner.text.secret_patterns.manifests import manifests
from sre_runner.text.secret_patterns.table import SHAPES as SHAPES
from sre_runner.text.secret_patterns.table import Shape as Shape

ASSIGNED = "value beside a name that says that it is secret"
MANIFEST = "value of a Kubernetes Secret"


@dataclass(frozen=True)
class Recognised:
    """A text with `[masked:1]`, `[masked:2]`, … in the place of its secrets, equal numbers for equal secrets; how many
    different ones there are; and how often each kind of secret (the name of its shape) was found."""

    text: str
    count: int
    kinds: Mapping[str, int]


def recognised(
    text: str, more: Mapping[str, str] | None = None, numbers: MutableMapping[str, int] | None = None
) -> Recognised:
    """The text without what looks like a secret. `more` are patterns of RE2 to look for besides those of the table, by
    the names of what they find; `numbers` are those of secrets that were recognised before, to which new ones are
    added.

    All else is left to the byte. The time is in proportion to the text.
    """
    numbers = {} if numbers is None else numbers
    kinds: dict[str, int] = {}
    here: set[str] = set()
    pieces, last = [], 0
    for start, end, kind in _apart(sorted(_found(text, more or {}))):
        secret = text[start:end]
        pieces += [text[last:start], f"[masked:{numbers.setdefault(secret, len(numbers) + 1)}]"]
        here.add(secret)
        kinds[kind] = kinds.get(kind, 0) + 1
        last = end
    return Recognised("".join((*pieces, text[last:])), len(here), kinds)


def _found(text: str, more: Mapping[str, str]) -> Iterator[tuple[int, int, str]]:
    for shape in SHAPES:
        if not shape.hints or any(hint in text for hint in shape.hints):
            pattern = _compiled(shape.regex)
            group = "secret" if "secret" in pattern.groupindex else 0
            for match in pattern.finditer(text):
                if match[group] and not PLACEHOLDER.fullmatch(match[group]):
                    yield (*match.span(group), shape.name)
    for name, regex in more.items():
        linear = _linear(regex)
        group = linear.groupindex.get("secret", 0)
        yield from ((*match.span(group), name) for match in linear.finditer(text) if match[group])
    for kind, find in ((ASSIGNED, assigned), (MANIFEST, manifests)):
        yield from ((start, end, kind) for start, end in find(text))


@lru_cache(maxsize=256)
def _compiled(regex: str) -> re.Pattern[str]:
    return re.compile(regex)


@lru_cache(maxsize=256)
def _linear(regex: str) -> Any:
    import re2

    return re2.compile(regex)


def _apart(found: Sequence[tuple[int, int, str]]) -> Iterator[tuple[int, int, str]]:
    """In order, those that overlap as one, which has the kind of the first."""
    start, end, name = 0, 0, ""
    for first, last, kind in found:
        if first >= end:
            if end:
                yield start, end, name
            start, name = first, kind
        end = max(end, last)
    if end:
        yield start, end, name
