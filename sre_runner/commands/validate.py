"""`sre-run validate`: checks the configuration without running anything, and says what is wrong or what it checked."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sre_runner.commands.run import print_result
from sre_runner.errors import ExitCode
from sre_runner.text.output import printable

if TYPE_CHECKING:
    from sre_runner.config.loading import Checked

_EPILOG = """\
\b
Examples:
  sre-run validate                                  # the configuration here, or in a folder above
  sre-run validate incident-room                    # the one in that folder
  sre-run validate playbooks/payment-gateway.yaml   # a playbook and what it reaches
  sre-run validate agents.d tools.d/logs.yaml
  sre-run validate --json | jq -r '.problems[] | .file'
  sre-run validate --format github                  # annotations on a pull request, see sre-run docs ci

Problems go to stdout. Exits with 2 if there is one that is more than a warning, and with 0 otherwise.
"""


@click.command(epilog=_EPILOG, short_help="Check the configuration, without running anything.")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH]...")
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    metavar="DIRECTORY",
    help="The folder with agents.d and tools.d; found by walking up from each PATH if left out.",
)
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "json", "github"]),
    default="text",
    show_default=True,
    help="`json` prints one object, `github` a workflow command for each problem.",
)
@click.option("--json", "format_", flag_value="json", help="The same as --format json.")
def validate(paths: tuple[Path, ...], config: Path | None, format_: str) -> int:
    """Check agents, tools and playbooks, and print every problem with its place.

    A PATH is a playbook, a file of agents.d or tools.d, one of these folders, or a configuration directory. Only a
    check of a whole directory warns of tools and agents that nothing uses.
    """
    from sre_runner.config.loading import validate as check

    checked = check(paths, config)
    printed = print_result(f"{FORMATS[format_](checked)}\n")
    if not checked.usable:
        return ExitCode.USAGE
    return ExitCode.OK if printed else ExitCode.PARTIAL


def _text(checked: Checked) -> str:
    if not checked.problems:
        return _summary(checked)
    from sre_runner.render.problems import format_problems
    from sre_runner.render.terminal.streams import has_color

    return f"{format_problems(checked.problems, has_color(sys.stdout))}\n{_summary(checked)}"


def _json(checked: Checked) -> str:
    from sre_runner.render.problems import as_data

    whole = {"agents": checked.agents, "tools": checked.tools, "playbooks": checked.playbooks}
    problems = [as_data(problem) for problem in checked.problems]
    data = {"usable": checked.usable, "problems": problems, "checked": whole}
    return json.dumps(data, indent=2).replace("\x7f", "\\u007f")  # the one control character that JSON leaves


def _github(checked: Checked) -> str:
    from sre_runner.render.problems import workflow_commands
    from sre_runner.render.workflow import repository_root

    # Of what was checked only figures are told: a line that begins with a name could be a command.
    return workflow_commands(checked.problems, repository_root()) + _summary(checked).partition("\n")[0]


FORMATS: Mapping[str, Callable[[Checked], str]] = {"text": _text, "json": _json, "github": _github}


def _summary(checked: Checked) -> str:
    """What was checked: how many of each on one line, and their names below."""
    tools = [name for names in checked.tools.values() for name in names]
    warnings = sum(problem.warning for problem in checked.problems)
    problems = len(checked.problems) - warnings
    found = _count(problems, "problem") + (f", {_count(warnings, 'warning')}" if warnings else "")
    line = (
        f"{_count(len(checked.agents), 'agent')}, {_count(len(tools), 'tool')} in "
        f"{_count(len(checked.tools), 'file')}, {_count(len(checked.playbooks), 'playbook')}: {found}"
    )
    kinds = (("agents", checked.agents), ("tools", tools), ("playbooks", checked.playbooks))
    return "\n".join([line, *(f"  {kind}: {printable(', '.join(names))}" for kind, names in kinds if names)])


def _count(number: int, noun: str) -> str:
    return f"{number or 'no'} {noun}{'s' * (number != 1)}"
