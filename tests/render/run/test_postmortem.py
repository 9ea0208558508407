from __future__ import annotations

from dataclasses import replace

from markdown_it import MarkdownIt
from sample import CONFIGURATION, PROPOSAL, team

from sre_runner.render.run.postmortem import OPEN, postmortem

DESCRIBING = {**CONFIGURATION, "tools": {"describe_pod": {"effect": "write"}}}


def headings(document: str) -> list[str]:
    tokens = MarkdownIt().enable("table").parse(document)
    return [tokens[place + 1].content for place, token in enumerate(tokens) if token.type == "heading_open"]


def test_it_has_what_a_postmortem_has() -> None:
    assert headings(postmortem(team().fold())) == [
        "Postmortem: Payment gateway degraded, pods crashing",
        "Summary",
        "Impact",
        "Communication",
        "Timeline",
        "Root cause",
        "Contributing factors and trigger",
        "Evidence",
        "Lessons learned",
        "Action items",
    ]


def test_the_timeline_is_in_the_order_of_the_times() -> None:
    journal = team()
    journal.entries[0] = replace(journal.entries[0], event=replace(journal.entries[0].event, configuration=DESCRIBING))
    rows = [line for line in postmortem(journal.fold()).splitlines() if line.startswith("| 2026")]
    assert [row.split(" | ")[0] for row in rows] == sorted(row.split(" | ")[0] for row in rows)
    assert rows[0] == "| 2026-11-22T14:23:00+00:00 | The incident began. |"
    assert "Investigation by sre-run began" in rows[1]
    assert "k8s-expert called describe\\_pod" in rows[2].replace("describe_pod", "describe\\_pod")
    assert rows[-1].endswith("| Conclusion: severity P1. |")


def test_actions_writes_and_questions_are_boxes_to_tick() -> None:
    text = postmortem(team(proposals=(PROPOSAL,)).fold()).split("## Action items")[1]
    boxes = [line for line in text.splitlines() if line.startswith("- [ ] ")]
    assert boxes[0] == "- [ ] Roll back."
    assert "  kubectl rollout undo deployment/payment-gateway -n payments" in text
    assert [box for box in boxes if "Stream the transactions." in box]
    assert [box for box in boxes if "Decide on restart_deployment(" in box and "proposed by k8s-expert" in box]
    assert [box for box in boxes if box.startswith("- [ ] Answer (k8s-expert): Is the batch job")]
    assert boxes[-1] == f"- [ ] {OPEN}"


def test_evidence_has_its_call_and_quote() -> None:
    cause = {"statement": "x", "evidence": [{"finding": "k8s-expert/f1"}, {"finding": "nobody/f1"}]}
    text = postmortem(team(conclusion={"root_cause": cause}, doubts=("nobody/f1 was not reported",)).fold())
    assert '`describe_pod(pod_name="payment-gw-def34")` answered `"reason": "OOMKilled"`' in text
    assert "- nobody/f1 (no such finding was reported)" in text
    assert "**In doubt, as its citations were checked:**" in text


def test_without_a_conclusion_everything_is_open() -> None:
    journal = team()
    journal.entries = journal.entries[:1]
    text = postmortem(journal.fold())
    assert "- Severity: not assessed" in text
    assert text.count(OPEN) >= 12
