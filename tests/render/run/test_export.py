from __future__ import annotations

import json
import math
import re

from sample import PROPOSAL, VERDICT, Journal, followed_up, team

from sre_runner.models.offline.notice import REHEARSAL
from sre_runner.render.run.export import FORMAT, dump, to_json
from sre_runner.testing.expectations.check import Expectation


def test_the_object_has_all_of_the_run() -> None:
    data = to_json(team().fold())
    assert (data["format"], data["run"], data["status"], data["exit_code"]) == (
        FORMAT,
        "payment-gateway-1",
        "complete",
        0,
    )
    assert data["case"]["incident_started_at"] == "2026-11-22T14:23:00+00:00"
    assert data["labels"] == {"team": "payments"}
    assert data["conclusion"]["fields"]["severity"] == "P1"
    assert data["conclusion"]["by_model"] is True
    assert [one["id"] for one in data["assignments"]][:2] == ["plan", "investigate/k8s-expert"]
    assert data["counts"]["tool"] == {
        "made": 7,
        "refused": 1,
        "denied": 0,
        "withheld": 0,
        "failed": 2,
        "cancelled": 0,
        "no_data": 1,
        "reused": 0,
    }
    assert data["usage"]["total_tokens"] == 6200 + 1510 + 2000
    assert data["notes"] == ["waited 2 s for the model service"]


def test_an_assignment_has_its_report_and_its_findings_with_their_evidence() -> None:
    work = json.loads(dump(to_json(team().fold())))["assignments"][1]
    assert (work["agent"], work["role"], work["status"], work["turns"]) == ("k8s-expert", "specialist", "completed", 2)
    assert work["findings"][0]["evidence"] == [{"call": "c2", "quote": '"reason": "OOMKilled"', "finding": None}]
    assert work["blocks"] == [{"label": "assignment", "data": {"task": "look"}}]
    assert work["usage"]["cache_read_tokens"] == 1500


def test_a_tool_call_has_its_arguments_and_its_output_and_a_model_call_its_model() -> None:
    calls = to_json(team().fold())["calls"]
    tool = next(call for call in calls if call["name"] == "describe_pod")
    assert tool["arguments"] == {"pod_name": "payment-gw-def34"}
    assert tool["output"] == {
        "text": "…",
        "is_error": False,
        "no_data": False,
        "from_tool": True,
        "withheld": False,
        "origin": "",
        "masked": {},
        "kept": "",
    }
    model = calls[0]
    assert (model["kind"], model["name"], model["arguments"], model["output"]) == (
        "model",
        "claude-sonnet-5-5",
        None,
        None,
    )


def test_a_conclusion_has_its_verdicts_its_doubts_and_what_was_proposed() -> None:
    record = team(verdicts=(VERDICT,), compared=(VERDICT,), doubts=("x",), proposals=(PROPOSAL,)).fold()
    conclusion = json.loads(dump(to_json(record)))["conclusion"]
    (verdict,) = conclusion["verdicts"]
    assert (verdict["vote"], verdict["rule"], verdict["value"]) == ("severity", "majority", "P1")
    assert verdict["ballots"][2] == {
        "agent": "triage",
        "value": None,
        "confidence": 0.0,
        "weight": 1.0,
        "why": "failed: no report within 60 seconds",
    }
    assert conclusion["compared"] == [verdict]
    assert conclusion["doubts"] == ["x"]
    arguments = {"name": "payment-gateway", "replicas": 5}
    assert conclusion["proposals"] == [{"agent": "k8s-expert", "tool": "restart_deployment", "arguments": arguments}]


def test_the_marks_of_a_command_have_their_action_and_their_place() -> None:
    marks = to_json(team().fold())["conclusion"]["marks"]
    assert [(mark["action"], mark["kind"], mark["text"], mark["name"]) for mark in marks] == [
        (0, "danger", "kubectl rollout undo", ""),
        (0, "not_seen", "payment-gateway", "workload"),
        (0, "not_seen", "payments", "namespace"),
    ]
    assert (marks[0]["says"], marks[0]["start"], marks[0]["end"]) == ("goes back to an earlier release", 0, 20)


def test_the_share_of_verified_findings_is_that_of_the_latest_reports() -> None:
    assert to_json(followed_up().fold())["verified"] == {"verified": 3, "findings": 3}


def test_expectations_are_there_where_somebody_asked() -> None:
    record = team().fold()
    assert to_json(record)["expectations"] is None
    assert to_json(record, [])["expectations"] == []
    checked = [Expectation("x is called", True, "called were: x"), Expectation("y is called", False, "called were: x")]
    assert to_json(record, checked)["expectations"] == [
        {"expected": "x is called", "holds": True, "found": None, "evidence": ()},
        {"expected": "y is called", "holds": False, "found": "called were: x", "evidence": ()},
    ]


def test_what_is_not_known_is_null() -> None:
    journal = Journal()
    journal.start()
    journal.assign("a", "k8s-expert")
    journal.use("a", "c1", "list_pods", {}, "cancelled")
    data = to_json(journal.fold())
    assert (data["conclusion"], data["exit_code"], data["status"]) == (None, None, "none")
    assert data["assignments"][0]["status"] is None
    assert data["calls"][0]["output"] is None
    assert data["cost"] == {"usd": 0, "would_be_usd": None, "models": [], "prices": None, "estimated": False}
    assert list(data) == list(to_json(team().fold()))


def test_a_rehearsal_says_so_first_and_last() -> None:
    text = dump(to_json(team("offline").fold()))
    data = json.loads(text)
    assert [list(data)[place] for place in (0, -1)] == ["notice", "closing_notice"]
    assert data["notice"] == data["closing_notice"] == REHEARSAL
    assert data["usage"]["estimated"] is True
    assert to_json(team().fold())["notice"] is None


def test_the_text_is_one_json_object_that_steers_no_terminal() -> None:
    hostile = "\x1b[2J\x7f\u202e\u2028é \ud800"
    text = dump({"x": hostile, "y": [math.nan, math.inf, 1.5], hostile: ()})
    assert re.fullmatch(r"[\x20-\x7e\n]+", text)
    assert text.endswith("}\n")
    assert json.loads(text) == {"x": hostile, "y": ["nan", "inf", 1.5], hostile: []}
