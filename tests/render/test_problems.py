"""Problems as a person reads them: the caret stands under the column whatever the line holds."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sre_runner.errors import Problem
from sre_runner.render.problems import WIDTH, as_data, excerpt, format_problems, workflow_commands
from sre_runner.text.output import printable

PLAIN = Problem("agents.d/pods.yaml", 3, 9, "there is no tool `x`", "Did you mean `y`?", "tools: [x, z]")


def test_place_message_excerpt_and_hint() -> None:
    assert format_problems([PLAIN], color=False) == (
        "agents.d/pods.yaml:3:9: there is no tool `x`\n    tools: [x, z]\n            ^\n    hint: Did you mean `y`?\n"
    )


def test_several_problems_have_an_empty_line_between_them() -> None:
    bare = Problem("a.yaml", 1, 1, "wrong")
    assert format_problems([bare, bare], color=False) == "a.yaml:1:1: wrong\n\na.yaml:1:1: wrong\n"
    assert format_problems([], color=False) == ""


def test_a_file_as_a_whole_has_no_line_and_no_excerpt() -> None:
    problem = Problem("a.yaml", 0, 0, "is empty", "Write something.")
    assert format_problems([problem], color=False) == "a.yaml: is empty\n    hint: Write something.\n"


def test_a_warning_says_that_it_is_one() -> None:
    problem = Problem("a.yaml", 1, 1, "unused", warning=True)
    assert format_problems([problem], color=False) == "a.yaml:1:1: warning: unused\n"


def test_colour_changes_nothing_but_the_colour() -> None:
    warning = Problem("a.yaml", 1, 1, "unused", warning=True, source="x")
    colored = format_problems([PLAIN, warning], color=True)
    assert "\x1b[" in colored
    import click

    assert click.unstyle(colored) == format_problems([PLAIN, warning], color=False)


def test_control_characters_reach_no_terminal() -> None:
    hostile = Problem("a\x1b[2J.yaml", 1, 5, "bad\x1b]0;x\x07\nsecond line", "h\u202eint", "a: \x1b[31m\x00b")
    shown = format_problems([hostile], color=False)
    assert [line for line in shown.splitlines() if not line.isprintable()] == []
    assert shown.splitlines()[0] == r"a\x1b[2J.yaml:1:5: bad\x1b]0;x\x07 second line"
    assert shown.splitlines()[1:3] == [r"    a: \x1b[31m\x00b", "           ^"]


@pytest.mark.parametrize(
    ("source", "column", "shown", "before"),
    [
        ("key: value", 6, "key: value", 5),
        ("\tkey", 2, "    key", 4),
        ("名前: x", 5, "名前: x", 6),
        ("cafe\u0301: x", 8, "cafe\u0301: x", 6),
        ("short", 6, "short", 5),
        ("short", 60, "short", 5),
        ("short  \n", 0, "short", 0),
    ],
)
def test_columns_of_the_screen(source: str, column: int, shown: str, before: int) -> None:
    assert excerpt(source, column) == (shown, before)


def test_of_a_long_line_the_part_around_the_column_is_shown() -> None:
    source = "a" * 150 + "X" + "b" * 150
    shown, before = excerpt(source, 151)
    assert shown == "…" + "a" * 50 + "X" + "b" * 49 + "…"
    assert shown[before] == "X"
    assert excerpt(source, 2) == ("a" * WIDTH + "…", 1)
    assert excerpt(source, 302) == ("…" + "b" * 50, 51)


@settings(max_examples=50)
@given(st.text(max_size=400), st.integers(min_value=0, max_value=450))
@example("\U000e0001" * 60, 40)
@example("a\nb", 3)
def test_the_caret_is_always_below_the_line_that_is_shown(source: str, column: int) -> None:
    shown, before = excerpt(source, column)
    assert "\n" not in shown
    assert "\x1b" not in shown
    width = sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in shown)
    assert 0 <= before <= WIDTH + 1
    assert width <= WIDTH + 2


# --- For machines ---------------------------------------------------------------------------------------------------

TEXTS = st.text(st.characters() | st.sampled_from("%:,\r\n\x1b=#"), max_size=30)


def test_a_problem_as_data() -> None:
    assert as_data(PLAIN) == {
        "file": "agents.d/pods.yaml",
        "line": 3,
        "column": 9,
        "severity": "error",
        "message": "there is no tool `x`",
        "hint": "Did you mean `y`?",
    }
    assert as_data(Problem("a.yaml", 0, 0, "unused", warning=True))["severity"] == "warning"


def test_a_problem_as_a_workflow_command() -> None:
    assert workflow_commands([PLAIN], Path.cwd()) == (
        "::error file=agents.d/pods.yaml,line=3,col=9,title=sre-run validate"
        "::there is no tool `x`%0Ahint: Did you mean `y`?\n"
    )
    whole = Problem("a,b: 100%.yaml", 0, 0, "100% wrong: a, b", warning=True)
    assert workflow_commands([whole], Path.cwd()) == (
        "::warning file=a%2Cb%3A 100%25.yaml,title=sre-run validate::100%25 wrong: a, b\n"
    )


def test_paths_are_from_the_root_of_the_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "repository" / "room").mkdir(parents=True)
    (tmp_path / "link").symlink_to("repository")
    monkeypatch.chdir(tmp_path / "repository" / "room")
    for root in (tmp_path / "repository", tmp_path / "link"):
        assert workflow_commands([PLAIN], root).startswith("::error file=room/agents.d/pods.yaml,")
    elsewhere = Problem("/nowhere/a.yaml", 1, 1, "wrong")
    assert workflow_commands([elsewhere], tmp_path / "repository").startswith("::error file=/nowhere/a.yaml,line=1,")


@settings(max_examples=100)
@given(st.builds(Problem, TEXTS, st.integers(0, 3), st.integers(0, 3), TEXTS, TEXTS))
def test_whatever_a_problem_says_is_one_command_that_reads_back(problem: Problem) -> None:
    """As the runner reads it: up to the first `::` properties between commas, then data; then escapes are undone."""
    command = workflow_commands([problem], Path("/nowhere"))
    (line,) = re.split(r"\r\n|\r|\n", command.removesuffix("\n"))
    properties, _, data = line.removeprefix("::error ").partition("::")
    named = dict(part.split("=", 1) for part in properties.split(","))
    assert list(named) == (["file", "line", "col", "title"] if problem.line else ["file", "title"])
    message = printable(problem.message) + (f"\nhint: {printable(problem.hint)}" if problem.hint else "")
    assert unescaped(data) == message
    assert unescaped(named["file"]) == printable(problem.file)


def unescaped(text: str) -> str:
    for escape, character in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(escape, character)
    return text
