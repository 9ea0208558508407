"""docs/journal.md says what the journal has: every event, every key of it, in their order, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest

from sre_runner.casefile import (
    Assignment,
    Ballot,
    Case,
    Conclusion,
    Evidence,
    Finding,
    ModelAnswer,
    Proposal,
    Report,
    ToolAnswer,
    Usage,
    Verdict,
)
from sre_runner.journal.events import EVENTS, FORMAT, CallFinished

PAGE = (Path(__file__).parents[1].parent / "docs" / "journal.md").read_text(encoding="utf-8")
NOUNS = {
    "case": Case,
    "assignment": Assignment,
    "model_answer": ModelAnswer,
    "tool_answer": ToolAnswer,
    "report": Report,
    "conclusion": Conclusion,
}
IN_ONE_CELL = (Usage, Finding, Evidence, Proposal, Verdict, Ballot)
"""What is told within the cell of the key that holds it."""


def tables() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Each heading in code, with the keys and meanings of the table below it."""
    for part in re.split(r"^### ", PAGE, flags=re.MULTILINE)[1:]:
        name = part.split("`")[1]
        yield name, re.findall(r"^\| `(\w+)` \| (.*) \|$", part, re.MULTILINE)


TABLES = dict(tables())


def test_every_event_has_its_table_in_the_order_of_the_code() -> None:
    assert list(TABLES) == [*EVENTS, *NOUNS]


@pytest.mark.parametrize(("name", "kind"), [*EVENTS.items(), *NOUNS.items()])
def test_a_table_has_every_key_and_no_other(name: str, kind: type[Any]) -> None:
    assert [key for key, _ in TABLES[name]] == [field.name for field in fields(kind)]
    assert all(meaning.endswith((".", "`")) for _, meaning in TABLES[name])


@pytest.mark.parametrize("kind", IN_ONE_CELL, ids=lambda kind: kind.__name__)
def test_small_nouns_are_told_where_they_stand(kind: type[Any]) -> None:
    cells = [meaning for rows in TABLES.values() for _, meaning in rows]
    assert any(all(f"`{field.name}`" in cell for field in fields(kind)) for cell in cells)


def test_the_page_has_the_version_and_every_outcome() -> None:
    assert f"the version **{FORMAT}**" in PAGE
    outcomes = get_args(get_type_hints(CallFinished)["outcome"])
    cell = dict(TABLES["call_finished"])["outcome"]
    assert len(outcomes) == 6
    assert all(f"`{outcome}`" in cell for outcome in outcomes)
