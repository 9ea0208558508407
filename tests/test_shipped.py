"""The starter configuration as it ships: the facts of the first case, tool by tool, and agents that do not know it."""

import asyncio
import json
import re
from functools import cache
from pathlib import Path

import pytest

from sre_runner.config import load, validate
from sre_runner.shape import complaints
from sre_runner.specs import Role
from sre_runner.tools.simulated import SimulatedTool

ROOT = Path(__file__).parents[1]
PLAYBOOK = ROOT / "playbooks" / "payment-gateway.yaml"
FILES = sorted([*ROOT.glob("agents.d/*.yaml"), *ROOT.glob("tools.d/*.yaml"), *ROOT.glob("playbooks/*.yaml")])

KUBERNETES = (
    "check_service_health",
    "list_pods",
    "describe_pod",
    "get_events",
    "list_deployments",
    "get_recent_deploys",
)
LOGS = ("search_logs", "count_errors", "get_pod_logs")
RUNBOOKS = ("search_runbooks",)
RELEASES = ("get_recent_deploys", "list_deployments", "compare_images", "list_config_changes")
SPECIALISTS = {
    "k8s-expert": (KUBERNETES, 5, ("healthy_pods", "unhealthy_pods", "resource_issues", "deployment_changes")),
    "log-analyst": (LOGS, 5, ("error_summary", "top_errors", "patterns", "affected_traces")),
    "runbook-advisor": (RUNBOOKS, 3, ("relevant_runbooks", "recommended_actions", "escalation_advice")),
    "deployment-expert": (RELEASES, 5, ("suspect_release", "rollback_candidate", "config_changes", "timeline")),
    "generalist": (
        (*KUBERNETES, *LOGS, *RUNBOOKS, "compare_images", "list_config_changes"),
        15,
        (
            *("unhealthy_pods", "resource_issues", "top_errors", "patterns", "deployment_changes"),
            *("rollback_candidate", "relevant_runbooks", "escalation_advice"),
        ),
    ),
}
EVERY_TOOL = SPECIALISTS["generalist"][0]

LOG_ROWS = [
    {"ts": ts, "service": service, "level": level, "message": message}
    for ts, service, level, message in (
        ("14:23:01", "payment-gateway", "ERROR", "OutOfMemoryError: Java heap space"),
        ("14:23:02", "payment-gateway", "ERROR", "Transaction tx-def456 timeout 30s"),
        ("14:23:03", "payment-gateway", "ERROR", "Circuit breaker OPEN card-network-gw"),
        ("14:22:30", "payment-gateway", "WARN", "Loading 2.1M transactions into memory"),
        ("14:22:45", "payment-gateway", "WARN", "Full GC — heap at 97%"),
        ("14:23:01", "fraud-detection", "ERROR", "Redis cache miss velocity data"),
    )
]
PODS = [
    {"name": name, "status": status, "restarts": restarts, "cpu": cpu, "memory": memory}
    for name, status, restarts, cpu, memory in (
        ("payment-gw-abc12", "Running", 0, "250m", "384Mi"),
        ("payment-gw-def34", "CrashLoopBackOff", 47, "0m", "512Mi"),
        ("payment-gw-ghi56", "CrashLoopBackOff", 32, "0m", "510Mi"),
        ("payment-gw-jkl78", "Running", 0, "230m", "360Mi"),
        ("payment-gw-mno90", "Running", 0, "280m", "390Mi"),
    )
]
EVENTS = [
    {"type": kind, "reason": reason, "object": thing, "message": message}
    for kind, reason, thing, message in (
        ("Warning", "OOMKilled", "pod/payment-gw-def34", "Container exceeded 512Mi"),
        ("Warning", "BackOff", "pod/payment-gw-def34", "Back-off restarting"),
        ("Normal", "ScalingReplicaSet", "deployment/payment-gateway", "Scaled to 5"),
    )
]


def health(service, status, error_rate, p99_ms, pods, *alerts):
    return {"service": service, "status": status} | {
        "error_rate": error_rate, "p99_ms": p99_ms, "pods": pods, "alerts": list(alerts)
    }  # fmt: skip


FACTS = [
    *(
        ("check_service_health", {"service_name": answer["service"]}, answer)
        for answer in (
            health("payment-gateway", "degraded", 4.7, 2100, "3/5", "ErrorRateHigh", "PodCrashLoopBackOff"),
            health("auth-service", "healthy", 0.01, 42, "4/4"),
            health("fraud-detection", "healthy", 0.05, 230, "6/6"),
        )
    ),
    ("list_pods", {"namespace": "payments"}, {"namespace": "payments", "pods": PODS}),
    (
        "describe_pod",
        {"pod_name": "payment-gw-def34"},
        {
            "name": "payment-gw-def34",
            "status": "CrashLoopBackOff",
            "last_state": {"reason": "OOMKilled", "exit_code": 137},
            "limits": {"memory": "512Mi", "cpu": "500m"},
            "restarts": 47,
            "image": "visa/payment-gw:v2.3.1",
        },
    ),
    ("get_events", {"namespace": "payments"}, {"namespace": "payments", "events": EVENTS}),
    (
        "list_deployments",
        {"namespace": "payments"},
        {
            "namespace": "payments",
            "deployments": [{"name": "payment-gateway", "ready": "3/5", "image": "visa/payment-gw:v2.3.1"}],
        },
    ),
    (
        "get_recent_deploys",
        {"service_name": "payment-gateway"},
        {
            "service": "payment-gateway",
            "deploys": [
                {"version": "v2.3.1", "time": "today 14:00", "change": "Added BatchReconciliation job"},
                {"version": "v2.3.0", "time": "yesterday", "change": "Timeout fix"},
            ],
        },
    ),
    *(
        ("search_logs", arguments, {"logs": [LOG_ROWS[n] for n in found], "count": len(found)})
        for arguments, found in (
            ({}, range(6)),
            ({"service": "payment-gateway"}, range(5)),
            ({"service": "fraud-detection"}, [5]),
            ({"level": "ERROR"}, [0, 1, 2, 5]),
            ({"service": "payment-gateway", "level": "WARN"}, [3, 4]),
            ({"keyword": "HEAP"}, [0, 4]),
            ({"service": "payment-gateway", "level": "ERROR", "keyword": "tx-"}, [1]),
        )
    ),
    *(
        (
            "count_errors",
            arguments,
            {"groups": [{"service": "payment-gateway", "count": 3}, {"service": "fraud-detection", "count": 1}]},
        )
        for arguments in ({}, {"group_by": "service"})
    ),
]
NO_DATA = [
    ("check_service_health", {"service_name": "checkout"}),
    ("list_pods", {"namespace": "default"}),
    ("describe_pod", {"pod_name": "payment-gw-zzz99"}),
    ("get_events", {"namespace": "default"}),
    ("list_deployments", {"namespace": "default"}),
    ("get_recent_deploys", {"service_name": "auth-service"}),
    ("search_logs", {"service": "checkout"}),
    ("search_logs", {"level": "INFO"}),
    ("get_pod_logs", {"pod_name": "checkout-1"}),
    ("compare_images", {"service_name": "payment-gateway", "from_version": "v1.0.0"}),
    ("compare_images", {"service_name": "auth-service"}),
    ("list_config_changes", {"service_name": "auth-service"}),
]
OF_THE_CASE = re.compile(
    r"payment|gateway|visa|fraud|card-network|reconciliation|batch|oom|heap|512|137|v?2\.3|2\.1M|14:\d\d|def34",
    re.IGNORECASE,
)


@cache
def shipped(specialists=tuple(SPECIALISTS)):
    """The configuration with these specialists: all there are, or None for those that the playbook names."""
    settings = [("specialists", f"[{', '.join(specialists)}]")] if specialists else []
    return load(PLAYBOOK, settings=settings)


def ask(name, arguments):
    """What the shipped tool answers to arguments that fit its input_schema."""
    spec = shipped().tools[name]
    assert complaints(spec.input_schema, arguments) == []
    return asyncio.run(SimulatedTool(spec).answer(arguments, []))


def test_it_has_no_problems_and_warns_only_of_agents_kept_for_other_playbooks():
    checked = validate(directory=ROOT)
    assert checked.usable
    kept = ("deployment-expert", "generalist")
    assert {problem.message for problem in checked.problems} <= {f"no playbook uses the agent {name}" for name in kept}
    assert set(checked.agents) == {*SPECIALISTS, "planner", "synthesizer"}
    assert {name for names in checked.tools.values() for name in names} == set(EVERY_TOOL)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_file_names_its_published_schema(path):
    kind = {"agents.d": "agent", "tools.d": "tools", "playbooks": "playbook"}[path.parent.name]
    named = path.read_text(encoding="utf-8").split("\n")[0].removeprefix("# yaml-language-server: $schema=")
    assert (path.parent / named).resolve() == ROOT / "sre_runner" / "schemas" / f"{kind}.schema.json"


def test_the_playbook_is_the_first_case():
    playbook = shipped(None).playbook
    assert playbook.specialists == ("k8s-expert", "log-analyst", "runbook-advisor")
    assert playbook.inputs == {"service": "payment-gateway", "namespace": "payments"}
    assert (playbook.coordinator.strategy, playbook.coordinator.planner) == ("parallel", "planner")
    assert playbook.coordinator.synthesizer == "synthesizer"
    for fact in ("payment-gateway", "payments", "4.7%", "failed transactions", "20 minutes", "deployment"):
        assert fact in playbook.task


def test_the_generalist_can_investigate_alone():
    settings = [("specialists", "[generalist]"), ("coordinator", "{strategy: single}")]
    alone = load(PLAYBOOK, settings=settings)
    assert set(alone.agents) == {"generalist"}
    assert set(alone.tools) == set(EVERY_TOOL)


@pytest.mark.parametrize("name", SPECIALISTS)
def test_specialists_have_their_tools_their_cap_and_their_fields(name):
    tools, cap, fields = SPECIALISTS[name]
    agent = shipped().agents[name]
    assert agent.role is Role.SPECIALIST
    assert sorted(agent.tools) == sorted(tools)
    assert agent.max_iterations == cap
    assert tuple(agent.report) == fields
    assert all(rule["description"] for rule in agent.report.values())


@pytest.mark.parametrize("name", ["planner", "synthesizer"])
def test_the_leads_have_their_roles_and_no_tools(name):
    agent = shipped().agents[name]
    assert (agent.role, agent.tools) == (Role(name), ())


def test_agents_and_the_words_of_tools_know_nothing_of_the_case():
    for agent in shipped().agents.values():
        words = f"{agent.description}\n{agent.prompt}\n{json.dumps(agent.report)}"
        assert OF_THE_CASE.findall(words) == []
        assert "{{" not in agent.prompt, "a prompt that takes inputs does not serve playbooks without them"
    for spec in shipped().tools.values():
        words = spec.description + json.dumps(spec.input_schema)
        assert OF_THE_CASE.findall(words) == []


def test_every_tool_says_when_to_call_it_and_what_it_takes():
    assert set(shipped().tools) == set(EVERY_TOOL)
    for spec in shipped().tools.values():
        assert "Call it" in spec.description
        assert all(rule["description"] for rule in spec.input_schema["properties"].values())
        assert spec.effect == "read"


@pytest.mark.parametrize(("name", "arguments", "expected"), FACTS, ids=lambda value: str(value)[:40])
def test_tools_answer_with_the_facts(name, arguments, expected):
    answer = ask(name, arguments)
    assert json.loads(answer.text) == expected
    assert not answer.no_data
    assert not answer.is_error


def test_logs_of_crashing_pods_end_in_the_stack_trace_and_those_of_healthy_pods_have_no_errors():
    for pod in PODS:
        text = ask("get_pod_logs", {"pod_name": pod["name"]}).text
        if pod["status"] == "Running":
            assert text
            assert not re.search("ERROR|WARN|Exception|OutOfMemory", text)
        else:
            assert [line.split(maxsplit=1) for line in text.splitlines()] == [
                ["WARN", "Loading 2.1M transactions into memory"],
                ["WARN", "Full GC — heap at 97%"],
                ["ERROR", "java.lang.OutOfMemoryError: Java heap space"],
                ["ERROR", "at BatchReconciliation.loadAllTransactions:142"],
            ]


def test_errors_can_be_counted_by_other_columns():
    counted = json.loads(ask("count_errors", {"group_by": "ts"}).text)["groups"]
    assert counted[0] == {"ts": "14:23:01", "count": 2}
    assert sum(group["count"] for group in counted) == 4


@pytest.mark.parametrize("query", ["OOMKilled", "pods restart in a loop", "?"])
def test_whatever_is_searched_the_runbook_is_found(query):
    text = ask("search_runbooks", {"query": query}).text
    for fact in ("OOMKilled Recovery", "kubectl edit deployment", "streaming or pagination", "Roll back", "to 2Gi"):
        assert fact in text


@pytest.mark.parametrize(
    "versions",
    [
        {},
        {"from_version": "v2.3.0", "to_version": "v2.3.1"},
        {"from_version": "visa/payment-gw:v2.3.0"},
        {"to_version": "2.3.1"},
    ],
)
def test_the_images_differ_by_the_job(versions):
    compared = json.loads(ask("compare_images", {"service_name": "payment-gateway", **versions}).text)
    assert (compared["from"], compared["to"]) == ("visa/payment-gw:v2.3.0", "visa/payment-gw:v2.3.1")
    assert "BatchReconciliation" in compared["added"][0]
    assert any("-Xmx" in line for line in compared["unchanged"])


def test_the_configuration_turned_the_job_on_and_left_the_limits():
    found = json.loads(ask("list_config_changes", {"service_name": "payment-gateway"}).text)
    (change,) = found["changes"]
    assert (change["time"], change["before"], change["after"]) == ("today 14:00", "false", "true")
    assert "memory limit 512Mi" in found["unchanged"]


@pytest.mark.parametrize(("name", "arguments"), NO_DATA)
def test_anything_else_gets_an_honest_answer(name, arguments):
    answer = ask(name, arguments)
    assert answer.no_data
    assert answer.text.startswith("No data for these arguments: ")
