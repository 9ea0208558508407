"""`sre-run runs`: lists the runs of a folder, the newest first."""

from __future__ import annotations

import itertools
import shutil
import sys
from datetime import datetime
from pathlib import Path

import click

from sre_runner.casefile import SEVERITIES
from sre_runner.commands.arguments import Pair, Since, runs_option
from sre_runner.commands.run import print_result
from sre_runner.errors import ExitCode
from sre_runner.render.terminal.streams import is_terminal, tell

STATUSES = ("complete", "partial", "interrupted", "unfinished", "running", "broken")

_EPILOG = """\
\b
Examples:
  sre-run runs
  sre-run runs --playbook payment-gateway --since 7d
  sre-run runs --status unfinished --status interrupted
  sre-run runs --label team=payments --severity P1 --json | jq '.[].run'

A run that has no conclusion is interrupted (twice Ctrl-C), unfinished (killed) or still running; `sre-run resume` goes
on with it.
"""


@click.command(epilog=_EPILOG, short_help="List the runs there are, the newest first.")
@runs_option()
@click.option("--playbook", metavar="NAME", help="Only runs of this playbook.")
@click.option("--status", "statuses", type=click.Choice(STATUSES), multiple=True, help="Only such runs. Repeatable.")
@click.option("--label", "labels", type=Pair(), multiple=True, help="Only runs with this label. Repeatable.")
@click.option(
    "--severity", "severities", type=click.Choice(SEVERITIES), multiple=True, help="Only such conclusions. Repeatable."
)
@click.option("--since", type=Since(), help="Only runs that began since then: an age (12h, 7d) or a time in ISO 8601.")
@click.option(
    "--limit",
    type=click.IntRange(0, 1_000_000),
    metavar="N",
    default=50,
    show_default=True,
    help="How many to list at most; 0 for all.",
)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array instead of a table.")
def runs(
    runs: Path,
    playbook: str | None,
    statuses: tuple[str, ...],
    labels: tuple[tuple[str, str], ...],
    severities: tuple[str, ...],
    since: datetime | None,
    limit: int,
    as_json: bool,
) -> int:
    """List the runs in the folder of --runs, with what each came to and cost.

    A folder whose journal cannot be read is listed as broken, with the reason.
    """
    from sre_runner.render.run.export import dump
    from sre_runner.render.run.run_list import text, to_json
    from sre_runner.runs.past_runs import Wanted, find, listing

    found = find(runs)
    wanted = Wanted(playbook, dict(labels), since, statuses, severities)
    rows = list(itertools.islice(listing(found, wanted), limit + 1 if limit else None))
    if limit and len(rows) > limit:
        rows = rows[:limit]
        tell(f"These are the newest {limit}; --limit lists more, --limit 0 all.")
    if not rows:
        tell(
            f"There are no runs in {runs}."
            if not found
            else f"None of the {len(found):,} runs in {runs} is such a run."
        )
    width = shutil.get_terminal_size().columns if is_terminal(sys.stdout) else None
    result = dump(to_json(rows)) if as_json else text(rows, width) if rows else ""
    return ExitCode.OK if print_result(result) else ExitCode.PARTIAL
