from __future__ import annotations

import io
import re

import pytest
from sample import PROPOSAL, VERDICT, team
from terminals import columns_80, plain

from sre_runner.models.offline.notice import REHEARSAL
from sre_runner.render.run.markdown import markdown
from sre_runner.render.terminal.terminal import MAX_WIDTH, show

COMMAND = "kubectl -n payments patch deployment payment-gateway --patch " + "x" * 200


__all__ = ["columns_80"]

pytestmark = pytest.mark.usefixtures("columns_80")


def shown(document: str, width: int = 80) -> str:
    stream = io.StringIO()
    show(document, stream, width)
    return stream.getvalue()


def test_all_of_the_document_is_shown() -> None:
    text = plain(shown(markdown(team("offline").fold())))
    for part in (
        "Payment gateway degraded, pods crashing",
        "Severity: P1",
        '"reason": "OOMKilled": k8s-expert/f1, c2',
        "kubectl rollout undo deployment/payment-gateway -n payments",
        "log-analyst",
        "Tool calls: 7 (1 refused, 2 failed, 1 without data)",
    ):
        assert part in text
    words = " ".join(text.replace("▌", "").split())
    assert words.startswith(REHEARSAL)
    assert words.endswith(REHEARSAL)


def test_ballots_are_a_table_and_proposals_keep_their_arguments() -> None:
    text = plain(shown(markdown(team(verdicts=(VERDICT,), proposals=(PROPOSAL,)).fold())))
    assert re.search(r"^ *k8s-expert +P1 *$", text, re.MULTILINE)
    assert re.search(r"^ *triage +abstained: failed: no report within 60 seconds *$", text, re.MULTILINE)
    assert 'restart_deployment(name="payment-gateway", replicas=5)' in " ".join(text.split())
    assert "--allow-write restart_deployment" in " ".join(text.split())


def test_text_is_narrow_enough_to_read_and_headings_stand_at_the_margin() -> None:
    lines = plain(shown(markdown(team().fold()), width=300)).splitlines()
    assert max(map(len, lines)) <= MAX_WIDTH
    assert lines[0].startswith("Payment gateway degraded")
    assert any(line.startswith("Root cause") for line in lines)


def test_a_command_is_never_broken_so_that_it_can_be_copied() -> None:
    document = markdown(team(conclusion={"immediate_actions": [{"action": "Patch.", "command": COMMAND}]}).fold())
    assert COMMAND in [line.rstrip() for line in plain(shown(document)).splitlines()]


def test_other_code_is_broken_and_nothing_of_it_lost() -> None:
    lines = plain(shown(f"- a\n  - b says\n    ```text\n    {'Y' * 300}\n    two\n    ```\n")).splitlines()
    assert max(map(len, lines)) <= 80
    assert "".join(line.strip() for line in lines).count("Y") == 300


def test_richs_own_markup_and_emoji_codes_are_text() -> None:
    text = shown(
        markdown(team(conclusion={"incident_summary": "[red]x[/red] [link=http://e.org]y[/link] :bomb:"}).fold())
    )
    assert "[red]x[/red] [link=http://e.org]y[/link] :bomb:" in plain(text)
    assert "\x1b]8;" not in text


def test_no_color_is_honoured(monkeypatch: pytest.MonkeyPatch) -> None:
    coloured = r"\x1b\[[0-9;]*3[0-7]"
    assert re.search(coloured, shown(markdown(team().fold())))
    monkeypatch.setenv("NO_COLOR", "1")
    assert not re.search(coloured, shown(markdown(team().fold())))


def test_no_word_of_a_table_is_cut() -> None:
    word = "investigate/runbook-advisor-with-a-long-name"
    cells = "".join(plain(shown(f"| a | b |\n|---|---|\n| {word} | {word}({word}) |\n", 60)).split())
    assert "…" not in cells
    assert sorted(cells.replace("─", "")) == sorted(f"ab{word}{word}({word})")
