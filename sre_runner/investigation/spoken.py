"""A report that was written as text instead of being submitted, as servers without a tool parser pass it on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import islice

from sre_runner.casefile import Json
from sre_runner.investigation.heard import arguments_of
from sre_runner.text.strict_json import read_at

NOTE = (
    "the report came as text, not as a tool call: start the model's server with its tool parser "
    "(vLLM: --enable-auto-tool-choice --tool-call-parser, llama.cpp: --jinja)"
)
"""What the person should know where a report was found in text."""

_MOST_MARKS, _MOST_TRIES = 64, 200
"""Marks behind which JSON is looked for, and openings of a text that are tried where none leads to a report."""

_MARK = re.compile(
    r"<\|?(?:tool_call|tool_calls|function_call|python_tag|tool_call_begin)\|?>"  # Hermes and Qwen, Llama, Kimi
    r"|\[TOOL_CALLS\]|\[TOOL_REQUEST\]"  # Mistral, LM Studio
    r"|<function=|<invoke name="  # Llama 3 and Qwen3-Coder, Claude and MiniMax
    r"|<\uff5ctool\u2581calls?\u2581begin\uff5c>"  # DeepSeek
    r"|<\|channel\|>commentary to="  # gpt-oss
)
_FENCE = re.compile(r"```|~~~")
_OPENING = re.compile(r"[{\[]")

_NAME_BEFORE = re.compile(
    r'(?:<function=|<invoke name="|\[TOOL_CALLS\]\s*|<\|?tool_call\|?>\s*)([\w.:-]+)(?:">|>|\[ARGS\])?\s*\Z'
    r"|([\w.]+)\(\s*\Z"
)
"""What a text says right before JSON where it names the tool that the JSON is for."""

# Each part may lack its end tag, as a text may be cut off, and so that no search goes over the same text again.
_TAGGED = re.compile(
    r'<(?:function=|invoke name=")([\w.:-]+)"?>(.*?)(?:</(?:function|invoke)>|\Z)'
    r"|<tool_call>\s*([\w.:-]+)\s*(<arg_key>.*?)(?:</tool_call>|\Z)",
    re.DOTALL,
)
_PARAMETER = re.compile(
    r'<parameter(?:=| name=")([\w.-]+)"?>(.*?)(?:</parameter>|(?=<parameter[ =])|\Z)'
    r"|<arg_key>([^<]*)</arg_key>\s*<arg_value>(.*?)(?:</arg_value>|\Z)",
    re.DOTALL,
)

_NAMES = ("name", "tool", "tool_name", "action", "function")
_ARGUMENTS = ("arguments", "parameters", "input", "args", "action_input", "tool_input")
_WRAPPERS = ("tool_calls", "function_call", "tool_call", "function")


def looks_like_a_call(text: str) -> bool:
    """Whether a text has the marks of a tool call that a server should have parsed."""
    return bool(_MARK.search(text))


def spoken_report(text: str, tool: str, acceptable: Callable[[Json], bool]) -> Json | None:
    """The report that stands in a text: as a call of `tool`, in a fence, or as the text itself; None where none does.

    `acceptable` says whether JSON is a whole report.
    """
    for name, value in _values(text):
        for called, given in _as_calls(name, value, tool):
            arguments = arguments_of(given)
            if called in (None, tool) and isinstance(arguments, dict) and acceptable(arguments):
                return arguments
    return None


def _as_calls(name: str | None, value: Json, tool: str) -> Iterator[tuple[str | None, Json]]:
    """The calls that a value makes: the name of each, or None where nothing names it, and its arguments."""
    if isinstance(value, list):
        for each in value:
            yield from _as_calls(name, each, tool) if isinstance(each, dict) else ()
        return
    if name is not None or not isinstance(value, dict):
        yield _plain(name), value
        return
    wrapped = next((value[key] for key in _WRAPPERS if isinstance(value.get(key), (dict, list))), None)
    if wrapped is not None:
        yield from _as_calls(None, wrapped, tool)
        return
    named = next((value[key] for key in _NAMES if isinstance(value.get(key), str)), None)
    given = [value[key] for key in _ARGUMENTS if key in value]
    if named is not None and given:
        yield _plain(named), given[0]
    elif list(value) == [tool]:
        yield tool, value[tool]
    else:
        yield None, value


def _plain(name: str | None) -> str | None:
    """The name of a tool without what servers put around it: `functions.list_pods:0`."""
    return name and re.sub(r":\d+\Z", "", name).rpartition(".")[2]


def _values(text: str) -> Iterator[tuple[str | None, Json]]:
    """What may be a report, most likely first, each with the name that the text gives it."""
    for match in _TAGGED.finditer(text):
        found = _PARAMETER.findall(match[2] or match[4] or "")
        if found:
            yield match[1] or match[3], {key or arg: (value or given).strip() for key, value, arg, given in found}
    ends: dict[int, int] = {}
    for pattern in (_MARK, _FENCE):
        for mark in islice(pattern.finditer(text), _MOST_MARKS):
            yield from islice(_json_values(text, mark.end(), 3, ends), 1)
    yield from _json_values(text, 0, _MOST_TRIES, ends)


def _json_values(text: str, start: int, tries: int, ends: dict[int, int]) -> Iterator[tuple[str | None, Json]]:
    """The JSON in a text from a place on; at most so many openings are tried for it.

    `ends` says of each opening that was tried before where to go on behind it.
    """
    while tries and (opening := _OPENING.search(text, start)):
        at = opening.start()
        if at in ends:
            start = ends[at]
            continue
        tries -= 1
        try:
            value, start = read_at(text, at)
        except ValueError:
            start = ends[at] = at + 1
            continue
        ends[at] = start
        named = _NAME_BEFORE.search(text[max(0, at - 200) : at])
        yield (named[1] or named[2]) if named else None, value
