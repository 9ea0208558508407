"""The keys of `expect` by themselves: what is read of them, and which of two values expects less."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sre_runner.coordination.expectations.key import ExpectKey
from sre_runner.coordination.expectations.limits import least, most
from sre_runner.coordination.expectations.lists import unwanted, wanted
from sre_runner.coordination.expectations.reading import expect_of, plain, stated
from sre_runner.coordination.expectations.table import EXPECT, EXPECT_OF_SPECIALIST
from sre_runner.documents.json_schema.fitting import fits
from sre_runner.specs import ExpectSpec, Mention

ALL = [*EXPECT.values(), *EXPECT_OF_SPECIALIST.values()]
ITEMS = st.sampled_from(["a", "A ", "b", {"text": "a", "in": "x"}, {"text": "a", "in": "y"}, {"text": "b", "in": "x"}])
LISTS = st.lists(ITEMS, max_size=4)


@pytest.mark.parametrize("key", [key for key in ALL if key is not EXPECT["status"]], ids=lambda key: key.key)
def test_the_default_of_a_file_is_what_is_read_where_nothing_is_stated(key: ExpectKey) -> None:
    """But for the status: a run without `expect` may be partial, and one with it may not."""
    if "default" in key.schema:
        assert key.read(key.schema["default"]) == key.nothing
    else:
        assert not key.nothing


def test_what_is_stated_is_read_checked_in_order_and_written_as_a_whole() -> None:
    data = {
        "max_tokens": 9,
        "mentions": ["a", {"text": "b", "in": "x"}],
        "tools_called": [],
        "min_findings_verified": 0,
        "specialists": {"pods": {"report": {"cause": "a", "at": [1, True]}, "status": "completed"}},
    }
    read = expect_of(data, EXPECT)
    pods = ExpectSpec({"report": {"cause": ("a",), "at": (1, True)}})
    assert read == ExpectSpec(
        {
            "mentions": (Mention("a"), Mention("b", "x")),
            "min_findings_verified": 0,
            "max_tokens": 9,
            "specialists": {"pods": pods},
        }
    )
    assert [key for key, _ in stated(read, EXPECT)] == [
        "mentions",
        "min_findings_verified",
        "max_tokens",
        "specialists",
    ]
    assert next(iter(stated(pods, EXPECT_OF_SPECIALIST))) == ("status", "completed")
    whole = plain(read, EXPECT)
    assert list(whole) == list(EXPECT)
    assert whole["mentions"] == ({"text": "a", "field": None}, {"text": "b", "field": "x"})
    assert list(whole["specialists"]["pods"]) == list(EXPECT_OF_SPECIALIST)
    assert (whole["status"], whole["max_cost"], whole["tools_called"]) == (None, None, ())


def test_a_key_that_there_is_not_is_no_expectation() -> None:
    with pytest.raises(KeyError, match="minimum"):
        expect_of({"minimum": 3}, EXPECT)


def shifts(compare: Any, old: Any, new: Any) -> list[str]:
    return [shift.now for shift in compare("key", old, new)]


@given(old=st.integers(), new=st.integers())
def test_a_limit_is_weaker_in_one_direction_and_stronger_in_the_other(old: int, new: int) -> None:
    if old != new:
        assert {*shifts(least, old, new), *shifts(least, new, old)} == {"weakened", "strengthened"}
        assert shifts(least, old, new) == shifts(most, new, old) == ["weakened" if new < old else "strengthened"]


@pytest.mark.parametrize("compare", [least, most])
def test_a_limit_where_there_was_none_is_stronger_and_none_any_more_is_less(compare: Any) -> None:
    assert (shifts(compare, None, 0), shifts(compare, 0, None)) == (["strengthened"], ["removed"])


@given(given_list=LISTS, more=LISTS)
def test_a_longer_list_expects_no_less(given_list: list[Any], more: list[Any]) -> None:
    for compare in (wanted, unwanted):
        assert shifts(compare, given_list, [*given_list, *more]) in ([], ["strengthened"])
        assert shifts(compare, [*given_list, *more], given_list) in ([], ["weakened"], ["removed"])
        assert shifts(compare, given_list, given_list[::-1]) == []


def test_a_text_in_one_field_is_one_in_the_whole_but_not_missing_in_the_whole() -> None:
    whole, part = ["a"], [{"text": "A", "in": "x"}]
    assert (shifts(wanted, whole, part), shifts(wanted, part, whole)) == (["strengthened"], ["weakened"])
    assert (shifts(unwanted, whole, part), shifts(unwanted, part, whole)) == (["weakened"], ["strengthened"])


VERDICTS = st.dictionaries(st.sampled_from(["severity", "cause"]), st.sampled_from(["P1", ["P1"], ["P1", "P2"], "P2"]))


@pytest.mark.parametrize("name", ["verdicts", "report"])
@given(old=VERDICTS, new=VERDICTS)
def test_what_is_expected_less_is_expected_more_the_other_way(name: str, old: Any, new: Any) -> None:
    key = EXPECT.get(name) or EXPECT_OF_SPECIALIST[name]
    assert fits(key.schema, old)
    there = {shift.at: shift.now for shift in key.shifts(name, old, new)}
    back = {shift.at: shift.now for shift in key.shifts(name, new, old)}
    assert there.keys() == back.keys()
    opposite = {"removed": {"strengthened"}, "weakened": {"strengthened"}, "changed": {"changed"}}
    for at, now in there.items():
        assert back[at] in opposite.get(now, {"removed", "weakened"})
