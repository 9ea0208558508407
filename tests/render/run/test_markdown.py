from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from sample import (
    BALLOTS,
    CONCLUSION,
    CONFIGURATION,
    K8S_FIELDS,
    K8S_FINDINGS,
    LOG_FIELDS,
    PROPOSAL,
    VERDICT,
    Journal,
    followed_up,
    team,
)

from sre_runner.casefile import Ballot, Case, Conclusion, Evidence, Finding, Proposal, Report, Status, Usage, Verdict
from sre_runner.journal.events import AssignmentFinished, Concluded, Noted, Traced
from sre_runner.models.offline.notice import REHEARSAL
from sre_runner.render.run.findings import QUOTE_LIMIT
from sre_runner.render.run.markdown import markdown

HOSTILE = st.text(st.sampled_from(list("#>-*_`|[]()!<&\\ \n1.ax\x1b\u202e")), min_size=1, max_size=30)


def headings(document: str) -> list[str]:
    tokens = MarkdownIt().enable("table").parse(document)
    return [tokens[place + 1].content for place, token in enumerate(tokens) if token.type == "heading_open"]


def part(document: str, heading: str) -> str:
    """What stands between a heading of the second level and the next."""
    return document.split(f"\n## {heading}\n")[1].split("\n## ")[0].strip()


def test_what_to_do_comes_early_and_how_it_was_done_last() -> None:
    assert headings(markdown(team().fold())) == [
        "Payment gateway degraded, pods crashing",
        "Impact",
        "Root cause",
        "Immediate actions",
        "Missing or unverified",
        "Evidence by specialist",
        "k8s-expert: P1, confidence 0.9",
        "log-analyst: P2, confidence 0.75",
        "Long-term fix",
        "Communication",
        "Details",
        "k8s-expert",
        "How it was done",
    ]


def test_the_head_says_which_run_when_and_how_severe() -> None:
    head = markdown(team().fold()).split("\n## ")[0]
    assert "run payment-gateway-1 · started 2026-11-22T14:43:00+00:00" in head
    assert "incident since 2026-11-22T14:23:00+00:00 · team: payments" in head
    assert "  \n**Severity: P1**  \n**Checked:** " in head
    assert head.rstrip().endswith("Tools: simulated; no real system was looked at.  \nChanged by this run: nothing.")


def test_evidence_has_its_call_and_its_quote() -> None:
    document = markdown(team().fold())
    evidence = part(document, "Evidence by specialist")
    assert '- `"reason": "OOMKilled"`: **k8s-expert/f1**, c2 `describe_pod(pod_name="payment-gw-def34")`' in part(
        document, "Root cause"
    )
    assert (
        '- **f1** Pod def34 is OOMKilled at 512Mi.\n  - c2 `describe_pod(pod_name="payment-gw-def34")`, quoted above'
        in evidence
    )
    assert document.count('"reason": "OOMKilled"') == 1
    assert "says\n    ```text\n    OutOfMemoryError\n    \tat BatchReconciliation.load:142\n    ```" in evidence
    assert "  - rests on **k8s-expert/f1**" in evidence


def test_findings_that_the_conclusion_does_not_cite_come_with_the_details() -> None:
    document = markdown(team().fold())
    assert "v2.3.1 went out" not in part(document, "Evidence by specialist")
    details = part(document, "Details")
    assert "**Further findings**\n\n- **f2** v2.3.1 went out at 14:00." in details
    assert "**Unhealthy pods**\n\n- pod: payment-gw-def34; reason: OOMKilled" in details
    assert "**Open questions**\n\n- Is the batch job needed at this hour?" in details
    assert "log-analyst" not in details


def test_a_finding_in_the_same_words_as_a_cited_one_is_not_taken_for_it() -> None:
    same = Finding("f1", "Down.", (Evidence("c1", "x"),))
    journal = Journal()
    journal.start()
    for agent in ("k8s-expert", "log-analyst"):
        journal.assign(agent, agent)
        journal.report(agent, agent, K8S_FIELDS, (Finding(same.id, same.statement, same.evidence),))
    cause = {"statement": "Down.", "evidence": [{"finding": "log-analyst/f1"}]}
    journal.add(Concluded(Conclusion({**CONCLUSION, "root_cause": cause, "evidence": []}, by_model=True)))
    evidence = part(markdown(journal.fold()), "Evidence by specialist")
    assert evidence.count("**f1**") == 1
    assert evidence.index("### log-analyst") < evidence.index("**f1**")


def test_actions_are_numbered_and_their_commands_stand_at_the_margin() -> None:
    assert part(markdown(team().fold()), "Immediate actions") == (
        "1. Roll back.\n\n```sh\nkubectl rollout undo deployment/payment-gateway -n payments\n```\n\n"
        "- **Goes back to an earlier release**: `kubectl rollout undo`\n"
        "- **Not seen in this run**: workload `payment-gateway`, namespace `payments`\n\n2. Tell the bank."
    )


def test_a_citation_of_nothing_and_a_call_that_was_not_made_are_told() -> None:
    cause = {"statement": "X", "evidence": [{"finding": "nobody/f9"}]}
    document = markdown(team(conclusion={"root_cause": cause, "evidence": []}).fold())
    assert "Shown by: nobody/f9 (no such finding was reported)" in document
    journal = Journal()
    journal.start()
    journal.assign("k8s-expert", "k8s-expert")
    journal.report("k8s-expert", "k8s-expert", K8S_FIELDS, (Finding("f1", "Down.", (Evidence("c7", "x"),)),))
    assert "c7 no such call was made says `x`" in markdown(journal.fold())


def test_votes_come_after_what_to_do_and_before_the_evidence() -> None:
    there = headings(markdown(team(verdicts=(VERDICT,), proposals=(PROPOSAL,)).fold()))
    assert there[1:8] == [
        "Impact",
        "Root cause",
        "Immediate actions",
        "Missing or unverified",
        "Votes",
        "severity: P1",
        "Evidence by specialist",
    ]


def test_the_head_says_that_the_severity_is_the_verdict() -> None:
    record = team(conclusion={"proposed_severity": "P3"}, verdicts=(VERDICT,)).fold()
    assert (
        "**Severity: P1**, decided by the rule majority (ballots: 1 P1, 1 P2, 1 abstains); the model proposed P3"
        in markdown(record)
    )
    assert "Proposed severity" not in markdown(record)


def test_calls_that_a_person_has_to_decide_on_are_listed_once_with_how_to_allow_them() -> None:
    long = Proposal("k8s-expert", "patch", {"patch": "x" * 500})
    proposed = part(markdown(team(proposals=(PROPOSAL, PROPOSAL, long)).fold()), "Missing or unverified")
    assert proposed.count("restart_deployment(") == 1
    assert (
        '- **Not executed, needs your approval:** `restart_deployment(name="payment-gateway", replicas=5)`, '
        "proposed by k8s-expert: "
        "`sre-run resume payment-gateway-1 --allow-write restart_deployment`" in proposed
    )
    assert "x" * 500 in proposed
    assert "Not executed" not in markdown(team().fold())


def doubted(**changes: Any) -> Journal:
    """A run whose log-analyst quotes what no tool said, and whose k8s-expert rests on that."""
    journal = Journal()
    journal.start()
    why = "the quote does not stand in the answer of c1"
    lie = Finding("f1", "The disk is full.", (Evidence("c1", "No space left"),), why)
    rests = Finding(
        "f1", "So pods fail.", (Evidence(finding="log-analyst/f1"),), "log-analyst/f1 is no verified finding"
    )
    for agent, fields, findings in (
        ("log-analyst", LOG_FIELDS, (lie,)),
        ("k8s-expert", K8S_FIELDS, (rests, replace(K8S_FINDINGS[1], evidence=(Evidence(finding="nobody/f3"),)))),
    ):
        journal.assign(f"investigate/{agent}", agent)
        journal.use(f"investigate/{agent}", "c1", "get_logs", {})
        journal.report(f"investigate/{agent}", agent, fields, findings)
    cause = {"statement": "The disk.", "evidence": [{"finding": "log-analyst/f1"}, {"finding": "k8s-expert/f2"}]}
    fields = {**CONCLUSION, "root_cause": cause, "evidence": [{"agent": "k8s-expert", "finding": "k8s-expert/f1"}]}
    doubts = ("root_cause rests on log-analyst/f1, which is no verified finding",)
    journal.add(Concluded(Conclusion(fields, by_model=True, doubts=doubts)))
    return journal


def test_a_lie_is_marked_wherever_it_is_shown() -> None:
    document = markdown(doubted().fold())
    mark = "(**unverified: the quote does not stand in the answer of c1**)"
    cause = part(document, "Root cause")
    assert f"- `No space left`: **log-analyst/f1** {mark}, c1 `get_logs()`\n- Also shown by: **k8s-expert/f2**" in cause
    missing = part(document, "Missing or unverified")
    assert missing == ("- In doubt: root\\_cause rests on log-analyst/f1, which is no verified finding").replace(
        "root\\_cause", "root_cause"
    )
    evidence = part(document, "Evidence by specialist")
    assert f"- **f1** {mark} The disk is full." in evidence
    assert "- **f1** (**unverified: log-analyst/f1 is no verified finding**) So pods fail." in evidence
    assert f"  - rests on **log-analyst/f1** {mark}" in evidence
    assert "  - rests on nobody/f3 (no such finding was reported)" in evidence
    assert "unverified:" not in markdown(team().fold())


def test_an_uncited_finding_in_doubt_is_marked_among_the_details() -> None:
    journal = Journal()
    journal.start()
    journal.assign("a", "k8s-expert")
    journal.report("a", "k8s-expert", K8S_FIELDS, (Finding("f1", "Down.", (), "no evidence is given"),))
    assert "- **f1** (**unverified: no evidence is given**) Down." in part(markdown(journal.fold()), "Details")


def test_a_specialist_that_was_asked_again_has_its_latest_report_shown() -> None:
    document = markdown(followed_up().fold())
    evidence = part(document, "Evidence by specialist")
    assert evidence.count("### k8s-expert") == 1
    assert "As revised in followup-1; the earlier report is kept with the run." in evidence
    assert "- **f1** Revised." in evidence
    assert 'c1 `describe_pod(pod_name="of-k8s-expert")`' in evidence
    assert "c2 `list_nodes()`" in evidence
    assert "First of k8s-expert." not in document
    assert "- **f2** New." in part(document, "Details")
    how = part(document, "How it was done")
    assert part(document, "Missing or unverified") == "Nothing."
    for row in ("| k8s-expert | investigate |", "| reviewer | review-1 |", "| k8s-expert | followup-1 |"):
        assert row in how


def test_a_follow_up_that_failed_leaves_the_report_before_it() -> None:
    document = markdown(
        followed_up(status=Status.FAILED, missing=("k8s-expert (followup-1/k8s-expert) failed.",)).fold()
    )
    evidence = part(document, "Evidence by specialist")
    assert "### k8s-expert: P1, confidence 0.9" in evidence
    assert "- **f1** First of k8s-expert." in evidence
    assert "As revised" not in evidence
    assert "- k8s-expert (followup-1/k8s-expert) failed." in part(document, "Missing or unverified")


def test_what_is_missing_is_announced_at_the_top() -> None:
    document = markdown(
        team(
            missing=("log-analyst (investigate) failed: timeout.",), hints=("Wait.",), doubts=("X rests on y.",)
        ).fold()
    )
    head = document.split("\n## ")[0]
    assert "**This conclusion is partial:** what is missing stands below." in head
    assert "No model drew this conclusion" not in head
    assert part(document, "Missing or unverified") == (
        "- log-analyst (investigate) failed: timeout.\n- In doubt: X rests on y.\n- What may help: Wait."
    )
    assert "**No model drew this conclusion:** the engine" in markdown(team(by_model=False).fold()).split("\n## ")[0]


def test_without_a_conclusion_the_document_says_so_and_shows_what_there_is() -> None:
    journal = Journal()
    journal.start()
    journal.assign("investigate/k8s-expert", "k8s-expert")
    document = markdown(journal.fold())
    assert "**No conclusion was reached.**" in document
    assert "### k8s-expert: not finished" in document
    assert "Severity" not in document
    assert "| k8s-expert | investigate | not finished | 0 | 0 | 0 | 0 | 0 | ? |" in document


def test_a_specialist_without_a_report_has_its_problem_and_its_last_words() -> None:
    journal = Journal()
    journal.start()
    journal.assign("a", "k8s-expert")
    problem = "no report within 5 turns"
    journal.add(
        AssignmentFinished(Report("a", "k8s-expert", Status.INCOMPLETE, problem=problem, last_said="So far"), 5)
    )
    document = markdown(journal.fold())
    assert f"### k8s-expert: incomplete\n\n{problem}\n\nIt last said:\n\n```text\nSo far\n```" in document
    journal.add(AssignmentFinished(Report("a", "k8s-expert", Status.FAILED, problem=problem), 5))
    assert "It last said" not in markdown(journal.fold())


def test_a_run_of_other_roles_has_no_evidence_by_specialist() -> None:
    journal = Journal()
    journal.start(case=Case("Find out", {}, "2026-11-22T14:43:00+00:00"))
    journal.assign("plan", "planner")
    document = markdown(journal.fold())
    assert "Evidence by specialist" not in document
    assert "incident since" not in document


def test_how_it_was_done_has_agents_counts_tokens_cost_and_notes() -> None:
    how = part(markdown(team(notes=("The planner failed.",)).fold()), "How it was done")
    assert "| k8s-expert | investigate | completed | 2 | 4 | 1,100 | 400 | 2,000 | 11.0 |" in how
    assert "- Duration: 17.5 s" in how
    assert "- Model calls: 5\n- Tool calls: 7 (1 refused, 2 failed, 1 without data)" in how
    assert "- Tokens: 6,200 in, 1,510 out; cached: 1,500 read, 500 written" in how
    assert re.search(r"- Cost: \$0\.\d{4} for claude-sonnet-5-5, claude-haiku-4-5 \(price table of \d{4}-\d\d\)", how)
    assert "- Note: The planner failed.\n- Note: waited 2 s for the model service" in how


def test_a_rehearsal_says_so_first_and_last() -> None:
    document = markdown(team("offline").fold())
    assert document.startswith(f"> **{REHEARSAL}**\n")
    assert document.endswith(f"> **{REHEARSAL}**\n")
    assert "Tokens: about 6,200 in" in document
    assert "Rehearsal" not in markdown(team().fold())


def test_the_synthesizers_own_fields_are_shown() -> None:
    assert part(markdown(team(conclusion={"blast_radius": ["EU"]}).fold()), "Blast radius") == "- EU"


def test_the_only_specialists_own_fields_are_shown_once() -> None:
    agents = {name: CONFIGURATION["agents"][name] for name in ("k8s-expert",)}
    journal = Journal()
    journal.start(configuration={**CONFIGURATION, "agents": agents})
    journal.assign("investigate/k8s-expert", "k8s-expert")
    journal.ask("investigate/k8s-expert", Usage(1, 1))
    fields: Mapping[str, Any] = {**K8S_FIELDS, **CONCLUSION, "evidence": [{"agent": "k8s-expert", "finding": "f1"}]}
    finding = Finding("f1", "Down.", (Evidence("c1", "x"),))
    journal.report("investigate/k8s-expert", "k8s-expert", fields, (finding,))
    journal.add(Concluded(Conclusion(fields, by_model=True)))
    document = markdown(journal.fold())
    assert document.count("Deployment changes") == 1
    assert "- **f1** Down." in part(document, "Evidence by specialist")


def test_a_quote_is_shown_up_to_its_limit() -> None:
    journal = Journal()
    journal.start()
    journal.assign("a", "k8s-expert")
    journal.report("a", "k8s-expert", K8S_FIELDS, (Finding("f1", "Down.", (Evidence("c1", "x" * 5000),)),))
    assert f"`{'x' * (QUOTE_LIMIT - 1)}…`" in markdown(journal.fold())


@settings(max_examples=20, deadline=None)
@given(HOSTILE)
def test_no_text_makes_a_heading_a_link_html_or_a_control_character(text: str) -> None:
    journal = Journal()
    playbook = {**CONFIGURATION["playbook"], "description": text}
    journal.start(configuration={**CONFIGURATION, "playbook": playbook}, labels={text: text})
    journal.assign("a", "k8s-expert")
    journal.use("a", "c1", text, {text: text}, text=text)
    fields = {**K8S_FIELDS, "summary": text, "open_questions": [text], "own": {text: [text]}}
    finding = Finding("f1", text, (Evidence("c1", text), Evidence(finding=text)), doubt=text)
    journal.report("a", "k8s-expert", fields, (finding,))
    action = {"action": text, "command": text}
    cause = {"statement": text, "evidence": [{"finding": text}]}
    named = dict.fromkeys(("incident_summary", "long_term_fix", "communication"), text)
    own = {**CONCLUSION, **named, "root_cause": cause, "immediate_actions": [action], "evidence": []}
    verdict = Verdict(text, text, text, text, (*BALLOTS, Ballot(text, None, why=text)), text, text, text)
    made = Conclusion(own, by_model=True, missing=(text,), notes=(text,), doubts=(text,), verdicts=(verdict,))
    made = replace(made, compared=(verdict,), proposals=(Proposal(text, text, {text: text}),))
    journal.add(Noted(text), Concluded(made))
    document = markdown(journal.fold())
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", document)
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(document)
    marks = {t.type for t in tokens} | {child.type for t in tokens for child in t.children or ()}
    assert not marks & {"link_open", "image", "html_inline", "html_block", "hr", "em_open", "blockquote_open"}
    expected = {
        "Impact",
        "Root cause",
        "Missing or unverified",
        "Evidence by specialist",
        "Immediate actions",
        "Long-term fix",
    }
    expected |= {"Communication", "Details", "How it was done", "k8s-expert", "k8s-expert: P1, confidence 0.9"}
    expected |= {"Votes", "For the record"}
    further = set(headings(document)[1:]) - expected
    assert len(further) == 1, "of the verdict"


def test_the_last_trace_of_a_run_is_named_where_there_is_one() -> None:
    journal, line = team(), "- Trace: "
    assert line not in markdown(journal.fold())
    journal.add(Traced("1" * 32, "2" * 16), Traced("3" * 32, "4" * 16))
    document = part(markdown(journal.fold()), "How it was done")
    assert f"{line}{'3' * 32}, span {'4' * 16}" in document
    assert "1" * 32 not in document
