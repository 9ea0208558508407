"""A tool's output taken apart: records with named fields, and segments to search, each with its place in the text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from sre_runner.models.offline.jsontext import Node, read_json
from sre_runner.models.offline.words import words

LONGEST = 500_000
"""Characters of one output that are looked at; the engine cuts outputs well below this."""
_MOST_RECORDS = 10_000
_MOST_FIELDS = 120
_FAILED_READS = 20
_LONGEST_LINE = 600


@dataclass(frozen=True)
class Field:
    """One named scalar. `begin` is where its name starts in the raw text, `start` and `end` enclose the value."""

    key: str
    value: str
    begin: int
    start: int
    end: int

    @cached_property
    def words(self) -> list[str]:
        return words(self.key)


@dataclass(eq=False)
class Record:
    """An object, a table's row or a described resource. `kind` is the label it stands under, such as `pods`."""

    kind: str
    parent: Record | None = None
    fields: list[Field] = field(default_factory=list)

    def add(self, key: str, value: str, begin: int, start: int, end: int) -> None:
        if len(self.fields) < _MOST_FIELDS:
            self.fields.append(Field(key, value, begin, start, end))

    def first(self, *wanted: str) -> Field | None:
        """The first field, in the order of `wanted`, whose name ends in that word."""
        for word in wanted:
            for each in self.fields:
                if each.words[-1:] == [word] and each.value:
                    return each
        return None


@dataclass(frozen=True)
class Segment:
    """A line, or one field of a JSON document: what one signal may stand in, and what can be quoted."""

    start: int
    end: int
    record: Record | None = None
    key: str = ""


@dataclass(frozen=True)
class Output:
    """The raw text with what was found in it; segments are in order and do not overlap."""

    text: str
    records: tuple[Record, ...]
    segments: tuple[Segment, ...]


@lru_cache(maxsize=32)
def take_apart(raw: str) -> Output:
    """Records and segments of a tool's text. Never raises; work grows with the length of the text."""
    text = raw[:LONGEST]
    records: list[Record] = []
    segments: list[Segment] = []
    plain: list[tuple[int, int]] = []
    for start, end, node in _zones(text):
        if node is None:
            plain.append((start, end))
        else:
            _read_lines(text, plain, records, segments)
            plain = []
            _walk(text, node, "", None, "", records, segments)
    _read_lines(text, plain, records, segments)
    segments.sort(key=lambda s: s.start)
    return Output(raw, tuple(r for r in records if r.fields)[:_MOST_RECORDS], tuple(segments))


def _zones(text: str) -> Iterator[tuple[int, int, Node | None]]:
    """The text as lines, and as JSON documents where one begins a line and ends one."""
    place, failures = 0, 0
    while place < len(text):
        end = text.find("\n", place)
        end = len(text) if end < 0 else end
        opening = place + len(text[place:end]) - len(text[place:end].lstrip())
        if failures < _FAILED_READS and text[opening : opening + 1] in ("{", "["):
            node = read_json(text, opening)
            newline = -1 if node is None else text.find("\n", node.end)
            newline = len(text) if newline < 0 else newline
            if node is not None and not text[node.end : newline].strip():
                yield opening, node.end, node
                place = newline + 1
                continue
            failures += 1
        yield place, end, None
        place = end + 1


def _walk(
    text: str,
    node: Node,
    label: str,
    record: Record | None,
    prefix: str,
    records: list[Record],
    segments: list[Segment],
) -> None:
    """`record` takes the scalars of `node`; lists of objects, and maps of objects, begin records of their own."""
    if node.children is None:
        if record is None:
            record = Record("")
            records.append(record)
        key = f"{prefix}.{label}" if prefix and label else prefix or label
        record.add(key, node.value, node.begin, node.start, node.end)
        segments.extend(_pieces(text, node, record, key))
    elif node.is_list:
        for child in node.children:
            own = Record(label, record) if child.children is not None and not child.is_list else record
            if own is not record and own is not None:
                records.append(own)
                _walk(text, child, "", own, "", records, segments)
            else:
                _walk(text, child, label, record, prefix, records, segments)
    else:
        if record is None:
            record = Record(label)
            records.append(record)
        inner = f"{prefix}.{label}" if prefix and label else prefix or label
        named = len(node.children) > 1 and all(c.children and not c.is_list for c in node.children)
        for child in node.children:
            if named:
                own = Record(label, record)
                own.add("name", child.key, child.begin, child.begin, child.start)
                records.append(own)
                _walk(text, child, "", own, "", records, segments)
            else:
                _walk(text, child, child.key, record, inner, records, segments)


def _pieces(text: str, node: Node, record: Record, key: str) -> Iterator[Segment]:
    """A field as one segment, or, for a text of many lines, a segment for each line as it stands in the raw text."""
    raw = text[node.start : node.end]
    if raw[:1] != '"' or "\\n" not in raw:
        yield Segment(node.begin, node.end, record, key)
        return
    place = node.start + 1
    for part in raw[1:-1].split("\\n"):
        yield Segment(place, place + len(part), record, key)
        place += len(part) + 2


_HEADER = re.compile(
    r"[A-Z][A-Z0-9_()/%-]*(?: [A-Z0-9_()/%-]+)*(?:[ \t]{2,}[A-Z][A-Z0-9_()/%-]*(?: [A-Z0-9_()/%-]+)*)+\s*"
)
_CELL = re.compile(r"\S+(?: \S+)*")
_ROW = re.compile(
    r"(?:(?P<namespace>\S+)\s+)?(?P<name>\S+)\s+(?P<ready>\d+/\d+)\s+(?P<status>\S+)(?:\s+(?P<restarts>\d+))?"
)
_NAMED = re.compile(r"([ \t]*(?:- )?)([A-Za-z][\w ./()-]{0,60}?):(?:[ \t]+(\S.*))?")


def _read_lines(text: str, lines: list[tuple[int, int]], records: list[Record], segments: list[Segment]) -> None:
    """Plain text: tables with a header, rows without one, and `Name: value` descriptions; all else is just lines."""
    header: list[tuple[str, int]] = []
    described: Record | None = None
    above: list[tuple[int, str]] = []
    for start, end in lines:
        line = text[start:end]
        found = described
        if not line.strip():
            header = []
        elif len(line) <= 2_000 and _HEADER.fullmatch(line.strip()):
            header = [(cell.group(), cell.start()) for cell in _CELL.finditer(line)]
        elif header and (row := _table_row(line, start, header)):
            records.append(row)
            found = row
        elif len(line) <= 2_000 and (match := _ROW.match(line.strip())):
            found = _bare_row(match, start + len(line) - len(line.lstrip()))
            records.append(found)
        elif len(line) <= 2_000 and (named := _NAMED.fullmatch(line)):
            indent, key = len(named.group(1)), named.group(2).strip()
            if described is None or (indent == 0 and key == "Name"):
                described, above = Record(""), []
                records.append(described)
            above = [(depth, name) for depth, name in above if depth < indent]
            path = ".".join([name for _, name in above] + [key])
            if named.group(3):
                begin = start + named.start(2)
                described.add(path, named.group(3).strip(), begin, start + named.start(3), end)
            above.append((indent, key))
            found = described
        segments.extend(_cut(text, start, end, found))


def _cut(text: str, start: int, end: int, record: Record | None) -> Iterator[Segment]:
    """A line as one segment; a very long one, such as a JSON document of which the middle was left out, in pieces."""
    while end - start > _LONGEST_LINE:
        ends = (text.rfind(mark, start + _LONGEST_LINE // 2, start + _LONGEST_LINE) for mark in ("}", ",", " "))
        middle = next((place + 1 for place in ends if place > 0), start + _LONGEST_LINE)
        yield Segment(start, middle)
        start = middle
    yield Segment(start, end, record)


def _table_row(line: str, start: int, header: list[tuple[str, int]]) -> Record | None:
    cells = list(_CELL.finditer(line))
    if len(cells) < 2:
        return None
    row = Record("")
    for number, cell in enumerate(cells[: len(header)]):
        if len(cells) >= len(header):
            name = header[number][0]
        else:  # a cell is missing: go by where the columns begin
            name = min(header, key=lambda column: abs(column[1] - cell.start()))[0]
        place = start + cell.start()
        row.add(name, cell.group(), place, place, start + cell.end())
    return row


def _bare_row(match: re.Match[str], start: int) -> Record:
    row = Record("")
    for key, value in match.groupdict().items():
        if value is not None:
            row.add(key, value, start + match.start(key), start + match.start(key), start + match.end(key))
    return row
