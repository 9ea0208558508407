"""Paging and searching in an answer that was cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sre_runner.documents.json_schema.complaints import complaints
from sre_runner.documents.json_schema.vocabulary import schema_problems
from sre_runner.tools.read_output import ENTRY, MOST_LINES, read

TEXT = "\n".join(f"line {number}" for number in range(1, 301))


def test_lines_come_with_their_numbers_and_what_is_left() -> None:
    answer = read(TEXT, {"call": "c1", "from_line": 10, "lines": 2})
    assert answer.text == "10: line 10\n11: line 11\n[289 more lines of 300; go on with from_line=12]"
    assert read(TEXT, {"call": "c1"}).text.splitlines()[-1] == "[200 more lines of 300; go on with from_line=101]"
    assert read(TEXT, {"call": "c1", "from_line": 300}).text == "300: line 300"


def test_matching_goes_on_from_a_line() -> None:
    answer = read(TEXT, {"call": "c1", "matching": "5$", "lines": 1, "from_line": 6})
    assert answer.text == "15: line 15\n[28 more lines of 300; go on with from_line=16]"


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"from_line": 301}, "No such line: it has 300 lines."),
        ({"matching": "nothing"}, "No such line in lines 1 to 300."),
        ({"matching": "line 1$", "from_line": 2}, "No such line in lines 2 to 300."),
    ],
)
def test_nothing_is_said_to_be_nothing(arguments: dict[str, object], text: str) -> None:
    answer = read(TEXT, {"call": "c1", **arguments})
    assert (answer.text, answer.no_data) == (text, True)


def test_a_pattern_that_cannot_be_matched_is_an_error_of_the_caller() -> None:
    answer = read(TEXT, {"call": "c1", "matching": "(a)\\1"})
    assert answer.is_error
    assert not answer.from_tool
    assert answer.text.startswith("`matching` cannot be matched in linear time")


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n"), max_size=5), min_size=1))
def test_page_after_page_gives_every_line_once(lines: list[str]) -> None:
    seen, at = [], 1
    while at <= len(lines):
        page = read("\n".join(lines), {"call": "c1", "from_line": at, "lines": 2}).text.split("\n")[:2]
        numbered = [line for line in page if not line.startswith("[")]
        seen += [line.partition(": ")[2] for line in numbered]
        at += len(numbered)
    assert seen == lines


def test_its_entry_is_a_sound_tool() -> None:
    schema = ENTRY["input_schema"]
    assert schema_problems(schema) == []
    assert not complaints(schema, {"call": "c12", "lines": MOST_LINES})
    for wrong in ({"call": "../1"}, {"call": "c1", "lines": MOST_LINES + 1}, {"call": "c1", "from_line": 0}, {}):
        assert complaints(schema, wrong)
