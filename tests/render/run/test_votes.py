from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from markdown_it import MarkdownIt
from sample import BALLOTS, CONCLUSION, VERDICT

from sre_runner.casefile import Ballot, Conclusion, Verdict
from sre_runner.render.run.votes import severity, votes

COUNTS = "(ballots: 1 P1, 1 P2, 1 abstains)"
JUDGED = replace(
    VERDICT, rule="judge", reason="The logs decide.\n\nThe charts lag.", would_change="A healthy checkout."
)


def conclusion(*verdicts: Verdict, proposed: str | None = None, **changes: Any) -> Conclusion:
    fields = CONCLUSION if proposed is None else {**CONCLUSION, "proposed_severity": proposed}
    return replace(Conclusion(fields, by_model=True, verdicts=verdicts), **changes)


def shown(*verdicts: Verdict, **changes: Any) -> str:
    return "\n\n".join(votes(conclusion(*verdicts, **changes)))


@pytest.mark.parametrize(
    ("made", "line"),
    [
        (conclusion(), "**Severity: P1**"),
        (
            conclusion(VERDICT, proposed="P1"),
            f"**Severity: P1**, decided by the rule majority {COUNTS}",
        ),
        (
            conclusion(VERDICT, proposed="P3"),
            f"**Severity: P1**, decided by the rule majority {COUNTS}; the model proposed P3",
        ),
        (conclusion(JUDGED, proposed="P2"), "**Severity: P1**, decided by the judge; the model proposed P2"),
        (
            conclusion(VERDICT, by_model=False),
            f"**Severity: P1**, decided by the rule majority {COUNTS}",
        ),
        (
            conclusion(replace(VERDICT, value=None, reason="nobody cast a ballot")),
            "**Severity: P1**, which is no verdict: nobody cast a ballot",
        ),
        (conclusion(replace(VERDICT, field="trigger")), "**Severity: P1**"),
        (
            conclusion(replace(VERDICT, otherwise="most_severe")),
            f"**Severity: P1**, decided by otherwise: most_severe, as the rule majority did not decide {COUNTS}",
        ),
        (Conclusion({"severity": None}, by_model=False), "**Severity: not assessed**"),
    ],
)
def test_the_severity_says_whose_it_is(made: Conclusion, line: str) -> None:
    assert severity(made) == line


def test_without_votes_there_is_no_section() -> None:
    assert shown() == ""


def test_a_verdict_has_its_rule_its_reason_and_every_ballot() -> None:
    assert shown(VERDICT) == (
        "## Votes\n\n### severity: P1\n\n"
        "severity_assessment, decided by the rule majority: no value has more than half; otherwise most severe.\n\n"
        "| agent | ballot |\n|---|---|\n| k8s-expert | P1 |\n| log-analyst | P2 |\n"
        "| triage | abstained: failed: no report within 60 seconds |"
    )


@pytest.mark.parametrize(
    ("rule", "column", "numbers"), [("weighted", "weight", ("2", "1")), ("confidence", "confidence", ("0.9", "0.75"))]
)
def test_what_a_rule_counts_stands_beside_each_ballot(rule: str, column: str, numbers: tuple[str, str]) -> None:
    lines = shown(replace(VERDICT, rule=rule)).splitlines()
    assert f"| agent | ballot | {column} |" in lines
    assert "|---|---|--:|" in lines
    assert f"| k8s-expert | P1 | {numbers[0]} |" in lines
    assert f"| log-analyst | P2 | {numbers[1]} |" in lines
    assert "| triage | abstained: failed: no report within 60 seconds |  |" in lines


def test_a_judge_has_reasons_and_says_what_would_change_them() -> None:
    text = shown(JUDGED)
    assert "The judge decides on severity_assessment:\n\nThe logs decide.\n\nThe charts lag.\n\n" in text
    assert "What would change the judge's mind: A healthy checkout." in text
    assert "| agent | position |" in text
    assert "| k8s-expert | P1 |" in text
    alone = shown(replace(JUDGED, ballots=(), would_change=""))
    assert alone.endswith("The charts lag.\n\n\n\n")
    assert "|" not in alone


def test_verdicts_for_the_record_stand_below_and_are_told_apart() -> None:
    first = replace(VERDICT, value="P2", reason="2 of 3", over="first positions", ballots=BALLOTS[:2])
    nobody = replace(VERDICT, value=None, ballots=(), reason="nobody cast a ballot", over="last positions")
    text = shown(JUDGED, compared=(first, nobody))
    assert text.endswith(
        "### For the record\n\n"
        "- severity over the first positions, decided by the rule majority: P2, as 2 of 3. "
        "Ballots: k8s-expert P1; log-analyst P2.\n"
        "- severity over the last positions, decided by the rule majority: (no verdict), as nobody cast a ballot. "
        "Ballots: none."
    )


def test_a_vote_without_a_verdict_says_so() -> None:
    assert "### severity: (no verdict)" in shown(replace(VERDICT, value=None))


def test_hostile_ballots_stay_in_their_cells() -> None:
    hostile = Ballot("a|b", None, why="x | y\n| z | <b>")
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(shown(replace(VERDICT, ballots=(hostile,))))
    cells = [tokens[place + 1].content for place, token in enumerate(tokens) if token.type == "td_open"]
    assert cells == ["a|b", r"abstained: x | y | z | \<b>"]
