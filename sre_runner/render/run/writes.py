"""What a run changed, or may have changed, or was kept from changing, as Markdown."""

from __future__ import annotations

from sre_runner.journal import facts
from sre_runner.journal.record import Record
from sre_runner.render.blocks import Blocks, section
from sre_runner.render.escape import code_span, inline

ARGUMENTS_LIMIT = 1000
"""Characters of a call's arguments that are shown; the JSON has all of them."""

ANSWER_LIMIT = 300

WORDS = {
    "done": "done",
    "failed": "the tool answered with an error",
    "unknown": "**nobody knows whether it was done**: no answer came",
}


def changed(record: Record) -> Blocks:
    """The writes that were made, with what came of them; then those that need approval, and how it is given."""
    made = [_made(each) for each in facts.writes(record)]
    yield from section("Changed by this run", "\n".join(made))
    yield from section("Not executed: needs your approval", "\n".join(_withheld(record)))


def _made(write: facts.MadeWrite) -> str:
    call = code_span(facts.call_text(write.tool, write.arguments, ARGUMENTS_LIMIT))
    said = f": {code_span(facts.shortened(' '.join(write.answer.split()), ANSWER_LIMIT))}" if write.answer else ""
    return f"- {call}, by {inline(write.agent)} after {write.started:.1f} s: {WORDS[write.outcome]}{said}"


def _withheld(record: Record) -> list[str]:
    run = inline(record.started.run)
    return list(
        dict.fromkeys(
            f"- {code_span(facts.call_text(each.tool, each.arguments, ARGUMENTS_LIMIT))}, proposed by "
            f"{inline(each.agent)}: {code_span(f'sre-run resume {run} --allow-write {each.tool}')}"
            for each in facts.proposed(record)
        )
    )
