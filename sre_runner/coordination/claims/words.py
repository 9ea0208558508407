"""A text as the words in it: what stands between blanks, quotation marks, brackets and other punctuation."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

_BOUND = bytes(
    code if chr(code) in "_.-" or chr(code).isalnum() or code > 126 or (code < 32 and code not in b"\t\n\r") else 32
    for code in range(256)
)
"""Bytes of UTF-8: those that end a word become blanks. Control characters and what is not ASCII are part of words."""

_ANSI = re.compile(r"(?:\x1b|\\x1b|\\u001b)\[[0-9;?]{0,32}[A-Za-z]")
_ESCAPE = re.compile(r"\\(?:(?P<blank>[\"\\/ntr])|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})")
_GROUPED = re.compile(r"(?<![\w.,(\[-])[0-9]{1,3}(?:,[0-9]{3}){1,9}(?![\w\])]|,[0-9])(?:\.[0-9]{1,20}(?!\w))?")
_COMMA = re.compile(r",(?<=[0-9],)[0-9]{3}")
_BLANK_BETWEEN = re.compile("(?<=[0-9])[\u00a0\u2009\u202f](?=[0-9]{3}(?![0-9]))")
_CLOCK = re.compile(
    r":(?:(?<=(?<![0-9.:])[0-9]:)|(?<=(?<![0-9.:])[0-9]{2}:))[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,9})?)?(?![0-9:])"
)
_GLUE = "\x7f"
"""Stands for what cannot be seen: a word with it is not the word without it."""
_FEW = 24


def plain(text: str) -> str:
    """The text without colours, its escapes undone (`\\n`, `\\"`, `\\u003d`) and its punctuation that of ASCII.

    What cannot be seen is glue: `4<zero-width space>7` is neither 47 nor 4 and 7.
    """
    if "\x1b" in text or "\\" in text:
        text = _ESCAPE.sub(_unescaped, _ANSI.sub("", text))
    if text.isascii():
        return text
    text = _BLANK_BETWEEN.sub(",", text)
    ends = {each for each in set(text) if not each.isascii() and unicodedata.category(each)[0] in "PSZ"}
    if len(ends) > _FEW:
        return re.sub(f"[{re.escape(''.join(sorted(ends)))}]", " ", text)
    for each in ends:
        text = text.replace(each, " ")
    return text


def words(text: str) -> Iterator[str]:
    """The words of a `plain` text; a number with separators as `2100000`, and not also its parts.

    The hours, minutes and seconds of a time are no numbers of their own: `14:48` has no 48.
    """
    text = _CLOCK.sub(_GLUE, text)
    if _COMMA.search(text):
        for number in _GROUPED.findall(text):
            yield number.replace(",", "")
        text = _GROUPED.sub(" ", text)
    found = set(text.encode("utf-8", "surrogatepass").translate(_BOUND).split())
    for word in b" ".join(found).decode("utf-8", "surrogatepass").split(" "):
        yield word.strip(".-")


def _unescaped(escape: re.Match[str]) -> str:
    if escape["blank"]:
        return " " if escape["blank"] in "ntr" else escape["blank"]
    code = int(escape[0][2:], 16)
    character = chr(code) if code < 0x110000 else _GLUE
    return character if character.isprintable() else " " if character in "\t\n\r" else _GLUE
