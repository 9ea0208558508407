"""Writes the output and the figures of planning.md, and its picture: run `python docs/generate_planning.py`."""

from __future__ import annotations

import re
import tempfile
import textwrap
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from sre_runner.config.loading import load
from sre_runner.journal.record import Record
from sre_runner.render.plan.graph import graph_of
from sre_runner.render.plan.mermaid import mermaid
from sre_runner.render.plan.plan import markdown
from sre_runner.render.plan.svg import svg
from sre_runner.review.worst_case import worst_case
from sre_runner.runs.options import RunOptions
from sre_runner.runs.run import run
from sre_runner.specs import Configuration

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "planning.md"
PICTURE = ROOT / "docs" / "payment-gateway.svg"
PLACE = re.compile(r"(<!-- (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
SHIPPED = ("payment-gateway-single", "roll-back-or-not", "payment-gateway", "triage-to-verification", "severity-debate")
WIDTH = 110


def playbook(name: str) -> Path:
    return ROOT / "playbooks" / f"{name}.yaml"


@cache
def configuration(name: str) -> Configuration:
    return load(playbook(name))


def plan() -> str:
    """The steps, the tool that can write and the worst case of a plan; lines wrapped."""
    document = markdown(configuration("triage-to-verification"))
    parts = {part.split("\n", 1)[0]: part.rstrip() for part in document.split("\n## ")}
    steps, tools = parts["Steps"].split("\n\n```")[0], parts["Tools"].split("\n")
    rows = [*tools[:4], "…", *tools[-3:]]
    shown = [document.split("\n")[0], "…", f"## {steps}", "…", "\n".join(["## " + rows[0], *rows[1:]])]
    lines = "\n\n".join([*shown, "…", f"## {parts['Worst case']}", "…"]).split("\n")
    return "~~~markdown\n" + "\n".join(map(_wrapped, lines)) + "\n~~~\n"


def graph() -> str:
    return f"```mermaid\n{mermaid(graph_of(configuration('payment-gateway')))}```\n"


def figures() -> str:
    """A line for each playbook: what it takes at most, and what a rehearsal of it took."""
    rows = ["| playbook | calls at most | in a rehearsal | tokens at most | in a rehearsal |", "|---|--:|--:|--:|--:|"]
    return "\n".join([*rows, *map(_figures, SHIPPED)]) + "\n"


def _figures(name: str) -> str:
    worst = worst_case(configuration(name))
    record = _rehearsal(name)
    calls, tokens = len(record.calls_of("model")), record.usage().total
    assert calls <= worst.model_calls
    return f"| `{name}` | {worst.model_calls} | {calls} | {worst.tokens / 1e6:.1f}M | {tokens / 1e3:.0f}k |"


@cache
def _rehearsal(name: str) -> Record:
    with tempfile.TemporaryDirectory() as runs:
        record, _ = run(RunOptions(playbook(name), offline=True, runs=Path(runs)))
    return record


def _wrapped(line: str) -> str:
    indent = " " * (2 if line.startswith("- ") else 3 if re.match(r"\d\. ", line) else 0)
    filled = textwrap.fill(line, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
    return line if line.startswith("|") or not line else filled


PARTS: Mapping[str, Callable[[], str]] = {"plan": plan, "graph": graph, "figures": figures}


def written(page: str) -> str:
    """The page with all that is generated in it."""
    return PLACE.sub(lambda place: f"{place[1]}{PARTS[place[2]]()}{place[3]}", page)


def picture() -> str:
    return svg(graph_of(configuration("payment-gateway")))


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    PICTURE.write_text(picture(), encoding="utf-8")
