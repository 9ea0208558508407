"""A report that was written as text instead of being submitted, as servers without a tool parser pass it on."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator

from sre_runner.casefile import Json
from sre_runner.heard import arguments_of

NOTE = (
    "the report came as text, not as a tool call: start the model's server with its tool parser "
    "(vLLM: --enable-auto-tool-choice --tool-call-parser, llama.cpp: --jinja)"
)
"""What the person should know where a report was found in text."""

_MOST = 64
"""Places in a text at which a report is looked for."""
_OPENINGS = re.compile(
    r"<(?:\|?)(?:tool_call|function_call|python_tag)(?:\|?)>|\[TOOL_CALLS\]|<function=([\w.-]+)>|```|\A"
)
_ARGUMENTS = ("arguments", "parameters", "input", "args")
_CALL = re.compile(r"<(?:\|?)(?:tool_call|function_call|python_tag)(?:\|?)>|\[TOOL_CALLS\]|<function=")


def looks_like_a_call(text: str) -> bool:
    """Whether a text has the marks of a tool call that a server should have parsed."""
    return bool(_CALL.search(text))


def spoken_report(text: str, tool: str, acceptable: Callable[[Json], bool]) -> Json | None:
    """The report that stands in a text: as a call of `tool`, in a fence, or as the text itself; None where none does.

    `acceptable` says whether JSON is a whole report.
    """
    for name, value in _values(text):
        called, arguments = _as_call(name, value)
        if called not in (None, tool):
            continue
        arguments = arguments_of(arguments)
        if isinstance(arguments, dict) and acceptable(arguments):
            return arguments
    return None


def _as_call(name: str | None, value: Json) -> tuple[str | None, Json]:
    """The tool that a JSON value calls, and its arguments; None where it names none, and is arguments by itself."""
    if name is not None or not isinstance(value, dict):
        return name, value
    function = value.get("function")
    inner = function if isinstance(function, dict) else value
    named = inner.get("name")
    given = [inner[key] for key in _ARGUMENTS if key in inner]
    return (named, given[0]) if isinstance(named, str) and given else (None, value)


def _values(text: str) -> Iterator[tuple[str | None, Json]]:
    """The JSON values behind each opening mark, with the name that the mark itself gives."""
    decoder = json.JSONDecoder()
    for number, mark in enumerate(_OPENINGS.finditer(text)):
        if number == _MOST:
            return
        start = min(
            (place for place in (text.find("{", mark.end()), text.find("[", mark.end())) if place >= 0), default=-1
        )
        if start < 0:
            return
        try:
            value, _ = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            continue
        for each in value if isinstance(value, list) else [value]:
            yield mark[1], each
