"""`sre-run run`: investigates one incident with a playbook, shows the conclusion and keeps it beside the journal."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import click

from sre_runner.commands.arguments import (
    Pair,
    RunFolder,
    config_option,
    full_option,
    offline_option,
    runs_option,
    settings_option,
    world_options,
    world_settings,
)
from sre_runner.commands.texts import text_options
from sre_runner.errors import ExitCode
from sre_runner.render.terminal.streams import is_terminal, is_watched, tell

if TYPE_CHECKING:
    from sre_runner.journal.record import Record
    from sre_runner.testing.expectations.check import Expectation

Form: TypeAlias = Literal["screen", "full", "json"]
"""How a conclusion is printed: on one screen, the whole text, or as JSON."""

EVERY_TOOL = "*"
"""What `--allow-write` stands for without a value."""

_TOOL = re.compile(r"[A-Za-z0-9_-]{1,64}|\*")


class _Moment(click.ParamType[str]):
    """A moment in ISO 8601; without an offset, of the local time zone."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            moment = datetime.fromisoformat(value.strip())
            return (moment if moment.tzinfo else moment.astimezone()).isoformat()
        except (ValueError, OverflowError):
            self.fail(f"{value!r} is not a time in ISO 8601, such as 2026-11-22T14:23:00+01:00.", param, ctx)


class _Tool(click.ParamType[str]):
    """The name of a tool; an empty one, such as that of a variable that is not set, must not allow everything."""

    name = "tool"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if not _TOOL.fullmatch(value):
            self.fail(f"{value!r} is not the name of a tool.", param, ctx)
        return str(value)


class _Run(click.Command):
    """`--allow-write` takes no value that cannot be one, so that it may stand before the playbook."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        end = args.index("--") if "--" in args else len(args)
        for place, (option, word) in enumerate(zip(args[:end], [*args[1:end], ""], strict=False)):
            if option == "--allow-write" and not _TOOL.fullmatch(word):
                args = [*args[:place], f"{option}={EVERY_TOOL}", *args[place + 1 :]]
        return super().parse_args(ctx, args)


_EPILOG = """\
\b
Examples:
  sre-run playbooks/payment-gateway.yaml
  sre-run playbooks/payment-gateway.yaml --offline --json | jq .conclusion.fields
  sre-run playbooks/payment-gateway.yaml --input service=checkout --started-at 2026-11-22T14:23:00Z
  sre-run playbooks/payment-gateway.yaml --alert alert.json
  kubectl logs deploy/checkout | sre-run playbooks/payment-gateway.yaml --task -
  sre-run playbooks/payment-gateway.yaml --set coordinator.strategy=sequential
  sre-run playbooks/payment-gateway.yaml --set coordinator.strategy=single --set 'specialists=[generalist]'
  sre-run playbooks/live-triage.yaml --live --input namespace=shop --input service=checkout
  sre-run playbooks/payment-gateway.yaml --check
  sre-run playbooks/payment-gateway.yaml --reuse runs/payment-gateway-20261122-142301

The conclusion goes to stdout, everything else to stderr. Ctrl-C concludes from what was found so far; twice exits.
"""


@click.command(cls=_Run, epilog=_EPILOG, short_help="Investigate an incident with a playbook.")
@click.argument("playbook", type=click.Path(exists=True, dir_okay=False, path_type=Path), is_eager=True)
@config_option("The folder with agents.d and tools.d; found by walking up from the playbook if left out.")
@text_options()
@settings_option("A key of the playbook, its value in YAML. Repeatable.")
@click.option("--label", "labels", type=Pair(), multiple=True, help="Kept with the run, as text. Repeatable.")
@click.option("--started-at", type=_Moment(), help="When the incident began, in ISO 8601.")
@world_options()
@offline_option()
@click.option(
    "--allow-write",
    type=_Tool(),
    multiple=True,
    is_flag=False,
    flag_value=EVERY_TOOL,
    metavar="[TOOL]",
    help="Let agents call this write tool, or every one; left out, none. Repeatable.",
)
@click.option("--ask", is_flag=True, help="Ask at the terminal before each write that --allow-write does not allow.")
@click.option(
    "--reuse",
    metavar="RUN",
    type=RunFolder(),
    help="An earlier run, its name or `last`: where a call is the same, its answer is used and not paid for again.",
)
@click.option("--case", metavar="NAME", help="Investigate this one of the playbook's `tests` instead.")
@click.option("--sign", is_flag=True, help="Sign the journal with the key in SRE_RUN_JOURNAL_KEY.")
@click.option("--check", is_flag=True, help="Check what the playbook expects of the run; exit 1 if it does not hold.")
@full_option()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of Markdown.")
@runs_option(help="Where the run's folder is made.")
@click.option("-q", "--quiet", is_flag=True, help="No progress on stderr.")
def run(
    playbook: Path,
    config: Path | None,
    inputs: tuple[tuple[str, str], ...],
    task: str | None,
    alert: Any,
    settings: tuple[tuple[str, str], ...],
    labels: tuple[tuple[str, str], ...],
    started_at: str | None,
    live: bool | None,
    without: tuple[str, ...],
    offline: bool,
    allow_write: tuple[str, ...],
    ask: bool,
    reuse: Path | None,
    case: str | None,
    sign: bool,
    check: bool,
    full: bool,
    as_json: bool,
    runs: Path,
    quiet: bool,
) -> int:
    """Investigate the incident that PLAYBOOK describes, and print the conclusion.

    Without any sign of credentials for a model service the run is a rehearsal, as with --offline, and exits with 4,
    because nobody asked for one.
    """
    from sre_runner.runs.options import RunOptions
    from sre_runner.runs.run import run as investigate

    options = RunOptions(
        playbook=playbook,
        config=config,
        inputs=dict(inputs),
        task=task,
        alert=alert,
        settings=(*settings, *world_settings(live, without)),
        labels=dict(labels),
        started_at=started_at,
        offline=offline,
        allow_write=[name for name in allow_write if name != EVERY_TOOL],
        allow_every_write=EVERY_TOOL in allow_write,
        reuse=reuse,
        case=case,
        runs=runs,
        sign=sign,
    )
    with progress_of(quiet) as progress:
        if ask:
            from sre_runner.commands.asking import asker

            options = replace(options, ask=asker(getattr(progress, "paused", nullcontext)))
        record, folder = investigate(options, [progress] if progress else [])
    checked = _checked(record) if check else None
    return conclude(record, folder, form_of(full=full, as_json=as_json), quiet=quiet, checked=checked)


def form_of(*, full: bool, as_json: bool) -> Form:
    """The form that these options ask for; the JSON has all of it anyway."""
    return "json" if as_json else "full" if full else "screen"


def conclude(
    record: Record, folder: Path, form: Form, *, quiet: bool, checked: Sequence[Expectation] | None = None
) -> int:
    """Keep the conclusion in the run's folder and print it; the exit code. Printed it is even if the disk is full.

    `checked` are the expectations of the playbook where they were asked for.
    """
    kept = keep(record, folder, checked)
    if kept.whole and not quiet:
        tell(f"kept in {folder}: {', '.join(['journal.jsonl', *kept.files])}")
    printed = print_result(_text(record, kept, form), rendered=form != "json")
    if checked is not None:
        _tell(checked)
    if not record.started.asked_for:
        from sre_runner.models.offline.notice import UNASKED

        tell(UNASKED)
    elif kept.code == ExitCode.SERVICE:
        _tell_fault(record)
    whole = kept.whole and printed
    return ExitCode.PARTIAL if kept.code in (ExitCode.OK, ExitCode.CHECK) and not whole else kept.code


def _text(record: Record, kept: Kept, form: Form) -> str:
    """What is printed of a run that ended."""
    if form == "screen":
        from sre_runner.render.run.screen import screen

        return screen(record)
    return kept.texts["json" if form == "json" else "markdown"]


@dataclass(frozen=True)
class Kept:
    """What came of keeping a run: its exit code, its `texts` by their formats, the names of their `files`, and whether
    all were written."""

    code: int
    texts: Mapping[str, str]
    files: Sequence[str]
    whole: bool


def keep(record: Record, folder: Path, checked: Sequence[Expectation] | None) -> Kept:
    """Keep the conclusion in the run's folder in every format, up to the first that cannot be written."""
    from sre_runner.render.run.formats import FORMATS

    code = record.exit_code or (ExitCode.OK if all(each.holds for each in checked or ()) else ExitCode.CHECK)
    ended = replace(record, exit_code=int(code))
    texts = {name: each.text(ended, checked) for name, each in FORMATS.items()}
    whole = all(_keep(folder / each.file, texts[name]) for name, each in FORMATS.items())
    return Kept(code, texts, [each.file for each in FORMATS.values()], whole)


def _checked(record: Record) -> list[Expectation]:
    """What the playbook of a run expects of it, each with whether it holds."""
    from sre_runner.testing.expectations.check import check

    return check(record.configuration.playbook.expect, record)


def _tell_fault(record: Record) -> None:
    """The one line that says why no model drew a conclusion."""
    from sre_runner.journal.facts import service_fault

    fault = service_fault(record)
    if fault:
        message, hint = fault
        tell(f"error: {message}" + (f"\nhint: {hint}" if hint else ""))


def _tell(checked: Sequence[Expectation]) -> None:
    """Each expectation, and what was found where it does not hold."""
    for each in checked:
        tell(f"ok: {each.expected}" if each.holds else f"FAILED: {each.expected}, but {each.found}")
        for line in each.evidence:
            tell(f"  {line}")
    if not checked:
        tell("note: --check has nothing to do, as the playbook has no `expect`")


def progress_of(quiet: bool) -> AbstractContextManager[Any]:
    if quiet:
        return nullcontext()
    from sre_runner.render.terminal.progress import Lines

    if not is_watched(sys.stderr):
        return Lines(sys.stderr)
    from sre_runner.render.terminal.live import Screen

    return Screen(sys.stderr, notice_last=not is_terminal(sys.stdout))


def _keep(path: Path, text: str) -> bool:
    """Write a file of the run; whether it could be. What failed is told."""
    try:
        write_whole(path, text)
    except OSError as error:
        tell(f"error: {path} cannot be written: {error.strerror}. The conclusion is printed all the same.")
        return False
    return True


def write_whole(path: Path, text: str) -> None:
    """Write a file for the owner alone, in the place of one of before: as a whole, or not at all."""
    beside = path.with_name(f".{path.name}")
    opened = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(opened, "w", encoding="utf-8") as file:
        file.write(text)
    beside.replace(path)


def print_result(text: str, *, rendered: bool = False) -> bool:
    """Print the result; whether it could be. A reader that has gone away has all that it wanted."""
    try:
        if rendered and is_terminal(sys.stdout):
            from sre_runner.render.terminal.terminal import show

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
