"""Quotes against answers: what is forgiven, and that nothing else is."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sre_runner.casefile import Evidence, Finding
from sre_runner.evidence import checked, stands

LOG = "14:23:01 ERROR  OutOfMemoryError: Java heap space\n\tat Batch.load:142\n\\x1b[31mred\\x1b[0m alert"
JSON = '{"pods": [{"name": "api-1", "why": "said \\"no\\"\\nthen left", "cpu":  5}],\n "more": "a  b"}'


@pytest.mark.parametrize(
    ("quote", "text"),
    [
        ("OutOfMemoryError: Java heap space", LOG),
        ("ERROR OutOfMemoryError", LOG),
        ("heap space\n   at Batch.load:142", LOG),
        ("red alert", LOG),
        ("\x1b[1mred alert", LOG),
        ("\\x1b[31mred", LOG),
        ('"name": "api-1"', JSON),
        ('"name":"api-1","why"', JSON),
        ('{ "pods" : [ {', JSON),
        ('said "no"', JSON),
        ('said "no"\nthen left', JSON),
        ('said \\"no\\"', JSON),
        ('api-1","why"', JSON),
        ('"cpu": 5', JSON),
        ("a  b", JSON),
        ("grüße", '["gr\\u00fc\\u00dfe"]'),
    ],
)
def test_a_quote_that_stands(quote: str, text: str) -> None:
    assert stands(quote, text)


@pytest.mark.parametrize(
    ("quote", "text"),
    [
        ("", LOG),
        ("  \n", LOG),
        ("\x1b[31m", LOG),
        ("outofmemoryerror", LOG),
        ("OutOfMemoryError: heap", LOG),
        ("ERROR … heap", LOG),
        ("heapspace", LOG),
        ("14:23:02", LOG),
        ('"name": "api 1"', JSON),
        ('"more": "ab"', JSON),
        ('"name": "api-2"', JSON),
        ("name: api-1", JSON),
        ('said \\\\"no', JSON),
    ],
)
def test_a_quote_that_does_not_stand(quote: str, text: str) -> None:
    assert not stands(quote, text)


@given(st.text(min_size=1), st.data())
def test_every_part_of_a_text_stands_in_it(text: str, data: Any) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    part = text[start : data.draw(st.integers(start + 1, len(text)))]
    assert stands(part, text) or not part.strip() or "[" in text


plain = st.text(st.characters(blacklist_categories=["Cs"]), max_size=20)
documents = st.recursive(
    plain | st.integers(), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(plain, inner, max_size=3)
)


@given(st.lists(documents, max_size=3), st.integers(0, 4))
def test_json_stands_however_it_is_laid_out(data: Any, indent: int) -> None:
    one, other = json.dumps(data, indent=indent, ensure_ascii=False), json.dumps(data, ensure_ascii=False)
    assert stands(one, other) or "\\u001b" in other
    assert stands(other, one) or "\\u001b" in other


@given(st.text(), st.text())
def test_whatever_is_quoted_nothing_breaks(quote: str, text: str) -> None:
    stands(quote, text)


def finding(*evidence: Evidence) -> Finding:
    return Finding("f1", "s", evidence)


@pytest.mark.parametrize(
    ("evidence", "doubt"),
    [
        ((), "no evidence is given"),
        ((Evidence("c1", "killed"),), ""),
        ((Evidence("c9", "killed"),), "there is no answered call c9"),
        ((Evidence("c1", "alive"),), "the quote does not stand in the answer of c1"),
        ((Evidence("c1", "killed"), Evidence("c1", "alive")), "the quote does not stand in the answer of c1"),
        ((Evidence(finding="b/f1"),), ""),
        ((Evidence(finding="b/f2"), Evidence("c9", "x")), "b/f2 is no verified finding; there is no answered call c9"),
    ],
)
def test_all_items_of_a_finding_must_stand(evidence: tuple[Evidence, ...], doubt: str) -> None:
    (after,) = checked([finding(*evidence)], {"c1": "it was killed"}, {"b/f1": True, "b/f2": False})
    assert after.doubt == doubt
