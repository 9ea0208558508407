"""Tools that are called, and tools that are not."""

from __future__ import annotations

from collections.abc import Iterator

from sre_runner.coordination.expectations.key import ExpectDraft, ExpectKey
from sre_runner.coordination.expectations.lists import TEXTS, opposed, unwanted, wanted
from sre_runner.documents.hints import choices
from sre_runner.errors import Problem
from sre_runner.text.naming import said

_WANTED, _UNWANTED = "tools_called", "tools_not_called"


def _not_callable(draft: ExpectDraft) -> Iterator[Problem]:
    """Tools that nobody could call."""
    name = draft.specialist
    who = f"{name} does not have" if name else "no specialist of this playbook has"
    none = "It has no tools." if name else "They have no tools."
    if draft.can_call is not None:
        for number, tool in draft.items(_WANTED):
            if tool not in draft.can_call:
                hint = choices(tool, draft.can_call, none)
                yield draft.wrong((_WANTED, number), f"{who} the tool {said(tool)}", hint)


def _not_defined(draft: ExpectDraft) -> Iterator[Problem]:
    """Guards against tools that are not there at all, or that must be called as well."""
    if draft.can_call is not None and draft.defined is not None:
        for number, tool in draft.items(_UNWANTED):
            if tool not in draft.defined:
                hint = choices(tool, draft.defined, "No tools are defined: tools.d is missing or empty.")
                yield draft.wrong((_UNWANTED, number), f"there is no tool {said(tool)}", hint)
    yield from opposed(draft, _UNWANTED, _WANTED)


def _called(what: str) -> ExpectKey:
    schema = {"description": what, **TEXTS, "examples": [["describe_pod"]]}
    return ExpectKey(_WANTED, schema, (), tuple, _not_callable, wanted, tools=True)


def _not_called(what: str, example: str) -> ExpectKey:
    schema = {"description": what, **TEXTS, "examples": [[example]]}
    return ExpectKey(_UNWANTED, schema, (), tuple, _not_defined, unwanted, tools=True)


CALLED = _called("Tools that are called and answer.")
CALLED_BY_SPECIALIST = _called("Tools that it calls and that answer.")
NOT_CALLED = _not_called(
    "Tools that no agent asks for, whatever would come of it: a call that is refused or withheld counts as well.",
    "rollback_deployment",
)
NOT_CALLED_BY_SPECIALIST = _not_called("Tools that it does not ask for.", "get_events")
