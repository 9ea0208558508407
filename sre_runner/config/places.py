"""Where things are: the configuration directory above a path, and the folder in which its runs are kept."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

AGENTS = "agents.d"
"""The folder by which a configuration directory is found."""

RUNS = "runs"
"""The folder of runs, in a configuration directory."""


def absolute(path: Path) -> Path:
    """The path from the root, without `..`; links are left as they are."""
    return Path(os.path.abspath(path))


def nearest_directory(start: Path) -> Path | None:
    """The nearest folder from a playbook or a folder upwards that has `agents.d`."""
    path = absolute(start)
    return next((folder for folder in (path, *path.parents) if (folder / AGENTS).is_dir()), None)


def runs_folder(starts: Iterable[Path] = (), directory: Path | None = None) -> Path:
    """Where runs are, if nobody says so: `runs` in the configuration directory that is given, or else found from the
    first of `starts`, or from here upwards; without one, `runs` here. Inside the working directory it is relative."""
    start = next(iter(starts), Path())
    found = absolute(directory) if directory is not None else nearest_directory(start) or Path.cwd()
    folder, here = found / RUNS, Path.cwd()
    return folder.relative_to(here) if folder.is_relative_to(here) else folder
