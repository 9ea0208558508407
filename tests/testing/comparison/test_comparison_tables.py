"""A comparison as it is shown: a row for each figure, notes on what the figures do not show, and the same as JSON."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from markdown_it import MarkdownIt
from test_sentence import RUN

from sre_runner.render.run.export import dump
from sre_runner.render.testing.comparison import markdown, notes, rows, to_json
from sre_runner.testing.comparison.sides import MEASURES, Comparison, Side

NASTY = "a|b`c\n# d <b> \x1b[2J [x](y)"


def made(*runs: list[dict[str, Any]], **changes: Any) -> Comparison:
    sides = tuple(
        Side(f"side {number}", "p.yaml", {"a.b": "c"}, "d", tuple(replace(RUN, **change) for change in each))
        for number, each in enumerate(runs, start=1)
    )
    return Comparison(**{"inputs": {"service": "x"}, "tasks": ("Look.",), "repeat": 1, "sides": sides, **changes})


def cells(comparison: Comparison) -> dict[str, list[str]]:
    return {title: rest for title, *rest in rows(comparison)}


def test_figures_are_medians_with_the_range_where_there_is_one() -> None:
    shown = cells(made([{"seconds": 4.0}, {"seconds": 9.0}, {"seconds": 5.0}], [{}]))
    assert shown["wall time"] == ["5.0 s (4.0 s to 9.0 s)", "10.0 s"]
    assert shown["tokens"] == ["20,000", "20,000"]
    assert shown["cost"] == ["$0.1000", "$0.1000"]
    assert shown["runs"] == ["3", "1"]
    assert cells(made([{"tokens": 1000}, {"tokens": 1001}], [{}]))["tokens"][0] == "1,000.5 (1,000 to 1,001)"


def test_words_are_counted() -> None:
    mixed = [{}, {"status": "partial", "verdicts": {"severity": "P2", "roll back": None}}, {}]
    shown = cells(made(mixed, [{}]))
    assert shown["status"] == ["complete ×2, partial ×1", "complete"]  # noqa: RUF001
    assert shown["verdict: severity"] == ["P1 ×2, P2 ×1", "P1"]  # noqa: RUF001
    assert shown["verdict: roll back"] == ["(no verdict)", "–"]  # noqa: RUF001


def test_what_is_not_known_is_said() -> None:
    shown = cells(made([{"usd": None}], []))
    assert shown["cost"] == ["unknown", "–"]  # noqa: RUF001
    assert shown["status"] == ["complete", "–"]  # noqa: RUF001
    assert "cost, if it were spent" in cells(made([{"rehearsal": True}], [{}]))


@pytest.mark.parametrize(
    ("comparison", "said"),
    [
        (made([{}, {}], [{}, {}]), []),
        (made([{}], [{}]), ["One run does not show how much of a difference is chance; --repeat does."]),
        (made([{"rehearsal": True}], [{"rehearsal": True}]), ["The times are those of the offline model"]),
        (made([{}] * 2, [{}] * 2, tasks=("a", "b")), ["The playbooks word the task differently"]),
        (made([{}] * 2, [{}] * 2, stopped="Disk full."), ["Disk full."]),
        (
            replace(other := made([{}] * 2), sides=(replace(other.sides[0], settings={"specialists": "[a]"}),)),
            ["The expectations of side 1 are those of its playbook, which were written for another team."],
        ),
        (
            made([{}, {"status": "partial"}], [{}] * 2),
            ["1 of 2 runs of side 1 did not come to a whole conclusion."],
        ),
    ],
)
def test_what_the_figures_do_not_show_is_noted(comparison: Comparison, said: list[str]) -> None:
    found = list(notes(comparison))
    assert len(found) == len(said)
    for note, start in zip(found, said, strict=True):
        assert note.startswith(start)


def test_the_document_has_a_cell_for_each_configuration_and_a_sentence_for_each_but_the_first() -> None:
    comparison = made([{}], [{"seconds": 20.0}], [{}])
    document = markdown(comparison)
    html = MarkdownIt().enable("table").render(document)
    assert html.count("<th>") == 4
    assert html.count("<td>") == 4 * len(list(rows(comparison)))
    assert len(re.findall("<li>Beside side 1, side [23] takes", html)) == 2
    assert "# One incident, 3 configurations\n\nservice: x\n\nLook.\n" in document
    assert "\nBeside side 1, side 2 takes 2.00 times the wall time" in markdown(made([{}], [{"seconds": 20.0}]))
    assert document.endswith(".\n")


def test_a_rehearsal_is_told_first_and_last() -> None:
    document = markdown(made([{"rehearsal": True}], [{}]))
    assert document.count("Rehearsal: no LLM took part") == 2
    assert document.startswith("> **Rehearsal")
    assert document.rstrip().rpartition("\n")[2].startswith("> **Rehearsal")
    assert "Rehearsal" not in markdown(made([{}], [{}]))


def test_hostile_text_stays_text() -> None:
    comparison = made([{"verdicts": {NASTY: NASTY}}], [{"verdicts": {NASTY: "x"}}], tasks=(NASTY,), stopped=NASTY)
    sides = tuple(replace(side, name=NASTY) for side in comparison.sides)
    document = markdown(replace(comparison, sides=sides, inputs={NASTY: NASTY}))
    assert "\x1b" not in document
    html = MarkdownIt().enable("table").render(document)
    assert html.count("<td>") == 3 * len(list(rows(comparison)))
    assert html.count("<h1>") == 1
    assert "<b>" not in html
    assert "<a " not in html
    assert dump(to_json(comparison)).isascii()


def test_the_json_has_every_run_and_every_median() -> None:
    comparison = made([{"seconds": 4.0}, {"usd": None}], [{}])
    data = json.loads(dump(to_json(comparison)))
    first, second = data["configurations"]
    assert list(first["figures"]) == [*MEASURES]
    assert first["figures"]["seconds"] == {"median": 7.0, "least": 4.0, "most": 10.0}
    assert (first["figures"]["usd"], second["figures"]["usd"]["median"]) == (None, 0.1)
    assert [run["seconds"] for run in first["runs"]] == [4.0, 10.0]
    assert (first["statuses"], first["verdicts"]) == ({"complete": 2}, {"severity": {"P1": 2}})
    assert (first["name"], first["playbook"], first["settings"]) == ("side 1", "p.yaml", {"a.b": "c"})
    assert (data["rehearsal"], data["notice"], data["stopped"], data["repeat"]) == (False, None, None, 1)
    assert data["differences"] == [markdown(comparison).split("## What the difference buys\n\n")[1].strip()]
