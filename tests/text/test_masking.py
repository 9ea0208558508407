"""Every form of a secret that docs/security.md lists, in any text; and nothing else."""

from __future__ import annotations

import base64
import html
import json
import re
import textwrap
import time
from collections.abc import Callable, Iterator
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from sre_runner.text.masking import MASK, masked
from sre_runner.text.output import holds_secret, shown
from sre_runner.text.visible import printable

SECRET = "x7/kq\"9a\\e+<&>='é~$ w😀"
BODY = "\n".join(
    ("MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj", "Qx+/k" * 12 + "abcd", "kX0/q3Z4==")
)
KEY = f"-----BEGIN PRIVATE KEY-----\n{BODY}\n-----END PRIVATE KEY-----\n"


def in_json(text: str) -> str:
    return json.dumps(text)[1:-1]


def wrapped(text: str, width: int = 64, end: str = "\n") -> str:
    return end.join(text[at : at + width] for at in range(0, len(text), width))


def between(text: str, *signs: str) -> str:
    """The signs in turn after every character but the last."""
    return "".join(one + signs[at % len(signs)] for at, one in enumerate(text[:-1])) + text[-1]


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


FORMS: dict[str, Callable[[str], str]] = {
    "as it is": lambda s: s,
    "JSON": in_json,
    "JSON in UTF-8": lambda s: json.dumps(s, ensure_ascii=False)[1:-1],
    "JSON of PHP": lambda s: in_json(s).replace("/", "\\/"),
    "JSON of Go": lambda s: in_json(s).replace("&", r"\u0026").replace("<", r"\u003c").replace(">", r"\u003e"),
    "JSON in JSON": lambda s: in_json(in_json(s)),
    "JSON in JSON in JSON": lambda s: in_json(in_json(in_json(s))),
    "JSON of Go in JSON": lambda s: in_json(in_json(s).replace("&", r"\u0026").replace("<", r"\u003c")),
    "repr": lambda s: repr(s)[1:-1],
    "repr of bytes": lambda s: repr(s.encode())[2:-1],
    "ascii": lambda s: ascii(s)[1:-1],
    "HTML of Python": html.escape,
    "HTML of Go": lambda s: html.escape(s).replace("&#x27;", "&#39;").replace("&quot;", "&#34;").replace("+", "&#43;"),
    "HTML of templates": lambda s: html.escape(s).replace("/", "&#x2F;").replace("=", "&#x3D;"),
    "decimal entities": lambda s: "".join(f"&#{ord(c)};" for c in s),
    "hex entities": lambda s: "".join(f"&#x{ord(c):x};" for c in s),
    "hex entities, upper case, zeros": lambda s: "".join(f"&#X{ord(c):06X};" for c in s),
    "HTML in JSON": lambda s: in_json(html.escape(s)),
    "HTML of HTML": lambda s: html.escape(html.escape(s)),
    "percent codes": quote,
    "percent codes, all": lambda s: quote(s, safe=""),
    "a form": quote_plus,
    "percent codes, lower case": lambda s: re.sub("%..", lambda code: code[0].lower(), quote(s, safe="")),
    "percent codes, every byte": lambda s: "".join(f"%{byte:02X}" for byte in s.encode()),
    "percent codes, every byte, lower case": lambda s: "".join(f"%{byte:02x}" for byte in s.encode()),
    "percent codes twice": lambda s: quote(quote(s, safe=""), safe=""),
    "hex": lambda s: s.encode().hex(),
    "hex, upper case": lambda s: s.encode().hex().upper(),
    "hex with colons": lambda s: s.encode().hex(":"),
    "hex with colons, upper case": lambda s: s.encode().hex(":").upper(),
    r"\xNN": lambda s: "".join(f"\\x{byte:02x}" for byte in s.encode()),
    r"\xNN in JSON": lambda s: in_json("".join(f"\\x{byte:02X}" for byte in s.encode())),
    r"\uNNNN": lambda s: "".join(f"\\u{unit:04x}" for unit in utf16(s)),
    r"\UNNNNNNNN": lambda s: "".join(f"\\U{ord(c):08x}" for c in s),
    r"\u{N}": lambda s: "".join(f"\\u{{{ord(c):x}}}" for c in s),
    "base64": encoded,
    "base64 for URLs": lambda s: base64.urlsafe_b64encode(s.encode()).decode(),
    "base64 of user:secret": lambda s: encoded(f"user:{s}"),
    "base64 of u:secret and a line end": lambda s: encoded(f"u:{s}\n"),
    "base64 wrapped at 64": lambda s: wrapped(encoded("x" * 50 + s + "y" * 50)),
    "base64 wrapped at 76": lambda s: wrapped(encoded("x" * 50 + s + "y" * 50), 76, "\r\n"),
    "base64 wrapped and indented": lambda s: textwrap.indent(wrapped(encoded("x" * 43 + s)), "    "),
    "base64 wrapped, in JSON": lambda s: in_json(wrapped(encoded("x" * 43 + s), 76)),
    "base64 wrapped, in JSON in JSON": lambda s: in_json(in_json(wrapped(encoded("x" * 43 + s), 64, "\r\n"))),
    "between colour codes": lambda s: between(s, "\x1b[31m", "\x1b[0m", "", "\x1b[1;32m"),
    "between colour codes, in JSON": lambda s: in_json(between(s, "\x1b[31m", "\x1b[0m")),
    "between colour codes, in a shell's words": lambda s: between(s, "\\033[31m", "", "\\e[0m"),
    "between characters that nobody sees": lambda s: between(s, "\u200b", "", "\u2060", "\ufeff\u00ad", "\ufe0f"),
    "between characters that nobody sees, in JSON": lambda s: in_json(between(s, "\u200b", "\u200d")),
}


def utf16(text: str) -> Iterator[int]:
    raw = text.encode("utf-16-be")
    return (int.from_bytes(raw[at : at + 2]) for at in range(0, len(raw), 2))


@pytest.mark.parametrize("form", FORMS)
def test_a_secret_is_masked_in_every_form_and_nothing_beside_it(form: str) -> None:
    written = printable(FORMS[form](SECRET))
    seen = masked(f"before {written} after\n", [SECRET])
    assert MASK in seen
    if "base64" not in form:
        assert seen == f"before {MASK} after\n"
    assert seen.startswith("before ")
    assert seen.endswith(" after\n")
    assert len(seen) < 40 or "wrapped" in form
    assert holds_secret(FORMS[form](SECRET), [SECRET])


ALPHABET = "abnrtuxXYZ0189+/=-_&%\"'\\<>#;:[]{} éß😀\n"
SECRETS = st.text(ALPHABET, min_size=12, max_size=40).map(str.strip).filter(lambda s: len(set(s)) > 7)
ORDINARY = st.sampled_from(["{", '"', "log ", "\n", "id=1&x;", "50%", "C:\\", "é", ": "])
TEXTS = st.lists(ORDINARY | st.text(max_size=5)).map("".join)
CLEAR = st.sampled_from(["", " ", "key=", "key: ", '"', "'", "<td>", "(", "https://host/?key=", "é", "\n"])


@settings(max_examples=400, deadline=None)
@given(SECRETS, st.sampled_from(sorted(FORMS)), TEXTS, CLEAR, TEXTS)
def test_any_secret_in_any_form_in_any_text_is_gone(
    secret: str, form: str, before: str, clear: str, after: str
) -> None:
    """But where the text before it makes an escape of its beginning (`%` and `41`), which no program writes."""
    assume(len(re.sub(r"\\+(?:[xuU].{2,8})?|%..|&[^;]{1,31};|\s", "", secret)) >= 10)
    written = FORMS[form](secret)
    seen = masked(printable(f"{before} {clear}{written} {after}"), [secret])
    assert MASK in seen
    assert printable(written) not in seen
    assert not holds_secret(seen, [secret])


@settings(max_examples=200, deadline=None)
@given(SECRETS, TEXTS, st.sampled_from(sorted(FORMS)), st.lists(SECRETS, max_size=3))
def test_text_without_a_secret_is_unchanged(secret: str, text: str, form: str, others: list[str]) -> None:
    words = "".join(sorted(set(secret)))
    assume(all(other not in words and other[:8] not in FORMS[form](words) for other in others))
    text = printable(f"{text} {FORMS[form](words)} {text}")
    assume(not any(at in text for other in others for at in (other, *other.split("\n"))))
    assert masked(text, others) == text
    assert masked(text, []) == text


@pytest.mark.parametrize(
    "text",
    [
        "kX0/q3Z4==",
        "the end kX0/q3Z4== of something else",
        "-----END PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----\nMIIEvQ\nkX0/q3Z4==\n",
        "Ends in \\n kX0/q3Z4==",
    ],
)
def test_the_short_last_line_of_a_key_alone_is_ordinary_text(text: str) -> None:
    assert masked(text, [KEY]) == text


@pytest.mark.parametrize(
    "part",
    [
        KEY,
        textwrap.indent(KEY, "      "),
        KEY.replace("\n", " "),
        KEY.replace("\n", ""),
        KEY.replace("\n", "\r\n"),
        in_json(KEY),
        in_json(in_json(KEY)),
        "\n".join(KEY.split("\n")[-4:]),
        "\n".join(KEY.split("\n")[-3:]),
        textwrap.indent("\n".join(KEY.split("\n")[2:4]), "\t"),
        in_json("\n".join(KEY.split("\n")[2:])),
        KEY.replace("\n", "\x1b[0m\n\x1b[31m"),
        quote(KEY),
        html.escape(KEY.replace("/", "&#x2F;")),
    ],
)
@pytest.mark.parametrize("secret", [KEY, json.dumps({"type": "service_account", "private_key": KEY, "n": 1}, indent=2)])
def test_of_a_key_no_line_is_left_however_it_is_written(part: str, secret: str) -> None:
    seen = shown(f"key: {part} and more", [secret], 10_000)
    for line in (*BODY.split("\n"), "kX0", "3Z4"):
        assert line not in seen
    assert seen.startswith("key: ")
    assert seen.endswith(" and more")


def test_what_stands_around_a_masked_form_is_left_to_the_byte() -> None:
    text = f"%41\\u0042&lt;{quote(SECRET, safe='')}%43&#68;\\x45\\\\ \\n {in_json(SECRET)}\\t\n  {encoded(SECRET)}\n  z"
    seen = masked(text, [SECRET])
    assert seen == f"%41\\u0042&lt;{MASK}%43&#68;\\x45\\\\ \\n {MASK}\\t\n  {MASK}\n  z"


@example("abcdefgh", "\\")
@given(st.text("abc\\%&", min_size=1, max_size=7), TEXTS)
def test_a_secret_of_escapes_alone_masks_nothing_else(rest: str, text: str) -> None:
    text = printable(text)
    assume("\\" * 4 not in text)
    assert masked(text, ["\\" * 12]) == text
    assert masked(f"{text} {rest}", ["%41%42%43%44"]) == f"{text} {rest}"


@pytest.mark.parametrize(
    "unit",
    ["\\", "%41", "%e2%82%ac", "&lt;", "&amp;", "&", "&#", "\\u0041", "\\u", "\\x41", "\\x1b[31m", "\\x1b[", "\\n",
     "\n ", "a", "%25", "\\\\n", "\\ufe0f", "%"],
)  # fmt: skip
def test_time_is_in_proportion_to_the_text(unit: str) -> None:
    secrets = ["a" * 30 + "b" + "A" * n for n in range(10)] + [KEY, SECRET, "ABABABAB", "\\u0041\\u0041ab"]
    text = unit * (10**6 // len(unit))
    started = time.process_time()
    masked(text, secrets)
    assert time.process_time() - started < 5
