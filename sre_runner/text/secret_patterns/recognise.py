"""Secrets that are not in the environment, recognised by shape, by the name beside them, or as values of a Secret."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

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


def recognised(text: str, more: Sequence[Shape] = ()) -> Recognised:
    """The text without what looks like a secret. `more` are shapes to look for besides those of the table.

    All else is left to the byte. The time is in proportion to the text, as far as `more` allows it.
    """
    numbers: dict[str, int] = {}
    kinds: dict[str, int] = {}
    pieces, last = [], 0
    for start, end, kind in _apart(sorted(_found(text, more))):
        secret = text[start:end]
        pieces += [text[last:start], f"[masked:{numbers.setdefault(secret, len(numbers) + 1)}]"]
        kinds[kind] = kinds.get(kind, 0) + 1
        last = end
    return Recognised("".join((*pieces, text[last:])), len(numbers), kinds)


def _found(text: str, more: Sequence[Shape]) -> Iterator[tuple[int, int, str]]:
    for shape in (*SHAPES, *more):
        if not shape.hints or any(hint in text for hint in shape.hints):
            pattern = _compiled(shape.regex)
            group = "secret" if "secret" in pattern.groupindex else 0
            for match in pattern.finditer(text):
                if match[group] and not PLACEHOLDER.fullmatch(match[group]):
                    yield (*match.span(group), shape.name)
    for kind, find in ((ASSIGNED, assigned), (MANIFEST, manifests)):
        yield from ((start, end, kind) for start, end in find(text))


@lru_cache(maxsize=256)
def _compiled(regex: str) -> re.Pattern[str]:
    return re.compile(regex)


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
