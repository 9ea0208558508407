"""Lists as aligned columns of plain text, for terminals and for programs that take lines apart."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from rich.cells import cell_len

from sre_runner.text.output import printable

_GAP = "  "


def columns(titles: Sequence[str], rows: Sequence[Sequence[str]], numbers: Collection[str] = ()) -> str:
    """The rows under their titles, a line each, with a newline at the end; the columns with these titles have numbers.

    Cells are put on one line, and their control characters are escaped.
    """
    lines = [[one_line(cell) for cell in cells] for cells in (titles, *rows)]
    widths = [max(map(cell_len, column)) for column in zip(*lines, strict=True)]
    right = [title in numbers for title in titles]
    return "".join(
        _GAP.join(_padded(*cell) for cell in zip(cells, widths, right, strict=True)).rstrip() + "\n" for cells in lines
    )


def one_line(text: str) -> str:
    """The text without line ends and control characters."""
    return printable(" ".join(text.split()))


def _padded(text: str, width: int, right: bool) -> str:
    spaces = " " * (width - cell_len(text))
    return spaces + text if right else text + spaces
