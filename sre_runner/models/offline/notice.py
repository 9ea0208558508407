"""The sentence by which everything that the offline model writes says what it is."""

from __future__ import annotations

from collections.abc import Mapping

REHEARSAL = (
    "Rehearsal: no LLM took part. The offline model, which follows fixed rules, wrote this; "
    "it shows that the configuration works, not what Claude would conclude."
)

UNASKED = (
    "error: no model drew a conclusion: there are no credentials for a model service, so this was a rehearsal. "
    "Set ANTHROPIC_API_KEY to investigate with Claude, or add --offline to ask for a rehearsal."
)
"""The last line after a rehearsal that nobody asked for."""

NOT_ASKED = "was not called: no value is known for"
"""What the offline model says of a tool that takes arguments for which it has no values."""

NO_ANSWER = " gave no answer: "
"""What the offline model says between a tool of which no call was answered and the reason."""


def not_called(fields: Mapping[str, object]) -> list[str]:
    """The sentences of an offline model's report that name a tool which a required argument kept from being called."""
    questions = fields.get("open_questions")
    return [str(each) for each in questions if NOT_ASKED in str(each)] if isinstance(questions, list) else []


BRIEFLY = "Rehearsal (no LLM)."
"""The same in few words, before every text of a report, so that none is taken for more where it stands alone."""
