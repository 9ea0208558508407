"""Answers that are cut and read on, and secrets that are masked by their shape: at the door, and over a whole run."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from building import (
    CASE,
    ScriptedModel,
    agent,
    answer,
    conclusion,
    configuration,
    door,
    report,
    run_engine,
    simulated,
    use,
)
from building import tool as simulated_tool

from sre_runner.casefile import ToolAnswer
from sre_runner.config.directory import BUILT_IN_TOOLS
from sre_runner.investigation.heard import ToolCall
from sre_runner.investigation.terms import Before
from sre_runner.journal.events import CallFinished, RunStarted
from sre_runner.journal.file import Journal
from sre_runner.journal.recorded import for_replay
from sre_runner.specs import ToolSpec

KEY, OTHER = "AKIA" + "IOSFODNN7ABCDEFG", "AKIA" + "Q3EGRZ5VKXKPMN2T"
LONG = "\n".join(f"line {number}" for number in range(2000)) + f"\naccess {KEY}\nthe cause: OOMKilled in line 2001\n"
READ = ToolSpec(
    "read_output",
    **{
        key: BUILT_IN_TOOLS["read_output"][key]
        for key in ("description", "input_schema", "effect", "timeout", "max_output")
    },
)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = begun(tmp_path / "journal.jsonl")
    yield journal
    journal.close()


def begun(path: Path) -> Journal:
    journal = Journal(path)
    journal.append(RunStarted("run", CASE, {}, "digest", "scripted", {}))
    return journal


def speaking(*texts: str, name: str = "logs", **changes: Any) -> ToolSpec:
    return simulated_tool(name, simulated({}, texts), **{"max_output": 1000, **changes})


def asked(
    journal: Journal, *calls: tuple[str, Mapping[str, Any]], tools: tuple[ToolSpec, ...], **terms: Any
) -> list[ToolAnswer]:
    """The answers to calls one after the other, as one conversation makes them."""
    config = configuration(agent("a", tools=[spec.name for spec in tools]), tools=tools)
    way = door(config, ScriptedModel(), journal, **terms)

    async def all_of_them() -> list[ToolAnswer]:
        found: list[ToolAnswer] = []
        kept: dict[str, str] = {}
        for number, (name, arguments) in enumerate(calls, start=1):
            call = ToolCall(f"c{number}", f"t{number}", name, dict(arguments))
            earlier = [arguments for other, arguments in calls[: number - 1] if other == name]
            found.append(await way.use("investigate/a", config.agents["a"], call, Before(earlier, kept)))
            kept |= {f"c{number}": found[-1].kept} if found[-1].kept else {}
        return found

    return asyncio.run(all_of_them())


def test_what_is_cut_is_kept_masked_and_read_on(journal: Journal, tmp_path: Path) -> None:
    cut, found, page, unknown = asked(
        journal,
        ("logs", {}),
        ("read_output", {"call": "c1", "matching": "OOMKilled|access"}),
        ("read_output", {"call": "c1", "from_line": 1000, "lines": 1}),
        ("read_output", {"call": "c2"}),
        tools=(speaking(LONG), READ),
    )
    assert len(cut.text) <= 1000
    assert cut.kept == "answers/1.txt"
    whole = (tmp_path / cut.kept).read_text(encoding="utf-8")
    assert whole == LONG.replace(KEY, "[masked:1]")
    assert found.text == "2001: access [masked:1]\n2002: the cause: OOMKilled in line 2001"
    assert page.text == "1000: line 999\n[1,003 more lines of 2,003; go on with from_line=1001]"
    assert unknown.text == "Nothing is kept of c2: it was not one of your calls, or its answer was not cut."
    assert unknown.is_error
    assert KEY not in (tmp_path / "journal.jsonl").read_text(encoding="utf-8") + whole


def test_what_is_not_cut_is_not_kept(journal: Journal, tmp_path: Path) -> None:
    (whole,) = asked(journal, ("logs", {}), tools=(speaking("short"),))
    assert (whole.text, whole.kept) == ("short", "")
    assert not (tmp_path / "answers").exists()


def test_equal_secrets_have_equal_numbers_over_a_run(journal: Journal) -> None:
    texts = (f"one {KEY}", f"other {OTHER} {KEY}", f"again {OTHER} tok_{'a1' * 16}")
    first, second, third = asked(
        journal,
        *((f"logs{number}", {}) for number in range(3)),
        tools=tuple(speaking(text, name=f"logs{number}") for number, text in enumerate(texts)),
        patterns={"internal token": "tok_[a-z0-9]{32}"},
    )
    assert first.text == "one [masked:1]"
    assert second.text == "other [masked:2] [masked:1]"
    assert third.text == "again [masked:2] [masked:3]"
    assert sum(second.masked.values()) == 2
    assert third.masked["internal token"] == 1


def test_a_secret_after_a_resume_has_no_number_of_another_one(journal: Journal, tmp_path: Path) -> None:
    asked(journal, ("logs", {}), tools=(speaking(f"one {KEY}"),))
    copy = Path(shutil.copytree(tmp_path, tmp_path / "copy"))
    again = Journal(copy / "journal.jsonl", reopen=True)
    (other,) = asked(again, ("other", {}), tools=(speaking(f"one {OTHER}", name="other"),))
    again.close()
    assert other.text == "one [masked:2]"


def test_what_was_read_on_is_cited_and_replayed_without_the_files(journal: Journal, tmp_path: Path) -> None:
    found = {"statement": "A pod was killed.", "evidence": [{"call": "c2", "quote": "the cause: OOMKilled"}]}
    script: dict[str, Any] = {
        "a": [
            answer(use("logs")),
            answer(use("read_output", {"call": "c1", "matching": "cause"})),
            report(findings=[found]),
        ],
        "synthesizer": [conclusion()],
    }
    config = configuration(agent("a", tools=["logs", "read_output"]), tools=(speaking(LONG), READ))
    _, record = run_engine(config, ScriptedModel(**script), journal)
    assert record.verified() == (1, 1)
    (kept,) = (tmp_path / "answers").iterdir()
    kept.unlink()
    answers = [entry.event.tool_answer for entry in journal.entries if isinstance(entry.event, CallFinished)]
    assert "2002: the cause: OOMKilled in line 2001" in [each.text for each in answers if each]
    replayed = begun(tmp_path / "replayed.jsonl")
    _, again = run_engine(config, ScriptedModel(), replayed, recorded=for_replay(record))
    replayed.close()
    assert again.reports() == record.reports()
