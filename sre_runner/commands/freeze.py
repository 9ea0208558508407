"""`sre-run freeze`: makes a configuration of a recorded run, which rehearses it and tests it from then on."""

from __future__ import annotations

import os
import shlex
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sre_runner.casefile import Json
from sre_runner.commands.arguments import RunFolder, runs_option
from sre_runner.commands.run import print_result
from sre_runner.errors import ExitCode, RunnerError
from sre_runner.render.terminal.streams import tell

if TYPE_CHECKING:
    from sre_runner.journal.record import Record

_EPILOG = """\
\b
Examples:
  sre-run freeze last incidents/payment-gateway
  sre-run test incidents/payment-gateway --offline

`sre-run docs freeze` says what is written. The playbook's path is printed on stdout, all else on stderr.
"""

_MOST_MISSED = 20


@click.command(epilog=_EPILOG, short_help="Make a rehearsal and a test of a recorded run.")
@click.argument("run", type=RunFolder())
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
@runs_option(expose_value=False)
def freeze(run: Path, directory: Path) -> int:
    """Write RUN into DIRECTORY as a configuration: its playbook, its agents, and its tools with what they answered.

    The same calls get the same answers, to the byte. The playbook expects what the run concluded; it is rehearsed
    offline first, and what the rehearsal does not meet is left out and reported.

    DIRECTORY must be new or empty. All files are written, or none.
    """
    from sre_runner.journal.file import JOURNAL
    from sre_runner.journal.record import record_of, sound
    from sre_runner.runs.freezing.documents import documents
    from sre_runner.testing.draft import drafted

    record = record_of(run)
    if record.conclusion is None:
        raise RunnerError(f"{run} has no conclusion to expect", f"Finish it first: sre-run resume {run}")
    with sound(run / JOURNAL):
        texts, draft = documents(record, {}), drafted(record)
    _check_free(directory)
    directory.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".freeze-", dir=directory.parent) as beside:
        root = Path(beside) / "frozen"
        _write(record, root, texts)
        told = _rehearsed(record, root, draft)
        _check_free(directory)
        _move(root, directory)
    return _told(record, directory, told)


def _check_free(directory: Path) -> None:
    if os.path.lexists(directory) and (not directory.is_dir() or any(directory.iterdir())):
        raise RunnerError(f"nothing was written, as {directory} is not an empty directory", "Choose another directory.")


def _rehearsed(record: Record, root: Path, draft: Mapping[str, Json]) -> Sequence[str]:
    """Check what was written, rehearse it, let it expect what holds, and say what came of it."""
    from sre_runner.config.loading import validate
    from sre_runner.runs.freezing.documents import check, documents, playbook_path
    from sre_runner.runs.options import RunOptions
    from sre_runner.runs.run import run
    from sre_runner.testing.draft import met

    check(record, root)
    options = RunOptions(root / playbook_path(record), config=root, offline=True, runs=root.with_name("runs"))
    rehearsal, _ = run(options)
    expect, missed = met(draft, rehearsal)
    _write(record, root, documents(record, expect), missed)
    problems = [problem for problem in validate([root]).problems if not problem.warning]
    if problems:
        raise RunnerError(f"this run cannot be frozen: {problems[0].message}", "Nothing was written.")
    return [_compared(record, rehearsal), *(f"left out of `expect`: {each}" for each in missed)]


def _compared(record: Record, rehearsal: Record) -> str:
    """How the rehearsal ended, beside the run."""
    then, now = record.conclusion, rehearsal.conclusion
    assert then
    if now and now.fields == then.fields:
        return "Rehearsed offline: the same conclusion."
    severity = now.fields["severity"] if now else "none"
    return f"Rehearsed offline: another conclusion (severity {severity}, recorded {then.fields['severity']})."


def _write(record: Record, root: Path, texts: Mapping[str, str], missed: Sequence[str] = ()) -> None:
    from sre_runner.commands.ignored import ignore_runs
    from sre_runner.commands.schema import FOLDER, KINDS, file_name, write
    from sre_runner.config.directory import FOLDERS
    from sre_runner.runs.freezing.documents import playbook_path

    kinds: dict[Json, str] = {folder: kind for kind, folder in FOLDERS.items()}
    for kind in KINDS:
        write(kind, root / FOLDER)
    if not (root / ".gitignore").exists():
        ignore_runs(root)
    comments = [f"Frozen by sre-run from the run {record.started.run}, which began {record.started.case.started_at}."]
    comments += [f"The offline rehearsal does not meet: {each}" for each in missed[:_MOST_MISSED]]
    for name, text in texts.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        head = comments if name == playbook_path(record) else comments[:1]
        lines = [f"yaml-language-server: $schema=../{FOLDER}/{file_name(kinds[path.parent.name])}", *map(_line, head)]
        whole = "".join(f"# {line}\n" for line in lines) + text
        path.write_text(whole, encoding="utf-8", newline="\n")


def _line(text: str) -> str:
    """Text that ends no comment."""
    from sre_runner.text.output import printable

    return " ".join(printable(text).split())


def _move(root: Path, directory: Path) -> None:
    """Put the finished files where they belong; take them back where one cannot be moved."""
    if not directory.exists():
        root.rename(directory)
        return
    moved: list[Path] = []
    try:
        for entry in sorted(root.iterdir()):
            entry.rename(directory / entry.name)
            moved.append(directory / entry.name)
    except OSError:
        for path in moved:
            path.rename(root / path.name)
        raise


def _told(record: Record, directory: Path, lines: Sequence[str]) -> int:
    from sre_runner.runs.freezing.documents import playbook_path

    path = directory / playbook_path(record)
    printed = print_result(f"{path}\n")
    started = record.started.case.incident_started_at if record.started.case.alert is None else None
    options = f" --started-at {shlex.quote(started)}" if started else ""
    steps = [
        f"sre-run test {shlex.quote(str(directory))} --offline",
        f"sre-run {shlex.quote(str(path))} --offline{options}",
    ]
    tell("\n".join([*map(_line, lines), "", "Next:", *(f"  {step}" for step in steps)]))
    return ExitCode.OK if printed else ExitCode.PARTIAL
