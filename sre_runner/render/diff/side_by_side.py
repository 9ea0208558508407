"""What came out otherwise on the two sides of a change, as text, as Markdown and as plain data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict

from sre_runner.casefile import NO_VERDICT, Json
from sre_runner.models.offline.notice import REHEARSAL
from sre_runner.render.blocks import table
from sre_runner.render.columns import one_line
from sre_runner.render.diff.markdown import safe
from sre_runner.review.side_by_side.rehearsed import Rehearsed, Result

SAME = "the same result"
MOST = 5
"""Findings, and expectations, of which the words are told."""
MOST_TEXT = 300
"""Characters of one of them."""
NOTHING = "(nothing)"
"""Stands for what one side does not have; `none` may be a value."""
_SHORT = 40

Row = tuple[str, str, str]


def rows(each: Rehearsed) -> list[Row]:
    """What differs: its name, before, and after; "" where there is nothing."""
    sides = (each.before, each.after)
    if any(side and side.stopped for side in sides):
        # What a replay came to that ended early says nothing of the rest.
        facts = [dict(_how_far(side)) if side else {} for side in sides]
    else:
        facts = [dict(_facts(side)) if side else {} for side in sides]
        tools = [set(side.figures.tools) if side else set() for side in sides]
        for mine, own, other in zip(facts, tools, tools[::-1], strict=True):
            mine["tools that answer on this side only"] = ", ".join(sorted(own - other))
    before, after = facts
    if before.get("root cause") and after.get("root cause"):
        before["root cause"], after["root cause"] = _where_they_part(before["root cause"], after["root cause"])
    names = dict.fromkeys([*before, *after])
    return [(name, before.get(name, ""), after.get(name, "")) for name in names if before.get(name) != after.get(name)]


def _where_they_part(one: str, other: str) -> tuple[str, str]:
    """Two long texts without most of what they begin with in common."""
    same = next((place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), 0)
    start = one.rfind(" ", 0, max(same - _SHORT, 0)) + 1
    if one == other or start == 0:
        return one, other
    return f"… {one[start:]}", f"… {other[start:]}"


def _how_far(result: Result) -> Iterator[tuple[str, str]]:
    yield from _verdicts(result)
    yield "replay", result.stopped or "comes to its end"


def _verdicts(result: Result) -> Iterator[tuple[str, str]]:
    yield from ((f"verdict: {vote}", NO_VERDICT if value is None else value) for vote, value in result.verdicts.items())


def _facts(result: Result) -> Iterator[tuple[str, str]]:
    figures = result.figures
    yield "status", figures.status
    yield from _verdicts(result)
    yield "root cause", result.cause
    yield "findings", f"{figures.findings:,}"
    yield "… that are verified", f"{figures.verified:,}"
    yield "model calls", f"{figures.model_calls:,}"
    yield "tool calls", f"{figures.tool_calls:,}"
    yield "tokens", f"{figures.tokens:,}"
    yield "expectations", f"{figures.expected:,}"
    yield "… that are met", f"{figures.met:,}"


def sentences(each: Rehearsed) -> list[str]:
    """What the figures do not show: findings that are gone or new, and expectations that fail now."""
    told = [f"fails now: {fail.expected}, but {fail.found}" for fail in each.fails_now[:MOST]]
    if each.before and each.after and not (each.before.stopped or each.after.stopped):
        gone = [found for found in each.before.findings if found not in each.after.findings]
        new = [found for found in each.after.findings if found not in each.before.findings]
        for word, findings in (("gone", gone), ("new", new)):
            told += [f"{word}: {agent}: {_cut(statement)}" for agent, statement in findings[:MOST]]
            told += [f"{word}: {len(findings) - MOST} more findings"] if len(findings) > MOST else []
    return told


def _cut(text: str) -> str:
    return text if len(text) <= MOST_TEXT else text[:MOST_TEXT] + "…"


def text(all_of_them: Sequence[Rehearsed], notice: bool) -> str:
    """A block for each; `notice` says that no LLM took part."""
    blocks = [f"RESULTS ON BOTH SIDES\n{REHEARSAL}\n" if notice else "RESULTS ON BOTH SIDES\n"]
    for each in all_of_them:
        name = one_line(each.name)
        differ = rows(each)
        if each.problem:
            blocks.append(f"{name}: not compared, as {one_line(each.problem)}\n")
        elif not differ and not sentences(each):
            blocks.append(f"{name}: {SAME}\n")
        else:
            lines = [*(line for row in differ for line in _lines(*row)), *sentences(each)]
            blocks.append("".join(f"{line}\n" for line in [name, *(f"  {_printable(line)}" for line in lines)]))
    return "\n".join(blocks)


def _lines(name: str, before: str, after: str) -> list[str]:
    """A figure on one line; a text before, and one after."""
    if max(len(before), len(after)) <= _SHORT:
        return [f"{name}: {before or NOTHING} → {after or NOTHING}"]
    return [f"{name}:", f"  before: {_cut(before) or NOTHING}", f"  after:  {_cut(after) or NOTHING}"]


def _printable(line: str) -> str:
    """The line with its indent, and without line ends and control characters."""
    text = one_line(line)
    return " " * (len(line) - len(line.lstrip(" "))) + text


def markdown(all_of_them: Sequence[Rehearsed], notice: bool) -> list[str]:
    """The blocks of a document, what differs in tables."""
    blocks = ["**Results on both sides**", *([f"> {safe(REHEARSAL)}"] if notice else [])]
    for each in all_of_them:
        differ = rows(each)
        if each.problem:
            blocks.append(f"{safe(each.name)}: not compared, as {safe(_cut(each.problem))}")
        elif not differ and not sentences(each):
            blocks.append(f"{safe(each.name)}: {SAME}.")
        else:
            cells = [[safe(_cut(cell)) for cell in row] for row in differ]
            blocks += [f"{safe(each.name)}:", table(["", "before", "after"], cells)]
            blocks += ["\n".join(f"- {safe(line)}" for line in sentences(each))]
    return [block for block in blocks if block]


def to_json(all_of_them: Sequence[Rehearsed]) -> list[Json]:
    """Both sides as plain data, and what of it fails now."""
    return [
        {
            "name": each.name,
            "problem": each.problem or None,
            "other_result": each.other_result,
            "before": _result(each.before),
            "after": _result(each.after),
            "fails_now": [asdict(fail) for fail in each.fails_now],
        }
        for each in all_of_them
    ]


def _result(result: Result | None) -> Json:
    if result is None:
        return None
    findings = [{"agent": agent, "statement": statement} for agent, statement in result.findings]
    return {
        **asdict(result.figures),
        "verdicts": dict(result.verdicts),
        "root_cause": result.cause,
        "statements": findings,
        "expectations": [asdict(each) for each in result.expectations],
        "stopped": result.stopped or None,
    }
