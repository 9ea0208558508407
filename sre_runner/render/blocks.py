"""The Markdown blocks that the parts of a document are made of: sections, lists, tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sre_runner.render.escape import inline

Blocks = Iterator[str]
"""Markdown blocks; empty ones are left out, and an empty line goes between the others."""


def section(name: str, *blocks: str) -> Blocks:
    """The blocks under a heading; nothing where all of them are empty."""
    if any(blocks):
        yield f"## {name}"
        yield from blocks


def bullets(sentences: Sequence[str]) -> str:
    """The sentences as a list, their text as it is."""
    return "\n".join(f"- {inline(sentence)}" for sentence in sentences)


def table(titles: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[str] = ()) -> str:
    """Cells that are safe to show; the columns with these titles have numbers."""
    marks = ["--:" if title in numbers else "---" for title in titles]
    lines = [f"| {' | '.join(cells)} |" for cells in (titles, *rows)]
    return "\n".join([lines[0], f"|{'|'.join(marks)}|", *lines[1:]])
