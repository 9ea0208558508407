"""Made-up incidents through the real engine: the cause, the severity, the actions, and that every quote is verbatim."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from building import simulated
from offline_runs import Outcome, investigated, lines, run, table, tool

from sre_runner.config.loading import load
from sre_runner.models.offline.notice import BRIEFLY

ROOT = Path(__file__).parents[3]
TEXT = {"type": "string"}


def checked(outcome: Outcome) -> Outcome:
    """What holds for every run: complete, by the model, every quote verbatim, marked as a rehearsal."""
    assert outcome.conclusion.by_model
    assert not outcome.conclusion.missing
    assert all(quote and quote in answer for quote, answer in outcome.quotes())
    assert outcome.conclusion.fields["incident_summary"].startswith(BRIEFLY)
    assert outcome.conclusion.fields["communication"].startswith(BRIEFLY)
    assert all(report.fields["summary"].startswith(BRIEFLY) for report in outcome.reports.values())
    return outcome


def cause(outcome: Outcome) -> str:
    return str(outcome.conclusion.fields["root_cause"]["statement"])


def commands(outcome: Outcome) -> list[str]:
    return [action.get("command", "") for action in outcome.conclusion.fields["immediate_actions"]]


def test_the_shipped_case_is_concluded_by_general_rules(tmp_path: Path) -> None:
    playbook = ROOT / "playbooks" / "payment-gateway.yaml"
    configuration = load(playbook, directory=None, inputs={}, task=None, settings=())
    outcome = checked(investigated(configuration, tmp_path))
    said = cause(outcome)
    for fact in (
        "OOMKilled",
        "512Mi",
        "heap",
        "Loading 2.1M transactions into memory",
        "BatchReconciliation",
        "v2.3.1",
    ):
        assert fact in said, fact
    assert outcome.conclusion.fields["severity"] == "P1"
    assert "kubectl rollout undo deployment/payment-gateway -n payments" in commands(outcome)
    assert any("--limits=memory=2Gi" in command for command in commands(outcome))
    cited = {each["finding"].split("/")[0] for each in outcome.conclusion.fields["root_cause"]["evidence"]}
    assert {"k8s-expert", "log-analyst"} <= cited


def test_one_agent_alone_comes_to_the_same_cause(tmp_path: Path) -> None:
    playbook = ROOT / "playbooks" / "payment-gateway.yaml"
    alone = (("specialists", "[generalist]"), ("coordinator", "{strategy: single}"))
    outcome = investigated(load(playbook, directory=None, inputs={}, task=None, settings=alone), tmp_path)
    assert outcome.conclusion.by_model
    assert "BatchReconciliation.loadAllTransactions:142" in outcome.text
    assert "Both mention" in cause(outcome)
    assert all(quote in answer for quote, answer in outcome.quotes())


def test_an_image_that_cannot_be_pulled(tmp_path: Path) -> None:
    pods = table(
        ("NAME", "READY", "STATUS", "RESTARTS", "AGE"),
        ("shop-web-77d9-abcde", "0/1", "ImagePullBackOff", "0", "4m"),
        ("shop-db-0", "1/1", "Running", "0", "12d"),
    )
    described = lines(
        "Name:         shop-web-77d9-abcde",
        "Namespace:    shop",
        "Containers:",
        "  web:",
        "    Image:          registry.example.com/shop-web:2.0.1",
        "    State:          Waiting",
        "      Reason:       ImagePullBackOff",
        "Events:",
        "  Type     Reason   Age   From     Message",
        '  Warning  Failed   3m    kubelet  Failed to pull image "registry.example.com/shop-web:2.0.1": not found',
    )
    outcome = checked(
        run(
            tmp_path,
            "The deployment shop-web does not come up in namespace shop",
            {"namespace": "shop"},
            {
                "cluster": [
                    tool("get_pods", pods, "namespace", namespace=TEXT),
                    tool("describe_pod", {"by": {"shop-web-77d9-abcde": described}}, "pod_name", pod_name=TEXT),
                ]
            },
        )
    )
    assert ("describe_pod", {"pod_name": "shop-web-77d9-abcde"}) in outcome.calls
    assert ("describe_pod", {"pod_name": "shop-db-0"}) not in outcome.calls
    assert "Image pulls fail" in cause(outcome)
    assert "registry.example.com/shop-web:2.0.1" in cause(outcome)
    assert "kubectl rollout undo deployment/shop-web -n shop" in commands(outcome)
    assert outcome.conclusion.fields["severity"] == "P2"


def test_an_expired_certificate_behind_5xx_errors(tmp_path: Path) -> None:
    logs = lines(
        "2026-11-22T11:50:00Z ERROR gateway: upstream request failed: x509: certificate has expired",
        "2026-11-22T11:50:01Z ERROR gateway: 502 Bad Gateway for GET /api/orders",
        "2026-11-22T11:50:01Z INFO gateway: timeout set to 30s",
    )
    health = {"service": "orders-api", "status": "degraded", "error_rate": 61.0}
    outcome = checked(
        run(
            tmp_path,
            "Users cannot place orders: orders-api answers with 502",
            {"service": "orders-api"},
            {
                "edge": [tool("get_logs", logs, "service", service=TEXT)],
                "health": [tool("service_health", health, "service_name", service_name=TEXT)],
            },
        )
    )
    assert cause(outcome).startswith("A certificate is rejected")
    assert "certificate has expired" in cause(outcome)
    assert "HTTP 5xx" in cause(outcome)
    assert outcome.conclusion.fields["severity"] == "P1"
    assert {each["agent"] for each in outcome.conclusion.fields["evidence"]} == {"edge", "health"}


def test_a_name_that_cannot_be_resolved_explains_refused_connections(tmp_path: Path) -> None:
    rows = [
        {"level": "ERROR", "service": "mailer", "message": "dial tcp: lookup smtp.internal: no such host"},
        {"level": "ERROR", "service": "mailer", "message": "connection refused after 3 retries"},
        {"level": "INFO", "service": "mailer", "message": "0 errors in the last batch"},
    ]
    level = {"type": "string", "enum": ["info", "warn", "error"]}
    logs = tool("search_logs", {"logs": rows}, service=TEXT, level=level)
    outcome = checked(run(tmp_path, "mailer sends no mail", {"service": "mailer"}, {"logs": [logs]}))
    assert outcome.calls[0] == ("search_logs", {"service": "mailer", "level": "error"})
    assert cause(outcome).startswith("DNS lookups fail")
    assert "connections are refused" in cause(outcome)
    assert outcome.conclusion.fields["severity"] == "P1"


def test_a_full_disk_in_the_output_of_df(tmp_path: Path) -> None:
    disks = lines(
        "Filesystem      Size  Used Avail Use% Mounted on",
        "/dev/nvme0n1p1   50G   50G   12M 100% /var/lib/postgresql",
        "tmpfs           7.8G     0  7.8G   0% /dev/shm",
    )
    journal = "Nov 22 11:58:01 db-1 postgres[811]: PANIC: could not write to file: No space left on device\n"
    outcome = checked(
        run(
            tmp_path,
            "Database db-1 stopped accepting writes",
            {"host": "db-1"},
            {
                "disks": [tool("disk_usage", disks, "host", host=TEXT)],
                "journal": [tool("read_journal", journal, "host", host=TEXT)],
            },
        )
    )
    assert cause(outcome).startswith("A disk is full")
    assert outcome.conclusion.fields["severity"] == "P1"
    assert "df -h" in commands(outcome)


def test_a_quota_keeps_a_rollout_from_finishing(tmp_path: Path) -> None:
    events = {
        "events": [
            {
                "type": "Warning",
                "reason": "FailedCreate",
                "object": "replicaset/search-6d5f",
                "message": 'pods "search-6d5f-x" is forbidden: exceeded quota: compute, requested: requests.cpu=2',
            },
            {"type": "Normal", "reason": "Scaled", "object": "deployment/search", "message": "Scaled up to 6"},
        ]
    }
    deployments = {"deployments": [{"name": "search", "ready": "3/6", "reason": "ProgressDeadlineExceeded"}]}
    namespace = {"namespace": TEXT}
    outcome = checked(
        run(
            tmp_path,
            "The rollout of search is stuck",
            {"namespace": "catalog"},
            {
                "cluster": [
                    tool("get_events", events, "namespace", **namespace),
                    tool("list_deployments", deployments, "namespace", **namespace),
                ]
            },
        )
    )
    assert cause(outcome).startswith("A quota is exceeded")
    assert "kubectl describe resourcequota -n catalog" in commands(outcome)
    assert outcome.conclusion.fields["severity"] == "P2"


def test_connections_that_a_recent_change_of_the_pool_used_up(tmp_path: Path) -> None:
    logs = lines(
        "ERROR [worker-3] PoolWorker - FATAL: sorry, too many clients already",
        "Traceback (most recent call last):",
        '  File "/srv/app/poolworker.py", line 88, in acquire',
        "WARN slow query: 4200 ms",
    )
    deploys = {
        "deploys": [
            {"version": "v9.1", "time": "2026-11-21T08:00:00Z", "change": "Fix typo in footer"},
            {"version": "v9.2", "time": "2026-11-22T11:30:00Z", "change": "PoolWorker opens a connection per request"},
            {"version": "v9.3", "time": "2026-11-22T11:55:00Z", "change": "Rolled in after the incident began"},
        ]
    }
    outcome = checked(
        run(
            tmp_path,
            "Customers see errors in the portal",
            {"service": "portal", "deployment": "portal-web", "namespace": "front"},
            {
                "logs": [tool("get_logs", logs, "service", service=TEXT)],
                "releases": [tool("get_recent_deploys", deploys, "service_name", service_name=TEXT)],
            },
            began="2026-11-22T11:45:00+00:00",
        )
    )
    said = cause(outcome)
    assert said.startswith("The database is out of connections")
    assert 'File "/srv/app/poolworker.py", line 88' in said
    assert "v9.2" in said
    assert "15 minutes before the incident" in said
    assert "v9.3" not in said
    assert commands(outcome)[0] == "kubectl rollout undo deployment/portal-web -n front"
    assert outcome.conclusion.fields["severity"] == "P1"


def test_what_fails_elsewhere_does_not_become_the_cause(tmp_path: Path) -> None:
    rows = [
        {"service": "crawler", "level": "ERROR", "message": "no space left on device"},
        {"service": "basket", "level": "ERROR", "message": "x509: certificate has expired"},
    ]
    tools = [tool("search_logs", {"logs": rows}, keyword=TEXT)]
    outcome = checked(run(tmp_path, "basket is slow", {"service": "basket"}, {"logs": tools}))
    assert cause(outcome).startswith("A certificate is rejected")
    assert "Not explained by this cause: a disk is full" in outcome.conclusion.fields["incident_summary"]


def test_a_healthy_system_gives_no_findings_and_little_confidence(tmp_path: Path) -> None:
    pods = table(
        ("NAME", "READY", "STATUS", "RESTARTS", "AGE"),
        ("web-1", "1/1", "Running", "0", "9d"),
        ("backup-28", "0/1", "Completed", "0", "3h"),
    )
    health = {"service": "web", "status": "healthy", "error_rate": 0.02, "p99_ms": 41, "pods": "4/4", "alerts": []}
    logs = lines(
        "INFO started, request timeout set to 30s",
        "INFO 0 errors, no OOMKilled containers",
        "INFO health check passed; certificate is valid, not expired",
        "DEBUG connection refused count=0",
    )
    tools = [
        tool("list_pods", pods, "namespace", namespace=TEXT),
        tool("check_health", health, "service", service=TEXT),
        tool("get_logs", logs, "service", service=TEXT),
    ]
    outcome = checked(run(tmp_path, "Is web well?", {"service": "web", "namespace": "front"}, {"ops": tools}))
    report = outcome.reports["ops"].fields
    assert report["findings"] == []
    assert report["confidence"] == 0.2
    assert outcome.conclusion.fields["severity"] == "P4"
    assert "no answer shows a failure" in cause(outcome)
    assert commands(outcome) == [""]


def test_what_cannot_be_asked_is_an_open_question_and_no_finding(tmp_path: Path) -> None:

    broken = tool("get_metrics", simulated({}, error="dial tcp: connection refused"), "service", service=TEXT)
    unknown = tool("get_invoice", {"total": 3}, "invoice_number", invoice_number=TEXT)
    outcome = checked(run(tmp_path, "Is billing well?", {"service": "billing"}, {"ops": [broken, unknown]}))
    report = outcome.reports["ops"].fields
    assert report["findings"] == []
    assert report["confidence"] == 0.1
    assert any("get_metrics gave no answer" in question for question in report["open_questions"])
    assert any("invoice_number" in question for question in report["open_questions"])


def test_a_runbook_gives_actions_with_the_names_that_were_seen(tmp_path: Path) -> None:
    book = {
        "results": [
            {
                "title": "Evicted pods",
                "steps": [
                    "Drain the node: kubectl drain <node> --ignore-daemonsets",
                    "Say no more than is known",
                ],
                "escalation": "Escalate to the platform team after 20 minutes",
            }
        ]
    }
    pods = {"pods": [{"name": "api-1", "status": "Evicted", "node": "node-7"}]}
    outcome = checked(
        run(
            tmp_path,
            "Pods of api disappear",
            {"namespace": "core"},
            {
                "cluster": [tool("list_pods", pods, "namespace", namespace=TEXT)],
                "books": [tool("search_runbooks", json.dumps(book), "query", query=TEXT)],
            },
            reports={"books": {"escalation_advice": TEXT, "recommended_actions": {"type": "array", "items": TEXT}}},
        )
    )
    books = outcome.reports["books"].fields
    assert "Pods or jobs are in a failed state" in cause(outcome)
    assert "OOM" not in outcome.text
    assert any(
        action["action"].endswith("(runbook “Evicted pods”).")
        for action in outcome.conclusion.fields["immediate_actions"]
    )
    assert books["escalation_advice"].startswith("Escalate to the platform team")
    assert any("kubectl drain <node>" in action for action in books["recommended_actions"])


@pytest.mark.parametrize("planner", [True, False])
def test_two_runs_of_the_same_case_are_the_same(tmp_path: Path, planner: bool) -> None:
    made: list[Any] = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        tools = [tool("get_logs", "ERROR disk full\nERROR something odd happened here\n", "service", service=TEXT)]
        outcome = run(tmp_path / name, "broken", {"service": "x1"}, {"logs": tools}, planner=planner)
        made.append((outcome.conclusion, outcome.calls, [call.outcome for call in outcome.record.calls_of("model")]))
    assert made[0] == made[1]


def test_a_specialist_alone_concludes_from_its_own_findings(tmp_path: Path) -> None:
    logs = "ERROR [orders] OutOfMemoryError: Java heap space\nERROR   at OrderExport.run:12\n"
    deploys = {"deploys": [{"version": "v5", "time": "today 09:00", "change": "Add OrderExport, request req-77f21"}]}
    tools = [
        tool("get_logs", logs, "service", service=TEXT),
        tool("get_recent_deploys", deploys, "service", service=TEXT),
    ]
    outcome = checked(run(tmp_path, "orders crash", {"service": "orders"}, {"ops": tools}, single=True))
    fields = outcome.conclusion.fields
    assert [each["finding"] for each in fields["root_cause"]["evidence"]] == ["f1", "f2"]
    assert "OrderExport.run:12" in cause(outcome)
    assert "v5" in cause(outcome)
    assert "Both mention" in cause(outcome)


def test_a_specialists_own_fields_name_traces_and_the_version_to_go_back_to(tmp_path: Path) -> None:
    deploys = {
        "deploys": [
            {"version": "v5", "time": "today 09:00", "change": "Add OrderExport"},
            {"version": "v4", "time": "yesterday", "change": "Fix rounding"},
        ]
    }
    tools = [
        tool("get_logs", "ERROR request req-77f21 timed out\n", "service", service=TEXT),
        tool("get_recent_deploys", deploys, "service", service=TEXT),
    ]
    own = {"rollback_candidate": TEXT, "affected_traces": {"type": "array", "items": TEXT}}
    outcome = checked(run(tmp_path, "x", {"service": "orders"}, {"ops": tools}, reports={"ops": own}))
    fields = outcome.reports["ops"].fields
    assert fields["affected_traces"] == ["req-77f21"]
    assert fields["rollback_candidate"] == "v4, the version before it"
