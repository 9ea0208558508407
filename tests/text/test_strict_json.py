"""What JSON from outside may hold: nothing that could be neither recorded nor sent back."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sre_runner.documents.json_schema.coercion import coerced
from sre_runner.investigation.heard import arguments_of
from sre_runner.investigation.spoken import spoken_report
from sre_runner.text.strict_json import MAX_DEPTH, loads, read, read_at

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(VALUES, st.booleans())
def test_ordinary_json_is_read_as_it_is(data: Any, ascii_only: bool) -> None:
    text = json.dumps(data, ensure_ascii=ascii_only)
    assert read(f" {text}\n") == data
    assert read_at(f"so: {text} and", 4) == (data, 4 + len(text))


UNSOUND = {
    "a number that JSON does not have": "NaN",
    "a number that is too large": "1e999",
    "more digits than numbers have": "9" * 400,
    "more digits than Python reads": "-" + "9" * 5000,
    "half a character": r'"\ud83d"',
    "too deep to record": "[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1),
    "too deep to read": "[" * 100_000,
    "no JSON": "pods",
}


@pytest.mark.parametrize("kind", UNSOUND)
def test_what_could_not_be_recorded_is_refused(kind: str) -> None:
    for text in (UNSOUND[kind], f'{{"a": [{UNSOUND[kind]}]}}'):
        with pytest.raises(ValueError):  # noqa: PT011 - of many kinds, and each is told as it is
            read(text)
        with pytest.raises(ValueError):  # noqa: PT011
            read_at(text, 0)


@pytest.mark.parametrize("kind", UNSOUND)
def test_no_way_into_a_conversation_lets_it_in(kind: str) -> None:
    """As a call's whole input, as one of its arguments, and as a report in text."""
    text = f'{{"a": {UNSOUND[kind]}}}'
    assert arguments_of(text) == text
    schema = {"type": "object", "properties": {"a": {"type": "object"}}}
    assert coerced(schema, {"a": text}) == ({"a": text}, [])
    assert spoken_report(text, "submit_report", lambda data: True) is None


def test_whole_characters_may_be_written_as_pairs_and_depth_has_its_bound() -> None:
    assert read(r'"\ud83d\ude00"') == "\U0001f600"
    deep = read("[" * MAX_DEPTH + "]" * MAX_DEPTH)
    assert json.dumps(deep) == "[" * MAX_DEPTH + "]" * MAX_DEPTH
    assert loads("[1e999, -1" + "0" * 400 + "]") == [math.inf, math.inf]
