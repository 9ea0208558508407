from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sre_runner.coordination.evidence.answers import Answer
from sre_runner.coordination.evidence.places import place

PODS = {"items": [{"name": "gw-1", "log": 'said "no"\n\tat load:142', "restarts": 7}, {"name": "gw-2", "log": "ü 漢"}]}
LEAVES = st.text(st.sampled_from(list('ab "\\\n\t{}[]:,ü漢\x1b[0m')), max_size=12) | st.integers(-9, 99) | st.none()
DATA = st.recursive(LEAVES, lambda one: st.lists(one, max_size=3) | st.dictionaries(st.sampled_from("ab"), one))


def marked(text: str, quote: str) -> str | None:
    span = place(text, quote)
    return None if span is None else text[slice(*span)]


@pytest.mark.parametrize(
    ("text", "quote", "found"),
    [
        ("a b  c", "b  c", "b  c"),
        ("a b \n\t c", "b c", "b \n\t c"),
        ("a \x1b[31mred\x1b[0m b", "a red b", "a \x1b[31mred\x1b[0m b"),
        ('{"a": 1,\n "b": [2, 3]}', '"b":[2,3]', '"b": [2, 3]'),
        ('{"log": "line 1\\n\\tat X"}', "line 1\n\tat X", "line 1\\n\\tat X"),
        (json.dumps({"log": json.dumps({"why": 'a "b"'})}), '"why": "a \\"b\\""', '\\"why\\": \\"a \\\\\\"b\\\\\\"\\"'),
        ("one\n[… 12 characters left out here …]\ntwo three", "two  three", "two three"),
        ("one\n[… 12 characters left out here …]\ntwo", "one two", None),
        ("anything", "", None),
        ("anything", " \n", None),
        ("anything", "something", None),
    ],
)
def test_a_quote_is_found_in_the_layout_of_the_text(text: str, quote: str, found: str | None) -> None:
    assert marked(text, quote) == found


@pytest.mark.parametrize("indent", [None, 2])
def test_the_first_of_several_places_is_taken(indent: int | None) -> None:
    text = json.dumps(PODS, indent=indent) * 2
    assert place(text, '"restarts":7') == place(json.dumps(PODS, indent=indent), '"restarts":7')


@given(data=DATA, wrap=st.integers(0, 3), indent=st.sampled_from([None, 1]), ends=st.data())
def test_what_the_check_finds_is_found(data: object, wrap: int, indent: int | None, ends: st.DataObject) -> None:
    text = json.dumps({"a": data}, indent=indent, ensure_ascii=False)
    source = text
    for _ in range(wrap):
        text = json.dumps({"said": text}, ensure_ascii=False)
    first, last = sorted((ends.draw(st.integers(0, len(source))), ends.draw(st.integers(0, len(source)))))
    layout = ends.draw(st.sampled_from([source, " ".join(source.split()), source.replace(" ", "  ")]))
    quote = layout[first:last]
    if not Answer(text).doubt(quote):
        span = place(text, quote)
        assert span is not None, (text, quote)
        assert 0 <= span[0] < span[1] <= len(text)
