"""`sre-run replay`: draws a run's conclusion again from its journal, with no network and no key."""

from __future__ import annotations

from pathlib import Path

import click

from sre_runner.commands.run import print_result
from sre_runner.errors import ExitCode
from sre_runner.render.streams import tell

_EPILOG = """\
\b
Examples:
  sre-run replay runs/payment-gateway-20261122-142301
  sre-run replay runs/payment-gateway-20261122-142301 > again.md
"""


@click.command(epilog=_EPILOG, short_help="Draw a run's conclusion again from its journal.")
@click.argument("run", type=click.Path(exists=True, file_okay=False, path_type=Path))
def replay(run: Path) -> int:
    """Replay RUN, a run's folder, and print its conclusion.

    No model and no tool is called. Exit 1 where the replay comes to another conclusion, or would have to make a call
    that the journal does not have; then that call is named, with what differs.
    """
    from sre_runner.render.markdown import markdown
    from sre_runner.resume import record_of
    from sre_runner.resume import replay as again

    record = record_of(run)
    concluded = again(run)
    same = concluded == record.conclusion
    tell(f"{run}: " + ("the same conclusion" if same else "ANOTHER conclusion than the one that was recorded"))
    record.conclusion = concluded
    printed = print_result(markdown(record), rendered=True)
    return ExitCode.OK if same and printed else ExitCode.CHECK
