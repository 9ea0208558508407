"""`sre-run run`: investigates one incident with a playbook, shows the conclusion and keeps it beside the journal."""

from __future__ import annotations

import os
import sys
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sre_runner.errors import ExitCode
from sre_runner.render.streams import is_terminal, tell

if TYPE_CHECKING:
    from sre_runner.journal import Record


class _Pair(click.ParamType[tuple[str, str]]):
    """`name=value`; the value may have further equals signs, or be empty."""

    name = "name=value"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        key, sign, text = value.partition("=")
        if not sign or not key.strip():
            self.fail(f"{value!r} is not of the form name=value.", param, ctx)
        return key.strip(), text


class _Moment(click.ParamType[str]):
    """A moment in ISO 8601; without an offset, of the local time zone."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            moment = datetime.fromisoformat(value.strip())
            return (moment if moment.tzinfo else moment.astimezone()).isoformat()
        except (ValueError, OverflowError):
            self.fail(f"{value!r} is not a time in ISO 8601, such as 2026-11-22T14:23:00+01:00.", param, ctx)


_EPILOG = """\
\b
Examples:
  sre-run playbooks/payment-gateway.yaml
  sre-run playbooks/payment-gateway.yaml --offline --json | jq .conclusion.fields
  sre-run playbooks/payment-gateway.yaml --input service=checkout --started-at 2026-11-22T14:23:00Z
  sre-run playbooks/payment-gateway.yaml --set coordinator.strategy=sequential
  sre-run playbooks/payment-gateway.yaml --set coordinator.strategy=single --set 'specialists=[generalist]'

The conclusion goes to stdout, everything else to stderr. Ctrl-C once concludes with what is there; twice exits.
"""


@click.command(epilog=_EPILOG, short_help="Investigate an incident with a playbook.")
@click.argument("playbook", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--config",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder with agents.d and tools.d; found by walking up from the playbook if left out.",
)
@click.option("--input", "inputs", type=_Pair(), multiple=True, help="An input of the playbook, as text. Repeatable.")
@click.option("--task", metavar="TEXT", help="The task, instead of the playbook's.")
@click.option(
    "--set", "settings", type=_Pair(), multiple=True, help="A key of the playbook, its value in YAML. Repeatable."
)
@click.option("--label", "labels", type=_Pair(), multiple=True, help="Kept with the run, as text. Repeatable.")
@click.option("--started-at", type=_Moment(), help="When the incident began, in ISO 8601.")
@click.option("--offline", is_flag=True, help="Rehearse: fixed rules instead of an LLM, no network, no key.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of Markdown.")
@click.option(
    "--runs",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("runs"),
    show_default=True,
    help="Where the run's folder is made.",
)
@click.option("-q", "--quiet", is_flag=True, help="No progress on stderr.")
def run(
    playbook: Path,
    config: Path | None,
    inputs: tuple[tuple[str, str], ...],
    task: str | None,
    settings: tuple[tuple[str, str], ...],
    labels: tuple[tuple[str, str], ...],
    started_at: str | None,
    offline: bool,
    as_json: bool,
    runs: Path,
    quiet: bool,
) -> int:
    """Investigate the incident that PLAYBOOK describes, and print the conclusion.

    Without any sign of credentials for a model service, the run is a rehearsal, as with --offline.
    """
    from sre_runner.run import RunOptions
    from sre_runner.run import run as investigate

    options = RunOptions(
        playbook=playbook,
        config=config,
        inputs=dict(inputs),
        task=task,
        settings=settings,
        labels=dict(labels),
        started_at=started_at,
        offline=offline,
        runs=runs,
    )
    with _progress(quiet) as progress:
        record, folder = investigate(options, [progress] if progress else [])
    return conclude(record, folder, as_json=as_json, quiet=quiet)


def conclude(record: Record, folder: Path, *, as_json: bool, quiet: bool) -> int:
    """Keep the conclusion in the run's folder and print it; the exit code. Printed it is even if the disk is full."""
    from sre_runner.render.export import dump, to_json
    from sre_runner.render.markdown import markdown

    document, data = markdown(record), dump(to_json(record))
    code = record.exit_code or 0
    kept = _keep(folder / "conclusion.md", document) and _keep(folder / "run.json", data)
    if kept and not quiet:
        tell(f"kept in {folder}: journal.jsonl, conclusion.md, run.json")
    printed = _print(data) if as_json else _print(document, rendered=True)
    return code if kept and printed else code or ExitCode.PARTIAL


def _progress(quiet: bool) -> AbstractContextManager[Any]:
    if quiet:
        return nullcontext()
    from sre_runner.render.progress import Lines

    if not is_terminal(sys.stderr):
        return Lines(sys.stderr)
    from sre_runner.render.terminal import Screen

    return Screen(sys.stderr, notice_last=not is_terminal(sys.stdout))


def _keep(path: Path, text: str) -> bool:
    """Write a file for the owner alone; whether it could be written. What failed is told."""
    try:
        opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(opened, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        tell(f"error: {path} cannot be written: {error.strerror}. The conclusion is printed all the same.")
        return False
    return True


def _print(text: str, *, rendered: bool = False) -> bool:
    """Print the result; whether it could be. A reader that has gone away has all that it wanted."""
    try:
        if rendered and is_terminal(sys.stdout):
            from sre_runner.render.terminal import show

            show(text, sys.stdout)
        else:
            sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        return True
    except OSError as error:
        tell(f"error: the result cannot be printed: {error.strerror}")
        return False
    return True
