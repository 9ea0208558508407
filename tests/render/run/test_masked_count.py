"""How many secrets were masked in what tools answered stands in the whole text of a run."""

from __future__ import annotations

from pathlib import Path

from building import (
    CASE,
    ScriptedModel,
    agent,
    answer,
    conclusion,
    configuration,
    report,
    run_engine,
    simulated,
    tool,
    use,
)

from sre_runner.journal.events import RunStarted
from sre_runner.journal.file import Journal
from sre_runner.render.run.markdown import markdown

SOURCE = {"agents": {"a": {"role": "specialist"}, "synthesizer": {"role": "synthesizer"}}}
TOKEN = "ghp_" + "a1B2c3D4" * 4 + "e5F6"


def whole(tmp_path: Path, said: str) -> str:
    config = configuration(agent("a", tools=["pods"]), tools=[tool("pods", simulated({}, [said]))])
    journal = Journal(tmp_path / "journal.jsonl")
    journal.append(RunStarted("run", CASE, SOURCE, "digest", "scripted", {}))
    model = ScriptedModel(a=[answer(use("pods")), report()], synthesizer=[conclusion(), conclusion()])
    record = run_engine(config, model, journal)[1]
    journal.close()
    assert TOKEN not in (tmp_path / "journal.jsonl").read_text(encoding="utf-8")
    return markdown(record)


def test_the_count_and_the_kinds(tmp_path: Path) -> None:
    assert "- Secrets masked in what tools answered: 2 (GitHub" in whole(tmp_path, f"token {TOKEN} and {TOKEN}")


def test_without_secrets_nothing_is_said(tmp_path: Path) -> None:
    assert "Secrets masked" not in whole(tmp_path, "no secret")
