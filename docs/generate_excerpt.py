"""Writes the README's excerpt from a rehearsal of the shipped playbook; run it when its words change."""

from __future__ import annotations

import re
import tempfile
import textwrap
from pathlib import Path

from sre_runner.journal.record import Record
from sre_runner.render.run.markdown import markdown
from sre_runner.runs.options import RunOptions
from sre_runner.runs.run import run

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
PLACE = re.compile(r"(?<=^~~~markdown\n).*?(?=^~~~$)", re.MULTILINE | re.DOTALL)
LEFT_OUT = "…"
WIDTH = 110


def rehearsal() -> Record:
    with tempfile.TemporaryDirectory() as folder:
        record, _ = run(RunOptions(ROOT / "playbooks" / "payment-gateway.yaml", offline=True, runs=Path(folder)))
    return record


def excerpt(document: str) -> str:
    """The notice, the cause, the first two actions, the votes, a finding each of two specialists; lines wrapped."""
    parts = [
        document.split("\n")[0],
        LEFT_OUT,
        _between(document, "**Severity", "\n\n"),
        LEFT_OUT,
        _between(document, "## Root cause", "\n## "),
        _between(document, "## Immediate actions", "\n3. "),
        LEFT_OUT,
        _between(document, "## Votes", "\n## "),
        "## Evidence by specialist",
        _between(document, "### k8s-expert", "\n"),
        LEFT_OUT,
        _finding(document, "k8s-expert", "OOMKilled", 3),
        LEFT_OUT,
        _between(document, "### log-analyst", "\n"),
        LEFT_OUT,
        _finding(document, "log-analyst", "BatchReconciliation|2.1M", 2),
        LEFT_OUT,
    ]
    return "\n".join(map(_wrapped, "\n\n".join(parts).split("\n"))) + "\n"


def _between(document: str, first: str, last: str) -> str:
    start = document.index(first)
    return document[start : document.index(last, start)].strip()


def _finding(document: str, agent: str, words: str, lines: int) -> str:
    """The agent's first finding with one of these words, and the first evidence of it."""
    findings = re.split(r"^(?=- \*\*f)", _between(document, f"### {agent}", "\n#"), flags=re.MULTILINE)[1:]
    found = next(finding for finding in findings if re.search(words, finding))
    return "\n".join(found.split("\n")[:lines])


def _wrapped(line: str) -> str:
    indent = " " * (len(line) - len(line.lstrip()) + 2) if line.lstrip().startswith("- ") else ""
    filled = textwrap.fill(line, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
    return filled if len(line) > WIDTH else line


if __name__ == "__main__":
    written = excerpt(markdown(rehearsal()))
    README.write_text(PLACE.sub(lambda _: written, README.read_text(encoding="utf-8")), encoding="utf-8")
