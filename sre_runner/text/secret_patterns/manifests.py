"""The values of Kubernetes Secrets, in YAML and in JSON, wherever in a text a manifest stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from sre_runner.text.secret_patterns.assignments import PLACEHOLDER

Span = tuple[int, int]

_YAML_SECRET = re.compile(r"""kind:[ \t]*+["']?Secret["']?[ \t]*+$""", re.MULTILINE)
_JSON_SECRET = re.compile(r'kind\\*+"\s*+:\s*+\\*+"Secret\\*+"')
_DATA = ("data", "stringData")


@dataclass(slots=True)
class _Object:
    """One that is being read: the column of its keys, whether it is a Secret, and where its data's values stand."""

    column: int = 0
    is_secret: bool = False
    in_data: bool = False
    data_column: int = 0
    values: list[Span] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    def close(self) -> list[Span]:
        return self.values if self.is_secret else []


def manifests(text: str) -> Iterator[Span]:
    """Where the values of `data` and `stringData` stand."""
    if "Secret" in text and _YAML_SECRET.search(text):
        yield from _in_yaml(text)
    if "Secret" in text and _JSON_SECRET.search(text):
        yield from _in_json(text)


_LINE = re.compile(
    r"""(?P<indent>[ ]*+)(?P<items>(?:-[ ]++)*+)(?:["']?(?P<key>[\w./-]++)["']?:(?:[ \t]++(?P<value>[^\n]*+))?$)?""",
    re.MULTILINE,
)


def _in_yaml(text: str) -> Iterator[Span]:
    opened: list[_Object] = []
    start = 0
    for written in text.split("\n"):
        line = _LINE.match(text, start, start + len(written))
        if line and line.end("items") < start + len(written.rstrip()):
            yield from _line(opened, line, written.startswith(("---", "...")), start + len(written.rstrip()))
        start += len(written) + 1
    for each in opened:
        yield from each.close()


def _line(opened: list[_Object], line: re.Match[str], divides: bool, end: int) -> Iterator[Span]:
    """One line that is not empty: it closes what is indented further, and adds to what is then the innermost."""
    indent, column = len(line["indent"]), len(line["indent"] + line["items"])
    if opened and opened[-1].in_data and indent > opened[-1].column and not divides:
        opened[-1].values += _data_line(opened[-1], line, column, end)
        return
    # An item of a list begins a new object in the place of the one before it.
    while opened and (divides or opened[-1].column > (indent if line["items"] else column)):
        yield from opened.pop().close()
    if line["key"] is None:
        return
    if opened and opened[-1].column == column and line["key"] in opened[-1].seen:
        yield from opened.pop().close()  # another manifest, which nothing divides from the one before it
    if not opened or opened[-1].column < column:
        opened.append(_Object(column))
    opened[-1].seen.add(line["key"])
    value = (line["value"] or "").strip()
    opened[-1].in_data = line["key"] in _DATA and not value
    opened[-1].data_column = 0
    if line["key"] == "kind":
        opened[-1].is_secret |= value.strip("\"'") == "Secret"
    elif line["key"] in _DATA and value.startswith("{") and value != "{}":
        opened[-1].values.append((line.start("value"), end))


def _data_line(data: _Object, line: re.Match[str], column: int, end: int) -> list[Span]:
    """The value in a line below `data:`, or the line itself where it goes on with one of several lines."""
    data.data_column = data.data_column or column
    if column > data.data_column or line["key"] is None:
        return [(line.end("items"), end)]
    value = (line["value"] or "").strip()
    inner = value.strip("\"'")
    if not inner or re.fullmatch(r"[|>][0-9+-]{0,2}", value) or PLACEHOLDER.fullmatch(inner):
        return []
    first = line.start("value") + (line["value"] or "").index(inner)
    return [(first, first + len(inner))]


_TOKEN = re.compile(r'[{}]|"(?P<key>[\w./-]{1,253}+)\\*+"\s*+:\s*+')
# Strings of JSON in JSON end with the quote that they began with: `\"`, `\\\"`.
_STRING = re.compile(r'(?P<level>\\++)?"(?P<value>(?:[^"\\]|(?(level)(?!(?P=level)")\\++"?|\\(?s:.)))*+)')


def _in_json(text: str) -> Iterator[Span]:
    """Braces inside strings are taken for those of objects: manifests quote manifests, whose braces come in pairs."""
    opened, at, key = [_Object()], 0, ""
    while token := _TOKEN.search(text, at):
        at = token.end()
        if token[0] == "{":
            opened.append(_Object(in_data=key in _DATA))
        elif token[0] == "}":
            yield from _closed(opened)
        key = token["key"] or ""
        if key and (opened[-1].in_data or key == "kind") and (value := _STRING.match(text, at)):
            at = value.end()
            _member(opened[-1], value)
    while len(opened) > 1:
        yield from _closed(opened)


def _closed(opened: list[_Object]) -> list[Span]:
    """What is known once the innermost object ends. Whether its values are secret, the object around it says."""
    if len(opened) == 1:
        return []
    closed = opened.pop()
    if closed.in_data:
        opened[-1].values += closed.values
    return closed.close()


def _member(inside: _Object, value: re.Match[str]) -> None:
    if not inside.in_data:
        inside.is_secret |= value["value"] == "Secret"
    elif value["value"] and not PLACEHOLDER.fullmatch(value["value"]):
        inside.values.append(value.span("value"))
