"""Looks are taken all at once, each within its time, and come to one line each."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sre_runner.errors import RunnerError
from sre_runner.text.output import shown
from sre_runner.tools.backends.look import Level, Look, Seen

SECONDS = 40.0
"""In which a look has to end. An MCP server is given 30 s to be ready, if its entry states no other time."""
MOST_TEXT = 500
"""Characters of a line."""


@dataclass(frozen=True)
class Line:
    """What was seen of one thing; `tools` are those that need it, none where all do."""

    level: Level
    subject: str
    text: str
    hint: str = ""
    tools: tuple[str, ...] = ()


async def look_at_all(
    looks: Mapping[Look, Collection[str]], secrets: Collection[str], seconds: float = SECONDS
) -> list[Line]:
    """The lines of all looks, each with the tools that it is for. What is the same on two lines stands on one."""
    found = await asyncio.gather(*(_seen(look, seconds) for look in looks))
    lines: dict[tuple[Level, str, str, str], tuple[str, ...]] = {}
    for (look, tools), seen in zip(looks.items(), found, strict=True):
        for level, text, hint in seen:
            line = (level, look.subject, _safe(text, secrets), _safe(hint, secrets))
            lines[line] = tuple(dict.fromkeys((*lines.get(line, ()), *tools)))
    return _together([Line(*line, tools) for line, tools in lines.items()])


async def _seen(look: Look, seconds: float) -> Sequence[Seen]:
    try:
        async with asyncio.timeout(seconds):
            return [*await look.see()]
    except TimeoutError as error:
        return [Seen("fail", str(error) or f"no answer within {seconds:g} s")]
    except RunnerError as error:
        return [Seen("fail", error.message, error.hint)]
    except OSError as error:
        return [Seen("fail", error.strerror or str(error))]


def _safe(text: str, secrets: Collection[str]) -> str:
    return shown(text, secrets, MOST_TEXT)


def _together(lines: Iterable[Line]) -> list[Line]:
    """Things of a kind beside each other, in the order in which their kinds come first."""
    kinds: dict[str, list[Line]] = {}
    for line in lines:
        kinds.setdefault(line.subject.partition(" ")[0], []).append(line)
    return [line for those in kinds.values() for line in those]
