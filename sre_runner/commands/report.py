"""`sre-run report`: what runs came to, to hand on: a web page with all of its evidence, Markdown, Slack, JSON."""

from __future__ import annotations

import os
import urllib.parse
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sre_runner.commands.arguments import RunFolder, runs_option
from sre_runner.commands.run import print_result, write_whole
from sre_runner.errors import ExitCode, RunnerError
from sre_runner.render.terminal.streams import tell

if TYPE_CHECKING:
    from sre_runner.journal.record import Record
    from sre_runner.runs.past_runs import Found


def _html(record: Record) -> str:
    from sre_runner.render.html.page import html

    return html(record)


def _markdown(record: Record) -> str:
    from sre_runner.render.run.markdown import markdown

    return markdown(record)


def _postmortem(record: Record) -> str:
    from sre_runner.render.run.postmortem import postmortem

    return postmortem(record)


def _slack(record: Record) -> str:
    from sre_runner.render.run.slack import dumped

    return dumped(record)


def _json(record: Record) -> str:
    from sre_runner.render.run.export import dump, to_json

    return dump(to_json(record))


FORMATS: Mapping[str, Callable[[Record], str]] = {
    "html": _html,
    "markdown": _markdown,
    "slack": _slack,
    "json": _json,
}
"""The formats by name; each is made where it is asked for."""

_EPILOG = """\
\b
Examples:
  sre-run report last --open
  sre-run report payment-gateway-20261122-142301 --output report.html
  sre-run report --all --output runs/index.html
  sre-run report last --format slack | curl -H 'Content-Type: application/json' -d @- "$SLACK_WEBHOOK"
  sre-run report last --postmortem > postmortem.md

A page is one file that loads nothing: attach it to a ticket. `sre-run docs report` says what is in it.
"""


@click.command(epilog=_EPILOG, short_help="A run as a web page, Markdown, Slack message or JSON.")
@click.argument("named", type=RunFolder(), nargs=-1, metavar="[RUN]...")
@runs_option()
@click.option("--all", "of_all", is_flag=True, help="Report every run in the folder of --runs.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(list(FORMATS)),
    help="Left out, html. A page is written to a file; the other formats are printed, one run after the other.",
)
@click.option("--postmortem", is_flag=True, help="Print a postmortem to fill in, in Markdown.")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the page to this file: of several runs, their index. Left out, report.html in the run's folder, and "
    "index.html in the folder of --runs.",
)
@click.option("--open", "opened", is_flag=True, help="Open the page in a browser.")
def report(
    named: tuple[Path, ...],
    runs: Path,
    of_all: bool,
    format_: str | None,
    postmortem: bool,
    output: Path | None,
    opened: bool,
) -> int:
    """Report each RUN: a run's folder, its name in the folder of --runs, or `last` for the newest.

    One run becomes a page; several become a page each, and an index with filters.
    """
    if of_all == bool(named):
        raise click.UsageError("Name the runs to report, or report all of the folder of --runs with --all; not both.")
    if postmortem and format_ not in (None, "markdown"):
        raise click.UsageError(f"--postmortem is Markdown; leave out --format {format_}.")
    if (postmortem or format_ not in (None, "html")) and (output or opened):
        raise click.UsageError("--output and --open are for pages, which are --format html.")
    found = _found(named, runs)
    if postmortem or format_ not in (None, "html"):
        return _print(found, _postmortem if postmortem else FORMATS[str(format_)])
    path = _page_of(found[0], output) if named and len(found) == 1 else _index_of(found, output or runs / "index.html")
    tell(f"written to {path}")
    if opened:
        _open(path)
    return ExitCode.OK


def _found(named: Sequence[Path], runs: Path) -> list[Found]:
    """The runs, in the order given, each once; raise `RunnerError` where there is none."""
    from sre_runner.runs.past_runs import find, found_at

    if not named:
        found = find(runs)
        if not found:
            raise RunnerError(f"there are no runs in {runs}", "--runs says where else to look.")
        return found
    return [_at(folder, found_at) for folder in {each.resolve(): each for each in named}.values()]


def _at(folder: Path, found_at: Callable[[Path], Found]) -> Found:
    from sre_runner.journal.file import JOURNAL

    try:
        return found_at(folder)
    except OSError as error:
        raise RunnerError(
            f"{folder} is not a run: it has no {JOURNAL}", "Give the folder of one run, such as a folder below runs."
        ) from error


def _print(found: Sequence[Found], form: Callable[[Record], str]) -> int:
    printed = [print_result(_rendered(each, form)) for each in found]
    return ExitCode.OK if all(printed) else ExitCode.PARTIAL


def _rendered(found: Found, form: Callable[[Record], str]) -> str:
    """A run in a form; raise `RunnerError` where its journal makes no sense."""
    from sre_runner.journal.file import JOURNAL
    from sre_runner.journal.record import record_of, sound

    with sound(found.folder / JOURNAL):
        return form(record_of(found.folder))


def _page_of(found: Found, output: Path | None) -> Path:
    from sre_runner.render.run.formats import REPORT

    path = output or found.folder / REPORT
    _write(path, _rendered(found, _html))
    return path


def _index_of(found: Sequence[Found], path: Path) -> Path:
    """Write a page for each run that can be read, and the index that leads to them."""
    from sre_runner.render.html.index import index
    from sre_runner.runs.past_runs import look

    rows = [(look(each), _linked(each, path)) for each in found]
    _write(path, index(rows))
    return path


def _linked(found: Found, index: Path) -> str:
    """The address of a run's page from an index; "" where the run cannot be read, which is said."""
    if found.problem:
        return ""
    try:
        page = _page_of(found, None)
    except RunnerError as error:
        tell(f"no page: {error.message}")
        return ""
    return urllib.parse.quote(os.path.relpath(page, index.parent), errors="surrogateescape")


def _write(path: Path, text: str) -> None:
    try:
        write_whole(path, text)
    except OSError as error:
        raise RunnerError(f"{path} cannot be written: {error.strerror}") from error


def _open(path: Path) -> None:
    import webbrowser

    if not webbrowser.open(path.resolve().as_uri()):
        tell("No browser was found; open the file yourself.")
