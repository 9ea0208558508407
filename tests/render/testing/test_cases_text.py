"""What a person reads of tested cases, and the JSON object."""

from __future__ import annotations

import json
from pathlib import Path

from building import configuration

from sre_runner.errors import ExitCode
from sre_runner.render.run.export import dump
from sre_runner.render.testing.cases import case_text, money, skipped_text, sum_text, to_json
from sre_runner.testing.cases import Judged, PlannedCase, Trial
from sre_runner.testing.expectations.check import Expectation

CASE = PlannedCase(Path("playbooks/checkout.yaml"), "default", configuration())
HOLDS = Expectation("heap is mentioned", True, "it is")
WRONG = Expectation("the verdict of severity is P1", False, "it is P2", ("ballots: a P2", "x\x1b[2J\ny"))
PASSED = Trial(Path("runs/1"), 1.0, 10, 0.5, None, (HOLDS,))
FAILED = Trial(Path("runs/2"), 2.0, 20, 0.25, None, (HOLDS, WRONG))
STOPPED = Trial(interrupted=True)


def test_a_case_that_passed_is_one_line() -> None:
    assert case_text(Judged(CASE, (PASSED,), 1)) == "passed  checkout/default  1.0 s, $0.5000\n"


def test_a_case_that_failed_says_why_with_the_evidence() -> None:
    assert case_text(Judged(CASE, (FAILED,), 1)) == (
        "FAILED  checkout/default  2.0 s, $0.2500\n"
        "  expected: the verdict of severity is P1\n"
        "     found: it is P2\n"
        "           - ballots: a P2\n"
        "           - x\\x1b[2J y\n"
        "  the run: sre-run show runs/2\n"
    )


def test_of_several_trials_those_that_did_not_pass_are_told() -> None:
    error = Trial(Path("runs/3"), problem="disk\nfull", code=ExitCode.PARTIAL)
    assert case_text(Judged(CASE, (PASSED, FAILED, error, STOPPED, FAILED), 3)) == (
        "interrupted checkout/default  1 of 5 trials passed, 3 must, 5.0 s, $1.0000\n"
        "  trial 2 of 5: FAILED\n"
        "    expected: the verdict of severity is P1\n"
        "       found: it is P2\n"
        "             - ballots: a P2\n"
        "             - x\\x1b[2J y\n"
        "    the run: sre-run show runs/2\n"
        "  trial 3 of 5: ERROR\n"
        "    disk full\n"
        "    the run: sre-run show runs/3\n"
        "  trial 4 of 5: interrupted\n"
        "    not begun, as the tests were interrupted\n"
        "  trial 5 of 5: FAILED\n"
        "    expected: the verdict of severity is P1\n"
        "       found: it is P2\n"
        "             - ballots: a P2\n"
        "             - x\\x1b[2J y\n"
        "    the run: sre-run show runs/2\n"
    )


def test_a_case_that_passed_all_the_same_is_one_line() -> None:
    assert case_text(Judged(CASE, (PASSED, FAILED), 1)) == (
        "passed  checkout/default  1 of 2 trials passed, 1 must, 3.0 s, $0.7500\n"
    )


def test_a_run_that_had_begun_is_told_where_it_was_interrupted() -> None:
    assert "interrupted before it could be judged\n  the run: sre-run show runs/5" in case_text(
        Judged(CASE, (Trial(Path("runs/5"), interrupted=True),), 1)
    )


def test_money_that_was_paid_that_was_not_and_that_nobody_knows() -> None:
    assert money([PASSED, FAILED]) == "$0.7500"
    assert money([PASSED, Trial(usd=None)]) == "$0.5000 and what has no known price"
    assert money([Trial(would_be=0.1), Trial(would_be=0.2)]) == "would cost $0.3000"


def test_the_sum_counts_every_outcome() -> None:
    judged = [Judged(CASE, (trial,), 1) for trial in (PASSED, PASSED, FAILED, STOPPED)]
    assert sum_text(judged, [Path("x.yaml")], 12.34) == (
        "2 passed, 1 failed, 1 interrupted, 1 skipped in 12.3 s; $1.2500\n"
    )
    assert skipped_text(Path("playbooks/idle.yaml")) == "skipped idle  it has neither `expect` nor `tests`\n"


def test_the_json_has_all_of_it() -> None:
    data = json.loads(dump(to_json([Judged(CASE, (FAILED, STOPPED), 1)], [Path("x.yaml")], 1.5, rehearsal=False)))
    assert (data["exit_code"], data["rehearsal"], data["notice"], data["closing_notice"]) == (130, False, None, None)
    assert data["counts"] == {"passed": 0, "failed": 0, "error": 0, "interrupted": 1, "skipped": 1}
    assert data["skipped"] == [{"playbook": "x", "file": "x.yaml"}]
    (case,) = data["cases"]
    assert {key: case[key] for key in ("playbook", "case", "outcome", "passes", "required")} == {
        "playbook": "checkout",
        "case": "default",
        "outcome": "interrupted",
        "passes": 0,
        "required": 1,
    }
    failed, stopped = case["trials"]
    assert (failed["run"], failed["folder"], failed["tokens"], failed["usd"]) == ("2", "runs/2", 20, 0.25)
    assert [each["found"] for each in failed["expectations"]] == [None, "it is P2"]
    assert (stopped["run"], stopped["folder"], stopped["outcome"]) == (None, None, "interrupted")
    assert to_json([], [], 0.0, rehearsal=True)["notice"].startswith("Rehearsal")
