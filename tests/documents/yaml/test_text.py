"""YAML text to data with places: what scalars mean, what is refused, and that hostile text costs little."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sre_runner.documents.yaml.scalars import plain
from sre_runner.documents.yaml.syntax import Flaw, explained
from sre_runner.documents.yaml.text import DEPTH, MOST_CHARACTERS, MOST_FLAWS, MOST_NODES, Composed, Node, compose

LOADERS = [yaml.CSafeLoader, yaml.SafeLoader]


def flaws(text: str, loader: Any = yaml.CSafeLoader) -> list[tuple[int, int, str]]:
    return [(flaw.line, flaw.column, flaw.message) for flaw in compose(text, loader).flaws]


# --- Scalars ---------------------------------------------------------------------------------------------------------

TEXT = """no yes on off y n No NO 1:30 12:30:45 0123 007 -012 00.5 0x1F 0o17 0b1 1_000 2026-11-22 2026-11-22T10:00:00Z
nulL none tRUE 1.2.3 v1 1e 1e+ . - + .e5 = ~x 1,5 12e5d9d ½ ٣""".split()  # noqa: SIM905


@pytest.mark.parametrize("text", TEXT)
def test_text_stays_as_it_is_written(text: str) -> None:
    assert plain(text) == text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *[("", None), ("~", None), ("null", None), ("Null", None), ("NULL", None), ("true", True), ("True", True)],
        *[("TRUE", True), ("false", False), ("False", False), ("FALSE", False), ("0", 0), ("-0", 0), ("-17", -17)],
        *[("+5", 5), ("123456789012345678901234567890", 123456789012345678901234567890), ("1.5", 1.5), ("1.", 1.0)],
        *[(".5", 0.5), ("-.5", -0.5), ("1e3", 1000.0), ("1E-3", 0.001), ("+1.5e+2", 150.0), ("0.0", 0.0)],
    ],
)  # fmt: skip
def test_what_is_no_text(text: str, value: Any) -> None:
    assert plain(text) == value
    assert type(plain(text)) is type(value)


@pytest.mark.parametrize("text", ["1e999", "-1e999", "9" * 400, "9" * 100_000, "1." + "0" * 2000])
def test_numbers_that_are_too_large(text: str) -> None:
    with pytest.raises(ValueError, match="the number is too large"):
        plain(text)


@pytest.mark.parametrize("text", [".inf", "-.INF", "+.Inf", ".nan", ".NaN"])
def test_numbers_that_json_does_not_have(text: str) -> None:
    with pytest.raises(ValueError, match="JSON has no number"):
        plain(text)


@pytest.mark.parametrize("loader", LOADERS)
def test_quotes_make_text_and_keys_are_text(loader: Any) -> None:
    text = "a: '1'\nb: \"true\"\nc: |\n  5\nd: >\n  null\n1: x\nnull: y\n1.50: z\non: w\n\"<<\": v\n'': u\n"
    quoted = {"a": "1", "b": "true", "c": "5\n", "d": "null\n"}
    keys = {"1": "x", "null": "y", "1.50": "z", "on": "w", "<<": "v", "": "u"}
    assert compose(text, loader).data == {**quoted, **keys}


# --- What is refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("loader", LOADERS)
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\nb: 2\na: 3\n", (3, 1, "the key `a` is already on line 1")),
        ("1: a\n'1': b\n", (2, 1, "the key `1` is already on line 1")),
        ("a: {b: 1, b: 2}\n", (1, 11, "the key `b` is already on line 1")),
        ("a: !!python/object/apply:os.system [ls]\n", (1, 4, "tags cannot be used")),
        ("a: !foo b\n", (1, 4, "tags cannot be used")),
        ("a: !!str 1\n", (1, 4, "tags cannot be used")),
        ("a: ! 1\n", (1, 4, "tags cannot be used")),
        ("a: !foo!bar 1\n", (1, 4, "tags cannot be used")),
        ("!!str a: 1\n", (1, 1, "a key has no tag and no anchor")),
        ("&x a: 1\n", (1, 1, "a key has no tag and no anchor")),
        ("%YAML 1.1\n---\na: 1\n", (1, 1, "a directive has no effect here")),
        ("%TAG ! tag:x,1:\n---\na: 1\n", (1, 1, "a directive has no effect here")),
        ("a: &x {b: 1}\nc:\n  <<: *x\n", (3, 3, "merge keys (<<) cannot be used")),
        ("? [a]\n: b\n", (1, 3, "a key must be text, not a list or a mapping")),
        ("? {a: 1}\n: b\n", (1, 3, "a key must be text, not a list or a mapping")),
        ("a: {? [b] : c}\n", (1, 7, "a key must be text, not a list or a mapping")),
        ("a: &x b\n*x : 1\n", (2, 1, "an alias cannot be a key")),
        ("?\n: b\n", (1, 2, "a key is missing before `:`")),
        ("a: {{ x }}\n", (1, 4, "{{ begins a mapping in YAML")),
        ("- {{ x }}\n", (1, 3, "{{ begins a mapping in YAML")),
        ("a: [b, {{ x }}]\n", (1, 8, "{{ begins a mapping in YAML")),
        ("{{ x }}: 1\n", (1, 1, "{{ begins a mapping in YAML")),
        ("a: {{ x }} is down\n", (1, 4, "{{ begins a mapping in YAML")),
        ("a: {{ x[0] }}\n", (1, 4, "{{ begins a mapping in YAML")),
        ("a: {% if x %}b\n", (1, 4, "{% begins a mapping in YAML")),
        ("a: 1\n---\nb: 1\n", (2, 1, "a second document begins here")),
        ("a: 1\n...\nb: 1\n", (3, 1, "the document has ended before this line")),
        ("a: *x\n", (1, 4, "nothing has the anchor &x")),
        ("a: &x [*x]\n", (1, 8, "*x stands inside of what it repeats")),
        ("a: &x {b: {c: *x}}\n", (1, 15, "*x stands inside of what it repeats")),
        ("a: 1e999\n", (1, 4, "the number is too large")),
        ("a: [1, .nan]\n", (1, 8, "JSON has no number .nan")),
        ("a: " + "9" * 5000, (1, 4, "the number is too large")),
        ("a: [1\nb: 2\n", (1, 4, "the list in brackets is not closed")),
        ("a: {b: 1\n", (1, 4, "the mapping in braces is not closed")),
        ("a: 'b\nc: d\n", (1, 4, "the quote that begins here is never closed")),
        ("a: \"b\n---\n", (1, 4, "the quote that begins here is never closed")),
        ("a:\n\tb: 1\n", (2, 1, "a tab cannot indent")),
        ("a: |\n b\n\tc\n", (3, 1, "a tab cannot indent")),
        ("a: b: c\n", (1, 5, "`: ` begins a value, which cannot stand here")),
        ("a: 1\nb\nc: 2\n", (2, 1, "this line is neither `key: value` nor `- item`")),
        ("a:\n  b: 1\n c: 2\n", (3, 2, "this cannot stand here")),
        ("a: 'b' c\n", (1, 8, "this cannot stand here")),
        ("a: ]\n", (1, 4, "a value was expected here")),
        ("a: - b\n", (1, 4, "a list item (`- `) cannot begin here")),
        ("a: %b\n", (1, 4, "text cannot begin with '%'")),
        ("a: `b`\n", (1, 4, "text cannot begin with '`'")),
        ("a: & b\n", (1, 5, "`&` and `*` begin an anchor or an alias")),
        ("a: |b\n  c\n", (1, 5, "nothing stands behind `|` or `>`")),
        ("a: x\x07y\n", (1, 5, "the character U+0007 cannot stand in YAML")),
        ("a: x\x1b[0m\n", (1, 5, "the character U+001B cannot stand in YAML")),
        ("a: x\x00\n", (1, 5, "the character U+0000 cannot stand in YAML")),
        ("a: 😀\x7f\n", (1, 5, "the character U+007F cannot stand in YAML")),
        ("a: |\n  x\u2028y\n", (2, 4, "the character U+2028 cannot stand in YAML")),
        ("a: b\rc: d\n", (1, 5, "the character U+000D cannot stand in YAML")),
        ("a: \ufeff\n", (1, 4, "the character U+FEFF cannot stand in YAML")),
        ("a: \ud800\n", (1, 4, "the character U+D800 cannot stand in YAML")),
    ],
)  # fmt: skip
def test_flaws(text: str, expected: tuple[int, int, str], loader: Any) -> None:
    found = compose(text, loader).flaws
    line, column, message = expected
    assert (found[0].line, found[0].column) == (line, column)
    assert found[0].message.startswith(message)
    assert found[0].hint
    assert len(found) <= 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('a: "\\q"\n', "this escape does not exist in YAML"),
        ('a: "\\u12"\n', "this escape is no character"),
        ("a: !<x y\n", "tags cannot be used"),
        ("- a\nb: 1\n", "a list goes on here"),
        ("%YAML 1.9\n---\na: 1\n", "lines that begin with % are directives"),
        ('a: "\\ud83d\\ude00"\n', "this escape is no character"),
        ('a: "\\U00110000"\n', "this escape is no character"),
        ("a: >5x\n  b\n", "nothing stands behind `|` or `>`"),
    ],
)
def test_syntax_errors_of_libyaml(text: str, message: str) -> None:
    (flaw,) = compose(text).flaws
    assert flaw.message.startswith(message)
    assert flaw.hint
    assert flaw.line >= 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('a: "\\U00110000"', "an escape names a character that Unicode does not have"),
        ('a: "\\ud800"', "a character is only half of one"),
        ('"\\ud800": 1', "a character is only half of one"),
        ('a: "\\u12"', "this escape is no character"),
    ],
)
def test_escapes_that_only_the_parser_in_python_lets_through(text: str, message: str) -> None:
    (flaw,) = compose(text, yaml.SafeLoader).flaws
    assert flaw.message == message


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("a: {{ x }}", 'Quote it: "{{ x }}"'),
        ("a: {{ x }} is down  # remark", 'Quote it: "{{ x }} is down"'),
        ("a: [{{ x }}, b]", 'Quote it: "{{ x }}"'),
        ("{{ x }}: b", 'Quote it: "{{ x }}"'),
        ('a: {{ x | default("y") }}', "Quote it: '{{ x | default(\"y\") }}'"),
        ('a: {{ x | default("it\'s") }}', 'Quote it: "{{ x | default(\\"it\'s\\") }}"'),
        ("a: {{ x }} " + "long " * 100, 'Quote it: "{{ … }} …"'),
        ("a: .nan", 'Quote it, if it is text: ".nan"'),
        ("a: " + "9" * 400, "Quote it, if it is text"),
        ("base: &base 1\nb: *bse", "Did you mean *base?"),
        ("a: x\x1b[0m", r'Write it as \x1b in double quotes: "…\x1b…".'),
        ("a: \u2028", r'Write it as \u2028 in double quotes: "…\u2028…".'),
    ],
)
def test_hints(text: str, hint: str) -> None:
    assert compose(text).flaws[0].hint == hint


def test_flaws_are_found_together() -> None:
    text = "a: 1\na: 2\nb: !t x\nc: {{ d }}\ne: .inf\nf: [1, 2\n"
    assert [line for line, _, _ in flaws(text)] == [2, 3, 4, 5]


def test_a_syntax_error_after_an_unquoted_template_is_not_told() -> None:
    assert flaws("a: {{ x }} b\n") == [(1, 4, "{{ begins a mapping in YAML")]


def test_an_error_without_a_place_is_one_of_the_whole() -> None:
    assert explained(yaml.YAMLError("of an unknown kind"), []) == Flaw(0, 0, "this is no YAML", "")


def test_very_many_flaws_are_cut() -> None:
    assert len(flaws("a: !t b\n" * 5000)) == MOST_FLAWS
    assert len(flaws("\x07" * 5000)) == MOST_FLAWS
    assert len(flaws("\n\x07" * 5000)) == MOST_FLAWS


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing\n", "---\n"])
def test_nothing(text: str) -> None:
    composed = compose(text)
    assert composed.data is None
    assert composed.flaws == ()


# --- Aliases ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("loader", LOADERS)
def test_aliases_repeat(loader: Any) -> None:
    composed = compose("a: &x {b: [1, &y two]}\nc: *x\nd: [*x, *y]\ne: &x 5\nf: *x\n", loader)
    assert composed.data == {
        "a": {"b": [1, "two"]},
        "c": {"b": [1, "two"]},
        "d": [{"b": [1, "two"]}, "two"],
        "e": 5,
        "f": 5,
    }
    composed.data["c"]["b"].append(3)
    assert composed.data["a"] == composed.data["d"][0] == {"b": [1, "two"]}
    assert composed.node is not None
    alias = composed.node.inner["c"]
    assert (alias.line, alias.column, alias.style) == (2, 4, "*")
    assert (alias.inner["b"].line, alias.inner["b"].column) == (1, 11)


def test_aliases_count_as_deep_as_they_are() -> None:
    deep = "a: &a " + "[" * 30 + "]" * 30 + "\nb: {}*a{}\n"
    assert flaws(deep.format("[" * 19, "]" * 19)) == []
    assert flaws(deep.format("[" * 20, "]" * 20)) == [(2, 24, "nested more than 50 levels deep")]


# --- Limits ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("loader", LOADERS)
def test_depth(loader: Any) -> None:
    assert flaws("[" * DEPTH + "]" * DEPTH, loader) == []
    assert flaws("[" * (DEPTH + 1) + "]" * (DEPTH + 1), loader) == [(1, 51, "nested more than 50 levels deep")]


def test_size() -> None:
    assert flaws("#" * (MOST_CHARACTERS + 1)) == [(0, 0, "more than 5,000,000 characters")]
    many = "a: &a [" + "1," * 999 + "]\nb: [" + "{}]\n"  # 2 nodes, 1,000 of &a, and as many for each alias
    fits = MOST_NODES // 1000 - 2
    assert flaws(many.format("*a," * fits)) == []
    assert flaws(many.format("*a," * (fits + 1))) == [(2, 5 + 3 * fits, "more than 200,000 values, aliases expanded")]
    repeated = "a: &a '" + "x" * 1_000_000 + "'\nb: [*a, *a, *a, *a]\n"
    assert flaws(repeated)[0][2] == "more than 5,000,000 characters, aliases expanded"


HOSTILE = {
    "brackets": "[" * 50_000,
    "braces": "{a: " * 50_000,
    "bare braces": "{" * 50_000,
    "items": "- " * 50_000,
    "keys": "? " * 50_000,
    "lines": "\n".join(" " * depth + "a:" for depth in range(2000)),
    "laughs": "a0: &a0 [lol]\n"
    + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 30)),
    "growing text": "a: &a '" + "x" * 100_000 + "'\nb: [" + "*a, " * 100_000 + "]\n",
    "wide laughs": "a: &a [" + "1," * 1000 + "]\nb: &b [" + "*a," * 1000 + "]\nc: [" + "*b," * 1000 + "]\n",
    "anchors": "".join(f"a{n}: &a{n} [*b{n}]\n" for n in range(5000)),
}  # fmt: skip

MEASURE = """
import json, resource, sys, time
from sre_runner.documents.yaml.syntax import Flaw, explained
from sre_runner.documents.yaml.text import compose
compose("a: 1")
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for name, text in json.load(sys.stdin).items():
    started = time.process_time()
    assert compose(text).flaws, name
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(json.dumps([name, time.process_time() - started, grown]))
"""


def test_hostile_text_is_refused_at_once_with_little_memory() -> None:
    done = subprocess.run(
        [sys.executable, "-c", MEASURE],
        input=json.dumps(HOSTILE),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    measured = [json.loads(line) for line in done.stdout.splitlines()]
    assert [name for name, _, _ in measured] == list(HOSTILE)
    unit = 1024 if sys.platform == "darwin" else 1
    for name, seconds, kibibytes in measured:
        assert seconds < 2, name
        assert kibibytes / unit < 60_000, name


# --- Places ----------------------------------------------------------------------------------------------------------

CHARACTERS = st.characters(
    codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\u2028\u2029\ufeff\ufffe\uffff"
)
SCALARS = st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats(allow_nan=False, allow_infinity=False)
DATA = st.recursive(
    SCALARS | st.text(CHARACTERS, max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(CHARACTERS, max_size=4), inner, max_size=3),
    max_leaves=10,
)


def nodes(node: Node, data: Any) -> list[tuple[Node, Any]]:
    found = [(node, data)]
    parts = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in parts:
        found += nodes(node.inner[key], value)
    return found


@given(DATA, st.sampled_from([None, 0, 2]))
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_json_is_read_and_everything_is_in_its_place(data: Any, indent: int | None) -> None:
    text = json.dumps(data, indent=indent, ensure_ascii=False)
    lines = text.split("\n")
    composed = compose(text)
    assert composed.flaws == ()
    assert composed.data == data
    assert composed.node is not None
    for node, value in nodes(composed.node, composed.data):
        begins = (
            "{"
            if isinstance(value, dict)
            else "["
            if isinstance(value, list)
            else json.dumps(value, ensure_ascii=False)
        )
        assert lines[node.line - 1][node.column - 1 :].startswith(begins)
        for key, (line, column) in node.keys.items():
            assert lines[line - 1][column - 1 :].startswith(json.dumps(key, ensure_ascii=False))
    assert compose(text, yaml.SafeLoader) == composed


SNIPPETS = st.sampled_from(
    [
        *["a", "b:", ": ", "- ", "\n", "\n  ", "\n    ", "{", "}", "[", "]", ",", "{{ x }}", "{% x %}", "|", ">"],
        *["#", "&a ", "*a", "!t ", "? ", "<<", "---", "...", "%", "\t", "\\", "1", "no", "1e999", "é😀", "~", "@", "`"],
        *["a: 1\n", "\x1b", '"', "'"],
    ]
)  # fmt: skip


@given(st.lists(SNIPPETS, max_size=20).map("".join) | st.text(max_size=30))
@settings(max_examples=66, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_text_gives_data_or_flaws(text: str) -> None:
    lines = text.split("\n")
    for loader in LOADERS:
        composed = compose(text, loader)
        assert isinstance(composed, Composed)
        for flaw in composed.flaws:
            assert 0 <= flaw.line <= len(lines) + 1
            assert flaw.column >= (flaw.line > 0)
            assert flaw.message
        if not composed.flaws:
            json.dumps(composed.data, allow_nan=False)


@given(DATA.filter(lambda data: isinstance(data, dict)), st.data())
@settings(max_examples=33, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_two_parsers_agree(data: Any, draw: st.DataObject) -> None:
    style = draw.draw(st.sampled_from([None, "'", '"', "|", ">"]))
    text = yaml.safe_dump(data, allow_unicode=True, default_style=style, default_flow_style=draw.draw(st.booleans()))
    mine, other = compose(text), compose(text, yaml.SafeLoader)
    assert mine.flaws == other.flaws or bool(mine.flaws) == bool(other.flaws)
    if not mine.flaws:
        assert mine.data == other.data
