"""Writes the table of dangers into docs/evidence.md: run `python docs/generate_evidence.py`."""

from __future__ import annotations

import re
from pathlib import Path

from sre_runner.coordination.proposed.danger_table import CLOUDS_AND_DATA, HOSTS, KUBERNETES, SQL, rows

PAGE = Path(__file__).parents[1] / "docs" / "evidence.md"


def page() -> str:
    """The page with its generated part made anew."""
    made = _table()
    text = PAGE.read_text(encoding="utf-8")
    return re.sub(
        r"(<!-- dangers -->\n).*?(<!-- end -->)", lambda found: f"{found[1]}{made}{found[2]}", text, flags=re.DOTALL
    )


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
    return (
        re.sub(r"\(\?!.*?\)|\(\?:(.*?)\)\??", r"\1", pattern)
        .replace(r"\b[^;]*", " … ")
        .replace(r"\s+", " ")
        .replace(r"\b", "")
    )


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
