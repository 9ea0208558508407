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
from sre_runner.text.output import printable

FOLDERS = ("agents.d", "tools.d", "playbooks", "runbooks")
EXAMPLES = "examples"
"""The folder of the examples, in the repository and where they are written."""

_SCHEMAS_HERE, _SCHEMAS_THERE = "sre_runner/schemas/", f"{FOLDER}/"


@click.command(
    short_help="Write a configuration to start from.",
    epilog="\b\nExamples:\n  sre-run init incident-room\n  sre-run init .\n  sre-run init --examples incident-room",
)
@click.option(
    "--examples",
    "with_examples",
    is_flag=True,
    help="Write examples/ as well: eleven incidents with their tools, as a configuration to test your own agents on.",
)
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
def init(directory: Path, with_examples: bool) -> int:
    """Write agents.d, tools.d, playbooks, runbooks, their JSON Schemas and a .gitignore into DIRECTORY.

    Nothing is overwritten: where one of the files is there already, nothing is written at all.
    """
    texts = {**starter(), **(examples() if with_examples else {})}
    files = {directory / name: text for name, text in texts.items()}
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
    folders = ", ".join([*FOLDERS, EXAMPLES] if with_examples else FOLDERS)
    wrote = f"Wrote {len(files)} files into {directory}: {folders} and {FOLDER} for your editor."
    told = f"{wrote}\n{ignore_runs(directory)}\n\nNext:\n{_next_steps(directory, with_examples)}\n"
    return ExitCode.OK if print_result(printable(told)) else ExitCode.PARTIAL


def starter() -> Mapping[str, str]:
    """The files of the starter configuration by their paths in a directory, the schemas included."""
    files = {name: text for folder in FOLDERS for name, text in _texts(_shipped() / folder, folder)}
    schemas = dict(_texts(resources.files("sre_runner") / "schemas", FOLDER))
    return {**{name: text.replace(_SCHEMAS_HERE, _SCHEMAS_THERE, 1) for name, text in files.items()}, **schemas}


def examples() -> Mapping[str, str]:
    """The files of the examples by their paths in the same directory: a configuration with the starter's agents.

    They use the schemas of the starter.
    """
    agents = {f"{EXAMPLES}/{name}": text for name, text in starter().items() if name.startswith("agents.d/")}
    deeper = {name: text.replace(_SCHEMAS_THERE, f"../{_SCHEMAS_THERE}", 1) for name, text in agents.items()}
    own = dict(_texts(_shipped() / EXAMPLES, EXAMPLES))
    return {**deeper, **{name: text.replace(_SCHEMAS_HERE, _SCHEMAS_THERE, 1) for name, text in own.items()}}


def _shipped() -> Traversable:
    """Where the starter and the examples are: a wheel carries them; in a checkout they are the repository's own."""
    package = resources.files("sre_runner")
    inside = package / "starter"
    return inside if inside.is_dir() else Path(str(package)).parent


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


def _next_steps(directory: Path, with_examples: bool) -> str:
    commands = [
        f"cd {shlex.quote(str(directory))}",
        "sre-run validate",
        "sre-run playbooks/payment-gateway.yaml --offline   # a rehearsal, without a key",
    ]
    if with_examples:
        commands += [
            f"sre-run test {EXAMPLES} --offline   # eleven incidents, against what each expects",
            f"sre-run vote {EXAMPLES}/runs/* --truth {EXAMPLES}/severities.yaml   # how many severities were right",
        ]
    return "\n".join(f"  {command}" for command in commands)
