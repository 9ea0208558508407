"""Data is written as YAML that our own reader reads back as the same, and that people can read."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sre_runner.documents.yaml.document import parse
from sre_runner.documents.yaml.writing import WIDTH, scalar, written

TEXT = st.text(st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from(" \n\t#:-|>{}[]'\"\\%&*!?,01e.")))
DATA = st.recursive(
    st.one_of(TEXT, st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.booleans(), st.none()),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXT, inner, max_size=4)),
    max_leaves=12,
)


@given(st.dictionaries(TEXT, DATA, min_size=1, max_size=4))
@example({"a": "\n"})
@example({"a": " x\n y\n"})
@example({"a": "\n\nx\n\n"})
@example({"a": ["x\n  ", "\tx\ny", "x\n\ty", "--- \n...\n%TAG\n# no\n"]})
@example({"a": [[["x\ny"], {"b": "x\ny"}], [{"b": {"c": ["1\n2"]}}]]})
@example({"a": {"b": "\u2028x\n\ud7ff\ue000\ufeff\ufffe\uffff\U0001f600\U0010ffff"}})
@example({"<<": "=", "null": "~", "1": 1.0, "y": "no", "é": 1e300})
def test_what_is_written_reads_back(data: dict[str, Any]) -> None:
    read = parse(written(data), "file").data
    assert repr(read) == repr(data)


@pytest.mark.parametrize("text", ["1.30", "7356e12", "null", "True", "~", "0x1F", "1:30", "no", "", "1" * 1001, "- a"])
def test_text_stays_text(text: str) -> None:
    assert parse(written({"a": text, "b": [text]}), "file").data == {"a": text, "b": [text]}


def test_what_it_looks_like() -> None:
    data = {
        "when": {"namespace": "payments", "selector": {"equals": {"app": "api"}}},
        "return": "NAME  READY\napi-1\t0/1\n",
        "returns": ["one\ntwo", "  indented\nthree", {"pods": ["x" * 60, "y" * 60]}, [], {}],
        "long": "word " * 40,
        "seen": "one\ntwo\x1b",
    }
    assert (
        written(data)
        == f"""\
when: {{namespace: payments, selector: {{equals: {{app: api}}}}}}
return: |
  NAME  READY
  api-1\t0/1
returns:
  - |-
    one
    two
  - |2-
      indented
    three
  - pods:
      - {"x" * 60}
      - {"y" * 60}
  - []
  - {{}}
long: "{"word " * 40}"
seen: "one\\ntwo\\u001b"
"""
    )


@given(st.dictionaries(st.sampled_from("abc"), st.lists(st.sampled_from(["x", "yy", "zzz zz"]), max_size=40)))
def test_lists_of_short_values_keep_to_the_width(data: dict[str, Any]) -> None:
    assert all(len(line) <= WIDTH for line in written(data).split("\n"))


def test_a_scalar_for_anywhere() -> None:
    assert [scalar(each) for each in ("list_pods", "a b", "1", "a: b", "\x85")] == [
        "list_pods",
        '"a b"',
        '"1"',
        '"a: b"',
        '"\\U00000085"',
    ]
