"""Pages of the documentation, taken apart: their code, their tables, and the keys of JSON."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[2]


def parsed(page: Path) -> list[Any]:
    return MarkdownIt().enable("table").parse(page.read_text(encoding="utf-8"))


def fences(page: Path, language: str) -> list[str]:
    return [token.content for token in parsed(page) if token.type == "fence" and token.info == language]


def first_cells(page: Path) -> list[str]:
    """The text of the first cell of every row of the page's tables, headers left out."""
    tokens = parsed(page)
    return [
        tokens[place + 2].content.strip("`")
        for place, token in enumerate(tokens)
        if token.type == "tr_open" and tokens[place + 1].type == "td_open"
    ]


def shell(script: str, cwd: Path) -> str:
    """The standard output of a script that succeeds, with the `sre-run` of this environment on its PATH."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environ = {**os.environ, "PATH": path}
    done = subprocess.run(
        ["sh", "-eu", "-c", script], cwd=cwd, env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def keys(data: Any, prefix: str = "") -> list[str]:
    """The path of every key, with `[]` for the items of a list."""
    if isinstance(data, dict):
        nested = [(f"{prefix}{name}", value) for name, value in data.items()]
        return [key for path, value in nested for key in (path, *keys(value, f"{path}."))]
    if isinstance(data, list):
        return [key for item in data for key in keys(item, f"{prefix.removesuffix('.')}[].")]
    return []
