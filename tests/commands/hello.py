"""`sre-run hello`: greets."""

from __future__ import annotations

import click

from sre_runner.commands.run import print_result
from sre_runner.errors import ExitCode


@click.command(short_help="Greet somebody.")
@click.argument("whom")
def hello(whom: str) -> int:
    """Greet WHOM."""
    return ExitCode.OK if print_result(f"Hello, {whom}!\n") else ExitCode.PARTIAL
