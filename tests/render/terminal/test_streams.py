from __future__ import annotations

import io
import os
import pty

import pytest

from sre_runner.render.terminal.streams import has_color, is_terminal, is_watched, tell, tell_painted


def test_a_file_or_pipe_is_no_terminal() -> None:
    assert not is_terminal(io.StringIO(), {"TERM": "xterm"})
    assert not has_color(io.StringIO(), {"TERM": "xterm"})


@pytest.mark.parametrize(
    ("environ", "terminal", "color"),
    [
        ({"TERM": "xterm"}, True, True),
        ({"TERM": "xterm", "NO_COLOR": "1"}, True, False),
        ({"TERM": "xterm", "NO_COLOR": ""}, True, True),
        ({"TERM": "dumb"}, False, False),
        ({}, False, False),
    ],
)
def test_a_terminal_is_one_that_can_move_its_cursor(environ: dict[str, str], terminal: bool, color: bool) -> None:
    main, other = pty.openpty()
    with os.fdopen(other, "w") as stream:
        assert is_terminal(stream, environ) is terminal
        assert has_color(stream, environ) is color
    os.close(main)


@pytest.mark.parametrize(
    ("more", "watched"),
    [
        ({}, True),
        ({"NO_COLOR": "1"}, False),
        ({"CI": "true"}, False),
        ({"CI": "false"}, True),
        ({"TERM": "dumb"}, False),
    ],
)
def test_plain_lines_are_for_those_who_do_not_watch(more: dict[str, str], watched: bool) -> None:
    main, other = pty.openpty()
    with os.fdopen(other, "w") as stream:
        assert is_watched(stream, {"TERM": "xterm", **more}) is watched
    os.close(main)


def test_a_message_goes_to_stderr_without_control_characters(capsys: pytest.CaptureFixture[str]) -> None:
    tell("error: \x1b[2J\n")
    tell_painted("\x1b[31mred\x1b[0m")
    printed = capsys.readouterr()
    assert printed.err == "error: \\x1b[2J\n\x1b[31mred\x1b[0m\n"
    assert printed.out == ""
