"""What came out under old names, as it would have under the new ones: a renamed agent is compared with itself."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace

from sre_runner.review.diff.pairs import Both
from sre_runner.review.side_by_side.result import Result


def with_new_names(before: Result, after: Result, both: Both) -> Result:
    """The result of BASE with HEAD's names of agents and tools.

    A name may also be a word of a sentence (an agent `logs`), so that a text takes the new names only where that makes
    it one of the other side.
    """
    names = {old: new for kind in ("agent", "tool") for old, new in both.renamed[kind].items()}
    if not names:
        return before
    word = re.compile(r"(?<![\w-])(?:" + "|".join(map(re.escape, sorted(names, key=len, reverse=True))) + r")(?![\w-])")

    def told(text: str, others: Collection[str]) -> str:
        renamed = word.sub(lambda match: names[match[0]], text)
        return renamed if renamed in others else text

    said = {statement for _, statement in after.findings}
    expected = {each.expected for each in after.expectations}
    tools = sorted({both.now("tool", tool) for tool in before.figures.tools})
    return replace(
        before,
        figures=replace(before.figures, tools=tuple(tools)),
        findings=tuple((both.now("agent", agent), told(statement, said)) for agent, statement in before.findings),
        cause=told(before.cause, {after.cause}),
        expectations=tuple(replace(each, expected=told(each.expected, expected)) for each in before.expectations),
    )
