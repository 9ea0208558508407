"""The page of a run as a document: its links, its quotes, its policy, and that hostile text stays text."""

from __future__ import annotations

import base64
import hashlib
import re
import shlex
from dataclasses import replace

import pytest
from hostile import attacked, hostile
from large_run import large_run
from markupsafe import escape
from report_pages import Parsed
from report_runs import DOUBTS, cut, every_part, with_evidence
from sample import BALLOTS, VERDICT, followed_up, team

from sre_runner.casefile import Evidence, Finding, Status, Verdict
from sre_runner.journal.record import Record, fold
from sre_runner.models.offline.notice import REHEARSAL
from sre_runner.render.html.page import html
from sre_runner.text.visible import printable

RECORDS = {
    "team": team,
    "evidence": with_evidence,
    "everything": every_part,
    "followed up": followed_up,
    "lost": lambda: followed_up(status=Status.INCOMPLETE),
    "rehearsal": lambda: team("offline"),
    "no conclusion": lambda: cut(team(), -2),
    "nothing": lambda: cut(team(), 1),
    "going on": lambda: cut(team(), 9),
}


@pytest.fixture(params=RECORDS)
def record(request: pytest.FixtureRequest) -> Record:
    return RECORDS[request.param]().fold()


def test_every_link_leads_to_one_place_of_the_page(record: Record) -> None:
    page = Parsed(html(record))
    ids = [each.attributes["id"] for each in page.elements if "id" in each.attributes]
    assert len(ids) == len(set(ids))
    links = [each.attributes["href"] for each in page.elements if each.tag == "a"]
    assert links
    assert all(link.startswith("#") and link[1:] in ids for link in links)
    named = [
        each.attributes[name] for each in page.elements for name in ("aria-labelledby",) if name in each.attributes
    ]
    assert set(named) <= set(ids)


def test_a_claim_leads_to_its_finding_and_that_to_the_quote_in_the_answer() -> None:
    page = Parsed(html(with_evidence().fold()))
    quotes = [each for each in page.all("a", "quote") if "conclusion" in each.inside]
    assert [each.text.split("\n")[0].split(" c")[0].strip() for each in quotes] == [
        '"reason": "OOMKilled"',
        "OutOfMemoryError at BatchReconciliation.load:142",
    ]
    for each in quotes:
        mark = page.by_id(each.attributes["href"][1:])
        assert mark.tag == "mark"
        assert " ".join(mark.text.split()) in " ".join(each.text.split())
        assert any(name.startswith("call-") for name in mark.inside)
    chips = [each for each in page.all("a", "chip") if "conclusion" in each.inside]
    assert [each.text for each in chips] == ["k8s-expert/f1", "log-analyst/f1"]
    for each in chips:
        finding = page.by_id(each.attributes["href"][1:])
        assert each.text in finding.text
        assert "finding" in finding.attributes["class"]


def test_words_do_not_run_together() -> None:
    page = Parsed(html(team().fold()))
    titles = [
        " ".join(each.text.split()) for each in page.all("h3") if each.attributes.get("id", "").startswith("report-")
    ]
    assert titles == ["k8s-expert P1 confidence 0.9", "log-analyst P2 confidence 0.75"]


def test_a_quote_leads_back_to_its_finding() -> None:
    page = Parsed(html(with_evidence().fold()))
    for back in page.all("a", "back"):
        assert page.by_id(back.attributes["href"][1:]).tag == "li"


def test_what_is_in_doubt_failed_changed_or_withheld_is_at_the_top() -> None:
    page = Parsed(html(every_part().fold()))
    conclusion = page.by_id("conclusion").text
    for text in (
        *DOUBTS,
        "the network team's report",
        "raise the budget",
        "Changed by this run",
        "needs your approval",
    ):
        assert text in conclusion
    assert 'restart_deployment(name="payment-gateway", replicas=5)' in page.by_id("withheld").text
    assert "sre-run resume payment-gateway-1 --allow-write restart_deployment" in page.by_id("withheld").text
    assert "get_recent_deploys" in page.by_id("changed").text
    failed = page.by_id("open").text
    for outcome in ("refused", "error", "timeout"):
        assert outcome in failed


def test_ballots_tokens_cost_and_the_digest_are_there() -> None:
    page = Parsed(html(every_part().fold()))
    votes = page.by_id("votes").text
    assert all(ballot.agent in votes for ballot in BALLOTS)
    assert "abstained: failed: no report within 60 seconds" in votes
    (row,) = [row.text for row in page.all("tr") if "cost" in row.inside and row.text.startswith("log-analyst")]
    assert "claude-haiku-4-5" in row
    assert "2,000" in row
    assert "d1" in page.by_id("run").text


def test_a_rehearsal_says_so_first_and_last() -> None:
    page = Parsed(html(team("offline").fold()))
    assert [each.text for each in page.all("p", "notice")] == [REHEARSAL, REHEARSAL]
    assert page.all("title")[0].text == "Rehearsal · P1: Payment gateway degraded, pods crashing"
    assert page.all("body")[0].text.index(REHEARSAL) < page.all("body")[0].text.index("Payment gateway")


def test_evidence_that_is_nowhere_leads_nowhere() -> None:
    cause = {"statement": "x", "evidence": [{"finding": "nobody/f1"}]}
    journal = team(conclusion={"root_cause": cause})
    for place, entry in enumerate(journal.entries):
        report = getattr(entry.event, "report", None)
        if report and report.findings:
            lost = Finding(
                "f1", "Lost.", (Evidence("c99", "said nowhere"), Evidence("c1", "said nowhere"), Evidence("c1"))
            )
            changed = replace(entry.event, report=replace(report, findings=(lost,)))
            journal.entries[place] = replace(entry, event=changed)
    page = Parsed(html(journal.fold()))
    shown = page.by_id("evidence").text
    assert "c99 (no such call was made)" in shown
    assert "the quote is not in its answer" in shown
    assert not page.all("mark")
    assert "no such finding was reported" in page.by_id("conclusion").text


@pytest.mark.parametrize(
    ("verdict", "said"),
    [
        (replace(VERDICT, value=None, reason="nobody voted"), "no verdict: nobody voted"),
        (replace(VERDICT, value="P2"), "decided by the rule majority; the model proposed P1"),
        (replace(VERDICT, rule="judge", would_change="logs of the database"), "decided by the judge"),
    ],
)
def test_whose_the_severity_is_stands_at_the_top(verdict: Verdict, said: str) -> None:
    page = Parsed(html(team(verdicts=(verdict,), conclusion={"proposed_severity": "P1"}).fold()))
    assert said in page.all("p", "meta")[0].text
    assert verdict.would_change in page.by_id("votes").text


def test_the_page_loads_nothing_and_only_its_own_script_and_style_count(record: Record) -> None:
    text = html(record)
    page = Parsed(text)
    (policy,) = [each.attributes["content"] for each in page.all("meta") if "http-equiv" in each.attributes]
    assert policy.startswith("default-src 'none'; ")
    for tag in ("style", "script"):
        (body,) = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
        assert "http" not in body
        assert "url(" not in body
    assert not re.search(r"unsafe|https?:", policy)
    assert {each.attributes["href"] for each in page.all("link")} == {"data:,"}
    assert not [each for each in page.elements if {"src", "srcset", "style", "action"} & set(each.attributes)]


def test_every_text_of_others_stays_text() -> None:
    journal = every_part()
    plain = Parsed(html(journal.fold()))
    record = fold([replace(entry, event=hostile(entry.event)) for entry in journal.entries])
    text = html(record)
    page = Parsed(text)
    assert {each.tag for each in page.elements} <= {each.tag for each in plain.elements}
    assert not [name for each in page.elements for name in each.attributes if name.startswith("on")]
    assert "49" not in re.findall(r"&lt;b&amp;gt;(..)", text)
    assert all(each.attributes["href"].startswith("#") for each in page.all("a"))
    shown = (
        "k8s-expert",
        "Pod def34 is OOMKilled at 512Mi.",
        "BatchReconciliation of v2.3.1 exhausts the heap.",
        '"reason": "OOMKilled"',
        "describe_pod",
        "payment-gw-def34",
        "Roll back.",
        "kubectl rollout undo deployment/payment-gateway -n payments",
        "Stream the transactions.",
        "We are rolling back.",
        "Payment gateway degraded, pods crashing",
        "Is the batch job needed at this hour?",
        "waited 2 s for the model service",
        "the network team's report",
        "raise the budget",
        "a note of the conclusion",
        "team",
        "payments",
        "Find the cause",
        "claude-haiku-4-5",
        "Looking.",
        "OOMKilled",
        "failed: no report within 60 seconds",
        "payment-gateway-1",
    )
    for original in shown:
        assert str(escape(printable(attacked(original)))) in text, original
    command = ["sre-run", "resume", attacked("payment-gateway-1"), "--allow-write", attacked("restart_deployment")]
    assert str(escape(printable(shlex.join(command)))) in text


def test_two_hundred_specialists_fit_into_ten_megabytes() -> None:
    record = large_run()
    text = html(record)
    assert len(record.calls_of("tool")) == 5_000
    assert len(text.encode()) < 10_000_000
    assert text.count("<mark ") == 1_000
    page = Parsed(text)
    assert len(page.all("rect", "turn")) == 1_000
    assert len(page.all("rect", "tool")) == 5_000
