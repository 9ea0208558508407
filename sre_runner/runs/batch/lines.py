"""The records of a list, one at a time: of CSV, JSON Lines, or a YAML list, each with its line and what is wrong."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Protocol

from sre_runner.casefile import Json
from sre_runner.documents.yaml.document import Document
from sre_runner.documents.yaml.text import compose
from sre_runner.errors import RunnerError
from sre_runner.text.naming import said
from sre_runner.text.strict_json import read

FORMATS = ("csv", "jsonl", "yaml")
MOST_LINE = 1_000_000
"""Characters of a line, and of an item of a YAML list."""
MOST_COLUMNS = 200


@dataclass(frozen=True)
class Record:
    """One entry of a list. `line` counts from 1; `problem` says why it cannot be read."""

    line: int
    fields: Mapping[str, Json] = field(default_factory=dict)
    problem: str = ""


def format_of(name: str, first: str) -> str:
    """The format of a list by the end of its file's name, or else by its first line."""
    suffix = name.rpartition(".")[2].lower()
    known = {"csv": "csv", "jsonl": "jsonl", "ndjson": "jsonl", "yaml": "yaml", "yml": "yaml"}
    begins = first.lstrip("\ufeff \t")
    guessed = "jsonl" if begins.startswith("{") else "yaml" if begins.startswith(("- ", "---", "-\n")) else "csv"
    return known.get(suffix, guessed)


class Stream(Protocol):
    """What lines are read from."""

    def readline(self, size: int = -1, /) -> str:
        """The next line with its end, or a part of it that is so long; empty at the end."""
        ...


def records(
    stream: Stream, name: str, format_: str | None = None, columns: Callable[[Sequence[str]], object] = lambda _: None
) -> Iterator[Record]:
    """The entries of a list, read as they are asked for; `columns` is shown the header of CSV, and may refuse it.

    Raises `RunnerError` for what is wrong with the list as a whole: the header of CSV, YAML that is no list.
    """
    lines = _lines(stream)
    first = next(lines, "")
    chosen = format_ or format_of(name, first)
    lines = chain([first] if first else [], lines)
    if chosen == "csv":
        return _csv(lines, name, columns)
    return _jsonl(lines) if chosen == "jsonl" else _yaml(lines, name)


def _lines(stream: Stream) -> Iterator[str]:
    """The lines of a stream with their ends; of a longer one than `MOST_LINE` no more than shows that it is."""
    while line := stream.readline(MOST_LINE + 1):
        yield line
        while len(line) > MOST_LINE and not line.endswith("\n"):
            line = stream.readline(MOST_LINE + 1)
            if not line:
                return


def _csv(lines: Iterator[str], name: str, columns: Callable[[Sequence[str]], object]) -> Iterator[Record]:
    reader = csv.reader(lines, strict=True)
    try:
        header = [cell.strip() for cell in next(reader, [])]
    except csv.Error as error:
        raise RunnerError(f"{name}:1: the header cannot be read: {error}") from None
    if header:
        header[0] = header[0].removeprefix("\ufeff").strip()
        _check_header(header, name)
        columns(header)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Record(line, problem=f"it is not CSV: {error}")
            continue
        if cells:
            yield _row(line, header, cells)


def _check_header(header: Sequence[str], name: str) -> None:
    twice = [cell for number, cell in enumerate(header) if cell in header[:number]]
    wrong = "a column has no name" if "" in header else f"the column {said(twice[0])} is there twice" if twice else ""
    if len(header) > MOST_COLUMNS:
        wrong = f"there are {len(header)} columns, and at most {MOST_COLUMNS} are taken"
    if wrong:
        raise RunnerError(f"{name}:1: {wrong}", "The first line of CSV names the columns: service,namespace.")


def _row(line: int, header: Sequence[str], cells: Sequence[str]) -> Record:
    if len(cells) != len(header):
        return Record(line, problem=f"it has {len(cells)} cells, and the header {len(header)} columns")
    return _encoded(Record(line, {name: cell for name, cell in zip(header, cells, strict=True) if cell}))


def _jsonl(lines: Iterator[str]) -> Iterator[Record]:
    for number, line in enumerate(lines, start=1):
        text = line.removeprefix("\ufeff").strip()
        if not text:
            continue
        if len(line) > MOST_LINE:
            yield Record(number, problem=f"it has more than {MOST_LINE:,} characters")
            continue
        try:
            data = read(text)
        except ValueError as error:
            yield Record(number, problem=f"it is not JSON: {error}")
            continue
        yield _mapping(number, data)


def _yaml(lines: Iterator[str], name: str) -> Iterator[Record]:
    """The items of a list at the left margin, each composed by itself, so that a long list needs no more memory than
    its longest item."""
    began, item = 0, ""
    for number, line in enumerate(lines, start=1):
        if line.startswith(("- ", "-\n", "-\r")):
            if item:
                yield _item(began, item)
            began, item = number, ""
        elif not item:
            if line.strip() and not line.startswith(("#", "---")):
                hint = "Write one item an incident: `- service: payments`."
                raise RunnerError(f"{name}:{number}: the file is not a YAML list", hint)
            continue
        if len(item) <= MOST_LINE:
            item += line
    if item:
        yield _item(began, item)


def _item(began: int, text: str) -> Record:
    if len(text) > MOST_LINE:
        return Record(began, problem=f"it has more than {MOST_LINE:,} characters")
    composed = compose(text)
    if composed.flaws:
        flaw = composed.flaws[0]
        return Record(began + flaw.line - 1, problem=f"it is not YAML: {flaw.message}")
    if not isinstance(composed.data, list) or len(composed.data) != 1:
        return Record(began, problem="it is not one item of a list")
    document = Document("", text, composed.data, composed.node)
    record = _mapping(began, composed.data[0])
    written = {key: document.written((0, key)) for key, value in record.fields.items() if not isinstance(value, str)}
    fields = {key: written.get(key) or value for key, value in record.fields.items()}
    return Record(began, fields, record.problem)


def _mapping(line: int, data: Any) -> Record:
    if not isinstance(data, dict):
        return Record(line, problem="it is not a mapping of inputs")
    if len(data) > MOST_COLUMNS:
        return Record(line, problem=f"it has {len(data)} entries, and at most {MOST_COLUMNS} are taken")
    return _encoded(Record(line, {str(key): value for key, value in data.items() if value is not None}))


def _encoded(record: Record) -> Record:
    """The record, if it was UTF-8: what was not is there as halves of characters."""
    try:
        "".join([*record.fields, *(value for value in record.fields.values() if isinstance(value, str))]).encode()
    except UnicodeEncodeError:
        return Record(record.line, problem="it is not UTF-8")
    return record
