"""docs/evidence.md has the table of dangers as it is, and its example as it is printed."""

from __future__ import annotations

import runpy
from pathlib import Path

from sre_runner.coordination.proposed.marks import checked
from sre_runner.coordination.proposed.seen import Seen
from sre_runner.render.run.marks import marks_below

DOCS = Path(__file__).parents[2] / "docs"


def test_the_table_of_dangers_is_that_of_today() -> None:
    made = runpy.run_path(str(DOCS / "generate_evidence.py"))
    assert made["page"]() == made["PAGE"].read_text(encoding="utf-8"), "run: python docs/generate_evidence.py"


def test_the_example_is_real() -> None:
    command, _, lines = (DOCS / "evidence.md").read_text(encoding="utf-8").split("```")[1][5:].partition("\n\n")
    shown = marks_below(command, checked(command, Seen.of((), ["payments"])))
    assert shown.replace("`", "").replace("**", "") == lines.strip()
