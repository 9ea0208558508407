"""Texts that the conclusion or a report has, or does not have, and red herrings that are not the cause."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sre_runner.casefile import Json
from sre_runner.coordination.expectations.key import ExpectDraft, ExpectKey
from sre_runner.coordination.expectations.lists import TEXTS, opposed, unwanted, wanted
from sre_runner.documents.hints import choices
from sre_runner.errors import Problem
from sre_runner.specs import Mention
from sre_runner.text.naming import said

_WANTED, _UNWANTED = "mentions", "must_not_mention"


def _read(given: Json) -> tuple[Mention, ...]:
    return tuple(Mention(each["text"], each["in"]) if isinstance(each, Mapping) else Mention(each) for each in given)


def _unknown_fields(draft: ExpectDraft, key: str) -> Iterator[Problem]:
    if draft.fields is None:
        return
    whose = f"the report of {draft.specialist}" if draft.specialist else "the conclusion"
    for number, each in draft.items(key):
        name = each["in"] if isinstance(each, dict) else None
        if name is not None and name not in draft.fields:
            hint = choices(name, draft.fields)
            yield draft.wrong((key, number, "in"), f"{whose} has no field {said(name)}", hint)


def _wanted_problems(draft: ExpectDraft) -> Iterator[Problem]:
    return _unknown_fields(draft, _WANTED)


def _unwanted_problems(draft: ExpectDraft) -> Iterator[Problem]:
    yield from _unknown_fields(draft, _UNWANTED)
    yield from opposed(draft, _UNWANTED, _WANTED)


def _schema(what: str, *examples: Json) -> dict[str, Json]:
    item = {
        "type": ["string", "object"],
        "if": {"type": "object"},
        "then": {"$ref": "#/$defs/mention"},
        "else": {"minLength": 1},
    }
    return {"description": what, "type": "array", "items": item, "default": [], "examples": [list(examples)]}


def _mentions(what: str, *examples: Json) -> ExpectKey:
    return ExpectKey(_WANTED, _schema(what, *examples), (), _read, _wanted_problems, wanted, of_report=True)


def _not_mentioned(what: str, *examples: Json) -> ExpectKey:
    return ExpectKey(_UNWANTED, _schema(what, *examples), (), _read, _unwanted_problems, unwanted, of_report=True)


MENTIONS = _mentions(
    "Texts that stand in the conclusion, or in one field of it: `{text: …, in: root_cause}`.",
    "OOMKilled",
    {"text": "roll back", "in": "immediate_actions"},
)
MENTIONS_OF_SPECIALIST = _mentions(
    "Texts that stand in its report, or in one field of it.", "OOMKilled", {"text": "512Mi", "in": "findings"}
)
NOT_MENTIONED = _not_mentioned(
    "Texts that do not stand in the conclusion, or not in one field of it.",
    "kubectl delete",
    {"text": "card numbers", "in": "communication"},
)
NOT_MENTIONED_BY_SPECIALIST = _not_mentioned(
    "Texts that do not stand in its report, or not in one field of it.", "network partition"
)
RED_HERRINGS = ExpectKey(
    "red_herrings",
    {
        "description": "What the evidence shows but is not the cause: texts that may stand anywhere but in "
        "`root_cause.statement`.",
        **TEXTS,
        "examples": [["Redis cache miss"]],
    },
    nothing=(),
    read=tuple,
    shifts=unwanted,
)
