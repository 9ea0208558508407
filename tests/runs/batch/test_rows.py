"""Lists in every format: what each row asks, where it is, and what is wrong with it; as a stream."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sre_runner.errors import RunnerError
from sre_runner.runs.batch.lines import MOST_LINE, records
from sre_runner.runs.batch.rows import Row, check_columns, rows

KNOWN = ("service", "version", "task")


def read(text: str, name: str = "list.csv", format_: str | None = None) -> list[Row]:
    return list(rows(records(io.StringIO(text, newline=""), name, format_), name, KNOWN))


def problems(text: str, name: str) -> list[tuple[str, str]]:
    return [(row.place.removeprefix(f"{name}:"), row.problem) for row in read(text, name)]


def test_csv_has_inputs_by_name_and_columns_of_their_own() -> None:
    text = (
        "\ufeffservice,version,label.team,started_at,task,input.task\r\n"
        'pay,1.50,shop,2026-11-22T14:23:00Z,"Look, at ""it""\nnow",inner\r\n'
        "\r\n"
        "cart,,,,,\r\n"
    )
    first, second = read(text)
    assert first.inputs == {"service": "pay", "version": "1.50", "task": "inner"}
    assert first.labels == {"team": "shop"}
    assert first.task == 'Look, at "it"\nnow'
    assert first.started_at == "2026-11-22T14:23:00+00:00"
    assert (first.place, second.place) == ("list.csv:2", "list.csv:5")
    assert second.inputs == {"service": "cart"}
    assert (second.task, second.number) == (None, 2)


def test_json_lines_and_yaml_say_the_same() -> None:
    lines = '{"service": "pay", "version": 3, "alert": {"labels": {"a": "b"}}, "task": null}\n'
    items = "# list\n---\n- service: pay\n  version: 3\n  alert: {labels: {a: b}}\n"
    (of_json,), (of_yaml,) = read(lines, "a.jsonl"), read(items, "a.yaml")
    for row in (of_json, of_yaml):
        assert row.inputs == {"service": "pay", "version": "3"}
        assert row.alert == {"labels": {"a": "b"}}
        assert not row.problem
    assert (of_json.place, of_yaml.place) == ("a.jsonl:1", "a.yaml:3")


def test_yaml_keeps_numbers_as_they_are_written() -> None:
    assert read("- {service: a, version: 1.50}\n", "a.yml")[0].inputs["version"] == "1.50"


@pytest.mark.parametrize(
    "text", ["service\npay\n", '{"service": "pay"}\n', "- service: pay\n", "---\n- {service: pay}\n"]
)
def test_the_format_of_a_stream_is_seen_in_its_first_line(text: str) -> None:
    assert [row.inputs for row in read(text, "stdin")] == [{"service": "pay"}]


def test_the_format_may_be_stated() -> None:
    assert [row.inputs for row in read('{"service": "pay"}', "list.txt", "jsonl")] == [{"service": "pay"}]


def test_what_is_wrong_with_a_row_costs_that_row_alone() -> None:
    text = 'service,version\na\nb,2\n"c"x,3\nd,\udcff\ne,5\n'
    assert problems(text, "list.csv") == [
        ("2", "it has 1 cells, and the header 2 columns"),
        ("3", ""),
        ("4", "it is not CSV: ',' expected after '\"'"),
        ("5", "it is not UTF-8"),
        ("6", ""),
    ]
    lines = '[1]\n{"service": {}}\n{"started_at": "soon"}\n{"alert": "{"}\n{"alert": 5}\n{"service": true}\n'
    assert problems(lines, "list.jsonl") == [
        ("1", "it is not a mapping of inputs"),
        ("2", "`service` is no text"),
        ("3", "`soon` is not a time in ISO 8601, such as 2026-11-22T14:23:00+01:00"),
        ("4", "`alert` is not JSON"),
        ("5", "`alert` is no payload of an alert"),
        ("6", ""),
    ]
    items = "- service: a\n- service: [\n- {service: a, service: b}\n- service: c\n"
    found = problems(items, "list.yaml")
    assert [bool(problem) for _, problem in found] == [False, True, True, False]


@pytest.mark.parametrize(
    ("text", "name", "said"),
    [
        ("a,,b\n1,2,3\n", "l.csv", "l.csv:1: a column has no name"),
        ("a,b,a\n1,2,3\n", "l.csv", "the column `a` is there twice"),
        (",".join(f"c{number}" for number in range(201)) + "\n", "l.csv", "201 columns"),
        ('"a"b\n', "l.csv", "the header cannot be read"),
        ("service: a\n", "l.yaml", "l.yaml:1: the file is not a YAML list"),
    ],
)
def test_what_is_wrong_with_the_list_as_a_whole(text: str, name: str, said: str) -> None:
    with pytest.raises(RunnerError, match=said):
        read(text, name)


def test_columns_have_to_be_known() -> None:
    check_columns(["service", "label.x", "task", "input.task", "alert", "started_at"], "l.csv", KNOWN)
    with pytest.raises(RunnerError, match="no input `servce`"):
        check_columns(["servce"], "l.csv", KNOWN)


def test_lines_without_an_end_are_bounded() -> None:
    long = '{"service": "' + "x" * (2 * MOST_LINE) + '"}'
    found = problems(f'{long}\n{{"service": "a"}}\n{long}', "l.jsonl")
    assert [problem for _, problem in found] == [
        "it has more than 1,000,000 characters",
        "",
        "it has more than 1,000,000 characters",
    ]
    (item,) = read("- service: |\n" + "    x\n" * MOST_LINE, "l.yaml")
    assert "more than 1,000,000" in item.problem
    wide = "service\n" + "x" * (MOST_LINE + 5) + "\nb\n"
    assert [bool(row.problem) for row in read(wide)] == [True, False]
    many = '{"' + '":1,"'.join(str(number) for number in range(201)) + '":1}\n'
    assert "201 entries" in read(many, "l.jsonl")[0].problem


@pytest.mark.parametrize("name", ["l.csv", "l.jsonl", "l.yaml"])
def test_rows_are_read_as_they_are_asked_for(name: str) -> None:
    given: list[int] = []

    class Endless:
        def readline(self, size: int = -1) -> str:
            given.append(size)
            line = {"l.csv": "pay", "l.jsonl": '{"service": "pay"}', "l.yaml": "- service: pay"}[name]
            return "service\n" if name == "l.csv" and len(given) == 1 else f"{line}\n"

    found: Iterator[Row] = rows(records(Endless(), name), name, KNOWN)
    for number in range(1, 50):
        assert next(found).number == number
        assert len(given) <= number + 2


@given(st.lists(st.text(st.characters(blacklist_categories=("Cs",)), max_size=20), max_size=10))
def test_a_row_changes_its_digest_if_it_changes(values: list[str]) -> None:
    text = "".join(json.dumps({"service": value}) + "\n" for value in values)
    digests: dict[str, Any] = {}
    for row, value in zip(read(text, "l.jsonl"), values, strict=True):
        assert digests.setdefault(row.digest, value) == value
        assert row.inputs["service"] == value


@given(st.text(max_size=200), st.sampled_from(["csv", "jsonl", "yaml"]))
def test_no_text_breaks_the_reader(text: str, format_: str) -> None:
    said = ""
    try:
        found = read(text, "list", format_)
    except RunnerError as error:
        found, said = [], error.message
    assert all(row.place.startswith("list:") for row in found)
    assert not said or said.startswith("list:")
