"""`sre-run schema`: the published JSON Schemas, for editors and other checkers."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import click

from sre_runner.commands.run import print_result
from sre_runner.errors import ExitCode

KINDS = ("agent", "tools", "playbook")
FOLDER = ".schemas"
"""Where `init` and `new` put them, beside `agents.d`; the first line of a file leads there."""

_EPILOG = f"""\
\b
Examples:
  sre-run schema playbook | jq .properties.coordinator
  sre-run schema --output {FOLDER}              # all of them, as `init` does: after an update of sre-run

`sre-run docs editor` says how an editor is told of them.
"""


@click.command(epilog=_EPILOG, short_help="Print a JSON Schema, or write all of them.")
@click.argument("kind", type=click.Choice(KINDS), required=False)
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIRECTORY",
    help="Write KIND.schema.json into this folder over what is there, or all of them without a KIND; prints the paths.",
)
def schema(kind: str | None, output: Path | None) -> int:
    """Print the JSON Schema (2020-12) of one KIND of file: agents.d, tools.d or playbooks."""
    if output is not None:
        paths = [write(each, output) for each in ([kind] if kind else KINDS)]
        printed = print_result("".join(f"{path}\n" for path in paths))
    elif kind is not None:
        printed = print_result(published(kind))
    else:
        raise click.UsageError(f"Name a KIND ({', '.join(KINDS)}), or a folder for all of them: --output {FOLDER}")
    return ExitCode.OK if printed else ExitCode.PARTIAL


def published(kind: str) -> str:
    """The text of a kind's schema, as it is shipped."""
    return resources.files("sre_runner").joinpath("schemas", file_name(kind)).read_text(encoding="utf-8")


def file_name(kind: str) -> str:
    """The name of the file that has a kind's schema."""
    return f"{kind}.schema.json"


def write(kind: str, folder: Path) -> Path:
    """Write a kind's schema into a folder, which is made where it is missing; its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / file_name(kind)
    path.write_text(published(kind), encoding="utf-8", newline="\n")
    return path
