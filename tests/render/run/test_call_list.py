from __future__ import annotations

import itertools
import json
import re
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt
from sample import Journal, team

from sre_runner.casefile import ModelAnswer, ModelRequest, Usage
from sre_runner.journal.events import CallFinished, CallStarted
from sre_runner.journal.record import Record
from sre_runner.render.run.call_list import calls, one_call, one_call_json
from sre_runner.render.run.export import dump

DOCS = Path(__file__).parents[3] / "docs"
SCOPE = "investigate/k8s-expert"


def document(record: Record, number: int, whole: ModelRequest | None = None) -> str:
    return "\n\n".join(block for block in one_call(record, record.calls[number], whole) if block)


def cells(record: Record) -> list[list[str]]:
    """The table as a reader of Markdown sees it."""
    tokens = MarkdownIt().enable("table").parse("\n\n".join(calls(record)))
    rows: list[list[str]] = []
    for token, content in itertools.pairwise(tokens):
        if token.type == "tr_open":
            rows.append([])
        if token.type in ("td_open", "th_open"):
            rows[-1].append("".join(child.content for child in content.children or ()))
    return rows


def test_every_call_has_a_row() -> None:
    titles, *rows = cells(team().fold())
    assert titles == ["call", "at", "what", "outcome", "s", "size"]
    assert rows[0] == ["1", "1.0", "claude-sonnet-5-5", "answer", "0.5", "110 tokens"]
    rows = [row for row in rows if row != titles]
    assert rows[2] == [
        *("3", "4.5", 'c1 get_recent_deploys(service_name="payment-gateway")', "answer", "0.5", "6 chars")
    ]
    assert [(int(row[0]), row[3]) for row in rows] == [
        *((1, "answer"), (2, "answer"), (3, "answer"), (4, "answer"), (5, "no data"), (6, "refused"), (11, "answer")),
        *((7, "answer"), (8, "answer"), (9, "error"), (10, "timeout"), (12, "answer")),
    ]


def test_calls_stand_under_their_assignment_in_the_order_in_which_they_were_made() -> None:
    blocks = list(calls(team().fold()))
    assert blocks[:1] == ["## Calls"]
    scopes = [block.removeprefix("### ") for block in blocks if block.startswith("### ")]
    assert scopes == ["plan", SCOPE, "investigate/log-analyst", "conclude"]


def test_calls_without_an_answer() -> None:
    journal = Journal()
    journal.start()
    journal.assign(SCOPE, "k8s-expert")
    journal.use(SCOPE, "c1", "restart", {}, "denied")
    journal.use(SCOPE, "c2", "restart", {}, "cancelled")
    journal.deny(SCOPE)
    journal.ask(SCOPE, Usage(1, 1))
    (last,) = (entry.event for entry in journal.entries[-1:])
    assert isinstance(last, CallFinished)
    journal.add(CallFinished(4, "answer", last.model_answer, reused=True))
    journal.add(CallStarted(5, "model", SCOPE, "d", 1, "m", {"messages": []}))
    assert [(row[3], row[5]) for row in cells(journal.fold())[1:]] == [
        ("withheld", "1 chars"),
        ("cancelled", ""),
        ("denied", ""),
        ("answer, reused", "2 tokens"),
        ("no answer", ""),
    ]


def test_nothing_was_called() -> None:
    journal = Journal()
    journal.start()
    assert list(calls(journal.fold())) == ["## Calls", "Nothing was called."]


def test_hostile_names_and_arguments_stay_in_their_cells() -> None:
    journal = Journal()
    journal.start()
    journal.assign(SCOPE, "k8s-expert")
    journal.use(SCOPE, "c1", "a|b\n# x", {"x": "</td> | `y` \x1b[2J" + "z" * 500})
    (_, row) = cells(journal.fold())
    assert len(row) == 6
    assert row[2].startswith('c1 a|b # x(x="</td> | `y` \\u001b[2Jzzz')
    assert len(row[2]) < 120


def test_a_tools_call_as_a_whole() -> None:
    text = document(team().fold(), 3)
    assert text.startswith("# Call 3 of payment-gateway-1\n\n- tool: c1 get_recent_deploys(service_name=")
    assert "- began 4.500 s after the run, took 0.500 s\n- outcome: answer, 6 chars" in text
    assert '## Request\n\n```json\n{\n  "service_name": "payment-gateway"\n}\n```' in text
    assert text.endswith("## Answer\n\n```text\nv2.3.1\n```")


REQUEST: dict[str, Any] = {
    "system": "You are an expert.",
    "tools": [{"name": "list_pods"}],
    "messages": [
        {"role": "user", "content": [{"type": "text", "text": "# Look\n```\nat it"}]},
        {"role": "assistant", "content": [{"type": "hologram", "data": "ü"}]},
        {
            "role": "user",
            "content": [
                {
                    "type": "tool_result",
                    "tool_use_id": "t1",
                    "is_error": True,
                    "content": [{"type": "text", "text": "no"}],
                },
                {"type": "tool_result", "tool_use_id": "t2"},
            ],
        },
    ],
}


@pytest.fixture
def asked() -> Record:
    journal = Journal()
    journal.start()
    journal.assign(SCOPE, "k8s-expert")
    journal.add(CallStarted(1, "model", SCOPE, "d1", 1, "claude", REQUEST))
    content = ({"type": "text", "text": "I see."}, {"type": "tool_use", "id": "t3", "name": "x", "input": {}})
    journal.add(CallFinished(1, "answer", ModelAnswer(content, "tool_use", Usage(5, 5))))
    journal.add(CallStarted(2, "model", SCOPE, "d2", 1, "claude", {"messages": []}))
    journal.add(CallFinished(2, "failed", error="overloaded: try later"))
    journal.add(CallStarted(3, "model", SCOPE, "d3", 1, "claude", {"messages": []}))
    return journal.fold()


def test_a_models_call_as_a_whole(asked: Record) -> None:
    text = document(asked, 1)
    assert [line for line in text.splitlines() if re.match("##+ ", line)] == [
        "## Request: what it added to the one before",
        *("### System prompt", "### Tools", "### To the model", "### From the model", "### To the model"),
        "## Answer",
    ]
    assert "````text\n# Look\n```\nat it\n````" in text
    assert '"data": "ü"' in text
    assert "Result of t1, an error:\n\n```text\nno\n```\n\nResult of t2:" in text
    assert text.index("I see.") < text.index('"tool_use"')


@pytest.mark.parametrize("content", ["status: OOMKilled", None, 7, ["x"], {"a": 1}])
def test_a_result_that_a_model_made_up_is_shown_as_it_came(content: Any) -> None:
    journal = Journal()
    journal.start()
    journal.assign(SCOPE, "k8s-expert")
    journal.add(CallStarted(1, "model", SCOPE, "d1", 1, "claude", REQUEST))
    made_up = {"type": "tool_result", "content": content}
    journal.add(CallFinished(1, "answer", ModelAnswer((made_up,), "end_turn", Usage(5, 5))))
    shown = document(journal.fold(), 1).partition("## Answer")[2]
    assert json.loads(shown.strip().removeprefix("```json").removesuffix("```")) == made_up


def test_a_call_that_failed_and_one_without_an_end(asked: Record) -> None:
    assert "took 0.500 s\n- outcome: failed\n- said: overloaded: try later" in document(asked, 2)
    assert "has no end\n- outcome: no answer" in document(asked, 3)
    assert "## Answer" not in document(asked, 3)


def test_the_whole_request_in_its_place(asked: Record) -> None:
    whole = ModelRequest("claude", 4000, "You are.", ({"role": "user", "content": []},), (), "high")
    text = document(asked, 3, whole)
    assert (
        "## Whole request\n\n- model: claude\n- max_tokens: 4000\n- effort: high\n\n### System prompt"
        in text.replace("\\_", "_")
    )
    assert "what it added" not in text
    data = one_call_json(asked, asked.calls[3], whole)
    assert data["whole_request"]["system"] == "You are."
    assert (data["outcome"], data["answer"], data["request"]) == (None, None, {"messages": []})


def test_the_json_has_every_key_that_the_page_describes_and_no_other(asked: Record) -> None:
    data = json.loads(dump(one_call_json(asked, asked.calls[1])))
    section = (DOCS / "past-runs.md").read_text(encoding="utf-8").split("## One run")[1].split("\n## ")[0]
    assert re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE) == list(data)
    assert data["answer"]["stop_reason"] == "tool_use"
    record = team().fold()
    assert one_call_json(record, record.calls[3])["answer"] == "v2.3.1"
    assert one_call_json(record, record.calls[3])["label"] == "c1"
