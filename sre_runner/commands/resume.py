"""`sre-run resume`: goes on with a run that was killed, interrupted, stopped by its budget, or partial."""

from __future__ import annotations

from pathlib import Path

import click

from sre_runner.commands.run import EVERY_TOOL, conclude, progress_of
from sre_runner.render.streams import tell

_EPILOG = """\
\b
Examples:
  sre-run resume runs/payment-gateway-20261122-142301
  sre-run resume runs/payment-gateway-20261122-142301 --assume not-done
"""


@click.command(epilog=_EPILOG, short_help="Go on with a run where it stopped.")
@click.argument("run", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--assume",
    type=click.Choice(["done", "not-done"]),
    help="What became of a write that had started when the run stopped.",
)
@click.option("--allow-write", metavar="TOOL", multiple=True, help="Let agents call this write tool. Repeatable.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of Markdown.")
@click.option("-q", "--quiet", is_flag=True, help="No progress on stderr.")
def resume(run: Path, assume: str | None, allow_write: tuple[str, ...], as_json: bool, quiet: bool) -> int:
    """Go on with RUN, a run's folder, under the configuration that its journal holds.

    What was answered is served from the journal and not paid for again. Everything else is asked again: what was in
    flight, denied, timed out or failed. A rehearsal goes on as a rehearsal, and no other run becomes one.
    """
    from sre_runner.resume import is_whole, record_of
    from sre_runner.resume import resume as go_on

    if is_whole(record_of(run)):
        tell(f"{run} came to its end, and nothing is missing in its conclusion: there is nothing to resume.")
    with progress_of(quiet) as progress:
        writes = [name for name in allow_write if name != EVERY_TOOL]
        record = go_on(run, writes=writes, assume=assume, listeners=[progress] if progress else [])
    return conclude(record, run, as_json=as_json, quiet=quiet)
