"""The report of each role as a JSON Schema, and the reserved tool through which it comes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sre_runner.casefile import SEVERITIES, Json
from sre_runner.specs import Role

REPORT_TOOLS: Mapping[Role, str] = {
    Role.SPECIALIST: "submit_report",
    Role.PLANNER: "submit_plan",
    Role.REVIEWER: "submit_review",
    Role.SYNTHESIZER: "submit_conclusion",
    Role.JUDGE: "submit_verdict",
}
"""The tool through which each role reports. No tool of the configuration may take one of these names."""


RESERVED_TOOL_NAMES = frozenset(REPORT_TOOLS.values())


SEVERITY_FIELD = "severity_assessment"
"""The field in which an agent says how severe it takes the incident to be; a vote over it decides the severity."""


PRIORITIES = ("high", "medium", "low")


def _text(description: str) -> dict[str, Json]:
    return {"type": "string", "minLength": 1, "description": description}


def _severity(description: str) -> dict[str, Json]:
    return {"type": "string", "enum": list(SEVERITIES), "description": description}


def _object(properties: dict[str, Json], optional: Sequence[str] = (), description: str = "") -> dict[str, Json]:
    required = [name for name in properties if name not in optional]
    shape = {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
    return {**shape, "description": description} if description else shape


def _array(items: dict[str, Json], description: str, **bounds: int) -> dict[str, Json]:
    return {"type": "array", "items": items, "description": description, **bounds}


_DERIVED = _array(
    _object(
        {
            "value": _text("The value as the statement has it, such as 20 minutes."),
            "from": _array(_text("One value."), "The values of the outputs that it is computed from.", minItems=1),
        }
    ),
    "Values of the statement that you computed: every other one must be in an output that you cite.",
)


def _findings(*, checked: bool) -> dict[str, Json]:
    """The findings of a report; where quotes and values are checked, it is said which quotes tell, and values that are
    computed are named beside the evidence."""
    whole = "A whole line of that output that shows it, or a key with its value, copied character by character."
    part = "The part of that output that shows it, copied character by character."
    evidence = _object(
        {
            "call": _text("The id of the call whose output shows it, such as c2."),
            "quote": _text(whole if checked else part),
            "finding": _text("Instead of call and quote: another specialist's finding, such as k8s-expert/f2."),
        },
        optional=("call", "quote", "finding"),
    )
    finding = _object(
        {
            "statement": _text("One fact that you established, in one sentence."),
            "evidence": _array(evidence, "What the statement rests on: call and quote, or finding.", minItems=1),
            **({"derived": _DERIVED} if checked else {}),
        },
        optional=("derived",),
    )
    return _array(finding, "The facts, the most important first. None is a fine answer.")


FINDINGS_UNCHECKED: Mapping[str, Json] = _findings(checked=False)
"""The findings of runs that were recorded before values were checked."""


_SPECIALIST: dict[str, Json] = {
    "summary": _text("What you found, in two to four sentences."),
    "findings": _findings(checked=True),
    SEVERITY_FIELD: _severity("P1: customers cannot use the service now. P4: no effect on customers."),
    "confidence": {
        "type": "number",
        "minimum": 0,
        "maximum": 1,
        "description": "How sure you are of your findings: 0 is a guess, 1 is certain.",
    },
    "open_questions": _array(
        _text("One question."), "What you could not find out, and conflicts you could not resolve."
    ),
}


_JUDGE: dict[str, Json] = {
    SEVERITY_FIELD: _severity("Your decision between the positions."),
    "reasons": _text("Which evidence decided, and why the other position's did not."),
    "would_change_my_mind": _text("What would have to be seen for another decision."),
}


def _conclusion(cited: Sequence[str] | None, agents: Sequence[str] | None) -> dict[str, Json]:
    """`cited` are the findings that may be cited; None where they are not known yet (`single`)."""
    finding = _text("The finding's id, such as k8s-expert/f2.")
    agent = _text("The specialist's name.")
    most: dict[str, int] = {}
    if cited is not None and agents is not None:
        finding |= {"enum": list(cited)} if cited else {}
        agent |= {"enum": list(agents)} if agents else {}
        most = {} if cited else {"maxItems": 0}
    return {
        "severity": _severity("The severity of the incident as a whole."),
        "incident_summary": _text("One paragraph: what is broken, since when, who is affected."),
        "root_cause": _object(
            {
                "statement": _text("The cause, and how it leads to the symptoms."),
                "evidence": _array(
                    _object({"finding": finding}),
                    "The findings that show it, of several specialists if you can.",
                    **most,
                ),
            }
        ),
        "evidence": _array(
            _object({"agent": agent, "finding": finding}), "The findings that matter, by specialist.", **most
        ),
        "immediate_actions": _array(
            _object(
                {
                    "action": _text("What to do, in the imperative."),
                    "command": _text("The command to copy, where there is one."),
                },
                optional=("command",),
            ),
            "What to do now, in order.",
            minItems=1,
        ),
        "long_term_fix": _text("What keeps this from happening again."),
        "communication": _text("The update for stakeholders: effect, cause, what is being done, next update."),
    }


_ANY_SEVERITY = {"type": ["string", "null"]}


CONCLUDED_SCHEMA: Mapping[str, Json] = {
    "type": "object",
    "properties": {**_conclusion(None, None), "severity": _ANY_SEVERITY, "proposed_severity": _ANY_SEVERITY},
}
"""What the fields of a conclusion are where they are there, whoever made it; a synthesizer may have further ones."""


def plan_schema(specialists: Sequence[str]) -> dict[str, Json]:
    """The planner's report over these specialists."""
    names = {**_text("The specialist's name."), "enum": list(specialists)}
    assignment = _object({"agent": names, "task": _text("Its part: objective, boundaries, and what to bring back.")})
    return _object({"assignments": _array(assignment, "One for each specialist that the case needs.", minItems=1)})


def review_schema(specialists: Sequence[str]) -> dict[str, Json]:
    """The reviewer's report over these specialists."""
    follow_up = _object(
        {
            "agent": {**_text("The specialist to ask."), "enum": list(specialists)},
            "request": _text("What to find out, and why no report answers it yet."),
            "priority": {
                "type": "string",
                "enum": list(PRIORITIES),
                "description": "high: it may change the cause or the severity. low: it would be good to know.",
            },
        }
    )
    return _object({"followups": _array(follow_up, "What no report covers; none is a fine answer. At most three.")})


def judge_schema(options: Sequence[str], own: Mapping[str, Json]) -> dict[str, Json]:
    """The judge's report over these severities, the most severe first."""
    return _object({**_JUDGE, SEVERITY_FIELD: {**_JUDGE[SEVERITY_FIELD], "enum": list(options)}, **own})


def specialist_schema(own: Mapping[str, Json]) -> dict[str, Json]:
    """A specialist's report with its own fields, all of them required."""
    return _object({**_SPECIALIST, **own})


def conclusion_schema(cited: Sequence[str], agents: Sequence[str], own: Mapping[str, Json]) -> dict[str, Json]:
    """The synthesizer's report over the findings that it may cite."""
    return _object({**_conclusion(cited, agents), **own})


def single_schema(own: Mapping[str, Json]) -> dict[str, Json]:
    """The report of the only specialist of `single`: its own joined with the conclusion."""
    return _object({**_SPECIALIST, **_conclusion(None, None), **own})


def base_fields(role: Role) -> frozenset[str]:
    """The names that an agent of this role cannot give to fields of its own."""
    bases: dict[Role, Mapping[str, Any]] = {
        Role.SPECIALIST: {**_SPECIALIST, **_conclusion(None, None), "proposed_severity": None},
        Role.PLANNER: {"assignments": None},
        Role.REVIEWER: {"followups": None},
        Role.JUDGE: _JUDGE,
        Role.SYNTHESIZER: {**_conclusion(None, None), "proposed_severity": None},
    }
    return frozenset(bases[role])
