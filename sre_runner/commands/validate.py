"""`sre-run validate`: checks the configuration without running anything, and says what is wrong or what it checked."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sre_runner.errors import ExitCode
from sre_runner.output import printable

if TYPE_CHECKING:
    from sre_runner.config import Checked

_EPILOG = """\
\b
Examples:
  sre-run validate                                  # the configuration here, or in a folder above
  sre-run validate incident-room                    # the one in that folder
  sre-run validate playbooks/payment-gateway.yaml   # a playbook and what it reaches
  sre-run validate agents.d tools.d/logs.yaml
  sre-run validate --json | jq '.problems[] | .file'

Problems go to stdout. Exits with 2 if there is one that is more than a warning, and with 0 otherwise.
"""


@click.command(epilog=_EPILOG, short_help="Check the configuration, without running anything.")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH]...")
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="The folder with agents.d and tools.d; found by walking up from each PATH if left out.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")
def validate(paths: tuple[Path, ...], config: Path | None, as_json: bool) -> int:
    """Check agents, tools and playbooks, and print every problem with its place.

    A PATH is a playbook, a file of agents.d or tools.d, one of these folders, or a configuration directory. Only a
    check of a whole directory warns of tools and agents that nothing uses.
    """
    from sre_runner.config import validate as check
    from sre_runner.render.problems import format_problems
    from sre_runner.render.streams import has_color

    checked = check(paths, config)
    if as_json:
        click.echo(json.dumps(_as_data(checked), indent=2))
    else:
        if checked.problems:
            click.echo(format_problems(checked.problems, has_color(sys.stdout)))
        click.echo(_summary(checked))
    return ExitCode.OK if checked.usable else ExitCode.USAGE


def _as_data(checked: Checked) -> dict[str, object]:
    return {
        "usable": checked.usable,
        "problems": [asdict(problem) for problem in checked.problems],
        "agents": checked.agents,
        "tools": checked.tools,
        "playbooks": checked.playbooks,
    }


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
