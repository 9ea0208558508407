"""Quotes against answers: what is forgiven, and that nothing else is."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sre_runner.casefile import Evidence, Finding, ModelAnswer, ModelRequest, Report, Status
from sre_runner.coordination.evidence.answers import Answer
from sre_runner.coordination.evidence.findings import checked, judged_again, known_of
from sre_runner.investigation.conversation import Conversation
from sre_runner.tools.tool import no_data


def stands(quote: str, text: str) -> bool:
    return not Answer(text).doubt(quote)


LOG = "14:23:01 ERROR  OutOfMemoryError: Java heap space\n\tat Batch.load:142\n\\x1b[31mred\\x1b[0m alert"
JSON = '{"pods": [{"name": "api-1", "why": "said \\"no\\"\\nthen left", "cpu":  5}],\n "more": "a  b"}'


@pytest.mark.parametrize(
    ("quote", "text"),
    [
        ("OutOfMemoryError: Java heap space", LOG),
        ("ERROR OutOfMemoryError", LOG),
        ("heap space\n   at Batch.load:142", LOG),
        ("red alert", LOG),
        ("\x1b[1mred alert", LOG),
        ("\\x1b[31mred", LOG),
        ('"name": "api-1"', JSON),
        ('"name":"api-1","why"', JSON),
        ('{ "pods" : [ {', JSON),
        ('said "no"', JSON),
        ('said "no"\nthen left', JSON),
        ('said \\"no\\"', JSON),
        ('api-1","why"', JSON),
        ('"cpu": 5', JSON),
        ("a  b", JSON),
        ("grüße", '["gr\\u00fc\\u00dfe"]'),
    ],
)
def test_a_quote_that_stands(quote: str, text: str) -> None:
    assert stands(quote, text)


@pytest.mark.parametrize(
    ("quote", "text"),
    [
        ("", LOG),
        ("  \n", LOG),
        ("\x1b[31m", LOG),
        ("outofmemoryerror", LOG),
        ("OutOfMemoryError: heap", LOG),
        ("ERROR … heap", LOG),
        ("heapspace", LOG),
        ("14:23:02", LOG),
        ('"name": "api 1"', JSON),
        ('"more": "ab"', JSON),
        ('"name": "api-2"', JSON),
        ("name: api-1", JSON),
        ('said \\\\"no', JSON),
    ],
)
def test_a_quote_that_does_not_stand(quote: str, text: str) -> None:
    assert not stands(quote, text)


@given(st.text(min_size=1), st.data())
def test_every_part_of_a_text_stands_in_it(text: str, data: Any) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    part = text[start : data.draw(st.integers(start + 1, len(text)))]
    assert stands(part, text) or not part.strip() or "[" in text


plain = st.text(st.characters(blacklist_categories=["Cs"]), max_size=20)
documents = st.recursive(
    plain | st.integers(), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(plain, inner, max_size=3)
)


@given(st.lists(documents, max_size=3), st.integers(0, 4))
def test_json_stands_however_it_is_laid_out(data: Any, indent: int) -> None:
    one, other = json.dumps(data, indent=indent, ensure_ascii=False), json.dumps(data, ensure_ascii=False)
    assert stands(one, other) or "\\u001b" in other
    assert stands(other, one) or "\\u001b" in other


@given(st.text(), st.text())
def test_whatever_is_quoted_nothing_breaks(quote: str, text: str) -> None:
    stands(quote, text)


def finding(*evidence: Evidence) -> Finding:
    return Finding("f1", "s", evidence)


@pytest.mark.parametrize(
    ("evidence", "doubt"),
    [
        ((), "no evidence is given"),
        ((Evidence("c1", "killed"),), ""),
        ((Evidence("c9", "killed"),), "there is no answered call c9"),
        ((Evidence("c1", "alive"),), "the quote does not stand in the answer of c1"),
        ((Evidence("c1", "killed"), Evidence("c1", "alive")), "the quote does not stand in the answer of c1"),
        ((Evidence(finding="b/f1"),), ""),
        ((Evidence(finding="b/f2"), Evidence("c9", "x")), "there is no answered call c9; b/f2 is no verified finding"),
    ],
)
def test_all_items_of_a_finding_must_stand(evidence: tuple[Evidence, ...], doubt: str) -> None:
    (after,) = checked([finding(*evidence)], {"c1": Answer("it was killed")}, {"b/f1": True, "b/f2": False})
    assert after.doubt == doubt


# --- What is not the tool's own ---

CUT = "[… 12 characters left out here …]"
ECHO = {"keyword": "FATAL: disk full on db-primary-1", "labels": {"app": ["db"]}, "limit": 5}


@pytest.mark.parametrize(
    ("quote", "text", "doubt"),
    [
        ("FATAL: disk full on db-primary-1", 'no rows for "FATAL: disk full on db-primary-1"', "only repeats"),
        ("disk full", "query: FATAL: disk full on db-primary-1", "only repeats"),
        ('"keyword": "FATAL: disk full on db-primary-1"', json.dumps({"query": ECHO}), "only repeats"),
        ('"limit":5', json.dumps({"query": ECHO}), "only repeats"),
        ("db", "db", "only repeats"),
        ("14:02 FATAL: disk full on db-primary-1", "14:02 FATAL: disk full on db-primary-1", ""),
        ('"limit": 50', '{"limit": 50}', ""),
        ("[… 12 characters left out here …]", "a\n[… 12 characters left out here …]\nb", "what the engine put there"),
        (
            "a [… 12 characters left out here …] b",
            "a\n[… 12 characters left out here …]\nb",
            "what the engine put there",
        ),
        ("a b", "a\n[… 12 characters left out here …]\nb", "does not stand"),
        ("[masked]", "password=[masked]", "what the engine put there"),
        ("password=[masked]", "password=[masked]", ""),
    ],
)
def test_only_what_the_tool_itself_said_is_evidence(quote: str, text: str, doubt: str) -> None:
    found = Answer(text, ECHO).doubt(quote)
    assert doubt in found
    assert bool(doubt) == bool(found)


def test_nothing_that_is_said_where_there_is_no_data_is_evidence() -> None:
    conversation = Conversation(ModelRequest("m", 1, "s", (), ()))
    conversation.say("begin")
    (call,) = conversation.hear(
        ModelAnswer(({"type": "tool_use", "id": "t", "name": "rows", "input": ECHO},), None)
    ).calls
    conversation.result(call, no_data("rows", ECHO))
    assert conversation.shown["c1"].doubt("No data for these arguments") == "the quote does not stand in the answer"


# --- Quotes are compared as what they are ---

EVENT = json.dumps({"level": "error", "msg": 'pool "main"  exhausted', "state": "unhealthy", "n": [1, 0]})
PRETTY = json.dumps(json.loads(EVENT), indent=2)


@pytest.mark.parametrize(
    ("quote", "text"),
    [
        ("🔥 cart is down", json.dumps({"msg": "🔥 cart is down"})),
        ('"msg": "🔥 cart', json.dumps({"msg": "🔥 cart is down"})),
        ('pool "main"  exhausted', f"2026-11-27T10:00:00.123456789Z stderr F {EVENT}"),
        ('pool "main"  exhausted', f"[pod/cart-7f9c/app] {EVENT}"),
        ('"level":"error"', f"svc | {EVENT}\nsvc | {EVENT}"),
        ('"n": [1, 0]', f"HTTP/1.1 200 OK\n\n{PRETTY}\n"),
        ('pool "main"  exhausted', json.dumps({"logs": [EVENT]})),
        ('"level": "error"', json.dumps({"logs": [json.dumps({"inner": EVENT})]})),
        ('"reason": "OOMKilled"', '\ufeff{"reason":"OOMKilled","code":137}'),
        ('"state": "unhealthy"', PRETTY[:80] + "\n[… 90 characters left out here …]\n" + PRETTY[60:]),
        ('"a": 1', '{"a":1,"b":"cut he\n[… 9 characters left out here …]\nre","c":2}'),
        ('"c": 2', '{"a":1,"b":"cut he\n[… 9 characters left out here …]\nre","c":2}'),
    ],
)
def test_json_is_found_wherever_it_stands(quote: str, text: str) -> None:
    assert Answer(text).doubt(quote) == ""


@pytest.mark.parametrize(
    ("quote", "text"),
    [
        ("replicas 10 ready", "[2026-11-27 10:00] replicas 1 0 ready"),
        ("replicas10", "[2026-11-27 10:00] replicas 1 0 ready"),
        ("un healthy", EVENT),
        ('"state": "un healthy"', EVENT),
        ('"state": "unhealthy "', EVENT),
        ("[10]", EVENT),
        ("1 0", EVENT),
        ("exhausted state", EVENT),
        ("healthyx", EVENT),
        ('{"a": 1}', "[x] {a: 1}"),
        ('\\\\"main', EVENT),
        ("ab", "[1] a b"),
    ],
)
def test_nothing_else_is_forgiven(quote: str, text: str) -> None:
    assert Answer(text).doubt(quote) == "the quote does not stand in the answer"


@given(documents, st.data())
def test_a_changed_character_never_stands(document: Any, data: Any) -> None:
    text = json.dumps({"value": document, "key": "abcdefghij"})
    place = data.draw(st.integers(0, 9))
    changed = "abcdefghij"[:place] + "Ω" + "abcdefghij"[place + 1 :]
    assert Answer(text).doubt(changed)
    assert not Answer(text).doubt('"key": "abcdefghij"')


def test_hostile_text_is_read_in_linear_time() -> None:
    for hostile in (
        "[" * 200_000,
        '{"' * 100_000,
        '"\\' * 100_000,
        "[1" * 50_000 + "x",
        '{"a":"[{"' * 20_000,
        "{}" * 50_000,
    ):
        assert Answer(hostile).doubt("not there")


# --- Citations end in quotes ---


def report(agent: str, *cites: str | None, doubts: str = "") -> Report:
    """Findings f1, f2 … of which each cites another one, or a quote."""
    findings = tuple(
        Finding(f"f{number}", "s", (Evidence("c1", "x") if name is None else Evidence(finding=name),), doubts)
        for number, name in enumerate(cites, start=1)
    )
    return Report(f"investigate/{agent}", agent, Status.COMPLETED, {"findings": []}, findings)


def holding(*reports: Report) -> list[str]:
    return [name for name, holds in known_of(judged_again(reports)).items() if holds]


def test_citations_that_lead_to_quotes_hold() -> None:
    assert holding(report("a", None, "b/f1"), report("b", "a/f1", "a/f2")) == ["a/f1", "a/f2", "b/f1", "b/f2"]


def test_circles_rest_on_nothing() -> None:
    assert holding(report("a", "a/f1")) == []
    assert holding(report("a", "b/f1", None), report("b", "c/f1"), report("c", "a/f1")) == ["a/f2"]


def test_what_was_withdrawn_or_has_become_unverified_carries_nothing() -> None:
    assert holding(report("a", None), report("b", "a/f2")) == ["a/f1"]
    assert holding(report("a", None, doubts="gone"), report("b", "a/f1"), report("c", "b/f1")) == []
    (_, second) = judged_again([report("a", None), report("b", "a/f2")])
    assert second.findings[0].doubt == "a/f2 is no verified finding"


def test_a_finding_may_cite_its_own_report_but_not_itself() -> None:
    shown = {"c1": Answer("x")}
    findings = report("a", None, "f1", "a/f2", "a/f4", "f9").findings
    after = checked(findings, shown, {"a/f9": True, "a/f4": True}, "a")
    assert [finding.doubt for finding in after] == [
        "",
        "",
        "",
        "f4 is no verified finding",
        "f9 is no verified finding",
    ]


def test_judging_again_changes_nothing_where_everything_holds() -> None:
    reports = (report("a", None, "a/f1"), report("b", "a/f2"))
    assert judged_again(reports) == reports
    assert judged_again(judged_again(reports)) == reports
