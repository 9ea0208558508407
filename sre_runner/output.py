"""What a tool said, as a model and a terminal may see it: secrets masked, control characters visible, cut to a size."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Collection, Iterator, Mapping
from functools import cache, lru_cache
from urllib.parse import quote, quote_plus, unquote

from sre_runner.secret_names import holds_a_secret

MASK = "[masked]"
"""Stands where a secret stood."""

DEFAULT_IGNORABLE = (
    (0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F),
    (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF),
)  # fmt: skip
"""Default_Ignorable_Code_Point of Unicode 16 (DerivedCoreProperties.txt): no reader sees it, and a model does."""
EMOJI = 0xFE0F
"""The variation selector that makes emoji, which changes what people see and is left."""

_UNSEEN = (
    *((0x00, 0x08), (0x0B, 0x1F), (0x7F, 0x9F)),  # controls, but tab and newline
    *((0x2028, 0x2029), (0xFFF9, 0xFFFB)),  # line ends, annotations
    (0xD800, 0xDFFF),  # halves of surrogate pairs, which no file takes
    *DEFAULT_IGNORABLE,
)
_DELIMITER = re.compile(r"<(?=\s*+(?:/\s*+)?output)", re.IGNORECASE)
_NEAR = 200
"""How many characters more may be left out for the cut to fall between lines."""
_MIN_SECRET = 8
"""Characters. Masking shorter values would tear holes into ordinary text."""


def shown(text: str, secrets: Collection[str], limit: int) -> str:
    """The output as a model may see it, at most `limit` characters, of which two thirds from the beginning.

    `secrets` are masked as they are and as JSON, a URL or base64 would write them, before anything is cut.
    Evidence is quoted from this text.
    """
    masked = _masked(printable(text), secrets)
    return _cut(_DELIMITER.sub("<\\\\", masked), limit)


def printable(text: str) -> str:
    r"""Text without control or invisible characters: ESC becomes `\x1b`, a zero-width space `\u200b`. Tabs and
    newlines stay, and Windows line ends become newlines."""
    plain = text.isascii() and text.isprintable()
    return text if plain else text.replace("\r\n", "\n").translate(_escapes())


@cache
def _escapes() -> Mapping[int, str]:
    return {
        code: f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
        for first, last in _UNSEEN
        for code in range(first, last + 1)
        if code != EMOJI
    }


def holds_secret(text: str, secrets: Collection[str]) -> bool:
    """Whether one of the secrets stands in the text, in any form that would be masked."""
    return _masked(text, secrets) != text


def _masked(text: str, secrets: Collection[str]) -> str:
    forms = {form for secret in secrets for form in _forms(secret)}
    # The longest first, so that no part of a secret is left beside the mask of a shorter one inside it.
    for form in sorted(forms, key=lambda form: (-len(form), form)):
        text = text.replace(form, MASK)
    return text


@lru_cache(maxsize=512)
def _forms(secret: str) -> frozenset[str]:
    """A secret as printable text writes it: plain, in JSON, in a URL, in base64, and line by line where it is a key."""
    plain = secret.strip()
    raw = plain.encode(errors="surrogatepass")
    lines = {line.strip() for line in plain.split("\n")}
    forms = {line for line in lines if re.fullmatch(r"[\w+/=-]{20,}", line)}
    forms |= {plain, *_json(plain), *_url(raw), *_base64(raw)}
    return frozenset(printable(form) for form in forms if form)


def _json(text: str) -> set[str]:
    forms = {json.dumps(text, ensure_ascii=ascii_only)[1:-1] for ascii_only in (True, False)}
    forms |= {form.replace("/", "\\/") for form in forms}
    # Go's encoder, which writes most of what Kubernetes says, escapes these three as well.
    return forms | {form.replace("&", r"\u0026").replace("<", r"\u003c").replace(">", r"\u003e") for form in forms}


def _url(raw: bytes) -> set[str]:
    forms = {quote(raw), quote(raw, safe=""), quote_plus(raw)}
    return forms | {re.sub("%..", lambda code: code[0].lower(), form) for form in forms}


def _base64(raw: bytes) -> Iterator[str]:
    """The characters of base64 that a secret fixes, wherever in the encoded bytes it stands (`user:secret`)."""
    for shift in range(3):
        text = base64.b64encode(bytes(shift) + raw).decode()
        first, last = -(-shift * 8 // 6), (shift + len(raw)) * 8 // 6
        # At the very beginning it may also be all that was encoded, padding included.
        for fixed in (text[first:last], text) if shift == 0 else (text[first:last],):
            if last - first >= _MIN_SECRET:
                yield from (fixed, fixed.translate(str.maketrans("+/", "-_")))


def _cut(text: str, limit: int) -> str:
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
    return {value: name for value, name in found.items() if len(value) >= _MIN_SECRET and not _ORDINARY.match(value)}


def _secret_parts(name: str, value: str) -> Iterator[str]:
    for in_url, in_text in _PASSWORD_INSIDE.findall(value):
        yield from (in_url, unquote(in_url), in_text)
    if holds_a_secret(name):
        yield value
