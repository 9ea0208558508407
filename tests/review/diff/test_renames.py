"""What is taken for the same under another name."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sre_runner.review.diff.renames import LEAST_ALIKE, MOST_PAIRS, alike, renames

NAMED = st.dictionaries(
    st.sampled_from("abcdef"), st.fixed_dictionaries({"prompt": st.sampled_from(["x y z", "u v w"])})
)


@given(NAMED, NAMED)
def test_each_name_is_renamed_at_most_once_and_back_the_same_way(gone: dict[str, Any], new: dict[str, Any]) -> None:
    found = renames(gone, new)
    assert set(found) <= set(gone)
    assert set(found.values()) <= set(new)
    assert len(set(found.values())) == len(found)
    assert len(renames(new, gone)) == len(found)


def test_the_most_alike_is_the_one() -> None:
    words = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
    old = {"gone": {"prompt": " ".join(words)}}
    near, nearer = " ".join([*words[:8], "x", "y"]), " ".join([*words[:9], "x"])
    assert renames(old, {"near": {"prompt": near}, "nearer": {"prompt": nearer}}) == {"gone": "nearer"}
    assert renames(old, {"far": {"prompt": "something else altogether"}}) == {}


def test_how_alike_two_texts_are() -> None:
    one = Counter(["a", "b", "c", "d"])
    assert alike(one, one) == 1
    assert alike(one, Counter(["a", "b", "c", "x"])) == 0.75 >= LEAST_ALIKE
    assert alike(Counter(), Counter()) == 0


def test_of_very_many_only_equal_ones_are_found() -> None:
    count = int(MOST_PAIRS**0.5) + 1
    gone = {f"old{n}": {"prompt": f"the same words but the last one is {n}"} for n in range(count)}
    new = {f"new{n}": {"prompt": f"the same words but the last one is {n} now"} for n in range(count)}
    assert renames(gone, new) == {}
    assert renames(gone, {**new, "same": gone["old7"]}) == {"old7": "same"}
