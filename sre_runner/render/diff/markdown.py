"""What changed between two configurations as Markdown for the comment of a pull request."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from sre_runner.errors import Problem
from sre_runner.render.blocks import table
from sre_runner.render.diff.text import cost_rows, problem_line, shortened, summary
from sre_runner.render.escape import code_span, inline
from sre_runner.review.diff.changes import Change, Risk, Words
from sre_runner.review.diff.difference import Difference
from sre_runner.text.output import printable

MARK = "<!-- sre-run diff -->"
"""The first line, by which a workflow finds its comment again."""
MOST = 60_000
"""Characters of the document; GitHub takes 65,536 of a comment."""
MOST_WORDS = 6_000
"""Characters of the words that differ in one text."""
MOST_PROBLEMS, MOST_OF_A_PROBLEM = 20, 250
"""Problems of a side, and characters of each."""

# GitHub tells people and links issues and addresses that text names; a comment inside keeps it text.
_NAMED = re.compile(r"(?<=@)(?=\w)|(?<=#)(?=\d)|(?<=:)(?=//)|(?<=\bwww)(?=\.)", re.IGNORECASE)
_BREAK = "<!-- -->"
_CODE = re.compile(r"`([^`]+)`")


def markdown(difference: Difference, sides: tuple[str, str], more: Sequence[str] = ()) -> str:
    """The document, ending with a newline: a summary, the changes by risk, worst cases, problems, and words that differ
    behind a click. `sides` are what both are called, `more` further blocks that are Markdown already."""
    head = [MARK, f"**{safe(summary(difference))}**", f"From {safe(sides[0])} to {safe(sides[1])}."]
    tail = [*_problems("HEAD", difference.head_problems), *_problems("BASE", difference.base_problems)]
    tail += _as_many(more, MOST // 4)
    room = MOST - _length([*head, *tail]) - 500
    rows, left = _fitting([_row(change) for change in difference.changes], room // 2)
    blocks = [table(["risk", "", "change", "where"], rows)] if rows else []
    blocks += [f"… {left} more."] if left else []
    if difference.costs:
        costs, left = _fitting([[safe(cell) for cell in row] for row in cost_rows(difference.costs)], room // 8)
        blocks += ["**Worst case of a run**", table(["playbook", *_FIGURES], costs, _FIGURES)]
        blocks += [f"… {left} more."] if left else []
    details = _details(difference.changes, room - _length(blocks))
    return "\n\n".join([*head, *blocks, *tail, *details]) + "\n"


def _length(blocks: Sequence[str]) -> int:
    return sum(len(block) + 2 for block in blocks)


def _as_many(blocks: Sequence[str], room: int) -> list[str]:
    """The blocks that fit into so many characters, and that there are more."""
    for number in range(len(blocks)):
        if _length(blocks[: number + 1]) > room:
            return [*blocks[:number], f"{len(blocks) - number} more parts are left out here."]
    return list(blocks)


_FIGURES = ("model calls", "tokens", "US dollars")


def safe(text: str) -> str:
    """A text on one line that stays text, and names nobody; names in backticks are code."""
    parts: list[str] = []
    end = 0
    for match in _CODE.finditer(text):
        parts += [inline(text[end : match.start()]), code_span(match[1]).replace("|", "\\|")]
        end = match.end()
    parts.append(inline(text[end:]))
    return (
        " ".join(part for part in parts if part)
        .replace(" ,", ",")
        .replace(" .", ".")
        .replace(" :", ":")
        .replace(" ;", ";")
    )


def _broken(text: str) -> str:
    return _NAMED.sub(_BREAK, text)


def _row(change: Change) -> list[str]:
    risk = f"**{change.risk}**" if change.risk in (Risk.HIGH, Risk.UNKNOWN) else str(change.risk)
    where = code_span(str(change.place)).replace("|", "\\|") if change.place else ""
    return [risk, str(change.group), safe(change.sentence), where]


def _fitting(rows: Sequence[list[str]], room: int) -> tuple[list[list[str]], int]:
    """The rows that fit into so many characters, and how many do not."""
    found: list[list[str]] = []
    for row in rows:
        room -= sum(len(cell) + 3 for cell in row) + 2
        if room < 0:
            break
        found.append(row)
    return found, len(rows) - len(found)


def _problems(side: str, problems: Sequence[Problem]) -> Iterator[str]:
    if problems:
        yield f"**Problems in {side}**, so that not everything could be compared:"
        lines = [f"- {safe(problem_line(problem)[:MOST_OF_A_PROBLEM])}" for problem in problems[:MOST_PROBLEMS]]
        more = len(problems) - MOST_PROBLEMS
        yield "\n".join([*lines, *([f"- … {more} more."] if more > 0 else [])])


def _details(changes: Sequence[Change], room: int) -> Iterator[str]:
    """The words that differ, each text behind a click, as long as there is room."""
    every = [(change, words) for change in changes for words in change.words]
    for number, (change, words) in enumerate(every):
        block = _detail(change, words)
        room -= len(block) + 2
        if room < 0:
            yield f"The words of {len(every) - number} more texts are left out here."
            return
        yield block


def _detail(change: Change, words: Words) -> str:
    where = f", in {', '.join(words.playbooks)}" if words.playbooks else ""
    more = f" and {words.more} more" if words.more else ""
    what = "Task" if change.kind.startswith("task") else "Prompt"
    title = _html(f"{what} of {change.subject.name}{where}{more}")
    told = _words(words)
    if len(told) > MOST_WORDS:
        told = f"It is too long for here: {len(told):,} characters."
    return f"<details><summary>{title}</summary>\n\n{told}\n\n</details>"


def _words(words: Words) -> str:
    """The words that differ as `<del>` and `<ins>` in a paragraph for each line."""
    tags = {"=": ("", ""), "-": ("<del>", "</del>"), "+": ("<ins>", "</ins>")}
    told = ""
    for kind, piece in shortened(words.pieces):
        start, end = tags[kind]
        lines = [f"{start}{inline(line)}{end}" if line.strip() else "" for line in piece.split("\n")]
        told += (" " if told and not told.endswith("\n") and lines[0] else "") + "\n".join(lines)
    lines = [line.strip() for line in told.split("\n")]
    return "  \n".join(line for line in lines if line)


def _html(text: str) -> str:
    """A text inside an HTML element."""
    named = _broken(printable(" ".join(text.split())).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))
    return re.sub(r"[*_`\[\]|~\\]", lambda match: f"&#{ord(match[0])};", named.replace(_BREAK, "\0")).replace(
        "\0", _BREAK
    )
