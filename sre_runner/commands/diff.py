"""`sre-run diff`: what a change of the configuration means, privileges first, for whoever reviews it."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sre_runner.commands.arguments import RunFolder, config_option, runs_option
from sre_runner.commands.run import print_result
from sre_runner.errors import ExitCode
from sre_runner.render.terminal.streams import has_color, tell

if TYPE_CHECKING:
    from sre_runner.casefile import Json
    from sre_runner.review.diff.changes import Change
    from sre_runner.review.diff.difference import Difference
    from sre_runner.review.diff.pairs import Both
    from sre_runner.review.side_by_side.rehearsed import Rehearsed

FORMATS = ("text", "markdown", "json")
RESULT = "result"
"""The word of `--fail-on` that is about rehearsals and not about changes."""


def _of_group(group: str) -> Callable[[Change], bool]:
    return lambda change: change.group == group and change.risk != "low"


FAIL_ON: Mapping[str, Callable[[Change], bool]] = {
    "privilege": _of_group("privilege"),
    "cost": _of_group("cost"),
    "behaviour": _of_group("behaviour"),
    "weakened": lambda change: change.weakens,
    "high": lambda change: change.risk == "high",
    "any": lambda _: True,
    RESULT: lambda _: False,
}
"""What makes a gate fail, by the word of `--fail-on`."""

_EPILOG = """\
\b
Examples:
  sre-run diff                                    # this branch: since it left the default branch
  sre-run diff HEAD                               # what is not committed yet
  sre-run diff v1.4 v1.5 --format json
  sre-run diff origin/main... --format markdown   # for a comment on a pull request
  sre-run diff --fail-on privilege --fail-on weakened
  sre-run diff ../before ../after
  sre-run diff --rehearse --fail-on result
  sre-run diff --replay last
  sre-run diff --replay payment-gateway-20261122-142301

\b
--fail-on takes a group (privilege, cost, behaviour: any change of it above low risk),
weakened (less is expected of a run), high (any high risk), any (any change at all), or
result (with --rehearse or --replay: another status or verdict, or an expectation fails now).
Exits with 2 where HEAD has problems, else with 1 where --fail-on applies, else with 0.
"""


@click.command(epilog=_EPILOG, short_help="What a change of the configuration means.")
@click.argument("base", required=False)
@click.argument("head", required=False)
@config_option("The folder with agents.d and tools.d; found by walking up from here if left out.")
@click.option(
    "--format", "format_", type=click.Choice(FORMATS), default="text", show_default=True, help="How it is printed."
)
@click.option("--json", "format_", flag_value="json", help="The same as --format json.")
@click.option("--rehearse", is_flag=True, help="Rehearse the playbooks that are touched on both sides, by fixed rules.")
@click.option(
    "--replay",
    "recorded",
    metavar="RUN",
    type=RunFolder(),
    multiple=True,
    help="Replay a recorded run, its folder, its name or `last`, under both sides. Repeatable.",
)
@runs_option(expose_value=False)
@click.option("--fail-on", type=click.Choice(list(FAIL_ON)), multiple=True, help="Exit 1 where it applies. Repeatable.")
def diff(
    base: str | None,
    head: str | None,
    config: Path | None,
    format_: str,
    rehearse: bool,
    recorded: tuple[Path, ...],
    fail_on: tuple[str, ...],
) -> int:
    """Compare two configurations by what they mean: privileges first, then cost, then behaviour.

    BASE and HEAD are git revisions, or directories. Left out, BASE is where this branch left the default branch, and
    HEAD is what the files say now. `A...B` is where A and B went apart, and B. Nothing is checked out. The order of
    keys, comments, layout, and defaults that are spelled out make no difference, and what is renamed is renamed.
    """
    from sre_runner.commands.two_sides import as_known, two_sides
    from sre_runner.review.diff.difference import compare
    from sre_runner.text.output import secrets_of

    if RESULT in fail_on and not (rehearse or recorded):
        raise click.UsageError("--fail-on result goes with --rehearse or --replay RUN.")
    with tempfile.TemporaryDirectory(prefix="sre-run-diff-") as temporary:
        old, new, notes = two_sides(base, head, config, Path(temporary).resolve())
        found, both = compare(old.root, new.root, secrets_of(os.environ))
        difference = as_known(found, old, new)
        results = _results(both, difference.touched if rehearse else (), recorded)
    for note in notes:
        tell(f"note: {note}")
    failed = [word for word in dict.fromkeys(fail_on) if any(map(FAIL_ON[word], difference.changes))]
    if RESULT in fail_on and any(each.other_result for each in results):
        failed.append(RESULT)
    told = _Told(difference, old.label, new.label, failed, results if rehearse or recorded else None, rehearse)
    printed = print_result(_FORMATS[format_](told))
    if failed:
        tell(f"failed: {', '.join(failed)}")
    if difference.head_problems:
        return ExitCode.USAGE
    if not printed:
        return ExitCode.PARTIAL
    return ExitCode.CHECK if failed else ExitCode.OK


def _results(both: Both, playbooks: Sequence[str], runs: Sequence[Path]) -> list[Rehearsed]:
    """The rehearsals of these playbooks, and the replays of these runs, on both sides."""
    if not (playbooks or runs):
        return []
    from sre_runner.journal.file import JOURNAL
    from sre_runner.journal.record import record_of, sound
    from sre_runner.review.side_by_side.rehearsed import rehearsed, replayed

    records = [record_of(run) for run in runs]
    results = list(rehearsed(both, playbooks))
    for run, record in zip(runs, records, strict=True):
        with sound(run / JOURNAL):
            results.append(replayed(both, record))
    return results


@dataclass(frozen=True)
class _Told:
    """What is printed. `results` is None where none were asked for, `notice` whether the offline model made some."""

    difference: Difference
    base: str
    head: str
    failed: Sequence[str]
    results: Sequence[Rehearsed] | None
    notice: bool


def _text(told: _Told) -> str:
    from sre_runner.render.columns import one_line
    from sre_runner.render.diff.text import text
    from sre_runner.render.problems import format_problems

    color, difference = has_color(sys.stdout), told.difference
    blocks = [f"From {one_line(told.base)} to {one_line(told.head)}\n", text(difference, color)]
    for title, problems in (("HEAD", difference.head_problems), ("BASE", difference.base_problems)):
        if problems:
            lines = format_problems(problems, color)
            blocks.append(f"\nProblems in {title}, so that not everything could be compared:\n\n{lines}")
    if told.results:
        from sre_runner.render.diff import side_by_side as tables

        blocks.append(f"\n{tables.text(told.results, told.notice)}")
    return "".join(blocks)


def _markdown(told: _Told) -> str:
    from sre_runner.render.diff.markdown import markdown

    if not told.results:
        return markdown(told.difference, (told.base, told.head))
    from sre_runner.render.diff import side_by_side as tables

    return markdown(told.difference, (told.base, told.head), tables.markdown(told.results, told.notice))


def _json(told: _Told) -> str:
    from sre_runner.render.diff.text import FORMAT, to_json
    from sre_runner.render.run.export import dump

    data: dict[str, Any] = {
        "format": FORMAT,
        "base": told.base,
        "head": told.head,
        **to_json(told.difference),
        "results": None if told.results is None else _results_json(told.results),
        "failed": list(told.failed),
    }
    return dump(data)


def _results_json(results: Sequence[Rehearsed]) -> Json:
    from sre_runner.render.diff import side_by_side as tables

    return tables.to_json(results)


_FORMATS: Mapping[str, Callable[[_Told], str]] = {"text": _text, "markdown": _markdown, "json": _json}
