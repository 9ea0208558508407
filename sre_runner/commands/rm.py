"""`sre-run rm`: removes runs, those that are named or those that retention by age and count lets go."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sre_runner.commands.arguments import Age, RunFolder, runs_option
from sre_runner.commands.run import print_result
from sre_runner.errors import ExitCode, RunnerError
from sre_runner.render.terminal.streams import is_terminal, tell
from sre_runner.text.output import printable

if TYPE_CHECKING:
    from sre_runner.runs.past_runs import Found

_EPILOG = """\
\b
Examples:
  sre-run rm payment-gateway-20261122-142301
  sre-run rm --older-than 30d --dry-run
  sre-run rm --older-than 30d --keep 20 --yes      # for cron

With both --older-than and --keep, a run goes only if it is older and not among the newest that are kept. What would go
is listed first. A run that is going on is never removed, and neither is a folder with files that sre-run did not write.
"""


@click.command(epilog=_EPILOG, short_help="Remove runs, by name, age or count.")
@click.argument("named", type=RunFolder(), nargs=-1, metavar="[RUN]...")
@runs_option()
@click.option("--older-than", type=Age(), help="Remove runs that began longer ago, such as 45m, 12h, 30d or 2w.")
@click.option("--keep", type=click.IntRange(min=0), metavar="N", help="Keep the newest N runs in the folder of --runs.")
@click.option("--dry-run", is_flag=True, help="Only list what would go.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask. Also removes runs whose journal is broken, if named.")
def rm(
    named: tuple[Path, ...], runs: Path, older_than: timedelta | None, keep: int | None, dry_run: bool, yes: bool
) -> int:
    """Remove each RUN (a folder, a name in the folder of --runs, or `last`), or what retention lets go.

    Retention looks at the runs in the folder of --runs, by when they began. Those whose journal is broken are left to
    be removed by name.
    """
    retention = older_than is not None or keep is not None
    if bool(named) == retention:
        raise click.UsageError("Name the runs to remove, or say which with --older-than and --keep; not both.")
    chosen = _retained(runs, older_than, keep) if retention else _named(named, yes=yes or dry_run)
    if not chosen:
        tell(f"Nothing in {runs} is to be removed.")
        return ExitCode.OK
    table = _table(chosen)
    if dry_run:
        return ExitCode.OK if print_result(table) else ExitCode.PARTIAL
    tell(table)
    if not yes and not _agreed(len(chosen)):
        tell("Nothing was removed.")
        return ExitCode.OK
    return _remove(chosen)


def _named(folders: Sequence[Path], *, yes: bool) -> list[Found]:
    """The runs that were named; raise `RunnerError` where one of them cannot be removed, so that none is."""
    from sre_runner.render.run.formats import run_files
    from sre_runner.runs.past_runs import found_at, obstacle

    against = [f"{folder}: {why}" for folder in folders if (why := obstacle(folder, run_files()))]
    if against:
        raise RunnerError("nothing was removed, as\n" + "\n".join(against))
    found = list({each.folder.resolve(): each for each in map(found_at, folders)}.values())
    broken = [f"{each.folder}: {each.problem}" for each in found if each.problem]
    if broken and not yes:
        said = "nothing was removed, as not every journal can be read\n"
        raise RunnerError(said + "\n".join(broken), "With --yes, runs with a broken journal are removed as well.")
    return found


def _retained(runs: Path, older_than: timedelta | None, keep: int | None) -> list[Found]:
    """The runs that retention lets go; of those that stay although it would, the reason is told."""
    from sre_runner.render.run.formats import run_files
    from sre_runner.runs.past_runs import find, obstacle, outdated

    chosen = []
    for each in outdated(find(runs), datetime.now().astimezone(), older_than, keep):
        why = obstacle(each.folder, run_files())
        if why:
            tell(f"{each.folder} stays: {why}")
        else:
            chosen.append(each)
    return chosen


def _table(chosen: Sequence[Found]) -> str:
    from sre_runner.render.columns import columns
    from sre_runner.render.run.run_list import local_time

    rows, total = [], 0
    for each in chosen:
        size = sum(file.stat(follow_symlinks=False).st_size for file in os.scandir(each.folder))
        total += size
        began = local_time(each.begun.isoformat()) if not each.problem else "unknown"
        rows.append([each.folder.name, began, each.playbook or "", f"{size / 1000:,.0f}"])
    titles = ("run", "started", "playbook", "kB")
    count = f"{len(chosen):,} run{'s' if len(chosen) != 1 else ''}"
    return columns(titles, [*rows, [count, "", "", f"{total / 1000:,.0f}"]], numbers=["kB"])


def _agreed(count: int) -> bool:
    """Whether the person at the terminal agrees; raise `click.UsageError` where there is nobody to ask."""
    if not (sys.stdin.isatty() and is_terminal(sys.stderr)):
        raise click.UsageError("There is no terminal to ask on: say --yes to remove these runs, or --dry-run.")
    return click.confirm(f"Remove {'this run' if count == 1 else f'these {count:,} runs'}?", err=True)


def _remove(chosen: Sequence[Found]) -> int:
    """Remove them and print each that is gone; one that does not go is told of, and the others go all the same."""
    from sre_runner.render.run.formats import run_files
    from sre_runner.runs.past_runs import remove

    code = ExitCode.OK
    for each in chosen:
        try:
            remove(each.folder, run_files())
        except (OSError, RunnerError) as error:
            tell(f"error: {error.message if isinstance(error, RunnerError) else f'{each.folder}: {error.strerror}'}")
            code = ExitCode.PARTIAL
            continue
        if not print_result(printable(f"removed {each.folder}\n")):
            code = ExitCode.PARTIAL
    return code
