"""`sre-run batch`: investigates every incident of a list, several at a time, within limits over all of them."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sre_runner.commands.arguments import (
    Pair,
    config_option,
    offline_option,
    runs_option,
    settings_option,
    world_options,
    world_settings,
)
from sre_runner.commands.run import keep, print_result
from sre_runner.errors import ExitCode, RunnerError
from sre_runner.render.terminal.streams import is_terminal, tell

if TYPE_CHECKING:
    from sre_runner.journal.record import Record
    from sre_runner.runs.batch.batch import Batch
    from sre_runner.runs.batch.opening import Outcome
    from sre_runner.runs.batch.results import Result

SUMMARY = "summary.json"
LIMITS = ("usd", "tokens", "model_calls")
"""What a budget over all investigations can limit."""

TOLD_EVERY = 10.0
"""Seconds between lines of progress where stderr is no terminal."""


class _Budget(click.ParamType[dict[str, float]]):
    """`usd=20,tokens=5000000`."""

    name = "limits"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dict[str, float]:
        found = {}
        for part in str(value).split(","):
            key, _, number = part.partition("=")
            try:
                limit = float(number)
            except ValueError:
                limit = -1.0
            if key.strip() not in LIMITS or not 0 < limit < float("inf"):
                self.fail(f"{part!r} is no limit; write usd=NUMBER, tokens=NUMBER or model_calls=NUMBER.", param, ctx)
            found[key.strip()] = limit
        return found


def _number(name: str, metavar: str, help_: str, most: int = 1_000_000_000) -> Callable[[Any], Any]:
    return click.option(name, type=click.IntRange(1, most), metavar=metavar, help=help_)


_EPILOG = """\
\b
Examples:
  sre-run batch playbooks/service-health.yaml services.csv
  sre-run batch playbooks/service-health.yaml services.csv --offline | jq -r '[.place, .severity] | @tsv'
  sre-run batch playbooks/payment-gateway.yaml incidents.jsonl --jobs 20 --budget usd=20
  kubectl get deploy -o json | jq -c '.items[] | {service: .metadata.name}' | \\
    sre-run batch playbooks/service-health.yaml -
  sre-run batch --resume runs/batch-service-health-20261201-060000 --budget usd=40

`sre-run docs batch` describes lists, limits and results. Exits with 0 if every row is complete and 3 if one is not.
"""


@click.command(epilog=_EPILOG, short_help="Investigate every incident of a list.")
@click.argument("playbook", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path), is_eager=True)
@click.argument("incidents", required=False, type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@config_option("The folder with agents.d and tools.d; found by walking up from the playbook if left out.")
@click.option(
    "--input", "inputs", type=Pair(), metavar="NAME=VALUE", multiple=True, help="For every row without its own."
)
@settings_option("A key of the playbook, its value in YAML. Repeatable.")
@click.option("--label", "labels", type=Pair(), multiple=True, help="Kept with every run. Repeatable.")
@world_options()
@offline_option()
@click.option(
    "--format", "format_", type=click.Choice(("csv", "jsonl", "yaml")), help="Of the list, if its name does not say."
)
@_number("--jobs", "N", "Investigations at the same time; 4 if left out.", 10_000)
@_number("--calls", "N", "Model calls at the same time; 64 if left out.", 10_000)
@_number("--requests-per-minute", "N", "Model calls in any minute, retries included.")
@_number("--tokens-per-minute", "N", "Tokens in any minute: uncached input and output.")
@click.option("--budget", type=_Budget(), metavar="usd=N,tokens=N", help="A limit over all investigations.")
@click.option(
    "--resume", "earlier", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Go on with this batch."
)
@runs_option(help="Where the folders of the batch and of its runs are made.")
@click.option("-q", "--quiet", is_flag=True, help="No progress and no summary on stderr.")
def batch(
    playbook: Path | None,
    incidents: str | None,
    config: Path | None,
    inputs: tuple[tuple[str, str], ...],
    settings: tuple[tuple[str, str], ...],
    labels: tuple[tuple[str, str], ...],
    live: bool | None,
    without: tuple[str, ...],
    offline: bool,
    format_: str | None,
    jobs: int | None,
    calls: int | None,
    requests_per_minute: int | None,
    tokens_per_minute: int | None,
    budget: dict[str, float] | None,
    earlier: Path | None,
    runs: Path,
    quiet: bool,
) -> int:
    """Investigate each incident of INCIDENTS with PLAYBOOK: a list in CSV, JSON Lines or YAML, or - for stdin.

    The columns of the list are inputs of the playbook, and `task`, `alert`, `started_at` and `label.NAME`. Each row has
    a run of its own. Its result is a line of JSON on stdout as soon as it ends; progress and the summary go to stderr.
    A row that fails never stops the others. Write tools are never called.

    Ctrl-C starts no more rows and waits for running ones to conclude; twice stops them.
    """
    from sre_runner.runs.batch.opening import begin, go_on
    from sre_runner.runs.batch.wishes import Wishes, changed
    from sre_runner.runs.options import RunOptions

    rates = {"calls": calls, "requests": requests_per_minute, "tokens": tokens_per_minute}
    told = _Told(quiet)
    if earlier is not None:
        if playbook or inputs or settings or labels or without or format_ or offline or live is not None:
            raise RunnerError("--resume goes on with what the batch was begun with", "Give it limits alone.")
        return told.conclude(go_on(earlier, jobs, rates, budget or {}, (told.begun, told.ended)))
    if playbook is None or incidents is None:
        raise click.UsageError("Give a playbook and a list: sre-run batch PLAYBOOK INCIDENTS, or --resume FOLDER.")
    options = RunOptions(
        playbook,
        config,
        dict(inputs),
        settings=(*settings, *world_settings(live, without)),
        labels=dict(labels),
        offline=offline,
        runs=runs,
    )
    wishes = changed(Wishes(options, runs, incidents, format_), jobs, rates, budget or {})
    return told.conclude(begin(wishes, _stdin, told.begun, told.ended))


def _stdin() -> Any:
    # Not sys.stdin: a thread may still wait for it when the process ends.
    return open(0, encoding="utf-8", errors="surrogateescape", newline="", closefd=False)


class _Told:
    """What is printed while a batch runs, and at its end."""

    def __init__(self, quiet: bool) -> None:
        self._quiet = quiet
        self._terminal = is_terminal(sys.stderr)
        self._batch: Batch | None = None
        self._folder = Path()
        self._whole = True
        self._next = 0.0
        self._rehearsal = False

    def begun(self, batch: Batch, folder: Path) -> None:
        """Rows will begin."""
        self._batch, self._folder = batch, folder
        self._next = time.monotonic() + (0.0 if self._terminal else TOLD_EVERY)
        if not self._quiet:
            tell(f"batch {folder}")

    def ended(self, result: Result, record: Record | None, folder: Path | None) -> None:
        """A row ended: keep its conclusion, print its line."""
        if record is not None and folder is not None:
            self._rehearsal = record.rehearsal
            self._whole = keep(record, folder, None).whole and self._whole
        line = json.dumps(result.to_json(), ensure_ascii=False)
        self._whole = print_result(f"{line}\n") and self._whole
        self._progress()

    def _progress(self) -> None:
        from sre_runner.render.run.batch_summary import progress

        now = time.monotonic()
        if self._quiet or self._batch is None or now < self._next:
            return
        self._next = now + (0.2 if self._terminal else TOLD_EVERY)
        line = progress(self._batch.tally, self._batch.running, rehearsal=self._rehearsal)
        if self._terminal and not is_terminal(sys.stdout):
            sys.stderr.write(f"\r\x1b[K{line}")
            sys.stderr.flush()
        else:
            tell(line)

    def conclude(self, outcome: Outcome) -> int:
        """Print and keep the summary; the exit code."""
        from sre_runner.models.offline.notice import REHEARSAL, UNASKED
        from sre_runner.render.run.batch_summary import text, to_json
        from sre_runner.render.run.export import dump

        if self._terminal and not is_terminal(sys.stdout) and not self._quiet:
            sys.stderr.write("\r\x1b[K")
        (outcome.folder / SUMMARY).write_text(dump(to_json(outcome)), encoding="utf-8")
        if not self._quiet:
            tell(text(outcome).rstrip("\n"))
            if outcome.kind == "offline":
                tell(REHEARSAL)
        if not outcome.asked_for:
            tell(UNASKED)
        return outcome.exit_code if self._whole or outcome.exit_code else ExitCode.PARTIAL
