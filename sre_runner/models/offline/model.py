"""A deterministic investigator without an LLM: for people without a key, for tests, and to rehearse a configuration."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from sre_runner.casefile import Json, ModelAnswer, ModelRequest, Usage
from sre_runner.models.offline.hearing import Heard, hear
from sre_runner.models.offline.judge import judge
from sre_runner.models.offline.notice import REHEARSAL
from sre_runner.models.offline.planner import plan
from sre_runner.models.offline.reporting import Material, fill
from sre_runner.models.offline.reviewer import review
from sre_runner.models.offline.specialist import calls, report
from sre_runner.models.offline.synthesizer import conclude
from sre_runner.models.pacing import Pace

__all__ = ["REHEARSAL", "OfflineModel"]

MODEL_NAME = "offline"
_CHARACTERS_PER_TOKEN = 4

_ROLES: Mapping[str, Callable[[Heard], dict[str, Json]]] = {
    "submit_report": report,
    "submit_plan": plan,
    "submit_review": review,
    "submit_conclusion": conclude,
    "submit_verdict": judge,
}
"""What each report tool is filled by: the tool that is offered last says which role is asked for."""


class OfflineModel:
    """Answers from what a request says and a table of signals; keeps no state, has no clock and no randomness."""

    async def reply(self, request: ModelRequest) -> ModelAnswer:
        """Tool calls while there is something to ask, then the report. Never raises; usage is an estimate."""
        heard = hear(request)
        asked = calls(heard) if heard.report_tool == "submit_report" else []
        if not asked:
            make = _ROLES.get(heard.report_tool, _of_schema)
            asked = [(heard.report_tool, make(heard))]
        uses: list[Mapping[str, Json]] = [
            {"type": "tool_use", "id": f"offline_{heard.turn}_{number}", "name": name, "input": arguments}
            for number, (name, arguments) in enumerate(asked, start=1 + len(heard.asked))
        ]
        content = ({"type": "text", "text": REHEARSAL}, *uses)
        return ModelAnswer(content, "tool_use", _usage(request, content), MODEL_NAME)

    def for_run(self, _on_wait: Callable[[str], None], _pace: Pace) -> OfflineModel:
        """Itself: it waits for nothing, so that there is nothing to pace."""
        return self

    async def close(self) -> None:
        """Nothing is open."""


def _of_schema(heard: Heard) -> dict[str, Json]:
    """A report for a role that is not in the table: the plainest that its schema allows."""
    return fill(heard.report_schema, Material())


def _usage(request: ModelRequest, content: Json) -> Usage:
    """Tokens as the number of characters over four, the usual estimate for English and JSON."""
    sent = len(request.system) + sum(len(_text(part)) for part in (*request.messages, *request.tools))
    return Usage(sent // _CHARACTERS_PER_TOKEN, len(_text(list(content))) // _CHARACTERS_PER_TOKEN)


def _text(part: Json) -> str:
    return json.dumps(part, ensure_ascii=False, default=str)
