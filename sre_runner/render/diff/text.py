"""What changed between two configurations as people read it on a terminal, and as plain data for machines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict

import click

from sre_runner.casefile import Json
from sre_runner.errors import Problem
from sre_runner.render.columns import columns, one_line
from sre_runner.review.diff.changes import Change, Group, Piece, Risk, Words
from sre_runner.review.diff.costs import Range, Worst
from sre_runner.review.diff.difference import Difference
from sre_runner.text.output import printable

FORMAT = 1
"""Version of the JSON object; a key that changes its meaning or goes away raises it, a new key does not."""
NOTHING = "No change in meaning."
AROUND = 8
"""Words that stay beside those that differ."""

_COLORS: Mapping[Risk, Mapping[str, bool | str]] = {
    Risk.HIGH: {"fg": "red", "bold": True},
    Risk.UNKNOWN: {"fg": "magenta", "bold": True},
    Risk.MEDIUM: {"fg": "yellow"},
    Risk.LOW: {},
}
_INDENT = " " * 10

Paint = Callable[..., str]


def to_json(difference: Difference) -> dict[str, Json]:
    """The difference as plain data. The keys are always there; what is not known is null."""
    return {
        "changes": [_change(change) for change in difference.changes],
        "counts": {
            group: {risk: number for risk in Risk if (number := _count(difference, group, risk))} for group in Group
        },
        "costs": [{"playbook": name, **asdict(range_)} for name, range_ in difference.costs.items()],
        "playbooks": list(difference.touched),
        "problems": {
            "base": [asdict(problem) for problem in difference.base_problems],
            "head": [asdict(problem) for problem in difference.head_problems],
        },
    }


def _change(change: Change) -> dict[str, Json]:
    return {
        "kind": change.kind,
        "group": change.group,
        "risk": change.risk,
        "weakens": change.weakens,
        "subject": {"kind": change.subject.kind, "name": change.subject.name, "was": change.subject.was or None},
        "sentence": change.sentence,
        "before": change.before,
        "after": change.after,
        "playbooks": list(change.playbooks),
        "place": asdict(change.place) if change.place else None,
        "words": [
            {"playbooks": list(words.playbooks), "pieces": [list(piece) for piece in words.pieces], "more": words.more}
            for words in change.words
        ],
    }


def summary(difference: Difference) -> str:
    """One line: how many changes of each group there are, with their risk, and which playbooks they touch."""
    number = len(difference.changes)
    if not number:
        return NOTHING
    counted = [_counted(difference, group) for group in Group]
    told = f"{number} change{'s' * (number != 1)}: {', '.join(text for text in counted if text)}"
    touched = difference.touched
    where = ", ".join(touched[:3]) + (f" and {len(touched) - 3} more" if len(touched) > 3 else "")
    noun = "playbook" if len(touched) == 1 else "playbooks"
    return f"{told}; {f'touches the {noun} {where}' if touched else 'no playbook is touched'}."


def _counted(difference: Difference, group: Group) -> str:
    number = sum(change.group is group for change in difference.changes)
    if not number:
        return ""
    risks = [f"{count} {risk}" for risk in Risk if risk is not Risk.LOW and (count := _count(difference, group, risk))]
    return f"{number} {group}" + (f" ({', '.join(risks)})" if risks else "")


def _count(difference: Difference, group: Group, risk: Risk) -> int:
    return Counter((change.group, change.risk) for change in difference.changes)[group, risk]


def text(difference: Difference, color: bool) -> str:
    """The difference in groups, each change with its sentence and its place; then the worst cases."""

    def paint(words: str, **style: bool | str) -> str:
        return click.style(words, **style) if color else words  # type: ignore[arg-type]

    lines = [one_line(summary(difference))]
    for group in Group:
        changes = [change for change in difference.changes if change.group is group]
        if changes:
            lines += ["", paint(group.upper(), bold=True)]
            lines += [line for change in changes for line in _lines(change, paint)]
    if difference.costs:
        lines += ["", paint("WORST CASE", bold=True), costs_table(difference.costs).rstrip("\n")]
    return "\n".join(lines) + "\n"


def _lines(change: Change, paint: Paint) -> Iterator[str]:
    risk = paint(f"{change.risk:<8}", **_COLORS[change.risk])
    yield f"  {risk}{one_line(change.sentence)}"
    where = one_line(str(change.place)) + (" (base)" if change.place.side == "base" else "") if change.place else ""
    playbooks = f"in {_listed(change.playbooks)}" if change.playbooks else "in no playbook"
    yield _INDENT + paint("  ".join(part for part in (where, change.kind, playbooks) if part), dim=True)
    for words in change.words:
        for line in _worded(words, paint):
            yield _INDENT + line


def _listed(names: Sequence[str], most: int = 6) -> str:
    shown = ", ".join(one_line(name) for name in names[:most])
    return shown + (f" and {len(names) - most} more" if len(names) > most else "")


def _worded(words: Words, paint: Paint) -> list[str]:
    """The words that differ, as `[-gone-]` and `{+new+}`, or in colours."""
    styles: Mapping[str, Callable[[str], str]] = {
        "=": lambda text: text,
        "-": lambda text: paint(f"[-{text}-]", fg="red"),
        "+": lambda text: paint(f"{{+{text}+}}", fg="green"),
    }
    title = [f"as {_listed(words.playbooks)} renders it:"] if len(words.playbooks) == 1 else []
    told: list[str] = []
    for kind, piece in shortened(words.pieces):
        lines = [styles[kind](printable(line)) if line.strip() else "" for line in piece.split("\n")]
        joined = "\n".join(lines)
        told.append(joined if not told or told[-1].endswith("\n") or joined.startswith("\n") else f" {joined}")
    return [*title, *(line.rstrip() for line in "".join(told).split("\n") if line.strip())]


def shortened(pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces, of those that did not change only the words beside one that did."""
    found: list[Piece] = []
    for number, (kind, text) in enumerate(pieces):
        first, last = number == 0, number == len(pieces) - 1
        found.append((kind, _ends(text, 0 if first else AROUND, 0 if last else AROUND) if kind == "=" else text))
    return found


def _ends(text: str, head: int, tail: int) -> str:
    """So many words of the beginning and of the end."""
    words = text.split(" ")
    if len(words) <= head + tail + 1:
        return text
    return " ".join([*words[:head], "…", *(words[-tail:] if tail else [])])


def costs_table(costs: Mapping[str, Range]) -> str:
    """The worst cases before and after, in columns."""
    titles = ("playbook", "model calls", "tokens", "US dollars")
    return columns(titles, list(cost_rows(costs)), titles[1:])


def cost_rows(costs: Mapping[str, Range]) -> Iterator[list[str]]:
    """A row for each playbook: its name, and calls, tokens and dollars as `before → after`."""
    for name, range_ in costs.items():
        before, after = _figures(range_.before), _figures(range_.after)
        yield [name, *(f"{was} → {now}" if was != now else now for was, now in zip(before, after, strict=True))]


def _figures(worst: Worst | None) -> list[str]:
    if worst is None:
        return ["none", "none", "none"]
    dollars = "unknown" if worst.usd is None else f"{worst.usd:,.2f}"
    return [f"{worst.model_calls:,}", f"{worst.tokens:,}", dollars]


def problem_line(problem: Problem) -> str:
    """A problem on one line, with its place."""
    place = f"{problem.file}:{problem.line}:{problem.column}" if problem.line else problem.file
    return one_line(f"{place}: {problem.message}")
