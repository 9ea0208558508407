"""The offline model as reviewer and as judge, and what a specialist does with a request and with what was passed on."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from sre_runner.casefile import ModelRequest
from sre_runner.coordination.report_schemas import judge_schema, review_schema
from sre_runner.documents.json_schema.complaints import complaints
from sre_runner.models.messages import user_message
from sre_runner.models.offline.hearing import hear
from sre_runner.models.offline.knowing import named_in, objects
from sre_runner.models.offline.model import OfflineModel

CASE = {"task": "Customers cannot pay in shop", "inputs": {"service": "shop"}}
PODS = {"agent": "pods", "description": "Pods.", "tools": [{"name": "list_pods", "description": "All pods."}]}
LOGS = {"agent": "logs", "description": "Logs.", "tools": [{"name": "get_pod_logs", "description": "Logs of a pod."}]}
UNASKED = "get_pod_logs gave no answer: no value was known for pod_name."


def made(tool: str, schema: dict[str, Any], *blocks: tuple[str, Any]) -> dict[str, Any]:
    messages = [{"role": "user", "content": [{"type": "text", "text": user_message(blocks)}]}]
    request = ModelRequest("m", 1000, "p", messages, [{"name": tool, "description": "", "input_schema": schema}])
    answer = asyncio.run(OfflineModel().reply(request))
    filled: dict[str, Any] = answer.content[-1]["input"]
    assert complaints(schema, filled) == []
    return filled


def told(agent: str, *statements: str, questions: Sequence[str] = (), **fields: Any) -> dict[str, Any]:
    findings = [{"id": f"{agent}/f{n}", "statement": said} for n, said in enumerate(statements, start=1)]
    report = {"severity_assessment": "P2", "confidence": 0.8, "open_questions": list(questions), "findings": findings}
    return {"agent": agent, "status": "completed", "report": {**report, **fields}}


def reviewed(*reports: dict[str, Any], asked: Sequence[dict[str, str]] = ()) -> list[dict[str, str]]:
    blocks = [("case", CASE), ("specialists", [PODS, LOGS]), ("reports", list(reports)), ("asked_before", list(asked))]
    followups: list[dict[str, str]] = made("submit_review", review_schema(["pods", "logs"]), *blocks)["followups"]
    return followups


CRASHING = told("pods", "Containers crash, at pod shop-1a and pod shop-2b: “CrashLoopBackOff”.")


def test_what_one_could_not_ask_and_another_names_is_followed_up() -> None:
    (only,) = reviewed(CRASHING, told("logs", questions=[UNASKED]))
    assert (only["agent"], only["priority"]) == ("logs", "high")
    assert only["request"] == "Call get_pod_logs for pod shop-1a and pod shop-2b, named in other reports."


def test_nothing_is_asked_where_nothing_is_missing() -> None:
    assert reviewed(CRASHING, told("logs")) == []
    assert reviewed(told("pods", "All is well."), told("logs", questions=[UNASKED])) == []
    known = told("logs", "Errors, at pod shop-1a and pod shop-2b: “x”.", questions=[UNASKED])
    assert reviewed(CRASHING, known) == []


def test_nothing_is_asked_twice() -> None:
    (only,) = reviewed(CRASHING, told("logs", questions=[UNASKED]))
    asked = [{"agent": only["agent"], "request": only["request"]}]
    assert reviewed(CRASHING, told("logs", questions=[UNASKED]), asked=asked) == []


def test_a_report_that_is_missing_is_asked_for() -> None:
    (only,) = reviewed(CRASHING, {"agent": "logs", "status": "failed", "problem": "it broke"})
    assert (only["agent"], only["priority"]) == ("logs", "medium")


def judged(*positions: dict[str, Any], options: Sequence[str] = ("P1", "P2", "P3", "P4")) -> dict[str, Any]:
    return made("submit_verdict", judge_schema(options, {}), ("case", CASE), ("positions", list(positions)))


def test_the_stronger_case_decides_and_the_other_would_change_it() -> None:
    mild = told("mild", "Most requests succeed.", severity_assessment="P3", confidence=0.5)
    dire = told("dire", "Pods crash.", "Orders fail.", severity_assessment="P1", confidence=0.9)
    verdict = judged(mild, dire)
    assert verdict["severity_assessment"] == "P1"
    assert "dire P1 1.80 and mild P3 0.50" in verdict["reasons"]
    assert "Pods crash" in verdict["reasons"]
    assert "Most requests succeed" in verdict["would_change_my_mind"]


def test_what_is_unverified_has_no_weight() -> None:
    mild = told("mild", "Most requests succeed.", severity_assessment="P3", confidence=0.5)
    lies = told("lies", severity_assessment="P1", confidence=0.9)
    lies["report"]["findings"] = [{"id": "lies/f1", "statement": "All is lost.", "unverified": "no such call"}]
    assert judged(mild, lies)["severity_assessment"] == "P3"


def test_of_equal_cases_the_more_severe_wins_and_without_any_the_worst_is_assumed() -> None:
    one, other = (told(name, "x", severity_assessment=value) for name, value in (("a", "P3"), ("b", "P2")))
    assert judged(one, other)["severity_assessment"] == "P2"
    assert judged(told("a"), told("b"))["would_change_my_mind"].startswith("Evidence against a;")
    assert judged({"agent": "a", "status": "failed", "problem": "x"})["severity_assessment"] == "P1"


@pytest.mark.parametrize(
    ("label", "data"),
    [
        ("follow_up", {"requests": ["Ask about pod shop-1a and pod shop-2b."]}),
        ("reports", [CRASHING]),
        ("positions", [CRASHING]),
    ],
)
def test_objects_that_others_name_can_be_asked_about(label: str, data: Any) -> None:
    text = user_message([("case", CASE), (label, data), ("assignment", {"task": "go on"})])
    tool = {"name": "submit_report", "input_schema": {"type": "object"}}
    heard = hear(ModelRequest("m", 1, "", [{"role": "user", "content": [{"type": "text", "text": text}]}], [tool]))
    assert {("pod", "shop-1a"), ("pod", "shop-2b")} <= {(each.kind, each.name) for each in objects(heard)}


def test_names_are_read_with_their_kinds() -> None:
    assert named_in("seen at pod shop-1a and deployment shop-x, limit 512Mi") == [
        ("pod", "shop-1a"),
        ("deployment", "shop-x"),
    ]
