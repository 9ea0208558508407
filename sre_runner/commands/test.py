"""`sre-run test`: runs playbooks against what they expect, and says what does not hold, with the evidence."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sre_runner.commands.arguments import config_option, offline_option, runs_option
from sre_runner.commands.run import keep, print_result
from sre_runner.errors import ExitCode, RunnerError
from sre_runner.render.terminal.streams import tell

if TYPE_CHECKING:
    from sre_runner.testing.cases import Judged, PlannedCase

FORMATS = ("text", "github", "markdown", "junit", "json")

_EPILOG = """\
\b
Examples:
  sre-run test --offline                              # every playbook of the configuration here
  sre-run test playbooks/payment-gateway.yaml --repeat 5 --require 4
  sre-run test playbooks --case default --jobs 8
  sre-run test --offline --junit report.xml --json
  sre-run test --offline --format github --junit report.xml      # marks on a pull request

Exits with 0 if all cases pass and 1 if one fails; see `sre-run docs exit-codes` for the others.
"""


@click.command(epilog=_EPILOG, short_help="Run playbooks against what they expect.")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PLAYBOOK]...", is_eager=True)
@config_option("The folder with agents.d and tools.d; found by walking up if left out.")
@offline_option()
@click.option("--case", "names", metavar="NAME", multiple=True, help="Only cases of this name. Repeatable.")
@click.option(
    "--repeat",
    type=click.IntRange(1, 1000),
    metavar="N",
    default=1,
    show_default=True,
    help="How often each case is run.",
)
@click.option(
    "--require", type=click.IntRange(1), metavar="N", help="How many of these must pass; all of them if left out."
)
@click.option(
    "--jobs",
    type=click.IntRange(1, 1000),
    metavar="N",
    default=4,
    show_default=True,
    help="Runs at the same time.",
)
@click.option(
    "--junit", type=click.Path(dir_okay=False, path_type=Path), help="Write JUnit XML into this file as well."
)
@click.option(
    "--format",
    "format_",
    type=click.Choice(FORMATS),
    default="text",
    show_default=True,
    help="`github` marks lines of a pull request, `markdown`, `junit` and `json` are one document; lines go to stderr.",
)
@click.option("--json", "format_", flag_value="json", help="The same as --format json.")
@runs_option(help="Where the runs' folders are made.")
def test(
    paths: tuple[Path, ...],
    config: Path | None,
    offline: bool,
    names: tuple[str, ...],
    repeat: int,
    require: int | None,
    jobs: int,
    junit: Path | None,
    format_: str,
    runs: Path,
) -> int:
    """Run the cases of each PLAYBOOK, and check what each expects.

    A PLAYBOOK is a file, a folder of playbooks, or a configuration directory; left out, it is the configuration here or
    in a folder above. A playbook with `expect` is the case `default`; its `tests` are further ones. Without any sign of
    credentials for a model service the runs are rehearsals, as with --offline.

    Ctrl-C starts no more tests and reports the finished ones; twice stops those still running.
    """
    from sre_runner.models.offline.notice import REHEARSAL, UNASKED
    from sre_runner.render.testing.cases import case_text, skipped_text, sum_text
    from sre_runner.runs.run import choose_model
    from sre_runner.testing.cases import exit_code, planned
    from sre_runner.testing.suite import Suite

    if require is not None and require > repeat:
        raise RunnerError(f"--require {require} is more than --repeat {repeat}", "A case passes at most once a repeat.")
    cases, skipped = planned(paths, config, names)
    rehearsal = choose_model(offline, os.environ, Path.home()) == "offline"
    write = _opened(junit)
    told = [True]

    def say(text: str) -> None:
        if format_ != "text":
            tell(text)
        elif told[-1]:
            told.append(print_result(text))

    if rehearsal:
        say(f"{REHEARSAL}\n")
    else:
        tell(_worst(cases, repeat))
    for file in skipped:
        say(skipped_text(file))
    began, clock = datetime.now(UTC), time.monotonic()
    judged = Suite(
        judged=lambda each: say(case_text(each)),
        ended=lambda record, folder, checked: keep(record, folder, checked),
        config=config,
        offline=offline,
        runs=runs,
        repeat=repeat,
        require=require or repeat,
        jobs=jobs,
    ).run(cases)
    seconds = time.monotonic() - clock
    say(sum_text(judged, skipped, seconds))
    written = write(judged, skipped, seconds, began, rehearsal)
    if format_ != "text":
        told.append(print_result(_document(format_, judged, skipped, seconds, began, rehearsal)))
    if rehearsal:
        say(f"{REHEARSAL}\n")
    code = exit_code(judged)
    if rehearsal and not offline:
        tell(UNASKED)
        code = ExitCode.SERVICE if code in (ExitCode.OK, ExitCode.CHECK, ExitCode.PARTIAL) else code
    return ExitCode.PARTIAL if code in (ExitCode.OK, ExitCode.CHECK) and not (written and told[-1]) else code


def _document(
    format_: str, judged: Sequence[Judged], skipped: Sequence[Path], seconds: float, began: datetime, rehearsal: bool
) -> str:
    """All cases in one of the formats that are no lines."""
    from sre_runner.render.run.export import dump
    from sre_runner.render.testing.case_reports import github, markdown
    from sre_runner.render.testing.cases import to_json
    from sre_runner.render.testing.junit import junit

    if format_ == "junit":
        return junit(judged, skipped, seconds, began, rehearsal)
    if format_ == "json":
        return dump(to_json(judged, skipped, seconds, rehearsal))
    return {"github": github, "markdown": markdown}[format_](judged, skipped, seconds, rehearsal)


def _opened(path: Path | None) -> Callable[[Sequence[Judged], Sequence[Path], float, datetime, bool], bool]:
    """What writes the JUnit file, whether it could be; a path that cannot be written is told before anything runs."""
    if path is None:
        return lambda *_: True
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8"):
        pass

    def write(
        judged: Sequence[Judged], skipped: Sequence[Path], seconds: float, began: datetime, rehearsal: bool
    ) -> bool:
        from sre_runner.render.testing.junit import junit

        try:
            path.write_text(junit(judged, skipped, seconds, began, rehearsal), encoding="utf-8")
        except OSError as error:
            tell(f"error: {path} cannot be written: {error.strerror}")
            return False
        return True

    return write


def _worst(cases: Sequence[PlannedCase], repeat: int) -> str:
    """What the runs may cost at worst, before they begin."""
    from sre_runner.review.worst_case import worst_case

    dollars, unknown = 0.0, False
    for case in cases:
        worst = worst_case(case.configuration)
        limits = [usd for usd in (worst.usd, worst.bounds.get("usd")) if usd is not None]
        dollars += min(limits, default=0.0) * repeat
        unknown = unknown or not limits
    runs = len(cases) * repeat
    most = f"at most about ${dollars:.2f}" + " and what has no known price" * unknown
    return f"note: {runs} {'run' if runs == 1 else 'runs'} on the model service will cost money: {most}"
