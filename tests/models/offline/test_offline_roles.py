"""Planner and synthesizer: who is deployed, which cause and change are named, what contradicts and what is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sre_runner.casefile import ModelRequest
from sre_runner.coordination.report_schemas import conclusion_schema, plan_schema
from sre_runner.documents.json_schema.complaints import complaints
from sre_runner.models.messages import user_message
from sre_runner.models.offline.hearing import hear
from sre_runner.models.offline.planner import plan
from sre_runner.models.offline.synthesizer import conclude

CASE = {"task": "Customers cannot pay in shop", "inputs": {"service": "shop", "namespace": "front"}}


def planned(*specialists: Mapping[str, Any], task: str = "The shop is slow") -> dict[str, str]:
    names = [each["agent"] for each in specialists]
    blocks = [("case", {"task": task, "inputs": {"service": "shop"}}), ("specialists", list(specialists))]
    tool = {"name": "submit_plan", "input_schema": plan_schema(names)}
    messages = [{"role": "user", "content": [{"type": "text", "text": user_message(blocks)}]}]
    made = plan(hear(ModelRequest("m", 1, "", messages, [tool])))
    assert complaints(plan_schema(names), made) == []
    return {each["agent"]: each["task"] for each in made["assignments"]}


def introduced(agent: str, description: str, *tools: str) -> dict[str, Any]:
    return {"agent": agent, "description": description, "tools": [{"name": name, "description": ""} for name in tools]}


LOGS = introduced("one", "Logs and stack traces. Not invoices.", "search_logs")


def test_everyone_gets_a_part_with_scope_start_and_tools() -> None:
    tasks = planned(LOGS, introduced("four", ""))
    assert tasks.keys() == {"one", "four"}
    assert "logs and stack traces" in tasks["one"]
    assert "search_logs" in tasks["one"]
    assert "service shop" in tasks["one"]
    assert tasks["four"].startswith("Investigate the case.")


def reported(agent: str, *findings: tuple[str, str], severity: str = "P2") -> dict[str, Any]:
    told = [
        {"id": f"{agent}/f{n}", "statement": statement, "evidence": [{"call": "c1", "quote": quote}]}
        for n, (statement, quote) in enumerate(findings, start=1)
    ]
    return {"agent": agent, "status": "completed", "report": {"severity_assessment": severity, "findings": told}}


def concluded(
    *reports: Mapping[str, Any], missing: Sequence[str] = (), own: Mapping[str, Any] | None = None, **case: str
) -> dict[str, Any]:
    cited = [f["id"] for report in reports for f in report.get("report", {}).get("findings", [])]
    schema = conclusion_schema(cited, [report["agent"] for report in reports], own or {})
    blocks = [("case", {**CASE, **case}), ("reports", list(reports)), ("missing", list(missing))]
    messages = [{"role": "user", "content": [{"type": "text", "text": user_message(blocks)}]}]
    tool = {"name": "submit_conclusion", "input_schema": schema}
    made = conclude(hear(ModelRequest("m", 1, "", messages, [tool])))
    assert complaints(schema, made) == []
    return made


def test_the_cause_is_what_explains_most_and_several_show() -> None:
    made = concluded(
        reported("a", ("The disk of db-0 is full.", "no space left on device"), ("Timeouts.", "request timed out")),
        reported("b", ("No space left on device for writes.", "ENOSPC"), ("CPU is hot.", "high cpu usage")),
    )
    assert made["root_cause"]["statement"].startswith("A disk is full")
    assert {each["finding"] for each in made["root_cause"]["evidence"]} >= {"a/f1", "b/f1"}
    assert "Confirmed by a and b." in made["root_cause"]["statement"]
    assert "Not explained by this cause: CPU is saturated" in made["incident_summary"]
    assert made["severity"] == "P1"


def test_statements_in_another_models_words_are_understood() -> None:
    made = concluded(reported("a", ("The pods get OOMKilled at 1Gi; deployment shop-web runs v3.", "OOMKilled")))
    assert made["root_cause"]["statement"].startswith("Containers are OOMKilled")
    assert any(action["action"].startswith("Raise the memory limit") for action in made["immediate_actions"])
    assert made["severity"] == "P1"


def test_the_change_that_speaks_of_the_same_things_is_named_before_a_newer_one() -> None:
    made = concluded(
        reported("logs", ("The heap is exhausted.", "OutOfMemoryError at NightlyExport.run:12")),
        reported(
            "releases",
            ("A recent change of service shop: v8: “New footer”.", "v8"),
            ("A recent change of service shop: v7: “Add NightlyExport”. Previous: v6.", "v7"),
        ),
    )
    assert "v7" in made["root_cause"]["statement"]
    assert "Both mention" in made["root_cause"]["statement"]
    assert "v8" not in made["root_cause"]["statement"]
    assert made["immediate_actions"][0]["action"].startswith("Roll back the recent change (v7)")


def test_the_place_in_the_code_may_come_from_what_the_cause_explains() -> None:
    made = concluded(
        reported("a", ("Data: loading 2M rows into memory", "loading 2M rows into memory")),
        reported("b", ("OutOfMemoryError in shop. The stack trace points at Export.run:12.", "OutOfMemoryError")),
    )
    assert "The stack trace points at Export.run:12." in made["root_cause"]["statement"]


def test_a_rollback_has_its_command_only_where_the_deployment_is_known() -> None:
    change = ("A recent change of service shop: v8: “New pool”.", "v8")
    pool = "connection pool exhausted"
    named = concluded(reported("a", (f"deployment shop-web: {pool}", pool), change))
    assert named["immediate_actions"][0]["command"] == "kubectl rollout undo deployment/shop-web -n front"
    unnamed = concluded(reported("a", (pool, pool), change))
    assert "command" not in unnamed["immediate_actions"][0]


def test_no_word_of_prose_and_no_version_becomes_a_name() -> None:
    lost = "Kubelet stopped posting node status"
    (found,) = (("A node is NotReady, seen at node worker-7: “Kubelet stopped posting node status”.", lost),)
    assert "kubectl drain worker-7" in str(concluded(reported("a", found))["immediate_actions"])
    unnamed = concluded(reported("a", (f"A node is NotReady: {lost}, node status unknown.", lost)))
    assert "drain status" not in str(unnamed["immediate_actions"])
    change = ("A recent change of deployment v2.3.1: ConfigMap/shop.", "v2.3.1")
    actions = concluded(reported("a", ("connection pool exhausted", "x"), change))["immediate_actions"]
    assert "deployment/v2" not in str(actions)


def test_twice_the_limit_that_was_seen_is_proposed() -> None:
    made = concluded(reported("a", ("OOMKilled, at deployment shop-web, limit 512Mi: “x”.", "OOMKilled")))
    commands = [action.get("command") for action in made["immediate_actions"]]
    assert "kubectl set resources deployment/shop-web -n front --limits=memory=1024Mi" in commands


def test_disagreement_silence_and_gaps_are_named() -> None:
    made = concluded(
        reported("a", ("NXDOMAIN for db", "NXDOMAIN"), severity="P1"),
        reported("b", ("Requests are slow: high latency", "high latency"), severity="P3"),
        reported("c", severity="P4"),
        {"agent": "d", "status": "failed", "problem": "no report"},
        missing=["d (investigate/d) failed: no report."],
        incident_started_at="2026-11-22T11:00:00+00:00",
    )
    summary = made["incident_summary"]
    assert "Severity ballots differ (a P1 and b P3)" in summary
    assert "No findings from c." in summary
    assert "Missing: d (investigate/d) failed" in summary
    assert "Start: 2026-11-22T11:00:00+00:00." in summary


def test_symptoms_alone_are_no_cause() -> None:
    made = concluded(reported("a", ("Pods are in CrashLoopBackOff.", "CrashLoopBackOff")))
    assert made["root_cause"]["statement"].startswith("Not determined. Seen: Pods are in CrashLoopBackOff")
    assert "The cause is not known yet" in made["communication"]


def test_findings_that_no_signal_knows_are_still_told() -> None:
    made = concluded(reported("a", ("The moon is in the way.", "moon")))
    assert "The moon is in the way" in made["root_cause"]["statement"]
    assert made["root_cause"]["evidence"] == [{"finding": "a/f1"}]
    assert made["immediate_actions"][0]["action"].startswith("Look closer")


def test_what_a_runbook_describes_has_not_been_seen() -> None:
    made = concluded(
        reported("books", ("Runbook “Disk full”, at once: Free space: `df -h <node>`", "df -h <node>"), severity="P4")
    )
    assert made["root_cause"]["statement"].startswith("Not determined: no answer")
    assert made["severity"] == "P4"


def test_runbook_steps_become_actions_with_the_names_that_were_seen() -> None:
    books = reported(
        "books",
        ("Runbook “Space”, at once: Or look first: `kubectl get pods -n <namespace>`", "kubectl get pods"),
        ("Runbook “Space”, at once: Tell the team.", "Tell the team"),
        ("Runbook “Space”, afterwards: Rotate the logs.", "Rotate the logs"),
    )
    made = concluded(reported("a", ("no space left on device", "no space left")), books)
    actions = made["immediate_actions"]
    assert {"action": "Look first (runbook “Space”).", "command": "kubectl get pods -n front"} in actions
    assert {"action": "Tell the team (runbook “Space”)."} in actions
    assert "Rotate the logs" in made["long_term_fix"]


def test_fields_of_its_own_are_filled_from_the_findings() -> None:
    texts = {"type": "array", "items": {"type": "string"}}
    made = concluded(reported("a", ("no space left on device", "no space left")), own={"disk_problems": texts})
    assert made["disk_problems"] == ["no space left on device"]


def test_tools_that_failed_are_no_all_clear() -> None:
    silent = reported("pod-expert", severity="P4")
    silent["report"]["open_questions"] = ["list_pods gave no answer: connection refused", "Since when?"]
    fields = concluded(silent)
    assert fields["root_cause"]["statement"].endswith("no answer shows a failure. No answer from list_pods.")
    assert fields["immediate_actions"][0]["action"].startswith("Change nothing yet: list_pods gave no answer.")
    assert "We could not check all of" in fields["communication"]
    assert "No answer from list_pods." in fields["incident_summary"]
    empty = reported("pod-expert", severity="P4")
    empty["report"]["open_questions"] = ["get_events gave no answer: No data for these arguments: get_events({})."]
    clear = concluded(empty)
    assert "No answer" not in str(clear)
    assert "Change nothing: no failure" in str(clear["immediate_actions"])
