"""Statements against what they rest on: the liar's numbers and names are marked, by each kind of evidence."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sre_runner.casefile import Case, Derived, Evidence, Finding, Report, Status, Unseen
from sre_runner.coordination.claims.seen import case_index
from sre_runner.coordination.evidence.answers import Answer
from sre_runner.coordination.evidence.findings import checked
from sre_runner.coordination.evidence.statements import Told, conclusion_unseen, findings_told

CASE = case_index(Case("Pods of web-1 crash.", {"limit": "512Mi"}, "2026-11-22T14:30:00Z"), ["k8s-expert"])
TOLD = Told(CASE, {})
SHOWN = {
    "c1": Answer('{"pod": "api-7f9c", "restarts": 47}', {"pod": "api-7f9c", "tail": 99}),
    "c2": Answer("14:23:01 ERROR heap at 97%\n[… 1234 characters left out here …]\nlast line", {"pod": "db-0"}),
    "c3": Answer("", {"pod": "gone-1"}),
}
MEMBER = Evidence("c1", '"restarts": 47')
LINE = Evidence("c2", "14:23:01 ERROR heap at 97%")


def lost(statement: str, *evidence: Evidence, told: Told = TOLD, **more: Any) -> list[str]:
    (after,) = checked([Finding("f1", statement, evidence, **more)], SHOWN, {}, "a", told)
    return [each.text for each in after.unseen]


def test_a_wrong_number_beside_a_true_quote_is_marked() -> None:
    assert lost("It restarted 47 times.", MEMBER) == []
    assert lost("It restarted 48 times.", MEMBER) == ["48 times"]


def test_only_what_is_cited_shows_a_value() -> None:
    assert lost("api-7f9c is at 97%", MEMBER) == ["97%"]
    assert lost("api-7f9c is at 97%", MEMBER, LINE) == []


def test_the_case_and_its_agents_are_known() -> None:
    assert lost("web-1 has 512 MiB, says k8s-expert, at 14:30", MEMBER) == []


def test_what_a_call_asked_about_is_a_name_and_no_number() -> None:
    assert lost("pod db-0 is at 97%", LINE) == []
    assert lost("pod api-7f9c has 99 lines", MEMBER) == ["99"]
    assert lost("pod gone-1 is well", Evidence("c3", "x")) == ["gone-1"]


def test_what_the_engine_put_into_an_answer_shows_nothing() -> None:
    assert lost("1234 errors", LINE) == ["1234"]


def test_what_is_derived_counts_where_its_inputs_were_seen() -> None:
    assert lost("48 in all", MEMBER, derived=(Derived("48", ("47", "1")),)) == ["48"]
    assert lost("144 in all", MEMBER, LINE, derived=(Derived("144", ("47", "97")),)) == []


def test_a_quote_that_does_not_tell_is_no_evidence() -> None:
    for quote in ("e", "47", "pod", '"restarts": 4'):
        (after,) = checked([Finding("f1", "It restarted.", (Evidence("c1", quote),))], SHOWN, {}, "a", TOLD)
        assert after.doubt
        assert after.doubt.startswith("the quote")


def test_a_finding_rests_on_what_those_that_it_cites_rest_on() -> None:
    first = Finding("f1", "It restarted 48 times.", (MEMBER,))
    second = Finding("f2", "48 restarts, 47 of api-7f9c", (Evidence(finding="a/f1"),))
    after = {each.id: [mark.text for mark in each.unseen] for each in checked([second, first], SHOWN, {}, "a", TOLD)}
    assert after == {"f1": ["48 times"], "f2": ["48"]}


def test_findings_of_others_show_what_their_authors_had_seen() -> None:
    (theirs,) = checked([Finding("f1", "Pod api-7f9c, 48 restarts", (MEMBER,))], SHOWN, {}, "b", TOLD)
    report = Report("investigate/b", "b", Status.COMPLETED, findings=(theirs,))
    told = Told(CASE, findings_told([report, Report("investigate/c", "c", Status.FAILED, findings=(theirs,))]))
    assert list(told.findings) == ["b/f1"]
    assert lost("api-7f9c: 47, not 48", Evidence(finding="b/f1"), told=told) == ["48"]


def concluded(**texts: str) -> dict[str, Any]:
    cause = {"statement": texts.pop("root_cause", ""), "evidence": [{"finding": "b/f1"}]}
    return {"root_cause": cause, "evidence": [{"agent": "b", "finding": "b/f9"}], **texts}


def test_a_conclusion_is_held_to_the_findings_that_it_cites() -> None:
    told = Told(CASE, findings_told([Report("b", "b", Status.COMPLETED, findings=(Finding("f1", "47 x", (LINE,)),))]))
    assert conclusion_unseen(concluded(incident_summary="47 at 14:23", root_cause="heap at 97%"), told) == {}
    marks = conclusion_unseen(concluded(communication="48 pods. Next update in 30 minutes.", root_cause="v1.2"), told)
    assert marks == {"communication": (Unseen(0, 2, "48"),), "root_cause": (Unseen(0, 4, "v1.2"),)}
    assert conclusion_unseen({"summary": "48"}, told) == {}


statements = st.lists(st.sampled_from(["47", "48 restarts", "97%", "api-7f9c", "gone-2", "14:23"]), max_size=4)
cited = st.lists(
    st.sampled_from([MEMBER, LINE, Evidence(finding="a/f1"), Evidence(finding="f2"), Evidence(finding="a/f3")]),
    max_size=3,
)


@given(st.lists(st.tuples(statements, cited), max_size=3), st.data())
def test_marks_do_not_depend_on_the_order_of_findings(made: list[Any], data: st.DataObject) -> None:
    findings = [Finding(f"f{n}", " ".join(words), tuple(of)) for n, (words, of) in enumerate(made, start=1)]
    marks = {each.id: each.unseen for each in checked(findings, SHOWN, {}, "a", TOLD)}
    shuffled = data.draw(st.permutations(findings))
    assert {each.id: each.unseen for each in checked(shuffled, SHOWN, {}, "a", TOLD)} == marks
