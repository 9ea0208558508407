"""`sre-run show`: what a past run came to and how: its conclusion, votes, timeline and calls."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sre_runner.commands.arguments import RunFolder, full_option, of_recorded_runs, runs_option
from sre_runner.commands.changed import checked_record, code_of
from sre_runner.commands.run import print_result
from sre_runner.errors import RunnerError
from sre_runner.render.terminal.streams import tell

if TYPE_CHECKING:
    from sre_runner.journal.record import CallRecord, Record

_EPILOG = """\
\b
Examples:
  sre-run show last
  sre-run show last --full
  sre-run show payment-gateway-20261122-142301 --timeline --calls
  sre-run show runs/payment-gateway-20261122-142301 --json | jq .conclusion.fields
  sre-run show last --call 1 --whole

It can be a run that is going on, or one that was killed: what is there is shown. Exit 1 where the journal was changed
after it was written; it is shown all the same.
"""


@click.command(epilog=_EPILOG, short_help="Show what a run came to, and how.")
@click.argument("run", type=RunFolder())
@runs_option(expose_value=False)
@full_option()
@click.option("--conclusion", "parts", flag_value="conclusion", multiple=True, help="Only the conclusion, whole.")
@click.option("--votes", "parts", flag_value="votes", multiple=True, help="Only the votes.")
@click.option("--timeline", "parts", flag_value="timeline", multiple=True, help="Only who was at work when.")
@click.option("--calls", "parts", flag_value="calls", multiple=True, help="Only the calls.")
@click.option("--call", "number", type=click.IntRange(min=1), metavar="N", help="Only this call, request and answer.")
@click.option("--whole", is_flag=True, help="With --call of a model: all that it was sent, not only what was new.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of Markdown.")
@of_recorded_runs
def show(run: Path, full: bool, parts: tuple[str, ...], number: int | None, whole: bool, as_json: bool) -> int:
    """Show RUN: a run's folder, its name in the folder of --runs, or `last` for the newest.

    That is its conclusion on one screen; of --conclusion, --votes, --timeline and --calls those that are given, with
    --full all of them.
    """
    if full and (parts or number):
        raise click.UsageError("--full shows everything; leave it out to select a part.")
    if parts and (as_json or number):
        raise click.UsageError(f"--{parts[0]} selects a part of the document; leave it out with --json and --call.")
    if whole and not number:
        raise click.UsageError("--whole shows a call whole: say which with --call N.")
    from sre_runner.render.run.export import dump, to_json

    record = checked_record(run)
    _tell_of_end(run, record)
    if number:
        text = _call(record, number, whole=whole, as_json=as_json)
    else:
        text = dump(to_json(record)) if as_json else _document(record, parts, full=full)
    return code_of(record, printed=print_result(text, rendered=not as_json))


def _document(record: Record, parts: tuple[str, ...], *, full: bool) -> str:
    from sre_runner.render.run.call_list import calls
    from sre_runner.render.run.markdown import document, markdown, voted
    from sre_runner.render.run.screen import screen
    from sre_runner.render.run.timeline import timeline

    known = {"votes": voted, "timeline": timeline, "calls": calls}
    if not parts and not full:
        return screen(record)
    if full:
        return markdown(record, timeline, calls)
    if "conclusion" in parts:  # which has the votes
        return markdown(record, *(known[name] for name in ("timeline", "calls") if name in parts))
    if parts == ("votes",) and not any(voted(record)):
        tell("No votes were recorded in this run.")
    return document(record, *(part for name, part in known.items() if name in parts))


def _call(record: Record, number: int, *, whole: bool, as_json: bool) -> str:
    from sre_runner.journal.whole_request import whole_request
    from sre_runner.render.run.call_list import one_call, one_call_json
    from sre_runner.render.run.export import dump
    from sre_runner.render.run.markdown import document

    call: CallRecord | None = record.calls.get(number)
    if call is None:
        raise RunnerError(f"this run has no call {number}", f"They are numbered up to {max(record.calls, default=0)}.")
    request = whole_request(record, call) if whole else None
    if as_json:
        return dump(one_call_json(record, call, request))
    return document(record, lambda of: one_call(of, call, request))


def _tell_of_end(folder: Path, record: Record) -> None:
    """Say so where a run has no conclusion, and what can be done."""
    from sre_runner.journal.file import JOURNAL
    from sre_runner.runs.past_runs import is_being_written

    if is_being_written(folder / JOURNAL):
        tell(f"{folder} is running; this is how far it has come.")
    elif record.conclusion is None:
        ended = "was killed" if record.exit_code is None else f"ended with exit code {record.exit_code}"
        tell(f"{folder} has no conclusion: it {ended}.\nhint: sre-run resume {folder} goes on with it")
