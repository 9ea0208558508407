"""`sre-run resume`: goes on with a run that was killed, interrupted, stopped by its budget, or partial."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from sre_runner.commands.arguments import RunFolder, full_option, runs_option
from sre_runner.commands.run import conclude, form_of, progress_of
from sre_runner.render.terminal.streams import tell

LIMITS = ("tokens", "usd", "seconds", "model_calls")
"""What a budget can limit."""


class _Limit(click.ParamType[tuple[str, float]]):
    """`name=number`, a limit of the whole run, what is spent already included."""

    name = "name=number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, float]:
        key, _, number = str(value).partition("=")
        if key not in LIMITS:
            self.fail(
                f"{value!r} is no limit; write one of {', '.join(f'{name}=NUMBER' for name in LIMITS)}.", param, ctx
            )
        try:
            limit = float(number)
        except ValueError:
            limit = -1.0
        if not 0 < limit < float("inf"):
            self.fail(f"{number!r} is no number above 0.", param, ctx)
        return key, limit


_EPILOG = """\
\b
Examples:
  sre-run resume last
  sre-run resume runs/payment-gateway-20261122-142301 --budget tokens=400000 --budget seconds=900
  sre-run resume runs/payment-gateway-20261122-142301 --assume not-done
"""


@click.command(epilog=_EPILOG, short_help="Go on with a run where it stopped.")
@click.argument("run", type=RunFolder())
@runs_option(expose_value=False)
@click.option(
    "--assume",
    type=click.Choice(["done", "not-done"]),
    help="What became of a write that had started when the run stopped.",
)
@click.option("--budget", "limits", type=_Limit(), multiple=True, help="A limit instead of the run's own. Repeatable.")
@click.option("--allow-write", metavar="TOOL", multiple=True, help="Let agents call this write tool. Repeatable.")
@full_option()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of Markdown.")
@click.option("-q", "--quiet", is_flag=True, help="No progress on stderr.")
def resume(
    run: Path,
    assume: str | None,
    limits: tuple[tuple[str, float], ...],
    allow_write: tuple[str, ...],
    full: bool,
    as_json: bool,
    quiet: bool,
) -> int:
    """Go on with RUN, a run's folder, its name or `last`, under the configuration that its journal holds.

    What was answered is served from the journal and not paid for again. Everything else is asked again: what was in
    flight, denied, timed out or failed. A rehearsal goes on as a rehearsal, and no other run becomes one. A journal
    that was changed after it was written is not gone on with: exit 3.
    """
    from sre_runner.journal.file import JOURNAL, refuse_changed
    from sre_runner.journal.seals import key_of
    from sre_runner.runs.replay import changed_since
    from sre_runner.runs.resume import is_whole
    from sre_runner.runs.resume import resume as go_on
    from sre_runner.runs.verified import verified

    before = verified(run, key_of(os.environ))
    refuse_changed(run / JOURNAL, before.changes)
    changed = changed_since(before)
    if is_whole(before, dict(limits), allow_write):
        tell(f"{run} came to its end, and nothing is missing in its conclusion: there is nothing to resume.")
    elif changed:
        tell(f"note: the run goes on with the configuration of its journal; changed since: {', '.join(changed)}")
    with progress_of(quiet) as progress:
        listeners = [progress] if progress else []
        record = go_on(run, limits=dict(limits), writes=allow_write, assume=assume, listeners=listeners)
    return conclude(record, run, form_of(full=full, as_json=as_json), quiet=quiet)
