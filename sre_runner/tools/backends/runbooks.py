"""The backend `runbooks`, the same in rehearsals and live: a search in a folder of Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sre_runner.casefile import Json, ToolAnswer
from sre_runner.errors import RunnerError
from sre_runner.specs import ToolSpec
from sre_runner.text.naming import said
from sre_runner.tools.backends.backend import Backend, Complaint, Entry, Lack, Reach, Use
from sre_runner.tools.backends.look import Look, Seen
from sre_runner.tools.backends.nested import nested
from sre_runner.tools.runbooks.search import PASSAGE, Matches, load
from sre_runner.tools.tool import as_text, filled_in

TOP = 3
QUERY = "query"
"""The argument that is searched for, where the file names no other."""

_SCHEMA: Mapping[str, Any] = {
    "description": "A search in a folder of Markdown runbooks. Words, the name of an alert, a runbook's address and an "
    "alert's whole payload are fine queries. Install the extra: pip install 'sre-run[runbooks]'.",
    "type": "object",
    "additionalProperties": False,
    "required": ["folder"],
    "properties": {
        "folder": {
            "description": "The folder, from the configuration's directory, which it must be inside of.",
            "type": "string",
            "minLength": 1,
            "examples": ["runbooks"],
        },
        "top": {
            "description": "Most passages of an answer, each of another runbook.",
            "type": "integer",
            "minimum": 1,
            "maximum": 20,
            "default": TOP,
        },
        "passage": {
            "description": "Most characters of a passage.",
            "type": "integer",
            "minimum": 200,
            "maximum": 20000,
            "default": PASSAGE,
        },
        "argument": {
            "description": "The argument of the tool that is searched for.",
            "type": "string",
            "minLength": 1,
            "default": QUERY,
        },
    },
    "examples": [{"folder": "runbooks", "top": 3}],
}


@dataclass(frozen=True)
class RunbookTool:
    """A tool that searches in the runbooks of a folder."""

    folder: Path
    input_schema: Mapping[str, Any]
    argument: str = QUERY
    top: int = TOP
    passage: int = PASSAGE

    async def answer(
        self,
        arguments: Mapping[str, Json],
        earlier: Sequence[Mapping[str, Json]],
        agent: str = "",
    ) -> ToolAnswer:
        """Passages of the runbooks that fit best, or that none fits."""
        import asyncio

        query = filled_in(self.input_schema, arguments).get(self.argument, "")
        try:
            runbooks = await asyncio.to_thread(load, self.folder)
        except RunnerError as error:
            return ToolAnswer(f"{error.message}.", is_error=True)
        return _told(runbooks.search(as_text(query), self.top, self.passage))


def _told(found: Matches) -> ToolAnswer:
    passages = [f"{each.path}: {' > '.join(each.headings)}\n{each.text}" for each in found.passages]
    return ToolAnswer("\n\n".join([*filter(None, [found.note]), *passages]), no_data=not passages)


def _problems(entry: Entry) -> Iterator[Complaint]:
    place = (*entry.place, "runbooks")
    data = entry.file.sound(*place)
    if data is None:
        return
    try:
        entry.folder(data["folder"])
    except RunnerError as error:
        yield Complaint((*place, "folder"), error.message, error.hint)
    name = data.get("argument", QUERY)
    if entry.schema is not None and name not in entry.arguments:
        hint = "Add it to `input_schema`, or name another one with `argument`."
        at = (*place, "argument") if "argument" in data else place
        yield Complaint(at, f"the tool {entry.name} has no argument {said(name)} to search for", hint)


def _folder(use: Use) -> Path:
    return use.connections.directory / str(use.data["runbooks"]["folder"])


def _tool(use: Use) -> RunbookTool:
    settings = {key: value for key, value in use.data["runbooks"].items() if key != "folder"}
    return RunbookTool(_folder(use), use.spec.input_schema, **settings)


async def _lacks(use: Use) -> list[Lack]:
    import asyncio

    try:
        found = await asyncio.to_thread(load, _folder(use))
    except RunnerError as error:
        return [Lack(error.message, error.hint or "Make the folder, or go on without the tool: --without TOOL.")]
    if not found.runbooks:
        return [
            Lack(f"there are no runbooks in {said(str(use.data['runbooks']['folder']))}", "Put Markdown files there.")
        ]
    return []


def _looks(use: Use) -> Iterator[Look]:
    import asyncio

    async def see() -> list[Seen]:
        found = await asyncio.to_thread(load, _folder(use))
        count, skipped = len(found.runbooks), found.skipped
        if not count:
            return [Seen("fail", "there are no runbooks in it", "Put Markdown files there.")]
        text = f"{count} runbook{'s' if count != 1 else ''}"
        if skipped:
            left_out = f"{len(skipped)} left out: {skipped[0].name}, as {skipped[0].reason}"
            return [Seen("warn", f"{text}, {left_out}", "What is left out is never found by a search.")]
        return [Seen("ok", text)]

    yield Look(f"runbooks {use.data['runbooks']['folder']}", see)


async def _origin(use: Use, arguments: Mapping[str, Json]) -> str:
    return f"folder {use.data['runbooks']['folder']}"


def _reaches(spec: ToolSpec, data: Mapping[str, Any], servers: Mapping[str, Mapping[str, Json]]) -> str:
    return f"searches {data['runbooks']['folder']}"


def _reached(data: Mapping[str, Any], schema: Mapping[str, Any]) -> tuple[Reach, ...]:
    return (Reach("folder", (data["runbooks"]["folder"],), ("runbooks", "folder")),)


RUNBOOKS = Backend(
    key="runbooks",
    schema=nested("runbooks", "By runbooks", _SCHEMA),
    problems=_problems,
    tool=_tool,
    reaches=_reaches,
    lacks=_lacks,
    origin=_origin,
    reached=_reached,
    folders=lambda data: (data["runbooks"]["folder"],),
    looks=_looks,
)
