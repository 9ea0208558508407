"""What stands under `simulated`, as it is read."""

from __future__ import annotations

from typing import Any

import pytest

from sre_runner.tools.simulated.spec import Matcher, SimulatedAnswer, SimulatedQuery, matcher, parse


def test_answers_are_given_by_return_or_returns() -> None:
    answers = [{"when": {"q": "a"}, "return": "text"}, {"returns": ["x", None]}, {"error": "no", "delay": 2}]
    assert parse({"answers": answers}) == (
        SimulatedAnswer({"q": Matcher("equals", "a")}, ("text",)),
        SimulatedAnswer({}, ("x", None)),
        SimulatedAnswer({}, error="no", delay=2.0),
    )


def test_a_query_has_its_rows() -> None:
    where = {"level": {"arg": "level"}}
    data = {"rows": [{"level": "ERROR"}], "where": where, "group_by": {"arg": "by"}, "return": {"g": "groups"}}
    matchers = {"level": Matcher("equals", arg="level")}
    assert parse(data) == SimulatedQuery(({"level": "ERROR"},), matchers, {"g": "groups"}, group_by_arg="by")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("a", Matcher("equals", "a")),
        (None, Matcher("equals", None)),
        ({"equals": {"a": 1}}, Matcher("equals", {"a": 1})),
        ({"glob": "a*", "ignore_case": True}, Matcher("glob", "a*", ignore_case=True)),
        ({"present": False}, Matcher("present", False)),
        ({"any_of": ["a", {"glob": "b"}]}, Matcher("any_of", (Matcher("equals", "a"), Matcher("glob", "b")))),
        ({"equals": {"arg": "a"}}, Matcher("equals", {"arg": "a"})),
    ],
)
def test_matchers_of_arguments(data: Any, expected: Matcher) -> None:
    assert matcher(data) == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("a", Matcher("equals", "a")),
        ({"arg": "a", "ignore_case": True}, Matcher("equals", arg="a", ignore_case=True)),
        ({"equals": {"arg": "a"}}, Matcher("equals", arg="a")),
        ({"contains": {"arg": "a"}}, Matcher("contains", arg="a")),
        ({"glob": {"arg": "a"}, "ignore_case": True}, Matcher("glob", arg="a", ignore_case=True)),
        ({"equals": {"arg": "a", "b": 1}}, Matcher("equals", {"arg": "a", "b": 1})),
        ({"present": True}, Matcher("present", True)),
    ],
)
def test_matchers_of_rows(data: Any, expected: Matcher) -> None:
    assert matcher(data, of_row=True) == expected


def test_ignore_case_beside_any_of_holds_for_all_that_is_in_it() -> None:
    made = matcher({"any_of": ["a", {"glob": "b"}], "ignore_case": True})
    assert [one.ignore_case for one in made.operand] == [True, True]
