"""`sre-run verify`: whether runs are as they were written, line by line."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sre_runner.casefile import Json
from sre_runner.commands.arguments import RunFolder, runs_option
from sre_runner.commands.run import print_result
from sre_runner.errors import ExitCode

if TYPE_CHECKING:
    from sre_runner.runs.verified import Verified

_EPILOG = """\
\b
Examples:
  sre-run verify last
  sre-run verify runs/* --json
  SRE_RUN_JOURNAL_KEY=… sre-run verify last --signed

Exit 0: every run is intact. 1: a run was changed, or its journal has no seals, so that nobody can tell. 3: a journal
cannot be read. Whoever can write the folder can also seal a changed journal anew; only signatures show that.
"""


@click.command(epilog=_EPILOG, short_help="Verify that runs are as they were written.")
@click.argument("named", type=RunFolder(), nargs=-1, required=True, metavar="RUN...")
@runs_option(expose_value=False)
@click.option("--signed", is_flag=True, help="Also exit 1 for a run that is not signed with SRE_RUN_JOURNAL_KEY.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array instead of lines.")
def verify(named: tuple[Path, ...], signed: bool, as_json: bool) -> int:
    """Verify the journal of each RUN: a run's folder, its name or `last`.

    Every line that was changed, dropped, doubled, moved or added is named, and so are a configuration that is not the
    one of the header's digest, and a conclusion.md or run.json of another journal. Signatures are checked with the key
    in SRE_RUN_JOURNAL_KEY.
    """
    from sre_runner.journal.seals import KEY_VARIABLE, key_of
    from sre_runner.render.run.export import dump
    from sre_runner.runs.verified import Signed, Standing, verify

    key = key_of(os.environ)
    if signed and not key:
        raise click.UsageError(f"--signed needs the key, and {KEY_VARIABLE} is not set.")
    found = [verify(run, key) for run in named]
    text = dump([_json(each) for each in found]) if as_json else "\n".join(_lines(found)) + "\n"
    if not print_result(text) or any(each.standing is Standing.BROKEN for each in found):
        return ExitCode.PARTIAL
    fine = all(each.standing is Standing.INTACT and (each.signed is Signed.YES or not signed) for each in found)
    return ExitCode.OK if fine else ExitCode.CHECK


def _json(found: Verified) -> Json:
    return {"run": found.folder.name, **asdict(found), "folder": str(found.folder)}


def _lines(all_of_them: Sequence[Verified]) -> Iterator[str]:
    from sre_runner.render.columns import one_line
    from sre_runner.runs.verified import Standing

    for found in all_of_them:
        said = {
            Standing.INTACT: f"intact, {found.lines:,} lines, digest {found.digest}, {_SIGNED[found.signed]}",
            Standing.CHANGED: "CHANGED after it was written",
            Standing.UNSEALED: "not sealed: its journal has format 1, in which changes of lines cannot be seen",
            Standing.BROKEN: f"cannot be read: {found.problem}",
        }
        yield one_line(f"{found.folder}: {said[found.standing]}")
        for change in found.changes:
            yield f"  {one_line(change.text)}"


_SIGNED = {
    "no": "not signed",
    "unchecked": "signed (not checked: SRE_RUN_JOURNAL_KEY is not set)",
    "yes": "signed with this key",
}
