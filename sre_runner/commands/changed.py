"""How commands read a run that somebody may have changed: all of it is told on stderr, and the exit code says so."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from sre_runner.errors import ExitCode
from sre_runner.render.terminal.streams import tell

if TYPE_CHECKING:
    from sre_runner.journal.record import Record


def checked_record(run: Path) -> Record:
    """The record of a run; what was changed after it was written is told."""
    from sre_runner.journal.changes import changes_text
    from sre_runner.journal.file import JOURNAL
    from sre_runner.journal.seals import key_of
    from sre_runner.runs.verified import verified

    record = verified(run, key_of(os.environ))
    if record.changes:
        tell(
            f"warning: {run / JOURNAL} was changed after it was written: {changes_text(record.changes)}\n"
            f"hint: Do not rely on what follows. sre-run verify {run} lists every change."
        )
    return record


def code_of(*records: Record, printed: bool, holds: bool = True) -> ExitCode:
    """What a command exits with that shows these: 3 where it could not be printed, 1 where one was changed, or what it
    found does not hold."""
    if not printed:
        return ExitCode.PARTIAL
    return ExitCode.OK if holds and not any(record.changes for record in records) else ExitCode.CHECK
