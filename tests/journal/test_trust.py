"""The counts of trust: what was checked of a conclusion, and what stands behind its cause."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from building import (
    CASE,
    FOUND,
    ScriptedModel,
    agent,
    answer,
    conclusion,
    configuration,
    found,
    report,
    run_engine,
    tool,
    use,
)

from sre_runner.casefile import Conclusion
from sre_runner.journal.events import RunStarted
from sre_runner.journal.file import Journal
from sre_runner.journal.record import Record
from sre_runner.journal.trust import Trust, trust_of
from sre_runner.render.run.trust import line


def run_of(tmp_path: Path, *steps: object, **concluded: object) -> Record:
    """A run of one specialist that asks for its pods, and of a synthesizer."""
    config = configuration(agent("a", tools=["pods"]), tools=[tool("pods")])
    journal = Journal(tmp_path / "journal.jsonl")
    journal.append(RunStarted("run", CASE, {}, "digest", "scripted", {}))
    model = ScriptedModel(a=[answer(use("pods")), *steps], synthesizer=[conclusion(**concluded)] * 2)
    record = run_engine(config, model, journal)[1]
    journal.close()
    return record


CAUSE = {"statement": "A pod was OOMKilled.", "evidence": [{"finding": "a/f1"}]}
LINE = [{"call": "c1", "quote": "status: OOMKilled"}]


def test_a_cause_rests_on_the_tools_that_its_findings_cite(tmp_path: Path) -> None:
    cited = [{"statement": "A pod was OOMKilled.", "evidence": LINE}]
    made = trust_of(run_of(tmp_path, report(**{**FOUND, "findings": cited}), root_cause=CAUSE))
    assert made
    assert (made.verified, made.findings, made.tools, made.specialists, made.remarks) == (1, 1, 1, 1, ())
    assert made.values_seen == made.values


def test_findings_that_cite_findings_lead_on(tmp_path: Path) -> None:
    cited = [
        {"statement": "A pod was OOMKilled.", "evidence": LINE},
        {"statement": "So memory is short.", "evidence": [{"finding": "f1"}]},
    ]
    cause = {"statement": "Memory.", "evidence": [{"finding": "a/f2"}]}
    made = trust_of(run_of(tmp_path, report(**{**FOUND, "findings": cited}), root_cause=cause))
    assert made
    assert (made.tools, made.specialists) == (1, 1)


def test_values_that_nothing_shows_are_not_seen(tmp_path: Path) -> None:
    wrong = report(**{**FOUND, "findings": [{"statement": "It was OOMKilled 48 times.", "evidence": LINE}]})
    made = trust_of(run_of(tmp_path, wrong, wrong, root_cause=CAUSE))
    assert made
    assert made.values - made.values_seen == 1


def test_what_nothing_supports_is_pointed_out(tmp_path: Path) -> None:
    made = trust_of(run_of(tmp_path, report(), root_cause={"statement": "Memory.", "evidence": []}))
    assert made
    assert made.remarks == ("No verified finding bears on the severity.", "The cause cites no finding.")


def test_an_agent_whose_every_call_failed_saw_nothing(tmp_path: Path) -> None:
    config = configuration(agent("a", tools=["pods"]), tools=[tool("pods", {"when": {}, "error": "refused"})])
    for number, (answers, remark) in enumerate(
        [
            ([], "a saw nothing: 1 of 1 tool calls failed."),
            ([answer(use("pods", {"pod": 1}))], "a saw nothing: 2 of 2 tool calls failed."),
        ]
    ):
        journal = Journal(tmp_path / f"{number}.jsonl")
        journal.append(RunStarted("run", CASE, {}, "digest", "scripted", {}))
        steps = [answer(use("pods")), *answers, report(findings=[])]
        model = ScriptedModel(a=steps, synthesizer=[conclusion(root_cause={"statement": "?", "evidence": []})] * 2)
        made = trust_of(run_engine(config, model, journal)[1])
        journal.close()
        assert made
        assert remark in made.remarks


def test_without_a_conclusion_there_is_nothing_to_trust(tmp_path: Path) -> None:
    record = run_of(tmp_path, found())
    assert isinstance(record.conclusion, Conclusion)
    assert trust_of(replace(record, conclusion=None)) is None


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        (
            Trust(1, 2, 3, 4, 0, 1, 1, 0),
            "1 of 2 findings verified · 3 of 4 values seen · names in commands seen · "
            "cause rests on 1 tool and 1 specialist",
        ),
        (
            Trust(0, 0, 0, 0, 2, 0, 3, 1),
            "0 of 0 findings verified · 0 of 0 values seen · 2 names in commands not seen · "
            "cause rests on 0 tools and 3 specialists · 1 missing",
        ),
    ],
)
def test_the_line(counts: Trust, words: str) -> None:
    assert line(counts) == words
