"""Known secrets in a text, masked in the forms in which programs write them. docs/security.md lists the forms."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from urllib.parse import quote, quote_plus

from sre_runner.casefile import Json
from sre_runner.text.unescaped import View, Without, unescaped
from sre_runner.text.visible import printable

MASK = "[masked]"
"""Stands where a secret stood."""
MIN_SECRET = 8
"""Characters. Masking shorter values would tear holes into ordinary text."""

_BACKSLASHES = re.compile(r"\\+")
_BREAKS = re.compile(r"\\\\*+(?:[nrt](?:[ \t\r\n]++|\\++[nrt]?+)*+)?+|\n(?:[ \t\r\n]++|\\++[nrt]?+)*+")
"""Line ends with the indentation after them, as they are and in JSON at any depth, and other backslashes."""
_INDENTS = re.compile(r"\n[ \t\r\n]*+")
_KEY_LINE = re.compile(r"[\w+/=-]{20,}")
_KEY_END = re.compile(r"[\w+/=-]{4,19}")
"""The last line of a key: too short to be masked by itself."""


def masked(text: str, secrets: Collection[str]) -> str:
    """Printable text with `MASK` in the place of every secret; everything else is left to the byte.

    The time is in proportion to the text.
    """
    if not secrets or not text:
        return text
    pieces, last = [], 0
    for start, end in _apart(sorted(_places(text, _all_forms(frozenset(secrets))))):
        pieces += [text[last:start], MASK]
        last = end
    return "".join((*pieces, text[last:]))


def masked_json(value: Json, secrets: Collection[str]) -> Json:
    """A value of JSON with every text in it masked, names included; texts without a secret are left to the byte."""
    if isinstance(value, str):
        text = printable(value)
        hidden = masked(text, secrets)
        return value if hidden == text else hidden
    if isinstance(value, Mapping):
        return {masked_json(name, secrets): masked_json(one, secrets) for name, one in value.items()}
    return [masked_json(one, secrets) for one in value] if isinstance(value, list) else value


def _apart(spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Spans in order, those that overlap as one, so that no part of a secret is left beside the mask of another."""
    start, end = -1, -1
    for first, last in spans:
        if first >= end:
            if end > 0:
                yield start, end
            start, end = first, last
        end = max(end, last)
    if end > 0:
        yield start, end


@dataclass(frozen=True)
class _Forms:
    """What to look for in the text as it is; with escapes undone, without backslashes; and without line ends, too."""

    written: frozenset[str]
    plain: frozenset[str]
    joined: frozenset[str]
    base64: frozenset[str]


def _places(text: str, forms: _Forms) -> Iterator[tuple[int, int]]:
    whole = View(text)
    plain = unescaped(whole)
    if plain is not whole:
        # What stands before base64 may make an escape of its beginning (`%` and `41`).
        yield from _hits(whole, forms.written | forms.base64)
        yield from _hits(_without_backslashes(plain), forms.plain)
    elif "\\" in text:
        # Nothing is looked for twice: whatever stands there as it is does so without backslashes, too.
        yield from _hits(whole, forms.written - forms.plain)
        yield from _hits(_without_backslashes(plain), forms.plain)
    else:
        yield from _hits(whole, forms.written)
    yield from _hits(_without_breaks(plain), forms.base64 | forms.joined)


def _without_backslashes(view: View) -> View:
    return Without(view, _BACKSLASHES, view.text.replace("\\", ""))


def _without_breaks(view: View) -> View:
    text = view.text
    if "\\" in text:
        # The same as `_BREAKS` finds, and several times as fast.
        for sign in "nrt":
            text = text.replace(f"\\{sign}", "\n")
        text = text.replace("\\", "")
    return Without(view, _BREAKS, _INDENTS.sub("", text))


def _hits(view: View, forms: Iterable[str]) -> Iterator[tuple[int, int]]:
    text = view.text
    for form in forms:
        start = text.find(form)
        while start >= 0:
            yield view.source(start, start + len(form))
            start = text.find(form, start + len(form))


@lru_cache(maxsize=16)
def _all_forms(secrets: frozenset[str]) -> _Forms:
    each = [_forms(secret) for secret in secrets]
    return _Forms(
        frozenset().union(*(forms.written for forms in each)),
        frozenset().union(*(forms.plain for forms in each)),
        frozenset().union(*(forms.joined for forms in each)),
        frozenset().union(*(forms.base64 for forms in each)),
    )


@lru_cache(maxsize=512)
def _forms(secret: str) -> _Forms:
    plain = secret.strip()
    raw = plain.encode(errors="surrogatepass")
    lines = [line.strip() for line in re.split(r"\n|\\n", plain)]
    keys = {line for line in lines if _KEY_LINE.fullmatch(line)}
    written = {plain, *keys, *_json(plain), *_url(raw), *_html(plain), *_hex(raw)}
    spelled = {plain, *keys, json.dumps(plain, ensure_ascii=False)[1:-1], plain.replace(" ", "+")}
    whole = [line.strip() for line in plain.split("\n")]
    joined = {
        between.join(part) for between in ("", " ") for part in (*_key_ends(lines), *([whole] if whole[1:] else []))
    }
    return _Forms(
        frozenset(printable(form) for form in written if form),
        _reduced(spelled, _BACKSLASHES),
        _reduced(joined, _BREAKS),
        frozenset(_base64(raw)),
    )


def _reduced(forms: Iterable[str], pattern: re.Pattern[str]) -> frozenset[str]:
    """The forms as the view without `pattern` shows them, but for those that this leaves too short."""
    shown = (Without(unescaped(View(printable(form))), pattern).text for form in forms)
    return frozenset(form for form in shown if len(form) >= MIN_SECRET)


def _key_ends(lines: list[str]) -> Iterator[tuple[str, str]]:
    """The short last line of a key, with the line before it and with the line that ends the key."""
    for line, following in pairwise(lines):
        if _KEY_LINE.fullmatch(line) and _KEY_END.fullmatch(following):
            yield line, following
        if _KEY_END.fullmatch(line) and following.startswith("-----END "):
            yield line, following


def _json(text: str) -> set[str]:
    """As JSON writes it, and JSON in JSON."""
    forms = {json.dumps(text, ensure_ascii=ascii_only)[1:-1] for ascii_only in (True, False)}
    forms |= {form.replace("/", "\\/") for form in forms}
    # Go's encoder, which writes most of what Kubernetes says, escapes these three as well.
    forms |= {form.replace("&", r"\u0026").replace("<", r"\u003c").replace(">", r"\u003e") for form in forms}
    return forms | {json.dumps(form, ensure_ascii=False)[1:-1] for form in forms}


def _url(raw: bytes) -> set[str]:
    forms = {quote(raw), quote(raw, safe=""), quote_plus(raw)}
    return forms | {re.sub("%..", lambda code: code[0].lower(), form) for form in forms}


def _html(text: str) -> set[str]:
    form = html.escape(text)
    return {form, form.replace("&#x27;", "&#39;").replace("&quot;", "&#34;")}


def _hex(raw: bytes) -> set[str]:
    forms = {raw.hex(), raw.hex(":")}
    return forms | {form.upper() for form in forms}


def _base64(raw: bytes) -> Iterator[str]:
    """The characters of base64 that a secret fixes, wherever in the encoded bytes it stands (`user:secret`)."""
    for shift in range(3):
        text = base64.b64encode(bytes(shift) + raw).decode()
        first, last = -(-shift * 8 // 6), (shift + len(raw)) * 8 // 6
        # At the very beginning it may also be all that was encoded, padding included.
        for fixed in (text[first:last], text) if shift == 0 else (text[first:last],):
            if last - first >= MIN_SECRET:
                yield from _after_a_backslash(fixed)
                yield from _after_a_backslash(fixed.translate(str.maketrans("+/", "-_")))


def _after_a_backslash(form: str) -> Iterator[str]:
    r"""A form, and what is left of it where `\` stands before it and its first letter looks like `\n`."""
    yield form
    if form[0] in "nrt":
        yield form[1:]
