"""Whatever a server answers, in turns and follow-ups: what is sent is valid, and a replay comes to the same."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from building import CASE, FOUND, agent, answer, conclusion, configuration, found, run_engine, text, tool, use
from hypothesis import example, given, settings
from hypothesis import strategies as st
from messages_api import Rules

from sre_runner.casefile import Json, ModelAnswer, ModelRequest
from sre_runner.journal.events import RunStarted
from sre_runner.journal.file import Journal
from sre_runner.models.model import CONTEXT_TOO_LONG, ModelError
from sre_runner.runs.replay import replay_with
from sre_runner.specs import Configuration, FeedbackSpec, Role

ODD: st.SearchStrategy[Json] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 2),
    st.sampled_from(["", " \n", "t1", "a b", "ü", "x" * 200, "{}", "[1]", '{"pod": "a"}', '"\\ud800"', "NaN"]),
    st.just([]),
    st.just({}),
)
WHOLE = [
    text("I look."),
    text("\n"),
    {"type": "thinking", "thinking": "hm", "signature": "s"},
    {"type": "thinking", "thinking": "hm"},
    use("pods", {"pod": "a"}, "t1"),
    use("pods", {"pod": "a", "more": None}, "t2"),
    use("nodes", {}, "t3"),
    use("submit_plan", {}, "t4"),
    use("submit_report", {**FOUND, "confidence": "0.5", "more": 1}, "r1"),
    use("submit_report", {**FOUND, "confidence": 7}, "r2"),
    use("submit_report", json.dumps(FOUND), "r3"),
    text(f"```json\n{json.dumps(FOUND)}\n```"),
    text('<tool_call>{"name": "pods", "arguments": {}}</tool_call>'),
    text('{"summary": "\\ud800"}'),
]
BROKEN = st.fixed_dictionaries(
    {"type": st.sampled_from(["text", "tool_use", "tool_result", "thinking", "redacted_thinking", "new"])},
    optional={
        "name": st.sampled_from(["pods", "submit_report", " pods", "default.pods", ""]) | ODD,
        **dict.fromkeys(("text", "id", "input", "thinking", "signature", "data", "tool_use_id", "content"), ODD),
    },
)
STOPS = [None, "tool_use", "end_turn", "max_tokens", "length", "pause_turn", "stop", "odd", "refusal"]
REPLIES = st.one_of(
    st.builds(
        lambda blocks, stop: answer(*json.loads(json.dumps(blocks)), stop=stop),
        st.lists(st.sampled_from(WHOLE) | BROKEN, max_size=4),
        st.sampled_from(STOPS),
    ),
    st.just(answer(stop="model_context_window_exceeded")),
    st.builds(lambda kind: ModelError(kind, "no"), st.sampled_from([CONTEXT_TOO_LONG, "api_error"])),
)


class Hostile:
    """Answers the specialist by a list, and then, like everybody else, by a good report."""

    def __init__(self, replies: list[ModelAnswer | ModelError]) -> None:
        self.replies = list(replies)
        self.rules = Rules()
        self.faults: list[str] = []

    async def reply(self, request: ModelRequest) -> ModelAnswer:
        await asyncio.sleep(0)
        body = {"model": request.model, "max_tokens": 1, "system": request.system, "messages": list(request.messages)}
        self.faults += self.rules.faults(json.loads(json.dumps(body)))
        given = self._next(request.system.split()[0])
        if isinstance(given, ModelError):
            raise given
        self.rules.answered(json.loads(json.dumps(given.content)))
        return given

    def _next(self, name: str) -> ModelAnswer | ModelError:
        if name == "reviewer":
            asked = {"agent": "a", "request": "look again", "priority": "high"}
            return answer(use("submit_review", {"followups": [asked]}))
        if name == "synthesizer":
            return conclusion()
        return self.replies.pop(0) if self.replies else found()

    async def close(self) -> None:
        pass


def reviewed() -> Configuration:
    made = configuration(agent("a", tools=["pods"]), tools=[tool("pods")])
    coordinator = replace(made.playbook.coordinator, reviewer="reviewer", feedback=FeedbackSpec(rounds=2))
    agents = {**made.agents, "reviewer": agent("reviewer", Role.REVIEWER)}
    return replace(made, playbook=replace(made.playbook, coordinator=coordinator), agents=agents, source={"tools": {}})


@settings(max_examples=60, deadline=None)
@example([answer({"type": "text", "text": True}, stop="end_turn")])
@example([answer(*WHOLE[4:7]), answer(use("submit_report", {**FOUND, "open_questions": '["\\ud800"]'}, "r1"))])
@given(st.lists(REPLIES, max_size=10))
def test_every_request_is_valid_and_a_replay_comes_to_the_same(replies: list[Any]) -> None:
    model = Hostile(replies)
    with TemporaryDirectory() as place:
        journal = Journal(Path(place) / "journal.jsonl")
        journal.append(RunStarted("run", CASE, {"tools": {}}, "digest", "scripted", {}))
        made, record = run_engine(reviewed(), model, journal)
        journal.close()
    assert model.faults == []
    assert not any("internal error" in problem for problem in made.missing)
    again = replay_with(reviewed(), record)
    assert again.missed == ()
    assert again.conclusion == made
