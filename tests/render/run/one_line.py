"""A run in one line: what it was of, and how severe that is."""

from __future__ import annotations

from collections.abc import Sequence

from sre_runner.journal.record import Record
from sre_runner.render.run.format import Format
from sre_runner.testing.expectations.check import Expectation


def one_line(record: Record, _: Sequence[Expectation] | None) -> str:
    """The run's name and its severity."""
    severity = record.conclusion.fields["severity"] if record.conclusion else "unknown"
    return f"{record.started.run}: {severity}\n"


ONE_LINE = Format("one-line", "line.txt", one_line)
