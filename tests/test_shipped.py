"""The starter configuration as it ships: every playbook rehearsed, the facts of the first case tool by tool, and agents
that know no case."""

import asyncio
import json
import re
from functools import cache
from pathlib import Path

import pytest

from sre_runner.config.loading import load, validate
from sre_runner.documents.json_schema.complaints import complaints
from sre_runner.journal.marks import action_marks
from sre_runner.runs.options import RunOptions
from sre_runner.runs.run import run
from sre_runner.specs import Role
from sre_runner.testing.expectations.check import check
from sre_runner.tools.backends.answering import tools_of
from sre_runner.tools.backends.connections import Connections

ROOT = Path(__file__).parents[1]
PLAYBOOKS = {path.stem: path for path in sorted(ROOT.glob("playbooks/*.yaml"))}
PLAYBOOK = PLAYBOOKS["payment-gateway"]
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
LEADS = {"planner": Role.PLANNER, "reviewer": Role.REVIEWER, "synthesizer": Role.SYNTHESIZER, "judge": Role.JUDGE}
PIPELINE = ("triage", "investigation", "remediation", "verification")
DEBATERS = ("optimist", "pessimist")
OF_REAL_SYSTEMS = ("workload-expert", "rollout-expert", "telemetry-expert")
OTHER_TOOLS = ("rollback_deployment", "get_metric_trend", "get_customer_impact", "list_alerts")
SIMULATED = (("backend", "simulated"),)

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
    r"payment|gateway|checkout|order-worker|ledger|visa|fraud|card-network|reconciliation|batch|oom|heap|512|137|v?2\.3|2\.1M|14:\d\d|def34",
    re.IGNORECASE,
)


@cache
def shipped(specialists=tuple(SPECIALISTS)):
    """The configuration with these specialists: all there are, or None for those that the playbook names."""
    settings = [("specialists", f"[{', '.join(specialists)}]")] if specialists else []
    return load(PLAYBOOK, settings=settings)


@cache
def everything():
    """All agents and all tools of all playbooks, by name."""
    loaded = [load(path) for path in PLAYBOOKS.values()]
    agents = {name: agent for one in loaded for name, agent in one.agents.items()}
    return agents, {name: tool for one in loaded for name, tool in one.tools.items()}


def ask(name, arguments):
    """What the shipped tool answers to arguments that fit its input_schema."""
    spec = everything()[1][name]
    assert complaints(spec.input_schema, arguments) == []
    return asyncio.run(tools_of([spec], "simulated", Connections({}, {}, ROOT))[name].answer(arguments, []))


def test_it_has_neither_problems_nor_warnings():
    checked = validate(directory=ROOT)
    assert checked.problems == ()
    assert set(checked.agents) == {*SPECIALISTS, *LEADS, *PIPELINE, *DEBATERS, *OF_REAL_SYSTEMS}
    assert {name for names in checked.tools.values() for name in names} == {*EVERY_TOOL, *OTHER_TOOLS}


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
    assert (playbook.coordinator.reviewer, playbook.coordinator.synthesizer) == ("reviewer", "synthesizer")
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


@pytest.mark.parametrize("name", LEADS)
def test_the_leads_have_their_roles_and_no_tools(name):
    agent = everything()[0][name]
    assert (agent.role, agent.tools) == (LEADS[name], ())


@pytest.mark.parametrize("name", [*PIPELINE, *DEBATERS, *OF_REAL_SYSTEMS])
def test_the_others_are_specialists_with_fields_of_their_own(name):
    agent = everything()[0][name]
    assert agent.role is Role.SPECIALIST
    assert agent.report
    assert all(rule["description"] for rule in agent.report.values())


def test_agents_and_the_words_of_tools_know_nothing_of_the_cases():
    agents, tools = everything()
    for agent in agents.values():
        words = f"{agent.description}\n{agent.prompt}\n{json.dumps(agent.report)}"
        assert OF_THE_CASE.findall(words) == []
        assert "{{" not in agent.prompt, "a prompt that takes inputs does not serve playbooks without them"
    for spec in tools.values():
        words = spec.description + json.dumps(spec.input_schema)
        assert OF_THE_CASE.findall(words) == []


def test_every_tool_says_when_to_call_it_and_what_it_takes():
    assert set(shipped().tools) == set(EVERY_TOOL)
    for spec in everything()[1].values():
        assert "Call it" in spec.description
        assert all(rule["description"] for rule in spec.input_schema["properties"].values())
        assert spec.effect == ("write" if spec.name == "rollback_deployment" else "read")


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


@pytest.fixture(scope="module")
def rehearse(tmp_path_factory):
    """The record of a playbook's rehearsal; what was asked for before is not run again."""
    runs = tmp_path_factory.mktemp("runs")

    @cache
    def rehearsed(name, inputs=(), **options):
        wishes = {"inputs": dict(inputs), "settings": SIMULATED, "offline": True, "runs": runs, **options}
        return run(RunOptions(PLAYBOOKS[name], **wishes))[0]

    return rehearsed


@pytest.mark.parametrize("name", PLAYBOOKS)
def test_every_playbook_runs_without_an_llm_and_meets_its_expectations(name, rehearse):
    record = rehearse(name)
    checks = check(load(PLAYBOOKS[name]).playbook.expect, record)
    assert [f"{each.expected}: {each.found}" for each in checks if not each.holds] == []
    assert len(checks) >= 4
    assert record.exit_code == 0
    assert record.conclusion.missing == ()


def test_the_reviewer_makes_the_pods_logs_reachable(rehearse):
    record = rehearse("payment-gateway")
    assert record.work["review-1"].report.fields["followups"]
    assert {"get_pod_logs"} == answered(record, "followup-1/log-analyst")
    assert "get_pod_logs" not in answered(record, "investigate/log-analyst")
    assert record.work["followup-1/log-analyst"].assignment.continues == "investigate/log-analyst"


def answered(record, scope):
    """The tools that answered with data in an assignment."""
    outcomes = [(call.request.name, call.outcome.tool_answer) for call in record.calls_of("tool", scope)]
    return {name for name, answer in outcomes if answer.from_tool and not answer.no_data}


def test_the_pipeline_passes_on_what_was_found(rehearse):
    record = rehearse("triage-to-verification")
    given = [dict(record.work[f"investigate/{name}"].assignment.blocks).get("reports", []) for name in PIPELINE]
    assert [[report["agent"] for report in reports] for reports in given] == [list(PIPELINE[:n]) for n in range(4)]
    told = [finding["statement"] for finding in given[2][1]["report"]["findings"]]
    assert told == [finding.statement for finding in record.reports()["investigation"].findings]
    assert any("BatchReconciliation" in statement for statement in told)


def test_a_false_alarm_ends_the_pipeline_after_triage(rehearse):
    record = rehearse("triage-to-verification", (("service", "auth-service"), ("namespace", "identity")))
    assert list(record.work) == ["investigate/triage", "conclude"]
    assert record.conclusion.fields["severity"] == "P4"
    assert "ended after triage" in record.conclusion.notes[0]


def test_a_withheld_rollback_is_proposed_and_an_allowed_one_is_done(rehearse):
    wanted = {"namespace": "payments", "service_name": "payment-gateway"}
    withheld = rehearse("triage-to-verification")
    (outcome,) = rollbacks(withheld, wanted)
    assert outcome.outcome == "denied"
    assert ("remediation", wanted) in [(each.agent, each.arguments) for each in withheld.conclusion.proposals]
    allowed = rehearse("triage-to-verification", allow_write=("rollback_deployment",))
    (outcome,) = rollbacks(allowed, wanted)
    assert json.loads(outcome.tool_answer.text)["rolled_back"] == {"from": "v2.3.1", "to": "v2.3.0"}
    assert allowed.conclusion.proposals == ()


def rollbacks(record, arguments):
    calls = [call for call in record.calls_of("tool") if call.request.name == "rollback_deployment"]
    return [call.outcome for call in calls if call.request.request == arguments]


def test_the_debaters_disagree_because_they_see_different_things(rehearse):
    record = rehearse("severity-debate")
    agents, _ = everything()
    assert not set(agents["optimist"].tools) & set(agents["pessimist"].tools)
    first = {name: record.work[f"investigate/{name}"].report.fields["severity_assessment"] for name in DEBATERS}
    assert first == {"optimist": "P3", "pessimist": "P1"}
    for name, other in (DEBATERS, DEBATERS[::-1]):
        (position,) = dict(record.work[f"round-2/{name}"].assignment.blocks)["positions"]
        assert position["agent"] == other
    (verdict,) = record.conclusion.verdicts
    assert (verdict.rule, verdict.value) == ("judge", "P1")
    assert "pessimist" in verdict.reason
    assert verdict.would_change
    assert [each.over for each in record.conclusion.compared] == ["first positions", "last positions"]


def test_every_name_in_a_proposed_command_was_seen_or_is_to_be_filled_in(rehearse):
    marks = [mark for name in PLAYBOOKS for each in action_marks(rehearse(name)) for mark in each]
    assert {mark.kind for mark in marks} == {"danger", "placeholder"}
