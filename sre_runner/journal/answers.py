"""Whole answers of tools, masked, beside the journal: what was cut before a model saw it can be read on."""

from __future__ import annotations

from pathlib import Path

FOLDER = "answers"
MOST_KEPT = 5_000_000
"""Characters of one answer."""
MOST_OF_A_RUN = 100_000_000
"""Characters of all answers of a run; more are cut as before, and not kept."""


class KeptAnswers:
    """The folder of whole answers in a run's folder; it is made where the first is kept."""

    def __init__(self, run: Path) -> None:
        self._run = run
        self._size = sum(path.stat().st_size for path in (run / FOLDER).glob("*.txt"))

    def keep(self, call: int, text: str) -> str:
        """Keep the text of a call; where it is, from the run's folder, or "" where there is no room."""
        text = text[:MOST_KEPT]
        if self._size + len(text) > MOST_OF_A_RUN:
            return ""
        name = f"{FOLDER}/{call}.txt"
        try:
            (self._run / FOLDER).mkdir(mode=0o700, exist_ok=True)
            (self._run / name).write_text(text, encoding="utf-8", errors="replace")
        except OSError:
            return ""
        self._size += len(text)
        return name

    def read(self, name: str) -> str | None:
        """The text that was kept there; None where it is gone."""
        number = name.removeprefix(f"{FOLDER}/").removesuffix(".txt")
        if not number.isdecimal() or name != f"{FOLDER}/{number}.txt":
            return None
        try:
            return (self._run / name).read_text(encoding="utf-8", errors="replace")
        except OSError:
            return None
