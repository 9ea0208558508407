"""`sre-run init`: writes a configuration to start from into a directory."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Mapping
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

import click

from sre_runner.commands.ignored import ignore_runs
from sre_runner.commands.run import print_result
from sre_runner.commands.schema import FOLDER
from sre_runner.errors import ExitCode, RunnerError
from sre_runner.output import printable

FOLDERS = ("agents.d", "tools.d", "playbooks")

_SCHEMAS_HERE, _SCHEMAS_THERE = "$schema=../sre_runner/schemas/", f"$schema=../{FOLDER}/"


@click.command(
    short_help="Write a configuration to start from.",
    epilog="\b\nExamples:\n  sre-run init incident-room\n  sre-run init .",
)
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
def init(directory: Path) -> int:
    """Write agents.d, tools.d, playbooks, their JSON Schemas and a .gitignore into DIRECTORY.

    Nothing is overwritten: where one of the files is there already, nothing is written at all.
    """
    files = {directory / name: text for name, text in starter().items()}
    existing = [path for path in files if _taken(path, directory)]
    if existing:
        raise RunnerError(
            f"nothing was written, as these are there already: {', '.join(map(str, existing))}",
            "Choose another directory, or move them away.",
        )
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    wrote = f"Wrote {len(files)} files into {directory}: {', '.join(FOLDERS)} and {FOLDER} for your editor."
    told = f"{wrote}\n{ignore_runs(directory)}\n\nNext:\n{_next_steps(directory)}\n"
    return ExitCode.OK if print_result(printable(told)) else ExitCode.PARTIAL


def starter() -> Mapping[str, str]:
    """The files of the starter configuration by their paths in a directory, the schemas included."""
    package = resources.files("sre_runner")
    inside = package / "starter"
    # A wheel carries the files; in a checkout they are the repository's own.
    root = inside if inside.is_dir() else Path(str(package)).parent
    files = {name: text for folder in FOLDERS for name, text in _texts(root / folder, folder)}
    schemas = dict(_texts(package / "schemas", FOLDER))
    return {**{name: text.replace(_SCHEMAS_HERE, _SCHEMAS_THERE, 1) for name, text in files.items()}, **schemas}


def _texts(folder: Traversable, name: str) -> Iterator[tuple[str, str]]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        path = f"{name}/{entry.name}"
        if entry.name.startswith((".", "__")):
            continue
        if entry.is_dir():
            yield from _texts(entry, path)
        else:
            yield path, entry.read_text(encoding="utf-8")


def _taken(path: Path, directory: Path) -> bool:
    """Whether something is at this path, or stands in its way."""
    on_the_way = (parent for parent in path.parents if parent.is_relative_to(directory) and parent != directory)
    return os.path.lexists(path) or any(os.path.lexists(parent) and not parent.is_dir() for parent in on_the_way)


def _next_steps(directory: Path) -> str:
    return "\n".join(
        f"  {command}"
        for command in (
            f"cd {shlex.quote(str(directory))}",
            "sre-run validate",
            "sre-run playbooks/payment-gateway.yaml --offline   # a rehearsal, without a key",
        )
    )
