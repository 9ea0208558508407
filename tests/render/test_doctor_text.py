"""Lines of the doctor as text and as data."""

from __future__ import annotations

from pages import ROOT, first_cells, keys

from sre_runner.render.doctor import LEVELS, text, to_json
from sre_runner.runs.doctor.looking import Line

LINES = [
    Line("ok", "program kubectl", "v1.32.4", "never shown", ("a", "b")),
    Line("warn", "server prometheus", "5 days", "Renew it.", ("query",)),
    Line("fail", "tool echo", "differs\x1b[2J\nmore", "", ("echo",)),
    Line("fail", "variable X", "not set", "Set X.", tuple("abcdefg")),
]


def test_a_line_each_aligned_with_hints_below() -> None:
    assert text(LINES) == (
        "ok    program kubectl    v1.32.4\n"
        "warn  server prometheus  5 days (for query)\n"
        "      hint: Renew it.\n"
        "fail  tool echo          differs\\x1b[2J more\n"
        "fail  variable X         not set (for a, b, c, d, e and 2 more)\n"
        "      hint: Set X.\n"
        "1 ok, 1 warn, 2 fail\n"
    )
    assert text([Line("ok", "a", "")]) == "ok    a\n1 ok\n"


def test_colour_marks_the_level_and_nothing_else() -> None:
    painted = text(LINES, color=True)
    assert painted.count("\x1b[32mok  \x1b[0m") == 1
    assert painted.count("\x1b[31m\x1b[1mfail\x1b[0m") == 2
    assert "\x1b[33m\x1b[1mwarn\x1b[0m  server prometheus  5 days" in painted


def test_as_data() -> None:
    data = to_json(LINES)
    assert (data["ready"], [data[level] for level in LEVELS]) == (False, [1, 1, 2])
    assert data["checks"][1] == {
        "level": "warn",
        "subject": "server prometheus",
        "text": "5 days",
        "hint": "Renew it.",
        "tools": ["query"],
    }
    assert data["checks"][2]["hint"] is None
    assert to_json(LINES[:2])["ready"] is True


def test_the_page_has_every_key() -> None:
    cells = first_cells(ROOT / "docs" / "doctor.md")
    assert cells[cells.index("ready") :] == list(dict.fromkeys(keys(to_json(LINES))))
