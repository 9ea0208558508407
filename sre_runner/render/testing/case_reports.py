"""Tested cases as reports for a pull request: marks at lines of files, and a document in Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from sre_runner.models.offline.notice import REHEARSAL
from sre_runner.render.blocks import table
from sre_runner.render.escape import code_block, inline
from sre_runner.render.testing.cases import money, reasons, skipped_text, sum_text
from sre_runner.render.workflow import Level, command, repository_root
from sre_runner.testing.cases import Judged, Outcome

_TITLE = "sre-run test"


def github(judged: Sequence[Judged], skipped: Sequence[Path], seconds: float, rehearsal: bool) -> str:
    """A workflow command for each case that did not pass, at its place in the playbook, and the sum."""
    root = repository_root()
    lines = [command("notice", _TITLE, REHEARSAL, root)] if rehearsal else []
    for each in (one for one in judged if one.outcome is not Outcome.PASSED):
        level: Level = "warning" if each.outcome is Outcome.INTERRUPTED else "error"
        words = "\n".join([f"{each.case.title}: {each.outcome}", *reasons(each)])
        lines.append(command(level, _TITLE, words, root, str(each.case.file), each.case.line))
    lines += [command("notice", _TITLE, skipped_text(file).strip(), root, str(file)) for file in skipped]
    return "".join(lines) + sum_text(judged, skipped, seconds)


def markdown(judged: Sequence[Judged], skipped: Sequence[Path], seconds: float, rehearsal: bool) -> str:
    """The sum, a table of all cases, and below it why each that did not pass did not."""
    return "\n\n".join(_blocks(judged, skipped, seconds, rehearsal)) + "\n"


def _blocks(judged: Sequence[Judged], skipped: Sequence[Path], seconds: float, rehearsal: bool) -> Iterator[str]:
    notice = f"> **{inline(REHEARSAL)}**"
    if rehearsal:
        yield notice
    yield f"# {_TITLE}: {inline(sum_text(judged, skipped, seconds).strip())}"
    rows = [_row(each) for each in judged]
    rows += [[inline(file.stem), "skipped", "", "", ""] for file in skipped]
    yield table(["case", "outcome", "passed", "seconds", "cost"], rows, ["seconds"])
    for each in judged:
        if each.outcome is not Outcome.PASSED:
            yield f"## {inline(each.case.title)}: {each.outcome}"
            yield code_block("\n".join(reasons(each)))
    if rehearsal:
        yield notice


def _row(judged: Judged) -> list[str]:
    passed = f"{judged.passes} of {len(judged.trials)}, {judged.require} must"
    return [inline(judged.case.title), str(judged.outcome), passed, f"{judged.seconds:.1f}", money(judged.trials)]
