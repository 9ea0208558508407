"""`sre-run plan`: what a run of a playbook would do and could take at most, without any call."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from sre_runner.commands.arguments import world_settings
from sre_runner.commands.run import print_result
from sre_runner.commands.run import run as run_command
from sre_runner.errors import ExitCode

AS_IN_RUN = ("playbook", "config", "inputs", "task", "alert", "settings", "live", "without")
"""The parameters of `run` that decide what is run."""

_EPILOG = """\
\b
Examples:
  sre-run plan playbooks/payment-gateway.yaml
  sre-run plan playbooks/payment-gateway.yaml --prompts | less
  sre-run plan playbooks/payment-gateway.yaml --set coordinator.strategy=sequential
  sre-run plan playbooks/payment-gateway.yaml --json | jq .worst_case.model_calls
"""


def params_of_run() -> list[click.Parameter]:
    """The parameters that a command shares with `run`."""
    return [each for each in run_command.params if each.name in AS_IN_RUN]


@click.command(params=params_of_run(), epilog=_EPILOG, short_help="Show what a run would do, without any call.")
@click.option("--prompts", is_flag=True, help="Show every prompt to its last line.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, with whole prompts, instead of Markdown.")
def plan(
    playbook: Path,
    config: Path | None,
    inputs: tuple[tuple[str, str], ...],
    task: str | None,
    alert: Any,
    settings: tuple[tuple[str, str], ...],
    live: bool | None,
    without: tuple[str, ...],
    prompts: bool,
    as_json: bool,
) -> int:
    """Show what `sre-run run PLAYBOOK` would do, with the same options, and the most that it could take.

    That is its steps, agents, tools, budget and expectations, the first prompts as they would be sent, and the worst
    case in model calls, tokens and dollars. No model and no tool is called.
    """
    from sre_runner.render.plan.plan import markdown, to_json
    from sre_runner.render.run.export import dump
    from sre_runner.runs.options import RunOptions, configured

    chosen = (*settings, *world_settings(live, without))
    options = RunOptions(playbook, config, dict(inputs), task, alert, settings=chosen)
    configuration = configured(options, only_shown=True)
    if as_json:
        printed = print_result(dump(to_json(configuration)))
    else:
        printed = print_result(markdown(configuration, whole=prompts), rendered=True)
    return ExitCode.OK if printed else ExitCode.PARTIAL
