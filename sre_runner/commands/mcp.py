"""`sre-run mcp`: what an MCP server offers, how that differs from the files, and its tools as a new file of tools.d."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sre_runner.commands.arguments import config_option
from sre_runner.commands.run import print_result
from sre_runner.errors import ExitCode, RunnerError
from sre_runner.render.terminal.streams import tell
from sre_runner.text.masking import masked
from sre_runner.text.naming import said
from sre_runner.text.output import secrets_of

if TYPE_CHECKING:
    from sre_runner.config.directory import Directory
    from sre_runner.runs.mcp_servers import Listing

_EPILOG = """\
\b
Examples:
  sre-run mcp kubernetes                                  # its tools, and which files have them
  sre-run mcp kubernetes --diff                           # what changed at the server since it was reviewed
  sre-run mcp kubernetes pods_log pods_list --write tools.d/cluster.yaml
  sre-run mcp kubernetes --json | jq -r '.tools[] | select(.effect == "read") | .tool'

SERVER is a name under `servers` of a file of tools.d. --diff exits with 1 where a tool of a file differs or is gone.
"""


@click.command(epilog=_EPILOG, short_help="List an MCP server's tools, compare them, or write them as a file.")
@click.argument("server")
@click.argument("tools", nargs=-1, metavar="[TOOL]...")
@config_option("The folder with agents.d and tools.d; found by walking up from here if left out.", of_runs=False)
@click.option("--diff", "as_diff", is_flag=True, help="Show how tools of the files differ from the server's.")
@click.option(
    "--write",
    "target",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the TOOLs into this new file of tools.d: description, schema and effect, for you to review.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, with descriptions and schemas.")
def mcp(
    server: str, tools: tuple[str, ...], config: Path | None, as_diff: bool, target: Path | None, as_json: bool
) -> int:
    """Start or reach the MCP server SERVER, and list its tools, or only each TOOL.

    None of them is called. A tool that the server does not call read-only is written with `effect: write`, and runs
    only where a person allows it. Agents read the descriptions: review the file as any other.
    """
    import asyncio

    from sre_runner.config.directory import Directory, absolute
    from sre_runner.config.loading import find_directory
    from sre_runner.runs.mcp_servers import listing, only

    if target and (as_diff or as_json):
        raise click.UsageError("--write stands alone: leave --diff and --json out.")
    folder = Directory(absolute(config) if config else find_directory(Path()))
    stem = _stem(folder, server, target, tools) if target else ""
    found = only(asyncio.run(listing(folder, server, os.environ)), tools)
    return _written(folder, stem, found) if target else _shown(found, as_diff, as_json)


def _shown(found: Listing, as_diff: bool, as_json: bool) -> int:
    from sre_runner.render import mcp as rendered
    from sre_runner.render.run.export import dump

    if as_json:
        text = dump(rendered.to_json(found))
    else:
        text = rendered.differences(found) if as_diff else rendered.text(found)
    printed = print_result(masked(text, secrets_of(os.environ)))
    if as_diff and not found.changed:
        tell(f"Every tool of the files is as {found.server} offers it.")
    if not printed:
        return ExitCode.PARTIAL
    return ExitCode.CHECK if as_diff and found.changed else ExitCode.OK


def _stem(folder: Directory, server: str, target: Path, tools: tuple[str, ...]) -> str:
    """The stem of the file to write. Raises `RunnerError` before the server is asked."""
    from sre_runner.commands.new_files import check_name
    from sre_runner.config.directory import FOLDERS, absolute, shown

    if not tools:
        raise RunnerError("--write needs the tools to write", f"Name them: sre-run mcp {server} TOOL… --write {target}")
    inside = folder.root / FOLDERS["tools"]
    if absolute(target).parent != inside or target.suffix != ".yaml":
        message = f"{said(str(target))} is not a YAML file in {shown(inside)}"
        raise RunnerError(message, f"Such as {shown(inside / 'cluster.yaml')}.")
    check_name(target.stem, "file")
    for existing in folder.families.get(target.stem, ()):
        raise RunnerError(f"nothing was written, as {shown(existing)} is there already", "Choose another name.")
    return target.stem


def _written(folder: Directory, stem: str, found: Listing) -> int:
    from sre_runner.commands.new_files import create, place
    from sre_runner.runs.mcp_servers import entries_of

    shown = place(folder, "tools", stem)
    create(folder, "tools", stem, entries_of(folder, shown, found))
    names = ", ".join(row.tool for row in found.rows)
    first = f"$EDITOR {shlex.quote(shown)}   # review descriptions and effects"
    tell(f"Next:\n  {first}\n  tools: [{names}]   # in agents.d, for who may call them")
    return ExitCode.OK if print_result(f"{shown}\n") else ExitCode.PARTIAL
