from __future__ import annotations

from typing import Any

import pytest
from sample import CONFIGURATION, Journal, team

from sre_runner.casefile import Case
from sre_runner.coordination.proposed.dangers import AGAIN, BACK
from sre_runner.journal.events import CallFinished, CallStarted
from sre_runner.journal.marks import action_marks

COMMAND = "kubectl describe node worker-7"


def unseen(journal: Journal, command: str = COMMAND) -> list[str]:
    record = journal.fold()
    assert record.conclusion is not None
    record.conclusion.fields["immediate_actions"][0]["command"] = command  # type: ignore[index] - a dict of this test
    return [mark.name for mark in action_marks(record)[0] if mark.kind == "not_seen"]


def run(case: Case | None = None, **answer: Any) -> Journal:
    """A run whose conclusion proposes one command, after one more answer where that is given."""
    journal = team(conclusion={"immediate_actions": [{"action": "Look."}]})
    if case:
        journal.entries[0].event.__dict__["case"] = case
    if answer:
        journal.use("investigate/k8s-expert", "c9", "list_nodes", {"node": "worker-7"}, **answer)
    return journal


def test_what_nothing_showed_is_marked() -> None:
    assert unseen(run()) == ["node"]


@pytest.mark.parametrize(
    "case",
    [
        Case("Why is worker-7 slow?", {}, "now"),
        Case("t", {"node": "worker-7"}, "now"),
        Case("t", {}, "now", alert={"labels": {"instance": "worker-7:9100"}}),
    ],
)
def test_task_inputs_and_alert_show_names(case: Case) -> None:
    assert unseen(run(case)) == []


def test_answers_show_names_and_what_only_repeats_a_question_does_not() -> None:
    assert unseen(run(text="worker-7 Ready")) == []
    assert unseen(run(text="no node worker-7", is_error=True)) == ["node"]
    assert unseen(run(text="nothing about worker-7", no_data=True)) == ["node"]
    assert unseen(run(text="worker-7 was not asked", from_tool=False)) == ["node"]
    assert unseen(run(text="worker-7", withheld=True)) == ["node"]


def test_an_undo_of_what_the_run_changed_is_marked() -> None:
    journal = team()
    source = {**CONFIGURATION, "tools": {"rollback_release": {"effect": "write"}}}
    journal.entries[0].event.__dict__["configuration"] = source
    command = {"service": "payment-gateway"}
    says = [mark.says for mark in action_marks(journal.fold())[0] if mark.kind == "danger"]
    assert says == [BACK]
    journal.add(CallStarted(99, "tool", "investigate/k8s-expert", "d", 1, "rollback_release", command, "c9"))
    journal.add(CallFinished(99, "cancelled"))
    says = [mark.says for mark in action_marks(journal.fold())[0] if mark.kind == "danger"]
    assert says == [AGAIN]


def test_actions_without_commands_and_runs_without_a_conclusion_have_no_marks() -> None:
    assert action_marks(team(conclusion={"immediate_actions": [{"action": "Wait."}]}).fold()) == [()]
    journal = Journal()
    journal.start()
    assert action_marks(journal.fold()) == []
    marks = action_marks(team().fold())
    assert [bool(each) for each in marks] == [True, False]
