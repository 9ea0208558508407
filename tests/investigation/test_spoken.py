"""A report that came as text is found in the forms in which servers pass it on."""

from __future__ import annotations

import json
import time

import pytest

from sre_runner.investigation.spoken import looks_like_a_call, spoken_report

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
        f"Of {{service}} and {{namespace}}, my report:\n\n{TEXT}",
        f"The log says\n```\n{{a}} [b]\n```\nand so:\n~~~JSON\n{TEXT}\n~~~",
        f"[TOOL_CALLS]submit_report{TEXT}",
        f"[TOOL_CALLS]submit_report[ARGS]{TEXT}",
        f"submit_report({TEXT})",
        f"<|channel|>commentary to=functions.submit_report <|constrain|>json<|message|>{TEXT}<|call|>",
        f"<\uff5ctool\u2581call\u2581begin\uff5c>function<\uff5ctool\u2581sep\uff5c>submit_report\n```json\n{TEXT}\n```<\uff5ctool\u2581call\u2581end\uff5c>",
        f"<|tool_call_begin|>functions.submit_report:0<|tool_call_argument_begin|>{TEXT}<|tool_call_end|>",
        f'[TOOL_REQUEST]{{"name": "functions.submit_report", "arguments": {TEXT}}}[END_TOOL_REQUEST]',
        f'{{"submit_report": {TEXT}}}',
        f'{{"action": "submit_report", "action_input": {TEXT}}}',
        f'{{"tool_calls": [{{"function": {{"name": "submit_report", "arguments": {json.dumps(TEXT)}}}}}]}}',
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
        f"list_pods({TEXT})",
        f"[TOOL_CALLS]list_pods[ARGS]{TEXT}",
        f'{{"tool_calls": [{{"name": "list_pods", "arguments": {TEXT}}}]}}',
        "{ " * 300 + TEXT,  # looked for only so far
        TEXT.replace("x {", "\\ud800"),
    ],
)
def test_what_is_no_report_is_none(text: str) -> None:
    assert found(text) is None


FIELDS = {"summary": "x {\ny", "findings": [{"a": ["]"]}]}
TAGS = {
    "Qwen3-Coder": (
        "<tool_call>\n<function=submit_report>\n{}</function>\n</tool_call>",
        "<parameter={}>\n{}\n</parameter>\n",
    ),
    "cut off": ("Done.\n<function=submit_report>{}", "<parameter={}>{}"),
    "Claude": ('<function_calls><invoke name="submit_report">{}</invoke>', '<parameter name="{}">{}</parameter>'),
    "GLM": ("<tool_call>submit_report\n{}</tool_call>", "<arg_key>{}</arg_key>\n<arg_value>{}</arg_value>\n"),
}


@pytest.mark.parametrize("form", TAGS)
def test_a_report_in_tags_is_found_with_its_lists_as_text(form: str) -> None:
    whole, one = TAGS[form]
    text = whole.format(
        "".join(one.format(key, value if key == "summary" else json.dumps(value)) for key, value in FIELDS.items())
    )
    expected = {**FIELDS, "findings": json.dumps(FIELDS["findings"])}
    assert spoken_report(text, "submit_report", lambda data: data == expected) == expected
    assert spoken_report(text, "submit_plan", lambda data: data == expected) is None
    assert looks_like_a_call(text)


@pytest.mark.parametrize(
    "hostile", ["<tool_call>a <arg_key>", "<function=a><parameter=b>", "```{", "[TOOL_CALLS][", '{"a":', "<arg_key>"]
)
def test_no_text_takes_long(hostile: str) -> None:
    began = time.perf_counter()
    assert spoken_report(hostile * 20_000, "submit_report", lambda data: False) is None
    assert time.perf_counter() - began < 2


def test_the_same_json_is_read_once_behind_however_many_marks() -> None:
    asked: list[object] = []
    spoken_report("```" * 50 + TEXT, "submit_report", lambda data: asked.append(data) is not None)
    assert asked == [REPORT]


def test_marks_of_a_call_are_known() -> None:
    assert looks_like_a_call('<tool_call>{"name": "list_pods"}')
    assert looks_like_a_call("<function=list_pods>{}</function>")
    assert not looks_like_a_call("I call list_pods now.")
