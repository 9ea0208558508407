"""What every rendering says of a record: its status, who took part, what was counted, what it cost."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sre_runner.casefile import Assignment, Finding, Json, Proposal, Status
from sre_runner.coordination.report_schemas import FINDINGS_UNCHECKED
from sre_runner.journal.costs import Cost as Cost
from sre_runner.journal.costs import total_cost as total_cost
from sre_runner.journal.events import outcome_of
from sre_runner.journal.record import CallRecord, Record, WorkRecord
from sre_runner.specs import Role


@dataclass(frozen=True)
class CallCounts:
    """How the calls of one kind ended; they all count in `made`, and those answered by another run in `reused`, too.

    `denied` had no room in the budget, `withheld` are writes that nobody allowed, `failed` has timeouts and answers
    that are errors.
    """

    made: int
    refused: int
    denied: int
    withheld: int
    failed: int
    cancelled: int
    no_data: int
    reused: int = 0


@dataclass(frozen=True)
class MadeWrite:
    """A call of a write tool that was made; `started` is in seconds since the run began."""

    call: int
    agent: str
    tool: str
    arguments: Json
    started: float
    outcome: Literal["done", "failed", "unknown"]
    answer: str


def writes(record: Record) -> list[MadeWrite]:
    """The changes that a run made, or may have made, in the order in which they were begun; those that an attempt
    before a resume made, too."""
    effects = {name: tool.get("effect") for name, tool in record.started.configuration.get("tools", {}).items()}
    made = []
    for call in record.calls_of("tool"):
        request = call.request
        if effects.get(request.name) == "write" and request.made:
            outcome, answer = outcome_of(call.outcome)
            agent = record.work[request.scope].assignment.agent
            made.append(MadeWrite(request.call, agent, request.name, request.request, call.started, outcome, answer))
    return made


def proposed(record: Record) -> list[Proposal]:
    """The writes that need a person's approval, without those that were made since."""
    made = [(each.agent, each.tool, each.arguments) for each in writes(record) if each.outcome == "done"]
    asked = record.conclusion.proposals if record.conclusion else ()
    return [each for each in asked if (each.agent, each.tool, each.arguments) not in made]


def status(record: Record) -> str:
    """`complete`, `partial`, or `none` where no conclusion was reached."""
    if record.conclusion is None:
        return "none"
    return "partial" if record.conclusion.partial else "complete"


def origins(record: Record) -> dict[str, list[str]]:
    """Where the answers of live tools came from, each with the tools that it answered, in the order of the calls."""
    found: dict[str, list[str]] = {}
    for call in record.calls_of("tool"):
        answer = call.outcome.tool_answer if call.outcome else None
        if answer and answer.origin:
            tools = found.setdefault(answer.origin, [])
            tools += [call.request.name] if call.request.name not in tools else []
    return found


def masked(record: Record) -> dict[str, int]:
    """How often each kind of secret was recognised by its shape in what tools answered, and masked."""
    found: dict[str, int] = {}
    for call in record.calls_of("tool"):
        answer = call.outcome.tool_answer if call.outcome else None
        for kind, count in (answer.masked if answer else {}).items():
            found[kind] = found.get(kind, 0) + count
    return found


def without(record: Record) -> list[str]:
    """The tools that a run went on without, as it was asked to."""
    return [str(name) for name in playbook(record).get("without", ())]


def playbook(record: Record) -> Mapping[str, Json]:
    """The playbook as the run's configuration has it."""
    found: Mapping[str, Json] = record.started.configuration.get("playbook", {})
    return found


def role(record: Record, agent: str) -> Role:
    """The role of an agent of this run."""
    return Role(_agent(record, agent).get("role", Role.SPECIALIST))


def of_role(record: Record, wanted: Role) -> list[WorkRecord]:
    """The assignments of agents with this role that the run was in the end, in the order in which they were given."""
    return [work for work in record.standing() if role(record, work.assignment.agent) is wanted]


def specialists(record: Record) -> dict[str, WorkRecord]:
    """By specialist, the work with its latest completed report; its latest work where it completed none."""
    found: dict[str, WorkRecord] = {}
    for work in of_role(record, Role.SPECIALIST):
        before = found.get(work.assignment.agent)
        if before is None or is_completed(work) or not is_completed(before):
            found[work.assignment.agent] = work
    return found


def is_completed(work: WorkRecord) -> bool:
    """Whether an assignment came to a report."""
    return work.report is not None and work.report.status is Status.COMPLETED


def part(assignment: Assignment) -> str:
    """Which part of the run it is of: `investigate`, `followup-1`, `round-2`, `conclude`."""
    return assignment.id.removesuffix(f"/{assignment.agent}")


def find(record: Record, cited: str) -> tuple[WorkRecord, Finding] | None:
    """The finding that a conclusion cites, as `k8s-expert/f2`, or as `f2` where only one specialist took part.

    It is one of the specialist's latest completed report, which is the one that the synthesizer was given.
    """
    agent, _, number = cited.rpartition("/")
    works = specialists(record)
    work = works.get(agent) or (next(iter(works.values())) if not agent and len(works) == 1 else None)
    findings = work.report.findings if work and work.report else ()
    return next(((work, finding) for finding in findings if work and finding.id == number), None)


def calls_behind(record: Record, work: WorkRecord) -> dict[str, CallRecord]:
    """What the findings of an assignment may cite: the tool calls of its conversation so far, by id (`c2`).

    A follow-up that failed has its calls there too, though the next one continues what came before it.
    """
    own = record.conversation_of(work.assignment.id)
    earlier = (other.assignment.id for other in record.standing() if other.started <= work.started)
    scopes = [scope for scope in earlier if record.conversation_of(scope) == own]
    return {call.request.label: call for scope in scopes for call in record.calls_of("tool", scope)}


def cited_findings(record: Record) -> list[str]:
    """The ids of the findings that the conclusion rests on, the root cause's first, each once."""
    fields = record.conclusion.fields if record.conclusion else {}
    items = [*fields.get("root_cause", {}).get("evidence", []), *fields.get("evidence", [])]
    return list(dict.fromkeys(str(item["finding"]) for item in items))


def call_text(name: str, arguments: Json, limit: int = 120) -> str:
    """A tool call as people write it, arguments up to so many characters: `list_pods(namespace="payments")`."""
    if isinstance(arguments, Mapping):
        given = ", ".join(f"{key}={json.dumps(value, ensure_ascii=False)}" for key, value in arguments.items())
    else:
        given = json.dumps(arguments, ensure_ascii=False)
    return f"{shortened(name, 80)}({shortened(given, limit)})"


def shortened(text: str, limit: int) -> str:
    """The text, cut to so many characters with an ellipsis at its end."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def counts(record: Record, kind: str, scope: str | None = None) -> CallCounts:
    """How the model or tool calls of the run, or of one assignment, ended."""
    calls = _standing(record.calls_of(kind, scope))
    ended = [call.outcome for call in calls if call.outcome]
    answers = [outcome.tool_answer for outcome in ended if outcome.tool_answer]
    withheld = sum(answer.withheld for answer in answers)
    return CallCounts(
        made=len(calls),
        refused=sum(outcome.outcome == "refused" for outcome in ended),
        denied=sum(outcome.outcome == "denied" for outcome in ended) - withheld,
        withheld=withheld,
        failed=sum(
            outcome.outcome in ("failed", "timeout")
            or (outcome.outcome == "answer" and outcome.tool_answer is not None and outcome.tool_answer.is_error)
            for outcome in ended
        ),
        cancelled=sum(outcome.outcome == "cancelled" for outcome in ended),
        no_data=sum(answer.no_data for answer in answers),
        reused=sum(outcome.reused for outcome in ended),
    )


def service_fault(record: Record) -> tuple[str, str] | None:
    """What the model service said last instead of an answer, and what helps; None where every call was answered."""
    failed = [call.outcome for call in record.calls_of("model") if call.outcome and call.outcome.outcome == "failed"]
    return (failed[-1].error.partition(": ")[2], failed[-1].hint) if failed else None


def _standing(calls: Sequence[CallRecord]) -> list[CallRecord]:
    """The calls without withheld writes that were made after all, when the run was resumed."""
    latest = {_identity(call): call for call in calls}
    return [call for call in calls if not _withheld(call) or latest[_identity(call)] is call]


def _identity(call: CallRecord) -> tuple[str, str, str, int]:
    return call.request.kind, call.request.scope, call.request.digest, call.request.occurrence


def _withheld(call: CallRecord) -> bool:
    answer = call.outcome.tool_answer if call.outcome else None
    return answer is not None and answer.withheld


def counts_text(counts: CallCounts) -> str:
    """Counted calls in words: `7 (1 refused, 2 without data)`."""
    named = {
        "refused": counts.refused,
        "denied by the budget": counts.denied,
        "withheld": counts.withheld,
        "failed": counts.failed,
        "cancelled": counts.cancelled,
        "without data": counts.no_data,
        "reused": counts.reused,
    }
    parts = ", ".join(f"{count} {name}" for name, count in named.items() if count)
    return f"{counts.made} ({parts})" if parts else str(counts.made)


def cost_text(cost: Cost) -> str:
    """A cost in words, with the source of the prices; a rehearsal's with what it would have been."""
    models = ", ".join(cost.models)
    if cost.would_be is not None:
        return f"$0.00; about ${cost.would_be:.4f} for as many tokens of {models} ({cost.prices})"
    if cost.usd is None:
        return f"unknown, as not every one of {models} has a price; it can be given in YAML, as price of the model"
    return f"{'about ' if cost.estimated else ''}${cost.usd:.4f}" + (f" for {models} ({cost.prices})" if models else "")


def _agent(record: Record, name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = record.started.configuration.get("agents", {}).get(name, {})
    return found


def values_checked(record: Record) -> bool:
    """Whether the values of statements were checked in this run: its agents were told so in the schema of findings."""
    told = (work.assignment.schema.get("properties") for work in record.work.values())
    return all(each.get("findings") != FINDINGS_UNCHECKED for each in told if isinstance(each, dict))
