"""What looks like a secret in a file: the shapes of keys and tokens that services give out, and how they are masked."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from sre_runner.casefile import Json
from sre_runner.review.diff.changes import Change, Words
from sre_runner.text.output import MASK, holds_secret, shown

SHAPES: Mapping[str, str] = {
    "an AWS access key": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "an Anthropic API key": r"\bsk-ant-[A-Za-z0-9_-]{20,250}",
    "a GitHub token": r"\b(?:gh[opsur]_[A-Za-z0-9]{36,250}|github_pat_[A-Za-z0-9_]{22,250})",
    "a Google API key": r"\bAIza[0-9A-Za-z_-]{35}",
    "a Slack token": r"\bxox[abprs]-[A-Za-z0-9-]{10,250}",
    "a JSON Web Token": r"\beyJ[A-Za-z0-9_-]{10,2000}\.eyJ[A-Za-z0-9_-]{10,2000}\.[A-Za-z0-9_-]{10,2000}",
    "a private key": r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[^-]{0,10000}",
    "a password in an address": r"\b[a-z][a-z0-9+.-]{1,20}://[^\s:/@]{1,100}:[^\s:/@]{3,100}@",
}
"""By what each is called. A text of one of these shapes may be an example; a person decides."""

ENVIRONMENT = "the value of a secret of the environment"

_SHAPES = re.compile("|".join(f"({shape})" for shape in SHAPES.values()))
_NAMES = tuple(SHAPES)


class Leak(NamedTuple):
    """What was found: the text itself, which is never shown, what it looks like, and its line."""

    text: str
    what: str
    line: int


def leaks(text: str, secrets: Collection[str] = ()) -> Iterator[Leak]:
    """What looks like a secret, or is one of `secrets`, in a text; each once."""
    seen = set()
    for match in _SHAPES.finditer(text):
        if match[0] not in seen:
            seen.add(match[0])
            yield Leak(match[0], _NAMES[(match.lastindex or 1) - 1], text.count("\n", 0, match.start()) + 1)
    for number, line in enumerate(text.split("\n") if holds_secret(text, secrets) else (), start=1):
        if holds_secret(line, secrets):
            yield Leak(line, ENVIRONMENT, number)


def without_secrets(change: Change, secrets: Collection[str] = ()) -> Change:
    """The change with a mask in the place of what looks like a secret."""
    words = tuple(
        Words(each.playbooks, tuple((kind, _masked(text, secrets)) for kind, text in each.pieces), each.more)
        for each in change.words
    )
    return replace(
        change,
        sentence=_masked(change.sentence, secrets),
        before=_plain(change.before, secrets),
        after=_plain(change.after, secrets),
        words=words,
    )


def _masked(text: str, secrets: Collection[str]) -> str:
    text = _SHAPES.sub(MASK, text)
    return shown(text, secrets, len(text) * len(MASK)) if holds_secret(text, secrets) else text


def _plain(data: Json, secrets: Collection[str]) -> Json:
    if isinstance(data, str):
        return _masked(data, secrets)
    if isinstance(data, Mapping):
        return {_masked(str(key), secrets): _plain(value, secrets) for key, value in data.items()}
    return [_plain(value, secrets) for value in data] if isinstance(data, list | tuple) else data
