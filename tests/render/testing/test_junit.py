"""JUnit XML: well formed whatever stands in it, counted right, and the text that CI servers show."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree as Xml

from building import configuration
from hypothesis import given
from hypothesis import strategies as st

from sre_runner.errors import ExitCode
from sre_runner.render.testing.junit import junit
from sre_runner.testing.cases import Judged, PlannedCase, Trial
from sre_runner.testing.expectations.check import Expectation

BEGAN = datetime(2026, 11, 22, 14, 23, 1, 5, tzinfo=UTC)
FOLDER = Path("runs/checkout-1")


def judged(*trials: Trial, name: str = "default", file: str = "checkout.yaml", require: int = 1) -> Judged:
    return Judged(PlannedCase(Path(file), name, configuration()), trials, require)


def failing(expected: str, found: str = "f", *evidence: str) -> Trial:
    return Trial(FOLDER, 1.25, expectations=(Expectation(expected, False, found, evidence),))


def document(*cases: Judged, skipped: Sequence[Path] = (), rehearsal: bool = False) -> Xml.Element:
    text = junit(cases, skipped, 3.5, BEGAN, rehearsal)
    assert text.startswith('<?xml version="1.0" encoding="UTF-8"?>\n<testsuites ')
    return Xml.fromstring(text.encode())


def test_a_suite_for_each_playbook_and_a_testcase_for_each_case() -> None:
    root = document(
        judged(Trial(FOLDER, 1.0)),
        judged(failing("x"), name="quiet"),
        judged(Trial(problem="no key", code=ExitCode.SERVICE), file="other.yaml"),
        judged(Trial(interrupted=True), file="other.yaml", name="late"),
        skipped=[Path("idle.yaml")],
    )
    assert root.attrib == {"name": "sre-run test", "tests": "5", "failures": "1", "errors": "2", "time": "3.500"}
    suites = [(suite.get("name"), *(suite.get(key) for key in ("tests", "failures", "errors", "skipped", "time")))
              for suite in root]  # fmt: skip
    assert suites == [
        ("checkout", "2", "1", "0", "0", "2.250"),
        ("other", "2", "0", "2", "0", "0.000"),
        ("idle", "1", "0", "0", "1", "0.000"),
    ]
    assert {suite.get("timestamp") for suite in root} == {"2026-11-22T14:23:01"}
    names = [(case.get("classname"), case.get("name"), case.get("time")) for case in root.iter("testcase")]
    assert names[:2] == [("checkout", "default", "1.000"), ("checkout", "quiet", "1.250")]
    found = [[child.tag for child in case] for case in root.iter("testcase")]
    assert found == [["system-out"], ["failure", "system-out"], *[["error", "system-out"]] * 2, ["skipped"]]


def test_a_failure_says_why_without_another_file() -> None:
    root = document(judged(failing("severity is P1", "it is P2", "ballots: a P2")))
    (failure,) = root.iter("failure")
    assert failure.attrib == {"message": "expected: severity is P1; found: it is P2", "type": "failed"}
    assert failure.text == (
        "expected: severity is P1\n   found: it is P2\n         - ballots: a P2\nthe run: sre-run show runs/checkout-1"
    )
    (out,) = root.iter("system-out")
    assert out.text == "FAILED  checkout/default  1.2 s, $0.0000\nsre-run show runs/checkout-1"


def test_the_message_of_several_trials_and_of_an_error() -> None:
    two = Trial(FOLDER, expectations=(Expectation("a", False, "b"), Expectation("c", False, "d")))
    (failure,) = document(judged(two, failing("e"), Trial(FOLDER), require=3)).iter("failure")
    assert failure.get("message") == "expected: a; found: b (and 2 more)"
    (error,) = document(judged(Trial(FOLDER, problem="no  key"))).iter("error")
    assert (error.get("message"), error.get("type")) == ("no key", "error")


def test_a_rehearsal_says_so() -> None:
    (notice,) = document(judged(Trial(FOLDER)), rehearsal=True).iter("property")
    assert notice.get("name") == "rehearsal"
    assert str(notice.get("value")).startswith("Rehearsal: no LLM took part.")


@given(texts=st.lists(st.text(), min_size=3, max_size=3))
def test_no_text_breaks_the_document(texts: list[str]) -> None:
    """A control character, a surrogate or one that is no character at all, a tag, the end of a section."""
    for hostile in (*texts, "\x00\x1b[2J</failure>]]>&amp;<!--\ufffe\uffff\ud800\x85"):
        case = judged(failing(hostile, hostile, hostile), Trial(Path("runs") / "x", problem=hostile), require=2)
        (suite,) = document(case)
        (testcase,) = suite
        assert [child.tag for child in testcase] == ["failure", "system-out"]


def test_what_can_be_written_is_written_as_it_is() -> None:
    (failure,) = document(judged(failing("a <b> & “c” ü 🚒", "d"))).iter("failure")
    assert failure.get("message") == "expected: a <b> & “c” ü 🚒; found: d"
