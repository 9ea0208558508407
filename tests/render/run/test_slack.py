from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from sample import CONCLUSION, PROPOSAL, VERDICT, Journal, followed_up, team

from sre_runner.models.offline.notice import REHEARSAL
from sre_runner.render.run.slack import dumped, mrkdwn, slack

LONG = "<@U1> & <https://x|y> ```rm``` \U0001f525" * 200


def texts(message: Any) -> list[str]:
    blocks = message["blocks"]
    parts = [block["text"] for block in blocks if "text" in block]
    return [part["text"] for part in (*parts, *(each for block in blocks for each in block.get("elements", ())))]


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def test_the_conclusion_in_blocks() -> None:
    message = slack(team(verdicts=(VERDICT,), proposals=(PROPOSAL,), missing=("logs",)).fold())
    assert message["text"] == "P1: Payment gateway degraded, pods crashing"
    assert message["blocks"][0] == {
        "type": "header",
        "text": {"type": "plain_text", "text": "P1: Payment gateway degraded, pods crashing", "emoji": False},
    }
    said = "\n".join(texts(message))
    for part in (
        "Partial conclusion · severity decided by the rule majority · incident since 2026-11-22T14:23:00+00:00",
        "*Root cause*\nBatchReconciliation of v2.3.1 exhausts the heap.",
        'k8s-expert/f1: Pod def34 is OOMKilled at 512Mi. `"reason": "OOMKilled"`',
        "1. Roll back.\n```\nkubectl rollout undo deployment/payment-gateway -n payments\n```",
        "2. Tell the bank.",
        "`sre-run resume payment-gateway-1 --allow-write restart_deployment`",
        "*In doubt*\n• logs",
        "sre-run show payment-gateway-1",
    ):
        assert part in said


def test_without_a_conclusion_it_says_so() -> None:
    journal = team()
    journal.entries = journal.entries[:8]
    assert "No conclusion was reached." in texts(slack(journal.fold()))
    assert slack(journal.fold())["text"].startswith("Severity not assessed: ")


def test_a_rehearsal_says_so_and_what_was_never_reported_too() -> None:
    rehearsed = slack(team("offline").fold())
    assert f"*{REHEARSAL}*" in texts(rehearsed)
    assert rehearsed["text"] == "Rehearsal · P1: Payment gateway degraded, pods crashing"
    cause = {"statement": "x", "evidence": [{"finding": "nobody/f1"}]}
    said = "\n".join(texts(slack(team(conclusion={"root_cause": cause}).fold())))
    assert "nobody/f1 (no such finding was reported)" in said


def test_a_finding_in_doubt_is_marked_and_not_quoted() -> None:
    journal = followed_up()
    for place, entry in enumerate(journal.entries):
        report = getattr(entry.event, "report", None)
        if report and report.findings:
            doubted = tuple(replace(each, doubt="the quote does not stand in the answer") for each in report.findings)
            journal.entries[place] = replace(
                entry, event=replace(entry.event, report=replace(report, findings=doubted))
            )
    said = "\n".join(texts(slack(journal.fold())))
    assert "Revised. _unverified: the quote does not stand in the answer_" in said


def full(text: str) -> Journal:
    """A conclusion that has no room anywhere."""
    fields = {
        **CONCLUSION,
        "incident_summary": text,
        "root_cause": {"statement": text, "evidence": [{"finding": f"nobody/f{number}"} for number in range(30)]},
        "immediate_actions": [{"action": text, "command": text}] * 90,
        "communication": text,
    }
    return team(conclusion=fields, missing=(text,) * 40, doubts=(text,) * 40)


@given(
    st.text(st.sampled_from(list("<>&`*_ \n@#|a\U0001f525\u202e\ud800")), min_size=1, max_size=9_000) | st.just(LONG)
)
def test_it_fits_into_slack_and_nothing_links_or_mentions(text: str) -> None:
    message = slack(full(text).fold())
    assert len(message["blocks"]) <= 50
    for part in (message["text"], *texts(message)):
        assert 0 < units(part) <= 3_000
        assert not re.search(r"[<>]|&(?!amp;|lt;|gt;)", part)
        assert part.count("```") in (0, 2)
    assert units(message["blocks"][0]["text"]["text"]) <= 150


def test_what_has_no_room_is_counted() -> None:
    said = "\n".join(texts(slack(full(LONG).fold())))
    assert "70 more actions are in the report." in said
    assert "26 more in the report" in said
    assert re.search(r"• \d+ more", said)


@given(st.text(st.sampled_from("a&<\U0001f525")), st.integers(10, 40))
def test_text_is_cut_between_characters(text: str, limit: int) -> None:
    cut = mrkdwn(text, limit)
    assert units(cut) <= limit
    whole = mrkdwn(text, 10_000)
    assert cut == whole or (whole.startswith(cut[:-1]) and cut.endswith("…"))
    assert not re.search(r"&(?!amp;|lt;)", cut)


def test_it_is_printed_as_json_in_ascii() -> None:
    printed = dumped(full(LONG).fold())
    assert printed.isascii()
    assert json.loads(printed) == slack(full(LONG).fold())
