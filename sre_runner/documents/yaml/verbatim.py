"""Numbers of recorded data as they are written: `1.30` is a version and `7356e12` a commit, whatever YAML reads."""

from __future__ import annotations

import json
from collections.abc import Callable

from sre_runner.casefile import Json
from sre_runner.documents.json_schema.complaints import Path

Written = Callable[[Path], str | None]
"""The scalar at a path as it is written, where it is not quoted (`Document.written`)."""


def verbatim(data: Json, path: Path, written: Written) -> Json:
    """The data that stands at a path, each number that would be shown otherwise than it is written as that text."""
    if isinstance(data, dict):
        return {key: verbatim(value, (*path, key), written) for key, value in data.items()}
    if isinstance(data, list):
        return [verbatim(value, (*path, place), written) for place, value in enumerate(data)]
    if isinstance(data, int | float) and not isinstance(data, bool):
        text = written(path)
        return data if text is None or text == json.dumps(data) else text
    return data


def recorded_as_written(data: Json, written: Written) -> Json:
    """A file of `tools.d` with its recorded data, what queries compare it with and what answers return as written."""
    if not isinstance(data, dict):
        return data
    tools = data.get("tools")
    changed = {}
    if "data" in data:
        changed["data"] = verbatim(data["data"], ("data",), written)
    if isinstance(tools, dict):
        changed["tools"] = {name: _tool(tool, ("tools", name), written) for name, tool in tools.items()}
    return {**data, **changed}


def _tool(tool: Json, path: Path, written: Written) -> Json:
    simulated = tool.get("simulated") if isinstance(tool, dict) else None
    if not isinstance(simulated, dict):
        return tool
    changed = dict(simulated)
    if "where" in simulated:
        changed["where"] = verbatim(simulated["where"], (*path, "simulated", "where"), written)
    if isinstance(simulated.get("answers"), list):
        changed["answers"] = [
            _answer(answer, (*path, "simulated", "answers", place), written)
            for place, answer in enumerate(simulated["answers"])
        ]
    return {**tool, "simulated": changed}


def _answer(answer: Json, path: Path, written: Written) -> Json:
    if not isinstance(answer, dict):
        return answer
    told = {key: verbatim(answer[key], (*path, key), written) for key in ("return", "returns") if key in answer}
    if isinstance(answer.get("in_turn"), list):
        told["in_turn"] = [_answer(each, (*path, "in_turn", at), written) for at, each in enumerate(answer["in_turn"])]
    return {**answer, **told}
