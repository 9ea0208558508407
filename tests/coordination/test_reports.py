"""Report schemas and the check of what was submitted."""

from __future__ import annotations

import json
from typing import Any

import pytest
from building import CONCLUSION, FOUND, REPORT, agent

from sre_runner.casefile import Assignment, Evidence, Status
from sre_runner.coordination.report_schemas import (
    REPORT_TOOLS,
    base_fields,
    conclusion_schema,
    plan_schema,
    single_schema,
    specialist_schema,
)
from sre_runner.coordination.reports import read_report, report_tool
from sre_runner.documents.json_schema.complaints import complaints
from sre_runner.documents.json_schema.subset import subset_problems
from sre_runner.specs import Role


def finding(*evidence: dict[str, str]) -> dict[str, Any]:
    return {**REPORT, "findings": [{"statement": "s", "evidence": list(evidence)}]}


def assignment() -> Assignment:
    return Assignment("investigate/a", "a", (), specialist_schema({}))


def test_a_report_becomes_typed_values() -> None:
    report, wrong, _ = read_report(assignment(), FOUND)
    assert wrong == []
    assert report
    assert report.status is Status.COMPLETED
    assert report.findings[0].id == "f1"
    assert report.findings[0].evidence == (Evidence("c1", "status: OOMKilled"),)


def test_everything_wrong_is_said_at_once() -> None:
    report, wrong, _ = read_report(assignment(), {**REPORT, "severity_assessment": "high", "confidence": 3, "extra": 1})
    assert report is None
    assert len(wrong) == 2
    assert any(line.startswith("severity_assessment: ") for line in wrong)


@pytest.mark.parametrize("submitted", [None, [], "text", 7])
def test_what_is_no_object_is_refused(submitted: Any) -> None:
    report, wrong, _ = read_report(assignment(), submitted)
    assert report is None
    assert wrong[0].startswith("report: ")


@pytest.mark.parametrize(
    "evidence",
    [
        {},
        {"call": "c1"},
        {"quote": "x"},
        {"call": "c1", "finding": "b/f1"},
        {"call": "c1", "quote": "x", "finding": "b/f1"},
    ],
)
def test_evidence_is_a_call_with_a_quote_or_a_finding(evidence: dict[str, str]) -> None:
    report, wrong, _ = read_report(assignment(), finding(evidence))
    assert report is None
    assert wrong == ["findings[0].evidence[0]: give call and quote, or finding alone"]


def test_another_finding_is_evidence() -> None:
    report, *_ = read_report(assignment(), finding({"finding": "b/f2"}))
    assert report
    assert report.findings[0].evidence == (Evidence(finding="b/f2"),)


@pytest.mark.parametrize(
    "schema",
    [
        plan_schema(["a", "b"]),
        specialist_schema({"own": {"type": "string"}}),
        single_schema({}),
        conclusion_schema(["a/f1"], ["a"], {}),
        conclusion_schema([], [], {}),
    ],
)
def test_our_own_schemas_stay_within_the_subset_that_every_server_understands(schema: dict[str, Any]) -> None:
    assert subset_problems(schema) == []


def test_single_takes_report_and_conclusion_together() -> None:
    assert complaints(single_schema({}), {**REPORT, **CONCLUSION}) == []
    assert complaints(single_schema({}), REPORT)


def test_every_role_has_its_report_tool_and_its_base() -> None:
    assert set(REPORT_TOOLS) == set(Role)
    for role in Role:
        assert base_fields(role)
        assert report_tool(agent("x", role), {"type": "object"})["name"] == REPORT_TOOLS[role]


def test_what_came_in_another_form_is_put_right_and_said() -> None:
    report, wrong, notes = read_report(
        assignment(), {**FOUND, "findings": json.dumps(FOUND["findings"]), "confidence": "0.9", "reasoning": "because"}
    )
    assert not wrong
    assert report
    assert report.findings[0].statement == FOUND["findings"][0]["statement"]
    assert notes == [
        "reasoning is not a field and was left out",
        "findings came as JSON text",
        "confidence came as JSON text",
    ]


def test_more_findings_and_evidence_than_help_anybody_are_left_out() -> None:
    cited = {"call": "c1", "quote": "OOMKilled"}
    many = [{"statement": "x", "evidence": [cited] * 30}, *[{"statement": "y", "evidence": [cited]}] * 10_000]
    report, wrong, notes = read_report(assignment(), {**REPORT, "findings": many})
    assert not wrong
    assert report
    assert (len(report.findings), len(report.findings[0].evidence)) == (200, 20)
    assert len(report.fields["findings"]) == 200
    assert notes == [
        "9801 findings after the first 200 were left out",
        "1 findings had more than 20 items of evidence; the others were left out",
    ]
