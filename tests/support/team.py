"""The shipped team with scripted replies, as tests of whole runs play it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from loopback import Request, Step, reply, use

PLAYBOOK = Path(__file__).parents[2] / "playbooks" / "payment-gateway.yaml"


AGENTS = ("k8s-expert", "log-analyst", "runbook-advisor")


def filled(schema: Mapping[str, Any]) -> Any:
    """The least that fits a schema."""
    if "enum" in schema:
        return schema["enum"][0]
    match schema.get("type"):
        case "object":
            return {name: filled(schema["properties"][name]) for name in schema.get("required", ())}
        case "array":
            return [filled(schema["items"])] * schema.get("minItems", 0)
        case "string":
            return "something"
        case "boolean":
            return True
    return schema.get("minimum", 1)


def submit(**fields: Any) -> Any:
    """A step: the agent's report, with what is not given filled in to fit its schema."""

    def step(request: Request) -> Step:
        tool = request.body["tools"][-1]
        return reply(use(tool["name"], {**filled(tool["input_schema"]), **fields}))

    return step


def finding(statement: str, call: str, quote: str) -> dict[str, Any]:
    return {"statement": statement, "evidence": [{"call": call, "quote": quote}]}


def scripts(**changed: Any) -> dict[str, Any]:
    """Who says what in an undisturbed run; `changed` by agent, with `_` for `-`."""
    plan = [{"agent": name, "task": f"look into it, {name}"} for name in AGENTS]
    usual: dict[str, Any] = {
        "You lead the investigation": [submit(assignments=plan)],
        "Kubernetes expert": [
            reply(use("list_pods", {"namespace": "payments"}), use("get_events", {"namespace": "payments"})),
            submit(findings=[finding("Pods are killed for memory.", "c2", "Container exceeded 512Mi")]),
        ],
        "log analyst": [
            reply(use("search_logs", {"level": "ERROR"})),
            submit(findings=[finding("The heap is exhausted.", "c1", "OutOfMemoryError: Java heap space")]),
        ],
        "runbook advisor": [reply(use("search_runbooks", {"query": "OOMKilled"})), submit(findings=[])],
        "You review": [submit(followups=[])],
        "You conclude the investigation": [
            submit(
                severity="P1",
                root_cause={
                    "statement": "A batch job loads everything into memory.",
                    "evidence": [{"finding": "k8s-expert/f1"}, {"finding": "log-analyst/f1"}],
                },
                evidence=[],
            )
        ],
    }
    return {**usual, **changed}


def unmarked(data: Any) -> Any:
    """A request's body without cache markers."""
    if isinstance(data, dict):
        return {name: unmarked(value) for name, value in data.items() if name != "cache_control"}
    return [unmarked(value) for value in data] if isinstance(data, list) else data
