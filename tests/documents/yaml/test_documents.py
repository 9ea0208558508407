"""Documents: places of values and of lines inside texts, files that cannot be read, what does not fit a schema."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import sre_runner
from sre_runner.documents.yaml.document import MOST_BYTES, Document, check, load, nearest, parse, read_value
from sre_runner.documents.yaml.misfits import MOST_MISFITS, misfits
from sre_runner.errors import ConfigError, Problem

FILE = "agents.d/a.yaml"

# --- Places ----------------------------------------------------------------------------------------------------------

TEXT = """\
# remark
description: One agent
tools:
  - list_pods
  - "describe_pod"
report: {pods: {type: array, "é😀": [1, {x: y}]}}
prompt: |
  You look at {{ service }}.

    Indented {{ nmespace }}.
folded: >-
  one two
  three {{ four }}

  five
  six
quoted: "one
  two

  three {{ four }}"
escaped: "one\\ntwo
  three"
single: "one\\ntwo {{ x }}"
shared: &shared
  a: 1
again: *shared
last: 1.50
"""


@pytest.fixture(params=["\n", "\r\n"], ids=["LF", "CRLF"])
def document(request: pytest.FixtureRequest) -> Document:
    return parse(TEXT.replace("\n", request.param), FILE)


@pytest.mark.parametrize(
    ("path", "value", "key"),
    [
        ((), (2, 1), (2, 1)),
        (("description",), (2, 14), (2, 1)),
        (("tools",), (4, 3), (3, 1)),
        (("tools", 0), (4, 5), (4, 5)),
        (("tools", 1), (5, 5), (5, 5)),
        (("report", "pods", "type"), (6, 23), (6, 17)),
        (("report", "pods", "é😀"), (6, 36), (6, 30)),
        (("report", "pods", "é😀", 1, "x"), (6, 44), (6, 41)),
        (("prompt",), (7, 9), (7, 1)),
        (("again",), (26, 8), (26, 1)),
        (("again", "a"), (25, 6), (25, 3)),
        (("missing",), (2, 1), (2, 1)),
        (("tools", 7), (3, 1), (3, 1)),
        (("tools", "x", "y"), (3, 1), (3, 1)),
        (("report", "pods", "items", "type"), (6, 10), (6, 10)),
        (("description", "x"), (2, 1), (2, 1)),
    ],
)
def test_mark(document: Document, path: Any, value: tuple[int, int], key: tuple[int, int]) -> None:
    assert document.mark(path) == value
    assert document.mark(path, key=True) == key


@pytest.mark.parametrize(
    ("path", "line", "in_file"),
    [
        (("prompt",), 1, 8),
        (("prompt",), 3, 10),
        (("prompt",), 1000, 28),
        (("folded",), 1, 12),
        (("folded",), 2, 15),
        (("folded",), 99, 16),
        (("quoted",), 1, 17),
        (("quoted",), 2, 20),
        (("escaped",), 2, 21),
        (("single",), 2, 23),
        (("description",), 1, 2),
        (("again",), 1, 26),
        (("missing",), 1, 2),
        (("tools",), 3, 4),
    ],
)
def test_line_in(document: Document, path: Any, line: int, in_file: int) -> None:
    assert document.line_in(path, line) == in_file


@pytest.mark.parametrize(
    ("path", "line", "find", "place"),
    [
        (("prompt",), 1, "service", (8, 18)),
        (("prompt",), 3, "nmespace", (10, 17)),
        (("prompt",), 3, "", (10, 5)),
        (("prompt",), 3, "nowhere", (10, 5)),
        (("folded",), 1, "four", (13, 12)),
        (("folded",), 1, "nowhere", (12, 3)),
        (("quoted",), 2, "four", (20, 12)),
        (("escaped",), 2, "three", (22, 3)),
        (("single",), 2, "x", (23, 22)),
        (("single",), 2, "", (23, 9)),
        (("description",), 1, "description", (2, 14)),
        (("description",), None, "agent", (2, 18)),
        (("missing",), 1, "x", (2, 1)),
        (("description",), None, "", (2, 14)),
    ],
)
def test_problems_inside_of_texts(
    document: Document, path: Any, line: int | None, find: str, place: tuple[int, int]
) -> None:
    problem = document.problem(path, "wrong", "fix it", line=line, find=find)
    assert (problem.line, problem.column) == place
    assert problem.source == TEXT.split("\n")[problem.line - 1]


def test_problem(document: Document) -> None:
    assert document.problem(("tools", 1), "wrong", "fix it", warning=True) == Problem(
        FILE, 5, 5, "wrong", "fix it", '  - "describe_pod"', warning=True
    )
    assert document.problem(("tools",), "wrong", key=True).source == "tools:"
    assert document.at(0, 0, "wrong").source == ""
    assert document.at(100, 1, "wrong").source == ""


def test_blocks_inside_of_lists_and_mappings() -> None:
    document = parse("a:\n  - b: |2\n        one\n       two\n    c: >\n      three\n\n    d: 1\n", FILE)
    assert document.data == {"a": [{"b": "  one\n two\n", "c": "three\n", "d": 1}]}
    assert [document.line_in(("a", 0, "b"), line) for line in (1, 2)] == [3, 4]
    assert document.problem(("a", 0, "b"), "m", line=2, find="two").column == 8
    assert document.line_in(("a", 0, "c"), 1) == 6


def test_written(document: Document) -> None:
    assert document.written(("last",)) == "1.50"
    assert document.data["last"] == 1.5
    assert document.written(("description",)) == "One agent"
    assert document.written(("tools", 1)) is None
    assert document.written(("prompt",)) is None
    assert document.written(("missing", "x")) is None


def test_data_without_a_file_has_no_places() -> None:
    document = Document("--set", "", {"a": ["x"]})
    assert document.mark(("a", 0)) == (0, 0)
    assert document.written(("a", 0)) is None
    assert document.problem(("a", 0), "wrong", line=1, find="x") == Problem("--set", 0, 0, "wrong")


def test_an_excerpt_is_safe_and_keeps_its_columns() -> None:
    document = parse("a: x\ty\u202ez\nb: " + "c" * 5000 + " {{ d\n", FILE)
    assert document.at(1, 1, "m").source == "a: x\ty\ufffdz"
    assert document.at(2, 4, "m").source == "b: " + "c" * 197 + "…"
    assert document.at(2, 900, "m").source == "b: " + "c" * 977 + "…"
    assert document.at(2, 2000, "m").source == ""


def test_tabs_and_wide_characters_count_as_one_column() -> None:
    document = parse('a:\t"😀é\u0301"\t# x\n"😀": {"日本": y}\n', FILE)
    assert document.mark(("a",)) == (1, 4)
    assert document.mark(("😀", "日本"), key=True) == (2, 7)
    assert document.mark(("😀", "日本")) == (2, 13)


# --- Files -----------------------------------------------------------------------------------------------------------


def refused(path: Path, shown_as: str = "x.yaml") -> Problem:
    with pytest.raises(ConfigError) as caught:
        load(path, shown_as)
    (problem,) = caught.value.problems
    assert problem.file == shown_as
    assert problem.message
    return problem


@pytest.mark.parametrize("raw", [b"a: \xc3\xa9\n", b"\xef\xbb\xbfa: \xc3\xa9\r\n"])
def test_load(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(raw)
    document = load(path, "shown.yaml")
    assert document.data == {"a": "é"}
    assert document.file == "shown.yaml"
    assert document.text == "a: é\n"
    assert document.mark(("a",)) == (1, 4)


@pytest.mark.parametrize(
    ("raw", "place", "message", "source"),
    [
        (b"", (1, 1), "the file is empty", ""),
        (b"# only this\n", (1, 1), "the file is empty", "# only this"),
        (b"\n- a\n", (2, 1), "the file must hold a mapping (`key: value`), not a list", "- a"),
        (b"text\n", (1, 1), "the file must hold a mapping (`key: value`), not one value", "text"),
        (b"null\n", (1, 1), "the file must hold a mapping (`key: value`), not one value", "null"),
        (b"\xef\xbb\xbfa: 1\r\nb: \xc3\xa9\xff\r\n", (2, 5), "the file is not UTF-8", "b: é\ufffd"),
        (b"\xe9: 1", (1, 1), "the file is not UTF-8", "\ufffd: 1"),
        ("a: é".encode("utf-16"), (0, 0), "the file is UTF-16", ""),
        ("a: é".encode("utf-16-be"), (0, 0), "the file is UTF-16", ""),
        (b"a: 1\nb: \x00\n", (2, 4), "the character U+0000 cannot stand in YAML", "b: \ufffd"),
        (b"a: 'b\n", (1, 4), "the quote that begins here is never closed", "a: 'b"),
        (b"a: {{ b }} c\n", (1, 4), "{{ begins a mapping in YAML", "a: {{ b }} c"),
        (b"#" * (MOST_BYTES + 1), (0, 0), "the file has more than 5,000,000 bytes", ""),
    ],
)
def test_files_that_are_refused(tmp_path: Path, raw: bytes, place: tuple[int, int], message: str, source: str) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(raw)
    problem = refused(path)
    assert (problem.line, problem.column) == place
    assert problem.message == message
    assert problem.source.startswith(source)
    assert problem.hint or "must hold" in message


def test_paths_that_are_refused(tmp_path: Path) -> None:
    assert refused(tmp_path / "missing.yaml").message == "there is no such file"
    assert refused(tmp_path).message == "this is a directory"
    assert refused(Path("a\0b")).message.startswith("the file cannot be read: ")
    os.mkfifo(tmp_path / "pipe")
    assert refused(tmp_path / "pipe").message == "this is no ordinary file"
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    assert refused(tmp_path / "loop").message.startswith("the file cannot be read: ")
    (tmp_path / "file").write_text("a: 1")
    assert refused(tmp_path / "file" / "x.yaml").message.startswith("the file cannot be read: ")


def test_all_problems_come_at_once_and_sorted() -> None:
    with pytest.raises(ConfigError) as caught:
        parse("b: !t 1\na: 1\na: 2\nc: {{ x }}\n", FILE)
    assert [str(problem) for problem in caught.value.problems] == [
        f"{FILE}:1:4: tags cannot be used: they name no types here",
        f"{FILE}:3:1: the key `a` is already on line 2",
        f"{FILE}:4:4: {{{{ begins a mapping in YAML",
    ]


# --- Values of the command line --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("null", None),
        ("parallel", "parallel"),
        ("no", "no"),
        ("5", 5),
        ("1.5", 1.5),
        ("true", True),
        ("[a, b]", ["a", "b"]),
        ("{name: x, max_tokens: 5}", {"name": "x", "max_tokens": 5}),
        ("'5'", "5"),
        ("- a\r\n- b", ["a", "b"]),
    ],
)
def test_read_value(text: str, value: Any) -> None:
    assert read_value(text) == value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[a", "the list in brackets is not closed or lacks a comma (column 1 of the value). Items are"),
        ("{{ x }}", "{{ begins a mapping in YAML (column 1 of the value). Quote it: "),
        ("[" * 50_000, "nested more than 50 levels deep (column 51 of the value)."),
        ("\x00", "the character U+0000 cannot stand in YAML (column 1 of the value)."),
        ("!!python/name:os.system", "tags cannot be used"),
    ],
)
def test_values_that_are_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=r"\w") as caught:
        read_value(text)
    assert str(caught.value).startswith(message)


def test_nearest_is_here_as_well() -> None:
    assert nearest("paralel", ["parallel"]) == "parallel"


# --- Schemas ---------------------------------------------------------------------------------------------------------

SCHEMAS = {
    name: json.loads((Path(sre_runner.__file__).parent / "schemas" / f"{name}.schema.json").read_text(encoding="utf-8"))
    for name in ("agent", "tools", "playbook")
}


MODEL = {
    "type": ["string", "object"],
    "if": {"type": "object"},
    "then": {"$ref": "#/$defs/model"},
    "else": {"minLength": 1},
    "description": "Who answers.",
}
OPTIONS: dict[str, Any] = {
    "role": {"enum": ["specialist", "planner"], "description": "What for."},
    "description": {"type": "string", "description": "One line."},
    "prompt": {"type": "string", "minLength": 1, "description": "A template."},
    "tools": {"type": "array", "items": {"type": "string"}, "minItems": 1, "description": "The whitelist."},
    "turns": {"type": "integer", "minimum": 2, "maximum": 100, "description": "A cap."},
    "timeout": {"type": "number", "exclusiveMinimum": 0, "description": "Seconds."},
    "report": {"type": "object", "minProperties": 1, "additionalProperties": {"type": "object"}},
    "model": MODEL,
    "other": {"$ref": "#/$defs/model"},
}
CLOSED = {"type": "object", "additionalProperties": False}
SCHEMA = {
    **CLOSED,
    "description": "An agent.",
    "required": ["description", "prompt"],
    "properties": OPTIONS,
    "$defs": {
        "model": {
            **CLOSED,
            "description": "A model.",
            "required": ["name", "price"],
            "properties": {"name": {"type": "string"}, "price": {"$ref": "#/$defs/price"}},
        },
        "price": {**CLOSED, "description": "Dollars."},
    },
}
REQUIRED = "description: d\nprompt: p\n"


def told(text: str, schema: Any = SCHEMA) -> list[str]:
    return [f"{p.line}:{p.column}: {p.message} | {p.hint}" for p in sorted(check(parse(text, FILE), schema))]


def test_what_fits() -> None:
    assert told("description: d\nprompt: p\nmodel: {name: m, price: {}}\n") == []
    assert told("description: d\nprompt: p\nmodel: claude\ntimeout: 2.5\ntools: [a]\n") == []


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("tols: []", "1: unknown key `tols` | Did you mean `tools`?"),
        (
            "zebra: 1",
            "1: unknown key `zebra` | Known here: `role`, `description`, `prompt`, `tools`, `turns`, `timeout`, ",
        ),
        ("model: {name: m, price: {}, nam: 1}", "29: unknown key `nam` | Did you mean `name`?"),
        ("model: {name: m}", "1: `model` lacks the key `price` | Dollars."),
        ("model: {price: {}}", "1: `model` lacks the key `name` | "),
        ("model: ''", "8: `model` must not be empty | Who answers."),
        ("model: 5", "8: `model` must be text or a mapping (`key: value`), not the number 5 | Quote it."),
        ("other: a", "8: `other` must be a mapping (`key: value`), not text | A model."),
        ("tools: list_pods", "8: `tools` must be a list, not text | Write it as a list: [list_pods]"),
        ("tools: |\n  a\n  b", "8: `tools` must be a list, not text | Write it as a list."),
        ("tools:", "7: `tools` is empty; it must be a list | The whitelist."),
        ("tools: []", "8: `tools` must have at least one item | The whitelist."),
        ("tools: [a, 5]", "12: `tools[1]` must be text, not the number 5 | Quote it."),
        ("tools: [true]", "9: `tools[0]` must be text, not `true` | Quote it."),
        ("tools: [{a: b}]", "9: `tools[0]` must be text, not a mapping | Quote text that holds `: `, or begin it"),
        ("tools: [[a]]", "9: `tools[0]` must be text, not a list | "),
        (
            "report: [a]",
            "9: `report` must be a mapping (`key: value`), not a list | Write `key: value` lines, without `- `.",
        ),
        ("report: {}", "9: `report` must have at least one key | "),
        ("report: {a: true}", "13: `a` must be a mapping (`key: value`), not `true` | "),
        ("timeout: '5'", "10: `timeout` must be a number, not text | Remove the quotes."),
        ("timeout: soon", "10: `timeout` must be a number, not text | Seconds."),
        ("timeout: 0", "10: `timeout` must be more than 0 | Seconds."),
        ("turns: 2.5", "8: `turns` must be a whole number, not the number 2.5 | A cap."),
        ("turns: 1", "8: `turns` must be at least 2 | A cap."),
        ("turns: 101", "8: `turns` must be at most 100 | A cap."),
        ("role: planer", "7: `role` must be one of `specialist`, `planner`, not `planer` | Did you mean `planner`?"),
        ("role: zebra", "7: `role` must be one of `specialist`, `planner`, not `zebra` | What for."),
        ("role: [planner]", "7: `role` must be one of `specialist`, `planner`, not this value | What for."),
    ],
)
def test_misfits(line: str, expected: str) -> None:
    (only,) = told(f"{REQUIRED}{line}\n")
    assert only.startswith(f"3:{expected}")


def test_missing_keys() -> None:
    assert told("description: d\n") == ["1:1: the file lacks the key `prompt` | A template."]
    assert told("descripton: d\nprompt: p\n") == ["1:1: unknown key `descripton` | Did you mean `description`?"]


def answers(*entries: str) -> str:
    lines = [
        "tools:",
        "  t:",
        "    description: d",
        "    input_schema: {type: object}",
        "    simulated:",
        "      answers:",
    ]
    return "\n".join([*lines, *(f"        - {entry}" for entry in entries)]) + "\n"


ONE_OF = "`return`, `returns`, `in_turn`, `error`, `no_data`, `file`, `timeout`"


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("return: {any: [thing]}", []),
        ("{}", [f"7:11: `answers[0]` lacks one of {ONE_OF} | It takes exactly one of {ONE_OF}."]),
        ("{delay: 1}", [f"7:11: `answers[0]` lacks one of {ONE_OF} | It takes exactly one of {ONE_OF}."]),
        ("{error: e, return: 1}", [f"7:22: `return` cannot stand beside `error` | It takes exactly one of {ONE_OF}."]),
        ("{retrun: 1}", ["7:12: unknown key `retrun` | Did you mean `return`?"]),
        ("text", ["7:11: `answers[0]` must be a mapping (`key: value`), not text | When it applies"]),
        ("{return: 1, when: {a: {glb: x}}}", ["7:34: unknown key `glb` | Did you mean `glob`?"]),
        ("{return: 1, when: {a: {ignore_case: true}}}", ["7:30: `a` lacks one of `equals`, `any_of`"]),
        ("{return: 1, when: {a: {any_of: [{glob: 1}]}}}", ["7:50: `glob` must be text, not the number 1 | Quote it."]),
        ("{timeout: false}", ["7:21: `timeout` must be `true`, not `false` | The call gets no answer"]),
    ],
)
def test_answers(entry: str, expected: list[str]) -> None:
    found = told(answers(entry), SCHEMAS["tools"])
    assert len(found) == len(expected)
    assert all(line.startswith(start) for line, start in zip(found, expected, strict=True))


def test_simulated_is_described_by_what_it_is() -> None:
    query = answers("x").replace("      answers:\n        - x", "      rows: logs\n      anwers: 1")
    assert told(query, SCHEMAS["tools"])[0].startswith("5:5: `simulated` lacks the key `return` | The answer: its keys")
    assert told(query, SCHEMAS["tools"])[1].startswith("7:7: unknown key `anwers` | Known here: `rows`, `where`")


def test_everything_is_told_at_once() -> None:
    found = told("role: x\nprompt: 1\ntools: {}\nnope: 1\ntimeout: 0\n")
    assert [line.split(": ")[0] for line in found] == ["1:1", "1:7", "2:9", "3:8", "4:1", "5:10"]


def test_very_many_misfits_are_cut() -> None:
    found = check(parse(REQUIRED + "tools: [" + "1, " * 5000 + "]\n", FILE), SCHEMA)
    assert len(found) == MOST_MISFITS + 1
    assert found[-1].message.startswith("there is more")
    unknown = {f"k{number}": 1 for number in range(5000)}
    assert len(misfits(SCHEMA, {"description": "d", "prompt": "p", **unknown})) == MOST_MISFITS + 1


def test_hostile_names_are_safe_to_show() -> None:
    (problem,) = check(parse(REQUIRED + '"\\e[2J\\u202e": 1\n', FILE), SCHEMA)
    assert problem.message == r'unknown key "\u001b[2J\u202e"'
    (problem,) = check(parse(REQUIRED + "report: {" + "x" * 500 + ": []}\n", FILE), SCHEMA)
    assert len(problem.message) < 200


@pytest.mark.parametrize(
    ("schema", "data", "expected"),
    [
        ({"anyOf": [{"type": "string"}, {"type": "array"}]}, 1, "the file is not what it must be"),
        ({"anyOf": [{"type": "object", "required": ["a"]}, {"type": "string"}]}, {}, "the file lacks the key `a`"),
        ({"oneOf": [{"minimum": 0}, {"maximum": 9}]}, 5, "the file is not what it must be"),
        ({"oneOf": [{"required": ["a"]}, {"required": ["b"]}]}, {}, "the file lacks one of `a`, `b`"),
        ({"items": {"multipleOf": 2}}, [2, 3], "item 1 is not what it must be"),
        ({"items": {"type": ["boolean", "null"]}}, ["true"], "item 0 must be true or false or empty, not text"),
        ({"properties": {"a": {"maxLength": 3}}}, {"a": "abcd"}, "`a` must have at most 3 characters"),
        ({"properties": {"a": {"minLength": 3}}}, {"a": "ab"}, "`a` must have at least 3 characters"),
        ({"properties": {"a": {"maxItems": 1}}}, {"a": [1, 2]}, "`a` must have one item"),
        ({"properties": {"a": {"exclusiveMaximum": 1}}}, {"a": 1}, "`a` must be less than 1"),
        ({"required": ["a"], "properties": {"a": True}}, {}, "the file lacks the key `a`"),
    ],
)
def test_what_the_files_schemas_do_not_use_yet(schema: Any, data: Any, expected: str) -> None:
    assert [misfit.message for misfit in misfits(schema, data)] == [expected]


def test_alternatives_of_required_keys_say_nothing_of_what_is_no_mapping() -> None:
    assert misfits({"oneOf": [{"required": ["a"]}, {"required": ["b"]}]}, 5) == []


KEYS = st.sampled_from(
    [
        *["role", "description", "prompt", "tools", "report", "model", "name", "price", "input", "task", "specialists"],
        *["simulated", "answers", "when", "return", "error", "rows", "where", "any_of", "equals", "input_schema", "zz"],
    ]
)
DATA = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from([0.5, "", "a", "planner", "x y", "{{ z }}"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(KEYS, DATA, min_size=1, max_size=5), st.sampled_from(sorted(SCHEMAS)))
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_data_gives_problems_with_places(data: Any, kind: str) -> None:
    document = parse(json.dumps(data, indent=1), FILE)
    for problem in check(document, SCHEMAS[kind]):
        assert 1 <= problem.line <= len(document.lines)
        assert 1 <= problem.column <= len(document.lines[problem.line - 1])
        assert problem.source == document.lines[problem.line - 1]
        assert 0 < len(problem.message) < 300
