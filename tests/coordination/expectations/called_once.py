"""Tools that are called exactly once."""

from __future__ import annotations

from collections.abc import Iterator

from sre_runner.coordination.expectations.key import ExpectDraft, ExpectKey
from sre_runner.coordination.expectations.lists import TEXTS, wanted
from sre_runner.errors import Problem
from sre_runner.text.naming import said


def _problems(draft: ExpectDraft) -> Iterator[Problem]:
    for number, tool in draft.items("called_once"):
        if draft.can_call is not None and tool not in draft.can_call:
            yield draft.wrong(("called_once", number), f"nobody could call {said(tool)} once", "Leave it out.")


CALLED_ONCE = ExpectKey(
    "called_once",
    {"description": "Tools that are called exactly once.", **TEXTS, "examples": [["describe_pod"]]},
    nothing=(),
    read=tuple,
    problems=_problems,
    shifts=wanted,
    tools=True,
)
