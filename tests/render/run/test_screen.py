from __future__ import annotations

import io
import math
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sample import BALLOTS, CONCLUSION, CONFIGURATION, K8S_FIELDS, PROPOSAL, VERDICT, Journal, team
from terminals import plain

from sre_runner.casefile import Conclusion, Evidence, Finding, Proposal, ToolAnswer, Verdict
from sre_runner.journal.changes import Change
from sre_runner.journal.events import CallFinished, CallStarted, Concluded
from sre_runner.journal.record import Record
from sre_runner.models.offline.notice import REHEARSAL
from sre_runner.render.run.markdown import markdown
from sre_runner.render.run.screen import LINES, screen
from sre_runner.render.terminal.terminal import show


def lines_of(document: str) -> list[str]:
    """What a terminal of 80 columns shows, without its empty lines at the beginning and end."""
    stream = io.StringIO()
    show(document, stream, 80)
    shown = plain(stream.getvalue())
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", shown)
    return [line.rstrip() for line in shown.strip().split("\n")]


def height_of(document: str) -> int:
    return sum(max(1, math.ceil(len(line) / 80)) for line in lines_of(document))


def test_the_whole_of_a_short_conclusion() -> None:
    assert lines_of(screen(team(verdicts=(VERDICT,)).fold())) == [
        "Payment gateway degraded, pods crashing",
        "run payment-gateway-1 · started 2026-11-22T14:43:00+00:00 · incident since",
        "2026-11-22T14:23:00+00:00 · team: payments",
        "Severity: P1, decided by the rule majority (ballots: 1 P1, 1 P2, 1 abstains)",
        "Checked: 3 of 3 findings verified · 7 of 7 values seen · 2 names in commands not",
        "seen · cause rests on 2 tools and 2 specialists.",
        "Tools: simulated; no real system was looked at.",
        "Changed by this run: nothing.",
        "",
        "Impact",
        "Payments fail. Since 14:23. Customers notice.",
        "",
        "Root cause",
        "BatchReconciliation of v2.3.1 exhausts the heap.",
        "",
        ' • "reason": "OOMKilled": k8s-expert/f1, c2 describe_pod',
        " • OutOfMemoryError at BatchReconciliation.load:142: log-analyst/f1, c1",
        "   get_pod_logs",
        "",
        "Immediate actions",
        " 1 Roll back. Goes back to an earlier release. Not seen in this run: workload",
        "   payment-gateway, namespace payments.",
        "kubectl rollout undo deployment/payment-gateway -n payments",
        "",
        " 2 Tell the bank.",
        "",
        "All of it: sre-run show payment-gateway-1 --full",
    ]


def test_nothing_is_said_twice() -> None:
    for document in (screen(team("offline").fold()), markdown(team().fold())):
        for said in (
            REHEARSAL,
            CONCLUSION["root_cause"]["statement"],
            "kubectl rollout undo deployment/",
            'OOMKilled"',
        ):
            assert document.count(said) <= 1


def test_what_is_missing_withheld_or_left_out_is_there_with_what_helps() -> None:
    playbook = {**CONFIGURATION["playbook"], "without": ["query_metrics"]}
    journal = team(missing=("log-analyst failed.",), hints=("Wait.",), doubts=("X rests on y.",), proposals=(PROPOSAL,))
    started = journal.entries[0]
    configured = {**CONFIGURATION, "playbook": playbook}
    journal.entries[0] = replace(started, event=replace(started.event, configuration=configured))
    said = screen(journal.fold())
    assert "**This conclusion is partial:** what is missing stands below." in said
    for line in (
        "- log-analyst failed.",
        "- In doubt: X rests on y.",
        "- What may help: Wait.",
        "`sre-run resume payment-gateway-1 --allow-write restart_deployment`",
        "- Without query_metrics, as was asked for.",
    ):
        assert line in said


def test_a_run_without_a_conclusion_says_so() -> None:
    journal = Journal()
    journal.start()
    assert "**No conclusion was reached.**" in screen(journal.fold())
    assert "Root cause" not in screen(journal.fold())


def wrote(*outcomes: str) -> Record:
    configuration = {**CONFIGURATION, "tools": {"restart": {"effect": "write"}}}
    journal = Journal()
    journal.start(configuration=configuration)
    journal.assign("a", "k8s-expert")
    for number, outcome in enumerate(outcomes, start=1):
        journal.add(CallStarted(number, "tool", "a", f"d{number}", 1, "restart", {"pod": f"p{number}"}, f"c{number}"))
        if outcome != "unknown":
            journal.add(CallFinished(number, "answer", tool_answer=ToolAnswer("x", is_error=outcome == "failed")))
    journal.add(Concluded(Conclusion(CONCLUSION, by_model=True)))
    return journal.fold()


def test_writes_that_may_have_been_made_come_before_those_that_were() -> None:
    said = screen(wrote("done", "unknown", "failed"))
    assert "Changed by this run: nothing" not in said
    assert (
        '## Changed by this run\n\n- `restart(pod="p2")`: **nobody knows whether it was done**: no answer came\n'
        '- `restart(pod="p3")`: the tool answered with an error\n- `restart(pod="p1")`: done\n' in said
    )
    many = screen(wrote(*["done"] * 30, "unknown"))
    assert 'restart(pod="p31")`: **nobody knows' in many
    assert re.search(r"^- \d\d more$", many, re.MULTILINE)


def acting(*actions: tuple[str, str]) -> str:
    fields = {"immediate_actions": [{"action": text, "command": command} for text, command in actions]}
    return screen(team(conclusion=fields).fold())


def test_a_command_is_shown_whole_or_not_at_all() -> None:
    long = "kubectl -n payments patch deployment payment-gateway --patch " + "x" * 300
    said = acting(("Patch.", long), ("Get.", "kubectl get pods"))
    assert "xxx" not in said
    assert "1. Patch. **Not seen in this run: " in said
    assert "The command is long: see the whole text." in said
    assert "2. Get.\n\n```sh\nkubectl get pods\n```" in said
    assert "kubectl drain node-1" in acting(("Drain.", "kubectl cordon node-1\nkubectl drain node-1"))


def test_dangers_stand_before_the_command_and_are_counted_where_they_are_many() -> None:
    said = acting(*[("Delete it.", "kubectl delete namespace payments")] * 9)
    assert said.index("**Deletes") < said.index("```sh")
    assert re.search(r"^\d more actions?: see the whole text\.$", said, re.MULTILINE)


def test_long_sentences_are_cut_at_their_end_and_the_whole_text_has_them() -> None:
    cause = {"statement": " ".join(f"Sentence {number} of the cause." for number in range(90)), "evidence": []}
    record = team(conclusion={"root_cause": cause}).fold()
    assert re.search(r"of the cause\. …\n", screen(record))
    assert cause["statement"] in markdown(record)


HOSTILE = st.text(st.sampled_from([*"#>-*_`|[]()!<&\\ \n\t1.ax;界\x1b\u202e\u0301"]), min_size=1, max_size=30)
HOW_MANY = st.integers(1, 9)


def hostile(text: str, count: int, model: str = "offline") -> Record:
    """A run in which everything that others write is this text, and of everything there is so much."""
    configuration = {
        **CONFIGURATION,
        "playbook": {**CONFIGURATION["playbook"], "description": text, "without": [text] * count},
    }
    journal = Journal()
    journal.start(model, configuration=configuration, labels={f"{text}{n}": text for n in range(count)}, run=text)
    journal.assign("a", "k8s-expert")
    journal.use("a", "c1", text, {text: text}, text=text, origin=text)
    finding = Finding("f1", text, (Evidence("c1", text), Evidence(finding=text)), doubt=text)
    findings = [replace(finding, id=f"f{n}") for n in range(count)]
    journal.report("a", "k8s-expert", {**K8S_FIELDS, "summary": text}, findings)
    cited = [{"finding": f"k8s-expert/f{n}"} for n in range(count)]
    fields = {
        **CONCLUSION,
        "incident_summary": f"{text} " * count,
        "root_cause": {
            "statement": f"{text} " * count,
            "evidence": cited,
        },
        "immediate_actions": [{"action": text * count, "command": f"rm -rf {text * (n + 1)}"} for n in range(count)],
        "severity": text,
    }
    verdict = Verdict(text, "severity_assessment", text, text, BALLOTS * count, text, text, text)
    made = Conclusion(fields, by_model=False, missing=(text,) * count, doubts=(text,) * count, hints=(text,) * count)
    proposals = tuple(Proposal(text, f"{text}{n}", {text: n}) for n in range(count))
    journal.add(Concluded(replace(made, verdicts=(verdict,), proposals=proposals)))
    record = journal.fold()
    record.changes = (Change(1, "changed", text),) * count
    return record


@settings(max_examples=60, deadline=None)
@given(HOSTILE, HOW_MANY)
@example("x" * 5000, 9)
@example("word " * 900, 9)
@example("# a\n```sh\nb\n```\n" * 40, 9)
@example("界" * 700, 9)
@example("A sentence. " * 100, 9)
def test_whatever_a_run_says_takes_no_more_than_one_screen(text: str, count: int) -> None:
    assert height_of(screen(hostile(text, count))) <= LINES


@pytest.mark.parametrize("name", ["payment-gateway-1", "x" * 5000])
def test_the_last_line_says_where_all_of_it_is(name: str) -> None:
    journal: Any = Journal()
    journal.start(run=name)
    assert re.search(r"All of it: `sre-run show \S{1,120} --full`\n$", screen(journal.fold()))
