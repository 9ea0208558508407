"""What a reply says of its tokens, and what is taken in the place of what it does not say."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sre_runner.casefile import ModelRequest, Usage
from sre_runner.models.estimates import prompt_tokens
from sre_runner.models.usage import MOST_TOKENS, usage_of

REQUEST = ModelRequest("m", 100, "s" * 2997, [{"role": "user", "content": []}], [])
PROMPT = prompt_tokens(REQUEST)
CONTENT = [{"type": "text", "text": "x" * 2970}]
REPLY = 1000
ODD = [None, -1, "3", 2.5, True, 10**400, MOST_TOKENS + 1, 1e308, math.inf, [], {}]


def test_the_estimates_are_of_the_size_that_is_expected() -> None:
    assert 1000 <= PROMPT <= 1020
    assert usage_of(None, REQUEST, CONTENT)[0].output_tokens == pytest.approx(REPLY, rel=0.02)


@pytest.mark.parametrize(
    ("stated", "usage"),
    [
        ({"input_tokens": 3, "output_tokens": 5}, Usage(3, 5)),
        ({"input_tokens": 3.0, "output_tokens": 5.0}, Usage(3, 5)),
        ({"input_tokens": 0, "output_tokens": 5, "cache_read_input_tokens": 9}, Usage(0, 5, 9)),
        ({"output_tokens": 5, "cache_creation_input_tokens": 9}, Usage(0, 5, 0, 9)),
        (
            {"input_tokens": 3, "output_tokens": 5, "cache_read_input_tokens": None, "cache_creation_input_tokens": 0},
            Usage(3, 5),
        ),
        ({"input_tokens": MOST_TOKENS, "output_tokens": 5}, Usage(MOST_TOKENS, 5)),
    ],
)
def test_what_is_counted_is_taken_as_it_is(stated: Any, usage: Usage) -> None:
    assert usage_of(stated, REQUEST, CONTENT) == (usage, False)


def test_no_reply_needs_no_tokens() -> None:
    assert usage_of({"input_tokens": 3, "output_tokens": 0}, REQUEST, []) == (Usage(3, 0), False)


@pytest.mark.parametrize("stated", [None, [], "7", {}, {"input_tokens": 0, "output_tokens": 0}])
def test_where_nothing_is_counted_everything_is_estimated(stated: Any) -> None:
    usage, estimated = usage_of(stated, REQUEST, CONTENT)
    assert estimated
    assert usage == Usage(PROMPT, usage.output_tokens)
    assert usage.output_tokens == pytest.approx(REPLY, rel=0.02)


@pytest.mark.parametrize("odd", ODD)
def test_a_number_that_is_no_count_is_taken_for_absent(odd: Any) -> None:
    usage, estimated = usage_of({"input_tokens": odd, "output_tokens": 5}, REQUEST, CONTENT)
    assert (usage, estimated) == (Usage(PROMPT, 5), True)
    usage, estimated = usage_of({"input_tokens": 3, "output_tokens": odd}, REQUEST, CONTENT)
    assert (usage.input_tokens, estimated) == (3, True)
    assert usage.output_tokens > 900


@pytest.mark.parametrize("odd", ODD[1:])
def test_an_odd_count_of_the_cache_makes_the_prompt_an_estimate(odd: Any) -> None:
    stated = {"input_tokens": 3, "output_tokens": 5, "cache_read_input_tokens": odd, "cache_creation_input_tokens": 9}
    assert usage_of(stated, REQUEST, CONTENT) == (Usage(PROMPT - 9, 5, 0, 9), True)


counts = st.dictionaries(
    st.sampled_from(
        ["input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens", "other"]
    ),
    st.none() | st.integers() | st.floats() | st.text() | st.booleans() | st.integers(10**300, 10**400),
)


@given(counts)
def test_whatever_is_stated_can_be_counted_with(stated: Any) -> None:
    usage, _ = usage_of(stated, REQUEST, CONTENT)
    assert all(isinstance(each, int) for each in vars(usage).values())
    assert min(vars(usage).values()) >= 0
    assert 0 < usage.total <= 4 * MOST_TOKENS
    assert usage.output_tokens > 0
