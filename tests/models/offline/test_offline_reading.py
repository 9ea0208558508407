"""Outputs taken apart: every value of JSON with its place, tables, descriptions, and very long lines."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sre_runner.models.offline.jsontext import Node, read_json
from sre_runner.models.offline.outputs import LONGEST, Record, take_apart
from sre_runner.models.offline.words import clean, listed, singular, telling, words

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=15,
)


def value_of(node: Node, text: str) -> Any:
    """The data that a node stands for, read from its own place in the text."""
    if node.children is None:
        return json.loads(text[node.start : node.end])
    if node.is_list:
        return [value_of(child, text) for child in node.children]
    return {child.key: value_of(child, text) for child in node.children}


@settings(max_examples=23, deadline=None)
@given(
    st.lists(VALUES, max_size=4) | st.dictionaries(st.text(max_size=6), VALUES, max_size=4), st.sampled_from([None, 1])
)
def test_every_value_is_read_at_its_place(data: Any, indent: int | None) -> None:
    text = json.dumps(data, indent=indent)
    node = read_json(text, 0)
    assert node is not None
    assert node.end == len(text)
    assert value_of(node, text) == data


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "]",
        "[}",
        '{"a"}',
        "{1: 2}",
        "[,",
        ",",
        ":",
        '{"a": 1, :',
        "[" * 60 + "]" * 60,
        "[1] [2]"[3:5],
        '["a" : 1]',
    ],
)
def test_what_is_no_json_is_not_read(text: str) -> None:
    assert read_json(text.ljust(500) + "\n" + "plain text " * 60, 0) is None


def test_a_document_of_which_the_end_is_missing_is_read_as_far_as_it_goes() -> None:
    node = read_json('{"a": [{"b": "c"}, {"d": "un', 0)
    assert node is not None
    assert node.children is not None
    assert node.children[0].children is not None
    assert [child.key for child in node.children[0].children[0].children or ()] == ["b"]


def records(text: str) -> list[dict[str, str]]:
    return [{field.key: field.value for field in record.fields} for record in take_apart(text).records]


def test_objects_in_lists_and_maps_of_objects_are_records() -> None:
    data = {"items": [{"name": "a", "meta": {"x": 1}}, {"name": "b"}], "pods": {"p1": {"cpu": 1}, "p2": {"cpu": 2}}}
    found = records(json.dumps(data))
    assert {"name": "a", "meta.x": "1"} in found
    assert {"name": "p1", "cpu": "1"} in found
    assert records("[1, 2]") == [{"": "2"}] or records("[1, 2]")


def test_a_table_with_a_header_gives_rows() -> None:
    text = (
        "NAME      READY   STATUS    NOMINATED NODE\n"
        "web-1     1/1     Running   <none>\n"
        "web-2             Pending   <none>\n"
    )
    assert records(text) == [
        {"NAME": "web-1", "READY": "1/1", "STATUS": "Running", "NOMINATED NODE": "<none>"},
        {"NAME": "web-2", "STATUS": "Pending", "NOMINATED NODE": "<none>"},
    ]


def test_rows_without_a_header_and_descriptions_are_records() -> None:
    (row,) = records("front   web-1   0/1   Error   7\n")
    assert row == {"namespace": "front", "name": "web-1", "ready": "0/1", "status": "Error", "restarts": "7"}
    text = "Name:   web-1\nContainers:\n  app:\n    Exit Code:  137\nName:   web-2\n"
    assert records(text) == [{"Name": "web-1", "Containers.app.Exit Code": "137"}, {"Name": "web-2"}]


def test_json_between_lines_is_read() -> None:
    text = 'first\n{"name": "a"}\n{"broken\n  {"name": "b"}\nlast'
    assert records(text) == [{"name": "a"}, {"name": "b"}]


@settings(max_examples=40, deadline=None)
@given(st.text(alphabet=st.sampled_from('{}[]":, \n\\abNAME:/01\t'), max_size=300))
def test_segments_are_in_order_and_inside_the_text(text: str) -> None:
    output = take_apart(text)
    places = [(segment.start, segment.end) for segment in output.segments]
    assert places == sorted(places)
    assert all(0 <= start <= end <= len(text) for start, end in places)
    assert all(text[f.start : f.end].strip() for record in output.records for f in record.fields if f.value.strip())


def test_very_long_lines_are_cut_into_pieces_without_loss() -> None:
    line = "word, " * 2_000 + "x" * 3_000
    output = take_apart(line)
    assert "".join(line[s.start : s.end] for s in output.segments) == line
    assert max(s.end - s.start for s in output.segments) <= 600


def test_only_so_much_of_a_text_is_looked_at() -> None:
    output = take_apart("line of text\n" * 60_000)
    assert max(segment.end for segment in output.segments) <= LONGEST


def test_a_record_has_only_so_many_fields() -> None:
    record = Record("")
    for number in range(500):
        record.add(f"k{number}", "v", 0, 0, 1)
    assert len(record.fields) == 120
    assert record.first("missing") is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("podName", ["pod", "name"]),
        ("svc-names", ["service", "name"]),
        ("HTTPStatus", ["http", "status"]),
        ("deploys", ["deployment"]),
        ("policies and boxes", ["policy", "and", "box"]),
        ("p99_ms", ["p", "99", "ms"]),
    ],
)
def test_words_of_names(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_telling_words_have_compounds_in_parts_and_whole() -> None:
    assert telling("the PostgreSQL of 7") == {"postgre", "sql", "postgresql"}


def test_small_words() -> None:
    assert [singular(word) for word in ("pods", "status", "class", "bus", "series")] == [
        "pod",
        "status",
        "class",
        "bus",
        "sery",
    ]
    assert clean("a\x1b[31m\nb" + "c" * 200, 10) == "a [31m bc…"
    assert [listed(items) for items in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == ["", "a", "a and b", "a, b and c"]
