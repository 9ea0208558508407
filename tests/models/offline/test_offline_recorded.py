"""Recorded incidents from end to end, where this machine has them: no text is lost, and every quote stands in it."""

from __future__ import annotations

from pathlib import Path

import pytest
import recorded_cases
from offline_runs import investigated, said

from sre_runner.text.output import shown

WANTED = (
    "hg-pod-oom-killed",
    "hg-pvc-storageclass",
    "hg-argocd-wrong-namespace",
    "hi-crashloop-env",
    "aw-database-pods-crashloop",
)


@pytest.mark.skipif(not recorded_cases.files(), reason="no recorded cases on this machine (SRE_RUN_CASES)")
@pytest.mark.parametrize("name", WANTED)
def test_a_recorded_incident_is_investigated_without_loss_of_text(name: str, tmp_path: Path) -> None:
    recorded = recorded_cases.load(recorded_cases.FOLDER / f"{name}.json")
    configuration, _ = recorded_cases.configuration(recorded, examples=True)
    outcome = investigated(configuration, tmp_path)
    assert outcome.conclusion.by_model
    assert not outcome.conclusion.missing
    assert outcome.quotes()
    assert all(quote and quote in answer for quote, answer in outcome.quotes())
    written = {
        shown(call.get("response") or call.get("error") or "", (), recorded_cases.MAX_OUTPUT)
        for entry in recorded["tools"]
        for call in entry["calls"]
    }
    answers = [call for call in outcome.record.calls_of("tool") if not call.outcome.tool_answer.no_data]  # type: ignore[union-attr]
    assert answers
    assert all(said(call) in written for call in answers)
    assert not any("characters left out" in said(call) for call in answers)
