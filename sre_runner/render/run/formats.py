"""The outputs of a run that there are, by their names: one module each, and one entry here."""

from __future__ import annotations

from collections.abc import Mapping

from sre_runner.journal.answers import FOLDER as ANSWERS
from sre_runner.journal.file import JOURNAL
from sre_runner.render.run.export import JSON
from sre_runner.render.run.format import Format
from sre_runner.render.run.markdown import MARKDOWN

FORMATS: Mapping[str, Format] = {each.name: each for each in (MARKDOWN, JSON)}


REPORT = "report.html"
"""The web page of a run, which `sre-run report` makes."""


def run_files() -> tuple[str, ...]:
    """What a run's folder has; a name with a dot before it is there only while the file is being written."""
    kept = [*(each.file for each in FORMATS.values()), REPORT]
    return (JOURNAL, ANSWERS, *kept, *(f".{name}" for name in kept))
