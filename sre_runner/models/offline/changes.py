"""Recent changes in a tool's output: deployments, configuration changes, the revisions of a rollout."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sre_runner.models.offline.outputs import Field, Output, Record, Segment, take_apart
from sre_runner.models.offline.quotes import LONGEST_QUOTE, quote_of
from sre_runner.models.offline.sights import number
from sre_runner.models.offline.subjects import own_name, subject_of
from sre_runner.models.offline.words import clean, words

_WHICH = ("version", "revision", "tag", "release", "commit", "image", "object", "key", "setting", "field", "to")
_TEXTS = (
    "change",
    "cause",
    "message",
    "description",
    "summary",
    "title",
    "subject",
    "note",
    "comment",
    "added",
    "reason",
)
_TIMES = ("time", "timestamp", "date", "at", "when", "ts", "deployed", "created", "updated")
_PAIRS = (("before", "after"), ("from", "to"), ("old", "new"), ("previous", "current"))
_SPEAKS = frozenset(
    ("deployment", "change", "history", "revision", "commit", "update", "upgrade", "version", "image", "configuration")
)
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?")
_MOST = 3


@dataclass(frozen=True)
class Change:
    """A change: `what` was changed (a version, a setting), `text` is what is said of it, `when` as it was written.

    `quotes` stand literally in the raw text; the one that says most is first. `timing` relates it to the incident.
    """

    what: str
    text: str
    when: str
    subject: str
    quotes: tuple[str, ...]
    timing: str = ""


def changes(raw: str, tool: str, about: str, incident: str) -> tuple[Change, ...]:
    """The newest changes of an output, newest first: those of the object that the call asked `about`, where it has any.

    `incident` is when the incident began (ISO 8601), or "".
    """
    output = take_apart(raw)
    speaks = bool(_SPEAKS & set(words(tool)))
    records = [r for r in output.records if (speaks or _SPEAKS & set(words(r.kind))) and _is_change(r)]
    asked = about.rpartition(" ")[2]
    records = [r for r in records if own_name(r)[1] == asked] or records
    began = moment(incident)
    dated = [(record, moment(_value(record, _TIMES))) for record in records]
    before = [(record, at) for record, at in dated if at is None or began is None or at <= began]
    ordered = [record for record, _ in _newest_first(before)]
    return tuple(_change(output, record, tool, about, began) for record in ordered[:_MOST])


def moment(text: str) -> datetime | None:
    """The first ISO 8601 time in a text, in UTC; a time without a zone is taken as UTC."""
    match = _ISO.search(text[:200])
    if not match:
        return None
    try:
        read = datetime.fromisoformat(match.group())
        return read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _newest_first(records: Sequence[tuple[Record, datetime | None]]) -> list[tuple[Record, datetime | None]]:
    """By time where all have one, by revision where all are numbered, else as they stand."""
    if records and all(at is not None for _, at in records):
        return sorted(records, key=lambda each: each[1] or datetime.min.replace(tzinfo=UTC), reverse=True)
    numbers = [number(_value(record, ("revision",))) for record, _ in records]
    if records and all(each is not None for each in numbers):
        by_number = sorted(range(len(records)), key=lambda place: numbers[place] or 0.0, reverse=True)
        return [records[place] for place in by_number]
    return list(records)


def _is_change(record: Record) -> bool:
    """It says which version or setting it is about and what was changed, or what a value was before and after."""
    if _pair(record):
        return True
    return bool(_field(record, _WHICH) and _field(record, _TEXTS))


def _field(record: Record, names: Iterable[str]) -> Field | None:
    return next((f for name in names for f in record.fields if f.words[-1:] == [name] and _says(f.value)), None)


def _says(value: str) -> bool:
    return value.strip().lower() not in ("", "none", "null", "<none>", "n/a", "-")


def _value(record: Record, names: Iterable[str]) -> str:
    field = _field(record, names)
    return field.value if field else ""


def _pair(record: Record) -> tuple[Field, Field] | None:
    for old, new in _PAIRS:
        one, other = _field(record, (old,)), _field(record, (new,))
        if one and other and one.value != other.value:
            return one, other
    return None


def _change(output: Output, record: Record, tool: str, about: str, began: datetime | None) -> Change:
    pair = _pair(record)
    text = next((f for name in _TEXTS for f in record.fields if f.words[-1:] == [name] and _says(f.value)), None)
    which = _field(record, [name for name in _WHICH if not pair or name not in ("to",)])
    at = _field(record, _TIMES)
    quoted = [f for f in (text, which, *(pair or ()), at) if f is not None]
    said = clean(text.value, 160) if text else ""
    if pair:
        key = next((f.value for f in record.fields if f.words[-1:] in (["key"], ["setting"], ["field"])), "")
        step = f"{clean(pair[0].value, 60)} → {clean(pair[1].value, 60)}"
        said = f"{clean(key, 60)}: {step}" if key and not text else f"{step}: {said}" if said else step
    when = clean(at.value, 60) if at else ""
    start = min(f.begin for f in quoted)
    segment = Segment(start, max(f.end for f in quoted), record)
    return Change(
        what=clean(which.value, 80) if which else "",
        text=said,
        when=when,
        subject=subject_of(segment, output.text, tool, about),
        quotes=_quotes(output, quoted),
        timing=_timing(moment(when), began),
    )


def _quotes(output: Output, fields: Sequence[Field]) -> tuple[str, ...]:
    """One quote over all of the fields where they stand close together, else one for each."""
    places = [_member(output.text, f) for f in fields]
    start, end = min(start for start, _ in places), max(end for _, end in places)
    whole = output.text[start:end].strip()
    if len(whole) <= LONGEST_QUOTE and "\n" not in whole:
        return (whole,)
    return tuple(dict.fromkeys(quote_of(output.text, start, end, start) for start, end in places))[:3]


def _member(text: str, of: Field) -> tuple[int, int]:
    """A field with its name; a cell of a table, which has none beside it, with its line."""
    if of.begin != of.start or text[of.start : of.start + 1] == '"':
        return of.begin, of.end
    end = text.find("\n", of.end)
    return text.rfind("\n", 0, of.start) + 1, len(text) if end < 0 else end


def _timing(at: datetime | None, began: datetime | None) -> str:
    if at is None or began is None:
        return ""
    minutes = int((began - at).total_seconds() // 60)
    if minutes < 120:
        return f"{minutes} minutes before the incident"
    ago = f"{minutes // 60} hours" if minutes < 48 * 60 else f"{minutes // 1440} days"
    return f"{ago} before the incident"
