"""What `sre-run doctor` saw: a line for each thing, and what helps below those that need it; or the same as data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import click
from rich.cells import cell_len

from sre_runner.casefile import Json
from sre_runner.render.columns import one_line
from sre_runner.runs.doctor.looking import Line
from sre_runner.tools.backends.look import Level

LEVELS: tuple[Level, ...] = ("ok", "warn", "fail")
_COLORS = {"ok": "green", "warn": "yellow", "fail": "red"}
_INDENT = " " * 6
_MOST_TOOLS = 5


def text(lines: Sequence[Line], *, color: bool = False) -> str:
    """The lines in columns, hints below them, and a last line that counts them."""
    width = max((cell_len(one_line(line.subject)) for line in lines), default=0)
    counts = Counter(line.level for line in lines)
    total = ", ".join(f"{counts[level]} {level}" for level in LEVELS if counts[level])
    return "".join(_line(line, width, color) for line in lines) + f"{total}\n"


def _line(line: Line, width: int, color: bool) -> str:
    subject = one_line(line.subject)
    level = f"{line.level:4}"
    painted = click.style(level, fg=_COLORS[line.level], bold=line.level != "ok" or None) if color else level
    first = f"{painted}  {subject}{' ' * (width - cell_len(subject))}  {one_line(line.text)}{_tools(line)}"
    hint = f"{_INDENT}hint: {one_line(line.hint)}\n" if line.hint and line.level != "ok" else ""
    return f"{first.rstrip()}\n{hint}"


def _tools(line: Line) -> str:
    """Which tools need what is not in order."""
    if line.level == "ok" or not line.tools or line.subject == f"tool {line.tools[0]}":
        return ""
    more = len(line.tools) - _MOST_TOOLS
    names = ", ".join(line.tools[:_MOST_TOOLS]) + (f" and {more} more" if more > 0 else "")
    return f" (for {one_line(names)})"


def to_json(lines: Sequence[Line]) -> dict[str, Json]:
    """The same as plain data."""
    checks = [
        {
            "level": line.level,
            "subject": line.subject,
            "text": line.text,
            "hint": line.hint or None,
            "tools": [*line.tools],
        }
        for line in lines
    ]
    counts = Counter(line.level for line in lines)
    return {"ready": not counts["fail"], **{level: counts[level] for level in LEVELS}, "checks": checks}
