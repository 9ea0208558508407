"""What a file declares to be left of an answer: declared, bounded, and always with a note of what is left out."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sre_runner.casefile import ToolAnswer
from sre_runner.tools.backends.reduction import Reduction, reduction_of, reduction_problems

LINES = st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=8), min_size=1)
PODS = {"items": [{"name": "api-1", "phase": "Running"}, {"name": "api-2", "phase": "Failed"}]}


def of(text: Any, **settings: Any) -> ToolAnswer:
    return reduction_of(settings).of(ToolAnswer(text if isinstance(text, str) else json.dumps(text)))


def test_nothing_declared_leaves_all() -> None:
    answer = ToolAnswer("a\r\nb\x0b")
    assert Reduction().of(answer) is answer
    assert reduction_of({"command": ["date"], "env": []}) == Reduction()


@pytest.mark.parametrize("answer", [ToolAnswer("x", is_error=True), ToolAnswer("x", no_data=True)])
def test_errors_and_no_data_stay_as_they_are(answer: ToolAnswer) -> None:
    assert Reduction(pick="a", matching="b", first=1).of(answer) is answer


@pytest.mark.parametrize(
    ("pick", "text"),
    [
        ("items[].name", '["api-1",\n "api-2"]'),
        ("items[?phase=='Failed'] | [0]", '{"name": "api-2", "phase": "Failed"}'),
        ("items[0].name", "api-1"),
        ("length(items)", "2"),
        ("items[0].name == 'x'", "false"),
    ],
)
def test_pick(pick: str, text: str) -> None:
    assert of(PODS, pick=pick).text == text


@pytest.mark.parametrize("pick", ["nothing", "items[?phase=='Gone']", "items[].node"])
def test_nothing_picked_is_no_data(pick: str) -> None:
    answer = of(PODS, pick=pick)
    assert answer.no_data
    assert answer.text == "No data: nothing in the answer is what this tool picks of it."


@pytest.mark.parametrize(
    ("text", "pick", "reason"),
    [
        ("not JSON", "items", "the answer is not JSON"),
        ("[" * 100_000, "items", "it is nested too deeply"),
        ('{"a": "x"}', "sum(a)", "In function sum(), invalid type for value: x"),
        ('{"a": "x"}', "nosuch(a)", "Unknown function: nosuch()"),
    ],
)
def test_what_cannot_be_picked_is_told_and_the_answer_stays(text: str, pick: str, reason: str) -> None:
    answer = of(text, pick=pick)
    assert answer.text.startswith(text)
    assert f"[`pick` was not applied: {reason}" in answer.text
    assert not answer.is_error


def test_matching_tells_how_many_lines_are_left_out() -> None:
    answer = of("a ERROR\nb INFO\nc ERROR", matching="ERROR")
    assert answer.text == "a ERROR\nc ERROR\n[1 of 3 lines without /ERROR/ are left out]"
    assert of("a ERROR", matching="ERROR").text == "a ERROR"
    none = of("a\nb", matching="ERROR")
    assert (none.no_data, none.text) == (True, "No data: none of 2 lines has /ERROR/.")


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"first": 2}, "1\n2\n[3 of 5 lines after these are left out]"),
        ({"last": 2}, "4\n5\n[3 of 5 lines before these are left out]"),
        ({"first": 1, "last": 1}, "1\n5\n[3 of 5 lines in the middle are left out]"),
        ({"first": 3, "last": 2}, "1\n2\n3\n4\n5"),
        ({"first": 9}, "1\n2\n3\n4\n5"),
        (
            {"matching": "[245]", "first": 1},
            "2\n[2 of 5 lines without /[245]/ are left out]\n[2 of 3 lines after these are left out]",
        ),
    ],
)
def test_first_and_last(settings: dict[str, Any], text: str) -> None:
    assert of("1\n2\n3\n4\n5", **settings).text == text


def test_picked_elements_are_lines_for_the_rest() -> None:
    assert of(PODS, pick="items", matching="Failed").text == (
        '[{"name": "api-2", "phase": "Failed"}]\n[1 of 2 lines without /Failed/ are left out]'
    )


@given(LINES, st.integers(1, 9), st.integers(1, 9))
def test_lines_are_left_out_only_between_and_are_counted(lines: list[str], first: int, last: int) -> None:
    kept = of("\n".join(lines), first=first, last=last).text.split("\n")
    # A newline at the end ends the last line, and begins none.
    counted = "\n".join(lines).removesuffix("\n").split("\n")
    if len(counted) <= first + last:
        assert kept == counted
        return
    assert kept[:-1] == [*counted[:first], *counted[-last:]]
    assert kept[-1] == f"[{len(counted) - first - last:,} of {len(counted):,} lines in the middle are left out]"


def test_an_empty_answer_and_odd_line_ends_stay_as_they_are() -> None:
    assert of("", first=3) == ToolAnswer("")
    assert of("a\x0bb\u2028c\r\nd", first=3).text == "a\x0bb\u2028c\r\nd"
    assert of("1\n2\n", last=1).text == "2\n[1 of 2 lines before these are left out]"


@given(LINES)
def test_matching_keeps_exactly_what_matches(lines: list[str]) -> None:
    kept = [line for line in lines if "a" in line]
    answer = of("\n".join(lines), matching="a")
    assert answer.no_data if not kept else answer.text.split("\n")[: len(kept)] == kept


@pytest.mark.parametrize(
    ("settings", "key", "says"),
    [
        ({"pick": "items["}, "pick", "Incomplete expression"),
        ({"pick": "a" + "[0" * 50_000}, "pick", "`pick` is no expression of JMESPath"),
        ({"pick": "(" * 50_000 + "a"}, "pick", "it is nested too deeply"),
        ({"matching": "(?=x)"}, "matching", "`matching` cannot be matched in linear time"),
        ({"matching": "("}, "matching", "`matching`"),
    ],
)
def test_problems(settings: dict[str, str], key: str, says: str) -> None:
    ((place, message, hint),) = reduction_problems(settings)
    assert place == key
    assert says in message
    assert hint
    assert "\n" not in message


def test_good_reductions_have_no_problems() -> None:
    assert list(reduction_problems({"pick": "items[].name", "matching": "a|b", "first": 3})) == []


def test_hostile_patterns_and_expressions_take_linear_time() -> None:
    """Patterns of RE2 never go back; an expression of JMESPath is bounded by the data that it reads."""
    begun = time.perf_counter()
    of("a" * 200_000 + "!", matching="(a+)+$")
    of({"a": list(range(20_000))}, pick="a[?@ > `5`] | sort_by(@, &@) | reverse(@) | [0]")
    assert time.perf_counter() - begun < 5


def test_the_rest_of_an_answer_is_kept() -> None:
    answer = Reduction(first=1).of(ToolAnswer("1\n2", origin="here"))
    assert answer.origin == "here"
