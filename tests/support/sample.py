"""Builds the journals that the tests of `render/` fold: a team of two on one incident, or what a test puts into it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from sre_runner.casefile import (
    Assignment,
    Ballot,
    Case,
    Conclusion,
    Evidence,
    Finding,
    ModelAnswer,
    Proposal,
    Report,
    Status,
    ToolAnswer,
    Usage,
    Verdict,
)
from sre_runner.journal.events import (
    AssignmentFinished,
    AssignmentStarted,
    CallFinished,
    CallStarted,
    Concluded,
    Entry,
    Event,
    Noted,
    RunFinished,
    RunStarted,
)
from sre_runner.journal.record import Record, fold

CONFIGURATION: dict[str, Any] = {
    "playbook": {
        "description": "Payment gateway degraded, pods crashing",
        "specialists": ["k8s-expert", "log-analyst"],
        "coordinator": {"strategy": "parallel", "planner": "planner", "synthesizer": "synthesizer"},
        "model": {"name": "claude-sonnet-5-5", "max_tokens": 4000},
    },
    "agents": {
        "planner": {"role": "planner", "max_iterations": 1},
        "reviewer": {"role": "reviewer", "max_iterations": 1},
        "k8s-expert": {"role": "specialist", "max_iterations": 5},
        "log-analyst": {"role": "specialist", "max_iterations": 5, "model": {"name": "claude-haiku-4-5"}},
        "synthesizer": {"role": "synthesizer", "max_iterations": 1},
    },
    "tools": {},
}

K8S_FIELDS: dict[str, Any] = {
    "summary": "Two of five pods are killed for memory.",
    "severity_assessment": "P1",
    "confidence": 0.9,
    "open_questions": ["Is the batch job needed at this hour?"],
    "unhealthy_pods": [{"pod": "payment-gw-def34", "reason": "OOMKilled"}, {"pod": "payment-gw-ghi56", "reason": "?"}],
    "healthy_pods": ["payment-gw-abc12"],
    "resource_issues": [],
    "deployment_changes": "v2.3.1 at 14:00",
}
K8S_FINDINGS = (
    Finding("f1", "Pod def34 is OOMKilled at 512Mi.", (Evidence(call="c2", quote='"reason": "OOMKilled"'),)),
    Finding("f2", "v2.3.1 went out at 14:00.", (Evidence(call="c1", quote="v2.3.1"),)),
)
LOG_FIELDS: dict[str, Any] = {
    "summary": "The heap runs out.",
    "severity_assessment": "P2",
    "confidence": 0.75,
    "open_questions": [],
}
LOG_FINDINGS = (
    Finding(
        "f1",
        "BatchReconciliation loads 2.1M transactions.",
        (
            Evidence(call="c1", quote="OutOfMemoryError\n\tat BatchReconciliation.load:142"),
            Evidence(finding="k8s-expert/f1"),
        ),
    ),
)
CONCLUSION: dict[str, Any] = {
    "severity": "P1",
    "incident_summary": "Payments fail.\nSince 14:23.\n\nCustomers notice.",
    "root_cause": {
        "statement": "BatchReconciliation of v2.3.1 exhausts the heap.",
        "evidence": [{"finding": "k8s-expert/f1"}, {"finding": "log-analyst/f1"}],
    },
    "evidence": [{"agent": "k8s-expert", "finding": "k8s-expert/f1"}],
    "immediate_actions": [
        {"action": "Roll back.", "command": "kubectl rollout undo deployment/payment-gateway -n payments"},
        {"action": "Tell the bank."},
    ],
    "long_term_fix": "Stream the transactions.",
    "communication": "We are rolling back.",
}
BALLOTS = (
    Ballot("k8s-expert", "P1", 0.9, 2.0),
    Ballot("log-analyst", "P2", 0.75),
    Ballot("triage", None, 0.0, 1.0, "failed: no report within 60 seconds"),
)
VERDICT = Verdict(
    "severity", "severity_assessment", "majority", "P1", BALLOTS, "no value has more than half; otherwise most severe"
)
PROPOSAL = Proposal("k8s-expert", "restart_deployment", {"name": "payment-gateway", "replicas": 5})


def completed(scope: str, agent: str, fields: Mapping[str, Any], findings: Sequence[Finding]) -> Report:
    """A report with its findings among its fields, as they are submitted."""
    submitted = [
        {"statement": each.statement, "evidence": [asdict(item) for item in each.evidence]} for each in findings
    ]
    fields = {**fields, "findings": submitted} if findings else fields
    return Report(scope, agent, Status.COMPLETED, fields=fields, findings=tuple(findings))


@dataclass
class Journal:
    """Events in order, half a second apart."""

    entries: list[Entry] = field(default_factory=list)
    calls: int = 0

    def add(self, *events: Event) -> None:
        for event in events:
            self.entries.append(Entry(len(self.entries) * 0.5, event))

    def start(self, model: str = "anthropic", **changes: Any) -> None:
        case = Case("Find out", {}, "2026-11-22T14:43:00+00:00", "2026-11-22T14:23:00+00:00")
        started = RunStarted("payment-gateway-1", case, CONFIGURATION, "d1", model, {"sre-run": "0.1.0"})
        self.add(replace(started, **changes))

    def assign(self, scope: str, agent: str, continues: str | None = None) -> None:
        self.add(AssignmentStarted(Assignment(scope, agent, (("assignment", {"task": "look"}),), {}, continues)))

    def ask(self, scope: str, usage: Usage, *tools: str, model: str = "claude-sonnet-5-5") -> None:
        content = tuple({"type": "tool_use", "id": f"t{n}", "name": tool, "input": {}} for n, tool in enumerate(tools))
        self.calls += 1
        self.add(CallStarted(self.calls, "model", scope, "d", 1, model, {"messages": []}))
        answer = ModelAnswer(({"type": "text", "text": "Looking."}, *content), "tool_use", usage, model)
        self.add(CallFinished(self.calls, "answer", model_answer=answer))

    def use(self, scope: str, label: str, name: str, arguments: Any, outcome: Any = "answer", **answer: Any) -> None:
        self.calls += 1
        self.add(CallStarted(self.calls, "tool", scope, "d", 1, name, arguments, label))
        withheld = {"withheld": True, "is_error": True, "from_tool": False} if outcome == "denied" else {}
        given = ToolAnswer(**{"text": "…", **withheld, **answer}) if outcome != "cancelled" else None
        self.add(CallFinished(self.calls, outcome, tool_answer=given))

    def deny(self, scope: str, why: str = "tokens (900 needed, 800 allowed)") -> None:
        """A model call that the budget has no room for."""
        self.calls += 1
        self.add(CallStarted(self.calls, "model", scope, "d", 1, "claude-sonnet-5-5", {}))
        self.add(CallFinished(self.calls, "denied", error=why))

    def report(self, scope: str, agent: str, fields: Mapping[str, Any], findings: Any = (), turns: int = 2) -> None:
        self.add(AssignmentFinished(completed(scope, agent, fields, findings), turns))

    def fold(self) -> Record:
        return fold(self.entries)


def team(
    model: str = "anthropic", conclusion: Mapping[str, Any] | None = None, exit_code: int = 0, **changes: Any
) -> Journal:
    """A run of planner, two specialists and synthesizer; `conclusion` replaces its fields, `changes` the rest."""
    journal = Journal()
    journal.start(model, labels={"team": "payments"})
    journal.assign("plan", "planner")
    journal.ask("plan", Usage(100, 10), "submit_plan")
    journal.report("plan", "planner", {"assignments": [{"agent": "k8s-expert", "task": "pods"}]}, turns=1)
    journal.assign("investigate/k8s-expert", "k8s-expert")
    journal.assign("investigate/log-analyst", "log-analyst")
    journal.ask("investigate/k8s-expert", Usage(1000, 100, 0, 500), "get_recent_deploys", "describe_pod")
    journal.use(
        "investigate/k8s-expert", "c1", "get_recent_deploys", {"service_name": "payment-gateway"}, text="v2.3.1"
    )
    journal.use("investigate/k8s-expert", "c2", "describe_pod", {"pod_name": "payment-gw-def34"})
    journal.use("investigate/k8s-expert", "c3", "describe_pod", {"pod_name": "x"}, no_data=True)
    journal.use("investigate/k8s-expert", "c4", "delete_pod", ["x"], "refused", is_error=True)
    journal.ask("investigate/log-analyst", Usage(2000, 200), "get_pod_logs", model="claude-haiku-4-5")
    journal.use("investigate/log-analyst", "c1", "get_pod_logs", {"pod_name": "payment-gw-def34"})
    journal.use("investigate/log-analyst", "c2", "count_errors", {}, is_error=True)
    journal.use("investigate/log-analyst", "c3", "count_errors", {}, "timeout", is_error=True)
    journal.ask("investigate/k8s-expert", Usage(100, 300, 1500, 0), "submit_report")
    journal.report("investigate/k8s-expert", "k8s-expert", K8S_FIELDS, K8S_FINDINGS)
    journal.report("investigate/log-analyst", "log-analyst", LOG_FIELDS, LOG_FINDINGS, turns=1)
    journal.add(Noted("waited 2 s for the model service"))
    journal.assign("conclude", "synthesizer")
    journal.ask("conclude", Usage(3000, 900), "submit_conclusion")
    fields = {**CONCLUSION, **(conclusion or {})}
    journal.report("conclude", "synthesizer", fields, turns=1)
    journal.add(Concluded(replace(Conclusion(fields, by_model=True), **changes)), RunFinished(exit_code))
    return journal


def followed_up(*, status: Status = Status.COMPLETED, **changes: Any) -> Journal:
    """A run whose reviewer sent the k8s-expert back; its second report has the fact that the first one lacked."""
    journal = Journal()
    journal.start()
    for agent, fields in (("k8s-expert", K8S_FIELDS), ("log-analyst", LOG_FIELDS)):
        scope = f"investigate/{agent}"
        journal.assign(scope, agent)
        journal.ask(scope, Usage(1000, 100), "describe_pod")
        journal.use(scope, "c1", "describe_pod", {"pod_name": f"of-{agent}"})
        findings = (Finding("f1", f"First of {agent}.", (Evidence("c1", "…"),)),)
        journal.report(scope, agent, fields, findings)
    journal.assign("review-1", "reviewer")
    journal.ask("review-1", Usage(500, 50), "submit_review")
    journal.report("review-1", "reviewer", {"followups": []}, turns=1)
    journal.assign("followup-1/k8s-expert", "k8s-expert", continues="investigate/k8s-expert")
    journal.use("followup-1/k8s-expert", "c2", "list_nodes", {})
    first, second = Evidence("c1", "…"), Evidence("c2", "…")
    findings = (Finding("f1", "Revised.", (first, second)), Finding("f2", "New.", (second,)))
    revised = completed("followup-1/k8s-expert", "k8s-expert", K8S_FIELDS, findings)
    lost = Report("followup-1/k8s-expert", "k8s-expert", status, problem="no report within 5 turns")
    journal.add(AssignmentFinished(revised if status is Status.COMPLETED else lost, 1))
    journal.assign("conclude", "synthesizer")
    journal.report("conclude", "synthesizer", CONCLUSION, turns=1)
    journal.add(Concluded(replace(Conclusion(CONCLUSION, by_model=True), **changes)), RunFinished(0))
    return journal
