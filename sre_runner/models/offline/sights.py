"""Where the signals of the table show in a tool's output."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

from sre_runner.models.offline import lines
from sre_runner.models.offline.outputs import Field, Output, Record, Segment, take_apart
from sre_runner.models.offline.quotes import LONGEST_QUOTE, quote_of
from sre_runner.models.offline.subjects import subject_of
from sre_runner.models.offline.table import FieldRule, Signal, signals
from sre_runner.models.offline.words import clean

_MOST_PER_SIGNAL = 40
_BETWEEN = "\n\0\n"
"""Keeps a pattern's spaces from reaching into the next line."""
_ESCAPES = re.compile(r'\\["nrt]')
_NUMBER = re.compile(r"\s*(-?\d{1,18}(?:\.\d{1,18})?)\s*(%|[KMGT]i?B?|m|ms|s)?(?=$|[\s,;(])", re.IGNORECASE)
_SHORT = re.compile(r"\s*(\d{1,9})\s*/\s*(\d{1,9})\s*$")
_LIST = re.compile(r'"[^"\\]{1,60}"\s{0,20}:\s{0,20}\[[^\[\]{}]{0,160}+(?<=[\[,\s])\Z')
_UNITS = {"k": 1e3, "m": 1e6, "g": 1e9, "t": 1e12, "ki": 2**10, "mi": 2**20, "gi": 2**30, "ti": 2**40}
_DONE = ("completed", "succeeded", "complete")
_EXCEPTION = re.compile(r"^\W{0,8}(?:[\w$]{1,60}\.){0,9}\w{0,60}(?:Error|Exception)(?::\s|$)")
_LIMIT = re.compile(
    r"\b(?:exceeded|limit(?: is| of)?[:=]?)\s{0,12}(\d{1,9}(?:\.\d{1,4})?\s?[KMGT]i?B?)\b", re.IGNORECASE
)


@dataclass(frozen=True)
class Sight:
    """A signal at one place. `quote` stands literally in the raw text; `excerpt` is the same for a sentence.

    `subject` is such as `pod web-1`, `limit` such as `512Mi`, `location` a place in the code with its own quote;
    each "" where it is not known.
    """

    signal: str
    place: int
    quote: str
    excerpt: str
    subject: str = ""
    limit: str = ""
    location: str = ""
    location_quote: str = ""


@lru_cache(maxsize=32)
def sights(raw: str, tool: str = "", about: str = "") -> tuple[Sight, ...]:
    """Every signal in an output, in the order of the text. `tool` and `about` (what the call asked for, such as
    `pod web-1`) help to say which object it is of. Never raises."""
    output = take_apart(raw)
    found = [*_by_pattern(output, tool, about), *_by_field(output, tool, about)]
    taken = {_whole(segment) for segment, _ in found}
    found += _other_errors(output, taken, tool, about)
    return tuple(sorted({(s.signal, s.quote, s.subject): s for _, s in found}.values(), key=lambda s: s.place))


def recognized(text: str) -> frozenset[str]:
    """The ids of the signals that a sentence speaks of."""
    return frozenset(each.signal for each in sights(text))


def number(value: str) -> float | None:
    """A quantity: `47 (2m ago)` is 47, `4.7%` is 4.7, `512Mi` is its bytes; None where it is none."""
    match = _NUMBER.match(value[:60])
    if not match:
        return None
    unit = (match.group(2) or "").lower().removesuffix("b")
    return float(match.group(1)) * (_UNITS.get(unit, 1.0) if len(match.group(2) or "") > 1 or unit in "kgt" else 1.0)


def _by_pattern(output: Output, tool: str, about: str) -> Iterator[tuple[Segment, Sight]]:
    """Each pattern is tried once over all segments, which is much faster than once for each of them."""
    texts = [lines.plain(output.text, segment) for segment in output.segments]
    starts = list(accumulate((len(text) + len(_BETWEEN) for text in texts), initial=0))
    whole = _BETWEEN.join(texts)
    for signal in signals().values():
        found: set[int] = set()
        for pattern, match in _matches(signal, whole):
            which = bisect_right(starts, match.start()) - 1
            start, end = match.start() - starts[which], match.end() - starts[which]
            fresh = which not in found and len(found) < _MOST_PER_SIGNAL
            if fresh and _counts(signal, pattern, output, which) and not lines.denied(texts[which], start, end):
                found.add(which)
                segment = output.segments[which]
                yield segment, _sight(output, which, signal.id, segment.start + start, tool, about)


def _matches(signal: Signal, text: str) -> Iterator[tuple[re.Pattern[str], re.Match[str]]]:
    for pattern in (*signal.patterns, *signal.at_error):
        for match in pattern.finditer(text):
            yield pattern, match


def _counts(signal: Signal, pattern: re.Pattern[str], output: Output, which: int) -> bool:
    """Whether the level of a line lets a pattern count."""
    level = lines.level_of(output.text, output.segments[which])
    if level == lines.QUIET and not signal.quiet:
        return False
    return pattern in signal.patterns or level in (lines.LOUD, lines.ERROR)


def _sight(output: Output, which: int, signal: str, near: int, tool: str, about: str) -> Sight:
    segment = output.segments[which]
    quote = quote_of(output.text, segment.start, segment.end, near)
    limit = _limit(segment, output.text) if "memory" in signals()[signal].about else ""
    place, frame = "", None
    if lines.level_of(output.text, segment) == lines.ERROR or "exception" in signals()[signal].about:
        place, frame = lines.location(output, which)
    frame_quote = ""
    if frame is not None and frame is not segment:
        name = place.removeprefix("at ")[:20]
        frame_quote = quote_of(output.text, frame.start, frame.end, output.text.find(name, frame.start, frame.end))
    shown = clean(_ESCAPES.sub(lambda escape: '"' if escape.group() == '\\"' else " ", quote), LONGEST_QUOTE)
    subject = subject_of(segment, output.text, tool, about)
    return Sight(signal, near, quote, _field_words(segment, shown), subject, limit, place, frame_quote)


def _field_words(segment: Segment, shown: str) -> str:
    """A JSON field as words: the value of a message, else `name: value`."""
    if not segment.key or segment.record is None or not shown.startswith('"'):
        return shown
    field = next((f for f in segment.record.fields if f.begin == segment.start and f.key == segment.key), None)
    if field is None:
        return shown
    value = clean(field.value, LONGEST_QUOTE)
    return value if field.words[-1:] and field.words[-1] in lines.MESSAGES else f"{field.key}: {value}"


def _limit(segment: Segment, text: str) -> str:
    """The memory limit that stands in the same record or line."""
    record = segment.record
    while record is not None:
        for each in record.fields:
            names = each.words
            if "limit" in names and ("memory" in names or names[-1] == "limit") and number(each.value):
                return clean(each.value, 20)
        record = record.parent
    match = _LIMIT.search(text, segment.start, min(segment.end, segment.start + lines.LONGEST))
    return match.group(1).replace(" ", "") if match else ""


def _by_field(output: Output, tool: str, about: str) -> Iterator[tuple[Segment, Sight]]:
    starts = [segment.start for segment in output.segments]
    rules = [(signal, rule) for signal in signals().values() for rule in signal.fields]
    ends: dict[str, list[tuple[Signal, FieldRule]]] = {}
    for signal, rule in rules:
        ends.setdefault(rule.words[-1], []).append((signal, rule))
    for record in output.records:
        for each in record.fields:
            for signal, rule in ends.get(each.words[-1] if each.words else "", ()):
                if _holds(rule, each, record):
                    segment = _around(output, starts, each, record)
                    start = each.begin
                    quote = quote_of(output.text, segment.start, segment.end, each.start)
                    subject = subject_of(segment, output.text, tool, about)
                    limit = _limit(segment, output.text) if "memory" in signal.about else ""
                    words = each.key.rsplit(".", 1)[-1].strip()
                    shown = f"{words}: {clean(each.value, 100)}" if words.strip('"') != each.value else words
                    yield segment, Sight(signal.id, start, quote, shown, subject, limit)


def _around(output: Output, starts: list[int], each: Field, record: Record) -> Segment:
    """What is quoted for a field: a field of JSON itself, of plain text the whole line."""
    line = output.segments[max(0, bisect_right(starts, each.begin) - 1)]
    if line.key or not line.start <= each.begin < line.end:
        return Segment(each.begin, each.end, record, each.key)
    return Segment(line.start, line.end, record)


def _holds(rule: FieldRule, each: Field, record: Record) -> bool:
    names = tuple(each.words)
    if names[-len(rule.words) :] != rule.words:
        return False
    if rule.matches is not None:
        return rule.matches.fullmatch(each.value[:200].strip()) is not None
    if rule.short:
        match = _SHORT.match(each.value[:40])
        return bool(match) and int(match[1]) < int(match[2]) and not _is_done(record) if match else False
    value = number(each.value)
    if value is None or rule.at_least is None:
        return False
    if not rule.of:
        return value >= rule.at_least
    whole = next((n for f in record.fields if tuple(f.words)[-len(rule.of) :] == rule.of if (n := number(f.value))), 0)
    return bool(whole) and f"{rule.of}" != f"{names[-len(rule.of) :]}" and value >= rule.at_least * whole


def _is_done(record: Record) -> bool:
    status = record.first("status", "phase", "state")
    return status is not None and status.value.lower() in _DONE


def _whole(segment: Segment) -> tuple[str, int]:
    """What names the line or the record of JSON that a segment belongs to."""
    return ("record", id(segment.record)) if segment.key else ("line", segment.start)


def _other_errors(
    output: Output, taken: set[tuple[str, int]], tool: str, about: str
) -> Iterator[tuple[Segment, Sight]]:
    """Lines at level ERROR, and exceptions, that no signal of the table stands in."""
    count = 0
    for which, segment in enumerate(output.segments):
        if count >= _MOST_PER_SIGNAL or _whole(segment) in taken:
            continue
        line = lines.plain(output.text, segment)[:400]
        in_field = segment.record is not None and segment.key
        if in_field and segment.key.rsplit(".", 1)[-1].lower() not in lines.MESSAGES:
            continue
        level = lines.level_of(output.text, segment)
        value = line.split(":", 1)[-1] if in_field else line
        if (
            (level == lines.ERROR or _EXCEPTION.match(value.strip(' "')))
            and len(line.strip()) > 12
            and not lines.is_frame(value)
        ):
            count += 1
            yield segment, _sight(output, which, "error-line", segment.start, tool, about)
