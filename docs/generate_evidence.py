"""Writes the table of dangers into docs/evidence.md: run `python docs/generate_evidence.py`."""

from __future__ import annotations

import re
from pathlib import Path

from sre_runner.coordination.proposed.danger_table import CLOUDS_AND_DATA, HOSTS, KUBERNETES, SQL, rows

PAGE = Path(__file__).parents[1] / "docs" / "evidence.md"


def page() -> str:
    """The page with its generated part made anew."""
    before, opening, rest = PAGE.read_text(encoding="utf-8").partition("<!-- dangers -->\n")
    return before + opening + _table() + rest[rest.index("<!-- end -->") :]


def _table() -> str:
    """The commands by what their mark says, in the tables' order."""
    by_words: dict[str, list[str]] = {}
    for programs, told, does in rows(KUBERNETES + HOSTS + CLOUDS_AND_DATA):
        by_words.setdefault(does, []).append(f"`{' '.join([programs.replace(' ', '|'), _told(told)]).strip()}`")
    for pattern, _, does in rows(SQL):
        by_words.setdefault(does, []).append(f"`{_sql(pattern)}`")
    lines = (f"| {does} | {', '.join(commands)} |".replace("|", "\\|") for does, commands in by_words.items())
    cells = (line.replace("\\| ", "| ", 1).replace(" \\| `", " | `", 1).removesuffix("\\|") + "|" for line in lines)
    return "| mark | commands |\n|---|---|\n" + "\n".join(cells) + "\n"


def _told(told: str) -> str:
    return "" if told == "*" else told.removeprefix("+ ").replace("** ", "… ")


def _sql(pattern: str) -> str:
    """A regular expression of the table as SQL that it fits."""
    plain = re.sub(r"\(\?!.*?\)|\(\?:(.*?)\)\??", r"\1", pattern)
    return plain.replace(r"\b[^;]*\s", " … ").replace(r"\b[^;]*\b", " … ").replace(r"\s+", " ")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
