"""The rows of a list of incidents: what each asks of the playbook, its place, and why it cannot be run if it cannot."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sre_runner.casefile import Json
from sre_runner.documents.hints import choices
from sre_runner.errors import RunnerError
from sre_runner.runs.batch.lines import Record
from sre_runner.text.naming import said

TASK, ALERT, STARTED_AT, LABEL, INPUT = "task", "alert", "started_at", "label.", "input."
"""Columns that are no inputs. An input of such a name is written with `input.` before it."""


@dataclass(frozen=True)
class Row:
    """One incident of a list. `number` counts from 1, `place` is `incidents.csv:3`, `digest` tells if it changed.

    With a `problem`, it cannot be run.
    """

    number: int
    place: str
    digest: str
    inputs: Mapping[str, str] = field(default_factory=dict)
    task: str | None = None
    alert: Json = None
    labels: Mapping[str, str] = field(default_factory=dict)
    started_at: str | None = None
    problem: str = ""
    hint: str = ""


class _Wrong(Exception):  # noqa: N818 (the problem of a row, never raised out of here)
    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def rows(records: Iterable[Record], name: str, known: Collection[str]) -> Iterator[Row]:
    """The rows of a list, one at a time. `known` are the playbook's inputs."""
    for number, record in enumerate(records, start=1):
        place = f"{name}:{record.line}"
        content = json.dumps([record.fields, record.problem], ensure_ascii=False, sort_keys=True)
        digest = hashlib.sha256(content.encode(errors="surrogatepass")).hexdigest()[:16]
        try:
            if record.problem:
                raise _Wrong(record.problem)
            yield _row(number, place, digest, record.fields, known)
        except _Wrong as wrong:
            yield Row(number, place, digest, problem=wrong.message, hint=wrong.hint)


def check_columns(header: Iterable[str], name: str, known: Collection[str]) -> None:
    """Raise `RunnerError` where a column is nothing that the playbook has: every row would be refused."""
    for column in header:
        if column not in (TASK, ALERT, STARTED_AT) and not column.startswith(LABEL):
            try:
                _input(column, known)
            except _Wrong as wrong:
                raise RunnerError(f"{name}:1: {wrong.message}", wrong.hint) from None


def _row(number: int, place: str, digest: str, fields: Mapping[str, Json], known: Collection[str]) -> Row:
    inputs: dict[str, str] = {}
    labels: dict[str, str] = {}
    for key, value in fields.items():
        if key.startswith(LABEL):
            labels[key.removeprefix(LABEL)] = _text(key, value)
        elif key not in (TASK, ALERT, STARTED_AT):
            inputs[_input(key, known)] = _text(key, value)
    return Row(
        number,
        place,
        digest,
        inputs,
        _text(TASK, fields[TASK]) if TASK in fields else None,
        _alert(fields.get(ALERT)),
        labels,
        _moment(_text(STARTED_AT, fields[STARTED_AT])) if STARTED_AT in fields else None,
    )


def _input(key: str, known: Collection[str]) -> str:
    name = key.removeprefix(INPUT)
    if name not in known:
        columns = f"Other columns are {TASK}, {ALERT}, {STARTED_AT} and {LABEL}NAME."
        raise _Wrong(
            f"the playbook has no input {said(name)}", f"{choices(name, sorted(known), 'It has none.')} {columns}"
        )
    return name


def _text(key: str, value: Json) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str | int | float):
        raise _Wrong(f"{said(key)} is no text")
    return str(value)


def _alert(value: Json) -> Json:
    """A payload as data, or as the JSON that a cell has."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            raise _Wrong("`alert` is not JSON") from None
    if value is not None and not (isinstance(value, dict | list) and value):
        raise _Wrong("`alert` is no payload of an alert")
    return value


def _moment(text: str) -> str:
    try:
        moment = datetime.fromisoformat(text.strip())
        return (moment if moment.tzinfo else moment.astimezone()).isoformat()
    except (ValueError, OverflowError):
        raise _Wrong(f"{said(text)} is not a time in ISO 8601, such as 2026-11-22T14:23:00+01:00") from None
