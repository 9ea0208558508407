"""A report that came as text is found in the forms in which servers pass it on."""

from __future__ import annotations

import json

import pytest

from sre_runner.spoken import looks_like_a_call, spoken_report

REPORT = {"summary": "x {", "findings": [{"a": ["]"]}]}
TEXT = json.dumps(REPORT)


def found(text: str) -> object:
    return spoken_report(text, "submit_report", lambda data: data == REPORT)


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        f"  {TEXT}\nThat is all.",
        f"Here it is:\n```json\n{TEXT}\n```\n",
        f"```\n{TEXT}```",
        f'<tool_call>\n{{"name": "submit_report", "arguments": {TEXT}}}\n</tool_call>',
        f'<tool_call>{{"name": "submit_report", "arguments": {json.dumps(TEXT)}}}</tool_call>',
        f'<|tool_call|>[{{"name": "submit_report", "parameters": {TEXT}}}]',
        f'[TOOL_CALLS][{{"name": "list_pods", "arguments": {{}}}}, {{"name": "submit_report", "arguments": {TEXT}}}]',
        f"<function=submit_report>{TEXT}</function>",
        f'{{"type": "function", "function": {{"name": "submit_report", "arguments": {json.dumps(TEXT)}}}}}',
        f'<think>{{not json}}</think><tool_call>{{"name": "submit_report", "input": {TEXT}}}</tool_call>',
    ],
)
def test_a_report_is_found(text: str) -> None:
    assert found(text) == REPORT


@pytest.mark.parametrize(
    "text",
    [
        "",
        "The pods are fine.",
        TEXT[:-3],
        '{"summary": "another"}',
        f'<tool_call>{{"name": "list_pods", "arguments": {TEXT}}}</tool_call>',
        f"<function=list_pods>{TEXT}</function>",
        "```" * 1000 + "{" * 10_000,
        "[7]",
    ],
)
def test_what_is_no_report_is_none(text: str) -> None:
    assert found(text) is None


def test_marks_of_a_call_are_known() -> None:
    assert looks_like_a_call('<tool_call>{"name": "list_pods"}')
    assert looks_like_a_call("<function=list_pods>{}</function>")
    assert not looks_like_a_call("I call list_pods now.")
