"""What a tool said, as a model and a terminal may see it: secrets masked, control characters visible, cut to a size."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from urllib.parse import quote, quote_plus, unquote

MASK = "[masked]"
"""Stands where a secret stood."""

_UNSEEN = re.compile(
    "\r\n"
    "|[\x00-\x08\x0b-\x1f\x7f-\x9f\xad"  # C0 but tab and newline, DEL, C1, the soft hyphen
    "\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"  # zero width, line ends, text direction
    "\ud800-\udfff"  # halves of surrogate pairs, which no file takes
    "\U000e0000-\U000e0fff]"  # tags: text that models read and people do not see
)
_DELIMITER = re.compile(r"<(?=\s{0,9}/?\s{0,9}output)", re.IGNORECASE)
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
    return _UNSEEN.sub(_visible, text)


def _visible(match: re.Match[str]) -> str:
    if match[0] == "\r\n":
        return "\n"
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _masked(text: str, secrets: Collection[str]) -> str:
    """Every character of every occurrence is masked, overlapping ones included."""
    spans = sorted(span for secret in secrets for form in _forms(secret) for span in _occurrences(form, text))
    kept, end = [], 0
    for start, stop in spans:
        if start >= end:
            kept += [text[end:start], MASK]
        end = max(end, stop)
    return "".join([*kept, text[end:]])


def _occurrences(form: str, text: str) -> Iterator[tuple[int, int]]:
    start = text.find(form)
    while start >= 0:
        yield start, start + len(form)
        start = text.find(form, start + 1)


@lru_cache(maxsize=512)
def _forms(secret: str) -> frozenset[str]:
    """A secret as printable text writes it: plain, in JSON, in a URL, in base64, and line by line where it is a key."""
    plain = secret.strip()
    lines = {line.strip() for line in plain.splitlines()}
    forms = {line for line in lines if re.fullmatch(r"[\w+/=-]{20,}", line)}
    for text in {plain, plain.replace("\r\n", "\n")}:
        raw = text.encode(errors="surrogatepass")
        forms |= {text, *_json(text), *_url(raw), *_base64(raw)}
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


def _left_out(count: int) -> str:
    return f"[… {count} characters left out here …]"


# The name of a variable that holds a secret; of one that only says something about a secret; and, below, where
# a value keeps its secret to itself.
_SECRET_NAME = re.compile(
    r"KEY(?!BOARD|MAP|WORD)|TOKEN(?!IZ)|SECRET|PASSW(?:OR)?D|PASSPHRASE|CREDENTIAL|PRIVATE|AUTH(?!OR(?!IZ))|DSN",
    re.IGNORECASE,
)
_ABOUT_A_SECRET = re.compile(
    r"_(?:ALGORITHM|DIR|ENABLED|FILE|HOST|METHOD|MODE|NAME|PATH|PORT|PROVIDER|TIMEOUT|TTL|TYPE|USER|USERNAME)$",
    re.IGNORECASE,
)
_USERINFO = re.compile(r"://[^/?#@:\s]*:(?P<password>[^/?#\s]+)@")
_KEYWORD = re.compile(r"(?:password|pwd)\s{0,9}=\s{0,9}([^\s;&]+)", re.IGNORECASE)
_URL = re.compile(r"\s*[a-z][a-z0-9+.-]{0,30}://", re.IGNORECASE)
_OPAQUE = re.compile(r"[\w-]{20,}")

# Only well-known roots: a key in base64 may begin with a slash, too.
_PATH = re.compile(
    r"~/|\.{1,2}/|[a-z]:[\\/]|unix:|"
    r"/(?:app|bin|data|dev|etc|home|lib|media|mnt|nix|opt|private|proc|root|run|sbin|secrets|snap|srv|sys|tmp|Users|"
    r"usr|var|Volumes|workspace)(?:/|$)",
    re.IGNORECASE,
)
_IDENTITY = ("USER", "LOGNAME", "USERNAME", "HOSTNAME", "HOME", "PWD", "SHELL", "LANG")
_COMMON = frozenset(
    ("anonymous", "basic-auth", "changeme", "cluster.local", "default-token", "development", "disabled")
    + ("elasticsearch", "kubernetes", "localhost", "password", "postgres", "postgresql", "production", "rabbitmq")
    + ("required", "undefined", "username")
)


def secrets_of(environ: Mapping[str, str]) -> frozenset[str]:
    """The values in an environment that must not be shown.

    These are the values of variables whose names say so, and passwords inside URLs and connection strings.
    Values under 8 characters, common words, paths and names of the person or the machine are no secrets.
    """
    known = {environ[name] for name in _IDENTITY if name in environ}
    found = {value.strip() for name, text in environ.items() for value in _secret_parts(name, text)}
    return frozenset(value for value in found if len(value) >= _MIN_SECRET and not _is_ordinary(value, known))


def _secret_parts(name: str, value: str) -> Iterator[str]:
    for password in _USERINFO.findall(value):
        yield from (password, unquote(password))
    if not _SECRET_NAME.search(name):
        return
    yield from _KEYWORD.findall(value)
    if _URL.match(value):
        yield from (part for part in _OPAQUE.findall(value) if re.search(r"\d", part))
    elif not _ABOUT_A_SECRET.search(name):
        yield value


def _is_ordinary(value: str, known: Collection[str]) -> bool:
    return (
        value in known
        or value.casefold() in _COMMON
        or _PATH.match(value) is not None
        or any(one.startswith("/") and value.startswith(f"{one}/") for one in known)
    )
