"""Workflow commands of GitHub Actions, which mark a line of a file: nothing in a text becomes a command of its own.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from sre_runner.text.output import printable

Level = Literal["error", "warning", "notice"]

# The percent sign goes first, as it stands in every escape.
_IN_DATA = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_IN_PROPERTY = {**_IN_DATA, ":": "%3A", ",": "%2C"}


def repository_root() -> Path:
    """The folder that GitHub has checked out, or else the working directory."""
    return Path(os.environ.get("GITHUB_WORKSPACE") or Path.cwd())


def command(
    level: Level, title: str, words: str, root: Path, file: str | None = None, line: int = 0, column: int | None = None
) -> str:
    """One line; `file` is shown from `root`. `line` and `column` count from 1, and are left out where the line is 0."""
    properties = {"file": printable(_within(file, root))} if file is not None else {}
    if line:
        properties |= {"line": str(line)} | ({"col": str(column)} if column is not None else {})
    properties["title"] = printable(title)
    listed = ",".join(f"{name}={_escaped(value, _IN_PROPERTY)}" for name, value in properties.items())
    return f"::{level} {listed}::{_escaped(printable(words), _IN_DATA)}\n"


def _escaped(text: str, escapes: Mapping[str, str]) -> str:
    for character, escape in escapes.items():
        text = text.replace(character, escape)
    return text


def _within(file: str, root: Path) -> str:
    """The path from `root`, with slashes; as it is where it is not inside."""
    path = Path(file).absolute()
    for start in (root.absolute(), root.resolve()):
        if path.is_relative_to(start):
            return path.relative_to(start).as_posix()
    return file
