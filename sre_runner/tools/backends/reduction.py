"""What a file declares to be left of any backend's answer, before it is cut: `pick`, `matching`, `first`, `last`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from sre_runner.casefile import Json, ToolAnswer
from sre_runner.documents.json_schema.string_rules import matches, pattern_problem
from sre_runner.tools.tool import as_text

REDUCTION: Mapping[str, Mapping[str, Any]] = {
    "pick": {
        "description": "What is taken of an answer in JSON: an expression of JMESPath. Of a list, each element is a "
        "line.",
        "type": "string",
        "minLength": 1,
        "examples": ["items[].{name: metadata.name, phase: status.phase}"],
    },
    "matching": {
        "description": "A regular expression (RE2); lines in which it is not found are left out.",
        "type": "string",
        "minLength": 1,
        "examples": ["ERROR|WARN"],
    },
    "first": {"description": "How many of the first lines are kept.", "type": "integer", "minimum": 1},
    "last": {"description": "How many of the last lines are kept.", "type": "integer", "minimum": 1},
}
"""The keys, with their JSON Schemas, that stand beside any backend."""


@dataclass(frozen=True)
class Reduction:
    """What is left of an answer. With `first` and `last`, the lines between them are left out."""

    pick: str = ""
    matching: str = ""
    first: int | None = None
    last: int | None = None

    def of(self, answer: ToolAnswer) -> ToolAnswer:
        """The answer with what is left; an error and "no data" stay as they are."""
        if answer.is_error or answer.no_data or self == Reduction():
            return answer
        lines: list[str] = answer.text.removesuffix("\n").split("\n")
        if self.pick:
            try:
                data = json.loads(answer.text)
                picked = _compiled(self.pick).search(data)
            except (ValueError, RecursionError) as error:
                reason = f"[`pick` was not applied: {_reason(error)}]"
                return replace(answer, text=f"{answer.text}\n{reason}")
            if picked is None or picked == []:
                return ToolAnswer("No data: nothing in the answer is what this tool picks of it.", no_data=True)
            if not isinstance(picked, list):
                return replace(answer, text=as_text(picked))
            lines = [json.dumps(each, ensure_ascii=False) for each in picked]
        kept, notes = self._lines(lines)
        if not kept:
            return ToolAnswer(f"No data: none of {len(lines):,} lines has /{self.matching}/.", no_data=True)
        whole = _as_list(kept) if self.pick else "\n".join(kept)
        return replace(answer, text="\n".join([whole, *notes]))

    def _lines(self, lines: list[str]) -> tuple[list[str], list[str]]:
        """The lines that are left, and notes of those that are not."""
        kept = [line for line in lines if matches(self.matching, line)] if self.matching else lines
        notes = [f"[{len(lines) - len(kept):,} of {len(lines):,} lines without /{self.matching}/ are left out]"]
        notes = notes if len(kept) < len(lines) else []
        most = (self.first or 0) + (self.last or 0)
        if not most or len(kept) <= most:
            return kept, notes
        left = [*kept[: self.first or 0], *(kept[-self.last :] if self.last else [])]
        where = " in the middle" if self.first and self.last else " before these" if self.last else " after these"
        return left, [*notes, f"[{len(kept) - most:,} of {len(kept):,} lines{where} are left out]"]


def reduction_of(data: Mapping[str, Json]) -> Reduction:
    """What the mapping of a backend says."""
    return Reduction(**{key: data[key] for key in REDUCTION if key in data})


def reduction_problems(data: Mapping[str, Json]) -> Iterator[tuple[str, str, str]]:
    """What is wrong with it: key, message and hint."""
    if "pick" in data:
        from jmespath.exceptions import JMESPathError

        try:
            _compiled(data["pick"])
        except (JMESPathError, RecursionError) as error:
            yield "pick", f"`pick` is no expression of JMESPath: {_reason(error)}", "See https://jmespath.org."
    wrong = pattern_problem(data["matching"]) if "matching" in data else ""
    if wrong:
        yield "matching", f"`matching` {wrong}", "Write a regular expression of RE2."


@cache
def _compiled(expression: str) -> Any:
    import jmespath

    return jmespath.compile(expression)


def _reason(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    return "the answer is not JSON" if isinstance(error, json.JSONDecodeError) else str(error).splitlines()[0][:200]


def _as_list(elements: list[str]) -> str:
    """A list in JSON with each element on a line of its own."""
    return "[" + ",\n ".join(elements) + "]"
