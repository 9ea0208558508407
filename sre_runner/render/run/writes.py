"""What a run changed, or may have changed, or was kept from changing, as Markdown."""

from __future__ import annotations

from sre_runner.journal import facts
from sre_runner.journal.record import Record
from sre_runner.render.blocks import Blocks, section
from sre_runner.render.escape import code_span, inline

ARGUMENTS_LIMIT = 1000
"""Characters of a call's arguments that are shown; the JSON has all of them."""

ANSWER_LIMIT = 300

SHORT = 60
"""Characters of a call's arguments where there is little room."""

WORDS = {
    "unknown": "**nobody knows whether it was done**: no answer came",
    "failed": "the tool answered with an error",
    "done": "done",
}
"""What came of a write; what a person has to look after first comes first."""


def changed(record: Record, most: int | None = None) -> Blocks:
    """The writes that were made, with what came of them; at most so many of them, those in doubt first, and shortly."""
    made = facts.writes(record)
    if most is None:
        lines = [_made(each) for each in made]
    else:
        lines = [_briefly(each) for each in sorted(made, key=lambda each: tuple(WORDS).index(each.outcome))[:most]]
    yield from section("Changed by this run", "\n".join([*lines, *_more(len(made) - len(lines))]))


def withheld(record: Record, most: int | None = None) -> list[str]:
    """The writes that need approval, each once and with how it is given; at most so many of them, and shortly."""
    proposed = facts.proposed(record)
    unique = {(each.agent, facts.call_text(each.tool, each.arguments, ARGUMENTS_LIMIT)): each for each in proposed}
    run, limit = inline(record.started.run), ARGUMENTS_LIMIT if most is None else SHORT
    lines = [
        f"- **Not executed, needs your approval:** {code_span(facts.call_text(each.tool, each.arguments, limit))}, "
        f"proposed by {inline(each.agent)}: {code_span(f'sre-run resume {run} --allow-write {each.tool}')}"
        for each in list(unique.values())[:most]
    ]
    return [*lines, *_more(len(unique) - len(lines))]


def _made(write: facts.MadeWrite) -> str:
    call = code_span(facts.call_text(write.tool, write.arguments, ARGUMENTS_LIMIT))
    said = f": {code_span(facts.shortened(' '.join(write.answer.split()), ANSWER_LIMIT))}" if write.answer else ""
    return f"- {call}, by {inline(write.agent)} after {write.started:.1f} s: {WORDS[write.outcome]}{said}"


def _briefly(write: facts.MadeWrite) -> str:
    call = code_span(facts.call_text(write.tool, write.arguments, SHORT))
    return f"- {call}: {WORDS[write.outcome]}"


def _more(count: int) -> list[str]:
    return [f"- {count} more"] if count > 0 else []
