from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from sre_runner.render.run.nested import nested, title

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("one\n\ntwo", "one\n\ntwo"),
        ("", "none"),
        (None, "none"),
        ([], "none"),
        ({}, "none"),
        (True, "true"),
        (4.7, "4.7"),
        (["a", "", None], '- a\n- ""\n- none'),
        ({"error_rate": 4.7, "alerts": ["A", "B"]}, "- error_rate: 4.7\n- alerts:\n  - A\n  - B"),
        ([{"pod": "x", "reason": "OOM"}], "- pod: x; reason: OOM"),
        ([{"pod": "x", "events": [1]}], "- 1:\n  - pod: x\n  - events:\n    - 1"),
        ([[]], "- none"),
        ({"a": [[1], [2]]}, "- a:\n  - 1:\n    - 1\n  - 2:\n    - 2"),
    ],
)
def test_data_is_written_for_people(value: Any, expected: str) -> None:
    assert nested(value) == expected


@settings(max_examples=20)
@given(JSON)
def test_whatever_the_data_is_it_stays_paragraphs_and_lists(value: Any) -> None:
    tokens = MarkdownIt("commonmark", {"html": True}).parse(nested(value))
    assert {token.tag for token in tokens} <= {"p", "ul", "li", ""}
    children = [child.type for token in tokens for child in token.children or ()]
    assert set(children) <= {"text", "hardbreak", "softbreak"}


def test_a_title_is_the_fields_name_in_words() -> None:
    assert title("top_errors") == "Top errors"
    assert title("# x") == "\\# x"
