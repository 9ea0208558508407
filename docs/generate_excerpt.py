"""Writes the README's screen from a rehearsal of the shipped playbook; run it when its words change."""

from __future__ import annotations

import re
import tempfile
import textwrap
from pathlib import Path

from sre_runner.journal.record import Record
from sre_runner.render.run.screen import screen
from sre_runner.runs.options import RunOptions
from sre_runner.runs.run import run

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
PLACE = re.compile(r"(?<=^~~~markdown\n).*?(?=^~~~$)", re.MULTILINE | re.DOTALL)
WIDTH = 110


def rehearsal() -> Record:
    with tempfile.TemporaryDirectory() as folder:
        record, _ = run(RunOptions(ROOT / "playbooks" / "payment-gateway.yaml", offline=True, runs=Path(folder)))
    return record


def excerpt(document: str) -> str:
    """The whole of it, lines wrapped."""
    return "\n".join(map(_wrapped, document.split("\n")))


def _wrapped(line: str) -> str:
    indent = " " * (len(line) - len(line.lstrip()) + 2) if line.lstrip().startswith("- ") else ""
    filled = textwrap.fill(line, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
    ending = "  " if line.endswith("  ") else ""
    return f"{filled}{ending}" if len(line) > WIDTH else line


if __name__ == "__main__":
    written = excerpt(screen(rehearsal()))
    README.write_text(PLACE.sub(lambda _: written, README.read_text(encoding="utf-8")), encoding="utf-8")
