"""What a line or field says beside its signal: its level, whether the signal is denied, where in the code it points."""

from __future__ import annotations

import re

from sre_runner.models.offline.outputs import Output, Record, Segment

ERROR, LOUD, QUIET = "error", "loud", "quiet"
_LEVELS = {
    **dict.fromkeys(("fatal", "critical", "crit", "error", "err", "severe", "panic", "emerg", "failed"), ERROR),
    **dict.fromkeys(("warn", "warning"), LOUD),
    **dict.fromkeys(("info", "debug", "trace", "notice", "normal", "information", "verbose"), QUIET),
}
_KLOG = {"I": QUIET, "W": LOUD, "E": ERROR, "F": ERROR}
_LINE_LEVEL = re.compile(
    r"\b(FATAL|CRITICAL|CRIT|ERROR|ERR|SEVERE|PANIC|WARNING|WARN|INFO|DEBUG|TRACE|NOTICE|Warning|Normal)\b"
    r"|\[(fatal|critical|crit|error|warning|warn|info|debug|trace|notice)\]"
    r"|\b(?:level|lvl|severity)[=:] ?\"?(\w{2,12})"
    r"|^\s*(fatal|error|panic|warning)(?=:)"
)
_KLOG_LINE = re.compile(r"([IWEF])\d{4} \d\d:")
_FIELD_NAME = re.compile(r'^"[^"\n]{0,100}"\s{0,4}:\s{0,4}"?|^"')
MESSAGES = ("message", "msg", "error", "exception", "log", "line", "text", "reason", "detail", "")
"""Names of the fields in which a record says what happened; "" for an element of a list of texts."""
_WITHIN = 120
"""Characters of a line in which its level stands."""

_DENIED_BEFORE = re.compile(
    r"\b(?:no|not|without|zero|0|never|none|neither|nor|isn't|aren't|wasn't|weren't|didn't|doesn't|don't|"
    r"if|in case of|avoid|avoids|prevent|prevents|preventing|checks? for|checking for|looking for)"
    r"(?:[ \t\"'`]+[\w-]+){0,2}[ \t\"'`]*$",
    re.IGNORECASE,
)
_DENIED_AFTER = re.compile(
    r"[\"'`)\]]{0,2}(?:[ \t]{0,40}[:=][ \t]{0,4}[\"']?(?:false|no|none|null|nil|never|off|disabled|0(?:\.0{1,9})?%?)"
    r"(?![\w./%-])|[ \t]{1,40}false\b)"
    r"|[^\n]{0,40}?\b(?:resolved|recovered|cleared|was fixed|succeeded|no longer)\b",
    re.IGNORECASE,
)
_NEAR = 48
LONGEST = 2_000
"""Characters of a line, or a JSON field, in which signals are looked for."""
_ESCAPES = re.compile(r'\\[nrt"]')

_FRAMES = re.compile(
    r"\bat (?P<call>(?P<name>[A-Za-z_$][\w$.<>/]{2,160})(?:\([\w.$ -]{1,80}:\d{1,7}\)|:\d{1,7}))"
    r"|(?P<python>\bFile \"(?P<file>[^\"\n]{1,160})\", line \d{1,7})"
    r"|(?P<go>\b[\w./-]{1,160}\.(?:go|rs|rb|js|ts|py):\d{1,7})"
)
_LIBRARIES = ("java.", "javax.", "jdk.", "sun.", "org.springframework.", "org.apache.", "node:", "/usr/lib", "runtime/")
_TRACE_REACH = 12
"""Segments after an error in which its stack trace is looked for."""


def level_of(text: str, segment: Segment) -> str:
    """`error`, `loud` (a warning), `quiet`, or "" where it is not said."""
    if segment.record is not None:
        stated = _record_level(segment.record)
        if stated:
            return stated
    line = text[segment.start : min(segment.end, segment.start + _WITHIN)]
    if segment.key:
        line = _FIELD_NAME.sub("", line)
    klog = _KLOG_LINE.match(line)
    if klog:
        return _KLOG[klog.group(1)]
    found = _LINE_LEVEL.search(line)
    return _LEVELS.get((found.group(found.lastindex or 0)).lower(), "") if found else ""


def _record_level(record: Record) -> str:
    for each in record.fields:
        last = each.words[-1:]
        if last in (["level"], ["severity"], ["lvl"], ["type"], ["loglevel"]):
            return _LEVELS.get(each.value.lower(), "")
    return ""


def plain(text: str, segment: Segment) -> str:
    """A segment's text, in which escapes of JSON stand for what they mean, at most `LONGEST` characters of it."""
    own = text[segment.start : min(segment.end, segment.start + LONGEST)]
    return _ESCAPES.sub(lambda escape: '"' if escape.group() == '\\"' else " ", own) if "\\" in own else own


def denied(line: str, start: int, end: int) -> bool:
    """Whether the words around `line[start:end]` say that it is not so: `no …`, `… = 0`, `if …`, `… resolved`."""
    before = line[max(0, start - _NEAR) : start]
    after = line[end : end + _NEAR]
    return _DENIED_BEFORE.search(before) is not None or _DENIED_AFTER.match(after) is not None


def location(output: Output, number: int) -> tuple[str, Segment | None]:
    """The place in the code that an error's stack trace names, and where it stands; libraries only where nothing else
    does. `number` is the error's segment."""
    spare: tuple[str, Segment | None] = ("", None)
    for segment in output.segments[number : number + _TRACE_REACH]:
        if segment is not output.segments[number] and _begins_another(output.text, segment):
            break
        for frame in _FRAMES.finditer(plain(output.text, segment)):
            name = frame.group("name") or frame.group("file") or frame.group("go")
            found = f"at {frame.group('call')}" if frame.group("call") else frame.group()
            if not name.startswith(_LIBRARIES):
                return found, segment
            spare = spare if spare[0] else (found, segment)
    return spare


def _begins_another(text: str, segment: Segment) -> bool:
    """Whether a line, or a message in JSON, is one of its own, after which no stack trace goes on."""
    if segment.key and segment.key.rsplit(".", 1)[-1].lower() not in MESSAGES:
        return False
    line = _FIELD_NAME.sub("", plain(text, segment)) if segment.key else plain(text, segment)
    return level_of(text, segment) != "" and not is_frame(line)


def is_frame(line: str) -> bool:
    """Whether a line is part of a stack trace and no error of its own."""
    stripped = re.sub(r"^\W*(?:ERROR|WARN|SEVERE|FATAL)?\W*", "", line[:_WITHIN])
    return stripped.startswith(("at ", 'File "', "... ")) and _FRAMES.search(line[:400]) is not None
