from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from sre_runner.render.columns import columns


def test_columns_are_aligned_and_numbers_stand_right() -> None:
    assert columns(["name", "kB"], [["a", "1,000"], ["日本", "2"], ["", ""]], ["kB"]) == (
        "name     kB\na     1,000\n日本      2\n\n"
    )
    assert columns(["name"], []) == "name\n"


def test_a_cell_stays_on_its_line_and_steers_no_terminal() -> None:
    assert columns(["a", "b"], [["x\ny\x1b[2J\u202e", "z"]]) == "a                 b\nx y\\x1b[2J\\u202e  z\n"


@settings(max_examples=50)
@given(st.lists(st.text(max_size=8), max_size=4))
def test_every_row_has_one_line_and_columns_begin_at_the_same_place(cells: list[str]) -> None:
    *lines, end = columns(["first", "$"], [[cell, "$"] for cell in cells]).split("\n")
    assert (len(lines), end) == (len(cells) + 1, "")
    assert len({cell_len(line[: line.rindex("$")]) for line in lines}) == 1
