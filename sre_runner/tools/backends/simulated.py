"""Backends of rehearsals: recorded answers, and queries over rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sre_runner.casefile import Json
from sre_runner.specs import ToolSpec
from sre_runner.tools.backends.backend import Backend, Use
from sre_runner.tools.backends.simulated_checks import answer_problems, query_problems
from sre_runner.tools.simulated.spec import parse
from sre_runner.tools.tool import Tool


def _tool(use: Use) -> Tool:
    from sre_runner.tools.simulated.tool import SimulatedTool

    return SimulatedTool(use.spec.name, use.spec.input_schema, parse(use.data))


def _with_texts(data: Mapping[str, Json], rows: Mapping[str, Json], text: Callable[[str], str]) -> Mapping[str, Json]:
    answers = [
        {"return" if key == "file" else key: text(value) if key == "file" else value for key, value in answer.items()}
        for answer in data["answers"]
    ]
    return {**data, "answers": answers}


def _with_rows(data: Mapping[str, Json], rows: Mapping[str, Json], text: Callable[[str], str]) -> Mapping[str, Json]:
    return {**data, "rows": rows[data["rows"]]}


def _nothing(spec: ToolSpec, data: Mapping[str, Any], servers: Mapping[str, Mapping[str, Json]]) -> str:
    return "simulated"


ANSWERS = Backend("answers", {"$ref": "#/$defs/answers"}, answer_problems, _tool, _nothing, source=_with_texts)
ROWS = Backend("rows", {"$ref": "#/$defs/query"}, query_problems, _tool, _nothing, source=_with_rows)
