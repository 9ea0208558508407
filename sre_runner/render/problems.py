"""Problems as text with the line and a caret under the column, as plain data, and as annotations of a pull request."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from pathlib import Path

import click

from sre_runner.errors import Problem
from sre_runner.render.workflow import Level, command
from sre_runner.text.output import printable

WIDTH = 100
"""Columns of a source line that are shown; of a longer one, the part around the column."""
TAB = "    "
_MARGIN = "    "
_CUT = "…"


def format_problems(problems: Iterable[Problem], color: bool) -> str:
    """The problems in the order given, an empty line between them; ends with a newline unless there are none."""
    return "\n".join(_format(problem, color) for problem in problems)


def as_data(problem: Problem) -> dict[str, str | int]:
    """A problem as plain data; `line` and `column` count from 1, and are 0 for the file as a whole."""
    return {
        "file": problem.file,
        "line": problem.line,
        "column": problem.column,
        "severity": _severity(problem),
        "message": problem.message,
        "hint": problem.hint,
    }


def workflow_commands(problems: Iterable[Problem], root: Path) -> str:
    """A workflow command of GitHub Actions for each problem, a line each; paths are from `root`, the repository."""
    return "".join(
        command(
            _severity(problem),
            "sre-run validate",
            problem.message + (f"\nhint: {problem.hint}" if problem.hint else ""),
            root,
            problem.file,
            problem.line,
            problem.column,
        )
        for problem in problems
    )


def _severity(problem: Problem) -> Level:
    return "warning" if problem.warning else "error"


def _format(problem: Problem, color: bool) -> str:
    def paint(text: str, **style: bool | str) -> str:
        return click.style(text, **style) if color else text  # type: ignore[arg-type]

    place = f"{problem.line}:{problem.column}:" if problem.line else ""
    lines = [
        f"{paint(f'{_one_line(problem.file)}:{place}', bold=True)} "
        f"{paint('warning:', fg='yellow') + ' ' if problem.warning else ''}{_one_line(problem.message)}"
    ]
    if problem.line and problem.source.strip():
        shown, indent = excerpt(problem.source, problem.column)
        caret = paint("^", fg="yellow" if problem.warning else "red", bold=True)
        lines += [_MARGIN + shown, _MARGIN + " " * indent + caret]
    if problem.hint:
        lines.append(f"{_MARGIN}{paint('hint:', fg='green')} {_one_line(problem.hint)}")
    return "\n".join(lines) + "\n"


def excerpt(source: str, column: int) -> tuple[str, int]:
    """A source line as a terminal shows it, and how many columns of the screen stand before its `column`.

    Tabs become spaces, what cannot be seen is escaped, and of a line that is too long the part around the column
    is kept. `column` counts characters from 1; one behind the line's end stands for its end.
    """
    cells = [_shown(character) for character in source.rstrip("\r\n")]
    place = min(max(column - 1, 0), len(cells))
    start, end = _window([_width(cell) for cell in cells], place)
    head, tail = _CUT if start else "", _CUT if end < len(cells) else ""
    before = head + "".join(cells[start:place])
    return before + "".join(cells[place:end]).rstrip() + tail, _width(before)


def _window(widths: list[int], place: int) -> tuple[int, int]:
    """Which cells fit on the screen: from the beginning if `place` is among them, else with `place` in the middle."""
    end = _fitting(widths, 0, WIDTH)
    if place < end or end == len(widths):
        return 0, end
    start, room = place, WIDTH // 2
    while widths[start - 1] <= room:
        start -= 1
        room -= widths[start]
    return start, _fitting(widths, start, WIDTH)


def _fitting(widths: list[int], start: int, room: int) -> int:
    """The end of what fits into so many columns from `start` on."""
    end = start
    while end < len(widths) and widths[end] <= room:
        room -= widths[end]
        end += 1
    return end


def _shown(character: str) -> str:
    return {"\t": TAB, "\n": r"\n"}.get(character) or printable(character)


def _width(text: str) -> int:
    """How many columns of a terminal the text takes."""
    return sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) == "Mn":
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _one_line(text: str) -> str:
    return " ".join(printable(text).split("\n"))
