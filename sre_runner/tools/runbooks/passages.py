"""The part of a runbook that fits a query best."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from sre_runner.tools.runbooks.markdown import Runbook, Section
from sre_runner.tools.runbooks.words import words


@dataclass(frozen=True)
class Passage:
    """A passage of a runbook. `path` is the file's from the folder of runbooks, with slashes; `headings` begins with
    the runbook's title and leads to the section where `text` begins; `text` is Markdown."""

    path: str
    headings: tuple[str, ...]
    text: str


def passage(runbook: Runbook, terms: Mapping[str, float], limit: int) -> Passage:
    """The whole runbook where it fits in `limit` characters; otherwise its best section, and what follows it."""
    sections = runbook.sections
    start = 0
    if sum(len(section.text) + 1 for section in sections) > limit:
        scores = [_score(section, terms) for section in sections]
        start = scores.index(max(scores))
    text = "\n\n".join(section.text for section in sections[start:])
    headings = (runbook.title, *(sections[start].headings if sections else ()))
    return Passage(_printable(runbook.path), headings, _cut(text, limit))


def _score(section: Section, terms: Mapping[str, float]) -> float:
    """What a section has of the terms that are looked for, those in its heading twice."""
    here, heading = _words_in(section)
    return sum(weight * ((term in here) + (term in heading)) for term, weight in terms.items())


@lru_cache(maxsize=5000)
def _words_in(section: Section) -> tuple[frozenset[str], frozenset[str]]:
    """The words of a section and of its heading."""
    return frozenset(words(section.text)), frozenset(words(section.headings[-1])) if section.headings else frozenset()


def _cut(text: str, limit: int) -> str:
    """The beginning of a text, to a line's end where one is near, and an ellipsis where something was left out."""
    if len(text) <= limit:
        return text
    room = max(limit - 2, 0)
    end = text.rfind("\n", room * 3 // 4, room + 1)
    return (text[: end if end > 0 else room].rstrip() + "\n…")[: max(limit, 0)]


def _printable(path: str) -> str:
    """A path as text, whatever bytes the file system has in it."""
    return path.encode(errors="replace").decode()
