"""What comes in through the door, as everything behind it sees it: masked, escaped, cut, and the whole of it kept."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from sre_runner.casefile import Json, ModelAnswer, ToolAnswer
from sre_runner.journal.answers import KeptAnswers
from sre_runner.journal.events import CallFinished
from sre_runner.journal.file import Journal
from sre_runner.specs import ToolSpec
from sre_runner.text.masking import masked_json
from sre_runner.text.output import cut, safe
from sre_runner.text.secret_patterns.recognise import recognised
from sre_runner.tools.read_output import READ_OUTPUT, read

_MASKED_BEFORE = "[masked before] "
"""Stands for a secret that was masked before a resume; no secret looks like it."""
_MOST_TAKEN = 100_000


class Screening:
    """The screening of one run. `secrets` are those of the environment and of servers, `patterns` those of the
    configuration by name; a secret that is recognised has the same number over the whole run."""

    def __init__(self, journal: Journal, secrets: Collection[str], patterns: Mapping[str, str]) -> None:
        self.secrets = secrets
        self._patterns = patterns
        self._numbers = _taken(journal)
        self._kept = KeptAnswers(journal.path.parent)

    def of_tool(self, call: int, spec: ToolSpec, answer: ToolAnswer) -> ToolAnswer:
        """A tool's answer to a call."""
        found = recognised(safe(answer.text, self.secrets), self._patterns, self._numbers)
        text = cut(found.text, spec.max_output)
        kept = self._kept.keep(call, found.text) if text != found.text and spec.name != READ_OUTPUT else ""
        return replace(answer, text=text, masked=found.kinds, kept=kept, origin=safe(answer.origin, self.secrets))

    def of_model(self, answer: ModelAnswer) -> ModelAnswer:
        """A model's answer, which has secrets only if a server echoes them."""
        content = tuple(masked_json(block, self.secrets) for block in answer.content) if self.secrets else ()
        changed = {place for place, block in enumerate(content) if block != answer.content[place]}
        if not changed:
            return answer
        # A thought has a signature over its text, and is refused with another one.
        kept = (block for place, block in enumerate(content) if place not in changed or "signature" not in block)
        return replace(answer, content=tuple(kept))

    def read_on(self, arguments: Mapping[str, Json], kept: Mapping[str, str]) -> ToolAnswer:
        """What is `kept` of an earlier answer of the same conversation."""
        call = str(arguments["call"])
        text = self._kept.read(kept[call]) if call in kept else None
        if text is None:
            words = f"Nothing is kept of {call}: it was not one of your calls, or its answer was not cut."
            return ToolAnswer(words, is_error=True, from_tool=False)
        return read(text, arguments)


def _taken(journal: Journal) -> dict[str, int]:
    """At least as many numbers of masked secrets as a journal that is gone on with has, so that no new one is among
    them: which secrets they stood for is not recorded."""
    answers = (e.event.tool_answer for e in journal.entries if isinstance(e.event, CallFinished))
    masked = sum(sum(answer.masked.values()) for answer in answers if answer)
    return {f"{_MASKED_BEFORE}{number}": number for number in range(1, min(masked, _MOST_TAKEN) + 1)}
