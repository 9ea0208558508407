"""`sre-run doctor`: looks at everything that a live run needs, without spending tokens, and says what is missing."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from sre_runner.commands.arguments import config_option
from sre_runner.commands.run import print_result
from sre_runner.errors import ExitCode

_EPILOG = """\
\b
Examples:
  sre-run doctor                              # everything of the configuration here
  sre-run doctor playbooks/live-triage.yaml   # what one playbook needs
  sre-run doctor --offline                    # all but the model service, for --live --offline
  sre-run doctor --json | jq -r '.checks[] | select(.level != "ok") | .subject'

Exits with 1 if anything fails; warnings do not count.
"""


@click.command(epilog=_EPILOG, short_help="Check credentials, programs, servers and rights for live runs.")
@click.argument("playbook", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@config_option("The folder with agents.d and tools.d; found by walking up from the playbook, or from here.")
@click.option("--offline", is_flag=True, help="Leave out credentials and model service.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def doctor(playbook: Path | None, config: Path | None, offline: bool, as_json: bool) -> int:
    """Check what PLAYBOOK needs, or without one all tools and servers of the configuration.

    That is the credentials and the model service, each live tool's program with its version and variables, each
    server's host, certificate and answer, the tools of MCP servers against the file, kubectl's context and what its
    user may do there, and folders of runbooks. All checks run at once; nothing is changed, no tokens are spent.
    """
    import asyncio

    from sre_runner.render.doctor import text, to_json
    from sre_runner.render.run.export import dump
    from sre_runner.render.terminal.streams import has_color
    from sre_runner.runs.doctor.doctor import examined

    lines = asyncio.run(examined(playbook, config, os.environ, Path.home(), offline=offline))
    printed = print_result(dump(to_json(lines)) if as_json else text(lines, color=has_color(sys.stdout)))
    if not printed:
        return ExitCode.PARTIAL
    return ExitCode.CHECK if any(line.level == "fail" for line in lines) else ExitCode.OK
