"""What a tool said, as a model and a terminal may see it: secrets masked, control characters visible, cut to a size."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from urllib.parse import unquote

from sre_runner.text.masking import MASK as MASK
from sre_runner.text.masking import MIN_SECRET, masked
from sre_runner.text.secret_names import holds_a_secret
from sre_runner.text.visible import DEFAULT_IGNORABLE as DEFAULT_IGNORABLE
from sre_runner.text.visible import EMOJI as EMOJI
from sre_runner.text.visible import printable as printable

_DELIMITER = re.compile(r"<(?=\s*+(?:/\s*+)?output)", re.IGNORECASE)
_NEAR = 200
"""How many characters more may be left out for the cut to fall between lines."""


def shown(text: str, secrets: Collection[str], limit: int) -> str:
    """The output as a model may see it, at most `limit` characters, of which two thirds from the beginning.

    `secrets` are masked before anything is cut, in all forms of `masking`.
    Evidence is quoted from this text.
    """
    return cut(safe(text, secrets), limit)


def safe(text: str, secrets: Collection[str]) -> str:
    """The output without secrets, as a model may see it, but for its length."""
    return _DELIMITER.sub("<\\\\", masked(printable(text), secrets))


def holds_secret(text: str, secrets: Collection[str]) -> bool:
    """Whether one of the secrets stands in the text, in any form that would be masked."""
    seen = printable(text)
    return masked(seen, secrets) != seen


def cut(text: str, limit: int) -> str:
    """At most `limit` characters of a text, two thirds of them from the beginning; a marker says what is left out."""
    if len(text) <= limit:
        return text
    room = limit - len(_left_out(len(text))) - 2  # two newlines around the marker
    if room < 2:
        return text[: max(limit, 0)]
    head_end, tail_start = room - room // 3, len(text) - room // 3
    near = min(_NEAR, room // 10)
    line_end = text.rfind("\n", head_end - near, head_end + 1)
    line_start = text.find("\n", tail_start - 1, tail_start + near)
    head = text[: line_end if line_end > 0 else head_end]
    tail = text[line_start + 1 if line_start >= 0 else tail_start :]
    return f"{head}\n{_left_out(len(text) - len(head) - len(tail))}\n{tail}"


LEFT_OUT = re.compile(r"\[… \d+ characters left out here …\]")
"""The marker of a cut, as `shown` writes it."""


def _left_out(count: int) -> str:
    return f"[… {count} characters left out here …]"


_PASSWORD_INSIDE = re.compile(
    r"://[^/?#@:\s]*:([^/?#\s]+)@|(?:password|pwd|accountkey|sharedaccesskey)\s*+=\s*+([^\s;&]+)", re.IGNORECASE
)
"""Passwords in a URL or a connection string, whatever the variable is called."""
_ORDINARY = re.compile(
    # Paths below well-known roots only: a key in base64 may begin with a slash, too.
    r"(?:~/|\.{1,2}/|[a-z]:[\\/]|unix:|"
    r"/(?:app|bin|data|dev|etc|home|lib|media|mnt|nix|opt|private|proc|root|run|sbin|secrets|snap|srv|sys|tmp|Users|"
    r"usr|var|Volumes|workspace)(?:/|$))"
    # Values of test systems; masking these words would spoil what an investigation reads.
    r"|(?:anonymous|changeme|disabled|kubernetes|localhost|password|postgres(?:ql)?|production|rabbitmq|required)$",
    re.IGNORECASE,
)


def secrets_of(environ: Mapping[str, str]) -> frozenset[str]:
    """The values in an environment that must not be shown.

    These are the values of variables whose names say so, and passwords inside URLs and connection strings.
    Values under 8 characters, paths and a few common words are no secrets.
    """
    return frozenset(secret_variables(environ))


def secret_variables(environ: Mapping[str, str]) -> dict[str, str]:
    """The same values, each with the name of a variable that holds it."""
    found = {value.strip(): name for name, text in environ.items() for value in _secret_parts(name, text)}
    return {value: name for value, name in found.items() if len(value) >= MIN_SECRET and not _ORDINARY.match(value)}


def _secret_parts(name: str, value: str) -> Iterator[str]:
    for in_url, in_text in _PASSWORD_INSIDE.findall(value):
        yield from (in_url, unquote(in_url), in_text)
    if holds_a_secret(name):
        yield value
