"""The `.gitignore` of a new configuration: runs hold what tools said, and stay out of git."""

from __future__ import annotations

from pathlib import Path

from sre_runner.config.places import RUNS

IGNORED = f"{RUNS}/"
"""The line that has git leave out the folders of runs."""


def ignore_runs(directory: Path) -> str:
    """Have git leave out the runs, and say so; an existing file is left to its owner."""
    path = directory / ".gitignore"
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(f"{IGNORED}\n")
    except FileExistsError:
        return f"{path} was left as it is. Let it have the line {IGNORED}: what tools said stays out of git."
    return f"Wrote {path}, so that runs stay out of git."
