"""The syntax errors of PyYAML in plain words, with the place to look at and what to do."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import yaml


@dataclass(frozen=True)
class Flaw:
    """Something wrong with the text. `line` and `column` count from 1; 0 stands for the text as a whole."""

    line: int
    column: int
    message: str
    hint: str


_INDENT = "Check the indentation, and quote text that holds `: ` or ` #`."
_TABS = ("a tab cannot indent", "Indent with spaces.")
_TAG = ("tags cannot be used: they name no types here", "Quote text that begins with `!`.")
_ESCAPE = ("this escape does not exist in YAML", r"Write \\ for a backslash, or use single quotes.")
_UNICODE = ("this escape is no character", r"Write the character itself, or its number in full: \U0001F600.")
_LIST = ("the list in brackets is not closed or lacks a comma", "Items are separated by `,` and the end is `]`.")
_BRACES = ("the mapping in braces is not closed or lacks a comma", "Keys are separated by `,` and the end is `}`.")
_QUOTE = ("the quote that begins here is never closed", "Close it; inside of single quotes, '' is a quote.")
_SEQUENCE = ("a list item (`- `) cannot begin here", "Begin the list on a line of its own.")
_BLOCK = ("nothing stands behind `|` or `>` on its line", "Begin the text on the next line, indented.")
_ANCHOR = ("`&` and `*` begin an anchor or an alias, which needs a name", "If it is text, quote it.")
_PLACE = ("this cannot stand here", _INDENT)
_DIRECTIVE = ("lines that begin with % are directives, which cannot be used", "Remove the line.")
_END = ("the document has ended before this line", "Remove the line `...` before it.")

# PyYAML has no codes for its errors. What libyaml says comes first, then what the scanner and parser in Python say
# where it is different. `context`: the place of interest is where the construct began.
_WORDS: tuple[tuple[str, bool, tuple[str, str]], ...] = (
    ("found a tab", False, _TABS),
    ("mapping values are not allowed", False, ("`: ` begins a value, which cannot stand here", _INDENT)),
    (
        "could not find expected ':'",
        True,
        ("this line is neither `key: value` nor `- item`", "A space follows the `:` and the `-`."),
    ),
    ("',' or ']'", True, _LIST),
    ("',' or '}'", True, _BRACES),
    ("expected key", False, _PLACE),
    ("expected <block end>", False, _PLACE),
    ("expected '-' indicator", False, ("a list goes on here, and this is no item of it (`- `)", _INDENT)),
    ("found unexpected end of stream", True, _QUOTE),
    ("found unexpected document", True, _QUOTE),
    ("found unknown escape", False, _ESCAPE),
    ("Unicode character escape", False, _UNICODE),
    ("expected hexdecimal number", False, _UNICODE),
    ("hexadecimal numbers", False, _UNICODE),
    ("tag", False, _TAG),
    ("incompatible YAML document", False, _DIRECTIVE),
    ("<document start>", False, _END),
    ("node content", False, ("a value was expected here", _INDENT)),
    ("sequence entries are not allowed", False, _SEQUENCE),
    ("alphabetic or numeric character", False, _ANCHOR),
    ("expected comment or line break", False, _BLOCK),
    ("chomping or indentation", False, _BLOCK),
)


def explained(error: yaml.YAMLError, lines: Sequence[str]) -> Flaw:
    """What is wrong, in words. `lines` are those of the text."""
    mark = getattr(error, "problem_mark", None)
    if mark is None:
        return Flaw(0, 0, "this is no YAML", "")
    context = getattr(error, "context_mark", None) or mark
    for near in (mark, context):
        source = _line(lines, near.line)
        if (at := unquoted_template(source)) is not None:
            return template_flaw(source, near.line + 1, at)
    said = f"{error.problem or ''} {error.context or ''}"  # type: ignore[attr-defined]
    found = _line(lines, mark.line)[mark.column : mark.column + 1]
    if "cannot start any token" in said:
        words = _TABS if found == "\t" else (f"text cannot begin with {found!r}", "Quote it.")
        return Flaw(mark.line + 1, mark.column + 1, *words)
    for fragment, at_context, words in _WORDS:
        if fragment in said:
            place = context if at_context else mark
            return Flaw(place.line + 1, place.column + 1, *words)
    return Flaw(mark.line + 1, mark.column + 1, said.strip()[:200], "")


def _line(lines: Sequence[str], number: int) -> str:
    return lines[number] if number < len(lines) else ""


def unquoted_template(source: str) -> int | None:
    """Where in a line a value, an item or a key begins with `{{` or `{%`; None where none does."""
    places = [at for at in (source.find("{{"), source.find("{%")) if at >= 0]
    if not places:
        return None
    before = source[: min(places)].rstrip()
    return min(places) if not before or before[-1] in ":-[,?" else None


def template_flaw(source: str, line: int, at: int) -> Flaw:
    """The flaw of an unquoted template that begins at this index of the line."""
    opening = source[at : at + 2]
    return Flaw(line, at + 1, f"{opening} begins a mapping in YAML", f"Quote it: {_quoted_template(source, at)}")


def _quoted_template(source: str, at: int) -> str:
    rest = source[at : at + 201].split(" #")[0].rstrip()
    end = rest.find("}}") + 2
    if end > 1 and (rest[end:].startswith(":") or source[:at].rstrip()[-1:] in ("[", ",")):
        rest = rest[:end]
    return quoted(rest) if len(rest) <= 200 else '"{{ … }} …"'


def quoted(text: str) -> str:
    """Text as a scalar in quotes, in single ones where that reads better."""
    if '"' in text and "'" not in text and "\\" not in text:
        return f"'{text}'"
    return json.dumps(text, ensure_ascii=False)
