"""The built-in tool `read_output`: an agent pages and searches in what was cut of an answer that it had."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sre_runner.casefile import Json, ToolAnswer
from sre_runner.documents.json_schema.string_rules import matches, pattern_problem

READ_OUTPUT = "read_output"
MOST_LINES = 500
"""Of one answer."""

ENTRY: Mapping[str, Any] = {
    "description": "Read on in an answer of one of your earlier calls that was cut: some of its lines, or those in "
    "which a regular expression is found. Call it where an answer says that characters were left out.",
    "input_schema": {
        "type": "object",
        "properties": {
            "call": {"type": "string", "pattern": "^c[0-9]{1,6}$", "description": "The id of the call, such as c3."},
            "from_line": {"type": "integer", "minimum": 1, "default": 1, "description": "The first line."},
            "lines": {
                "type": "integer",
                "minimum": 1,
                "maximum": MOST_LINES,
                "default": 100,
                "description": "How many lines at most.",
            },
            "matching": {
                "type": "string",
                "minLength": 1,
                "description": "A regular expression (RE2): only lines in which it is found, from that line on.",
            },
        },
        "required": ["call"],
        "additionalProperties": False,
    },
    "effect": "read",
    "timeout": 30,
    "max_output": 30000,
}
"""The tool as an entry of a file would have it."""


def read(text: str, arguments: Mapping[str, Json]) -> ToolAnswer:
    """The lines that are asked for, each with its number, and what there is besides them."""
    pattern = str(arguments.get("matching", ""))
    if pattern and (wrong := pattern_problem(pattern)):
        return ToolAnswer(f"`matching` {wrong}", is_error=True, from_tool=False)
    lines = text.split("\n")
    first = int(arguments.get("from_line", 1))
    numbered = [(number, line) for number, line in enumerate(lines[first - 1 :], start=first)]
    found = [(number, line) for number, line in numbered if not pattern or matches(pattern, line)]
    kept = found[: int(arguments.get("lines", 100))]
    if not kept:
        where = f" in lines {first:,} to {len(lines):,}" if first <= len(lines) else f": it has {len(lines):,} lines"
        return ToolAnswer(f"No such line{where}.", no_data=True)
    left = len(found) - len(kept)
    notes = [f"[{left:,} more lines of {len(lines):,}; go on with from_line={kept[-1][0] + 1}]"] if left else []
    return ToolAnswer("\n".join([*(f"{number}: {line}" for number, line in kept), *notes]))
