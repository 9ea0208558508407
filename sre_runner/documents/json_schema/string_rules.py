"""What JSON Schema demands of a text: patterns, matched in linear time whatever they are, and formats."""

from __future__ import annotations

import datetime
import ipaddress
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

MOST_PATTERN = 1000
"""Characters of a pattern."""

# Python's `re` may take for ever on a pattern that a schema brings (`(a+)+$`). RE2 cannot, and its classes are ASCII as
# those of ECMA-262 are. What it does not know are look-around and backreferences.

_CODE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|u\{([0-9a-fA-F]{1,6})\}|(.))", re.DOTALL)


def pattern_problem(pattern: str) -> str:
    """Why a pattern cannot be used, or "" where it can."""
    if len(pattern) > MOST_PATTERN:
        return f"is longer than {MOST_PATTERN} characters"
    why = _compiled(pattern)[1]
    return f"cannot be matched in linear time (look-around and backreferences cannot): {why}" if why else ""


def matches(pattern: str, text: str) -> bool:
    """Whether a pattern is found in a text, as `pattern` of JSON Schema has it. A pattern with a problem never is."""
    expression = _compiled(pattern)[0]
    return expression is not None and expression.search(_utf8(text)) is not None


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> tuple[Any, str]:
    """The expression, or None and why there is none."""
    import re2

    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(_CODE.sub(_of_re2, _utf8(pattern)), options), ""
    except re2.error as error:
        said = error.args[0] if error.args else ""
        return None, said.decode(errors="replace") if isinstance(said, bytes) else str(said)


def _of_re2(escape: re.Match[str]) -> str:
    code = escape[1] or escape[2]
    return f"\\x{{{code}}}" if code else escape[0]


def _utf8(text: str) -> str:
    """The text with a replacement for halves of surrogate pairs, which have no encoding."""
    return text.encode(errors="replace").decode()


def has_format(name: str, text: str) -> bool:
    """Whether a text is of a format. Every text is of a format that is not in `FORMATS`: it is a comment."""
    check = FORMATS.get(name)
    if check is None:
        return True
    try:
        return check(text)
    except ValueError:
        return False


_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TIME = re.compile(r"\d\d:\d\d:\d\d(?:\.\d+)?(?:[zZ]|[+-]\d\d:\d\d)", re.ASCII)
_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*+")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_DURATION = re.compile(r"P(?!$)(?:\d+W|(?:\d+Y)?(?:\d+M)?(?:\d+D)?(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+S)?)?)", re.ASCII)
_BLANK = re.compile(r"[\x00-\x20<>\"{}|\\^`\x7f]")


def _date(text: str) -> bool:
    return bool(_DATE.fullmatch(text)) and bool(datetime.date.fromisoformat(text))


def _time(text: str) -> bool:
    if not _TIME.fullmatch(text):
        return False
    zoned = text[-1] in "zZ" or (text[-5:-3] < "24" and text[-2:] < "60")
    return text[:2] < "24" and text[3:5] < "60" and text[6:8] <= "60" and zoned


def _date_time(text: str) -> bool:
    return text[10:11] in ("T", "t", " ") and _date(text[:10]) and _time(text[11:])


def _uri(text: str) -> bool:
    return bool(urlsplit(text).scheme) and not _BLANK.search(text)


def _email(text: str) -> bool:
    local, at, host = text.rpartition("@")
    return bool(at) and bool(local) and not _BLANK.search(local) and bool(_HOST.fullmatch(host))


FORMATS: Mapping[str, Callable[[str], bool]] = {
    "date-time": _date_time,
    "date": _date,
    "time": _time,
    "duration": lambda text: bool(_DURATION.fullmatch(text)),
    "email": _email,
    "hostname": lambda text: len(text) <= 253 and bool(_HOST.fullmatch(text)),
    "ipv4": lambda text: bool(ipaddress.IPv4Address(text)) or True,
    "ipv6": lambda text: "%" not in text and (bool(ipaddress.IPv6Address(text)) or True),
    "uri": _uri,
    "uuid": lambda text: bool(_UUID.fullmatch(text)),
    "regex": lambda text: not pattern_problem(text),
}
"""The formats of JSON Schema that are checked, each with whether a text is of it; ValueError says no as well."""
