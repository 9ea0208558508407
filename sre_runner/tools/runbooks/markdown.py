"""A runbook's Markdown as its title, the names it goes by, and its sections."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from sre_runner.tools.runbooks.words import squashed

_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*$\n?", re.DOTALL | re.MULTILINE)
_KEY = re.compile(r"(?:title|name|alerts?|alertname)[ \t]*:[ \t]*(\S.*)", re.IGNORECASE)
_ALERTS = re.compile(r"[*_]{0,2}alerts?(?:[ \t]names?)?[*_]{0,2}[ \t]*:[*_]{0,2}[ \t]*(\S.*)", re.IGNORECASE)
_FENCED = re.compile(r"^ {0,3}(```|~~~).*?^ {0,3}\1[^\n]*$", re.DOTALL | re.MULTILINE)
_LEAD = re.compile(r"\n(?=[^\W_]|[*_`\[\"'])(?!alerts?[ \w]*:)((?:[^\n]+\n)+?)[ \t]*\n", re.IGNORECASE)
"""A paragraph of prose; not a heading, a list, a quotation, a table, HTML or the line of alerts."""
_LONGEST = 300
"""Characters of a heading or a name. Some of the patterns here take the square of it."""
_UNNAMED = frozenset({"readme", "index", "_index", "runbook"})
"""File names that say nothing: the folder's name stands for them."""
_MARKS = re.compile(r"[`*]|\]\([^)\s]*\)|!?\[|<[^<>]*>")
"""What Markdown adds to the words of a line."""


@dataclass(frozen=True)
class Section:
    """A heading and what stands below it until the next one. `headings` is the path to it, the title left out;
    `text` has the heading's line, too."""

    headings: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class Runbook:
    """A runbook. `names` are what it goes by: title, file name and names of alerts. `path` is from the folder."""

    path: str
    title: str
    names: tuple[str, ...]
    sections: tuple[Section, ...]

    @property
    def lead(self) -> str:
        """Its first paragraph: what it is about."""
        prose = (_LEAD.search(_FENCED.sub("", f"\n{section.text}\n\n")) for section in self.sections)
        return next((found[1] for found in prose if found), "")[:500]

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts of its sections."""
        return tuple(section.text for section in self.sections)

    @property
    def headings(self) -> tuple[str, ...]:
        """The headings of its sections, the title left out."""
        return tuple(section.headings[-1] for section in self.sections if section.headings)


def parse(path: str, text: str) -> Runbook:
    """A runbook from its Markdown. Any text is one: without a heading, the file's name is its title."""
    front = _FRONT_MATTER.match(text)
    body = text[front.end() :] if front else text
    in_front = [
        found[1].strip("\"' ") for line in (front[1].split("\n") if front else []) if (found := _KEY.match(line))
    ]
    parts = list(_sections(body))
    title = next((headings[0] for level, headings, _ in parts if level == 1 and headings[0]), "")
    title = title or (in_front[0] if in_front else "") or _file_name(path)
    alerts = [found[1] for line in body.split("\n")[:40] if (found := _ALERTS.fullmatch(line[: _LONGEST * 3].strip()))]
    names = (title, _file_name(path), *in_front, *(name for line in alerts for name in _listed(line)))
    sections = (
        Section(headings[1:] if headings[:1] == (title,) else headings, content.strip("\n"))
        for _, headings, content in parts
        if content.strip()
    )
    return Runbook(path, title, _distinct(map(plain, names)), tuple(sections))


def _listed(line: str) -> Iterator[str]:
    """The names in a list of alerts; a sentence is none."""
    return (name for name in re.split("[,;]", line) if len(name.split()) <= 6)


def _distinct(names: Iterable[str]) -> tuple[str, ...]:
    """Names without those that are another one in other words: `Kube API Down` beside `KubeAPIDown`."""
    found: dict[str, str] = {}
    for name in names:
        found.setdefault(squashed(name), name)
    return tuple(name for word, name in found.items() if word)


def plain(line: str) -> str:
    """A line without the marks of Markdown, and its beginning alone where it is very long."""
    return _MARKS.sub("", line[:_LONGEST]).strip()


def _file_name(path: str) -> str:
    """What a file's name says: its stem, or its folder's where that says nothing."""
    pure = PurePosixPath(path)
    return pure.parent.name or pure.stem if pure.stem.lower() in _UNNAMED else pure.stem


def _sections(text: str) -> Iterator[tuple[int, tuple[str, ...], str]]:
    """Each section's level, path of headings and text; what stands before the first heading has level 0."""
    path: list[tuple[int, str]] = []
    lines: list[str] = []
    fence = ""
    for line in text.split("\n"):
        mark = _FENCE.match(line)
        if mark and (not fence or (mark[1].startswith(fence) and not line[mark.end() :].strip())):
            fence = "" if fence else mark[1]
        heading = None if fence or len(line) > _LONGEST else _HEADING.fullmatch(line)
        if heading:
            yield path[-1][0] if path else 0, tuple(name for _, name in path), "\n".join(lines)
            path = [each for each in path if each[0] < len(heading[1])] + [(len(heading[1]), plain(heading[2]))]
            lines = []
        lines.append(line)
    yield path[-1][0] if path else 0, tuple(name for _, name in path), "\n".join(lines)
