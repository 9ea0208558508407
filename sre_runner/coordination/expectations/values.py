"""Verdicts of votes, and fields of a specialist's report, each with the values of which any will do."""

from __future__ import annotations

from collections.abc import Iterator

from sre_runner.casefile import Json
from sre_runner.coordination.expectations.key import ExpectDraft, ExpectKey, Shift
from sre_runner.documents.hints import choices
from sre_runner.errors import Problem
from sre_runner.text.naming import listed, said


def _read(given: Json) -> dict[str, tuple[Json, ...]]:
    return {name: tuple(value) if isinstance(value, list) else (value,) for name, value in given.items()}


def _never_decided(draft: ExpectDraft) -> Iterator[Problem]:
    values = draft.verdicts
    for name in draft.names("verdicts"):
        given, able = draft.sound("verdicts", name), values.get(name)
        if name not in values:
            hint = choices(name, list(values))
            yield draft.wrong_key(("verdicts", name), f"there is no vote {said(name)}", hint)
        elif given is not None and able is not None:
            for at, value in enumerate(given) if isinstance(given, list) else [(None, given)]:
                if value not in able:
                    place = ("verdicts", name) if at is None else ("verdicts", name, at)
                    yield draft.wrong(place, f"the verdict of {name} is never {said(value)}", choices(value, able))


def _verdict_shifts(_: str, old: Json, new: Json) -> Iterator[Shift]:
    before, after = old or {}, new or {}
    for vote in dict.fromkeys([*before, *after]):
        was, now, at = before.get(vote), after.get(vote), (vote,)
        who = f"the verdict of {said(vote)}"
        if now is None:
            yield Shift("removed", f"{who} is no longer expected to be {_any_of(was)}.", was, at=at, gone=True)
        elif was is None:
            yield Shift("strengthened", f"{who} is expected to be {_any_of(now)}.", None, now, at)
        elif was != now:
            any_before, any_after = set(_values(was)), set(_values(now))
            weaker, stronger = any_after > any_before, any_after < any_before
            words = f"{who} is expected to be {_any_of(now)}, no longer {_any_of(was)}."
            yield Shift("weakened" if weaker else "strengthened" if stronger else "changed", words, was, now, at)


def _report_shifts(_: str, old: Json, new: Json) -> Iterator[Shift]:
    before, after = old or {}, new or {}
    for field in dict.fromkeys([*before, *after]):
        was, now = (_values(given[field]) if field in given else None for given in (before, after))
        if now is None:
            yield Shift("removed", f"{said(field)} may be anything.", was, at=(field,), gone=True)
        elif was is None or (now != was and all(value in was for value in now)):
            yield Shift("strengthened", f"{said(field)} is expected to be {listed(now)}.", was, now, (field,))
        elif any(value not in was for value in now):
            weaker = all(value in now for value in was)
            words = f"{said(field)} may be {listed(now)}, no longer only {listed(was)}."
            yield Shift("weakened" if weaker else "changed", words, was, now, (field,))


def _values(given: Json) -> list[Json]:
    return given if isinstance(given, list) else [given]


def _any_of(given: Json) -> str:
    return " or ".join(map(said, _values(given)))


VERDICTS = ExpectKey(
    "verdicts",
    {
        "description": "Votes, by name, and the value, or values of which any will do, that each comes to. `severity` "
        "is always there: the severity of the conclusion.",
        "type": "object",
        "additionalProperties": {
            "type": ["string", "array"],
            "minLength": 1,
            "minItems": 1,
            "items": {"type": "string", "minLength": 1},
        },
        "default": {},
        "examples": [{"severity": "P1"}],
    },
    nothing={},
    read=_read,
    problems=_never_decided,
    shifts=_verdict_shifts,
)
REPORT = ExpectKey(
    "report",
    {
        "description": "Fields of its report, and the value, or values of which any will do, that each has.",
        "type": "object",
        "additionalProperties": {
            "type": ["string", "number", "boolean", "array"],
            "minItems": 1,
            "items": {"type": ["string", "number", "boolean"]},
        },
        "default": {},
        "examples": [{"severity_assessment": ["P1", "P2"]}],
    },
    nothing={},
    read=_read,
    problems=lambda draft: draft.never_reported("report"),
    shifts=_report_shifts,
    of_report=True,
)
